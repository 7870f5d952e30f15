"""Checks of rollouts: gates, promotion, migrations, ways back, smoke tests, notices, plans and drift, edge by edge."""

from __future__ import annotations

import pytest

from linter.estate.pipeline_links import base_of
from tests.checks.test_pipeline_checks import judge, verdicts_of
from tests.parsers.test_pipelines import read

APPLY = "kubectl apply -k overlays/production"


def one(script: str, *, steps: str = "", head: str = "", on: str = "push", name: str = "deploy") -> str:
    """A workflow of one job that deploys to the environment production."""
    lines = "\n".join(f"          {line}" for line in script.split("\n"))
    extra = "".join(f"      {line}\n" for line in steps.split("\n") if line)
    return (
        f"name: w\non: {on}\njobs:\n  {name}:\n    runs-on: x\n    environment: production\n{head}"
        f"    steps:\n      - run: |\n{lines}\n{extra}"
    )


def outcomes(check: str, text: str | dict[str, str], paths: tuple[str, ...] = ()) -> list[str]:
    return [outcome for outcome, _ in judge(check, text, paths)]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (APPLY, ["fail"]), ("helm upgrade web . --atomic", ["pass"]), ("helm upgrade web . --atomic=true", ["pass"]),
        ("helm upgrade web . --rollback-on-failure", ["pass"]), ("helm upgrade web .", ["fail"]),
        (f"{APPLY} || kubectl rollout undo deploy/web", ["pass"]), ("./deploy.sh production", ["unknown"]),
        ("npm run deploy:production", ["unknown"]), ("make deploy", ["unknown"]),
        ("sam deploy --stack-name x", []), ("aws cloudformation deploy --stack-name x", []),
        ("gcloud run deploy web --image x", []), ("vercel deploy --prod", []), ("terraform apply plan", []),
        ("aws ecs update-service --service web", ["fail"]),
    ],
)  # fmt: skip
def test_ways_back(script: str, expected: list[str]) -> None:
    assert outcomes("way_back_defined", one(script)) == expected


@pytest.mark.parametrize(
    ("on", "steps", "expected"),
    [
        ("{workflow_dispatch: {inputs: {version: {}}}}", "", "pass"),
        ("{workflow_dispatch: {inputs: {reason: {}}}}", "", "fail"),
        ("{push: {branches: [main]}}", "- run: kubectl apply -k old\n  if: failure()", "pass"),
        ("{push: {branches: [main]}}", "- run: kubectl get pods\n  if: failure()", "fail"),
    ],
)
def test_ways_back_of_the_pipeline(on: str, steps: str, expected: str) -> None:
    assert outcomes("way_back_defined", one(APPLY, steps=steps, on=on)) == [expected]


def test_a_rollback_pipeline_of_the_repository_is_a_way_back() -> None:
    files = {".github/workflows/a.yml": one(APPLY), ".github/workflows/b.yml": one("helm rollback web")}
    assert outcomes("way_back_defined", files) == ["pass"]
    files = {".github/workflows/a.yml": one(APPLY), "other/.github/workflows/b.yml": one("helm rollback web")}
    assert outcomes("way_back_defined", files) == ["fail"]


@pytest.mark.parametrize(
    ("script", "steps", "expected"),
    [
        (APPLY, "", "fail"), (f"curl -f https://x.example/health\n{APPLY}", "", "fail"),
        (f"{APPLY}\ncurl -f https://x.example/health", "", "pass"), (APPLY, "- run: npx playwright test", "pass"),
        (APPLY, "- run: curl -f https://x.example/health\n  if: failure()", "fail"),
        ("helm upgrade web . --wait", "", "pass"),
        ("./deploy.sh production", "", "unknown"), (APPLY, "- uses: ./.github/actions/check", "unknown"),
        (APPLY, "- uses: actions/upload-artifact@v4", "fail"),
    ],
)  # fmt: skip
def test_smoke_tests(script: str, steps: str, expected: str) -> None:
    assert outcomes("smoke_tested", one(script, steps=steps)) == [expected]


HOOK = "curl -d x https://hooks.slack.com/services/x"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("", "fail"), (f"- run: {HOOK}", "fail"), (f"- run: {HOOK}\n  if: failure()", "pass"),
        (f"- run: {HOOK}\n  if: always()", "pass"), (f"- run: ./x || {HOOK}", "pass"),
        ("- uses: slackapi/slack-github-action@v2\n  if: failure()", "pass"), ("- run: mail -s ok x\n  if: success()", "fail"),
    ],
)  # fmt: skip
def test_notices(steps: str, expected: str) -> None:
    assert outcomes("failures_told", one(APPLY, steps=steps)) == [expected]


def test_a_pipeline_that_follows_may_send_the_notice() -> None:
    follow = "on: {workflow_run: {workflows: [w]}}\njobs:\n  tell:\n    runs-on: x\n    steps: [{run: " + HOOK + "}]\n"
    files = {".github/workflows/a.yml": one(APPLY), ".github/workflows/b.yml": follow}
    assert outcomes("failures_told", files) == ["pass"]


@pytest.mark.parametrize(
    ("script", "late", "back"),
    [
        (f"alembic upgrade head\n{APPLY}", "pass", "pass"), (f"{APPLY}\nalembic upgrade head", "fail", "pass"),
        (f"flyway migrate\n{APPLY}", "pass", "fail"), (f"pg_dump x\nflyway migrate\n{APPLY}", "pass", "pass"),
        (f"npm run migrate\n{APPLY}", "pass", "unknown"), (f"{APPLY}\nnpm run migrate # post-deploy", "", "unknown"),
        (f"kubectl exec deploy/web -- flyway migrate\n{APPLY}", "pass", "unknown"),
        (f"prisma migrate deploy\n{APPLY}", "pass", "fail"), (APPLY, "", ""),
    ],
)  # fmt: skip
def test_migrations(script: str, late: str, back: str) -> None:
    assert outcomes("migrated_before_rollout", one(script)) == ([late] if late else [])
    assert outcomes("migration_reversible", one(script)) == ([back] if back else [])


@pytest.mark.parametrize("path", ["db/V1__a.down.sql", "db/U1__a.sql", "prisma/migrations/1/down.sql"])
def test_files_that_undo_migrations(path: str) -> None:
    assert outcomes("migration_reversible", one(f"flyway migrate\n{APPLY}"), (path,)) == ["pass"]
    assert outcomes("migration_reversible", one(f"flyway migrate\n{APPLY}"), ("docs/down.md",)) == ["fail"]


def two(staging: str, production: str, *, needs: bool = True, build: str = "") -> str:
    made = f"  build:\n    runs-on: x\n    steps: [{{run: '{build}'}}]\n" if build else ""
    first = "    needs: build\n" if build else ""
    wait = "    needs: deploy-staging\n" if needs else first
    return (
        f"name: w\non: {{push: {{branches: [main]}}}}\njobs:\n{made}"
        f"  deploy-staging:\n    runs-on: x\n{first}    steps: [{{run: '{staging}'}}]\n"
        f"  deploy-production:\n    runs-on: x\n{wait}    steps: [{{run: '{production}'}}]\n"
    )


SET = "kubectl set image deploy/web web=r.example/shop:$V"


@pytest.mark.parametrize(
    ("staging", "production", "build", "expected"),
    [
        (SET, SET, "docker build -t shop .", ["pass"]), (SET, f"docker build . && {SET}", "", ["fail"]),
        (SET, SET, "", ["pass"]), (SET.replace("$V", "staging"), SET.replace("$V", "production"), "make build", ["fail"]),
        (SET, SET.replace("$V", "prod-$V"), "make build", ["fail"]),
        (SET, SET.replace(":$V", "@sha256:0a"), "make build", ["pass"]),
        (SET, f"helm template x . && {SET}", "make build", ["pass"]),
        (SET, f"crane tag r.example/shop:$V production && {SET.replace('$V', 'production')}", "make build", ["pass"]),
        (SET, "helm upgrade web . --set image.tag=production", "make build", ["fail"]),
        (SET, "helm upgrade web . --set image.tag=$V", "make build", ["pass"]),
    ],
)  # fmt: skip
def test_one_artifact_is_promoted(staging: str, production: str, build: str, expected: list[str]) -> None:
    assert outcomes("one_artifact_promoted", two(staging, production, build=build)) == expected


def test_artifacts_of_pipelines_that_differ_by_the_environment_only() -> None:
    def pipeline(environment: str) -> str:
        run = f"docker build . && kubectl --context {environment} apply -f x"
        return (
            f"on: push\njobs:\n  ship:\n    runs-on: x\n    environment: {environment}\n    steps: [{{run: {run}}}]\n"
        )

    files = {f".github/workflows/{name}.yml": pipeline(name) for name in ("staging", "production")}
    assert outcomes("one_artifact_promoted", files) == ["fail"]
    files = {
        ".github/workflows/api-staging.yml": pipeline("staging"),
        ".github/workflows/web-production.yml": pipeline("production"),
    }
    assert outcomes("one_artifact_promoted", files) == []


@pytest.mark.parametrize(("needs", "expected"), [(True, ["pass"]), (False, ["fail"])])
def test_production_waits_for_lower_environments(needs: bool, expected: list[str]) -> None:
    assert outcomes("production_after_lower", two(SET, SET, needs=needs)) == expected


def test_environments_of_branches_wait_for_nothing() -> None:
    text = two(SET, SET, needs=False).replace("{branches: [main]}", "{branches: [main, develop]}")
    text = text.replace("  deploy-staging:\n", "  deploy-staging:\n    if: github.ref == 'refs/heads/develop'\n")
    text = text.replace("  deploy-production:\n", "  deploy-production:\n    if: github.ref == 'refs/heads/main'\n")
    assert outcomes("production_after_lower", text) == []


@pytest.mark.parametrize(
    ("on", "gate", "expected"),
    [
        ("push", "", "fail"), ("workflow_dispatch", "", "pass"), ("[push, workflow_dispatch]", "", "fail"),
        ("push", "    environment: production\n", "pass"), ("workflow_call", "", "unknown"),
    ],
)  # fmt: skip
def test_approvals(on: str, gate: str, expected: str) -> None:
    text = one(APPLY, on=on, name="deploy-production").replace("    environment: production\n", gate)
    assert outcomes("production_approved", text) == [expected]


def test_environments_that_callers_name() -> None:
    called = "on: {workflow_call: {inputs: {env: {type: string}}}}\n" + one(APPLY).partition("on: push\n")[2]
    called = called.replace("environment: production", "environment: ${{ inputs.env }}").replace(
        "overlays/production", "x"
    )
    caller = "on: push\njobs:\n  go:\n    uses: ./.github/workflows/a.yml\n    with: {env: %s}\n"
    for name, expected in (("production", ["fail"]), ("staging", [])):
        files = {".github/workflows/a.yml": called, ".github/workflows/b.yml": caller % name}
        assert outcomes("way_back_defined", files) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("terraform apply -auto-approve", ["fail"]), ("terraform plan -out=p\nterraform apply p", ["pass"]),
        ("terraform plan -out p\nterraform apply -input=false p", ["pass"]), ("terraform apply p", ["unknown"]),
        ("terraform apply -var-file prod.tfvars", ["fail"]), ("terragrunt apply", []), ('tofu apply "$PLAN"', ["pass"]),
        ("terraform -chdir=infra apply", ["fail"]), ("kubectl apply -f x", []),
    ],
)  # fmt: skip
def test_saved_plans(script: str, expected: list[str]) -> None:
    assert outcomes("saved_plan_applied", one(script)) == expected


@pytest.mark.parametrize(
    ("on", "script", "expected"),
    [
        ("push", "terraform plan", "fail"), ("{schedule: [{cron: 1 1 * * *}]}", "terraform plan", "pass"),
        ("{schedule: [{cron: 1 1 * * *}]}", "driftctl scan", "pass"), ("{schedule: [{cron: 1 1 * * *}]}", "echo", "fail"),
    ],
)  # fmt: skip
def test_drift(on: str, script: str, expected: str) -> None:
    files = {".github/workflows/a.yml": one("terraform apply p"), ".github/workflows/b.yml": one(script, on=on)}
    assert outcomes("drift_checked", files) == [expected]


def test_a_library_without_deployments_is_asked_for_nothing_of_them() -> None:
    text = "on: [push, pull_request]\njobs:\n  test:\n    runs-on: x\n    steps: [{run: npm test}]\n"
    for name in (
        "deploy_needs_tests", "deployment_named", "production_approved", "production_from_release", "deploy_concurrency",
        "production_after_lower", "way_back_defined", "smoke_tested", "failures_told", "migrated_before_rollout",
        "migration_reversible", "one_artifact_promoted", "saved_plan_applied", "drift_checked", "code_scanned",
        "planned_before_applied", "released_with_proof",
    ):  # fmt: skip
        assert verdicts_of(name, read(text)) == []


@pytest.mark.parametrize(
    ("path", "base"),
    [
        ("a/.github/workflows/x.yml", "a/"), (".github/workflows/x.yml", ""), (".gitlab-ci.yml", ""),
        ("a/.gitlab-ci.yml", "a/"), ("a/ci/Jenkinsfile", "a/"), ("ci/Jenkinsfile.release", ""),
        ("svc/azure-pipelines.yml", "svc/"), (".azuredevops/azure-pipelines-web.yml", ""), ("x/templates/job.yml", ""),
    ],
)  # fmt: skip
def test_where_the_repository_of_a_pipeline_begins(path: str, base: str) -> None:
    assert base_of(path) == base


def test_pipelines_of_folders_belong_to_the_repository_around_them() -> None:
    on = "on: pull_request\njobs:\n  t:\n    runs-on: x\n    steps: [{run: %s}]\n"
    files = {".github/workflows/a.yml": on % "gitleaks detect", "b/.github/workflows/b.yml": on % "npm test"}
    assert outcomes("scan_families", files) == ["fail"]
    estate = read(files)
    for pipeline in estate.kinds["pipeline/pipeline"]:
        pipeline.body["platform"] = "gitlab"
    assert [each.outcome for each in verdicts_of("scan_families", estate)] == ["pass"]


def test_names_whose_words_only_capitals_part() -> None:
    text = one("kubectl apply -f x", name="DeployToProduction").replace("    environment: production\n", "")
    assert outcomes("production_approved", text) == ["fail"]
    assert outcomes("production_approved", text.replace("DeployToProduction", "DeployToNonProd")) == []
