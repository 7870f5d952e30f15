"""The types values have, and the one type that several types can be converted to.

Encodes cty's `convert.Unify` in its unsafe form, as conditionals, tolist() and the like use it. Types are as
`types` writes them; ("any",) is the type of null and of what is unknown.
"""

from __future__ import annotations

from typing import Any

from linter.model import Map, Seq, Unknown
from linter.parsers.terraform.values import ANY, BOOL, NUMBER, STRING, List, Set, Table, Type

_WORDS = {"string": STRING, "number": NUMBER, "bool": BOOL}
_COLLECTIONS = ("map", "list", "set", "object", "tuple")


def type_of(value: Any) -> Type:
    """The type of a value; the caller has bounded its size and depth."""
    kind = type(value)
    if kind is str:
        return STRING
    if kind is bool:
        return BOOL
    if isinstance(value, (int, float)):
        return NUMBER
    if isinstance(value, str):
        return STRING
    if isinstance(value, Unknown):
        return _WORDS.get(value.type, ANY)
    if kind is List:
        return "list", value.of
    if kind is Set:
        return "set", value.of
    if kind is Table:
        return "map", value.of
    if isinstance(value, Seq):
        return "tuple", tuple(map(type_of, value))
    if isinstance(value, Map):
        return "object", {key: (type_of(value[key]), False, None) for key in sorted(value)}
    return ANY


def bare(type_: Type) -> Type:
    """A type without what optional() says of its attributes."""
    name = type_[0]
    if name == "object":
        return name, {key: (bare(type_[1][key][0]), False, None) for key in sorted(type_[1])}
    if name == "tuple":
        return name, tuple(map(bare, type_[1]))
    return (name, bare(type_[1])) if len(type_) > 1 else type_


def unified(types: list[Type]) -> Type | None:
    """The type all these convert to, None where there is none."""
    first = types[0]
    if all(other == first for other in types):
        return first
    kinds = {type_[0] for type_ in types}
    dynamic = "any" in kinds
    kinds.discard("any")
    if len(kinds) == 1 and not kinds.isdisjoint(_COLLECTIONS):
        kind = kinds.pop()
        if dynamic:
            return ANY
        if kind == "object":
            return _objects(types)
        return _tuples(types) if kind == "tuple" else _wrapped(kind, [type_[1] for type_ in types])
    if kinds == {"map", "object"} or kinds == {"list", "tuple"}:
        found = _wrapped("map" if "map" in kinds else "list", [each for type_ in types for each in _inner(type_)])
        if found is not None:
            return found
    if {"object", "tuple"} <= kinds:
        return None
    return _preferred(types)


def _inner(type_: Type) -> list[Type]:
    if type_[0] == "object":
        return [found[0] for found in type_[1].values()]
    if type_[0] == "tuple":
        return list(type_[1])
    return [type_[1]] if len(type_) > 1 else []


def _wrapped(kind: str, inner: list[Type]) -> Type | None:
    found = unified(inner) if inner else ANY
    if found is None or (found == ANY and any(each != ANY for each in inner)):
        return None
    return kind, found


def _objects(types: list[Type]) -> Type | None:
    names = types[0][1].keys()
    if all(type_[1].keys() == names for type_ in types):
        found = {name: unified([type_[1][name][0] for type_ in types]) for name in names}
        if None in found.values():
            return None
        return "object", {name: (type_, False, None) for name, type_ in found.items()}
    return _wrapped("map", [each for type_ in types for each in _inner(type_)])


def _tuples(types: list[Type]) -> Type | None:
    if len({len(type_[1]) for type_ in types}) == 1:
        found = [unified(list(column)) for column in zip(*(type_[1] for type_ in types), strict=True)]
        return None if None in found else ("tuple", tuple(found))
    return _wrapped("list", [each for type_ in types for each in _inner(type_)])


_ORDER = {"string": 0, "number": 1, "bool": 1, "list": 2, "map": 2, "tuple": 3, "object": 3, "set": 4, "any": 5}


def _preferred(types: list[Type]) -> Type | None:
    for wanted in sorted(types, key=lambda type_: _ORDER[type_[0]]):
        if all(converts(other, wanted) for other in types):
            return wanted
    return None


def converts(type_: Type, wanted: Type) -> bool:
    """Whether there is a conversion at all; a single value may still not have one."""
    if type_ in (wanted, ANY) or wanted == ANY:
        return True
    source, target = type_[0], wanted[0]
    if len(wanted) == 1 or len(type_) == 1:
        return "string" in (source, target) and len(wanted) == len(type_)
    if target in ("list", "set") and source in ("list", "set", "tuple"):
        return all(converts(each, wanted[1]) for each in _inner(type_))
    if target == "map" and source in ("map", "object"):
        return all(converts(each, wanted[1]) for each in _inner(type_))
    if target == "tuple" and source == "tuple":
        return len(type_[1]) == len(wanted[1]) and all(map(converts, type_[1], wanted[1]))
    if target == "object" and source == "object":
        return all(name in type_[1] and converts(type_[1][name][0], each[0]) for name, each in wanted[1].items())
    return target == "object" and source == "map" and all(converts(type_[1], each[0]) for each in wanted[1].values())
