"""OpenShift Templates: their objects with the parameters' values put in.

Encodes https://docs.openshift.com/container-platform/latest/openshift_images/using-templates.html: `${NAME}` within a
string, `${{NAME}}` for a value that is no string; a parameter without a value is empty, required or generated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from linter.model import Map, Seq, Unknown

DEPTH = 200


def objects(template: Map) -> Iterator[Any]:
    """The entries of a Template's `objects`; a string that needs a parameter nobody sets here is Unknown."""
    values = _parameters(template)
    entries = template.get("objects")
    for item in entries if isinstance(entries, Seq) else ():
        yield _filled(item, values, 0)


def _parameters(template: Map) -> dict[str, str | Unknown]:
    values: dict[str, str | Unknown] = {}
    listed = template.get("parameters")
    for item in listed if isinstance(listed, Seq) else ():
        name = item.get("name") if isinstance(item, Map) else None
        if not isinstance(name, str):
            continue
        value, required = item.get("value"), item.get("required")
        if isinstance(value, (str, int, float, bool, Unknown)):
            values[name] = value if isinstance(value, (str, Unknown)) else _text(value)
        elif "generate" in item:
            values[name] = Unknown("run-time", f"parameter {name}", "the cluster generates it", type="string")
        elif isinstance(required, bool) and required:
            values[name] = Unknown("missing-input", f"parameter {name}", "give the parameter a value", type="string")
        else:
            values[name] = ""
    return values


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(r"\$\{\{?([A-Za-z0-9_]+)\}?\}")


def _filled(value: Any, values: dict[str, str | Unknown], depth: int) -> Any:
    """A value with its parameters put in, the value itself where it has none."""
    if isinstance(value, str):
        return _replaced(value, values) if "${" in value else value
    if depth > DEPTH or not isinstance(value, (Map, Seq)):
        return value
    if isinstance(value, Seq):
        items = [_filled(item, values, depth + 1) for item in value]
        if all(new is old for new, old in zip(items, value, strict=True)):
            return value
        made = Seq(value.span)
        made.extend(items)
        made.at.extend(value.at)
        made.open = value.open
        return made
    entries = [(key, item, _filled(item, values, depth + 1)) for key, item in value.items()]
    if all(new is old for _, old, new in entries):
        return value
    built = Map(value.span)
    for key, _, new in entries:
        built[key] = new
    built.at.update(value.at)
    built.open = value.open
    return built


def _replaced(text: str, values: dict[str, str | Unknown]) -> Any:
    parts: list[str] = []
    done = 0
    for match in _pattern().finditer(text):
        value = values.get(match[1])
        if value is None:
            continue
        parts.append(text[done : match.start()])
        if isinstance(value, Unknown):
            whole = match[0] == text
            known = "".join(parts)
            return value if whole else Unknown(value.cause, value.subject, value.remedy, type="string", prefix=known)
        if match[0] == text and text.startswith("${{"):
            return _plain(value)
        parts.append(value)
        done = match.end()
    return "".join([*parts, text[done:]]) if parts else text


def _plain(text: str) -> Any:
    """The value a text stands for where no quotes are put around it."""
    if text in ("true", "false"):
        return text == "true"
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 20 else text
