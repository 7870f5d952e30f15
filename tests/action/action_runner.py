"""A small stand-in for the runner: evaluates what a composite action's expressions need and runs its steps by bash."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
ACTION: dict[str, Any] = yaml.safe_load((REPOSITORY / "action.yml").read_text())


class Ran(NamedTuple):
    """What a job of one action leaves behind. code: the failing step's exit code, 0 where none failed."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str
    steps: dict[str, dict[str, str]]


class Runner:
    """One job. github: the context; `event.…` keys dotted. commands: bin/ scripts of the venv by name, Python text."""

    def __init__(self, folder: Path, workspace: Path, github: Mapping[str, str], command: str) -> None:
        self.temp = folder / "runner temp"
        self.temp.mkdir()
        self.workspace = workspace
        self.github = github
        self.home = folder / "home"
        self.home.mkdir()
        self._install(command)

    def _install(self, command: str) -> None:
        """Stands for the install step, which needs the network: the tree under test on the path of a venv."""
        folder = self.temp / "opslint-venv"
        venv.create(folder, symlinks=True)
        packages = next((folder / "lib").glob("python*/site-packages"))
        here = [path for path in sys.path if path.endswith("site-packages")]
        (packages / "tree.pth").write_text("\n".join([str(REPOSITORY), *here]))
        (folder / "bin" / "opslint").write_text(command)

    def run(self, inputs: Mapping[str, str] | None = None, environment: Mapping[str, str] | None = None) -> Ran:
        values = {name: str(entry.get("default", "")) for name, entry in ACTION["inputs"].items()}
        values |= inputs or {}
        contexts = {f"inputs.{name}": value for name, value in values.items()}
        contexts |= {f"github.{name}": value for name, value in self.github.items()}
        summary = self.temp / "summary.md"
        summary.touch()
        log, code, steps = "", 0, {}
        for step in ACTION["runs"]["steps"][1:]:
            output = self.temp / "output"
            output.write_text("")
            env = {
                "PATH": os.environ["PATH"], "HOME": str(self.home), "RUNNER_TEMP": str(self.temp),
                "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary),
                "GITHUB_WORKSPACE": str(self.workspace), **(environment or {}),
            }  # fmt: skip
            env |= {name: evaluated(str(value), contexts) for name, value in step.get("env", {}).items()}
            done = self._step(step, env)
            log += done.stdout.decode("utf-8", "replace")
            found = dict(line.split("=", 1) for line in output.read_text().splitlines())
            if "id" in step:
                steps[step["id"]] = found
                contexts |= {f"steps.{step['id']}.outputs.{name}": value for name, value in found.items()}
            if done.returncode:
                code = done.returncode
                break
        outputs = {name: evaluated(entry["value"], contexts) for name, entry in ACTION["outputs"].items()}
        return Ran(code, log, outputs, summary.read_text(), steps)

    def _step(self, step: Mapping[str, Any], env: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
        assert step["shell"] == "bash"
        script = self.temp / "step.sh"
        script.write_text(step["run"])
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        return subprocess.run(
            command, cwd=self.workspace, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120
        )


def evaluated(text: str, contexts: Mapping[str, str]) -> str:
    """A value with its `${{ a || b }}` filled in; what a context does not have is empty."""

    def one(match: re.Match[str]) -> str:
        for name in match[1].split("||"):
            assert re.fullmatch(r"\s*[\w.-]+\s*", name), f"this runner does not know the expression {match[0]}"
            if contexts.get(name.strip()):
                return contexts[name.strip()]
        return ""

    return re.sub(r"\$\{\{(.*?)\}\}", one, text)


def git(folder: Path, *arguments: str) -> str:
    """Runs git in a folder with a configuration of its own; returns what it prints."""
    env = {
        "PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
        "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com",
    }  # fmt: skip
    done = subprocess.run(["git", *arguments], cwd=folder, env=env, check=True, capture_output=True)
    return done.stdout.decode().strip()
