"""The framework files: every pointer lands, every id is there, and nothing is claimed that a repository cannot show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from linter.policy.frameworks import dangling, rules_of, without_rules
from linter.rules.frameworks import read_framework

RULES = Path(__file__).parent.parent / "rules"
OTHERS = ("frameworks", "scanners", "semgrep")
FILES = sorted((RULES / "frameworks").glob("*.yaml"))


def read(path: Path) -> dict[str, Any]:
    return read_framework(f"rules/frameworks/{path.name}", path.read_text())


def existing() -> set[str]:
    return {path.stem for path in RULES.rglob("*.yaml") if path.relative_to(RULES).parts[0] not in OTHERS}


def test_the_three_frameworks_are_there() -> None:
    assert [path.stem for path in FILES] == ["pci-dss-4.0.1", "qa-checklist", "soc2"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_framework_file_is_sound(path: Path) -> None:
    framework = read(path)
    assert framework["id"] == path.stem
    assert dangling(framework, existing()) == []
    for control in framework["controls"]:
        rules = control.get("rules", {})
        assert not set(rules.get("decisive", ())) & set(rules.get("supporting", ())), control["id"]
        assert rules == {key: sorted(ids) for key, ids in rules.items()}, control["id"]
        assert control["group"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_removing_a_rule_leaves_a_dangling_pointer(path: Path) -> None:
    framework = read(path)
    pointed = {rule for control in framework["controls"] for rule in rules_of(control)}
    there = existing()
    assert pointed
    for rule in pointed:
        assert dangling(framework, there - {rule})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_controls_without_a_rule_are_listed(path: Path) -> None:
    framework = read(path)
    listed = without_rules(framework)
    for control in framework["controls"]:
        shown = rules_of(control) or control.get("checks")
        assert (control["id"] in listed) == (control["observable"] != "no" and not shown)


def test_every_rule_bears_on_a_control_of_the_checklist_or_says_nothing_of_delivery() -> None:
    """A rule no control of any framework points at is either forgotten or new; new ones are added to the files."""
    pointed = {rule for path in FILES for control in read(path)["controls"] for rule in rules_of(control)}
    assert existing() - pointed == set()


def controls(name: str) -> dict[str, dict[str, Any]]:
    return {control["id"]: control for control in read(RULES / "frameworks" / f"{name}.yaml")["controls"]}


def test_the_criteria_of_soc2_are_complete() -> None:
    common = {"CC1": 5, "CC2": 3, "CC3": 4, "CC4": 2, "CC5": 3, "CC6": 8, "CC7": 5, "CC8": 1, "CC9": 2}
    others = {"A1": 3, "C1": 2, "PI1": 5}
    ids = [f"{series}.{n}" for series, count in (common | others).items() for n in range(1, count + 1)]
    assert set(ids) <= set(controls("soc2"))


def test_the_checklist_has_every_item() -> None:
    wanted = [
        *(f"QA{n:02}" for n in range(1, 11)), *(f"EN{n}" for n in range(1, 6)), *(f"EX{n}" for n in range(1, 6)),
        *(f"RISK{n}" for n in range(1, 7)), *(f"BP{n}" for n in range(1, 11)), *(f"KPI{n}" for n in range(1, 16)),
    ]  # fmt: skip
    assert list(controls("qa-checklist")) == wanted


def test_encryption_at_rest_alone_never_meets_the_requirement_on_stored_card_numbers() -> None:
    assert "decisive" not in controls("pci-dss-4.0.1")["3.5.1"]["rules"]


@pytest.mark.parametrize("name", ["soc2", "pci-dss-4.0.1"])
def test_what_a_repository_shows_partly_is_rarely_decided(name: str) -> None:
    """Decisive rules on partly observable controls claim much: this list is looked at one by one."""
    decided = {
        id for id, control in controls(name).items()
        if control["observable"] == "partly" and "decisive" in control.get("rules", {})
    }  # fmt: skip
    assert decided <= {"6.4.1", "10.2.1.7", "10.3.4", "12.10.2", "12.10.3", "12.10.6"}
