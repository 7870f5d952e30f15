"""Checks of Terragrunt units."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname, join, normpath
from typing import Any

from linter.checks import Verdict
from linter.model import FAIL, PASS, UNKNOWN, Entry, Estate, Map, Resource, Seq, Unknown
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


def dependencies_exist(estate: Estate) -> Iterator[Verdict]:
    """The folders that `dependency` and `dependencies` blocks name hold units.

    Paths that are not known, lead out of the tree or into what a stack generates are not judged.
    """
    if estate.isolated:
        return
    for unit in estate.of_kind("terragrunt/unit"):
        home = dirname(estate.sources[unit.anchor[0]].path)
        for path, (source, _, _, start, end) in _named(unit) if not unit.callers else ():
            folder = normpath(join(home, path))
            if folder.startswith("..") or ".terragrunt-stack" in folder:
                continue
            span = (source, start, end)
            names = (f"{folder}/{name}" if folder != "." else name for name in _UNITS)
            if any(name in estate.paths for name in names):
                yield Verdict(unit, PASS, f"{folder} is a unit.", span, path)
            else:
                yield Verdict(unit, FAIL, f"{unit.name} depends on {folder}, where there is no unit.", span, path)


_UNITS = ("terragrunt.hcl", "terragrunt.hcl.json", "terragrunt.stack.hcl")


def _named(unit: Resource) -> Iterator[tuple[str, Entry]]:
    """Paths of other units and where they are written; those of dependencies that are switched off left out."""
    blocks: Any = unit.body.get("dependency")
    for block in blocks if isinstance(blocks, Seq) else ():
        path = block.get("config_path") if isinstance(block, Map) else None
        if isinstance(path, str) and block.get("enabled") is not False:
            yield path, block.at["config_path"]
    ordered = unit.body.get("dependencies")
    paths = ordered.get("paths") if isinstance(ordered, Map) else None
    if isinstance(paths, Seq):
        yield from ((path, at) for path, at in zip(paths, paths.at, strict=True) if isinstance(path, str))
