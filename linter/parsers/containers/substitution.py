"""Variables in Dockerfiles: what ARG and ENV say, put where `$NAME` and `${NAME:-…}` stand.

Encodes "Environment replacement" of the Dockerfile reference as BuildKit reads it (frontend/dockerfile/shell): quotes
are taken away, nothing is replaced between single ones, and the words of a modifier are replaced themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from linter.model import Unknown

_LONGEST = 100_000
_DEEPEST = 20
_PATTERN_COST = 1_000
_SPECIAL = frozenset("@*#?-$!0123456789")
_MODIFIERS = ("##", "#", "%%", "%", "//", "/", ":-", ":+", ":?", "-", "+", "?")
HOLE = "\0"
"""Stands in `with_holes` for what is unknown; no Dockerfile that can be read holds it."""

Missing = Callable[[str], Any]


def replaced(text: str, known: Mapping[str, Any], missing: Missing | None = None, escape: str = "\\") -> Any:
    """The text as the builder reads it; an Unknown, with the prefix that is known, where a variable has no value.

    known: name → text or Unknown. missing: text or Unknown of a name that is not in it; '' as the builder has it.
    """
    found, unknowns = with_holes(text, known, missing, escape)
    if not unknowns:
        return found
    first = unknowns[0]
    prefix = found.partition(HOLE)[0]
    return Unknown(first.cause, first.subject, first.remedy, type="string", prefix=prefix, not_null=True)


def with_holes(
    text: str, known: Mapping[str, Any], missing: Missing | None = None, escape: str = "\\"
) -> tuple[str, list[Unknown]]:
    """The text with a HOLE for each Unknown in it."""
    if not ("$" in text or '"' in text or "'" in text or escape in text):
        return text, []
    reader = _Reader(text, known, missing or (lambda _: ""), escape)
    return reader.read(""), reader.unknowns


class _Reader:
    """One pass over a text. Over budget everything that is left is one Unknown."""

    __slots__ = ("depth", "escape", "known", "missing", "position", "size", "text", "unknowns")

    def __init__(self, text: str, known: Mapping[str, Any], missing: Missing, escape: str) -> None:
        self.text = text
        self.known = known
        self.missing = missing
        self.escape = escape
        self.position = self.size = self.depth = 0
        self.unknowns: list[Unknown] = []

    def read(self, stop: str) -> str:
        """Up to one of the characters of `stop`, which stays, or the end."""
        pieces: list[str] = []
        text, size = self.text, len(self.text)
        while self.position < size:
            char = text[self.position]
            if char in stop:
                break
            self.position += 1
            if char == "'":
                close = text.find("'", self.position)
                close = close if close >= 0 else size
                pieces.append(text[self.position : close])
                self.position = close + 1
            elif char == '"':
                pieces.append(self._double())
            elif char == "$":
                pieces.append(self._dollar())
            elif char == self.escape:
                pieces.append(text[self.position : self.position + 1])
                self.position += 1
            else:
                pieces.append(char)
        return "".join(pieces)

    def _double(self) -> str:
        pieces: list[str] = []
        text, size = self.text, len(self.text)
        while self.position < size:
            char = text[self.position]
            self.position += 1
            if char == '"':
                break
            if char == "$":
                pieces.append(self._dollar())
            elif char == self.escape and text[self.position : self.position + 1] in ('"', "$", self.escape):
                pieces.append(text[self.position])
                self.position += 1
            else:
                pieces.append(char)
        return "".join(pieces)

    def _dollar(self) -> str:
        braced = self.text.startswith("{", self.position)
        match = _name().match(self.text, self.position + braced)
        if match is None:
            if not braced and self.text[self.position : self.position + 1] in _SPECIAL:
                special = self.text[self.position : self.position + 1]
                self.position += len(special)
                return "" if special else "$"
            return "$"
        name = match[0]
        self.position = match.end()
        if not braced:
            return self._shown(self._value(name))
        if self.text.startswith("}", self.position):
            self.position += 1
            return self._shown(self._value(name))
        return self._modified(name)

    def _value(self, name: str) -> Any:
        return self.known[name] if name in self.known else self.missing(name)

    def _shown(self, value: Any) -> str:
        if isinstance(value, Unknown):
            self.unknowns.append(value)
            return HOLE
        self.size += len(value)
        if self.size > _LONGEST:
            self.unknowns.append(Unknown("budget", "a text of many variables", type="string", not_null=True))
            return HOLE
        return str(value)

    def _modified(self, name: str) -> str:
        modifier = next((each for each in _MODIFIERS if self.text.startswith(each, self.position)), "")
        self.position += len(modifier)
        if not modifier or self.depth >= _DEEPEST:
            self.unknowns.append(Unknown("expression", f"${{{name}…}}", "write the modifier out", type="string"))
            self.position = len(self.text)
            return HOLE
        self.depth += 1
        before = len(self.unknowns)
        words = [self.read("/}" if modifier[0] == "/" else "}")]
        if modifier[0] == "/" and self.text.startswith("/", self.position):
            self.position += 1
            words.append(self.read("}"))
        self.position += 1
        self.depth -= 1
        added, self.unknowns[before:] = self.unknowns[before:], []
        value = self._value(name)
        if isinstance(value, Unknown):
            return self._shown(value)
        if modifier[-1] in "-+?":
            there = bool(value) if modifier[0] == ":" else name in self.known or bool(value)
            word = words[0] if there == (modifier[-1] == "+") else "" if modifier[-1] == "+" else value
            if word is words[0]:
                self.unknowns += added
                return word
            return self._shown(word)
        if added:
            return self._shown(added[0])
        self.size += _PATTERN_COST
        return self._shown(_cut(value, modifier, words))


@cache
def _name() -> re.Pattern[str]:
    return re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _cut(value: str, modifier: str, words: list[str]) -> Any:
    """`#`, `##`, `%`, `%%`: the value without what a shell pattern matches at its start or end; `/`, `//`: replaced."""
    pattern = words[0]
    if len(value) > 1000 or len(pattern) > 100 or pattern.count("*") > 1:
        return Unknown("budget", "a pattern in a variable", "write the value out", type="string", not_null=True)
    long, short = _translated(pattern, ".*"), _translated(pattern, ".*?")
    if modifier[0] == "/":
        other = words[1] if len(words) > 1 else ""
        found = re.compile(long, re.DOTALL)
        return found.sub(lambda _: other, value, count=0 if modifier == "//" else 1) if pattern else value
    if modifier[0] == "#":
        match = re.compile(long if modifier == "##" else short, re.DOTALL).match(value)
        return value[match.end() :] if match else value
    kept = ".*?" if modifier == "%%" else ".*"
    match = re.compile(f"({kept}){long}", re.DOTALL).fullmatch(value)
    return match[1] if match else value


def _translated(pattern: str, wild: str) -> str:
    return "".join(wild if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
