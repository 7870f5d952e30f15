"""The checks of a control, each of which looks at one thing: what the rules behind it and the attestations show.

A check passes where its rules judged something and nothing of it fails or is undecided. What its rules found nothing to
judge is *not applicable*, which is no pass; neither is it one where nothing was found of what it is `shown-by`, however
much holds beside it. What no repository can show *needs runtime evidence* until somebody attests
it; an attestation that has expired attests nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from linter.model import FAIL, PASS, UNKNOWN, Place
from linter.records import NamedTuple
from linter.report import ATTESTED, NEEDS_EVIDENCE, NOT_APPLICABLE, CheckResult

Shown = tuple[Place, str]
_ATTESTABLE = (NOT_APPLICABLE, NEEDS_EVIDENCE)


class Shows(NamedTuple):
    """What the rules of one check show; `waived` are failures somebody decided to live with."""

    passed: list[Shown]
    failed: list[Shown]
    waived: list[Shown]
    unknown: list[Shown]


def attestation_problems(entries: Iterable[Mapping[str, Any]], known: frozenset[str], as_of: str) -> list[str]:
    """Why attestations attest nothing, each a sentence that begins with its 'FILE:LINE: '. known: ids of all checks."""
    found = []
    for entry in entries:
        reason = entry.get("problem", "")
        if not reason and entry["check"] not in known:
            reason = f"no framework that was asked for has a check {entry['check']!r}"
        elif not reason and str(entry["expires"]) < as_of:
            reason = f"it expired on {entry['expires']}; look again and date it anew"
        elif not reason and str(entry["date"]) > as_of:
            reason = f"its date, {entry['date']}, is yet to come"
        if reason:
            found.append(f"{entry['source']}: this attestation attests nothing: {reason}.")
    return found


class Attestations:
    """The policy's attestations by the id of the check they speak of."""

    def __init__(self, entries: Iterable[Mapping[str, Any]], as_of: str) -> None:
        self._as_of = as_of
        self._by_check: dict[str, Mapping[str, Any]] = {}
        for entry in entries:
            if "problem" not in entry and str(entry["expires"]) >= as_of and str(entry["date"]) <= as_of:
                self._by_check.setdefault(str(entry["check"]), entry)

    def of(self, check: str) -> str:
        """What somebody attests of a check and until when, '' where nobody does."""
        entry = self._by_check.get(check)
        if entry is None:
            return ""
        words = f"{entry['owner']} attested on {entry['date']}, valid until {entry['expires']}: {entry['statement']}"
        return f"{words} ({entry['source']})"


def evaluate(
    check: Mapping[str, Any],
    shows: Callable[[Iterable[str]], Shows],
    others: Callable[[str], Iterable[CheckResult]],
    attested: Attestations,
) -> CheckResult:
    """One check of a framework file.

    shows: what some rules show together. others: the checks of another control, or one of them, evaluated, by the name
    in `summary-of`.
    """
    if "summary-of" in check:
        found = _summary(check, others)
    elif "rules" in check:
        found = _judged(check, shows(check["rules"]), _lacking(check, shows))
    else:
        found = _result(check, NEEDS_EVIDENCE)
    statement = attested.of(check["id"])
    if statement and found.state in _ATTESTABLE:
        return found._replace(state=ATTESTED, note=statement)
    return found


def _result(check: Mapping[str, Any], state: str, shows: Shows | None = None) -> CheckResult:
    open_ended = (*shows.failed, *shows.waived, *shows.unknown) if shows is not None else ()
    return CheckResult(
        check["id"], check["title"], check["severity"], state,
        tuple(shows.passed) if shows is not None else (), open_ended, tuple(check.get("rules", ())),
        str(check.get("needs", "")),
    )  # fmt: skip


def _lacking(check: Mapping[str, Any], shows: Callable[[Iterable[str]], Shows]) -> list[str]:
    """What the check is shown by, and nothing here passes: each the name of a rule, or those of some, one of which would
    do."""
    groups = [[group] if isinstance(group, str) else group for group in check.get("shown-by", ())]
    return [" or ".join(group) for group in groups if not shows(group).passed]


def _judged(check: Mapping[str, Any], shows: Shows, lacking: Sequence[str] = ()) -> CheckResult:
    if shows.failed:
        return _result(check, FAIL, shows)
    if shows.waived or shows.unknown:
        return _result(check, UNKNOWN, shows)
    if shows.passed and lacking:
        words = f"Nothing here was judged by {', nor by '.join(lacking)}, without which it is not shown."
        return _result(check, NOT_APPLICABLE)._replace(note=words)
    return _result(check, PASS if shows.passed else NOT_APPLICABLE, shows)


def _summary(check: Mapping[str, Any], others: Callable[[str], Iterable[CheckResult]]) -> CheckResult:
    """A check that asks for checks of others, by control or one by one, of the severities it names: for those that look
    at something themselves, so that a summary of summaries counts nothing twice."""
    wanted = frozenset(check.get("severities", ("critical", "high", "medium", "low")))
    told = [each for name in check["summary-of"] for each in others(name) if each.severity in wanted and each.rules]
    shows = Shows([], [], [], [])
    for each in told:
        side = {FAIL: shows.failed, UNKNOWN: shows.unknown, PASS: shows.passed}.get(each.state)
        if side is not None:
            places = each.failures if each.state != PASS else each.evidence
            side.extend((place, f"{words} [{each.id}]") for place, words in places[:1])
    return _judged(check, shows)


def control_state(checks: Iterable[CheckResult]) -> str:
    """What the checks of a control show together: a state of report.CHECK_STATES.

    One that fails fails it; one that is undecided, or that runtime evidence is missing for, leaves it undecided where
    another passes; nothing but what does not apply is no pass.
    """
    states = {check.state for check in checks}
    if FAIL in states:
        return FAIL
    if UNKNOWN in states:
        return UNKNOWN
    shown = states & {PASS, ATTESTED}
    if NEEDS_EVIDENCE in states:
        return UNKNOWN if shown else NEEDS_EVIDENCE
    return PASS if shown else NOT_APPLICABLE
