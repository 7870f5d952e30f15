"""What the YAML reader looks for in the text itself, and its memory of plain scalars."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from linter.records import NamedTuple
from linter.syntax.yaml_scalars import NUMBER_LIMIT, is_endless_number

if TYPE_CHECKING:
    import re

_NARROW_INTEGER: Final = 2**61 - 1


class Patterns(NamedTuple):
    boundary: re.Pattern[str]
    properties: re.Pattern[str]
    unreadable: re.Pattern[str]


@cache
def patterns() -> Patterns:
    import re

    return Patterns(
        re.compile(r"(?:\A|(?<=[\n\r\x85\u2028\u2029]))---(?=[ \t\n\r\x85\u2028\u2029]|\Z)"),
        re.compile(r"(?:[&!]\S*|#[^\n\r]*|\s)*"),
        re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"),
    )


def boundaries(text: str, start: int, end: int) -> Iterator[int]:
    """Where `---` lines stand between two offsets: each begins a document, whatever is around it."""
    return (match.start() for match in patterns().boundary.finditer(text, start, end))


class StopError(Exception):
    """A guard that ends a document: message and offset."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class Memo(dict[str, Any]):
    """Plain text → value, resolved on first sight. endless: numbers too long to convert."""

    __slots__ = ("endless", "resolve")

    def __init__(self, resolve: Callable[[str], Any]) -> None:
        super().__init__()
        self.resolve = resolve
        self.endless: list[str] = []

    def __missing__(self, text: str) -> Any:
        if len(text) > NUMBER_LIMIT and is_endless_number(text):
            self.endless.append(text)
        value = self[text] = self.resolve(text)
        return value


def key_resolver(resolve: Callable[[str], Any]) -> Callable[[str], Any]:
    def key(text: str) -> Any:
        value = resolve(text)
        # Python hashes integers modulo 2**61 - 1: larger ones could be written so that they all collide.
        return text if value.__class__ is int and abs(value) >= _NARROW_INTEGER else value

    return key
