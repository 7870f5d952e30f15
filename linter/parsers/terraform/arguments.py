"""What a computed function is, and how it reads its arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from linter.model import Map, Seq, Span
from linter.parsers.terraform.types import convert
from linter.parsers.terraform.values import ANY, STRING, List, Wrong, to_number, to_string
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
        if converted:
            raise Wrong("a whole number is required")
        return 0
    if not -(1 << 63) <= converted < 1 << 63:
        raise Wrong("the number is too large")
    return int(converted)


def large(value: Any) -> int:
    """The argument as an integer of any size. Raises Wrong."""
    converted = numeral(value)
    if not isinstance(converted, int) and converted:
        raise Wrong("a whole number is required")
    return int(converted)


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


def strings(value: Any) -> Seq:
    """The argument as a list of strings, each with its place. Raises Wrong."""
    if value is None:
        raise Wrong("a list is required, not null")
    converted: Seq = convert(value, ("list", STRING))
    return converted


def alike(value: Any) -> List:
    """The argument as a list of elements of one type. Raises Wrong."""
    if value is None:
        raise Wrong("a list is required, not null")
    converted: List = convert(value, ("list", ANY))
    return converted


def table(value: Any) -> Map:
    """The argument as a map or object. Raises Wrong."""
    if not isinstance(value, Map):
        raise Wrong("a map is required")
    return value
