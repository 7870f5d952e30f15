"""Files that other files hold as text: ConfigMaps, Secrets and values that carry a program's configuration.

A literal block (YAML 1.2 §8.1.2) keeps the lines of what it holds, each behind the same indentation, so that YAML and
JSON in it are read where they stand, places in other texts are moved by it, and every place is exact. What is quoted,
folded or in base64 is read from its value, and all of it lies at the value.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Any

from linter.model import Entry, Map, Seq, Source, Span, Unknown
from linter.records import NamedTuple
from linter.syntax import json, yaml
from linter.trees import as_map, maps, says


class Held(NamedTuple):
    """A file in a ConfigMap or Secret. entry: where its text is written. encoded: it stands there in base64."""

    name: str
    text: str
    entry: Entry
    encoded: bool


def objects_of(value: Any) -> list[Map]:
    """The objects of a document: the items of a Kubernetes list (API conventions, `kind: …List`), else itself."""
    kind = value.get("kind") if isinstance(value, Map) else None
    return maps(value.get("items")) if isinstance(kind, str) and kind.endswith("List") else [as_map(value)]


def held_files(body: Map) -> Iterator[Held]:
    """The files of a ConfigMap or a Secret (Kubernetes API, core/v1), but for what is unknown or no text."""
    kind = body.get("kind")
    if not says(kind, "ConfigMap", "Secret"):
        return
    for key in ("data", "stringData"):
        data = as_map(body.get(key))
        for name, text in data.items():
            encoded = kind == "Secret" and key == "data"
            if isinstance(text, str) and isinstance(name, str) and name in data.at:
                decoded = _decoded(text) if encoded else text
                if decoded is not None:
                    yield Held(name, decoded, data.at[name], encoded)


def _decoded(text: str) -> str | None:
    from base64 import b64decode

    try:
        return b64decode(text, validate=False).decode()
    except ValueError:
        return None


def read_held(source: Source, held: Held, *, templated: bool = False) -> Any:
    """The tree of a held YAML or JSON text, None where it cannot be read.

    templated: where `{{ … }}` keeps it from being read, read it all the same, with Unknowns where they stand.
    """
    tree = _read_held(source, held)
    if tree is not None or not templated or "{{" not in held.text:
        return tree
    import re

    filled = re.compile(r"\{\{[^{}\n]*\}\}")
    text = filled.sub(lambda found: _MARK * len(found[0]), held.text)
    _, _, _, start, end = held.entry
    written = filled.sub(lambda found: _MARK * len(found[0]), source.text[start:end])
    copy = Source(source.index, source.path, source.text[:start] + written + source.text[end:])
    tree = _read_held(copy, held._replace(text=text))
    _forget(tree)
    return tree


_MARK = "\ue000"
"""What stands for each character that a template fills; no configuration has it, since Unicode keeps it for private use."""


def _forget(tree: Any) -> None:
    """Make every text that a template fills a part of Unknown."""
    waiting = [tree]
    while waiting:
        value = waiting.pop()
        if isinstance(value, (Map, Seq)):
            for key, item in list(value.items() if isinstance(value, Map) else enumerate(value)):
                if isinstance(item, str) and _MARK in item:
                    value[key] = Unknown("template", str(key), "render it before it is scanned")
                else:
                    waiting.append(item)


def _read_held(source: Source, held: Held) -> Any:
    _, _, _, start, end = held.entry
    written = source.text[start:end]
    is_json = held.text.lstrip()[:1] == "{"
    break_at = written.find("\n")
    if not held.encoded and written[:1] == "|" and break_at > 0:
        if not is_json:
            return _only(yaml.load(source.index, source.text, "1.1", start + break_at + 1, end))
        return _only(json.load(source.index, source.text, start + break_at + 1, end))
    tree = _only(json.load(source.index, held.text) if is_json else yaml.load(source.index, held.text, "1.1"))
    place(tree, (source.index, start, end))
    return tree


def read_other(source: Source, held: Held, read: Callable[[int, str], yaml.Loaded]) -> Any:
    """The tree of a held text of another format, with the places where it stands; None where it has none."""
    loaded = read(source.index, held.text)
    tree = loaded.documents[0].value if loaded.documents else None
    moved = _lines(source.text, held)
    if moved is None:
        place(tree, (source.index, held.entry[3], held.entry[4]))
    else:
        _move(tree, *moved)
    return tree


def _lines(text: str, held: Held) -> tuple[list[int], list[int]] | None:
    """Where the lines of a held text begin in it, and where in the source; None where no literal block holds it."""
    _, _, _, start, end = held.entry
    at = text.find("\n", start, end) + 1
    if held.encoded or text[start : start + 1] != "|" or at <= 0:
        return None
    starts, sources, indent, here = [], [], None, 0
    for line in held.text.split("\n"):
        stop = text.find("\n", at, end)
        stop = end if stop < 0 else stop
        written = text[at:stop].rstrip("\r")
        if line:
            indent = len(written) - len(line) if indent is None else indent
            if written[indent:] != line or written[:indent].strip():
                return None
        starts.append(here)
        sources.append(at + (indent or 0) if line else at)
        here += len(line) + 1
        at = min(stop + 1, end)
    return starts, sources


def _move(tree: Any, starts: list[int], sources: list[int]) -> None:
    """Moves every place of a tree from the text it was read of to the source that text stands in."""

    def to(offset: int) -> int:
        line = bisect_right(starts, offset) - 1
        return sources[line] + offset - starts[line]

    for value in _branches(tree):
        value.span = (value.span[0], to(value.span[1]), to(value.span[2]))
        for key in value.at if isinstance(value, Map) else range(len(value.at)):
            source, *offsets = value.at[key]
            value.at[key] = (source, *map(to, offsets))  # type: ignore[assignment]


def _branches(tree: Any) -> Iterator[Map | Seq]:
    """Every mapping and sequence of a tree once, though an alias leads to it again."""
    waiting, seen = [tree], set()
    while waiting:
        value = waiting.pop()
        if isinstance(value, (Map, Seq)) and id(value) not in seen:
            seen.add(id(value))
            yield value
            waiting.extend(value.values() if isinstance(value, Map) else value)


def _only(loaded: yaml.Loaded) -> Any:
    return loaded.documents[0].value if loaded.documents and not loaded.problems else None


def place(tree: Any, span: Span) -> None:
    """Gives all of a tree one place."""
    source, start, end = span
    for value in _branches(tree):
        value.span = span
        if isinstance(value, Map):
            for key in value.at:
                value.at[key] = (source, start, end, start, end)
        else:
            value.at[:] = [(source, start, start, start, end)] * len(value.at)
