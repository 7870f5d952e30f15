"""Stacks: `terragrunt.stack.hcl` files, whose blocks make units of configurations kept elsewhere.

Encodes "Stacks" of Terragrunt's documentation: each `unit` is generated at its path below `.terragrunt-stack` of the
stack's folder (beside it with no_dot_terragrunt_stack) and reads the block's `values`; a `stack` block does the same
with another stack file.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename, join, normpath
from typing import Any

from linter.model import Map, Resource, Span, Unit, Unknown
from linter.parsers.terraform.bodies import Ledger, body_map
from linter.parsers.terragrunt.config import Config, Files
from linter.parsers.terragrunt.functions import budget
from linter.parsers.terragrunt.paths import published
from linter.parsers.terragrunt.sources import folder_of, reference_of, shown
from linter.parsers.terragrunt.units import environment_by, split
from linter.syntax.hcl import Block

_NAME = "terragrunt.stack.hcl"
_MOST = 2_000
_NESTING = 8


def units(files: Files) -> Iterator[tuple[Config, tuple[Span, ...]]]:
    """The units of all stacks whose configurations are in the tree, each in the place it is generated at, with the
    blocks that lead to it."""
    made = 0
    for config, block, written, callers in _blocks(files):
        path = _file_of(files, config, written, "terragrunt.hcl") if block.type == "unit" else None
        if path is not None and made < _MOST:
            made += 1
            unit = Config(files, budget(), path)
            unit.home = unit.original = _home(config, written, block)
            unit.values = written.get("values", Unknown("missing-input", "values"))
            yield unit, callers


def templates(files: Files) -> set[str]:
    """The configurations that only stacks make units of: those that read `values`."""
    return {
        path
        for path, artifact in files.artifacts.items()
        if basename(path) == "terragrunt.hcl" and "values." in artifact.source.text and _reads_values(files, path)
    }


def _reads_values(files: Files, path: str) -> bool:
    """Beside a file of its own values, a unit has been generated and is one like any other."""
    from linter.syntax.hcl_tree import nodes

    found = files.body(path)
    if found is None or files.exists(path.removesuffix("terragrunt.hcl") + "terragrunt.values.hcl"):
        return False
    bodies = [found[1]]
    while bodies:
        body = bodies.pop()
        bodies.extend(block.body for block in body.blocks)
        for attribute in body.attributes:
            if any(node[0] == "var" and node[3] == "values" for node in nodes(attribute.expr)):
                return True
    return False


def remote(files: Files) -> Iterator[Resource]:
    """Units of stacks whose configurations are fetched: what the stack says of them."""
    for config, block, written, callers in _blocks(files):
        wanted = "terragrunt.hcl" if block.type == "unit" else _NAME
        local = folder_of(written.get("source"), config.home) is not None
        if _file_of(files, config, written, wanted) is not None or "source" not in written:
            continue
        if block.type == "stack" and local:
            continue
        place = Config(files, config.machine, config.path)
        place.home = _home(config, written, block)
        environment = environment_by(place)
        folder, address = split(place, environment)
        body = Map((config.source, block.start, block.end))
        source, entry = written["source"], written.at["source"]
        body["source"], body.at["source"] = shown(source, config.home), entry
        reference = reference_of(source)
        if reference is not None:
            body["ref"], body.at["ref"] = reference, entry
        if "values" in written:
            body["inputs"], body.at["inputs"] = published(written["values"]), written.at["values"]
        anchor = (config.source, *(block.labels[0][1:] if block.labels else (block.type_start, block.type_end)))
        extent = (config.source, block.start, block.end)
        unit = Unit("terragrunt", folder)
        found = Resource(
            "terragrunt/unit", address, basename(address), unit, body, anchor, extent, environment=environment
        )
        found.callers = callers[:-1]
        yield found


def _blocks(files: Files) -> Iterator[tuple[Config, Block, Map, tuple[Span, ...]]]:
    """Every unit and stack block with its evaluated body; those of stacks within stacks in their own places."""
    nested = {
        path for path in files.artifacts if basename(path) == _NAME and "values." in files.artifacts[path].source.text
    }
    todo: list[tuple[Config, tuple[Span, ...]]] = [
        (Config(files, budget(), path), ())
        for path in sorted(files.artifacts)
        if basename(path) == _NAME and path not in nested and files.body(path) is not None
    ]
    count = 0
    while todo and count < _MOST:
        config, callers = todo.pop(0)
        for block in (*config.blocks("unit"), *config.blocks("stack")):
            count += 1
            written = body_map(block.body, config.scope, Ledger())
            label = block.labels[0][1:] if block.labels else (block.type_start, block.type_end)
            chain = (*callers, (config.source, *label))
            yield config, block, written, chain
            path = _file_of(files, config, written, _NAME) if block.type == "stack" else None
            if path is not None and len(chain) < _NESTING:
                inner = Config(files, budget(), path)
                inner.home = inner.original = _home(config, written, block)
                inner.values = written.get("values", Unknown("missing-input", "values"))
                todo.append((inner, chain))


def _file_of(files: Files, config: Config, written: Map, name: str) -> str | None:
    folder = folder_of(written.get("source"), config.home)
    path = f"{folder}/{name}" if folder else name
    return path if folder is not None and files.body(path) is not None else None


def _home(config: Config, written: Map, block: Block) -> str:
    path: Any = written.get("path")
    if not isinstance(path, str):
        path = block.labels[0][0] if block.labels else block.type
    below = path if written.get("no_dot_terragrunt_stack") is True else join(".terragrunt-stack", path.lstrip("/"))
    found = normpath(join(config.home, below))
    return config.home if found.startswith("..") else found
