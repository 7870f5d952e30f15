"""The report for people at a terminal: what is wrong, where exactly, how to mend it, and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from linter.model import CAUSES, Failure, Finding, Place, Waiver
from linter.report import STATUSES, Compared, FrameworkResult, Report, ScannerResult, by_severity, known, live, waived
from linter.reporters.excerpts import cells, excerpt, fit
from linter.text import redact, safe_text

Paint = Callable[[str, str], str]
Quotes = dict[Place, list[str]]
"""What is shown of a place, once for all that stands there."""

_STYLES = {
    "critical": "1;31", "high": "31", "medium": "33", "low": "36", "info": "2", "waived": "2", "known": "2", "unknown": "35",
    "pass": "32", "bad": "1;31", "good": "32", "bold": "1", "dim": "2", "caret": "1;33",
}  # fmt: skip
_LISTED = 10
EXPLAINED = ("checkov", "semgrep")
"""Tools whose checks `opslint explain` knows."""


def render(report: Report, options: Mapping[str, Any]) -> str:
    """The whole report. Options: color (bool), width (columns, 100), verbose (bool: known, waived, unknown and passed
    too)."""
    paint = _painted if options.get("color") else _plain
    width = max(int(options.get("width") or 100), 40)
    verbose = bool(options.get("verbose"))
    blocks = [
        *_incomplete(report, paint, width),
        *_findings(report, paint, width, verbose),
        *_summary(report, paint, verbose),
    ]
    return "\n".join(blocks) + "\n"


def _plain(text: str, _: str) -> str:
    return text


def _painted(text: str, style: str) -> str:
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


def _shown(text: str) -> str:
    return safe_text(redact(text))


def _at(place: Place) -> str:
    return f"{safe_text(place.path)}:{place.start_line}:{place.start_column}" if place.path else "(no file)"


def count(number: int, word: str) -> str:
    """'1 finding', '2 findings'."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _incomplete(report: Report, paint: Paint, width: int) -> Iterator[str]:
    if not report.failures:
        return
    yield paint(f"incomplete: {count(len(report.failures), 'problem')} kept opslint from the whole answer", "bad")
    for failure in report.failures:
        yield from _failure(failure, report, paint, width)
    yield ""


def _failure(failure: Failure, report: Report, paint: Paint, width: int) -> Iterator[str]:
    yield f"{paint('failed', 'bad')}  {paint(safe_text(failure.id), 'bold')}  {_at(failure.place)}"
    yield f"  {_shown(failure.message)}"
    yield from _quoted(failure.place, report, paint, width)
    if failure.remedy:
        yield f"  {paint('fix:', 'good')} {_shown(failure.remedy)}"


def _findings(report: Report, paint: Paint, width: int, verbose: bool) -> Iterator[str]:
    path = None
    quotes: Quotes = {}
    for finding in report.findings if verbose else live(report):
        if finding.place.path != path:
            path = finding.place.path
            yield paint(safe_text(path) or "(no file)", "bold")
            yield ""
        yield from _finding(finding, report, paint, width, quotes)
        yield ""


def _finding(finding: Finding, report: Report, paint: Paint, width: int, quotes: Quotes) -> Iterator[str]:
    word = finding.severity.word
    tag = "waived" if finding.waiver else finding.outcome if finding.outcome != "fail" else word
    tag = "known" if finding.known and tag == word else tag
    yield f"{paint(tag, tag)}  {paint(safe_text(finding.rule), 'bold')}  {_at(finding.place)}"
    where = f" (in {', '.join(map(safe_text, finding.environments))})" if finding.environments else ""
    yield f"  {_shown(finding.message)}{where}"
    quote = quotes.get(finding.place)
    if quote is None:
        quote = quotes[finding.place] = list(_quoted(finding.place, report, paint, width))
    yield from quote
    for place, text in finding.related:
        yield f"  {paint('note:', 'dim')} {_at(place)}: {_shown(text)}"
    if finding.sources:
        yield f"  {paint('also found by:', 'dim')} {_shown(', '.join(finding.sources))}"
    if finding.waiver:
        yield f"  {_waiver(finding.waiver)}"
    rule = report.rules.get(finding.rule)
    if rule and rule.fix and finding.outcome == "fail":
        yield f"  {paint('fix:', 'good')} {safe_text(rule.fix)}"
    for unknown in finding.unknowns if finding.outcome == "unknown" else ():
        remedy = _shown(unknown.remedy) or CAUSES.get(unknown.cause, "")
        yield f"  {paint('unknown:', 'unknown')} {_shown(unknown.subject)}: {remedy}"


def _waiver(waiver: Waiver) -> str:
    owner = f" by {_shown(waiver.owner)}" if waiver.owner else ""
    until = f" until {_shown(waiver.expires)}" if waiver.expires else ""
    return f"waived{owner}{until}: {_shown(waiver.reason)} ({_shown(waiver.source)})"


def _quoted(place: Place, report: Report, paint: Paint, width: int) -> Iterator[str]:
    """The source line with carets under the span."""
    found = excerpt(report.sources(place.path), place)
    if found is None:
        return
    number = str(place.start_line)
    gutter = " " * len(number)
    text, start, end = fit(found, width - len(number) - 5)
    yield f"  {paint(f'{number} |', 'dim')} {text}"
    carets = "^" * max(cells(text[start:end]), 1)
    yield f"  {paint(f'{gutter} |', 'dim')} {' ' * cells(text[:start])}{paint(carets, 'caret')}"


def _summary(report: Report, paint: Paint, verbose: bool) -> Iterator[str]:
    yield _totals(report, paint)
    yield from _verdict(report, paint)
    yield from _unknowns(report, paint, verbose)
    for framework in report.frameworks:
        yield from _framework(framework, paint, verbose)
    if report.frameworks and known(report):
        yield "known findings count against controls: a baseline is no compliance"
    if report.environments:
        names = (
            f"{safe_text(name)} ({safe_text(tier)})" if tier else safe_text(name) for name, tier in report.environments
        )
        yield f"environments: {', '.join(names)}"
    for scanner in report.scanners:
        yield _scanner(scanner)
    if report.baseline is not None:
        yield from _baseline(report.baseline, verbose)
    yield from _not_read(report.not_read, verbose)
    yield from _list(
        "not rendered (templates were not judged; charts are with --render helm)", report.not_rendered, verbose
    )
    yield from _list("skipped", (f"{path} ({reason})" for path, reason in report.skipped), verbose)
    yield from _list("waivers that covered nothing", report.policy.unused_waivers, verbose)
    yield from _list("changes of policy", report.changes, True)
    yield from _list("notes", report.policy.notes, True)
    yield _provenance(report)
    yield from _next(report, paint)


def _scanner(scanner: ScannerResult) -> str:
    """What became of another tool's findings; the numbers add up."""
    if scanner.note and not scanner.found:
        return f"{_shown(scanner.tool)} ({_shown(scanner.source)}): {_shown(scanner.note)}"
    parts = [f"{scanner.merged} also found by opslint", f"{scanner.kept} kept"]
    parts += [f"{scanner.repeated} repeated"] if scanner.repeated else []
    parts += [f"{scanner.elsewhere} about what is no file of this tree"] if scanner.elsewhere else []
    parts += [f"{scanner.suppressed} of them suppressed there"] if scanner.suppressed else []
    name = " ".join(filter(None, (scanner.tool, scanner.version)))
    line = f"{_shown(name)} ({_shown(scanner.source)}): {count(scanner.found, 'finding')}: {', '.join(parts)}"
    return f"{line}; {_shown(scanner.note)}" if scanner.note else line


def _baseline(baseline: Compared, verbose: bool) -> Iterator[str]:
    """What became of the known faults; the numbers add up."""
    gone, unseen = (sum(entry.number for entry in entries) for entries in (baseline.gone, baseline.unseen))
    parts = [f"{baseline.known} found again"]
    parts += [f"{gone} no longer found (`opslint baseline prune` takes out)"] if gone else []
    parts += [f"{unseen} not looked at"] if unseen else []
    line = f"baseline {_shown(baseline.source)}: {count(baseline.known + gone + unseen, 'known fault')}"
    yield f"{line}: {', '.join(parts)}"
    if verbose:
        entries = [f"{entry.path}: {entry.rule}: {entry.subject}" for entry in baseline.gone]
        yield from _list("no longer found", entries, verbose)


def _totals(report: Report, paint: Paint) -> str:
    found, away, counts = live(report), len(waived(report)), report.counts
    by = ", ".join(paint(f"{number} {severity.word}", severity.word) for severity, number in by_severity(found).items())
    what = "finding" if report.baseline is None else "new finding"
    line = paint(count(len(found), what), "bold") + (f": {by}" if by else "")
    old = len(known(report))
    line += f"; {old} known" if old else ""
    line += f"; {away} waived" if away else ""
    judged = f"{counts.passed} passed, {counts.failed} failed, {counts.unknown} unknown"
    read = f"artifacts analysed: {counts.artifacts_analysed} of {counts.artifacts_found}"
    return f"{line}\njudgements: {judged}; {read}"


def _verdict(report: Report, paint: Paint) -> Iterator[str]:
    verdict = report.verdict
    gate = paint(verdict.gate, {"passed": "good", "failed": "bad"}.get(verdict.gate, "bold"))
    execution = paint(verdict.execution, "good" if verdict.execution == "complete" else "bad")
    yield f"gate: {gate}; execution: {execution}; exit code {verdict.exit_code}"
    for reason in verdict.reasons:
        yield f"  {_shown(reason)}"


def _unknowns(report: Report, paint: Paint, verbose: bool) -> Iterator[str]:
    """Unknown judgements folded by what would decide them, the piece that decides most first."""
    groups = sorted(report.counts.unknowns, key=lambda group: -group.judgements)
    if not groups:
        return
    yield f"{paint('unknown', 'unknown')}: {count(report.counts.unknown, 'judgement')} would be decided by"
    listed = groups if verbose else groups[:_LISTED]
    for group in listed:
        remedy = _shown(group.remedy) or CAUSES.get(group.cause, "")
        yield f"  {group.judgements} x {_shown(group.subject)} ({safe_text(group.cause)}): {remedy}".rstrip(" :")
    if len(groups) > len(listed):
        yield f"  and {len(groups) - len(listed)} more (--verbose lists all)"


def _framework(framework: FrameworkResult, paint: Paint, verbose: bool) -> Iterator[str]:
    numbers: dict[str, int] = {}
    for control in framework.controls:
        numbers[control.status] = numbers.get(control.status, 0) + 1
    totals = ", ".join(f"{numbers[status]} {status}" for status in STATUSES if status in numbers)
    yield f"{paint(safe_text(framework.title), 'bold')}: {totals}"
    for control in framework.controls:
        if control.status != "not met" and not verbose:
            continue
        style = {"met": "good", "not met": "bad"}.get(control.status, "dim")
        yield f"  {paint(control.status, style)}  {safe_text(control.id)} {safe_text(control.title)}"
        for place, text in control.failures if verbose else control.failures[:3]:
            yield f"    {_at(place)}: {_shown(text)}"
        for place, text in control.evidence if verbose else ():
            yield f"    {paint('evidence', 'good')} {_at(place)}: {_shown(text)}"
        if control.cannot_show and verbose:
            yield f"    a repository cannot show: {_shown(control.cannot_show)}"


def _not_read(paths: Iterable[str], verbose: bool) -> Iterator[str]:
    """Formats by name with how many there are; each path where all is asked for."""
    title = "skipped, as these formats are not read yet"
    if verbose:
        yield from _list(title, paths, verbose)
        return
    numbers: dict[str, int] = {}
    for path in paths:
        name = path.rpartition("/")[2].partition(".")[0] or path.rpartition("/")[2]
        numbers[name] = numbers.get(name, 0) + 1
    if numbers:
        yield f"{title}: {', '.join(f'{number} x {safe_text(name)}' for name, number in sorted(numbers.items()))}"


def _list(title: str, items: Iterable[str], verbose: bool) -> Iterator[str]:
    everything = list(items)
    if not everything:
        return
    yield f"{title}: {len(everything)}"
    listed = everything if verbose else everything[:_LISTED]
    for item in listed:
        yield f"  {_shown(item)}"
    if len(everything) > len(listed):
        yield f"  and {len(everything) - len(listed)} more (--verbose lists all)"


def _provenance(report: Report) -> str:
    policy = report.policy
    digest = f", sha256 {policy.sha256[:12]}" if policy.sha256 else ""
    day = f"; as of {report.as_of}" if report.as_of else ""
    return f"policy: {_shown(policy.source)}{digest}{day}"


def _next(report: Report, paint: Paint) -> Iterator[str]:
    """The one thing to do next: the worst rule's explanation, or what is missing for an answer."""
    explained = (each for each in live(report) if each.rule.partition(".")[0] in EXPLAINED or "." not in each.rule)
    worst = max(explained, key=lambda finding: finding.severity, default=None)
    if worst is not None:
        yield f"next: opslint explain {paint(safe_text(worst.rule), 'bold')}"
        if any(rule.mends for rule in (report.rules.get(each.rule) for each in live(report)) if rule is not None):
            yield "or: opslint scan --diff shows what opslint can mend by itself, and --fix mends it"
    elif report.failures:
        yield "next: mend what kept the answer incomplete"
    elif report.counts.unknowns:
        yield "next: supply what the unknown judgements wait for"
