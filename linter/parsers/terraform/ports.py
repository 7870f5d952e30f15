"""Ports that firewall rules write as text, as numbers: kind `terraform/port_range`.

Where a provider takes ports as `"22"`, `"20-30"`, `"22/22"`, `"22,80"` or `"all"`, one resource stands for each range.
Its body has from and to (int). No port written means every port, as the providers have it. Contexts: `owner` (the
resource), `rule` (the block the ports stand in; the resource itself where there is none), `block` (its type).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from linter.model import Entry, Map, Resource, Seq, Span, Unknown, handle
from linter.parsers.terraform.parts import part, spot
from linter.trees import put

KIND = "terraform/port_range"
LAST = 65535
WRITTEN: dict[str, tuple[tuple[str, ...], str]] = {
    "google_compute_firewall": (("allow", "deny"), "ports"),
    "alicloud_security_group_rule": ((), "port_range"),
    "digitalocean_firewall": (("inbound_rule", "outbound_rule"), "port_range"),
    "linode_firewall": (("inbound", "outbound"), "ports"),
    "ncloud_access_control_group_rule": (("inbound", "outbound"), "port_range"),
    "ncloud_network_acl_rule": (("inbound", "outbound"), "port_range"),
}
"""Type → (the blocks the ports stand in, none where they stand in the resource itself; the argument)."""


def ranges(resource: Resource, type: str) -> Iterator[Resource]:
    """The port ranges of one resource."""
    blocks, argument = WRITTEN[type]
    if not blocks:
        yield from _of_rule(resource, "", "", resource.body, argument, resource.anchor, resource.extent)
    for block in blocks:
        listed = resource.body.get(block)
        if not isinstance(listed, Seq):
            continue
        for number, rule in enumerate(listed):
            if isinstance(rule, Map):
                entry = listed.at[number]
                extent = (entry[0], entry[3], entry[4])
                path = f"{block}[{number}]"
                yield from _of_rule(resource, block, path, rule, argument, handle(rule, entry), extent)


def _of_rule(
    resource: Resource, block: str, path: str, rule: Map, argument: str, anchor: Span, extent: Span
) -> Iterator[Resource]:
    context = {"rule": rule, "block": block}
    if isinstance(rule.get(argument), Seq):
        # Where the list is written elsewhere, a finding stands at the argument that takes it.
        anchor = rule.at[argument][:3]
    for number, (first, last, place) in enumerate(_written(rule, argument, anchor)):
        body = Map(extent)
        put(body, "from", first, place)
        put(body, "to", last, place)
        name = f"{path}.{argument}[{number}]".lstrip(".")
        yield part(resource, KIND, name, body, anchor, extent, context)


def _written(rule: Map, argument: str, anchor: Span) -> Iterator[tuple[Any, Any, Entry]]:
    value = rule.get(argument)
    if not isinstance(value, Unknown) and (value is None or value == "" or (value == [] and _closed(value))):
        whole = (anchor[0], anchor[1], anchor[2], anchor[1], anchor[2])
        opening = rule.open if argument not in rule else None
        yield (0, LAST, whole) if opening is None else (opening, opening, whole)
        return
    place = rule.at[argument]
    if not isinstance(value, Seq):
        yield from _read(value, spot(place))
        return
    for number, element in enumerate(value):
        yield from _read(element, spot(value.at[number]))
    if value.open is not None:
        yield value.open, value.open, place


def _closed(value: Any) -> bool:
    return getattr(value, "open", None) is None


def _read(value: Any, place: Entry) -> Iterator[tuple[Any, Any, Entry]]:
    if isinstance(value, (Unknown, int)):
        yield value, value, place
    elif isinstance(value, str):
        for text in value.split(",")[:LAST]:
            match = _range().fullmatch(text.strip())
            if match is not None:
                first = int(match.group(1))
                yield first, int(match.group(2) or first), place
            elif text.strip().lower() in ("all", "any", "*", "-1/-1", "0"):
                yield 0, LAST, place


@cache
def _range() -> re.Pattern[str]:
    return re.compile(r"(\d{1,5})(?:\s*[-/:]\s*(\d{1,5}))?")
