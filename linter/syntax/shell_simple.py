"""Simple commands of the shell (POSIX 2.9.1), and functions, which begin like them (2.9.5)."""

from __future__ import annotations

import re
from functools import cache

from linter.syntax.shell_reader import Reader, Redirect
from linter.syntax.shell_tokens import OPERATOR, QUOTED, REDIRECT, WORD, unquoted
from linter.syntax.shell_words import MAX_DEPTH


def simple(reader: Reader) -> None:
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    assigned: list[str] = []
    redirects: list[Redirect] = []
    bodies: list[str] = []
    start = end = reader.start
    before, group = reader.before, reader.current
    while True:
        if reader.kind == REDIRECT:
            end = redirect(reader, redirects, bodies)
            continue
        first = reader.start
        value, stop = reader.here()
        if stop < 0:
            break
        end = stop
        if not words and "=" in value and _assignment().match(reader.text, first, end) is not None:
            assigned.append(value)
            reader.advance(end)
            continue
        words.append(value)
        spans.append((first, end))
        end = _plain(reader, words, spans, end)
        if reader.token == "(" and len(words) == 1 and not assigned and _parentheses().match(reader.text, reader.start):
            define(reader, value)
            return
    if words or assigned or redirects or bodies:
        after = reader.token if reader.kind == OPERATOR else "\n"
        reader.emit([words, spans, start, end, before, after, redirects, assigned, group, bodies])


def _plain(reader: Reader, words: list[str], spans: list[tuple[int, int]], end: int) -> int:
    """Reads the words that a pattern can tell, which are most, without making each the current token; where they end."""
    match, text, limit = reader.match, reader.text, reader.end
    found = match(text, end, limit)
    while found is not None:
        kind = found.lastindex
        if kind == WORD:
            words.append(found[WORD])
        elif kind == QUOTED:
            words.append(unquoted(found[QUOTED]))
        else:
            break
        first, end = found.span(kind)
        spans.append((first, end))
        found = match(text, end, limit)
    reader.look(found)
    return end


def redirect(reader: Reader, redirects: list[Redirect], bodies: list[str]) -> int:
    """Reads a redirection; where it ends."""
    written = reader.token
    operator = written[written.find("}") + 1 :].lstrip("0123456789&")
    reader.advance(reader.stop)
    start = reader.start
    value, end = reader.here()
    if end < 0:
        reader.complain(start, start, f"`{written}` names nothing")
        return start
    if operator in ("<<", "<<-"):
        bodies.append("")
        reader.documents.append((bodies, value, operator == "<<-", reader.text[start:end] != value))
    else:
        redirects.append(Redirect(operator, value, written[: len(written) - len(operator)]))
    reader.advance(end)
    return end


def define(reader: Reader, name: str) -> None:
    """Reads the body of a function, from the parentheses if there are any."""
    match = _parentheses().match(reader.text, reader.start, reader.end)
    if match is not None:
        reader.advance(match.end())
    reader.newlines()
    reader.functions.add(name)
    if reader.words.depth >= MAX_DEPTH:
        reader.complain(reader.start, reader.stop, "nested too deep")
        return
    outer, reader.function = reader.function, name
    around, reader.within = reader.within, (*reader.within, "function")
    reader.current = reader.group
    reader.words.depth += 1
    reader.command()
    reader.words.depth -= 1
    reader.function, reader.within = outer, around


@cache
def _assignment() -> re.Pattern[str]:
    return re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]\n]*\])?\+?=")


@cache
def _parentheses() -> re.Pattern[str]:
    return re.compile(r"\([ \t]*\)")
