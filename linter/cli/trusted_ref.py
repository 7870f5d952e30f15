"""`--trusted-ref`: the policy of a commit, laid out in a folder as `--policy` takes it. The only place that starts git.

The repository is not trusted: git gets its folder by `--git-dir`, no configuration of system or user, no protocol, no
lazy fetch, and is only asked for trees and blobs, which run no hook, filter, pager or monitor.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

import click

from linter.discovery.formats import is_dockerfile

SUFFIXES = (".yaml", ".yml", ".tf", ".tofu", ".tfvars", ".json", ".md")
LARGEST = 1024 * 1024
LARGEST_BASELINE = 32 * LARGEST
"""Of JSON files with `baseline` in their name: a line for each known fault adds up."""
ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C",
}


@contextmanager
def policy_of(root: str, ref: str) -> Iterator[str]:
    """A temporary folder with the artifacts of a commit. Raises ClickException where git or the commit is not there."""
    with TemporaryDirectory(prefix="opslint-policy-") as folder:
        for path, blob in _blobs(root, ref):
            target = os.path.join(folder, path)
            if os.path.commonpath([folder, os.path.normpath(target)]) != folder:
                continue
            os.makedirs(os.path.dirname(target), exist_ok=True)
            from linter.files import write_atomic

            write_atomic(target, _git(root, "cat-file", "blob", blob))
        yield folder


def _blobs(root: str, ref: str) -> Iterator[tuple[str, str]]:
    if ref.startswith("-"):
        raise click.UsageError(f"--trusted-ref takes a commit, not {ref!r}")
    listed = _git(root, "ls-tree", "-r", "-z", "-l", "--full-tree", f"{ref}^{{commit}}")
    for entry in listed.split(b"\0"):
        head, separator, name = entry.partition(b"\t")
        fields = head.split()
        path = os.fsdecode(name)
        regular = separator and fields[1] == b"blob" and fields[0] in (b"100644", b"100755")
        known = path.endswith(SUFFIXES) or is_dockerfile(path.rpartition("/")[2])
        if regular and known and fields[3].isdigit() and int(fields[3]) <= _largest(path):
            yield path, fields[2].decode()


def _largest(path: str) -> int:
    name = path.rpartition("/")[2]
    return LARGEST_BASELINE if "baseline" in name and name.endswith(".json") else LARGEST


def _git(root: str, *arguments: str) -> bytes:
    command = [
        "git",
        f"--git-dir={os.path.join(root, '.git')}",
        "-c",
        "core.fsmonitor=",
        "-c",
        "core.hooksPath=" + os.devnull,
    ]
    environment = {"PATH": os.environ.get("PATH", os.defpath), **ENVIRONMENT}
    try:
        done = subprocess.run(
            [*command, *arguments], env=environment, cwd="/", capture_output=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise click.ClickException(f"--trusted-ref needs git: {error}") from error
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise click.UsageError(f"--trusted-ref: git could not read it ({reason}); fetch the commit first")
    return done.stdout
