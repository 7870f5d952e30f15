"""Terraform's numeric functions, on bounded numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from linter.model import Seq, Span
from linter.parsers.terraform.arguments import Function, numeral, whole
from linter.parsers.terraform.values import Wrong, number, over_budget


def _power(args: list[Any], span: Span) -> Any:
    base, exponent = numeral(args[0]), numeral(args[1])
    if abs(base) > 1 and abs(exponent) * math.log10(abs(base)) > 200:
        raise over_budget("a number beyond 200 digits")
    if abs(exponent) > 100_000:
        raise over_budget("a power of more than 100,000")
    try:
        result = base**exponent
    except ZeroDivisionError:
        raise Wrong("division by zero") from None
    if isinstance(result, complex):
        raise Wrong("the result is not a number")
    return number(result)


def _log(args: list[Any], span: Span) -> Any:
    value, base = numeral(args[0]), numeral(args[1])
    if value <= 0 or base <= 0 or base == 1:
        raise Wrong("the logarithm is not finite")
    return number(math.log(value) / math.log(base))


def _parseint(args: list[Any], span: Span) -> Any:
    text, base = args[0], whole(args[1])
    if not isinstance(text, str) or not 2 <= base <= 62:
        raise Wrong("parseint needs a string and a base from 2 to 62")
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not digits or not digits.isalnum() or not digits.isascii():
        raise Wrong("parseint needs digits of that base")
    if len(digits) > 200:
        raise over_budget("a number beyond 200 digits")
    result = 0
    for digit in digits:
        value = _digit(digit, base)
        if value >= base:
            raise Wrong("parseint needs digits of that base")
        result = result * base + value
    return number(-result if text.startswith("-") else result)


def _digit(digit: str, base: int) -> int:
    if digit.isdigit():
        return int(digit)
    if base <= 36:
        return ord(digit.lower()) - ord("a") + 10
    return ord(digit) - ord("a") + 10 if digit.islower() else ord(digit) - ord("A") + 36


def _rounded(round_: Callable[[float], int]) -> Callable[[list[Any], Span], Any]:
    return lambda args, span: number(round_(numeral(args[0])))


def _extreme(choose: Callable[[list[Any]], Any]) -> Callable[[list[Any], Span], Any]:
    return lambda args, span: choose([numeral(arg) for arg in args])


def _sum(args: list[Any], span: Span) -> Any:
    if not isinstance(args[0], Seq) or not args[0]:
        raise Wrong("sum needs a list with at least one element")
    return number(sum(numeral(element) for element in args[0]))


FUNCTIONS: dict[str, Function] = {
    "abs": Function(lambda args, span: abs(numeral(args[0])), "number", 1, 1),
    "ceil": Function(_rounded(math.ceil), "number", 1, 1),
    "floor": Function(_rounded(math.floor), "number", 1, 1),
    "log": Function(_log, "number", 2, 2),
    "max": Function(_extreme(max), "number", 1, -1),
    "min": Function(_extreme(min), "number", 1, -1),
    "parseint": Function(_parseint, "number", 2, 2),
    "pow": Function(_power, "number", 2, 2),
    "signum": Function(lambda args, span: (numeral(args[0]) > 0) - (numeral(args[0]) < 0), "number", 1, 1),
    "sum": Function(_sum, "number", 1, 1),
}
