"""Conditions of GitLab pipelines: the grammar, three-valued evaluation, rules, only and except, and what starts what."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.parsers.pipelines.events import MAIN, REVIEW, TAG, Event
from linter.parsers.pipelines.gitlab_conditions import UNDECIDED, holds, parse
from linter.parsers.pipelines.gitlab_reach import runs, starts
from tests.parsers.gitlab_trees import Read

FACTS: dict[str, Any] = {"A": "a", "EMPTY": "", "NULL": None, "OPEN": UNDECIDED, "PATTERN": "/^a$/", "V": "v1.2"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$A", True), ("$EMPTY", False), ("$NULL", False), ("$OPEN", None), ("$OTHER", None),
        ('$A == "a"', True), ("$A == 'b'", False), ('"a" == $A', True), ('$A != "b"', True), ('$NULL != "a"', True),
        ("$NULL == null", True), ('$NULL == ""', False), ("$EMPTY == null", False), ('$EMPTY == ""', True),
        ("$OPEN == null", None), ('$OPEN == "x"', None), ("$A == $A", True), ("$A == $OPEN", None),
        ("$A =~ /^A$/i", True), ("$A =~ /^A$/", False), ("$V =~ /^v\\d+\\.\\d+$/", True), ("$V !~ /^v/", False),
        ("$NULL =~ /x/", False), ("$NULL !~ /x/", True), ("$OPEN =~ /x/", None), ("$A =~ $PATTERN", True),
        ("$A =~ $NULL", False), ("$A =~ $OPEN", None), ('$V =~ /a\\/b/', False),
        ("$A && $EMPTY", False), ("$OPEN && $EMPTY", False), ("$OPEN && $A", None), ("$OPEN || $A", True),
        ("$OPEN || $EMPTY", None), ("$EMPTY || $A && $A", True), ("($EMPTY || $A) && $EMPTY", False),
        ("$A && $A || $EMPTY && $OPEN", True), ('($A == "a" && ($V =~ /^v/ || $OPEN))', True),
        ("$[[ inputs.x ]] == 'y'", None), ("$A == true", False), ("$A ==\n  'a'", True),
    ],
)  # fmt: skip
def test_conditions_in_three_values(text: str, expected: bool | None) -> None:
    assert parse(text).error == ""
    assert holds(text, FACTS) is expected


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "nothing is written"), ("$A ==", "a value is missing at the end"), ("== $A", "a value is missing before `==`"),
        ("$A == main", "`main` is nothing an expression may hold"), ("($A", "a parenthesis is not closed"),
        ("$A $B", "`B` is not expected here"), ("$A) ", "`)` is not expected here"), ("$A & $B", None), ("$A = 'x'", None),
        ("$A == 'x", None), ("$A =~ /x", None), ("$A &&", "a value is missing at the end"), ("!$A", None),
        (" || ".join(["$A"] * 60), "more than 100 tokens"),
    ],
)  # fmt: skip
def test_what_is_no_condition(text: str, error: str | None) -> None:
    parsed = parse(text)
    assert parsed.node is None and parsed.error and (error is None or parsed.error == error)
    assert holds(text, FACTS) is None


def test_the_variables_a_condition_reads() -> None:
    assert parse('$B == "x" && ($A =~ /y/ || $B)').names == ("B", "A")


VARIABLES = {"T": "x", "F": "", "U": UNDECIDED}
FORMULAS = st.recursive(
    st.sampled_from(["$T", "$F", "$U"]),
    lambda inner: st.builds("({} && {})".format, inner, inner) | st.builds("({} || {})".format, inner, inner),
    max_leaves=12,
)


@given(FORMULAS)
def test_an_answer_holds_whatever_the_undecided_turns_out_to_be(text: str) -> None:
    answer = holds(text, VARIABLES)
    possible = {holds(text, {**VARIABLES, "U": value}) for value in ("x", "")}
    assert answer is None or possible == {answer}
    assert None not in possible


@given(st.text(alphabet="$AB(){}/\\'\"=!~&| \n", max_size=30))
def test_no_text_breaks_the_parser(text: str) -> None:
    parsed = parse(text)
    assert (parsed.node is None) is bool(parsed.error)


MAIN_PUSH, FEATURE = MAIN[0], Event("push", "feature/x", protected=False)
EVENTS = (FEATURE, MAIN_PUSH, TAG, REVIEW, Event("schedule", "main"))
T, F, U = True, False, None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("script: x", (T, T, T, F, T)),
        ("script: x, rules: []", (F, F, F, F, F)),
        ("script: x, rules: [{when: always}]", (T, T, T, T, T)),
        ("script: x, rules: [{when: never}]", (F, F, F, F, F)),
        ("script: x, when: never", (F, F, F, F, F)),
        ("script: x, rules: [{if: $CI_COMMIT_BRANCH}]", (T, T, F, F, T)),
        ("script: x, rules: [{if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH}]", (F, T, F, F, U)),
        ("script: x, rules: [{if: $CI_COMMIT_TAG =~ /^v/}]", (F, F, T, F, F)),
        ("script: x, rules: [{if: $CI_MERGE_REQUEST_IID, when: manual}]", (F, F, F, T, F)),
        ("script: x, rules: [{if: '$CI_COMMIT_REF_PROTECTED == \"true\"'}]", (F, T, U, F, U)),
        ("script: x, rules: [{if: $CI_COMMIT_TAG, when: never}, {when: on_success}]", (T, T, F, T, T)),
        ("script: x, rules: [{changes: [a]}, {if: $CI_COMMIT_TAG}]", (U, U, T, U, U)),
        ("script: x, rules: [{changes: [a], when: never}, {if: $CI_COMMIT_TAG}]", (F, F, U, F, F)),
        ("script: x, rules: [{exists: [.gitlab-ci.yml], if: $CI_COMMIT_TAG}]", (F, F, T, F, F)),
        ("script: x, rules: [{exists: [gone]}]", (F, F, F, F, F)),
        ("script: x, rules: [{if: $GIVEN_IN_SETTINGS}]", (U, U, U, U, U)),
        ("script: x, variables: {GO: 'yes'}, rules: [{if: '$GO == \"yes\"'}]", (T, T, T, T, U)),
        ("script: x, only: [main]", (F, T, F, F, U)),
        ("script: x, only: [tags]", (F, F, T, F, F)),
        ("script: x, only: [merge_requests]", (F, F, F, T, F)),
        ("script: x, only: ['/^feature\\/.*$/']", (T, F, F, F, U)),
        ("script: x, only: [schedules]", (F, F, F, F, T)),
        ("script: x, except: [tags]", (T, T, F, F, T)),
        ("script: x, only: [branches], except: [main]", (T, F, F, F, U)),
        ("script: x, only: [main@group/project]", (F, U, F, F, U)),
        ("script: x, only: {variables: [$CI_COMMIT_TAG]}", (F, F, T, F, F)),
        ("script: x, only: {refs: [branches], changes: [a]}", (U, U, F, F, U)),
        ("script: x, only: [branches], except: {variables: ['$CI_COMMIT_BRANCH == \"main\"']}", (T, F, F, F, U)),
    ],
)  # fmt: skip
def test_which_events_reach_a_job(written: str, expected: tuple[bool | None, ...]) -> None:
    job = Read(f"job: {{{written}}}\n").jobs["job"]
    events = [event._replace(ref="") if event.cause == "schedule" and U in expected[4:] else event for event in EVENTS]
    assert tuple(runs(job, event) for event in events) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: {script: x}\n", (T, T, T, F, T)),
        ("workflow: {rules: [{if: $CI_COMMIT_TAG}]}\na: {script: x}\n", (F, F, T, F, F)),
        ("workflow: {rules: [{if: '$CI_PIPELINE_SOURCE == \"merge_request_event\"'}]}\na: {script: x}\n", (F, F, F, T, F)),
        ("workflow: {rules: [{if: $OUTSIDE}]}\na: {script: x}\n", (U, U, U, U, U)),
        ("a: {script: x, rules: [{if: $CI_MERGE_REQUEST_IID}]}\n", (F, F, F, T, F)),
        ("include: {template: Workflows/Branch-Pipelines.gitlab-ci.yml}\na: {script: x}\n", (U, U, U, U, U)),
        ("include: {template: Jobs/SAST.gitlab-ci.yml}\na: {script: x}\n", (T, T, T, U, T)),
        ("include: {project: a/b, file: c.yml}\na: {script: x}\n", (U, U, U, U, U)),
    ],
)  # fmt: skip
def test_which_events_start_a_pipeline(text: str, expected: tuple[bool | None, ...]) -> None:
    pipeline = Read(text).pipeline
    assert tuple(starts(pipeline, event) for event in EVENTS) == expected


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("a: {script: x}\n", ["push", "schedule", "web", "pipeline"]),
        ("a: {script: x, rules: [{if: $CI_MERGE_REQUEST_IID}]}\n", ["merge_request_event", "pipeline"]),
        ("a: {script: x, only: [schedules]}\n", ["schedule"]),
    ],
)
def test_triggers_are_what_may_start_it(text: str, events: list[str]) -> None:
    assert [trigger["event"] for trigger in Read(text).pipeline.body["triggers"]] == events


def test_a_pipeline_for_tags_says_so() -> None:
    triggers = Read("a: {script: x, only: [tags]}\n").pipeline.body["triggers"]
    assert list(triggers[0]["tags"]) == ["*"] and "branches" not in triggers[0]
