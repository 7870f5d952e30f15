"""Terraform's functions on maps; places of entries survive, unknown arguments leave results open."""

from __future__ import annotations

from typing import Any

from linter.model import Map, Seq, Span, Unknown
from linter.parsers.terraform.arguments import Function, seq, strings, table
from linter.parsers.terraform.compare import first_unknown
from linter.parsers.terraform.types import convert
from linter.parsers.terraform.values import (
    STRING,
    List,
    Set,
    Table,
    Wrong,
    derived,
    elements,
    listed,
    mapping,
    sequence,
    to_string,
)


def _merge(args: list[Any], span: Span) -> Any:
    known: list[Map] = []
    doubt: Unknown | None = None
    loose = False
    for arg in args:
        if isinstance(arg, Unknown):
            doubt = arg if doubt is None else doubt
            known = [_overridable(value, arg) for value in known]
        elif arg is not None:
            known.append(_entries(arg, span) if loose and isinstance(arg, Seq) else table(arg))
        else:
            loose = True
    if not known and doubt is not None:
        return derived(doubt, "map", not_null=True)
    opened = next((value.open for value in known if value.open is not None), doubt)
    result = _empty(known, span) if doubt is None else Map(span)
    for value in known:
        result.update(value)
        result.at.update(value.at)
    result.open = opened
    return result


def _entries(value: Seq, span: Span) -> Map:
    """After a null argument Terraform does not look at types: a set is a map of its elements to themselves."""
    if value and not (isinstance(value, Set) and all(isinstance(element, str) for element in value)):
        raise Wrong("merge needs maps")
    return mapping(((element, element) for element in value), span)


def _empty(known: list[Map], span: Span) -> Map:
    """Maps of one type give a map, everything else an object."""
    first = known[0] if known else None
    if isinstance(first, Table) and all(isinstance(value, Table) and value.of == first.of for value in known):
        table_ = Table(span)
        table_.of = first.of
        return table_
    return Map(span)


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
    if name is None:
        raise Wrong("lookup needs a key, not null")
    fallback = args[2] if len(args) > 2 else None
    if isinstance(value, Table) and fallback is not None:
        fallback = convert(fallback, value.of)
    if name in table(value):
        return value[name]
    if value.open is not None:
        return derived(value.open)
    if len(args) < 3:
        raise Wrong(f"there is no element {name!r}")
    return fallback


def _keys(args: list[Any], span: Span) -> Any:
    value = args[0]
    if isinstance(value, Unknown):
        return derived(value, "list", not_null=True)
    written = table(value).at
    places = [(at[0], at[1], at[1], at[1], at[2]) for at in map(written.__getitem__, sorted(value))]
    names = sorted(value)
    result = listed(names, STRING, span, places) if isinstance(value, Table) else sequence(names, span, places)
    result.open = value.open
    return result


def _values(args: list[Any], span: Span) -> Any:
    value = args[0]
    if isinstance(value, Unknown):
        return derived(value, "list", not_null=True)
    ordered = list(elements(table(value)))
    places = [(at[0], at[3], at[3], at[3], at[4]) for _, _, at in ordered]
    members = [element for _, element, _ in ordered]
    typed = isinstance(value, Table)
    result = listed(members, value.of, span, places) if typed else sequence(members, span, places)
    result.open = value.open
    return result


def _zipmap(args: list[Any], span: Span) -> Any:
    doubt = first_unknown(args[0])
    if doubt is not None or isinstance(args[1], Unknown) or seq(args[1]).open is not None:
        doubt = doubt if doubt is not None else first_unknown(args[1])
        assert doubt is not None
        return derived(doubt, "map", not_null=True)
    keys = strings(args[0])
    if isinstance(args[1], Set) or len(keys) != len(args[1]):
        raise Wrong("zipmap needs as many keys as values")
    result = Map(span)
    if isinstance(args[1], List):
        result = Table(span)
        result.of = args[1].of
    for name, value, place in zip(keys, args[1], args[1].at, strict=True):
        if name is None:
            raise Wrong("zipmap needs keys, not null")
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
