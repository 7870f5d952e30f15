"""Links of routes, rollouts, webhooks and of Secrets that operators make."""

from __future__ import annotations

from typing import Any

import pytest
from kubernetes_trees import Tree
from test_kubernetes_links import PODS, obj, selected, tree, workload

from linter.estate.kubernetes_index import Index

SERVICES = (obj("Service", "a"), obj("Service", "b"), obj("Service", "c", namespace="x"))


@pytest.mark.parametrize("kind", ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute"])
def test_gateway_routes(kind: str) -> None:
    spec = (
        "spec:\n  parentRefs: [{name: g, namespace: infra}, {name: elsewhere}]\n  rules:\n"
        "  - filters: [{requestMirror: {backendRef: {name: b}}}]\n"
        "    backendRefs: [{name: a, weight: 90}, {name: c, namespace: x}, {name: z}, {kind: Bucket, name: a}]\n"
    )
    gateway = "spec: {gatewayClassName: k, listeners: [{tls: {certificateRefs: [{name: cert}]}}]}"
    found = tree(obj(kind, "r", spec), obj("Gateway", "g", gateway, "infra"), obj("Secret", "cert", namespace="infra"),
                 obj("GatewayClass", "k"), *SERVICES)  # fmt: skip
    backends, mirror = "spec.rules.backendRefs", "spec.rules.filters.requestMirror"
    assert found.links(f"{kind}/default/r") == {
        ("references", "spec.parentRefs", "Gateway/infra/g"),
        ("routes", backends, "Service/default/a"), ("routes", backends, "Service/x/c"),
        ("routes", mirror, "Service/default/b"),
    }  # fmt: skip
    assert found.loose("kubernetes/Service") == [(f"{kind}/default/r", backends, "Service/default/z")]
    assert found.links("Gateway/infra/g") == {
        ("references", "spec.gatewayClassName", "GatewayClass/k"),
        ("references", "spec.listeners.tls.certificateRefs", "Secret/infra/cert"),
    }


@pytest.mark.parametrize(
    ("kind", "spec", "expected"),
    [
        ("Route", "{to: {kind: Service, name: a}, alternateBackends: [{name: b}]}",
         {("routes", "spec.to", "a"), ("routes", "spec.alternateBackends", "b")}),
        ("VirtualService", "{gateways: [mesh, g], http: [{route: [{destination: {host: a}}, {destination: {host: "
         "b.default.svc.cluster.local}}], mirror: {host: example.com.org}}], tcp: [{route: [{destination: {host: '*'}}]}]}",
         {("routes", "spec.http.route.destination", "a"), ("routes", "spec.http.route.destination", "b")}),
        ("DestinationRule", "{host: c.x}", {("references", "spec.host", "c")}),
        ("IngressRoute", "{routes: [{services: [{name: a, port: 80}]}]}", {("routes", "spec.routes.services", "a")}),
        ("Rollout", "{strategy: {canary: {stableService: a, canaryService: b}}}",
         {("routes", "spec.strategy.canary.stableService", "a"), ("routes", "spec.strategy.canary.canaryService", "b")}),
    ],
)  # fmt: skip
def test_other_routes(kind: str, spec: str, expected: set[tuple[str, str, str]]) -> None:
    found = tree(obj(kind, "r", f"spec: {spec}"), *SERVICES)
    links = {(name, path, target.rpartition("/")[2]) for name, path, target in found.links(f"{kind}/default/r")}
    assert links == expected
    assert found.loose("kubernetes/Service") == []


def test_what_rolls_out_and_scales_a_deployment() -> None:
    found = tree(
        obj("Rollout", "r", "spec: {workloadRef: {apiVersion: apps/v1, kind: Deployment, name: a}}"),
        obj("Canary", "c", "spec: {targetRef: {kind: Deployment, name: a}, autoscalerRef: {name: h}}"),
        obj("ScaledObject", "s", "spec: {scaleTargetRef: {name: a}}"),
        obj("HorizontalPodAutoscaler", "h", "spec: {scaleTargetRef: {kind: Deployment, name: a}}"), workload("a"),
    )  # fmt: skip
    deployment, autoscaler = "Deployment/default/a", "HorizontalPodAutoscaler/default/h"
    assert found.links("Rollout/default/r") == {("targets", "spec.workloadRef", deployment)}
    assert found.links("ScaledObject/default/s") == {("targets", "spec.scaleTargetRef", deployment)}
    assert found.links("Canary/default/c") == {
        ("targets", "spec.targetRef", deployment),
        ("targets", "spec.autoscalerRef", autoscaler),
    }


def test_webhooks_services_and_claims() -> None:
    hook = "webhooks: [{clientConfig: {service: {name: c, namespace: x}}}]"
    claim = "spec: {storageClassName: fast, volumeName: v}"
    found = tree(
        obj("ValidatingWebhookConfiguration", "w", hook),
        obj("APIService", "v1.y", "spec: {service: {name: c, namespace: x}}"),
        obj("PersistentVolumeClaim", "p", claim), obj("StorageClass", "fast"), obj("PersistentVolume", "v"), *SERVICES,
    )  # fmt: skip
    assert found.links("ValidatingWebhookConfiguration/w") == {
        ("references", "webhooks.clientConfig.service", "Service/x/c")
    }
    assert found.links("APIService/v1.y") == {("references", "spec.service", "Service/x/c")}
    assert found.links("PersistentVolumeClaim/default/p") == {
        ("references", "spec.storageClassName", "StorageClass/fast"),
        ("references", "spec.volumeName", "PersistentVolume/v"),
    }


@pytest.mark.parametrize(
    ("maker", "spec"),
    [
        ("ExternalSecret", "{target: {name: s}}"), ("Certificate", "{secretName: s}"),
        ("SealedSecret", "{template: {metadata: {name: s}}}"), ("VaultStaticSecret", "{destination: {name: s}}"),
    ],
)  # fmt: skip
def test_secrets_that_operators_make(maker: str, spec: str) -> None:
    pod = workload("a", spec=", volumes: [{name: v, secret: {secretName: s}}]")
    path = "volumes.secret.secretName"
    found = tree(obj(maker, "m", f"spec: {spec}"), pod)
    assert found.links("Deployment/default/a:pod") == {("references", path, f"{maker}/default/m")}
    assert found.estate.loose == {}
    written = tree(obj(maker, "m", f"spec: {spec}"), obj("Secret", "s"), pod)
    assert written.links("Deployment/default/a:pod") == {("references", path, "Secret/default/s")}
    own = tree(obj("SealedSecret", "s"), pod)
    assert own.links("Deployment/default/a:pod") == {("references", path, "SealedSecret/default/s")}


def test_selectors_left_out_empty_or_prefixed() -> None:
    everything = {f"Deployment/default/{name}:pod" for name in "abn"}
    policy = tree(obj("NetworkPolicy", "p", "spec: {policyTypes: [Ingress]}"), *PODS)
    assert selected(policy, "NetworkPolicy/default/p") == everything
    for version, expected in (("policy/v1", everything), ("policy/v1beta1", set())):
        budget = tree(obj("PodDisruptionBudget", "p", "spec: {selector: {}}", version=version), *PODS)
        assert selected(budget, "PodDisruptionBudget/default/p") == expected
    cilium = "spec: {endpointSelector: {matchLabels: {'k8s:app': a}}}"
    found = tree(obj("CiliumNetworkPolicy", "p", cilium, version="cilium.io/v2"), *PODS)
    assert selected(found, "CiliumNetworkPolicy/default/p") == {"Deployment/default/a:pod"}


@pytest.mark.parametrize("kind", [
    "HTTPRoute", "Gateway", "Route", "VirtualService", "DestinationRule", "IngressRoute", "Rollout", "Canary",
    "ScaledObject", "ValidatingWebhookConfiguration", "APIService", "PersistentVolumeClaim", "ExternalSecret",
])  # fmt: skip
@pytest.mark.parametrize("rest", [
    "spec: 3", "spec: {parentRefs: [1], rules: [1, {backendRefs: [{name: []}]}], to: 3, host: 7, listeners: [{tls: 1}]}",
    "spec: {http: [1, {route: [{destination: 3}], mirror: [1]}], gateways: [1, {a: b}], target: [], strategy: {canary: 1}}",
    "webhooks: [1, {clientConfig: {service: 3}}]", "spec: {targetRef: 1, workloadRef: [], scaleTargetRef: {name: {}}}",
])  # fmt: skip
def test_wrong_types_are_no_links(kind: str, rest: str) -> None:
    assert Tree({"a.yaml": f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: a}}\n{rest}\n"}).estate.outgoing == {}


def test_routes_cost_what_they_lead_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the estate asks the index twice as often."""
    asked = 0
    named = Index.named

    def counted(self: Index, *arguments: Any) -> Any:
        nonlocal asked
        asked += 1
        return named(self, *arguments)

    monkeypatch.setattr(Index, "named", counted)
    counts = []
    for size in (20, 40, 80):
        asked = 0
        route = "spec: {rules: [{backendRefs: [{name: s%d}]}]}"
        texts = [obj("HTTPRoute", f"r{i}", route % i) for i in range(size)]
        texts += [obj("Service", f"s{i}") for i in range(size)]
        assert len(tree(*texts).estate.outgoing) == size
        counts.append(asked)
    assert counts[1] == 2 * counts[0]
    assert counts[2] == 2 * counts[1]
