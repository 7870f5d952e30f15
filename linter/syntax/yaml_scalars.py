"""What a plain YAML scalar means: the YAML 1.1 types (as PyYAML's SafeLoader reads them) and the 1.2 core schema.

Encodes https://yaml.org/type/ (1.1: yes/no/on/off, octal, sexagesimal, underscores) and
https://yaml.org/spec/1.2.2/#103-core-schema.
Timestamps stay text in both: no rule computes with them, and text keeps what was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final

NUMBER_LIMIT: Final = 10_000
"""Longest number, in characters, that is converted; reading a number costs more than linear time."""


_WORDS_11: Final[dict[str, Any]] = {
    **{word: True for plain in ("yes", "true", "on") for word in (plain, plain.title(), plain.upper())},
    **{word: False for plain in ("no", "false", "off") for word in (plain, plain.title(), plain.upper())},
    **dict.fromkeys(("~", "null", "Null", "NULL", "")),
}
_WORDS_12: Final[dict[str, Any]] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("~", "null", "Null", "NULL", "")),
}
_MISSING: Final = object()
_NUMERIC_START: Final = frozenset("-+0123456789.")
_NUMERIC: Final = frozenset("0123456789abcdefABCDEFxo_:.+-iInN")
"""The characters of all numbers, infinities and `nan`: what has another one is text, whatever else it looks like."""


def resolver(schema: str | Callable[[str], Any]) -> Callable[[str], Any]:
    """The function from a plain scalar's text to its value; schema is "1.1", "1.2" or such a function itself.

    It returns str, int, float, bool or None, never raises, and leaves numbers it cannot hold as text.
    """
    if not isinstance(schema, str):
        return schema
    return _resolve_12 if schema == "1.2" else _resolve_11


def is_endless_number(text: str) -> bool:
    """Whether a text is longer than a number may be and holds nothing but what numbers are made of."""
    return len(text) > NUMBER_LIMIT and text[0] in _NUMERIC_START and _pattern("endless").fullmatch(text) is not None


def explicit(tag: str, text: str) -> Any:
    """The value of a scalar with a core tag (`int`, `float`, `bool`, `null`, …); text that does not fit stays text.

    Raises ValueError where the text is no value of that type.
    """
    if tag == "null":
        return None
    if tag == "bool":
        word = _WORDS_11.get(text.lower())
        if word is not True and word is not False:
            raise ValueError(text)
        return word
    if tag == "int":
        return _integer_11(text)
    if tag == "float":
        return _float_11(text)
    return text


_PATTERNS = {
    "endless": r"[-+0-9_:.a-fA-FxoEe]+",
    "int 1.1": r"[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+"
    r"|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+",
    "float 1.1": r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
    "int 1.2": r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
    "float 1.2": r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
}


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(_PATTERNS[name])


def _resolve_11(text: str) -> Any:
    word = _WORDS_11.get(text, _MISSING)
    if word is not _MISSING:
        return word
    if text[0] not in _NUMERIC_START or len(text) > NUMBER_LIMIT:
        return text
    return _number(text, "1.1", _integer_11, _float_11)


def _resolve_12(text: str) -> Any:
    word = _WORDS_12.get(text, _MISSING)
    if word is not _MISSING:
        return word
    if text[0] not in _NUMERIC_START or len(text) > NUMBER_LIMIT:
        return text
    return _number(text, "1.2", _integer_12, _float_12)


def _number(text: str, schema: str, integer: Callable[[str], int], floating: Callable[[str], float]) -> Any:
    if not _NUMERIC.issuperset(text):
        return text
    if len(text) < 19 and text.isascii() and text.isdecimal() and (text[0] != "0" or text == "0"):
        return int(text)
    try:
        if _pattern("int " + schema).fullmatch(text):
            return integer(text)
        if _pattern("float " + schema).fullmatch(text):
            return floating(text)
    except (ValueError, OverflowError):
        return text
    return text


def _integer_11(text: str) -> int:
    digits = text.replace("_", "")
    sign = -1 if digits.startswith("-") else 1
    digits = digits.removeprefix("-") if sign < 0 else digits.removeprefix("+")
    if digits.startswith("0b"):
        return sign * int(digits[2:], 2)
    if digits.startswith("0x"):
        return sign * int(digits[2:], 16)
    if digits.startswith("0") and digits != "0":
        return sign * int(digits, 8)
    if ":" in digits:
        value = 0
        for part in digits.split(":"):
            value = value * 60 + int(part)
        return sign * value
    return sign * int(digits)


def _float_11(text: str) -> float:
    digits = text.replace("_", "").lower()
    sign = -1.0 if digits.startswith("-") else 1.0
    digits = digits.removeprefix("-") if sign < 0 else digits.removeprefix("+")
    if digits in (".inf", ".nan"):
        return sign * float(digits[1:])
    if ":" in digits:
        value, base = 0.0, 1
        for part in reversed(digits.split(":")):
            value += float(part) * base
            base *= 60
        return sign * value
    return sign * float(digits)


def _integer_12(text: str) -> int:
    base = {"0o": 8, "0x": 16}.get(text[:2])
    return int(text[2:], base) if base else int(text)


def _float_12(text: str) -> float:
    digits = text.lower()
    return float(digits.replace(".inf", "inf").replace(".nan", "nan"))
