"""GitLab configurations as the common model: structure, inheritance, places."""

from __future__ import annotations

from typing import Any

import pytest

from linter.model import Unknown
from tests.parsers.gitlab_trees import Read, plain

PIPELINE = """\
workflow:
  name: shop
stages: [build, test, deploy]
default:
  image: node:22.11.0
  timeout: 1h 30m
  tags: [docker, $RUNNER]
variables:
  REGION: eu-1
  CHOICE: {value: a, options: [a, b], description: which}
build:
  stage: build
  script:
    - npm ci
    - |
      npm run build
      docker push x
  artifacts:
    paths: [dist/]
unit:
  script: npm test
  needs: [build]
  retry: 2
deploy:
  stage: deploy
  script: kubectl apply -f k8s
  environment:
    name: production/$REGION
    url: https://shop.example.com
    on_stop: stop
  resource_group: production
  when: manual
  allow_failure: false
  id_tokens: {CLOUD: {aud: x}}
  services:
    - name: redis:7.4
      alias: cache
    - postgres:16.4
after:
  stage: .post
  script: echo $NOTIFY_TOKEN $CI_JOB_TOKEN
"""


def test_a_configuration_is_one_pipeline_with_its_jobs_and_steps() -> None:
    read = Read(PIPELINE)
    assert read.told == []
    assert [resource.address for resource in read.estate.resources] == [
        ".gitlab-ci.yml", ".gitlab-ci.yml#build", ".gitlab-ci.yml#build:1", ".gitlab-ci.yml#build:2",
        ".gitlab-ci.yml#unit", ".gitlab-ci.yml#unit:1", ".gitlab-ci.yml#deploy", ".gitlab-ci.yml#deploy:1",
        ".gitlab-ci.yml#after", ".gitlab-ci.yml#after:1",
    ]  # fmt: skip
    assert read.pipeline.name == "shop" and read.pipeline.body["platform"] == "gitlab"
    assert [stage["name"] for stage in read.pipeline.body["stages"]] == [".pre", "build", "test", "deploy", ".post"]
    assert plain(read.pipeline.body["env"]) == {"REGION": "eu-1", "CHOICE": "a"}


def test_places_are_exact() -> None:
    read = Read(PIPELINE)
    assert [read.written(job.anchor) for job in read.jobs.values()] == ["build", "unit", "deploy", "after"]
    assert read.at(read.jobs["unit"].body["container"], "image") == "node:22.11.0"
    assert read.written(read.steps("unit")[0].anchor) == "npm test"
    assert read.at(read.pipeline.body["env"], "CHOICE") == "a"
    first = read.steps("build")[1]
    assert read.at(first.body, "run") == "|\n      npm run build\n      docker push x"


def test_a_job_has_the_common_fields() -> None:
    read = Read(PIPELINE)
    unit, deploy = read.jobs["unit"].body, read.jobs["deploy"]
    assert unit["stage"] == "test" and unit["timeout"] == 90
    assert unit["runner"][0] == "docker" and isinstance(unit["runner"][1], Unknown)
    assert list(unit["needs"]) == ["build"]
    assert plain(unit["artifacts"]) == [{"name": "build", "way": "down"}]
    assert plain(deploy.body["environment"]) == {
        "name": "production/eu-1", "tier": "production", "url": "https://shop.example.com", "on_stop": "stop",
    }  # fmt: skip
    assert deploy.environment is not None and deploy.environment.tier == "production"
    assert plain(deploy.body["approvals"]) == [
        {"kind": "manual", "name": "deploy"}, {"kind": "environment", "name": "production/eu-1"},
    ]  # fmt: skip
    assert plain(deploy.body["concurrency"]) == {"group": "production"}
    assert list(deploy.body["services"]) == ["cache", "postgres"]
    assert plain(deploy.body["credentials"]) == [{"name": "CLOUD", "kind": "token"}]
    assert plain(read.jobs["after"].body["credentials"]) == [
        {"name": "NOTIFY_TOKEN", "kind": "variable"}, {"name": "CI_JOB_TOKEN", "kind": "token"},
    ]  # fmt: skip


def test_roles_come_from_what_is_run_and_declared() -> None:
    jobs = Read(PIPELINE).jobs
    assert {name: list(job.body["roles"]) for name, job in jobs.items()} == {
        "build": ["build", "publish"], "unit": ["test"], "deploy": ["deploy"], "after": [],
    }  # fmt: skip


def test_stages_put_jobs_in_order_but_for_those_with_needs() -> None:
    jobs = Read(PIPELINE).jobs
    earlier = {name: [other.name for other in job.context.get("earlier", ())] for name, job in jobs.items()}
    assert earlier == {"build": [], "unit": [], "deploy": ["unit", "build"], "after": ["deploy", "unit", "build"]}


def test_needs_are_links() -> None:
    read = Read(PIPELINE)
    (link,) = read.estate.outgoing[id(read.jobs["unit"])]
    assert (link.name, link.target) == ("needs", read.jobs["build"])


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("30m", 30), ("3 hours 30 minutes", 210), ("1h30m", 90), ("90", 1.5), ("2 days", 2880), ("1.5h", 90), ("1w", 10080),
        ("1 hour and 5 minutes", 65), ("3600 seconds", 60),
    ],
)  # fmt: skip
def test_durations_are_read_as_gitlab_writes_them(text: str, minutes: float) -> None:
    assert Read(f"a:\n  script: x\n  timeout: {text}\n").jobs["a"].body["timeout"] == minutes


@pytest.mark.parametrize("text", ["soon", "$LIMIT", "3 fortnights"])
def test_other_durations_are_unknown(text: str) -> None:
    assert isinstance(Read(f"a:\n  script: x\n  timeout: {text}\n").jobs["a"].body["timeout"], Unknown)


@pytest.mark.parametrize(
    ("written", "name", "tier"),
    [
        ("staging", "staging", "pre-production"),
        ("{name: prod-eu, deployment_tier: development}", "prod-eu", "development"),
        ("{name: anything, deployment_tier: production}", "anything", "production"),
        ("{name: production, deployment_tier: other}", "production", None),
        ("review/$CI_COMMIT_REF_SLUG", None, "development"),
        ("production/$ZONE", None, "production"),
        ("$WHERE", "staging", "pre-production"),
        ("$UNSET", None, None),
    ],
)
def test_environments_and_their_tiers(written: str, name: str | None, tier: str | None) -> None:
    text = f"variables: {{WHERE: staging}}\na:\n  script: x\n  environment: {written}\n"
    made = Read(text).jobs["a"].body["environment"]
    if name is None:
        assert isinstance(made["name"], Unknown)
    else:
        assert made["name"] == name
    assert made.get("tier") == tier


def test_only_a_job_that_starts_an_environment_deploys() -> None:
    text = "a:\n  script: ./go.sh\n  environment: {name: production%s}\n"
    assert list(Read(text % "").jobs["a"].body["roles"]) == ["deploy"]
    for action in ("stop", "verify", "prepare", "access"):
        roles = Read(text % f", action: {action}").jobs["a"].body["roles"]
        assert list(roles) == (["verify"] if action == "verify" else [])


def test_defaults_are_inherited_as_far_as_the_job_wants_them() -> None:
    read = Read(
        "default: {image: a:1, tags: [x], before_script: [setup]}\nafter_script: [tidy]\n"
        "one: {script: run}\n"
        "two: {script: run, image: b:2, before_script: [], inherit: {default: true}}\n"
        "three: {script: run, inherit: {default: false}}\n"
        "four: {script: run, inherit: {default: [image]}}\n"
        "five: {trigger: group/project}\n"
    )
    images = {name: plain(job.body.get("container")) for name, job in read.jobs.items()}
    assert images == {
        "one": {"image": "a:1"}, "two": {"image": "b:2"}, "three": None, "four": {"image": "a:1"}, "five": None,
    }  # fmt: skip
    assert read.runs("one") == ["setup", "run", "tidy"] and read.runs("two") == ["run", "tidy"]
    assert read.runs("three") == read.runs("four") == ["run"] and read.runs("five") == []
    assert [step.body.get("after") for step in read.steps("one")] == [None, None, "always"]


def test_hidden_keys_are_no_jobs_and_anchors_are_shared() -> None:
    read = Read(".t: &t\n  script:\n    - &one echo 1\n    - [echo 2, *one]\na:\n  <<: *t\n  stage: build\n")
    assert list(read.jobs) == ["a"] and read.runs("a") == ["echo 1", "echo 2", "echo 1"]
    assert [read.written(step.anchor) for step in read.steps("a")] == ["echo 1", "echo 2", "*one"]


@pytest.mark.parametrize(
    ("written", "kinds"),
    [
        ("when: manual", ["manual"]),
        ("rules: [{if: $A, when: manual}, {when: never}]", ["manual"]),
        ("rules: [{if: $A, when: manual}, {if: $B}]", []),
        ("when: manual, rules: [{if: $A}, {if: $B}]", ["manual"]),
        ("rules: [{if: '$CI_COMMIT_REF_PROTECTED == \"true\"'}]", ["protected"]),
        ("environment: prod", ["environment"]),
        ("environment: {name: prod, action: stop}", []),
    ],
)
def test_approvals(written: str, kinds: list[str]) -> None:
    body = Read(f"a: {{script: x, {written}}}\n").jobs["a"].body
    assert [each["kind"] for each in body.get("approvals", ())] == kinds


def test_allow_failure_with_exit_codes_lets_only_some_failures_pass() -> None:
    read = Read("a: {script: x, allow_failure: {exit_codes: 3}}\nb: {script: x, allow_failure: true}\n")
    assert [job.body["continue_on_error"] for job in read.jobs.values()] == [False, True]


def test_secrets_and_reports() -> None:
    read = Read(
        "a:\n  script: scan\n  secrets: {KEY: {vault: x}}\n  artifacts: {reports: {sast: a.json, cyclonedx: b.json}}\n"
    )
    assert plain(read.jobs["a"].body["credentials"]) == [{"name": "KEY", "kind": "secret"}]
    assert list(read.jobs["a"].body["roles"]) == ["sbom", "scan"] and list(read.jobs["a"].body["families"]) == ["code"]


def test_a_local_child_pipeline_is_followed_and_another_projects_is_named() -> None:
    read = Read({
        ".gitlab-ci.yml": (
            "start:\n  trigger:\n    include: ci/child.yml\n    strategy: depend\n"
            "other: {trigger: {project: ops/deploy, branch: main}}\n"
        ),
        "ci/child.yml": "inner: {script: make test}\n",
    })  # fmt: skip
    assert [top.address for top in read.estate.of_kind("pipeline/pipeline")] == [".gitlab-ci.yml", "ci/child.yml"]
    (link,) = read.estate.outgoing[id(read.jobs["start"])]
    assert (link.name, link.target.address) == ("runs", "ci/child.yml")
    assert read.jobs["other"].body["uses"]["kind"] == "project"
    assert [trigger["event"] for trigger in read.estate.kinds["pipeline/pipeline"][1].body["triggers"]] == [
        "parent_pipeline"
    ]


MALFORMED: list[tuple[str, str, str]] = [
    ("[]\n", "a pipeline's configuration is one mapping", "[]"),
    ("a: [x]\n", "job `a` must be a mapping, not a list", "[x]"),
    ("stages: {a: b}\n", "`stages` must be a text or a list, not a mapping", "{a: b}"),
    ("a: {script: {b: c}}\n", "`script` must be a text or a list, not a mapping", "{b: c}"),
    ("a:\n  script:\n    - echo a: b\n",
     "a command of `script` must be a text, not a mapping: quote it, or write it as a block", "echo a: b"),
    ("a: {script: x, rules: [y]}\n", "a rule must be a list or a mapping, not a text", "y"),
    ("a: {script: x, environment: [y]}\n", "`environment` must be a text or a mapping, not a list", "[y]"),
    ("default: {image: [x]}\na: {script: x}\n", "`image` must be a text or a mapping, not a list", "[x]"),
    ("a: {script: x, extends: .b}\n", "`extends` names `.b`, which is defined nowhere", ".b"),
    ("a: {script: x, extends: a}\n", "`extends` leads from `a` back to itself", "a"),
    ("a: {script: [!reference [b, c]]}\n", "`!reference [b, c]` names nothing that is defined", "[b, c]"),
    ("include: .gitlab-ci.yml\na: {script: x}\n", "`include` leads from `.gitlab-ci.yml` back to itself", ".gitlab-ci.yml"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message", "marked"), MALFORMED)
def test_what_gitlab_does_not_read_is_told_at_its_place(text: str, message: str, marked: str) -> None:
    assert Read(text).told == [(message, marked)]


@pytest.mark.parametrize(
    "text",
    [
        "", "# nothing\n", "stages:\n", "a: {script: 1}\n", "a: {script: [1, true]}\nb: {script: x, needs: []}\n",
        "a: {script: x, cache: {}, artifacts: {}, variables: {}, rules: []}\n",
        "spec: {inputs: {n: {default: x}}}\n---\n'$[[ inputs.n ]]-job': {script: x, environment: '$[[ inputs.e ]]'}\n",
    ],
)  # fmt: skip
def test_what_gitlab_reads_is_let_pass(text: str) -> None:
    assert Read(text).told == []


def test_what_is_malformed_costs_nothing_else() -> None:
    read = Read("a: [x]\nb:\n  script:\n    - echo c: d\n    - make test\nc: {script: make}\n")
    assert list(read.jobs) == ["b", "c"] and read.runs("b") == ["make test"]


def test_every_folder_with_a_configuration_begins_a_repository() -> None:
    read = Read({
        "one/.gitlab-ci.yml": "include: ci/a.yml\n",
        "one/ci/a.yml": "x: {script: echo one}\n",
        "two/.gitlab-ci.yml": "include: {local: /ci/a.yml}\n",
        "two/ci/a.yml": "x: {script: echo two}\n",
    })  # fmt: skip
    assert [job.address for job in read.estate.of_kind("pipeline/job")] == [
        "one/.gitlab-ci.yml#x",
        "two/.gitlab-ci.yml#x",
    ]
    assert [step.body["run"] for step in read.estate.of_kind("pipeline/step")] == ["echo one", "echo two"]


def test_jobs_of_many_kinds_of_needs() -> None:
    text = (
        "a: {script: x}\nb:\n  script: x\n  needs:\n    - a\n    - {job: a, artifacts: false, optional: true}\n"
        "    - {project: p/q, job: z, ref: main, artifacts: true}\n    - {pipeline: $P, job: y}\n    - pipeline: $Q\n"
    )
    body: Any = Read(text).jobs["b"].body
    assert list(body["needs"]) == ["a", "a"]
    assert [each["name"] for each in body["artifacts"]] == ["a", "z", "y"]


def test_what_an_outer_pipeline_triggers_begins_no_repository_of_its_own() -> None:
    read = Read({
        ".gitlab-ci.yml": "go: {trigger: {include: gems/x/.gitlab-ci.yml}}\n",
        "gems/x/.gitlab-ci.yml": "include: gems/shared.yml\n",
        "gems/shared.yml": "rspec: {script: make}\n",
        "other/.gitlab-ci.yml": "a: {script: make}\n",
    })  # fmt: skip
    pipelines = read.estate.kinds["pipeline/pipeline"]
    assert [top.address for top in pipelines] == [".gitlab-ci.yml", "gems/x/.gitlab-ci.yml", "other/.gitlab-ci.yml"]
    assert "missing" not in pipelines[1].body["includes"][0]
    assert [job.address for job in read.estate.of_kind("pipeline/job")][1] == "gems/x/.gitlab-ci.yml#rspec"
