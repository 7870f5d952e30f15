"""TOML 1.0 text → values that know their places, in the shape of `linter.syntax.yaml`: https://toml.io/en/v1.0.0 .

The standard library reads TOML without places and stops at the first error. Here a faulty entry is reported and left
out, and reading goes on with the next line that begins an entry or a table. Dates and times stay text.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from linter.model import Map, Problem, Seq
from linter.syntax.toml_values import StopError, Values
from linter.syntax.yaml import NODE_LIMIT, PROBLEM_LIMIT, Document, Loaded
from linter.trees import put

Key = tuple[str, int, int]
"""One part of a dotted key, and where it stands."""


def load(source_index: int, text: str) -> Loaded:
    """One document with the text's tables in a mapping. Raises nothing."""
    return _Reader(source_index, text).read()


@cache
def _begins() -> re.Pattern[str]:
    """A line that begins a table or an entry."""
    return re.compile(r"^[ \t]*(?=\[|[\w\"'-][^=\n]{0,200}=)", re.M)


class _Reader:
    """trail: the tables from the root to the one at hand, with the key or index each stands under in the one before.
    closed: inline tables and arrays, by id, which nothing may be added to; headed: tables that had their header."""

    __slots__ = ("closed", "headed", "loaded", "root", "source", "text", "trail", "values")

    def __init__(self, source: int, text: str) -> None:
        self.source = source
        self.text = text
        self.loaded = Loaded([], [], [], {})
        self.root = Map((source, 0, len(text)))
        self.trail: list[tuple[Map | Seq, Any]] = [(self.root, None)]
        self.values = Values(source, text)
        self.closed = self.values.closed
        self.headed: set[int] = set()

    def read(self) -> Loaded:
        at, size, problems = 0, len(self.text), self.loaded.problems
        while True:
            at = self.values.blank(at, lines=True)
            if at >= size:
                break
            if len(problems) >= PROBLEM_LIMIT or self.values.nodes > NODE_LIMIT:
                problems.append(Problem("too many problems or values: the rest was not read", at, at))
                break
            try:
                at = self.header(at) if self.text[at] == "[" else self.entry(at)
                at = self.end_of_line(at)
            except StopError as error:
                if self.text[at] == "[":  # what follows belongs to a table that nobody can name
                    self.trail = [(Map((self.source, at, at)), None)]
                at = self.recover(at, error)
        self.loaded.documents.append(Document(self.root, 0, size))
        return self.loaded

    def recover(self, at: int, error: StopError) -> int:
        stop = self.text.find("\n", error.at)
        stop = len(self.text) if stop < 0 else stop
        self.loaded.problems.append(Problem(error.message, error.at, max(stop, error.at)))
        found = _begins().search(self.text, max(stop, at + 1))
        return found.end() if found else len(self.text)

    def end_of_line(self, at: int) -> int:
        at = self.values.blank(at, lines=False)
        if at < len(self.text) and self.text[at] not in "\r\n":
            raise StopError("text after a value" if self.text[at] != "=" else "a second '='", at)
        return at

    def header(self, at: int) -> int:
        many = self.text.startswith("[[", at)
        start = at
        at, parts = self.key(at + 1 + many)
        if not self.text.startswith("]]" if many else "]", at):
            raise StopError("a table's header without its closing bracket", at)
        at += 1 + many
        self.trail = [(self.root, None)]
        for part in parts[:-1]:
            self.step(part, start)
        (self.append if many else self.table)(parts[-1], start)
        self.reach(at)
        return at

    def step(self, part: Key, start: int) -> None:
        """Go down into a table, made where it is not there, or the last of a list of tables."""
        holder, (name, key_start, key_end) = self.here(part), part
        found = holder.get(name)
        if found is None:
            found = Map((self.source, start, key_end))
            put(holder, name, found, (self.source, key_start, key_end, start, key_end))
            self.values.count(key_start)
        self.trail.append((found, name))
        if isinstance(found, Seq) and id(found) not in self.closed and found and isinstance(found[-1], Map):
            self.trail.append((found[-1], len(found) - 1))
        elif not isinstance(found, Map) or id(found) in self.closed:
            raise StopError(f"{name[:60]} is no table that could be added to", key_start)

    def here(self, part: Key) -> Map:
        holder = self.trail[-1][0]
        if not isinstance(holder, Map):
            raise StopError("this is no table", part[1])
        return holder

    def table(self, part: Key, start: int) -> None:
        self.step(part, start)
        found = self.trail[-1][0]
        if id(found) in self.headed or isinstance(self.trail[-1][1], int):
            self.loaded.problems.append(Problem(f"the table {part[0][:60]} is written twice", *part[1:], lossless=True))
        self.headed.add(id(found))

    def append(self, part: Key, start: int) -> None:
        holder, (name, key_start, key_end) = self.here(part), part
        listed = holder.get(name)
        if listed is None:
            listed = Seq((self.source, start, key_end))
            put(holder, name, listed, (self.source, key_start, key_end, start, key_end))
        if not isinstance(listed, Seq) or id(listed) in self.closed:
            raise StopError(f"{name[:60]} is no list of tables", key_start)
        made = Map((self.source, start, key_end))
        listed.append(made)
        listed.at.append((self.source, key_start, key_end, start, key_end))
        self.values.count(key_start)
        self.trail += [(listed, name), (made, len(listed) - 1)]

    def entry(self, at: int) -> int:
        at, parts = self.key(at)
        if not self.text.startswith("=", at):
            raise StopError("a key without '='", at)
        depth = len(self.trail)
        try:
            for part in parts[:-1]:
                self.step(part, part[1])
            holder, (name, key_start, key_end) = self.here(parts[-1]), parts[-1]
            start = self.values.blank(at + 1, lines=False)
            value, end = self.values.value(start, 1)
            if name in holder:
                self.loaded.duplicates.append(Problem(f"the key {name[:60]} is written twice", key_start, key_end))
            put(holder, name, value, (self.source, key_start, key_end, start, end))
            self.reach(end)
        finally:
            del self.trail[depth:]
        return end

    def key(self, at: int) -> tuple[int, list[Key]]:
        """The parts of a dotted key and where what follows it begins."""
        parts = []
        while True:
            at = self.values.blank(at, lines=False)
            name, end = self.values.name(at)
            parts.append((name, at, end))
            at = self.values.blank(end, lines=False)
            if not self.text.startswith(".", at):
                return at, parts
            if len(parts) >= 100:
                raise StopError("a key of more than 100 parts", at)
            at += 1

    def reach(self, end: int) -> None:
        """All tables on the trail extend to here."""
        before: Map | Seq | None = None
        for value, key in self.trail:
            if before is not None:
                source, key_start, key_end, start, _ = before.at[key]
                before.at[key] = (source, key_start, key_end, start, end)
                value.span = (source, value.span[1], end)
            before = value
