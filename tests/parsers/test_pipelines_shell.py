"""Shell scripts as commands, and what commands and actions are for."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.parsers.pipelines.roles import roles_of_action, roles_of_commands, roles_of_words
from linter.parsers.pipelines.shell import commands, options, parts, read


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
        "'${{ ",
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


def recorded(name: str) -> list[dict[str, Any]]:
    text = (Path(__file__).parent / name).read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("name", ["shell_recorded.jsonl", "shell_generated.jsonl"])
def test_commands_are_those_a_reference_parser_finds(name: str) -> None:
    rows = recorded(name)
    assert len(rows) > 30
    for row in rows:
        script = read(row["script"])
        found = [list(command.words) for command in script.commands if command.words]
        found = [found for found in found if found[0] not in ("[[", "((", "let")]
        if row["commands"] is None:
            assert script.problems, row["script"]
        else:
            assert (found, script.problems) == (row["commands"], []), row["script"]


def test_control_structure_is_known() -> None:
    script = "if a; then b; else c; fi; d || e; ! f; (g); h | i; while j; do k; done; $(l) && m"
    found = {command.program: command for command in commands(script) if command.words[0][0] != "$"}
    assert "".join(name for name, command in found.items() if command.tested) == "adfjl"
    assert [found[name].within for name in "abcgjkl"] == [
        ("if",), ("then",), ("else",), ("subshell",), ("while",), ("loop",), ("substitution",)
    ]  # fmt: skip
    assert found["h"].group == found["i"].group != found["d"].group


def test_a_function_of_the_script_is_no_program() -> None:
    script = read('up() { terraform apply; }\nup\nkubectl() { command kubectl --context x "$@"; }\nkubectl apply -f x')
    assert script.functions == {"up"}
    assert [(command.program, command.function) for command in script.commands] == [
        ("terraform", "up"), ("", ""), ("command", "kubectl"), ("kubectl", "")
    ]  # fmt: skip
    assert roles_of_commands(script.commands)[0] == {"deploy"}
    assert roles_of_commands(read("helm() { echo; }\nhelm upgrade x").commands)[0] == set()


def test_what_is_wrong_is_told_and_the_rest_kept() -> None:
    script = read('echo "open\nnpm test\n')
    assert [problem[:3] for problem in script.problems] == [('" is not closed', 5, 6)]
    assert [command.words for command in script.commands] == [("echo", "open"), ("npm", "test")]


def test_words_know_their_parts() -> None:
    text = "echo a'b c'\"d $e $(f) $((1))\"${g:-h}${{ i }}<(j)"
    word = commands(text)[0].spans[1]
    assert [(part.kind, part.text, part.quoted) for part in parts(text, *word)] == [
        ("literal", "a", False), ("single", "b c", False), ("double", "d ", True), ("parameter", "$e", True),
        ("double", " ", True), ("command", "$(f)", True), ("double", " ", True), ("arithmetic", "$((1))", True),
        ("parameter", "${g:-h}", False), ("expression", "${{ i }}", False), ("process", "<(j)", False),
    ]  # fmt: skip
    for part in parts(text, *word):
        assert part.text in text[part.start : part.end]


@pytest.mark.parametrize(
    ("script", "shell", "expected"),
    [
        ("set -euo pipefail\nX", "", {"errexit", "nounset", "pipefail"}),
        ("set -e\nset +e\nX", "", set()), ("(set -e)\nX", "", set()), ("X", "bash --noprofile --norc -eo pipefail {0}",
         {"errexit", "pipefail"}), ("set +o errexit; X", "sh -e {0}", set()), ("set -- -e\nX", "", set()),
    ],
)  # fmt: skip
def test_options_of_the_shell(script: str, shell: str, expected: set[str]) -> None:
    assert options(read(script), script.index("X"), shell) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("iwr https://x/y -UseBasicParsing | iex", [("iwr", "https://x/y", "-UseBasicParsing"), ("iex",)]),
        ("docker build `\n  -t \"a:$env:TAG\" 'b c'", [("docker", "build", "-t", "a:$env:TAG", "b c")]),
        ("$x = git rev-parse HEAD; & \"a b.exe\" -c", [("git", "rev-parse", "HEAD"), ("a b.exe", "-c")]),
        ("if ($a -eq 'b') { npm test } else { npm ci }", [("$a", "-eq", "b"), ("npm", "test"), ("npm", "ci")]),
        ("echo \"a $(git log -1) b\" # c", [("echo", "a $(git log -1) b"), ("git", "log", "-1")]),
        ("@'\na | b\n'@ | Set-Content x", [("a | b",), ("Set-Content", "x")]),
        ("Get-ChildItem | ForEach-Object { kubectl apply -f $_ }",
         [("Get-ChildItem",), ("ForEach-Object", "{ kubectl apply -f $_ }"), ("kubectl", "apply", "-f", "$_")]),
        ("<# a\nb #> c", [("c",)]), ("echo ${{ x && 'y' }}", [("echo", "${{ x && 'y' }}")]),
    ],
)  # fmt: skip
def test_powershell(line: str, expected: list[tuple[str, ...]]) -> None:
    assert [command.words for command in commands(line, "pwsh")] == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("@echo off\nrem x\n:y\nnpm ci && npm test", [("echo", "off"), ("npm", "ci"), ("npm", "test")]),
        ("if exist \"a b\" (call x.bat y) else z", [("x.bat", "y"), ("z",)]),
        ("if not \"%x%\"==\"1\" git push ^\n --tags", [("git", "push", "--tags")]),
        ("for %%f in (*.txt) do (type %%f)", [("type", "%%f")]), ("echo \"a & b\" | find /c ^&", [("echo", "a & b"),
         ("find", "/c", "&")]),
    ],
)  # fmt: skip
def test_cmd(line: str, expected: list[tuple[str, ...]]) -> None:
    assert [command.words for command in commands(line, "cmd /c {0}")] == expected


def test_redirections_of_every_shell_are_seen() -> None:
    assert commands('"a=$x" >> $env:GITHUB_ENV', "pwsh")[0].redirects == ((">>", "$env:GITHUB_ENV", ""),)
    assert commands("echo a>> %GITHUB_ENV%", "cmd")[0].redirects == ((">>", "%GITHUB_ENV%", ""),)


def test_what_no_shell_reads_has_no_commands() -> None:
    assert commands("import os; os.system('npm test')", "python") == []


@pytest.mark.parametrize("shell", ["pwsh", "cmd"])
@given(st.text("ab \n'\"$(){}`@\\|&;<>#=^%[]", max_size=80))
def test_no_script_of_windows_crashes(shell: str, script: str) -> None:
    for command in commands(script, shell):
        assert 0 <= command.start <= command.end <= len(script)


@pytest.mark.parametrize("shell", ["pwsh", "cmd"])
@pytest.mark.parametrize("text", ["$(", "`", '"', "(", "${", "<#", '"$(', "@(", "'", "{", "if (", "function f {", '@"\n',
                                  "^", "for ", "for (", "$x = ", "${{", "'${{ "])  # fmt: skip
def test_hostile_scripts_of_windows_end(shell: str, text: str) -> None:
    started = time.process_time()
    commands(text * 20_000, shell)
    assert time.process_time() - started < 5
