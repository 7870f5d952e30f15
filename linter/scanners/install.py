"""`opslint scanners install` and `list`: an environment of its own for each scanner, and what is there.

Checkov and python-hcl2 both bring a package named `hcl2`, so a scanner never shares our environment. What is installed is
pinned and checked by hash (pip's `--require-hashes`); it is the one thing opslint does that needs a network.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from linter.files import Tree
from linter.records import NamedTuple
from linter.scanners import NAMES, Program, found, home

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
    """Makes, or makes anew, a scanner's environment and returns its folder. Raises InstallError."""
    folder = home(name)
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
    return folder


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
