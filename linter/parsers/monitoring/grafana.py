"""Grafana's dashboards wherever a repository keeps them.

JSON files, ConfigMaps that a sidecar or a volume hands to Grafana, GrafanaDashboard objects
(https://grafana.github.io/grafana-operator/docs/dashboards/), manifests of dashboard.grafana.app, and the values of
Grafana's chart. Terraform's are made where Terraform is evaluated.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import Any

from linter.discovery.environments import environment_of
from linter.model import Artifact, Entry, Environment, Map, Resource, Source, Unit, Workspace, handle
from linter.parsers.monitoring.dashboards import dashboard_in, facts, load
from linter.parsers.monitoring.embedded import Held, held_files, objects_of, place
from linter.records import NamedTuple
from linter.trees import as_map, at_path, says

DEEPEST = 7
KIND = "monitoring/dashboard"


class Found(NamedTuple):
    """A dashboard, what holds it (itself for a file of its own) and its name among what that holds."""

    tree: Map
    dashboard: Map
    holder: Map
    name: str


def expand(workspace: Workspace, artifacts: Iterable[Artifact]) -> Iterator[Resource]:
    """Resources `monitoring/dashboard`.

    body: `dashboards.facts`. context: object (what holds it), system. address: the file's path, or the object's and the
    name of the held file. Dashboards that an object only points at (a URL, an archive) give nothing.
    """
    for artifact in artifacts:
        for found in _dashboards(artifact):
            environment = environment_of(artifact.path, workspace.settings, workspace.paths)
            yield resource_of(found, artifact.path, environment)


def resource_of(found: Found, path: str, environment: Environment | None) -> Resource:
    words = [at_path(found.holder, keys) for keys in (("kind",), ("metadata", "namespace"), ("metadata", "name"))]
    named = [word for word in words if isinstance(word, str)]
    address = "/".join(named) if len(named) > 1 and isinstance(words[0], str) else path
    title = found.dashboard["title"]
    return Resource(
        KIND,
        f"{address}/{found.name}" if found.name else address,
        title,
        Unit("monitoring", posixpath.dirname(path)),
        facts(found.dashboard, found.tree),
        handle(title, found.dashboard.at["title"]),
        found.tree.span,
        environment=environment,
        context={"object": found.holder, "system": "grafana"},
    )


def _dashboards(artifact: Artifact) -> Iterator[Found]:
    for document in artifact.tree.documents:
        for body in objects_of(document.value):
            yield from _held(artifact.source, body)


def _held(source: Source, body: Map) -> Iterator[Found]:
    kind = body.get("kind")
    if says(kind, "ConfigMap", "Secret"):
        for held in held_files(body):
            if "panels" in held.text or '"elements"' in held.text:
                yield from _read(source, held, body)
    elif says(kind, "GrafanaDashboard"):
        spec = as_map(body.get("spec"))
        text = spec.get("json")
        if isinstance(text, str):
            yield from _read(source, Held("", text, spec.at["json"], False), body)
    elif says(kind, "HelmRelease"):
        yield from _values(source, body)
    elif says(kind, "Dashboard") or "kind" not in body:
        dashboard = dashboard_in(body)
        if dashboard is not None:
            yield Found(body, dashboard, body, "")
        else:
            yield from _values(source, body)


def _values(source: Source, body: Map) -> Iterator[Found]:
    """Dashboards in the values of Grafana's chart: `dashboards:` → provider → name → `json`."""
    waiting: list[tuple[Map, int]] = [(body, 0)]
    while waiting:
        value, depth = waiting.pop()
        for provider in as_map(value.get("dashboards")).values():
            for name, dashboard in provider.items() if isinstance(provider, Map) else ():
                text = dashboard.get("json") if isinstance(dashboard, Map) else None
                if isinstance(text, str):
                    yield from _read(source, Held(str(name), text, dashboard.at["json"], False), body)
        if depth < DEEPEST:
            waiting.extend(
                (each, depth + 1)
                for key, each in reversed(value.items())
                if isinstance(each, Map) and key != "dashboards"
            )


def _read(source: Source, held: Held, holder: Map) -> Iterator[Found]:
    tree = read_dashboard(source, held.text, held.entry, held.encoded)
    dashboard = dashboard_in(tree)
    if isinstance(tree, Map) and dashboard is not None:
        yield Found(tree, dashboard, holder, held.name)


def read_dashboard(source: Source, text: str, entry: Entry, encoded: bool = False) -> Any:
    """The tree of a dashboard that YAML holds as text, None where it is none.

    A block scalar keeps JSON as it is but for the blanks between its tokens, also where it is folded: in neither may a
    text of JSON go over a line's end. Elsewhere all of it is at the value.
    """
    _, _, _, start, end = entry
    written = source.text
    if not encoded and written[start : start + 1] in ("|", ">"):
        line = written.find("\n", start, end)
        if line > 0:
            loaded = load(source.index, written[line + 1 : end], line + 1)
            if loaded.documents:
                return loaded.documents[0].value
    loaded = load(source.index, text)
    if not loaded.documents:
        return None
    tree = loaded.documents[0].value
    place(tree, (source.index, start, end))
    return tree
