"""Each fault of the shop turns exactly the checks and controls of the checklist that it should, and none else.

checklist_faults.yaml is the table: the planted faults of fixtures/shop by the name of their patch, and further ones as
edits of single files or whole folders removed, each with every check and control whose state it changes, as 'before → after'.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from linter.cli.work import run_scan
from linter.report import FrameworkResult
from scripts import patches
from scripts.shop import AS_OF, FAULTS, GOOD, build, faults

HERE = Path(__file__).parent
TABLE: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "checklist_faults.yaml").read_text(encoding="utf-8"))
States = dict[str, str]


def evaluated(root: Path) -> FrameworkResult:
    options: dict[str, Any] = {
        "paths": (str(root),), "root": str(root), "policy": None, "fail_on": None, "rules": (), "var_files": (),
        "frameworks": ("qa-checklist",), "variables": (), "isolated": False, "allow_empty": False, "as_of": AS_OF,
    }  # fmt: skip
    try:
        report = run_scan(options, lambda name: None, {}).report
    finally:
        gc.enable()
    return next(each for each in report.frameworks if each.id == "qa-checklist")


def states(result: FrameworkResult) -> tuple[States, States]:
    """(check → state, control → status)."""
    checks = {check.id: check.state for control in result.controls for check in control.checks}
    return checks, {control.id: control.status for control in result.controls}


def turned(before: States, after: States) -> States:
    assert before.keys() == after.keys()
    return {name: f"{before[name]} → {state}" for name, state in after.items() if state != before[name]}


@contextmanager
def broken(spec: Mapping[str, Any], root: Path) -> Iterator[None]:
    """The shop with one fault in it, and without it afterwards."""
    if "patch" in spec:
        text = (FAULTS / f"{spec['patch']}.patch").read_text(encoding="utf-8")
        patches.apply(text, root)
        try:
            yield
        finally:
            patches.apply(text, root, reverse=True)
        return
    removed = [*spec.get("removed", ()), *_under(root, spec.get("removed-under", ()))]
    kept = {path: (root / path).read_bytes() for path in {*removed, *_edited(spec)}}
    try:
        for edit in spec.get("edits", ()):
            file = root / edit["path"]
            text = file.read_text(encoding="utf-8")
            assert edit["old"] in text, f"{edit['path']} does not hold {edit['old']!r}"
            file.write_text(text.replace(edit["old"], edit["new"]), encoding="utf-8")
        for path in removed:
            (root / path).unlink()
        yield
    finally:
        for path, data in kept.items():
            (root / path).write_bytes(data)


def _under(root: Path, folders: list[str]) -> list[str]:
    return [str(path.relative_to(root)) for each in folders for path in (root / each).rglob("*") if path.is_file()]


def _edited(spec: Mapping[str, Any]) -> list[str]:
    return [edit["path"] for edit in spec.get("edits", ())]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("checklist") / "shop")


@pytest.fixture(scope="module")
def good() -> FrameworkResult:
    return evaluated(GOOD)


@pytest.mark.parametrize("name", TABLE)
def test_a_fault_turns_what_it_should_and_nothing_else(name: str, shop: Path, good: FrameworkResult) -> None:
    spec = TABLE[name]
    with broken(spec, shop):
        found = evaluated(shop)
    for before, after, wanted in zip(states(good), states(found), ("checks", "controls"), strict=True):
        assert turned(before, after) == spec.get(wanted, {}), wanted
    for check in (check for control in found.controls for check in control.checks):
        if check.state == "fail":
            assert check.failures, check.id
        if check.state == "pass":
            assert check.evidence, check.id


def test_every_planted_fault_is_in_the_table() -> None:
    assert [spec["patch"] for spec in TABLE.values() if "patch" in spec] == [fault.stem for fault in faults()]
    assert sum("patch" not in spec for spec in TABLE.values()) >= 60


def test_every_decidable_check_and_every_control_is_turned_by_a_fault(good: FrameworkResult) -> None:
    checks = {check for spec in TABLE.values() for check in spec.get("checks", ())}
    decidable = {check.id for control in good.controls for check in control.checks if check.state != "attested"}
    assert decidable - checks == set()
    controls = {control for spec in TABLE.values() for control in spec.get("controls", ())}
    open_to_faults = {c.id for c in good.controls if any(check.state != "attested" for check in c.checks)}
    assert open_to_faults - controls == set()


def test_what_turns_turns_from_met(good: FrameworkResult) -> None:
    """Nothing is turned for the better, and a fault that leaves a control undecided makes it no failure."""
    moves = {move for spec in TABLE.values() for key in ("checks", "controls") for move in spec.get(key, {}).values()}
    assert {move.partition(" → ")[0] for move in moves} <= {"pass", "met", "not applicable"}
    assert not any(move.endswith((" → pass", " → met")) for move in moves)
