"""PATHs narrow what a framework's answer rests on, but not what is known of the repository as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from linter.cli.work import run_scan

KEY = 'resource "aws_kms_key" "main" {\n  enable_key_rotation = %s\n}\n'


def folders(root: Path, *paths: str) -> set[str]:
    """The folders in which SOC 2's answers stand, '' for the repository as a whole."""
    options: dict[str, Any] = {
        "paths": tuple(str(root / path) for path in paths), "root": str(root), "policy": None, "fail_on": None,
        "rules": (), "var_files": (), "frameworks": ("soc2",), "variables": (), "isolated": False,
        "allow_empty": False, "as_of": "2026-01-15",
    }  # fmt: skip
    controls = run_scan(options, lambda name: None, {}).report.frameworks[0].controls
    said = [entry for control in controls for entry in (*control.evidence, *control.failures)]
    return {place.path.rpartition("/")[0] for place, _ in said}


def test_a_framework_speaks_of_the_paths_and_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Shop\n", encoding="utf-8")
    for name, rotated in (("kept", "true"), ("other", "false")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(KEY % rotated, encoding="utf-8")
    assert folders(tmp_path, "") >= {"kept", "other"}
    assert folders(tmp_path, "kept") - {""} == {"kept"}
