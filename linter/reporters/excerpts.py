"""Pieces of scanned text fit to be shown: redacted, made safe, the span still at the same characters."""

from __future__ import annotations

from typing import NamedTuple

from linter.model import Place, Source
from linter.text import redact, safe_text

_AROUND = 2_000
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
    start = min(place.start_column - 1, len(line))
    end = place.end_column - 1 if place.end_line == place.start_line else len(line)
    end = min(max(end, start + 1), len(line)) if line else 0
    if not line.strip():
        return None
    return _safe(_redacted(_untabbed(_cut(Excerpt(line, min(start, max(end - 1, 0)), end)))))


def visible(text: str) -> str:
    """Scanned text of one or more lines for a machine-read log: redacted, line breaks and tabs kept, the rest safe."""
    shown = redact(text)
    if shown.isascii() and shown.isprintable():
        return safe_text(shown)
    lines = shown.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("\t".join(map(safe_text, line.split("\t"))) for line in lines)


def utf16_column(source: Source | None, line: int, column: int) -> int:
    """A column in UTF-16 code units, as SARIF's `utf16CodeUnits` counts, of one in code points."""
    if source is None or source.text.isascii() or not 1 <= line <= len(source.starts):
        return column
    return column + sum(1 for char in source.line(line)[: column - 1] if char > "\uffff")


def _cut(whole: Excerpt) -> Excerpt:
    """Lines may be megabytes long: what is far from the span goes before anything else looks at it."""
    text, start, end = whole
    if len(text) <= 2 * _AROUND:
        return whole
    first = max(0, start - _AROUND)
    end = min(end, start + _AROUND)
    return Excerpt(text[first : end + _AROUND], start - first, end - first)


def _untabbed(whole: Excerpt) -> Excerpt:
    text, start, end = whole
    if "\t" not in text:
        return whole
    grow = len(_TAB) - 1
    start, end = start + grow * text.count("\t", 0, start), end + grow * text.count("\t", 0, end)
    return Excerpt(text.replace("\t", _TAB), start, end)


def _redacted(whole: Excerpt) -> Excerpt:
    """What the redactor leaves; a span that touched a secret grows to what stands in the secret's place."""
    text, start, end = whole
    shown = redact(text)
    if len(shown) == len(text):
        return Excerpt(shown, start, end)
    same = _common_prefix(text, shown)
    tail = _common_prefix(text[same:][::-1], shown[same:][::-1])
    if start > same:
        start = start - len(text) + len(shown) if start >= len(text) - tail else same
    if end > same:
        end = end - len(text) + len(shown) if end >= len(text) - tail else len(shown) - tail
    return Excerpt(shown, start, max(end, min(start + 1, len(shown))))


def _common_prefix(one: str, other: str) -> int:
    for index, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return index
    return min(len(one), len(other))


def _safe(whole: Excerpt) -> Excerpt:
    text, start, end = whole
    shown = safe_text(text)
    if shown == text:
        return whole
    return Excerpt(shown, len(safe_text(text[:start])), len(safe_text(text[:end])))


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


def snippet(source: Source | None, place: Place) -> str:
    """A place's own text, redacted with its lines around it in view; '' where there is none."""
    first, last = place.start_line, place.end_line
    if source is None or not 1 <= first <= last <= len(source.starts):
        return ""
    start, end = source.starts[first - 1], source.starts[last - 1]
    begin = start + min(place.start_column - 1, len(source.line(first)))
    stop = end + min(place.end_column - 1, len(source.line(last)))
    edge = min(end + len(source.line(last)), stop + _AROUND)
    near = max(start, begin - _AROUND)
    text, left, right = _redacted(Excerpt(source.text[near:edge], begin - near, max(stop, begin + 1) - near))
    return visible(text[left : min(right, left + _AROUND)]) if stop > begin else ""


def context(source: Source | None, place: Place) -> tuple[int, int, str] | None:
    """(first line, last line, text) one line around a place; None where that would be no more than the place itself."""
    if source is None or not 1 <= place.start_line <= place.end_line <= len(source.starts):
        return None
    total = len(source.starts)
    if total > 1 and source.starts[-1] == len(source.text):
        total -= 1
    first, last = max(1, place.start_line - 1), min(total, place.end_line + 1)
    last = max(last, place.end_line)
    alone = place.start_column <= 1 and place.end_column > len(source.line(place.end_line))
    if first == place.start_line and last == place.end_line and alone:
        return None
    begin, end = source.starts[first - 1], source.starts[last - 1] + len(source.line(last))
    if end - begin > 2 * _AROUND:
        return None
    return first, last, visible(source.text[begin:end])
