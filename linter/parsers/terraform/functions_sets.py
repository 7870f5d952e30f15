"""Terraform's functions on sets, and its type conversions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from linter.model import Span, Unknown
from linter.parsers.terraform import types
from linter.parsers.terraform.arguments import Function, alike, seq, table
from linter.parsers.terraform.compare import as_set, first_unknown, set_key
from linter.parsers.terraform.unify import unified
from linter.parsers.terraform.values import (
    ELEMENT_LIMIT,
    STRING,
    List,
    Set,
    Table,
    Wrong,
    derived,
    here,
    listed,
    over_budget,
    sequence,
    to_bool,
    to_number,
    to_string,
    type_word,
)


def _identity(args: list[Any], span: Span) -> Any:
    return args[0]


def _converting(type_: types.Type) -> Callable[[list[Any], Span], Any]:
    """tolist, toset and tomap."""
    word = types.word(type_)

    def apply(args: list[Any], span: Span) -> Any:
        value = args[0]
        if isinstance(value, Unknown):
            return derived(value, word, not_null=value.not_null)
        if isinstance(value, Set) and type_[0] == "list":
            doubt = first_unknown(value)
            if doubt is not None:
                return derived(doubt, "list", not_null=True)
        return types.convert(value, type_)

    return apply


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


def _operation(keep: Callable[[Any, list[set[Any]]], bool]) -> Callable[[list[Any], Span], Any]:
    """An operation on sets, which are converted to one type first."""

    def apply(args: list[Any], span: Span) -> Any:
        if any(arg is None for arg in args):
            raise Wrong("a set is required, not null")
        sets = [types.convert(arg, ("set", types.ANY)) for arg in args]
        full = [value.of for value in sets if value or value.of != types.ANY]
        of = unified(full) if full else types.ANY
        if of is None:
            raise Wrong("the sets have no common type")
        sets = [types.convert(value, ("set", of)) if len(value) else value for value in sets]
        keys = [{set_key(element) for element in value} for value in sets]
        pool = Set(span)
        for value in sets:
            for element, place in zip(value, value.at, strict=True):
                if keep(set_key(element), keys):
                    pool.append(element)
                    pool.at.append(place)
        result = as_set(pool)
        result.of = of
        return result

    return apply


def _setproduct(args: list[Any], span: Span) -> Any:
    """Where a set is among them a set of tuples, else a list of them."""
    size = 1
    for arg in args:
        size *= len(seq(arg))
        if size * len(args) > ELEMENT_LIMIT:
            raise over_budget("a product of more than 100,000 elements")
    members = [arg if isinstance(arg, (List, Set)) else alike(arg) for arg in args]
    rows: list[list[Any]] = [[]]
    for member in members:
        rows = [[*row, element] for row in rows for element in member]
    made = listed([sequence(row, span) for row in rows], ("tuple", tuple(member.of for member in members)), span)
    if not any(isinstance(arg, Set) for arg in args):
        return made
    result = as_set(made)
    result.of = made.of
    return result


def _transpose(args: list[Any], span: Span) -> Any:
    turned: dict[str, list[str]] = {}
    if args[0] is None:
        raise Wrong("a map is required, not null")
    value = types.convert(args[0], ("map", ("list", STRING)))
    for key in sorted(table(value)):
        for element in seq(value[key]):
            if element is None:
                raise Wrong("transpose needs strings, not null")
            turned.setdefault(element, []).append(key)
    result = Table(span)
    result.of = ("list", STRING)
    for key in sorted(turned):
        result[key] = listed(turned[key], STRING, span)
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
        _operation(lambda element, sets: all(element in value for value in sets)), "list", 1, -1
    ),
    "setproduct": Function(_setproduct, "list", 2, -1),
    "setsubtract": Function(_operation(lambda element, sets: element not in sets[1]), "list", 2, 2),
    "setunion": Function(_operation(lambda element, sets: True), "list", 1, -1),
    "tobool": Function(_primitive(to_bool), "bool", 1, 1, strict=False),
    "tolist": Function(_converting(("list", types.ANY)), "list", 1, 1, strict=False),
    "tomap": Function(_converting(("map", types.ANY)), "map", 1, 1, strict=False),
    "tonumber": Function(_primitive(to_number), "number", 1, 1, strict=False),
    "toset": Function(_converting(("set", types.ANY)), "list", 1, 1, strict=False),
    "tostring": Function(_primitive(to_string), "string", 1, 1, strict=False),
    "transpose": Function(_transpose, "map", 1, 1),
    "type": Function(lambda args, span: type_word(args[0]), "string", 1, 1),
}
