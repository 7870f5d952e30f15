"""Powers and logarithms with the roundings of Go's math package, which Terraform's pow and log show digit by digit."""

from __future__ import annotations

import math

from linter.parsers.terraform.errors import Wrong

_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_SERIES = (
    6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01,
    1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01,
)  # fmt: skip


def log(x: float) -> float:
    """The natural logarithm, by the argument reduction and the series of FreeBSD's e_log.c. Raises Wrong below zero."""
    if x < 0 or x != x:
        raise Wrong("the result is not a number")
    if x == 0:
        return -math.inf
    if x == math.inf:
        return x
    f1, ki = math.frexp(x)
    if f1 < math.sqrt(2) / 2:
        f1 *= 2
        ki -= 1
    f, k = f1 - 1, float(ki)
    s = f / (2 + f)
    s2 = s * s
    s4 = s2 * s2
    l1, l2, l3, l4, l5, l6, l7 = _SERIES
    t1 = s2 * (l1 + s4 * (l3 + s4 * (l5 + s4 * l7)))
    t2 = s4 * (l2 + s4 * (l4 + s4 * l6))
    r = t1 + t2
    hfsq = 0.5 * f * f
    return k * _LN2_HIGH - ((hfsq - (s * (hfsq + r) + k * _LN2_LOW)) - f)


def power(x: float, y: float) -> float:
    """x**y by repeated squaring of the mantissa. Raises Wrong where the result is no number."""
    if y == 0 or x == 1:
        return 1.0
    if y == 1:
        return x
    if x == 0:
        if y < 0:
            return math.inf
        return x if y % 2 == 1 else 0.0
    if abs(y) == 0.5 and x > 0:
        return math.sqrt(x) if y > 0 else 1 / math.sqrt(x)
    fraction, whole = math.modf(abs(y))
    if fraction and x < 0:
        raise Wrong("the result is not a number")
    if whole >= 1 << 63:
        return (1.0 if x == -1 else 0.0 if (abs(x) < 1) == (y > 0) else math.inf)  # fmt: skip
    return _raised(x, int(whole), fraction, y < 0)


def _raised(x: float, times: int, fraction: float, inverse: bool) -> float:
    found, exponent = 1.0, 0
    if fraction:
        if fraction > 0.5:
            fraction -= 1
            times += 1
        found = math.exp(fraction * log(x))
    mantissa, power_of_two = math.frexp(x)
    while times:
        if not -4096 <= power_of_two <= 4096:
            exponent += power_of_two
            break
        if times & 1:
            found *= mantissa
            exponent += power_of_two
        mantissa *= mantissa
        power_of_two *= 2
        if mantissa < 0.5:
            mantissa += mantissa
            power_of_two -= 1
        times >>= 1
    if inverse:
        found, exponent = 1 / found, -exponent
    try:
        return math.ldexp(found, exponent)
    except OverflowError:
        return math.inf
