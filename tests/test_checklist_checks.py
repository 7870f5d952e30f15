"""The checks of the checklist: all are there once, each rests on something, and every pass shows its evidence."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from linter.cli.work import run_scan
from linter.report import ControlResult
from linter.rules.frameworks import read_framework
from scripts.shop import AS_OF, GOOD

FILE = Path(__file__).parent.parent / "rules" / "frameworks" / "qa-checklist.yaml"
CHECKS = [
    "qa-infra-code-present", "qa-infra-references-resolve", "qa-infra-state-managed", "qa-infra-versions-pinned",
    "qa-env-set-complete", "qa-env-no-weaker-prod", "qa-inventory-tagged", "qa-drift-detection", "qa-ci-present",
    "qa-ci-valid-syntax", "qa-ci-tests-run", "qa-ci-deploy-needs-tests", "qa-ci-least-privilege",
    "qa-ci-supply-chain-pinned", "qa-ci-no-injection", "qa-ci-bounded", "qa-deploy-automated",
    "qa-deploy-plan-then-apply", "qa-deploy-approval-gate", "qa-deploy-rollback", "qa-deploy-strategy",
    "qa-deploy-checklist", "qa-deploy-verification", "qa-deploy-migration-safe", "qa-mon-workloads-covered",
    "qa-mon-infra-covered", "qa-mon-alert-quality", "qa-mon-routing", "qa-mon-golden-signals",
    "qa-mon-logs-shipped", "qa-mon-dashboards", "qa-mon-self", "qa-sec-no-secrets", "qa-sec-iam-least-privilege",
    "qa-sec-encryption-at-rest", "qa-sec-encryption-in-transit", "qa-sec-no-public-data",
    "qa-sec-workload-hardening", "qa-sec-network-segmentation", "qa-sec-scans-in-pipeline",
    "qa-sec-controls-tested", "qa-perf-requirements-stated", "qa-perf-load-test-present",
    "qa-perf-thresholds-enforced", "qa-perf-autoscaling", "qa-perf-resources-set", "qa-perf-latency-alert",
    "qa-perf-results-recorded", "qa-bkp-every-store-covered", "qa-bkp-retention", "qa-bkp-offsite",
    "qa-bkp-protected", "qa-bkp-restore-runbook", "qa-bkp-restore-tested", "qa-bkp-rto-rpo",
    "qa-bkp-failure-alert", "qa-doc-required-files", "qa-doc-required-sections", "qa-doc-links-work",
    "qa-doc-fresh", "qa-doc-owner", "qa-doc-matches-code", "qa-doc-no-placeholders", "qa-inc-procedure-present",
    "qa-inc-alert-runbook", "qa-inc-oncall-route", "qa-inc-escalation", "qa-inc-severity-defined",
    "qa-inc-exercise-recorded", "qa-inc-postmortems", "qa-cmp-framework-declared", "qa-cmp-control-coverage",
    "qa-cmp-exceptions-governed", "qa-cmp-scan-automated", "qa-cmp-evidence-kept", "qa-cmp-log-retention",
    "qa-cmp-change-approval", "qa-cmp-scope-inventory", "en-code-buildable", "en-release-artifact",
    "en-tests-exist", "en-infra-requirements-doc", "en-infra-requirements-approved",
    "en-security-requirements-doc", "en-compliance-scope-doc", "en-test-env-declared", "en-test-env-reachable",
    "en-deploy-doc", "en-deploy-tested-in-lower-env", "ex-prod-deploy-path", "ex-prod-deployed",
    "ex-monitoring-configured", "ex-monitoring-active", "ex-security-implemented", "ex-performance-validated",
    "ex-runbooks-documented", "risk-deployment-failure", "risk-blue-green-available",
    "risk-vulnerability-scanning", "risk-unpatched-versions", "risk-performance-regression",
    "risk-single-point-of-failure", "risk-no-recovery", "risk-configuration-drift", "risk-manual-change-path",
    "risk-scalability-limits", "risk-capacity-plan", "bp-all-infra-in-code", "bp-immutable",
    "bp-environment-parity", "bp-automated-provisioning", "bp-disaster-recovery", "bp-continuous-integration",
    "bp-automated-deployment", "bp-deployment-strategy", "bp-rollback", "bp-feature-flags",
    "kpi-deployment-frequency", "kpi-deployment-success-rate", "kpi-lead-time", "kpi-recovery-time",
    "kpi-rollback-frequency", "kpi-uptime-slo", "kpi-mttr-fields", "kpi-mtbf", "kpi-error-rate-alert",
    "kpi-latency-recording", "kpi-automation-coverage", "kpi-utilisation-instrumented", "kpi-cost-controls",
    "kpi-security-posture", "kpi-team-productivity",
]  # fmt: skip
NO_REPOSITORY_SHOWS = {
    "en-test-env-reachable", "ex-monitoring-active", "kpi-lead-time", "kpi-rollback-frequency", "kpi-security-posture",
    "kpi-team-productivity",
}  # fmt: skip


def checks() -> list[dict[str, Any]]:
    framework = read_framework("rules/frameworks/qa-checklist.yaml", FILE.read_text(encoding="utf-8"))
    return [check for control in framework["controls"] for check in control.get("checks", ())]


def test_every_check_is_there_once() -> None:
    assert len(CHECKS) == 132
    assert Counter(check["id"] for check in checks()) == Counter(CHECKS)


def test_every_check_rests_on_rules_on_other_checks_or_says_why_no_repository_shows_it() -> None:
    for check in checks():
        assert sum(key in check for key in ("rules", "summary-of", "needs")) == 1, check["id"]


def test_what_no_repository_shows_is_a_short_list() -> None:
    needing = {check["id"]: check["needs"] for check in checks() if "needs" in check}
    assert set(needing) == NO_REPOSITORY_SHOWS
    assert all("attest" in words for words in needing.values())


@pytest.fixture(scope="module")
def controls() -> tuple[ControlResult, ...]:
    options: dict[str, Any] = {
        "paths": (str(GOOD),), "root": str(GOOD), "policy": None, "fail_on": None, "rules": (), "var_files": (),
        "frameworks": ("qa-checklist",), "variables": (), "isolated": False, "allow_empty": False, "as_of": AS_OF,
    }  # fmt: skip
    return run_scan(options, lambda name: None, {}).report.frameworks[0].controls


def test_every_pass_prints_its_evidence_and_every_attestation_its_words(controls: tuple[ControlResult, ...]) -> None:
    for check in (check for control in controls for check in control.checks):
        if check.state == "pass":
            assert check.evidence and all(place.path and place.start_line for place, _ in check.evidence), check.id
        if check.state == "attested":
            assert " attested on " in check.note, check.id


def test_good_shop_shows_every_check_that_applies(controls: tuple[ControlResult, ...]) -> None:
    """The shop has something of everything; the waiver of dev's standby says nothing of production."""
    states = {check.id: check.state for control in controls for check in control.checks}
    assert {id: state for id, state in states.items() if state not in ("pass", "attested")} == {}
    assert sum(state == "pass" for state in states.values()) >= 120
    open_ended = {control.id: control.status for control in controls if control.status != "met"}
    assert open_ended == dict.fromkeys(("KPI3", "KPI5", "KPI14", "KPI15"), "not observable")
