"""What a computed function is, and how it reads its arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from linter.model import Map, Seq, Span
from linter.parsers.terraform.values import Wrong, to_number, to_string
from linter.records import NamedTuple

Body = Callable[[list[Any], Span], Any]


class Function(NamedTuple):
    """body(arguments, span of the call). type: word of the result. strict: only called with wholly known arguments.

    least, most: numbers of arguments (most < 0: any).
    """

    body: Body
    type: str
    least: int
    most: int
    strict: bool = True


def numeral(value: Any) -> int | float:
    """The argument as a number. Raises Wrong."""
    converted = to_number(value)
    if converted is None:
        raise Wrong("a number is required, not null")
    assert isinstance(converted, (int, float))
    return converted


def whole(value: Any) -> int:
    """The argument as an integer. Raises Wrong."""
    converted = numeral(value)
    if not isinstance(converted, int):
        if not converted.is_integer():
            raise Wrong("a whole number is required")
        return int(converted)
    return converted


def text(value: Any) -> str:
    """The argument as a string. Raises Wrong."""
    converted = to_string(value)
    if not isinstance(converted, str):
        raise Wrong("a string is required, not null")
    return converted


def seq(value: Any) -> Seq:
    """The argument as a list, tuple or set. Raises Wrong."""
    if not isinstance(value, Seq):
        raise Wrong("a list is required")
    return value


def table(value: Any) -> Map:
    """The argument as a map or object. Raises Wrong."""
    if not isinstance(value, Map):
        raise Wrong("a map is required")
    return value
