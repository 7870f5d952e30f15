"""`spec: inputs` of a configuration file, and `$[[ inputs.x ]]` in what follows its header.

Encodes https://docs.gitlab.com/ci/inputs/: an input that stands alone keeps its type, one inside a text becomes text.
What nobody gives a value stays as it is written, since another project, or a person, may give it one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from linter.model import Map, Seq

MAX_NODES = 200_000
_MISSING = object()


@cache
def _block() -> re.Pattern[str]:
    return re.compile(r"\$\[\[[ \t]*inputs\.([\w-]+)[ \t]*((?:\|[^\]|]{1,200}){0,3})\]\]")


def defaults(header: Any) -> dict[str, Any]:
    """The values inputs have where nobody gives any, from a file's header."""
    spec = header.get("spec") if isinstance(header, Map) else None
    inputs = spec.get("inputs") if isinstance(spec, Map) else None
    found: dict[str, Any] = {}
    for name, each in inputs.items() if isinstance(inputs, Map) else ():
        if isinstance(each, Map) and "default" in each:
            found[str(name)] = each["default"]
    return found


def is_header(value: Any) -> bool:
    """Whether a first document is the header of the second."""
    return isinstance(value, Map) and "spec" in value


def filled(value: Any, inputs: Mapping[str, Any]) -> Any:
    """A tree with the inputs of known value put in, every entry where it was written; itself where it uses none."""
    budget = [MAX_NODES]
    return _filled(value, inputs, budget)


def _filled(value: Any, inputs: Mapping[str, Any], budget: list[int]) -> Any:
    budget[0] -= 1
    if budget[0] < 0:
        return value
    if isinstance(value, str):
        return _text(value, inputs) if "$[[" in value else value
    if isinstance(value, Map):
        return _map(value, inputs, budget)
    if isinstance(value, Seq):
        made = Seq(value.span)
        changed = False
        for item, at in zip(value, value.at, strict=True):
            new = _filled(item, inputs, budget)
            changed = changed or new is not item
            made.append(new)
            made.at.append(at)
        return made if changed else value
    return value


def _map(value: Map, inputs: Mapping[str, Any], budget: list[int]) -> Map:
    made = Map(value.span)
    changed = False
    for key, item in value.items():
        new = _filled(item, inputs, budget)
        name = _text(key, inputs) if isinstance(key, str) and "$[[" in key else key
        if not isinstance(name, (str, int, float)):
            name = key
        changed = changed or new is not item or name != key
        made[name] = new
        made.at[name] = value.at[key]
    return made if changed else value


def _text(written: str, inputs: Mapping[str, Any]) -> Any:
    block = _block()
    whole = block.fullmatch(written.strip())
    if whole is not None and not whole[2].strip():
        return inputs.get(whole[1], written)

    def value(match: re.Match[str]) -> str:
        found = inputs.get(match[1], _MISSING)
        if match[2].strip() or not isinstance(found, (str, int, float)):
            return match[0]
        return str(found).lower() if isinstance(found, bool) else str(found)

    return block.sub(value, written)
