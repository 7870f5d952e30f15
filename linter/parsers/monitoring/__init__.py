"""Prometheus alerting and recording rules: rule files (top-level `groups:`) and PrometheusRule objects.

https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/ ,
https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from linter.discovery.environments import environment_of
from linter.model import Artifact, Map, Resource, Seq, Unit, Unknown, Workspace
from linter.records import NamedTuple
from linter.trees import says

RUNBOOK_ANNOTATIONS = ("runbook_url", "runbook")


class Written(NamedTuple):
    """One rule where it is written. object: the PrometheusRule, or the whole document of a rule file."""

    path: str
    object: Map
    group: Map
    rule: Map


def expand(workspace: Workspace) -> Iterator[Resource]:
    """Resources of everything that watches; see `alertmanager` for routings and receivers, `grafana` for dashboards and
    `provisioning` for what else Grafana is given, `slo` for objectives, `collectors` for what gathers logs and traces."""
    yield from _expand_rules(workspace)
    for name, reader in _READERS.items():
        held = [artifact for artifact in workspace.artifacts.values() if _may_hold(artifact, reader)]
        if held:
            yield from import_module(f"linter.parsers.monitoring.{name}").expand(workspace, held)


class _Reader(NamedTuple):
    """What a module with an `expand` reads. words: of which an artifact of `formats` has one if it holds anything for
    it. own: formats of which it reads every artifact."""

    formats: tuple[str, ...]
    words: tuple[str, ...]
    own: tuple[str, ...] = ()


_READERS = {
    "alertmanager": _Reader(("yaml", "helm"), ("receivers", "alertmanager.y", "AlertmanagerConfig")),
    "grafana": _Reader(("grafana", "yaml", "helm", "json"), ("panels", '"elements"', "dashboard.grafana.app")),
    "provisioning": _Reader(
        ("yaml", "helm"),
        ("datasources", "contactPoints", "policies", "GrafanaDatasource", "additionalDataSources", "relativeTimeRange"),
    ),
    "datadog": _Reader((), (), ("datadog",)),
    "slo": _Reader(("yaml",), ("prometheus/v1", "PrometheusServiceLevel", "openslo", "pyrra.dev")),
    "collectors": _Reader(
        ("yaml", "helm"),
        ("exporters", "filebeat", "sinks", "put", "PUT", "FILTER", "pipeline", "tcpout", "monitor:", "Secret"),
        ("fluent-bit", "logstash", "splunk", "vector"),
    ),
}
"""A Secret may hold a collector's or Alertmanager's file in base64, in which no word of it stands; the latter's name
tells it. Modules for which no artifact may hold anything are not loaded."""


def _may_hold(artifact: Artifact, reader: _Reader) -> bool:
    if artifact.tree is None:
        return False
    if artifact.format in reader.own:
        return True
    return artifact.format in reader.formats and any(word in artifact.source.text for word in reader.words)


def _expand_rules(workspace: Workspace) -> Iterator[Resource]:
    """Resources `monitoring/alert` and `monitoring/recording`.

    body: the rule. context: group, object, system. address: `<group>/<name>`, with `#2`, `#3`… for later ones of that name in
    the same folder. Rules without a readable name are named after their place in the group.
    """
    taken: dict[tuple[Unit, str], int] = {}
    for written in written_rules(workspace):
        kind = "alert" if "alert" in written.rule else "record"
        name, group = written.rule[kind], written.group.get("name")
        if not isinstance(name, str):
            name = "unknown" if isinstance(name, Unknown) else str(name)
        unit = Unit("monitoring", posixpath.dirname(written.path))
        address = f"{group if isinstance(group, str) else 'group'}/{name}"
        count = taken[unit, address] = taken.get((unit, address), 0) + 1
        source, _, _, start, end = written.rule.at[kind]
        yield Resource(
            "monitoring/alert" if kind == "alert" else "monitoring/recording",
            address if count == 1 else f"{address}#{count}",
            name,
            unit,
            written.rule,
            (source, start, end),
            written.rule.span,
            environment=environment_of(written.path, workspace.settings, workspace.paths),
            context={"group": written.group, "object": written.object, "system": "prometheus"},
        )


def written_rules(workspace: Workspace) -> Iterator[Written]:
    """Every rule of every rule file and PrometheusRule, in order of artifact and line."""
    for artifact in workspace.of_format("yaml"):
        yield from _rules_of(artifact)


def runbook_link(rule: Map) -> tuple[str, Any]:
    """(dotted path, value) of an alert's runbook annotation; ('', None) where there is none."""
    annotations = rule.get("annotations")
    if isinstance(annotations, Map):
        for key in RUNBOOK_ANNOTATIONS:
            if key in annotations and annotations[key] is not None:
                return f"annotations.{key}", annotations[key]
    return "", None


def _rules_of(artifact: Artifact) -> Iterator[Written]:
    for document in artifact.tree.documents if artifact.tree is not None else ():
        for written in _objects(document.value):
            spec = written.get("spec") if says(written.get("kind"), "PrometheusRule") else written
            for group in _maps(spec.get("groups")) if isinstance(spec, Map) else ():
                for rule in _maps(group.get("rules")):
                    if ("alert" in rule or "record" in rule) and "expr" in rule:
                        yield Written(artifact.path, written, group, rule)


def _objects(value: Any) -> Iterator[Map]:
    """A document that may hold rules: a rule file, a PrometheusRule, or those of a List."""
    if not isinstance(value, Map):
        return
    kind = value.get("kind")
    if isinstance(kind, Unknown):
        return
    if kind in ("List", "PrometheusRuleList"):
        yield from (item for item in _maps(value.get("items")) if _is_rules(item))
    elif _is_rules(value):
        yield value


def _is_rules(value: Map) -> bool:
    kind = value.get("kind")
    return not isinstance(kind, Unknown) and (kind == "PrometheusRule" or (kind is None and "groups" in value))


def _maps(value: Any) -> Iterator[Map]:
    return (item for item in value if isinstance(item, Map)) if isinstance(value, Seq) else iter(())
