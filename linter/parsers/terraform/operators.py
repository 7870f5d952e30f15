"""Terraform's operators on values, unknowns included. Encodes "Arithmetic and Logical Operators" and "Conditionals"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from linter.model import Map, Unknown
from linter.parsers.terraform import numbers
from linter.parsers.terraform.compare import equal
from linter.parsers.terraform.types import convert
from linter.parsers.terraform.unify import type_of, unified
from linter.parsers.terraform.values import (
    Wrong,
    derived,
    to_bool,
    to_number,
    type_word,
)

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": numbers.add,
    "-": numbers.subtract,
    "*": numbers.multiply,
    "/": numbers.divide,
    "%": numbers.modulo,
}
_ORDER: dict[str, Callable[[int], bool]] = {
    "<": lambda order: order < 0,
    ">": lambda order: order > 0,
    "<=": lambda order: order <= 0,
    ">=": lambda order: order >= 0,
}


def binary(op: str, left: Any, right: Any) -> Any:
    """left op right for every operator but && and ||. Raises Wrong, Stop."""
    if op == "==" or op == "!=":
        same = equal(left, right)
        return same if isinstance(same, Unknown) else same is (op == "==")
    a, b = to_number(left), to_number(right)
    if a is None or b is None:
        raise Wrong(f"{op} needs numbers, not null")
    kind = "bool" if op in _ORDER else "number"
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return derived(a if isinstance(a, Unknown) else b, kind, not_null=True)
    if op in _ORDER:
        return _ORDER[op](numbers.order(a, b))
    return _ARITHMETIC[op](a, b)


def unary(op: str, value: Any) -> Any:
    """-value or !value. Raises Wrong."""
    operand = to_bool(value) if op == "!" else to_number(value)
    if operand is None:
        raise Wrong(f"{op} needs a value, not null")
    if isinstance(operand, Unknown):
        return derived(operand, "bool" if op == "!" else "number", not_null=True)
    return not operand if op == "!" else numbers.negative(operand)


def either(condition: Unknown, left: Any, right: Any) -> Any:
    """The value of a conditional whose condition is unknown: what both branches have in common.

    Branches with the same value give it; mappings give a mapping of the common entries, open for the others.
    """
    if not isinstance(left, Unknown) and not isinstance(right, Unknown):
        if isinstance(left, Map) and isinstance(right, Map):
            return _common(condition, left, right)
        if equal(left, right) is True:
            return left
    return _blend(condition, left, right)


def _blend(condition: Unknown, left: Any, right: Any) -> Unknown:
    words = {type_word(value) for value in (left, right) if value is not None}
    word = words.pop() if len(words) == 1 else "string" if words == {"string", "number"} else ""
    certain = all(value.not_null if isinstance(value, Unknown) else value is not None for value in (left, right))
    prefix = _common_prefix(left, right) if word == "string" else ""
    return derived(condition, word, prefix=prefix, not_null=certain)


def _common_prefix(left: Any, right: Any) -> str:
    texts = [value.prefix if isinstance(value, Unknown) else value for value in (left, right)]
    if not all(isinstance(text, str) for text in texts):
        return ""
    length = 0
    for a, b in zip(texts[0], texts[1], strict=False):
        if a != b:
            break
        length += 1
    return str(texts[0][:length])


def _common(condition: Unknown, left: Map, right: Map) -> Map:
    result = Map(left.span)
    for key in left:
        if key in right:
            value, other = left[key], right[key]
            same = not isinstance(value, Unknown) and not isinstance(other, Unknown) and equal(value, other) is True
            result[key] = value if same else _blend(condition, value, other)
            result.at[key] = left.at[key]
    result.open = condition if left.keys() != right.keys() else left.open if left.open is not None else right.open
    return result


def matched(value: Any, other: Callable[[], Any]) -> Any:
    """The chosen branch of a conditional, converted to what both branches can be. Raises Wrong where they cannot."""
    if value is None or isinstance(value, Unknown):
        return value
    sibling = other()
    if sibling is None or (isinstance(sibling, Unknown) and sibling.type in ("", "list", "map")):
        return value
    if type(value) is type(sibling) and isinstance(value, (str, int, float)):
        return value
    type_ = type_of(value)
    wanted = unified([type_, type_of(sibling)])
    if wanted is None:
        raise Wrong("the branches of a conditional have different types")
    return value if wanted == type_ else convert(value, wanted)
