"""The reader of shell scripts: lists, pipelines and simple commands; compound commands are read by who is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from linter.model import Problem
from linter.records import NamedTuple
from linter.syntax.shell_tokens import COMMENT, OPERATOR, QUOTED, WORD, tokens, unquoted
from linter.syntax.shell_words import MAX_DEPTH, Part, Words, text_of

MAX_COMMANDS = 20_000
_MAX_PROBLEMS = 100
COMPLEX, END = 0, -1
"""Kinds of tokens beside those of shell_tokens: a word that takes more than a pattern, and the end of the text."""
CLOSING = frozenset(("then", "else", "elif", "fi", "do", "done", "esac", "}"))
_SEPARATORS = frozenset(("\n", ";", "&"))
_GOES_ON = frozenset(("&&", "||"))
_PIPES = frozenset(("|", "|&"))
_PREFIXES = frozenset(("!", "time", "coproc"))


class Redirect(NamedTuple):
    """operator: `>`, `>>`, `<`, `<<<`… target: the word behind it. fd: what is redirected as written, mostly ''."""

    operator: str
    target: str
    fd: str


Compound = Callable[["Reader"], None]
TESTED = 10
"""Where a row says whether a failure is asked for; rows are the fields of shell.Command in order."""


class Reader:
    """One pass over a script; rows of `found` are in no order. The current token is what follows what was read."""

    __slots__ = (
        "before", "current", "documents", "end", "expected", "found", "function", "functions", "group", "kind", "match",
        "problems", "start", "stop", "table", "tested", "text", "token", "within", "words",
    )  # fmt: skip

    def __init__(self, text: str, table: Mapping[str, Compound]) -> None:
        self.text = text
        self.table = table
        self.match = tokens().match
        self.end = len(text)
        self.words = Words(text, self)
        self.found: list[list[Any]] = []
        self.problems: list[Problem] = []
        self.functions: set[str] = set()
        self.expected: list[frozenset[str]] = []
        self.documents: list[tuple[list[str], str, bool, bool]] = []
        self.before = self.function = self.token = ""
        self.within: tuple[str, ...] = ()
        self.tested = False
        self.group = self.current = self.start = self.stop = 0
        self.kind = END

    def advance(self, position: int) -> None:
        """Looks at the token that begins at a position."""
        self.look(self.match(self.text, position, self.end))

    def look(self, match: re.Match[str] | None) -> None:
        if match is None:  # the pattern matches everywhere
            raise AssertionError
        kind = match.lastindex
        if kind == COMMENT:
            self.advance(match.end())
            return
        if kind is None:
            self.start = self.stop = match.end()
            self.kind = COMPLEX if self.start < self.end else END
            self.token = ""
        else:
            self.kind = kind
            self.start, self.stop = match.span(kind)
            self.token = match.group(kind)

    def consume(self) -> None:
        """Goes on behind the current operator; behind a line, here-documents that it announced are read."""
        self.before = self.token
        self.advance(self._documents(self.stop) if self.token == "\n" and self.documents else self.stop)

    def newlines(self) -> None:
        while self.kind == OPERATOR and self.token == "\n":
            self.consume()

    def at(self, word: str) -> bool:
        """Whether the current token is this reserved word or operator."""
        return self.token == word and self.kind in (WORD, OPERATOR)

    def expect(self, word: str) -> bool:
        """Goes on behind a reserved word or operator, or tells that it is missing."""
        if self.at(word):
            self.advance(self.stop)
            return True
        self.complain(self.start, min(self.start + 1, self.end), f"`{word}` is missing")
        return False

    def complain(self, start: int, end: int, message: str) -> None:
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(Problem(message, start, end))

    def mark_read(self) -> tuple[int, int]:
        return len(self.found), len(self.problems)

    def forget(self, mark: tuple[int, int]) -> None:
        del self.found[mark[0] :]
        del self.problems[mark[1] :]

    def lists(self, closers: frozenset[str], within: str = "") -> str:
        """Reads commands up to one of these words or operators, which stays the current token; '' if none comes."""
        outer = self.within
        if within:
            self.within = (*outer, within)
        self.expected.append(closers)
        while not self._closed(closers):
            position = self.start
            self.and_or()
            if self.start == position and self.kind != END:
                self.complain(position, position + 1, "not expected here")
                self.advance(max(self.stop, position + 1))
            elif self.kind not in (OPERATOR, END) and not (self.kind == WORD and self.token in CLOSING):
                self.complain(self.start, self.start + 1, "a new command begins with a new line or `;`")
            elif self.token == "(" and self.kind == OPERATOR:
                self.complain(self.start, self.stop, "`(` is not expected here")
        self.expected.pop()
        self.within = outer
        return self.token if self.kind != END and self.token in closers else ""

    def _closed(self, closers: frozenset[str]) -> bool:
        """Skips what separates commands; whether there is no command but what closes this list or one around it."""
        while True:
            kind, token = self.kind, self.token
            if kind == END or len(self.found) >= MAX_COMMANDS:
                self.kind = END
                return True
            if kind == OPERATOR:
                if token in closers:
                    return True
                if token == "(":
                    return False
                if token not in _SEPARATORS:
                    if any(token in each for each in self.expected):
                        return True
                    self.complain(self.start, self.stop, f"`{token}` is not expected here")
                self.consume()
            elif kind == WORD and token in CLOSING:
                if any(token in each for each in self.expected):
                    return True
                self.complain(self.start, self.stop, f"`{token}` is not expected here")
                self.advance(self.stop)
            else:
                return False

    def and_or(self) -> None:
        first = len(self.found)
        while True:
            self._pipeline()
            if self.kind != OPERATOR or self.token not in _GOES_ON:
                return
            self.mark(first)
            first = len(self.found)
            self._goes_on()

    def _goes_on(self) -> None:
        """Goes on behind an operator that another command must follow, on a later line maybe."""
        start, stop, token = self.start, self.stop, self.token
        self.consume()
        self.newlines()
        if self.kind == END or (self.kind == OPERATOR and self.token != "("):
            self.complain(start, stop, f"no command follows `{token}`")

    def mark(self, first: int) -> None:
        """Says of what was found from there on that a failure of it is asked for."""
        for row in self.found[first:]:
            row[TESTED] = True

    def _pipeline(self) -> None:
        group, first, negated = self.group, len(self.found), False
        self.group += 1
        while True:
            while self.kind == WORD and self.token in _PREFIXES:
                negated = negated or self.token == "!"
                timed = self.token == "time"
                self.advance(self.stop)
                if timed and self.at("-p"):
                    self.advance(self.stop)
            self.current = group
            self.command()
            if self.kind != OPERATOR or self.token not in _PIPES:
                break
            self._goes_on()
        if negated:
            self.mark(first)

    def command(self) -> None:
        """Reads one command, simple or compound."""
        read = self.table.get(self.token) if self.kind in (WORD, OPERATOR) else None
        if read is not None and self.words.depth >= MAX_DEPTH:
            self.complain(self.start, self.stop, "nested too deep")
            read = None
        (read or self.table[""])(self)

    def emit(self, row: list[Any]) -> None:
        """Keeps a command; the row lacks what the place it stands at says of it."""
        row += (self.tested, self.within, self.function, False)
        self.found.append(row)

    def here(self) -> tuple[str, int]:
        """The value of the word that the current token begins, and where it ends; -1 if it is none."""
        kind = self.kind
        if kind == WORD:
            return self.token, self.stop
        if kind == QUOTED:
            return unquoted(self.token), self.stop
        if kind == COMPLEX:
            parts: list[Part] = []
            start = self.start
            stop = self.words.word(start, parts)
            if stop > start:
                return text_of(parts), stop
        return "", -1

    def word(self) -> str | None:
        """Reads a word and goes on behind it; None if there is none."""
        value, stop = self.here()
        if stop < 0:
            return None
        self.advance(stop)
        return value

    def _documents(self, position: int) -> int:
        """Reads the here-documents that begin at a position; where the last one ends."""
        documents, self.documents = self.documents, []
        for bodies, tag, indented, quoted in documents:
            start = position
            stop, position = _document_end(self.text, start, self.end, tag, indented)
            bodies[bodies.index("")] = self.text[start:stop] or "\n"
            if not quoted:
                self._expand(start, stop)
        return position

    def _expand(self, start: int, stop: int) -> None:
        """Reads what is substituted in a here-document."""
        body = self.text[start:stop]
        if "`" in body or "$(" in body or "${" in body:
            kept, before = self.end, self.before
            self.end = self.words.end = stop
            self.words.double(start, [])
            self.end = self.words.end = kept
            self.before = before

    def substitution(self, start: int) -> int:
        if self.words.depth >= MAX_DEPTH:
            return start
        kept = self.before, self.documents, self.within
        self.before, self.documents, self.within = "", [], (*self.within, "substitution")
        self.words.depth += 1
        self.advance(start)
        if self.lists(_PARENTHESIS):
            stop = self.stop
        else:
            self.complain(max(start - 2, 0), start, "`)` is missing")
            stop = self.end
        self.words.depth -= 1
        pending = self.documents
        self.before, self.documents, self.within = kept
        self.documents += pending
        return stop

    def ticks(self, start: int, end: int) -> None:
        """Backslashes before ``$ ` \\`` are removed first; where there are any, offsets are those of the whole."""
        if self.words.depth >= MAX_DEPTH:
            return
        inner = Reader(_ticked().sub(r"\1", self.text[start:end]), self.table)
        inner.words.depth = self.words.depth + 1
        inner.within, inner.function, inner.tested = (*self.within, "substitution"), self.function, self.tested
        inner.group = self.group
        inner.advance(0)
        inner.lists(frozenset())
        exact = len(inner.text) == end - start
        for row in sorted(inner.found, key=lambda row: row[2]):
            row[1] = [(start + first, start + last) if exact else (start, end) for first, last in row[1]]
            row[2:4] = (start + row[2], start + row[3]) if exact else (start, end)
            self.found.append(row)
        for each in inner.problems:
            self.complain(start, end, each.message)
        self.functions |= inner.functions
        self.group = inner.group


_PARENTHESIS = frozenset((")",))


@cache
def _ticked() -> re.Pattern[str]:
    return re.compile(r"\\([$`\\])")


def _document_end(text: str, position: int, end: int, tag: str, indented: bool) -> tuple[int, int]:
    """Where a here-document's text ends, and where its last line does."""
    while position < end:
        newline = text.find("\n", position, end)
        stop = newline if newline >= 0 else end
        line = text[position:stop].rstrip("\r")
        if (line.lstrip("\t") if indented else line) == tag:
            return position, min(stop + 1, end)
        position = stop + 1
    return end, end
