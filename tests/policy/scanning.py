"""Scans of small trees within the test's process."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from policy_makers import TODAY

from linter.cli.work import run_scan
from linter.engine import Scan
from linter.report import ControlResult


def put(root: Path, files: Mapping[str, str]) -> Path:
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return root


def scanned(root: Path, framework: str = "", **changed: Any) -> Scan:
    options: dict[str, Any] = {
        "paths": (str(root),), "root": str(root), "policy": None, "fail_on": None, "rules": (), "var_files": (),
        "frameworks": (framework,) if framework else (), "variables": (), "isolated": False, "allow_empty": False,
        "as_of": TODAY,
    }  # fmt: skip
    try:
        return run_scan(options | changed, lambda name: None, {})
    finally:
        gc.enable()


def control(scan: Scan, id: str) -> ControlResult:
    return next(each for framework in scan.report.frameworks for each in framework.controls if each.id == id)
