"""Figure 3: what the environments of five real layouts differ in, no more and no less, and no drift that is none."""

from __future__ import annotations

from collections import Counter

import pytest

from linter.config import load
from linter.engine import Request, Scan, scan
from linter.estate.matrix import Matrix, matrix
from linter.rules import open_pack
from linter.scope import Scope
from tests.accept.test_environments import CORPORA

ENVIRONMENTS = {
    "terragrunt-live-example": ["qa", "stage", "prod"],
    "flux2-kustomize-helm-example": ["staging", "production"],
    "eks-blueprints": ["dev", "staging", "prod"],
    "microservices-demo": [],
    "terragoat": [],
}
CLASSES = {
    "terragrunt-live-example": {"size", "naming"},
    "flux2-kustomize-helm-example": {"address", "naming", "promotion window", "test tools"},
    "eks-blueprints": {"address", "naming"},
    "microservices-demo": set(),
    "terragoat": set(),
}


def compared(name: str) -> tuple[Scan, Matrix]:
    root, pack = str(CORPORA / name), open_pack()
    rules = tuple(id for id in pack.ids if pack.source(id).startswith("parity/"))
    request = Request(
        root=root, name=name, scope=Scope(), settings=load(root), as_of="2026-01-15", full=True, only_rules=rules
    )
    scanned = scan(request, pack, lambda _: None, {})
    return scanned, matrix(scanned.estate)


@pytest.mark.parametrize("name", sorted(ENVIRONMENTS))
def test_layout_has_its_environments_its_intended_differences_and_no_drift(name: str) -> None:
    scanned, found = compared(name)
    assert [each.name for each in found.environments] == ENVIRONMENTS[name]
    assert {each.reason for _, inside in found.differences for each in inside} == CLASSES[name]
    failed = [f"{f.rule} {f.message}" for f in scanned.report.findings if f.outcome == "fail"]
    assert failed == []
    assert [each.message for each in scanned.report.failures if each.id == "rule-crashed"] == []


def test_differences_of_the_real_layouts_are_those_attributes(name: str = "terragrunt-live-example") -> None:
    _, found = compared(name)
    sizes = {e.path.rpartition(".")[2] for _, i in found.differences for e in i if e.reason == "size"}
    assert sizes <= {"instance_class", "allocated_storage", "instance_type", "min_size", "max_size"}
    _, flux = compared("flux2-kustomize-helm-example")
    reasons = Counter(each.reason for _, inside in flux.differences for each in inside)
    assert reasons["promotion window"] == reasons["test tools"] == 1
    _, spokes = compared("eks-blueprints")
    assert {e.path for _, i in spokes.differences for e in i if e.reason == "address"} <= {
        "inputs.vpc_cidr",
        "cidr",
        "vpc_cidr",
    }
