"""The command as a user meets it: what it prints, and the exit codes 2 > 3 > 1 > 0."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import pytest
import yaml
from click.testing import CliRunner

from linter.cli.main import COMMANDS, cli
from tests.support import write

REPOSITORY = Path(__file__).resolve().parent.parent
ENTRY = (sys.executable, "-c", "from linter.cli.start import main; main()")
AS_OF = "2026-01-15"
RULE = "rds-encrypt"

BAD = 'resource "aws_db_instance" "shop" {\n  storage_encrypted = false\n}\n'
GOOD = BAD.replace("false", "true")
MEDIUM = 'resource "aws_ebs_volume" "data" {\n  encrypted = false\n}\n'
UNCLOSED = 'resource "aws_db_instance" "half" {\n  storage_encrypted = true\n'
WAIVER = {
    "rule": RULE, "path": "main.tf", "reason": "The data are made up for a demonstration.", "owner": "shop",
    "expires": "2027-01-01",
}  # fmt: skip


class Answer(NamedTuple):
    code: int
    out: str
    err: str


def opslint(*arguments: str | Path) -> Answer:
    """The command within this process, without a child that reads."""
    try:
        result = CliRunner().invoke(cli, [str(argument) for argument in arguments], prog_name="opslint")
    finally:
        gc.enable()
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Answer(result.exit_code, result.stdout, result.stderr)


def program(*arguments: str | Path, cwd: Path | None = None, **environment: str) -> Answer:
    """The command as it is installed: a process of its own."""
    base = {"PYTHONPATH": str(REPOSITORY), "PATH": os.environ["PATH"], "PYTHONWARNINGS": "error"}
    command = [*ENTRY, *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, env=base | environment, capture_output=True, check=False)
    return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture(autouse=True)
def _in_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A forked child's output would not reach click's runner; subprocesses still fork."""
    monkeypatch.delattr(os, "fork")
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    yield


def scan(root: Path, *arguments: str | Path) -> Answer:
    return opslint("scan", root, "--root", root, "--rule", RULE, "--as-of", AS_OF, *arguments)


def policy(**keys: object) -> str:
    return yaml.safe_dump({"version": 1, **keys})


class TestExitCodes:
    def test_passed(self, tmp_path: Path) -> None:
        answer = scan(write(tmp_path, {"main.tf": GOOD}))
        assert answer.code == 0
        assert "gate: passed" in answer.out

    def test_failed(self, tmp_path: Path) -> None:
        answer = scan(write(tmp_path, {"main.tf": BAD}))
        assert answer.code == 1
        assert f"high  {RULE}  main.tf:2:23" in answer.out
        assert "gate: failed" in answer.out

    def test_below_the_threshold_passes_and_is_shown(self, tmp_path: Path) -> None:
        root = write(tmp_path, {"main.tf": MEDIUM})
        arguments = ("scan", root, "--root", root, "--rule", "ebs-encrypt-volumes")
        assert (answer := opslint(*arguments)).code == 0
        assert "ebs-encrypt-volumes  main.tf:2:15" in answer.out
        assert opslint(*arguments, "--fail-on", "medium").code == 1

    def test_incomplete_wins_over_failed_and_the_rest_is_judged(self, tmp_path: Path) -> None:
        answer = scan(write(tmp_path, {"main.tf": BAD, "half/half.tf": UNCLOSED}))
        assert answer.code == 3
        assert "artifact-unparsed  half/half.tf:1:1" in answer.out
        assert f"{RULE}  main.tf:2:23" in answer.out
        assert "gate: failed" in answer.out
        assert "execution: incomplete" in answer.out

    def test_unreadable_file_is_incomplete(self, tmp_path: Path) -> None:
        root = write(tmp_path, {"main.tf": GOOD})
        (root / "other.tf").symlink_to(root / "other.tf")
        answer = scan(root)
        assert answer.code == 3
        assert "artifact-unreadable  other.tf" in answer.out

    def test_broken_policy_wins_over_incomplete(self, tmp_path: Path) -> None:
        answer = scan(write(tmp_path, {"half.tf": UNCLOSED, "opslint.yaml": policy(gate={"fail-on": "severe"})}))
        assert answer.code == 2
        assert answer.out == ""
        assert "opslint.yaml:2:" in answer.err

    def test_unwritable_report_wins_over_incomplete(self, tmp_path: Path) -> None:
        root = write(tmp_path / "tree", {"half.tf": UNCLOSED})
        answer = scan(root, "--output", f"json={tmp_path / 'nowhere' / 'report.json'}")
        assert answer.code == 2
        assert "report.json" in answer.err

    def test_nothing_recognised_is_incomplete_unless_allowed(self, tmp_path: Path) -> None:
        root = write(tmp_path, {"notes.txt": "nothing here"})
        assert scan(root).code == 3
        assert scan(root, "--allow-empty").code == 0

    @pytest.mark.parametrize(("text", "code"), [(BAD, 0), (GOOD, 0), (UNCLOSED, 3)])
    def test_exit_zero_forgives_only_the_gate(self, tmp_path: Path, text: str, code: int) -> None:
        assert scan(write(tmp_path, {"main.tf": text}), "--exit-zero").code == code

    def test_exit_zero_forgives_no_broken_policy(self, tmp_path: Path) -> None:
        root = write(tmp_path, {"main.tf": BAD, "opslint.yaml": "gate: [\n"})
        assert scan(root, "--exit-zero").code == 2

    @pytest.mark.parametrize("format", ["text", "json", "sarif", "github-summary", "github-annotations"])
    @pytest.mark.parametrize(("text", "code"), [(GOOD, 0), (BAD, 1), (UNCLOSED, 3)])
    def test_a_format_never_changes_the_exit_code(self, tmp_path: Path, format: str, text: str, code: int) -> None:
        assert scan(write(tmp_path, {"main.tf": text}), "--format", format).code == code


class TestUsage:
    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["scan", "--rule", "rds-encript"], "rds-encrypt"),
            (["scan", "--framework", "soc3"], "soc2"),
            (["scan", "--as-of", "tomorrow"], "2026-01-31"),
            (["scan", "--var", "colour"], "NAME=VALUE"),
            (["scan", "--output", "xml=report.xml"], "sarif"),
            (["scan", "--output", "json"], "FORMAT=FILE"),
            (["scan", "--fail-on", "severe"], "critical"),
            (["scan", "nowhere"], "does not exist"),
            (["scan", ".", "--root", "inner"], "outside the root"),
            (["scan", "--policy", "nowhere"], "nowhere"),
            (["explain", "rds-encript"], "rds-encrypt"),
            (["rules", "show", "rds-encript"], "rds-encript"),
            (["rules", "test", "rds-encript"], "rds-encript"),
            (["checklist", "--framework", "soc3"], "soc2"),
            (["scann"], "Did you mean 'scan'"),
            (["completion", "tcsh"], "bash"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else None,
    )
    def test_misuse_is_2_and_says_how(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
    ) -> None:
        monkeypatch.chdir(write(tmp_path, {"main.tf": GOOD, "inner/main.tf": GOOD}))
        answer = opslint(*arguments)
        assert answer.code == 2
        assert words in answer.err
        assert answer.out == ""

    def test_help_of_every_command(self) -> None:
        assert all(name in opslint("--help").out for name in COMMANDS)
        for name in COMMANDS:
            answer = opslint(name, "--help")
            assert answer.code == 0
            assert answer.out.startswith(f"Usage: opslint {name}")

    def test_commands_are_what_they_are_called(self) -> None:
        context = click.Context(cli)
        assert all((cli.get_command(context, name) or cli).name == name for name in cli.list_commands(context))


class TestReports:
    def test_report_is_never_written_through_a_link(self, tmp_path: Path) -> None:
        root = write(tmp_path / "tree", {"main.tf": GOOD})
        precious = tmp_path / "precious"
        precious.write_text("mine")
        (tmp_path / "report.json").symlink_to(precious)
        answer = scan(root, "--output", f"json={tmp_path / 'report.json'}")
        assert answer.code == 2
        assert "link" in answer.err
        assert precious.read_text() == "mine"

    def test_several_reports_of_one_scan(self, tmp_path: Path) -> None:
        root = write(tmp_path / "tree", {"main.tf": BAD})
        report, log = tmp_path / "report.json", tmp_path / "log.sarif"
        assert scan(root, "--output", f"json={report}", "--output", f"sarif={log}").code == 1
        assert [f["rule"] for f in json.loads(report.read_text())["findings"] if f["outcome"] == "fail"] == [RULE]
        assert [r["ruleId"] for r in json.loads(log.read_text())["runs"][0]["results"]] == [RULE]

    def test_ide_writes_below_the_root(self, tmp_path: Path) -> None:
        root = write(tmp_path, {"main.tf": BAD})
        assert scan(root, "--ide").code == 1
        assert json.loads((root / ".sarif" / "opslint.sarif").read_text())["version"] == "2.1.0"

    def test_json_on_standard_output_is_one_document(self, tmp_path: Path) -> None:
        report = json.loads(scan(write(tmp_path, {"main.tf": BAD}), "--format", "json").out)
        assert report["gate"] == "failed"
        assert report["exit_code"] == 1
        assert report["as_of"] == AS_OF

    def test_colours_only_where_asked_for(self, tmp_path: Path) -> None:
        root = write(tmp_path, {"main.tf": BAD})
        assert "\x1b" not in scan(root).out
        assert "\x1b[" in scan(root, "--color", "always").out
        assert "\x1b" not in scan(root, "--color", "never").out

    def test_verbose_lists_what_is_unknown(self, tmp_path: Path) -> None:
        text = 'variable "encrypted" {}\n' + BAD.replace("false", "var.encrypted")
        root = write(tmp_path, {"main.tf": text})
        assert f"{RULE}  main.tf:3:23" in scan(root, "--verbose").out
        assert f"{RULE}  main.tf:3:23" not in scan(root).out


class TestScope:
    def test_paths_limit_what_is_reported_not_what_is_known(self, tmp_path: Path) -> None:
        module = 'variable "encrypted" {}\n' + BAD.replace("false", "var.encrypted")
        call = 'module "db" {\n  source    = "./db"\n  encrypted = false\n}\n'
        root = write(tmp_path, {"main.tf": call, "db/main.tf": module, "other/main.tf": BAD})
        answer = opslint("scan", root / "db", "--root", root, "--rule", RULE)
        assert answer.code == 1
        assert f"{RULE}  db/main.tf:3:23" in answer.out
        assert "other/main.tf" not in answer.out

    def test_a_failure_elsewhere_is_not_this_folders(self, tmp_path: Path) -> None:
        root = write(tmp_path, {"good/main.tf": GOOD, "bad/main.tf": BAD})
        assert opslint("scan", root / "good", "--root", root, "--rule", RULE).code == 0

    def test_isolated_makes_absence_unknown(self, tmp_path: Path) -> None:
        root = write(
            tmp_path, {"a/main.tf": 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n', "b/b.tf": GOOD}
        )
        arguments = ("scan", root / "a", "--root", root, "--rule", "vpc-flow-logs", "--format", "json")
        known = json.loads(opslint(*arguments).out)["judgements"]
        isolated = json.loads(opslint(*arguments, "--isolated").out)["judgements"]
        assert (known["fail"], known["unknown"]) == (1, 0)
        assert (isolated["fail"], isolated["unknown"]) == (0, 1)

    def test_the_repository_is_the_root(self, tmp_path: Path) -> None:
        root = write(tmp_path, {".git/HEAD": "ref: refs/heads/main\n", "db/main.tf": BAD, "opslint.yaml": policy()})
        answer = opslint("scan", root / "db", "--rule", RULE)
        assert f"{RULE}  db/main.tf:2:23" in answer.out
        assert "policy: opslint.yaml" in answer.out

    def test_variables_of_the_command_line_win(self, tmp_path: Path) -> None:
        text = 'variable "encrypted" {\n  default = false\n}\n' + BAD.replace("false", "var.encrypted")
        root = write(tmp_path, {"main.tf": text, "safe.tfvars": "encrypted = true\n"})
        assert scan(root).code == 1
        assert scan(root, "--var", "encrypted=true").code == 0
        assert scan(root, "--var-file", "safe.tfvars").code == 0
        assert scan(root, "--var-file", "safe.tfvars", "--var", "encrypted=false").code == 1
        assert scan(root, "--var", "encrypted=false", "--var-file", "safe.tfvars").code == 0

    def test_a_variable_file_that_is_not_there_is_refused(self, tmp_path: Path) -> None:
        root = write(tmp_path, {"main.tf": BAD, "notes.txt": "x"})
        assert scan(root, "--var-file", "gone.tfvars").code == 2
        assert scan(root, "--var-file", "notes.txt").code == 2
        assert scan(root, "--var-file", "../x.tfvars").code == 2


class TestPolicy:
    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("version: 1\ngate:\n  fail-on: severe\n", "opslint.yaml:3: "),
            ("version: 1\ngates: {}\n", "opslint.yaml:2: "),
            ("version: 1\ngate: [\n", "opslint.yaml:3: "),
            ("- 1\n", "opslint.yaml:1: "),
        ],
    )
    def test_a_mistake_is_told_with_its_line(self, tmp_path: Path, text: str, place: str) -> None:
        answer = scan(write(tmp_path, {"main.tf": BAD, "opslint.yaml": text}))
        assert answer.code == 2
        assert answer.err.startswith(f"opslint: {place}")

    def test_policy_of_another_folder_decides(self, tmp_path: Path) -> None:
        root = write(tmp_path / "head", {"main.tf": BAD, "opslint.yaml": policy(waivers=[WAIVER])})
        base = write(tmp_path / "base", {"opslint.yaml": policy()})
        assert scan(root).code == 0
        assert scan(root, "--policy", base).code == 1

    def test_a_waiver_covers_and_is_shown_as_waived(self, tmp_path: Path) -> None:
        answer = scan(write(tmp_path, {"main.tf": BAD, "opslint.yaml": policy(waivers=[WAIVER])}))
        assert answer.code == 0
        assert "1 waived" in answer.out

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"path": "other.tf"}, "covers nothing: remove it"),
            ({"expires": "2025-12-31"}, "it expired on 2025-12-31"),
            ({"expires": "soon"}, "this waiver covers nothing"),
            ({"reason": "because"}, "this waiver covers nothing"),
            ({"owner": None}, "this waiver covers nothing"),
        ],
        ids=["unused", "expired", "no date", "short reason", "no owner"],
    )
    def test_a_waiver_that_covers_nothing_says_so(self, tmp_path: Path, changed: dict[str, object], words: str) -> None:
        root = write(tmp_path, {"main.tf": BAD, "opslint.yaml": policy(waivers=[WAIVER | changed])})
        answer = opslint("scan", root, "--root", root, "--as-of", AS_OF)
        assert answer.code == 1
        assert words in answer.out
        assert "opslint.yaml:" in answer.out

    def test_inline_waiver(self, tmp_path: Path) -> None:
        comment = f'  # opslint:ignore={RULE} reason="made-up data"\n'
        root = write(tmp_path, {"main.tf": BAD.replace("{\n", "{\n" + comment)})
        answer = scan(root)
        assert answer.code == 0
        assert "1 waived" in answer.out
        write(root, {"opslint.yaml": policy(**{"inline-waivers": {"opslint": False}})})
        assert scan(root).code == 1

    def test_inline_waiver_without_reason_covers_nothing(self, tmp_path: Path) -> None:
        answer = scan(write(tmp_path, {"main.tf": BAD.replace("{\n", f"{{ # opslint:ignore={RULE}\n")}))
        assert answer.code == 1
        assert "main.tf:1: this opslint waiver covers nothing: it has no reason" in answer.out

    def test_notes_on_inline_waivers_are_of_what_is_reported(self, tmp_path: Path) -> None:
        stale = f'# opslint:ignore={RULE} reason="made-up data"\n\n'
        root = write(tmp_path, {"a/main.tf": BAD, "b/main.tf": stale + BAD})
        chosen = opslint("scan", root / "a", "--root", root, "--as-of", AS_OF)
        assert "b/main.tf" not in chosen.out
        assert "b/main.tf:1: the waiver of" in opslint("scan", root, "--root", root, "--as-of", AS_OF).out

    def test_own_rules_of_the_policy(self, tmp_path: Path) -> None:
        rule = {
            "title": "Name the volume", "severity": "high", "why": "Nobody finds a volume without a name.",
            "fix": "Add a tag Name to the volume.",
            "kind": "terraform/aws_ebs_volume", "require": {"tags.Name": {"present": True}},
            "bad": ['resource "aws_ebs_volume" "data" {}\n         ^^^^^^^^^^^^^^^^\n'],
            "good": ['resource "aws_ebs_volume" "data" {\n  tags = { Name = "data" }\n}\n'],
        }  # fmt: skip
        files = {
            "main.tf": MEDIUM,
            "house/volume-name.yaml": yaml.safe_dump(rule),
            "opslint.yaml": policy(rules={"folders": ["house"]}),
        }
        root = write(tmp_path, files)
        answer = opslint("scan", root, "--root", root, "--rule", "volume-name")
        assert answer.code == 1
        assert "volume-name  main.tf:1:10" in answer.out
        assert opslint("rules", "test", "--folder", root / "house").out == "1 passed, 0 failed\n"


class TestOtherCommands:
    def test_framework(self, tmp_path: Path) -> None:
        root = write(tmp_path, {"main.tf": BAD})
        answer = opslint("scan", root, "--root", root, "--framework", "soc2")
        assert "SOC 2" in answer.out
        assert "not met" in answer.out
        assert "main.tf:2:23" in answer.out

    def test_checklist(self, tmp_path: Path) -> None:
        root = write(tmp_path, {"main.tf": BAD})
        assert opslint("checklist", root, "--root", root).code == 1
        document = json.loads(opslint("checklist", root, "--root", root, "--format", "json").out)
        assert sum(document["totals"].values()) == len(document["controls"])

    @pytest.mark.parametrize("name", [RULE, "CKV_AWS_16", "ckv_aws_16", "AWS-0080", "AVD-AWS-0080"])
    def test_explain_by_own_and_foreign_id(self, name: str) -> None:
        answer = opslint("explain", name)
        assert answer.code == 0
        assert answer.out.startswith(f"{RULE}  (high")
        assert all(word in answer.out for word in ("Why  ", "Fix  ", "Fails", "Passes"))

    @pytest.mark.parametrize(
        "name", ["checkov.CKV_AWS_16", "checkov.ckv-aws-16", "trivy.AVD-AWS-0080", "trivy.aws-0080"]
    )
    def test_explain_by_the_id_of_another_tools_findings(self, name: str) -> None:
        assert opslint("explain", name).out.startswith(f"{RULE}  (high")

    @pytest.mark.parametrize(
        ("name", "id", "said"),
        [
            ("CKV_AWS_226", "checkov.ckv-aws-226", "Bears on the controls of rds-upgrade-minor"),
            ("checkov.ckv-aws-135", "checkov.ckv-aws-135", "It bears on no control: It asks for more throughput"),
            ("semgrep.sql-keeps-names", "semgrep.sql-keeps-names", "Fix  Add the new name beside the old one"),
            ("python-http-timeout", "semgrep.python-http-timeout", "Why  "),
        ],
    )
    def test_explain_a_check_of_another_tool_only(self, name: str, id: str, said: str) -> None:
        answer = opslint("explain", name)
        assert (answer.code, answer.out.startswith(f"{id}  (")) == (0, True), answer.err
        assert said in answer.out
        assert f"rule: {id}" in answer.out

    @pytest.mark.parametrize("name", ["checkov.ckv-aws-99999", "trivy.CKV_AWS_16", "other.rule"])
    def test_explain_what_nothing_is_known_of(self, name: str) -> None:
        answer = opslint("explain", name)
        assert (answer.code, "another tool's check" in answer.err) == (2, True)

    def test_rules_list(self) -> None:
        listed = opslint("rules", "list")
        assert RULE in listed.out
        rules = json.loads(opslint("rules", "list", "--json").out)
        assert f"{len(rules)} rules" in listed.err
        assert len(rules) >= 200
        narrowed = opslint("rules", "list", "--kind", "terraform/aws_db_instance")
        assert RULE in narrowed.out
        assert len(narrowed.out.splitlines()) < len(rules) / 10

    def test_rules_show(self) -> None:
        shown = json.loads(opslint("rules", "show", RULE).out)
        assert shown["id"] == RULE
        assert shown["bad"]
        assert shown["good"]

    def test_rules_test(self, tmp_path: Path) -> None:
        assert opslint("rules", "test", RULE).out == "1 passed, 0 failed\n"
        rule = {
            "title": "Be what nobody is", "severity": "low", "why": "It is only made up for a test.",
            "fix": "Nothing has to be done about it.", "kind": "terraform/aws_vpc",
            "require": {"cidr_block": {"present": True}},
            "bad": ['resource "aws_vpc" "x" {}\n                   ^^^\n'],
            "good": ['resource "aws_vpc" "x" {}\n'],
        }  # fmt: skip
        answer = opslint("rules", "test", "--folder", write(tmp_path, {"be-x.yaml": yaml.safe_dump(rule)}))
        assert answer.code == 1
        assert answer.out.count("FAIL be-x") == 3
        assert answer.out.endswith("0 passed, 1 failed\n")

    def test_a_broken_rule_file_is_2_and_told_with_its_line(self, tmp_path: Path) -> None:
        folder = write(tmp_path, {"be-x.yaml": "title: Be what nobody is\nseverety: high\n"})
        for verb in ("list", "test"):
            answer = opslint("rules", verb, "--folder", folder)
            assert (answer.code, answer.out) == (2, "")
            assert "be-x.yaml:" in answer.err

    def test_init_writes_a_policy_that_is_read(self, tmp_path: Path) -> None:
        root = write(tmp_path, {"main.tf": GOOD})
        assert opslint("init", root).code == 0
        assert "policy: opslint.yaml" in scan(root).out
        assert opslint("init", root).code == 2

    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_completion(self, shell: str) -> None:
        answer = opslint("completion", shell)
        assert answer.code == 0
        assert "_OPSLINT_COMPLETE" in answer.out


class TestProcess:
    """The installed entry point: forked, piped, interrupted."""

    @pytest.mark.parametrize(("text", "code"), [(GOOD, 0), (BAD, 1), (UNCLOSED, 3)])
    def test_exit_code_and_output_survive_the_fork(self, tmp_path: Path, text: str, code: int) -> None:
        root = write(tmp_path, {"main.tf": text})
        answer = program("scan", "--root", ".", "--rule", RULE, cwd=root)
        assert answer.code == code
        assert answer.err == ""
        assert "\x1b" not in answer.out
        assert answer.out == scan(root, "--as-of", answer.out.rpartition("as of ")[2][:10]).out

    def test_usage_error(self, tmp_path: Path) -> None:
        answer = program("scan", "--rule", "rds-encript", cwd=write(tmp_path, {"main.tf": GOOD}))
        assert (answer.code, answer.out) == (2, "")
        assert "Traceback" not in answer.err
        assert "rds-encrypt" in answer.err

    def test_as_a_module(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "linter", "--version"], cwd=REPOSITORY, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("opslint, version ")

    def test_as_a_module_it_imports_nothing_of_the_tree_it_stands_in(self, tmp_path: Path) -> None:
        names = (
            "yaml",
            "json",
            "re",
            "mmap",
            "click",
            "sitecustomize",
            "usercustomize",
            "tomllib",
            "hashlib",
            "bisect",
        )
        run = f"open({str(tmp_path / 'ran')!r}, 'a').write(__name__)\n"
        root = write(tmp_path / "tree", {"main.tf": BAD, **{f"{name}.py": run for name in names}})
        done = subprocess.run(
            [sys.executable, "-m", "linter", "scan", "--verbose", "--format", "json"],
            cwd=root, env={"PYTHONPATH": str(REPOSITORY)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (1, "")
        assert not (tmp_path / "ran").exists()

    @pytest.mark.parametrize("arguments", [["scan", "--format", "json"], ["rules", "list"]], ids=["scan", "rules"])
    def test_a_reader_that_leaves_causes_no_traceback(self, tmp_path: Path, arguments: list[str]) -> None:
        root = write(tmp_path, {"main.tf": "".join(BAD.replace("shop", f"shop{number}") for number in range(300))})
        environment = {"PYTHONPATH": str(REPOSITORY), "PATH": os.environ["PATH"]}
        reading, writing = os.pipe()
        os.close(reading)
        try:
            done = subprocess.run(
                [*ENTRY, *arguments], cwd=root, env=environment, stdout=writing, stderr=subprocess.PIPE, check=False
            )
        finally:
            os.close(writing)
        assert b"Traceback" not in done.stderr
        assert b"BrokenPipe" not in done.stderr
        assert done.returncode != 0

    def test_undecodable_names_and_a_plain_locale(self, tmp_path: Path) -> None:
        root = os.fsencode(write(tmp_path, {"main.tf": BAD}))
        with open(os.path.join(root, b"caf\xe9.tf"), "wb") as file:
            file.write(BAD.replace("shop", "cafe").encode())
        answer = program("scan", "--root", ".", "--rule", RULE, cwd=tmp_path, LC_ALL="C", PYTHONIOENCODING="ascii")
        assert answer.code == 1
        assert answer.err == ""
        assert answer.out.count(RULE) >= 2

    def test_colours_off_for_pipes_and_no_progress(self, tmp_path: Path) -> None:
        root = write(tmp_path, {"main.tf": BAD})
        answer = program("scan", "--root", ".", "--rule", RULE, cwd=root, FORCE_COLOR="1", TERM="xterm-256color")
        assert "\x1b" not in answer.out + answer.err
