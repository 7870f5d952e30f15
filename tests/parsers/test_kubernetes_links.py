"""Links between Kubernetes objects, and what stays loose."""

from __future__ import annotations

from typing import Any

import pytest
from kubernetes_trees import Tree

from linter.estate import kubernetes_index
from linter.model import Unknown


def obj(kind: str, name: str, rest: str = "", namespace: str = "", version: str = "v1", labels: str = "") -> str:
    where = f", namespace: {namespace}" if namespace else ""
    tagged = f", labels: {{{labels}}}" if labels else ""
    return f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}{where}{tagged}}}\n{rest}\n"


def workload(name: str, labels: str = "", spec: str = "", namespace: str = "") -> str:
    body = f"spec: {{template: {{metadata: {{labels: {{{labels}}}}}, spec: {{containers: [{{name: c}}]{spec}}}}}}}"
    return obj("Deployment", name, body, namespace, "apps/v1")


def tree(*texts: str) -> Tree:
    return Tree({"a.yaml": "---\n".join(texts)})


def selected(found: Tree, address: str) -> set[str]:
    return {target for name, _, target in found.links(address) if name == "selects"}


PODS = (
    workload("a", "app: a, tier: web"),
    workload("b", "app: b, tier: web"),
    workload("n"),
    workload("other", "app: a, tier: web", namespace="other"),
)


def test_a_service_selects_pods_with_all_its_labels_in_its_namespace() -> None:
    found = tree(obj("Service", "s", "spec: {selector: {app: a, tier: web}}"), *PODS)
    assert found.links("Service/default/s") == {("selects", "spec.selector", "Deployment/default/a:pod")}
    link = found.estate.incoming[id(found.get("Deployment/default/a:pod"))][0]
    assert link.source is found.get("Service/default/s")
    assert link.span is not None and found.text(link.span) == "selector"


def test_a_template_without_a_spec_has_labels_to_select() -> None:
    bare = obj("Deployment", "a", "spec: {template: {metadata: {labels: {app: a}}}}", version="apps/v1")
    found = tree(obj("Service", "s", "spec: {selector: {app: a}}"), bare)
    assert selected(found, "Service/default/s") == {"Deployment/default/a:pod"}
    assert tree(obj("Deployment", "a", "spec: {template: {}}", version="apps/v1")).addresses == ["Deployment/default/a"]


@pytest.mark.parametrize(
    "spec",
    ["{}", "{selector: {}}", "{selector: null}", "{type: ExternalName, selector: {app: a}}", "{selector: {app: z}}"],
)
def test_services_that_select_nothing(spec: str) -> None:
    found = tree(obj("Service", "s", f"spec: {spec}"), *PODS)
    assert found.links("Service/default/s") == set()
    assert found.estate.loose == {}


POLICY = "networking.k8s.io/v1"


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("{}", "abn"),
        ("{matchLabels: {tier: web}}", "ab"),
        ("{matchLabels: {tier: web}, matchExpressions: [{key: app, operator: In, values: [b, c]}]}", "b"),
        ("{matchExpressions: [{key: app, operator: NotIn, values: [b]}]}", "an"),
        ("{matchExpressions: [{key: app, operator: Exists}]}", "ab"),
        ("{matchExpressions: [{key: app, operator: DoesNotExist}]}", "n"),
        ("{matchLabels: {tier: web}, matchExpressions: [{key: x, operator: Exists}]}", ""),
    ],
)
def test_a_network_policy_selects(selector: str, expected: str) -> None:
    for kind, key in (
        ("NetworkPolicy", "podSelector"),
        ("PodDisruptionBudget", "selector"),
        ("PodMonitor", "selector"),
    ):
        found = tree(obj(kind, "p", f"spec: {{{key}: {selector}}}", version=POLICY), *PODS)
        assert selected(found, f"{kind}/default/p") == {f"Deployment/default/{name}:pod" for name in expected}


def test_numbers_and_booleans_as_labels_compare_as_text() -> None:
    found = tree(obj("Service", "s", 'spec: {selector: {v: "1"}}'), workload("a", "v: 1"))
    assert selected(found, "Service/default/s") == {"Deployment/default/a:pod"}


def test_unknown_labels_leave_a_loose_reference() -> None:
    found = tree(obj("Service", "s", "spec: {selector: {app: a, x: y}}"), workload("a", "app: *nothing, x: y"))
    loose = found.loose("kubernetes/pod")
    assert [(address, path) for address, path, _ in loose] == [("Service/default/s", "spec.selector")]
    assert isinstance(loose[0][2], Unknown)
    found = tree(obj("Service", "s", "spec: {selector: {app: a, x: y}}"), workload("a", "app: *nothing, x: z"))
    assert found.estate.loose == {}
    found = tree(obj("Service", "s", "spec: {selector: {app: *nothing}}"), *PODS)
    assert isinstance(found.loose("kubernetes/pod")[0][2], Unknown)


def test_monitors_select_services_in_other_namespaces() -> None:
    services = (
        obj("Service", "a", labels="app: a"), obj("Service", "b", labels="app: a", namespace="x"),
        obj("Service", "c", labels="app: c", namespace="x"),
    )  # fmt: skip
    for where, expected in (
        ("", "a"),
        (", namespaceSelector: {any: true}", "ab"),
        (", namespaceSelector: {matchNames: [x]}", "b"),
    ):
        monitor = obj("ServiceMonitor", "m", f"spec: {{selector: {{matchLabels: {{app: a}}}}{where}}}")
        found = tree(monitor, *services)
        assert {address[-1] for address in selected(found, "ServiceMonitor/default/m")} == set(expected)


POD_SPEC = (
    ", serviceAccountName: sa, imagePullSecrets: [{name: pull}], initContainers: [{name: i, envFrom: [{configMapRef: {name: cm}}]}]"
    ", volumes: [{name: a, configMap: {name: cm}}, {name: b, secret: {secretName: sec}},"
    " {name: c, persistentVolumeClaim: {claimName: pvc}},"
    " {name: d, projected: {sources: [{configMap: {name: cm}}, {secret: {name: sec}}]}}]"
)


def test_pods_refer_to_what_they_need() -> None:
    spec = POD_SPEC.replace("initContainers", "containersX")
    env = "containers: [{name: c, env: [{name: A, valueFrom: {secretKeyRef: {name: sec, key: k}}}, {name: B, valueFrom: " \
        "{configMapKeyRef: {name: cm, key: k}}}], envFrom: [{secretRef: {name: sec}}, {configMapRef: {name: cm}}]}]"  # fmt: skip
    pod = obj("Pod", "p", f"spec: {{{env}{spec}}}")
    things = [
        obj(k, n) for k, n in (("ServiceAccount", "sa"), ("Secret", "pull"), ("ConfigMap", "cm"), ("Secret", "sec"))
    ]
    found = tree(pod, *things, obj("PersistentVolumeClaim", "pvc"))
    assert found.estate.loose == {}
    assert found.links("Pod/default/p:pod") == {
        ("references", "serviceAccountName", "ServiceAccount/default/sa"),
        ("references", "imagePullSecrets.name", "Secret/default/pull"),
        ("references", "volumes.configMap.name", "ConfigMap/default/cm"),
        ("references", "volumes.secret.secretName", "Secret/default/sec"),
        ("references", "volumes.persistentVolumeClaim.claimName", "PersistentVolumeClaim/default/pvc"),
        ("references", "volumes.projected.sources.configMap.name", "ConfigMap/default/cm"),
        ("references", "volumes.projected.sources.secret.name", "Secret/default/sec"),
        ("references", "containers.env.valueFrom.secretKeyRef.name", "Secret/default/sec"),
        ("references", "containers.env.valueFrom.configMapKeyRef.name", "ConfigMap/default/cm"),
        ("references", "containers.envFrom.secretRef.name", "Secret/default/sec"),
        ("references", "containers.envFrom.configMapRef.name", "ConfigMap/default/cm"),
    }
    spans = [
        link.span
        for link in found.estate.outgoing[id(found.get("Pod/default/p:pod"))]
        if link.path == "serviceAccountName"
    ]
    assert [found.text(span) for span in spans if span] == ["sa"]


def test_what_is_not_there_is_loose_unless_it_may_be_missing() -> None:
    found = tree(workload("a", spec=POD_SPEC))
    assert sorted((kind, target) for (kind, _, _), refs in found.estate.loose.items() for _, (_, _, target, _) in refs) == [
        ("kubernetes/ConfigMap", "ConfigMap/default/cm"), ("kubernetes/ConfigMap", "ConfigMap/default/cm"),
        ("kubernetes/ConfigMap", "ConfigMap/default/cm"),
        ("kubernetes/PersistentVolumeClaim", "PersistentVolumeClaim/default/pvc"),
        ("kubernetes/Secret", "Secret/default/pull"), ("kubernetes/Secret", "Secret/default/sec"),
        ("kubernetes/Secret", "Secret/default/sec"), ("kubernetes/ServiceAccount", "ServiceAccount/default/sa"),
    ]  # fmt: skip
    pod = found.get("Deployment/default/a:pod")
    assert len(pod.references) == 8
    optional = ", serviceAccountName: default, volumes: [{name: x, secret: {secretName: s, optional: true}}]"
    assert tree(workload("a", spec=optional)).estate.loose == {}
    needed = ", volumes: [{name: x, secret: {secretName: s, optional: false}}]"
    assert len(tree(workload("a", spec=needed)).estate.loose) == 1


def test_an_unknown_name_is_loose_with_an_unknown_target() -> None:
    loose = tree(workload("a", spec=", serviceAccountName: *nothing")).loose("kubernetes/ServiceAccount")
    assert len(loose) == 1
    assert isinstance(loose[0][2], Unknown)


def test_autoscalers_target_workloads() -> None:
    spec = "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: %s}}"
    found = tree(
        obj("HorizontalPodAutoscaler", "h", spec % "a"), obj("HorizontalPodAutoscaler", "g", spec % "z"), *PODS
    )
    assert found.links("HorizontalPodAutoscaler/default/h") == {
        ("targets", "spec.scaleTargetRef", "Deployment/default/a")
    }
    assert found.loose("kubernetes/Deployment") == [
        ("HorizontalPodAutoscaler/default/g", "spec.scaleTargetRef", "Deployment/default/z")
    ]


def test_bindings_refer_to_roles_and_accounts() -> None:
    rest = "roleRef: {kind: %s, name: %s}\nsubjects: [{kind: ServiceAccount, name: sa%s}, {kind: User, name: u}]"
    found = tree(
        obj("RoleBinding", "rb", rest % ("Role", "r", "")),
        obj("ClusterRoleBinding", "crb", rest % ("ClusterRole", "cr", ", namespace: x")),
        obj("ClusterRoleBinding", "given", "roleRef: {kind: ClusterRole, name: cluster-admin}"),
        obj("ClusterRoleBinding", "gone", rest % ("ClusterRole", "none", ", namespace: y")),
        obj("Role", "r"), obj("ClusterRole", "cr"), obj("ServiceAccount", "sa"), obj("ServiceAccount", "sa", namespace="x"),
    )  # fmt: skip
    assert found.links("RoleBinding/default/rb") == {
        ("references", "roleRef", "Role/default/r"), ("references", "subjects", "ServiceAccount/default/sa"),
    }  # fmt: skip
    assert found.links("ClusterRoleBinding/crb") == {
        ("references", "roleRef", "ClusterRole/cr"), ("references", "subjects", "ServiceAccount/x/sa"),
    }  # fmt: skip
    assert found.loose("kubernetes/ClusterRole") == [("ClusterRoleBinding/gone", "roleRef", "ClusterRole/none")]
    assert found.loose("kubernetes/ServiceAccount") == [("ClusterRoleBinding/gone", "subjects", "ServiceAccount/y/sa")]


def test_ingresses_route_to_services() -> None:
    spec = (
        "spec:\n  defaultBackend: {service: {name: a}}\n  tls: [{secretName: made-later}]\n"
        "  rules: [{http: {paths: [{backend: {service: {name: b}}}, {backend: {serviceName: old}},"
        " {backend: {service: {name: z}}}]}}]"
    )
    found = tree(obj("Ingress", "i", spec), obj("Service", "a"), obj("Service", "b"), obj("Service", "old"))
    assert found.links("Ingress/default/i") == {
        ("routes", "spec.defaultBackend.service.name", "Service/default/a"),
        ("routes", "spec.rules.http.paths.backend.service.name", "Service/default/b"),
        ("routes", "spec.rules.http.paths.backend.serviceName", "Service/default/old"),
    }
    path = "spec.rules.http.paths.backend.service.name"
    assert found.loose("kubernetes/Service") == [("Ingress/default/i", path, "Service/default/z")]
    assert found.loose("kubernetes/Secret") == []


def test_namespaces_contain_their_objects() -> None:
    found = tree(
        obj("Namespace", "x"), obj("ConfigMap", "a", namespace="x"), obj("ConfigMap", "b"), obj("ClusterRole", "c"),
        workload("w", namespace="x"),
    )  # fmt: skip
    assert found.links("Namespace/x") == {
        ("contains", "metadata.namespace", "ConfigMap/x/a"), ("contains", "metadata.namespace", "Deployment/x/w"),
    }  # fmt: skip


def test_links_stay_in_their_unit_and_environment() -> None:
    service, pod = obj("Service", "s", "spec: {selector: {app: a}}"), workload("a", "app: a")
    found = Tree({"k8s/dev/s.yaml": service, "k8s/dev/p.yaml": pod, "k8s/prod/s.yaml": service})
    assert found.links("Service/default/s", "k8s/dev") == {("selects", "spec.selector", "Deployment/default/a:pod")}
    assert found.links("Service/default/s", "k8s/prod") == set()
    split = Tree({"dev/s.yaml": service, "prod/p.yaml": pod})
    assert {r.unit.path for r in split.estate.resources} == {""}
    assert split.links("Service/default/s") == set()


def test_cost_grows_with_the_links_and_not_with_the_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0
    matches = kubernetes_index.matches

    def counted(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        return matches(*arguments)

    monkeypatch.setattr(kubernetes_index, "matches", counted)
    counts = []
    for size in (50, 100):
        calls = 0
        texts = [workload(f"w{i}", f"app: a{i}, part-of: shop") for i in range(size)]
        texts += [obj("Service", f"s{i}", f"spec: {{selector: {{part-of: shop, app: a{i}}}}}") for i in range(size)]
        found = tree(*texts)
        assert len(found.estate.outgoing) == size
        counts.append(calls)
    assert counts == [50, 100]
