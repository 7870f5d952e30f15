"""Variables of Compose files: what `.env` says, put where `$NAME` and `${NAME:-default}` stand.

Encodes the Compose specification's "Interpolation" and the syntax of `.env` files: `$$` is a dollar sign, a variable
without a value is the shell's, which nobody knows here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from linter.model import Map, Seq, Unknown

DEPTH = 100
_LONGEST = 100_000
_NESTED = 10
_FLAGS = {"true": True, "false": False}
_BOOLEANS = frozenset(
    ("privileged", "read_only", "init", "tty", "stdin_open", "external", "internal", "disable", "oom_kill_disable",
     "attachable", "required", "enable_ipv6")
)  # fmt: skip


@cache
def _variable() -> re.Pattern[str]:
    return re.compile(r"\$(?:(\$)|([A-Za-z_]\w*)|\{([A-Za-z_]\w*))")


def dotenv(text: str) -> dict[str, Any]:
    """The variables of a `.env` file: comments, `export`, quotes and references to earlier ones. Bad lines say nothing."""
    found: dict[str, Any] = {}
    for line in text.splitlines():
        line = line.strip().removeprefix("export ").strip()
        name, sign, value = line.partition("=")
        name, value = name.strip(), value.strip()
        if not sign or not name or name.startswith("#"):
            continue
        if value[:1] == "'" and value.find("'", 1) > 0:
            found[name] = value[1 : value.index("'", 1)]
            continue
        if value[:1] == '"' and value.find('"', 1) > 0:
            value = value[1 : value.index('"', 1)]
        else:
            value = "" if value.startswith("#") else value.partition(" #")[0].rstrip()
        found[name] = replaced(value, found)
    return found


def replaced(text: str, known: Mapping[str, Any], depth: int = 0) -> Any:
    """The text with its variables replaced, or an Unknown with the prefix that is known."""
    pieces: list[str] = []
    position = size = 0
    while match := _variable().search(text, position):
        pieces.append(text[position : match.start()])
        position = match.end()
        if match[1]:
            value: Any = "$"
        elif match[2]:
            value = _value(match[2], known)
        else:
            close = _closing(text, position)
            if close < 0 or depth > _NESTED:
                why = Unknown("expression", text[match.start() : match.start() + 60], "Close the brace.")
                return _partly(why, "".join(pieces))
            value = _formed(match[3], text[position:close], known, depth)
            position = close + 1
        if isinstance(value, Unknown):
            return _partly(value, "".join(pieces))
        pieces.append(value)
        size += len(value)
        if size > _LONGEST:
            return Unknown("budget", "a text of many variables", type="string", not_null=True)
    return "".join((*pieces, text[position:]))


def _partly(value: Unknown, before: str) -> Unknown:
    return Unknown(
        value.cause, value.subject, value.remedy, type="string", prefix=before + value.prefix, not_null=True,
        not_empty=value.not_empty,
    )  # fmt: skip


def _closing(text: str, position: int) -> int:
    """Where the brace ends that was opened before position, those within it left out; -1 where it does not."""
    open_braces = 1
    for at in range(position, min(len(text), position + _LONGEST)):
        if text[at] == "{" and text[at - 1] == "$":
            open_braces += 1
        elif text[at] == "}":
            open_braces -= 1
            if not open_braces:
                return at
    return -1


def _formed(name: str, form: str, known: Mapping[str, Any], depth: int) -> Any:
    """`${NAME}` with what follows the name: `:-word`, `-word`, `:?why`, `?why`, `:+word`, `+word`."""
    colon = form.startswith(":")
    sign, word = form[colon : colon + 1], form[colon + 1 :]
    value = _value(name, known)
    if not form:
        return value
    there = bool(known[name]) if name in known and isinstance(known[name], str) and colon else name in known
    if sign == "-":
        return value if there else replaced(word, known, depth + 1)
    if sign == "+":
        return replaced(word, known, depth + 1) if there else ""
    if sign == "?":
        if there:
            return value
        return Unknown("missing-input", name, f"Give {name} a value in .env.", type="string", not_empty=colon)
    return Unknown("expression", "${" + name + form[:40] + "}", "Correct the expression.", type="string")


def _value(name: str, known: Mapping[str, Any]) -> Any:
    if name in known:
        return known[name]
    remedy = f"Give {name} a value in the .env file beside it, or a default."
    return Unknown("missing-input", name, remedy, type="string", not_null=True)


def interpolated(value: Any, known: Mapping[str, Any], key: Any = None, depth: int = 0) -> Any:
    """A tree with the variables of its scalars replaced; places stay. Below `DEPTH` levels nothing is replaced."""
    if isinstance(value, str):
        return _scalar(value, known, key) if "$" in value else value
    if depth > DEPTH:
        return value
    if isinstance(value, Map):
        copied = Map(value.span)
        for name, inner in value.items():
            copied[name] = interpolated(inner, known, name, depth + 1)
            copied.at[name] = value.at[name]
        copied.open = value.open
        return copied
    if isinstance(value, Seq):
        listed = Seq(value.span)
        for entry, inner in zip(value.at, value, strict=True):
            listed.append(interpolated(inner, known, key, depth + 1))
            listed.at.append(entry)
        return listed
    return value


def _scalar(text: str, known: Mapping[str, Any], key: Any) -> Any:
    found = replaced(text, known)
    return _FLAGS.get(found.lower(), found) if key in _BOOLEANS and isinstance(found, str) else found
