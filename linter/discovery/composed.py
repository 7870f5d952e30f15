"""What Compose files name and read beside them: the `.env`, and files they extend or include."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from posixpath import dirname, join, normpath

from linter.files import Tree, Unreadable


def read_composed(
    tree: Tree, artifacts: Mapping[str, tuple[str, bytes]], paths: Collection[str], known: Collection[str]
) -> dict[str, tuple[str, bytes]]:
    """Path → (format, bytes) of the files that Compose files need and nothing else has read. known: not to be read."""
    taken: dict[str, tuple[str, bytes]] = {}
    waiting = [(path, data) for path, (format, data) in artifacts.items() if format == "compose"]
    while waiting:
        path, data = waiting.pop()
        folder = dirname(path)
        wanted = [(normpath(join(folder, name)), "compose") for name in _names_in(data)]
        for other, format in (*wanted, (join(folder, ".env"), "dotenv")):
            if other in paths and other not in known and other not in artifacts and other not in taken:
                try:
                    taken[other] = (format, tree.read(other))
                except Unreadable:
                    continue
                if format == "compose":
                    waiting.append((other, taken[other][1]))
    return taken


def _names_in(data: bytes) -> list[str]:
    """YAML files that a Compose file may extend or include."""
    if b"extends" not in data and b"include" not in data:
        return []
    import re

    names = re.findall(
        rb"""(?m)(?:file:|path:|include:|-|,|\[)[ \t]*["']?([\w./-]{1,300}\.ya?ml)["']?[ \t]*[\],}#]?""", data
    )
    return sorted({name.decode("ascii", "ignore") for name in names})
