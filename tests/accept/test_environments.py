"""Figure 4: the environments of two real repositories, by workspaces and by Terragrunt, and no drift that is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from linter.config import load
from linter.engine import Request, Scan, scan
from linter.estate.twins import pairs
from linter.model import Resource
from linter.rules import open_pack
from linter.scope import Scope

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"


def scanned(name: str) -> Scan:
    root = str(CORPORA / name)
    request = Request(root=root, name=name, scope=Scope(), settings=load(root), as_of="2026-01-15", full=True)
    return scan(request, open_pack(), lambda _: None, {})


@pytest.fixture(scope="module")
def blueprints() -> Scan:
    return scanned("eks-blueprints")


@pytest.fixture(scope="module")
def live() -> Scan:
    return scanned("terragrunt-live-example")


def test_hub_spoke_is_evaluated_in_three_workspaces(blueprints: Scan) -> None:
    spokes = "patterns/gitops/multi-cluster-hub-spoke-argocd/spokes"
    found: dict[str, dict[str, Resource]] = {}
    for resource in blueprints.estate.resources:
        if resource.unit.path == spokes:
            assert resource.environment is not None
            found.setdefault(resource.environment.name, {})[resource.address] = resource
    tiers = {name: own["locals"].environment.tier for name, own in found.items() if own["locals"].environment}
    assert tiers == {"dev": "development", "staging": "pre-production", "prod": "production"}
    for name, cidr in (("dev", "10.1.0.0/16"), ("staging", "10.2.0.0/16"), ("prod", "10.3.0.0/16")):
        own = found[name]
        assert own["locals"].body["name"] == f"spoke-{name}"
        assert own["locals"].body["environment"] == name
        assert own["locals"].body["addons"].get("enable_argocd") is False
        assert (own["module.vpc"].body["name"], own["module.vpc"].body["cidr"]) == (f"spoke-{name}", cidr)
    assert found["dev"].keys() == found["staging"].keys() == found["prod"].keys()


def test_live_example_has_three_environments(live: Scan) -> None:
    assert [(e.name, e.tier) for e in live.report.environments] == [
        ("prod", "production"), ("qa", "pre-production"), ("stage", "pre-production"),
    ]  # fmt: skip
    units = [resource for resource in live.estate.resources if resource.kind == "terragrunt/unit"]
    assert len(units) == 6
    assert live.report.failures == ()
    assert live.report.not_read == ()


def test_live_example_matches_its_twins(live: Scan) -> None:
    found = list(pairs(live.estate, ["terragrunt/unit"]))
    assert {(pair.lower.name, pair.higher.name) for pair in found} == {("qa", "prod"), ("stage", "prod")}
    for pair in found:
        assert pair.below.keys() == pair.above.keys()
        assert {address for _, _, address in pair.below} == {"mysql", "webserver-cluster"}


def test_live_example_inputs_are_merged(live: Scan) -> None:
    inputs = {
        (resource.environment.name, resource.address): resource.body["inputs"]
        for resource in live.estate.resources
        if resource.kind == "terragrunt/unit" and resource.environment is not None
    }
    assert inputs["stage", "mysql"] == {
        "account_name": "non-prod", "aws_account_id": "replaceme", "aws_region": "us-east-1", "environment": "stage",
        "name": "mysql_stage", "instance_class": "db.t2.micro", "allocated_storage": 20, "storage_type": "standard",
        "master_username": "admin",
    }  # fmt: skip
    assert inputs["prod", "mysql"]["instance_class"] == "db.t2.medium"
    assert (inputs["qa", "webserver-cluster"]["max_size"], inputs["prod", "webserver-cluster"]["max_size"]) == (2, 3)


def test_no_drift_that_is_none(live: Scan, blueprints: Scan) -> None:
    judged = [judgement for judgement in live.judgements if judgement.rule.startswith("env-")]
    assert {judgement.outcome for judgement in judged} == {"pass"}
    assert {judgement.rule for judgement in judged} >= {"env-missing-resource", "env-missing-input", "env-prod-ahead"}
    drift = [j for j in blueprints.judgements if j.rule.startswith("env-") and j.outcome == "fail"]
    assert [j for j in drift if "hub-spoke" in j.resource.unit.path] == []
