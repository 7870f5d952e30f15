"""Checks of network access lists, whose entries are asked in the order of their numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from linter.checks import Verdict
from linter.conditions.operators import WORLD, number
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Resource, Seq, Span, Unknown, handle
from linter.records import NamedTuple

ACL = "terraform/aws_network_acl"
RULES = "terraform/aws_network_acl_rule"
_PORTLESS = frozenset(("1", "icmp", "58", "icmpv6"))
_EVERY_PROTOCOL = frozenset(("-1", "all"))


class Entry(NamedTuple):
    """One entry of an access list as far as it is known; unknown: what of it is not.

    world: it speaks of every IPv4 or every IPv6 address, by family.
    """

    number: float
    allow: bool
    world: frozenset[str]
    covers: bool
    span: Span
    unknown: Unknown | None


def access_list_closed(estate: Estate, *, ports: Sequence[int]) -> Iterator[Verdict]:
    """No entry lets every address in to all of `ports`, unless an entry with a lower number denies it first.

    Entries stand in `ingress` of the list or as aws_network_acl_rule (AWS provider; VPC guide, "Network ACL rules").
    """
    for resource in estate.of_kind(ACL):
        blocks = resource.body.get("ingress")
        if isinstance(blocks, Seq):
            entries = [
                _entry(block, "rule_no", "action", handle(block, blocks.at[index]), ports)
                for index, block in enumerate(blocks)
                if isinstance(block, Map)
            ]
            yield from _judged(resource, entries, ports, blocks.open)
    lists: dict[Any, list[tuple[Resource, Entry]]] = {}
    for resource in estate.of_kind(RULES):
        egress = resource.body.get("egress")
        if isinstance(egress, Unknown) or egress in (None, False, "false"):
            entry = _entry(resource.body, "rule_number", "rule_action", resource.anchor, ports)
            lists.setdefault(_list_of(estate, resource), []).append((resource, entry))
    for together in lists.values():
        denials = [entry for _, entry in together if not entry.allow]
        for resource, entry in together:
            if entry.allow:
                yield from _judged(resource, [*denials, entry], ports, None)


def _list_of(estate: Estate, resource: Resource) -> Any:
    for link in estate.outgoing.get(id(resource), ()):
        if link.path == "network_acl_id":
            return id(link.target)
    written = resource.body.get("network_acl_id")
    return (resource.unit, written) if isinstance(written, str) else id(resource)


def _entry(body: Map, order: str, action: str, span: Span, ports: Sequence[int]) -> Entry:
    unknown = next(
        (
            value
            for key in (action, "cidr_block", "ipv6_cidr_block", "protocol", "from_port", "to_port", "egress")
            if isinstance(value := body.get(key), Unknown)
        ),
        None,
    )
    place = number(body.get(order)) if not isinstance(body.get(order), Unknown) else None
    world = frozenset(
        key for key in ("cidr_block", "ipv6_cidr_block") if isinstance(body.get(key), str) and _is_world(body[key])
    )
    for key in ("cidr_block", "ipv6_cidr_block"):
        if key in world:
            span = handle(body[key], body.at[key])
            break
    allow = body.get(action)
    return Entry(
        float("inf") if place is None else place,
        isinstance(allow, Unknown) or str(allow).lower() != "deny",
        world,
        _covers(body, ports),
        span,
        unknown,
    )


def _is_world(text: str) -> bool:
    return text in WORLD or text.endswith("/0")


def _covers(body: Map, ports: Sequence[int]) -> bool:
    protocol, low, high = body.get("protocol"), body.get("from_port"), body.get("to_port")
    if any(isinstance(value, Unknown) for value in (protocol, low, high)):
        return True
    named = str(protocol).lower()
    if named in _EVERY_PROTOCOL:
        return True
    first, last = number(low), number(high)
    return named not in _PORTLESS and first is not None and last is not None and first <= ports[0] and ports[-1] <= last


def _judged(resource: Resource, entries: list[Entry], ports: Sequence[int], more: Unknown | None) -> Iterator[Verdict]:
    shown = f"port {ports[0]}" if len(ports) == 1 else f"ports {ports[0]} to {ports[-1]}"
    unsure = more
    failed = False
    for entry in entries:
        if not entry.allow or not entry.covers:
            continue
        if entry.unknown is not None:
            unsure = entry.unknown if unsure is None else unsure
        elif any(not _denied(family, entry, entries) for family in entry.world):
            failed = True
            yield Verdict(resource, FAIL, f"{resource.name} lets every address in to {shown}.", entry.span)
    if unsure is not None and not failed:
        message = f"{unsure.subject} is unknown, so whether {resource.name} opens {shown} cannot be decided."
        yield Verdict(resource, UNKNOWN, message, resource.anchor, "", (), (unsure,))
    elif not failed:
        yield Verdict(resource, PASS, f"{resource.name} keeps {shown} closed to the world.", resource.anchor)


def _denied(family: str, entry: Entry, entries: list[Entry]) -> bool:
    return any(
        not other.allow and other.covers and other.unknown is None and family in other.world
        for other in entries
        if other.number < entry.number
    )
