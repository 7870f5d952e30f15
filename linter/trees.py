"""Reading and filling mappings and sequences of scanned files, whose shape nobody has checked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from linter.model import Entry, Map, Seq


def put(body: Map, key: Any, value: Any, entry: Entry) -> None:
    """Sets an entry and the place it is written at."""
    body[key] = value
    body.at[key] = entry


def put_span(body: Map, key: Any, value: Any, start: int, end: int) -> None:
    """Sets an entry that has no key of its own in the text; start and end: of its value, in the body's source."""
    put(body, key, value, (body.span[0], start, start, start, end))


def maps(value: Any) -> list[Map]:
    """The mappings in a list, nothing for anything else."""
    return [item for item in value if isinstance(item, Map)] if isinstance(value, Seq) else []


def as_map(value: Any) -> Map:
    """A mapping, an empty one for anything else."""
    return value if isinstance(value, Map) else Map((0, 0, 0))


def at_path(value: Any, path: Iterable[str]) -> Any:
    """What stands at a path of keys, None where it leads nowhere."""
    for key in path:
        value = value.get(key) if isinstance(value, Map) else None
    return value


def says(value: Any, *words: str) -> bool:
    """Whether a value is one of some words; what is unknown says nothing."""
    return isinstance(value, str) and value in words


def whole(text: Any) -> int | None:
    """The number that a text of up to eighteen ASCII digits says, None for anything else."""
    plain = isinstance(text, str) and len(text) <= 18 and text.isascii() and text.isdigit()
    return int(text) if plain else None


def decimal(text: Any) -> float | None:
    """The number that a text of ASCII digits with at most one dot says, None for anything else."""
    plain = isinstance(text, str) and len(text) <= 40 and text.isascii() and text.replace(".", "", 1).isdigit()
    return float(text) if plain else None
