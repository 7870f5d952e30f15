"""`--trusted-ref`: the policy of a commit decides, whatever the work tree or the repository's own settings say."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from linter.cli.main import cli
from linter.cli.trusted_ref import policy_of
from tests.support import write

OPEN = """resource "aws_security_group" "web" {
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = write(tmp_path / "repo", {"main.tf": OPEN, "opslint.yaml": "version: 1\ngate: {fail-on: low}\n"})
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "base")
    return root


def scan(root: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["scan", "--root", str(root), str(root), *arguments])
    return done.exit_code, done.output


def test_the_commits_policy_decides(repository: Path) -> None:
    write(repository, {"opslint.yaml": "version: 1\nrules: {disable: [sg-no-world-ssh]}\ngate: {fail-on: critical}\n"})
    with policy_of(str(repository), "main") as folder:
        assert "fail-on: low" in (Path(folder) / "opslint.yaml").read_text()
        assert (Path(folder) / "main.tf").read_text() == OPEN
    assert not Path(folder).exists()


def test_filters_hooks_and_monitors_of_the_repository_do_not_run(repository: Path, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    for key in ("core.fsmonitor", "filter.evil.smudge", "core.pager", "core.sshCommand", "tar.tar.command"):
        git(repository, "config", key, f"touch {marker}")
    write(repository, {".git/info/attributes": "* filter=evil\n"})
    with policy_of(str(repository), "main") as folder:
        assert (Path(folder) / "opslint.yaml").exists()
    assert not marker.exists()


@pytest.mark.parametrize("ref", ["--upload-pack=touch x", "nowhere", "main:opslint.yaml"])
def test_what_is_no_commit_is_a_usage_error(repository: Path, ref: str) -> None:
    code, output = scan(repository, "--trusted-ref", ref)
    assert code == 2
    assert "--trusted-ref" in output


def test_it_does_not_go_with_a_policy_folder(repository: Path, tmp_path: Path) -> None:
    assert scan(repository, "--trusted-ref", "main", "--policy", str(tmp_path))[0] == 2
