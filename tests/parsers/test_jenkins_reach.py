"""Which events reach which stages of a Jenkinsfile."""

from __future__ import annotations

import pytest

from linter.parsers.pipelines.events import MAIN, REVIEW, TAG, Event
from linter.parsers.pipelines.jenkins_reach import overrides, runs, starts
from tests.parsers.jenkins_trees import Read

WORK = Event("push", "feature/x", protected=False)
WHEN = "pipeline {{ agent any\n stages {{ stage('A') {{ when {{ {} }}\n steps {{ sh 'a' }} }} }} }}"


@pytest.mark.parametrize(
    ("when", "main", "work", "review", "tag"),
    [
        ("branch 'main'", True, False, False, False),
        ("branch pattern: 'feature/.*', comparator: 'REGEXP'", False, True, False, False),
        ("branch 'feature/*'", False, True, False, False),
        ("branch '*'", True, False, True, True),
        ("not { branch 'main' }", False, True, True, True),
        ("changeRequest()", False, False, True, False),
        ("changeRequest target: 'main'", False, False, None, False),
        ("buildingTag()", False, False, False, True),
        ("tag 'v*'", False, False, False, True),
        ("anyOf { branch 'main'; buildingTag() }", True, False, False, True),
        ("allOf { branch 'main'; expression { params.X } }", None, False, False, False),
        ("expression { env.BRANCH_NAME == 'main' }", True, False, False, False),
        ("expression { return BRANCH_NAME != 'main' }", False, True, True, True),
        ("expression { env.CHANGE_ID }", False, False, True, False),
        ("expression { env.CHANGE_ID == null }", True, True, False, True),
        ("expression { env.BRANCH_NAME =~ /^feat/ }", False, True, False, False),
        ("expression { env.BRANCH_NAME in ['main', 'dev'] }", True, False, False, False),
        ("expression { env.BRANCH_NAME.startsWith('feature/') }", False, True, False, False),
        ("expression { env.GIT_BRANCH == 'origin/main' }", True, False, False, False),
        ("environment name: 'BRANCH_NAME', value: 'main'", True, False, False, False),
        ("equals expected: 'main', actual: env.BRANCH_NAME", True, False, False, False),
        ("environment name: 'TARGET', value: 'x'", None, None, None, None),
        ("triggeredBy 'TimerTrigger'", None, None, None, None),
        ("beforeAgent true\n branch 'main'", True, False, False, False),
        ("expression { sh(returnStatus: true, script: 'x') == 0 }", None, None, None, None),
        ("expression { def x = 1\n return x }", None, None, None, None),
    ],
)
def test_conditions(when: str, main: bool, work: bool, review: bool, tag: bool) -> None:
    job = Read(WHEN.format(when)).jobs["A"]
    assert [runs(job, event) for event in (MAIN[0], WORK, REVIEW, TAG)] == [main, work, review, tag]


def test_conditions_of_enclosing_stages_hold_too() -> None:
    job = Read(
        "pipeline { stages { stage('O') { when { branch 'main' }\n stages { stage('I') { when { buildingTag() }\n"
        " steps { sh 'x' } } } } } }"
    ).jobs["O / I"]
    assert [runs(job, event) for event in (*MAIN[:1], TAG)] == [False, False]


def test_branches_of_an_if() -> None:
    read = Read(
        "node { stage('A') { if (env.BRANCH_NAME == 'main') { sh 'x' } else if (a) { sh 'y' } else { sh 'z' } } }"
    )
    steps = read.steps("A")
    assert [runs(step, MAIN[0]) for step in steps] == [True, False, False]
    assert [runs(step, WORK) for step in steps] == [False, None, None]
    assert runs(read.jobs["A"], WORK) is True


def test_what_starts_a_pipeline() -> None:
    branched = Read(WHEN.format("branch 'main'")).pipeline
    plain = Read("node { sh 'x' }").pipeline
    timed = Read("pipeline { triggers { cron('@daily') }\n stages { stage('A') { steps { sh 'x' } } } }").pipeline
    assert branched and plain and timed
    assert [starts(branched, event) for event in (WORK, REVIEW, TAG)] == [True, True, None]
    assert [starts(plain, event) for event in (WORK, REVIEW)] == [None, None]
    assert starts(timed, Event("schedule")) is True and starts(plain, Event("schedule")) is False
    assert overrides(branched)


@pytest.mark.parametrize("pattern", ["(a+)+b", "a" * 300, "(?=x)", "["])
def test_patterns_that_may_run_away_are_not_tried(pattern: str) -> None:
    job = Read(WHEN.format(f"branch pattern: '{pattern}', comparator: 'REGEXP'")).jobs["A"]
    assert runs(job, WORK) is None
