"""`opslint parity`: which component stands in which environment, what differs by intent, and what has drifted."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import click

from linter.conditions.paths import ABSENT
from linter.estate.difference_classes import CLASSES
from linter.estate.differences import Difference
from linter.estate.matrix import Matrix, gaps, matrix
from linter.estate.twins import Pair
from linter.model import Estate, Finding, Unknown
from linter.report import Report
from linter.reporters.excerpts import visible
from linter.text import redact, safe_text

FOLDER = "parity/"
"""Where the rules about environments are kept below `rules/`."""
_SHOWN = 10


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, type=click.Path())
@click.option(
    "--env", "environments", multiple=True, metavar="NAME", help="Only this environment. Repeat to compare two."
)
@click.option("--format", "format", type=click.Choice(["text", "json"]), default="text", help="What is printed.")
@click.option("--all", "everything", is_flag=True, help="Every component, and every intended difference.")
@click.option(
    "--root", type=click.Path(), help="Folder that is read as one estate. Default: the repository of the PATHs."
)
@click.option("--policy", type=click.Path(), help="Folder with opslint.yaml and waivers. Default: the root.")
@click.option("--var-file", "var_files", multiple=True, metavar="FILE", help="Terraform variable file. Repeatable.")
@click.option("--var", "variables", multiple=True, metavar="NAME=VALUE", help="Terraform variable. Repeatable.")
@click.option("--as-of", metavar="DATE", help="Day for expiry dates, YYYY-MM-DD. Default: today, UTC.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colours in text.")
def parity(**options: Any) -> None:
    """Compare the environments of the tree below PATHS (default: here), component by component.

    Environments are what opslint.yaml declares and what the layout speaks of; each is compared with the next higher
    tier. Sizes, addresses, accounts and names may differ and are counted as intended; what must not differ is drift.

    Exit codes: 0 no drift · 1 drift at the gate's threshold · 2 could not do the job · 3 something was not analysed.
    """
    from linter.cli.running import run_supervised
    from linter.cli.scanning import colour

    coloured = colour(options["color"])

    def work(progress: Callable[[str], None], condemned: Mapping[str, str]) -> int:
        return _work(options, coloured, progress, condemned)

    sys.exit(run_supervised(work))


def _work(
    options: Mapping[str, Any], colour: bool, progress: Callable[[str], None], condemned: Mapping[str, str]
) -> int:
    from linter.cli.running import clear_line
    from linter.cli.work import run_scan
    from linter.rules import open_pack

    pack = open_pack()
    rules = tuple(id for id in pack.ids if pack.source(id).startswith(FOLDER))
    asked = {"fail_on": None, "rules": rules, "isolated": False, "frameworks": (), "allow_empty": True}
    scanned = run_scan(asked | dict(options), progress, condemned, full=True)
    progress("compare")
    found = matrix(scanned.estate, _known(options["environments"], scanned.estate))
    names = {environment.name for environment in found.environments}
    drift = [
        finding
        for finding in scanned.report.findings
        if finding.outcome == "fail" and (not finding.environments or names.intersection(finding.environments))
    ]
    clear_line()
    if options["format"] == "json":
        sys.stdout.write(json.dumps(document(found, drift, scanned.estate, scanned.report), indent=1) + "\n")
    else:
        sys.stdout.write(render(found, drift, scanned.estate, scanned.report, colour, options["everything"]))
    sys.stdout.flush()
    return scanned.report.verdict.exit_code


def _known(names: tuple[str, ...], estate: Estate) -> tuple[str, ...]:
    """Raises UsageError for a name that no environment of the tree has."""
    from linter.cli.refusals import usage

    known = sorted({each.environment.name for each in estate.resources if each.environment is not None})
    for name in names:
        if name.lower() not in {each.lower() for each in known}:
            raise usage(f"no environment is called {name!r}; this tree has {', '.join(known) or 'none'}")
    return names


def render(found: Matrix, drift: list[Finding], estate: Estate, report: Report, colour: bool, everything: bool) -> str:
    """The matrix and the differences as text for a terminal."""
    return "\n".join(_lines(found, drift, estate, report, colour, everything)) + "\n"


def _lines(
    found: Matrix, drift: list[Finding], estate: Estate, report: Report, colour: bool, everything: bool
) -> Iterator[str]:
    def paint(text: str, **style: Any) -> str:
        return click.style(text, **style) if colour else text

    if len(found.environments) < 2 or not found.compared:
        shown = ", ".join(safe_text(each.name) for each in found.environments) or "none"
        yield f"Not applicable: environments are compared from two on, and this tree has {shown}."
        yield from _ending(report)
        return
    yield from _matrix(found, paint, everything)
    for lower, higher, _ in found.compared:
        inside = [each for pair, each in _differing(found) if (pair.lower, pair.higher) == (lower, higher)]
        yield ""
        yield paint(f"{safe_text(lower.name)} → {safe_text(higher.name)}", bold=True)
        yield from _intended(inside, estate, everything)
    yield from _declared(estate, report.as_of)
    yield ""
    yield paint(f"Drift: {len(drift) or 'none'}", bold=True)
    for finding in drift:
        level = paint(
            f"{finding.severity.name.lower():<8}",
            fg="red" if finding.severity.name in ("CRITICAL", "HIGH") else "yellow",
        )
        waived = " (waived)" if finding.waiver else ""
        yield f"  {level} {finding.rule}  {safe_text(redact(finding.message))}{waived}"
        yield f"           {safe_text(finding.place.path)}:{finding.place.start_line}"
        for place, text in finding.related:
            yield f"           {safe_text(place.path)}:{place.start_line}  {safe_text(redact(text))}"
    yield from _ending(report)


def _declared(estate: Estate, today: str) -> Iterator[str]:
    """The differences that the policy declares, with why and until when."""
    entries = estate.settings.get("parity", {}).get("allow", ())
    if entries:
        yield ""
        yield "Declared as intended:"
    for entry in entries:
        what = " ".join(str(entry[key]) for key in ("resource", "attribute") if key in entry) or "everything"
        where = f" in {', '.join(map(str, entry['environments']))}" if "environments" in entry else ""
        until = f"until {entry['expires']}" if str(entry["expires"]) >= today else f"expired {entry['expires']}"
        yield f"  {safe_text(what + where)}  ({safe_text(until)}): {safe_text(redact(str(entry['reason'])))}"


def _matrix(found: Matrix, paint: Callable[..., str], everything: bool) -> Iterator[str]:
    names = [each.name for each in found.environments]
    missing = gaps(found)
    rows = list(found.rows) if everything else missing
    width = max([len(row.name) for row in rows] + [len(layout) for layout in {row.layout for row in found.rows}] + [10])
    width = min(width + 2, 70)
    head = "".join(f"{safe_text(name):>{max(len(name), 5) + 2}}" for name in names)
    yield paint(f"{'component':<{width}}{head}", bold=True)
    for layout in dict.fromkeys(row.layout for row in found.rows):
        inside = [row for row in found.rows if row.layout == layout]
        counts = "".join(
            f"{sum(name in row.present for row in inside) or '·':>{max(len(name), 5) + 2}}" for name in names
        )
        yield f"{safe_text(layout)[: width - 1]:<{width}}{counts}"
        for row in rows:
            if row.layout == layout:
                cells = "".join(f"{'✓' if name in row.present else '–':>{max(len(name), 5) + 2}}" for name in names)
                yield f"  {safe_text(row.name)[: width - 3]:<{width - 2}}{cells}"


def _differing(found: Matrix) -> Iterator[tuple[Pair, Difference]]:
    return ((pair, each) for pair, inside in found.differences for each in inside)


def _intended(inside: list[Difference], estate: Estate, everything: bool) -> Iterator[str]:
    counts = Counter(each.reason for each in inside)
    known = ", ".join(f"{counts[name]} {name}" for name in CLASSES if counts[name])
    yield f"  intended: {known or 'nothing differs'}"
    if counts[""]:
        yield f"  of no known class: {counts['']}"
    shown = [each for each in inside if everything or not each.reason]
    for each in shown[: None if everything else _SHOWN]:
        place = estate.place(each.high_span)
        reason = f" ({each.reason})" if each.reason else ""
        yield f"    {safe_text(each.above.address)}  {safe_text(each.path)}: {_value(each.low)} → {_value(each.high)}{reason}"
        yield f"      {safe_text(place.path)}:{place.start_line}"
    if not everything and len(shown) > _SHOWN:
        yield f"    and {len(shown) - _SHOWN} more (--all shows them)"


def _value(value: Any) -> str:
    if value is ABSENT:
        return "not set"
    if isinstance(value, Unknown):
        return "unknown"
    if isinstance(value, (dict, list)):
        return "{…}" if isinstance(value, dict) else "[…]"
    return safe_text(redact(str(value)), 60)


def _ending(report: Report) -> Iterator[str]:
    if report.failures:
        yield ""
        yield f"incomplete: {len(report.failures)} problems kept opslint from the whole answer; see `opslint scan`"
    yield ""
    yield f"policy: {safe_text(report.policy.source)}; as of {report.as_of}"


def document(found: Matrix, drift: list[Finding], estate: Estate, report: Report) -> dict[str, Any]:
    """The matrix and the differences as JSON values; texts are redacted and hold no control characters."""

    def placed(span: Any) -> dict[str, Any]:
        place = estate.place(span)
        return {"path": visible(place.path), "line": place.start_line, "column": place.start_column}

    return {
        "as_of": report.as_of,
        "execution": report.verdict.execution,
        "environments": [{"name": each.name, "tier": each.tier} for each in found.environments],
        "components": [
            {"layout": visible(row.layout), "kind": row.kind, "name": visible(row.name), "environments": sorted(row.present)}
            for row in found.rows
        ],
        "differences": [
            {
                "lower": pair.lower.name, "higher": pair.higher.name, "component": visible(each.above.address),
                "attribute": visible(each.path), "class": each.reason or "none",
                "below": {"value": _value(each.low), **placed(each.low_span)},
                "above": {"value": _value(each.high), **placed(each.high_span)},
            }
            for pair, each in _differing(found)
        ],
        "drift": [
            {
                "rule": finding.rule, "severity": finding.severity.name.lower(), "message": visible(finding.message),
                "path": visible(finding.place.path), "line": finding.place.start_line, "waived": bool(finding.waiver),
                "related": [{"path": visible(p.path), "line": p.start_line, "text": visible(t)} for p, t in finding.related],
            }
            for finding in drift
        ],
    }  # fmt: skip
