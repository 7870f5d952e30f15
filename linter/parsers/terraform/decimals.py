"""Binary numbers as decimal digits: all of them, or the fewest that read back as the same number.

Encodes the decimal conversion of Go's math/big.Float, whose shortest text Terraform shows.
"""

from __future__ import annotations


def exactly(mantissa: int, exponent: int) -> tuple[str, int]:
    """(digits, point) of a number: 0.digits × 10**point, all of them."""
    if exponent >= 0:
        digits = str(abs(mantissa) << exponent)
        return digits.rstrip("0") or "0", len(digits)
    digits = str(abs(mantissa) * 5**-exponent)
    return digits.rstrip("0") or "0", len(digits) + exponent


def shortest_digits(mantissa: int, exponent: int, precision: int) -> tuple[str, str, int]:
    """The fewest digits that only this number rounds to, compared digit by digit with its neighbours' halves."""
    sign = "-" if mantissa < 0 else ""
    if not mantissa:
        return sign, "0", 1
    digits, point = exactly(mantissa, exponent)
    size = abs(mantissa)
    shift = precision + 1 - size.bit_length()
    size, exponent = (size << shift if shift >= 0 else size >> -shift), exponent - shift
    lower, upper = exactly(size - 1, exponent)[0], exactly(size + 1, exponent)[0]
    inclusive = not size & 2
    for at, digit in enumerate(digits):
        below = lower[at] if at < len(lower) else "0"
        above = upper[at] if at < len(upper) else "0"
        down = below != digit or (inclusive and at + 1 == len(lower))
        up = digit != above and (inclusive or int(digit) + 1 < int(above) or at + 1 < len(upper))
        if down or up:
            return sign, *cut(digits, point, at + 1, up and (not down or nearer_up(digits, at + 1)))
    return sign, digits, point


def nearer_up(digits: str, count: int) -> bool:
    if count >= len(digits):
        return False
    if digits[count] == "5" and count + 1 == len(digits):
        return count > 0 and int(digits[count - 1]) % 2 == 1
    return digits[count] >= "5"


def cut(digits: str, point: int, count: int, up: bool) -> tuple[str, int]:
    if count >= len(digits):
        return digits, point
    kept = digits[:count]
    if up:
        raised = str(int(kept) + 1).rjust(count, "0")
        point += len(raised) - count
        kept = raised
    return kept.rstrip("0") or "0", point
