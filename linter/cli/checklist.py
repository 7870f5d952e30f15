"""`opslint checklist`: a framework control by control, with the lines each answer rests on and what to do next."""

from __future__ import annotations

import itertools
import json
import re
import sys
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any

import click

from linter.model import FAIL, Place, Severity
from linter.report import ATTESTED, NEEDS_EVIDENCE, STATUSES, CheckResult, ControlResult, FrameworkResult, Report, known
from linter.reporters.excerpts import visible
from linter.text import redact, safe_text

_STYLES: dict[str, dict[str, Any]] = {
    "met": {"fg": "green"}, "partly": {"fg": "yellow"}, "not met": {"fg": "red", "bold": True},
}  # fmt: skip
_SHOWN = 3


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, type=click.Path())
@click.option(
    "--framework", default="qa-checklist", metavar="ID", help="soc2, pci-dss-4.0.1, qa-checklist or your own."
)
@click.option("--format", "format", type=click.Choice(["text", "json"]), default="text", help="What is printed.")
@click.option("--all", "everything", is_flag=True, help="Every line of evidence, and what a repository cannot show.")
@click.option("--without-rules", is_flag=True, help="Only list the controls that no rule bears on yet.")
@click.option(
    "--root", type=click.Path(), help="Folder that is read as one estate. Default: the repository of the PATHs."
)
@click.option("--policy", type=click.Path(), help="Folder with opslint.yaml and waivers. Default: the root.")
@click.option("--var-file", "var_files", multiple=True, metavar="FILE", help="Terraform variable file. Repeatable.")
@click.option("--var", "variables", multiple=True, metavar="NAME=VALUE", help="Terraform variable. Repeatable.")
@click.option(
    "--with", "scanners", multiple=True, metavar="NAME[,NAME]", help="Also run these scanners, checkov or semgrep."
)
@click.option("--merge", multiple=True, metavar="FILE", help="Bring in another tool's SARIF log. Repeatable.")
@click.option("--as-of", metavar="DATE", help="Day for expiry dates, YYYY-MM-DD. Default: today, UTC.")
@click.option("--allow-empty", is_flag=True, help="A tree in which nothing is recognised is fine.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colours in text.")
def checklist(**options: Any) -> None:
    """Show what the tree below PATHS (default: here) proves of a framework, item by item.

    Exit codes: 0 no control is not met · 1 at least one is not met · 2 could not do the job · 3 something was not
    analysed.
    """
    from linter.cli.running import run_supervised
    from linter.cli.scanning import colour, with_scanners

    options = {"fail_on": None, "rules": (), "isolated": False, "frameworks": (options["framework"],)} | options
    coloured = colour(options["color"])

    def work(progress: Callable[[str], None], condemned: Mapping[str, str]) -> int:
        return _work(options, coloured, progress, condemned)

    sys.exit(with_scanners(options, lambda: run_supervised(work)))


def _work(
    options: Mapping[str, Any], colour: bool, progress: Callable[[str], None], condemned: Mapping[str, str]
) -> int:
    from linter.cli.running import clear_line
    from linter.cli.work import run_scan

    report = run_scan(options, progress, condemned).report
    clear_line()
    result = next(each for each in report.frameworks if each.id == options["framework"])
    if options["without_rules"]:
        lines = [f"{control.id}  {control.title}" for control in result.controls if unruled(control)]
        text = "\n".join(map(safe_text, lines)) + "\n" if lines else ""
    elif options["format"] == "json":
        text = json.dumps(document(result, report), indent=1, ensure_ascii=True) + "\n"
    else:
        text = render(result, report, colour, options["everything"])
    sys.stdout.write(text)
    sys.stdout.flush()
    code = report.verdict.exit_code
    if code in (2, 3):
        return code
    return int(any(control.status == "not met" for control in result.controls))


def unruled(control: ControlResult) -> bool:
    """Whether a repository could show the control and no rule bears on it yet."""
    return not control.rules and not control.checks and control.status != "not observable"


def _check_document(check: CheckResult, shown: Callable[[Any], list[dict[str, Any]]]) -> dict[str, Any]:
    return {
        "id": check.id, "title": check.title, "severity": check.severity, "state": check.state,
        "evidence": shown(check.evidence), "open": shown(check.failures), "rules": list(check.rules),
        "note": visible(check.note),
    }  # fmt: skip


def totals(result: FrameworkResult) -> dict[str, int]:
    """How many controls have each status; statuses no control has are left out."""
    counted = {status: sum(1 for control in result.controls if control.status == status) for status in STATUSES}
    return {status: number for status, number in counted.items() if number}


def next_step(control: ControlResult, report: Report) -> str:
    """What to do about a control, one sentence, or '' where nothing is to be done."""
    if control.status == "not observable":
        return f"Show it otherwise: {control.cannot_show[:1].lower()}{control.cannot_show[1:]}."
    if unruled(control):
        return "Show it otherwise: no rule bears on it yet."
    if control.status == "no evidence":
        return f"Nothing here was judged by its rules; see `opslint explain {control.rules[0]}`."
    failed = _first_rule(control, report.rules)
    if failed:
        info = report.rules.get(failed)
        return info.fix if info and info.fix else f"See `opslint explain {failed}`."
    if control.failures:
        return "Supply what is unknown, or correct what is waived: both keep it from being met."
    if control.status == "partly":
        return "Only rules that support it pass; the rest has to be shown otherwise."
    return ""


def _first_rule(control: ControlResult, rules: Container[str]) -> str:
    """The rule of the first live failure, of the worst check that fails where there are checks: the text holds '[rule]' and
    does not end as a waived one's does."""
    worst = sorted(control.checks, key=lambda check: -Severity[check.severity.upper()])
    failures = [check.failures for check in worst if check.state == FAIL] if control.checks else [control.failures]
    for _, text in itertools.chain.from_iterable(failures):
        named = [word for word in re.findall(r" \[([^\[\]\s]+)\]", text) if word in rules or word in control.rules]
        if named and "(waived" not in text and not text.startswith("Undecided for "):
            return str(named[0])
    return ""


def render(result: FrameworkResult, report: Report, colour: bool, everything: bool) -> str:
    """The framework as text for a terminal."""
    lines = [*_lines(result, report, colour, everything)]
    if known(report):
        lines += ["", "Findings that stand in the baseline count as any other: a baseline is no compliance."]
    return "\n".join(lines) + "\n"


def _lines(result: FrameworkResult, report: Report, colour: bool, everything: bool) -> Iterator[str]:
    def paint(text: str, **style: Any) -> str:
        return click.style(text, **style) if colour else text

    yield paint(safe_text(result.title), bold=True)
    yield ", ".join(f"{number} {status}" for status, number in totals(result).items())
    group = ""
    for control in result.controls:
        if control.group != group:
            group = control.group
            yield ""
            yield paint(safe_text(group), bold=True)
        status = paint(f"{control.status:<14}", **_STYLES.get(control.status, {"dim": True}))
        yield f"  {status}  {safe_text(control.id):<8} {safe_text(control.title)}"
        for line in _control(control, report, everything):
            yield f"                  {line}"
    yield from _ending(report)


def _control(control: ControlResult, report: Report, everything: bool) -> Iterator[str]:
    if control.checks:
        for check in control.checks:
            yield from _check(check, everything)
        if everything and control.cannot_show:
            yield f"a repository cannot show: {safe_text(control.cannot_show)}"
        step = next_step(control, report)
        if step:
            yield f"next   {safe_text(step)}"
        return
    limit = None if everything else _SHOWN
    for word, shown in (("open", control.failures), ("holds", control.evidence)):
        if word == "holds" and control.failures and not everything:
            shown = shown[:1]
        for place, text in shown[:limit]:
            yield f"{word:<6} {_at(place)}  {safe_text(redact(text))}"
        if limit is not None and len(shown) > limit:
            yield f"{'':<6} and {len(shown) - limit} more (--all shows them)"
    if everything and control.cannot_show:
        yield f"a repository cannot show: {safe_text(control.cannot_show)}"
    step = next_step(control, report)
    if step:
        yield f"next   {safe_text(step)}"


def _check(check: CheckResult, everything: bool) -> Iterator[str]:
    """A check with the lines its state rests on: those that keep it open, else its evidence."""
    yield f"{check.state:<15} {safe_text(check.id)}  {safe_text(check.title)}"
    limit = None if everything else 1
    for word, shown in (("open", check.failures), ("holds", check.evidence)):
        if word == "holds" and check.failures and not everything:
            continue
        for place, text in shown[:limit]:
            yield f"                {word:<6} {_at(place)}  {safe_text(redact(text))}"
        if limit is not None and len(shown) > limit:
            yield f"                {'':<6} and {len(shown) - limit} more (--all shows them)"
    if check.note and (everything or check.state in (ATTESTED, NEEDS_EVIDENCE)):
        yield f"                {safe_text(redact(check.note))}"


def _ending(report: Report) -> Iterator[str]:
    if report.failures:
        yield ""
        yield f"incomplete: {len(report.failures)} problems kept opslint from the whole answer; see `opslint scan`"
    source = report.policy.source
    yield ""
    yield f"policy: {safe_text(source)}; as of {report.as_of}"


def _at(place: Place) -> str:
    return f"{safe_text(place.path)}:{place.start_line}"


def document(result: FrameworkResult, report: Report) -> dict[str, Any]:
    """The framework as JSON values; texts are redacted and hold no control characters."""

    def shown(pairs: tuple[tuple[Place, str], ...]) -> list[dict[str, Any]]:
        return [
            {"path": visible(place.path), "line": place.start_line, "column": place.start_column, "text": visible(text)}
            for place, text in pairs
        ]

    return {
        "framework": result.id,
        "title": result.title,
        "as_of": report.as_of,
        "execution": report.verdict.execution,
        "totals": totals(result),
        "controls": [
            {
                "id": control.id,
                "title": control.title,
                "group": control.group,
                "status": control.status,
                "evidence": shown(control.evidence),
                "open": shown(control.failures),
                "cannot_show": control.cannot_show,
                "rules": list(control.rules),
                "checks": [_check_document(check, shown) for check in control.checks],
                "next": next_step(control, report),
            }
            for control in result.controls
        ],
    }
