"""The same small delivery in four systems gets the same judgements from every delivery rule, flaw by flaw."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from linter.config import load
from linter.engine.proof import AS_OF
from linter.engine.scan import Request, scan
from linter.rules import open_pack
from linter.scope import Scope
from tests.checks.deliveries import FLAWS
from tests.checks.deliveries_jenkins import jenkins
from tests.checks.deliveries_yaml import azure, github, gitlab

RULES = tuple(
    sorted(
        path.stem
        for path in (Path(__file__).parents[2] / "rules" / "delivery").glob("*.yaml")
        if "kind: monitoring/" not in path.read_text() and "kind: terraform/" not in path.read_text()
    )
)
WRITERS = {
    "github": github,
    "gitlab": gitlab,
    "azure": azure,
    "jenkins": jenkins,
}

EXPECTED = {
    "": (),
    "untested": ("deploy-needs-tests",),
    "unscanned": ("iac-scanned", "security-scan"),
    "from-reviews": ("deploy-from-protected-ref",),
    "unapproved": ("production-needs-approval",),
    "unordered": ("production-after-lower-environment",),
    "rebuilt": ("promote-same-artifact",),
    "no-way-back": ("rollback-path-defined",),
    "migrated-late": ("migration-before-rollout",),
    "no-backup": ("migration-has-way-back",),
    "replanned": ("apply-saved-plan",),
    "no-smoke": ("smoke-test-after-deploy",),
    "no-notice": ("notify-on-failure",),
    "no-timeout": ("job-timeout",),
    "overlapping": ("deploy-without-overlap",),
    "unproven": ("sbom-and-signature",),
    "ignored": ("no-ignored-failures",),
    "no-drift": ("drift-checked-on-schedule",),
    "unnamed": ("deploy-names-environment",),
}
"""Flaw → the rules that fail for it, in every system."""


@cache
def judged(system: str, flaw: str, folder: Path) -> dict[str, str]:
    """Rule → the worst of what it says of the delivery; rules that say nothing are left out."""
    root = folder / f"{system}-{flaw}"
    for path, text in WRITERS[system](frozenset((flaw,))).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    request = Request(
        root=str(root),
        name="delivery",
        scope=Scope(),
        settings=load(str(root)),
        as_of=AS_OF,
        full=True,
        only_rules=RULES,
    )
    scanned = scan(request, open_pack(), lambda _: None, {})
    assert scanned.report.failures == ()
    found: dict[str, set[str]] = {}
    for judgement in scanned.judgements:
        found.setdefault(judgement.rule, set()).add(judgement.outcome)
    return {
        rule: next(each for each in ("fail", "unknown", "pass") if each in outcomes) for rule, outcomes in found.items()
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("deliveries")


def test_every_flaw_is_in_the_table() -> None:
    assert set(EXPECTED) == {"", *FLAWS}
    assert {rule for rules in EXPECTED.values() for rule in rules} <= set(RULES)


@pytest.mark.parametrize("system", WRITERS)
@pytest.mark.parametrize("flaw", EXPECTED)
def test_each_flaw_fails_the_same_rules_in_every_system(flaw: str, system: str, folder: Path) -> None:
    found = judged(system, flaw, folder)
    assert tuple(sorted(rule for rule, outcome in found.items() if outcome == "fail")) == EXPECTED[flaw]


@pytest.mark.parametrize("flaw", EXPECTED)
def test_every_rule_judges_every_system_alike(flaw: str, folder: Path) -> None:
    table = {system: judged(system, flaw, folder) for system in WRITERS}
    for rule in RULES:
        outcomes = {system: found.get(rule, "not judged") for system, found in table.items()}
        assert len(set(outcomes.values())) == 1, (rule, outcomes)


def test_every_rule_that_speaks_of_pipelines_judges_the_good_delivery(folder: Path) -> None:
    silent = set(RULES) - set(judged("github", "", folder))
    assert silent <= {"manifest-path-exists"}
