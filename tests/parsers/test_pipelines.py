"""GitHub workflows as the common model: structure, places, expressions, commands and roles."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st

from linter.estate.pipeline_links import calls, closure, resolve
from linter.model import Artifact, Entry, Estate, Map, Resource, Source, Unknown, Workspace
from linter.parsers.pipelines import expand
from linter.parsers.pipelines.model import uses
from linter.parsers.pipelines.scalars import Scalar
from linter.syntax import yaml


def read(files: dict[str, str] | str) -> Estate:
    """The estate of some workflow files, linked."""
    if isinstance(files, str):
        files = {".github/workflows/ci.yml": files}
    estate = Estate()
    artifacts: dict[str, Artifact] = {}
    for path, text in files.items():
        source = Source(len(estate.sources), path, text)
        estate.sources.append(source)
        loaded = yaml.load(source.index, text, "1.2")
        artifacts[path] = Artifact(path, "workflow", source, loaded, loaded.problems)
    estate.paths = frozenset(files)
    workspace = Workspace(artifacts, estate.paths, {}, lambda *_: None, lambda _: None)
    for resource in expand(workspace):
        estate.add(resource)
    resolve(estate)
    return estate


def written(estate: Estate, span: tuple[int, int, int]) -> str:
    return estate.sources[span[0]].text[span[1] : span[2]]


def at(estate: Estate, body: Map, key: str) -> str:
    entry: Entry = body.at[key]
    return estate.sources[entry[0]].text[entry[3] : entry[4]]


WORKFLOW = """\
name: release
on:
  push:
    branches: [main, 'release/*']
    tags: v*
  workflow_dispatch:
permissions:
  contents: read
concurrency: deploy
jobs:
  test:
    runs-on: ${{ matrix.os }}
    strategy:
      matrix:
        os: [ubuntu-latest, windows-latest]
    steps:
      - uses: actions/checkout@v4
      - name: unit
        id: unit
        run: |
          npm ci
          npm test
  deploy:
    needs: test
    if: github.ref == 'refs/heads/main'
    runs-on: [self-hosted, linux]
    environment:
      name: production
      url: https://example.com
    permissions: {id-token: write}
    timeout-minutes: ${{ inputs.minutes }}
    container: node:22
    steps:
      - run: kubectl apply -f k8s
        continue-on-error: true
"""


def by_address(estate: Estate) -> dict[str, Resource]:
    return {resource.address: resource for resource in estate.resources}


def test_a_workflow_is_one_pipeline_with_its_jobs_and_steps() -> None:
    found = by_address(read(WORKFLOW))
    assert list(found) == [
        ".github/workflows/ci.yml", ".github/workflows/ci.yml#test", ".github/workflows/ci.yml#test:1",
        ".github/workflows/ci.yml#test:2", ".github/workflows/ci.yml#deploy", ".github/workflows/ci.yml#deploy:1",
    ]  # fmt: skip
    step = found[".github/workflows/ci.yml#test:2"]
    assert step.owner is found[".github/workflows/ci.yml#test"]
    assert step.context["job"]["runs-on"] == "${{ matrix.os }}"
    assert step.context["workflow"]["name"] == "release"


def test_anchors_are_the_smallest_names() -> None:
    estate = read(WORKFLOW)
    assert [written(estate, resource.anchor) for resource in estate.resources] == [
        "release", "test", "actions/checkout@v4", "unit", "deploy", "run",
    ]  # fmt: skip


def test_triggers_have_events_filters_and_places() -> None:
    estate = read(WORKFLOW)
    triggers = estate.of_kind("pipeline/pipeline")[0].body["triggers"]
    assert [trigger["event"] for trigger in triggers] == ["push", "workflow_dispatch"]
    assert list(triggers[0]["branches"]) == ["main", "release/*"]
    assert list(triggers[0]["tags"]) == ["v*"]
    assert at(estate, triggers[0], "event") == "push"


@pytest.mark.parametrize("text", ["on: push", "on: [push]", "on:\n  - push", "on:\n  push:", "'on': {push: null}"])
def test_every_form_of_on_gives_the_same_trigger(text: str) -> None:
    estate = read(f"{text}\njobs: {{}}\n")
    triggers = estate.resources[0].body["triggers"]
    assert [trigger["event"] for trigger in triggers] == ["push"]
    assert at(estate, triggers[0], "event") == "push"


def test_a_job_has_the_common_fields() -> None:
    estate = read(WORKFLOW)
    test, deploy = estate.kinds["pipeline/job"]
    assert list(test.body["runner"]) == ["ubuntu-latest", "windows-latest"]
    assert test.body["permissions"] == {"contents": "read"}
    assert deploy.body["permissions"] == {"id-token": "write"}
    assert list(deploy.body["needs"]) == ["test"]
    assert list(deploy.body["runner"]) == ["self-hosted", "linux"]
    assert deploy.body["environment"]["tier"] == "production"
    assert deploy.environment is not None and deploy.environment.name == "production"
    assert isinstance(deploy.body["timeout"], Unknown) and deploy.body["timeout"].cause == "run-time"
    assert deploy.body["container"]["image"] == "node:22"
    assert at(estate, deploy.body["container"], "image") == "node:22"


def test_roles_come_from_what_is_run() -> None:
    test, deploy = read(WORKFLOW).kinds["pipeline/job"]
    assert list(test.body["roles"]) == ["test"]
    assert list(deploy.body["roles"]) == ["deploy"]


def test_a_deployment_to_a_throwaway_cluster_is_a_test() -> None:
    text = "on: push\njobs:\n  e2e:\n    steps:\n      - uses: helm/kind-action@v1\n      - run: kubectl apply -f x\n"
    assert list(read(text).kinds["pipeline/job"][0].body["roles"]) == ["test"]


def test_needs_and_local_calls_are_links() -> None:
    estate = read(
        {
            ".github/workflows/a.yml": "on: push\njobs: {x: {uses: ./.github/workflows/b.yml}, y: {needs: x}}\n",
            ".github/workflows/b.yml": "on: workflow_call\njobs: {z: {steps: [{uses: ./.github/actions/setup}]}}\n",
            ".github/actions/setup/action.yml": "name: s\nruns:\n  using: composite\n  steps:\n    - run: pytest\n",
        }
    )
    links = {
        (link.name, link.source.address, link.target.address) for each in estate.outgoing.values() for link in each
    }
    assert links == {
        ("needs", ".github/workflows/a.yml#y", ".github/workflows/a.yml#x"),
        ("runs", ".github/workflows/a.yml#x", ".github/workflows/b.yml"),
        ("runs", ".github/workflows/b.yml#z:1", ".github/actions/setup/action.yml"),
    }
    start = estate.kinds["pipeline/pipeline"][0]
    assert [each.address for each in closure(calls(estate), start)] == [
        ".github/workflows/a.yml", ".github/workflows/b.yml", ".github/actions/setup/action.yml",
    ]  # fmt: skip


def test_workflows_that_call_each_other_end() -> None:
    estate = read(
        {
            ".github/workflows/a.yml": "on: workflow_call\njobs:\n  x: {uses: ./.github/workflows/b.yml}\n",
            ".github/workflows/b.yml": "on: workflow_call\njobs:\n  x: {uses: ./.github/workflows/a.yml}\n",
        }
    )
    assert len(closure(calls(estate), estate.kinds["pipeline/pipeline"][0])) == 2


def test_composite_steps_are_steps_of_the_action() -> None:
    estate = read({"action.yml": "name: a\nruns:\n  using: composite\n  steps:\n    - run: echo ${{ inputs.x }}\n"})
    assert [resource.kind for resource in estate.resources] == ["pipeline/action", "pipeline/step"]
    assert estate.resources[1].address == "action.yml:1"
    assert written(estate, estate.resources[1].body["expressions"][0].span) == "${{ inputs.x }}"


@pytest.mark.parametrize(
    "text",
    [
        "on: push\njobs: 3", "jobs:\n  a: 1\n  b: []\n  c:\n", "on: push\njobs:\n  a:\n    steps: x\n    needs: {a: b}",
        "on: {push: [1, {a: b}], 3: x}\njobs:\n  a: {steps: [1, null, {uses: 3}, {run: [x]}, {}]}",
        "runs: 1", "runs: {steps: [{}]}", "on:\njobs:\n",
        "on: push\njobs: {a: {environment: [x], runs-on: {group: g}}}",
        "on: push\njobs: {a: {container: [], services: {x: null}, concurrency: [], strategy: 1, runs-on: 5}}",
        "[]", "on: &a [*a]\njobs: {}", "'${{': ${{", "on: push\njobs: {a: {environment: {name: {x: y}}}}",
    ],
)  # fmt: skip
def test_malformed_workflows_lose_only_the_malformed(text: str) -> None:
    read(text)


SHAPES = {
    "plain": "run: echo ${{ github.a }} and ${{ github.a }} end",
    "single": "run: 'echo ${{ github.a }} it''s ${{ github.b == ''x'' }}'",
    "double": 'run: "echo \\t\\u00e9 ${{ github.a }} \\"${{ github.b }}\\""',
    "literal": "run: |\n  echo\n\n    ${{ github.a }}\n  é ${{ github.b }}\n",
    "literal with comment": "run: |- # ${{ not.this }}\n  echo ${{ github.a }}\n",
    "literal with indent": "run: |2\n    echo ${{ github.a }}\n",
    "folded": "run: >\n  echo ${{ github.a }}\n  and\n\n  ${{ github.b }}\n",
    "several lines": "run: echo ${{ github.a }}\n  and ${{ github.b }}",
    "expression over lines": "run: |\n  echo ${{\n    github.a\n    || github.b\n  }} x\n",
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("shape", SHAPES)
def test_expressions_lie_where_they_are_written(shape: str, newline: str) -> None:
    indented = "\n".join(f"        {line}" if line else "" for line in SHAPES[shape].split("\n"))
    text = f"on: push\njobs:\n  a:\n    steps:\n      -\n{indented}\n".replace("\n", newline)
    estate = read(text)
    found = estate.kinds["pipeline/step"][0].body["expressions"]
    assert len(found) >= 1
    previous = -1
    for expression in found:
        source, start, end = expression.span
        got = estate.sources[source].text[start:end]
        assert got.startswith("${{") and got.endswith("}}")
        assert "".join(got[3:-2].replace("''", "'").split()) == "".join(expression["text"].split())
        assert start > previous
        previous = start


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12), min_size=1, max_size=6
    ),
    st.sampled_from(["|", ">", "'", '"', None]),
)
def test_every_character_of_a_scalar_maps_to_itself(lines: list[str], style: str | None) -> None:
    value = "\n".join(line.strip() or "x" for line in lines)
    text = pyyaml.dump({"run": value}, default_style=style, allow_unicode=True, width=40)
    loaded = yaml.load(0, text, "1.2")
    body = loaded.documents[0].value
    if not isinstance(body, Map) or body.get("run") != value:
        return
    scalar = Scalar(Source(0, "x", text), body.at["run"], value)
    for index, char in enumerate(value):
        _, start, end = scalar.span(index, index + 1)
        if char.isspace() or (start, end) == (scalar.start, scalar.end):
            continue
        got = text[start:end]
        assert got == char or text[start] == "\\" or got == char * 2 == "''"


def test_an_unclosed_expression_is_reported_not_lost() -> None:
    estate = read("on: push\njobs:\n  a:\n    steps:\n      - run: echo ${{ github.event.issue.title\n")
    (found,) = estate.kinds["pipeline/step"][0].body["expressions"]
    assert found["error"] == "`}}` is missing"
    assert list(found["contexts"]) == ["github.event.issue.title"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("actions/checkout@v4", ("actions", "checkout", "", "v4", "tag")),
        ("actions/checkout", ("actions", "checkout", "", "", "none")),
        ("a/b/c/d@main", ("a", "b", "c/d", "main", "branch")),
        ("a/b@release/v1", ("a", "b", "", "release/v1", "tag")),
        ("a/b@" + "0a" * 20, ("a", "b", "", "0a" * 20, "sha")),
        ("a/b@" + "0a" * 19, ("a", "b", "", "0a" * 19, "tag")),
        ("./x/y", ("", "", "./x/y", "", "local")), ("docker://alpine:3", ("", "", "", "", "docker")),
        (" a/b@v1\n", ("a", "b", "", "v1", "tag")),
    ],
)  # fmt: skip
def test_uses_is_taken_apart(raw: str, expected: tuple[str, ...]) -> None:
    made: Any = uses(raw, (0, 0, 0, 0, len(raw)))
    assert (made["owner"], made["repo"], made["path"], made["ref"], made["kind"]) == expected


def test_work_grows_with_the_file() -> None:
    """Four times the steps take at most about four times the calls."""
    step = "      - name: s\n        run: |\n          echo ${{ github.sha }} | tee x\n          npm test && make\n"

    def work(count: int) -> int:
        made = 0

        def counted(*_: object) -> None:
            nonlocal made
            made += 1

        text = "on: push\njobs:\n  a:\n    steps:\n" + step * count
        sys.setprofile(counted)
        try:
            read(text)
        finally:
            sys.setprofile(None)
        return made

    assert work(800) < 4.2 * work(200)


@pytest.mark.parametrize(
    ("head", "step", "program"),
    [
        ("runs-on: windows-latest", "run: iwr x `\n            | iex", "iwr"),
        ("runs-on: ubuntu-latest", "run: npm `npm bin`/x", "npm"),
        ("runs-on: ubuntu-latest\n    defaults: {run: {shell: pwsh}}", "run: $a = iwr x", "iwr"),
        ("runs-on: windows-latest", "shell: cmd\n        run: '@npm x'", "npm"),
        ("runs-on: windows-latest", "shell: bash -e {0}\n        run: A=1 npm x", "npm"),
    ],
)
def test_a_script_is_read_by_the_shell_that_runs_it(head: str, step: str, program: str) -> None:
    text = f"on: push\njobs:\n  a:\n    {head}\n    steps:\n      - {step}\n"
    steps = [each for each in list(by_address(read(text)).values()) if each.kind == "pipeline/step"]
    assert steps[0].context["commands"][0].program == program
