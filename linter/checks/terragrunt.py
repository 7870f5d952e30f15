"""Checks of Terragrunt units."""

from __future__ import annotations

from collections.abc import Iterator

from linter.checks import Verdict
from linter.model import FAIL, PASS, UNKNOWN, Entry, Estate, Map, Seq, Unknown
from linter.text import looks_secret

_DEPTH = 8


def no_secret_inputs(estate: Estate) -> Iterator[Verdict]:
    """No input of a unit is a credential that is written out, at whatever depth of the value."""
    for unit in estate.of_kind("terragrunt/unit"):
        inputs = unit.body.get("inputs")
        if isinstance(inputs, Unknown):
            message = f"{inputs.subject} is unknown, so whether it has secrets is too."
            yield Verdict(unit, UNKNOWN, message, unit.anchor, "inputs", (), (inputs,))
        if not isinstance(inputs, Map):
            continue
        sound = True
        for path, name, value, (source, _, _, start, end) in _texts(inputs):
            if looks_secret(name, value):
                sound = False
                message = f"The input `{path}` holds a secret, for everyone who can read the repository."
                yield Verdict(unit, FAIL, message, (source, start, end), path)
        if sound and inputs:
            source, start, end, _, _ = unit.body.at["inputs"]
            yield Verdict(unit, PASS, "No input holds a secret.", (source, start, end))


def _texts(inputs: Map) -> Iterator[tuple[str, str, str, Entry]]:
    """(dotted path, its last name, text, where it is written) of every text within."""
    stack: list[tuple[str, str, Map | Seq, int]] = [("", "", inputs, 0)]
    while stack:
        path, name, holder, depth = stack.pop()
        pairs = holder.items() if isinstance(holder, Map) else enumerate(holder)
        for key, value in pairs:
            own = str(key) if isinstance(holder, Map) else name
            below = f"{path}.{key}" if path else str(key)
            if isinstance(value, str):
                yield below, own, value, holder.at[key]
            elif isinstance(value, (Map, Seq)) and depth < _DEPTH:
                stack.append((below, own, value, depth + 1))
