"""Checks of what a policy must say: that some statement of it is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from linter.checks import Verdict
from linter.conditions.compiler import compile_condition
from linter.conditions.operators import some
from linter.model import FAIL, PASS, UNKNOWN, Estate, Resource, Unknown

STATEMENT = "terraform/policy_statement"
DOCUMENT = "terraform/data.aws_iam_policy_document"
_SOURCES = ("source_policy_documents", "override_policy_documents", "source_json", "override_json")
_DEEPEST = 8


def policy_states(
    estate: Estate, *, kind: str, statement: Mapping[str, Any], message: str, argument: str = "policy"
) -> Iterator[Verdict]:
    """Some statement of the policy at `argument` meets a condition, wherever the policy is written.

    The condition is asked of statements in their common shape: effect, principals, actions, resources, conditions.
    A policy that is not in the code, or that a file of another unit makes, is unknown.
    """
    condition = compile_condition(statement)
    parts: dict[int, list[Resource]] = {}
    for part in estate.of_kind(STATEMENT):
        if part.owner is not None:
            parts.setdefault(id(part.owner), []).append(part)
    for resource in estate.of_kind(kind):
        value = resource.body.get(argument)
        if value is None:
            continue
        source, start, end, _, _ = resource.body.at[argument]
        span = (source, start, end)
        statements, missing = _statements(estate, resource, argument, parts)
        answer = some([condition.holds(part.body, part, estate) for part in statements])
        if missing is not None and answer is False:
            answer = None
        if answer is False and statements:
            yield Verdict(resource, FAIL, message.replace("{name}", resource.name), span)
        elif answer is True:
            yield Verdict(resource, PASS, f"The policy of {resource.name} says so.", span)
        else:
            unknown = _unknown(value, statements) if missing is None else missing
            shown = f"{unknown.subject} is unknown, so what the policy of {resource.name} says cannot be decided."
            yield Verdict(resource, UNKNOWN, shown, span, "", (), (unknown,))


def _statements(
    estate: Estate, resource: Resource, argument: str, parts: Mapping[int, list[Resource]]
) -> tuple[list[Resource], Unknown | None]:
    """The statements of the resource itself and of the policy documents its argument leads to, and what else may be."""
    found = list(parts.get(id(resource), ()))
    missing: Unknown | None = None
    level, seen = [(resource, argument)], {id(resource)}
    for _ in range(_DEEPEST):
        below: list[tuple[Resource, str]] = []
        for each, path in level:
            for link in estate.outgoing.get(id(each), ()):
                if link.target.kind == DOCUMENT and link.path.startswith(path) and id(link.target) not in seen:
                    seen.add(id(link.target))
                    found += parts.get(id(link.target), ())
                    below += [(link.target, name) for name in _SOURCES]
                    missing = _unlinked(estate, link.target) if missing is None else missing
        level = below
    return found, missing


def _unlinked(estate: Estate, document: Resource) -> Unknown | None:
    """A policy that a document is made of and that stands nowhere in the unit."""
    for name in _SOURCES:
        listed = document.body.get(name)
        unknown = [each for each in (listed if isinstance(listed, list) else [listed]) if isinstance(each, Unknown)]
        links = [link for link in estate.outgoing.get(id(document), ()) if link.path == name]
        if len(unknown) > len(links):
            return unknown[-1]
    return None


def _unknown(value: Any, statements: list[Resource]) -> Unknown:
    for body in (part.body for part in statements):
        if body.open is not None:
            return body.open
        for inner in body.values():
            if isinstance(inner, Unknown):
                return inner
    return value if isinstance(value, Unknown) else Unknown("expression", "a policy that cannot be read")
