"""Variables in Dockerfiles: what ARG and ENV say, put where `$NAME` and `${NAME:-…}` stand.

Encodes "Environment replacement" and "Understand how ARG and FROM interact" of the Dockerfile reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from linter.model import Unknown

_LONGEST = 100_000


@cache
def _variable() -> re.Pattern[str]:
    return re.compile(r"\\\$|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-+?])([^{}]{0,2000}))?\})")


def replaced(text: str, known: Mapping[str, Any]) -> Any:
    """The text with its variables replaced; an Unknown, with the prefix that is known, where one has no value.

    known: name → text or Unknown. What is not in it is empty, as the builder has it.
    """
    if "$" not in text:
        return text
    pieces: list[str] = []
    position = size = 0
    for match in _variable().finditer(text):
        pieces.append(text[position : match.start()])
        position = match.end()
        value = "$" if match[0] == "\\$" else _value(match, known)
        if isinstance(value, Unknown):
            prefix = "".join(pieces)
            return Unknown(value.cause, value.subject, value.remedy, type="string", prefix=prefix, not_null=True)
        pieces.append(value)
        size += len(value)
        if size > _LONGEST:
            return Unknown("budget", "a text of many variables", type="string", not_null=True)
    return "".join((*pieces, text[position:]))


def _value(match: re.Match[str], known: Mapping[str, Any]) -> Any:
    name, form, word = match[1] or match[2], match[3] or "", match[4] or ""
    value = known.get(name, "")
    if isinstance(value, Unknown) or not form:
        return value
    there = bool(value) if form.startswith(":") else name in known
    if form.endswith("+"):
        return word if there else ""
    return value if there else word
