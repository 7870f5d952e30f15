"""Where a scan begins: the root that is known, and the paths that are reported."""

from __future__ import annotations

import os

from linter.cli.refusals import usage
from linter.scope import Scope


def find_root(paths: tuple[str, ...], root: str | None) -> tuple[str, Scope]:
    """The absolute root and the scope of PATHs below it (DESIGN §3).

    root: as given, else the nearest ancestor of the PATHs that holds `.git`, else their common ancestor. Raises
    UsageError for a path that is not there or lies outside the root.
    """
    named = [os.path.realpath(path) for path in (paths or (root or os.curdir,))]
    for path, shown in zip(named, paths or (root or os.curdir,), strict=True):
        if not os.path.lexists(path):
            raise usage(f"{shown!r} does not exist")
    if root is None:
        common = os.path.commonpath(named)
        common = common if os.path.isdir(common) else os.path.dirname(common)
        root = _repository(common) or common
    top = os.path.realpath(root)
    if not os.path.isdir(top):
        raise usage(f"the root {root!r} is not a folder")
    prefixes = []
    for path in named:
        inside = os.path.relpath(path, top)
        if inside == os.pardir or inside.startswith(os.pardir + os.sep):
            raise usage(f"{path!r} lies outside the root {top!r}; give a --root that holds it")
        prefixes.append("" if inside == os.curdir else inside.replace(os.sep, "/"))
    return top, Scope(tuple(prefixes))


def _repository(folder: str) -> str | None:
    while True:
        if os.path.exists(os.path.join(folder, ".git")):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
