"""Files that other files hold as text: ConfigMaps, Secrets and values that carry a program's configuration.

A literal block (YAML 1.2 §8.1.2) keeps the lines of what it holds, each behind the same indentation, so that YAML and
JSON in it are read where they stand and every place is exact. What is quoted, folded or in base64 is read from its
value, and all of it lies at the value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model import Entry, Map, Seq, Source, Span
from linter.records import NamedTuple
from linter.syntax import json, yaml
from linter.trees import as_map


class Held(NamedTuple):
    """A file in a ConfigMap or Secret. entry: where its text is written. encoded: it stands there in base64."""

    name: str
    text: str
    entry: Entry
    encoded: bool


def held_files(body: Map) -> Iterator[Held]:
    """The files of a ConfigMap or a Secret (Kubernetes API, core/v1), but for what is unknown or no text."""
    kind = body.get("kind")
    if kind not in ("ConfigMap", "Secret"):
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


def read_held(source: Source, held: Held) -> Any:
    """The tree of a held YAML or JSON text, None where it cannot be read."""
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


def _only(loaded: yaml.Loaded) -> Any:
    return loaded.documents[0].value if loaded.documents and not loaded.problems else None


def place(tree: Any, span: Span) -> None:
    """Gives all of a tree one place."""
    source, start, end = span
    waiting, seen = [tree], set()
    while waiting:
        value = waiting.pop()
        if not isinstance(value, (Map, Seq)) or id(value) in seen:
            continue
        seen.add(id(value))
        value.span = span
        if isinstance(value, Map):
            for key in value.at:
                value.at[key] = (source, start, end, start, end)
            waiting.extend(value.values())
        else:
            value.at[:] = [(source, start, start, start, end)] * len(value.at)
            waiting.extend(value)
