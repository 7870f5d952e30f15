"""Files of environment variables (`.env`) read to their entries, each with its place.

Encodes the syntax that Docker Compose documents for `.env` files and that the dotenv libraries share: comments, an
`export` before the name, `=` or `: ` after it, quotes of three kinds that may go over several lines, escapes within
double quotes. What stands for other variables (`${HOST}`) is left as it is written: see `expands`.
"""

from __future__ import annotations

import re
from functools import cache

from linter.model import Problem
from linter.records import NamedTuple

MOST = 20_000
"""Entries that are read of one file."""
_LONGEST = 100_000
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "'": "'"}


class Variable(NamedTuple):
    """One entry. value: None where only the name stands, which takes it from the process. expands: whether `$` in it
    stands for other variables. Offsets are of the name and of the value with its quotes."""

    name: str
    name_start: int
    name_end: int
    value: str | None
    value_start: int
    value_end: int
    expands: bool


class Dotenv(NamedTuple):
    """The entries in their order, of which a later one of the same name wins, and the lines that are none."""

    variables: list[Variable]
    problems: list[Problem]


@cache
def _entry() -> re.Pattern[str]:
    return re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]{0,255})[ \t]*(=|:(?=[ \t])|(?=[\r\n#]|\Z))[ \t]*")


def parse(text: str) -> Dotenv:
    """The entries of a text; a line that is none is a Problem, and the rest is read all the same."""
    found: list[Variable] = []
    problems: list[Problem] = []
    position, size = 0, len(text)
    while position < size and len(found) < MOST:
        end = _line_end(text, position)
        line = text[position:end].strip()
        if not line or line.startswith("#"):
            position = _next(text, end)
            continue
        match = _entry().match(text, position, end)
        if match is None:
            problems.append(Problem("not an entry NAME=value", position, end, lossless=True))
            position = _next(text, end)
            continue
        variable, stop, problem = _value(text, match, end)
        found.append(variable)
        if problem is not None:
            problems.append(problem)
        position = _next(text, _line_end(text, stop))
    return Dotenv(found, problems)


@cache
def _break() -> re.Pattern[str]:
    return re.compile(r"[\r\n]")


def _line_end(text: str, position: int) -> int:
    found = _break().search(text, position)
    return len(text) if found is None else found.start()


def _next(text: str, end: int) -> int:
    return end + 2 if text[end : end + 2] == "\r\n" else end + 1


def _value(text: str, match: re.Match[str], end: int) -> tuple[Variable, int, Problem | None]:
    """The entry, where reading goes on, and what is wrong with it."""
    name, (first, last), start = match[1], match.span(1), match.end()
    if not match[2]:
        return Variable(name, first, last, None, last, last, False), end, None
    quote = text[start : start + 1]
    problem = None
    if quote in ("'", '"', "`") and start < end:
        close = _closing(text, start + 1, quote)
        if close >= 0:
            inner = text[start + 1 : close]
            value = _unescaped(inner) if quote == '"' else inner
            return Variable(name, first, last, value, start, close + 1, quote == '"'), close + 1, None
        problem = Problem("the quote is not closed", start, end, "Close the quote.", lossless=True)
    stop = _comment(text, start, end)
    value = text[start:stop].rstrip()
    return Variable(name, first, last, value, start, start + len(value), True), end, problem


def _comment(text: str, start: int, end: int) -> int:
    """Where an unquoted value ends: before a `#` that begins it or follows a blank."""
    at = text.find("#", start, end)
    while at > start and text[at - 1] not in " \t":
        at = text.find("#", at + 1, end)
    return end if at < 0 else at


def _closing(text: str, position: int, quote: str) -> int:
    """Where a quote is closed, -1 where it is not; a backslash within double quotes keeps the next one open."""
    limit = min(len(text), position + _LONGEST)
    at = text.find(quote, position, limit)
    while quote == '"' and at > position and _escaped(text, at, position):
        at = text.find(quote, at + 1, limit)
    return at


def _escaped(text: str, at: int, start: int) -> bool:
    count = 0
    while at - count > start and text[at - count - 1] == "\\":
        count += 1
    return count % 2 == 1


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[0]), text)
