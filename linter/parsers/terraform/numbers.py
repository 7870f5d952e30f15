"""Terraform's numbers: binary floating point of 512 bits, written as the shortest decimal that reads back the same.

Plain `int` is a whole number. A plain `float` stands for the number that its shortest decimal text reads as, so that
0.1 is Terraform's 0.1; it is never whole, but for -0.0. What neither can say is an Inexact, and a whole number that
Terraform keeps with less precision (a length, an index) is a Narrow: dividing such numbers rounds earlier. Every
number has one form only. Encodes cty's arithmetic (Add, Subtract, Multiply, Divide, Modulo) and Go's math/big.Float.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from linter.parsers.terraform.decimals import cut, exactly, nearer_up, shortest_digits
from linter.parsers.terraform.errors import Wrong, over_budget

PRECISION = 512
_BITS = 4096
_SHORT = 17

Parts = tuple[int, int, int]
"""(mantissa, exponent, precision): mantissa × 2**exponent, kept in so many bits."""


class Inexact(float):
    """A number of which the float is only the nearest one."""

    __slots__ = ("parts",)
    parts: Parts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Inexact) and _same(self.parts, other.parts)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return float.__hash__(self)

    def __repr__(self) -> str:
        return text(self)


class Narrow(int):
    """A whole number of less than 512 bits of precision."""

    precision: int


def narrow(value: int, precision: int = 64) -> Narrow:
    found = Narrow(value)
    found.precision = precision
    return found


def _same(left: Parts, right: Parts) -> bool:
    return _difference(left, right) == 0


def _difference(left: Parts, right: Parts) -> int:
    low = min(left[1], right[1])
    return (left[0] << (left[1] - low)) - (right[0] << (right[1] - low))


def parts(value: int | float) -> Parts:
    kind = type(value)
    if kind is int:
        return value, 0, PRECISION  # type: ignore[return-value]
    if isinstance(value, Inexact):
        return value.parts
    if isinstance(value, Narrow):
        return int(value), 0, value.precision
    return _decimal(repr(value)) if kind is float else (int(value), 0, PRECISION)


@lru_cache(1024)
def _decimal(written: str) -> Parts:
    mantissa, _, exponent = written.lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    power = (int(exponent) if exponent else 0) - len(fraction)
    digits = int(whole + fraction)
    if abs(power) > 1500 or len(mantissa) > 1500:
        raise over_budget("a number of very many digits")
    if power >= 0:
        return (*_rounded(digits * 10**power, 0, PRECISION), PRECISION)
    return (*_ratio(digits, 10**-power, PRECISION), PRECISION)


def _rounded(mantissa: int, exponent: int, precision: int) -> tuple[int, int]:
    """To nearest, ties to even."""
    size = abs(mantissa)
    spare = size.bit_length() - precision
    if spare > 0:
        rest = size & ((1 << spare) - 1)
        size >>= spare
        half = 1 << (spare - 1)
        if rest > half or (rest == half and size & 1):
            size += 1
        mantissa, exponent = (-size if mantissa < 0 else size), exponent + spare
    return mantissa, exponent


def _ratio(above: int, below: int, precision: int) -> tuple[int, int]:
    shift = max(precision + 2 - abs(above).bit_length() + below.bit_length(), 0)
    quotient, rest = divmod(abs(above) << shift, below)
    mantissa, exponent = _rounded(2 * quotient + bool(rest), -shift - 1, precision)
    return (-mantissa if above < 0 else mantissa), exponent


def made(mantissa: int, exponent: int, precision: int = PRECISION) -> int | float:
    """The number mantissa × 2**exponent, rounded to its precision. Raises Stop beyond some 1,200 digits."""
    mantissa, exponent = _rounded(mantissa, exponent, precision)
    zeros = (mantissa & -mantissa).bit_length() - 1 if mantissa else 0
    mantissa, exponent = mantissa >> zeros, exponent + zeros if mantissa else 0
    if not -_BITS < exponent < _BITS:
        raise over_budget("a number of very many digits")
    if exponent >= 0:
        whole = mantissa << exponent
        return whole if precision >= PRECISION else narrow(whole, precision)
    if precision >= PRECISION:
        sign, digits, point = shortest_digits(mantissa, exponent, precision)
        if len(digits) <= _SHORT and abs(point) < 300:
            plain = float(f"{sign}0.{digits}e{point}")
            if parts(plain)[:2] == (mantissa, exponent) or _same(parts(plain), (mantissa, exponent, 0)):
                return plain
    try:
        found = Inexact(mantissa / (1 << -exponent))
    except OverflowError:
        raise over_budget("a number of very many digits") from None
    found.parts = (mantissa, exponent, precision)
    return found


def of_float(value: float) -> int | float:
    """A number that Terraform computed as a float of 64 bits. Raises Wrong where it is none."""
    if value != value:
        raise Wrong("the result is not a number")
    if abs(value) == math.inf:
        return value
    if value == 0:
        return -0.0 if math.copysign(1, value) < 0 else 0
    above, below = value.as_integer_ratio()
    return made(above, 1 - below.bit_length(), 53)


def to_float(value: int | float) -> float:
    """The nearest float of 64 bits. Raises Wrong where there is none."""
    try:
        return float(value)
    except OverflowError:
        raise Wrong("the number is too large") from None


def parse(written: str) -> int | float:
    """A decimal number; the text has been checked. Raises Stop where it is too long."""
    digits = written.lstrip("+-")
    found = made(*_decimal(digits))
    if written.startswith("-"):
        return negative(found)
    return found


def negative(value: int | float) -> int | float:
    if isinstance(value, (Narrow, Inexact)) and value:
        mantissa, exponent, precision = parts(value)
        return made(-mantissa, exponent, precision)
    if not value:
        return 0 if math.copysign(1, value) < 0 else -0.0
    return -value


def minus(value: int | float) -> bool:
    return value < 0 or (value == 0 and isinstance(value, float) and math.copysign(1, value) < 0)


def add(left: int | float, right: int | float) -> int | float:
    if type(left) is int and type(right) is int:
        return _whole(left + right)
    if not left and not right:
        return -0.0 if minus(left) and minus(right) else 0
    if _infinite(left, right):
        return _limit(_tame(left) + _tame(right))
    a, b = parts(left), parts(right)
    low = min(a[1], b[1])
    return made((a[0] << (a[1] - low)) + (b[0] << (b[1] - low)), low, max(a[2], b[2]))


def _whole(value: int) -> int | float:
    return value if -(1 << PRECISION) < value < 1 << PRECISION else made(value, 0)


def subtract(left: int | float, right: int | float) -> int | float:
    if type(left) is int and type(right) is int:
        return _whole(left - right)
    return add(left, negative(right))


def _infinite(left: int | float, right: int | float) -> bool:
    return (type(left) is float and abs(left) == math.inf) or (type(right) is float and abs(right) == math.inf)


def _tame(value: int | float) -> float:
    return value if type(value) is float and abs(value) == math.inf else 0.0


def _sign(value: int | float) -> int:
    return -1 if minus(value) else 1


def _limit(value: float) -> int | float:
    if value != value:
        raise Wrong("the result is not a number")
    return value if value else 0


def multiply(left: int | float, right: int | float) -> int | float:
    if _infinite(left, right):
        return _limit(math.nan if not left or not right else math.inf * _sign(left) * _sign(right))
    if not left or not right:
        return -0.0 if minus(left) != minus(right) else 0
    if type(left) is int and type(right) is int:
        return _whole(left * right)
    a, b = parts(left), parts(right)
    mantissa, exponent = _rounded(a[0] * b[0], a[1] + b[1], PRECISION)
    needed = abs(mantissa).bit_length() - ((mantissa & -mantissa).bit_length() - 1)
    return made(mantissa, exponent, max(a[2], b[2], needed))


def divide(left: int | float, right: int | float) -> int | float:
    """Infinite for a division by zero. Raises Wrong for zero by zero."""
    if not right:
        if not left:
            raise Wrong("division of zero by zero")
        return -math.inf if minus(left) != minus(right) else math.inf
    if _infinite(left, right):
        return _limit(0.0 if abs(right) == math.inf and abs(left) != math.inf else float(left) * _sign(right))
    if not left:
        return -0.0 if minus(left) != minus(right) else 0
    if type(left) is int and type(right) is int and left % right == 0:
        return left // right
    a, b = parts(left), parts(right)
    precision = max(a[2], b[2])
    above, below, exponent = (a[0], b[0], a[1] - b[1]) if b[0] > 0 else (-a[0], -b[0], a[1] - b[1])
    mantissa, shift = _ratio(above, below, precision)
    return made(mantissa, shift + exponent, precision)


def modulo(left: int | float, right: int | float) -> int | float:
    """The rest of dividing towards zero; left itself where right is zero."""
    if not right:
        return left
    if _infinite(left, right):
        raise Wrong("the rest of an infinite division")
    if type(left) is int and type(right) is int:
        rest = abs(left) % abs(right)
        return -rest if left < 0 else rest
    precision = parts(left)[2]
    times, other = truncated(divide(left, right)), parts(right)
    mantissa, exponent = _rounded(*_rounded(times, 0, precision), precision)
    taken = made(mantissa * other[0], exponent + other[1], precision)
    a, b = parts(left), parts(taken)
    low = min(a[1], b[1])
    return made((a[0] << (a[1] - low)) - (b[0] << (b[1] - low)), low, precision)


def truncated(value: int | float) -> int:
    if isinstance(value, int):
        return int(value)
    mantissa, exponent, _ = parts(value)
    whole = abs(mantissa) >> -exponent if exponent < 0 else abs(mantissa) << exponent
    return -whole if mantissa < 0 else whole


def order(left: int | float, right: int | float) -> int:
    """Negative, zero or positive as left is below, equal to or above right."""
    if (isinstance(left, Inexact) or isinstance(right, Inexact)) and not _infinite(left, right):
        return _difference(parts(left), parts(right))
    return (left > right) - (left < right)


def text(value: int | float) -> str:
    """The shortest decimal that reads back as the number, without an exponent."""
    if isinstance(value, int) and not isinstance(value, Narrow):
        return str(value) if value.bit_length() <= PRECISION else _plain(value, 0, PRECISION)
    if type(value) is float:
        if value == 0:
            return "-0"
        if abs(value) == math.inf:
            return "+Inf" if value > 0 else "-Inf"
        written = repr(value)
        if "e" not in written:
            return written[:-2] if written.endswith(".0") else written
    return _plain(*parts(value))


def _plain(mantissa: int, exponent: int, precision: int) -> str:
    sign, digits, point = shortest_digits(mantissa, exponent, precision)
    if point >= len(digits):
        return sign + digits + "0" * (point - len(digits))
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    return f"{sign}{digits[:point]}.{digits[point:]}"


def shortest(value: int | float) -> tuple[str, str, int]:
    """(sign, digits, point) of the shortest decimal: 0.digits × 10**point."""
    return shortest_digits(*parts(value))


def rounded_digits(value: int | float, count: int) -> tuple[str, int]:
    """(digits, point) of a number rounded to so many digits, ties to even."""
    mantissa, exponent, _ = parts(value)
    digits, point = exactly(mantissa, exponent)
    if count < 0:
        return "", point
    if count == 0 and mantissa:
        return ("1", point + 1) if nearer_up(digits, 0) else ("", point)
    return cut(digits, point, count, nearer_up(digits, count))


def same(left: Any, right: Any) -> bool:
    """Whether two numbers are one."""
    return order(left, right) == 0
