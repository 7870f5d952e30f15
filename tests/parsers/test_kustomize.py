"""Kustomizations as units: what they are made of, what they change, what stays unknown."""

from __future__ import annotations

import pytest
from kubernetes_trees import Tree

from linter.model import Environment, Map, Unit, Unknown

HEAD = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 1
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      serviceAccountName: web
      containers:
      - name: web
        image: registry.example.com/web:1.0
        ports:
        - containerPort: 80
        env:
        - name: A
          value: a
        - name: B
          value: b
"""
ACCOUNT = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n"
BASE = {"base/kustomization.yaml": HEAD + "resources:\n- web.yaml\n", "base/web.yaml": WEB}


def overlaid(text: str, **files: str) -> Tree:
    named = {name.replace("__", "/").replace("_", ".") + ".yaml": content for name, content in files.items()}
    return Tree({**BASE, "prod/kustomization.yaml": HEAD + "resources:\n- ../base\n" + text, **named})


def web(tree: Tree, address: str = "Deployment/default/web") -> Map:
    return tree.get(address).body


def container(tree: Tree) -> Map:
    body: Map = web(tree)["spec"]["template"]["spec"]["containers"][0]
    return body


def objects(tree: Tree) -> list[str]:
    return [address for address in tree.addresses if ":" not in address]


def test_a_base_is_judged_through_its_overlays_only() -> None:
    files = {
        **BASE,
        "base/loose.yaml": ACCOUNT,
        "overlays/staging/kustomization.yaml": HEAD + "resources:\n- ../../base\n",
        "overlays/production/kustomization.yaml": HEAD + "bases: [../../base]\nresources: [account.yaml]\n",
        "overlays/production/account.yaml": ACCOUNT,
    }
    tree = Tree(files)
    found = [(r.unit, r.environment, r.address) for r in tree.estate.resources if ":" not in r.address]
    assert found == [
        (
            Unit("kustomize", "overlays/production"),
            Environment("production", "production"),
            "ServiceAccount/default/web",
        ),
        (Unit("kustomize", "overlays/production"), Environment("production", "production"), "Deployment/default/web"),
        (Unit("kustomize", "overlays/staging"), Environment("staging", "pre-production"), "Deployment/default/web"),
        (Unit("manifests", ""), None, "ServiceAccount/default/web"),
    ]
    deployments = tree.estate.kinds["kubernetes/Deployment"]
    assert deployments[0].body is deployments[1].body
    assert [tree.text(span) for span in deployments[0].callers] == ["../../base"]
    assert tree.estate.sources[deployments[0].anchor[0]].path == "base/web.yaml"
    containers = tree.estate.kinds["kubernetes/container"]
    assert [tree.text(span) for span in containers[1].callers] == ["../../base"]
    assert tree.estate.kinds["kubernetes/ServiceAccount"][0].callers == ()


def test_callers_name_the_outermost_overlay_first() -> None:
    tree = Tree(
        {
            **BASE,
            "middle/kustomization.yaml": HEAD + "resources: [../base]\n",
            "top/kustomization.yaml": HEAD + "resources: [../middle]\n",
        }
    )
    assert [tree.text(span) for span in tree.get("Deployment/default/web").callers] == ["../middle", "../base"]


def test_a_kustomization_in_the_root_and_one_of_another_name() -> None:
    tree = Tree({"Kustomization": HEAD + "resources: [a, b.yaml]\n", "a/kustomization.yml": HEAD, "b.yaml": ACCOUNT})
    assert [(r.unit, r.address) for r in tree.estate.resources] == [
        (Unit("kustomize", ""), "ServiceAccount/default/web")
    ]


@pytest.mark.parametrize(
    ("entry", "cause"),
    [
        ("https://github.com/org/repo//deploy?ref=v1", "remote-source"),
        ("github.com/org/repo//deploy", "remote-source"),
        ("git@github.com:org/repo.git", "remote-source"),
        ("../../outside", "remote-source"),
        ("missing.yaml", "missing-input"),
        ("folder", "template"),
    ],
)
def test_what_is_not_there_makes_absence_unknown(entry: str, cause: str) -> None:
    tree = Tree(
        {"a/kustomization.yaml": HEAD + f"resources:\n- {entry}\n- web.yaml\n", "a/web.yaml": WEB, "a/folder/x": ""}
    )
    marker = tree.get(f"unresolved/{entry}")
    assert marker.kind == "kubernetes/unresolved"
    assert marker.unit == Unit("kustomize", "a")
    assert marker.body == {"source": entry}
    assert tree.text(marker.anchor) == entry
    assert marker.uncertain is not None and marker.uncertain.cause == cause
    assert tree.failures == []
    loose = tree.loose("kubernetes/ServiceAccount")
    assert [(address, path) for address, path, _ in loose] == [("Deployment/default/web:pod", "serviceAccountName")]
    assert loose[0][2] is marker.uncertain
    assert any(target is marker.uncertain for _, _, target in tree.loose("kubernetes/unresolved"))


def test_a_file_without_objects_is_nothing_missing() -> None:
    tree = Tree({"a/kustomization.yaml": HEAD + "resources: [empty.yaml]\n", "a/empty.yaml": "# later\n"})
    assert tree.addresses == []


def test_plugins_and_charts_make_absence_unknown() -> None:
    tree = Tree({"a/kustomization.yaml": HEAD + "helmCharts:\n- name: x\ngenerators: [g.yaml]\n"})
    assert [(r.name, tree.text(r.anchor)) for r in tree.estate.resources] == [
        ("helmCharts", "helmCharts"), ("generators", "generators"),
    ]  # fmt: skip


def test_rings_end() -> None:
    ring = HEAD + "resources: [../{}, .]\ncomponents: [../{}]\n"
    tree = Tree({"a/kustomization.yaml": ring.format("b", "b"), "b/kustomization.yaml": ring.format("a", "a")})
    assert tree.addresses == []
    assert tree.failures
    assert any("back" in message for _, _, message, _ in tree.failures)


def test_diamonds_do_not_explode() -> None:
    files = {f"d{i}/kustomization.yaml": HEAD + f"resources: [../l{i}, ../r{i}]\n" for i in range(25)}
    for i in range(25):
        for side in "lr":
            target = f"../d{i + 1}" if i < 24 else "web.yaml"
            files[f"{side}{i}/kustomization.yaml"] = HEAD + f"resources: [{target}]\nnamePrefix: {side}-\n"
            files[f"{side}{i}/web.yaml"] = ACCOUNT
    tree = Tree(files)
    assert len(tree.estate.resources) < 100_000
    assert any("objects" in message for _, _, message, _ in tree.failures)


def test_components_change_what_their_user_built() -> None:
    component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [account.yaml]\n"
    tree = Tree(
        {
            **BASE,
            "parts/kustomization.yaml": component
            + "patches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n"
            "    metadata: {name: web}\n    spec: {replicas: 3}\n",
            "parts/account.yaml": ACCOUNT,
            "prod/kustomization.yaml": HEAD + "resources: [../base]\ncomponents: [../parts]\n",
        }
    )
    assert objects(tree) == ["Deployment/default/web", "ServiceAccount/default/web"]
    assert web(tree)["spec"]["replicas"] == 3
    assert [tree.text(s) for s in tree.get("ServiceAccount/default/web").callers] == ["../parts"]
    assert [tree.text(s) for s in tree.get("Deployment/default/web").callers] == ["../base"]


def test_a_component_nobody_uses_has_an_unknown_base() -> None:
    tree = Tree({"c/kustomization.yaml": "kind: Component\nresources: [a.yaml]\n", "c/a.yaml": ACCOUNT})
    assert [r.kind for r in tree.estate.resources] == ["kubernetes/ServiceAccount", "kubernetes/unresolved"]


# --- transformers -----------------------------------------------------------------------------------------------------


def test_namespace_prefix_and_suffix() -> None:
    role = (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b}\n"
        "roleRef: {kind: Role, name: r}\nsubjects:\n- {kind: ServiceAccount, name: web}\n- {kind: ServiceAccount, name: z}\n"
        "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n---\napiVersion: v1\nkind: ServiceAccount\n"
        "metadata: {name: web, namespace: old}\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\n"
        "metadata: {name: c}\n"
    )
    tree = overlaid("- extra.yaml\nnamespace: shop\nnamePrefix: p-\nnameSuffix: -s\n", prod__extra=role)
    assert objects(tree) == [
        "Deployment/shop/p-web-s", "RoleBinding/shop/p-b-s", "Namespace/shop", "ServiceAccount/shop/p-web-s",
        "ClusterRole/p-c-s",
    ]  # fmt: skip
    deployment = tree.get("Deployment/shop/p-web-s")
    assert tree.text(deployment.anchor) == "web"
    entry = deployment.body["metadata"].at["namespace"]
    assert tree.text((entry[0], entry[3], entry[4])) == "shop"
    assert tree.estate.sources[entry[0]].path == "prod/kustomization.yaml"
    subjects = tree.get("RoleBinding/shop/p-b-s").body["subjects"]
    assert subjects == [
        {"kind": "ServiceAccount", "name": "p-web-s", "namespace": "shop"},
        {"kind": "ServiceAccount", "name": "z"},
    ]
    assert ("references", "serviceAccountName", "ServiceAccount/shop/p-web-s") in tree.links(
        "Deployment/shop/p-web-s:pod"
    )


def test_the_base_itself_stays_as_it_is() -> None:
    files = {
        **BASE,
        "one/kustomization.yaml": HEAD + "resources: [../base]\nnamespace: one\nreplicas: [{name: web, count: 5}]\n",
        "two/kustomization.yaml": HEAD
        + "resources: [../base]\nimages: [{name: registry.example.com/web, newTag: '2'}]\n",
    }
    tree = Tree(files)
    assert web(tree, "Deployment/one/web")["spec"]["replicas"] == 5
    two = web(tree)
    assert two["spec"]["replicas"] == 1
    assert two["spec"]["template"]["spec"]["containers"][0]["image"] == "registry.example.com/web:2"
    one = web(tree, "Deployment/one/web")
    assert one["spec"]["template"] is not two["spec"]["template"]
    assert one["spec"]["template"]["spec"]["containers"][0]["image"] == "registry.example.com/web:1.0"


@pytest.mark.parametrize(
    ("image", "expected", "place"),
    [
        ("newTag: '2.0'", "registry.example.com/web:2.0", "'2.0'"),
        ("newName: other/web", "other/web:1.0", "other/web"),
        ("newName: other/web\n  newTag: v3", "other/web:v3", "v3"),
        ("digest: sha256:abc", "registry.example.com/web@sha256:abc", "sha256:abc"),
        ("newTag: v3\n  digest: sha256:abc", "registry.example.com/web:v3@sha256:abc", "sha256:abc"),
        ("tagSuffix: -slim", "registry.example.com/web:1.0-slim-slim", "-slim"),
    ],
)
def test_images(image: str, expected: str, place: str) -> None:
    tree = overlaid(f"images:\n- name: registry.example.com/web\n  {image}\n- name: web\n  newTag: never\n")
    body = container(tree)
    assert body["image"] == expected
    entry = body.at["image"]
    assert tree.text((entry[0], entry[3], entry[4])) == place


def test_labels_and_annotations() -> None:
    tree = overlaid(
        "commonLabels: {team: a}\nlabels:\n- pairs: {tier: web}\n- pairs: {x: y}\n  includeTemplates: true\n"
        "- pairs: {s: t}\n  includeSelectors: true\ncommonAnnotations: {note: n}\n"
    )
    body = web(tree)
    assert body["metadata"]["labels"] == {"app": "web", "team": "a", "tier": "web", "x": "y", "s": "t"}
    assert body["spec"]["selector"]["matchLabels"] == {"app": "web", "team": "a", "s": "t"}
    assert body["spec"]["template"]["metadata"]["labels"] == {"app": "web", "team": "a", "x": "y", "s": "t"}
    assert body["metadata"]["annotations"] == body["spec"]["template"]["metadata"]["annotations"] == {"note": "n"}
    entry = body["metadata"]["labels"].at["team"]
    assert tree.text((entry[0], entry[1], entry[2])) == "team"


def test_generators_make_objects_by_name() -> None:
    tree = overlaid(
        "configMapGenerator:\n- name: settings\n  literals: [A=1, B=x=y]\n  files: [conf=app.conf, other.conf]\n"
        "secretGenerator:\n- name: keys\n  namespace: shop\n  literals:\n  - password=hunter2\n  type: Opaque\n"
        "- name: env\n  envs: [.env]\n"
    )
    assert objects(tree)[1:] == [
        "ConfigMap/default/settings", "Secret/shop/keys", "Secret/default/env",
        "unresolved/app.conf", "unresolved/other.conf", "unresolved/.env",
    ]  # fmt: skip
    settings = tree.get("ConfigMap/default/settings")
    assert {k: v for k, v in settings.body["data"].items() if isinstance(v, str)} == {"A": "1", "B": "x=y"}
    assert isinstance(settings.body["data"]["conf"], Unknown)
    assert isinstance(settings.body["data"]["other.conf"], Unknown)
    assert tree.text(settings.anchor) == "settings"
    secret = tree.get("Secret/shop/keys").body
    assert secret["data"] == {"password": "aHVudGVyMg=="}
    entry = secret["data"].at["password"]
    assert tree.text((entry[0], entry[3], entry[4])) == "password=hunter2"
    assert tree.get("Secret/default/env").body["data"].open is not None


# --- patches ----------------------------------------------------------------------------------------------------------

PATCH = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 4
  selector: null
  template:
    spec:
      hostNetwork: true
      containers:
      - name: web
        env:
        - name: A
          value: changed
        - name: B
          $patch: delete
        - name: C
          value: c
      - name: sidecar
        image: proxy
"""


def check_patched(tree: Tree, path: str) -> None:
    body = web(tree)
    assert body["spec"]["replicas"] == 4
    assert "selector" not in body["spec"]
    assert "selector" not in body["spec"].at
    spec = body["spec"]["template"]["spec"]
    assert spec["hostNetwork"] is True
    assert spec["serviceAccountName"] == "web"
    assert [c["name"] for c in spec["containers"]] == ["web", "sidecar"]
    assert spec["containers"][0]["env"] == [{"name": "A", "value": "changed"}, {"name": "C", "value": "c"}]
    entry = spec.at["hostNetwork"]
    assert tree.text((entry[0], entry[3], entry[4])) == "true"
    assert tree.estate.sources[entry[0]].path == path
    entry = spec["containers"][0].at["image"]
    assert tree.estate.sources[entry[0]].path == "base/web.yaml"
    assert tree.text(tree.get("Deployment/default/web:containers.sidecar").anchor) == "sidecar"
    assert objects(tree) == ["Deployment/default/web"]


@pytest.mark.parametrize("key", ["patches:\n- path: p.yaml\n", "patchesStrategicMerge:\n- p.yaml\n"])
def test_a_strategic_merge_from_a_file(key: str) -> None:
    check_patched(overlaid(key, prod__p=PATCH), "prod/p.yaml")


@pytest.mark.parametrize("key", ["patches:\n- patch: |-\n", "patchesStrategicMerge:\n- |-\n"])
def test_a_strategic_merge_in_the_kustomization_has_its_own_places(key: str) -> None:
    check_patched(overlaid(key + "".join(f"    {line}\n" for line in PATCH.splitlines())), "prod/kustomization.yaml")


def test_a_patch_in_quotes_stands_where_the_quotes_do() -> None:
    tree = overlaid(
        'patches:\n- patch: "apiVersion: apps/v1\\nkind: Deployment\\nmetadata: {name: web}\\nspec: {replicas: 9}"\n'
    )
    body = web(tree)
    assert body["spec"]["replicas"] == 9
    entry = body["spec"].at["replicas"]
    assert tree.text((entry[0], entry[3], entry[4])).startswith('"apiVersion')


def test_deleting_an_object() -> None:
    patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n$patch: delete\n"
    assert overlaid("patches: [{path: p.yaml}]\n", prod__p=patch).addresses == []


def test_ports_are_merged_by_number_and_protocol_and_plain_lists_replaced() -> None:
    patch = PATCH[: PATCH.index("  replicas")] + (
        "  template:\n    spec:\n      containers:\n      - name: web\n        args: [x]\n        ports:\n"
        "        - {containerPort: 80, name: http}\n        - {containerPort: 80, protocol: UDP}\n"
    )
    body = container(overlaid("patches: [{path: p.yaml}]\n", prod__p=patch))
    assert body["args"] == ["x"]
    assert body["ports"] == [{"containerPort": 80}], "one port twice, with and without protocol, is the base's again"


def test_lists_of_custom_resources_are_replaced() -> None:
    shop = "apiVersion: example.com/v1\nkind: Shop\nmetadata: {name: s}\nspec:\n  containers: [{name: a, x: 1}]\n"
    tree = overlaid("- shop.yaml\npatches: [{path: p.yaml}]\n", prod__shop=shop, prod__p=shop.replace("x: 1", "y: 2"))
    assert tree.get("Shop/default/s").body["spec"]["containers"] == [{"name": "a", "y": 2}]


OPERATIONS = """\
    - op: add
      path: /spec/template/spec/containers/0/env/-
      value: {name: C, value: c}
    - op: replace
      path: /spec/replicas
      value: 7
    - op: remove
      path: /metadata/labels/app
    - op: add
      path: /metadata/annotations
      value: {a/b: c}
    - op: replace
      path: /metadata/annotations/a~1b
      value: d
    - op: copy
      from: /spec/replicas
      path: /spec/revisionHistoryLimit
    - op: move
      from: /spec/template/spec/serviceAccountName
      path: /spec/template/spec/serviceAccount
    - op: test
      path: /spec/replicas
      value: 7
"""


@pytest.mark.parametrize(
    "target",
    [
        "kind: Deployment",
        "name: w.*",
        "kind: Deployment\n    name: (api|web)",
        "labelSelector: app=web,!x",
        "group: apps",
    ],
)
def test_a_json_patch(target: str) -> None:
    tree = overlaid(
        f"- a.yaml\npatches:\n- target:\n    {target}\n  patch: |\n{OPERATIONS}", prod__a=ACCOUNT.replace("web", "z")
    )
    body = web(tree)
    assert body["spec"]["replicas"] == body["spec"]["revisionHistoryLimit"] == 7
    assert body["metadata"]["labels"] == {}
    assert body["metadata"]["annotations"] == {"a/b": "d"}
    assert [item["name"] for item in container(tree)["env"]] == ["A", "B", "C"]
    assert "serviceAccountName" not in body["spec"]["template"]["spec"]
    assert body["spec"]["template"]["spec"]["serviceAccount"] == "web"
    entry = body["spec"].at["replicas"]
    assert tree.text((entry[0], entry[3], entry[4])) == "7"
    assert tree.get("ServiceAccount/default/z").body.open is None


@pytest.mark.parametrize(
    "patch",
    [
        "- {op: replace, path: /spec/nothing/here, value: 1}",
        "- {op: add, path: /spec/template/spec/containers/9, value: {}}",
        "- {op: remove, path: /spec/nothing}",
        "- {op: replace, path: spec, value: 1}",
        "- {op: invent, path: /spec/replicas}",
        "- {op: replace, path: /kind, value: 3}",
        "- 3",
        "{spec: {template: {spec: {$patch: merge, $setElementOrder/containers: []}}}}",
        "{kind: [1]}",
    ],
)
def test_a_patch_that_does_not_fit_leaves_the_object_open(patch: str) -> None:
    tree = overlaid(f"patches:\n- target: {{kind: Deployment}}\n  patch: |\n    {patch}\n")
    body = web(tree)
    assert body["spec"]["replicas"] == 1
    assert body.open is not None and body.open.cause == "overlay"
    assert container(tree).open is not None
    assert body["spec"]["template"]["spec"].open is not None


def test_a_target_that_could_take_too_long_is_not_decided() -> None:
    tree = overlaid(
        "patches:\n- target: {name: '(w+)+b'}\n  patch: '[{op: replace, path: /spec/replicas, value: 2}]'\n"
    )
    assert web(tree)["spec"]["replicas"] == 1
    assert web(tree).open is not None


def test_a_patch_that_is_not_there_makes_absence_unknown() -> None:
    tree = overlaid("patches: [{path: gone.yaml, target: {kind: Deployment}}]\n")
    assert web(tree).open is not None
    assert tree.get("unresolved/prod/gone.yaml").uncertain is not None


def test_patches_find_objects_by_the_name_they_were_written_with() -> None:
    middle = HEAD + "resources: [../base]\nnamePrefix: p-\n"
    tree = Tree(
        {
            **BASE,
            "middle/kustomization.yaml": middle,
            "top/kustomization.yaml": HEAD + "resources: [../middle]\npatches: [{path: p.yaml}]\n",
            "top/p.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: p-web}\nspec: {replicas: 8}\n",
        }
    )
    assert web(tree, "Deployment/default/p-web")["spec"]["replicas"] == 8


def test_replacements_without_a_source_leave_their_targets_unknown() -> None:
    tree = overlaid(
        "replacements:\n- source: {kind: ConfigMap, name: x}\n  targets:\n  - select: {kind: Deployment}\n"
        "    fieldPaths:\n    - spec.template.spec.containers.[name=web].image\n    - metadata.annotations.new\n"
        "    - spec.template.spec.containers.*.env.0.value\n"
    )
    body = container(tree)
    assert isinstance(body["image"], Unknown)
    assert isinstance(body["env"][0]["value"], Unknown)
    assert body["env"][1]["value"] == "b"


@pytest.mark.parametrize(
    "text",
    [
        "resources: 3\n", "patches: [1, {path: 3}, {patch: [1]}]\n", "images: [1, {name: [x]}]\n", "namespace: [x]\n",
        "namePrefix: 3\n", "commonLabels: [a]\n", "labels: [{pairs: 3}]\n", "replicas: [{name: web}]\n",
        "configMapGenerator: [1, {name: [x], literals: 3}]\n", "components: [[]]\n", "patchesStrategicMerge: [3, {}]\n",
        "replacements: [{targets: [1, {select: 3, fieldPaths: [1]}]}]\n", "namespace: *x\nnamePrefix: *x\n",
        "images: [*x, {name: *x, newTag: *x}]\n", "resources: [*x]\npatches: [*x]\n",
    ],
)  # fmt: skip
def test_wrong_types_never_raise(text: str) -> None:
    head = HEAD if text.startswith("resources") else HEAD + "resources: [web.yaml]\n"
    tree = Tree({"a/kustomization.yaml": head + text, "a/web.yaml": WEB})
    assert "Deployment/default/web" in objects(tree) or text.startswith(("resources", "namePrefix"))


def test_unknown_values_of_objects_survive_an_overlay() -> None:
    broken = WEB.replace("name: web\n  labels", "name: web\n  namespace: *x\n  labels").replace("value: b", "value: *y")
    text = "namespace: shop\nnameSuffix: -x\npatches: [{path: p.yaml, target: {namespace: a, kind: Deployment}}]\n"
    overlay = {"prod/kustomization.yaml": HEAD + "resources: [../base]\n" + text}
    tree = Tree({**BASE, **overlay, "base/web.yaml": broken, "prod/p.yaml": PATCH})
    assert objects(tree) == ["Deployment/shop/web-x"]
