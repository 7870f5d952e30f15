"""Terraform's numeric functions, on bounded numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from linter.model import Seq, Span
from linter.parsers.terraform import numbers
from linter.parsers.terraform.arguments import Function, numeral, whole
from linter.parsers.terraform.values import Wrong, over_budget, to_number

_DIGITS = 400


def _power(args: list[Any], span: Span) -> Any:
    from linter.parsers.terraform import go_math

    return numbers.of_float(go_math.power(numbers.to_float(numeral(args[0])), numbers.to_float(numeral(args[1]))))


def _log(args: list[Any], span: Span) -> Any:
    from linter.parsers.terraform import go_math

    value, base = (go_math.log(numbers.to_float(numeral(arg))) for arg in args)
    if base == 0:
        raise Wrong("the logarithm is not finite")
    return numbers.of_float(value / base)


def _parseint(args: list[Any], span: Span) -> Any:
    written, base = args[0], whole(args[1])
    if not isinstance(written, str) or not 2 <= base <= 62:
        raise Wrong("parseint needs a string and a base from 2 to 62")
    digits = written[1:] if written[:1] in ("+", "-") else written
    if not digits or not digits.isalnum() or not digits.isascii():
        raise Wrong("parseint needs digits of that base")
    if len(digits) > _DIGITS:
        raise over_budget("a number of very many digits")
    result = 0
    for digit in digits:
        value = _digit(digit, base)
        if value >= base:
            raise Wrong("parseint needs digits of that base")
        result = result * base + value
    return numbers.narrow(-result if written.startswith("-") else result, max(64, result.bit_length()))


def _digit(digit: str, base: int) -> int:
    if "0" <= digit <= "9":
        return int(digit)
    if base <= 36:
        return ord(digit.lower()) - ord("a") + 10
    return ord(digit) - ord("a") + 10 if digit.islower() else ord(digit) - ord("A") + 36


def _abs(args: list[Any], span: Span) -> Any:
    value = numeral(args[0])
    return numbers.negative(value) if numbers.minus(value) else value


def _rounded(up: bool) -> Callable[[list[Any], Span], Any]:
    def apply(args: list[Any], span: Span) -> Any:
        value = numeral(args[0])
        if abs(value) == math.inf:
            return value
        found = numbers.truncated(value)
        order = numbers.order(value, found)
        if up and order > 0:
            found += 1
        elif not up and order < 0:
            found -= 1
        return numbers.made(found, 0, numbers.parts(value)[2])

    return apply


def _extreme(sign: int) -> Callable[[list[Any], Span], Any]:
    def apply(args: list[Any], span: Span) -> Any:
        best = numeral(args[0])
        for arg in args[1:]:
            value = numeral(arg)
            if sign * numbers.order(value, best) > 0:
                best = value
        return best

    return apply


def _signum(args: list[Any], span: Span) -> Any:
    value = whole(args[0])
    return numbers.narrow((value > 0) - (value < 0))


def _sum(args: list[Any], span: Span) -> Any:
    if not isinstance(args[0], Seq) or not args[0]:
        raise Wrong("sum needs a list with at least one element")
    total = numeral(args[0][0])
    for element in args[0][1:]:
        if to_number(element) is None:
            raise Wrong("sum needs numbers, not null")
        total = numbers.add(total, numeral(element))
    return total


FUNCTIONS: dict[str, Function] = {
    "abs": Function(_abs, "number", 1, 1),
    "ceil": Function(_rounded(True), "number", 1, 1),
    "floor": Function(_rounded(False), "number", 1, 1),
    "log": Function(_log, "number", 2, 2),
    "max": Function(_extreme(1), "number", 1, -1),
    "min": Function(_extreme(-1), "number", 1, -1),
    "parseint": Function(_parseint, "number", 2, 2),
    "pow": Function(_power, "number", 2, 2),
    "signum": Function(_signum, "number", 1, 1),
    "sum": Function(_sum, "number", 1, 1),
}
