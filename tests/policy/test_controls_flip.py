"""Controls rest on lines: changing the line a pass rests on flips the control, for every decisive rule."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from scanning import control, put, scanned

from linter.engine.proof import AS_OF
from linter.policy.frameworks import rules_of
from linter.rules import open_pack
from linter.rules.examples import examples_of

PACK = open_pack()
LETTERS_AND_DIGITS = "  require_numbers = true\n  require_lowercase_characters = true\n"
POINTED = sorted(
    {rule for id in PACK.framework_ids for each in PACK.framework(id)["controls"] for rule in rules_of(each)}
)


def test_a_line_decides_a_control(tmp_path: Path) -> None:
    def policy(length: str) -> Path:
        line = f"  minimum_password_length = {length}\n{LETTERS_AND_DIGITS}"
        return put(tmp_path, {"main.tf": 'resource "aws_iam_account_password_policy" "strict" {\n' + line + "}\n"})

    met = control(scanned(policy("14"), "pci-dss-4.0.1"), "8.3.6")
    assert met.status == "met"
    assert [(place.path, place.start_line) for place, _ in met.evidence] == [("main.tf", line) for line in (2, 3, 4)]
    failed = control(scanned(policy("8"), "pci-dss-4.0.1"), "8.3.6")
    assert failed.status == "not met"
    assert [(place.path, place.start_line) for place, _ in failed.failures] == [("main.tf", 2)]
    assert [(place.path, place.start_line) for place, _ in failed.evidence] == [("main.tf", line) for line in (3, 4)]
    undecided = control(scanned(policy("var.length"), "pci-dss-4.0.1"), "8.3.6")
    assert undecided.status == "partly"
    gone = control(scanned(put(tmp_path, {"main.tf": "locals {}\n"}), "pci-dss-4.0.1"), "8.3.6")
    assert gone.status == "no evidence"


def test_a_waived_failure_shows_the_control_partly(tmp_path: Path) -> None:
    head = 'resource "aws_iam_account_password_policy" "strict" {\n'
    text = head + LETTERS_AND_DIGITS + "  minimum_password_length = 8 # %s\n}\n"
    directive = 'opslint:ignore=iam-password-length reason="the directory decides"'
    scan = scanned(put(tmp_path, {"main.tf": text % directive}), "pci-dss-4.0.1")
    assert control(scan, "8.3.6").status == "partly"
    assert "the directory decides" in control(scan, "8.3.6").failures[0][1]
    assert (
        control(scanned(put(tmp_path, {"main.tf": text % "no waiver"}), "pci-dss-4.0.1"), "8.3.6").status == "not met"
    )


@pytest.mark.parametrize("rule", POINTED)
def test_each_rule_shows_and_denies_its_controls(rule: str, tmp_path: Path) -> None:
    """A rule's good examples give evidence for its controls, its bad ones deny those it decides."""
    bad, good = examples_of(PACK.rule(rule), PACK.examples(rule))
    pointing = {
        id: {each["id"]: each for each in PACK.framework(id)["controls"] if rule in rules_of(each)}
        for id in PACK.framework_ids
    }
    summaries = {
        (id, each["id"])
        for id in PACK.framework_ids
        for each in PACK.framework(id)["controls"]
        if any("summary-of" in check for check in each.get("checks", ()))
    }
    for name, example in (("good", good[0]), ("bad", bad[0])):
        scan = scanned(put(tmp_path / name, example.files), frameworks=tuple(pointing), rules=(rule,), as_of=AS_OF)
        unsure = any(judgement.outcome == "unknown" for judgement in scan.judgements)
        assert {framework.id for framework in scan.report.frameworks} == set(pointing)
        for framework in scan.report.frameworks:
            for result in framework.controls:
                if (framework.id, result.id) in summaries:
                    continue
                if result.id not in pointing[framework.id]:
                    assert result.status in ("no evidence", "not observable", "not applicable")
                    continue
                wanted = _wanted(pointing[framework.id][result.id], rule, name, unsure)
                assert result.status in wanted, (framework.id, result.id)
                alone = _shown_alone(pointing[framework.id][result.id], rule)
                assert (result.evidence or not alone) if name == "good" else result.failures


def _wanted(control: Mapping[str, Any], rule: str, name: str, unsure: bool) -> set[str]:
    """The statuses a control may have where this rule alone was judged on its good or bad example."""
    if any(rule in check.get("rules", ()) for check in control.get("checks", ())):
        if name == "good" and not _shown_alone(control, rule):
            return {"partly", "not applicable", "not observable"}
        return {"not met"} if name == "bad" else {"partly"} if unsure else {"met", "partly"}
    decisive = rule in control["rules"].get("decisive", ())
    if name == "bad":
        return {"not met"} if decisive else {"not met", "partly"}
    return {"partly"} if unsure or not decisive else {"met"}


def _shown_alone(control: Mapping[str, Any], rule: str) -> bool:
    """Whether the rule's pass alone may show something of the control: a check is shown by one rule of each group."""
    naming = [check for check in control.get("checks", ()) if rule in check.get("rules", ())]
    return not naming or any(all(rule in group for group in _groups(check)) for check in naming)


def _groups(check: Mapping[str, Any]) -> list[list[str]]:
    return [[group] if isinstance(group, str) else group for group in check.get("shown-by", ())]
