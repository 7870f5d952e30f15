"""Terraform's values: conversion between primitive types, equality, order, and what is known of an unknown.

Values are plain `str int float bool None Unknown` and `model.Map`/`model.Seq`; `Set` is a Seq that Terraform sees as
a set (sorted, without repetition, no index). Encodes the conversion rules of the Terraform language, "Types and
Values" and "Type Conversion".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from linter.model import Entry, Map, Seq, Span, Unknown

STRING_LIMIT = 1_000_000
ELEMENT_LIMIT = 100_000
LEVEL_LIMIT = 100
NUMBER_LIMIT = 10**200


class Wrong(Exception):
    """An error Terraform itself would report; `try` and `can` see it, elsewhere it makes the value unknown."""


class Stop(Exception):
    """Evaluation cannot go on; carries the Unknown that stands for the value."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.subject)
        self.unknown = unknown


class Set(Seq):
    """A sequence that Terraform sees as a set."""

    __slots__ = ()


def over_budget(subject: str) -> Stop:
    return Stop(Unknown("budget", subject, "make the expression smaller"))


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


def number(value: int | float) -> int | float:
    """A computed number as Terraform keeps it: integers whole, others without binary noise. Raises Stop, Wrong."""
    if isinstance(value, int):
        if -NUMBER_LIMIT < value < NUMBER_LIMIT:
            return value
        raise over_budget("a number beyond 200 digits")
    if value != value or value in (float("inf"), float("-inf")):
        raise Wrong("the result is not a finite number")
    rounded = float(f"{value:.15g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded


def number_text(value: int | float) -> str:
    if isinstance(value, int):
        return str(value)
    text = repr(value)
    if "e" not in text:
        return text[:-2] if text.endswith(".0") else text
    from decimal import Decimal

    plain = format(Decimal(text), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def to_string(value: Any) -> Any:
    """str, None or Unknown. Raises Wrong for a collection."""
    if isinstance(value, str) or value is None:
        return value
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, (int, float)):
        return number_text(value)
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
    if not text or len(text) > 400 or not text.isascii() or text != text.strip() or "_" in text:
        raise Wrong("a number is required")
    digits = text[1:] if text[0] in "+-" else text
    try:
        if digits.isdigit():
            return number(int(text))
        if digits[:1].isdigit() or digits[:1] == ".":
            return number(float(text))
    except (ValueError, OverflowError):
        pass
    raise Wrong("a number is required")


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


def sequence(values: Iterable[Any], span: Span, places: Iterable[Entry] | None = None) -> Seq:
    """A Seq of computed elements. Raises Stop beyond 100,000 elements."""
    result = Seq(span)
    result.extend(values)
    if len(result) > ELEMENT_LIMIT:
        raise over_budget("a collection of more than 100,000 elements")
    if places is None:
        result.at = [here(span)] * len(result)
    else:
        result.at.extend(places)
    return result


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


def sort_key(value: Any) -> tuple[int, Any]:
    if isinstance(value, bool):
        return 0, value
    if isinstance(value, (int, float)):
        return 1, value
    return (2, value) if isinstance(value, str) else (3, "")


def elements(value: Any) -> Iterator[tuple[Any, Any, Entry]]:
    """(key, value, place) in Terraform's order: maps by key, lists by index, sets with the element as its own key."""
    if isinstance(value, Map):
        for key in sorted(value):
            yield key, value[key], value.at[key]
    elif isinstance(value, Set):
        for element, place in zip(value, value.at, strict=True):
            yield element, element, place
    else:
        for number_, (element, place) in enumerate(zip(value, value.at, strict=True)):
            yield number_, element, place
