"""Files that only kustomizations name: properties, configuration files, keys, patches without a kind."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping

from linter.files import Tree, Unreadable

KUSTOMIZATIONS = frozenset(("kustomization.yaml", "kustomization.yml", "Kustomization"))
_COUNT = 2_000


def read_named(
    tree: Tree, artifacts: Mapping[str, tuple[str, bytes]], paths: Collection[str], known: Collection[str]
) -> dict[str, tuple[str, bytes]]:
    """The files (path → format, content) that kustomizations name and nothing else has read. known: not to be read."""
    taken: dict[str, tuple[str, bytes]] = {}
    if any(path.rpartition("/")[2] in KUSTOMIZATIONS for path in artifacts):
        for path in _named(artifacts, paths, known):
            try:
                taken[path] = _as_text(tree.read(path))
            except Unreadable:
                continue
    return taken


def _named(artifacts: Mapping[str, tuple[str, bytes]], paths: Collection[str], known: Collection[str]) -> Iterator[str]:
    import re

    found: set[str] = set()
    for path, (_, data) in sorted(artifacts.items()):
        folder, _, name = path.rpartition("/")
        if name not in KUSTOMIZATIONS:
            continue
        for word in dict.fromkeys(re.findall(rb"[^\s\"',=\[\]{}#]{1,300}", data)):
            if word.endswith(b":"):
                continue
            text = word.decode("utf-8", "replace")
            plain = b"./" not in word and not word.startswith((b"/", b"."))
            target = f"{folder}/{text}" if plain and folder else posixpath.normpath(posixpath.join(folder, text))
            if target in paths and target not in artifacts and target not in known and target not in found:
                found.add(target)
                yield target
            if len(found) >= _COUNT:
                return


def _as_text(data: bytes) -> tuple[str, bytes]:
    """The format and content to keep of such a file: what is no text is kept in base64."""
    try:
        data.decode()
    except UnicodeDecodeError:
        from base64 import b64encode

        return "binary", b64encode(data)
    return "data", data
