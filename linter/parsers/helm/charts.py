"""Which charts a tree has, and which values files each environment lays over one another.

Encodes https://helm.sh/docs/topics/charts/ and https://helm.sh/docs/chart_template_guide/values_files/.
"""

from __future__ import annotations

from posixpath import dirname
from typing import Any

from linter.discovery.environments import environment_named, environment_of
from linter.model import Environment, Map, Workspace, merge
from linter.records import NamedTuple
from linter.syntax.yaml import Loaded

DEPTH = 100
_LAYERS = frozenset(("environments", "envs", "env", "values", "overlays"))


class Layer(NamedTuple):
    """The values files of one environment, in Helm's order. path: the one the environment is named after."""

    path: str
    files: tuple[str, ...]
    environment: Environment | None


class Chart(NamedTuple):
    """A chart of the tree. layers: its values, once per environment, at least one where it has values at all."""

    folder: str
    path: str
    body: Map
    layers: list[Layer]


def charts_of(workspace: Workspace) -> list[Chart]:
    """The charts of a workspace in order of their paths."""
    artifacts = workspace.of_format("helm")
    bodies = {dirname(each.path): each for each in artifacts if each.path.rpartition("/")[2] == "Chart.yaml"}
    files: dict[str, list[str]] = {folder: [] for folder in bodies}
    for artifact in artifacts:
        folder, _, name = artifact.path.rpartition("/")
        while folder and folder not in files:
            folder = dirname(folder)
        if folder in files and name not in ("Chart.yaml", "requirements.yaml"):
            files[folder].append(artifact.path)
    made = []
    for folder, artifact in bodies.items():
        body = body_of(artifact.tree)
        if body is not None:
            made.append(Chart(folder, artifact.path, body, _layers(folder, files[folder], workspace)))
    return made


def body_of(tree: Any) -> Map | None:
    """The mapping a file holds, None where it holds something else."""
    documents = tree.documents if isinstance(tree, Loaded) else ()
    return next((each.value for each in documents if isinstance(each.value, Map)), None)


def _layers(folder: str, paths: list[str], workspace: Workspace) -> list[Layer]:
    """The base alone where no environment has a file; else each environment with the base below it."""
    prefix = f"{folder}/" if folder else ""
    base = next((path for path in (prefix + "values.yaml", prefix + "values.yml") if path in paths), None)
    below = (base,) if base else ()
    found = [
        Layer(path, (*below, path), _environment(path[len(prefix) :], path, workspace))
        for path in paths
        if path != base
    ]
    named = [layer for layer in found if layer.environment is not None]
    by_name: dict[Environment | None, Layer] = {}
    for layer in named:
        seen = by_name.get(layer.environment)
        files = (*seen.files, layer.path) if seen is not None else layer.files
        by_name[layer.environment] = layer._replace(path=seen.path if seen is not None else layer.path, files=files)
    others = [layer for layer in found if layer.environment is None]
    if base and not named:
        others.insert(0, Layer(base, below, environment_of(base, workspace.settings, workspace.paths)))
    return [*others, *by_name.values()]


def _environment(name: str, path: str, workspace: Workspace) -> Environment | None:
    """The environment of a values file: named in its name, or by the folder below the chart it lies in."""
    *folders, file = name.split("/")
    stem = file.rpartition(".")[0]
    for word in (stem, *reversed(folders)):
        found = environment_named(word, workspace.settings) if word not in _LAYERS else None
        if found is not None:
            return found
    return environment_of(path, workspace.settings, workspace.paths)


def coalesced(base: Map, over: Map, depth: int = 0) -> Map:
    """Values as Helm lays one file over another: mappings are joined, lists replaced, null takes away."""
    made = merge((base,), base.span)
    for key, value in over.items():
        old = made.get(key)
        if value is None:
            made.pop(key, None)
            made.at.pop(key, None)
            continue
        if isinstance(old, Map) and isinstance(value, Map) and depth < DEPTH:
            made[key], made.at[key] = coalesced(old, value, depth + 1), over.at[key]
            continue
        made[key], made.at[key] = value, over.at[key]
    return made
