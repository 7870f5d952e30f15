"""What `opslint parity --format json` prints."""

from __future__ import annotations

from typing import Any

from linter.cli.parity_shown import DECLARED, Shown, comparable, entries_of, reason_not, told_of, value
from linter.estate.declared import Entry, expired
from linter.model import Estate, Finding, Span
from linter.reporters.excerpts import visible


def document(shown: Shown) -> dict[str, Any]:
    """The matrix and the differences as JSON values; texts are redacted and hold no control characters."""
    found, estate, report = shown.matrix, shown.estate, shown.report

    return {
        "as_of": report.as_of,
        "execution": report.verdict.execution,
        "comparable": comparable(found),
        "reason": reason_not(found, estate),
        "environments": _environments(shown),
        "not_compared": [{"layout": visible(layout), "names": list(names)} for layout, names in found.doubted],
        "components": [
            {"layout": visible(row.layout), "kind": row.kind, "name": visible(row.name), "environments": sorted(row.present)}
            for row in found.rows
        ],
        "differences": [
            {
                "lower": pair.lower.name, "higher": pair.higher.name, "component": visible(each.above.address),
                "attribute": visible(each.path), "class": (DECLARED if entry is not None else each.reason) or "none",
                **(_why(entry) if entry is not None else {}),
                "below": {"value": value(each.low, each.path), **_placed(each.low_span, estate)},
                "above": {"value": value(each.high, each.path), **_placed(each.high_span, estate)},
            }
            for pair, each, entry in told_of(shown)
        ],
        "declared": [
            {
                **{key: entry[key] for key in ("resource", "attribute", "environments", "owner") if key in entry},
                **_why(entry), "expired": expired(entry, estate), "covers": [visible(each) for each in covered],
            }
            for entry, covered in entries_of(shown)
        ],
        "drift": [_finding(finding) for finding in shown.drift],
    }  # fmt: skip


def _placed(span: Span, estate: Estate) -> dict[str, Any]:
    place = estate.place(span)
    return {"path": visible(place.path), "line": place.start_line, "column": place.start_column}


def _environments(shown: Shown) -> list[dict[str, Any]]:
    """Those that are found, else those that only a variable's default names, with where it does."""
    found: list[dict[str, Any]] = [
        {"name": visible(each.name), "tier": each.tier, "source": "layout"} for each in shown.matrix.environments
    ]
    for environment, variable in shown.matrix.assumed:
        at = _placed(variable.anchor, shown.estate)
        found.append({"name": visible(environment.name), "tier": environment.tier, "source": "variable default", **at})
    return found


def _why(entry: Entry) -> dict[str, str]:
    return {"reason": visible(str(entry["reason"])), "expires": str(entry["expires"])}


def _finding(finding: Finding) -> dict[str, Any]:
    waiver = finding.waiver
    waived = {"reason": visible(waiver.reason), "expires": waiver.expires} if waiver is not None else {}
    return {
        "rule": finding.rule, "severity": finding.severity.name.lower(), "message": visible(finding.message),
        "path": visible(finding.place.path), "line": finding.place.start_line, "waived": waiver is not None, **waived,
        "related": [{"path": visible(p.path), "line": p.start_line, "text": visible(t)} for p, t in finding.related],
    }  # fmt: skip
