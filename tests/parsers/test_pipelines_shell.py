"""Shell scripts as commands, and what commands and actions are for."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.parsers.pipelines.roles import roles_of_action, roles_of_words
from linter.parsers.pipelines.shell import commands


def words(script: str) -> list[tuple[str, ...]]:
    return [command.words for command in commands(script)]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("a b 'c d' \"e $f\"", [("a", "b", "c d", "e $f")]),
        ("a && b || c; d | e & f", [("a",), ("b",), ("c",), ("d",), ("e",), ("f",)]),
        ("a \\\n  b\nc # not this\n#nor this", [("a", "b"), ("c",)]),
        ("X=1 Y='2 3' a", [("a",)]),
        ("if [ -f x ]; then a; else b; fi", [("[", "-f", "x", "]"), ("a",), ("b",)]),
        ("a $(b 'c)' d) e", [("a", "$(b 'c)' d)", "e"), ("b", "c)", "d")]),
        ("a \"$(b \"c\")\"", [("a", '$(b "c")'), ("b", "c")]),
        ("cat <<EOF\na && b\nEOF\nc", [("cat",), ("c",)]),
        ("a > f 2>&1 >> \"$g\"", [("a",)]),
        ("a ${{ x && y }} b", [("a", "${{ x && y }}", "b")]),
        ("echo a#b 'it'\\''s'", [("echo", "a#b", "it's")]),
        ("(cd x && y)", [("cd", "x"), ("y",)]),
        ("", []), ("\n\n#x\n", []), ("'", [("",)]), ("$(", [("$(",)]), ("a <<EOF", [("a",)]),
    ],
)  # fmt: skip
def test_commands_respect_quoting(script: str, expected: list[tuple[str, ...]]) -> None:
    assert words(script) == expected


def test_redirects_and_here_documents_belong_to_their_command() -> None:
    first, second = commands('echo "a=$B" >> "$GITHUB_ENV"\ncat <<EOF >> $GITHUB_ENV\nx=1\nEOF\n')
    assert first.redirects == ((">>", "$GITHUB_ENV", ""),)
    assert second.redirects == ((">>", "$GITHUB_ENV", ""),) and second.body == "x=1\n"


def test_a_command_knows_where_it_stands() -> None:
    script = "npm ci\nif true; then sudo npm test || true; fi"
    texts = [script[command.start : command.end] for command in commands(script)]
    assert texts == ["npm ci", "true", "sudo npm test", "true"]


@pytest.mark.parametrize(
    "text",
    [
        "$(",
        "`",
        '"',
        "(",
        "${",
        "<<E\n",
        '"$(',
        "$((",
        "a;",
        "\\\n",
        "'",
        "$(a ",
        "if ",
        "{ ",
        "[[ ",
        "case x in ",
        "f() ",
        "@(",
        "x=(",
        "((",
        "$'",
        '"${a:-',
        "`\\`",
        "<(",
        "$[",
        "a|",
        "if a; then ",
        "for x in $(",
        "$((1 + $(",
        "a && ",
        "${{ ",
    ],
)
def test_hostile_scripts_end(text: str) -> None:
    started = time.process_time()
    commands(text * 50_000)
    assert time.process_time() - started < 5


@given(st.text("ab \n'\"$(){}`\\|&;<>#=E", max_size=80))
def test_no_script_crashes(script: str) -> None:
    for command in commands(script):
        assert -1 <= command.start <= command.end <= len(script)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sudo -E env A=b poetry run pytest -x", {"test"}), ("kubectl -n prod apply -f x", {"deploy"}),
        ("kubectl apply --dry-run=server -f x", {"plan"}),
        ("helm --kube-context c upgrade --install web .", {"deploy"}),
        ("npm ci", set()), ("npm run deploy:prod", {"deploy"}), ("npm test", {"test"}), ("make test", {"test"}),
        ("./scripts/deploy.sh prod", {"deploy"}), ("terraform -chdir=x apply", {"deploy"}),
        ("terraform plan", {"plan"}),
        ("terraform destroy", {"destroy"}), ("docker buildx build --push .", {"build", "publish"}),
        ("docker run aquasec/trivy fs .", {"scan"}), ("python3 -m pytest", {"test"}),
        ("kubectl rollout undo x", {"rollback"}),
        ("cosign sign x", {"sign"}), ("syft x", {"sbom"}), ("echo kubectl apply", set()),
        ("npm publish --dry-run", set()),
        ("kubectl rollout status x", {"smoke"}), ("", set()), ("cosign verify x", {"verify"}),
        ("curl --fail https://shop.example/healthz", {"smoke"}), ("curl -fsSLo x https://a.example/x", set()),
        ("curl -X POST -d a https://shop.example/orders", set()), ("curl -o /dev/null -sf $URL", {"smoke"}),
        ("curl -d x https://hooks.slack.com/services/x", {"notify"}), ("curl --json {} $TEAM_WEBHOOK", {"notify"}),
        ("wget https://a.example/x.tgz", set()), ("wget -qO- https://a.example/health", {"smoke"}),
        ("wget --spider https://a.example/health", {"smoke"}), ("curl --version", set()),
        ("alembic upgrade head", {"migrate"}), ("python manage.py migrate --noinput", {"migrate"}),
        ("npx prisma migrate deploy", {"migrate"}), ("bundle exec rails db:migrate", {"migrate"}),
        ("dotnet ef database update", {"migrate"}), ("goose -dir m postgres $DSN up", {"migrate"}),
        ("alembic downgrade -1", {"rollback"}), ("npm run db:migrate", {"migrate"}), ("make migrate", {"migrate"}),
        ("kubectl exec deploy/web -- alembic upgrade head", {"migrate"}),
        ("docker run --rm shop:1 flyway migrate", {"migrate"}), ("docker run -it alpine sh", set()),
        ("terraform plan -detailed-exitcode", {"plan", "drift"}), ("argocd app diff shop", {"drift"}),
        ("crane copy a b", {"publish", "promote"}), ("kubectl argo rollouts promote web", {"promote"}),
        ("aws sns publish --message x", {"notify"}), ("pg_dump shop", {"backup"}), ("./smoke-test.sh x", {"smoke"}),
        ("az sql db export -n x", {"backup"}), ("az sql db show -n x", set()), ("mail -s down ops@example.com", {"notify"}),
    ],
)  # fmt: skip
def test_roles_of_commands(line: str, expected: set[str]) -> None:
    assert roles_of_words(tuple(line.split()))[0] == expected


@pytest.mark.parametrize(
    ("name", "inputs", "roles", "families"),
    [
        ("docker/build-push-action", {}, {"build"}, set()),
        ("docker/build-push-action", {"push": "true"}, {"build", "publish"}, set()),
        ("aquasecurity/trivy-action", {"scan-type": "config"}, {"scan"}, {"iac"}),
        ("aquasecurity/trivy-action", {"scan-type": "repo", "scanners": "vuln,misconfig"}, {"scan"},
         {"dependencies", "secrets", "iac"}),
        ("github/codeql-action/analyze", {}, {"scan"}, {"code"}), ("github/codeql-action/init", {}, set(), set()),
        ("nobody/knows", {}, set(), set()), ("snyk/actions/node", {}, {"scan"}, {"dependencies"}),
    ],
)  # fmt: skip
def test_roles_of_actions(name: str, inputs: dict[str, str], roles: set[str], families: set[str]) -> None:
    assert roles_of_action(name, inputs) == (roles, families)
