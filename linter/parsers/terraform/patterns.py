"""regex, regexall and replace with a pattern, on RE2's language; too much work for one pattern gives an Unknown."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from linter.model import Map, Span, Unknown
from linter.parsers.terraform import re2
from linter.parsers.terraform.re2_classes import Undecided
from linter.parsers.terraform.values import (
    ELEMENT_LIMIT,
    STRING,
    STRING_LIMIT,
    Type,
    Wrong,
    here,
    listed,
    over_budget,
    sequence,
)


def _decided(pattern: str, compute: Callable[[re2.Pattern], Any]) -> Any:
    try:
        return compute(re2.compiled(pattern))
    except Undecided:
        return Unknown("function", f"the pattern {pattern[:40]!r}", "use a simpler pattern")


def _group(found: re2.Found, number: int, text: str) -> str | None:
    start = found[2 * number]
    return text[start : found[2 * number + 1]] if start >= 0 else None


def _shape(names: list[str | None]) -> Type:
    """The type of one match. Raises Wrong where some groups have names and some have none."""
    if not names:
        return STRING
    if all(names):
        return "object", dict.fromkeys(sorted(map(str, names)), (STRING, False, None))
    if any(names):
        raise Wrong("a pattern's groups all have names, or none has")
    return "tuple", (STRING,) * len(names)


def _captures(pattern: re2.Pattern, found: re2.Found, text: str, span: Span) -> Any:
    groups = [_group(found, number, text) for number in range(len(pattern.names) + 1)]
    if not pattern.names:
        return groups[0]
    if pattern.names[0] is None:
        return sequence(groups[1:], span)
    result = Map(span)
    for name, group in zip(pattern.names, groups[1:], strict=True):
        result[name] = group
        result.at[name] = here(span)
    return result


def regex(pattern: str, text: str, span: Span) -> Any:
    """The first match: a string, a tuple of captures, or a map of named captures. Raises Wrong where none matches."""

    def compute(compiled: re2.Pattern) -> Any:
        _shape(compiled.names)
        found = compiled.search(text, 0)
        if found is None:
            raise Wrong("the pattern does not match")
        return _captures(compiled, found, text, span)

    return _decided(pattern, compute)


def regexall(pattern: str, text: str, span: Span) -> Any:
    """All matches, as a list."""

    def compute(compiled: re2.Pattern) -> Any:
        of = _shape(compiled.names)
        matches = compiled.everywhere(text)
        if len(matches) > ELEMENT_LIMIT:
            raise over_budget("a collection of more than 100,000 elements")
        return listed([_captures(compiled, found, text, span) for found in matches], of, span)

    return _decided(pattern, compute)


def replace(text: str, pattern: str, new: str) -> Any:
    """All matches replaced; `$1`, `${1}` and `${name}` stand for captures."""

    def compute(compiled: re2.Pattern) -> Any:
        pieces: list[str] = []
        at = last = size = 0
        while at <= len(text):
            found = compiled.search(text, at)
            if found is None:
                break
            pieces.append(text[last : found[0]])
            if found[1] > last or found[0] == 0:
                pieces.append(_expanded(compiled, found, text, new))
                size += len(pieces[-1])
                if size > STRING_LIMIT:
                    raise over_budget("a string of more than 1 MB")
            last = found[1]
            at = max(at + 1, found[1])
        return "".join([*pieces, text[last:]])

    return _decided(pattern, compute)


def _expanded(compiled: re2.Pattern, found: re2.Found, text: str, new: str) -> str:
    def capture(reference: re.Match[str]) -> str:
        if reference[0] == "$$":
            return "$"
        name = reference[1] or reference[2]
        if name.isdigit() and (name == "0" or not name.startswith("0")):
            number = int(name) if len(name) < 9 else len(compiled.names) + 1
            return (_group(found, number, text) or "") if number <= len(compiled.names) else ""
        return (_group(found, compiled.names.index(name) + 1, text) or "") if name in compiled.names else ""

    return re.sub(r"\$\$|\$\{(\w+)\}|\$(\w+)", capture, new) if "$" in new else new
