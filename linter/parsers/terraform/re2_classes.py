"""Character classes of RE2 patterns: which characters a step of a match accepts."""

from __future__ import annotations

import unicodedata
from typing import Any

Ranges = tuple[tuple[int, int], ...]

NAMED: dict[str, Ranges] = {
    "alnum": ((48, 57), (65, 90), (97, 122)), "alpha": ((65, 90), (97, 122)), "ascii": ((0, 127),),
    "blank": ((9, 9), (32, 32)), "cntrl": ((0, 31), (127, 127)), "digit": ((48, 57),), "graph": ((33, 126),),
    "lower": ((97, 122),), "print": ((32, 126),), "punct": ((33, 47), (58, 64), (91, 96), (123, 126)),
    "space": ((9, 13), (32, 32)), "upper": ((65, 90),), "word": ((48, 57), (65, 90), (95, 95), (97, 122)),
    "xdigit": ((48, 57), (65, 70), (97, 102)),
}  # fmt: skip
PERL: dict[str, Ranges] = {
    "d": NAMED["digit"],
    "w": NAMED["word"],
    "s": ((9, 10), (12, 13), (32, 32)),
}
ANYTHING: Ranges = ((0, 0x10FFFF),)
_SCRIPTS = {
    "Arabic": "ARABIC ", "Armenian": "ARMENIAN ", "Cyrillic": "CYRILLIC ", "Devanagari": "DEVANAGARI ", "Greek": "GREEK ",
    "Han": "CJK UNIFIED ", "Hangul": "HANGUL ", "Hebrew": "HEBREW ", "Hiragana": "HIRAGANA ", "Katakana": "KATAKANA ",
    "Latin": "LATIN ", "Thai": "THAI ",
}  # fmt: skip
_CATEGORIES = frozenset(
    (
        "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe",
        "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Cs", "Co",
    )
)  # fmt: skip


class Undecided(Exception):
    """A pattern or a text whose match is not computed."""


class Accept:
    """What one step accepts: ranges and properties, each possibly negated, the whole possibly negated or caseless."""

    __slots__ = ("caseless", "memo", "negated", "properties", "ranges")

    def __init__(self, ranges: Any = (), *, negated: bool = False, caseless: bool = False) -> None:
        self.ranges: list[tuple[int, int]] = list(ranges)
        self.properties: list[tuple[bool, Any]] = []
        self.negated = negated
        self.caseless = caseless
        self.memo: dict[str, bool] = {}

    def __call__(self, char: str) -> bool:
        found = self.memo.get(char)
        if found is None:
            forms = folds(char) if self.caseless else (char,)
            found = self.memo[char] = any(map(self._holds, forms)) is not self.negated
        return found

    def _holds(self, char: str) -> bool:
        point = ord(char)
        for low, high in self.ranges:
            if low <= point <= high:
                return True
        return any(_property(what, char) is not negated for negated, what in self.properties)


def _property(what: Any, char: str) -> bool:
    if not isinstance(what, str):
        return any(low <= ord(char) <= high for low, high in what)
    if what == "Any":
        return True
    if what in _CATEGORIES:
        return unicodedata.category(char).startswith(what)
    if char.isascii():
        return what == "Latin" and char.isalpha()
    name = unicodedata.name(char, "")
    known = next((script for script, prefix in _SCRIPTS.items() if name.startswith(prefix)), None)
    if known is None or unicodedata.category(char)[0] != "L":
        raise Undecided
    return known == what


def is_property(name: str) -> bool:
    """Whether \\p{name} can be decided. Raises Undecided for what may be a script."""
    if name == "Any" or name in _CATEGORIES or name in _SCRIPTS:
        return True
    if name[:1].isupper() and len(name) > 2:
        raise Undecided
    return False


def folds(char: str) -> tuple[str, ...]:
    """A character with those that differ from it in case only, where there is one of each."""
    forms = {char, char.lower(), char.upper(), char.title()}
    if char in "kK\u212a":
        forms |= {"k", "K", "\u212a"}
    elif char in "sS\u017f":
        forms |= {"s", "S", "\u017f"}
    elif not char.isascii():
        forms |= {form.lower() for form in forms if len(form) == 1} | {form.upper() for form in forms if len(form) == 1}
    return tuple(form for form in forms if len(form) == 1)
