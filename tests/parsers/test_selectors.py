"""What the selectors of PromQL choose, and which workloads alerts and dashboards so speak of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.parsers.monitoring.routes import Matcher
from linter.parsers.monitoring.selectors import choices, selectors_of, words_of
from tests.support import scanned, write


@pytest.mark.parametrize(
    ("expression", "read"),
    [
        ('up{job="web"} == 0', [("up", [("job", "=", "web")], [])]),
        ('sum by (pod) (rate(a:b{ns!="x", pod=~"web-.*"}[5m]))', [("a:b", [("pod", "=~", "web-.*")], [])]),
        ("a{x=\"1\"} / on(job) b {y='2'}", [("a", [("x", "=", "1")], []), ("b", [("y", "=", "2")], [])]),
        ('a{job="$job", ns="shop"}', [("a", [("ns", "=", "shop")], ["job"])]),
        ('a{job=~"[[job]]"}', [("", [], ["job"])]),
        ('rate(a{job="w"}[${__rate_interval}])', [("a", [("job", "=", "w")], [])]),
        ('{app="web"} |= "error {x="', [("", [("app", "=", "web")], [])]),
        ('label_replace(a{job="w"}, "x", "{y=\\"z\\"}", "b", "(.*)")', [("a", [("job", "=", "w")], [])]),
        ('a{x=~"web-.*$"}', [("a", [("x", "=~", "web-.*$")], [])]),
        ('a{x="a}b"}', [("a", [("x", "=", "a}b")], [])]),
        ('a{x=`b"`}', [("a", [("x", "=", 'b"')], [])]),
        ('a{"http.status"="5"}', [("a", [("http.status", "=", "5")], [])]),
        ("up == 0", []),
        ("a{}", []),
        ('a{x="unclosed', []),
    ],
)
def test_selectors(expression: str, read: list[tuple[str, list[tuple[str, str, str]], list[str]]]) -> None:
    assert [(s.metric, [tuple(m) for m in s.matchers], sorted(s.open)) for s in selectors_of(expression)] == read


@given(st.lists(st.tuples(st.sampled_from("abc"), st.text('ab{}"\\$ ', max_size=5)), min_size=1, max_size=3))
def test_every_text_comes_back_as_it_was_meant(labels: list[tuple[str, str]]) -> None:
    inside = ", ".join(f"{label}={json.dumps(value)}" for label, value in labels)
    told = [(m.label, m.value) for s in selectors_of(f"m{{{inside}}}") for m in s.matchers]
    assert [pair for pair in labels if "$" not in pair[1] and "{{" not in pair[1]] == told or any(
        "$" in v or "{{" in v for _, v in labels
    )


@given(st.text("a{}\"'`=~,\\$", max_size=60))
def test_no_text_is_too_odd(text: str) -> None:
    for selector in selectors_of(text):
        for matcher in selector.matchers:
            assert matcher.value in text or "\\" in text


def test_long_texts_take_linear_time() -> None:
    for text in ("{" * 50_000, '"' * 49_999, "a" * 90_000 + "{", '{a="' * 20_000, 'a{x="y"' * 10_000):
        selectors_of(text)


@pytest.mark.parametrize(
    ("sign", "value", "read"),
    [
        ("=", "web", [("web", False)]), ("=", "", []), ("=~", "web|cart", [("web", False), ("cart", False)]),
        ("=~", "(web|cart)", [("web", False), ("cart", False)]), ("=~", "web-.*", [("web-", True)]), ("=~", ".*", []),
        ("=~", "^web-[0-9]+$", [("web-", True)]), ("=~", "webs?", [("web", True)]), ("=~", "web-(a|b)-.*", [("web-", True)]),
        ("=~", "a|b(c|d)", []), ("=~", ".+", []), ("=~", "web.+", [("web", True)]),
    ],
)  # fmt: skip
def test_choices(sign: str, value: str, read: list[tuple[str, bool]]) -> None:
    assert choices(Matcher("job", sign, value)) == read


def test_words_hold_every_metric() -> None:
    assert {"shop:errors:rate5m", "up"} <= words_of("shop:errors:rate5m > up")


WORKLOADS = """apiVersion: apps/v1
kind: {kind}
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  template:
    metadata: {{labels: {{app: {name}-app}}}}
    spec: {{containers: [{{name: {name}-main, image: a}}]}}
---
"""
SERVICE = """apiVersion: v1
kind: Service
metadata: {name: web-svc, namespace: shop, labels: {team: gold}}
spec: {selector: {app: web-app}, ports: [{port: 80}]}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: web, namespace: shop}
spec: {jobLabel: team, selector: {matchLabels: {team: gold}}, endpoints: [{port: http}]}
"""
ESTATE = "".join(
    WORKLOADS.format(kind=kind, name=name, namespace=namespace)
    for kind, name, namespace in (
        ("Deployment", "web", "shop"), ("Deployment", "web-api", "shop"), ("StatefulSet", "db", "shop"),
        ("Deployment", "web", "other"),
    )
) + SERVICE  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "spoken"),
    [
        ('kube_deployment_status_replicas{job="kube-state-metrics",namespace="shop",deployment="web"}', ["shop/web"]),
        ('kube_deployment_status_replicas{deployment="web"}', ["other/web", "shop/web"]),
        ('container_cpu{namespace="shop",pod=~"web-.*"}', ["shop/web", "shop/web-api"]),
        ('container_cpu{namespace="shop",pod=~"web-api-.*"}', ["shop/web-api"]),
        ('container_cpu{pod="db-0"}', ["shop/db"]),
        ('container_cpu{container="web-main",namespace="other"}', ["other/web"]),
        ('http_requests{app="web-app",namespace="shop"}', ["shop/web"]),
        ('up{job="web-svc"}', ["shop/web-svc"]),
        ('up{job="gold"}', ["shop/web-svc"]),
        ('http_requests{namespace="shop",deployment="gone"}', []),
        ('http_requests{namespace="other"}', ["other/web"]),
        ('http_requests{job="$job"}', []),
        ('kube_pod_info{job="web-svc"}', []),
        ('http_requests{deployment!="web"}', []),
        ("shop:errors > 1", ["shop/db"]),
    ],
)
def test_alerts_and_dashboards_are_linked_with_what_they_speak_of(
    tmp_path: Path, expression: str, spoken: list[str]
) -> None:
    record = "groups: [{name: a, rules: [{record: 'shop:errors', expr: 'sum(e{statefulset=\"db\"})'}]}]\n"
    alert = json.dumps({"groups": [{"name": "b", "rules": [{"alert": "A", "expr": expression}]}]})
    board = {"title": "B", "uid": "b", "schemaVersion": 1, "panels": [{"type": "x", "targets": [{"expr": expression}]}]}
    files = {"k.yaml": ESTATE, "record.yaml": record, "alert.yaml": alert, "board.json": json.dumps(board)}
    write(tmp_path, files)
    estate = scanned(tmp_path, "alert-has-severity").estate
    for kind, name in (("monitoring/alert", "alerts_on"), ("monitoring/dashboard", "shows")):
        (resource,) = estate.kinds[kind]
        links = [link for link in estate.outgoing.get(id(resource), ()) if link.name == name]
        assert sorted(link.target.address.partition("/")[2] for link in links) == spoken
        for link in links:
            assert link.span is not None
            source, start, end = link.span
            assert json.loads(estate.sources[source].text[start:end]) == expression


def test_an_environment_speaks_of_itself_only(tmp_path: Path) -> None:
    files = {}
    for name in ("staging", "production"):
        files[f"environments/{name}/k.yaml"] = WORKLOADS.format(kind="Deployment", name="web", namespace="shop")
    rule = "groups: [{name: b, rules: [{alert: A, expr: 'up{deployment=\"web\"}'}]}]\n"
    files["environments/production/rules.yaml"] = rule
    estate = scanned(write(tmp_path, files), "alert-has-severity").estate
    (alert,) = estate.kinds["monitoring/alert"]
    targets = [link.target.environment for link in estate.outgoing[id(alert)] if link.name == "alerts_on"]
    assert [each.name for each in targets if each] == ["production"]


def test_patterns_that_take_everything_stay_within_bounds(tmp_path: Path) -> None:
    workloads = "".join(WORKLOADS.format(kind="Deployment", name=f"app-{at}", namespace="shop") for at in range(250))
    rules = [{"alert": f"A{at}", "expr": f'sum(e{at}{{pod=~"app-.*"}}) > 1'} for at in range(20)]
    files = {"k.yaml": workloads, "rules.yaml": json.dumps({"groups": [{"name": "a", "rules": rules}]})}
    estate = scanned(write(tmp_path, files), "alert-has-severity").estate
    for alert in estate.kinds["monitoring/alert"]:
        assert len([link for link in estate.outgoing[id(alert)] if link.name == "alerts_on"]) == 200
