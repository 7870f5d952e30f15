"""The launcher of scanners: jobs that come at once, what is left when a scan is stopped, and what a person sees meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from linter.scanners.launcher import Job, Launcher, launcher
from tests.scanners.stand_in import checkov
from tests.support import write
from tests.test_cli import ENTRY, REPOSITORY


def job(name: str, root: Path, *command: str, seconds: float = 20.0, memory: int = 0) -> Job:
    return Job(name, str(root), list(command), {}, seconds, memory)


def test_jobs_that_come_at_once_all_run(tmp_path: Path) -> None:
    with launcher() as line:
        for name in ("a", "b", "c"):
            line.start(job(name, tmp_path, "/bin/echo", name))
        assert [line.answer(name, 20).output for name in ("a", "b", "c")] == [b"a\n", b"b\n", b"c\n"]


def test_one_that_does_not_start_holds_up_no_other(tmp_path: Path) -> None:
    with launcher() as line:
        line.start(job("a", tmp_path / "nowhere", "/bin/echo"))
        line.start(job("b", tmp_path, "/bin/echo", "b"))
        assert "could not be started" in line.answer("a", 20).problem
        assert line.answer("b", 20).output == b"b\n"


def test_who_waits_is_told_and_a_launcher_that_is_gone_is_noticed(tmp_path: Path) -> None:
    told: list[float] = []
    with launcher() as line:
        line.start(job("a", tmp_path, "/bin/sleep", "30"))

        def waiting(seconds: float) -> None:
            told.append(seconds)
            _process(line).kill()

        answer = line.answer("a", 25, waiting)
    assert told
    assert answer.problem == "the process that watches over it has ended"


def test_the_memory_of_a_scanner_is_bounded(tmp_path: Path) -> None:
    with launcher() as line:
        line.start(job("a", tmp_path, "/bin/sh", "-c", "ulimit -v", memory=1 << 30))
        assert line.answer("a", 20).output == b"1048576\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_scan_that_is_stopped_leaves_nothing_behind(tmp_path: Path, number: int) -> None:
    tree = write(tmp_path / "tree", {"main.tf": ""})
    sign = tmp_path / "sign"
    body = f"""
import pathlib
pathlib.Path({str(sign)!r}).write_text(str(os.getpid()) + " " + tree)
time.sleep(60)
"""
    policy = write(tmp_path / "policy", {"opslint.yaml": _policy(checkov(tmp_path / "tools", body))})
    environment = {"PYTHONPATH": str(REPOSITORY), "PATH": os.environ["PATH"]}
    command = [*ENTRY, "scan", "--root", str(tree), "--policy", str(policy), "--with", "checkov", str(tree)]
    scan = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    _until(lambda: sign.exists() and sign.read_text(encoding="utf-8").count(" ") == 1)
    scanner, copy = sign.read_text(encoding="utf-8").split(" ")
    os.kill(scan.pid, number)
    assert scan.wait(20) == -number
    _until(lambda: not os.path.exists(os.path.dirname(copy)))
    _until(lambda: not _runs(int(scanner)))


def _policy(tool: Path) -> str:
    return f"version: 1\nscanners: {{checkov: {{program: {tool}, seconds: 60}}}}\n"


def _process(line: Launcher) -> subprocess.Popen[bytes]:
    return line._process


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _until(condition: object, seconds: float = 20.0) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)
