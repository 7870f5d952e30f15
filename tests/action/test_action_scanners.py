"""The Action's inputs for other scanners and their logs, run as the runner runs them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from action_runner import Runner, git

STUB = """\
import json, os, sys
from pathlib import Path
calls = Path(os.environ["RUNNER_TEMP"]) / "calls.jsonl"
with calls.open("a") as file:
    file.write(json.dumps([os.environ.get("XDG_DATA_HOME", ""), os.getcwd(), sys.argv[1:]]) + "\\n")
sys.exit(2 if "missing" in sys.argv else 0)
"""
REAL = "from linter.cli.start import main\nmain()\n"
LOG = {
    "version": "2.1.0",
    "runs": [{
        "tool": {"driver": {"name": "Other", "rules": [{"id": "O1"}]}},
        "results": [{
            "ruleId": "O1", "level": "error", "message": {"text": "seen elsewhere"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": "main.tf"}, "region": {"startLine": 1}}}],
        }],
    }],
}  # fmt: skip


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "main.tf").write_text('resource "aws_kms_key" "main" {\n  enable_key_rotation = true\n}\n')
    return folder


def runner(tmp_path: Path, workspace: Path, command: str) -> Runner:
    return Runner(tmp_path, workspace, {"server_url": "https://example.com", "event_name": "push"}, command)


def calls(ran: Runner) -> list[list[Any]]:
    return [json.loads(line) for line in (ran.temp / "calls.jsonl").read_text().splitlines()]


def test_scanners_are_installed_once_and_asked_for(tmp_path: Path, workspace: Path) -> None:
    job = runner(tmp_path, workspace, STUB)
    ran = job.run({"scanners": "checkov, semgrep\r\n", "merge": "a b.sarif\n$(touch owned).sarif"})
    assert ran.code == 0, ran.log
    first, second, scan = calls(job)
    data = f"{job.temp}/opslint-data"
    assert (first[0], second[0], scan[0]) == (data, data, data)
    assert (first[1], scan[1]) == (str(job.temp), str(workspace))
    assert [first[2], second[2]] == [["scanners", "install", "--", name] for name in ("checkov", "semgrep")]
    arguments = scan[2]
    assert [arguments[i + 1] for i, word in enumerate(arguments) if word == "--with"] == ["checkov", "semgrep"]
    assert [arguments[i + 1] for i, word in enumerate(arguments) if word == "--merge"] == [
        "a b.sarif", "$(touch owned).sarif",
    ]  # fmt: skip
    assert not list(tmp_path.rglob("owned"))


def test_without_scanners_nothing_is_installed(tmp_path: Path, workspace: Path) -> None:
    job = runner(tmp_path, workspace, STUB)
    assert job.run().code == 0
    (scan,) = calls(job)
    assert scan[2][0] == "scan"
    assert scan[0] == ""
    assert not {"--with", "--merge"} & set(scan[2])


def test_a_scanner_that_cannot_be_installed_leaves_the_answer_to_the_scan(tmp_path: Path, workspace: Path) -> None:
    job = runner(tmp_path, workspace, STUB)
    ran = job.run({"scanners": "missing, checkov"})
    assert "::warning title=opslint::A scanner could not be installed" in ran.log
    assert [call[2][:2] for call in calls(job)] == [["scanners", "install"]] * 2 + [["scan", "--format"]]


def test_a_scanner_that_is_missing_makes_the_real_scan_incomplete(tmp_path: Path, workspace: Path) -> None:
    job = runner(
        tmp_path, workspace, REAL.replace("main()", "import sys; 'install' in sys.argv and sys.exit(2); main()")
    )
    ran = job.run({"scanners": "checkov"}, {"PATH": os.defpath})
    assert (ran.code, ran.outputs["result"], ran.outputs["execution"]) == (3, "error", "incomplete"), ran.log


def test_an_installed_scanner_is_found_by_the_real_scan(tmp_path: Path, workspace: Path) -> None:
    job = runner(
        tmp_path, workspace, REAL.replace("main()", "import sys; 'install' in sys.argv and sys.exit(0); main()")
    )
    home = job.temp / "opslint-data" / "opslint" / "scanners" / "checkov"
    program = home / "bin" / "checkov"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho \'{"passed": 0, "failed": 0}\'\n')
    program.chmod(0o755)
    ran = job.run({"scanners": "checkov"}, {"PATH": os.defpath})
    assert ran.outputs["execution"] == "complete", ran.log
    assert "checkov (opslint scanners install): 0 findings" in ran.log


def test_a_log_of_an_earlier_step_is_judged(tmp_path: Path, workspace: Path) -> None:
    (workspace / "other.sarif").write_text(json.dumps(LOG))
    ran = runner(tmp_path, workspace, REAL).run({"merge": "other.sarif", "fail-on": "high"})
    assert ran.outputs["result"] == "fail", ran.log
    log = json.loads(Path(ran.outputs["sarif-file"]).read_text())["runs"][0]
    assert [each["name"] for each in log["tool"]["extensions"]] == ["other"]
    assert subprocess.run(["grep", "-c", "seen elsewhere", ran.outputs["sarif-file"]], check=False).returncode == 0
