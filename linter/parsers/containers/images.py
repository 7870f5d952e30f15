"""Image references: registry, repository, tag and digest.

Encodes the grammar of https://pkg.go.dev/github.com/distribution/reference: a first part with a dot, a colon or
`localhost` is a registry; without one it is Docker Hub's, without a tag it is `latest`.
"""

from __future__ import annotations

from typing import Any

from linter.model import Entry, Map, Unknown
from linter.parsers.containers.substitution import HOLE


def image(reference: str | Unknown, entry: Entry) -> Map:
    """An image's parts, see `image_with_holes`, of a reference of which all or only a prefix is known."""
    if isinstance(reference, Unknown):
        return image_with_holes(reference.prefix + HOLE, reference, entry)
    return image_with_holes(reference, None, entry)


def image_with_holes(reference: str, unknown: Unknown | None, entry: Entry) -> Map:
    """An image's parts: reference, name, registry, repository, tag and digest (absent where not
    written); scratch; blank.

    reference: with a HOLE for what is not known; unknown: what that is. What the rest of the text settles is known all
    the same: `${REGISTRY}/app` has no tag, whatever the registry.
    """
    found = Map((entry[0], entry[3], entry[4]))

    def put(key: str, value: Any) -> None:
        found[key] = value
        found.at[key] = entry

    def known(text: str) -> Any:
        if unknown is None or HOLE not in text:
            return text
        prefix = text.partition(HOLE)[0]
        return Unknown(unknown.cause, unknown.subject, unknown.remedy, type="string", prefix=prefix, not_null=True)

    put("reference", known(reference))
    put("blank", not reference)
    put("scratch", known(reference) if HOLE in reference and len(reference) == 1 else reference == "scratch")
    rest, at, digest = reference.partition("@")
    last = rest.rpartition("/")[2]
    stem, colon, tag = last.partition(":")
    if at:
        put("digest", known(digest))
    if colon:
        put("tag", known(tag))
    if HOLE in (digest if at else tag if colon else last) and unknown is not None:
        # A variable may bring a tag or digest of its own.
        found.open = unknown
    name = rest[: len(rest) - len(last)] + stem
    put("name", known(name))
    if HOLE in name:
        return found
    first, slash, remainder = name.partition("/")
    hosted = bool(slash) and ("." in first or ":" in first or first == "localhost")
    put("registry", first if hosted else "docker.io")
    put("repository", remainder if hosted else name)
    return found
