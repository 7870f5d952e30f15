"""Every YAML file of real repositories: the values and rejections of PyYAML, and the speed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import yaml

from linter.model import Map, Seq
from linter.syntax.yaml import load

SHARED = Path(__file__).parents[3] / "shared"


class TextLoader(yaml.CSafeLoader):
    """PyYAML with what we read on purpose: timestamps as text, any local tag, and a plain `=` as text.

    PyYAML resolves `=` to the type `value` and then has no constructor for it; real CRDs list it in an enum.
    """


def _any_tag(loader: Any, suffix: str, node: Any) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


for name in ("timestamp", "value"):
    TextLoader.add_constructor("tag:yaml.org,2002:" + name, lambda loader, node: loader.construct_scalar(node))
TextLoader.add_multi_constructor("!", _any_tag)


def texts() -> list[tuple[str, str]]:
    found = []
    for path in sorted(SHARED.rglob("*")):
        if path.suffix in (".yaml", ".yml") and path.is_file():
            found.append((str(path.relative_to(SHARED)), path.read_text(encoding="utf-8-sig")))
    return found


def same(ours: Any, theirs: Any) -> bool:
    if isinstance(theirs, dict):
        return (
            isinstance(ours, Map) and list(ours) == list(theirs) and all(same(ours[key], theirs[key]) for key in theirs)
        )
    if isinstance(theirs, list):
        return isinstance(ours, Seq) and len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(theirs, float) and math.isnan(theirs):
        return isinstance(ours, float) and math.isnan(ours)
    return type(ours) is type(theirs) and bool(ours == theirs)


def test_values_and_rejections_are_those_of_pyyaml() -> None:
    files = texts()
    assert len(files) > 200
    accepted = rejected = 0
    differences = []
    for path, text in files:
        loaded = load(0, text)
        try:
            expected = list(yaml.load_all(text, TextLoader))
        except (yaml.YAMLError, TypeError, ValueError) as error:
            rejected += 1
            # The specification lets a later anchor take over a name; only PyYAML refuses.
            if not loaded.problems and "duplicate anchor" not in str(error):
                differences.append(f"{path}: accepted, rejected by PyYAML")
            continue
        accepted += 1
        if loaded.problems:
            differences.append(f"{path}: {loaded.problems[0].message}")
        elif len(loaded.documents) != len(expected) or not all(
            same(document.value, value) for document, value in zip(loaded.documents, expected, strict=True)
        ):
            differences.append(f"{path}: other values")
    print(f"\n{len(files)} files: {accepted} accepted, {rejected} rejected by both, {len(differences)} differ")
    assert differences == []
