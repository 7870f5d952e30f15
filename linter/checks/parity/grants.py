"""What access a resource grants, as rows that can be compared: IAM statements, RBAC rules and network rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any

from linter.conditions.paths import within
from linter.model import Map, Resource, Seq, Span, Unknown, handle
from linter.records import NamedTuple
from linter.trees import as_map, maps

Part = str | tuple[int, int] | tuple[str, int, bool]
"""A text in which `*` stands for any, a range of ports, or a network: (family, length of its prefix, public)."""
_MOST = 400
_ROLES = {f"ClusterRole/{name}": rank for rank, name in enumerate(("view", "edit", "admin", "cluster-admin"))}


class Grant(NamedTuple):
    """One thing that is allowed. parts: what is compared. text: what a person calls it. span: where it is written."""

    resource: Resource
    parts: tuple[Part, ...]
    text: str
    span: Span


def grants(resource: Resource, names: tuple[str, ...]) -> list[Grant]:
    """What a resource allows, at most _MOST + 1 rows. names: the environments', which do not count within texts."""
    reader = _READERS.get(resource.kind)
    found: list[Grant] = []
    for grant in reader(resource, names) if reader is not None else ():
        found.append(grant)
        if len(found) > _MOST:
            break
    return found


def covers(wide: Grant, narrow: Grant) -> bool:
    """Whether everything that the second allows is allowed by the first."""
    return len(wide.parts) == len(narrow.parts) and all(
        _covers(one, other) for one, other in zip(wide.parts, narrow.parts, strict=True)
    )


def _covers(wide: Part, narrow: Part) -> bool:
    if isinstance(wide, str) and isinstance(narrow, str):
        if wide in _ROLES and narrow in _ROLES:
            return _ROLES[wide] >= _ROLES[narrow]
        head, star, _ = wide.partition("*")
        return wide == narrow or (bool(star) and wide.endswith("*") and narrow.startswith(head))
    if len(wide) == 2 and len(narrow) == 2:
        return wide[0] <= narrow[0] and wide[1] >= narrow[1]  # type: ignore[operator]
    return _network_covers(wide, narrow)


def _network_covers(wide: Any, narrow: Any) -> bool:
    family, length, public = wide
    return bool(family == narrow[0] and length <= narrow[1] and (length == 0 or public == narrow[2]))


def _text(value: Any, names: tuple[str, ...]) -> str:
    """A text without what differs by intent; an unknown by what it is called."""
    if isinstance(value, Unknown):
        return f"<{value.subject}>"
    plain = re.sub(r"\d{12}", "#", str(value)[:2000])
    return "".join("§" if word.lower() in names else word for word in re.split(r"([^A-Za-z0-9]+)", plain))


def _listed(resource: Resource, body: Map, *keys: str) -> list[tuple[Any, Span]]:
    """The scalars of the first of the keys that is written, each with its place: of a list that is written elsewhere
    (in a local), the key that names it."""
    for key in keys:
        value = body.get(key)
        if isinstance(value, Seq):
            found = [(each, handle(each, entry)) for each, entry in zip(value, value.at, strict=True)]
            named = handle(value, body.at[key])
            return [
                (item, span if within(resource, span) else named)
                for item, span in found
                if not isinstance(item, (Map, Seq))
            ]
        if value is not None and not isinstance(value, Map):
            return [(value, handle(value, body.at[key]))]
    return []


def _statement(resource: Resource, names: tuple[str, ...]) -> Iterator[Grant]:
    body = resource.body
    if not _is(body.get("effect", "Allow"), "Allow") or "not_actions" in body or body.open is not None:
        return
    nobody: list[tuple[Any, Span]] = [("", resource.anchor)]
    principals = [
        each for one in maps(body.get("principals")) for each in _listed(resource, one, "identifiers")
    ] or nobody
    guard = "if" if maps(body.get("conditions")) else "*"
    for action, at in _listed(resource, body, "actions"):
        for target, where in _listed(resource, body, "resources") or nobody:
            for principal, who in principals:
                parts = tuple(_text(each, names) for each in (action, target, principal))
                span = who if _text(principal, names) == "*" else (where if _is(target, "*") else at)
                shown = _shown(action) if _is(target, "") else f"{_shown(action)} on {_shown(target)}"
                yield Grant(resource, (*_lowered(parts), guard), shown, span)


def _lowered(parts: tuple[str, ...]) -> tuple[str, ...]:
    return parts[0].lower(), *parts[1:]


def _is(value: Any, text: str) -> bool:
    return isinstance(value, str) and value == text


def _shown(value: Any) -> str:
    return value.subject if isinstance(value, Unknown) else str(value)


def _role(resource: Resource, names: tuple[str, ...]) -> Iterator[Grant]:
    rules = resource.body.get("rules")
    for rule in maps(rules):
        only = [str(each) for each, _ in _listed(resource, rule, "resourceNames")] or ["*"]
        for group, _ in _listed(resource, rule, "apiGroups"):
            for thing, where in _listed(resource, rule, "resources"):
                for verb, at in _listed(resource, rule, "verbs"):
                    for name in only:
                        parts = tuple(_text(each, names) for each in (group, thing, verb, name))
                        yield Grant(resource, parts, f"{verb} {thing}", where if _is(thing, "*") else at)


def _binding(resource: Resource, names: tuple[str, ...]) -> Iterator[Grant]:
    role = as_map(resource.body.get("roleRef"))
    called = f"{role.get('kind')}/{role.get('name')}"
    subjects = resource.body.get("subjects")
    for at, subject in enumerate(subjects if isinstance(subjects, Seq) else ()):
        if isinstance(subject, Map):
            who = "/".join(str(subject.get(key, "")) for key in ("kind", "name"))
            span = handle(subject, subjects.at[at])  # type: ignore[union-attr]
            yield Grant(resource, (_text(called, names), _text(who, names)), f"{called} to {who}", span)


def _ingress(resource: Resource, names: tuple[str, ...]) -> Iterator[Grant]:
    inline = resource.kind == "terraform/aws_security_group"
    if resource.kind == "terraform/aws_security_group_rule" and not _is(resource.body.get("type"), "ingress"):
        return
    for block in maps(resource.body.get("ingress")) if inline else [resource.body]:
        protocol = str(block.get("protocol", block.get("ip_protocol", "")))
        ports = _ports(block.get("from_port"), block.get("to_port"), protocol)
        for keys in (("cidr_blocks", "cidr_ipv4"), ("ipv6_cidr_blocks", "cidr_ipv6")):
            yield from _networks(resource, block, keys, protocol, ports)


def _networks(
    resource: Resource, block: Map, keys: tuple[str, ...], protocol: str, ports: tuple[int, int] | None
) -> Iterator[Grant]:
    for value, span in _listed(resource, block, *keys):
        network = _network(value)
        if network is not None and ports is not None:
            shown = f"{value} to port {ports[0]}" if ports[0] == ports[1] else f"{value} to ports {ports[0]}-{ports[1]}"
            yield Grant(
                resource, ("*" if protocol in ("-1", "all", "*") else protocol.lower(), ports, network), shown, span
            )


def _network(value: Any) -> tuple[str, int, bool] | None:
    if not isinstance(value, str):
        return None
    if value in ("*", "Internet", "Any"):
        return "4", 0, True
    try:
        found = ip_network(value, strict=False)
    except ValueError:
        return None
    return (str(found.version), found.prefixlen, not found.is_private)


def _ports(low: Any, high: Any, protocol: str = "") -> tuple[int, int] | None:
    if protocol == "-1":
        return 0, 65535
    try:
        return int(low), int(high)
    except (TypeError, ValueError):
        return None


def _written_ports(value: Any) -> tuple[int, int] | None:
    if _is(value, "*"):
        return 0, 65535
    low, _, high = str(value).partition("-")
    return _ports(low, high or low)


def _firewall(resource: Resource, names: tuple[str, ...]) -> Iterator[Grant]:
    for block in maps(resource.body.get("allow")):
        protocol = str(block.get("protocol", ""))
        for port, _ in _listed(resource, block, "ports") or [("*", resource.anchor)]:
            yield from _networks(resource, resource.body, ("source_ranges",), protocol, _written_ports(port))


def _azure_rule(resource: Resource, names: tuple[str, ...]) -> Iterator[Grant]:
    body = resource.body
    if not _is(body.get("access"), "Allow") or not _is(body.get("direction"), "Inbound"):
        return
    for port, _ in _listed(resource, body, "destination_port_ranges", "destination_port_range"):
        keys = ("source_address_prefixes", "source_address_prefix")
        yield from _networks(resource, body, keys, str(body.get("protocol", "*")), _written_ports(port))


_READERS: dict[str, Callable[[Resource, tuple[str, ...]], Iterator[Grant]]] = {
    "terraform/policy_statement": _statement,
    "kubernetes/Role": _role,
    "kubernetes/ClusterRole": _role,
    "kubernetes/RoleBinding": _binding,
    "kubernetes/ClusterRoleBinding": _binding,
    "terraform/aws_security_group": _ingress,
    "terraform/aws_security_group_rule": _ingress,
    "terraform/aws_vpc_security_group_ingress_rule": _ingress,
    "terraform/google_compute_firewall": _firewall,
    "terraform/azurerm_network_security_rule": _azure_rule,
}
