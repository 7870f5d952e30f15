"""Globs of the policy, matched in time proportional to pattern times text: no regular expression is made of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


def path_matches(pattern: str, path: str) -> bool:
    """Whether a glob names a path; both below the root and `/`-separated.

    `*` and `?` stay within one name, `**` stands for any number of folders. A pattern whose last name has no wildcard,
    or that ends in `/`, names everything below that folder too. Patterns are anchored at the root: `**/x.tf` is x.tf
    anywhere.
    """
    names = [name for name in pattern.split("/") if name not in ("", ".")]
    if not names:
        return False
    if pattern.endswith("/") or not _wild(names[-1]):
        names.append("**")
    return _match(names, path.split("/"), "**", text_matches)


def text_matches(pattern: str, text: str) -> bool:
    """Whether a pattern is the whole text; `*` stands for any characters, `?` for one. Nothing else is special."""
    return pattern == text or _match(pattern, text, "*", _same)


def _wild(name: str) -> bool:
    return "*" in name or "?" in name


def _same(pattern: str, char: str) -> bool:
    return pattern in (char, "?")


def _match(pattern: Sequence[str], text: Sequence[str], star: str, one: Callable[[Any, Any], bool]) -> bool:
    """Greedy matching that goes back to the latest star only, which is enough for globs."""
    at = position = 0
    resume, tried = -1, 0
    while position < len(text):
        if at < len(pattern) and pattern[at] == star:
            resume, tried = at, position
            at += 1
        elif at < len(pattern) and one(pattern[at], text[position]):
            at += 1
            position += 1
        elif resume >= 0:
            at = resume + 1
            tried += 1
            position = tried
        else:
            return False
    return all(rest == star for rest in pattern[at:])
