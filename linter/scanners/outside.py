"""What other tools bring to one scan: scanners that run beside it, and logs it is given."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from linter import scanners
from linter.files import Tree, Unreadable
from linter.model import Estate, Failure, Finding, Place, Severity, Source
from linter.policy.ids import meant, rule_id
from linter.records import NamedTuple
from linter.report import ScannerResult
from linter.rules.pack import Pack
from linter.scanners.combine import Combined, Known, combine
from linter.scanners.folders import rooted
from linter.scanners.foreign import Read
from linter.scanners.languages import judged
from linter.scanners.launcher import Answer, Job, Launcher
from linter.text import decode

NOTHING = "not started, as the tree holds no file that its rules judge"
FILE_CAP, FILES_CAP = 2 << 20, 128 << 20
LOG_CAP = 64 << 20


class Asked(NamedTuple):
    """A scanner that was started. source: where its program comes from."""

    name: str
    source: str
    seconds: float


class Outside:
    """The other tools of a scan. logs: paths of SARIF logs, as given. settings: the policy; folder: where it is kept, and
    what its paths are relative to. texts: files of rules that opslint brings along for a scanner, by path."""

    def __init__(
        self,
        names: Sequence[str],
        logs: Sequence[str],
        line: Launcher | None,
        root: str,
        settings: Mapping[str, Any],
        folder: str = "",
        texts: Mapping[str, str] = {},
    ) -> None:
        self.root = root
        self.folder = folder or root
        self.texts = texts
        self.logs = tuple(logs)
        self.line = line
        self.started: list[Asked] = []
        self.reads: list[tuple[Read, str]] = []
        self.failures: list[Failure] = []
        for name in names:
            self._start(name, settings)

    def _start(self, name: str, settings: Mapping[str, Any]) -> None:
        program = scanners.found(name, settings, self.root)
        if not program.path or self.line is None:
            given = "the program that opslint.yaml names is not there" if program.source else "it is not installed"
            remedy = f"Run `opslint scanners install {name}`, or put {name} on PATH outside of the scanned tree."
            self._failed(name, given, remedy)
            return
        own = dict((settings.get("scanners") or {}).get(name, {}))
        if name == "semgrep":
            more = [os.path.join(self.folder, path) for path in own.get("rules", ())]
            own["endings"] = judged(self.texts.values(), more)
            own["rules"] = [*self.line.keep(_joined(self.texts)), *more]
        job: Job = scanners.adapter(name).job(program.path, self.root, own)
        try:
            self.line.start(job)
        except OSError as error:
            self._failed(name, f"it could not be started: {error}")
            return
        self.started.append(Asked(name, program.source, job.seconds))

    def _failed(self, name: str, why: str, remedy: str = "") -> None:
        remedy = remedy or f"Look at it with `opslint scanners list`, or scan without --with {name}."
        self.failures.append(Failure("scanner-failed", _NOWHERE, f"{name} gave no findings: {why}", remedy))

    def wait(self, progress: Callable[[str], None]) -> None:
        """Waits for every scanner and reads every log. Fills `reads`, answers with where each comes from, and `failures`."""
        progress("scanners")
        begun = time.monotonic()
        for number, asked in enumerate(self.started):
            assert self.line is not None
            names = " and ".join(each.name for each in self.started[number:])

            def waiting(_: float, names: str = names) -> None:
                progress(f"scanners\0waiting for {names}, {time.monotonic() - begun:.0f} s")

            answer = self.line.answer(asked.name, asked.seconds + 30, waiting)
            self.reads.append((self._answered(asked, answer), asked.source))
        for path in self.logs:
            self.reads += [(read, path) for read in self._log(path)]

    def _answered(self, asked: Asked, answer: Answer) -> Read:
        """What a scanner found, with what is wrong with its answer among the failures."""
        adapter = scanners.adapter(asked.name)
        if not answer.started:
            self._unread(Read(asked.name, ""), answer.left_out)
            return Read(asked.name, "", note=NOTHING)
        if answer.problem:
            read = Read(asked.name, "", problem=answer.problem)
        else:
            read = adapter.read(answer.output)
        if not read.problem and read.version and read.version.partition(".")[0] != adapter.READS:
            problem = f"it is version {read.version}, and version {adapter.READS} is read"
            read = Read(asked.name, read.version, problem=problem)
        elif not read.problem and answer.code not in getattr(adapter, "CODES", (0, 1)):
            read = read._replace(problem=f"it ended with exit code {answer.code}, so that something may be missing")
        if read.problem:
            said = f"; it said: {answer.said}" if answer.said else ""
            self._failed(asked.name, f"{read.problem}{said}", self._remedy(asked, read))
        self._unread(read, answer.left_out)
        return read

    def _remedy(self, asked: Asked, read: Read) -> str:
        if read.problem.startswith("it took longer"):
            return f"Give it more with `scanners.{asked.name}.seconds` in opslint.yaml, or scan fewer files."
        if read.problem.startswith("it is version"):
            return f"Install the one that opslint is tested with: opslint scanners install {asked.name}."
        return ""

    def _unread(self, read: Read, left_out: Iterable[str]) -> None:
        paths = [*read.unread, *((path, "it is too large to be given to the scanner") for path in left_out)]
        for path, why in sorted(set(paths)):
            remedy = "What it would have found there is missing; correct the file, or scan without it."
            self.failures.append(
                Failure(
                    "scanner-incomplete", Place(path, 1, 1, 1, 1), f"{read.tool} did not judge this file: {why}", remedy
                )
            )

    def _log(self, path: str) -> list[Read]:
        from linter.scanners import sarif_log

        folder, name = os.path.split(os.path.abspath(path))
        try:
            with Tree(folder) as tree:
                found = sarif_log.read(tree.read(name, LOG_CAP), self.root)
        except (Unreadable, ValueError) as error:
            why = error.reason if isinstance(error, Unreadable) else str(error)
            message = f"the log {name} could not be merged: {why}"
            large = isinstance(error, Unreadable) and error.too_large
            remedy = "Merge it in parts, or have the tool report less." if large else "Give a SARIF 2.1.0 log."
            self.failures.append(Failure("log-unread", _NOWHERE, message, remedy))
            return []
        for read in found:
            if read.problem:
                self._failed(read.tool, read.problem, "Run the tool again and merge its new log.")
        return found


def _joined(texts: Mapping[str, str]) -> dict[str, str]:
    """Semgrep's files of rules as one: it takes seconds to start with many."""
    bodies = [text.partition("rules:\n")[2] for text in texts.values()]
    return {"semgrep/rules.yaml": "rules:\n" + "".join(bodies)} if bodies else {}


_NOWHERE = Place("", 1, 1, 1, 1)


def merge(
    reads: Sequence[tuple[Read, str]],
    findings: Iterable[Finding],
    estate: Estate,
    pack: Pack,
    root: str,
    severities: Mapping[str, Severity],
    only: Sequence[str] = (),
) -> tuple[Combined, tuple[ScannerResult, ...]]:
    """Everything found together, and what became of each tool's findings. root: of files the estate does not hold.

    only: the rules that `--rule` asks for, of ours or of the tools; all where there are none.
    """
    if only:
        reads = [(_asked_for(read, pack, only), source) for read, source in reads]
    known = {read.tool: _known(read.tool, pack, severities) for read, _ in reads}
    load = _loader(estate, root)
    paths = [source.path for source in estate.sources]
    reads = [(rooted(read, paths, lambda path: load(path) is not None), source) for read, source in reads]
    combined = combine(findings, [read for read, _ in reads], estate, known, load)
    results = []
    for index, (read, source) in enumerate(reads):
        rows = [row for row in combined.accounts if row.read == index]
        results.append(
            ScannerResult(
                read.tool, read.version, source, len(read.findings), sum(row.merged for row in rows),
                sum(row.kept for row in rows), sum(row.repeated for row in rows), sum(row.elsewhere for row in rows), _note(read),
                sum(found.suppressed is not None for found in read.findings),
            )
        )  # fmt: skip
    return combined, tuple(results)


def _asked_for(read: Read, pack: Pack, rules: Sequence[str]) -> Read:
    """An answer without the checks that neither are among the rules nor the same as one of them."""
    asked, claims = frozenset(map(meant, rules)), pack.claims(read.tool)
    checks = {found.id for found in read.findings}
    wanted = {id for id in checks if rule_id(read.tool, id) in asked or asked.intersection(claims.get(id, ()))}
    return read._replace(findings=tuple(found for found in read.findings if found.id in wanted))


def _note(read: Read) -> str:
    return read.note or (f"gave no findings: {read.problem}" if read.problem else "")


def _known(tool: str, pack: Pack, severities: Mapping[str, Severity]) -> Known:
    mapping = pack.scanner(tool)
    like = {check: rule for rule, checks in mapping.get("like", {}).items() for check in checks}
    return Known(pack.claims(tool), like, severities, frozenset(mapping.get("same", ())))


def _loader(estate: Estate, root: str) -> Callable[[str], Source | None]:
    """Texts of files that are no artifacts, such as programs, so that findings in them have a place."""
    left = FILES_CAP
    loaded: dict[str, Source | None] = {}

    def load(path: str) -> Source | None:
        nonlocal left
        if path in loaded:
            return loaded[path]
        try:
            with Tree(root) as tree:
                data = tree.read(path, min(FILE_CAP, left))
        except Unreadable:
            loaded[path] = None
            return None
        left -= len(data)
        source = loaded[path] = Source(len(estate.sources), path, decode(data)[0])
        estate.sources.append(source)
        return source

    return load
