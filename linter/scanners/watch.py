"""The launcher's own program: copies the tree, runs each scanner on the copy under limits, and writes what it answered.

A scanner gets regular files below the root only, without links and without files that could configure it, an empty
folder as its home, an environment without anything of the user's, and no network where the system lets a user take it
away. When its line is closed it kills what runs and ends.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from tempfile import TemporaryFile
from typing import IO, Any

from linter.confined import limit, without_network
from linter.files import Tree, Unreadable, write_atomic

FILE_CAP = 10 << 20
COPY_CAP = 512 << 20
SCRIPT_CAP = 1 << 20
SHEBANG = "#!"
"""Among a job's suffixes: files without one that begin so."""
OUTPUT = 256 << 20
_SKIPPED = frozenset(
    (".git", "node_modules", ".terraform", ".terragrunt-cache", "__pycache__", ".venv", "venv", ".tox")
)


def main(folder: str) -> None:
    """Reads jobs from standard input, one JSON object a line, until it is closed."""
    running: dict[str, _Run] = {}
    seen: set[str] = set()
    line = _Line()
    while line.open(0.02 if running or line.unread else None):
        for job in line.jobs():
            if job["name"] not in seen:
                seen.add(job["name"])
                running[job["name"]] = _Run(folder, job, lambda: line.open(0.0))
        for name, run in list(running.items()):
            if run.ended():
                del running[name]
    for run in running.values():
        run.kill()
    # Whoever asked for it may have been killed and cannot take it away.
    shutil.rmtree(folder, ignore_errors=True)


class _Line:
    """Standard input, not through a buffered reader: `select` knows nothing of a second job that one has read already."""

    def __init__(self) -> None:
        self.unread = b""
        self.closed = False

    def open(self, seconds: float | None) -> bool:
        """Takes in what comes within so many seconds, without end where they are None; False once it was closed."""
        while not self.closed and select.select([0], [], [], seconds)[0]:
            data = os.read(0, 1 << 16)
            self.closed = not data
            self.unread += data
            seconds = 0.0
        return not self.closed

    def jobs(self) -> list[dict[str, Any]]:
        *lines, self.unread = self.unread.split(b"\n")
        return [json.loads(line) for line in lines if line]


class _Run:
    """One program on its copy of the tree. wanted: whether anybody still waits for it."""

    def __init__(self, folder: str, job: Mapping[str, Any], wanted: Callable[[], bool] = lambda: True) -> None:
        self.folder, self.job = folder, job
        self.begun = time.monotonic()
        self.left_out: list[str] = []
        self.out: IO[bytes] = TemporaryFile()  # noqa: SIM115 — lives as long as the run
        self.told: IO[bytes] = TemporaryFile()  # noqa: SIM115 — lives as long as the run
        self.process: subprocess.Popen[bytes] | None = None
        tree, own = (os.path.join(folder, f"{job['name']}-{what}") for what in ("tree", "own"))
        os.makedirs(own, exist_ok=True)
        try:
            number, self.left_out = copied(job, tree, wanted)
            if not wanted():
                return
            if job["if_any"] and not number:
                self._answer(0, "", started=False)
                return
            for path, text in job["added"].items():
                write_atomic(os.path.join(tree, path), text, durable=False)
            self._start(tree, own)
        except (OSError, Unreadable) as error:
            self._answer(-1, f"it could not be started: {error}")

    def _start(self, tree: str, own: str) -> None:
        command = [word.replace("{tree}", tree).replace("{own}", own) for word in self.job["command"]]
        environment = {
            name: text.replace("{tree}", tree).replace("{own}", own) for name, text in self.job["environment"].items()
        }
        self.process = subprocess.Popen(
            [*without_network(own), *command], stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.told, cwd=own,
            env={"HOME": own, "TMPDIR": own, "PATH": os.defpath, "LC_ALL": "C.UTF-8", **environment},
            start_new_session=True, preexec_fn=lambda: _limited(int(self.job["memory"])),
        )  # fmt: skip

    def ended(self) -> bool:
        """Whether it is over; writes its answer when it is."""
        if self.process is None:
            return True
        code = self.process.poll()
        if code is None and time.monotonic() - self.begun < self.job["seconds"]:
            return False
        if code is None:
            self.kill()
            self._answer(-1, f"it took longer than {self.job['seconds']:g} seconds")
            return True
        self._answer(code, "")
        return True

    def kill(self) -> None:
        """Ends it with all that it started."""
        if self.process is not None and self.process.poll() is None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except OSError:
                self.process.kill()
            self.process.wait()

    def _answer(self, code: int, problem: str, started: bool = True) -> None:
        self.told.seek(0)
        said = self.told.read(20_000).decode("utf-8", "replace").strip().splitlines()
        if code < 0 and not problem:
            problem = f"it was ended by signal {-code}"
        self.out.seek(0)
        output = self.out.read(OUTPUT)
        name = self.job["name"]
        if not problem:
            write_atomic(os.path.join(self.folder, f"{name}.out"), output)
        answer = {
            "code": code, "problem": problem, "seconds": round(time.monotonic() - self.begun, 3), "said": said[-3:],
            "written": not problem, "left_out": self.left_out, "started": started,
        }  # fmt: skip
        write_atomic(os.path.join(self.folder, f"{name}.json"), json.dumps(answer))


def copied(job: Mapping[str, Any], target: str, wanted: Callable[[], bool] = lambda: True) -> tuple[int, list[str]]:
    """Copies the files a job wants below `target`, as long as it is wanted; returns their number, and the paths that were
    too large or could not be read."""
    left_out: list[str] = []
    total = number = 0
    apart = _SKIPPED.union(job["apart"])
    os.makedirs(target, exist_ok=True)
    with Tree(job["root"]) as tree:
        for listing in tree.walk(lambda path: path.rpartition("/")[2] not in apart):
            folder = os.path.join(target, listing.path)
            made = False
            if not wanted():
                break
            for name in listing.files:
                script = SHEBANG in job["suffixes"] and "." not in name
                if not script and not _wanted(job, name):
                    continue
                path = f"{listing.path}/{name}" if listing.path else name
                try:
                    data = tree.read(path, SCRIPT_CAP if script else FILE_CAP)
                except Unreadable:
                    if not script:
                        left_out.append(path)
                    continue
                if script and not data.startswith(b"#!"):
                    continue
                total += len(data)
                if total > COPY_CAP:
                    left_out.append(path)
                    continue
                if not made:
                    os.makedirs(folder, exist_ok=True)
                    made = True
                write_atomic(os.path.join(folder, name), data, durable=False)
                number += 1
                if script:
                    # Only of a file that may be run does a scanner read the first line for its language.
                    os.chmod(os.path.join(folder, name), 0o700)
    return number, left_out


def _wanted(job: Mapping[str, Any], name: str) -> bool:
    low = name.lower()
    if any(fnmatchcase(low, pattern) for pattern in job["apart"] if "*" in pattern):
        return False
    if low in job["without"] or any(low.startswith(start) for start in job["without"] if start.endswith(".")):
        return False
    if not job["suffixes"] and not job["names"]:
        return True
    return low.endswith(tuple(job["suffixes"])) or any(low.startswith(start) for start in job["names"])


def _limited(memory: int) -> None:
    import resource

    limit({resource.RLIMIT_CORE: 0, resource.RLIMIT_FSIZE: OUTPUT, **({resource.RLIMIT_AS: memory} if memory else {})})
