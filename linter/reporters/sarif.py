"""SARIF 2.1.0, in two profiles.

`github`: what code scanning should show as alerts: live failures, known ones among them, since an alert that is not in the
log is closed as fixed, and what could not be analysed; nothing else, because it turns passes, suppressed and absent
results into open alerts. `full`: the record: passes with their evidence, waived findings
with their suppression, unknowns as open, frameworks as taxonomies. Beside a baseline, results say whether they are new or
unchanged, and the record holds what is absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sarif_om as om

from linter.model import Failure, Finding, Place, Severity
from linter.report import Compared, Recorded, Report, RuleInfo, standing
from linter.reporters.excerpts import visible
from linter.reporters.messages import HOME, help_uri, one_line, sentence
from linter.reporters.sarif_results import ROOT, Results
from linter.reporters.sarif_rules import descriptor, extension, extensions, failure_rule, pascal, taxonomy
from linter.reporters.sarif_writer import write

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST_RESULTS = 25_000
"""Code scanning refuses a run with more (docs.github.com, "SARIF results exceed one or more limits")."""
MOST_BYTES = 10_000_000
"""Compressed, as code scanning counts."""
_WITH_CONTEXT = 5_000

Judged = Finding | Failure


def render(report: Report, options: Mapping[str, Any]) -> str:
    """The log. Options: profile ('github' or 'full'), category (distinguishes several logs of one repository),
    repository, revision, branch (provenance, only if given), most_results.
    """
    most = min(int(options.get("most_results") or MOST_RESULTS), MOST_RESULTS)
    while True:
        text = write(_log(report, options, most))
        if len(text) < MOST_BYTES or _compressed(text) < MOST_BYTES or most < 2:
            return text
        most //= 2


def _compressed(text: str) -> int:
    import zlib

    return len(zlib.compress(text.encode(), 6))


def _log(report: Report, options: Mapping[str, Any], most: int) -> Any:
    full = options.get("profile") == "full"
    everything: list[Judged] = [*report.failures, *(report.findings if full else standing(report))]
    if full and report.baseline is not None:
        everything += [_absent(entry, report) for entry in report.baseline.gone]
    kept = _worst(everything, most)
    rules = _rules(report, kept)
    outside = extensions(report, rules)
    ours = {id: rule for id, rule in rules.items() if not any(id in each for each in outside.values())}
    indexes = {rule: index for index, rule in enumerate(ours)}
    results = Results(report, indexes, full, len(kept) <= _WITH_CONTEXT, list(outside.values()))
    made = [results.failure(item) if isinstance(item, Failure) else results.finding(item) for item in kept]
    frameworks = report.frameworks if full else ()
    run = om.Run(
        tool=om.Tool(
            driver=_driver(report, ours, results, options),
            extensions=[
                extension(scanner, found, results.controls, results.templates, results.taxa)
                for scanner, found in outside.items()
            ] or None,
        ),
        automation_details=om.RunAutomationDetails(id=_category(options)),
        column_kind="utf16CodeUnits",
        original_uri_base_ids={
            ROOT: om.ArtifactLocation(description=om.Message(text="The root of the scanned tree."))
        },
        version_control_provenance=_provenance(options),
        invocations=[_invocation(report, results, len(everything), len(kept))],
        results=made,
        taxonomies=[taxonomy(framework, report.version) for framework in frameworks] or None,
        properties=_properties(report, "full" if full else "github"),
    )  # fmt: skip
    return om.SarifLog(schema_uri=SCHEMA, version="2.1.0", runs=[run])


def _absent(entry: Recorded, report: Report) -> Finding:
    """A known fault that is no longer found, as the result it was (§3.27.24); of its place only the file is recorded."""
    info = report.rules.get(entry.rule)
    return Finding(
        entry.rule, info.severity if info else Severity.INFO, "absent",
        f"The fault of '{entry.subject}' that the baseline records is no longer found.", Place(entry.path, 1, 1, 1, 1),
        entry.subject, "", (), entry.fingerprint,
    )  # fmt: skip


def _rank(item: Judged) -> tuple[int, int]:
    """What goes first when not everything fits: failures, then live findings by severity, then the rest."""
    if isinstance(item, Failure):
        return 0, 0
    if item.outcome == "fail":
        return 2 if item.waiver else 1, -item.severity
    return {"unknown": 3, "pass": 4}.get(item.outcome, 5), -item.severity


def _worst(items: list[Judged], most: int) -> list[Judged]:
    """At most so many of the items, the worst of them, in the order they came."""
    if len(items) <= most:
        return items
    chosen = sorted(range(len(items)), key=lambda index: _rank(items[index]))[:most]
    return [items[index] for index in sorted(chosen)]


def _rules(report: Report, items: list[Judged]) -> dict[str, RuleInfo]:
    """The rules of these results by id, sorted by it: each index is the same in every log of the same results."""
    found: dict[str, RuleInfo] = {}
    for item in items:
        if isinstance(item, Failure):
            found.setdefault(item.id, report.rules.get(item.id) or failure_rule(item))
        elif item.rule not in found:
            found[item.rule] = report.rules.get(item.rule) or RuleInfo(item.rule, item.rule, item.severity)
    return dict(sorted(found.items()))


def _driver(report: Report, rules: Mapping[str, RuleInfo], results: Results, options: Mapping[str, Any]) -> Any:
    full = options.get("profile") == "full"
    return om.ToolComponent(
        name="opslint",
        organization="opslint",
        version=report.version,
        semantic_version=report.version,
        information_uri=HOME,
        rules=[
            descriptor(info, results.controls.get(rule, ()), results.templates[rule], results.taxa)
            for rule, info in rules.items()
        ],
        notifications=[_notice(name) for name in _NOTICES] + [_notice(id) for id in _failure_ids(report)],
        supported_taxonomies=[
            om.ToolComponentReference(name=framework.id, index=index)
            for index, framework in enumerate(report.frameworks)
        ] if full and report.frameworks else None,
    )  # fmt: skip


_NOTICES = {
    "artifact-skipped": "A recognised artifact was left out by the policy.",
    "policy-changed": "The scanned tree changes the policy it is judged by.",
    "results-cut": "Not every result fits into a log.",
    "waiver-unused": "A waiver covers nothing.",
}


def _failure_ids(report: Report) -> list[str]:
    return sorted({failure.id for failure in report.failures} - _NOTICES.keys())


def _notice(name: str) -> Any:
    text = _NOTICES.get(name) or "Something in scope was not analysed."
    return om.ReportingDescriptor(
        id=name,
        name=pascal(name),
        short_description=om.MultiformatMessageString(text=text),
        full_description=om.MultiformatMessageString(text=text),
        help=om.MultiformatMessageString(text=text),
        help_uri=help_uri(name),
    )


def _category(options: Mapping[str, Any]) -> str:
    category = str(options.get("category") or "").strip("/")
    return f"opslint/{one_line(category)}/" if category else "opslint/"


def _provenance(options: Mapping[str, Any]) -> list[Any] | None:
    if not options.get("repository"):
        return None
    return [
        om.VersionControlDetails(
            repository_uri=options["repository"],
            revision_id=options.get("revision") or None,
            branch=one_line(options["branch"]) if options.get("branch") else None,
            mapped_to=om.ArtifactLocation(uri_base_id=ROOT),
        )
    ]


def _invocation(report: Report, results: Results, total: int, kept: int) -> Any:
    verdict = report.verdict
    ids = [*_NOTICES, *_failure_ids(report)]
    notes = [
        _notification(ids, failure.id, "error", failure.message, results, failure.place) for failure in report.failures
    ]
    notes += [
        _notification(ids, "artifact-skipped", "warning", f"Skipped: {reason}", results, Place(path, 1, 1, 1, 1))
        for path, reason in report.skipped
    ]
    if kept < total:
        text = f"Of {total} results the log holds the worst {kept}; the gate counted all of them"
        notes.append(_notification(ids, "results-cut", "warning", text))
    settings = [_notification(ids, "policy-changed", "warning", text) for text in report.changes]
    settings += [_notification(ids, "waiver-unused", "note", text) for text in report.policy.unused_waivers]
    return om.Invocation(
        execution_successful=verdict.exit_code != 2,
        exit_code=verdict.exit_code,
        tool_execution_notifications=notes or None,
        tool_configuration_notifications=settings or None,
        properties={"execution": verdict.execution, "gate": verdict.gate},
    )


def _notification(
    ids: list[str], id: str, level: str, text: str, results: Results | None = None, place: Place | None = None
) -> Any:
    location = om.Location(physical_location=results.physical(place)) if results and place else None
    return om.Notification(
        descriptor=om.ReportingDescriptorReference(id=id, index=ids.index(id)),
        level=level,
        message=om.Message(text=sentence(text)),
        locations=[location] if location else None,
    )


def _baseline(compared: Compared) -> dict[str, Any]:
    """The numbers of §3.27.24's states; what this scan did not look at has none."""
    return {
        "source": visible(compared.source),
        "sha256": compared.sha256,
        "unchanged": compared.known,
        "absent": sum(entry.number for entry in compared.gone),
        "notLookedAt": sum(entry.number for entry in compared.unseen),
    }


def _properties(report: Report, profile: str) -> dict[str, Any]:
    """What the scan saw and how it was judged, for whoever reads the log as a record."""
    counts, verdict = report.counts, report.verdict
    return {
        "profile": profile,
        "execution": verdict.execution,
        "gate": verdict.gate,
        "exitCode": verdict.exit_code,
        "reasons": [visible(reason) for reason in verdict.reasons],
        "asOf": report.as_of,
        "policy": {"source": visible(report.policy.source), "sha256": report.policy.sha256},
        "judgements": {"pass": counts.passed, "fail": counts.failed, "unknown": counts.unknown},
        "unknowns": [
            {"cause": cause, "subject": visible(subject), "remedy": visible(remedy), "judgements": number}
            for cause, subject, remedy, number in counts.unknowns
        ],
        "artifacts": {
            "found": counts.artifacts_found,
            "analysed": counts.artifacts_analysed,
            "skipped": counts.artifacts_skipped,
            "failed": counts.artifacts_failed,
        },
        **({"baseline": _baseline(report.baseline)} if report.baseline is not None else {}),
        "notRendered": [visible(path) for path in report.not_rendered],
        "environments": [{"name": visible(name), "tier": tier} for name, tier in report.environments],
    }  # fmt: skip
