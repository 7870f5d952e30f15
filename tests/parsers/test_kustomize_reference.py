"""Kustomizations build the same objects as kustomize itself: its recorded answers, and itself where it is there.

Record the answers anew with `python tests/parsers/kustomize/record.py`, which runs `kubectl kustomize`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from kustomize import trees

from linter.engine.estate import Reading, read_estate
from linter.model import Resource, Unknown

TREES = trees.trees()
ANSWERS = trees.answers()


def read(folder: Path, files: dict[str, str]) -> Reading:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return read_estate(str(folder), {}, lambda _: None, {})


def made(reading: Reading) -> list[Resource]:
    return [
        resource
        for resource in reading.estate.resources
        if (resource.unit.kind, resource.unit.path) == ("kustomize", trees.UNIT) and resource.owner is None
    ]


def unresolved(reading: Reading) -> list[str]:
    return [resource.name for resource in made(reading) if resource.kind == "kubernetes/unresolved"]


def as_json(objects: list[Any]) -> list[str]:
    return sorted(json.dumps(item, sort_keys=True, default=lambda value: repr(value)) for item in objects)


def test_there_are_enough_of_them() -> None:
    assert set(TREES) == set(ANSWERS)
    built = [name for name, objects in ANSWERS.items() if objects is not None]
    assert len(built) >= 60
    assert len(TREES) - len(built) >= 30


@pytest.mark.parametrize("name", [name for name, objects in ANSWERS.items() if objects is not None])
def test_the_same_objects(name: str, tmp_path: Path) -> None:
    reading = read(tmp_path, TREES[name])
    ours = [item.body for item in made(reading) if item.kind != "kubernetes/unresolved"]
    assert as_json(ours) == as_json(ANSWERS[name])
    assert [failure.message for failure in reading.failures] == []
    assert unresolved(reading) == []


@pytest.mark.parametrize("name", [name for name, objects in ANSWERS.items() if objects is None])
def test_what_kustomize_refuses_is_said(name: str, tmp_path: Path) -> None:
    reading = read(tmp_path, TREES[name])
    assert reading.failures or unresolved(reading)


def test_places_lie_in_the_file_that_wrote_the_value(tmp_path: Path) -> None:
    reading = read(tmp_path, TREES["everything"])
    by_kind = {item.body["kind"]: item.body for item in made(reading) if item.body["kind"] != "ConfigMap"}
    deployment = by_kind["Deployment"]
    web, side = deployment["spec"]["template"]["spec"]["containers"]
    sources = reading.estate.sources

    def written(holder: Any, key: Any) -> tuple[str, str]:
        source, _, _, start, end = holder.at[key]
        return sources[source].path, sources[source].text[start:end]

    overlay = "o/kustomization.yaml"
    assert written(deployment["spec"], "replicas") == (overlay, "8")
    assert written(deployment["spec"], "paused")[0] == "c/kustomization.yaml"
    assert written(deployment["metadata"], "namespace") == (overlay, "top")
    assert written(deployment["metadata"], "name") == ("base/web.yaml", "web")
    assert written(deployment["metadata"]["labels"], "env") == (overlay, "prod")
    assert written(deployment["metadata"]["labels"], "app") == ("base/web.yaml", "web")
    assert written(deployment["metadata"]["annotations"], "owner") == (overlay, "me")
    assert written(deployment["metadata"]["annotations"], "note") == (overlay, "top")
    assert written(deployment["spec"]["selector"]["matchLabels"], "env") == (overlay, "prod")
    assert written(side, "image") == (overlay, "mirror/side")
    assert written(web, "image") == ("base/web.yaml", "registry.example.com/web:1.0")
    assert written(web["envFrom"][0]["configMapRef"], "name") == (overlay, "fresh")
    settings = next(item for item in made(reading) if item.body["metadata"]["name"] == "t-m-settings-x").body["data"]
    assert written(settings, "b") == ("base/config.yaml", '"1"')
    assert written(settings, "c") == ("mid/kustomization.yaml", "c=mid")
    assert written(settings, "d") == (overlay, "d=top")


def test_files_of_generators_have_places_and_bytes(tmp_path: Path) -> None:
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "raw.bin").write_bytes(bytes(range(256)))
    text = "configMapGenerator:\n- {name: c, envs: [a.env], files: [raw.bin]}\n"
    reading = read(tmp_path, {"o/kustomization.yaml": text, "o/a.env": "# first\n  A=one\n"})
    body = made(reading)[0].body
    source, key_start, key_end, start, end = body["data"].at["A"]
    written = reading.estate.sources[source]
    assert (written.path, written.text[key_start:key_end], written.text[start:end]) == ("o/a.env", "A", "one")
    lines = body["binaryData"]["raw.bin"].splitlines()
    assert [len(line) for line in lines] == [70, 70, 70, 70, 64]
    assert body["metadata"]["name"] == "c-t5bg46tfd6"


def test_each_overlay_is_an_environment(tmp_path: Path) -> None:
    base = {path: text for path, text in TREES["plain"].items() if path.startswith("base/")}
    overlays = {
        f"overlays/{name}/kustomization.yaml": f"resources: [../../base]\nreplicas: [{{name: web, count: {count}}}]\n"
        for name, count in (("staging", 2), ("production", 5))
    }
    reading = read(tmp_path, base | overlays)
    seen = {
        (item.unit.path, item.environment.name if item.environment else "", item.body["spec"]["replicas"])
        for item in reading.estate.kinds["kubernetes/Deployment"]
    }
    assert seen == {("overlays/staging", "staging", 2), ("overlays/production", "production", 5)}


def test_what_was_not_read_is_no_refusal_and_leaves_values_unknown(tmp_path: Path) -> None:
    text = (
        "resources: [a.yaml, github.com/org/repo//deploy]\n"
        "replicas: [{name: there, count: 3}]\n"
        "vars: [{name: X, objref: {kind: Service, name: there, apiVersion: v1}}]\n"
        "replacements:\n- source: {kind: Service, name: there}\n"
        "  targets: [{select: {kind: Pod}, fieldPaths: [spec.hostname]}]\n"
    )
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {hostname: x, containers: [{name: a, args: [$(X)]}]}\n"
    reading = read(tmp_path, {"o/kustomization.yaml": text, "o/a.yaml": pod})
    assert reading.failures == []
    assert unresolved(reading) == ["github.com/org/repo//deploy"]
    spec = made(reading)[0].body["spec"]
    assert isinstance(spec["hostname"], Unknown)
    assert isinstance(spec["containers"][0]["args"][0], Unknown)
