"""Values as plans have them: what is known only after apply, what is sensitive, and what equals what.

Encodes "Plan Representation" of Terraform's JSON output format: `after_unknown` and `after_sensitive` have the shape of
the value, with true for what they are about.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model import Entry, Map, Seq, Span, Unknown
from linter.trees import as_map

_MODULES = 20_000
_HIDDEN = "the plan marks it sensitive"


def disclosed(value: Any, unknown: Any, sensitive: Any, subject: str) -> Any:
    """A value of a plan with what is known after apply, and what is sensitive, taken out; nulls are left out."""
    if sensitive is True:
        return Unknown("sensitive", subject, _HIDDEN, not_null=True)
    if unknown is True:
        return Unknown("run-time", subject)
    if isinstance(value, Map):
        result = Map(value.span)
        for key in value:
            if value[key] is not None or below(unknown, key) is True:
                result[key] = disclosed(value[key], below(unknown, key), below(sensitive, key), f"{subject}.{key}")
                result.at[key] = value.at[key]
        for key in unknown if isinstance(unknown, Map) else ():
            if key not in result and unknown[key] is True:
                result[key] = Unknown("run-time", f"{subject}.{key}")
                source, start, _ = value.span
                result.at[key] = (source, start, start, start, start)
        return result
    if isinstance(value, Seq):
        listed = Seq(value.span)
        for number, element in enumerate(value):
            name = f"{subject}[{number}]"
            listed.append(disclosed(element, below(unknown, number), below(sensitive, number), name))
            listed.at.append(value.at[number])
        return listed
    return value


def secrets(root: Map) -> set[Span]:
    """Where a plan holds texts that it, or the configuration, marks as sensitive."""
    found: set[Span] = set()
    for change in items(root.get("resource_changes")):
        inner = as_map(change.get("change"))
        for when in ("before", "after"):
            _collect(inner.get(when), inner.get(when + "_sensitive"), found)
    for name in ("planned_values", "values"):
        _of_values(as_map(root.get(name)), found)
    _of_values(as_map(as_map(root.get("prior_state")).get("values")), found)
    declared = as_map(as_map(as_map(root.get("configuration")).get("root_module")).get("variables"))
    for name, given in as_map(root.get("variables")).items():
        if true(as_map(declared.get(name)).get("sensitive")):
            _collect(given, True, found)
            _collect(as_map(declared.get(name)).get("default"), True, found)
    return found


def _of_values(tree: Map, found: set[Span]) -> None:
    for body, _ in resources_in(tree.get("root_module")):
        _collect(body.get("values"), body.get("sensitive_values"), found)
    for output in as_map(tree.get("outputs")).values():
        if true(as_map(output).get("sensitive")):
            _collect(output, True, found)


def _collect(value: Any, mask: Any, found: set[Span]) -> None:
    """The places of the texts within a value that a mask is true for."""
    waiting = [(value, mask)]
    while waiting:
        current, hidden = waiting.pop()
        if not isinstance(current, (Map, Seq)):
            continue
        keys = list(current) if isinstance(current, Map) else range(len(current))
        for key in keys:
            element, inner = current[key], below(hidden, key)
            if isinstance(element, (Map, Seq)):
                waiting.append((element, inner))
            elif inner is True and isinstance(element, str):
                source, _, _, start, end = current.at[key]
                found.add((source, start, end))


def same(one: Any, other: Any) -> bool:
    """Whether two values are one and the same; numbers and bools may be written as text, as Terraform has it."""
    if isinstance(one, (Map, Seq)) or isinstance(other, (Map, Seq)):
        return not _unknown_in(one) and bool(type(one) is type(other) and one == other)
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return False
    return type(one) is type(other) and bool(one == other)


def _unknown_in(value: Any) -> bool:
    if isinstance(value, (Map, Seq)):
        return any(_unknown_in(each) for each in (value.values() if isinstance(value, Map) else value))
    return isinstance(value, Unknown)


def may_be(own: Any, planned: Any) -> bool:
    """Whether nothing written contradicts that an element is the planned one."""
    if isinstance(own, Map) and isinstance(planned, Map):
        return all(may_be(own[key], planned[key]) for key in own if key in planned)
    if isinstance(own, Seq) and isinstance(planned, Seq):
        return len(own) == len(planned) or own.open is not None
    if isinstance(own, (Unknown, Map, Seq)) or isinstance(planned, (Map, Seq)):
        return isinstance(own, Unknown)
    return same(own, planned) or str(own).lower() == str(planned).lower() or planned is None


def json_like(text: str) -> bool:
    return text.lstrip()[:1] == "{"


def below(mask: Any, key: Any) -> Any:
    """The part of a mask that stands for an entry or an element."""
    if mask is True:
        return True
    if isinstance(mask, Map):
        return mask.get(key)
    return mask[key] if isinstance(mask, Seq) and isinstance(key, int) and key < len(mask) else None


def true(value: Any) -> bool:
    return isinstance(value, bool) and value


def items(value: Any) -> Iterator[Map]:
    for body, _ in listed(value):
        yield body


def listed(value: Any) -> Iterator[tuple[Map, Entry]]:
    if isinstance(value, Seq):
        for element, place in zip(value, value.at, strict=True):
            if isinstance(element, Map):
                yield element, place


def resources_in(module: Any) -> Iterator[tuple[Map, Entry]]:
    """The resources of a module and of all modules below it."""
    waiting = [module]
    for _ in range(_MODULES):
        if not waiting:
            return
        current = waiting.pop()
        if isinstance(current, Map):
            yield from listed(current.get("resources"))
            waiting.extend(reversed(list(items(current.get("child_modules")))))
