"""Service level objectives of Sloth, OpenSLO and Pyrra in one form: kind `monitoring/slo`.

https://sloth.dev/specs/default/ (plain files of version prometheus/v1, and PrometheusServiceLevel objects, whose keys
are in camel case), https://github.com/OpenSLO/OpenSLO (openslo/v1alpha, openslo/v1, openslo.com/v2alpha; one resource for
each objective of an SLO), https://github.com/pyrra-dev/pyrra (pyrra.dev/v1alpha1). Body: `system`, `service`, `name`,
`objective` (percent), `window`, `alerted` (False where its alerts are turned off), `expressions` (PromQL of the indicator),
`settings` as written; each where it is written, and absent where it is not.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import Any

from linter.discovery.environments import environment_of
from linter.model import Artifact, Entry, Map, Resource, Seq, Span, Unit, Unknown, Workspace
from linter.parsers.monitoring.embedded import objects_of
from linter.trees import as_map, at_path, decimal, maps, put, put_span

_QUERIES = ("error_query", "errorQuery", "total_query", "totalQuery", "error_ratio_query", "errorRatioQuery")
_PROMETHEUS = frozenset(
    ("prometheus", "mimir", "thanos", "victoriametrics", "cortex", "googlemanagedprometheus", "amazonprometheus")
)


def expand(workspace: Workspace, artifacts: Iterable[Artifact]) -> Iterator[Resource]:
    """The objectives of every artifact. Address: `<service>/<name>`, with `#2`… for later ones of that name in a folder."""
    taken: dict[tuple[Unit, str], int] = {}
    for artifact in artifacts:
        for document in artifact.tree.documents:
            for body, anchor, holder in _objectives(document.value):
                yield _resource(workspace, artifact, body, anchor, holder, taken)


def _resource(
    workspace: Workspace, artifact: Artifact, body: Map, anchor: Span, holder: Map, taken: dict[tuple[Unit, str], int]
) -> Resource:
    unit = Unit("monitoring", posixpath.dirname(artifact.path))
    words = [body[key] for key in ("service", "name") if isinstance(body.get(key), str)]
    address = "/".join(words) or artifact.path
    count = taken[unit, address] = taken.get((unit, address), 0) + 1
    return Resource(
        "monitoring/slo",
        address if count == 1 else f"{address}#{count}",
        words[-1] if words else address,
        unit,
        body,
        anchor,
        body.span,
        environment=environment_of(artifact.path, workspace.settings, workspace.paths),
        context={"object": holder},
    )


def _objectives(value: Any) -> Iterator[tuple[Map, Span, Map]]:
    """(body, anchor, what holds it) of every objective in a document."""
    for holder in maps(value) if isinstance(value, Seq) else objects_of(value):
        version, kind, spec = holder.get("apiVersion"), holder.get("kind"), as_map(holder.get("spec"))
        version = version if isinstance(version, str) else ""
        if isinstance(kind, Unknown):
            continue
        if kind is None and str(holder.get("version")) == "prometheus/v1":
            yield from _sloth(holder, holder)
        elif kind == "PrometheusServiceLevel" and version.startswith("sloth."):
            yield from _sloth(holder, spec)
        elif kind == "SLO" and version.startswith("openslo"):
            yield from _openslo(holder, spec)
        elif kind == "ServiceLevelObjective" and version.startswith("pyrra.dev/"):
            yield _pyrra(holder, spec)


def _copy(body: Map, key: str, source: Map, written: str = "") -> None:
    """Takes over an entry with its place, where it is written."""
    written = written or key
    if written in source and source[written] is not None:
        put(
            body, key, source[written], source.at.get(written, (source.span[0], *(source.span[1],) * 3, source.span[2]))
        )


def _anchor(holder: Map, key: str, default: Span) -> Span:
    entry = holder.at.get(key)
    return (entry[0], entry[3], entry[4]) if entry and entry[4] > entry[3] else default


def _expressions(body: Map, found: list[tuple[Any, Entry]]) -> None:
    listed = Seq(body.span)
    for value, (source, _, _, start, end) in found:
        listed.append(value)
        listed.at.append((source, start, start, start, end))
    put_span(body, "expressions", listed, body.span[1], body.span[2])


def _sloth(holder: Map, spec: Map) -> Iterator[tuple[Map, Span, Map]]:
    for slo in maps(spec.get("slos")):
        body = Map(slo.span)
        anchor = _anchor(slo, "name", slo.span)
        put_span(body, "system", "sloth", anchor[1], anchor[2])
        _copy(body, "service", spec)
        for key in ("name", "objective"):
            _copy(body, key, slo)
        alerting = as_map(slo.get("alerting"))
        off = [as_map(alerting.get(one, alerting.get(other))) for one, other in
               (("page_alert", "pageAlert"), ("ticket_alert", "ticketAlert"))]  # fmt: skip
        if all(alert.get("disable") is True for alert in off):
            put(body, "alerted", False, off[0].at["disable"])
        else:
            put_span(body, "alerted", True, anchor[1], anchor[2])
        sli = as_map(slo.get("sli"))
        kinds = [as_map(sli.get(key)) for key in ("events", "raw")]
        _expressions(body, [(each[key], each.at[key]) for each in kinds for key in _QUERIES if key in each])
        put_span(body, "settings", slo, slo.span[1], slo.span[2])
        yield body, anchor, holder


def _openslo(holder: Map, spec: Map) -> Iterator[tuple[Map, Span, Map]]:
    metadata = as_map(holder.get("metadata"))
    objectives = maps(spec.get("objectives")) or [Map(spec.span)]
    name = _anchor(metadata, "name", holder.span)
    for index, objective in enumerate(objectives):
        body = Map(holder.span)
        anchor = name if index == 0 else objective.span
        put_span(body, "system", "openslo", *name[1:])
        _copy(body, "service", spec, "service" if "service" in spec else "serviceRef")
        _copy(body, "name", metadata)
        _percent(body, objective)
        windows = maps(spec.get("timeWindow")) or maps(spec.get("timeWindows"))
        for window in windows[:1]:
            _copy(body, "window", window, "duration" if "duration" in window else "unit")
        policies = spec.get("alertPolicies")
        entry = spec.at.get("alertPolicies")
        if isinstance(policies, Seq) and policies:
            put_span(body, "alerted", True, *name[1:])
        elif not isinstance(policies, Unknown):
            put_span(body, "alerted", False, *((entry[1], entry[2]) if entry else name[1:]))
        _expressions(body, _sources(spec))
        put_span(body, "settings", spec, spec.span[1], spec.span[2])
        yield body, anchor, holder


def _percent(body: Map, objective: Map) -> None:
    """`targetPercent`, or `target`, which is a fraction."""
    _copy(body, "objective", objective, "targetPercent")
    target = objective.get("target")
    if "objective" not in body and isinstance(target, (int, float)) and not isinstance(target, bool):
        put(body, "objective", round(target * 100, 9), objective.at["target"])
    elif "objective" not in body:
        _copy(body, "objective", objective, "target")


def _sources(spec: Map) -> list[tuple[Any, Entry]]:
    """PromQL of an inline indicator; that of other systems is not PromQL."""
    indicator = as_map(spec.get("indicator"))
    indicator = as_map(indicator.get("spec")) or indicator
    found = []
    for metric in ("ratioMetric", "thresholdMetric"):
        held = as_map(indicator.get(metric))
        for part in ("good", "bad", "total", "raw", ""):
            source = as_map(at_path(held, (part, "metricSource") if part else ("metricSource",)))
            kind, query = source.get("type"), as_map(source.get("spec"))
            if isinstance(kind, str) and kind.lower() in _PROMETHEUS:
                found += [(query[key], query.at[key]) for key in ("query", "promql") if key in query]
    return found


def _pyrra(holder: Map, spec: Map) -> tuple[Map, Span, Map]:
    metadata = as_map(holder.get("metadata"))
    anchor = _anchor(metadata, "name", holder.span)
    body = Map(holder.span)
    put_span(body, "system", "pyrra", *anchor[1:])
    _copy(body, "name", metadata)
    _copy(body, "window", spec)
    target = decimal(spec.get("target"))
    if target is not None:
        put(body, "objective", target, spec.at["target"])
    else:
        _copy(body, "objective", spec, "target")
    alerting = as_map(spec.get("alerting"))
    if alerting.get("disabled") is True or alerting.get("burnrates") is False:
        key = "disabled" if alerting.get("disabled") is True else "burnrates"
        put(body, "alerted", False, alerting.at[key])
    else:
        put_span(body, "alerted", True, *anchor[1:])
    found = []
    for kind in as_map(spec.get("indicator")).values():
        for metric in (kind, *as_map(kind).values()):
            if isinstance(metric, Map) and "metric" in metric:
                found.append((metric["metric"], metric.at["metric"]))
    _expressions(body, found)
    put_span(body, "settings", spec, spec.span[1], spec.span[2])
    return body, anchor, holder
