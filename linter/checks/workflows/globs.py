"""Patterns of branches, tags and paths.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
"""

from __future__ import annotations

from collections.abc import Iterator

Fault = tuple[int, int, str]
# What git-check-ref-format leaves out of the names of refs, and no pattern means anything else by.
_NO_REF = frozenset(" ~^:\t\n\r\x7f")


def pattern_faults(pattern: str, refs: bool) -> Iterator[Fault]:
    """Start, end and message of what is wrong with a pattern; refs: of branches or tags, else of paths."""
    if not pattern:
        return
    start = 1 if pattern[0] == "!" else 0
    if start == len(pattern):
        yield 0, 1, "`!` alone leaves nothing out: a pattern is missing"
        return
    if refs:
        yield from _ref_ends(pattern, start)
    else:
        yield from _path_ends(pattern, start)
    yield from _characters(pattern, start, refs)


def _ref_ends(pattern: str, start: int) -> Iterator[Fault]:
    if pattern[start] == "/":
        yield start, start + 1, "no branch or tag begins with `/`"
    if pattern.endswith("/"):
        yield len(pattern) - 1, len(pattern), "no branch or tag ends with `/`"
    if pattern.endswith(".") and not pattern.endswith("\\."):
        yield len(pattern) - 1, len(pattern), "no branch or tag ends with `.`"


def _path_ends(pattern: str, start: int) -> Iterator[Fault]:
    if pattern != pattern.strip():
        yield 0, len(pattern), "a path that begins or ends with a blank matches nothing"
    for prefix in ("./", "../"):
        if pattern.startswith(prefix, start):
            yield start, start + len(prefix), f"paths begin at the repository's root: `{prefix}` matches nothing"
    if pattern in (".", "..") or pattern[start:] in (".", ".."):
        yield start, len(pattern), "`.` and `..` match no path"


def _characters(pattern: str, start: int, refs: bool) -> Iterator[Fault]:
    position, length = start, len(pattern)
    before = ""
    while position < length:
        char = pattern[position]
        if char == "\\":
            following = pattern[position + 1 : position + 2]
            if following in ("[", "?", "*", "+", "\\", "!"):
                if refs and following in "[?*\\":
                    yield position, position + 2, f"no branch or tag has a `{following}` in its name"
                before, position = following, position + 2
                continue
            if refs:
                yield position, position + 1, "no branch or tag has a backslash in its name: patterns are no regexes"
            elif not following:
                yield position, position + 1, "nothing follows the backslash"
        elif char in "?+":
            if before in ("", "?", "+", "*"):
                yield position, position + 1, f"`{char}` repeats the character before it, and there is none"
        elif char == "[":
            end, fault = _set(pattern, position)
            if fault is not None:
                yield fault
            before, position = "]", end
            continue
        elif refs and char in _NO_REF:
            yield position, position + 1, f"no branch or tag has {char!r} in its name: patterns are no regexes"
        before, position = char, position + 1


def _set(pattern: str, start: int) -> tuple[int, Fault | None]:
    """Where a set of characters ends, and what is wrong with it."""
    end = pattern.find("]", start + 1)
    if end < 0:
        return len(pattern), (start, start + 1, "this set of characters is not closed: `]` is missing")
    inner = pattern[start + 1 : end]
    if len(inner) < 2:
        what = f"only `{inner}`: leave the brackets out" if inner else "nothing"
        return end + 1, (start, end + 1, f"this set of characters holds {what}")
    if inner.endswith("-") and not inner.startswith("-"):
        return end + 1, (end - 1, end, "this range of characters has no end")
    position = 0
    while position < len(inner):
        if inner[position + 1 : position + 2] == "-" and position + 2 < len(inner):
            low, high = inner[position], inner[position + 2]
            if low > high:
                at = start + 1 + position
                return end + 1, (at, at + 3, f"`{low}-{high}` runs backwards")
            position += 3
        else:
            position += 1
    return end + 1, None
