"""A unified diff (POSIX `diff -u`) of edits that are known, so that nothing has to be compared."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from linter.fixes.changes import applied
from linter.report import Edit

_CONTEXT = 3
Hunk = tuple[int, list[str], list[str]]
"""(number of the first old line, old lines, new lines)."""


def unified(path: str, old: str, edits: Sequence[Edit]) -> str:
    """The change of one file. edits: not overlapping."""
    lines = _lines(old)
    parts = [f"--- a/{path}\n", f"+++ b/{path}\n"]
    shift = 0
    for group in _grouped(list(_hunks(old, lines, sorted(edits)))):
        first = max(group[0][0] - _CONTEXT, 0)
        last = min(group[-1][0] + len(group[-1][1]) + _CONTEXT, len(lines))
        body, position, added = [], first, 0
        for start, gone, come in group:
            body += [f" {line}" for line in lines[position:start]]
            body += [f"-{line}" for line in gone] + [f"+{line}" for line in come]
            position = start + len(gone)
            added += len(come) - len(gone)
        body += [f" {line}" for line in lines[position:last]]
        parts.append(f"@@ -{_range(first, last - first)} +{_range(first + shift, last - first + added)} @@\n")
        parts += [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in body]
        shift += added
    return "".join(parts)


def _lines(text: str) -> list[str]:
    found = text.split("\n")
    return [f"{line}\n" for line in found[:-1]] + ([found[-1]] if found[-1] else [])


def _hunks(old: str, lines: list[str], edits: Sequence[Edit]) -> Iterator[Hunk]:
    """Each run of lines that edits touch, without the lines at its ends that stay as they are."""
    starts = list(accumulate(map(len, lines), initial=0))
    runs: list[tuple[int, int, list[Edit]]] = []
    for edit in edits:
        first = min(bisect_right(starts, edit.start) - 1, max(len(lines) - 1, 0))
        last = max(min(bisect_right(starts, edit.end) - 1, len(lines) - 1), first)
        if runs and first <= runs[-1][1]:
            runs[-1] = (runs[-1][0], max(last, runs[-1][1]), [*runs[-1][2], edit])
        else:
            runs.append((first, last, [edit]))
    for first, last, inner in runs:
        gone = lines[first : last + 1]
        base = starts[first]
        moved = [Edit(edit.start - base, edit.end - base, edit.text) for edit in inner]
        come = _lines(applied("".join(gone), moved))
        while gone and come and gone[0] == come[0]:
            first, gone, come = first + 1, gone[1:], come[1:]
        while gone and come and gone[-1] == come[-1]:
            gone, come = gone[:-1], come[:-1]
        yield first, gone, come


def _grouped(hunks: list[Hunk]) -> Iterator[list[Hunk]]:
    group: list[Hunk] = []
    for hunk in hunks:
        if group and hunk[0] - (group[-1][0] + len(group[-1][1])) > 2 * _CONTEXT:
            yield group
            group = []
        group.append(hunk)
    if group:
        yield group


def _range(start: int, count: int) -> str:
    """Lines from 1; an empty range is named by the line before it."""
    return f"{start + 1 if count else start},{count}"
