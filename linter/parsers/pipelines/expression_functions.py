"""The functions of GitHub expressions: how many arguments they take, of which types, and what they yield.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#functions
"""

from __future__ import annotations

from typing import Any

from linter.decoding import loads
from linter.records import NamedTuple


class Function(NamedTuple):
    """takes: what each argument must be, the last for all that follow: string, list (or text) or any."""

    takes: tuple[str, ...]
    least: int
    most: int
    returns: str


FUNCTIONS: dict[str, Function] = {
    "contains": Function(("list", "any"), 2, 2, "bool"),
    "startswith": Function(("string",), 2, 2, "bool"),
    "endswith": Function(("string",), 2, 2, "bool"),
    "format": Function(("string", "any"), 1, 255, "string"),
    "join": Function(("list", "string"), 1, 2, "string"),
    "tojson": Function(("any",), 1, 1, "string"),
    "fromjson": Function(("string",), 1, 1, "any"),
    "hashfiles": Function(("string",), 1, 255, "string"),
    "case": Function(("any",), 3, 255, "any"),
    "always": Function(("any",), 0, 0, "bool"),
    "cancelled": Function(("any",), 0, 0, "bool"),
    "success": Function(("any",), 0, 255, "bool"),
    "failure": Function(("any",), 0, 255, "bool"),
}


def placeholders(text: str, given: int) -> str:
    """What is wrong between the placeholders of a format and the number of values it is given, '' if nothing.

    `{0}` stands for the first value, `{{` and `}}` for braces.
    """
    wanted: set[int] = set()
    position = text.find("{")
    while position >= 0:
        if text.startswith("{{", position):
            position = text.find("{", position + 2)
            continue
        end = text.find("}", position)
        number = text[position + 1 : end] if end > 0 else ""
        if number.isdecimal() and number.isascii() and len(number) < 9:
            wanted.add(int(number))
        position = text.find("{", position + 1)
    missing = sorted(number for number in wanted if number >= given)
    if missing:
        return f"the format has a placeholder `{{{missing[0]}}}`, and {given} values are given"
    unused = [number for number in range(given) if number not in wanted]
    return f"the format has no placeholder `{{{unused[0]}}}` for a value that is given" if unused else ""


def literal_json(text: str) -> tuple[Any, str]:
    """The value of a JSON text and '', or None and what is wrong with it."""
    try:
        return loads(text), ""
    except (RecursionError, ValueError):
        return _slowly(text)


def _slowly(text: str) -> tuple[Any, str]:
    """The same of a text with blanks around it, or that is no JSON; the library costs more than most scans' use of it."""
    import json

    try:
        return json.loads(text), ""
    except RecursionError:
        return None, "this JSON is nested too deeply"
    except ValueError as error:
        where = f" at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else ""
        return None, f"this text is no JSON{where}"
