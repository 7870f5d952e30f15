"""Grafana's dashboards as they are exported: the panels and what they ask for, whatever the version of the schema.

https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/ ; dashboards before
schema 16 hold panels in `rows`; schema 2 (dashboard.grafana.app/v2beta1) keeps them as `elements` of a manifest's spec.
"""

from __future__ import annotations

from typing import Any

from linter.model import Entry, Map, Seq
from linter.records import NamedTuple
from linter.syntax.json_parts import load_parts
from linter.syntax.yaml import Loaded
from linter.trees import as_map, at_path, maps, put, says

KEEP = frozenset(
    (
        "apiVersion", "kind", "metadata", "spec", "dashboard", "uid", "title", "tags", "schemaVersion", "panels", "rows",
        "type", "datasource", "targets", "expr", "query", "rawSql", "target", "refId", "templating", "list", "name",
        "libraryPanel", "__inputs", "pluginId", "elements", "data", "queries", "group", "vizConfig", "variables",
        "definition",
    )
)  # fmt: skip
"""Keys that are read of a dashboard; the rest is how it looks."""
WHOLE = frozenset(("elements",))
"""Keys whose own keys are names."""
DEEPEST, MOST = 6, 5_000


def load(source_index: int, text: str, base: int = 0) -> Loaded:
    """The parts of a dashboard's text that say what it shows."""
    return load_parts(source_index, text, KEEP, WHOLE, base)


def dashboard_in(tree: Any) -> Map | None:
    """The dashboard that a JSON text is: itself, as Grafana's API wraps it, or a manifest's spec; None where it is none."""
    if not isinstance(tree, Map):
        return None
    api = tree.get("apiVersion")
    inner = tree.get("dashboard")
    if isinstance(api, str) and api.startswith("dashboard.grafana.app/"):
        inner = tree.get("spec")
    body = inner if isinstance(inner, Map) else tree
    if not isinstance(body.get("title"), str):
        return None
    if isinstance(body.get("elements"), Map) and body is not tree:
        return body
    if not isinstance(body.get("panels"), Seq) and not isinstance(body.get("rows"), Seq):
        return None
    return body if any(key in body for key in ("schemaVersion", "templating", "uid", "__inputs")) else None


def facts(dashboard: Map, manifest: Any = None) -> Map:
    """What rules ask of a dashboard: title, uid, tags and schemaVersion as written; `panels`, without rows and each in
    the form of schema 16, and `variables`. manifest: whose metadata.name is the uid of a dashboard kept as a manifest.
    """
    body = Map(dashboard.span)
    for key in ("title", "uid", "tags", "schemaVersion", "__inputs"):
        if key in dashboard:
            put(body, key.strip("_"), dashboard[key], dashboard.at[key])
    metadata = as_map(manifest.get("metadata")) if isinstance(manifest, Map) else None
    if metadata is not None and manifest is not dashboard and "uid" not in body and "name" in metadata:
        put(body, "uid", metadata["name"], metadata.at["name"])
    span = dashboard.span
    near = next((dashboard.at[key] for key in ("panels", "elements", "rows") if key in dashboard), None)
    entry = near or (span[0], span[1], span[1], span[1], span[2])
    panels = Seq((entry[0], entry[3], entry[4]))
    if "elements" in dashboard:
        _elements(as_map(dashboard["elements"]), panels)
    else:
        _flatten(dashboard, panels)
    put(body, "panels", panels, entry)
    variables = at_path(dashboard, ("templating", "list"))
    if isinstance(variables, Seq):
        put(body, "variables", variables, dashboard["templating"].at["list"])
    elif isinstance(dashboard.get("variables"), Seq):
        put(body, "variables", _specs(dashboard["variables"]), dashboard.at["variables"])
    return body


def _flatten(dashboard: Map, panels: Seq) -> None:
    """All panels in order, those of rows, collapsed or of old, among them."""
    waiting: list[tuple[Any, Entry, int]] = []

    def push(owner: Map, depth: int) -> None:
        for key in ("panels", "rows"):
            held = owner.get(key)
            if isinstance(held, Seq):
                waiting.extend((item, place, depth) for item, place in zip(held[::-1], held.at[::-1], strict=True))

    push(dashboard, 0)
    while waiting and len(panels) < MOST:
        item, place, depth = waiting.pop()
        if not isinstance(item, Map):
            continue
        if says(item.get("type"), "row") or "type" not in item:
            if depth < DEEPEST:
                push(item, depth + 1)
            continue
        panels.append(item)
        panels.at.append(place)


def _elements(elements: Map, panels: Seq) -> None:
    for name, element in elements.items():
        spec = as_map(element.get("spec")) if isinstance(element, Map) else Map((0, 0, 0))
        panel = Map(spec.span)
        if not spec or len(panels) >= MOST:
            continue
        if "title" in spec:
            put(panel, "title", spec["title"], spec.at["title"])
        if "libraryPanel" in spec or says(element.get("kind"), "LibraryPanel"):
            put(panel, "libraryPanel", spec, element.at["spec"])
        shown = as_map(spec.get("vizConfig"))
        for key in ("group", "kind"):
            if key in shown and "type" not in panel:
                put(panel, "type", shown[key], shown.at[key])
        queries = at_path(spec, ("data", "spec", "queries"))
        if isinstance(queries, Seq):
            put(panel, "targets", _queries(queries), at_path(spec, ("data", "spec")).at["queries"])
        panels.append(panel)
        source, key_start, key_end, start, end = elements.at[name]
        panels.at.append((source, key_start, key_end, start, end))


def _queries(queries: Seq) -> Seq:
    """Queries of schema 2 as targets: what a query asks for, and of which source."""
    targets = Seq(queries.span)
    for query, place in zip(queries, queries.at, strict=True):
        spec = as_map(query.get("spec")) if isinstance(query, Map) else Map((0, 0, 0))
        held = as_map(spec.get("query"))
        target = Map(held.span if held else spec.span)
        for key, value in as_map(held.get("spec")).items():
            put(target, key, value, held["spec"].at[key])
        for owner in (held, spec):
            if "datasource" in owner and "datasource" not in target:
                put(target, "datasource", owner["datasource"], owner.at["datasource"])
        targets.append(target)
        targets.at.append(place)
    return targets


def _specs(variables: Seq) -> Seq:
    found = Seq(variables.span)
    for variable, place in zip(variables, variables.at, strict=True):
        spec = variable.get("spec") if isinstance(variable, Map) else None
        if isinstance(spec, Map):
            found.append(spec)
            found.at.append(place)
    return found


class Target(NamedTuple):
    """An expression, where it is written, and its datasource: a uid, a name, a mapping, or None for the default."""

    expression: str
    entry: Entry
    datasource: Any


def targets(body: Map) -> list[Target]:
    """The PromQL and LogQL texts that a dashboard's panels show. body: its facts."""
    found = []
    for panel in maps(body.get("panels")):
        for target in maps(panel.get("targets")):
            expression = target.get("expr")
            if isinstance(expression, str) and expression.strip():
                source = target.get("datasource")
                source = panel.get("datasource") if source is None else source
                found.append(Target(expression, target.at["expr"], source))
    return found
