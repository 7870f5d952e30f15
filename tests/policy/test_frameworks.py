"""Controls: what each mixture of judgements shows, and with which evidence."""

from __future__ import annotations

from typing import Any

import pytest
from policy_makers import WAIVER

from linter.model import Estate, Judgement, Map, Resource, Source, Unit, Unknown
from linter.policy.checks import attestation_problems
from linter.policy.frameworks import dangling, evaluate, rules_of, tags, without_rules
from linter.report import CHECK_STATES, STATUSES, ControlResult

TEXT = "one\ntwo\nthree\n"


def estate() -> Estate:
    made = Estate()
    made.sources.append(Source(0, "main.tf", TEXT))
    return made


def judgement(rule: str, outcome: str, line: int = 1, name: str = "a.b") -> Judgement:
    start = [0, 4, 8][line - 1]
    resource = Resource("terraform/a", name, name, Unit("terraform", ""), Map((0, 0, 3)), (0, 0, 3), (0, 0, 3))
    unknowns = (Unknown("missing-input", "var.x", "Pass --var x=…."),) if outcome == "unknown" else ()
    return Judgement(rule, resource, outcome, f"{rule} says so", (0, start, start + 3), unknowns=unknowns)


def framework(**control: Any) -> dict[str, Any]:
    made = {
        "id": "C1",
        "title": "One",
        "observable": "fully",
        "rules": {"decisive": ["d1", "d2"], "supporting": ["s1"]},
    }
    return {"id": "own", "title": "Own", "controls": [made | control]}


def control(*judgements: Judgement, waived: Any = None, **changed: Any) -> ControlResult:
    return evaluate(framework(**changed), judgements, estate(), waived).controls[0]


def outcomes(text: str) -> list[Judgement]:
    """'d1+ d2- s1? ' as judgements that pass, fail and stay unknown."""
    words = {"+": "pass", "-": "fail", "?": "unknown"}
    return [judgement(word[:-1], words[word[-1]]) for word in text.split()]


@pytest.mark.parametrize(
    ("judgements", "status"),
    [
        ("", "no evidence"),
        ("other+", "no evidence"),
        ("d1+", "met"),
        ("d1+ d2+", "met"),
        ("d1+ s1+", "met"),
        ("d1+ d2-", "not met"),
        ("d1-", "not met"),
        ("d1+ d1-", "not met"),
        ("d1- s1+", "not met"),
        ("d1- d2?", "not met"),
        ("s1+", "partly"),
        ("s1-", "not met"),
        ("s1+ s1-", "partly"),
        ("d1+ s1-", "partly"),
        ("d1+ s1?", "partly"),
        ("d1+ d2?", "partly"),
        ("d1?", "partly"),
        ("s1?", "partly"),
        ("d1? s1-", "not met"),
    ],
)
def test_status(judgements: str, status: str) -> None:
    result = control(*outcomes(judgements))
    assert result.status == status
    assert result.status in STATUSES


def test_what_a_repository_cannot_show_is_not_observable_whatever_rules_say() -> None:
    result = control(*outcomes("d1+"), observable="no", **{"cannot-show": "People"})
    assert (result.status, result.cannot_show) == ("not observable", "People")


def test_a_waived_failure_is_no_pass() -> None:
    failed = judgement("d1", "fail", 2)
    waived = {("d1", estate().place(failed.span)): WAIVER}
    result = control(judgement("d1", "pass"), failed, waived=waived)
    assert result.status == "partly"
    assert result.failures[0][1] == "d1 says so [d1] (waived until 2027-01-31: because)"
    assert control(failed, waived=waived).status == "partly"
    assert control(failed, judgement("d1", "fail", 3), waived=waived).status == "not met"
    assert control(judgement("d2", "fail", 2), waived=waived).status == "not met"


def test_evidence_is_the_place_a_pass_rests_on() -> None:
    result = control(judgement("d1", "pass", 2), judgement("d1", "pass", 1), judgement("s1", "fail", 3))
    assert [(place.path, place.start_line, text) for place, text in result.evidence] == [
        ("main.tf", 1, "d1 says so [d1]"),
        ("main.tf", 2, "d1 says so [d1]"),
    ]
    assert [(place.start_line, text) for place, text in result.failures] == [(3, "s1 says so [s1]")]
    assert result.rules == ("d1", "d2", "s1")


def test_what_would_decide_an_unknown_is_named() -> None:
    assert control(*outcomes("d1?")).failures[0][1] == "Undecided for a.b: var.x is unknown. [d1]"


def test_the_same_evidence_stands_once() -> None:
    assert len(control(*outcomes("d1+ d1+")).evidence) == 1


def test_changing_the_judgement_flips_the_control() -> None:
    assert control(*outcomes("d1+ d2+ s1+")).status == "met"
    for flipped in ("d1- d2+ s1+", "d1+ d2- s1+"):
        assert control(*outcomes(flipped)).status == "not met"


def test_helpers() -> None:
    made = framework()
    made["controls"].append({"id": "C2", "title": "Two", "observable": "partly", "rules": {"supporting": ["d1"]}})
    made["controls"].append({"id": "C3", "title": "Three", "observable": "partly"})
    made["controls"].append({"id": "C4", "title": "Four", "observable": "no"})
    assert tags([made]) == {"d1": ("own/C1", "own/C2"), "d2": ("own/C1",), "s1": ("own/C1",)}
    assert without_rules(made) == ["C3"]
    assert dangling(made, ["d1", "s1"]) == [("C1", "d2")]
    assert rules_of(made["controls"][3]) == ()


def checked(*checks: dict[str, Any], judgements: str = "", attestations: Any = (), **control: Any) -> ControlResult:
    """The control `C1` whose framework lists these checks, and no rules of its own."""
    made: dict[str, Any] = {
        "id": "C1", "title": "One", "observable": "fully",
        "checks": [{"title": "Holds", "severity": "high"} | check for check in checks],
    }  # fmt: skip
    content = {"id": "own", "title": "Own", "controls": [made | control]}
    return evaluate(content, outcomes(judgements), estate(), None, attestations, "2026-06-01").controls[0]


ONE, TWO, PEOPLE = {"id": "one", "rules": ["d1"]}, {"id": "two", "rules": ["d2"]}, {"id": "people", "needs": "Ask them"}


@pytest.mark.parametrize(
    ("checks", "judgements", "states", "status"),
    [
        ((ONE,), "", ["not applicable"], "not applicable"),
        ((ONE, TWO), "d1+", ["pass", "not applicable"], "met"),
        ((ONE, TWO), "d1+ d2-", ["pass", "fail"], "not met"),
        ((ONE, TWO), "d1+ d2?", ["pass", "unknown"], "partly"),
        ((ONE,), "d1+ d1-", ["fail"], "not met"),
        ((PEOPLE,), "", ["needs runtime evidence"], "not observable"),
        ((ONE, PEOPLE), "d1+", ["pass", "needs runtime evidence"], "partly"),
        ((ONE, PEOPLE), "d1-", ["fail", "needs runtime evidence"], "not met"),
    ],
)
def test_checks_decide_their_control(checks: Any, judgements: str, states: list[str], status: str) -> None:
    found = checked(*checks, judgements=judgements)
    assert [check.state for check in found.checks] == states
    assert found.status == status
    assert all(state in CHECK_STATES for state in states)


SHOWN = {"id": "both", "rules": ["d1", "d2", "s1"], "shown-by": ["d1", ["d2", "s1"]]}


@pytest.mark.parametrize(
    ("judgements", "state", "note"),
    [
        ("d1+ d2+", "pass", ""), ("d1+ s1+", "pass", ""), ("d2+ s1+", "not applicable", "judged by d1,"),
        ("d1+", "not applicable", "judged by d2 or s1,"), ("d2-", "fail", ""), ("d2?", "unknown", ""),
        ("", "not applicable", ""),
    ],
)  # fmt: skip
def test_a_check_passes_by_what_shows_it_and_by_nothing_else(judgements: str, state: str, note: str) -> None:
    found = checked(SHOWN, judgements=judgements).checks[0]
    assert found.state == state
    assert note in found.note and bool(note) == bool(found.note)
    assert bool(found.evidence) == ("+" in judgements and state == "pass")


def test_a_pass_without_words_quotes_its_line_without_credentials() -> None:
    made = Estate()
    made.sources.append(Source(0, "main.tf", 'a = 1\npassword = "hunter2-hunter2"\n'))
    words = [
        evaluate(framework(), [judgement("d1", "pass")._replace(message="", span=(0, at, at + 1))], made)
        .controls[0].evidence[0][1]
        for at in (0, 6)
    ]  # fmt: skip
    assert words[0] == "a.b: `a = 1`. [d1]"
    assert words[1].startswith("a.b: `password = ") and "hunter2-h" not in words[1]


@pytest.mark.parametrize(
    ("rules", "judgements", "status"),
    [
        ("d2+", "d1+", "met"), ("d2-", "d1+", "not met"), ("d2?", "d1+", "partly"), ("d2+", "d1?", "partly"),
        ("d2+", "d1-", "not met"), ("", "d1+", "met"),
    ],
)  # fmt: skip
def test_rules_beside_checks_count_too(rules: str, judgements: str, status: str) -> None:
    found = checked(ONE, judgements=f"{rules} {judgements}", rules={"decisive": ["d2"]})
    assert found.status == status
    assert found.rules == ("d1", "d2")


def test_a_waived_failure_leaves_a_check_undecided() -> None:
    failed = judgement("d1", "fail", 2)
    control = {"id": "C1", "title": "One", "observable": "fully", "checks": [ONE | {"title": "T", "severity": "low"}]}
    content = {"id": "own", "title": "Own", "controls": [control]}
    waived = {("d1", estate().place(failed.span)): WAIVER}
    assert evaluate(content, [failed], estate(), waived).controls[0].checks[0].state == "unknown"


ATTESTATION = {
    "check": "people", "statement": "They know", "owner": "platform", "date": "2026-05-01", "expires": "2026-12-31",
    "source": "opslint.yaml:3",
}  # fmt: skip


def test_an_attestation_stands_for_what_no_repository_shows_and_for_nothing_else() -> None:
    found = checked(ONE, PEOPLE, judgements="d1+", attestations=(ATTESTATION,))
    assert [check.state for check in found.checks] == ["pass", "attested"]
    assert found.status == "met"
    assert found.checks[1].note == (
        "platform attested on 2026-05-01, valid until 2026-12-31: They know (opslint.yaml:3)"
    )
    failing = checked(ONE, judgements="d1-", attestations=(ATTESTATION | {"check": "one"},))
    assert failing.checks[0].state == "fail"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"expires": "2026-05-31"}, "it expired on 2026-05-31"),
        ({"date": "2026-06-02"}, "its date, 2026-06-02, is yet to come"),
        ({"check": "others"}, "no framework that was asked for has a check 'others'"),
        ({"problem": "owner is missing"}, "owner is missing"),
    ],
)
def test_an_attestation_that_attests_nothing_is_told(changed: dict[str, str], reason: str) -> None:
    entry = ATTESTATION | changed
    assert checked(PEOPLE, attestations=(entry,)).checks[0].state == "needs runtime evidence"
    problems = attestation_problems([entry], frozenset(("people",)), "2026-06-01")
    assert len(problems) == 1
    assert problems[0].startswith("opslint.yaml:3: this attestation attests nothing: ")
    assert reason in problems[0]


def test_a_check_sums_up_those_of_other_controls() -> None:
    summary = {"id": "all", "title": "All hold", "severity": "high", "summary-of": ["C1"], "severities": ["high"]}
    low = ONE | {"title": "Low", "severity": "low"}
    controls = [
        {"id": "C0", "title": "Sum", "observable": "fully", "checks": [summary]},
        {
            "id": "C1",
            "title": "One",
            "observable": "fully",
            "checks": [TWO | {"title": "High", "severity": "high"}, low],
        },
    ]
    content = {"id": "own", "title": "Own", "controls": controls}
    for judgements, state in (("d2+ d1-", "pass"), ("d2-", "fail"), ("d2?", "unknown"), ("", "not applicable")):
        found = evaluate(content, outcomes(judgements), estate()).controls[0]
        assert found.checks[0].state == state, judgements


def test_a_check_sums_up_single_checks_and_no_summary_twice() -> None:
    """By a check's own id only that one counts, and a summary counts for no other summary."""
    several = {"id": "C1", "title": "One", "observable": "fully", "checks": [
        TWO | {"title": "High", "severity": "high"}, ONE | {"title": "Other", "severity": "high"},
        {"id": "all-of-one", "title": "All of it", "severity": "high", "summary-of": ["C1"]},
    ]}  # fmt: skip
    for wanted, state in ((TWO["id"], "pass"), (ONE["id"], "fail"), ("all-of-one", "not applicable")):
        summary = {"id": "all", "title": "All hold", "severity": "high", "summary-of": [wanted]}
        own = {"id": "C0", "title": "Sum", "observable": "fully", "checks": [summary]}
        content = {"id": "own", "title": "Own", "controls": [own, several]}
        assert evaluate(content, outcomes("d2+ d1-"), estate()).controls[0].checks[0].state == state, wanted


def test_a_summary_of_itself_ends() -> None:
    summary = {"id": "all", "title": "All hold", "severity": "high", "summary-of": ["C1"]}
    assert checked(summary).checks[0].state == "not applicable"
