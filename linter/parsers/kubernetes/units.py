"""Which loose manifests belong together: the largest folders in which every object is there once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from linter.model import Unit


def units_of(identities: Iterable[tuple[str, Hashable | None]]) -> dict[str, Unit]:
    """Folder of a manifest → its unit. identities: (path, what must be unique in a cluster, or None) of each object.

    A folder is one unit if all objects below it differ; else its own files are one, and each folder in it is decided
    by itself. Real repositories write the same Deployment for a demonstration, a test and a release.
    """
    seen: dict[str, set[Hashable]] = {}
    clashing: set[str] = set()
    own: set[str] = set()
    for path, identity in identities:
        folder = parent_of(path)
        own.add(folder)
        for known in _upwards(folder):
            if known in seen:
                break
            seen[known] = set()
        if identity is not None:
            if identity in seen[folder]:
                clashing.add(folder)
            seen[folder].add(identity)
    _carry_upwards(seen, clashing)
    units: dict[str, Unit] = {}
    for folder in sorted(seen, key=_depth):
        above = units.get(parent_of(folder)) if folder else None
        joined = above is not None and parent_of(folder) not in clashing
        units[folder] = above if joined and above is not None else Unit("manifests", folder)
    return {folder: units[folder] for folder in own}


def _carry_upwards(seen: dict[str, set[Hashable]], clashing: set[str]) -> None:
    """Add every folder's identities to its parent's, the smaller set into the larger, noting what meets itself."""
    for folder in sorted(seen, key=_depth, reverse=True):
        if not folder:
            continue
        parent = parent_of(folder)
        if folder in clashing:
            clashing.add(parent)
            continue
        small, large = sorted((seen[folder], seen[parent]), key=len)
        if not small.isdisjoint(large):
            clashing.add(parent)
        large.update(small)
        seen[parent] = large


def parent_of(path: str) -> str:
    return path.rpartition("/")[0]


def _depth(folder: str) -> int:
    return folder.count("/") + 1 if folder else 0


def _upwards(folder: str) -> Iterable[str]:
    yield folder
    while folder:
        folder = parent_of(folder)
        yield folder
