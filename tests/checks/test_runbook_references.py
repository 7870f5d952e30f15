"""What runbooks name must exist: present, absent, not told from a placeholder, and what the tree cannot say."""

from __future__ import annotations

import pytest

from linter.checks.cross.alerts import selected
from linter.engine.proof import scan_files
from linter.rules import open_pack

PACK = open_pack()

CLUSTER = """\
apiVersion: v1
kind: Namespace
metadata:
  name: shop
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec: {}
---
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: shop
spec:
  selector: {app: web}
---
apiVersion: monitoring.coreos.com/v1
kind: Alertmanager
metadata:
  name: main
  namespace: shop
spec: {}
"""
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: cache
  namespace: shop
spec:
  chart:
    spec: {chart: valkey, version: 1.0.0, sourceRef: {kind: HelmRepository, name: charts}}
"""
ZONE = 'resource "aws_route53_zone" "shop" {\n  name = "shop.example.com"\n}\n'


def record(name: str) -> str:
    return f'resource "aws_route53_record" "r" {{\n  zone_id = aws_route53_zone.shop.zone_id\n  name    = {name}\n}}\n'


def judged(rule: str, command: str, files: dict[str, str]) -> list[str]:
    """Outcome and marked text of each judgement on a runbook that shows a command."""
    page = {"runbooks/a.md": f"# A\n\n```sh\n{command}\n```\n"}
    done = scan_files({**page, **files}, PACK, rule)
    assert done.report.failures == ()
    sources = done.estate.sources
    return [
        f"{each.outcome} {sources[each.span[0]].text[each.span[1] : each.span[2]]}"
        for each in done.judgements
        if each.resource.kind.startswith("document/")
    ]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("kubectl -n shop get pods", ["pass shop"]),
        ("kubectl get pods --namespace=shop -o wide", ["pass shop"]),
        ("kubectl -n shopp get pods", ["fail shopp"]),
        ("helm upgrade x ./chart --namespace shopp", ["fail shopp"]),
        ("kubectl -n $NS get pods", []),
        ("kubectl -n <namespace> get pods", []),
        ("kubectl -n '{{ ns }}' get pods", []),
        ("kubectl -n my-namespace get pods", []),
        ("kubectl -n kube-system get pods", []),
        ("kubectl create namespace trial\nkubectl -n trial get pods", []),
        ("kubectl exec web-0 -- tool -n shopp", []),
        ("ip -n shopp link", []),
    ],
)
def test_namespaces(command: str, said: list[str]) -> None:
    assert judged("runbook-namespace-exists", command, {"deploy/all.yaml": CLUSTER}) == said


def test_a_tree_without_a_cluster_says_nothing_of_namespaces_and_workloads() -> None:
    for rule in ("runbook-namespace-exists", "runbook-workload-exists", "runbook-host-exists"):
        assert judged(rule, "kubectl -n shop rollout restart deploy/web\ncurl http://web.shop.svc", {}) == []


def test_a_chart_that_is_not_rendered_may_hold_the_namespace() -> None:
    chart = {
        "chart/Chart.yaml": "apiVersion: v2\nname: x\nversion: 1.0.0\n",
        "chart/templates/a.yaml": "{{ .Values.a }}\n",
    }
    said = judged("runbook-namespace-exists", "kubectl -n shopp get pods", {"deploy/all.yaml": CLUSTER, **chart})
    assert said == ["unknown shopp"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("kubectl -n shop rollout restart deploy/web", ["pass deploy/web"]),
        ("kubectl -n shop scale deployment web --replicas=3", ["pass web"]),
        ("kubectl -n shop rollout undo deployment/wbe", ["fail deployment/wbe"]),
        ("kubectl -n shop logs sts/web", ["fail sts/web"]),
        ("kubectl -n shop logs sts/alertmanager-main", ["pass sts/alertmanager-main"]),
        ("kubectl -n shop logs sts/prometheus-k8s", ["fail sts/prometheus-k8s"]),
        ("kubectl rollout restart deploy/web", ["pass deploy/web"]),
        ("kubectl -n elsewhere rollout restart deploy/wbe", []),
        ("kubectl -n shop rollout restart deploy/$NAME", []),
        ("kubectl -n shop rollout restart deploy/<name>", []),
        ("kubectl -n shop rollout restart deploy/my-app", []),
        ("kubectl -n shop get deployments", []),
        ("kubectl -n shop delete pod web-0", []),
    ],
)
def test_workloads(command: str, said: list[str]) -> None:
    assert judged("runbook-workload-exists", command, {"deploy/all.yaml": CLUSTER}) == said


def test_a_release_of_another_repository_may_hold_the_workload() -> None:
    files = {"deploy/all.yaml": CLUSTER, "deploy/release.yaml": RELEASE}
    said = judged("runbook-workload-exists", "kubectl -n shop rollout restart sts/cache", files)
    assert said == ["unknown sts/cache"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("curl http://web.shop.svc.cluster.local:8080/health", ["pass web.shop.svc.cluster.local"]),
        ("curl 'http://web.shop.svc/x?y=1'", ["pass web.shop.svc"]),
        ("psql -h web.shop.svc -U shop", ["pass web.shop.svc"]),
        ("nc -vz wbe.shop.svc 5432", ["fail wbe.shop.svc"]),
        ("curl http://db-0.wbe.shop.svc", ["fail db-0.wbe.shop.svc"]),
        ("curl http://wbe.elsewhere.svc", []),
        ("curl http://$HOST.shop.svc", []),
        ("curl http://localhost:8080 http://10.0.0.1/x", []),
        ("curl https://www.shop.example.com/x", ["pass www.shop.example.com"]),
        ("ssh root@WWW.shop.example.com", ["pass WWW.shop.example.com"]),
        ("dig shop.example.com", ["pass shop.example.com"]),
        ("dig ww.shop.example.com", ["fail ww.shop.example.com"]),
        ("curl https://api.shop.example.com https://api.shop.example.com/2", ["pass api.shop.example.com"]),
        ("curl https://a.b.example.net", []),
        ("curl -o shop.example.com.html https://example.com", []),
        ("cat ww.shop.example.com", []),
    ],
)
def test_hosts(command: str, said: list[str]) -> None:
    ingress = (
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: shop}\n"
        "spec: {rules: [{host: api.shop.example.com}]}\n"
    )
    files = {"deploy/all.yaml": CLUSTER, "deploy/in.yaml": ingress, "dns/main.tf": ZONE + record('"www"')}
    assert judged("runbook-host-exists", command, files) == said


@pytest.mark.parametrize(
    ("name", "host", "said"),
    [
        ('"*"', "any.shop.example.com", ["pass any.shop.example.com"]),
        ('"*"', "a.b.shop.example.com", ["fail a.b.shop.example.com"]),
        ('"www.shop.example.com"', "www.shop.example.com", ["pass www.shop.example.com"]),
        ("var.name", "any.shop.example.com", ["unknown any.shop.example.com"]),
    ],
)
def test_names_of_a_zone(name: str, host: str, said: list[str]) -> None:
    files = {"dns/main.tf": ZONE + record(name) + 'variable "name" {}\n'}
    assert judged("runbook-host-exists", f"curl https://{host}/", files) == said


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("gh workflow run release.yml", ["pass release.yml"]),
        ('gh workflow run "Release"', ['pass "Release"']),
        ("gh workflow run relase.yml", ["fail relase.yml"]),
        ("gh run list --workflow relase.yml", ["fail relase.yml"]),
        ("gh workflow run relase.yml -R other/shop", []),
        ("gh workflow run <workflow>", []),
        ("gh workflow run 1234", []),
        ("gh workflow list", []),
    ],
)
def test_workflows(command: str, said: list[str]) -> None:
    text = "name: Release\non: push\njobs: {}\n"
    assert judged("runbook-workflow-exists", command, {".github/workflows/release.yml": text}) == said


@pytest.mark.parametrize(
    ("front", "said"),
    [
        ("alerts: [WebDown]", ["pass WebDown"]),
        ("alerts: [webdown, WebSlow]", ["pass webdown", "fail WebSlow"]),
        ("owner: a", []),
    ],
)
def test_alerts_of_front_matter(front: str, said: list[str]) -> None:
    rules = "groups:\n- name: g\n  rules:\n  - alert: WebDown\n    expr: up == 0\n"
    files = {"monitoring/rules.yaml": rules, "runbooks/a.md": f"---\n{front}\n---\n# A\n"}
    assert judged("runbook-referenced-alert-exists", "", files) == said


def test_a_templated_alert_may_be_the_one() -> None:
    rules = 'groups:\n- name: g\n  rules:\n  - alert: "{{ name }}Down"\n    expr: up == 0\n'
    files = {"monitoring/rules.yaml": rules, "runbooks/a.md": "---\nalerts: [WebDown]\n---\n# A\n"}
    assert judged("runbook-referenced-alert-exists", "", files) == ["unknown WebDown"]


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ('up{job="Web"} == 0', {"web"}),
        ('x{job=~"web|cart", env!="dev"}', {"web", "cart"}),
        ('x{pod=~"^web-.*", a!~"b"}', {"web"}),
        ('x{pod=~"web-[0-9]+"}', {"web"}),
        ("x{job='web'} or y{job=`cart`}", {"web", "cart"}),
        ('sum(rate(x[5m])) == bool 1 and on("a") y', set()),
    ],
)
def test_names_that_matchers_select(expression: str, names: set[str]) -> None:
    assert selected(expression) == names


def workload(path: str, namespace: str = "shop") -> dict[str, str]:
    name = f"metadata: {{name: web, namespace: {namespace}}}\n"
    return {
        path: f"apiVersion: apps/v1\nkind: Deployment\n{name}spec:\n  template: {{metadata: {{labels: {{app: web}}}}}}\n"
        f"---\napiVersion: v1\nkind: Service\n{name}spec: {{selector: {{app: web}}}}\n"
    }


def test_a_workload_written_twice_is_asked_for_a_runbook_once() -> None:
    done = scan_files({**workload("a/web.yaml"), **workload("release/all.yaml")}, PACK, "service-has-runbook")
    assert [(each.outcome, len(each.related)) for each in done.judgements] == [("fail", 1)]


def test_an_alert_on_a_workload_leads_to_its_runbook() -> None:
    rules = (
        'groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up{{job{sign}"web"}} == 0\n'
        "    annotations: {{runbook_url: runbooks/slow.md}}\n"
    )
    for sign, said in (("=", "pass"), ("!=", "fail")):
        files = {**workload("a.yaml"), "rules.yaml": rules.format(sign=sign), "runbooks/slow.md": "# Slow\n"}
        assert [each.outcome for each in scan_files(files, PACK, "service-has-runbook").judgements] == [said]


def test_a_runbook_of_another_site_may_help_with_a_workload() -> None:
    rules = (
        'groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up{job="web"} == 0\n'
        "    annotations: {runbook_url: https://wiki.example/web}\n"
    )
    done = scan_files({**workload("a.yaml"), "rules.yaml": rules}, PACK, "service-has-runbook")
    assert [each.outcome for each in done.judgements] == ["unknown"]
