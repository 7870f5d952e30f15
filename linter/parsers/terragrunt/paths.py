"""Paths as Terragrunt's functions give them: absolute, of a checkout whose own place nobody knows.

Within an evaluation the tree's root is MARK, so that paths can be taken apart and joined as texts; where one gets out
into a value, that value is unknown.
"""

from __future__ import annotations

from posixpath import join, normpath
from typing import Any

from linter.model import Map, Seq, Unknown, concatenate, merge

MARK = "\ue000"
_DEPTH = 40


def absolute(path: str) -> str:
    """A path below the root ('' is the root) as functions return it."""
    return f"{MARK}/{path}" if path else MARK


def below(text: str, home: str) -> str | None:
    """The path below the root that a text names for a configuration in the folder `home`; None where it is outside."""
    if text.startswith(MARK):
        text = text[len(MARK) :].lstrip("/")
    elif text.startswith("/") or MARK in text:
        return None
    else:
        text = join(home, text)
    path = normpath(text) if text else "."
    if path == ".." or path.startswith("../"):
        return None
    return "" if path == "." else path


def published(value: Any, depth: int = 0) -> Any:
    """A value as it may leave the evaluation: texts that hold the place of the checkout are unknown."""
    if isinstance(value, str):
        if MARK in value:
            return Unknown("run-time", "the folder of the checkout", type="string", not_null=True)
    elif isinstance(value, (Map, Seq)) and depth < _DEPTH:
        pairs = value.items() if isinstance(value, Map) else enumerate(value)
        changed = [(key, new) for key, old in pairs if (new := published(old, depth + 1)) is not old]
        if changed:
            copied: Any = merge((value,), value.span) if isinstance(value, Map) else concatenate((value,), value.span)
            for key, new in changed:
                copied[key] = new
            return copied
    return value
