"""Prometheus rules: rule files, PrometheusRule objects, and what only looks like them."""

from __future__ import annotations

from linter.model import Artifact, Resource, Source, Workspace
from linter.parsers import READERS, monitoring


def expand(files: dict[str, str]) -> list[Resource]:
    artifacts = {}
    for index, (path, text) in enumerate(files.items()):
        source = Source(index, path, text)
        artifacts[path] = Artifact(path, "yaml", source, *READERS["yaml"](source))
    workspace = Workspace(artifacts, frozenset(files), {}, lambda *_: None, lambda _: None)
    return list(monitoring.expand(workspace))


FILE = """groups:
- name: shop
  interval: 1m
  rules:
  - alert: ShopDown
    expr: up == 0
  - record: shop:up
    expr: sum(up)
  - alert: ShopDown
    expr: absent(up)
"""


def test_a_rule_file() -> None:
    rules = expand({"prometheus/shop.yml": FILE})
    assert [(r.kind, r.address) for r in rules] == [
        ("monitoring/alert", "shop/ShopDown"),
        ("monitoring/recording", "shop/shop:up"),
        ("monitoring/alert", "shop/ShopDown#2"),
    ]
    first = rules[0]
    assert FILE[first.anchor[1] : first.anchor[2]] == "ShopDown"
    assert first.context["group"]["interval"] == "1m"
    assert first.unit.path == "prometheus"
    assert FILE[first.extent[1] : first.extent[2]].startswith("alert: ShopDown")


def test_folders_do_not_share_ordinals() -> None:
    rules = expand({"staging/shop.yml": FILE, "production/shop.yml": FILE})
    assert [r.address for r in rules] == ["shop/ShopDown", "shop/shop:up", "shop/ShopDown#2"] * 2
    assert len({r.identity for r in rules}) == 6


OBJECT = """apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: shop, namespace: shop}
spec:
  groups: [{name: shop, rules: [{alert: ShopDown, expr: up == 0}]}]
"""


def test_objects_and_lists_of_them() -> None:
    indented = OBJECT.replace("\n", "\n    ").rstrip()
    listed = f"apiVersion: v1\nkind: List\nitems:\n  - {indented}\n"
    rules = expand({"a.yaml": f"kind: ConfigMap\n---\n{OBJECT}", "b/list.yaml": listed})
    assert [r.address for r in rules] == ["shop/ShopDown", "shop/ShopDown"]
    assert rules[0].context["object"]["metadata"]["namespace"] == "shop"


def test_what_only_looks_like_rules_is_left_alone() -> None:
    others = {
        "a.yaml": "groups: [admins, users]\n",
        "b.yaml": "groups:\n- name: g\n  rules:\n  - {alert: NoExpression}\n  - text\n  - {expr: up}\n",
        "c.yaml": "kind: Policy\ngroups: [{rules: [{alert: A, expr: up}]}]\n",
        "d.yaml": "kind: PrometheusRule\nspec: nothing\n",
        "e.yaml": "- groups\n",
        "f.yaml": "kind: List\nitems: nothing\n",
    }
    assert expand(others) == []


def test_odd_names_are_kept() -> None:
    rules = expand({"a.yaml": "groups:\n- rules:\n  - {alert: 5, expr: up}\n  - {alert: , expr: up}\n"})
    assert [r.address for r in rules] == ["group/5", "group/None"]


def test_runbook_links() -> None:
    text = "groups:\n- name: g\n  rules:\n  - {alert: A, expr: up, annotations: {runbook: b, runbook_url: a}}\n"
    assert monitoring.runbook_link(expand({"a.yaml": text})[0].body) == ("annotations.runbook_url", "a")
    without = text.replace("runbook", "other")
    assert monitoring.runbook_link(expand({"a.yaml": without})[0].body) == ("", None)
