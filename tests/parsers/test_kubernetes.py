"""Kubernetes manifests as resources: objects, pods, containers, what is no object, units and environments."""

from __future__ import annotations

import json

import pytest
from kubernetes_trees import Tree

from linter.model import Environment, Unit

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers:
      - name: prepare
        image: busybox
      containers:
      - name: "web"
        image: nginx
      - image: sidecar
"""
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: x}]}\n"


def pod(name: str, extra: str = "") -> str:
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{containers: [{{name: c}}]}}\n{extra}"


def test_a_deployment_is_an_object_a_pod_and_containers() -> None:
    tree = Tree({"k8s/web.yaml": DEPLOYMENT})
    assert [(r.kind, r.address, r.name) for r in tree.estate.resources] == [
        ("kubernetes/Deployment", "Deployment/shop/web", "web"),
        ("kubernetes/pod", "Deployment/shop/web:pod", "web"),
        ("kubernetes/container", "Deployment/shop/web:containers.web", "web"),
        ("kubernetes/container", "Deployment/shop/web:containers[1]", "1"),
        ("kubernetes/container", "Deployment/shop/web:initContainers.prepare", "prepare"),
    ]
    deployment, body, web, sidecar, prepare = tree.estate.resources
    assert [tree.text(r.anchor) for r in tree.estate.resources] == ["web", "web", '"web"', "sidecar", "prepare"]
    assert tree.text(deployment.extent) == DEPLOYMENT.rstrip("\n")
    assert tree.text(body.extent).startswith("initContainers")
    assert tree.text(web.extent) == 'name: "web"\n        image: nginx'
    assert {r.unit for r in tree.estate.resources} == {Unit("manifests", "")}
    assert body.owner is web.owner is deployment
    assert body.context["object"] is web.context["object"] is deployment.body
    assert web.context["pod"] is body.body
    assert web.context["template"]["metadata"]["labels"] == {"app": "web"}
    assert [r.context["role"] for r in (web, sidecar, prepare)] == ["container", "container", "init"]
    assert tree.progress == ["k8s/web.yaml"]


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Pod", "{containers: [{name: c}]}"),
        ("DaemonSet", "{template: {spec: {containers: [{name: c}]}}}"),
        ("StatefulSet", "{template: {spec: {containers: [{name: c}]}}}"),
        ("ReplicaSet", "{template: {spec: {containers: [{name: c}]}}}"),
        ("ReplicationController", "{template: {spec: {containers: [{name: c}]}}}"),
        ("Job", "{template: {spec: {containers: [{name: c}]}}}"),
        ("CronJob", "{jobTemplate: {spec: {template: {spec: {containers: [{name: c}]}}}}}"),
        ("Rollout", "{template: {spec: {containers: [{name: c}]}}}"),
    ],
)
def test_pod_templates(kind: str, spec: str) -> None:
    tree = Tree({"a.yaml": f"apiVersion: x/v1\nkind: {kind}\nmetadata: {{name: a}}\nspec: {spec}\n"})
    assert tree.addresses == [f"{kind}/default/a", f"{kind}/default/a:pod", f"{kind}/default/a:containers.c"]


def test_a_pod_template_object_and_one_without_containers() -> None:
    text = "apiVersion: v1\nkind: PodTemplate\nmetadata: {name: a}\ntemplate: {spec: {containers: [{name: c}]}}\n"
    assert len(Tree({"a.yaml": text}).addresses) == 3
    text = "apiVersion: argoproj.io/v1\nkind: Thing\nmetadata: {name: a}\nspec: {template: {spec: {source: x}}}\n"
    assert Tree({"a.yaml": text}).addresses == ["Thing/default/a"]


def test_ephemeral_containers() -> None:
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {ephemeralContainers: [{name: d}]}\n"
    tree = Tree({"a.yaml": text})
    assert tree.get("Pod/default/a:ephemeralContainers.d").context["role"] == "ephemeral"


def test_addresses_with_and_without_namespace() -> None:
    texts = [
        "kind: Namespace\nmetadata: {name: shop}",
        "kind: ClusterRole\nmetadata: {name: view, namespace: ignored}",
        "kind: ClusterIssuer\nmetadata: {name: acme}",
        "kind: ConfigMap\nmetadata: {name: a, namespace: shop}",
        "kind: ConfigMap\nmetadata: {name: a}",
        "kind: Job\nmetadata: {generateName: run-}",
        "kind: ConfigMap\nmetadata: {}",
        "kind: ConfigMap\nmetadata: {name: 12, namespace: 7}",
    ]
    tree = Tree({"a.yaml": "\n---\n".join("apiVersion: v1\n" + text for text in texts)})
    assert tree.addresses == [
        "Namespace/shop", "ClusterRole/view", "ClusterIssuer/acme", "ConfigMap/shop/a", "ConfigMap/default/a",
        "Job/default/run-*", "ConfigMap/default/", "ConfigMap/7/12",
    ]  # fmt: skip
    assert [tree.text(r.anchor) for r in tree.estate.resources][-3:] == ["run-", "ConfigMap", "12"]


def test_definitions_of_the_tree_say_which_kinds_have_a_namespace() -> None:
    crd = (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: shops.x}\n"
        "spec: {scope: Cluster, names: {kind: Shop}}\n"
    )
    tree = Tree({"crd.yaml": crd, "shop.yaml": "apiVersion: x/v1\nkind: Shop\nmetadata: {name: a}\n"})
    assert tree.addresses == ["CustomResourceDefinition/shops.x", "Shop/a"]


def test_lists_are_their_items() -> None:
    items = "items:\n- " + POD.replace("\n", "\n  ").rstrip() + "\n- null\n- 3\n"
    inner = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMapList\n  items:\n" + (
        "  - {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}\n"
    )
    tree = Tree({"a.yaml": f"apiVersion: v1\nkind: PodList\n{items}---\n{inner}"})
    assert tree.addresses[0] == "Pod/default/a"
    assert tree.addresses[-1] == "ConfigMap/default/b"
    assert tree.text(tree.get("Pod/default/a").extent) == POD.replace("\n", "\n  ").rstrip()


def test_lists_that_nest_without_end() -> None:
    text = "{apiVersion: v1, kind: List, items: [" * 40 + POD.replace("\n", ", ").rstrip(", ").join("{}") + "]}" * 40
    tree = Tree({"a.yaml": text})
    assert tree.addresses == []
    assert [failure[0] for failure in tree.failures] == ["artifact-unparsed"]


def test_json_manifests() -> None:
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"name": "c"}]}}
    tree = Tree({"a.json": json.dumps(body, indent=1)})
    assert tree.addresses == ["Pod/default/a", "Pod/default/a:pod", "Pod/default/a:containers.c"]
    assert tree.text(tree.estate.resources[0].anchor) == '"a"'


def test_what_is_no_object() -> None:
    tree = Tree(
        {
            "chart/Chart.yaml": "apiVersion: v2\nname: shop\n",
            "chart/templates/pod.yaml": POD,
            "chart/templates/deep/pod.yaml": POD,
            "chart/crds/pod.yaml": pod("crd"),
            "other/templates/pod.yaml": pod("template"),
            "skaffold.yaml": "apiVersion: skaffold/v4beta1\nkind: Config\n",
            "kubeconfig.yaml": "apiVersion: v1\nkind: Config\nclusters: []\n",
            "kind.yaml": "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n",
            "list.yaml": "- kind: Pod\n  apiVersion: v1\n",
            "text.yaml": "kind: text\n",
            "broken.yaml": "apiVersion: v1\nkind: [Pod]\n---\napiVersion: 1\nkind: Pod\n---\nkind: Pod\n",
        }
    )
    assert [a for a in tree.addresses if ":" not in a] == ["Pod/default/crd", "Pod/default/template"]


WRONG = [
    "metadata: 7\nspec: []",
    "metadata: []\nspec: {containers: x}",
    "metadata: {name: {}}\nspec: {containers: [null, 1, [], x, {}, {name: []}, {image: 3}]}",
    "metadata: {name: x, labels: [a], annotations: 3}\nspec: {containers: {name: c}, volumes: 3, initContainers: 1}",
    "spec: null",
    "metadata: {name: *nothing, labels: *nothing}\nspec: *nothing",
    "metadata: {name: x, namespace: *nothing}\nspec: {containers: *nothing}",
    "spec: {template: [], selector: 1}",
    "spec: {template: {metadata: 3, spec: {containers: [{env: 3, envFrom: [1, {configMapRef: 2}]}]}}}",
    "spec: {template: {metadata: [], spec: {volumes: [1, {secret: 1}, {projected: {sources: [2]}}]}}}",
    "spec: {selector: {a: {b: c}}, podSelector: [1], rules: [1, {http: 2}], tls: 3, scaleTargetRef: 1}",
    "roleRef: 3\nsubjects: [1, {kind: [], name: 2}, {kind: ServiceAccount, name: x, namespace: [1]}]",
    "spec: {podSelector: {matchLabels: [], matchExpressions: [1, {key: [], operator: {}, values: 3}]}}",
]


@pytest.mark.parametrize("kind", [
    "Pod", "Deployment", "CronJob", "Service", "NetworkPolicy", "PodDisruptionBudget", "Ingress", "RoleBinding",
    "HorizontalPodAutoscaler", "ServiceMonitor", "StatefulSet", "ServiceAccount", "pod", "container", "unresolved",
])  # fmt: skip
@pytest.mark.parametrize("rest", WRONG)
def test_wrong_types_cost_only_the_parts_they_stand_in(kind: str, rest: str) -> None:
    tree = Tree({"a.yaml": f"apiVersion: v1\nkind: {kind}\n{rest}\n", "good.yaml": pod("good")})
    assert len([a for a in tree.addresses if ":" not in a]) == 2
    assert "Pod/default/good:containers.c" in tree.addresses


# --- units and environments -------------------------------------------------------------------------------------------


def units(tree: Tree) -> dict[str, str]:
    return {
        tree.estate.sources[r.anchor[0]].path: r.unit.path for r in tree.estate.resources if r.kind == "kubernetes/Pod"
    }


def test_manifests_that_all_differ_are_one_unit() -> None:
    tree = Tree({"a/x.yaml": pod("x"), "b/c/y.yaml": pod("y"), "z.yaml": pod("z")})
    assert set(units(tree).values()) == {""}


def test_the_same_object_in_two_folders_makes_two_units() -> None:
    files = {
        "deploy/a/web.yaml": pod("web"), "deploy/a/db/db.yaml": pod("db"), "deploy/b/web.yaml": pod("web"),
        "deploy/top.yaml": pod("top"), "other/x.yaml": pod("x"), "root.yaml": pod("root"),
    }  # fmt: skip
    assert units(Tree(files)) == {
        "deploy/a/web.yaml": "deploy/a", "deploy/a/db/db.yaml": "deploy/a", "deploy/b/web.yaml": "deploy/b",
        "deploy/top.yaml": "deploy", "other/x.yaml": "other", "root.yaml": "",
    }  # fmt: skip


def test_a_folder_that_clashes_with_itself_does_not_take_its_children_along() -> None:
    files = {"a/1.yaml": pod("web"), "a/2.yaml": pod("web"), "a/sub/3.yaml": pod("x"), "a/sub/deep/4.yaml": pod("y")}
    assert units(Tree(files)) == {
        "a/1.yaml": "a",
        "a/2.yaml": "a",
        "a/sub/3.yaml": "a/sub",
        "a/sub/deep/4.yaml": "a/sub",
    }


def test_the_same_name_in_another_namespace_kind_or_group_is_no_clash() -> None:
    files = {
        "a/1.yaml": pod("web"),
        "b/1.yaml": pod("web").replace("name: web", "name: web, namespace: other"),
        "c/1.yaml": pod("web").replace("kind: Pod", "kind: ConfigMap"),
        "d/1.yaml": pod("web").replace("v1", "apps/v1"),
        "e/1.yaml": pod("web").replace("name:", "generateName:"),
        "f/1.yaml": pod("web").replace("name:", "generateName:"),
    }
    assert {r.unit.path for r in Tree(files).estate.resources} == {""}


def test_environments_come_from_the_path() -> None:
    tree = Tree({"k8s/production/web.yaml": pod("web"), "k8s/staging/web.yaml": pod("web"), "web.yaml": pod("x")})
    found = {(r.unit.path, r.environment) for r in tree.estate.resources if r.kind == "kubernetes/pod"}
    assert found == {
        ("k8s/production", Environment("production", "production")),
        ("k8s/staging", Environment("staging", "pre-production")),
        ("", None),
    }


def test_deep_folders() -> None:
    path = "/".join(["d"] * 1200)
    tree = Tree({f"{path}/a.yaml": pod("a"), f"{path}/x/a.yaml": pod("a"), f"{path}/y/a.yaml": pod("b")})
    assert sorted(units(tree).values()) == sorted([path, path + "/x", path + "/y"])
