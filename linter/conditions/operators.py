"""The operators of the condition language, three-valued.

A test takes one value (never an Unknown, never absent) and answers True or False; a value it cannot be asked about
(`at_least` of a mapping) is False. What is unknown is decided in `unknown_answer`, what is absent by the compiler.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from linter.model import Unknown

Test = Callable[[Any], bool | None]

WORLD = frozenset({"0.0.0.0/0", "::/0", "0000:0000:0000:0000:0000:0000:0000:0000/0", "0::0/0", "*", "any", "internet"})
LONGEST_MATCHED = 10_000


class OperatorError(ValueError):
    """An operator of a rule that is unknown or has an argument it cannot take."""


@cache
def pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def equal(want: Any, got: Any) -> bool:
    """Equality as Terraform converts primitives: `"true"` is true, `"1"` is 1; a bool is never a number.

    | want | got | answer |
    | --- | --- | --- |
    | true | true, "true" | True |
    | true | 1, "yes" | False |
    | 443 | 443, 443.0, "443" | True |
    | "a" | "a" | True |
    | "80" | 80 | True |
    """
    if want.__class__ is str and got.__class__ is str:
        return bool(want == got)
    if want is True or want is False:
        return got is want or (isinstance(got, str) and got == ("true" if want else "false"))
    if isinstance(want, (int, float)):
        if isinstance(got, bool):
            return False
        return bool(got == want) or (isinstance(got, str) and number(got) == want)
    if isinstance(want, str) and isinstance(got, (int, float)) and not isinstance(got, bool):
        return number(want) == got
    if isinstance(got, (list, dict)) and _holds_unknown(got):
        return False
    return bool(got == want)


def _holds_unknown(value: Any) -> bool:
    if isinstance(value, Unknown):
        return True
    if isinstance(value, dict):
        return any(map(_holds_unknown, value.values()))
    return isinstance(value, list) and any(map(_holds_unknown, value))


_SUFFIXES = {
    "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50, "Ei": 2.0**60,
}  # fmt: skip


def number(value: Any) -> float | None:
    """A number, or a string that is one or a Kubernetes quantity (`500m`, `2Gi`), as a float; else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value)
    if not isinstance(value, str) or len(value) > 40:
        return None
    match = pattern(r"^\s*([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?)([A-Za-z]{0,2})\s*$").match(value)
    if match is None or match.group(2) not in _SUFFIXES:
        return None
    return float(match.group(1)) * _SUFFIXES[match.group(2)]


def _listed(want: Any) -> list[Any]:
    return list(want) if isinstance(want, (list, tuple)) else [want]


def _member(want: Any, got: Any) -> bool | None:
    """Whether `got` (list, mapping or string) holds `want`; None where an unknown element may be it."""
    if isinstance(got, str):
        return isinstance(want, str) and want in got
    if isinstance(got, dict):
        if want in got:
            return True
        return None if getattr(got, "open", None) is not None else False
    if not isinstance(got, list):
        return equal(want, got)
    unsure = getattr(got, "open", None) is not None
    for element in got:
        if isinstance(element, Unknown):
            unsure = unsure or unknown_answer(want, element) is None
        elif equal(want, element):
            return True
    return None if unsure else False


def unknown_answer(want: Any, unknown: Unknown) -> bool | None:
    """Whether an unknown may equal `want`: False where its known prefix rules that out, else None."""
    if unknown.prefix and isinstance(want, str) and not want.startswith(unknown.prefix):
        return False
    return None


def every(answers: list[bool | None]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True


def some(answers: list[bool | None]) -> bool | None:
    if True in answers:
        return True
    return None if None in answers else False


def contains(want: Any) -> Test:
    """`contains: a` / `contains: [a, b]`: holds all of them. Empty list → False."""
    wanted = _listed(want)
    return lambda got: every([_member(item, got) for item in wanted])


def contains_any(want: Any) -> Test:
    """`contains_any: [a, b]`: holds at least one of them. Empty list → False."""
    wanted = _listed(want)
    return lambda got: some([_member(item, got) for item in wanted])


def subset_of(want: Any) -> Test:
    """`subset_of: [a, b]`: no element is anything else. Empty list → True; a scalar counts as a list of one."""
    wanted = _listed(want)

    def test(got: Any) -> bool | None:
        answers: list[bool | None] = []
        for element in _listed(got):
            if isinstance(element, Unknown):
                answers.append(None)
            else:
                answers.append(any(equal(item, element) for item in wanted))
        if getattr(got, "open", None) is not None:
            answers.append(None)
        return every(answers)

    return test


def empty(want: Any) -> Test:
    """`empty: true`: '', [] or {}. Anything open is unknown unless it has entries."""

    def test(got: Any) -> bool | None:
        if isinstance(got, (str, list, dict)):
            if not got and getattr(got, "open", None) is not None:
                return None
            return (len(got) == 0) is bool(want)
        return not want

    return test


def length(want: Any) -> Test:
    """`length: {at_least: n, at_most: m}` of a list, mapping or string; anything else has length 1."""
    if not isinstance(want, Mapping) or not want or set(want) - {"at_least", "at_most"}:
        raise OperatorError("length takes {at_least: n} and/or {at_most: n}")
    low, high = want.get("at_least", 0), want.get("at_most")

    def test(got: Any) -> bool | None:
        size = len(got) if isinstance(got, (str, list, dict)) else 1
        if getattr(got, "open", None) is not None:
            if high is not None:
                return False if size > high else None
            return True if size >= low else None
        return size >= low and (high is None or size <= high)

    return test


def matches(want: Any) -> Test:
    """`matches: regex`: found anywhere in the string (anchor it yourself); numbers and bools as they are written."""
    if not isinstance(want, str):
        raise OperatorError("matches takes a regular expression")

    def test(got: Any) -> bool:
        if isinstance(got, bool):
            got = "true" if got else "false"
        if isinstance(got, (int, float)):
            got = str(got)
        return isinstance(got, str) and pattern(want).search(got[:LONGEST_MATCHED]) is not None

    return test


def at_least(want: Any) -> Test:
    """`at_least: n`: a number or quantity ≥ n; what is neither is False."""
    bound = number(want)
    if bound is None:
        raise OperatorError("at_least takes a number")
    return lambda got: (value := number(got)) is not None and value >= bound


def at_most(want: Any) -> Test:
    """`at_most: n`: a number or quantity ≤ n; what is neither is False."""
    bound = number(want)
    if bound is None:
        raise OperatorError("at_most takes a number")
    return lambda got: (value := number(got)) is not None and value <= bound


def one_of(want: Any) -> Test:
    """`one_of: [a, b]`: equals one of them."""
    wanted = _listed(want)
    return lambda got: any(equal(item, got) for item in wanted)


def none_of(want: Any) -> Test:
    """`none_of: [a, b]`: equals none of them."""
    wanted = _listed(want)
    return lambda got: not any(equal(item, got) for item in wanted)


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in pattern(r"\d{1,9}").findall(text)[:4])


_COMPARE: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    ">=": lambda got, want: got >= want,
    ">": lambda got, want: got > want,
    "<=": lambda got, want: got <= want,
    "<": lambda got, want: got < want,
    "=": lambda got, want: got[: len(want)] == want,
    "!=": lambda got, want: got[: len(want)] != want,
}


def version(want: Any) -> Test:
    """`version: ">= 1.27"`, parts joined by commas: compares dotted numbers; text around them is ignored."""
    bounds = []
    for part in str(want).split(","):
        match = re.fullmatch(r"\s*(>=|<=|!=|>|<|=)?\s*v?(\d[\d.]*)\s*", part)
        if match is None:
            raise OperatorError(f"version constraint {part.strip()!r} is not like '>= 1.2'")
        bounds.append((_COMPARE[match.group(1) or "="], _version(match.group(2))))

    def test(got: Any) -> bool:
        found = _version(str(got))
        return bool(found) and all(compare(found, bound) for compare, bound in bounds)

    return test


def cidr(want: Any) -> Test:
    """`cidr: world` (every address of IPv4 or IPv6) or `cidr: private` (RFC 1918, RFC 4193, loopback, link local)."""
    if want == "world":
        return lambda got: isinstance(got, str) and (got in WORLD or got.strip().endswith("/0"))
    if want != "private":
        raise OperatorError("cidr takes world or private")
    return lambda got: isinstance(got, str) and _is_private(got)


def _is_private(text: str) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_network(text, strict=False).is_private
    except ValueError:
        return False


def secret(want: Any) -> Test:
    """`secret: true`: the text holds a credential (linter.text.credential_in)."""
    from linter.text import credential_in

    return lambda got: isinstance(got, str) and (credential_in(got) is not None) is bool(want)


def equals(want: Any) -> Test:
    """`equals: x`, the same as writing x alone."""
    return lambda got: (got.__class__ is want.__class__ and got == want) or equal(want, got)


SCALAR: dict[str, Callable[[Any], Test]] = {
    "equals": equals,
    "one_of": one_of,
    "none_of": none_of,
    "matches": matches,
    "at_least": at_least,
    "at_most": at_most,
    "version": version,
    "cidr": cidr,
    "secret": secret,
}
"""Operators that, on a list, are asked of its elements."""

WHOLE: dict[str, Callable[[Any], Test]] = {
    "contains": contains,
    "contains_any": contains_any,
    "subset_of": subset_of,
    "length": length,
    "empty": empty,
}
"""Operators that are asked of a list or mapping itself."""
