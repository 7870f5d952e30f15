"""Whether GitHub can run a workflow: what the examples of the rules do not show."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import failed, scanned, write

WORKFLOW = ".github/workflows/ci.yml"
HEAD = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"


def found(tmp_path: Path, rule: str, text: str, **files: str) -> list[tuple[str, str]]:
    """(marked text, message) of every failure of a rule."""
    others = {name.replace("__", "/"): content for name, content in files.items()}
    root = write(tmp_path, {WORKFLOW: text, **others})
    lines = text.splitlines()
    places = [(each.place, each.message) for each in failed(scanned(root, rule)) if each.place.path == WORKFLOW]
    return [(lines[at.start_line - 1][at.start_column - 1 : at.end_column - 1], message) for at, message in places]


def marked(tmp_path: Path, rule: str, text: str) -> list[str]:
    return [mark for mark, _ in found(tmp_path, rule, text)]


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("github.event == 'x'", "an object and a text cannot be compared by `==`"),
        ("github.events", "`github` has no `events`"),
        ("env[0]", "a property of the object `env` is chosen by a text, not by a number"),
        ("github.sha.x", "`github.sha` is a text, which has no `x`"),
        ("format('{0} {2}', 1, 2)", "the format has a placeholder `{2}`, and 2 values are given"),
        ("format('{0}', 1, 2)", "the format has no placeholder `{1}` for a value that is given"),
        ("fromJSON('[1')", "this text is no JSON at character 3"),
        ("fromJSON('{\"a\":1}').b", "`this` has no `b`"),
        ("contains(github.event, 'x')", "`contains` wants a list or a text as argument 1, not an object"),
        ("true < false", "a truth value and a truth value cannot be compared by `<`"),
        ("github.event.commits.*", "this is a list, of which a text tells nothing"),
        ("null", "this is null, of which a text tells nothing"),
        ("steps.later.outputs.x", "`steps` has no `later`"),
        ("matrix.x", "`matrix` has no `x`"),
        ("needs.b", "`needs` has no `b`"),
        ("inputs.x", "`inputs` has no `x`"),
    ],
)
def test_expressions_that_lead_nowhere(tmp_path: Path, expression: str, said: str) -> None:
    text = HEAD + f"      - run: echo ${{{{ {expression} }}}}\n"
    ((_, message),) = found(tmp_path, "gha-typed-expressions", text)
    assert message.lower().startswith(said.lower())


@pytest.mark.parametrize(
    "expression",
    [
        "github.event.anything.at.all", "env.X", "secrets.X", "vars.X", "runner.os", "job.status", "strategy.job-index",
        "fromJSON(env.X)[0].y", "github['sha']", "github[env.X]", "format('{{0}} {0}', github.sha)",
        "contains(github.event.*.labels, 'x')", "toJSON(github)", "join(github.event.commits.*.id, ', ')",
        "case(github.sha == 'a', 1, github.sha == 'b', 2, 3)", "hashFiles('**/x', 'y')", "github.event.x == null",
        "github.run_number > 5", "inputs == null", "!github.event", "fromJSON('[{\"a\": 1}]')[0].a",
        "github.actor && 'a' || 'b'", "job.services.db.ports['5432']", "github.event.commits[0].id",
    ],
)  # fmt: skip
def test_expressions_that_may_be_meant(tmp_path: Path, expression: str) -> None:
    text = HEAD + f"      - run: echo ${{{{ {expression} }}}}\n"
    assert found(tmp_path, "gha-typed-expressions", text) == []
    assert found(tmp_path, "gha-valid-expressions", text) == []


@pytest.mark.parametrize(
    ("expression", "mark"),
    [
        ("nothing.x", "nothing"),
        ("github.sha + 1", "+"),
        ("toJson(github", "b"),
        ("startsWith('a')", "startsWith('a')"),
        ("case(true, 1)", "case(true, 1)"),
        ("success()", "success()"),
        ("jobs.a", "jobs"),
        ("github.0", "0"),
        ('"x"', '"'),
    ],
)
def test_expressions_that_github_refuses_are_marked_where_they_are_wrong(
    tmp_path: Path, expression: str, mark: str
) -> None:
    text = HEAD + f"      - run: |\n          true\n          echo ${{{{ {expression} }}}}\n"
    assert marked(tmp_path, "gha-valid-expressions", text) == [mark]


MATRIX = """on: push
jobs:
  a:
    strategy:
      matrix:
        os: [x, y]
        thing: [{name: a, size: 1}, {name: b}]
        include: INCLUDED
    runs-on: ubuntu-latest
    steps:
      - run: echo ${{ matrix.os }} ${{ matrix.thing.name }} ${{ matrix.thing.size }} ${{ matrix.EXTRA }}
      - run: echo ${{ matrix.thing.weight }} ${{ matrix.gone }}
"""


@pytest.mark.parametrize(
    ("included", "marks"),
    [
        ("[{extra: 1}]", ["matrix.thing.weight", "matrix.gone"]),
        ("${{ fromJSON(vars.X) }}", ["matrix.thing.weight"]),
        ("[]", ["matrix.EXTRA", "matrix.thing.weight", "matrix.gone"]),
    ],
)
def test_matrix_values_are_known_by_what_the_matrix_says(tmp_path: Path, included: str, marks: list[str]) -> None:
    assert marked(tmp_path, "gha-typed-expressions", MATRIX.replace("INCLUDED", included)) == marks


def test_inputs_have_the_types_they_declare(tmp_path: Path) -> None:
    text = """on:
  workflow_dispatch:
    inputs: {fast: {type: boolean}, size: {type: number}, name: {}}
  workflow_call:
    inputs: {other: {type: string}}
jobs:
  a:
    runs-on: ubuntu-latest
    timeout-minutes: ${{ inputs.fast }}
    continue-on-error: ${{ inputs.fast }}
    steps:
      - run: echo ${{ env[inputs.fast] }} ${{ inputs.OTHER }} ${{ inputs.name.x }} ${{ inputs.gone }}
        timeout-minutes: ${{ inputs.size }}
"""
    assert marked(tmp_path, "gha-typed-expressions", text) == ["inputs.fast", "env[inputs.fast]", "inputs.gone"]


CALLER = """on: push
jobs:
  call:
    uses: ./.github/workflows/called.yml
    with: {n: true, text: 5}
  after:
    needs: call
    runs-on: ubuntu-latest
    steps:
      - id: local
        uses: ./.github/actions/x
        with: {who: me, what: x}
      - run: echo ${{ needs.call.outputs.made }} ${{ needs.call.outputs.gone }} ${{ steps.local.outputs.lost }}
      - uses: ./.github/actions/elsewhere
        with: {any: thing}
"""
CALLED = """on:
  workflow_call:
    inputs: {n: {type: number}, text: {type: string}, must: {type: string, required: true}}
    outputs: {made: {value: x}}
jobs: {a: {runs-on: ubuntu-latest, steps: [{run: x}]}}
"""
ACTION = "name: x\ndescription: x\ninputs: {who: {required: true}}\noutputs: {said: {value: x}}\nruns: {using: node20, main: x}\n"


@pytest.mark.parametrize(
    ("rule", "marks"),
    [
        ("gha-typed-expressions", ["true", "needs.call.outputs.gone", "steps.local.outputs.lost"]),
        ("gha-valid-workflow-calls", ["./.github/workflows/called.yml"]),
        ("gha-action-inputs", ["what"]),
    ],
)
def test_what_stands_in_the_tree_is_followed(tmp_path: Path, rule: str, marks: list[str]) -> None:
    others = {".github__workflows__called.yml": CALLED, ".github__actions__x__action.yml": ACTION}
    assert [mark for mark, _ in found(tmp_path, rule, CALLER, **others)] == marks


def test_a_repository_below_the_root_has_its_own_paths(tmp_path: Path) -> None:
    files = {
        f"inner/{WORKFLOW}": CALLER.replace("{n: true, text: 5}", "{must: x}"),
        "inner/.github/workflows/called.yml": CALLED,
    }
    write(tmp_path, {**files, "inner/.github/actions/x/action.yml": ACTION})
    assert failed(scanned(tmp_path, "gha-valid-workflow-calls")) == []
    (only,) = failed(scanned(tmp_path, "gha-action-inputs"))
    assert "takes no `what`" in only.message


@pytest.mark.parametrize(
    ("cron", "wrong"),
    [
        ("*/5 * * * *", False), ("*/7 * * * *", False), ("0 0 * * SUN", False), ("0 0 29 2 *", False),
        ("1,6 1-5/2 * JAN-MAR mon,fri", False), ("0 0 ? * 1", False),
        ("*/4 * * * *", True), ("0,58 * * * *", True), ("0 0 30 2 *", True), ("60 * * * *", True), ("@daily", True),
        ("0 0 * * 7", True), ("5-1 * * * *", True), ("*/0 * * * *", True), ("0 0 L * *", True), ("0 0 * *", True),
    ],
)  # fmt: skip
def test_schedules(tmp_path: Path, cron: str, wrong: bool) -> None:
    text = f"on:\n  schedule:\n    - cron: '{cron}'\n" + HEAD.partition("\n")[2] + "      - run: x\n"
    assert bool(found(tmp_path, "gha-valid-schedule", text)) is wrong


def test_filters_exclude_each_other_at_the_later(tmp_path: Path) -> None:
    text = "on:\n  push:\n    tags-ignore: [a]\n    tags: [b]\n" + HEAD.partition("\n")[2] + "      - run: x\n"
    assert marked(tmp_path, "gha-known-events", text) == ["tags"]


def test_circles_are_told_once_at_their_first_job(tmp_path: Path) -> None:
    job = "    runs-on: ubuntu-latest\n    steps: [{run: x}]\n"
    text = "on: push\njobs:\n" + "".join(
        f"  {name}:\n    needs: {needs}\n{job}"
        for name, needs in (("z", "[y]"), ("a", "[b]"), ("y", "[a]"), ("b", "[y, a]"))
    )
    assert marked(tmp_path, "gha-needs-exist", text) == ["a"]


def test_labels_of_ones_own_are_configured(tmp_path: Path) -> None:
    text = "on: push\njobs:\n  a:\n    runs-on: gpu-large\n    steps: [{run: x}]\n"
    assert marked(tmp_path, "gha-known-runner-labels", text) == ["gpu-large"]
    write(tmp_path, {"opslint.yaml": "version: 1\npipelines:\n  runner-labels: [gpu-*]\n"})
    assert marked(tmp_path, "gha-known-runner-labels", text) == []


def test_an_anchor_is_told_once(tmp_path: Path) -> None:
    text = HEAD + "      - &one\n        run: x\n        Shell: bash\n      - *one\n      - *one\n"
    assert marked(tmp_path, "gha-valid-syntax", text) == ["Shell"]


def test_hostile_workflows_end(tmp_path: Path) -> None:
    jobs = "".join(
        f"  j{n}:\n    needs: [j{(n + 1) % 400}]\n    runs-on: x\n    steps: [{{run: x}}]\n" for n in range(400)
    )
    values = ", ".join(f"{{a: {n}}}" for n in range(2000))
    matrix = f"  m:\n    strategy: {{matrix: {{x: [{values}], exclude: [{values}]}}}}\n    runs-on: x\n    steps: [{{run: x}}]\n"
    deep = "${{ fromJSON('" + "[" * 5000 + "') }}"
    text = f'on: push\njobs:\n{jobs}{matrix}  d:\n    runs-on: x\n    steps: [{{run: "{deep}"}}]\n'
    write(tmp_path, {WORKFLOW: text})
    assert scanned(tmp_path, "gha-typed-expressions", "gha-needs-exist", "gha-valid-matrix").report.failures == ()
