"""Rendered manifests with the places of the template that made them.

Helm says which template a manifest comes from (`# Source:`), not which line. A key is placed where the template has it,
at the depth it belongs to, exactly once; what a helper, a loop or another branch made is placed at the nearest parent
that is certain, in the end at the template's first line.
"""

from __future__ import annotations

from typing import Any

from linter.model import Entry, Map, Seq, Source
from linter.records import NamedTuple

DEPTH = 100
_BRANCHES = ("if", "else", "range", "with", "end", "define", "block")


class Line(NamedTuple):
    """A line of a template without directives. start: of its text, end: of the line; depth: columns before the text."""

    start: int
    end: int
    depth: int
    text: str
    branch: bool


Region = list[Line]


def lines_of(source: Source) -> list[Region]:
    """A template's lines, document by document, without blank lines and comments."""
    documents: list[Region] = [[]]
    position = 0
    for raw in source.text.splitlines(keepends=True):
        text = raw.strip()
        start = position + len(raw) - len(raw.lstrip())
        if text.startswith("---"):
            documents.append([])
        elif text and not text.startswith(("#", "{{/*", "{{- /*")):
            words = text.lstrip("{- ").split(" ", 1) if text.startswith("{{") else [""]
            branch = words[0].rstrip("}- ") in _BRANCHES
            documents[-1].append(
                Line(start, start + len(text), start - position, text, branch or text.startswith("{{"))
            )
        position += len(raw)
    return [each for each in documents if any(not line.branch for line in each)]


def placed(body: Map, source: Source) -> Map:
    """A rendered object with its entries placed in the template's source."""
    end = len(source.line(1)) if source.text else 0
    first: Entry = (source.index, 0, 0, 0, max(end, 1) if source.text else 0)
    made = _value(body, _document(body, lines_of(source)), first, 0)
    assert isinstance(made, Map)
    return made


def _document(body: Map, documents: list[Region]) -> Region:
    """The document an object comes from: the only one, or the only one that spells out its kind."""
    if len(documents) == 1:
        return documents[0]
    kind = f"kind: {body.get('kind')}"
    fitting = [each for each in documents if any(line.text == kind and not line.depth for line in each)]
    return fitting[0] if len(fitting) == 1 else []


def _value(value: Any, region: Region, default: Entry, depth: int) -> Any:
    if depth > DEPTH:
        return value
    if isinstance(value, Map):
        return _mapping(value, region, default, depth)
    return _sequence(value, region, default, depth) if isinstance(value, Seq) else value


def _mapping(value: Map, region: Region, default: Entry, depth: int) -> Map:
    made = Map((default[0], default[3], default[4]))
    least = min((line.depth for line in region if not line.branch), default=0)
    for key, inner in value.items():
        entry, within = _found(str(key), region, least, default)
        made[key] = _value(inner, within, entry, depth + 1)
        made.at[key] = entry
    return made


def _found(key: str, region: Region, least: int, default: Entry) -> tuple[Entry, Region]:
    """Where a key of the outermost level stands, and the lines below it; the parent's place where that is not certain."""
    marks = (f"{key}:", f'"{key}":', f"'{key}':")
    hits = [
        at
        for at, line in enumerate(region)
        if line.depth == least
        and not line.branch
        and line.text.startswith(marks)
        and line.text.partition(":")[2][:1] in ("", " ")
    ]
    if len(hits) != 1:
        return (default[0], default[3], default[3], default[3], default[4]), []
    line = region[hits[0]]
    length = line.text.index(":")
    rest = line.text[length + 1 :]
    start = line.start + length + 1 + len(rest) - len(rest.lstrip()) if rest.strip() else line.start
    entry = (default[0], line.start, line.start + length, start, line.end)
    return entry, _below(region, hits[0])


def _below(region: Region, at: int) -> Region:
    depth = region[at].depth
    found: Region = []
    for line in region[at + 1 :]:
        if not line.branch and (line.depth < depth or (line.depth == depth and not line.text.startswith("- "))):
            break
        found.append(line)
    return found


def _sequence(value: Seq, region: Region, default: Entry, depth: int) -> Seq:
    """The elements one by one where the template writes as many and no branch decides; else all at their list."""
    made = Seq((default[0], default[3], default[4]))
    least = min((line.depth for line in region if not line.branch), default=0)
    starts = [at for at, line in enumerate(region) if line.depth == least and line.text.startswith("- ")]
    certain = len(starts) == len(value) and not any(line.branch for line in region)
    for number, inner in enumerate(value):
        entry: Entry = (default[0], default[3], default[3], default[3], default[4])
        within: Region = []
        at = starts[number] if certain else _named(inner, region, starts)
        if at is not None:
            line = region[at]
            entry = (default[0], line.start, line.start, line.start, line.end)
            inside = len(line.text) - len(line.text[2:].lstrip())
            head = Line(line.start + inside, line.end, line.depth + inside, line.text[inside:], False)
            within = [head, *_item(region, at, starts)]
        made.append(_value(inner, within, entry, depth + 1))
        made.at.append(entry)
    return made


def _named(value: Any, region: Region, starts: list[int]) -> int | None:
    """Where a list's element with a literal name is written, if only once."""
    name = value.get("name") if isinstance(value, Map) else None
    hits = [
        at for at in starts if isinstance(name, str) and region[at].text in (f"- name: {name}", f'- name: "{name}"')
    ]
    return hits[0] if len(hits) == 1 else None


def _item(region: Region, at: int, starts: list[int]) -> Region:
    end = next((other for other in starts if other > at), len(region))
    return [line for line in region[at + 1 : end] if line.branch or line.depth > region[at].depth]
