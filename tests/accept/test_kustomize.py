"""Real kustomizations against `kubectl kustomize`: the same objects."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from linter.engine.estate import read_estate

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"
DEMO = CORPORA / "microservices-demo"
FLUX = CORPORA / "flux2-kustomize-helm-example"
COMPONENTS = sorted(path.parent.name for path in (DEMO / "kustomize/components").glob("*/kustomization.yaml"))
TREES = [
    (DEMO / "kubernetes-manifests", ""),
    (DEMO / "kustomize", ""),
    *((DEMO / "kustomize", f"tests/{path.parent.name}") for path in (DEMO / "kustomize/tests").glob("*/*.yaml")),
    *((FLUX, str(path.parent.relative_to(FLUX))) for path in sorted(FLUX.rglob("kustomization.yaml"))),
]


def as_json(objects: list[Any]) -> list[str]:
    return sorted(json.dumps(item, sort_keys=True, default=repr) for item in objects)


def same(root: Path, unit: str) -> None:
    done = subprocess.run(
        ["kubectl", "kustomize", str(root / unit)], capture_output=True, text=True, timeout=60, check=True
    )
    expected = [item for item in yaml.safe_load_all(done.stdout) if item is not None]
    reading = read_estate(str(root), {}, lambda _: None, {})
    found = [
        resource.body
        for resource in reading.estate.resources
        if resource.unit.kind == "kustomize" and resource.unit.path == unit and resource.owner is None
    ]
    assert as_json(found) == as_json(expected)
    assert [failure.message for failure in reading.failures if "kustomize" in failure.message] == []


@pytest.mark.parametrize(("root", "unit"), [tree for tree in TREES if "flux-system" not in tree[1]])
def test_real_overlays(root: Path, unit: str, tmp_path: Path) -> None:
    if unit.startswith("apps/base"):
        # A base is judged through its overlays: alone it is a tree of its own.
        shutil.copytree(root / unit, tmp_path / "alone")
        root, unit = tmp_path, "alone"
    same(root, unit)


@pytest.mark.parametrize("component", COMPONENTS)
def test_each_component_over_the_base(component: str, tmp_path: Path) -> None:
    for folder in ("base", "components"):
        shutil.copytree(DEMO / "kustomize" / folder, tmp_path / folder)
    (tmp_path / "one").mkdir()
    text = f"resources: [../base]\ncomponents: [../components/{component}]\n"
    (tmp_path / "one" / "kustomization.yaml").write_text(text)
    same(tmp_path, "one")


def test_all_fifteen_are_there() -> None:
    assert len(COMPONENTS) == 15
