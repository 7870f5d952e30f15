"""What GitHub Actions shows of a scan: the step's summary in Markdown, and annotations by workflow commands.

Encodes docs.github.com, "Workflow commands": a step's summary holds 1 MiB or is lost as a whole; a step shows ten
annotations of each type and a job fifty; in messages `%`, CR and LF are escaped, in properties `:` and `,` too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from linter.model import CAUSES, Failure, Finding, Place
from linter.report import STATUSES, FrameworkResult, Report, by_severity, known, live, waived
from linter.reporters.excerpts import utf16_column
from linter.reporters.markdown import code, escaped
from linter.reporters.messages import help_uri, level, one_line, uri
from linter.text import safe_text

MOST_BYTES = 900_000
MOST_OF_A_TYPE = 10
MOST_IN_ALL = 50
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}
_MARKS = {"passed": "✅", "failed": "❌", "not-evaluated": "⚪"}
_LISTED = 200


def summary(report: Report, options: Mapping[str, Any]) -> str:
    """The step's summary. Options: most_bytes (900,000), repository and revision (make places links)."""
    room = int(options.get("most_bytes") or MOST_BYTES)
    link = _linker(options)
    before = "\n".join([*_head(report), *_failed(report, link)])
    after = "\n".join([*_unknowns(report), *_frameworks(report, link), *_others(report), *_foot(report)])
    before, after = _cut(before, room // 2), _cut(after, room // 4)
    rows = _cut_rows(list(_rows(report, link)), room - len((before + after).encode("utf-8", "replace")) - 1_000)
    text = "\n".join([before, *rows, after]) + "\n"
    return text.encode("utf-8", "replace").decode("utf-8")


def _cut(text: str, room: int) -> str:
    """A block within its room, whole lines only."""
    data = text.encode("utf-8", "replace")
    if len(data) <= room:
        return text
    kept = data[:room].decode("utf-8", "ignore").rpartition("\n")[0]
    return f"{kept}\n\nThe rest of this part is left out: the summary has no room for it.\n"


def _cut_rows(rows: list[str], room: int) -> list[str]:
    for index, row in enumerate(rows):
        room -= len(row.encode("utf-8", "replace")) + 1
        if room < 0:
            left = sum(1 for row in rows[index:] if row)
            return [*rows[:index], "", f"{left} more findings stand in the log: the summary has no room for them.", ""]
    return rows


def _linker(options: Mapping[str, Any]) -> Any:
    """A function from a place to a table cell, with a link where the repository and the revision are known."""
    repository, revision = str(options.get("repository") or ""), str(options.get("revision") or "")

    def link(place: Place) -> str:
        if not place.path:
            return "no file"
        text = code(f"{place.path}:{place.start_line}", table=True)
        if not repository.startswith("https://") or not revision.isalnum():
            return text
        return f"[{text}]({repository}/blob/{revision}/{uri(place.path)}#L{place.start_line})"

    return link


def _head(report: Report) -> Iterator[str]:
    verdict, found = report.verdict, live(report)
    yield f"## {_MARKS.get(verdict.gate, '')} opslint: gate {escaped(verdict.gate)}, scan {escaped(verdict.execution)}"
    yield ""
    for reason in verdict.reasons:
        yield f"- {escaped(reason)}"
    yield ""
    counted = ", ".join(f"**{number}** {severity.word}" for severity, number in by_severity(found).items())
    away = len(waived(report))
    what = "findings" if report.baseline is None else "new findings"
    old = f"{len(known(report))} known, " if report.baseline is not None else ""
    counts = report.counts
    yield (
        f"{len(found)} {what}{f' ({counted})' if counted else ''}, {old}{away} waived. "
        f"Judgements: {counts.passed} passed, {counts.failed} failed, {counts.unknown} unknown. "
        f"Artifacts: {counts.artifacts_analysed} of {counts.artifacts_found} analysed."
    )
    yield ""


def _failed(report: Report, link: Any) -> Iterator[str]:
    if report.failures:
        yield from ("### Incomplete", "", "| Problem | Place | What | Remedy |", "| --- | --- | --- | --- |")
        for id, place, message, remedy in report.failures:
            yield f"| {code(id, True)} | {link(place)} | {escaped(message)} | {escaped(remedy)} |"
        yield ""


def _rows(report: Report, link: Any) -> Iterator[str]:
    found = sorted(live(report), key=lambda finding: -finding.severity)
    if not found:
        return
    yield from ("### Findings", "", "| Severity | Rule | Place | Finding |", "| --- | --- | --- | --- |")
    for finding in found:
        where = f" ({', '.join(map(escaped, finding.environments))})" if finding.environments else ""
        rule = f"[{escaped(finding.rule)}]({help_uri(finding.rule, report.rules.get(finding.rule))})"
        yield f"| {finding.severity.word} | {rule} | {link(finding.place)} | {escaped(finding.message)}{where} |"
    yield ""


def _unknowns(report: Report) -> Iterator[str]:
    groups = sorted(report.counts.unknowns, key=lambda group: -group.judgements)
    if groups:
        yield from ("### Unknown", "", "| Judgements | What is not known | What to supply |", "| --- | --- | --- |")
        for cause, subject, remedy, number in groups[:_LISTED]:
            supply = escaped(remedy or CAUSES.get(cause, ""))
            yield f"| {number} | {code(subject, True)} ({escaped(cause)}) | {supply} |"
        yield ""


def _frameworks(report: Report, link: Any) -> Iterator[str]:
    for framework in report.frameworks:
        yield from _framework(framework, link)
    if report.frameworks and known(report):
        yield from ("Known findings count against controls: a baseline is no compliance.", "")


def _framework(framework: FrameworkResult, link: Any) -> Iterator[str]:
    numbers = {status: sum(control.status == status for control in framework.controls) for status in STATUSES}
    totals = ", ".join(f"{number} {status}" for status, number in numbers.items() if number)
    yield from (f"### {escaped(framework.title)}", "", f"{totals}.", "")
    yield from ("<details><summary>Controls</summary>", "", "| Control | Status | Rests on |", "| --- | --- | --- |")
    for control in framework.controls:
        shown = [*control.failures, *control.evidence][:3]
        rests = "<br>".join(f"{link(place)} {escaped(text)}" for place, text in shown)
        if not rests and control.cannot_show:
            rests = f"A repository cannot show: {escaped(control.cannot_show)}"
        yield f"| {escaped(control.id)} {escaped(control.title)} | {control.status} | {rests} |"
    yield from ("", "</details>", "")


def _at(place: Place) -> str:
    return f"{place.path}:{place.start_line}" if place.path else "no file"


def _others(report: Report) -> Iterator[str]:
    waivers = [f"{item.rule} at {_at(item.place)}: {_reason(item)}" for item in waived(report)]
    entries = report.baseline.gone if report.baseline is not None else ()
    gone = [f"{entry.rule} in {entry.path}: {entry.subject}" for entry in entries]
    for title, items in (
        ("Changes of policy", list(report.changes)),
        ("Waived", waivers),
        ("Known", [f"{item.rule} at {_at(item.place)}" for item in known(report)]),
        ("Known, and no longer found: `opslint baseline prune` takes them out", gone),
        ("Waivers that cover nothing", list(report.policy.unused_waivers)),
        ("Not rendered", list(report.not_rendered)),
        ("Skipped", [f"{path}: {reason}" for path, reason in report.skipped]),
    ):
        if items:
            yield from (f"<details><summary>{title}: {len(items)}</summary>", "")
            yield from (f"- {escaped(item)}" for item in items[:_LISTED])
            if len(items) > _LISTED:
                yield f"- and {len(items) - _LISTED} more"
            yield from ("", "</details>", "")


def _reason(finding: Finding) -> str:
    waiver = finding.waiver
    return f"{waiver.reason} ({waiver.owner}, until {waiver.expires})" if waiver else ""


def _foot(report: Report) -> Iterator[str]:
    if report.environments:
        named = (f"{escaped(name)} ({escaped(tier)})" if tier else escaped(name) for name, tier in report.environments)
        yield from (f"Environments: {', '.join(named)}.", "")
    digest = f", SHA-256 {code(report.policy.sha256[:12])}" if report.policy.sha256 else ""
    yield f"opslint {escaped(report.version)}. Policy: {escaped(report.policy.source)}{digest}. As of {report.as_of}."


def workflow_commands(report: Report, options: Mapping[str, Any]) -> str:
    """Workflow commands, the worst first. Options: most_in_all (50), changed (paths of the pull request, go first)."""
    changed = frozenset(options.get("changed") or ())
    found: list[tuple[tuple[int, int, bool], str, str]] = []
    for failure in report.failures:
        found.append(((0, 0, failure.place.path not in changed), "error", _failure(failure, report)))
    for finding in live(report):
        command = _COMMANDS[level(finding.severity)]
        rank = (1, -finding.severity, finding.place.path not in changed)
        found.append((rank, command, _finding(finding, report, command)))
    found.sort(key=lambda item: item[0])
    lines: list[str] = []
    used: dict[str, int] = {"notice": 1}
    most = min(int(options.get("most_in_all") or MOST_IN_ALL), MOST_IN_ALL) - 1
    for _, command, line in found:
        if used.get(command, 0) < MOST_OF_A_TYPE and len(lines) < most:
            used[command] = used.get(command, 0) + 1
            lines.append(line)
    if len(found) > len(lines):
        lines.append(f"::notice title=opslint::{len(found) - len(lines)} more in the summary")
    text = "".join(f"{line}\n" for line in lines)
    return text.encode("utf-8", "replace").decode("utf-8")


def _failure(failure: Failure, report: Report) -> str:
    text = one_line(f"{failure.message.rstrip(' .')}. {failure.remedy}")
    return _command("error", failure.place, failure.id, text, report)


def _finding(finding: Finding, report: Report, command: str) -> str:
    where = f" (in {', '.join(finding.environments)})" if finding.environments else ""
    text = one_line(f"{finding.message}{where}")
    rule = report.rules.get(finding.rule)
    if rule and rule.fix:
        text += f"\n{one_line(rule.fix)}"
    return _command(command, finding.place, finding.rule, text, report)


def _command(command: str, place: Place, title: str, text: str, report: Report) -> str:
    properties: dict[str, str | int] = {}
    if place.path:
        properties |= {"file": safe_text(place.path), "line": place.start_line, "endLine": place.end_line}
    if place.path and place.start_line == place.end_line:
        source = report.sources(place.path)
        properties["col"] = utf16_column(source, place.start_line, place.start_column)
        properties["endColumn"] = utf16_column(source, place.end_line, place.end_column)
    properties["title"] = f"opslint: {safe_text(title)}"
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{command} {written}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
