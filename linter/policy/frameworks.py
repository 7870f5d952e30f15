"""Frameworks: what the judgements of a scan show of each control (DESIGN §6).

A control whose framework lists checks is decided by them together with its other rules: it is not met where one fails,
and no better than what either shows. Without checks, a control is *met* when every decisive rule that applies passes, at
least one of them judged something, and nothing that bears on it fails or stays unknown. Supporting rules alone show it
*partly*, and so do unknowns and waived failures: a waiver is a decision to live with a gap, not a proof that there is
none. A live failure of a decisive rule makes it *not met*; so does one of a supporting rule where nothing passes. What
no rule judged has *no evidence*.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from linter.model import FAIL, PASS, UNKNOWN, Estate, Finding, Judgement, Place, Waiver
from linter.policy import checks
from linter.policy.checks import Attestations
from linter.redaction import redacted_slice
from linter.report import NEEDS_EVIDENCE, NOT_APPLICABLE, CheckResult, ControlResult, FrameworkResult
from linter.text import safe_text

MET, PARTLY, NOT_MET, NO_EVIDENCE, NOT_OBSERVABLE = "met", "partly", "not met", "no evidence", "not observable"

_BY_CHECKS = {
    FAIL: NOT_MET, UNKNOWN: PARTLY, PASS: MET, NOT_APPLICABLE: NOT_APPLICABLE, NEEDS_EVIDENCE: NOT_OBSERVABLE,
}  # fmt: skip

Shown = tuple[Place, str]
_QUOTED = 100
"""Characters of a line that evidence quotes."""


def evaluate(
    framework: Mapping[str, Any],
    judgements: Iterable[Judgement],
    estate: Estate,
    waived: Mapping[tuple[str, Place], Waiver] | None = None,
    attestations: Iterable[Mapping[str, Any]] = (),
    as_of: str = "",
    outsiders: Outsiders | None = None,
) -> FrameworkResult:
    """Every control of a framework file's content with its status, its evidence and its failures.

    judgements: with passes, whose spans are the evidence. waived: (rule, place) → waiver of failures somebody decided
    to live with (see waivers.waived_places). attestations: of the policy, those valid on the day `as_of` count.
    outsiders: what other tools found, which counts as failures of the rules that ask for the same.
    """
    pointed = {rule for control in framework["controls"] for rule in rules_of(control)}
    in_production = frozenset(framework.get("production", ()))
    tallies: dict[str, _Tally] = {}
    for judgement in judgements:
        if judgement.rule in pointed and not (judgement.rule in in_production and _below_production(judgement)):
            tallies.setdefault(judgement.rule, _Tally([], [], [], [])).add(judgement, estate, waived or {})
    foreign: dict[str, tuple[str, ...]] = {}
    if outsiders is not None:
        foreign = outsiders.bears_on
        for rule, place, words, waived_words in outsiders.failures():
            if rule in pointed:
                tally = tallies.setdefault(rule, _Tally([], [], [], []))
                (tally.waived if waived_words else tally.failed).append((place, words + waived_words))
    checked = _Checked(framework, tallies, Attestations(attestations, as_of))
    controls = tuple(_control(control, tallies, checked.of(control["id"])) for control in framework["controls"])
    if foreign:
        controls = tuple(each._replace(rules=_with_foreign(each.rules, foreign)) for each in controls)
    return FrameworkResult(framework["id"], framework["title"], controls)


def _below_production(judgement: Judgement) -> bool:
    environment = judgement.resource.environment
    return environment is not None and environment.tier not in ("production", "")


def _with_foreign(rules: tuple[str, ...], foreign: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({*rules, *(id for id, like in foreign.items() if not set(like).isdisjoint(rules))}))


class Outsiders:
    """Findings of other tools. bears_on: rule id of such a finding → the rules of ours it stands beside."""

    def __init__(self, findings: Iterable[Finding], bears_on: Mapping[str, tuple[str, ...]]) -> None:
        self.bears_on = dict(bears_on)
        self._findings = [finding for finding in findings if finding.rule in self.bears_on]

    def failures(self) -> Iterator[tuple[str, Place, str, str]]:
        """(rule of ours, place, words, words about a waiver or '') of each."""
        for finding in self._findings:
            waived = ""
            if finding.waiver is not None:
                until = f" until {finding.waiver.expires}" if finding.waiver.expires else ""
                waived = f" (waived{until}: {finding.waiver.reason})"
            for rule in self.bears_on[finding.rule]:
                yield rule, finding.place, _said(finding.message, finding.rule), waived


def tags(frameworks: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Rule → the controls it bears on, each as `framework/control`, in the frameworks' order."""
    found: dict[str, dict[str, None]] = {}
    for framework in frameworks:
        for control in framework["controls"]:
            for rule in rules_of(control):
                found.setdefault(rule, {})[f"{framework['id']}/{control['id']}"] = None
    return {rule: tuple(found[rule]) for rule in sorted(found)}


def rules_of(control: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of the rules that bear on a control, sorted."""
    rules = control.get("rules", {})
    checked = (rule for check in control.get("checks", ()) for rule in check.get("rules", ()))
    return tuple(sorted({*rules.get("decisive", ()), *rules.get("supporting", ()), *checked}))


def without_rules(framework: Mapping[str, Any]) -> list[str]:
    """Ids of the controls a repository could show and no rule bears on yet, in the framework's order."""
    return [
        control["id"]
        for control in framework["controls"]
        if control["observable"] != "no" and not rules_of(control) and "checks" not in control
    ]


def dangling(framework: Mapping[str, Any], rules: Iterable[str]) -> list[tuple[str, str]]:
    """(control, rule) of every pointer at a rule that is not among `rules`."""
    known = frozenset(rules)
    return [(c["id"], rule) for c in framework["controls"] for rule in rules_of(c) if rule not in known]


class _Checked:
    """The checks of a framework's controls, each evaluated once, those of other controls that it sums up first."""

    def __init__(self, framework: Mapping[str, Any], tallies: Mapping[str, _Tally], attested: Attestations) -> None:
        self._controls = {control["id"]: control for control in framework["controls"]}
        self._homes = {
            check["id"]: each for each, control in self._controls.items() for check in control.get("checks", ())
        }
        self._tallies = tallies
        self._attested = attested
        self._found: dict[str, tuple[CheckResult, ...]] = {}

    def of(self, control: str) -> tuple[CheckResult, ...]:
        if control not in self._found:
            self._found[control] = ()  # a summary that sums itself up adds nothing
            self._found[control] = tuple(
                checks.evaluate(check, self._shows, self._named, self._attested)
                for check in self._controls[control].get("checks", ())
            )
        return self._found[control]

    def _named(self, name: str) -> tuple[CheckResult, ...]:
        """The checks of a control, or one check by its own id."""
        if name in self._controls:
            return self.of(name)
        return tuple(check for check in self.of(self._homes[name]) if check.id == name) if name in self._homes else ()

    def _shows(self, rules: Iterable[str]) -> checks.Shows:
        found = [self._tallies[rule] for rule in rules if rule in self._tallies]
        passed, failed, waived, unknown = (
            list(_ordered(shown for tally in found for shown in tally[side])) for side in range(4)
        )
        return checks.Shows(passed, failed, waived, unknown)


class _Tally(checks.Shows):
    """What one rule's judgements show, as (place, words)."""

    def add(self, judgement: Judgement, estate: Estate, waived: Mapping[tuple[str, Place], Waiver]) -> None:
        place = estate.place(judgement.span)
        if judgement.outcome == PASS:
            words = judgement.message or _seen(judgement, place, estate)
            self.passed.append((place, _said(words, judgement.rule)))
        elif judgement.outcome == UNKNOWN:
            missing = ", ".join(dict.fromkeys(unknown.subject for unknown in judgement.unknowns))
            words = f"Undecided for {_name(judgement)}{f': {missing} is unknown' if missing else ''}."
            self.unknown.append((place, _said(words, judgement.rule)))
        elif judgement.outcome == FAIL:
            waiver = waived.get((judgement.rule, place))
            words = _said(judgement.message, judgement.rule)
            if waiver:
                until = f" until {waiver.expires}" if waiver.expires else ""
                self.waived.append((place, f"{words} (waived{until}: {waiver.reason})"))
            else:
                self.failed.append((place, words))


def _said(words: str, rule: str) -> str:
    """What a rule says. Its id stands last, in brackets: before a colon it could read as the name of a password."""
    return f"{words} [{rule}]"


def _seen(judgement: Judgement, place: Place, estate: Estate) -> str:
    """Of a pass that says nothing itself: what it is about, and the line it rests on, without credentials."""
    source = estate.sources[judgement.span[0]]
    start = source.starts[place.start_line - 1]
    text = redacted_slice(source.text, start, start + len(source.line(place.start_line)))
    line = safe_text(text.strip(), _QUOTED)
    return f"{_name(judgement)}: `{line}`." if line else f"It holds for {_name(judgement)}."


def _name(judgement: Judgement) -> str:
    address = judgement.resource.address
    return f"{address} ({judgement.element})" if judgement.element else address


def _control(
    control: Mapping[str, Any], tallies: Mapping[str, _Tally], checked: tuple[CheckResult, ...]
) -> ControlResult:
    rules = control.get("rules", {})
    decisive = [tallies[rule] for rule in rules.get("decisive", ()) if rule in tallies]
    supporting = [tallies[rule] for rule in rules.get("supporting", ()) if rule in tallies]
    both = [*decisive, *supporting]
    supported = not decisive and not any(tally.failed or tally.waived or tally.unknown for tally in supporting)
    return ControlResult(
        control["id"],
        control["title"],
        NOT_OBSERVABLE
        if control["observable"] == "no"
        else _together(_status(decisive, supporting), checked, supported),
        tuple(_ordered((*(s for t in both for s in t.passed), *(s for c in checked for s in c.evidence)))),
        tuple(
            _ordered(
                (
                    *(shown for tally in both for shown in (*tally.failed, *tally.waived, *tally.unknown)),
                    *(shown for check in checked for shown in check.failures),
                )
            )
        ),
        control.get("cannot-show", ""),
        rules_of(control),
        control.get("group", ""),
        checked,
    )


def _together(by_rules: str, checked: tuple[CheckResult, ...], supported: bool) -> str:
    """The status of a control from what its own rules say and what its checks say: the worse of the two. Rules that only
    support it, and hold, take nothing away from what its checks show."""
    if not checked:
        return by_rules
    by_checks = _BY_CHECKS[checks.control_state(checked)]
    if by_rules == PARTLY and supported and by_checks in (MET, PARTLY):
        by_rules = MET
    if by_rules == NO_EVIDENCE or by_checks in (NOT_MET, by_rules):
        return by_checks
    if by_rules == MET and by_checks == PARTLY:
        return PARTLY
    return by_rules


def _status(decisive: Sequence[_Tally], supporting: Sequence[_Tally]) -> str:
    both = [*decisive, *supporting]
    if not both:
        return NO_EVIDENCE
    passes = any(tally.passed for tally in both)
    if any(tally.failed for tally in decisive):
        return NOT_MET
    if any(tally.failed for tally in supporting) and not passes:
        return NOT_MET
    if all(tally.passed and not (tally.failed or tally.waived or tally.unknown) for tally in both) and decisive:
        return MET
    return PARTLY


def _ordered(shown: Iterable[Shown]) -> Iterator[Shown]:
    return iter(
        sorted(set(shown), key=lambda pair: (pair[0].path.encode("utf-8", "surrogateescape"), *pair[0][1:], pair[1]))
    )
