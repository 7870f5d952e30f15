"""Helm charts as configuration: what Chart.yaml says, the values of each environment, and what a renderer makes of them.

Encodes https://helm.sh/docs/topics/charts/ (Chart.yaml, values files). `helm/chart` (address: the path of Chart.yaml)
and `helm/values`, once per environment: `values.yaml` with `values-prod.yaml`, `prod.values.yaml` or
`environments/prod/values.yaml` laid over it, as `helm template -f` does. Templates are text until something renders them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.discovery.environments import environment_of
from linter.model import Entry, Map, Resource, Seq, Unit, Workspace, merge
from linter.parsers.helm.charts import Chart, Layer, body_of, charts_of, coalesced
from linter.parsers.helm.templates import damaged
from linter.trees import says


def expand(workspace: Workspace) -> Iterator[Resource]:
    """Every chart, its values in every environment it has files for and, where that is asked for, what they render to."""
    render = workspace.settings.get("renderers", {}).get("helm")
    for chart in charts_of(workspace):
        workspace.progress(chart.path)
        damaged(chart.folder, workspace)
        found = _chart(chart, workspace)
        made = None
        if render is not None and not says(chart.body.get("type"), "library"):
            from linter.parsers.helm.render import rendered

            made = rendered(chart, chart.layers, workspace, render)
            found.context = {"rendered": made is not None}
        yield found
        yield from made or ()
        for layer in chart.layers:
            yield from _values(chart, layer, workspace)


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
