"""From an offset in a YAML scalar's value back to the offset in the text it was written in."""

from __future__ import annotations

from bisect import bisect_right

from linter.model import Entry, Source, Span
from linter.syntax.groovy_text import Written

_ESCAPED = {"x": 4, "u": 6, "U": 10}


class Scalar:
    """A string value with the source text of its entry; maps spans of the value to spans of the source.

    Texts that know their places (Groovy's) answer themselves.
    Literal blocks map line by line, flow and folded scalars character by character; where the written form cannot be
    followed (a value that came through an alias or a tag), the whole scalar is the answer.
    """

    __slots__ = ("_columns", "_offsets", "_plain", "_starts", "_values", "end", "source", "start", "value")

    def __init__(self, source: Source, entry: Entry, value: str) -> None:
        self.source = source
        self.start = entry[3]
        self.end = entry[4]
        self.value = value
        same = self.end - self.start == len(value)
        self._plain = same and source.text.startswith(value, self.start)
        self._offsets: list[int] | None = None
        self._starts: list[int] | None = None
        self._columns: list[int] = []
        self._values: list[int] = []

    def span(self, start: int, end: int) -> Span:
        """The source span of value[start:end]."""
        if isinstance(self.value, Written):
            found = self.value.place(start, end)
            return (self.source.index, *found) if found else (self.source.index, self.start, self.end)
        text = self.source.text
        if self._plain:
            return self.source.index, self.start + start, self.start + end
        if text[self.start : self.start + 1] == "|":
            mapped = self._literal(start, end)
        else:
            mapped = self._flow(start, end)
        return (self.source.index, *mapped) if mapped else (self.source.index, self.start, self.end)

    def _literal(self, start: int, end: int) -> tuple[int, int] | None:
        if self._starts is None:
            self._map_lines()
        first = self._at_line(start)
        last = self._at_line(end - 1) if end > start else first
        if first is None or last is None:
            return None
        return first, last + 1 if end > start else last

    def _map_lines(self) -> None:
        text = self.source.text[self.start : self.end]
        header = len(text.split("\n", 1)[0]) + 1
        raw = self.start + header
        position = 0
        self._starts, columns, values = [], [], []
        lines = self.value.split("\n")
        for number, written in enumerate(text[header:].split("\n")):
            if number >= len(lines):
                break
            line = lines[number]
            indent = len(written.rstrip("\r")) - len(line)
            if indent < 0 or not written.startswith(line, indent):
                break
            self._starts.append(position)
            columns.append(raw + indent)
            values.append(len(line))
            position += len(line) + 1
            raw += len(written) + 1
        self._columns, self._values = columns, values

    def _at_line(self, offset: int) -> int | None:
        starts = self._starts or []
        line = bisect_right(starts, offset) - 1
        if line < 0 or offset - starts[line] > self._values[line]:
            return None
        return self._columns[line] + offset - starts[line]

    def _flow(self, start: int, end: int) -> tuple[int, int] | None:
        if self._offsets is None:
            self._offsets = _align(self.source.text, self.start, self.end, self.value)
        offsets = self._offsets
        if end > len(offsets) or start >= len(offsets):
            return None
        return offsets[start], self._after(offsets[end - 1]) if end > start else offsets[start]

    def _after(self, offset: int) -> int:
        """The offset behind the character, or the escape of one, that stands at an offset."""
        text = self.source.text
        style = text[self.start : self.start + 1]
        if style == "'" and text.startswith("''", offset):
            return offset + 2
        return offset + (_escape(text, offset) if style == '"' and text.startswith("\\", offset) else 1)


def _align(text: str, start: int, end: int, value: str) -> list[int]:
    """For every character of the value where it was written; shorter than the value where the two part ways."""
    style = text[start : start + 1]
    position = start
    if style in ("'", '"'):
        position += 1
    elif style == ">":
        position = text.find("\n", start, end) + 1 or end
    offsets: list[int] = []
    for char in value:
        if style == '"':
            position = _continued(text, position, end)
        if char.isspace():
            offsets.append(min(position, end))
            if position < end and text[position] == char:
                position += 1
            elif style == '"' and text[position : position + 1] == "\\":
                position += _escape(text, position)
            continue
        while position < end and text[position].isspace():
            position += 1
        if style == '"' and text[position : position + 1] == "\\":
            position = _continued(text, position, end)
            if text[position : position + 1] == "\\":
                offsets.append(position)
                position += _escape(text, position)
                continue
        if position >= end or text[position] != char:
            return offsets
        offsets.append(position)
        position += 2 if style == "'" and char == "'" else 1
    return offsets


def _continued(text: str, position: int, end: int) -> int:
    """Behind escaped line breaks, which stand for nothing, and the indentation of the lines after them."""
    while text.startswith("\\", position) and text[position + 1 : position + 2] in ("\n", "\r"):
        position += 1
        while position < end and text[position].isspace():
            position += 1
    return position


def _escape(text: str, position: int) -> int:
    return _ESCAPED.get(text[position + 1 : position + 2], 2)
