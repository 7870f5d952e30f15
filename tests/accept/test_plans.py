"""Plans against the terraform that makes them: addresses and values, with the built-in provider."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from linter.model import Map, Seq, Unknown
from tests.accept.test_terraform_plan import CASES
from tests.parsers.test_terraform_plans import resources, scanned

TERRAFORM = shutil.which("terraform")


def made(folder: Path, files: dict[str, str]) -> dict[str, Any]:
    """The plan terraform makes of files, as JSON."""
    assert TERRAFORM is not None
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    for arguments in (["init", "-backend=false"], ["plan", "-out=p.bin"]):
        subprocess.run(
            [TERRAFORM, *arguments, "-input=false", "-no-color"], cwd=folder, check=True, capture_output=True
        )
    shown = subprocess.run(
        [TERRAFORM, "show", "-json", "p.bin"], cwd=folder, check=True, capture_output=True, text=True
    )
    shutil.rmtree(folder / ".terraform", ignore_errors=True)
    loaded: dict[str, Any] = json.loads(shown.stdout)
    return loaded


def planned(module: dict[str, Any]) -> dict[str, Any]:
    found = {each["address"]: each["values"] for each in module.get("resources", ()) if each["mode"] == "managed"}
    for child in module.get("child_modules", ()):
        found.update(planned(child))
    return found


def agrees(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, Unknown):
        return True
    if isinstance(ours, Map):
        return all(key in ours and agrees(ours[key], value) for key, value in theirs.items() if value is not None)
    if isinstance(ours, Seq):
        return len(ours) == len(theirs) and all(agrees(*pair) for pair in zip(ours, theirs, strict=True))
    return bool(ours == theirs)


@pytest.mark.parametrize("name", sorted(CASES))
def test_all_of_a_plan_is_read(name: str, tmp_path: Path) -> None:
    plan = made(tmp_path / "made", CASES[name])
    values = planned(plan["planned_values"].get("root_module", {}))
    alone = resources(scanned(tmp_path / "alone", {"plan.json": json.dumps(plan)}))
    assert {address for address, each in alone.items() if not each.kind.startswith("terraform/data.")} == set(values)
    for address, wanted in values.items():
        for key, value in wanted.items():
            if value is not None and key in alone[address].body:
                assert agrees(alone[address].body[key], value), (address, key)


@pytest.mark.parametrize("name", sorted(CASES))
def test_beside_its_source_nothing_is_judged_twice(name: str, tmp_path: Path) -> None:
    plan = made(tmp_path / "made", CASES[name])
    found = scanned(tmp_path / "both", {**CASES[name], "plan.json": json.dumps(plan)})
    by_address = resources(found)
    identities = [each.identity for each in found.estate.resources]
    assert len(identities) == len(set(identities))
    values = planned(plan["planned_values"].get("root_module", {}))
    for address, wanted in values.items():
        if address in by_address and wanted.get("input") is not None:
            assert agrees(by_address[address].body.get("input"), wanted["input"]), address
            assert found.estate.place(by_address[address].anchor).path != "plan.json"
