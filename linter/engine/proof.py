"""Rules prove themselves: their examples are scanned as any tree, and what is marked must be reported exactly there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping

from linter.config import Settings, load
from linter.engine.scan import Request, Scan, scan
from linter.files import write_atomic
from linter.rules.examples import Example, Mark, examples_of
from linter.rules.pack import Pack
from linter.scope import Scope

AS_OF = "2026-01-15"
"""The day examples are judged on, so that their dates do not age."""


def scan_files(files: Mapping[str, str], pack: Pack, id: str, *, full: bool = True) -> Scan:
    """Files (path → text) in a folder of their own, judged by one rule; an `opslint.yaml` among them is the policy."""
    with tempfile.TemporaryDirectory(prefix="opslint-example-") as folder:
        for path, text in files.items():
            target = os.path.join(folder, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            write_atomic(target, text)
        settings: Settings = load(folder)
        request = Request(
            root=folder, name="example", scope=Scope(), settings=settings, as_of=AS_OF, full=full, only_rules=(id,)
        )
        return scan(request, pack, lambda _: None, {})


def prove(pack: Pack, id: str, change: Callable[[Example], Example] = lambda example: example) -> list[str]:
    """What is wrong with a rule's examples, each a sentence; [] where the rule proves itself.

    change: makes a variant of each example that must give the same answer.
    """
    bad, good = examples_of(pack.rule(id), pack.examples(id))
    complaints = []
    for number, example in enumerate(map(change, bad), 1):
        complaints += [f"bad example {number}: {text}" for text in _disprove_bad(pack, id, example)]
    for number, example in enumerate(map(change, good), 1):
        complaints += [f"good example {number}: {text}" for text in _disprove_good(pack, id, example)]
    return complaints


def _failures(scanned: Scan) -> list[str]:
    return [
        f"{failure.place.path}:{failure.place.start_line}: {failure.message}" for failure in scanned.report.failures
    ]


def _disprove_bad(pack: Pack, id: str, example: Example) -> list[str]:
    scanned = scan_files(example.files, pack, id)
    failed = [finding.place for finding in scanned.report.findings if finding.outcome == "fail"]
    got = sorted({Mark(p.path, p.start_line, p.start_column, p.end_column) for p in failed})
    complaints = _failures(scanned)
    if not example.marks:
        complaints.append("no line of ^ marks what must be reported")
    if got != list(dict.fromkeys(example.marks)):
        complaints.append(f"marked {_shown(example.marks)}, but reported {_shown(tuple(got))}{_others(scanned)}")
    return complaints


def _disprove_good(pack: Pack, id: str, example: Example) -> list[str]:
    scanned = scan_files(example.files, pack, id)
    complaints = _failures(scanned)
    if example.marks:
        complaints.append("a good example has marks")
    reported = [finding for finding in scanned.report.findings if finding.outcome == "fail"]
    complaints += [
        f"reported {f.place.path}:{f.place.start_line}:{f.place.start_column}: {f.message}" for f in reported
    ]
    if not any(judgement.outcome == "pass" for judgement in scanned.judgements):
        complaints.append(f"no judgement passed on it{_others(scanned)}")
    return complaints


def _others(scanned: Scan) -> str:
    unknown = [j.message for j in scanned.judgements if j.outcome == "unknown"]
    kinds = ", ".join(sorted(scanned.estate.kinds)) or "none"
    return f"; unknown: {unknown}" if unknown else f"; kinds there: {kinds}"


def _shown(marks: tuple[Mark, ...]) -> str:
    return ", ".join(f"{m.path}:{m.line}:{m.start}-{m.end}" for m in marks) or "nothing"
