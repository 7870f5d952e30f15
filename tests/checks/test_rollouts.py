"""Deployment strategies by name: rolling, recreate, blue-green and canary, whoever makes them."""

from __future__ import annotations

from typing import Any

import pytest

from linter.engine.proof import scan_files
from linter.rules import open_pack

PACK = open_pack()


def scan(text: str) -> Any:
    found = scan_files({"a.yaml": text}, PACK, "rolling-update-safe")
    assert not found.report.failures
    return found


def strategies(text: str) -> dict[str, tuple[str, str, str]]:
    """address → (name, by, the text that says so) of every object with a strategy."""
    found = scan(text).estate
    facts = {r.address: r.context["strategy"] for r in found.resources if "strategy" in r.context}
    return {
        address: (fact["name"], fact["by"], found.sources[fact.span[0]].text[fact.span[1] : fact.span[2]])
        for address, fact in facts.items()
    }


def obj(kind: str, name: str, spec: str, version: str = "apps/v1") -> str:
    return f"---\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {spec}\n"


def deployment(name: str, labels: str) -> str:
    return obj(
        "Deployment", name, f"{{template: {{metadata: {{labels: {{{labels}}}}}, spec: {{containers: [{{name: c}}]}}}}}}"
    )


def service(name: str, selector: str) -> str:
    return obj("Service", name, f"{{selector: {{{selector}}}}}", "v1")


@pytest.mark.parametrize(
    ("kind", "spec", "version", "expected"),
    [
        ("Deployment", "{}", "apps/v1", ("rolling", "Deployment", "Deployment")),
        ("Deployment", "{strategy: {type: RollingUpdate}}", "apps/v1", ("rolling", "Deployment", "RollingUpdate")),
        ("Deployment", "{strategy: {type: Recreate}}", "apps/v1", ("recreate", "Deployment", "Recreate")),
        ("DeploymentConfig", "{strategy: {type: Rolling}}", "apps.openshift.io/v1",
         ("rolling", "DeploymentConfig", "Rolling")),
        ("StatefulSet", "{}", "apps/v1", ("rolling", "StatefulSet", "StatefulSet")),
        ("StatefulSet", "{updateStrategy: {rollingUpdate: {partition: 2}}}", "apps/v1", ("canary", "StatefulSet", "2")),
        ("DaemonSet", "{updateStrategy: {type: OnDelete}}", "apps/v1", ("on-delete", "DaemonSet", "OnDelete")),
        ("Rollout", "{strategy: {blueGreen: {activeService: web}}}", "argoproj.io/v1alpha1",
         ("blue-green", "Argo Rollouts", "blueGreen")),
        ("Rollout", "{strategy: {canary: {steps: [{setWeight: 5}]}}}", "argoproj.io/v1alpha1",
         ("canary", "Argo Rollouts", "canary")),
        ("Rollout", "{strategy: {canary: {}}}", "rollouts.kruise.io/v1beta1", ("canary", "OpenKruise", "canary")),
        ("Service", "{traffic: [{percent: 90}, {percent: 10}]}", "serving.knative.dev/v1",
         ("canary", "Knative", "traffic")),
        ("Service", "{traffic: [{percent: 100}, {tag: next, percent: 0}]}", "serving.knative.dev/v1",
         ("blue-green", "Knative", "traffic")),
        ("Canary", "{analysis: {stepWeight: 10}}", "flagger.app/v1beta1", ("canary", "Flagger", "10")),
        ("Canary", "{analysis: {iterations: 10}}", "flagger.app/v1beta1", ("blue-green", "Flagger", "10")),
        ("Canary", "{analysis: {iterations: 10, match: [{headers: {}}]}}", "flagger.app/v1beta1",
         ("canary", "Flagger", "match")),
    ],
)  # fmt: skip
def test_strategies_that_are_declared(kind: str, spec: str, version: str, expected: tuple[str, str, str]) -> None:
    assert strategies(obj(kind, "web", spec, version)) == {f"{kind}/default/web": expected}


def test_controllers_decide_for_the_workloads_they_stand_above() -> None:
    flagger = obj(
        "Canary", "c", "{targetRef: {kind: Deployment, name: web}, analysis: {stepWeight: 5}}", "flagger.app/v1"
    )
    assert strategies(flagger + deployment("web", "app: web"))["Deployment/default/web"] == ("canary", "Flagger", "5")
    rollout = obj(
        "Rollout", "r", "{workloadRef: {kind: Deployment, name: web}, strategy: {blueGreen: {}}}", "argoproj.io/v1"
    )
    assert strategies(rollout + deployment("web", "app: web"))["Deployment/default/web"][0] == "blue-green"


BLUE_GREEN = deployment("blue", "app: web, color: blue") + deployment("green", "app: web, color: green")


def test_a_service_that_names_a_version_switches() -> None:
    found = strategies(BLUE_GREEN + service("web", "app: web, color: blue"))
    assert (
        found["Deployment/default/blue"]
        == found["Deployment/default/green"]
        == ("blue-green", "Service labels", "blue")
    )


def test_a_service_above_the_versions_shares() -> None:
    found = strategies(BLUE_GREEN.replace("color", "track") + service("web", "app: web"))
    assert found["Deployment/default/blue"][:2] == found["Deployment/default/green"][:2] == ("canary", "Service labels")


@pytest.mark.parametrize(
    "text",
    [
        BLUE_GREEN,
        BLUE_GREEN.replace("color", "team") + service("web", "app: web"),
        BLUE_GREEN + service("b", "app: web, color: blue") + service("g", "app: web, color: green"),
        deployment("blue", "app: web, color: blue") + deployment("cart", "app: cart, color: green")
        + service("web", "app: web, color: blue"),
        deployment("blue", "version: v1") + deployment("cart", "version: v2") + service("web", "version: v1"),
    ],
)  # fmt: skip
def test_what_only_looks_like_versions(text: str) -> None:
    assert {name for name, _, _ in strategies(text).values()} == {"rolling"}


ISTIO = "{http: [{route: [{destination: {host: web, subset: a}, weight: %d}, {destination: {host: web, subset: b}, weight: %d}]}]}"
GATEWAY = "{rules: [{backendRefs: [{name: old, weight: %d}, {name: new, weight: %d}]}]}"


@pytest.mark.parametrize(("first", "second", "name"), [(90, 10, "canary"), (100, 0, "blue-green")])
def test_weights_of_routes(first: int, second: int, name: str) -> None:
    both = deployment("a", "app: web") + service("web", "app: web")
    found = strategies(both + obj("VirtualService", "v", ISTIO % (first, second), "networking.istio.io/v1"))
    assert found["Deployment/default/a"][:2] == (name, "Istio weights")
    both = "".join(deployment(n, f"app: {n}") + service(n, f"app: {n}") for n in ("old", "new"))
    found = strategies(both + obj("HTTPRoute", "r", GATEWAY % (first, second), "gateway.networking.k8s.io/v1"))
    assert found["Deployment/default/old"] == (name, "Gateway API weights", str(first))
    assert found["Deployment/default/new"] == (name, "Gateway API weights", str(second))


def test_the_evidence_names_the_strategy() -> None:
    found = scan(
        deployment("web", "app: web") + obj("Rollout", "api", "{strategy: {canary: {steps: [{setWeight: 5}]}}}")
    )
    assert sorted(judgement.message for judgement in found.judgements) == [
        "api: canary rollout by Argo Rollouts (5%).",
        "web: rolling rollout by Deployment (25% at a time, the default).",
    ]


@pytest.mark.parametrize(
    "spec",
    [
        "3", "{strategy: 3}", "{strategy: {type: []}}", "{strategy: {canary: 3, rollingUpdate: [1]}}", "{analysis: {}}",
        "{updateStrategy: [], traffic: [1, {percent: x}], analysis: {stepWeight: []}}", "{traffic: {}}",
        "{http: [1, {route: [{weight: x}, {destination: 3, weight: 1}]}], rules: [{backendRefs: [1, {name: []}]}]}",
        "{strategy: {rollingUpdate: {maxUnavailable: []}}, replicas: x}",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "kind", ["Deployment", "StatefulSet", "DaemonSet", "Rollout", "Canary", "Service", "VirtualService", "HTTPRoute"]
)
def test_wrong_types_never_crash(kind: str, spec: str) -> None:
    scan(obj(kind, "web", spec, "serving.knative.dev/v1" if kind == "Service" else "apps/v1"))
