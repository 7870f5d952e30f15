"""Jenkinsfiles as the common model: stages, order, steps, scopes, credentials, places."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linter.model import Unknown
from linter.parsers.pipelines.scalars import Scalar
from tests.parsers.jenkins_trees import Read, plain

PIPELINE = """\
@Library(['shop-ci@1.4', 'tools']) _
pipeline {
  agent { label 'linux && docker' }
  options {
    timeout(time: 1, unit: 'HOURS')
    disableConcurrentBuilds(abortPrevious: true)
  }
  triggers { cron('H 4 * * *'); upstream(upstreamProjects: 'base') }
  parameters {
    string(name: 'VERSION', defaultValue: '1.0')
    booleanParam(name: 'FULL', defaultValue: false)
  }
  environment {
    REGION = 'eu'
    DB = credentials('database')
  }
  stages {
    stage('Build') {
      environment { REGION = "${params.REGION}" }
      steps {
        sh 'make'
        stash name: 'app', includes: 'build/**'
      }
      post { always { junit '**/*.xml' } }
    }
    stage('Checks') {
      parallel {
        stage('Unit') {
          agent { docker { image 'node:22'; args '-u root' } }
          steps { sh 'npm test' }
        }
        stage('Lint') { steps { sh label: 'ruff', script: 'ruff check .' } }
      }
      post { failure { slackSend channel: '#ci', message: 'checks' } }
    }
    stage('Production') {
      when { branch 'main' }
      options { timeout(time: 30, unit: 'MINUTES'); lock('production') }
      input { message 'Deploy?' }
      agent none
      steps {
        withCredentials([string(credentialsId: 'kube', variable: 'TOKEN')]) {
          withEnv(["TARGET=${env.REGION}-1"]) {
            sh 'kubectl apply -f k8s --token "$TOKEN"'
          }
        }
        script {
          if (params.FULL) { sh 'smoke' } else { echo 'no' }
          try { sh 'one' } catch (err) { sh 'two' } finally { sh 'three' }
        }
      }
    }
  }
  post { cleanup { cleanWs() } success { echo 'done' } }
}
"""


def test_a_declarative_pipeline() -> None:
    read = Read(PIPELINE)
    assert read.problems == [] and read.failures == []
    assert read.pipeline is not None
    body = read.pipeline.body
    assert list(read.jobs) == ["Build", "Checks / Unit", "Checks / Lint", "Checks / post", "Production", "post"]
    assert body["timeout"] == 60 and plain(body["concurrency"]) == {"group": "Jenkinsfile", "cancel": True}
    assert plain(body["env"]) == {"REGION": "eu", "DB": "<credentials database>"}
    assert [(each["event"], each["cause"]) for each in body["triggers"]] == [
        ("cron", "schedule"), ("upstream", "upstream"), ("build", "manual"), ("branch", "push"),
        ("change_request", "review"),
    ]  # fmt: skip
    assert plain(body["triggers"][2]["inputs"]) == {
        "VERSION": {"type": "string", "default": "1.0"}, "FULL": {"type": "boolean", "default": False},
    }  # fmt: skip
    assert [(each["name"], each["ref"]) for each in body["includes"]] == [("shop-ci", "1.4"), ("tools", "")]


def test_order_and_what_runs_after() -> None:
    read = Read(PIPELINE)
    assert read.earlier("Build") == []
    assert read.earlier("Checks / Unit") == read.earlier("Checks / Lint") == ["Build"]
    assert read.earlier("Checks / post") == ["Checks / Unit", "Checks / Lint"]
    assert read.earlier("Production") == ["Checks / post"]
    assert read.jobs["post"].body["after"] == "always"
    assert [step.body.get("after", "") for step in read.steps("Build")] == ["", "", "always"]
    assert [step.body.get("after", "") for step in read.steps("Production")] == ["", "", "", "", "failure", "always"]
    assert [step.body.get("after", "") for step in read.steps("Checks / post")] == ["failure"]


def test_what_stages_say() -> None:
    read = Read(PIPELINE)
    unit, lint, production = (read.jobs[name].body for name in ("Checks / Unit", "Checks / Lint", "Production"))
    assert plain(unit["container"]) == {"image": "node:22", "args": "-u root"} and "runner" not in unit
    assert plain(lint["runner"]) == ["linux && docker"] and lint["stage"] == "Checks"
    assert production["timeout"] == 30 and plain(production["concurrency"]) == {"group": "production"}
    assert plain(production["approvals"]) == [{"kind": "manual", "name": "Deploy?"}]
    assert production["condition"] == "{ branch 'main' }" and "runner" not in production
    assert plain(production["environment"]) == {"name": "Production", "tier": "production"}
    assert plain(read.jobs["Build"].body["env"]) == {"REGION": "${params.REGION}"}
    assert plain(read.jobs["Build"].body["artifacts"]) == [{"name": "app", "paths": "build/**", "way": "up"}]
    assert read.steps("Checks / Lint")[0].name == "ruff"


def test_credentials_are_kept_with_the_steps_that_see_them() -> None:
    read = Read(PIPELINE)
    seen = [(each["name"], each["variable"], each["scope"]) for each in read.steps("Production")[0].body["credentials"]]
    assert seen == [
        ("database", "DB", "pipeline"), ("database", "DB_USR", "pipeline"), ("database", "DB_PSW", "pipeline"),
        ("kube", "TOKEN", "step"),
    ]  # fmt: skip
    assert len(read.steps("Build")[0].body["credentials"]) == 3
    assert {each["name"] for each in read.jobs["Production"].body["credentials"]} == {"database", "kube"}
    assert plain(read.steps("Production")[0].body["env"]) == {"TARGET": "${env.REGION}-1"}


def test_places_are_exact() -> None:
    read = Read(PIPELINE)
    production = read.jobs["Production"]
    assert read.source.text[slice(*production.anchor[1:])] == "'Production'"
    step = read.steps("Production")[0]
    assert read.source.text[slice(*step.anchor[1:])] == "sh"
    scalar = Scalar(read.source, step.body.at["run"], step.body["run"])
    [command] = step.context["commands"]
    assert read.source.text[slice(*scalar.span(command.start, command.end)[1:])] == str(step.body["run"])
    assert read.text(step.body["env"].at["TARGET"]) == "${env.REGION}-1"
    assert read.text(production.body.at["timeout"]) == "30"
    assert read.text(read.steps("Checks / Lint")[0].body.at["run"]) == "'ruff check .'"


def test_commands_behind_escapes_are_found_where_they_stand() -> None:
    read = Read('node { sh "echo \\"a\\" && \\$HOME/run " + \'--x\' }')
    [step] = read.steps("node")
    assert str(step.body["run"]) == 'echo "a" && $HOME/run --x'
    scalar = Scalar(read.source, step.body.at["run"], step.body["run"])
    spans = [scalar.span(command.start, command.end) for command in step.context["commands"]]
    found = [read.source.text[start:end] for _, start, end in spans]
    assert found == ['echo \\"a\\"', "\\$HOME/run \" + '--x"]


SCRIPTED = """\
def image = 'maven:3.9'
properties([disableConcurrentBuilds(), pipelineTriggers([cron('@daily')])])
def setUp(String what) {
  checkout scm
  sh "prepare ${what}"
}
node('linux') {
  setUp('all')
  stage('Build') {
    docker.image(image).inside('-v a:b') { sh 'mvn package' }
    app = docker.build("shop:${env.BUILD_ID}")
  }
  stage('Test') {
    parallel unit: { node('small') { sh 'unit' } }, ui: { stage('UI') { sh 'ui' } }, failFast: true
  }
  if (env.BRANCH_NAME == 'main') {
    stage('Deploy') {
      timeout(5) { input 'Go?' }
      app.push('latest')
      sh script: 'kubectl apply -f k8s', returnStatus: true
    }
  }
  for (int i = 0; i < 3; i++) { sh "loop ${i}" }
}
def unused() { sh 'never called here' }
"""


def test_a_scripted_pipeline() -> None:
    read = Read(SCRIPTED)
    assert read.problems == []
    assert list(read.jobs) == [
        "node", "Build", "Test / unit", "Test / ui / UI", "Deploy", "node~2", "unused()",
    ]  # fmt: skip
    assert read.runs("node") == ["checkout", "prepare ${what}"]
    assert read.runs("Build") == ["mvn package", "docker.build"]
    assert read.runs("Deploy") == ["input", "app.push", "kubectl apply -f k8s"]
    assert read.runs("node~2") == ["loop ${i}"]
    assert read.runs("unused()") == ["never called here"]
    assert plain(read.jobs["Build"].body["runner"]) == ["linux"]
    assert plain(read.jobs["Test / unit"].body["runner"]) == ["small"]
    assert read.earlier("Build") == ["node"]
    assert read.earlier("Test / unit") == read.earlier("Test / ui / UI")
    assert read.jobs["Deploy"].body["condition"] == "env.BRANCH_NAME == 'main'"
    assert read.jobs["Deploy"].body["roles"] == ["deploy", "publish"]
    assert read.pipeline is not None
    assert plain(read.pipeline.body["concurrency"]) == {"group": "Jenkinsfile", "cancel": False}


def test_the_container_a_step_runs_in_is_unknown_where_a_variable_names_it() -> None:
    read = Read(SCRIPTED)
    assert isinstance(read.jobs["Build"].body.get("container", {}).get("image"), (Unknown, type(None)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("node { stage('a') { sh readFile('x') } }", ["readFile", "<readFile('x')>"]),
        ("node { def v = sh(script: 'v', returnStdout: true).trim() }", ["v"]),
        ("node { if (sh(script: 'v', returnStatus: true) == 0) { bat 'w' } }", ["v", "w"]),
        ("node { [1, 2].each { n -> sh 'x' } }", ["x"]),
        ("node { def f = { sh 'kept' }\n f() }", ["kept"]),
        ("node { switch (a) { case 1: sh 'x'; break\n default: sh 'y' } }", ["x", "y"]),
        ("node { retry(3) { dir('a') { lock('b') { sh 'x' } } } }", ["x"]),
        ("node { steps.sh 'x'\n this.sh 'y' }", ["x", "y"]),
        ("node { library_step(a: 1) { sh 'inside' } }", ["library_step", "inside"]),
        ("node { infra.checkout(); env.X.trim(); currentBuild.result = 'x' }", ["infra.checkout"]),
        ("node { docker.image('a').push() }", ["docker.image.push"]),
        ("node { powershell 'x'; pwsh \"y\" }", ["x", "y"]),
        ("node { sh(['a', 'b'].join(' ')) }", ["<['a', 'b'].join(' ')>"]),
        ("timestamps { node { wrap([$class: 'X']) { sh 'x' } } }", ["x"]),
        ("node { catchError { sh 'x' }\n warnError('m') { sh 'y' } }", ["x", "y"]),
    ],
)
def test_steps_are_found_wherever_they_stand(text: str, expected: list[str]) -> None:
    read = Read(text)
    found = [plain(step.body["run"]) if "run" in step.body else step.body["uses"]["name"]
             for step in read.resources if step.kind == "pipeline/step"]  # fmt: skip
    assert found == expected


def test_a_matrix_gives_its_axes_to_its_stages() -> None:
    read = Read(
        "pipeline { agent none\n stages { stage('M') { matrix { agent { label \"${OS}\" }\n axes { axis { name 'OS'\n"
        " values 'linux', 'mac' } }\n stages { stage('T') { steps { sh 'make' } } } } } } }"
    )
    body = read.jobs["M / T"].body
    assert plain(body["strategy"]) == {"matrix": {"OS": ["linux", "mac"]}} and plain(body["runner"]) == ["${OS}"]


def test_a_library_call_alone_says_nothing_of_what_runs() -> None:
    read = Read("@Library('ci@1') _\nbuildPlugin(platforms: ['linux'])\n")
    assert read.pipeline is not None and not read.jobs
    assert plain(read.pipeline.body["content"]) == "<buildPlugin>"
    assert read.pipeline.body["content"].cause == "remote-source"


def test_a_pipeline_in_a_library_step() -> None:
    read = Read("def call(Map config) {\n  pipeline { agent any\n stages { stage('A') { steps { sh 'a' } } } }\n}")
    assert read.runs("A") == ["a"]


def test_methods_that_call_themselves_end() -> None:
    text = "".join(f"def f{i}() {{ {' '.join(f'f{j}();' for j in range(20))} sh 'x' }}\n" for i in range(20)) + "f0()"
    read = Read(text)
    assert 0 < len(read.resources) < 50_000


@pytest.mark.parametrize(
    "text",
    [
        "", "}", "pipeline {", "pipeline { stages { stage('a') { steps { sh 'x'", "pipeline", "pipeline { agent }",
        "pipeline { environment { A } options { timeout } stages { stage { steps { sh } } } }",
        "node { withCredentials() { sh 'x' } withCredentials([1, a]) { sh 'y' } withEnv(1) { } withEnv([a]) { } }",
        "pipeline { stages { parallel { stage(1) { steps { sh 'x' } } } } post { } }", "parallel 1, b",
        "stage 'old'\nsh 'x'\nstage 'new'\nsh 'y'", "properties(x)", "properties([x])", "@Library(x) _", "timeout { sh 'x' }",
        "pipeline { agent { kubernetes { yaml '''a: b''' } } agent { dockerfile true } agent { node { } } }",
        "node(x) { stage(y) { } }", "input", "lock() { }", "matrix { }", "docker.image().inside { }",
    ],
)  # fmt: skip
def test_malformed_files_are_read_as_far_as_they_go(text: str) -> None:
    read = Read(text)
    for resource in read.resources:
        assert 0 <= resource.anchor[1] <= resource.anchor[2] <= len(text)


def test_stages_without_a_block_hold_what_follows_them() -> None:
    read = Read("stage 'old'\nsh 'x'\nstage 'new'\nsh 'y'\n")
    assert read.runs("old") == ["x"] and read.runs("new") == ["y"]


def test_no_step_is_lost_to_a_broken_line() -> None:
    read = Read(PIPELINE.replace("stash name: 'app', includes: 'build/**'", "stash name: ), 'x'"))
    assert read.problems
    assert "make" in read.runs("Build") and "npm test" in read.runs("Checks / Unit")


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_damage_raises_nothing_and_keeps_places_in_the_text(data: st.DataObject) -> None:
    base = data.draw(st.sampled_from([PIPELINE, SCRIPTED]))
    at = data.draw(st.integers(0, len(base) - 1))
    put = data.draw(st.sampled_from(["", "{", "}", "(", "'", '"', "\n", "${", "["]))
    text = base[:at] + put + base[at + 1 :]
    for resource in Read(text).resources:
        assert 0 <= resource.anchor[1] <= resource.anchor[2] <= len(text)


def test_hostile_nesting_is_read_in_time() -> None:
    for text in (
        "node {" * 3000,
        "stage('a') {" * 3000,
        "parallel a: {" * 2000,
        "x(" * 5000 + "sh('y')",
        "if (a) {" * 3000,
    ):
        Read(text)
