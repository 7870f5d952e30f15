"""The bundled pack under the real Semgrep: its own tests, a hostile tree, and the corpora."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.accept.sample import triage
from tests.support import write
from tests.test_cli import program

ROOT = Path(__file__).resolve().parents[2]
CORPORA = ROOT.parent / "shared" / "corpora"
PROGRAM = os.environ.get("OPSLINT_SEMGREP") or shutil.which("semgrep") or ""
BAD = "import requests\n\nrequests.get('https://a.org', verify=False, timeout=3)\n"


def scan(tree: Path, folder: Path) -> dict[str, Any]:
    assert PROGRAM, "semgrep is needed: put it on PATH or name it in OPSLINT_SEMGREP"
    policy = write(folder, {"opslint.yaml": f"version: 1\nscanners: {{semgrep: {{program: {PROGRAM}}}}}\n"})
    answer = program("scan", "--root", tree, "--policy", policy, "--with", "semgrep", "--format", "json", tree)
    told: dict[str, Any] = json.loads(answer.out)
    return told


def test_the_pack_passes_its_own_tests() -> None:
    done = subprocess.run(
        [PROGRAM, "--test", "--metrics=off", "--disable-version-check", str(ROOT / "rules" / "semgrep")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    number = len(list((ROOT / "rules" / "semgrep").glob("*.yaml")))
    assert f"{number}/{number}" in done.stdout


def test_findings_in_real_programs_were_read_by_a_person() -> None:
    """The corpora hold no programs: these rows are of packages and of public files, named by their number in an index."""
    ids = {path.stem for path in (ROOT / "rules" / "semgrep").glob("*.yaml")}
    rows = [row for row in triage() if row.rule.startswith("semgrep.")]
    assert len(rows) >= 60
    assert {row.rule.removeprefix("semgrep.") for row in rows} <= ids
    assert all(row.verdict in ("true", "false", "mended") and row.reason for row in rows)


def test_nothing_of_the_tree_keeps_the_real_one_from_finding(tmp_path: Path) -> None:
    tree = write(
        tmp_path / "tree",
        {
            "main.tf": "locals {}\n", "app.py": BAD, "marked.py": BAD.replace("=3)", "=3)  # nosemgrep"),
            ".semgrepignore": "*.py\n", ".gitignore": "*.py\n", ".semgrep.yml": "rules: []\n",
        },
    )  # fmt: skip
    told = scan(tree, tmp_path / "policy")
    found = {(each["rule"], each["place"]["path"]) for each in told["findings"] if each["rule"].startswith("semgrep.")}
    assert {("semgrep.python-tls-verified", "app.py"), ("semgrep.python-tls-verified", "marked.py")} <= found
    assert told["execution"] == "complete"


@pytest.mark.parametrize("name", ["cicd-goat", "microservices-demo"])
def test_the_corpora_hold_no_programs_to_judge(name: str, tmp_path: Path) -> None:
    told = scan(CORPORA / name, tmp_path)
    assert [(each["found"], each["version"], bool(each["note"])) for each in told["scanners"]] == [(0, "", True)]
    assert not [each for each in told["failures"] if each["id"].startswith("scanner")]
