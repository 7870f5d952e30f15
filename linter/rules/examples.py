"""A rule's examples as files to scan and findings to expect, and whether the rule proves itself by them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from linter.records import NamedTuple
from linter.rules.model import Rule, kinds_of, variants_of

DEFAULT_NAMES = {
    "terraform": "main.tf",
    "terragrunt": "app/terragrunt.hcl",
    "kubernetes": "manifest.yaml",
    "compose": "compose.yaml",
    "helm": "values.yaml",
    "pipeline": ".github/workflows/example.yml",
    "monitoring": "rules.yaml",
    "document": "runbooks/example.md",
    "docker": "Dockerfile",
}


class Mark(NamedTuple):
    """Where a finding must lie: path, line and the columns from 1, end exclusive."""

    path: str
    line: int
    start: int
    end: int


class Example(NamedTuple):
    """files: path → text without markers. marks: sorted."""

    files: Mapping[str, str]
    marks: tuple[Mark, ...]


def parse_example(example: str | Mapping[str, str], kind: str) -> Example:
    """An example as written in a rule file; a single text is named after the family of `kind`."""
    if isinstance(example, str):
        example = {DEFAULT_NAMES[kind.split("/")[0]]: example}
    files, marks = {}, []
    for path, text in example.items():
        kept: list[str] = []
        for line in text.splitlines():
            if "^" in line and not line.strip(" ^"):
                marks += [Mark(path, len(kept), m.start() + 1, m.end() + 1) for m in re.finditer(r"\^+", line)]
            else:
                kept.append(line)
        files[path] = "\n".join(kept) + "\n"
    return Example(files, tuple(sorted(marks)))


def examples_of(rule: Rule, written: Mapping[str, Any]) -> tuple[list[Example], list[Example]]:
    """(bad, good) examples; each is named after the first kind of its variant, found by its position."""
    kinds = [kind for spec in variants_of(rule.data) for kind in kinds_of(spec)[:1]] or ["terraform/x"]
    return tuple(  # type: ignore[return-value]
        [parse_example(item["example"], item["kind"] or kinds[0]) for item in written[key]] for key in ("bad", "good")
    )
