"""The Action's steps, run as the runner runs them, in a repository with a base and a head commit."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from action_runner import ACTION, REPOSITORY, Ran, Runner, git

REAL = "from linter.cli.start import main\nmain()\n"
STUB = """\
import json, os, sys
from pathlib import Path
temp = Path(os.environ["RUNNER_TEMP"])
arguments = sys.argv[1:]
policy = None
if "--policy" in arguments:
    folder = Path(arguments[arguments.index("--policy") + 1])
    policy = {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}
seen = {"arguments": arguments, "policy": policy, "environment": dict(os.environ), "cwd": os.getcwd(), "path": sys.path}
(temp / "seen.json").write_text(json.dumps(seen))
print("::error::injected")
print("::warning file=x::injected")
code = int(os.environ.get("STUB_CODE", "0"))
if code == 2 or "STUB_CRASH" in os.environ:
    sys.exit(code)
report = {
    "execution": "complete", "gate": "failed" if code else "passed", "judgements": {"unknown": 7},
    "findings": [
        {"outcome": "fail", "waiver": None}, {"outcome": "fail", "waiver": {"reason": "r"}},
        {"outcome": "fail", "waiver": None, "known": True}, {"outcome": "pass", "waiver": None},
    ],
}
texts = {"sarif": "{}", "json": json.dumps(report), "github-summary": "## summary\\n"}
texts["github-annotations"] = "::notice::one\\n"
for index, argument in enumerate(arguments):
    if argument == "--output":
        name, _, file = arguments[index + 1].partition("=")
        Path(file).write_text(texts[name])
sys.exit(code)
"""
BASE_POLICY = "rules:\n  folders: [house rules]\ngate:\n  fail-on: high\n"
HEAD_POLICY = "gate:\n  fail-on: critical\n"
BUCKET = 'resource "aws_s3_bucket" "logs" {\n  bucket = "logs"\n  acl    = "public-read"\n}\n'


class Repository:
    """An origin with a base and a head commit, and a checkout of the head."""

    def __init__(self, folder: Path) -> None:
        self.work = folder / "checkout"
        self.work.mkdir()
        git(self.work, "init", "-q", "-b", "main")
        self.write("opslint.yaml", BASE_POLICY)
        self.write("waivers.yaml", "waivers: []\n")
        self.write("house rules/deep/own-rule.yaml", "title: ours\n")
        self.write("main.tf", BUCKET)
        os.symlink("/etc/passwd", self.work / "house rules" / "link.yaml")
        self.base = self.commit("base")
        origin = folder / "origin.git"
        git(folder, "clone", "-q", "--bare", str(self.work), str(origin))
        self.server = f"file://{folder}"
        self.name = "origin.git"

    def write(self, path: str, text: str) -> None:
        file = self.work / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def commit(self, message: str) -> str:
        git(self.work, "add", "-A")
        git(self.work, "commit", "-q", "-m", message)
        return git(self.work, "rev-parse", "HEAD")

    def github(self, event: str = "pull_request", **more: str) -> dict[str, str]:
        context = {
            "server_url": self.server, "repository": self.name, "event_name": event, "token": "ghs_secret",
            "action_path": str(REPOSITORY),
        }  # fmt: skip
        if event == "pull_request":
            context["event.pull_request.base.sha"] = self.base
        return context | more


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path)
    made.write("opslint.yaml", HEAD_POLICY)
    made.write("house rules/deep/own-rule.yaml", "title: theirs\n")
    made.commit("head")
    return made


def seen(runner: Runner) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((runner.temp / "seen.json").read_text())
    return found


def stub(tmp_path: Path, repository: Repository, **github: str) -> Runner:
    return Runner(tmp_path, repository.work, repository.github(**github), STUB)


def test_a_pull_request_is_judged_by_the_policy_of_its_base(tmp_path: Path, repository: Repository) -> None:
    runner = stub(tmp_path, repository)
    ran = runner.run()
    assert ran.code == 0, ran.log
    assert seen(runner)["policy"] == {
        "opslint.yaml": BASE_POLICY,
        "waivers.yaml": "waivers: []\n",
        "house rules/deep/own-rule.yaml": "title: ours\n",
    }


def test_files_of_the_base_with_inline_waivers_come_along(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    waived = "# checkov:skip=CKV_AWS_20:a website\n" + BUCKET
    for path in ("infra/we'b $(touch owned).tf", "-rf.tf", "it:self.tf"):
        repository.write(path, waived)
    repository.base = repository.commit("waived in the base")
    git(repository.work, "push", "-q", repository.server + "/origin.git", "HEAD:main")
    repository.write("new.tf", waived)
    repository.commit("waived in the head")
    runner = stub(tmp_path, repository)
    ran = runner.run()
    assert ran.code == 0, ran.log
    assert {path for path, text in seen(runner)["policy"].items() if text == waived} == {
        "infra/we'b $(touch owned).tf", "-rf.tf", "it:self.tf",
    }  # fmt: skip
    assert not list(tmp_path.rglob("owned"))


def test_a_link_in_the_policy_of_the_base_is_left_out(tmp_path: Path, repository: Repository) -> None:
    runner = stub(tmp_path, repository)
    runner.run()
    assert not [path for path in (runner.temp / "opslint-policy").rglob("*") if path.is_symlink()]


def test_a_push_is_judged_by_the_policy_in_the_checkout(tmp_path: Path, repository: Repository) -> None:
    runner = stub(tmp_path, repository, event="push")
    assert runner.run().code == 0
    assert "--policy" not in seen(runner)["arguments"]


def test_a_base_without_a_policy_leaves_the_defaults_and_not_the_heads(tmp_path: Path, repository: Repository) -> None:
    git(repository.work, "checkout", "-q", "--orphan", "bare")
    git(repository.work, "rm", "-rqf", "--cached", ".")
    git(repository.work, "commit", "-q", "--allow-empty", "-m", "empty")
    git(repository.work, "push", "-q", repository.server + "/origin.git", "bare")
    repository.base = git(repository.work, "rev-parse", "HEAD")
    runner = stub(tmp_path, repository)
    ran = runner.run()
    assert ran.code == 0, ran.log
    assert seen(runner)["policy"] == {}


def test_a_base_that_cannot_be_read_leaves_the_defaults_and_says_so(tmp_path: Path, repository: Repository) -> None:
    repository.base = "0" * 40
    runner = stub(tmp_path, repository)
    ran = runner.run()
    assert ran.code == 0, ran.log
    assert "::warning title=opslint::The base commit could not be read" in ran.log
    assert seen(runner)["policy"] == {}


@pytest.mark.parametrize("base", ["--upload-pack=touch x", "$(touch x)", "main", "HEAD"])
def test_a_base_that_is_no_commit_name_is_refused(tmp_path: Path, repository: Repository, base: str) -> None:
    repository.base = base
    ran = stub(tmp_path, repository).run()
    assert ran.code == 2
    assert not list(tmp_path.rglob("x"))


def test_the_checkouts_git_configuration_takes_no_part(tmp_path: Path, repository: Repository) -> None:
    touch = f"touch '{tmp_path}/owned'"
    for name in ("core.fsmonitor", "core.sshCommand", "core.pager", "core.hooksPath", "uploadpack.packObjectsHook"):
        git(repository.work, "config", name, touch)
    git(repository.work, "config", f"url.ext::sh -c touch% {tmp_path}/owned.insteadOf", repository.server)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".gitconfig").write_text(
        f'[url "ext::sh -c touch% {tmp_path}/owned"]\n\tinsteadOf = file://\n'
    )
    (tmp_path / "home").rename(tmp_path / "kept")
    runner = stub(tmp_path, repository)
    (runner.home / ".gitconfig").write_text((tmp_path / "kept" / ".gitconfig").read_text())
    ran = runner.run()
    assert ran.code == 0, ran.log
    assert seen(runner)["policy"]["opslint.yaml"] == BASE_POLICY
    assert not (tmp_path / "owned").exists()


def test_variables_that_point_git_elsewhere_take_no_part(tmp_path: Path, repository: Repository) -> None:
    runner = stub(tmp_path, repository)
    ran = runner.run(environment={"GIT_DIR": str(repository.work / ".git"), "GIT_EXEC_PATH": str(tmp_path)})
    assert ran.code == 0, ran.log
    assert seen(runner)["policy"]["opslint.yaml"] == BASE_POLICY


def test_only_the_step_that_reads_the_base_sees_the_token(tmp_path: Path, repository: Repository) -> None:
    runner = stub(tmp_path, repository)
    ran = runner.run({"token": "ghs_secret"})
    assert "ghs_secret" not in json.dumps(seen(runner)["environment"])
    assert "ghs_secret" not in ran.log
    users = [step["name"] for step in ACTION["runs"]["steps"] if "token" in json.dumps(step.get("env", {})).lower()]
    assert users == ["Read the policy of the base commit"]


HOSTILE = [
    "a b",
    'quo"te',
    "it's",
    "$(touch owned)",
    "`touch owned`",
    "; touch owned",
    "* ?",
    "-rf",
    "a\\nb",
    "é🚀",
    "&& x",
]


def test_inputs_reach_the_command_as_they_are(tmp_path: Path, repository: Repository) -> None:
    runner = stub(tmp_path, repository)
    ran = runner.run({
        "paths": "\n".join(HOSTILE), "args": "--rule\n$(touch owned)\n", "fail-on": "high; touch owned",
        "frameworks": "soc2, pci-dss-4.0.1\nqa-checklist", "output-dir": "out $(touch owned)", "policy": "p'q",
    })  # fmt: skip
    assert ran.code == 0, ran.log
    arguments = seen(runner)["arguments"]
    end = arguments.index("--")
    assert arguments[end + 1 :] == HOSTILE
    assert arguments[end - 2 : end] == ["--rule", "$(touch owned)"]
    assert arguments[arguments.index("--fail-on") + 1] == "high; touch owned"
    assert arguments[arguments.index("--policy") + 1] == "p'q"
    assert [arguments[i + 1] for i, word in enumerate(arguments) if word == "--framework"] == [
        "soc2", "pci-dss-4.0.1", "qa-checklist",
    ]  # fmt: skip
    assert ran.outputs["sarif-file"] == f"{repository.work}/out $(touch owned)/opslint.sarif"
    assert not list(tmp_path.rglob("owned"))


def test_a_line_break_in_a_reports_name_is_refused(tmp_path: Path, repository: Repository) -> None:
    ran = stub(tmp_path, repository).run({"sarif-file": "a\nexit-code=0"})
    assert ran.code == 2
    assert ran.outputs["exit-code"] == ""


def test_the_checkout_cannot_shadow_modules(tmp_path: Path, repository: Repository) -> None:
    for name in ("json", "secrets", "linter", "click", "sitecustomize", "usercustomize"):
        repository.write(f"{name}.py", f"open({str(tmp_path / 'owned')!r}, 'w')\n")
    runner = stub(tmp_path, repository)
    ran = runner.run(environment={"PYTHONPATH": str(repository.work), "PYTHONSTARTUP": "json.py"})
    assert ran.code == 0, ran.log
    assert str(repository.work) not in seen(runner)["path"]
    assert not (tmp_path / "owned").exists()


def test_what_the_scan_prints_is_no_command(tmp_path: Path, repository: Repository) -> None:
    ran = stub(tmp_path, repository).run()
    token = re.search(r"^::stop-commands::(opslint-[0-9a-f]{32})$", ran.log, re.M)
    assert token
    inside = ran.log[token.end() : ran.log.index(f"\n::{token[1]}::\n")]
    assert "::error::injected" in inside
    assert "::error::" not in ran.log.replace(inside, "")


def test_outputs_summary_and_annotations(tmp_path: Path, repository: Repository) -> None:
    runner = stub(tmp_path, repository)
    ran = runner.run(environment={"STUB_CODE": "1"})
    reports = runner.temp / "opslint"
    assert ran.outputs == {
        "sarif-file": f"{reports}/opslint.sarif", "report-file": f"{reports}/opslint.json", "result": "fail",
        "execution": "complete", "gate": "failed", "exit-code": "1", "findings-total": "3", "findings-new": "1",
        "known": "1", "waived": "1", "unknown": "7",
    }  # fmt: skip
    assert ran.summary == "## summary\n"
    assert "\n::notice::one\n" in ran.log
    assert ran.code == 1


@pytest.mark.parametrize(("code", "result"), [(0, "pass"), (1, "fail"), (2, "error"), (3, "error")])
def test_the_last_step_exits_with_the_gates_code(
    tmp_path: Path, repository: Repository, code: int, result: str
) -> None:
    ran = stub(tmp_path, repository).run(environment={"STUB_CODE": str(code)})
    assert (ran.code, ran.outputs["result"], ran.outputs["exit-code"]) == (code, result, str(code))


def test_a_scan_that_wrote_nothing_names_no_log(tmp_path: Path, repository: Repository) -> None:
    ran = stub(tmp_path, repository).run(environment={"STUB_CODE": "2"})
    assert ran.outputs["sarif-file"] == ran.outputs["report-file"] == ""
    assert ran.outputs["execution"] == "failed"
    assert ran.outputs["gate"] == "not-evaluated"


def test_a_command_that_crashed_is_an_error_and_no_failed_gate(tmp_path: Path, repository: Repository) -> None:
    ran = stub(tmp_path, repository).run(environment={"STUB_CODE": "1", "STUB_CRASH": "yes"})
    assert (ran.code, ran.outputs["result"], ran.outputs["gate"]) == (1, "error", "not-evaluated")


@pytest.mark.parametrize(
    ("event", "choice", "annotated"),
    [("push", "auto", False), ("push", "true", True), ("pull_request", "auto", True), ("pull_request", "false", False)],
)
def test_when_annotations_are_shown(
    tmp_path: Path, repository: Repository, event: str, choice: str, annotated: bool
) -> None:
    ran = stub(tmp_path, repository, event=event).run({"annotations": choice, "summary": "false"})
    assert ("\n::notice::one\n" in ran.log) is annotated
    assert ran.summary == ""


def test_install_takes_the_actions_own_checkout(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    python = tmp_path / "bin" / "python3"
    python.parent.mkdir()
    python.write_text(
        f'#!/bin/bash\nprintf "%s|" "$PWD" "$@" >> "{calls}"\necho >> "{calls}"\n'
        'if [ "$3" = venv ]; then mkdir -p "$4/bin"; cp "$0" "$4/bin/python"; fi\n'
    )
    python.chmod(0o755)
    temp = tmp_path / "runner temp"
    temp.mkdir()
    script = tmp_path / "step.sh"
    script.write_text(ACTION["runs"]["steps"][0]["run"])
    env = {"PATH": f"{python.parent}:{os.environ['PATH']}", "RUNNER_TEMP": str(temp), "OPSLINT_SOURCE": "/act ion$(x)"}
    subprocess.run(["bash", "-eo", "pipefail", str(script)], env=env, cwd=tmp_path, check=True)
    made, wheels, package = calls.read_text().splitlines()[1:]
    assert made == f"{temp}|-I|-m|venv|{temp}/opslint-venv|"
    assert wheels.startswith(f"{temp}|-I|-m|pip|install|")
    assert wheels.endswith(
        "|--require-hashes|--only-binary|:all:|--requirement|/act ion$(x)/scripts/action-requirements.txt|"
    )
    assert package.endswith("|--no-deps|--no-build-isolation|/act ion$(x)|")


def test_the_action_installs_every_dependency_by_hash() -> None:
    lines = (REPOSITORY / "scripts" / "action-requirements.txt").read_text().replace("\\\n", " ").splitlines()
    pinned = {line.split("==")[0]: line for line in lines if not line.startswith("#")}
    assert all("--hash=sha256:" in line for line in pinned.values())
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[<>=!~ ;\[]", dependency)[0].lower() for dependency in project["dependencies"]}
    assert wanted | {"setuptools"} <= set(pinned)


def test_no_expression_stands_in_a_script() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"], step["name"]
        assert "set -euo pipefail" in step["run"], step["name"]
    for name, entry in ACTION["inputs"].items():
        assert entry["description"], name
        assert "default" in entry, name


def real(tmp_path: Path, repository: Repository, inputs: dict[str, str], **environment: str) -> Ran:
    return Runner(tmp_path, repository.work, repository.github(), REAL).run(inputs, environment)


def test_the_real_command_judges_a_pull_request(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    git(repository.work, "rm", "-rq", "house rules")
    repository.write("opslint.yaml", "gate:\n  fail-on: high\n")
    repository.base = repository.commit("a base without rules of its own")
    git(repository.work, "push", "-q", repository.server + "/origin.git", "HEAD:main")
    repository.write("opslint.yaml", HEAD_POLICY)
    repository.write("it's $(touch owned)/a `b`.tf", BUCKET.replace('"logs"', '"more"'))
    repository.commit("head")
    ran = real(tmp_path, repository, {"annotations": "true"})
    assert ran.code == 1, ran.log
    assert ran.outputs["result"] == "fail"
    log = json.loads(Path(ran.outputs["sarif-file"]).read_text())
    uris = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in log["runs"][0]["results"]
    }
    assert "main.tf" in uris
    assert "it%27s%20%24%28touch%20owned%29/a%20%60b%60.tf" in uris
    report = json.loads(Path(ran.outputs["report-file"]).read_text())
    assert report["gate"] == "failed"
    assert "opslint: gate failed" in ran.summary
    assert not list(tmp_path.rglob("owned"))


@pytest.mark.parametrize(
    "branch", ["$(touch owned)", "'; touch owned; '", "`touch owned`", "a\n::error::injected", "--help"]
)
def test_names_of_branches_and_files_are_only_text(tmp_path: Path, branch: str) -> None:
    repository = Repository(tmp_path)
    repository.write("::error::injected\n::warning::injected.tf", BUCKET)
    repository.write("##[error]injected.tf", BUCKET.replace("logs", "::error::injected"))
    repository.write("-rf.tf", BUCKET.replace("logs", "<img src=x>"))
    repository.commit("head")
    git(repository.work, "rm", "-rq", "opslint.yaml", "house rules")
    ran = real(
        tmp_path, repository, {"annotations": "true", "policy": str(repository.work)},
        GITHUB_ACTIONS="true", GITHUB_HEAD_REF=branch, GITHUB_REF_NAME=branch, GITHUB_SERVER_URL="https://github.com",
        GITHUB_REPOSITORY="o/r", GITHUB_SHA="0" * 40,
    )  # fmt: skip
    assert ran.code == 1, ran.log
    log = json.loads(Path(ran.outputs["sarif-file"]).read_text())["runs"][0]
    assert log["versionControlProvenance"][0]["branch"].isprintable()
    commands = [line for line in ran.log.splitlines() if line.lstrip().startswith("::")]
    assert all(
        re.match(r"::(error|warning|notice) (file|title)=|::stop-commands::opslint-|::opslint-", line)
        for line in commands
    )
    assert "##[" not in ran.log
    assert "<img" not in ran.summary
    assert not list(tmp_path.rglob("owned"))


def test_hooks_name_the_command_and_the_files_it_reads() -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text())}
    assert set(hooks) == {"opslint", "opslint-files"}
    assert hooks["opslint"]["pass_filenames"] is False
    assert hooks["opslint-files"]["pass_filenames"] is True
    for hook in hooks.values():
        assert hook["entry"].startswith("opslint scan")
        assert hook["require_serial"] is True
        files = re.compile(hook["files"])
        assert all(
            files.search(path) for path in ("a/main.tf", "x.auto.tfvars", "k8s/web.yml", "docs/run.md", "a.tf.json")
        )
        assert not any(files.search(path) for path in ("main.py", "package.json", "tf", "a.yamlx"))


def test_the_bases_baselines_are_read(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.write("opslint.yaml", "baseline: kept/known.json\n")
    kept = (".opslint-baseline.json", "kept/known.json", "infra/own.json")
    for path in kept:
        repository.write(path, "base")
    repository.base = repository.commit("baselines in the base")
    git(repository.work, "push", "-q", repository.server + "/origin.git", "HEAD:main")
    for path in kept:
        repository.write(path, "head")
    repository.commit("baselines in the head")
    runner = stub(tmp_path, repository)
    ran = runner.run({"baseline": "own.json", "working-directory": "infra"})
    assert ran.code == 0, ran.log
    policy, arguments = seen(runner)["policy"], seen(runner)["arguments"]
    assert {path: policy.get(path) for path in kept} == dict.fromkeys(kept, "base")
    assert arguments[arguments.index("--baseline") + 1] == "own.json"
