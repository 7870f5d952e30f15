"""JSON as Terraform writes it, and texts that remember the value they were made from."""

from __future__ import annotations

import json
from typing import Any

from linter.model import Map, Seq, Unknown
from linter.parsers.terraform import numbers
from linter.parsers.terraform.values import STRING_LIMIT, Wrong, over_budget

_DEPTH = 60


class Encoded(str):
    """A JSON text that remembers the value it was made from, with that value's places."""

    tree: Any


class EncodedUnknown(Unknown):
    """A JSON text that is not known as a whole, with the value it is made from."""

    __slots__ = ("tree",)
    tree: Any


class FileText(str):
    """The text of a file of the tree. source: the index of its Source."""

    source: int


class Rendered(str):
    """A template's text. template: its expression and the scope it was rendered in."""

    template: Any


class RenderedUnknown(Unknown):
    """A template's text that is not known as a whole."""

    __slots__ = ("template",)
    template: Any


def json_text(value: Any) -> str:
    """JSON as jsonencode writes it: keys sorted, no blanks, <, > and & escaped. Raises Stop beyond 1 MB."""
    pieces: list[str] = []
    _write(value, pieces, 0)
    return "".join(pieces)


def quoted(value: str) -> str:
    """A JSON string."""
    text = json.dumps(value, ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        if char in text:
            text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _write(value: Any, pieces: list[str], depth: int) -> None:
    if depth > _DEPTH or len(pieces) > STRING_LIMIT:
        raise over_budget("the JSON of a deep or large value")
    if isinstance(value, Map):
        opener = "{"
        for key in sorted(value):
            pieces.append(opener + quoted(str(key)) + ":")
            _write(value[key], pieces, depth + 1)
            opener = ","
        pieces.append("{}" if opener == "{" else "}")
    elif isinstance(value, Seq):
        opener = "["
        for element in value:
            pieces.append(opener)
            _write(element, pieces, depth + 1)
            opener = ","
        pieces.append("[]" if opener == "[" else "]")
    elif value is None:
        pieces.append("null")
    elif isinstance(value, bool):
        pieces.append("true" if value else "false")
    elif isinstance(value, str):
        pieces.append(quoted(value))
    else:
        if isinstance(value, float) and abs(value) == float("inf"):
            raise Wrong("JSON has no infinity")
        pieces.append(numbers.text(value))
