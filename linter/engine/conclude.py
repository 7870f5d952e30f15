"""From judgements to the report: findings, waivers, frameworks and the gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from linter import __version__
from linter.engine.counting import counted
from linter.engine.estate import Reading
from linter.engine.findings import merged
from linter.engine.request import Request, Scan
from linter.engine.unread import not_read
from linter.model import Estate, Failure, Finding, Judgement, Severity, Verdict
from linter.policy import gate, waivers
from linter.policy.ids import meant
from linter.report import Counts, FrameworkResult, Policy, Report, RuleInfo, ScannerResult
from linter.rules.model import Rule
from linter.rules.pack import Pack

if TYPE_CHECKING:
    from linter.engine.known import Known
    from linter.fixes.plan import Plan
    from linter.scanners.combine import Combined


def _covers(request: Request, estate: Estate) -> Callable[[str], bool]:
    """What is reported: the PATHs, and the source of what a plan among them decides."""
    covers = request.scope.covers
    if request.scope.whole:
        return covers
    chosen = {path for path in {each.context.get("plan") for each in estate.resources} if path and covers(path)}
    sources = {estate.sources[each.anchor[0]].path for each in estate.resources if each.context.get("plan") in chosen}
    return (lambda path: path in sources or covers(path)) if chosen else covers


def conclude(
    request: Request,
    pack: Pack,
    reading: Reading,
    rules: list[Rule],
    judgements: list[Judgement],
    asked: list[dict[str, Any]],
) -> Scan:
    """Findings with their waivers, frameworks, the gate's answer, and the report of it all."""
    covers = _covers(request, reading.estate)
    by_id = {rule.id: rule for rule in rules}
    found = _found(request, reading.estate, by_id, judgements)
    infos = {rule.id: info(rule) for rule in rules}
    combined, scanners = _joined(request, pack, reading, found, infos)
    if combined is not None:
        found, infos = combined.findings, {**infos, **combined.rules}
    tools = frozenset(scanner.tool for scanner in scanners)
    applied = _waived(request, reading.estate, infos, found, covers, tools)
    known = _compared(request, pack, reading, asked, applied.findings, [each.tool for each in scanners], covers)
    findings = tuple(finding for finding in (known or applied).findings if covers(finding.place.path))
    spoken = (
        judgements if request.scope.whole else [each for each in judgements if _bears(each, reading.estate, covers)]
    )
    results = _evaluated(request, asked, spoken, reading.estate, findings, combined)
    failures = sorted({f for f in reading.failures if not f.place.path or covers(f.place.path)})
    elsewhere = sorted(set(reading.failures) - set(failures))
    counts = counted(judgements, reading.estate, reading.accounts, len({j.rule for j in judgements}))
    fine = request.allow_empty or not request.scope.whole
    verdict = gate.decide(
        findings, failures, request.settings, results, counts, fine, request.as_of, elsewhere=elsewhere,
        compared=known is not None,
    )  # fmt: skip
    unused = () if request.only_rules or request.isolated else applied.unused
    problems = (*applied.problems, *_attestation_problems(request, results), *(known.problems if known else ()))
    policy = Policy(request.settings.path, request.settings.sha256, unused, problems)
    gone = {entry.rule for entry in known.compared.gone}.intersection(infos) if known is not None else set[str]()
    rules_named = {id: infos[id] for id in sorted({f.rule for f in findings} | gone)}
    report = _report(request, reading, findings, tuple(failures), rules_named, verdict, counts)
    plan = _planner(reading.estate, by_id, judgements, findings)
    report = report._replace(
        frameworks=results, policy=policy, changes=applied.changes, fixes=lambda finding: plan().fix(finding),
        scanners=scanners, baseline=known.compared if known is not None else None,
    )  # fmt: skip
    return Scan(report, reading.estate, tuple(judgements), plan)


def _bears(judgement: Judgement, estate: Estate, covers: Callable[[str], bool]) -> bool:
    """Whether a judgement is of what is reported, or of the repository as a whole, which no PATH narrows."""
    return judgement.resource.kind == "estate/repository" or covers(estate.sources[judgement.span[0]].path)


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
    combined: Combined | None,
) -> tuple[FrameworkResult, ...]:
    """The frameworks that were asked for, which most scans do not."""
    if not asked:
        return ()
    from linter.policy.frameworks import Outsiders, evaluate

    covered = waivers.waived_places(findings)
    attested = request.settings.data.get("attestations", ())
    outsiders = Outsiders(findings, combined.bears_on if combined is not None else {})
    return tuple(evaluate(each, judgements, estate, covered, attested, request.as_of, outsiders) for each in asked)


def _attestation_problems(request: Request, results: Sequence[FrameworkResult]) -> list[str]:
    entries = request.settings.data.get("attestations", ())
    if not entries or not results:
        return []
    from linter.policy.checks import attestation_problems

    known = frozenset(check.id for each in results for control in each.controls for check in control.checks)
    return attestation_problems(entries, known, request.as_of)


def _found(request: Request, estate: Estate, rules: Mapping[str, Rule], judgements: list[Judgement]) -> list[Finding]:
    """What our own rules found."""
    severities = request.settings.data.get("rules", {}).get("severity", {})

    def severity_of(judgement: Judgement) -> Severity:
        id = judgement.rule
        if id in severities:
            return Severity[severities[id].upper()]
        severity = rules[id].severity
        if not judgement.lowered and severity <= judgement.at_most:
            return severity
        return Severity(min(max(severity - judgement.lowered, Severity.INFO), judgement.at_most))

    shown = [judgement for judgement in judgements if judgement.outcome != "pass" or request.full]
    return merged(shown, estate, severity_of)


def _joined(
    request: Request, pack: Pack, reading: Reading, found: list[Finding], infos: Mapping[str, RuleInfo]
) -> tuple[Combined | None, tuple[ScannerResult, ...]]:
    """Our findings and those of other tools, where some are asked for; what went wrong with them is a failure."""
    outside = request.outside
    if outside is None:
        return None, ()
    from linter.scanners.outside import merge

    severities = {id: each.severity for id, each in infos.items()}
    combined, results = merge(outside.reads, found, reading.estate, pack, request.root, severities, request.only_rules)
    reading.failures.extend(outside.failures)
    rules = request.settings.data.get("rules", {})
    disabled = frozenset(map(meant, rules.get("disable", ())))
    severity = {meant(id): word for id, word in rules.get("severity", {}).items()}
    findings = [
        each._replace(severity=Severity[severity[each.rule].upper()]) if each.rule in severity else each
        for each in combined.findings
        if each.rule not in disabled
    ]
    return combined._replace(findings=findings), results


def _waived(
    request: Request,
    estate: Estate,
    rules: Mapping[str, RuleInfo],
    found: list[Finding],
    covers: Callable[[str], bool],
    tools: frozenset[str],
) -> waivers.Applied:
    """All findings with the waivers that cover them; what is written inline in an artifact that is not reported on is
    not spoken of either. tools: other tools that took part."""
    base = None
    if request.base is not None:
        from linter.policy.suppressions import base_keys

        base = base_keys(request.base, {finding.place.path for finding in found})
    source_of = {source.path: source for source in estate.sources if covers(source.path)}.get
    return waivers.apply(found, request.settings, source_of, rules, request.as_of, base, tools)


def _compared(
    request: Request,
    pack: Pack,
    reading: Reading,
    asked: list[dict[str, Any]],
    findings: Sequence[Finding],
    tools: Sequence[str],
    covers: Callable[[str], bool],
) -> Known | None:
    """The findings beside the baseline, where there is one; what makes that one of another tree is a failure."""
    if request.baseline is None:
        return None
    from linter.engine.known import Looked, compare, left_out

    refused, _ = gate.split_failures(reading.failures, request.settings, request.as_of)
    looked = Looked(
        covers,
        bool(refused),
        frozenset(failure.place.path for failure in reading.failures),
        tuple(map(meant, request.only_rules)),
        left_out(pack, [framework["id"] for framework in asked]),
        frozenset(tools),
    )
    fixed = frozenset(map(meant, request.settings.data.get("non-waivable", ())))
    known = compare(findings, request.baseline, pack, reading.estate.paths, fixed, looked)
    reading.failures.extend(known.failures)
    return known


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
