"""One scan from a request to the report every reporter renders."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from linter import __version__
from linter.config import Settings
from linter.engine.counting import counted
from linter.engine.estate import Reading, read_estate
from linter.engine.findings import merged
from linter.engine.judge import judge
from linter.engine.unread import not_read
from linter.model import Estate, Failure, Finding, Judgement, Place, Severity, Verdict
from linter.policy import gate, waivers
from linter.records import NamedTuple
from linter.report import Counts, FrameworkResult, Policy, Report, RuleInfo
from linter.rules.model import Rule
from linter.rules.pack import Pack
from linter.scope import Scope

if TYPE_CHECKING:
    from linter.fixes.plan import Plan


class Request(NamedTuple):
    """What was asked for. root: absolute folder. scope: what is reported. as_of: ISO date. full: passes and unknowns
    with their places are wanted. frameworks: ids to evaluate besides those the gate requires. base: on a pull request,
    the folder that holds the base's policy and, at their own paths, its artifacts with inline waivers. renderers: asked-for
    programs that make manifests of templates, by name."""

    root: str
    name: str
    scope: Scope
    settings: Settings
    as_of: str
    frameworks: tuple[str, ...] = ()
    isolated: bool = False
    allow_empty: bool = False
    full: bool = False
    only_rules: tuple[str, ...] = ()
    base: str | None = None
    renderers: Mapping[str, Callable[..., Any]] = {}


class Scan(NamedTuple):
    """A report with what only tests, the checklist and `--fix` look at. plan: what would end its findings."""

    report: Report
    estate: Estate
    judgements: tuple[Judgement, ...]
    plan: Callable[[], Plan]


def scan(request: Request, pack: Pack, progress: Callable[[str], None], condemned: Mapping[str, str]) -> Scan:
    """Read, expand, link, judge and decide. Never raises for anything the scanned tree says."""
    gc.disable()
    settings = {**request.settings.data, "as-of": request.as_of, "renderers": request.renderers}
    only = request.scope.covers if request.isolated else None
    reading = read_estate(request.root, settings, progress, condemned, only)
    asked = _frameworks(request, pack)
    rules = _rules(request, pack, reading.estate, {framework["id"] for framework in asked})
    failures = reading.failures
    crashed = _crash_collector(failures)
    judgements = judge(reading.estate, rules, evidence=request.full or bool(asked), progress=progress, crashed=crashed)
    progress("report")
    return _conclude(request, reading, rules, judgements, asked)


def _covers(request: Request, estate: Estate) -> Callable[[str], bool]:
    """What is reported: the PATHs, and the source of what a plan among them decides."""
    covers = request.scope.covers
    if request.scope.whole:
        return covers
    chosen = {path for path in {each.context.get("plan") for each in estate.resources} if path and covers(path)}
    sources = {estate.sources[each.anchor[0]].path for each in estate.resources if each.context.get("plan") in chosen}
    return (lambda path: path in sources or covers(path)) if chosen else covers


def _frameworks(request: Request, pack: Pack) -> list[dict[str, Any]]:
    wanted = [
        *request.frameworks,
        *(item["id"] for item in request.settings.data.get("gate", {}).get("frameworks", ())),
    ]
    return [pack.framework(id) for id in dict.fromkeys(wanted) if id in pack.framework_ids]


def _rules(request: Request, pack: Pack, estate: Estate, asked: set[str]) -> list[Rule]:
    """The rules that run: those for what the estate holds, without the disabled ones and those that only a framework
    nobody asked for wants judged."""
    configured = request.settings.data.get("rules", {})
    disabled = set(configured.get("disable", ()))
    rules = [rule for rule in pack.for_kinds(estate.kinds) if rule.id not in disabled]
    if request.only_rules:
        return [rule for rule in rules if rule.id in request.only_rules]
    return [rule for rule in rules if "asked" not in rule.data or asked.intersection(rule.data["asked"])]


def _crash_collector(failures: list[Failure]) -> Callable[[str, str], None]:
    def crashed(rule: str, message: str) -> None:
        text = f"rule {rule} stopped with {message}"
        failures.append(Failure("rule-crashed", Place("", 1, 1, 1, 1), text, "Report this as a bug of opslint."))

    return crashed


def _conclude(
    request: Request,
    reading: Reading,
    rules: list[Rule],
    judgements: list[Judgement],
    asked: list[dict[str, Any]],
) -> Scan:
    covers = _covers(request, reading.estate)
    by_id = {rule.id: rule for rule in rules}
    applied = _waived(request, reading.estate, by_id, judgements)
    findings = tuple(finding for finding in applied.findings if covers(finding.place.path))
    results = _evaluated(request, asked, judgements, reading.estate, applied.findings)
    failures = sorted({f for f in reading.failures if not f.place.path or covers(f.place.path)})
    elsewhere = sorted(set(reading.failures) - set(failures))
    counts = counted(judgements, reading.estate, reading.accounts, len({j.rule for j in judgements}))
    fine = request.allow_empty or not request.scope.whole
    verdict = gate.decide(
        findings, failures, request.settings, results, counts, fine, request.as_of, elsewhere=elsewhere
    )
    unused = () if request.only_rules or request.isolated else applied.unused
    problems = (*applied.problems, *_attestation_problems(request, results))
    policy = Policy(request.settings.path, request.settings.sha256, unused, problems)
    rules_named = {id: info(by_id[id]) for id in sorted({f.rule for f in findings})}
    report = _report(request, reading, findings, tuple(failures), rules_named, verdict, counts)
    plan = _planner(reading.estate, by_id, judgements, findings)
    report = report._replace(
        frameworks=results, policy=policy, changes=applied.changes, fixes=lambda finding: plan().fix(finding)
    )
    return Scan(report, reading.estate, tuple(judgements), plan)


def _planner(
    estate: Estate, rules: Mapping[str, Rule], judgements: list[Judgement], findings: tuple[Finding, ...]
) -> Callable[[], Plan]:
    """What would end the findings; nothing is worked out, or imported, before somebody asks, and then once."""
    made: list[Plan] = []

    def plan() -> Plan:
        if not made:
            from linter.fixes.plan import Plan

            made.append(Plan(estate, {id: rule.data for id, rule in rules.items()}, judgements, findings))
        return made[0]

    return plan


def _evaluated(
    request: Request,
    asked: list[dict[str, Any]],
    judgements: list[Judgement],
    estate: Estate,
    findings: Sequence[Finding],
) -> tuple[FrameworkResult, ...]:
    """The frameworks that were asked for, which most scans do not."""
    if not asked:
        return ()
    from linter.policy.frameworks import evaluate

    covered = waivers.waived_places(findings)
    attested = request.settings.data.get("attestations", ())
    return tuple(evaluate(each, judgements, estate, covered, attested, request.as_of) for each in asked)


def _attestation_problems(request: Request, results: Sequence[FrameworkResult]) -> list[str]:
    entries = request.settings.data.get("attestations", ())
    if not entries or not results:
        return []
    from linter.policy.checks import attestation_problems

    known = frozenset(check.id for each in results for control in each.controls for check in control.checks)
    return attestation_problems(entries, known, request.as_of)


def _waived(
    request: Request, estate: Estate, rules: Mapping[str, Rule], judgements: list[Judgement]
) -> waivers.Applied:
    """All findings with the waivers that cover them."""
    severities = request.settings.data.get("rules", {}).get("severity", {})

    def severity_of(judgement: Judgement) -> Severity:
        id = judgement.rule
        if id in severities:
            return Severity[severities[id].upper()]
        severity = rules[id].severity
        return severity if not judgement.lowered else Severity(max(severity - judgement.lowered, Severity.INFO))

    shown = [judgement for judgement in judgements if judgement.outcome != "pass" or request.full]
    everything = merged(shown, estate, severity_of)
    base = None
    if request.base is not None:
        from linter.policy.suppressions import base_keys

        base = base_keys(request.base, {finding.place.path for finding in everything})
    source_of = {source.path: source for source in estate.sources}.get
    return waivers.apply(everything, request.settings, source_of, rules, request.as_of, base)


def _report(
    request: Request,
    reading: Reading,
    findings: tuple[Finding, ...],
    failures: tuple[Failure, ...],
    rules: Mapping[str, RuleInfo],
    verdict: Verdict,
    counts: Counts,
) -> Report:
    estate = reading.estate
    return Report(
        findings=findings,
        failures=failures,
        rules=rules,
        verdict=verdict,
        counts=counts,
        skipped=reading.accounts.skipped,
        not_rendered=reading.accounts.not_rendered,
        not_read=not_read(estate.paths, request.scope.covers),
        environments=tuple(sorted({r.environment for r in estate.resources if r.environment})),
        as_of=request.as_of,
        sources={source.path: source for source in estate.sources}.get,
        root=request.name,
        version=__version__,
    )


def info(rule: Rule) -> RuleInfo:
    """What reporters say of a rule."""
    return RuleInfo(
        rule.id,
        rule.title,
        rule.severity,
        rule.security_severity,
        rule.why,
        rule.fix,
        ("security",) if rule.security_severity else (),
        {tool: tuple(ids) for tool, ids in rule.same_as.items()},
        "" if rule.status == "stable" else rule.status,
        "mend" in rule.data or any("mend" in spec for spec in rule.data.get("variants", ())),
    )
