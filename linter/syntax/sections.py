"""Files of `[section]` headers with one entry a line: Fluent Bit's classic format and Splunk's `.conf` files.

https://docs.fluentbit.io/manual/administration/configuring-fluent-bit/classic-mode/format-schema (`Key  Value`, keys of
any case, comments on lines of their own, `@INCLUDE` and `@SET` commands) and the `*.conf.spec` files of Splunk
Enterprise (`key = value`, a backslash at a line's end continues it, what stands before the first header is `default`).
"""

from __future__ import annotations

from typing import Any

from linter.model import Entry, Map, Problem, Seq
from linter.syntax.yaml import NODE_LIMIT, PROBLEM_LIMIT, Document, Loaded
from linter.trees import put

_BLANKS = " \t\r\f\v"


def fluent(source_index: int, text: str) -> Loaded:
    """Fluent Bit's classic format: a mapping of `sections` (each of `section` and `entries`, keys in lower case) and
    `commands` (each of `command` and `value`). Raises nothing. A key written twice has a sequence of its values."""
    return _Reader(source_index, text, splunk=False).read()


def splunk(source_index: int, text: str) -> Loaded:
    """A `.conf` file of Splunk in the same shape; keys keep their case and the last of a name counts. Raises nothing."""
    return _Reader(source_index, text, splunk=True).read()


class _Reader:
    __slots__ = ("commands", "current", "loaded", "nodes", "sections", "source", "splunk", "text")

    def __init__(self, source: int, text: str, *, splunk: bool) -> None:
        self.source = source
        self.text = text
        self.splunk = splunk
        self.loaded = Loaded([], [], [], {})
        self.sections = Seq((source, 0, len(text)))
        self.commands = Seq((source, 0, len(text)))
        self.current: Map | None = None
        self.nodes = 0

    def read(self) -> Loaded:
        at, size = 0, len(self.text)
        while at < size:
            at = self.line(at)
            if len(self.loaded.problems) >= PROBLEM_LIMIT or self.nodes > NODE_LIMIT:
                self.fail("too many problems or values: the lines from here on were not read", at, at)
                break
        root = Map((self.source, 0, size))
        put(root, "sections", self.sections, (self.source, 0, 0, 0, size))
        put(root, "commands", self.commands, (self.source, 0, 0, 0, size))
        self.loaded.documents.append(Document(root, 0, size))
        return self.loaded

    def line(self, at: int) -> int:
        """Read one line, or one that goes on over several; where the next begins."""
        end, after = self.end_of(at)
        start, stop = self.trimmed(at, end)
        if start == stop or self.text[start] in ("#", ";" if self.splunk else "#"):
            return after
        char = self.text[start]
        if char == "[":
            self.header(start, stop)
        elif char == "@" and not self.splunk:
            self.command(start, stop)
        elif self.splunk:
            return self.setting(start, end, after)
        else:
            self.property(start, stop)
        return after

    def end_of(self, at: int) -> tuple[int, int]:
        end = self.text.find("\n", at)
        return (len(self.text), len(self.text)) if end < 0 else (end, end + 1)

    def trimmed(self, start: int, end: int) -> tuple[int, int]:
        text = self.text
        while start < end and text[start] in _BLANKS:
            start += 1
        while end > start and text[end - 1] in _BLANKS:
            end -= 1
        return start, end

    def header(self, start: int, stop: int) -> None:
        close = self.text.rfind("]", start, stop)
        if close < 0:
            self.fail("a section's header without ']'", start, stop)
            close = stop
        elif close + 1 < stop and not self.splunk:
            self.fail("text after a section's header", close + 1, stop)
        first, last = self.trimmed(start + 1, close)
        self.open(self.text[first:last], first, last, start)

    def open(self, name: str, first: int, last: int, start: int) -> None:
        self.nodes += 1
        section = Map((self.source, start, max(last, start)))
        put(section, "section", name if self.splunk else name.lower(), (self.source, first, first, first, last))
        self.current = Map((self.source, last, last))
        put(section, "entries", self.current, (self.source, first, last, last, last))
        self.sections.append(section)
        self.sections.at.append((self.source, first, last, start, last))

    def command(self, start: int, stop: int) -> None:
        word = start + 1
        while word < stop and self.text[word] not in _BLANKS:
            word += 1
        first, last = self.trimmed(word, stop)
        command = Map((self.source, start, stop))
        put(command, "command", self.text[start + 1 : word].lower(), (self.source, start, start, start + 1, word))
        put(command, "value", self.text[first:last], (self.source, start, word, first, last))
        self.commands.append(command)
        self.commands.at.append((self.source, start, word, start, stop))
        self.nodes += 1

    def property(self, start: int, stop: int) -> None:
        if self.current is None:
            self.fail("an entry outside of a section", start, stop)
            return
        key = start
        while key < stop and self.text[key] not in _BLANKS:
            key += 1
        first, last = self.trimmed(key, stop)
        if first == last:
            self.fail(f"the key {self.text[start:key][:60]} has no value", start, key)
            return
        entry = (self.source, start, key, first, last)
        self.add(self.current, self.text[start:key].lower(), self.text[first:last], entry)
        self.reach(last)

    def setting(self, start: int, end: int, after: int) -> int:
        """`key = value`; a value goes on in the next line after a backslash."""
        text = self.text
        sign = text.find("=", start, end)
        if sign < 0:
            self.fail("a line without '='", *self.trimmed(start, end))
            return after
        stop, pieces, begin = end, [], sign + 1
        while text[begin:stop].rstrip("\r").endswith("\\") and after < len(text):
            pieces.append(text[begin:stop].rstrip("\r")[:-1])
            begin = after
            stop, after = self.end_of(begin)
        pieces.append(text[begin:stop])
        first, last = self.trimmed(sign + 1, stop)
        key_start, key_end = self.trimmed(start, sign)
        if self.current is None:
            self.open("default", start, start, start)
        assert self.current is not None
        value = "\n".join(pieces).strip(_BLANKS)
        put(self.current, text[key_start:key_end], value, (self.source, key_start, key_end, first, last))
        self.nodes += 1
        self.reach(last)
        return after

    def add(self, body: Map, key: str, value: str, entry: Entry) -> None:
        self.nodes += 1
        if key not in body:
            put(body, key, value, entry)
            return
        held: Any = body[key]
        if not isinstance(held, Seq):
            source, key_start, key_end, start, end = body.at[key]
            first = Seq((source, start, end))
            first.append(held)
            first.at.append((source, start, start, start, end))
            put(body, key, first, (source, key_start, key_end, start, end))
            held = first
        source, _, _, start, end = entry
        held.append(value)
        held.at.append((source, start, start, start, end))
        held.span = (source, held.span[1], end)

    def reach(self, end: int) -> None:
        """The section at hand extends to here."""
        section, current = self.sections[-1], self.current
        if current is not None:
            source, first, last, start, _ = self.sections.at[-1]
            self.sections.at[-1] = (source, first, last, start, end)
            section.span = (source, start, end)
            current.span = (source, current.span[1], end)
            section.at["entries"] = (*section.at["entries"][:4], end)

    def fail(self, message: str, start: int, end: int) -> None:
        self.loaded.problems.append(Problem(message, start, end))
