"""Terraform's values: conversion between primitive types, equality, order, and what is known of an unknown.

Values are plain `str int float bool None Unknown` and `model.Map`/`model.Seq`; `Set` is a Seq that Terraform sees as
a set (sorted, without repetition, no index). Encodes the conversion rules of the Terraform language, "Types and
Values" and "Type Conversion".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from linter.model import Entry, Map, Seq, Span, Unknown
from linter.parsers.terraform import numbers
from linter.parsers.terraform.errors import Stop as Stop
from linter.parsers.terraform.errors import Wrong as Wrong
from linter.parsers.terraform.errors import over_budget as over_budget

STRING_LIMIT = 1_000_000
ELEMENT_LIMIT = 100_000
LEVEL_LIMIT = 100


Type = tuple[Any, ...]
"""A type as `types` writes it: ("string",), ("list", T), ("tuple", (T, …)), ("object", {name: (T, optional, default)})."""

ANY: Type = ("any",)


class List(Seq):
    """A sequence whose elements are of one type: Terraform's list. A plain Seq is a tuple."""

    __slots__ = ("of",)
    of: Type


class Set(Seq):
    """A sequence that Terraform sees as a set."""

    __slots__ = ("of",)
    of: Type


class Table(Map):
    """A mapping whose values are of one type: Terraform's map. A plain Map is an object."""

    __slots__ = ("of",)
    of: Type


def derived(unknown: Unknown, type: str = "", *, prefix: str = "", not_null: bool = False) -> Unknown:
    """What is computed from an unknown: the same cause, subject and remedy, with what is known of the result."""
    return Unknown(unknown.cause, unknown.subject, unknown.remedy, type=type, prefix=prefix, not_null=not_null)


def below(unknown: Unknown, step: str) -> Unknown:
    """An attribute (`.id`) or element (`[0]`) of an unknown."""
    subject = unknown.subject + step if len(unknown.subject) < 200 else unknown.subject
    return Unknown(unknown.cause, subject, unknown.remedy)


def type_word(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, Unknown):
        return value.type
    return "map" if isinstance(value, Map) else "list"


STRING: Type = ("string",)
NUMBER: Type = ("number",)
BOOL: Type = ("bool",)


def to_string(value: Any) -> Any:
    """str, None or Unknown. Raises Wrong for a collection."""
    if isinstance(value, str) or value is None:
        return value
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, (int, float)):
        return numbers.text(value)
    if isinstance(value, Unknown):
        return value if value.type == "string" else derived(value, "string", not_null=value.not_null)
    raise Wrong("a string is required")


def to_number(value: Any) -> Any:
    """int, float, None or Unknown. Raises Wrong for what is no number."""
    if isinstance(value, bool):
        raise Wrong("a number is required")
    if isinstance(value, (int, float)) or value is None:
        return value
    if isinstance(value, Unknown):
        return value if value.type == "number" else derived(value, "number", not_null=value.not_null)
    if isinstance(value, str):
        return _parsed(value)
    raise Wrong("a number is required")


def _parsed(text: str) -> int | float:
    digits = text[1:] if text[:1] in ("+", "-") else text
    if digits.isdigit() and digits.isascii() and len(text) < 150:
        return int(text) if text[0] != "-" or int(text) else -0.0
    mantissa, _, exponent = digits.lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    power = exponent[1:] if exponent[:1] in ("+", "-") else exponent
    well = (whole + fraction).isdigit() and (power.isdigit() if "e" in digits.lower() else True)
    if not well or not text.isascii():
        raise Wrong("a number is required")
    if len(mantissa) > 1000 or len(power) > 6:
        raise over_budget("a number of very many digits")
    return numbers.parse(text)


def to_bool(value: Any) -> Any:
    """bool, None or Unknown. Raises Wrong for what is no truth value."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, Unknown):
        return value if value.type == "bool" else derived(value, "bool", not_null=value.not_null)
    if value in ("true", "1"):
        return True
    if value in ("false", "0"):
        return False
    raise Wrong("a bool is required")


def here(span: Span) -> Entry:
    """The entry of an element that was computed: it has no place but the expression's."""
    return span[0], span[1], span[1], span[1], span[2]


def listed(values: Iterable[Any], of: Type, span: Span, places: Iterable[Entry] | None = None) -> List:
    """A List of computed elements of one type. Raises Stop beyond 100,000 elements."""
    result = List(span)
    _fill(result, values, span, places)
    result.of = of
    return result


def sequence(values: Iterable[Any], span: Span, places: Iterable[Entry] | None = None) -> Seq:
    """A Seq of computed elements. Raises Stop beyond 100,000 elements."""
    result = Seq(span)
    _fill(result, values, span, places)
    return result


def _fill(result: Seq, values: Iterable[Any], span: Span, places: Iterable[Entry] | None) -> None:
    result.extend(values)
    if len(result) > ELEMENT_LIMIT:
        raise over_budget("a collection of more than 100,000 elements")
    if places is None:
        result.at = [here(span)] * len(result)
    else:
        result.at.extend(places)


def mapping(items: Iterable[tuple[str, Any]], span: Span) -> Map:
    """A Map of computed entries. Raises Stop beyond 100,000 entries."""
    result = Map(span)
    place = here(span)
    for key, value in items:
        result[key] = value
        result.at[key] = place
    if len(result) > ELEMENT_LIMIT:
        raise over_budget("a mapping of more than 100,000 entries")
    return result


def elements(value: Any) -> Iterator[tuple[Any, Any, Entry]]:
    """(key, value, place) in Terraform's order: maps by key, lists by index, sets with the element as its own key."""
    if isinstance(value, Map):
        for key in sorted(value):
            yield key, value[key], value.at[key]
    elif isinstance(value, Set):
        for element, place in zip(value, value.at, strict=True):
            yield element, element, place
    else:
        for position, (element, place) in enumerate(zip(value, value.at, strict=True)):
            yield numbers.narrow(position), element, place
