"""Rules: one YAML file each, packed into the package and compiled as a scan needs them."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING

from linter.files import Tree, Unreadable, map_trusted, read_trusted, write_atomic
from linter.rules.model import RuleError
from linter.rules.pack import Pack, build, digest, is_current

if TYPE_CHECKING:
    from mmap import mmap

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKED = os.path.join(PACKAGE, "pack.json")
CHECKOUT = os.path.join(os.path.dirname(PACKAGE), "rules")


def open_pack(teams: tuple[tuple[str, dict[str, str]], ...] = ()) -> Pack:
    """The built-in rules and a team's own: (folder's name, its rule files). Raises RuleError for what cannot be loaded.

    In a source checkout the pack is made anew when a rule file is younger than it.
    """
    pack = Pack(_packed())
    for folder, files in teams:
        pack = pack.joined(Pack(build(files, pack.ids, folder)))
    return pack


def team_rules(policy: str, folder: str) -> tuple[str, dict[str, str]]:
    """The rule files below a folder of the policy, which may be the scanned tree: no link and no `..` leads out of it.

    Raises RuleError where the folder or a file of it cannot be read.
    """
    found: dict[str, str] = {}
    inside = posixpath.normpath(folder)
    if inside.startswith(("../", "/")) or inside == "..":
        raise RuleError(f"opslint.yaml: rules.folders: {folder!r} leads out of the policy's folder")
    try:
        with Tree(policy) as tree:
            for listing in tree.walk(
                lambda path: inside == "." or (path + "/").startswith(inside + "/") or inside.startswith(path + "/")
            ):
                if inside == "." or (listing.path + "/").startswith(inside + "/"):
                    for name in listing.files:
                        if name.endswith(".yaml"):
                            path = posixpath.join(listing.path, name)
                            found[posixpath.relpath(path, inside)] = tree.read(path).decode("utf-8", "replace")
    except Unreadable as error:
        raise RuleError(f"opslint.yaml: rules.folders: {folder!r} cannot be read: {error.reason}") from None
    if not found:
        raise RuleError(f"opslint.yaml: rules.folders: {folder!r} holds no rule files")
    return folder, found


def rule_files(folder: str) -> dict[str, str]:
    """Every rule and framework file below a trusted folder: path relative to it → text."""
    found: dict[str, str] = {}
    for path, _ in _listed(folder):
        found[os.path.relpath(path, folder).replace(os.sep, "/")] = read_trusted(path).decode("utf-8")
    return found


def _packed() -> bytes | mmap:
    if not os.path.isdir(CHECKOUT):
        return map_trusted(PACKED)
    made = os.stat(PACKED).st_mtime if os.path.exists(PACKED) else 0.0
    old = map_trusted(PACKED) if made else None
    if old is not None and not is_current(old):
        old = None
    if old is not None and all(changed <= made for changed in _times(CHECKOUT)):
        return old
    files = rule_files(CHECKOUT)
    if old is not None and Pack(old).digest == digest(files):
        os.utime(PACKED)
        return old
    data = build(files)
    write_atomic(PACKED, data)
    return data


def _times(folder: str) -> list[float]:
    """When the files below a folder changed, and its folders, whose times show what was moved or removed."""
    files = _listed(folder)
    folders = {os.path.dirname(path) for path, _ in files}
    return [*(changed for _, changed in files), *(os.stat(path).st_mtime for path in (folder, *folders))]


def _listed(folder: str) -> list[tuple[str, float]]:
    """(path, time of change) of every .yaml file below a folder."""
    listed: list[tuple[str, float]] = []
    waiting = [folder]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.name.endswith(".yaml"):
                    listed.append((entry.path, entry.stat().st_mtime))
    return sorted(listed)
