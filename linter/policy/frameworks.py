"""Frameworks: what the judgements of a scan show of each control (DESIGN §6).

A control is *met* when every decisive rule that applies passes, at least one of them judged something, and nothing that
bears on it fails or stays unknown. Supporting rules alone show it *partly*, and so do unknowns and waived failures: a
waiver is a decision to live with a gap, not a proof that there is none. A live failure of a decisive rule makes it *not
met*; so does one of a supporting rule where nothing passes. What no rule judged has *no evidence*.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from linter.model import FAIL, PASS, UNKNOWN, Estate, Judgement, Place, Waiver
from linter.records import NamedTuple
from linter.report import ControlResult, FrameworkResult

MET, PARTLY, NOT_MET, NO_EVIDENCE, NOT_OBSERVABLE = "met", "partly", "not met", "no evidence", "not observable"

Shown = tuple[Place, str]


def evaluate(
    framework: Mapping[str, Any],
    judgements: Iterable[Judgement],
    estate: Estate,
    waived: Mapping[tuple[str, Place], Waiver] | None = None,
) -> FrameworkResult:
    """Every control of a framework file's content with its status, its evidence and its failures.

    judgements: with passes, whose spans are the evidence. waived: (rule, place) → waiver of failures somebody decided
    to live with (see waivers.waived_places).
    """
    pointed = {rule for control in framework["controls"] for rule in rules_of(control)}
    tallies: dict[str, _Tally] = {}
    for judgement in judgements:
        if judgement.rule in pointed:
            tallies.setdefault(judgement.rule, _Tally([], [], [], [])).add(judgement, estate, waived or {})
    controls = tuple(_control(control, tallies) for control in framework["controls"])
    return FrameworkResult(framework["id"], framework["title"], controls)


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
    return tuple(sorted({*rules.get("decisive", ()), *rules.get("supporting", ())}))


def without_rules(framework: Mapping[str, Any]) -> list[str]:
    """Ids of the controls a repository could show and no rule bears on yet, in the framework's order."""
    return [
        control["id"] for control in framework["controls"] if control["observable"] != "no" and not rules_of(control)
    ]


def dangling(framework: Mapping[str, Any], rules: Iterable[str]) -> list[tuple[str, str]]:
    """(control, rule) of every pointer at a rule that is not among `rules`."""
    known = frozenset(rules)
    return [(c["id"], rule) for c in framework["controls"] for rule in rules_of(c) if rule not in known]


class _Tally(NamedTuple):
    """What one rule's judgements show, as (place, words)."""

    passed: list[Shown]
    failed: list[Shown]
    waived: list[Shown]
    unknown: list[Shown]

    def add(self, judgement: Judgement, estate: Estate, waived: Mapping[tuple[str, Place], Waiver]) -> None:
        place = estate.place(judgement.span)
        if judgement.outcome == PASS:
            self.passed.append((place, f"{judgement.rule} holds for {_name(judgement)}"))
        elif judgement.outcome == UNKNOWN:
            missing = ", ".join(dict.fromkeys(unknown.subject for unknown in judgement.unknowns))
            words = f"{judgement.rule} is undecided for {_name(judgement)}"
            self.unknown.append((place, f"{words}: {missing} is unknown" if missing else words))
        elif judgement.outcome == FAIL:
            waiver = waived.get((judgement.rule, place))
            words = f"{judgement.rule}: {judgement.message}"
            if waiver:
                until = f" until {waiver.expires}" if waiver.expires else ""
                self.waived.append((place, f"{words} (waived{until}: {waiver.reason})"))
            else:
                self.failed.append((place, words))


def _name(judgement: Judgement) -> str:
    address = judgement.resource.address
    return f"{address} ({judgement.element})" if judgement.element else address


def _control(control: Mapping[str, Any], tallies: Mapping[str, _Tally]) -> ControlResult:
    rules = control.get("rules", {})
    decisive = [tallies[rule] for rule in rules.get("decisive", ()) if rule in tallies]
    supporting = [tallies[rule] for rule in rules.get("supporting", ()) if rule in tallies]
    both = [*decisive, *supporting]
    return ControlResult(
        control["id"],
        control["title"],
        NOT_OBSERVABLE if control["observable"] == "no" else _status(decisive, supporting),
        tuple(_ordered(shown for tally in both for shown in tally.passed)),
        tuple(_ordered(shown for tally in both for shown in (*tally.failed, *tally.waived, *tally.unknown))),
        control.get("cannot-show", ""),
        rules_of(control),
        control.get("group", ""),
    )


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
