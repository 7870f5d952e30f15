"""Helm charts as configuration: what Chart.yaml says, and the values of each environment.

Encodes https://helm.sh/docs/topics/charts/ (Chart.yaml, values files). `helm/chart` (address: the path of Chart.yaml)
and `helm/values`, once per environment: `values.yaml` with `values-prod.yaml`, `prod.values.yaml` or
`environments/prod/values.yaml` laid over it, as `helm template -f` does. Templates are text until something renders them.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname
from typing import Any

from linter.discovery.environments import environment_named, environment_of
from linter.model import Entry, Environment, Map, Resource, Seq, Unit, Workspace, merge
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


def expand(workspace: Workspace) -> Iterator[Resource]:
    """Every chart, and its values in every environment it has files for."""
    for chart in charts_of(workspace):
        workspace.progress(chart.path)
        yield _chart(chart, workspace)
        for layer in chart.layers:
            yield from _values(chart, layer, workspace)


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
            made[key] = coalesced(old, value, depth + 1)
            continue
        made[key], made.at[key] = value, over.at[key]
    return made


def _put(body: Map, key: str, value: Any) -> None:
    source, start, _ = body.span
    body[key], body.at[key] = value, (source, start, start, start, start)


def _chart(chart: Chart, workspace: Workspace) -> Resource:
    body = merge((chart.body,), chart.body.span)
    prefix = f"{chart.folder}/" if chart.folder else ""
    required = workspace.artifacts.get(prefix + "requirements.yaml")
    older = body_of(required.tree) if required is not None else None
    if "dependencies" not in body and older is not None and isinstance(older.get("dependencies"), Seq):
        body["dependencies"], body.at["dependencies"] = older["dependencies"], older.at["dependencies"]
    if any(prefix + name in workspace.paths for name in ("Chart.lock", "requirements.lock")):
        _put(body, "locked", True)
    listed = body.get("dependencies")
    remote = [each for each in listed if isinstance(each, Map) and _is_remote(each)] if isinstance(listed, Seq) else []
    _put(body, "remote", len(remote))
    unit = Unit("helm", chart.folder)
    environment = environment_of(chart.path, workspace.settings, workspace.paths)
    return Resource(
        "helm/chart", chart.path, str(body.get("name", chart.folder)), unit, body, _anchor(body, "name"), body.span,
        environment=environment,
    )  # fmt: skip


def _is_remote(dependency: Map) -> bool:
    repository = dependency.get("repository")
    return isinstance(repository, str) and bool(repository) and not repository.startswith("file:")


def _anchor(body: Map, key: str) -> tuple[int, int, int]:
    entry: Entry | None = body.at.get(key)
    if entry is not None:
        return entry[0], entry[3], entry[4]
    first: Entry | None = next(iter(body.at.values()), None)
    return (first[0], first[1], first[2]) if first is not None else body.span


def _values(chart: Chart, layer: Layer, workspace: Workspace) -> Iterator[Resource]:
    bodies = [body for path in layer.files if (body := body_of(workspace.artifacts[path].tree)) is not None]
    if not bodies:
        return
    body = bodies[0]
    for over in bodies[1:]:
        body = coalesced(body, over)
    shown = layer.path if layer.environment is None else layer.files[0]
    name = str(chart.body.get("name", chart.folder))
    yield Resource(
        "helm/values", shown, name, Unit("helm", chart.folder), body, _anchor(bodies[-1], ""), bodies[-1].span,
        environment=layer.environment, context={"chart": chart.body},
    )  # fmt: skip
