"""Charts that a renderer makes manifests of, as the objects of each environment."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from linter.model import Map, Resource, Source, Unit, Workspace
from linter.parsers.helm.charts import Chart, Layer
from linter.parsers.helm.places import placed
from linter.parsers.kubernetes.objects import Object, is_object, resources_of
from linter.syntax import yaml
from linter.text import decode, safe_line

Render = Callable[..., Any]
"""(chart's name, its files by path, its values files) → text and problem."""

_FILES, _BYTES = 5_000, 50 << 20
_REMEDY = "Mend the chart, or scan without --render helm."


def rendered(chart: Chart, layers: list[Layer], workspace: Workspace, render: Render) -> list[Resource] | None:
    """The objects of a chart in each of its environments; None, and a failure, where helm makes none of it."""
    files = _files(chart, workspace)
    prefix = len(chart.folder) + 1 if chart.folder else 0
    found: list[Resource] = []
    for layer in layers or [Layer(chart.path, (), None)]:
        workspace.progress(layer.path)
        values = [path[prefix:] for path in layer.files if path[prefix:] not in ("values.yaml",)]
        name = str(chart.body.get("name", "chart"))
        made = render(re.sub(r"[^a-z0-9-]", "-", name.lower())[:50] or "chart", files, values)
        if made.problem:
            span = next(((each[0], each[3], each[4]) for each in chart.body.at.values()), chart.body.span)
            message = f"helm did not render this chart: {safe_line(made.problem, 500)}"
            workspace.fail("chart-not-rendered", span, message, _REMEDY)
            return None
        found.extend(_objects(made.text, chart, layer, workspace))
    return found


def _files(chart: Chart, workspace: Workspace) -> dict[str, bytes]:
    prefix = f"{chart.folder}/" if chart.folder else ""
    files: dict[str, bytes] = {}
    size = 0
    for path in sorted(workspace.paths):
        if path.startswith(prefix) and not path.endswith("/") and "/.git/" not in f"/{path}":
            data = workspace.read(path) if len(files) < _FILES and size < _BYTES else None
            if data is not None:
                files[path[len(prefix) :]] = data
                size += len(data)
    return files


def _objects(text: str, chart: Chart, layer: Layer, workspace: Workspace) -> Iterator[Resource]:
    parts = re.split(r"(?m)^---\n# Source: ([^\n]{1,1000})\n", text)
    sources: dict[str, Source | None] = {}
    unit = Unit("helm", chart.folder if layer.environment or layer.path.endswith("/values.yaml") else layer.path)
    for named, manifest in zip(parts[1::2], parts[2::2], strict=True):
        if named not in sources:
            sources[named] = _template(named, chart, workspace)
        source = sources[named] or workspace.artifacts[chart.path].source
        for document in yaml.load(source.index, manifest).documents:
            if is_object(document.value) and isinstance(document.value, Map):
                body = placed(document.value, source)
                item = Object(body, (source.index, 0, len(source.text)), source.path)
                yield from resources_of(item, unit, layer.environment)


def _template(named: str, chart: Chart, workspace: Workspace) -> Source | None:
    """The template of `# Source: web/templates/x.yaml`, None where it lies in an archive."""
    path = named.partition("/")[2]
    path = f"{chart.folder}/{path}" if chart.folder else path
    known = workspace.artifacts.get(path)
    if known is not None:
        return known.source
    data = workspace.read(path)
    return workspace.register(path, decode(data)[0]) if data is not None else None
