"""Words of the shell, part by part; see shell_tokens for the grammar they follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from linter.records import NamedTuple
from linter.syntax.shell_tokens import (
    ansi_quoted,
    ansi_text,
    array_start,
    in_arithmetic,
    in_braces,
    in_double,
    pieces,
    single_quoted,
    tick_end,
)

MAX_DEPTH = 40
"""How deep substitutions and compound commands are read."""
_MAX_UNENDED = 3
"""How often `((` is looked at as arithmetic in vain because nothing ends it; each time is a pass over the text."""


class Part(NamedTuple):
    """A piece of a word. text: its value, quotes removed; of what the shell computes, as written.

    kind: literal (not quoted), single, double (text in quotes), parameter, command, arithmetic, process, glob, array,
    expression (`${{ }}`). quoted: within double quotes, so that the shell splits nothing.
    """

    kind: str
    text: str
    start: int
    end: int
    quoted: bool


class Nested(Protocol):
    """Who reads what stands in a substitution. Both answer where it ends, behind what closes it."""

    def substitution(self, start: int) -> int:
        """Reads commands up to `)`."""

    def ticks(self, start: int, end: int) -> None:
        """Reads the commands between backquotes."""

    def complain(self, start: int, end: int, message: str) -> None:
        """Takes what is wrong."""

    def mark_read(self) -> tuple[int, int]:
        """What `forget` needs to drop what is read from now on."""

    def forget(self, mark: tuple[int, int]) -> None:
        """Drops what was read in vain."""


_ESCAPED = frozenset('"\\$`')


class Words:
    """Reads words of a text; what stands in substitutions is read by whoever made it."""

    __slots__ = ("_none", "_unended", "depth", "end", "nested", "text")

    def __init__(self, text: str, nested: Nested) -> None:
        self.text = text
        self.end = len(text)
        self.nested = nested
        self.depth = 0
        self._none: set[int] = set()
        self._unended = 0

    def word(self, position: int, parts: list[Part]) -> int:
        """Adds the parts of the word that begins at a position; where it ends, the position itself if there is none."""
        text, end, pattern = self.text, self.end, pieces()
        first = position
        while position < end:
            match = pattern.match(text, position, end)
            if match is None:
                break
            kind, stop = match.lastgroup, match.end()
            if kind == "literal":
                parts.append(Part("literal", match.group(), position, stop, False))
            elif kind == "single":
                quoted = single_quoted().match(text, position, end)
                close = quoted.end() - 1 if quoted else self._unclosed(position, "'")
                parts.append(Part("single", text[stop:close], position, min(close + 1, end), False))
                stop = min(close + 1, end)
            elif kind == "double":
                stop = self.double(stop, parts, position)
            elif kind == "escape":
                written = match.group()[1:]
                if not written.endswith("\n"):
                    parts.append(Part("single", written, position, stop, False))
            elif kind == "ansi":
                stop = self._ansi(position, parts)
            elif kind == "paren":
                if not self._may_open(text, first, position):
                    break
                stop = self._parenthesis(position, parts)
            else:
                stop = self._computed(kind or "", position, stop, parts, False)
            position = stop
        return position

    def _unclosed(self, start: int, quote: str) -> int:
        """Where a quote that nothing closes is taken to end: with its line, so that the next ones are still seen."""
        self.nested.complain(start, start + 1, f"{quote} is not closed")
        newline = self.text.find("\n", start, self.end)
        return newline if newline >= 0 else self.end

    def double(self, position: int, parts: list[Part], opened: int = -1) -> int:
        """Adds what stands between double quotes, from behind the first; where the closing one ends.

        opened: where the quote is; -1: a here-document, which only its end closes.
        """
        text, end, pattern = self.text, self.end, in_double()
        count, begin = len(parts), position
        if opened >= 0 and text.find('"', position, end) < 0:
            end = self._unclosed(opened, '"')
        while position < end:
            match = pattern.match(text, position, end)
            if match is None:
                break
            kind, stop = match.lastgroup, match.end()
            if kind == "quote":
                if opened >= 0:
                    if len(parts) == count:
                        parts.append(Part("double", "", begin, begin, True))
                    return stop
                parts.append(Part("double", '"', position, stop, True))
            elif kind == "literal":
                parts.append(Part("double", match.group(), position, stop, True))
            elif kind == "escape":
                written = match.group()[1:]
                if not written.endswith("\n"):
                    value = written if written in _ESCAPED else match.group()
                    parts.append(Part("double", value, position, stop, True))
            else:
                stop = self._computed(kind or "", position, stop, parts, True)
            position = stop
        if opened >= 0 and end == self.end:
            self.nested.complain(opened, opened + 1, '" is not closed')
        return min(position, self.end)

    def _ansi(self, position: int, parts: list[Part]) -> int:
        match = ansi_quoted().match(self.text, position, self.end)
        if match is None:
            stop = self._unclosed(position, "'")
            parts.append(Part("single", self.text[position + 2 : stop], position, stop, False))
            return stop
        parts.append(Part("single", ansi_text(match.group(1)), position, match.end(), False))
        return match.end()

    def _computed(self, kind: str, start: int, stop: int, parts: list[Part], quoted: bool) -> int:
        text = self.text
        if kind == "arithmetic":
            close = self.arithmetic(stop)
            kind, stop = ("arithmetic", close) if close >= 0 else ("command", self.nested.substitution(start + 2))
        elif kind in ("command", "process"):
            stop = self.nested.substitution(stop)
        elif kind == "parameter":
            stop = self._deeper(self._braces, stop, quoted, start)
        elif kind == "name":
            kind = "parameter"
        elif kind == "tick":
            kind, stop = "command", self._ticks(start, stop)
        elif kind == "open":
            kind, stop = "expression", self._open(start)
        elif kind == "old":
            close = text.find("]", stop, self.end)
            kind, stop = ("arithmetic", close + 1) if close >= 0 else ("literal", stop)
        elif kind == "dollar":
            kind = "double" if quoted else "literal"
        parts.append(Part(kind, text[start:stop], start, stop, quoted))
        return stop

    def _deeper(self, read: Callable[..., int], position: int, *given: object) -> int:
        """What reads a part that may hold others of its kind; too deep, only what opens it is read."""
        if self.depth >= MAX_DEPTH:
            return position
        self.depth += 1
        position = read(position, *given)
        self.depth -= 1
        return position

    def _open(self, start: int) -> int:
        close = self.text.find("}}", start, self.end)
        if close < 0:
            self.nested.complain(start, start + 3, "${{ is not closed")
        return close + 2 if close >= 0 else self.end

    def _ticks(self, start: int, position: int) -> int:
        match = tick_end().match(self.text, position, self.end)
        close = match.end() if match else self.end
        if close >= self.end:
            self.nested.complain(start, start + 1, "` is not closed")
        self.nested.ticks(position, close)
        return min(close + 1, self.end)

    def arithmetic(self, position: int) -> int:
        """Where `((…))` ends whose text begins at a position; -1 if it is none. Commands in it are read."""
        if position in self._none:
            return -1
        text, end, pattern, depth, begin = self.text, self.end, in_arithmetic(), 0, position
        undo = self.nested.mark_read()
        while position < end and self._unended < _MAX_UNENDED:
            match = pattern.match(text, position, end)
            if match is None:
                break
            token, position = match.group(), match.end()
            if token == "(":
                depth += 1
            elif token == ")":
                if depth == 0:
                    if text.startswith(")", position):
                        return position + 1
                    self._none.add(begin)
                    self.nested.forget(undo)
                    return -1
                depth -= 1
            elif token == "$(":
                position = self.nested.substitution(position)
            elif token == "$((":
                depth += 2
        self._unended += 1
        if self._unended <= _MAX_UNENDED:
            self.nested.forget(undo)
            position = begin
        return self._unclosed(position, "((")

    def _braces(self, position: int, quoted: bool, opened: int) -> int:
        """Where `${…}` ends; words in it are read for their commands."""
        text, pattern, depth = self.text, in_braces(), 1
        ignored: list[Part] = []
        while position < self.end:
            match = pattern.match(text, position, self.end)
            if match is None:
                break
            token, stop = match.group(), match.end()
            if token == "}":
                depth -= 1
                if depth == 0:
                    return stop
            elif token == "${":
                depth += 1
            elif token == "'" and not quoted:
                close = text.find("'", stop, self.end)
                stop = close + 1 if close >= 0 else self.end
            elif token == '"':
                stop = self.double(stop, ignored, position)
            elif token == "$'":
                stop = self._ansi(position, ignored)
            elif token == "`":
                stop = self._ticks(position, stop)
            elif token == "$((":
                stop = self._computed("arithmetic", position, stop, ignored, quoted)
            elif token == "$(" or (token in ("<(", ">(") and not quoted):
                stop = self.nested.substitution(stop)
            position = stop
        self.nested.complain(opened, opened + 2, "${ is not closed")
        return self.end

    def _may_open(self, text: str, first: int, position: int) -> bool:
        if position == first:
            return False
        return text[position - 1] in "?*+@!" or (
            text[position - 1] == "=" and array_start().match(text, first, position) is not None
        )

    def _parenthesis(self, position: int, parts: list[Part]) -> int:
        """An extended glob or the values of an array, both up to the parenthesis that closes it."""
        array = self.text[position - 1] == "="
        stop = self._deeper(self.array if array else self._glob, position + 1)
        parts.append(Part("array" if array else "glob", self.text[position:stop], position, stop, False))
        return stop

    def _glob(self, position: int) -> int:
        depth, ignored = 1, list[Part]()
        while position < self.end:
            char = self.text[position]
            if char == ")":
                depth -= 1
                position += 1
                if depth == 0:
                    return position
            elif char in "(| \t\n;&<>":
                depth += char == "("
                position += 1
            else:
                position = max(self.word(position, ignored), position + 1)
        return position

    def array(self, position: int) -> int:
        """Where `(a b c)` ends, from behind the parenthesis; comments may stand in it."""
        ignored: list[Part] = []
        while position < self.end:
            char = self.text[position]
            if char == ")":
                return position + 1
            if char in " \t\r\n":
                position += 1
            elif char == "#":
                newline = self.text.find("\n", position, self.end)
                position = newline if newline >= 0 else self.end
            else:
                position = max(self.word(position, ignored), position + 1)
        return position


def text_of(parts: list[Part]) -> str:
    """The value of a word, substitutions as written."""
    return parts[0].text if len(parts) == 1 else "".join([part.text for part in parts])
