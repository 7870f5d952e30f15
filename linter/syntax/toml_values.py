"""The values of TOML: strings, numbers, arrays and inline tables (https://toml.io/en/v1.0.0)."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from linter.model import Map, Seq
from linter.syntax.yaml import DEPTH_LIMIT, NODE_LIMIT
from linter.syntax.yaml_scalars import NUMBER_LIMIT
from linter.trees import put

_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"', "\\": "\\"}


class StopError(Exception):
    """What cannot be read, and where."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


@cache
def _pattern(name: str) -> re.Pattern[str]:
    basic = r'"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
    return re.compile({
        "blank": r"(?:[ \t]|\#[^\n]*)*",
        "lines": r"(?:[ \t\r\n]|\#[^\n]*)*",
        "name": rf"([A-Za-z0-9_-]+)|({basic})|('[^'\n]*')",
        "string": r'("""[^"\\]*(?:(?:\\.|"{1,2}(?!"))[^"\\]*)*"{3,5})' + r"|('''[^']*(?:'{1,2}(?!')[^']*)*'{3,5})"
                  + rf"|({basic})|('[^'\n]*')",
        "scalar": r"[0-9A-Za-z_+:.-]+(?: [0-9]{2}:[0-9]{2}[0-9A-Za-z:.+-]*)?",
        "integer": r"[+-]?(?:0|[1-9](?:_?[0-9])*)|0x[0-9A-Fa-f](?:_?[0-9A-Fa-f])*|0o[0-7](?:_?[0-7])*|0b[01](?:_?[01])*",
        "float": r"[+-]?(?:inf|nan|(?:0|[1-9](?:_?[0-9])*)(?:\.[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9](?:_?[0-9])*)?)",
        "date": r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2})?(?:[Tt ]?[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?"
                r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})?)?",
        "escape": r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([ \t]*\r?\n\s*)|(.))",
    }[name], re.S)  # fmt: skip


class Values:
    """Reads values of one text. nodes: how many there were; closed: by id, arrays and tables that are complete."""

    __slots__ = ("closed", "nodes", "source", "text")

    def __init__(self, source: int, text: str) -> None:
        self.source = source
        self.text = text
        self.nodes = 0
        self.closed: set[int] = set()

    def blank(self, at: int, *, lines: bool) -> int:
        found = _pattern("lines" if lines else "blank").match(self.text, at)
        at = found.end() if found else at
        return at + 1 if not lines and self.text.startswith("\r\n", at) else at

    def count(self, at: int) -> None:
        self.nodes += 1
        if self.nodes > NODE_LIMIT:
            raise StopError("more values than are read", at)

    def name(self, at: int) -> tuple[str, int]:
        """A part of a key and its end."""
        found = _pattern("name").match(self.text, at)
        if found is None:
            raise StopError("a key should stand here", at)
        if found[2] is not None:
            return self.unescaped(found[2][1:-1], at), found.end()
        return found[1] if found[1] is not None else found[3][1:-1], found.end()

    def value(self, at: int, depth: int) -> tuple[Any, int]:
        """A value and its end."""
        self.count(at)
        if depth > DEPTH_LIMIT:
            raise StopError("values are nested too deeply", at)
        char = self.text[at : at + 1]
        if char in ('"', "'"):
            return self.string(at)
        if char == "[":
            return self.array(at, depth)
        if char == "{":
            return self.inline(at, depth)
        return self.scalar(at)

    def string(self, at: int) -> tuple[str, int]:
        found = _pattern("string").match(self.text, at)
        if found is None or ((found.lastindex or 0) > 2 and self.text.startswith(('"""', "'''"), at)):
            raise StopError("a string that is not closed", at)
        written = found[0]
        if found.lastindex in (1, 2):
            written = written[3:-3]
            written = written[1:] if written[:1] == "\n" else written[2:] if written[:2] == "\r\n" else written
            written = written.replace("\r\n", "\n")
        else:
            written = written[1:-1]
        return (self.unescaped(written, at) if found.lastindex in (1, 3) else written), found.end()

    def unescaped(self, text: str, at: int) -> str:
        if "\\" not in text:
            return text

        def char(match: re.Match[str]) -> str:
            number = match[1] or match[2]
            if number:
                code = int(number, 16)
                if code > 0x10FFFF or 0xD800 <= code < 0xE000:
                    raise StopError("an escape that is no character", at)
                return chr(code)
            if match[3] is not None:
                return ""
            if match[4] not in _ESCAPES:
                raise StopError(f"the escape \\{match[4]} does not exist", at)
            return _ESCAPES[match[4]]

        return _pattern("escape").sub(char, text)

    def scalar(self, at: int) -> tuple[Any, int]:
        found = _pattern("scalar").match(self.text, at)
        word = found[0] if found else ""
        end = at + len(word)
        if word in ("true", "false"):
            return word == "true", end
        if not word or len(word) > NUMBER_LIMIT:
            raise StopError("a value should stand here" if not word else "a number too long to read", at)
        if _pattern("integer").fullmatch(word):
            return _integer(word.replace("_", "")), end
        if _pattern("float").fullmatch(word):
            return float(word.replace("_", "")), end
        if _pattern("date").fullmatch(word):
            return word, end
        raise StopError(f"{word[:60]} is no value; text stands in quotes", at)

    def array(self, start: int, depth: int) -> tuple[Seq, int]:
        found, at = Seq((self.source, start, start + 1)), self.blank(start + 1, lines=True)
        while not self.text.startswith("]", at):
            value, end = self.value(at, depth + 1)
            found.append(value)
            found.at.append((self.source, at, at, at, end))
            at = self.blank(end, lines=True)
            if self.text.startswith(",", at):
                at = self.blank(at + 1, lines=True)
            elif not self.text.startswith("]", at):
                raise StopError("',' or ']' should stand here", at)
        found.span = (self.source, start, at + 1)
        self.closed.add(id(found))
        return found, at + 1

    def inline(self, start: int, depth: int) -> tuple[Map, int]:
        found, at = Map((self.source, start, start + 1)), self.blank(start + 1, lines=False)
        while not self.text.startswith("}", at):
            at = self.pair(found, at, depth)
            at = self.blank(at, lines=False)
            if self.text.startswith(",", at):
                at = self.blank(at + 1, lines=False)
                if self.text.startswith("}", at):
                    raise StopError("a ',' before '}'", at)
            elif not self.text.startswith("}", at):
                raise StopError("',' or '}' should stand here", at)
        found.span = (self.source, start, at + 1)
        self.closed.add(id(found))
        return found, at + 1

    def pair(self, found: Map, at: int, depth: int) -> int:
        """`key.key = value` of an inline table; its end."""
        holder = found
        while True:
            name, end = self.name(at)
            key_start, after = at, self.blank(end, lines=False)
            if not self.text.startswith(".", after):
                break
            inner = holder.get(name)
            if inner is None:
                inner = Map((self.source, key_start, end))
                put(holder, name, inner, (self.source, key_start, end, key_start, end))
            if not isinstance(inner, Map):
                raise StopError(f"{name[:60]} is no table", key_start)
            self.count(at)
            holder, at = inner, self.blank(after + 1, lines=False)
        if not self.text.startswith("=", after):
            raise StopError("a key without '='", after)
        start = self.blank(after + 1, lines=False)
        value, stop = self.value(start, depth + 1)
        put(holder, name, value, (self.source, key_start, end, start, stop))
        return stop


def _integer(word: str) -> int:
    if word[:2] in ("0x", "0o", "0b"):
        return int(word[2:], {"x": 16, "o": 8, "b": 2}[word[1]])
    return int(word)
