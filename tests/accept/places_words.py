"""Spans of files that have no grammar in Python worth a parser: Groovy by Pygments' tokens, lists of words by their blanks."""

from __future__ import annotations

import re
from collections.abc import Callable

from pygments.lexers.jvm import GroovyLexer

_BRACKETS = {"(": ")", "[": "]", "{": "}"}


def words_checker(text: str) -> Callable[[int, int], bool]:
    """One or more whole words of one line: CODEOWNERS, requirements."""
    words = [match.span() for match in re.finditer(r"\S+", text)]
    starts, ends = {start for start, _ in words}, {end for _, end in words}
    return lambda start, end: start in starts and end in ends and "\n" not in text[start:end]


def groovy_checker(text: str) -> Callable[[int, int], bool]:
    """Whole tokens with their brackets closed; in a string whole words, also of several lines."""
    tokens = [(at, at + len(value)) for at, _, value in GroovyLexer().get_tokens_unprocessed(text) if value.strip()]
    strings = [span for span in tokens if text[span[0]] in "\"'" and span[1] - span[0] > 1]
    starts, ends = {start for start, _ in tokens}, {end for _, end in tokens}

    def accepts(start: int, end: int) -> bool:
        for first, last in strings:
            if first < start and end < last:
                return _words(text, start, end)
        return start in starts and end in ends and _closed(text[start:end])

    return accepts


def _words(text: str, start: int, end: int) -> bool:
    piece = text[start:end]
    if piece != piece.strip() or not piece:
        return False
    return not any(re.fullmatch(r"[\w$-]{2}", text[cut - 1 : cut + 1]) for cut in (start, end))


def _closed(piece: str) -> bool:
    waiting: list[str] = []
    for char in re.sub(r"'[^'\n]*'|\"[^\"\n]*\"", "", piece):
        if char in _BRACKETS:
            waiting.append(_BRACKETS[char])
        elif char in ")]}" and (not waiting or waiting.pop() != char):
            return False
    return not waiting
