"""yamldecode and yamlencode, with the scalars and the layout of the library that Terraform uses (a form of libyaml)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from linter.model import Map, Seq, Span
from linter.parsers.terraform.arguments import text
from linter.parsers.terraform.json_text import json_text
from linter.parsers.terraform.values import Wrong, mapping, over_budget, sequence, to_number, to_string

_DEPTH = 60
_WIDTH = 80
_LONGEST_KEY = 128
_BREAKS = "\n\x85\u2028\u2029"
_ESCAPES = {
    "\0": "\\0", "\a": "\\a", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r", "\x1b": "\\e",
    '"': '\\"', "\\": "\\\\", "\x85": "\\N", "\u2028": "\\L", "\u2029": "\\P",
}  # fmt: skip
_WORDS: dict[str, Any] = {
    **{word: True for plain in ("y", "yes", "true", "on") for word in (plain, plain.title(), plain.upper())},
    **{word: False for plain in ("n", "no", "false", "off") for word in (plain, plain.title(), plain.upper())},
}


def _scalar(plain: str) -> Any:
    """The value of a plain scalar."""
    if plain in _WORDS:
        return _WORDS[plain]
    from linter.syntax.yaml_scalars import resolver

    if plain[:4].isdigit() and plain[4:5] == "-":
        return _timestamp(plain)
    value = resolver("1.2")(plain)
    plainly = isinstance(value, float) and math.isfinite(value)
    return to_number(plain) if plainly or (value == 0 and plain == "-0") else value


def _timestamp(plain: str) -> str:
    """A date or a time as RFC 3339 has it; other text as it is."""
    import re
    from datetime import datetime

    found = re.fullmatch(
        r"(\d{4})-(\d\d?)-(\d\d?)(?:[Tt](\d\d?):(\d\d?):(\d\d?)(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)"
        r"| (\d\d?):(\d\d?):(\d\d?)(?:\.\d{1,9})?)?",
        plain,
    )
    if found is None:
        return plain
    numbers = [int(part) for part in found.group(1, 2, 3, 4, 5, 6, 8, 9, 10) if part is not None]
    try:
        moment = datetime(*numbers)  # type: ignore[arg-type]
    except ValueError:
        return plain
    return f"{moment.year:04d}-{moment.strftime('%m-%dT%H:%M:%S')}{found[7] or 'Z'}"


def _decode(args: list[Any], span: Span) -> Any:
    return yaml_value(text(args[0]), span)


def yaml_value(written: str, span: Span) -> Any:
    """The value of one YAML document, every part of it at `span`. Raises Wrong."""
    from linter.syntax import yaml

    loaded = yaml.load(span[0], written, _scalar)
    if loaded.problems or len(loaded.documents) != 1:
        raise Wrong("this is not one YAML document")
    return _moved(loaded.documents[0].value, span, 0)


def _moved(value: Any, span: Span, depth: int) -> Any:
    """A decoded value with its places at the call: offsets into the decoded text mean nothing in the source."""
    if depth > _DEPTH:
        raise over_budget("a deeply nested value")
    if isinstance(value, Map):
        return mapping(((_key(key), _moved(item, span, depth + 1)) for key, item in value.items()), span)
    if isinstance(value, Seq):
        return sequence([_moved(item, span, depth + 1) for item in value], span)
    if isinstance(value, float) and not math.isfinite(value):
        raise Wrong("an infinite number")
    return value


def _key(key: Any) -> str:
    found = to_string(key)
    if not isinstance(found, str):
        raise Wrong("a key is null")
    return found


def _encode(args: list[Any], span: Span) -> str:
    """Block style: strings and keys quoted, lists not indented below their key."""
    lines: list[str] = []
    _write(args[0], "", "", lines, 0)
    if not isinstance(args[0], (Map, Seq, str)):
        lines.append("...")
    return "\n".join(lines) + "\n"


def _write(value: Any, first: str, indent: str, lines: list[str], depth: int) -> None:
    if depth > _DEPTH:
        raise over_budget("a deeply nested value")
    lead = first
    if isinstance(value, Map) and value:
        for key in sorted(value):
            _entry(key, value[key], lead, indent, lines, depth)
            lead = indent
    elif isinstance(value, Seq) and value:
        for element in value:
            _write(element, lead + "- ", indent + "  ", lines, depth + 1)
            lead = indent
    elif isinstance(value, (Map, Seq)):
        lines.append(first + ("{}" if isinstance(value, Map) else "[]"))
    elif isinstance(value, str) and "\n" in value and _literal(value):
        _block(value, first, indent or "  ", lines)
    elif isinstance(value, str):
        _quoted(value, first, indent or "  ", lines)
    else:
        lines.append(first + json_text(value))


def _entry(key: str, value: Any, lead: str, indent: str, lines: list[str], depth: int) -> None:
    if "\n" in key or len(_escaped(key)) > _LONGEST_KEY:
        _write(key, lead + "? ", indent + "  ", lines, depth)
        _write(value, indent + ": ", indent + "  ", lines, depth + 1)
        return
    header = f'{lead}"{_escaped(key)}":'
    if isinstance(value, Map) and value:
        lines.append(header)
        _write(value, indent + "  ", indent + "  ", lines, depth + 1)
    elif isinstance(value, Seq) and value:
        lines.append(header)
        _write(value, indent, indent, lines, depth + 1)
    else:
        _write(value, header + " ", indent + "  ", lines, depth + 1)


def _printable(char: str) -> bool:
    point = ord(char)
    return (
        point == 10
        or 0x20 <= point < 0x7F
        or (0xA0 <= point < 0xFFFE and not 0xD800 <= point < 0xE000 and point != 0xFEFF)
    )


def _literal(value: str) -> bool:
    """Whether a text of several lines can be a literal block."""
    return " \n" not in value and not value.endswith(" ") and all(map(_printable, value))


def _block(value: str, first: str, indent: str, lines: list[str]) -> None:
    bare = value.rstrip(_BREAKS)
    trailing = len(value) - len(bare)
    chomp = "-" if not trailing else "" if trailing == 1 and bare else "+"
    lines.append(f"{first}|{'2' if value[0] in ' ' + _BREAKS else ''}{chomp}")
    body = value[:-1] if value.endswith("\n") else value
    lines.extend(indent + line if line and line[0] not in _BREAKS else line for line in body.split("\n"))


def _escaped(value: str) -> str:
    return "".join(map(_char, value))


def _char(char: str) -> str:
    known = _ESCAPES.get(char)
    if known is not None or _printable(char):
        return known or char
    point = ord(char)
    return f"\\x{point:02X}" if point < 0x100 else f"\\u{point:04X}" if point < 0x10000 else f"\\U{point:08X}"


def _quoted(value: str, first: str, indent: str, lines: list[str]) -> None:
    """A string in quotes, broken at blanks beyond the eightieth column."""
    line = first + '"'
    for at, char in enumerate(value):
        if char == " " and len(line) > _WIDTH and 0 < at < len(value) - 1:
            lines.append(line)
            line = indent + ("\\" if value[at + 1] == " " else "")
            if value[at + 1] == " ":
                line += ""
            continue
        line += _char(char)
    lines.append(line + '"')


FUNCTIONS: dict[str, Callable[[list[Any], Span], Any]] = {"yamldecode": _decode, "yamlencode": _encode}
