"""Changes of what a file says, and the languages that can turn them into edits of its text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from linter.records import NamedTuple
from linter.report import Edit


class Refused(Exception):
    """The change cannot be made in this text without risk; str() says why."""


class Change(NamedTuple):
    """One change. at: where the mapping, block or instruction is written that it begins from (start, end).

    op 'set': the entry at the path `keys` gets `value`; missing mappings on the way are made. before: names of entries
        of the first mapping that a new one should stand before, the first that is there.
    op 'remove': the entry at `keys` goes, and what it leaves empty too.
    op 'splice': in the text at `keys`, each (start, end, text) of `value` replaces a part, offsets into the decoded text.
    op 'write': the scalar that is written at `at` becomes `value`.
    op 'rewrite': of a text the part that is written at `at` becomes `value`, in the language's own words.
    """

    op: str
    at: tuple[int, int]
    keys: tuple[Any, ...] = ()
    value: Any = None
    before: tuple[str, ...] = ()


class Written(Protocol):
    """A file's text as its language reads it."""

    text: str

    def edits(self, changes: Sequence[Change]) -> list[Edit] | None:
        """The edits that make the changes, None where they cannot be made without risk."""

    def proven(self, text: str, changes: Iterable[Change]) -> bool:
        """Whether an edited text says what this one says with the changes made, and nothing else."""


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits made, which do not overlap."""
    parts, position = [], 0
    for start, end, new in sorted(edits):
        parts += [text[position:start], new]
        position = end
    parts.append(text[position:])
    return "".join(parts)


def overlap(one: Sequence[Edit], other: Sequence[Edit]) -> bool:
    """Whether edits change the same characters, or begin at the same place."""
    return any(a.start == b.start or (a.start < b.end and b.start < a.end) for a in one for b in other)


def line_break(text: str, offset: int) -> str:
    """The line break that the text uses around an offset."""
    found = text.find("\n", offset)
    if found < 0:
        found = text.rfind("\n", 0, offset)
    if found < 0:
        return "\r" if "\r" in text else "\n"
    return "\r\n" if text[found - 1 : found] == "\r" else "\n"


def line_end(text: str, offset: int) -> int:
    """The end of the line an offset is in, before its break."""
    found = text.find("\n", offset)
    end = len(text) if found < 0 else found
    return end - 1 if end > offset and text[end - 1 : end] == "\r" else end


def line_start(text: str, offset: int) -> int:
    return text.rfind("\n", 0, offset) + 1
