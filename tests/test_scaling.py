"""Cost grows with the tree and hardly with the rules: counted in lines run and rules decoded, never by a clock."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import linter
from linter.conditions import links
from linter.model import Estate
from linter.rules.pack import Pack, build
from tests.support import PACK, scanned, write

PACKAGE = os.path.dirname(linter.__file__)
SMALL = 12
Files = Mapping[str, str]

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web-%(n)s, namespace: shop, labels: {app: web-%(n)s}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web-%(n)s}}
  template:
    metadata: {labels: {app: web-%(n)s, tier: front}}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.%(n)s
          ports: [{name: http, containerPort: 8080}]
          envFrom: [{configMapRef: {name: web-%(n)s}}]
---
apiVersion: v1
kind: Service
metadata: {name: web-%(n)s, namespace: shop}
spec:
  selector: {app: web-%(n)s}
  ports: [{port: 80, targetPort: http}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web-%(n)s, namespace: shop}
data: {mode: fast}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web-%(n)s, namespace: shop}
spec: {podSelector: {matchLabels: {app: web-%(n)s}}, policyTypes: [Ingress]}
"""
BUCKET = """\
variable "name_%(n)s" {
  type    = string
  default = "shop-%(n)s"
}
locals {
  tags_%(n)s = { owner = "shop", name = var.name_%(n)s }
}
resource "aws_s3_bucket" "b%(n)s" {
  bucket = var.name_%(n)s
  tags   = merge(local.tags_%(n)s, { number = "%(n)s" })
}
resource "aws_s3_bucket_public_access_block" "b%(n)s" {
  bucket              = aws_s3_bucket.b%(n)s.id
  block_public_acls   = true
  block_public_policy = %(n)s > 3
}
resource "aws_security_group" "g%(n)s" {
  name = "g%(n)s"
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""
WORKFLOW = """\
name: build %(n)s
on: {push: {branches: [main]}, pull_request: {}}
jobs:
  build:
    runs-on: ubuntu-latest
    env: {TITLE: "${{ github.event.pull_request.title }}"}
    steps:
      - uses: actions/checkout@v4
      - run: |
          make build NUMBER=%(n)s
          echo "${{ github.event.pull_request.title }}"
  deploy:
    needs: build
    environment: production
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: kubectl apply -f deploy/%(n)s
"""
RUNBOOK = (
    "# Alert %(n)s\n\n## Meaning\n\nSee [the next](alert%(m)s.md#impact).\n\n## Impact\n\nNone.\n\n```sh\nls\n```\n"
)
RULES = """\
groups:
  - name: shop-%(n)s
    rules:
      - alert: Alert%(n)s
        expr: rate(errors_total{service="web-%(n)s"}[5m]) > 0.1
        for: 5m
        labels: {severity: critical}
        annotations: {summary: Errors, runbook_url: runbooks/alert%(n)s.md}
"""
ROUTED = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web-%(n)s, namespace: shop}
spec: {rules: [{backendRefs: [{name: web-%(n)s, weight: 9}, {name: web-0, weight: 1}]}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web-%(n)s, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web-%(n)s}}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: made-%(n)s, namespace: shop}
"""
OVERLAY = "resources: [../../base]\nnamePrefix: o%(n)s-\npatches: [{path: patch.yaml}]\n"
PATCH = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web-0, namespace: shop}\nspec: {replicas: %(n)s}\n"


def filled(text: str, number: int) -> str:
    return text % {"n": number, "m": number + 1}


def manifests(count: int) -> Files:
    return {f"deploy/web-{n}.yaml": filled(DEPLOYMENT, n) for n in range(count)}


def routed(count: int) -> Files:
    """Versions of one application, routes to them, and the folders their images are built from."""
    workloads = {
        f"deploy/web-{n}.yaml": filled(DEPLOYMENT, n).replace("tier: front", f"version: v{n}") for n in range(count)
    }
    routes = {f"deploy/route-{n}.yaml": filled(ROUTED, n) for n in range(count)}
    built = {f"src/web/{n}/web-{n}/Dockerfile": "FROM alpine:3.20\n" for n in range(count)}
    return {**workloads, **routes, **built}


def one_manifest(count: int) -> Files:
    return {"deploy/all.yaml": "---\n".join(filled(DEPLOYMENT, n) for n in range(count))}


def buckets(count: int) -> Files:
    return {f"infra/bucket{n}.tf": filled(BUCKET, n) for n in range(count)}


def one_module(count: int) -> Files:
    return {"infra/main.tf": "".join(filled(BUCKET, n) for n in range(count))}


def modules(count: int) -> Files:
    called = "".join(f'module "m{n}" {{\n  source = "./bucket"\n}}\n' for n in range(count))
    return {"infra/main.tf": called, "infra/bucket/main.tf": filled(BUCKET, 1)}


def workflows(count: int) -> Files:
    return {f".github/workflows/build{n}.yml": filled(WORKFLOW, n) for n in range(count)}


def runbooks(count: int) -> Files:
    pages = {f"runbooks/alert{n}.md": filled(RUNBOOK, n) for n in range(count)}
    return {**pages, **{f"monitoring/rules{n}.yaml": filled(RULES, n) for n in range(count)}}


def overlays(count: int) -> Files:
    files = {"base/kustomization.yaml": "resources: [web.yaml]\n", "base/web.yaml": filled(DEPLOYMENT, 0)}
    for n in range(count):
        files |= {
            f"overlays/o{n}/kustomization.yaml": filled(OVERLAY, n),
            f"overlays/o{n}/patch.yaml": filled(PATCH, n),
        }
    return files


@contextmanager
def lines_run(counter: list[int]) -> Iterator[None]:
    """Counts the lines of the package that are run: loops without calls count, too."""

    def local(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            counter[0] += 1
        return local

    def entered(frame: FrameType, event: str, _: Any) -> Any:
        return local if frame.f_code.co_filename.startswith(PACKAGE) else None

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        yield
    finally:
        sys.settrace(before)
        gc.enable()


def work(root: Path, files: Files) -> tuple[int, int]:
    """(lines run, judgements) of a scan with all rules."""
    counter = [0]
    write(root, files)
    with lines_run(counter):
        scan = scanned(root, full=False)
    assert not scan.report.failures
    return counter[0], len(scan.judgements)


@pytest.mark.parametrize(
    "estate",
    [manifests, routed, one_manifest, buckets, one_module, modules, workflows, runbooks, overlays],
    ids=lambda e: e.__name__,
)
def test_twice_the_estate_is_at_most_twice_the_work(tmp_path: Path, estate: Callable[[int], Files]) -> None:
    work(tmp_path / "warm", estate(2))
    (one, few), (two, more), (four, most) = (work(tmp_path / str(n), estate(n * SMALL)) for n in (1, 2, 4))
    assert most - more >= 1.9 * (more - few) > 0, "the estate does not grow"
    assert two <= 2 * one
    assert four - two <= 2.1 * (two - one), f"{one:,}, {two:,}, {four:,} lines for 1, 2, 4 times the estate"


@pytest.mark.parametrize("estate", [manifests, buckets, workflows], ids=lambda e: e.__name__)
def test_links_are_looked_up_not_searched(
    tmp_path: Path, estate: Callable[[int], Files], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Conditions see links through the two indexes and never walk over the kinds of the estate."""
    seen: list[str] = []
    whole = Estate.of_kind

    def of_kind(self: Estate, pattern: str) -> Any:
        seen.append(pattern)
        return whole(self, pattern)

    judged = []
    for n in (1, 2):
        root = write(tmp_path / str(n), estate(n * SMALL))
        with monkeypatch.context() as patched:
            patched.setattr(Estate, "of_kind", of_kind)
            scanned(root, full=False)
        judged.append(len(seen))
        seen.clear()
    assert judged[0] == judged[1]
    assert "estate.of_kind" not in Path(links.__file__).read_text()


DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: shops.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {kind: Shop, plural: shops}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
%s"""


def test_schemas_that_no_rule_reads_cost_nothing(tmp_path: Path) -> None:
    """Ten times the schema is not one line more: it is parsed in C and neither built nor walked."""
    field = "            field%d: {type: string, description: A field of the shop.}\n"
    _, small, large = (
        work(tmp_path / str(index), {"crd.yaml": DEFINITION % "".join(field % n for n in range(count))})
        for index, count in enumerate((3, 300, 3000))
    )
    assert small == large


RULE = """\
title: Keep what is written down
severity: low
why: Nobody keeps what nobody wrote down.
fix: Write it down and keep it.
kind: terraform/aws_none_%(n)s
require: {a: 1}
bad: ['a']
good: ['b']
"""


def test_rules_are_decoded_by_kind_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules on kinds that are not there cost a scan nothing but their line of the index."""
    many = PACK.joined(Pack(build({f"synthetic-{n}.yaml": filled(RULE, n) for n in range(100)})))
    decoded: list[Any] = []
    loads = json.loads

    def counting(data: str) -> Any:
        value = loads(data)
        decoded.extend(value)
        return value

    monkeypatch.setattr("linter.rules.pack.loads", counting)
    wanted = [rule.id for rule in PACK.for_kinds({"terraform/aws_kms_key"})]
    assert wanted
    decoded.clear()
    assert [rule.id for rule in many.for_kinds({"terraform/aws_kms_key"})] == wanted
    assert len([each for each in decoded if isinstance(each, dict)]) == len(wanted)
    assert {rule.id for rule in many.for_kinds({"terraform/aws_none_7"})} - set(wanted) == {"synthetic-7"}
