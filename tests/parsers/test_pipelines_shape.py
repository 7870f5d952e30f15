"""Parts of workflows that cannot be judged: each is told, at its place, and what can be read is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from linter.model import Failure
from tests.support import scanned, write

WORKFLOW = ".github/workflows/ci.yml"


def told(tmp_path: Path, text: str, path: str = WORKFLOW) -> list[Failure]:
    return list(scanned(write(tmp_path, {path: text}), full=False).report.failures)


@pytest.mark.parametrize(
    ("text", "marked", "message"),
    [
        ("on: 5\njobs: []\n", "[]", "`jobs` must be a mapping, not a list"),
        ("on: push\njobs: {a: 1}\n", "1", "job `a` must be a mapping, not a text"),
        ("on: push\njobs: {a: {steps: {}}}\n", "{}", "`steps` must be a list, not a mapping"),
        ("on: push\njobs: {a: {steps: [1]}}\n", "1", "a step must be a mapping, not a text"),
        ("on: push\njobs: {a: {steps: [{uses: []}]}}\n", "[]", "`uses` must be a text, not a list"),
        ("on: push\njobs: {a: {steps: [{run: {b: c}}]}}\n", "{b: c}", "`run` must be a text, not a mapping"),
        ("on: push\njobs: {a: {uses: [b]}}\n", "[b]", "`uses` must be a text, not a list"),
        ("[]\n", "[]", "a workflow or an action is one mapping"),
        ("only text\n", "only text", "a workflow or an action is one mapping"),
    ],
)
def test_what_cannot_be_judged_is_told(tmp_path: Path, text: str, marked: str, message: str) -> None:
    (failure,) = told(tmp_path, text)
    line = text.splitlines()[failure.place.start_line - 1]
    assert (failure.id, failure.message) == ("artifact-unparsed", message)
    assert line[failure.place.start_column - 1 : failure.place.end_column - 1] == marked


@pytest.mark.parametrize(
    "text",
    [
        "on: push\njobs:\n  a:\n    runs-on: x\n    env: ${{ fromJSON(vars.E) }}\n    steps:\n      - run: 3\n        with:\n",
        "on: [push]\njobs:\n  a:\n    runs-on: {group: x}\n    strategy: ${{ fromJSON(vars.S) }}\n    steps: []\n",
        "on:\n  push:\n  schedule:\n    - cron: x\njobs:\n  a:\n    uses: ./.github/workflows/b.yml\n    secrets: inherit\n",
        "# nothing yet\n",
        "on: {push: 3, schedule: {cron: x}}\nenv: []\njobs: {}\n",
        "on: [push, [x]]\njobs: {a: {needs: {b: c}, strategy: {matrix: 1}, services: x}}\n",
        "on: push\njobs:\n",
    ],
)
def test_what_is_read_is_no_failure_though_github_may_refuse_it(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, text) == []


def test_actions_too(tmp_path: Path) -> None:
    (failure,) = told(tmp_path, "name: x\nruns: {using: composite, steps: 1}\n", ".github/actions/x/action.yml")
    assert failure.message == "`steps` must be a list, not a text"


def test_the_rest_is_judged_and_few_are_told(tmp_path: Path) -> None:
    text = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n" + "      - 1\n" * 50 + "      - uses: a/b@main\n"
    scan = scanned(write(tmp_path, {WORKFLOW: text}), "gha-pin-actions")
    assert len(scan.report.failures) == 20
    assert [finding.rule for finding in scan.report.findings if finding.outcome == "fail"] == ["gha-pin-actions"]
    assert scan.report.verdict.exit_code == 3


@pytest.mark.parametrize(
    ("written", "marked"),
    [
        ("'github.actor == ''dependabot[bot]'''", "github.actor == ''dependabot[bot]''"),
        ('"github.actor == \'dependabot[bot]\\u0027"', "github.actor == 'dependabot[bot]\\u0027"),
        ("github.actor == 'dependabot[bot]'", "github.actor == 'dependabot[bot]'"),
    ],
)
def test_an_expression_that_ends_in_an_escape_is_marked_to_its_end(tmp_path: Path, written: str, marked: str) -> None:
    text = f"on: pull_request_target\njobs:\n  a:\n    runs-on: x\n    if: {written}\n    steps: []\n"
    scan = scanned(write(tmp_path, {WORKFLOW: text}), "gha-bot-condition")
    (place,) = [finding.place for finding in scan.report.findings if finding.outcome == "fail"]
    line = text.splitlines()[place.start_line - 1]
    assert line[place.start_column - 1 : place.end_column - 1] == marked
