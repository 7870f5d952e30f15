"""Settings in YAML, JSON and TOML read to mappings, and laid over one another."""

from __future__ import annotations

from typing import Any

from linter.model import Artifact, Map, Workspace, merge

_DEEPEST = 30


def document(artifact: Artifact, workspace: Workspace) -> Map | None:
    """The mapping that a file in YAML, JSON or TOML holds."""
    source, suffix = artifact.source, artifact.path.rpartition(".")[2].lower()
    loaded: Any
    if suffix == "toml":
        from linter.syntax import toml

        loaded = toml.load(source.index, source.text)
    elif suffix == "json":
        from linter.syntax import json

        loaded = json.load(source.index, source.text)
    else:
        from linter.syntax import yaml

        loaded = yaml.load(source.index, source.text, "1.1")
    if any(not problem.lossless for problem in loaded.problems):
        workspace.skip(artifact.path, f"settings that are not valid {suffix.upper()}")
        return None
    return next((each.value for each in loaded.documents if isinstance(each.value, Map)), None)


def layered(below: Map, over: Map, depth: int = 0) -> Map:
    """One mapping laid over another: mappings within are joined, all else is replaced."""
    made = merge((below, over), over.span)
    for key, value in over.items():
        inner = below.get(key)
        if isinstance(value, Map) and isinstance(inner, Map) and depth < _DEEPEST:
            made[key] = layered(inner, value, depth + 1)
    return made
