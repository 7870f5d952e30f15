"""Ansible inventories in their INI form, read to the same shape as those in YAML, each value with its place.

Encodes "How to build your inventory" of Ansible's documentation: `[group]` with hosts and their variables, `[group:vars]`
and `[group:children]`; hosts before the first section belong to `ungrouped`. Groups are mappings {hosts, vars, children}.
"""

from __future__ import annotations

import re
from functools import cache

from linter.model import Entry, Map, Problem
from linter.records import NamedTuple
from linter.trees import put

MOST = 50_000
"""Lines that are read of one file."""
_LONGEST = 20_000
"""Characters of one line that are read."""


class Inventory(NamedTuple):
    """groups: name → {hosts: {host → variables}, vars: {…}, children: {…}}; problems: lines that say nothing."""

    groups: Map
    problems: list[Problem]


@cache
def _section() -> re.Pattern[str]:
    return re.compile(r"\[([^\]:\s]{1,200})(?::(vars|children|hosts))?\]\s*(?:[#;].*)?\Z")


@cache
def _word() -> re.Pattern[str]:
    return re.compile(r"""(?:[^\s"'#]|"[^"]*"|'[^']*'|["']|(?<=\S)\#)+""")


def parse(source: int, text: str) -> Inventory:
    """The groups of a text; a line that is neither section, host nor variable is a Problem."""
    groups = Map((source, 0, len(text)))
    problems: list[Problem] = []
    group, part, anchor = "ungrouped", "hosts", (source, 0, 0, 0, 0)
    position = 0
    for number, raw in enumerate(text.splitlines(keepends=True)):
        start, position = position, position + len(raw)
        line = raw.strip()[:_LONGEST]
        start += len(raw) - len(raw.lstrip())
        if number >= MOST or not line or line[0] in "#;":
            continue
        if line[0] == "[":
            match = _section().match(line)
            if match is None:
                problems.append(Problem("not a section of an inventory", start, start + len(line), lossless=True))
                continue
            group, part = match[1], match[2] or "hosts"
            anchor = (source, start + match.start(1), start + match.end(1), start, start + len(line))
            _part(groups, group, part, anchor)
        elif part == "vars":
            _variable(_part(groups, group, part, anchor), source, line, start, problems)
        else:
            _host(_part(groups, group, part, anchor), source, line, start)
    return Inventory(groups, problems)


def _part(groups: Map, group: str, part: str, anchor: Entry) -> Map:
    """The hosts, variables or children of a group, made where they are not there yet."""
    held = groups.get(group)
    if not isinstance(held, Map):
        held = Map((anchor[0], anchor[3], anchor[4]))
        put(groups, group, held, anchor)
    inner = held.get(part)
    if not isinstance(inner, Map):
        inner = Map((anchor[0], anchor[3], anchor[4]))
        put(held, part, inner, anchor)
    return inner


def _host(hosts: Map, source: int, line: str, start: int) -> None:
    """`name key=value key="a b"`, or the name of a child group."""
    words = [(match.group(), match.start() + start, match.end() + start) for match in _word().finditer(_plain(line))]
    if not words:
        return
    name, first, last = words[0]
    variables = Map((source, first, last))
    for word, begin, end in words[1:]:
        key, sign, value = word.partition("=")
        if sign and key:
            at = begin + len(key) + 1
            put(variables, key, _unquoted(value), (source, begin, begin + len(key), at, end))
    put(hosts, name, variables, (source, first, last, first, last))


def _variable(held: Map, source: int, line: str, start: int, problems: list[Problem]) -> None:
    key, sign, value = line.partition("=")
    name = key.strip()
    if not sign or not name:
        problems.append(Problem("not a variable NAME=value", start, start + len(line), lossless=True))
        return
    value = _plain(value)
    at = start + len(key) + 1 + len(value) - len(value.lstrip())
    value = value.strip()
    begin = start + len(key) - len(key.lstrip())
    put(held, name, _unquoted(value), (source, begin, begin + len(name), at, at + len(value)))


def _plain(text: str) -> str:
    """A line without the comment at its end."""
    at = text.find(" #")
    quotes = text.count('"', 0, max(at, 0)) % 2 or text.count("'", 0, max(at, 0)) % 2
    return text if at < 0 or quotes else text[:at]


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
