"""`opslint scanners install` and `list`: an environment of its own for each scanner, and what is there.

Checkov and python-hcl2 both bring a package named `hcl2`, so a scanner never shares our environment. What is installed is
pinned and checked by hash (pip's `--require-hashes`); it is the one thing opslint does that needs a network.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from tempfile import mkdtemp
from typing import Any

from linter.files import Tree
from linter.records import NamedTuple
from linter.scanners import NAMES, Program, found, home
from linter.writing import alone, point

_SECONDS = 60.0
_REQUIREMENTS = os.path.join(os.path.dirname(__file__), "requirements")


class State(NamedTuple):
    """A scanner as it is on this machine. version: what it says of itself, '' where it says nothing. problem: why it does
    not work, '' where it does. pinned: the version `install` would bring."""

    program: Program
    version: str
    problem: str
    pinned: str


class InstallError(Exception):
    """An environment that could not be made; str() says why."""


def states(settings: Mapping[str, Any], root: str) -> Iterator[State]:
    """Every scanner, asked for its version."""
    for name in NAMES:
        program = found(name, settings, root)
        version, problem = _asked(program.path) if program.path else ("", _missing(program))
        yield State(program, version, problem, pinned(name))


def pinned(name: str) -> str:
    """The version of a scanner that its requirements name."""
    with Tree(_REQUIREMENTS) as tree:
        text = tree.read(f"{name}.txt").decode()
    line = next((line for line in text.splitlines() if line.startswith(f"{name}==")), "")
    return line.partition("==")[2].split()[0] if line else ""


def install(name: str, tell: Callable[[str], None]) -> str:
    """Makes a scanner's environment, where the pinned one is not there already, and returns its folder.

    The new one is made beside the old and takes its place, in one step, when it works: whatever ends this, the old one
    stays. What an earlier attempt left is cleared away; two at once take turns. Raises InstallError.
    """
    link = home(name)
    shelf = os.path.dirname(link)
    try:
        with alone(shelf, lambda: tell("waiting for another install to end")):
            if _asked(os.path.join(link, "bin", name)) == (pinned(name), ""):
                tell(f"{name} {pinned(name)} is there already, and works")
                return link
            _clear(shelf, name)
            folder = mkdtemp(prefix=f".{name}-", dir=shelf)
            try:
                _make(name, folder, tell)
                if os.path.isdir(link) and not os.path.islink(link):
                    shutil.rmtree(link)
                point(link, folder)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            _clear(shelf, name)
    except OSError as error:
        raise InstallError(f"{error.filename or shelf}: {error.strerror or error}") from None
    return link


def _clear(shelf: str, name: str) -> None:
    """Removes every environment of a scanner but the one that is in use."""
    used = os.path.realpath(os.path.join(shelf, name))
    for entry in os.listdir(shelf):
        path = os.path.join(shelf, entry)
        if entry.startswith(f".{name}-") and os.path.realpath(path) != used:
            if os.path.islink(path):
                os.unlink(path)
            else:
                shutil.rmtree(path, ignore_errors=True)


def _make(name: str, folder: str, tell: Callable[[str], None]) -> None:
    tell(f"making an environment in {folder}")
    _run([sys.executable, "-m", "venv", "--clear", folder])
    tell(f"installing {name} {pinned(name)}, each package checked by its hash")
    python = os.path.join(folder, "bin", "python")
    _run(
        [python, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--require-hashes",
         "--requirement", os.path.join(_REQUIREMENTS, f"{name}.txt")]
    )  # fmt: skip
    _, problem = _asked(os.path.join(folder, "bin", name))
    if problem:
        raise InstallError(f"{name} was installed and does not work: {problem}")


def _missing(program: Program) -> str:
    if program.source:
        return "the program that opslint.yaml names is not there"
    return f"not installed; run `opslint scanners install {program.name}`"


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    except OSError as error:
        raise InstallError(f"{command[0]} could not be started: {error}") from None
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).strip().splitlines() if line]
        said = [line for line in said if line.startswith("ERROR:")] or said
        if any("from versions: none" in line for line in said):
            raise InstallError(
                "pip found no package at all: it needs a network here, or its own settings for an index (pip config)"
            )
        raise InstallError("\n".join(said[-5:]) or f"{command[0]} ended with {done.returncode}")


def _asked(path: str) -> tuple[str, str]:
    """(version, '') of a program that answers, ('', why) of one that does not."""
    environment = {"PATH": os.defpath, "HOME": os.path.expanduser("~"), "LC_ALL": "C.UTF-8", **_QUIET}
    try:
        done = subprocess.run(
            [path, "--version"], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=_SECONDS,
            env=environment, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", f"it could not be asked for its version: {type(error).__name__}"
    version = done.stdout.strip().splitlines()
    if done.returncode or not version:
        return "", f"it ended with {done.returncode} when it was asked for its version"
    return version[-1][:40], ""


_QUIET = {"SEMGREP_SEND_METRICS": "off", "SEMGREP_ENABLE_VERSION_CHECK": "0", "LOG_LEVEL": "ERROR"}
