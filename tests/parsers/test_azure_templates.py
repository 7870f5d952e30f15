"""Azure Pipelines' templates, expanded as the documentation says; what nobody decides stays, marked; bombs are bounded."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from linter.model import Resource, Unknown
from tests.parsers.azure_trees import MAIN, job, of, plain, read, runs, written


def certain(resource: Resource) -> bool:
    return resource.uncertain is None


def test_parameters_are_given_or_default(tmp_path: Path) -> None:
    found = read(tmp_path, {
        MAIN: "steps:\n- template: t/s.yml\n  parameters: {tool: npm}\n- template: /t/s.yml@self\n",
        "t/s.yml": "parameters:\n- name: tool\n  default: make\nsteps:\n- script: x\n  displayName: ${{ parameters.tool }}\n",
    })  # fmt: skip
    assert [each.name for each in of(found, "step")] == ["npm", "make"]
    first, second = of(found, "step")
    assert written(found, first.anchor) == "npm"
    assert written(found, second.anchor) == "make"
    assert [written(found, span) for span in first.callers] == ["t/s.yml"]
    assert [each.address for each in of(found, "pipeline")] == [MAIN]


def test_a_list_of_steps_is_spliced(tmp_path: Path) -> None:
    found = read(tmp_path, {
        MAIN: "extends:\n  template: start.yml\n  parameters:\n    buildSteps:\n    - bash: echo one\n    - template: more.yml\n",
        "start.yml": (
            "parameters:\n- name: buildSteps\n  type: stepList\n  default: []\n"
            "stages:\n- stage: s\n  jobs:\n  - job: j\n    steps:\n    - script: before\n    - ${{ parameters.buildSteps }}\n"
            "    - script: after\n"
        ),
        "more.yml": "steps:\n- bash: echo two\n",
    })  # fmt: skip
    assert runs(found) == ["before", "echo one", "echo two", "after"]
    assert {each.address for each in of(found, "pipeline")} == {MAIN}


def test_steps_are_wrapped_key_by_key(tmp_path: Path) -> None:
    """The documented way to wrap jobs: every property but the steps, the steps between two of one's own."""
    found = read(tmp_path, {
        MAIN: "jobs:\n- template: wrap.yml\n  parameters:\n    jobs:\n    - job: A\n      timeoutInMinutes: 7\n"
              "      steps: [{script: a}]\n    - job: B\n      steps: [{script: b}]\n",
        "wrap.yml": (
            "parameters: {jobs: []}\njobs:\n- ${{ each job in parameters.jobs }}:\n"
            "  - ${{ each pair in job }}:\n      ${{ if ne(pair.key, 'steps') }}:\n        ${{ pair.key }}: ${{ pair.value }}\n"
            "    steps:\n    - script: first\n    - ${{ job.steps }}\n    - script: last\n"
        ),
    })  # fmt: skip
    assert [each.body["id"] for each in of(found, "job")] == ["A", "B"]
    assert job(found, "A").body["timeout"] == 7
    assert runs(found) == ["first", "a", "last", "first", "b", "last"]


@pytest.mark.parametrize(("environment", "expected"), [("prod", ["one"]), ("test", ["two"]), ("dev", ["three"])])
def test_branches_that_are_decided(tmp_path: Path, environment: str, expected: list[str]) -> None:
    text = (
        f"parameters: [{{name: e, default: {environment}}}]\nsteps:\n"
        "- ${{ if eq(parameters.e, 'PROD') }}:\n  - script: one\n- ${{ elseif eq(parameters.e, 'test') }}:\n  - script: two\n"
        "- ${{ else }}:\n  - script: three\n"
    )
    found = read(tmp_path, text)
    assert runs(found) == expected
    assert all(certain(each) for each in of(found, "step"))


def test_branches_that_nothing_decides_all_stay(tmp_path: Path) -> None:
    text = (
        "parameters: [{name: e}]\nsteps:\n- script: always\n- ${{ if eq(parameters.e, 'prod') }}:\n  - script: one\n"
        "- ${{ elseif eq(variables['Build.Reason'], 'Manual') }}:\n  - script: two\n- ${{ else }}:\n  - script: three\n"
        "- ${{ each x in parameters.e }}:\n  - script: four\n"
    )
    found = read(tmp_path, text)
    assert runs(found) == ["always", "one", "two", "three", "four"]
    assert [certain(each) for each in of(found, "step")] == [True, False, False, False, False]


def test_else_may_stand_twice_in_a_mapping(tmp_path: Path) -> None:
    text = (
        "parameters: [{name: a, default: x}, {name: b, default: y}]\n"
        "jobs:\n- job: j\n  ${{ if eq(parameters.a, 'x') }}:\n    timeoutInMinutes: 5\n  ${{ else }}:\n    timeoutInMinutes: 6\n"
        "  ${{ if eq(parameters.b, 'x') }}:\n    displayName: one\n  ${{ else }}:\n    displayName: two\n  steps: [{script: s}]\n"
    )
    body = job(read(tmp_path, text), "j").body
    assert (body["timeout"], body["name"]) == (5, "two")


def test_two_values_of_one_entry_are_unknown(tmp_path: Path) -> None:
    text = (
        "parameters: [{name: a}]\njobs:\n- job: j\n  ${{ if parameters.a }}:\n    timeoutInMinutes: 5\n    pool: {name: x}\n"
        "  ${{ else }}:\n    timeoutInMinutes: 6\n    pool: {name: x}\n  steps: [{script: s}]\n"
    )
    body = job(read(tmp_path, text), "j").body
    assert isinstance(body["timeout"], Unknown)
    assert plain(body["runner"]) == ["x"]


def test_each_over_a_mapping_and_insert(tmp_path: Path) -> None:
    text = (
        "parameters:\n- name: tiers\n  type: object\n  default: {dev: 1, prod: 2}\n- name: more\n  type: object\n"
        "  default: {B: b}\njobs:\n- ${{ each tier in parameters.tiers }}:\n  - job: deploy_${{ tier.key }}\n"
        "    timeoutInMinutes: ${{ tier.value }}\n    variables:\n      A: a\n      ${{ insert }}: ${{ parameters.more }}\n"
        "    steps: [{script: s}]\n"
    )
    found = read(tmp_path, text)
    assert [(each.body["id"], each.body["timeout"]) for each in of(found, "job")] == [
        ("deploy_dev", 1),
        ("deploy_prod", 2),
    ]
    assert plain(job(found, "deploy_dev").body["env"]) == {"A": "a", "B": "b"}


def test_variables_templates_and_values_at_compile_time(tmp_path: Path) -> None:
    found = read(tmp_path, {
        MAIN: "variables:\n- template: vars.yml\n- name: own\n  value: ${{ variables.tier }}-x\n"
              "jobs:\n- job: j\n  pool: {vmImage: '${{ variables.image }}'}\n  steps:\n"
              "  - ${{ if eq(variables.tier, 'prod') }}:\n    - script: yes\n  - ${{ else }}:\n    - script: no\n",
        "vars.yml": "variables:\n  tier: prod\n  image: ubuntu-24.04\n",
    })  # fmt: skip
    assert runs(found) == ["yes"]
    assert plain(job(found, "j").body["runner"]) == ["ubuntu-24.04"]


def test_a_template_of_another_repository_is_named_and_keeps_what_it_is_given(tmp_path: Path) -> None:
    text = (
        "resources:\n  repositories:\n  - {repository: shared, type: git, name: p/r, ref: refs/tags/v1}\n"
        "extends:\n  template: start.yml@shared\n  parameters:\n    stages:\n    - stage: A\n      jobs:\n      - job: a\n"
        "        steps: [{script: one}]\n      - template: job.yml@shared\n        parameters:\n          build: [{bash: two}]\n"
    )
    found = read(tmp_path, text)
    (pipeline,) = of(found, "pipeline")
    assert [(each["name"], each["ref"], each["found"]) for each in pipeline.body["includes"]] == [
        ("job.yml", "refs/tags/v1", False), ("start.yml", "refs/tags/v1", False),
    ]  # fmt: skip
    assert runs(found) == ["one", "two"]
    assert [each.body.get("uses", {}).get("raw") for each in of(found, "job")] == [None, "job.yml@shared"]


def test_a_template_that_nobody_includes_is_read_by_itself(tmp_path: Path) -> None:
    text = "parameters:\n- name: run\n  type: boolean\n  default: false\nsteps:\n- ${{ if parameters.run }}:\n  - script: x\n"
    found = read(tmp_path, {".azuredevops/steps.yml": text})
    (pipeline,) = of(found, "pipeline")
    assert plain(pipeline.body["triggers"]) == [{"event": "template", "cause": "called"}]
    (step,) = of(found, "step")
    assert not certain(step)


def test_the_same_name_in_two_branches_is_two_jobs(tmp_path: Path) -> None:
    text = (
        "parameters: [{name: p}]\njobs:\n- ${{ if parameters.p }}:\n  - job: build\n    steps: [{script: a}]\n"
        "- ${{ else }}:\n  - job: build\n    steps: [{script: b}]\n- job: after\n  dependsOn: build\n  steps: [{script: c}]\n"
    )
    found = read(tmp_path, text)
    assert [each.body["id"] for each in of(found, "job")] == ["build", "build~2", "after"]
    assert plain(job(found, "after").body["needs"]) == ["build", "build~2"]


def test_templates_in_a_circle_end(tmp_path: Path) -> None:
    found = read(tmp_path, {
        "a.yml": "steps:\n- script: a\n- template: b.yml\n", "b.yml": "steps:\n- script: b\n- template: a.yml\n",
        MAIN: "steps:\n- template: a.yml\n- template: b.yml\n",
    })  # fmt: skip
    assert {"a", "b"} <= set(runs(found))
    assert any("expand to more than is read" in each.message for each in found.failures)


def test_a_circle_that_no_pipeline_enters_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, {
        ".azuredevops/a.yml": "steps:\n- script: a\n- template: b.yml\n",
        ".azuredevops/b.yml": "steps:\n- script: b\n- template: a.yml\n",
    })  # fmt: skip
    assert {"a", "b"} <= set(runs(found))


BOMBS = {
    "each in each": (
        "parameters:\n- name: l\n  type: object\n  default: [" + ",".join("1" * 1 for _ in range(200)) + "]\nsteps:\n"
        "- ${{ each a in parameters.l }}:\n  - ${{ each b in parameters.l }}:\n    - ${{ each c in parameters.l }}:\n"
        "      - script: x\n"
    ),
    "texts that double": "variables:\n"
    + "  v0: aaaaaaaaaaaaaaaa\n"
    + "".join(f"  v{n + 1}: ${{{{ format('{{0}}{{0}}', variables.v{n}) }}}}\n" for n in range(60))
    + "steps: [{script: x}]\n",
    "deep conditions": "steps:\n"
    + "".join("  " * n + "- ${{ if parameters.x }}:\n" for n in range(90))
    + "  " * 90
    + "- script: x\n",
    "deep expression": "steps:\n- script: ${{ " + "not(" * 500 + "x" + ")" * 500 + " }}\n",
    "wide alternatives": "parameters: [{name: p}]\nsteps:\n"
    + "".join(f"- ${{{{ if eq(parameters.p, '{n}') }}}}:\n  - script: s{n}\n" for n in range(2000)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_bounded(tmp_path: Path, name: str) -> None:
    before = time.process_time()
    found = read(tmp_path, BOMBS[name])
    assert time.process_time() - before < 20
    assert not [each for each in found.failures if each.id == "parser-crashed"]
    assert of(found, "pipeline")


def test_includes_that_double_end(tmp_path: Path) -> None:
    files = {f"t{n}.yml": f"steps:\n- template: t{n + 1}.yml\n- template: t{n + 1}.yml\n" for n in range(40)}
    before = time.process_time()
    found = read(tmp_path, {**files, "t40.yml": "steps: [{script: x}]\n", MAIN: "steps:\n- template: t0.yml\n"})
    assert time.process_time() - before < 20
    assert any("expand to more than is read" in each.message for each in found.failures)
