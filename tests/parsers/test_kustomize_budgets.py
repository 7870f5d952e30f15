"""Kustomizations made to take for ever end, and say so."""

from __future__ import annotations

import time

from kubernetes_trees import Tree

HEAD = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: a\n    env:\n"


def timed(files: dict[str, str], limit: float = 10.0) -> Tree:
    start = time.process_time()
    tree = Tree(files)
    assert time.process_time() - start < limit
    return tree


def test_long_lists_are_not_merged_by_key() -> None:
    many = POD + "".join(f"    - {{name: v{i}, value: x}}\n" for i in range(5_000))
    tree = timed(
        {
            "a/kustomization.yaml": HEAD + "resources: [p.yaml]\npatches: [{path: q.yaml}]\n",
            "a/p.yaml": many,
            "a/q.yaml": many,
        }
    )
    assert tree.get("Pod/default/p").body.open is not None
    assert [message for _, _, message, _ in tree.failures] == [
        "lists of more than 1,000 elements are not merged by key"
    ]


def test_many_literals() -> None:
    literals = "".join(f"  - K{i}=v\n" for i in range(20_000))
    tree = timed({"a/kustomization.yaml": HEAD + f"configMapGenerator:\n- name: c\n  literals:\n{literals}"})
    assert len(tree.get("ConfigMap/default/c").body["data"]) == 20_000


def test_many_generators() -> None:
    generators = "".join(f"- {{name: c{i}, literals: [a=b]}}\n" for i in range(1_500))
    tree = timed({"a/kustomization.yaml": HEAD + f"namePrefix: p-\nconfigMapGenerator:\n{generators}"})
    assert len(tree.estate.resources) == 1_500


def test_deep_overlays() -> None:
    files = {
        f"o{i}/kustomization.yaml": HEAD + f"resources: [../o{i + 1}]\nnamePrefix: p{i}-\nnamespace: n{i}\n"
        for i in range(60)
    }
    files["o60/kustomization.yaml"] = HEAD + "resources: [p.yaml]\n"
    files["o60/p.yaml"] = POD
    tree = timed(files)
    assert any("too many bases" in message for _, _, message, _ in tree.failures)


def test_selectors_and_variables_made_to_backtrack() -> None:
    text = (
        "resources: [p.yaml]\npatches:\n- target: {labelSelector: '" + "a in (" * 2_000 + "'}\n"
        '  patch: \'[{"op": "remove", "path": "/spec"}]\'\n'
        "- target: {name: '" + "(a|aa)" * 60 + 'b\'}\n  patch: \'[{"op": "remove", "path": "/spec"}]\'\n'
        "images: [{name: '"
        + ".*" * 100
        + "', newTag: x}]\nvars: [{name: X, objref: {kind: Pod, name: p, apiVersion: v1}}]\n"
    )
    pod = POD.replace("name: p", "name: " + "a" * 200) + "    - {name: v, value: '" + "$(" * 5_000 + "'}\n"
    timed({"a/kustomization.yaml": HEAD + text, "a/p.yaml": pod})
