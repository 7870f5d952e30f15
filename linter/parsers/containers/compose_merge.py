"""One Compose model of several files, the later ones changing the earlier.

Encodes "Merge and override" of the Compose specification: mappings are joined, lists appended, ports, volumes, secrets
and configs told apart by what they are unique by, commands replaced; `!reset` removes and `!override` replaces.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linter.model import Entry, Map, Seq, Unknown

Tags = Mapping[tuple[int, int], str]
"""(source, start of a value) → its tag."""

DEPTH = 100
_REPLACED = frozenset(("command", "entrypoint", "test"))
_UNIQUE = {
    "volumes": ("target",),
    "secrets": ("target",),
    "configs": ("target",),
    "ports": ("host_ip", "target", "published", "protocol"),
}


def tag_of(entry: Entry, tags: Tags) -> str:
    return tags.get((entry[0], entry[3]), "")


def merged(base: Map, over: Map, tags: Tags, depth: int = 0) -> Map:
    """Two mappings as one. Entries keep their places; of services that both name, the key stays the first one's."""
    made = Map(base.span)
    made.open = base.open if base.open is not None else over.open
    for key, value in base.items():
        made[key] = value
        made.at[key] = base.at[key]
    for key, value in over.items():
        entry = over.at[key]
        tag = tag_of(entry, tags)
        if tag == "!reset":
            made.pop(key, None)
            made.at.pop(key, None)
            continue
        known = key in made and made[key] is not None
        if known and tag != "!override":
            value, entry = _joined(key, made[key], value, made.at[key], entry, tags, depth)
        made[key] = value
        made.at[key] = entry
    return made


def _joined(key: Any, old: Any, new: Any, was: Entry, entry: Entry, tags: Tags, depth: int) -> tuple[Any, Entry]:
    if isinstance(old, Map) and isinstance(new, Map) and depth < DEPTH:
        return merged(old, new, tags, depth + 1), was
    if isinstance(old, Map) and new is None:
        return old, was
    if isinstance(old, Seq) and isinstance(new, Seq) and key not in _REPLACED:
        return _appended(old, new, _UNIQUE.get(key, ()), tags), was
    return new, entry


def _appended(old: Seq, new: Seq, unique: tuple[str, ...], tags: Tags) -> Seq:
    made = Seq(old.span)
    places: dict[Any, int] = {}
    for listed in (old, new):
        for item, entry in zip(listed, listed.at, strict=True):
            identity = _identity(item, unique)
            if identity is not None and identity in places:
                at = places[identity]
                before = made[at]
                both = isinstance(before, Map) and isinstance(item, Map)
                made[at] = merged(before, item, tags) if both else item
                made.at[at] = entry
                continue
            if identity is not None:
                places[identity] = len(made)
            made.append(item)
            made.at.append(entry)
    made.open = old.open if old.open is not None else new.open
    return made


def _identity(item: Any, unique: tuple[str, ...]) -> Any:
    """What an element is told apart by; None where that is not known, so that it is kept beside all others."""
    if isinstance(item, (str, int)):
        return (type(item).__name__, item)
    if not isinstance(item, Map) or not unique or item.open is not None:
        return None
    values = tuple(item.get(key) for key in unique)
    if unique == ("target",) and values[0] is None:
        values = (item.get("source"),)
    return None if any(isinstance(value, (Unknown, Map, Seq)) for value in values) else values


def without_resets(value: Any, tags: Tags, depth: int = 0) -> Any:
    """A tree without what is marked `!reset`, for a file that changes no other."""
    if not isinstance(value, Map) or depth > DEPTH:
        return value
    made = Map(value.span)
    made.open = value.open
    for key, inner in value.items():
        if tag_of(value.at[key], tags) != "!reset":
            made[key] = without_resets(inner, tags, depth + 1)
            made.at[key] = value.at[key]
    return made
