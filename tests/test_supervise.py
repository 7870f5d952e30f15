"""The supervisor, with children that die in every way a child can."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import resource
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from linter.supervise import DEFAULT, PHASES, Limits, Progress, SupervisionError, supervised

ROOT = Path(__file__).resolve().parent.parent
QUICK = Limits(cpu=0.4, wall=2.0, phase_cpu=0.8, phase_wall=2.0, tick=0.1, memory=1 << 30)


@pytest.fixture(autouse=True)
def quiet_crashes() -> Iterator[None]:
    """Children inherit pytest's fault handler, which would print what it thinks of their deaths."""
    faulthandler.disable()
    yield
    faulthandler.enable(sys.__stderr__)


def segfault() -> None:
    ctypes.string_at(0)


def hog_memory() -> None:
    bytearray(8 << 30)


def spin() -> None:
    while True:
        pass


def raise_secret() -> None:
    raise ValueError("hunter2")


DEATHS = {
    "segfault.tf": (segfault, "was ended by SIGSEGV"),
    "killed.tf": (lambda: os.kill(os.getpid(), signal.SIGKILL), "was ended by SIGKILL, perhaps for want of memory"),
    "abort.tf": (os.abort, "was ended by SIGABRT"),
    "memory.tf": (hog_memory, "needed more than 1024 MB of memory"),
    "spin.tf": (spin, "took longer than 0.4 seconds"),
    "sleep.tf": (lambda: time.sleep(60), "took longer than 2 seconds"),
    "raise.tf": (raise_secret, "stopped with ValueError at test_supervise.py:"),
    "a\nb\udce9.tf": (os.abort, "was ended by SIGABRT"),
    "d/" * 2000 + "deep.tf": (os.abort, "was ended by SIGABRT"),
}


def scan(report: Path, names: list[str], progress: Progress, condemned: Mapping[str, str]) -> int:
    """Work as the engine does it: everything not condemned, and at the end one report."""
    done = []
    for name in names:
        if name in condemned:
            continue
        progress(name)
        if name in DEATHS:
            DEATHS[name][0]()
        done.append(name)
    progress("report")
    report.write_text(repr((done, dict(condemned))))
    return 3 if condemned else 0


@pytest.mark.parametrize("name", DEATHS)
def test_a_death_costs_its_artifact_and_nothing_else(tmp_path: Path, name: str) -> None:
    names = ["a.tf", "b.tf", name, "c.tf", "d.tf"]
    code = supervised(lambda progress, condemned: scan(tmp_path / "r", names, progress, condemned), QUICK)
    done, condemned = eval((tmp_path / "r").read_text())
    assert code == 3
    assert done == ["a.tf", "b.tf", "c.tf", "d.tf"]
    assert list(condemned) == [name]
    assert condemned[name].startswith(DEATHS[name][1])
    assert "hunter2" not in condemned[name]


def test_several_deaths_in_one_scan(tmp_path: Path) -> None:
    names = ["segfault.tf", "a.tf", "abort.tf", "killed.tf", "b.tf"]
    assert supervised(lambda progress, condemned: scan(tmp_path / "r", names, progress, condemned), QUICK) == 3
    done, condemned = eval((tmp_path / "r").read_text())
    assert done == ["a.tf", "b.tf"] and set(condemned) == {"segfault.tf", "abort.tf", "killed.tf"}


@pytest.mark.parametrize("code", [0, 1, 2, 3, 70, 71, 255])
def test_the_exit_code_comes_through(code: int) -> None:
    def leaves(progress: Progress, condemned: Mapping[str, str]) -> int:
        sys.exit(code)

    assert supervised(lambda progress, condemned: code, QUICK) == code
    assert supervised(leaves, QUICK) == code


@pytest.mark.parametrize("phase", sorted(PHASES - {"start"}))
def test_dying_in_a_phase_ends_the_scan(phase: str) -> None:
    def work(progress: Progress, condemned: Mapping[str, str]) -> int:
        progress("a.tf")
        progress(phase)
        os.abort()

    with pytest.raises(SupervisionError, match=f"SIGABRT in its phase '{phase}'"):
        supervised(work, QUICK)


def test_a_phase_has_more_time_than_an_artifact_and_not_for_ever() -> None:
    limits = Limits(cpu=0.3, phase_cpu=0.8, tick=0.05)

    def work(seconds: float) -> int:
        def inner(progress: Progress, condemned: Mapping[str, str]) -> int:
            progress("judge")
            end = time.process_time() + seconds
            while time.process_time() < end:
                pass
            return 0

        return supervised(inner, limits)

    assert work(0.6) == 0
    with pytest.raises(SupervisionError, match=r"longer than 0\.8 seconds in its phase 'judge'"):
        work(20)


def test_dying_before_anything_was_named() -> None:
    with pytest.raises(SupervisionError, match="phase 'start'"):
        supervised(lambda progress, condemned: os.abort(), QUICK)


def test_work_that_ignores_what_is_condemned_is_given_up() -> None:
    def work(progress: Progress, condemned: Mapping[str, str]) -> int:
        progress("a.tf")
        os.abort()

    with pytest.raises(SupervisionError, match="again"):
        supervised(work, QUICK)


def test_deaths_are_bounded() -> None:

    def work(progress: Progress, condemned: Mapping[str, str]) -> int:
        progress(f"{len(condemned)}.tf")
        os.abort()

    with pytest.raises(SupervisionError, match="20 artifacts"):
        supervised(work, Limits(tick=0.1))


def test_busy_work_that_moves_on_is_left_alone() -> None:
    def work(progress: Progress, condemned: Mapping[str, str]) -> int:
        for number in range(12):
            progress(f"{number}.tf")
            end = time.process_time() + 0.1
            while time.process_time() < end:
                pass
        return 0

    assert supervised(work, QUICK) == 0


def test_the_child_has_no_secrets_and_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("GITHUB_TOKEN", "x")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    def work(progress: Progress, condemned: Mapping[str, str]) -> int:
        limits = [resource.getrlimit(each) for each in (resource.RLIMIT_AS, resource.RLIMIT_CORE)]
        (tmp_path / "r").write_text(repr((sorted(os.environ), limits)))
        return 0

    assert supervised(work) == 0
    names, limits = eval((tmp_path / "r").read_text())
    assert "AWS_SECRET_ACCESS_KEY" not in names and "GITHUB_TOKEN" not in names
    assert {"LC_ALL", "GITHUB_ACTIONS", "PATH"} <= set(names)
    assert limits == [(DEFAULT.memory, DEFAULT.memory), (0, 0)]
    assert os.environ["GITHUB_TOKEN"] == "x"
    assert resource.getrlimit(resource.RLIMIT_AS)[0] != DEFAULT.memory


def test_without_fork_it_simply_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    pids = []
    assert supervised(lambda progress, condemned: pids.append(os.getpid()) or 7) == 7  # type: ignore[func-returns-value]
    assert pids == [os.getpid()]


def test_handlers_are_put_back() -> None:
    stops = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)
    before = [signal.getsignal(each) for each in stops]
    supervised(lambda progress, condemned: 0, QUICK)
    assert [signal.getsignal(each) for each in stops] == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, []) & set(stops)


def program(body: str) -> list[str]:
    code = f"import sys, os, time\nfrom linter.supervise import *\n{textwrap.dedent(body)}"
    return [sys.executable, "-c", code]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": ""}


def test_nothing_is_printed_twice() -> None:
    body = """
    print("before")
    def work(progress, condemned):
        if not condemned:
            progress("a")
            os.abort()
        progress("report")
        print("report", dict(condemned))
        return 1
    sys.exit(supervised(work))
    """
    done = subprocess.run(program(body), capture_output=True, text=True, env=environment())
    assert done.stdout == "before\nreport {'a': 'was ended by SIGABRT'}\n"
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_end_child_and_parent_as_if_there_were_no_child(tmp_path: Path, number: int) -> None:
    body = """
    def work(progress, condemned):
        progress("a")
        open(sys.argv[1], "w").write(str(os.getpid()))
        time.sleep(60)
    supervised(work)
    """
    note = tmp_path / "pid"
    running = subprocess.Popen([*program(body), str(note)], env=environment(), stderr=subprocess.PIPE, text=True)
    while not (note.exists() and note.read_text()):
        time.sleep(0.02)
    running.send_signal(number)
    _, errors = running.communicate(timeout=10)
    assert running.returncode == -number
    assert errors == ""
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


def test_an_orphan_ends_itself(tmp_path: Path) -> None:
    body = """
    def work(progress, condemned):
        open(sys.argv[1], "w").write(str(os.getpid()))
        while True:
            progress("a")
            time.sleep(0.02)
    supervised(work)
    """
    note = tmp_path / "pid"
    running = subprocess.Popen([*program(body), str(note)], env=environment())
    while not (note.exists() and note.read_text()):
        time.sleep(0.02)
    running.kill()
    running.wait()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{note.read_text()}/stat").read_text().rpartition(") ")[2][:1]
        except OSError:
            return
        if state == "Z":
            return
        time.sleep(0.05)
    pytest.fail("the child outlived its parent")


@pytest.mark.parametrize("lines", [1, 200_000])
def test_a_reader_that_went_away_is_not_a_success(lines: int) -> None:
    body = f"""
    def work(progress, condemned):
        progress("report")
        for line in range({lines}):
            print("x" * 20)
        return 0
    try:
        code = supervised(work)
    except SupervisionError as error:
        sys.stderr.write(str(error))
        code = 2
    os._exit(code)
    """
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(program(body), stdout=write, stderr=subprocess.PIPE, text=True, env=environment())
    os.close(write)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr


def test_a_full_disk_is_not_a_success(tmp_path: Path) -> None:
    body = """
    def work(progress, condemned):
        progress("report")
        print("x")
        return 0
    os._exit(supervised(work))
    """

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    with open(tmp_path / "out", "w") as full:
        done = subprocess.run(program(body), stdout=full, stderr=subprocess.PIPE, env=environment(), preexec_fn=no_room)
    assert done.returncode == 2
    assert (tmp_path / "out").read_text() == ""
