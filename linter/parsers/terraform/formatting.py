"""format: Terraform's verbs (%v %#v %t %b %d %o %x %X %e %E %f %F %g %G %s %q) with flags, width and precision."""

from __future__ import annotations

import re
from functools import cache
from math import inf
from typing import Any

from linter.parsers.terraform.arguments import large, numeral
from linter.parsers.terraform.go_text import fixed, general, scientific
from linter.parsers.terraform.json_text import json_text
from linter.parsers.terraform.numbers import text
from linter.parsers.terraform.values import STRING_LIMIT, Wrong, over_budget, to_bool, to_string

_SIZE_LIMIT = 10_000


@cache
def _verb() -> re.Pattern[str]:
    return re.compile(r"%(?:(%)|([ #+0-]*)(\d{0,12})(?:\.(\d{0,12}))?(?:\[(\d{1,6})\])?([a-zA-Z]))|%")


def format_text(template: str, args: list[Any]) -> str:
    """The formatted string. Raises Wrong, Stop."""
    pieces: list[str] = []
    position = 0
    following = 0
    used = 0
    size = 0
    for found in _verb().finditer(template):
        pieces.append(template[position : found.start()])
        position = found.end()
        if found[1]:
            pieces.append("%")
            continue
        if found[6] is None:
            raise Wrong("the format string has an unfinished verb")
        number = int(found[5]) - 1 if found[5] else following
        if not 0 <= number < len(args):
            raise Wrong("the format string needs more arguments")
        following = number + 1
        used = max(used, following)
        pieces.append(_formatted(found[6], found[2], found[3], found[4], args[number]))
        size += len(pieces[-1])
        if size > STRING_LIMIT:
            raise over_budget("a string of more than 1 MB")
    if used < len(args):
        raise Wrong("there are more arguments than verbs")
    return "".join([*pieces, template[position:]])


def _formatted(verb: str, flags: str, width: str, precision: str | None, value: Any) -> str:
    if int(width or 0) > _SIZE_LIMIT or int(precision or 0) > _SIZE_LIMIT:
        raise over_budget("a format width beyond 10,000")
    digits = None if precision is None else int(precision or 0)
    body = _body(verb, flags, digits, value)
    size = int(width or 0)
    if (size and not body.isascii()) or "\r" in body:
        size += len(body) - len(_clusters(body))
    if len(body) >= size or verb == "t":
        return body
    if "-" in flags:
        return body.ljust(size)
    if "0" in flags and verb not in "sqv":
        sign = body[0] if body[:1] in ("+", "-", " ") else ""
        return sign + body[len(sign) :].rjust(size - len(sign), "0")
    return body.rjust(size, "0" if "0" in flags and verb in "sqv" else " ")


def _body(verb: str, flags: str, digits: int | None, value: Any) -> str:
    if value is None:
        raise Wrong("a null value cannot be formatted")
    if verb == "v":
        return json_text(value) if "#" in flags else _plain(value)
    if verb in "sq":
        string = to_string(value)
        if digits:
            string = "".join(_clusters(string)[:digits])
        return json_text(string) if verb == "q" else str(string)
    if verb == "t":
        truth = to_bool(value)
        return "true" if truth else "false"
    return _signed(_number(verb, flags, digits, value), flags)


def _signed(text: str, flags: str) -> str:
    if text.startswith("-"):
        return text
    return "+" + text if "+" in flags else " " + text if " " in flags else text


def _number(verb: str, flags: str, digits: int | None, value: Any) -> str:
    if verb in "bdoxX":
        number = large(value)
        written = format(abs(number), verb)
        if "#" in flags:
            written = {"b": "0b", "o": "0", "x": "0x", "X": "0X", "d": ""}[verb] + written
        return "-" + written if number < 0 else written
    if verb in _FLOATING:
        floating = numeral(value)
        if verb == "f":
            return fixed(floating, 6 if digits is None else digits)
        shown = scientific(floating, 6 if digits is None else digits) if verb in "eE" else general(floating, digits)
        return shown.upper() if verb in "EG" else shown
    raise Wrong(f"there is no verb %{verb}")


_FLOATING = "eEfgG"


def _clusters(text: str) -> list[str]:
    from linter.parsers.terraform.graphemes import clusters

    return clusters(text)


def _plain(value: Any) -> str:
    if isinstance(value, (str, bool)):
        return str(to_string(value))
    if isinstance(value, (int, float)):
        return text(value) if abs(value) == inf else general(value, None)
    return json_text(value)
