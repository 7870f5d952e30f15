"""Grafana's dashboards: in files, in what Kubernetes holds, of all schemas, each with exact places."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.discovery.formats import MAYBE_JSON, by_bytes
from linter.model import Artifact, Resource, Source, Workspace
from linter.parsers import READERS, monitoring
from linter.parsers.monitoring.dashboards import targets
from linter.trees import maps


def expand(files: dict[str, str]) -> tuple[list[Resource], dict[int, str]]:
    artifacts, texts = {}, {}
    for index, (path, text) in enumerate(files.items()):
        source = Source(index, path, text)
        format = "yaml" if path.endswith((".yaml", ".yml")) else by_bytes(MAYBE_JSON, text.encode())
        assert format is not None
        artifacts[path] = Artifact(path, format, source, *READERS[format](source))
        texts[index] = text
    workspace = Workspace(artifacts, frozenset(files), {}, lambda *_: None, lambda _: None)
    return [each for each in monitoring.expand(workspace) if each.kind == "monitoring/dashboard"], texts


def dashboard(**changes: Any) -> dict[str, Any]:
    panel = {
        "type": "timeseries",
        "title": "Errors",
        "fieldConfig": {"defaults": {"unit": "short"}},
        "datasource": {"type": "prometheus", "uid": "main"},
        "targets": [{"refId": "A", "expr": 'rate(errors{job="web"}[5m])'}],
    }
    row = {"type": "row", "title": "Row", "panels": [panel]}
    return {"uid": "shop", "title": "Shop", "schemaVersion": 39, "panels": [row, panel], **changes}


def indented(text: str, by: int) -> str:
    return text.replace("\n", "\n" + " " * by)


TEXT = json.dumps(dashboard(), indent=2)
CONFIG_MAP = f"""apiVersion: v1
kind: ConfigMap
metadata:
  name: boards
  namespace: monitoring
  labels: {{grafana_dashboard: "1"}}
data:
  shop.json: |-
    {indented(TEXT, 4)}
"""
OBJECT = f"""apiVersion: grafana.integreatly.org/v1beta1
kind: GrafanaDashboard
metadata: {{name: shop, namespace: monitoring}}
spec:
  json: >
    {indented(TEXT, 4)}
"""
VALUES = f"""apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: grafana}}
spec:
  values:
    dashboards:
      default:
        shop:
          json: |
            {indented(TEXT, 12)}
"""


@pytest.mark.parametrize(
    ("path", "text", "address"),
    [
        ("grafana/shop.json", TEXT, "grafana/shop.json"),
        ("grafana/api.json", json.dumps({"meta": {}, "dashboard": dashboard()}), "grafana/api.json"),
        ("cm.yaml", CONFIG_MAP, "ConfigMap/monitoring/boards/shop.json"),
        (
            "list.yaml",
            "kind: ConfigMapList\nitems:\n- " + indented(CONFIG_MAP, 2),
            "ConfigMap/monitoring/boards/shop.json",
        ),
        ("cr.yaml", OBJECT, "GrafanaDashboard/monitoring/shop"),
        ("release.yaml", VALUES, "HelmRelease/grafana/shop"),
    ],
)
def test_dashboards_are_found_where_they_are_kept(path: str, text: str, address: str) -> None:
    (found,), texts = expand({path: text})
    assert (found.address, found.name, found.body["uid"]) == (address, "Shop", "shop")
    assert [panel["title"] for panel in found.body["panels"]] == ["Errors", "Errors"]
    source, start, end = found.anchor
    assert texts[source][start:end] == '"Shop"'
    for target in targets(found.body):
        source, _, _, start, end = target.entry
        assert json.loads(texts[source][start:end]) == target.expression == 'rate(errors{job="web"}[5m])'


def test_a_quoted_text_lies_at_its_value() -> None:
    text = "kind: ConfigMap\nmetadata: {name: a}\ndata:\n  a.json: '" + json.dumps(dashboard()) + "'\n"
    (found,), _ = expand({"cm.yaml": text})
    _, start, end = found.anchor
    assert json.loads(text[start:end].strip("'"))["title"] == "Shop"
    assert {entry[3:] for panel in maps(found.body["panels"]) for entry in panel.at.values()} == {(start, end)}


def test_rows_of_old_and_elements_of_new_schemas_give_the_same_panels() -> None:
    panel = dashboard()["panels"][1]
    old = dashboard(panels=None, rows=[{"title": "Row", "panels": [panel]}])
    query = {"kind": "prometheus", "spec": {"expr": 'rate(errors{job="web"}[5m])'}}
    element = {
        "kind": "Panel",
        "spec": {
            "title": "Errors",
            "vizConfig": {"kind": "timeseries"},
            "data": {"kind": "QueryGroup", "spec": {"queries": [{"spec": {"query": query, "refId": "A"}}]}},
        },
    }
    spec = {"title": "Shop", "elements": {"panel-1": element}, "variables": [{"spec": {"name": "job"}}]}
    new = {
        "apiVersion": "dashboard.grafana.app/v2beta1",
        "kind": "Dashboard",
        "metadata": {"name": "shop"},
        "spec": spec,
    }
    found, texts = expand({"old.json": json.dumps(old), "new.json": json.dumps(new), "new.yaml": json.dumps(new)})
    assert [each.body["uid"] for each in found] == ["shop"] * 3
    for each in found:
        (target,) = targets(each.body)
        assert target.expression == 'rate(errors{job="web"}[5m])'
        source, _, _, start, end = target.entry
        assert json.loads(texts[source][start:end]) == target.expression
        assert [panel["title"] for panel in each.body["panels"]] == ["Errors"]
    assert [variable["name"] for variable in found[1].body["variables"]] == ["job"]


@pytest.mark.parametrize(
    "value",
    [
        {"title": "x", "panels": []},
        {"schemaVersion": 1, "panels": []},
        {"title": 3, "panels": [], "schemaVersion": 1},
        {"title": "x", "panels": {}, "schemaVersion": 1},
    ],
)
def test_other_json_is_no_dashboard(value: dict[str, Any]) -> None:
    text = "kind: ConfigMap\nmetadata: {name: a}\ndata:\n  a.json: '" + json.dumps(value) + "'\n"
    assert expand({"cm.yaml": text})[0] == []


@pytest.mark.parametrize("text", ["{", '{"title": "x", "panels": [', "not json panels", '"panels"'])
def test_what_cannot_be_read_gives_nothing(text: str) -> None:
    assert expand({"cm.yaml": f"kind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  a.json: |\n    {text}\n"})[0] == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("abé\"\\\n", max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["panels", "rows", "type", "targets", "expr", "title", "x"]), inner, max_size=4),
    max_leaves=25,
)  # fmt: skip


@given(JSON, st.sampled_from([None, 1]), st.booleans())
def test_places_in_a_block_are_exact_whatever_a_dashboard_holds(panels: Any, indent: Any, folded: bool) -> None:
    text = json.dumps(dashboard(panels=[panels], title="é"), indent=indent)
    sign = ">" if folded else "|"
    written = f"kind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  a.json: {sign}\n    {indented(text, 4)}\n"
    (found,), _ = expand({"cm.yaml": written})
    assert json.loads(written[found.anchor[1] : found.anchor[2]]) == "é"
    for target in targets(found.body):
        _, _, _, start, end = target.entry
        assert json.loads(written[start:end]) == target.expression


def test_dashboards_are_recognised_by_their_keys() -> None:
    assert by_bytes(MAYBE_JSON, TEXT.encode()) == "grafana"
    assert by_bytes(MAYBE_JSON, b'{"title": "a", "panels": []}') is None
    assert (
        by_bytes(MAYBE_JSON, b'{"apiVersion": "v1", "kind": "List", "title": 1, "panels": 1, "schemaVersion": 1}')
        == "json"
    )
