"""Unified diffs of text trees, applied strictly: what a hunk says is there must be there, in exactly one place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
NOTHING = "/dev/null"


class PatchError(ValueError):
    """A patch that is malformed or does not fit the tree; str() says where."""


class Hunk(NamedTuple):
    """start: the first line of `old` where the patch was made, from 1. old, new: lines with their line ends."""

    start: int
    old: tuple[str, ...]
    new: tuple[str, ...]

    def reversed(self) -> Hunk:
        return Hunk(self.start, self.new, self.old)


class Change(NamedTuple):
    """What a patch does to one file. creates, deletes: the file is not there before, or after."""

    path: str
    hunks: tuple[Hunk, ...]
    creates: bool = False
    deletes: bool = False

    def reversed(self) -> Change:
        return Change(self.path, tuple(hunk.reversed() for hunk in self.hunks), self.deletes, self.creates)


def parse(text: str) -> tuple[Change, ...]:
    """The changes of a unified diff with `a/` and `b/` names. Raises PatchError."""
    lines = text.splitlines(keepends=True)
    changes: list[Change] = []
    at = 0
    while at < len(lines):
        if not lines[at].startswith("--- ") or at + 1 >= len(lines) or not lines[at + 1].startswith("+++ "):
            raise PatchError(f"line {at + 1}: expected the names of a file, found {lines[at]!r}")
        before, after = (lines[at + step][4:].strip() for step in (0, 1))
        at += 2
        hunks: list[Hunk] = []
        while at < len(lines) and lines[at].startswith("@@ "):
            hunk, at = _hunk(lines, at)
            hunks.append(hunk)
        path = PurePosixPath(before if after == NOTHING else after)
        if not hunks or path.is_absolute() or ".." in path.parts or path.parts[0] not in ("a", "b"):
            raise PatchError(f"line {at}: {path} is no file below a/ or b/, or nothing changes in it")
        changes.append(Change("/".join(path.parts[1:]), tuple(hunks), before == NOTHING, after == NOTHING))
    if not changes:
        raise PatchError("nothing changes")
    return tuple(changes)


def _hunk(lines: Sequence[str], at: int) -> tuple[Hunk, int]:
    header = _HUNK.match(lines[at])
    if header is None:
        raise PatchError(f"line {at + 1}: no hunk: {lines[at]!r}")
    start, wanted_old, wanted_new = int(header[1]), int(header[2] or 1), int(header[4] or 1)
    old: list[str] = []
    new: list[str] = []
    at += 1
    while len(old) < wanted_old or len(new) < wanted_new:
        mark, line = (lines[at][:1], lines[at][1:]) if at < len(lines) else ("", "")
        if mark not in (" ", "-", "+"):
            raise PatchError(f"line {at + 1}: the hunk ends too early")
        if mark != "+":
            old.append(line)
        if mark != "-":
            new.append(line)
        at += 1
    if (len(old), len(new)) != (wanted_old, wanted_new):
        raise PatchError(f"line {at}: the hunk has other counts than its header says")
    return Hunk(start, tuple(old), tuple(new)), at


def apply(text: str, root: Path, *, reverse: bool = False) -> list[str]:
    """Apply a patch to a tree, wholly or not at all; the paths it changed. Raises PatchError."""
    changes = parse(text)
    if reverse:
        changes = tuple(change.reversed() for change in reversed(changes))
    results = [(root / change.path, _changed(root / change.path, change), change) for change in changes]
    for path, content, change in results:
        if change.deletes:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode())
    return [change.path for change in changes]


def _changed(path: Path, change: Change) -> str:
    if path.exists() is change.creates:
        raise PatchError(f"{change.path}: the file is {'already' if change.creates else 'not'} there")
    lines = [] if change.creates else path.read_bytes().decode().splitlines(keepends=True)
    shift = 0
    for number, hunk in enumerate(change.hunks, 1):
        found = list(_places(lines, hunk, shift))
        if len(found) != 1:
            raise PatchError(f"{change.path}: hunk {number} fits {len(found)} places")
        lines[found[0] : found[0] + len(hunk.old)] = hunk.new
        shift = found[0] + len(hunk.new) - len(hunk.old) - max(hunk.start - 1, 0)
    if change.deletes and lines:
        raise PatchError(f"{change.path}: the patch deletes the file and leaves lines of it")
    return "".join(lines)


def _places(lines: Sequence[str], hunk: Hunk, shift: int) -> Iterator[int]:
    """Where the hunk was made, if it fits there; else every place it fits."""
    size = len(hunk.old)
    expected = max(hunk.start - 1, 0) + shift
    if tuple(lines[expected : expected + size]) == hunk.old:
        yield expected
        return
    for at in range(len(lines) - size + 1 if size else 0):
        if tuple(lines[at : at + size]) == hunk.old:
            yield at
