"""Grapheme clusters: what Terraform counts as the characters of a string.

Encodes Unicode Standard Annex #29, "Grapheme Cluster Boundary Rules", with the properties that Python's `unicodedata`
knows; Extended_Pictographic is taken from the blocks that hold such symbols.
"""

from __future__ import annotations

import unicodedata

_PREPENDED = frozenset(map(chr, (0x600, 0x601, 0x602, 0x603, 0x604, 0x605, 0x6DD, 0x70F, 0x8E2, 0x110BD, 0x110CD)))
_SPACING = frozenset("\u0e33\u0eb3")
_PICTURES = (
    (0x1F000, 0x1FAFF),
    (0x2600, 0x27BF),
    (0x2190, 0x21FF),
    (0x2300, 0x23FF),
    (0x2900, 0x297F),
    (0x2B00, 0x2BFF),
)
_LONE_PICTURES = frozenset(
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u24c2\u25aa\u25ab\u25b6\u25c0\u25fb\u25fc\u25fd\u25fe\u3030\u303d\u3297\u3299"
)


def clusters(text: str) -> list[str]:
    """The text cut at the boundaries of its grapheme clusters."""
    found: list[str] = []
    start = flags = 0
    picture = False
    previous = ""
    for at, char in enumerate(text):
        kind = _kind(char)
        if at and not _joined(previous, kind, flags, picture):
            found.append(text[start:at])
            start, flags, picture = at, 0, False
        flags = flags + 1 if kind == "flag" else 0
        picture = kind == "picture" or (picture and (kind == "extend" or kind == "joiner"))
        previous = kind
    if text:
        found.append(text[start:])
    return found


def _joined(before: str, after: str, flags: int, picture: bool) -> bool:
    if before == "\r":
        return after == "\n"
    if before in ("\n", "control") or after in ("\r", "\n", "control"):
        return False
    if after in ("extend", "joiner", "spacing") or before == "prepend":
        return True
    if before == "joiner" and after == "picture":
        return picture
    if before == "flag" and after == "flag":
        return flags % 2 == 1
    return (
        (before == "L" and after in ("L", "V", "LV", "LVT"))
        or (before in ("LV", "V") and after in ("V", "T"))
        or (before in ("LVT", "T") and after == "T")
    )


def _kind(char: str) -> str:
    point = ord(char)
    if char in "\r\n":
        return char
    if point < 0x300:
        return "control" if point < 0x20 or 0x7F <= point < 0xA0 or point == 0xAD else "picture" if char in "©®" else ""
    if char == "\u200d":
        return "joiner"
    if 0x1F1E6 <= point <= 0x1F1FF:
        return "flag"
    if 0x1100 <= point < 0x1200 or 0xA960 <= point < 0xA980 or 0xAC00 <= point < 0xD800:
        return _hangul(point)
    if char in _PREPENDED:
        return "prepend"
    category = unicodedata.category(char)
    if category in ("Mn", "Me") or char == "\u200c" or 0x1F3FB <= point <= 0x1F3FF or 0xE0020 <= point < 0xE0080:
        return "extend"
    if category == "Mc" or char in _SPACING:
        return "spacing"
    if category in ("Cc", "Cf", "Zl", "Zp", "Cs"):
        return "control"
    pictures = char in _LONE_PICTURES or any(low <= point <= high for low, high in _PICTURES)
    return "picture" if pictures and category in ("So", "Sm", "Cn", "Po", "Pd") else ""


def _hangul(point: int) -> str:
    if point < 0x1160 or 0xA960 <= point < 0xA97D:
        return "L"
    if point < 0x11A8 or 0xD7B0 <= point < 0xD7C7:
        return "V"
    if point < 0x1200 or 0xD7CB <= point < 0xD800:
        return "T"
    return "LV" if (point - 0xAC00) % 28 == 0 else "LVT" if point < 0xD7A4 else ""
