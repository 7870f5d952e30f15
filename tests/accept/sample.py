"""A sample of findings on real repositories for reading by hand: `python -m tests.accept.sample [--documents] [TREE]`.

--documents: of the rules for documents and for what crosses artifacts, those that only the checklist asks for among
them, in a sample of their own. Findings are drawn by a fixed seed, rule by rule in turn, so that every rule is in the
sample while there is room. What a person found on reading them stands in triage.csv; places there are file:line:column.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from linter.config import load
from linter.engine import Request, Scan, scan
from linter.model import Finding
from linter.rules import open_pack
from linter.scope import Scope

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"
TRIAGE = Path(__file__).with_name("triage.csv")
SEED = "2026-01-15"
SIZE = 30
DOCUMENTS = ("documents/", "cross/")
SIZES = {"microservices-demo": 50, "kube-prometheus": 50, "flux2-kustomize-helm-example": 50}


class Read(NamedTuple):
    """A finding that a person has read: true, false (with the reason why it stays) or mended."""

    tree: str
    rule: str
    place: str
    verdict: str
    reason: str


def trees() -> list[str]:
    return sorted(path.name for path in CORPORA.iterdir() if path.is_dir())


def scanned(tree: str) -> Scan:
    """A scan of one tree under the built-in policy, without passes."""
    root = str(CORPORA / tree)
    request = Request(root, tree, Scope(), load(root), SEED, allow_empty=True)
    return scan(request, open_pack(), lambda _: None, {})


def documents(tree: str) -> Scan:
    """A scan of one tree by the rules for documents and across artifacts, and what the checklist asks of them."""
    pack = open_pack()
    rules = tuple(id for id in pack.ids if pack.source(id).startswith(DOCUMENTS) or "runbook" in id)
    root = str(CORPORA / tree)
    request = Request(root, tree, Scope(), load(root), SEED, ("qa-checklist",), allow_empty=True, only_rules=rules)
    return scan(request, pack, lambda _: None, {})


def live(scan: Scan) -> list[Finding]:
    return [finding for finding in scan.report.findings if finding.outcome == "fail" and finding.waiver is None]


def where(finding: Finding) -> str:
    return f"{finding.place.path}:{finding.place.start_line}:{finding.place.start_column}"


def sampled(tree: str, findings: list[Finding], size: int = 0) -> list[Finding]:
    """Up to `size` findings, by default as many as are read of the tree, in the order of rule and place.

    The same for the same findings.
    """
    size = size or SIZES.get(tree, SIZE)
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    queues = [
        sorted(by_rule[rule], key=lambda each: _rank(tree, rule, where(each), each.subject))
        for rule in sorted(by_rule, key=lambda rule: _rank(tree, rule))
    ]
    drawn: list[Finding] = []
    while queues and len(drawn) < size:
        drawn += [queue.pop(0) for queue in queues[: size - len(drawn)]]
        queues = [queue for queue in queues if queue]
    return sorted(drawn, key=lambda finding: (finding.rule, finding.place, finding.subject))


def _rank(*parts: str) -> bytes:
    return sha256("\0".join((SEED, *parts)).encode()).digest()


def triage() -> Iterator[Read]:
    with TRIAGE.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for row in rows:
            yield Read(*row)


def main(arguments: list[str]) -> int:
    known = {(read.tree, read.rule, read.place): read for read in triage()}
    of_documents = arguments[:1] == ["--documents"]
    for tree in arguments[int(of_documents) :] or trees():
        done = documents(tree) if of_documents else scanned(tree)
        for finding in sampled(tree, live(done), SIZE if of_documents else 0):
            read = known.get((tree, finding.rule, where(finding)))
            source = done.report.sources(finding.place.path)
            line = source.line(finding.place.start_line).strip() if source else ""
            print(f"{tree} {finding.rule} ({finding.severity.word}) [{read.verdict if read else 'unread'}]")
            print(f"  {where(finding)}  {finding.message}\n  | {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
