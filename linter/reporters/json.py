"""One JSON object for programs: everything a report holds, described by linter/schemas/report.schema.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from linter.model import Failure, Finding, Place
from linter.report import Compared, ControlResult, Report, RuleInfo, ScannerResult, controls_of
from linter.reporters.excerpts import visible

VERSION = 1
"""Of the format. It grows by keys within a version; a key that changes or goes makes a new one."""


def render(report: Report, options: Mapping[str, Any]) -> str:
    """The object with one entry a line. Options: indent (spaces, 1)."""
    text = json.dumps(document(report), ensure_ascii=False, indent=int(options.get("indent", 1)))
    return text.encode("utf-8", "replace").decode("utf-8") + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report as plain data; texts are redacted and hold no control characters."""
    verdict = report.verdict
    controls = controls_of(report)
    return {
        "version": VERSION,
        "tool": {"name": "opslint", "version": report.version},
        "as_of": report.as_of,
        "root": visible(report.root),
        "execution": verdict.execution,
        "gate": verdict.gate,
        "exit_code": verdict.exit_code,
        "reasons": _texts(verdict.reasons),
        **_counted(report),
        "failures": [_failure(failure) for failure in report.failures],
        "findings": [_finding(finding, controls, report.baseline is not None) for finding in report.findings],
        "skipped": [{"path": visible(path), "reason": visible(reason)} for path, reason in report.skipped],
        "not_rendered": _texts(report.not_rendered),
        "frameworks": [
            {
                "id": framework.id,
                "title": visible(framework.title),
                "controls": [_control(control) for control in framework.controls],
            }
            for framework in report.frameworks
        ],
        **({"baseline": _baseline(report.baseline)} if report.baseline is not None else {}),
        **({"scanners": [_scanner(scanner) for scanner in report.scanners]} if report.scanners else {}),
        "rules": {id: _rule(rule) for id, rule in sorted(report.rules.items())},
    }


def _baseline(baseline: Compared) -> dict[str, Any]:
    return {
        "source": visible(baseline.source),
        "sha256": baseline.sha256,
        "known": baseline.known,
        "not_looked_at": sum(entry.number for entry in baseline.unseen),
        "absent": [
            {
                "rule": visible(entry.rule),
                "path": visible(entry.path),
                "subject": visible(entry.subject),
                "outcome": entry.outcome,
                "fingerprint": entry.fingerprint,
                "count": entry.number,
            }
            for entry in baseline.gone
        ],
    }


def _scanner(scanner: ScannerResult) -> dict[str, Any]:
    told = {name: value for name, value in scanner._asdict().items() if value or name not in ("note", "suppressed")}
    return {name: visible(value) if isinstance(value, str) else value for name, value in told.items()}


def _counted(report: Report) -> dict[str, Any]:
    policy, counts = report.policy, report.counts
    return {
        "policy": {
            "source": visible(policy.source),
            "sha256": policy.sha256,
            "unused_waivers": _texts(policy.unused_waivers),
            "notes": _texts(policy.notes),
            "changes": _texts(report.changes),
        },
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
        "resources": counts.resources,
        "environments": [{"name": visible(name), "tier": visible(tier)} for name, tier in report.environments],
    }


def _texts(texts: tuple[str, ...]) -> list[str]:
    return [visible(text) for text in texts]


def _place(place: Place) -> dict[str, Any]:
    return {
        "path": visible(place.path),
        "start_line": place.start_line,
        "start_column": place.start_column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    }


def _noted(place: Place, text: str) -> dict[str, Any]:
    return {"place": _place(place), "text": visible(text)}


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        "id": failure.id,
        "place": _place(failure.place),
        "message": visible(failure.message),
        "remedy": visible(failure.remedy),
    }


def _finding(finding: Finding, controls: Mapping[str, tuple[str, ...]], compared: bool) -> dict[str, Any]:
    waiver = finding.waiver
    return {
        "rule": finding.rule,
        "severity": finding.severity.word,
        "outcome": finding.outcome,
        "message": visible(finding.message),
        "place": _place(finding.place),
        "subject": visible(finding.subject),
        "owner": visible(finding.owner),
        "environments": _texts(finding.environments),
        "fingerprint": finding.fingerprint,
        "controls": list(controls.get(finding.rule, ())),
        "related": [_noted(place, text) for place, text in finding.related],
        "unknowns": [
            {"cause": unknown.cause, "subject": visible(unknown.subject), "remedy": visible(unknown.remedy)}
            for unknown in finding.unknowns
        ],
        "waiver": {name: visible(text) for name, text in waiver._asdict().items()} if waiver else None,
        **({"sources": _texts(finding.sources)} if finding.sources else {}),
        **({"known": finding.known} if compared and finding.outcome != "pass" else {}),
    }


def _control(control: ControlResult) -> dict[str, Any]:
    return {
        "id": control.id,
        "title": visible(control.title),
        "group": visible(control.group),
        "status": control.status,
        "evidence": [_noted(place, text) for place, text in control.evidence],
        "failures": [_noted(place, text) for place, text in control.failures],
        "cannot_show": visible(control.cannot_show),
        "rules": list(control.rules),
    }


def _rule(rule: RuleInfo) -> dict[str, Any]:
    return {
        "title": visible(rule.title),
        "severity": rule.severity.word,
        "security_severity": rule.security_severity,
        "why": visible(rule.why),
        "fix": visible(rule.fix),
        "tags": list(rule.tags),
        "same_as": {tool: list(ids) for tool, ids in sorted(rule.same_as.items())},
        "status": rule.status,
    }
