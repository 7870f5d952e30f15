"""What GitOps objects say they deploy, in one form for Argo CD and Flux."""

from __future__ import annotations

import posixpath
from typing import Any

from linter.model import Map, Span, Unknown
from linter.records import NamedTuple
from linter.trees import at_path

DEPLOYS, READS, UPDATES = "deploys", "reads", "updates"


class Delivery(NamedTuple):
    """A place in a repository that an object uses.

    relation: `deploys` manifests or a chart, `reads` a file of values, `updates` a folder. field: where that is written,
    dotted; span: the text. repository: see repository_key. path: below the repository's root. deep: manifests in
    folders below count, too. names: what may speak of the environment, the best first; None stands for the object's own.
    """

    relation: str
    field: str
    span: Span
    repository: str | Unknown
    path: str | Unknown
    names: tuple[str | None, ...] = ()
    deep: bool = False


def remote(subject: str) -> Unknown:
    """What another place than this repository holds."""
    return Unknown("remote-source", subject, "Scan the repository or the rendered manifests it deploys.")


def repository_key(url: str) -> str:
    """One text for all ways to write a repository's URL: host and path, without user, scheme and `.git`."""
    text = url.strip()
    _, found, rest = text.partition("://")
    text = (rest if found else text).rpartition("@")[2]
    host, slash, path = text.partition("/")
    if not found and ":" in host:  # git@github.com:acme/shop.git
        host, _, first = host.partition(":")
        path = first + slash + path
    path = path.rstrip("/").removesuffix(".git")
    return f"{host}/{path}".lower()


def cleaned(text: Any) -> str | Unknown:
    """A path below a repository's root, '' for the root itself."""
    if isinstance(text, Unknown):
        return text
    if not isinstance(text, str):
        return Unknown("expression", "the path", "Write the path as text.")
    if "${" in text or "{{" in text:
        return Unknown("template", text, "Its value is filled in when it is applied.")
    return posixpath.normpath("/" + text).lstrip("/")


def joined(folder: str | Unknown, text: Any) -> str | Unknown:
    """A path that starts from a folder, or from the root where it begins with `/`."""
    rest = cleaned(text)
    if isinstance(rest, Unknown) or isinstance(folder, Unknown) or not isinstance(text, str):
        return rest if isinstance(rest, Unknown) else folder
    return rest if text.startswith("/") else cleaned(posixpath.join(folder, text))


def text_at(value: Any, *path: str) -> str:
    """The text at a path of keys, '' where there is none."""
    found = at_path(value, path)
    return found if isinstance(found, str) else ""


def span_of(holder: Map, key: str) -> Span:
    """The text of an entry's value, or of the mapping where it has none."""
    entry = holder.at.get(key)
    return (entry[0], entry[3], entry[4]) if entry is not None else holder.span
