"""Mapping files of scanners: each check has one answer, a rule's claim before a class, and a reason where it has none."""

from __future__ import annotations

import pytest

from linter.rules.model import RuleError
from linter.rules.pack import build
from linter.rules.scanners import read_mapping
from tests.support import PACK

RULE = "title: Say what it is\nseverity: low\nwhy: Because it is asked for here.\nfix: Do what it says.\nkind: terraform/a\nrequire: {x: 1}\nbad: [a]\ngood: [b]\n"  # noqa: E501


def test_what_a_rule_claims_is_in_no_mapping() -> None:
    mapping = PACK.scanner("checkov")
    mapped = {check for checks in mapping["like"].values() for check in checks}
    mapped |= {check for entry in mapping["none"] for check in entry["checks"]}
    assert mapped & set(PACK.claims("checkov")) == set()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("scanner: x\nlike: {a: [C1]}\nnone: [{checks: [C1], reason: It asks for nothing at all.}]\n", "C1 stands twice"),
        ("scanner: x\nlike: {a: [C1]}\nnone: [{checks: [C2], reason: short}]\n", "too short"),
        ("scanner: x\nlike: {a: []}\nnone: []\n", "should be non-empty"), ("scanner: x\nlike: {}\n", "'none'"),
        ("scanner: x\nlike: {a: [C1]}\nsame: [C2]\nnone: []\n", "C2 under `same` is not under `like`"),
    ],
)  # fmt: skip
def test_a_mapping_that_does_not_fit(text: str, why: str) -> None:
    with pytest.raises(RuleError, match=why):
        read_mapping("rules/scanners/x.yaml", text)


def test_a_class_is_a_rule_that_exists() -> None:
    mapping = "scanner: x\nlike: {other: [C1]}\nnone: []\n"
    assert build({"a.yaml": RULE, "scanners/x.yaml": mapping.replace("other", "a")})
    with pytest.raises(RuleError, match="'other' under `like` is no rule"):
        build({"a.yaml": RULE, "scanners/x.yaml": mapping})
