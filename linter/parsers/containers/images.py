"""Image references: registry, repository, tag and digest.

Encodes the grammar of https://pkg.go.dev/github.com/distribution/reference: a first part with a dot, a colon or
`localhost` is a registry; without one it is Docker Hub's, without a tag it is `latest`.
"""

from __future__ import annotations

from typing import Any

from linter.model import Entry, Map, Unknown


def image(reference: Any, entry: Entry) -> Map:
    """An image's parts: reference, name, registry, repository, tag and digest (absent where not written), scratch."""
    found = Map((entry[0], entry[3], entry[4]))

    def put(key: str, value: Any) -> None:
        found[key] = value
        found.at[key] = entry

    put("reference", reference)
    if isinstance(reference, Unknown):
        found.open = reference
        _known_parts(reference.prefix, put)
        return found
    put("scratch", reference == "scratch")
    rest, _, digest = reference.partition("@")
    if digest:
        put("digest", digest)
    last = rest.rpartition("/")[2]
    name, colon, tag = last.partition(":")
    if colon:
        put("tag", tag)
    name = rest[: len(rest) - len(last)] + name
    put("name", name)
    first, slash, remainder = name.partition("/")
    hosted = bool(slash) and ("." in first or ":" in first or first == "localhost")
    put("registry", first if hosted else "docker.io")
    put("repository", remainder if hosted else name)
    return found


def _known_parts(prefix: str, put: Any) -> None:
    """Of `node:${VERSION}` the name is known all the same."""
    name, colon, _ = prefix.rpartition("/")[2].partition(":")
    if colon:
        put("name", prefix[: len(prefix) - len(prefix.rpartition("/")[2])] + name)
