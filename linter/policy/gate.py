"""The gate: findings, frameworks and failures become a verdict and an exit code (DESIGN §7).

Exit codes, the higher line wins: 2 could not do the job; 3 incomplete; 1 the gate failed; 0 passed. Execution and gate
are answered separately: an incomplete scan still says whether what was seen passes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from linter.config import Settings
from linter.globs import path_matches
from linter.model import FAIL, UNKNOWN, Failure, Finding, Severity, Verdict
from linter.report import Counts, FrameworkResult

COMPLETE, INCOMPLETE = "complete", "incomplete"
PASSED, FAILED, NOT_EVALUATED = "passed", "failed", "not-evaluated"


def decide(
    findings: Sequence[Finding],
    failures: Sequence[Failure],
    settings: Settings,
    frameworks: Sequence[FrameworkResult],
    counts: Counts,
    allow_empty: bool,
    as_of: str,
    errors: Sequence[str] = (),
    elsewhere: Sequence[Failure] = (),
    compared: bool = False,
) -> Verdict:
    """The verdict of a scan, with a reason, one sentence each, for everything that decided it.

    counts: only the accounts of artifacts are read. allow_empty: nothing recognised is no failure (asked for, or the
    user named the paths). as_of: ISO date. errors: why the job could not be done; then the gate is not evaluated.
    elsewhere: failures outside the reported paths, which the accounts count and nobody is told of. compared: there is a
    baseline; what stands in it fails no gate of findings, and still keeps controls from being met. Reasons that begin
    with 'Allowed:' name what an `allow-incomplete` entry covered.
    """
    if errors:
        return Verdict(INCOMPLETE, NOT_EVALUATED, 2, tuple(errors))
    gate: Mapping[str, Any] = settings.data.get("gate", {})
    open_failures, allowed = split_failures(failures, settings, as_of)
    accounts = _accounts(counts, (*failures, *elsewhere))
    incomplete = [*_failures(open_failures), *accounts, *_emptiness(counts, allow_empty)]
    what = "new finding" if compared else "finding"
    failed = [*_findings(findings, gate, what), *_unknowns(findings, gate, what), *_frameworks(frameworks, gate)]
    return Verdict(
        INCOMPLETE if incomplete else COMPLETE,
        FAILED if failed else PASSED,
        3 if incomplete else 1 if failed else 0,
        (*incomplete, *failed, *allowed),
    )


def _threshold(gate: Mapping[str, Any]) -> Severity:
    return Severity[str(gate.get("fail-on", "high")).upper()]


def split_failures(failures: Sequence[Failure], settings: Settings, as_of: str) -> tuple[list[Failure], list[str]]:
    """Failures that make the scan incomplete, and a sentence for each that an `allow-incomplete` entry covers."""
    entries = [entry for entry in settings.data.get("allow-incomplete", ()) if "problem" not in entry]
    kept: list[Failure] = []
    allowed: list[str] = []
    for failure in failures:
        entry = next((entry for entry in entries if _allows(entry, failure, as_of)), None)
        if entry is None:
            kept.append(failure)
        else:
            allowed.append(
                f"Allowed: {failure.id} in {failure.place.path} until {entry['expires']} by {entry['source']}: "
                f"{entry['reason'].rstrip('.')}."
            )
    return kept, list(dict.fromkeys(allowed))


def _allows(entry: Mapping[str, Any], failure: Failure, as_of: str) -> bool:
    """A failure without a path (a crashed rule, the accounts) belongs to no glob and cannot be allowed."""
    return bool(
        failure.place.path
        and entry["id"] == failure.id
        and as_of <= entry["expires"]
        and path_matches(entry["path"], failure.place.path)
    )


def _failures(failures: Sequence[Failure]) -> Iterator[str]:
    by_id = Counter(failure.id for failure in failures)
    for id in sorted(by_id):
        paths = sorted({failure.place.path for failure in failures if failure.id == id and failure.place.path})
        shown = ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
        yield f"Incomplete: {by_id[id]} × {id}{f' ({shown})' if shown else ''}."


def _accounts(counts: Counts, failures: Sequence[Failure]) -> Iterator[str]:
    """The accounts must add up, and every failed artifact must have said why (allowed or not)."""
    found = counts.artifacts_found
    total = counts.artifacts_analysed + counts.artifacts_skipped + counts.artifacts_failed
    if found != total or min(counts.artifacts_analysed, counts.artifacts_skipped, counts.artifacts_failed) < 0:
        yield (
            f"Incomplete: {found} artifacts were found, but {counts.artifacts_analysed} analysed, "
            f"{counts.artifacts_skipped} skipped and {counts.artifacts_failed} failed make {total}."
        )
    explained = len({failure.place.path for failure in failures if failure.place.path})
    if counts.artifacts_failed > explained:
        yield f"Incomplete: {counts.artifacts_failed} artifacts failed and only {explained} say why."


def _emptiness(counts: Counts, allow_empty: bool) -> Iterator[str]:
    if not counts.artifacts_found and not allow_empty:
        yield "Incomplete: nothing was recognised; pass --allow-empty if that is expected."


def _findings(findings: Sequence[Finding], gate: Mapping[str, Any], what: str) -> Iterator[str]:
    yield from _over(findings, gate, FAIL, what, "at or above")


def _unknowns(findings: Sequence[Finding], gate: Mapping[str, Any], what: str) -> Iterator[str]:
    """With `unknown: fail` what cannot be judged counts like a failure of the same rule; with a baseline, only what was
    not undecided in it: no fault becomes invisible by becoming unknown."""
    if gate.get("unknown", "report") == "fail":
        yield from _over(findings, gate, UNKNOWN, what, "that nobody can judge, at or above")


def _over(findings: Sequence[Finding], gate: Mapping[str, Any], outcome: str, what: str, words: str) -> Iterator[str]:
    limit = _threshold(gate)
    counted = Counter(
        finding.severity
        for finding in findings
        if finding.outcome == outcome and finding.waiver is None and not finding.known and finding.severity >= limit
    )
    total = sum(counted.values())
    if total:
        detail = ", ".join(f"{counted[severity]} {severity.word}" for severity in sorted(counted, reverse=True))
        yield f"{total} {what}{'s' if total > 1 else ''} {words} {limit.word} ({detail})."


def _frameworks(results: Sequence[FrameworkResult], gate: Mapping[str, Any]) -> Iterator[str]:
    """Named controls must be met; without names no control of the framework may be 'not met'."""
    by_id = {result.id: result for result in results}
    for wanted in gate.get("frameworks", ()):
        id = wanted["id"]
        if id not in by_id:
            yield f"Framework {id} is required by the policy and was not evaluated."
            continue
        controls = {control.id: control.status for control in by_id[id].controls}
        if "controls" not in wanted:
            unmet = [name for name, status in controls.items() if status == "not met"]
            if unmet:
                yield f"{id}: {len(unmet)} control{'s' if len(unmet) > 1 else ''} not met ({', '.join(unmet[:8])})."
            continue
        for name in wanted["controls"]:
            if name not in controls:
                yield f"{id} has no control {name}, which the policy requires to be met."
            elif controls[name] != "met":
                yield f"{id} {name} must be met and is: {controls[name]}."
