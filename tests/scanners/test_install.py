"""`opslint scanners install` and `list`: what is there stays there until something better works."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from linter.scanners import found, home, install
from linter.scanners.install import InstallError
from linter.writing import alone
from tests.test_cli import opslint

VERSION = install.pinned("semgrep")


def answering(path: Path, version: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {version}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Semgrep's environment will be; nothing is there yet."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return Path(home("semgrep"))


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that were run; that of pip makes a program of the pinned version."""
    ran: list[list[str]] = []

    def run(command: list[str]) -> None:
        ran.append(command)
        if "pip" in command:
            answering(Path(command[0]).with_name("semgrep"), VERSION)

    monkeypatch.setattr(install, "_run", run)
    return ran


def told(text: str) -> None:
    assert text


def names(link: Path) -> list[str]:
    return sorted(path.name for path in link.parent.iterdir() if path.name != ".lock")


def test_an_installed_scanner_is_found(link: Path, commands: list[list[str]], tmp_path: Path) -> None:
    assert install.install("semgrep", told) == str(link)
    assert [("venv" in command, "--require-hashes" in command) for command in commands] == [
        (True, False),
        (False, True),
    ]
    program = found("semgrep", {}, str(tmp_path / "tree"))
    assert (program.path, program.source) == (f"{link}/bin/semgrep", "opslint scanners install")


@pytest.mark.parametrize("before", ["link", "folder"])
@pytest.mark.parametrize("end", [InstallError("no network"), KeyboardInterrupt(), OSError(28, "No space left")])
def test_what_was_there_stays(link: Path, monkeypatch: pytest.MonkeyPatch, end: BaseException, before: str) -> None:
    folder = link if before == "folder" else link.with_name(".semgrep-old")
    answering(folder / "bin" / "semgrep", "0.1")
    if before == "link":
        link.symlink_to(folder.name)

    def broken(command: list[str]) -> None:
        raise end

    monkeypatch.setattr(install, "_run", broken)
    with pytest.raises(InstallError if isinstance(end, OSError) else type(end)):
        install.install("semgrep", told)
    assert (link / "bin" / "semgrep").read_text(encoding="utf-8").endswith("echo 0.1\n")
    assert names(link) == sorted({"semgrep", folder.name})


@pytest.mark.parametrize("before", ["link", "folder", "nothing", "dangling"])
def test_the_new_one_takes_the_place_of_what_was_there(link: Path, commands: list[list[str]], before: str) -> None:
    folder = link if before == "folder" else link.with_name(".semgrep-old")
    if before in ("link", "folder"):
        answering(folder / "bin" / "semgrep", "0.1")
    if before in ("link", "dangling"):
        folder.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(folder.name)
    answering(link.with_name(".semgrep-killed") / "half", "made")
    answering(link.with_name("checkov") / "bin" / "checkov", "1")
    install.install("semgrep", told)
    assert subprocess.check_output([link / "bin" / "semgrep"], text=True).strip() == VERSION
    assert [name.partition("-")[0] for name in names(link)] == [".semgrep", "checkov", "semgrep"]


def test_what_does_not_work_is_not_installed(link: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "_run", lambda command: None)
    with pytest.raises(InstallError, match="does not work"):
        install.install("semgrep", told)
    assert names(link) == []


def test_the_pinned_one_is_not_made_again(link: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(command: list[str]) -> None:
        raise AssertionError(command)

    answering(link / "bin" / "semgrep", VERSION)
    monkeypatch.setattr(install, "_run", never)
    said: list[str] = []
    assert install.install("semgrep", said.append) == str(link)
    assert said == [f"semgrep {VERSION} is there already, and works"]


def test_two_at_once_take_turns(link: Path, commands: list[list[str]]) -> None:
    waits, done = threading.Event(), threading.Event()

    def second() -> None:
        install.install("semgrep", lambda text: waits.set() if "waiting" in text else None)
        done.set()

    with alone(str(link.parent), lambda: None):
        thread = threading.Thread(target=second)
        thread.start()
        assert waits.wait(60)
        assert not done.is_set()
        assert commands == []
    thread.join(60)
    assert done.is_set()


def test_a_stopped_install_leaves_nothing(tmp_path: Path) -> None:
    """The command itself, told to end while pip runs."""
    slow = tmp_path / "slow.py"
    slow.write_text(
        "import sys, time\nfrom linter.scanners import install\n"
        "install._run = lambda command: (print('running', flush=True), time.sleep(60))\n"
        "sys.argv = ['opslint', 'scanners', 'install', 'semgrep']\nfrom linter.cli.start import main\nmain()\n",
        encoding="utf-8",
    )
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "data"), "PYTHONPATH": os.getcwd()}
    process = subprocess.Popen([sys.executable, slow], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"running\n"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode not in (0, None)
    shelf = tmp_path / "data" / "opslint" / "scanners"
    assert [path.name for path in shelf.iterdir()] == [".lock"]


def test_pip_without_a_network_is_said_in_one_sentence() -> None:
    line = "ERROR: Could not find a version that satisfies the requirement a==1 (from versions: none)"
    with pytest.raises(InstallError, match="needs a network"):
        install._run(["/bin/sh", "-c", f"echo WARNING: Retrying >&2; echo '{line}' >&2; exit 1"])


def test_pips_own_error_is_told_without_its_warnings() -> None:
    line = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES"
    with pytest.raises(InstallError) as caught:
        install._run(["/bin/sh", "-c", f"echo WARNING: Retrying >&2; echo '{line}' >&2; exit 1"])
    assert str(caught.value) == line


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").write_text("", encoding="utf-8")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with pytest.raises(InstallError, match="data"):
        install.install("semgrep", told)


def test_list_as_json(link: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(link / "bin" / "semgrep", "0.1")
    monkeypatch.setenv("PATH", os.defpath)
    (tmp_path / "policy").mkdir()
    answer = opslint("scanners", "list", "--policy", tmp_path / "policy", "--format", "json")
    checkov, semgrep = json.loads(answer.out)
    assert (answer.code, checkov["works"], checkov["path"]) == (0, False, "")
    assert "opslint scanners install checkov" in checkov["problem"]
    assert semgrep == {
        "name": "semgrep", "path": f"{link}/bin/semgrep", "source": "opslint scanners install", "version": "0.1",
        "tested": VERSION, "works": True, "problem": "",
    }  # fmt: skip
