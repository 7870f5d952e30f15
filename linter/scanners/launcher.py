"""Starts outside scanners beside a scan, from a process of its own that is under none of the scan's limits.

The scan runs supervised, in a child with a tight limit of memory that what it starts would inherit. So the command line
starts a launcher first; the child sends it what to run, one JSON line a job, and finds the answers in a folder.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

from linter.files import Tree, Unreadable, write_atomic
from linter.records import NamedTuple

_BOOT = "import sys; sys.path[:] = sys.argv[2:]; from linter.scanners.watch import main; main(sys.argv[1])"
OUTPUT_CAP = 256 << 20
_TICK, _TELL = 0.01, 0.5


class Job(NamedTuple):
    """One program to run on a copy of the tree. command: words; `{tree}` and `{own}` in them stand for the folder of the
    copy and for an empty folder of the program's own. suffixes, names: of the files that are copied (all where both are
    empty; a suffix of `#!` is a script without one). without: names that never are. added: files that are put beside
    them, by path. apart: names of folders and patterns of names of files that are not copied. if_any: it is started only
    where a file was copied. seconds: of elapsed time. memory: bytes of address space, 0 for no limit."""

    name: str
    root: str
    command: list[str]
    environment: dict[str, str]
    seconds: float
    memory: int
    suffixes: list[str] = []
    names: list[str] = []
    without: list[str] = []
    added: dict[str, str] = {}
    apart: list[str] = []
    if_any: bool = False


class Answer(NamedTuple):
    """What a job gave. output: its standard output; problem: why there is none, in words, else ''. code: its exit code.
    seconds: of elapsed time. left_out: files that were too large to be copied. said: the end of its standard error.
    started: False where there was no file for it."""

    output: bytes
    problem: str
    code: int
    seconds: float
    left_out: tuple[str, ...] = ()
    said: str = ""
    started: bool = True


class Launcher:
    """The scan's end of the line to the launcher."""

    __slots__ = ("_folder", "_process")

    def __init__(self, folder: str, process: subprocess.Popen[bytes]) -> None:
        self._folder = folder
        self._process = process

    def start(self, job: Job) -> None:
        """Has a job run. The same job twice is run once. Raises OSError where the launcher is gone."""
        stdin = self._process.stdin
        assert stdin is not None
        stdin.write(json.dumps(job._asdict()).encode() + b"\n")
        stdin.flush()

    def keep(self, texts: Mapping[str, str]) -> list[str]:
        """Files for the scanners, kept as long as the launcher: their absolute paths."""
        kept = []
        for name, text in texts.items():
            path = os.path.join(self._folder, "kept", name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            write_atomic(path, text, durable=False)
            kept.append(path)
        return kept

    def answer(self, name: str, seconds: float, waiting: Callable[[float], None] = lambda _: None) -> Answer:
        """Waits for a job, at most so long. waiting: called about twice a second with the seconds since the call."""
        begun = told_at = time.monotonic()
        path = os.path.join(self._folder, f"{name}.json")
        while not os.path.exists(path):
            now = time.monotonic()
            if now - begun > seconds:
                return Answer(b"", "it gave no answer in time", -1, seconds)
            if now - told_at >= _TELL:
                told_at = now
                waiting(now - begun)
                if not self._there() and not os.path.exists(path):
                    return Answer(b"", "the process that watches over it has ended", -1, now - begun)
            time.sleep(_TICK)
        return self._read(name)

    def _there(self) -> bool:
        """Whether the launcher still reads its line; an empty one asks for nothing."""
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(b"\n")
            stdin.flush()
        except OSError:
            return False
        return True

    def _read(self, name: str) -> Answer:
        try:
            with Tree(self._folder) as tree:
                told = json.loads(tree.read(f"{name}.json"))
                output = tree.read(f"{name}.out", OUTPUT_CAP) if told["written"] else b""
        except (Unreadable, ValueError) as error:
            return Answer(b"", f"its answer could not be read: {error}", -1, 0.0)
        said, left_out = " ".join(told["said"])[:300], tuple(told["left_out"])
        return Answer(output, told["problem"], told["code"], told["seconds"], left_out, said, told["started"])


@contextmanager
def launcher() -> Iterator[Launcher]:
    """A launcher for as long as the block lasts; what still runs at its end is killed."""
    with TemporaryDirectory(prefix="opslint-scanners-") as folder:
        command = [sys.executable, "-I", "-c", _BOOT, folder, *(os.path.abspath(path) for path in sys.path)]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )  # fmt: skip
        try:
            yield Launcher(folder, process)
        finally:
            _end(process)


def _end(process: subprocess.Popen[Any]) -> None:
    """Closing the line tells the launcher to kill what runs and to go."""
    try:
        if process.stdin is not None:
            process.stdin.close()
        process.wait(10)
    except (OSError, subprocess.TimeoutExpired):
        process.kill()
        process.wait()
