"""Checks of deployments: what comes before them, where they come from, and what they apply."""

from __future__ import annotations

from typing import Any

import pytest

from linter.checks.pipelines.reach import started
from linter.parsers.pipelines.events import REVIEW, WORK, Event
from linter.parsers.pipelines.github_reach import facts_of, holds
from tests.checks.test_pipeline_checks import job, judge, run, verdicts_of
from tests.parsers.test_pipelines import read

REVIEWED = facts_of(REVIEW)


def pushed(branch: str) -> Any:
    return facts_of(Event("push", branch))


@pytest.mark.parametrize(
    ("condition", "facts", "expected"),
    [
        (None, REVIEWED, True), ("github.ref == 'refs/heads/main'", REVIEWED, False),
        ("github.ref == 'REFS/HEADS/MAIN'", pushed("main"), True),
        ("${{ github.event_name != 'pull_request' }}", REVIEWED, False),
        ("startsWith(github.ref, 'refs/tags/')", pushed("x"), False),
        ("inputs.go || github.event_name == 'push'", pushed("x"), True),
        ("inputs.go && github.event_name == 'push'", REVIEWED, False), ("inputs.go", REVIEWED, None),
        ("!inputs.go", REVIEWED, None), ("a b", REVIEWED, None),
        ("always() && !cancelled()", REVIEWED, True),
        (False, REVIEWED, False), ("contains(github.ref, 'x')", pushed("x"), True),
        ("${{ github.ref }} == 'x'", REVIEWED, None), ("github.ref == null", REVIEWED, None),
    ],
)  # fmt: skip
def test_conditions_in_three_values(condition: Any, facts: Any, expected: bool | None) -> None:
    assert holds(condition, facts) is expected


@pytest.mark.parametrize(
    ("on", "branch"),
    [
        ("push", "feature/x"), ("{push: {branches: [main]}}", ""), ("{push: {branches: ['**']}}", "feature/x"),
        ("{push: {branches: ['*']}}", "topic"), ("{push: {tags: ['v*']}}", ""), ("pull_request", ""),
        ("{push: {branches: ['**', '!feature/**', '!feat/**']}}", "fix/x"),
        ("{push: {branches-ignore: ['dependabot/**']}}", "feature/x"), ("{push: {branches: ['release/**']}}", ""),
    ],
)  # fmt: skip
def test_branches_for_ongoing_work(on: str, branch: str) -> None:
    event = started(read(job("- run: x", on)).kinds["pipeline/pipeline"][0], WORK)
    assert (event.ref if event is not None else "") == branch


DEPLOY = "- run: kubectl apply -k overlays/production"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (job(DEPLOY, "{push: {branches: [main]}}"), "pass"), (job(DEPLOY, "push"), "fail"),
        (job(DEPLOY, "pull_request"), "fail"),
        (job(DEPLOY, "pull_request", "    if: github.event_name == 'push'\n"), "pass"),
        (job(DEPLOY, "pull_request", "    if: vars.GO == 'yes'\n"), "unknown"),
        (job(DEPLOY + "\n  if: github.ref == 'refs/heads/main'", "[push, pull_request]"), "pass"),
    ],
)  # fmt: skip
def test_production_from_release(text: str, outcome: str) -> None:
    assert judge("production_from_release", text)[0][0] == outcome


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        ("- run: npm test\n- run: kubectl apply -f x", "pass"), ("- run: kubectl apply -f x\n- run: npm test", "fail"),
        ("- run: npm test && kubectl apply -f x", "pass"), ("- run: terraform plan\n- run: terraform apply", "pass"),
        ("- run: docker build .\n- run: kubectl apply -f x", "fail"),
    ],
)  # fmt: skip
def test_deployments_need_tests(steps: str, outcome: str) -> None:
    assert judge("deploy_needs_tests", job(steps))[0][0] == outcome


def test_a_called_workflow_whose_callers_are_elsewhere_is_unknown() -> None:
    assert judge("deploy_needs_tests", job("- run: kubectl apply -f x", "workflow_call"))[0][0] == "unknown"


def test_workflows_that_wait_for_each_other_end() -> None:
    caller = (
        "on: workflow_call\njobs:\n  x: {uses: ./.github/workflows/%s.yml}\n  d: {steps: [{run: helm upgrade w .}]}\n"
    )
    found = judge("deploy_needs_tests", {f".github/workflows/{a}.yml": caller % b for a, b in ("ab", "ba")})
    assert {each[0] for each in found} <= {"fail", "unknown"}


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        ("- run: npm test\n  continue-on-error: true", "fail"), ("- run: npm test || true", "fail"),
        ("- run: npm test\n  continue-on-error: ${{ matrix.x }}", "unknown"), ("- run: npm test || exit 1", "pass"),
        ("- {run: npm test, id: t, continue-on-error: true}\n- run: x\n  if: steps.t.outcome == 'failure'", "pass"),
    ],
)  # fmt: skip
def test_ignored_failures(step: str, outcome: str) -> None:
    assert judge("no_ignored_failures", job(step))[0][0] == outcome


def test_linting_may_fail() -> None:
    assert judge("no_ignored_failures", job("- run: eslint . || true")) == []


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("kubectl apply -f k8s/web.yaml", [("pass", "")]),
        ("kubectl apply -f k8s/gone.yaml", [("fail", "k8s/gone.yaml")]),
        ("cd k8s && kubectl apply -f gone.yaml", [("fail", "gone.yaml")]),
        ("cd k8s\nkubectl apply -f web.yaml,gone.yaml", [("fail", "gone.yaml")]),
        ("kubectl apply -f $F -f https://x/y.yaml -f -", []),
        ("sed s/a/b/ t > k8s/gone.yaml\nkubectl apply -f k8s/gone.yaml", [("unknown", "k8s/gone.yaml")]),
        ("kubectl apply -f other/gone.yaml", [("unknown", "other/gone.yaml")]),
        ("cd $D\nkubectl apply -f gone.yaml", []),
        ("(cd k8s; kubectl apply -f web.yaml)\nkubectl apply -f k8s/web.yaml", [("pass", "")]),
        ("helm upgrade w ./k8s/chart -f k8s/web.yaml", [("fail", "./k8s/chart")]),
        ("helm upgrade w bitnami/nginx", []),
        ("terraform -chdir=k8s apply -var-file=gone.tfvars", [("fail", "gone.tfvars")]),
    ],
)
def test_paths_that_pipelines_apply(script: str, expected: list[tuple[str, str]]) -> None:
    found = judge("paths_exist", run(script), ("k8s/", "k8s/web.yaml"))
    assert found == expected


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (job("- uses: actions/cache@v4", "release"), "fail"), (job("- uses: actions/cache@v4", "push"), ""),
        (job("- uses: actions/cache@v4\n  with: {lookup-only: true}", "release"), "pass"),
        (job("- uses: actions/setup-node@v4\n  with: {cache: npm}\n- run: npm publish"), "fail"),
        (job("- uses: actions/setup-go@v5\n  with: {cache: false}\n- run: goreleaser release"), "pass"),
        (job("- uses: actions/cache@v4\n  if: github.event_name != 'release'", "release"), "pass"),
        (job("- uses: actions/cache@v4\n  if: vars.X", "release"), "unknown"),
    ],
)  # fmt: skip
def test_caches_in_releases(text: str, outcome: str) -> None:
    assert [each[0] for each in judge("no_caches_in_releases", text)] == ([outcome] if outcome else [])


@pytest.mark.parametrize(
    ("step", "permissions", "outcome"),
    [
        ("- run: npm publish", "", "fail"), ("- run: npm publish", "id-token: write", "pass"),
        ("- run: npm publish --dry-run", "", ""), ("- run: npm publish --registry=https://npm.pkg.github.com", "", ""),
        ("- run: pipx run twine==6.1.0 upload dist/*", "", "fail"), ("- run: python3.12 -m twine upload x", "", "fail"),
        ("- run: dotnet nuget push x --source https://api.nuget.org/v3/index.json", "", "fail"),
        ("- run: poetry publish", "", ""), ("- uses: pypa/gh-action-pypi-publish@v1", "", "pass"),
        ("- {uses: pypa/gh-action-pypi-publish@v1, with: {password: x}}", "id-token: write", "fail"),
        ("- {uses: pypa/gh-action-pypi-publish@v1, with: {password: x, repository-url: 'https://a.b'}}", "", "pass"),
    ],
)  # fmt: skip
def test_trusted_publishing(step: str, permissions: str, outcome: str) -> None:
    found = judge("trusted_publishing", job(step, head=f"    permissions: {{{permissions}}}\n"))
    assert [each[0] for each in found] == ([outcome] if outcome else [])


def test_what_is_missing_elsewhere_is_unknown_where_only_some_files_were_read() -> None:
    estate = read(job("- run: terraform apply"))
    assert [each.outcome for each in verdicts_of("planned_before_applied", estate)] == ["fail"]
    estate.isolated = True
    for name in ("planned_before_applied", "code_scanned", "scan_families"):
        assert [each.outcome for each in verdicts_of(name, estate)] == ["unknown"]


@pytest.mark.parametrize(
    ("gate", "outcome"), [("", ""), ("\n  if: always()", ""), ("\n  if: inputs.action == 'destroy'", "fail"),
     ("\n  if: inputs.destroy == 'true' && steps.apply.outcome == 'success'", "")],
)  # fmt: skip
def test_what_is_always_destroyed_again_is_no_deployment(gate: str, outcome: str) -> None:
    text = job(f"- run: kubectl apply -f x\n- run: kubectl delete namespace x{gate}")
    assert [each[0] for each in judge("deploy_needs_tests", text)] == ([outcome] if outcome else [])


def test_workflows_that_all_call_each_other_are_asked_once_each() -> None:
    calls = "".join(f"  j{other}: {{uses: ./.github/workflows/w{other}.yml}}\n" for other in range(30))
    text = f"on: workflow_call\njobs:\n{calls}  d: {{steps: [{{run: helm upgrade x .}}]}}\n"
    found = judge("deploy_needs_tests", {f".github/workflows/w{number}.yml": text for number in range(30)})
    assert len(found) == 30
