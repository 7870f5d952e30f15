"""Terraform's functions on maps; places of entries survive, unknown arguments leave results open."""

from __future__ import annotations

from typing import Any

from linter.model import Map, Span, Unknown
from linter.parsers.terraform.arguments import Function, seq, table
from linter.parsers.terraform.compare import first_unknown
from linter.parsers.terraform.values import (
    Wrong,
    derived,
    elements,
    mapping,
    sequence,
    to_string,
)


def _merge(args: list[Any], span: Span) -> Any:
    known: list[Map] = []
    doubt: Unknown | None = None
    for arg in args:
        if isinstance(arg, Unknown):
            doubt = arg if doubt is None else doubt
            known = [_overridable(value, arg) for value in known]
        elif arg is not None:
            known.append(table(arg))
    if not known and doubt is not None:
        return derived(doubt, "map", not_null=True)
    opened = next((value.open for value in known if value.open is not None), doubt)
    result = Map(span)
    for value in known:
        result.update(value)
        result.at.update(value.at)
    result.open = opened
    return result


def _overridable(value: Map, doubt: Unknown) -> Map:
    """Entries that a later unknown argument may replace: not known any more."""
    result = Map(value.span)
    result.open = value.open
    for key in value:
        result[key] = derived(doubt)
        result.at[key] = value.at[key]
    return result


def _lookup(args: list[Any], span: Span) -> Any:
    value, key = args[0], args[1]
    if isinstance(value, Unknown) or isinstance(key, Unknown):
        return derived(value if isinstance(value, Unknown) else key)
    name = to_string(key)
    if name in table(value):
        return value[name]
    if value.open is not None:
        return derived(value.open)
    if len(args) < 3:
        raise Wrong(f"there is no element {name!r}")
    return args[2]


def _keys(args: list[Any], span: Span) -> Any:
    value = args[0]
    if isinstance(value, Unknown):
        return derived(value, "list", not_null=True)
    written = table(value).at
    places = [(at[0], at[1], at[1], at[1], at[2]) for at in map(written.__getitem__, sorted(value))]
    result = sequence(sorted(value), span, places)
    result.open = value.open
    return result


def _values(args: list[Any], span: Span) -> Any:
    value = args[0]
    if isinstance(value, Unknown):
        return derived(value, "list", not_null=True)
    ordered = list(elements(table(value)))
    places = [(at[0], at[3], at[3], at[3], at[4]) for _, _, at in ordered]
    result = sequence([element for _, element, _ in ordered], span, places)
    result.open = value.open
    return result


def _zipmap(args: list[Any], span: Span) -> Any:
    doubt = first_unknown(args[0])
    if doubt is not None or isinstance(args[1], Unknown) or seq(args[1]).open is not None:
        doubt = doubt if doubt is not None else first_unknown(args[1])
        assert doubt is not None
        return derived(doubt, "map", not_null=True)
    if len(seq(args[0])) != len(args[1]):
        raise Wrong("zipmap needs as many keys as values")
    result = Map(span)
    for key, value, place in zip(args[0], args[1], args[1].at, strict=True):
        name = to_string(key)
        result[name] = value
        result.at[name] = place
    return result


def _map(args: list[Any], span: Span) -> Any:
    if len(args) % 2:
        raise Wrong("map needs pairs of keys and values")
    return mapping(((to_string(key), value) for key, value in zip(args[::2], args[1::2], strict=True)), span)


FUNCTIONS: dict[str, Function] = {
    "keys": Function(_keys, "list", 1, 1, strict=False),
    "lookup": Function(_lookup, "", 2, 3, strict=False),
    "map": Function(_map, "map", 0, -1),
    "merge": Function(_merge, "map", 0, -1, strict=False),
    "values": Function(_values, "list", 1, 1, strict=False),
    "zipmap": Function(_zipmap, "map", 2, 2, strict=False),
}
