"""Texts as Go's standard library writes them: numbers as %e, %f and %g, strings as %q. Encodes strconv and math/big."""

from __future__ import annotations

from linter.parsers.terraform import numbers

_ESCAPES = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    "\\": "\\\\",
    '"': '\\"',
}


def quoted(value: str) -> str:
    """%q: printable characters as they are, others escaped."""
    return '"' + "".join(_ESCAPES.get(char) or (char if char.isprintable() else _code(char)) for char in value) + '"'


def _code(char: str) -> str:
    point = ord(char)
    return f"\\x{point:02x}" if point < 0x80 else f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def fixed(value: int | float, precision: int) -> str:
    """%f with so many decimals."""
    point = numbers.shortest(value)[2]
    digits, point = numbers.rounded_digits(value, point + precision)
    return _sign(value) + _fixed(digits, point, precision)


def _sign(value: int | float) -> str:
    return "-" if numbers.minus(value) else ""


def _fixed(digits: str, point: int, precision: int) -> str:
    whole = digits[:point].ljust(point, "0") if point > 0 else "0"
    fraction = ("0" * -point + digits if point < 0 else digits[max(point, 0) :]).ljust(precision, "0")[:precision]
    return f"{whole}.{fraction}" if precision else whole


def scientific(value: int | float, precision: int) -> str:
    """%e with so many decimals."""
    digits, point = numbers.rounded_digits(value, precision + 1)
    return _sign(value) + _scientific(digits, point, precision)


def _scientific(digits: str, point: int, precision: int) -> str:
    exponent = 0 if digits == "0" else point - 1
    fraction = digits[1:].ljust(precision, "0")[:precision]
    return f"{digits[0]}{'.' if precision else ''}{fraction}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def general(value: int | float, precision: int | None) -> str:
    """%g with so many digits, or as few as tell the number; then exponents from 6 on are written as such."""
    if precision is None:
        _, digits, point = numbers.shortest(value)
        size, most = len(digits), 6
    else:
        size = most = precision or 1
        digits, point = numbers.rounded_digits(value, size)
        if most > len(digits) >= point:
            most = len(digits)
    if digits == "0":
        return _sign(value) + "0"
    if not -4 <= point - 1 < most:
        return _sign(value) + _scientific(digits, point, min(size, len(digits)) - 1)
    return _sign(value) + _fixed(digits, point, max(len(digits) - point, 0))
