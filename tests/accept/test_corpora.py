"""Figure 1: every real repository of ../shared/corpora is scanned to its end, and the same bytes come out twice.

`pytest tests/accept/test_corpora.py -s` prints the share of judgements that stay unknown, by cause.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORPORA = ROOT.parent / "shared" / "corpora"
TREES = sorted(path.name for path in CORPORA.iterdir() if path.is_dir())
OURS = {"expression", "function", "budget"}
"""Causes that a reader of the repository can do nothing about: too many of them are a fault of ours."""
LAUNCH = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from linter.cli.start import main; main()"


def run(tree: str, folder: Path, seed: str) -> tuple[int, str, dict[str, bytes]]:
    """Exit code, standard error and every report of a scan in a process of its own."""
    outputs = {format: folder / f"{tree}.{seed}.{format}" for format in ("json", "sarif")}
    command = [sys.executable, "-I", "-c", LAUNCH, "scan", str(CORPORA / tree), "--root", str(CORPORA / tree)]
    command += ["--as-of", "2026-01-15"]
    for format, path in outputs.items():
        command += ["--output", f"{format}={path}"]
    environment = {"PATH": os.environ["PATH"], "PYTHONHASHSEED": seed, "TZ": "UTC" if seed == "1" else "Asia/Tokyo"}
    done = subprocess.run(command, capture_output=True, check=False, env=environment)
    reports = {format: path.read_bytes() for format, path in outputs.items()}
    return done.returncode, done.stderr.decode(), {"text": done.stdout, **reports}


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str, dict[str, bytes]]]:
    folder = tmp_path_factory.mktemp("corpora")
    return {tree: run(tree, folder, "1") for tree in TREES}


def test_the_corpora_are_there() -> None:
    assert len(TREES) >= 7


@pytest.mark.parametrize("tree", TREES)
def test_a_tree_is_scanned_to_its_end(tree: str, scans: dict[str, Any]) -> None:
    code, errors, reports = scans[tree]
    report = json.loads(reports["json"])
    assert code in (0, 1, 3)
    assert code == report["exit_code"]
    assert errors == ""
    assert b"Traceback" not in reports["text"]
    assert not [failure for failure in report["failures"] if failure["id"] in ("rule-crashed", "parser-crashed")]
    accounts = report["artifacts"]
    assert accounts["found"] == accounts["analysed"] + accounts["skipped"] + accounts["failed"] > 0
    assert report["judgements"]["pass"] + report["judgements"]["fail"] > 0


@pytest.mark.parametrize("tree", TREES)
def test_the_same_tree_gives_the_same_bytes(tree: str, scans: dict[str, Any], tmp_path: Path) -> None:
    assert run(tree, tmp_path, "2")[2] == scans[tree][2]


def test_how_much_stays_unknown_and_why(scans: dict[str, Any]) -> None:
    causes: Counter[str] = Counter()
    judged = unknown = 0
    for tree in TREES:
        report = json.loads(scans[tree][2]["json"])
        counts = report["judgements"]
        judged += sum(counts.values())
        unknown += counts["unknown"]
        waiting: Counter[str] = Counter()
        for item in report["unknowns"]:
            waiting[item["cause"]] += item["judgements"]
        causes += waiting
        total = max(1, sum(counts.values()))
        shares = ", ".join(f"{cause} {count}" for cause, count in waiting.most_common())
        print(f"{tree:<32} {counts['unknown'] / total:6.1%} of {total:5}  {shares}")
    print(f"{'all':<32} {unknown / judged:6.1%} of {judged:5}  {dict(causes.most_common())}")
    assert unknown / judged < MOST_UNKNOWN
    assert sum(causes[cause] for cause in OURS) / judged < 0.01


MOST_UNKNOWN = 0.03
