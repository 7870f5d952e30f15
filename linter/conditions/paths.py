"""Paths of the condition language: how a dotted path reaches values, and where those values were written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final

from linter.conditions.policy_uses import roles, users
from linter.model import Estate, Map, Resource, Seq, Span, Unknown, handle
from linter.records import NamedTuple

Segments = tuple[str, ...]
Holds = Callable[[Any, Resource, Estate], bool | None]
_SCALARS = frozenset((str, bool, int, float))


_LAYERED = frozenset(("kustomize", "compose", "helm"))
"""Units whose resources are written in several files."""


class _Absent:
    __slots__ = ()

    def __repr__(self) -> str:
        return "<absent>"


ABSENT: Final = _Absent()
"""What a path finds where nothing was written. A written null counts as absent, as Terraform and Kubernetes read it."""

STAR: Final = "*"


class PathError(ValueError):
    """A path of a rule that cannot be read."""


class Leaf(NamedTuple):
    """What a path found. value: the value, ABSENT or an Unknown. span: the smallest place that shows it, or of something
    absent the nearest parent's. path: the path as walked, with list positions. inside: written within the resource."""

    value: Any
    span: Span
    path: str
    outside: Span | None = None


@cache
def segments(path: str) -> Segments:
    """`a."b.c".d` → ('a', 'b.c', 'd'); `.` → (). Raises PathError."""
    if path == ".":
        return ()
    parts = [] if '"' in path else path.split(".")
    position = 0 if '"' in path else len(path) + 1
    while position <= len(path):
        if path[position : position + 1] == '"':
            end = path.find('"', position + 1)
            if end < 0:
                raise PathError(f"the quote in path {path!r} does not end")
            parts.append(path[position + 1 : end])
            position = end + 1
            if position < len(path) and path[position] != ".":
                raise PathError(f"a dot must follow the quoted key in path {path!r}")
        else:
            end = path.find(".", position)
            end = len(path) if end < 0 else end
            parts.append(path[position:end])
            position = end
        position += 1
    if not all(parts):
        raise PathError(f"path {path!r} has an empty key")
    return tuple(parts)


def base(resource: Resource, estate: Estate, name: str) -> Any:
    """What a leading `$name` stands for: a context of the resource, its environment or the resource's own names."""
    if name == "$environment":
        environment = resource.environment
        if environment is None:
            return ABSENT
        return {"name": environment.name, "tier": environment.tier or None}
    if name == "$resource":
        return {
            "name": resource.name,
            "address": resource.address,
            "kind": resource.kind,
            "owner": users(resource, estate),
            "roles": roles(resource, estate) if resource.kind == "terraform/policy_statement" else None,
            "unit": resource.unit.kind,
            "path": estate.sources[resource.anchor[0]].path,
        }
    return resource.context.get(name[1:], ABSENT)


def values(value: Any, path: Segments, position: int = 0) -> list[Any]:
    """All that a path reaches, flat: values, ABSENT and Unknowns. A step through a list reaches every element."""
    for index in range(position, len(path)):
        if isinstance(value, list):
            return _elements(value, path, index)
        if isinstance(value, dict):
            key = path[index]
            if key == STAR:
                return _star(value, path, index)
            found = value.get(key, ABSENT)
            if found is ABSENT or found is None:
                opening = getattr(value, "open", None)
                return [ABSENT if opening is None or found is None else opening]
            value = found
        elif isinstance(value, Unknown):
            return [value]
        else:
            return [ABSENT]
    return [ABSENT if value is None else value]


def straight(
    path: Segments,
    scalar: Callable[[Any], bool | None],
    whole: Callable[[Any], bool | None] | None,
    missing: bool,
    otherwise: Holds,
    combine: Callable[[list[bool | None]], bool | None] | None = None,
) -> Holds:
    """The answer on the one value that a path reaches through mappings and single blocks, as most do.

    scalar: asked of a scalar; whole: of a list or mapping; missing: the answer where nothing was written; combine: of a
    list of scalars, the answers on each. All else asks `otherwise`.
    """
    if STAR in path:
        return otherwise

    def holds(value: Any, resource: Resource, estate: Estate) -> bool | None:
        at = value
        for key in path:
            if at.__class__ is Seq and len(at) == 1 and at.open is None:
                at = at[0]
            if at.__class__ is not Map:
                return otherwise(value, resource, estate)
            found = at.get(key)
            if found is None:
                return missing if at.open is None or key in at else otherwise(value, resource, estate)
            at = found
        kind = at.__class__
        if kind in _SCALARS:
            return scalar(at)
        if whole is not None and (kind is Seq or kind is Map):
            return whole(at)
        if combine is not None and kind is Seq and at and at.open is None:
            answers = [scalar(item) for item in at if item.__class__ in _SCALARS]
            if len(answers) == len(at):
                return combine(answers)
        return otherwise(value, resource, estate)

    return holds


def _elements(value: list[Any], path: Segments, index: int) -> list[Any]:
    opening = getattr(value, "open", None)
    found: list[Any] = [] if opening is None else [opening]
    for element in value:
        found += values(element, path, index)
    return found or [ABSENT]


def _star(value: dict[Any, Any], path: Segments, index: int) -> list[Any]:
    opening = getattr(value, "open", None)
    found: list[Any] = [] if opening is None else [opening]
    for element in value.values():
        found += values(element, path, index + 1)
    return found or [ABSENT]


def within(resource: Resource, span: Span) -> bool:
    """Whether a span lies in what was written of the resource or of what it is part of.

    The two stand apart where a part is written elsewhere: a policy's statement in a local.
    An object that a kustomization builds is written in its base and in every overlay and patch that changes it, a
    Compose service and a chart's values in every file of the environment.
    """
    root = resource.outermost
    if root.unit.kind in _LAYERED:
        return True
    at, first, last = span
    source, start, end = root.extent
    if source == at and start <= first and last <= end:
        return True
    source, start, end = resource.extent
    return source == at and start <= first and last <= end


def leaves(value: Any, path: Segments, at: Leaf, resource: Resource, position: int = 0) -> Iterator[Leaf]:
    """As `values`, each with its place: `at` is the leaf of `value` itself."""
    for index in range(position, len(path)):
        if isinstance(value, list):
            yield from spread(value, path, at, resource, index)
            return
        if not isinstance(value, dict):
            found = value if isinstance(value, Unknown) else ABSENT
            yield Leaf(found, at.span, _join(at.path, path[index:]), at.outside)
            return
        key = path[index]
        if key == STAR:
            yield from _spread_star(value, path, at, resource, index)
            return
        found = value.get(key, ABSENT)
        if found is ABSENT:
            opening = getattr(value, "open", None)
            missing = ABSENT if opening is None else opening
            yield Leaf(missing, at.span, _join(at.path, path[index:]), at.outside)
            return
        at = _step(value, key, found, at, resource)
        value = found
    yield Leaf(ABSENT if value is None else value, at.span, at.path, at.outside)


def spread(value: list[Any], path: Segments, at: Leaf, resource: Resource, index: int) -> Iterator[Leaf]:
    """The leaves below every element of a list."""
    opening = getattr(value, "open", None)
    if opening is not None:
        yield at._replace(value=opening)
    elif not value:
        yield at._replace(value=ABSENT, path=_join(at.path, path[index:]))
    for number, element in enumerate(value):
        yield from leaves(element, path, _item(value, number, at, resource), resource, index)


def _spread_star(value: dict[Any, Any], path: Segments, at: Leaf, resource: Resource, index: int) -> Iterator[Leaf]:
    opening = getattr(value, "open", None)
    if opening is not None:
        yield at._replace(value=opening)
    elif not value:
        yield at._replace(value=ABSENT)
    for key, element in value.items():
        yield from leaves(element, path, _step(value, key, element, at, resource), resource, index + 1)


def _step(value: dict[Any, Any], key: Any, found: Any, at: Leaf, resource: Resource) -> Leaf:
    path = f"{at.path}.{key}" if at.path else str(key)
    entry = value.at.get(key) if isinstance(value, Map) else None
    if entry is None:
        return Leaf(found, at.span, path, at.outside)
    return _placed(found, handle(found, entry), path, at, resource)


def _item(value: list[Any], number: int, at: Leaf, resource: Resource) -> Leaf:
    path = f"{at.path}[{number}]"
    entry = value.at[number] if isinstance(value, Seq) and number < len(value.at) else None
    if entry is None:
        return Leaf(value[number], at.span, path, at.outside)
    return _placed(value[number], handle(value[number], entry), path, at, resource)


def _placed(found: Any, span: Span, path: str, at: Leaf, resource: Resource) -> Leaf:
    if at.outside is None and within(resource, span):
        return Leaf(found, span, path)
    return Leaf(found, at.span, path, at.outside or span)


def _join(path: str, rest: Segments) -> str:
    return ".".join((path, *rest)) if path else ".".join(rest)
