"""Azure pipelines as the common model: stages, jobs, deployments, steps, triggers, and the place of each."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linter.discovery.formats import MAYBE_AZURE, MAYBE_YAML, by_bytes, by_path
from linter.model import Unknown
from linter.parsers.pipelines.azure_tasks import roles_of_task
from tests.parsers.azure_trees import at, job, of, plain, read, runs, written

DELIVERY = """\
trigger:
  branches: {include: [main, 'releases/*'], exclude: [releases/old]}
  tags: ['v*']
  batch: true
pr: none
schedules:
- cron: '0 3 * * *'
  branches: {include: [main]}
resources:
  pipelines:
  - pipeline: lib
    source: library
    trigger: true
  containers:
  - container: build
    image: ubuntu:24.04
    endpoint: registry
pool: {vmImage: ubuntu-latest}
variables:
- group: shop-production
- name: configuration
  value: release
stages:
- stage: Build
  jobs:
  - job: build
    timeoutInMinutes: 20
    container: build
    services: {cache: redis:7.4}
    steps:
    - checkout: self
      fetchDepth: 1
    - task: Cache@2
      inputs: {key: npm | package-lock.json, path: $(HOME)/.npm}
    - script: npm ci && npm test
      displayName: unit tests
    - publish: $(Build.ArtifactStagingDirectory)/web
      artifact: web
  - job: lint
    dependsOn: build
    pool: windows-agents
    continueOnError: true
    steps:
    - script: npm run lint
      timeoutInMinutes: 5
      condition: always()
- stage: Approve
  jobs:
  - job: wait
    pool: server
    steps:
    - task: ManualValidation@1
      displayName: release it
- stage: Production
  dependsOn: [Build, Approve]
  lockBehavior: sequential
  jobs:
  - deployment: web
    environment: production.web
    strategy:
      runOnce:
        preDeploy: {steps: [{script: ./migrate.sh}]}
        deploy:
          steps:
          - download: current
            artifact: web
          - task: AzureWebApp@1
            inputs: {azureSubscription: shop, appName: web}
        on:
          failure: {steps: [{script: ./rollback.sh}]}
          success: {steps: [{script: ./tell.sh}]}
"""


def test_stages_jobs_and_their_order(tmp_path: Path) -> None:
    found = read(tmp_path, DELIVERY)
    assert not found.failures
    assert [each.body["id"] for each in of(found, "job")] == [
        "Build.build", "Build.lint", "Approve.wait", "Production.web",
    ]  # fmt: skip
    assert plain(job(found, "Build.lint").body["needs"]) == ["Build.build"]
    earlier = {each.body["id"]: [e.body["id"] for e in each.context["earlier"]] for each in of(found, "job")}
    assert earlier["Build.lint"] == []
    assert earlier["Approve.wait"] == ["Build.build", "Build.lint"]
    assert earlier["Production.web"] == ["Build.build", "Build.lint", "Approve.wait"]


def test_an_empty_list_depends_on_nothing(tmp_path: Path) -> None:
    text = "stages:\n- stage: A\n  jobs: [{job: a, steps: [{script: x}]}]\n- stage: B\n  dependsOn: []\n"
    found = read(tmp_path, text + "  jobs: [{job: b, steps: [{script: y}]}]\n")
    assert [each.context["earlier"] for each in of(found, "job")] == [(), ()]


def test_triggers(tmp_path: Path) -> None:
    (pipeline,) = of(read(tmp_path, DELIVERY), "pipeline")
    assert plain(pipeline.body["triggers"]) == [
        {"event": "trigger", "cause": "push", "branches": ["main", "releases/*"], "branches_ignore": ["releases/old"],
         "tags": ["v*"], "batch": True},
        {"event": "schedule", "cause": "schedule", "branches": ["main"], "cron": "0 3 * * *"},
        {"event": "resources.pipelines", "cause": "upstream", "name": "lib"},
        {"event": "manual", "cause": "manual"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("steps: [{script: x}]", ["trigger?", "pr?", "manual"]),
        ("trigger: none\nsteps: [{script: x}]", ["pr?", "manual"]),
        ("trigger: [main]\npr: [main]\nsteps: [{script: x}]", ["trigger", "pr", "manual"]),
        ("trigger:\n  enabled: false\npr: {branches: {include: [x]}}\nsteps: [{script: x}]", ["pr", "manual"]),
        ("resources:\n  webhooks: [{webhook: x}]\npr: none\ntrigger: none\nsteps: [{script: x}]",
         ["resources.webhooks", "manual"]),
    ],
)  # fmt: skip
def test_what_is_not_written_starts_it_all_the_same(tmp_path: Path, text: str, events: list[str]) -> None:
    (pipeline,) = of(read(tmp_path, text), "pipeline")
    found = [each["event"] + ("?" if each.get("assumed") else "") for each in pipeline.body["triggers"]]
    assert found == events


def test_a_job_and_what_it_holds(tmp_path: Path) -> None:
    found = read(tmp_path, DELIVERY)
    build = job(found, "Build.build").body
    assert build["timeout"] == 20
    assert plain(build["runner"]) == ["ubuntu-latest"]
    assert build["container"]["image"] == "ubuntu:24.04"
    assert build["services"]["cache"]["image"] == "redis:7.4"
    assert plain(build["artifacts"]) == [
        {"name": "web", "paths": ["$(Build.ArtifactStagingDirectory)/web"], "way": "up"}
    ]
    assert plain(build["caches"]) == [{"key": "npm | package-lock.json", "paths": ["$(HOME)/.npm"]}]
    assert plain(build["credentials"]) == [{"name": "registry", "kind": "connection"}]
    lint = job(found, "Build.lint").body
    assert (lint["continue_on_error"], lint["timeout"], plain(lint["runner"])) == (True, 60, ["windows-agents"])
    assert plain(job(found, "Approve.wait").body["approvals"]) == [{"name": "release it", "kind": "manual"}]


def test_a_deployment_and_its_hooks(tmp_path: Path) -> None:
    found = read(tmp_path, DELIVERY)
    web = job(found, "Production.web")
    assert plain(web.body["environment"]) == {"name": "production", "resource": "web", "tier": "production"}
    assert web.environment is not None and web.environment.tier == "production"
    assert plain(web.body["deployment"]) == {
        "strategy": "runOnce", "hooks": ["preDeploy", "deploy", "on.success", "on.failure"],
    }  # fmt: skip
    steps = [each for each in of(found, "step") if each.owner is web]
    assert [(each.body["hook"], each.body.get("after")) for each in steps] == [
        ("preDeploy", None), ("deploy", None), ("deploy", None), ("on.success", None), ("on.failure", "failure"),
    ]  # fmt: skip
    assert plain(web.body["approvals"]) == [{"name": "production", "kind": "environment"}]
    assert {"name": "shop", "kind": "connection"} in plain(web.body["credentials"])
    assert {each["name"] for each in plain(web.body["artifacts"])} == {"web", "*"}
    assert plain(web.body["concurrency"]) == {"group": "Production", "cancel": False}
    assert {"deploy", "rollback"} <= set(web.body["roles"])


def test_every_part_knows_its_place(tmp_path: Path) -> None:
    found = read(tmp_path, DELIVERY)
    anchors = [written(found, each.anchor) for each in (*of(found, "pipeline"), *of(found, "job"), *of(found, "step"))]
    assert anchors == [
        "trigger", "build", "lint", "wait", "web", "checkout", "Cache@2", "unit tests", "publish", "script",
        "release it", "script", "download", "AzureWebApp@1", "script", "script",
    ]  # fmt: skip
    tests = next(each for each in of(found, "step") if each.name == "unit tests")
    assert at(found, tests.body, "run") == "npm ci && npm test"
    assert at(found, job(found, "Build.build").body["container"], "image") == "ubuntu:24.04"
    assert at(found, job(found, "Production.web").body["environment"], "name") == "production.web"


def test_inline_scripts_of_tasks_run(tmp_path: Path) -> None:
    text = """\
steps:
- task: AzureCLI@2
  inputs:
    azureSubscription: shop
    scriptType: bash
    scriptLocation: inlineScript
    inlineScript: |
      az webapp deploy --name web
- task: Bash@3
  inputs: {targetType: filePath, filePath: deploy.sh, script: left over}
- task: PowerShell@2
  inputs: {targetType: inline, script: npm publish}
- task: ms-devlabs.custom-terraform-tasks.custom-terraform-release-task.TerraformTaskV4@4
  inputs: {command: apply}
"""
    steps = of(read(tmp_path, text), "step")
    assert [plain(each.body.get("run")) for each in steps] == [
        "az webapp deploy --name web\n",
        None,
        "npm publish",
        None,
    ]
    assert [each.body.get("shell") for each in steps] == ["bash", None, "powershell", None]
    assert [plain(each.body["roles"]) for each in steps] == [["deploy"], [], ["publish"], ["deploy"]]
    assert [each.body["uses"]["ref"] for each in steps] == ["2", "3", "2", "4"]


@pytest.mark.parametrize(
    ("task", "inputs", "roles"),
    [
        ("Docker", {"command": "buildAndPush"}, {"build", "publish"}),
        ("docker", {}, {"build", "publish"}),
        ("Docker", {"command": "login"}, {"login"}),
        ("DotNetCoreCLI", {"command": "test"}, {"test"}),
        ("DotNetCoreCLI", {}, {"build"}),
        ("HelmDeploy", {"command": "rollback"}, {"rollback"}),
        ("KubernetesManifest", {}, {"deploy"}),
        ("SqlAzureDacpacDeployment", {}, {"migrate", "deploy"}),
        ("AzureResourceManagerTemplateDeployment", {"deploymentmode": "Validation"}, {"plan"}),
        ("trivy", {"image": "x"}, {"scan"}),
        ("nothing.known", {}, set()),
    ],
)
def test_what_tasks_are_for(task: str, inputs: dict[str, str], roles: set[str]) -> None:
    assert roles_of_task(task, inputs)[0] == roles


def test_a_disabled_step_does_nothing(tmp_path: Path) -> None:
    (step,) = of(read(tmp_path, "steps:\n- script: npm test\n  enabled: false\n"), "step")
    assert plain(step.body["roles"]) == []


def test_expressions_of_a_step_have_exact_places(tmp_path: Path) -> None:
    text = "steps:\n- bash: |\n    echo one\n    echo ${{ variables.a }} 'x' ${{ upper('b') }}\n  condition: eq(1, 1)\n"
    (step,) = of(found := read(tmp_path, text), "step")
    records = step.body["expressions"]
    shown = [(each["where"], written(found, each.span), plain(each["flows"])) for each in records]
    assert shown == [
        ("condition", "eq(1, 1)", []), ("run", "${{ variables.a }}", ["variables.a"]), ("run", "${{ upper('b') }}", []),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "marked", "message"),
    [
        ("trigger: [x]\nsteps: {}\n", "{}", "`steps` must be a list, not a mapping"),
        ("trigger: [x]\nsteps: [1]\n", "1", "a step must be a mapping, not a text"),
        ("jobs: [{job: a, steps: x}]\n", "x", "`steps` must be a list, not a text"),
        ("jobs: [[a]]\n", "[a]", "a job must be a mapping, not a list"),
        ("stages: [x]\n", "x", "a stage must be a mapping, not a text"),
        ("jobs: [{job: a, steps: [{task: X@1, inputs: []}]}]\n", "[]", "`inputs` must be a mapping, not a list"),
        ("jobs: [{deployment: a, strategy: {runOnce: []}}]\n", "[]", "`runOnce` must be a mapping, not a list"),
        ("steps: [{displayName: x}]\n", "{displayName: x}", "a step needs a script, a task or a template"),
        ("variables: x\nsteps: []\n", "x", "`variables` must be a list or a mapping, not a text"),
        ("[]\n", "[]", "a pipeline is one mapping"),
    ],
)
def test_what_azure_does_not_read_is_told(tmp_path: Path, text: str, marked: str, message: str) -> None:
    (failure,) = read(tmp_path, text).failures
    line = text.splitlines()[failure.place.start_line - 1]
    assert (failure.id, failure.message) == ("artifact-unparsed", message)
    assert line[failure.place.start_column - 1 : failure.place.end_column - 1] == marked


def test_versions_stay_as_they_are_written(tmp_path: Path) -> None:
    text = "variables: {python: 3.10, on: yes, count: 3}\nsteps: [{script: x}]\n"
    (pipeline,) = of(read(tmp_path, text), "pipeline")
    assert plain(pipeline.body["env"]) == {"python": "3.10", "on": "yes", "count": 3}


@pytest.mark.parametrize(
    ("path", "format"),
    [
        ("azure-pipelines.yml", "azure"),
        ("ci/azure-pipelines-nightly.yaml", "azure"),
        ("web.azure-pipelines.yml", "azure"),
        (".azuredevops/templates/build.yml", MAYBE_AZURE),
        (".pipelines/a/b.yml", MAYBE_AZURE),
        ("ci/build.yml", MAYBE_YAML),
        (".github/workflows/azure-pipelines.yml", "workflow"),
    ],
)
def test_files_are_known_by_name(path: str, format: str) -> None:
    folder, _, name = path.rpartition("/")
    assert by_path(folder, name, False) == format


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("trigger: [main]\nsteps:\n- script: x\n", True),
        ("jobs:\n# the build\n- job: a\n  steps: []\n", True),
        ("parameters: []\nstages:\n  - stage: Build\n", True),
        ("steps:\n- task: Npm@1\n", True),
        ("extends:\n  template: x.yml@y\n", True),
        ("on: push\njobs:\n  a:\n    steps:\n    - run: x\n", False),
        ("stages:\n- build\n- test\nvariables: {a: b}\n", False),
        ("steps:\n- name: gcr.io/cloud-builders/docker\n  script: x\n", False),
        ("services:\n  web: {image: x}\n", False),
        ("apiVersion: v1\nkind: Pod\nsteps:\n- task: X@1\n", False),
        ("version: 2\njobs:\n  build:\n    steps:\n    - checkout\n", False),
        ("steps:\n- label: x\n  command: y\n", False),
        ("variables: {a: b}\n", False),
        ("pipelines:\n  default:\n  - step: {script: [x]}\n", False),
    ],
)
def test_files_are_known_by_what_they_hold(text: str, found: bool) -> None:
    assert (by_bytes(MAYBE_YAML, text.encode()) == "azure") is found


def test_variables_alone_count_where_pipelines_are_kept() -> None:
    assert by_bytes(MAYBE_AZURE, b"variables:\n- name: a\n  value: b\n") == "azure"
    assert by_bytes(MAYBE_AZURE, b"environment:\n  host: x\nbuild: []\n") is None


_WORDS = st.sampled_from(
    ["stages", "jobs", "steps", "stage", "job", "deployment", "script", "task", "template", "strategy", "runOnce", "deploy",
     "pool", "environment", "variables", "dependsOn", "condition", "parameters", "extends", "resources", "repositories",
     "container", "${{ if x }}", "${{ else }}", "${{ each a in parameters.b }}", "${{ insert }}", "trigger", "pr", "name",
     "inputs", "on", "failure", "services", "schedules", "containers", "lockBehavior"]
)  # fmt: skip
_LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.text("abc${}().[]' ", max_size=12),
    st.sampled_from(["${{ parameters.b }}", "${{ variables.x }}", "$[ x ]", "a@b", "azure-pipelines.yml", "x.yml"]),
)  # fmt: skip
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_WORDS, inner, max_size=5)),
    max_leaves=25,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(_WORDS, _TREES, min_size=1, max_size=6))
def test_no_shape_stops_the_reader(tmp_path: Path, tree: object) -> None:
    import json

    found = read(tmp_path, json.dumps(tree))
    assert not [each for each in found.failures if each.id == "parser-crashed"]
    for resource in found.estate.resources:
        length = len(found.estate.sources[resource.anchor[0]].text)
        assert 0 <= resource.anchor[1] <= resource.anchor[2] <= length


def test_unknown_values_stay_unknown(tmp_path: Path) -> None:
    text = "parameters: [{name: t, type: number}]\nsteps: [{script: x, timeoutInMinutes: '${{ parameters.t }}'}]\n"
    (step,) = of(found := read(tmp_path, text), "step")
    assert isinstance(step.body["timeout"], Unknown)
    assert runs(found) == ["x"]
