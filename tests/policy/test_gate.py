"""The gate: every branch, and the precedence of its exit codes."""

from __future__ import annotations

import itertools

import pytest
from policy_makers import TODAY, WAIVER, failure, finding, place, settings

from linter.model import Failure, Finding, Severity, Verdict
from linter.policy.gate import decide
from linter.report import ControlResult, Counts, FrameworkResult

FINE = Counts(artifacts_found=3, artifacts_analysed=3)


def judged(
    findings: tuple[Finding, ...] = (),
    failures: tuple[Failure, ...] = (),
    policy: str = "",
    frameworks: tuple[FrameworkResult, ...] = (),
    counts: Counts = FINE,
    allow_empty: bool = False,
    errors: tuple[str, ...] = (),
    elsewhere: tuple[Failure, ...] = (),
) -> Verdict:
    return decide(findings, failures, settings(policy), frameworks, counts, allow_empty, TODAY, errors, elsewhere)


def framework(**statuses: str) -> FrameworkResult:
    return FrameworkResult("soc2", "SOC 2", tuple(ControlResult(id, id, status) for id, status in statuses.items()))


def test_nothing_wrong_passes() -> None:
    assert judged() == Verdict("complete", "passed", 0, ())


@pytest.mark.parametrize("limit", list(Severity))
@pytest.mark.parametrize("severity", list(Severity))
def test_threshold(limit: Severity, severity: Severity) -> None:
    verdict = judged((finding(severity=severity),), policy=f"gate: {{fail-on: {limit.word}}}")
    assert (verdict.exit_code == 1) is (severity >= limit)
    assert (verdict.gate == "failed") is (severity >= limit)
    assert verdict.execution == "complete"


def test_the_threshold_is_high_by_default_and_the_reason_counts() -> None:
    findings = tuple(finding(severity=severity) for severity in (*Severity, Severity.HIGH))
    verdict = judged(findings)
    assert verdict.reasons == ("3 findings at or above high (1 critical, 2 high).",)
    assert judged((finding(severity=Severity.MEDIUM),)).exit_code == 0


def test_waived_passed_and_unknown_findings_do_not_fail_the_gate() -> None:
    findings = (finding(waiver=WAIVER), finding(outcome="pass"), finding(outcome="unknown"))
    assert judged(findings).exit_code == 0


def test_unknown_fail_counts_unknowns_at_the_threshold_unless_waived() -> None:
    policy = "gate: {unknown: fail}"
    assert judged((finding(outcome="unknown"),), policy=policy).exit_code == 1
    assert judged((finding(outcome="unknown", severity=Severity.MEDIUM),), policy=policy).exit_code == 0
    assert judged((finding(outcome="unknown", waiver=WAIVER),), policy=policy).exit_code == 0
    assert judged((finding(outcome="unknown"),), policy="gate: {unknown: report}").exit_code == 0


def test_failures_make_it_incomplete_while_the_gate_is_still_answered() -> None:
    verdict = judged(failures=(failure("b.yaml"), failure("a.yaml")))
    assert verdict == Verdict("incomplete", "passed", 3, ("Incomplete: 2 × artifact-unparsed (a.yaml, b.yaml).",))
    assert judged((finding(),), failures=(failure(),))[:3] == ("incomplete", "failed", 3)


def test_many_failures_are_summed_up() -> None:
    verdict = judged(failures=tuple(failure(f"{n}.yaml") for n in range(9)))
    assert verdict.reasons == ("Incomplete: 9 × artifact-unparsed (0.yaml, 1.yaml, 2.yaml and 6 more).",)


ALLOW = "allow-incomplete: [{path: 'legacy/**', id: artifact-unparsed, reason: being replaced, expires: %s}]"


def test_allow_incomplete_covers_its_path_and_id_until_it_expires() -> None:
    legacy = failure("legacy/a.yaml")
    allowed = judged(failures=(legacy,), policy=ALLOW % TODAY)
    assert allowed[:3] == ("complete", "passed", 0)
    assert allowed.reasons == (
        "Allowed: artifact-unparsed in legacy/a.yaml until 2026-06-15 by opslint.yaml:1: being replaced.",
    )
    assert judged(failures=(legacy,), policy=ALLOW % "2026-06-14").exit_code == 3
    assert judged(failures=(failure("new/a.yaml"),), policy=ALLOW % TODAY).exit_code == 3
    assert judged(failures=(failure("legacy/a.yaml", "artifact-unreadable"),), policy=ALLOW % TODAY).exit_code == 3
    assert judged(failures=(legacy, failure("new/a.yaml")), policy=ALLOW % TODAY).exit_code == 3


def test_what_has_no_path_cannot_be_allowed() -> None:
    policy = "allow-incomplete: [{path: '**', id: rule-crashed, reason: known for long, expires: 2027-01-01}]"
    crashed = Failure("rule-crashed", place(""), "rule x stopped", "Report it.")
    assert judged(failures=(crashed,), policy=policy).exit_code == 3


def test_a_malformed_allow_entry_covers_nothing() -> None:
    policy = "allow-incomplete: [{path: '**', id: artifact-unparsed, expires: 2027-01-01}]"
    assert judged(failures=(failure(),), policy=policy).exit_code == 3


@pytest.mark.parametrize(
    "counts",
    [
        Counts(artifacts_found=3, artifacts_analysed=2),
        Counts(artifacts_found=2, artifacts_analysed=3),
        Counts(artifacts_found=3, artifacts_analysed=4, artifacts_skipped=-1),
    ],
)
def test_accounts_that_do_not_add_up_are_incomplete(counts: Counts) -> None:
    assert judged(counts=counts)[:3] == ("incomplete", "passed", 3)


def test_a_failed_artifact_must_say_why() -> None:
    counts = Counts(artifacts_found=3, artifacts_analysed=2, artifacts_failed=1)
    silent = judged(counts=counts)
    assert silent.exit_code == 3
    assert silent.reasons == ("Incomplete: 1 artifacts failed and only 0 say why.",)
    allowed = judged(failures=(failure("legacy/a"),), counts=counts, policy=ALLOW % TODAY)
    assert allowed.exit_code == 0
    assert judged(elsewhere=(failure("other/a"),), counts=counts).exit_code == 0


def test_a_failure_without_a_path_explains_no_artifact() -> None:
    counts = Counts(artifacts_found=1, artifacts_failed=1)
    crashed = Failure("rule-crashed", place(""), "rule x stopped", "Report it.")
    assert len(judged(failures=(crashed,), counts=counts).reasons) == 2


def test_skipped_artifacts_are_accounted_for() -> None:
    assert judged(counts=Counts(artifacts_found=3, artifacts_analysed=1, artifacts_skipped=2)).exit_code == 0


def test_nothing_recognised_is_incomplete_unless_allowed() -> None:
    assert judged(counts=Counts())[:3] == ("incomplete", "passed", 3)
    assert "--allow-empty" in judged(counts=Counts()).reasons[0]
    assert judged(counts=Counts(), allow_empty=True).exit_code == 0


REQUIRED = "gate: {frameworks: [{id: soc2, controls: [CC6-1]}]}"


@pytest.mark.parametrize("status", ["partly", "not met", "no evidence", "not observable", "not applicable"])
def test_a_named_control_must_be_met(status: str) -> None:
    results = (FrameworkResult("soc2", "SOC 2", (ControlResult("CC6-1", "Access", status),)),)
    verdict = judged(policy=REQUIRED, frameworks=results)
    assert verdict[:3] == ("complete", "failed", 1)
    assert verdict.reasons == (f"soc2 CC6-1 must be met and is: {status}.",)


def test_named_controls_that_are_met_pass_and_others_do_not_matter() -> None:
    results = (
        FrameworkResult("soc2", "SOC 2", (ControlResult("CC6-1", "", "met"), ControlResult("X", "", "not met"))),
    )
    assert judged(policy=REQUIRED, frameworks=results).exit_code == 0


def test_a_control_or_framework_that_is_not_there_fails() -> None:
    assert judged(policy=REQUIRED, frameworks=(framework(other="met"),)).exit_code == 1
    assert judged(policy=REQUIRED).exit_code == 1
    assert "not evaluated" in judged(policy=REQUIRED).reasons[0]


def test_without_names_no_control_may_be_not_met() -> None:
    policy = "gate: {frameworks: [{id: soc2}]}"
    fine = framework(a="met", b="partly", c="no evidence", d="not observable")
    assert judged(policy=policy, frameworks=(fine,)).exit_code == 0
    bad = judged(policy=policy, frameworks=(framework(a="met", b="not met"),))
    assert bad.reasons == ("soc2: 1 control not met (b).",)
    assert bad.exit_code == 1


def test_frameworks_the_policy_does_not_name_do_not_decide() -> None:
    assert judged(frameworks=(framework(a="not met"),)).exit_code == 0


def test_precedence_is_2_over_3_over_1_over_0() -> None:
    for error, incomplete, failed in itertools.product((False, True), repeat=3):
        verdict = judged(
            findings=(finding(),) if failed else (),
            failures=(failure(),) if incomplete else (),
            errors=("The report could not be written.",) if error else (),
        )
        assert verdict.exit_code == (2 if error else 3 if incomplete else 1 if failed else 0)
        assert verdict.gate == ("not-evaluated" if error else "failed" if failed else "passed")
        assert all(reason.endswith(".") for reason in verdict.reasons)
