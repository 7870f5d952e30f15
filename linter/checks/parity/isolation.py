"""What environments must not share: the state of Terraform, and production its account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from linter.checks import Verdict
from linter.discovery.environments import PRODUCTION
from linter.estate.literals import accounts_of
from linter.estate.twins import RANK
from linter.model import FAIL, PASS, Estate, Map, Origin, Resource, Span, handle
from linter.trees import maps

_PLACES = {
    "s3": ("bucket", "key"), "gcs": ("bucket", "prefix"),
    "azurerm": ("storage_account_name", "container_name", "key"), "http": ("address",), "consul": ("path",),
    "oss": ("bucket", "prefix", "key"), "cos": ("bucket", "prefix", "key"), "pg": ("conn_str", "schema_name"),
}  # fmt: skip
"""Type of backend → the arguments that say which state it is; the rest has a part of its own in it."""
_OPTIONAL = frozenset(("prefix", "schema_name", "storage_account_name"))


def state_apart(estate: Estate) -> Iterator[Verdict]:
    """No two environments write one state. A backend whose place is given at init is not judged, nor are environments
    of one folder, which workspaces or the init keep apart."""
    held: dict[tuple[str, ...], list[tuple[Resource, Span]]] = {}
    for resource in _in_order(estate, "terraform/terraform"):
        for backend in maps(resource.body.get("backend")):
            place = _place(backend)
            if place is not None:
                held.setdefault(place[0], []).append((resource, place[1]))
    for members in held.values():
        first, where = members[0]
        yield Verdict(first, PASS, "Its state is its own.", where)
        for resource, span in members[1:]:
            if resource.environment == first.environment or resource.unit == first.unit:
                yield Verdict(resource, PASS, "Its state is its own environment's.", span)
                continue
            mine, other = _name(resource), _name(first)
            message = f"{mine} keeps its state where {other} keeps its own: what one applies, the other destroys."
            yield Verdict(resource, FAIL, message, span, "backend", (Origin(f"{other} keeps its state here", where),))


def accounts_apart(estate: Estate) -> Iterator[Verdict]:
    """Production's default providers work in no account, project or subscription that a lower environment works in."""
    below: dict[str, tuple[Resource, Span]] = {}
    for resource in _in_order(estate, "terraform/provider"):
        assert resource.environment is not None
        for account, span in accounts_of(resource):
            if resource.environment.tier != PRODUCTION:
                below.setdefault(account, (resource, span))
            elif account not in below:
                yield Verdict(resource, PASS, "The account is production's alone.", span, account)
            else:
                other, there = below[account]
                message = f"{_name(resource)} lives in the account of {_name(other)}, {account}."
                related = (Origin(f"{_name(other)} works in it here", there),)
                yield Verdict(resource, FAIL, message, span, account, related)


def _in_order(estate: Estate, kind: str) -> Sequence[Resource]:
    """Resources of environments whose tier is known, the lower tiers first."""
    found = [each for each in estate.of_kind(kind) if each.environment is not None and each.environment.tier in RANK]
    return sorted(found, key=lambda each: RANK[each.environment.tier] if each.environment is not None else 0)


def _name(resource: Resource) -> str:
    return resource.environment.name if resource.environment is not None else ""


def _place(backend: Map) -> tuple[tuple[str, ...], Span] | None:
    """Which state a backend is, with where that is written; None where the file does not say it."""
    type = backend.get("type")
    found: list[str] = [str(type)]
    span: Span | None = None
    for key in _PLACES.get(str(type), ()):
        value: Any = backend.get(key)
        if isinstance(value, str) and key in backend.at:
            found.append(value)
            span = handle(value, backend.at[key])
        elif value is None and key in _OPTIONAL:
            found.append("")
        else:
            return None
    return (tuple(found), span) if span is not None else None
