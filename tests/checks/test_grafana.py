"""Checks of Grafana and of what alerts and dashboards cover, beyond the rules' own examples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import failed, lines, scanned, write

VALID, PROVISIONED, SECRETS = (
    "grafana-dashboard-valid",
    "dashboard-datasource-provisioned",
    "datasource-no-literal-secret",
)


def board(uid: str | None = "a", source: Any = None, **more: Any) -> str:
    panel = {"type": "stat", "datasource": source, "targets": [{"expr": "up", "datasource": source}]}
    body = {"title": "A", "schemaVersion": 39, "panels": [panel], **more}
    return json.dumps(body if uid is None else {"uid": uid, **body})


def sources(*bodies: str) -> str:
    return "apiVersion: 1\ndatasources:\n" + "".join(f"- {{{body}}}\n" for body in bodies)


def config_map(text: str, labels: str = "") -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a{labels}}}\ndata:\n  a.json: |\n    {text}\n"


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"a/x.json": board(), "a/y.json": board()}, 1),
        ({"a/x.json": board(), "b/y.json": board()}, 0),
        ({"a/x.json": board(None)}, 1),
        ({"x.json": board(source="$ds")}, 1),
        ({"x.json": board(source="${ds:raw}", templating={"list": [{"name": "ds"}]})}, 0),
        ({"x.json": board(source={"uid": "${DS_A}"}, __inputs=[{"name": "DS_A"}])}, 0),
        ({"x.yaml": config_map(board(source={"uid": "${DS_A}"}, __inputs=[{"name": "DS_A"}]))}, 1),
        ({"x.json": board(source={"uid": "[[ds]]"})}, 1),
        ({"x.json": board(source="$__all")}, 0),
    ],
)  # fmt: skip
def test_dashboards_load(tmp_path: Path, files: dict[str, str], count: int) -> None:
    assert len(failed(scanned(write(tmp_path, files), VALID))) == count


@pytest.mark.parametrize(
    ("written", "source", "count"),
    [
        (sources("name: P, type: prometheus, uid: main"), {"uid": "main"}, 0),
        (sources("name: P, type: prometheus, uid: main"), "P", 0),
        (sources("name: P, type: prometheus, uid: main"), {"uid": "other"}, 1),
        (sources("name: P, type: prometheus, uid: main"), {"uid": "-- Mixed --"}, 0),
        (sources("name: P, type: prometheus, uid: main"), {"uid": "${ds}"}, 0),
        (sources("name: P, type: prometheus, uid: main"), None, 0),
        (sources("name: P, type: prometheus"), {"uid": "other"}, 0),
        ("grafana:\n  x: 1\n", {"uid": "other"}, 0),
    ],
)
def test_datasources_are_provisioned(tmp_path: Path, written: str, source: Any, count: int) -> None:
    write(tmp_path, {"ds.yaml": written, "x.json": board(source=source)})
    assert len(failed(scanned(tmp_path, PROVISIONED))) == count


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("secureJsonData: {password: Tr0ub4dor}", 1),
        ("secureJsonData: {password: $PASSWORD}", 0),
        ("secureJsonData: {password: '$__file{/run/x}'}", 0),
        ("secureJsonData: {password: '{{ .Values.password }}'}", 0),
        ("secureJsonData: {tlsCACert: 'a certificate'}", 0),
        ("secureJsonData: {httpHeaderValue1: Bearer-abcdef}", 1),
        ("secureJsonData: {password: changeme}", 0),
        ("basicAuthPassword: Tr0ub4dor", 1),
        ("url: 'https://u:Tr0ub4dor33@db.example.com/x'", 1),
        ("url: 'https://u:$PASSWORD@db.example.com/x'", 0),
        ("url: 'https://db.example.com/x'", 0),
    ],
)
def test_datasources_keep_their_credentials(tmp_path: Path, body: str, count: int) -> None:
    write(tmp_path, {"ds.yaml": sources(f"name: P, type: x, {body}")})
    assert len(failed(scanned(tmp_path, SECRETS))) == count


SERVICE = """apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: front, namespace: shop}
spec:
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: main, image: a}]}}
"""


@pytest.mark.parametrize(
    ("expression", "fails"),
    [
        ('up{service="web"} == 0', False),
        ('kube_deployment_status_replicas{deployment="front"} < 1', False),
        ('rate(errors{namespace="shop"}[5m]) > 1', False),
        ('rate(errors{namespace="other"}[5m]) > 1', True),
        ("sum by (job) (up == 0)", False),
        ('up{job="other"} == 0', True),
        ("node_load1 > 9", True),
    ],
)
def test_services_are_watched(tmp_path: Path, expression: str, fails: bool) -> None:
    rules = json.dumps({"groups": [{"name": "a", "rules": [{"alert": "A", "expr": expression}]}]})
    found = lines(scanned(write(tmp_path, {"k.yaml": SERVICE, "rules.yaml": rules}), "services-alerted"))
    assert bool(found) is fails


@pytest.mark.parametrize(
    ("expression", "outcome"),
    [
        ('errors{deployment="front"}', "pass"),
        ('errors{service="$service"}', "unknown"),
        ('errors{service="other"}', "fail"),
    ],
)
def test_services_are_shown(tmp_path: Path, expression: str, outcome: str) -> None:
    text = json.dumps(
        {"title": "A", "uid": "a", "schemaVersion": 1, "panels": [{"type": "x", "targets": [{"expr": expression}]}]}
    )
    scan = scanned(write(tmp_path, {"k.yaml": SERVICE, "a.json": text}), "services-shown")
    assert [finding.outcome for finding in scan.report.findings] == [outcome]
