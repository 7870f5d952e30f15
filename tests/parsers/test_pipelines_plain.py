"""CircleCI and Bitbucket configurations as the common model."""

from __future__ import annotations

import time
from typing import Any

import pytest

from linter.discovery.formats import by_path
from linter.model import Artifact, Estate, Resource, Source, Workspace
from linter.parsers.pipelines import expand
from linter.parsers.pipelines.events import MAIN, REVIEW, TAG, WORK, answers
from linter.syntax import yaml

CIRCLE = """\
version: 2.1
orbs:
  node: circleci/node@6.3.0
executors:
  plain:
    docker:
      - image: cimg/base:2026.01
        auth: {username: shop, password: $PULL}
      - image: postgres:17.2
commands:
  install:
    steps:
      - run: npm ci
jobs:
  test:
    executor: plain
    environment: {REGION: eu}
    steps:
      - checkout
      - install
      - restore_cache: {key: v1}
      - run:
          name: Unit tests
          command: |
            npm test
            npm run lint
      - run: {command: ./notify.sh, when: on_fail}
      - node/install: {version: "22"}
  deploy:
    executor: plain
    steps:
      - when:
          condition: true
          steps:
            - run: kubectl apply -f k8s
  unused:
    docker: [{image: "busybox:1.37"}]
    steps: [checkout]
workflows:
  main:
    jobs:
      - test
      - hold-production: {type: approval, requires: [test]}
      - deploy:
          name: deploy-production
          context: [production, shared]
          requires: [hold-production]
          filters: {branches: {only: [main, /release-.*/]}, tags: {ignore: /.*/}}
  nightly:
    triggers: [{schedule: {cron: "0 1 * * *"}}]
    jobs: [test]
"""
BITBUCKET = """\
image: node:22.11.0
options: {max-time: 30}
definitions:
  services:
    db: {image: "postgres:17.2"}
pipelines:
  default:
    - step:
        name: Test
        services: [db]
        caches: [node]
        script: [npm ci, npm test]
        after-script: [./report.sh]
        artifacts: [dist/**]
  branches:
    main:
      - parallel:
          - step: {name: Lint, script: [npm run lint]}
          - step: {name: Build, image: {name: docker:27, username: u, password: $P}, script: [docker build .]}
      - stage:
          name: release
          deployment: production
          steps:
            - step:
                name: Deploy
                trigger: manual
                script:
                  - pipe: atlassian/aws-s3-deploy:1.7.0
                    variables: {TOKEN: $DEPLOY_TOKEN}
                  - kubectl apply -f k8s --token $DEPLOY_TOKEN
  tags:
    'v*': [{step: {script: [./publish.sh]}}]
  pull-requests:
    '**': [{step: {script: [npm test]}}]
"""


def read(text: str, format: str) -> tuple[list[Resource], list[str], Estate]:
    path = {"circleci": ".circleci/config.yml", "bitbucket": "bitbucket-pipelines.yml"}[format]
    source = Source(0, path, text)
    loaded = yaml.load(0, text, "1.2")
    told: list[str] = []
    artifacts = {path: Artifact(path, format, source, loaded, loaded.problems)}
    workspace = Workspace(artifacts, frozenset((path,)), {}, lambda *given: told.append(given[2]), lambda _: None)
    estate = Estate()
    estate.sources.append(source)
    return list(expand(workspace)), told, estate


def named(resources: list[Resource], address: str) -> Resource:
    return next(each for each in resources if each.address.endswith(address))


def written(text: str, span: tuple[int, int, int]) -> str:
    return text[span[1] : span[2]]


@pytest.mark.parametrize(
    ("folder", "name", "format"),
    [
        (".circleci", "config.yml", "circleci"), ("shop/.circleci", "config.yaml", "circleci"),
        ("circleci", "config.yml", "?yaml"), ("", "bitbucket-pipelines.yml", "bitbucket"),
        (".circleci", "other.yml", "?yaml"),
    ],
)  # fmt: skip
def test_they_are_recognised_by_their_place(folder: str, name: str, format: str) -> None:
    assert by_path(folder, name, False) == format


def test_circleci_jobs_are_those_of_workflows() -> None:
    found, told, _ = read(CIRCLE, "circleci")
    assert told == []
    assert [each.body["id"] for each in found if each.kind == "pipeline/job"] == [
        "main/test", "hold-production", "deploy-production", "nightly/test", "unused"
    ]  # fmt: skip
    deploy = named(found, "#deploy-production")
    assert list(deploy.body["needs"]) == ["hold-production"]
    assert [each["name"] for each in deploy.body["credentials"]] == ["production", "shared"]
    assert deploy.body["environment"]["tier"] == "production"
    assert written(CIRCLE, deploy.anchor) == "deploy"
    assert named(found, "#hold-production").body["approvals"][0]["kind"] == "manual"
    assert set(deploy.body["roles"]) == {"deploy"}
    assert [(each["event"], each["cause"]) for each in found[0].body["triggers"]] == [
        ("push", "push"), ("push", "review"), ("schedule", "schedule")
    ]  # fmt: skip


def test_circleci_executors_commands_and_steps_keep_their_places() -> None:
    found, _, _ = read(CIRCLE, "circleci")
    job = named(found, "#main/test")
    container = job.body["container"]
    at = container.at["image"]
    assert (container["image"], CIRCLE[at[3] : at[4]]) == ("cimg/base:2026.01", "cimg/base:2026.01")
    assert container["credentials"]["password"] == "$PULL"
    assert job.body["services"]["1"]["image"] == "postgres:17.2"
    assert job.body["env"]["REGION"] == "eu"
    assert job.body["caches"][0]["key"] == "v1"
    steps = [each for each in found if each.owner is job]
    assert [each.body.get("run", each.body.get("name")) for each in steps] == [
        "checkout", "npm ci", "restore_cache", "npm test\nnpm run lint\n", "./notify.sh", "node/install"
    ]  # fmt: skip
    assert [written(CIRCLE, each.anchor) for each in steps] == [
        "checkout", "run", "restore_cache", "Unit tests", "run", "node/install"
    ]  # fmt: skip
    assert steps[4].body["after"] == "failure"
    uses = steps[5].body["uses"]
    assert (uses["kind"], uses["owner"], uses["repo"], uses["ref"]) == ("orb", "circleci", "node", "6.3.0")
    assert [dict(each)["ref"] for each in found[0].body["includes"]] == ["6.3.0"]


@pytest.mark.parametrize(
    ("job", "event", "expected"),
    [
        ("#deploy-production", MAIN[0], True), ("#deploy-production", MAIN[1], False),
        ("#deploy-production", WORK[0], False), ("#deploy-production", TAG, False), ("#main/test", WORK[0], True),
        ("#main/test", REVIEW, True), ("#main/test", TAG, False), ("#unused", MAIN[0], False),
    ],
)  # fmt: skip
def test_which_events_reach_a_circleci_job(job: str, event: Any, expected: bool) -> None:
    found, _, _ = read(CIRCLE, "circleci")
    part = named(found, job)
    assert answers(part).starts(found[0], event) is True
    assert answers(part).runs(part, event) is expected
    assert answers(part).overrides(part) is False


def test_bitbucket_steps_are_jobs_in_order() -> None:
    found, told, _ = read(BITBUCKET, "bitbucket")
    assert told == []
    jobs = [each for each in found if each.kind == "pipeline/job"]
    assert [each.body["id"] for each in jobs] == [
        "Test", "Lint", "Build", "Deploy", "tags.v*: step", "pull-requests.**: step"
    ]  # fmt: skip
    deploy = jobs[3]
    assert [each.name for each in deploy.context["earlier"]] == ["Lint", "Build"]
    assert (deploy.body["stage"], deploy.body["environment"]["tier"]) == ("release", "production")
    assert deploy.body["approvals"][0]["kind"] == "manual"
    assert deploy.body["concurrency"]["group"] == "production"
    assert deploy.body["timeout"] == 30
    assert [each["name"] for each in deploy.body["credentials"]] == ["DEPLOY_TOKEN"]
    assert written(BITBUCKET, deploy.anchor) == "Deploy"
    pipe = named(found, "#Deploy:1")
    uses = pipe.body["uses"]
    assert (uses["kind"], uses["name"], uses["ref"]) == ("pipe", "atlassian/aws-s3-deploy", "1.7.0")
    assert written(BITBUCKET, pipe.anchor) == "atlassian/aws-s3-deploy:1.7.0"
    assert pipe.body["with"]["TOKEN"] == "$DEPLOY_TOKEN"


def test_bitbucket_surroundings() -> None:
    found, _, _ = read(BITBUCKET, "bitbucket")
    test, build = named(found, "#Test"), named(found, "#Build")
    assert (test.body["container"]["image"], test.body["services"]["db"]["image"]) == ("node:22.11.0", "postgres:17.2")
    assert (build.body["container"]["image"], build.body["container"]["credentials"]["password"]) == ("docker:27", "$P")
    assert (test.body["caches"][0]["key"], list(test.body["artifacts"][0]["paths"])) == ("node", ["dist/**"])
    assert [each.body.get("after") for each in found if each.owner is test] == [None, None, "always"]


@pytest.mark.parametrize(
    ("job", "event", "expected"),
    [
        ("#Test", WORK[0], True), ("#Test", MAIN[0], False), ("#Deploy", MAIN[0], True), ("#Deploy", MAIN[1], False),
        ("#tags.v*: step", TAG, True), ("#Test", TAG, False), ("#pull-requests.**: step", REVIEW, True),
        ("#Deploy", REVIEW, False),
    ],
)  # fmt: skip
def test_which_events_reach_a_bitbucket_step(job: str, event: Any, expected: bool) -> None:
    found, _, _ = read(BITBUCKET, "bitbucket")
    part = named(found, job)
    assert answers(part).starts(found[0], event) is True
    assert answers(part).runs(part, event) is expected


@pytest.mark.parametrize(
    ("text", "format", "message"),
    [
        ("[]", "circleci", "one mapping"), ("jobs: {a: b/c}", "circleci", "job `a` must be a mapping"),
        ("jobs: {a: {docker: [{auth: {}}], steps: []}}", "circleci", "no image"),
        ("jobs: {a: {docker: [x], steps: []}}", "circleci", "must be a mapping with an image"),
        ("jobs: {a: {steps: [[]]}}", "circleci", "a step must be"), ("jobs: {a: {steps: x}}", "circleci", "a list"),
        ("jobs: {a: {steps: [run: []]}}", "circleci", "`run` must be"), ("orbs: [a]", "circleci", "`orbs` must be"),
        ("workflows: [a]", "circleci", "`workflows` must be"), ("workflows: {a: b}", "circleci", "workflow `a`"),
        ("workflows: {a: {jobs: [[b]]}}", "circleci", "a job of workflow `a`"),
        ("pipelines: []", "bitbucket", "`pipelines` must be"), ("pipelines: {defaults: []}", "bitbucket", "`defaults`"),
        ("pipelines: {default: x}", "bitbucket", "a list of steps"),
        ("pipelines: {default: [x]}", "bitbucket", "an element of a pipeline"),
        ("pipelines: {default: [{step: {script: [[]]}}]}", "bitbucket", "an element of a script"),
        ("pipelines: {default: [{step: {name: x}}]}", "bitbucket", "a step must have a script"),
    ],
)  # fmt: skip
def test_what_is_malformed_is_told(text: str, format: str, message: str) -> None:
    _, told, _ = read(text, format)
    assert any(message in each for each in told), told


def test_commands_that_call_each_other_end() -> None:
    calls = "".join(f"  c{n}:\n    steps: [{', '.join(f'c{m}' for m in range(30))}]\n" for n in range(30))
    text = f"commands:\n{calls}jobs:\n  a:\n    docker: [{{image: 'a:1'}}]\n    steps: [c0]\n"
    started = time.process_time()
    read(text, "circleci")
    assert time.process_time() - started < 5
