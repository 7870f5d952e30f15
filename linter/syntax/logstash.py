"""Logstash's pipeline configuration → plugins with their settings and the conditions they stand under.

https://www.elastic.co/docs/reference/logstash/configuration-file-structure : sections `input`, `filter` and `output` of
plugins and branches. A plugin's string is taken as it is written, since escapes are off by default (config.support_escapes).
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from linter.model import Entry, Map, Problem, Seq
from linter.syntax.toml_values import StopError
from linter.syntax.yaml import DEPTH_LIMIT, NODE_LIMIT, PROBLEM_LIMIT, Document, Loaded
from linter.syntax.yaml_scalars import NUMBER_LIMIT
from linter.trees import put

SECTIONS = ("input", "filter", "output")
_CONDITION_LIMIT = 4_000


@cache
def _pattern(name: str) -> re.Pattern[str]:
    quoted = r'"[^"\\]*(?:\\.[^"\\]*)*"' + r"|'[^']*'"
    return re.compile({
        "blank": r"(?:[ \t\r\n]|\#[^\n]*)*",
        "section": r"(input|filter|output)(?:[ \t\r\n]|\#[^\n]*)*\{",
        "branch": r"(if|else(?:[ \t\r\n]|\#[^\n]*)+if|else)(?![\w-])",
        "name": rf"([A-Za-z0-9_@.-]+)|({quoted})",
        "arrow": r"=>|:",
        "quoted": quoted,
        "number": r"-?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?(?![\w.:/-])",
        "word": r"[A-Za-z_][\w.-]*",
        "condition": rf"[^{{}}\"'/#]+|{quoted}|/(?:[^/\\\n]|\\.)*/|\#[^\n]*|/",
        "restart": r"^(?:input|filter|output)[ \t]*\{?",
    }[name], re.S | re.M if name == "restart" else re.S)  # fmt: skip


def load(source_index: int, text: str) -> Loaded:
    """One mapping of section → plugins: each a mapping of `plugin`, `settings` and `when`, the conditions above it,
    outermost first (`else` where it is the other way). Raises nothing; what follows a fault is left out up to the next section."""
    return _Reader(source_index, text).read()


class _Reader:
    """when: the conditions around what is read, one for each open branch."""

    __slots__ = ("loaded", "nodes", "root", "source", "text", "when")

    def __init__(self, source: int, text: str) -> None:
        self.source = source
        self.text = text
        self.loaded = Loaded([], [], [], {})
        self.root = Map((source, 0, len(text)))
        self.when: list[tuple[str, int, int]] = []
        self.nodes = 0

    def read(self) -> Loaded:
        at, size, problems = self.blank(0), len(self.text), self.loaded.problems
        while at < size:
            if len(problems) >= PROBLEM_LIMIT:
                problems.append(Problem("too many problems: the rest was not read", at, at))
                break
            try:
                at = self.blank(self.section(at))
            except StopError as error:
                stop = self.text.find("\n", error.at)
                problems.append(Problem(error.message, error.at, max(error.at, size if stop < 0 else stop)))
                found = (
                    _pattern("restart").search(self.text, max(error.at, at + 1)) if self.nodes <= NODE_LIMIT else None
                )
                at = found.start() if found else size
        self.loaded.documents.append(Document(self.root, 0, size))
        return self.loaded

    def blank(self, at: int) -> int:
        found = _pattern("blank").match(self.text, at)
        return found.end() if found else at

    def count(self, at: int) -> None:
        self.nodes += 1
        if self.nodes > NODE_LIMIT:
            raise StopError("more values than are read", at)

    def section(self, start: int) -> int:
        found = _pattern("section").match(self.text, start)
        if found is None:
            raise StopError("input, filter or output should stand here", start)
        name, end = found[1], start + len(found[1])
        plugins = self.root.get(name)
        if plugins is None:
            plugins = Seq((self.source, start, found.end()))
            put(self.root, name, plugins, (self.source, start, end, start, found.end()))
        self.when = []
        at, opened = self.blank(found.end()), start
        while True:
            if at >= len(self.text):
                raise StopError(f"the section {name} is not closed", opened)
            if self.text[at] == "}":
                if not self.when:
                    break
                self.when.pop()
                at = self.blank(at + 1)
                continue
            at = self.blank(self.branch(at) or self.plugin(plugins, at))
        source, key_start, key_end, first, _ = self.root.at[name]
        self.root.at[name] = (source, key_start, key_end, first, at + 1)
        plugins.span = (source, first, at + 1)
        return at + 1

    def branch(self, at: int) -> int | None:
        """Where the body of a branch begins, None where there is none."""
        found = _pattern("branch").match(self.text, at)
        if found is None:
            return None
        start = self.blank(found.end())
        if found[1] == "if" and self.text.startswith("{", start):
            return None  # a plugin of that name
        end = start
        while not self.text.startswith("{", end):
            part = _pattern("condition").match(self.text, end)
            if part is None or part.end() - start > _CONDITION_LIMIT:
                raise StopError("a condition without its '{'", at)
            end = part.end()
        if len(self.when) >= DEPTH_LIMIT:
            raise StopError("branches are nested too deeply", at)
        self.count(at)
        words = "" if found[1] == "if" else "else "
        condition = self.text[start:end].rstrip()
        self.when.append(((words + condition).strip(), start, start + len(condition)))
        return end + 1

    def plugin(self, plugins: Seq, start: int) -> int:
        name, end = self.name(start)
        at = self.blank(end)
        if not self.text.startswith("{", at):
            raise StopError(f"the plugin {name[:60]} without its '{{'", start)
        settings, at = self.settings(at, 1)
        plugin = Map((self.source, start, at))
        put(plugin, "plugin", name, (self.source, start, start, start, end))
        put(plugin, "settings", settings, (self.source, start, end, *settings.span[1:]))
        when = Seq((self.source, start, end))
        for text, first, last in self.when:
            when.append(text)
            when.at.append((self.source, first, first, first, last))
        put(plugin, "when", when, (self.source, start, end, start, end))
        plugins.append(plugin)
        plugins.at.append((self.source, start, end, start, at))
        return at

    def name(self, at: int) -> tuple[str, int]:
        found = _pattern("name").match(self.text, at)
        if found is None:
            raise StopError("a name should stand here", at)
        return (found[1] if found[1] is not None else found[2][1:-1]), found.end()

    def settings(self, start: int, depth: int) -> tuple[Map, int]:
        """The settings of a plugin, or a hash, from its '{'; and the end."""
        body, at = Map((self.source, start, start + 1)), self.blank(start + 1)
        while not self.text.startswith("}", at):
            if at >= len(self.text):
                raise StopError("a '{' that is not closed", start)
            key, end = self.name(at)
            arrow = _pattern("arrow").match(self.text, self.blank(end))
            if arrow is None:
                raise StopError(f"the setting {key[:60]} without '=>'", at)
            first = self.blank(arrow.end())
            value, last = self.value(first, depth + 1)
            self.set(body, key, value, (self.source, at, end, first, last))
            at = self.blank(last)
            at = self.blank(at + 1) if self.text.startswith(",", at) else at
        body.span = (self.source, start, at + 1)
        return body, at + 1

    def set(self, body: Map, key: str, value: Any, entry: Entry) -> None:
        """A setting written again is added to the first."""
        held = body.get(key)
        if isinstance(held, Seq) and isinstance(value, Seq):
            held.extend(value)
            held.at.extend(value.at)
        elif key in body and not isinstance(held, Map):
            joined: Any = held
            if not isinstance(held, Seq):
                source, key_start, key_end, start, end = body.at[key]
                joined = Seq((source, start, end))
                joined.append(held)
                joined.at.append((source, start, start, start, end))
                put(body, key, joined, (source, key_start, key_end, start, end))
            joined.append(value)
            joined.at.append((self.source, entry[3], entry[3], *entry[3:]))
        else:
            put(body, key, value, entry)

    def value(self, at: int, depth: int) -> tuple[Any, int]:
        self.count(at)
        if depth > DEPTH_LIMIT:
            raise StopError("values are nested too deeply", at)
        char = self.text[at : at + 1]
        if char == "[":
            return self.array(at, depth)
        if char == "{":
            return self.settings(at, depth)
        if char in ('"', "'"):
            found = _pattern("quoted").match(self.text, at)
            if found is None:
                raise StopError("a string that is not closed", at)
            return found[0][1:-1], found.end()
        number = _pattern("number").match(self.text, at)
        if number is not None:
            if len(number[0]) > NUMBER_LIMIT:
                raise StopError("a number too long to read", at)
            return _number(number[0]), number.end()
        return self.word(at, depth)

    def word(self, at: int, depth: int) -> tuple[Any, int]:
        """A bare word, a truth value, or a plugin such as the codec `json { … }`: a mapping with its name."""
        found = _pattern("word").match(self.text, at)
        if found is None:
            raise StopError("a value should stand here", at)
        after = self.blank(found.end())
        if self.text.startswith("{", after):
            settings, end = self.settings(after, depth)
            plugin = Map((self.source, at, end))
            put(plugin, "plugin", found[0], (self.source, at, at, at, found.end()))
            put(plugin, "settings", settings, (self.source, at, found.end(), *settings.span[1:]))
            return plugin, end
        words: dict[str, Any] = {"true": True, "false": False, "null": None}
        return words.get(found[0], found[0]), found.end()

    def array(self, start: int, depth: int) -> tuple[Seq, int]:
        found, at = Seq((self.source, start, start + 1)), self.blank(start + 1)
        while not self.text.startswith("]", at):
            if at >= len(self.text):
                raise StopError("a '[' that is not closed", start)
            value, end = self.value(at, depth + 1)
            found.append(value)
            found.at.append((self.source, at, at, at, end))
            at = self.blank(end)
            if self.text.startswith(",", at):
                at = self.blank(at + 1)
            elif not self.text.startswith("]", at):
                raise StopError("',' or ']' should stand here", at)
        found.span = (self.source, start, at + 1)
        return found, at + 1


def _number(word: str) -> int | float:
    return int(word) if word.lstrip("-").isdigit() else float(word)
