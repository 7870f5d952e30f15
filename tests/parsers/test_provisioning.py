"""What Grafana is provisioned with: datasources, contact points, policies and rules, wherever they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from linter.discovery.formats import MAYBE_YAML, by_bytes
from linter.model import Artifact, Map, Resource, Source, Workspace
from linter.parsers import READERS, monitoring
from tests.support import scanned, write


def expand(files: dict[str, str]) -> tuple[list[Resource], dict[int, str]]:
    artifacts, texts = {}, {}
    for index, (path, text) in enumerate(files.items()):
        source = Source(index, path, text)
        assert by_bytes(MAYBE_YAML, text.encode()) == "yaml"
        artifacts[path] = Artifact(path, "yaml", source, *READERS["yaml"](source))
        texts[index] = text
    workspace = Workspace(artifacts, frozenset(files), {}, lambda *_: None, lambda _: None)
    return list(monitoring.expand(workspace)), texts


SOURCES = """apiVersion: 1
datasources:
  - name: main
    type: prometheus
    uid: main
    url: http://prometheus:9090
"""


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (SOURCES, "a.yaml/main"),
        ("kind: Secret\napiVersion: v1\nmetadata: {name: ds, namespace: m}\nstringData:\n  ds.yaml: |\n    " +
         SOURCES.replace("\n", "\n    "), "Secret/m/ds/main"),
        ("kind: GrafanaDatasource\napiVersion: g/v1\nmetadata: {name: d}\nspec:\n  datasource:\n"
         "    name: main\n    type: prometheus\n", "GrafanaDatasource/d/main"),
        ("kind: HelmRelease\napiVersion: h/v2\nmetadata: {name: p}\nspec:\n  values:\n    grafana:\n"
         "      additionalDataSources:\n      - name: main\n        type: prometheus\n", "HelmRelease/p/main"),
    ],
)  # fmt: skip
def test_datasources_are_found_where_they_are_written(text: str, address: str) -> None:
    found, texts = expand({"a.yaml": text})
    (source,) = (each for each in found if each.kind == "monitoring/datasource")
    assert (source.address, source.body["type"]) == (address, "prometheus")
    index, start, end = source.anchor
    assert texts[index][start:end] == "main"


POINTS = """apiVersion: 1
contactPoints:
  - orgId: 1
    name: on-call
    receivers:
      - uid: a
        type: pagerduty
        settings:
          integrationKey: $KEY
  - orgId: 1
    name: chat
    receivers:
      - {uid: b, type: slack, settings: {url: $URL}}
"""
POLICIES = """apiVersion: 1
policies:
  - orgId: 1
    receiver: chat
    routes:
      - receiver: on-call
        object_matchers:
          - [severity, '=', critical]
"""
RULES = """apiVersion: 1
groups:
  - orgId: 1
    name: shop
    folder: Shop
    interval: 1m
    rules:
      - uid: a
        title: Errors
        condition: B
        data:
          - refId: A
            relativeTimeRange: {from: 600, to: 0}
            datasourceUid: main
            model:
              expr: sum(rate(errors{job="web"}[5m])) > 1
          - refId: B
            datasourceUid: __expr__
            model: {type: threshold, expression: A}
        for: 5m
        labels: {severity: critical}
        annotations: {summary: Errors, runbook_url: https://example.com/errors}
      - uid: b
        title: Slow
        condition: A
        data: []
        notification_settings: {receiver: on-call}
"""


def test_rules_and_points_have_prometheus_form() -> None:
    found, texts = expand({"g/rules.yaml": RULES, "g/points.yaml": POINTS, "g/policies.yaml": POLICIES})
    assert [(each.kind, each.address) for each in found] == [
        ("monitoring/alert", "g/rules.yaml/shop/Errors"),
        ("monitoring/alert", "g/rules.yaml/shop/Slow"),
        ("monitoring/routing", "g/policies.yaml/policies"),
        ("monitoring/receiver", "g/points.yaml/on-call"),
        ("monitoring/receiver", "g/points.yaml/chat"),
    ]
    errors, _, routing, *receivers = found
    assert (errors.name, errors.body["labels"]["severity"], errors.body["for"]) == ("Errors", "critical", "5m")
    source, _, _, start, end = errors.body.at["expr"]
    assert texts[source][start:end] == errors.body["expr"] == 'sum(rate(errors{job="web"}[5m])) > 1'
    assert [list(each.body) for each in receivers] == [["name", "pagerduty_configs"], ["name", "slack_configs"]]
    assert routing.body["route"]["routes"][0]["matchers"][0] == {
        "name": "severity",
        "matchType": "=",
        "value": "critical",
    }
    assert all(each.owner is routing for each in receivers)
    assert texts[routing.anchor[0]][routing.anchor[1] : routing.anchor[2]] == "chat"


def test_alerts_reach_the_points_that_policies_or_they_themselves_name(tmp_path: Path) -> None:
    write(tmp_path, {"g/rules.yaml": RULES, "g/points.yaml": POINTS, "g/policies.yaml": POLICIES})
    estate = scanned(tmp_path, "alert-has-severity").estate
    reached = {
        alert.name: [link.target.name for link in estate.outgoing.get(id(alert), ()) if link.name == "notifies"]
        for alert in estate.kinds["monitoring/alert"]
    }
    assert reached == {"Errors": ["on-call"], "Slow": ["on-call"]}


def test_policies_without_points_know_no_receivers() -> None:
    found, _ = expand({"g/policies.yaml": POLICIES})
    assert found[0].body["receivers"].open is not None


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: 1\npolicies: 3\n",
        "apiVersion: 1\ncontactPoints: [3, {name: 4}, {name: a, receivers: 3}]\n",
        "apiVersion: 1\npolicies: [{routes: [3, {object_matchers: [3, [a], [a, b, c]]}]}]\n",
        "apiVersion: 1\ndatasources: [3, {name: {}}, {type: x}]\n",
        "apiVersion: 1\ndatasources: []\ngroups: [3, {rules: [3, {title: 3}, {title: a, data: [3, {model: 4}]}]}]\n",
        "apiVersion: !Ref x\ndatasources: []\n",
    ],
)
def test_what_has_another_shape_is_left(text: str) -> None:
    found, _ = expand({"g/a.yaml": text})
    assert all(isinstance(each.body, Map) for each in found)
