"""Patterns with possessive repeats of groups, which Python before 3.11.5 gets wrong.

There a repeat such as `(?:ab?c)*+` stands, where its last round fails, at the place that round came to and not at the one
it began at (https://github.com/python/cpython/issues/106052). `(?>(?:ab?c)*)` says the same and is right everywhere; it is
slower, and so is put in its place only where it has to be. Debian 12 has such a Python.
"""

from __future__ import annotations

import re
import sys

BROKEN = sys.version_info < (3, 11, 5)
_QUANTIFIERS = "*+?"


def compiled(source: str, flags: int = 0) -> re.Pattern[str]:
    """`re.compile` of a pattern of ours, none of a file's."""
    return re.compile(atomic(source) if BROKEN else source, flags)


def atomic(source: str) -> str:
    """A pattern with each possessive repeat of a group as an atomic group. source: without re.VERBOSE."""
    parts: list[str] = []
    opened: list[int] = []
    position = 0
    while position < len(source):
        char = source[position]
        end = position + 1
        if char == "\\":
            end += 1
        elif char == "[":
            end = _class_end(source, position)
        elif char == "(":
            opened.append(len(parts))
        parts.append(source[position:end])
        position = end
        if char == ")":
            start = opened.pop()
            length = _quantifier(source, position)
            if length and source[position + length : position + length + 1] == "+":
                parts[start] = f"(?>{parts[start]}"
                parts.append(f"{source[position : position + length]})")
                position += length + 1
    return "".join(parts)


def _class_end(source: str, start: int) -> int:
    """Behind the `]` that closes a set; one right behind its beginning is a character of it."""
    position = start + 1
    position += source.startswith("^", position)
    position += source.startswith("]", position)
    while source[position] != "]":
        position += 2 if source[position] == "\\" else 1
    return position + 1


def _quantifier(source: str, position: int) -> int:
    if source[position : position + 1] in tuple(_QUANTIFIERS):
        return 1
    if source.startswith("{", position):
        return source.index("}", position) + 1 - position
    return 0
