"""Controls: what each mixture of judgements shows, and with which evidence."""

from __future__ import annotations

from typing import Any

import pytest
from policy_makers import WAIVER

from linter.model import Estate, Judgement, Map, Resource, Source, Unit, Unknown
from linter.policy.frameworks import dangling, evaluate, rules_of, tags, without_rules
from linter.report import STATUSES, ControlResult

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
    assert result.failures[0][1] == "d1: d1 says so (waived until 2027-01-31: because)"
    assert control(failed, waived=waived).status == "partly"
    assert control(failed, judgement("d1", "fail", 3), waived=waived).status == "not met"
    assert control(judgement("d2", "fail", 2), waived=waived).status == "not met"


def test_evidence_is_the_place_a_pass_rests_on() -> None:
    result = control(judgement("d1", "pass", 2), judgement("d1", "pass", 1), judgement("s1", "fail", 3))
    assert [(place.path, place.start_line, text) for place, text in result.evidence] == [
        ("main.tf", 1, "d1 holds for a.b"),
        ("main.tf", 2, "d1 holds for a.b"),
    ]
    assert [(place.start_line, text) for place, text in result.failures] == [(3, "s1: s1 says so")]
    assert result.rules == ("d1", "d2", "s1")


def test_what_would_decide_an_unknown_is_named() -> None:
    assert control(*outcomes("d1?")).failures[0][1] == "d1 is undecided for a.b: var.x is unknown"


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
