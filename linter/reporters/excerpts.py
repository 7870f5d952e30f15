"""Pieces of scanned text fit to be shown: redacted, made safe, the span still at the same characters."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from linter.model import Place, Source
from linter.records import NamedTuple
from linter.text import find_secrets, redact, safe_text

_AROUND = 2_000
_LINES_BEFORE = 4
_KEY_SPAN = 16_384
_KEPT = 4
_WHOLE = 65_536
"""Up to this length a text is searched for secrets as a whole; of longer ones what lies around a place."""
_TAB = "    "


class Excerpt(NamedTuple):
    """One line to show and the half-open range of its characters that is meant."""

    text: str
    start: int
    end: int


def excerpt(source: Source | None, place: Place) -> Excerpt | None:
    """The first line of a place as a person may see it, tabs as four blanks. None where there is nothing to show."""
    if source is None or not 1 <= place.start_line <= len(source.starts):
        return None
    line = source.line(place.start_line)
    if not line.strip():
        return None
    first = source.starts[place.start_line - 1]
    last = first + len(line)
    start = min(first + place.start_column - 1, last - 1)
    end = first + place.end_column - 1 if place.end_line == place.start_line else last
    end = min(max(end, start + 1), last, start + _AROUND)
    return _safe(_untabbed(_redacted(source, max(first, start - _AROUND), min(last, end + _AROUND), start, end)))


def snippet(source: Source | None, place: Place) -> str:
    """A place's own text, at most 2,000 characters of it, redacted; '' where there is none."""
    if source is None or not 1 <= place.start_line <= place.end_line <= len(source.starts):
        return ""
    start = _offset(source, place.start_line, place.start_column)
    end = min(_offset(source, place.end_line, place.end_column), start + _AROUND)
    return _printable(_redacted(source, start, end, start, end).text) if end > start else ""


def context(source: Source | None, place: Place) -> tuple[int, int, str] | None:
    """(first line, last line, text) one line around a place; None where that would be no more than the place itself."""
    if source is None or not 1 <= place.start_line <= place.end_line <= len(source.starts):
        return None
    total = len(source.starts)
    if total > 1 and source.starts[-1] == len(source.text):
        total -= 1
    first, last = max(1, place.start_line - 1), max(min(total, place.end_line + 1), place.end_line)
    alone = place.start_column <= 1 and place.end_column > len(source.line(place.end_line))
    begin, end = source.starts[first - 1], source.starts[last - 1] + len(source.line(last))
    if end - begin > 2 * _AROUND or (first == place.start_line and last == place.end_line and alone):
        return None
    return first, last, _printable(_redacted(source, begin, end, begin, end).text)


def visible(text: str) -> str:
    """Scanned text of one or more lines for a machine-read log: redacted, line breaks and tabs kept, the rest safe."""
    return _printable(redact(text))


def utf16_column(source: Source | None, line: int, column: int) -> int:
    """A column in UTF-16 code units, as SARIF's `utf16CodeUnits` counts, of one in code points."""
    if source is None or source.text.isascii() or not 1 <= line <= len(source.starts):
        return column
    return column + sum(1 for char in source.line(line)[: column - 1] if char > "\uffff")


def cells(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def fit(whole: Excerpt, room: int) -> Excerpt:
    """The part of a line around its span that fits into so many columns, with dots where something was left out."""
    text, start, end = whole
    if cells(text) <= room:
        return whole
    room = max(room - 6, 10)
    first = max(0, min(start - room // 4, len(text) - room))
    last = first
    used = 0
    while last < len(text) and used < room:
        used += cells(text[last])
        last += 1
    before, after = "..." if first else "", "..." if last < len(text) else ""
    shift = len(before) - first
    return Excerpt(before + text[first:last] + after, start + shift, min(end, last) + shift)


def _offset(source: Source, line: int, column: int) -> int:
    return source.starts[line - 1] + min(column - 1, len(source.line(line)))


def _redacted(source: Source, begin: int, end: int, start: int, stop: int) -> Excerpt:
    """text[begin:end] without secrets, and where start and stop come to lie in it.

    A secret is known by what stands before it: a name on the same line or a few lines up, a key's header far above.
    """
    secrets = list(_secrets(source, begin, end))
    if not secrets:
        mark = min(start, end) - begin
        return Excerpt(source.text[begin:end], mark, max(min(stop, end) - begin, mark))
    pieces: list[str] = []
    done, length, marks = begin, 0, [0, 0]
    for first, last, kept in (*secrets, (end, end, 0)):
        mask = source.text[first : first + kept] + "…" if last > first else ""
        for index, mark in enumerate((start, stop)):
            if done <= mark <= first:
                marks[index] = length + mark - done
            elif first < mark:
                marks[index] = length + first - done + (len(mask) if index else 0)
        pieces += (source.text[done:first], mask)
        length += first - done + len(mask)
        done = last
    return Excerpt("".join(pieces), marks[0], max(marks[1], marks[0]))


def _secrets(source: Source, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Secrets that reach into text[begin:end], cut to it, each with how many of its first characters may be shown."""
    text = source.text
    if len(text) <= _WHOLE:
        yield from _cut(_found(text), 0, begin, end)
        return
    line = source.position(begin)[0]
    low = max(source.starts[max(0, line - 1 - _LINES_BEFORE)], begin - _AROUND)
    if text.find("PRIVATE KEY", max(0, begin - _KEY_SPAN), end) >= 0:
        low = max(0, begin - _KEY_SPAN - 100)
    below = source.starts[min(source.position(end)[0] + 1, len(source.starts) - 1)]
    high = max(end, min(below, end + _AROUND))
    yield from _cut(find_secrets(text[low:high]), low, begin, end)


@lru_cache(maxsize=64)
def _found(text: str) -> list[tuple[int, int, str]]:
    """The secrets of a whole text, once for all that is shown of it."""
    return find_secrets(text)


def _cut(found: list[tuple[int, int, str]], low: int, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    for first, last, _ in found:
        kept = 0 if first + low < begin else min(_KEPT, (last - first) // 4)
        first, last = max(first + low, begin), min(last + low, end)
        if first < last:
            yield first, last, min(kept, last - first)


def _untabbed(whole: Excerpt) -> Excerpt:
    text, start, end = whole
    if "\t" not in text:
        return whole
    grow = len(_TAB) - 1
    start, end = start + grow * text.count("\t", 0, start), end + grow * text.count("\t", 0, end)
    return Excerpt(text.replace("\t", _TAB), start, end)


def _safe(whole: Excerpt) -> Excerpt:
    text, start, end = whole
    shown = safe_text(text)
    if shown == text:
        return whole
    return Excerpt(shown, len(safe_text(text[:start])), len(safe_text(text[:end])))


def _printable(text: str) -> str:
    if text.isascii() and text.isprintable():
        return safe_text(text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("\t".join(map(safe_text, line.split("\t"))) for line in lines)
