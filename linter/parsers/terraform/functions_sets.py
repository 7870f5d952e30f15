"""Terraform's functions on sets, and its type conversions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from linter.model import Map, Span, Unknown
from linter.parsers.terraform import types
from linter.parsers.terraform.arguments import Function, seq, table
from linter.parsers.terraform.compare import as_set, equal, first_unknown
from linter.parsers.terraform.values import (
    ELEMENT_LIMIT,
    Set,
    derived,
    here,
    over_budget,
    sequence,
    to_bool,
    to_number,
    to_string,
    type_word,
)


def _identity(args: list[Any], span: Span) -> Any:
    return args[0]


def _to_set(args: list[Any], span: Span) -> Any:
    value = args[0]
    if isinstance(value, Unknown):
        return derived(value, "list", not_null=value.not_null)
    if value is None or isinstance(value, Set):
        return value
    return as_set(types.unify(seq(value)))


def _to_list(args: list[Any], span: Span) -> Any:
    value = args[0]
    if isinstance(value, Unknown):
        return derived(value, "list", not_null=value.not_null)
    if value is None:
        return None
    if isinstance(value, Set) and first_unknown(value) is not None:
        doubt = first_unknown(value)
        assert doubt is not None
        return derived(doubt, "list", not_null=True)
    return types.plain_list(types.unify(seq(value)))


def _to_map(args: list[Any], span: Span) -> Any:
    value = args[0]
    if isinstance(value, Unknown):
        return derived(value, "map", not_null=value.not_null)
    if value is None:
        return None
    unified = types.unify(sequence(table(value).values(), span))
    if all(new is old for new, old in zip(unified, value.values(), strict=True)):
        return value
    result = Map(value.span)
    result.update(zip(value, unified, strict=True))
    result.at.update(value.at)
    result.open = value.open
    return result


def _primitive(convert: Callable[[Any], Any]) -> Callable[[list[Any], Span], Any]:
    return lambda args, span: convert(args[0])


def _every(args: list[Any], span: Span) -> Any:
    return _decided(args[0], False)


def _any(args: list[Any], span: Span) -> Any:
    return _decided(args[0], True)


def _decided(value: Any, decisive: bool) -> Any:
    if isinstance(value, Unknown):
        return derived(value, "bool", not_null=True)
    doubt = seq(value).open
    for element in value:
        truth = to_bool(element)
        if isinstance(truth, Unknown):
            doubt = truth if doubt is None else doubt
        elif (truth is True) is decisive:
            return decisive
    return derived(doubt, "bool", not_null=True) if doubt is not None else not decisive


def _operation(keep: Callable[[Any, list[Set]], bool]) -> Callable[[list[Any], Span], Any]:
    def apply(args: list[Any], span: Span) -> Any:
        sets = [as_set(types.unify(seq(arg))) for arg in args]
        if sum(map(len, sets)) > 2000 and len(sets) > 1:
            raise over_budget("operations on large sets")
        pool = Set(span)
        for value in sets:
            pool.extend(value)
            pool.at.extend(value.at)
        result = Set(span)
        for element, place in zip(as_set(pool), as_set(pool).at, strict=True):
            if keep(element, sets):
                result.append(element)
                result.at.append(place)
        return result

    return apply


def _within(element: Any, value: Set) -> bool:
    return any(equal(element, other) is True for other in value)


def _setproduct(args: list[Any], span: Span) -> Any:
    size = 1
    for arg in args:
        size *= len(seq(arg))
        if size * len(args) > ELEMENT_LIMIT:
            raise over_budget("a product of more than 100,000 elements")
    rows: list[list[Any]] = [[]]
    for arg in args:
        rows = [[*row, element] for row in rows for element in arg]
    made = sequence([sequence(row, span) for row in rows], span)
    return as_set(made) if all(isinstance(arg, Set) for arg in args) and len(made) <= 1000 else made


def _transpose(args: list[Any], span: Span) -> Any:
    turned: dict[str, list[str]] = {}
    for key in sorted(table(args[0])):
        for element in seq(args[0][key]):
            turned.setdefault(to_string(element) or "", []).append(key)
    result = Map(span)
    for key in sorted(turned):
        result[key] = sequence(turned[key], span)
        result.at[key] = here(span)
    return result


FUNCTIONS: dict[str, Function] = {
    "alltrue": Function(_every, "bool", 1, 1, strict=False),
    "anytrue": Function(_any, "bool", 1, 1, strict=False),
    "ephemeralasnull": Function(_identity, "", 1, 1, strict=False),
    "issensitive": Function(lambda args, span: False, "bool", 1, 1),
    "nonsensitive": Function(_identity, "", 1, 1, strict=False),
    "sensitive": Function(_identity, "", 1, 1, strict=False),
    "setintersection": Function(
        _operation(lambda element, sets: all(_within(element, value) for value in sets)), "list", 1, -1
    ),
    "setproduct": Function(_setproduct, "list", 2, -1),
    "setsubtract": Function(_operation(lambda element, sets: not _within(element, sets[1])), "list", 2, 2),
    "setunion": Function(_operation(lambda element, sets: True), "list", 1, -1),
    "tobool": Function(_primitive(to_bool), "bool", 1, 1, strict=False),
    "tolist": Function(_to_list, "list", 1, 1, strict=False),
    "tomap": Function(_to_map, "map", 1, 1, strict=False),
    "tonumber": Function(_primitive(to_number), "number", 1, 1, strict=False),
    "toset": Function(_to_set, "list", 1, 1, strict=False),
    "tostring": Function(_primitive(to_string), "string", 1, 1, strict=False),
    "transpose": Function(_transpose, "map", 1, 1),
    "type": Function(lambda args, span: type_word(args[0]), "string", 1, 1),
}
