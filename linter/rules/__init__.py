"""Rules: one YAML file each, packed into the package and compiled as a scan needs them."""

from __future__ import annotations

import os

from linter.files import CAP, read_trusted, write_atomic
from linter.rules.pack import Pack, build, digest

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKED = os.path.join(PACKAGE, "pack.json")
CHECKOUT = os.path.join(os.path.dirname(PACKAGE), "rules")


def open_pack(folders: tuple[str, ...] = ()) -> Pack:
    """The built-in rules and those of a team's own folders. Raises RuleError for what cannot be loaded.

    In a source checkout the pack is made anew when a rule file is younger than it.
    """
    pack = Pack(_packed())
    for folder in folders:
        pack = pack.joined(Pack(build(rule_files(folder), pack.ids, folder)))
    return pack


def rule_files(folder: str) -> dict[str, str]:
    """Every rule and framework file below a trusted folder: path relative to it → text."""
    found: dict[str, str] = {}
    for path, _ in _listed(folder):
        found[os.path.relpath(path, folder).replace(os.sep, "/")] = read_trusted(path).decode("utf-8")
    return found


def _packed() -> bytes:
    if not os.path.isdir(CHECKOUT):
        return read_trusted(PACKED, cap=16 * CAP)
    made = os.stat(PACKED).st_mtime if os.path.exists(PACKED) else 0.0
    if made and all(changed <= made for _, changed in _listed(CHECKOUT)):
        return read_trusted(PACKED, cap=16 * CAP)
    files = rule_files(CHECKOUT)
    if made:
        data = read_trusted(PACKED, cap=16 * CAP)
        if Pack(data).digest == digest(files):
            os.utime(PACKED)
            return data
    data = build(files)
    write_atomic(PACKED, data)
    return data


def _listed(folder: str) -> list[tuple[str, float]]:
    """(path, time of change) of every .yaml file below a folder; a folder's own time shows removals."""
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
