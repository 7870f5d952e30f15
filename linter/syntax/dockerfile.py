"""Dockerfile text → instructions that know their places.

Encodes the Dockerfile reference (https://docs.docker.com/reference/dockerfile/): parser directives, comments,
continuation lines (also with another `escape`), flags, exec and shell form, quoting of words, here-documents.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from linter.model import Map, Problem, Seq
from linter.records import NamedTuple
from linter.syntax.dockerfile_lines import Logical, each_word, logical_lines, unquoted, words
from linter.trees import put_span

INSTRUCTIONS = frozenset(
    ("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
     "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR")
)  # fmt: skip
_FLAGGED = frozenset(("FROM", "RUN", "COPY", "ADD", "HEALTHCHECK"))
_EXEC = frozenset(("RUN", "CMD", "ENTRYPOINT", "SHELL", "COPY", "ADD", "VOLUME"))
_PAIRS = frozenset(("ENV", "LABEL", "ARG"))
_DIRECTIVES = frozenset(("syntax", "escape", "check"))
_NESTED = 3


class Dockerfile(NamedTuple):
    """What was read. directives: name → text. instructions: Maps in order, see `load`; lines: their values as the lines
    they stand on. problems: what was not read."""

    directives: dict[str, str]
    instructions: list[Map]
    lines: list[Logical]
    problems: list[Problem]


@cache
def _directive() -> re.Pattern[str]:
    return re.compile(r"[ \t]*#[ \t]*([A-Za-z]+)[ \t]*=[ \t]*(.*?)[ \t]*\r?(?:\n|\Z)")


def load(source: int, text: str) -> Dockerfile:
    """Reads a Dockerfile; never raises. An instruction is a Map of
    instruction  upper case; its place is the word
    value        all that follows flags, continuations joined (str)
    flags        Map: name → text, or Seq of texts where one is repeated; '' for a flag without a value
    form         'exec' (a JSON array), 'shell', or '' for instructions that have no such forms
    arguments    Seq of words (exec: the array's elements), quotes removed
    pairs        Map of names and values (ENV, LABEL, ARG; None for an ARG without a default)
    written      Map of the same names and the values as written, quotes and escapes kept
    documents    Seq of Map {name, text, expand} of its here-documents
    inner        the instruction of an ONBUILD
    """
    directives, start = _directives(text)
    escape = directives.get("escape", "\\")
    problems: list[Problem] = []
    if escape not in ("\\", "`"):
        problems.append(Problem("escape is a backslash or a backtick", 0, start, "Correct the parser directive."))
        escape = "\\"
    instructions, lines = [], []
    for line in logical_lines(text, start, escape, problems):
        read = _instruction(source, line, problems, 0)
        if read is not None:
            instructions.append(read[0])
            lines.append(read[1])
    if not instructions and not problems:
        problems.append(Problem("the file holds no instruction", 0, 0, "Begin it with FROM, or remove the file."))
    return Dockerfile(directives, instructions, lines, problems)


def _directives(text: str) -> tuple[dict[str, str], int]:
    """Directives stand before anything else, comments and empty lines included."""
    found: dict[str, str] = {}
    position = 0
    while True:
        match = _directive().match(text, position)
        name = match[1].lower() if match else ""
        if match is None or name not in _DIRECTIVES or name in found:
            return found, position
        found[name] = match[2]
        position = match.end()


def _instruction(source: int, line: Logical, problems: list[Problem], depth: int) -> tuple[Map, Logical] | None:
    name, end = _name(line.text)
    start, stop = line.source(0), line.source(end)
    if name not in INSTRUCTIONS:
        message = f"{line.text[:end][:40]!r} is no instruction of a Dockerfile"
        problems.append(Problem(message, start, stop, "Correct the instruction, or comment the line out."))
        return None
    found = Map((source, start, line.end))
    put_span(found, "instruction", name, start, stop)
    rest = line.after(end)
    if name in _FLAGGED:
        rest = _flags(source, found, rest)
    value = rest.text.rstrip()
    put_span(found, "value", value, rest.source(0), rest.source(len(value)))
    if name == "ONBUILD" and depth < _NESTED and value:
        inner = _instruction(source, rest, problems, depth + 1)
        if inner is not None:
            put_span(found, "inner", inner[0], *inner[0].span[1:])
        return found, rest
    _arguments(source, found, name, rest)
    if line.documents:
        _documents(source, found, line)
    return found, rest


def _name(text: str) -> tuple[str, int]:
    end = 0
    while end < len(text) and not text[end].isspace():
        end += 1
    return text[:end].upper(), end


def _flags(source: int, found: Map, rest: Logical) -> Logical:
    start, end = rest.source(0), 0
    flags = Map((source, start, start))
    for word in each_word(rest.text, rest.escape):
        if not word.text.startswith("--") or word.text == "--":
            break
        name, _, value = word.text[2:].partition("=")
        _flag(flags, name, value, rest.source(word.start), rest.source(word.end))
        end = word.end
    flags.span = (source, start, rest.source(end))
    if flags:
        put_span(found, "flags", flags, start, rest.source(end))
    else:
        found["flags"], found.at["flags"] = flags, found.at["instruction"]
    return rest.after(end)


def _flag(flags: Map, name: str, value: str, start: int, end: int) -> None:
    if name not in flags:
        put_span(flags, name, value, start, end)
        return
    known = flags[name]
    if isinstance(known, Seq):
        _append(known, value, start, end)
        return
    listed = Seq(flags.span)
    _append(listed, known, *flags.at[name][3:])
    _append(listed, value, start, end)
    flags[name] = listed


def _append(listed: Seq, value: Any, start: int, end: int) -> None:
    listed.append(value)
    listed.at.append((listed.span[0], start, start, start, end))


def _arguments(source: int, found: Map, name: str, rest: Logical) -> None:
    start, end = rest.source(0), rest.source(len(rest.text.rstrip()))
    listed = Seq((source, start, end))
    elements = _json_array(rest.text) if name in _EXEC or name == "HEALTHCHECK" else None
    if elements is not None:
        at = 0
        for element in elements:
            literal = json.dumps(element, ensure_ascii=False)
            place = rest.text.find(literal, at)
            at = place + len(literal) if place >= 0 else at
            where = (rest.source(place), rest.source(at)) if place >= 0 else (start, end)
            _append(listed, element, *where)
    else:
        for word in words(rest.text, rest.escape):
            _append(listed, word.text, rest.source(word.start), rest.source(word.end))
    if name in _EXEC:
        put_span(found, "form", "shell" if elements is None else "exec", start, end)
    put_span(found, "arguments", listed, start, end)
    if name in _PAIRS:
        pairs, written = _pairs(source, name, rest)
        put_span(found, "pairs", pairs, start, end)
        put_span(found, "written", written, start, end)


def _json_array(text: str) -> list[str] | None:
    """The elements of the exec form: a JSON array of strings, else the builder takes the text for shell form."""
    if not text.startswith("["):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) and all(isinstance(element, str) for element in found) else None


def _pairs(source: int, name: str, rest: Logical) -> tuple[Map, Map]:
    span = (source, rest.source(0), rest.source(len(rest.text.rstrip())))
    pairs, written = Map(span), Map(span)

    def put(key: str, value: str | None, raw: str, at: int, start: int, end: int) -> None:
        where = (source, rest.source(at), rest.source(at + len(key)), rest.source(start), rest.source(end))
        pairs[key], written[key] = value, raw
        pairs.at[key] = written.at[key] = where

    found = words(rest.text, rest.escape)
    if name in ("ENV", "LABEL") and found and "=" not in rest.text[found[0].start : found[0].end]:
        raw = rest.text[found[0].end :].strip()
        start = rest.text.find(raw, found[0].end)
        put(found[0].text, unquoted(raw, rest.escape), raw, found[0].start, start, start + len(raw))
        return pairs, written
    for word in found:
        key, equals, raw = rest.text[word.start : word.end].partition("=")
        start = word.start + len(key) + len(equals)
        value = unquoted(raw, rest.escape) if equals else None
        put(unquoted(key, rest.escape), value, raw, word.start, start, word.end)
    return pairs, written


def _documents(source: int, found: Map, line: Logical) -> None:
    listed = Seq(found.span)
    for document in line.documents:
        row = Map((source, document.start, document.end))
        put_span(row, "name", document.name, document.start, document.end)
        put_span(row, "text", document.text, document.start, document.end)
        put_span(row, "expand", document.expand, document.start, document.end)
        _append(listed, row, document.start, document.end)
    put_span(found, "documents", listed, line.documents[0].start, line.documents[-1].end)
