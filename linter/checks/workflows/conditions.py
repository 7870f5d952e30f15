"""Conditions that are always the same.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idif
"""

from __future__ import annotations

from typing import Any

from linter.parsers.pipelines.expression_nodes import walk
from linter.parsers.pipelines.expressions import find, parse

_FIXED_FUNCTIONS = frozenset(("contains", "startswith", "endswith", "format", "join", "tojson", "fromjson", "case"))


def condition_fault(value: Any) -> tuple[str, str]:
    """(group, why) of a condition that is always the same: `guards` where it looks as if it were not; '' if it is not."""
    around = _around(value) if isinstance(value, str) and "${{" in value else ""
    if around:
        return "guards", f"this condition always holds: {around}"
    return "conditions", _same(value)


def _around(value: str) -> str:
    found = find(value)
    first = found[0]
    if not first.closed or (len(found) == 1 and first.start == 0 and first.end == len(value)):
        return ""
    if not value.strip().startswith("${{") or not value.strip().endswith("}}") or len(found) > 1:
        return "what stands around the expressions makes a text of it"
    return "the blanks or line breaks around the expression make a text of it"


def _same(value: Any) -> str:
    if not isinstance(value, str):
        return f"this condition is always `{str(value).lower()}`" if isinstance(value, (bool, int, float)) else ""
    if "${{" not in value:
        return _constant(value.strip())
    first = find(value)[0]
    if not first.closed:
        return ""
    return _constant(value[first.inner[0] : first.inner[1]].strip())


def _constant(text: str) -> str:
    node = parse(text).node
    if node is None:
        return ""
    for each in walk(node):
        if each[0] == "ctx" or (each[0] == "call" and each[3] not in _FIXED_FUNCTIONS):
            return ""
    return f"this condition is always the same: `{text[:40]}` asks for nothing"
