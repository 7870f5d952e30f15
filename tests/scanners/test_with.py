"""`scan --with checkov`: one fault found twice is one finding, what only the other found is kept, and no way it can
fail is green."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from linter.scanners import found as program_of
from tests.scanners.stand_in import checkov, record, report
from tests.support import write
from tests.test_cli import Answer, program

TF = """resource "aws_db_instance" "shop" {
  storage_encrypted   = false
  publicly_accessible = true
}

resource "aws_sns_topic" "news" {
}
"""
SAME = record("CKV_AWS_16", "main.tf", (1, 4), "aws_db_instance.shop")
OWN = record("CKV_AWS_999", "main.tf", (6, 7), "aws_sns_topic.news")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return write(tmp_path / "tree", {"main.tf": TF})


def scan(tree: Path, body: str, *options: str, policy: str = "") -> Answer:
    tool = checkov(tree.parent / "tools", body)
    text = f"version: 1\nscanners: {{checkov: {{program: {tool}, seconds: 20}}}}\n{policy}"
    folder = write(tree.parent / "policy", {"opslint.yaml": text})
    return program("scan", "--root", tree, "--policy", folder, "--with", "checkov", *options, tree)


def told(answer: Answer) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(answer.out)
    return loaded


def test_the_same_fault_is_one_finding_with_two_sources(tree: Path) -> None:
    found = told(scan(tree, report(SAME, OWN), "--format", "json"))
    by_rule = {finding["rule"]: finding for finding in found["findings"] if finding["outcome"] == "fail"}
    assert by_rule["rds-encrypt"]["sources"] == ["checkov:CKV_AWS_16"]
    kept = by_rule["checkov.ckv-aws-999"]
    assert (kept["place"]["start_line"], kept["place"]["start_column"], kept["subject"]) == (
        6,
        10,
        "aws_sns_topic.news",
    )
    assert "sources" not in by_rule["rds-not-public"]
    assert found["scanners"] == [
        {"tool": "checkov", "version": "3.9.9", "source": "opslint.yaml", "found": 2, "merged": 1, "kept": 1,
         "repeated": 0, "elsewhere": 0},
    ]  # fmt: skip
    assert found["execution"] == "complete"


def test_a_check_that_a_rule_claims_has_its_severity_and_controls(tree: Path) -> None:
    write(tree, {"main.tf": TF.replace("= false", "= true")})
    found = told(scan(tree, report(SAME), "--format", "json", "--framework", "soc2"))
    kept = next(finding for finding in found["findings"] if finding["rule"] == "checkov.ckv-aws-16")
    assert kept["severity"] == "high"
    assert any(control.startswith("soc2/") for control in kept["controls"])
    failures = [text["text"] for control in found["frameworks"][0]["controls"] for text in control["failures"]]
    assert any(text.endswith("[checkov.ckv-aws-16]") for text in failures)


def test_waivers_disabling_and_severities_treat_all_alike(tree: Path) -> None:
    waiver = "waivers: [{rule: checkov.ckv-aws-999, path: main.tf, reason: Nothing secret is sent there., owner: a, expires: '2199-01-01'}]"  # noqa: E501
    answer = told(scan(tree, report(OWN), "--format", "json", policy=waiver))
    assert next(f for f in answer["findings"] if f["rule"] == "checkov.ckv-aws-999")["waiver"]["owner"] == "a"
    changed = told(
        scan(tree, report(OWN), "--format", "json", policy="rules: {severity: {checkov.ckv-aws-999: critical}}")
    )
    assert next(f for f in changed["findings"] if f["rule"] == "checkov.ckv-aws-999")["severity"] == "critical"
    gone = told(scan(tree, report(OWN), "--format", "json", policy="rules: {disable: [checkov.ckv-aws-999]}"))
    assert not [f for f in gone["findings"] if f["rule"] == "checkov.ckv-aws-999"]


def test_a_check_is_named_as_its_tool_names_it_too(tree: Path) -> None:
    """In waivers, in what is disabled and in severities."""
    waiver = "waivers: [{rule: checkov.CKV_AWS_999, path: main.tf, reason: Nothing secret is sent there., owner: a, expires: '2199-01-01'}]"  # noqa: E501
    own = [f for f in told(scan(tree, report(OWN), "--format", "json", policy=waiver))["findings"] if "." in f["rule"]]
    assert own[0]["waiver"]["owner"] == "a"
    changed = "rules: {severity: {checkov.CKV_AWS_999: critical}}"
    own = [f for f in told(scan(tree, report(OWN), "--format", "json", policy=changed))["findings"] if "." in f["rule"]]
    assert own[0]["severity"] == "critical"
    disabled = told(scan(tree, report(OWN), "--format", "json", policy="rules: {disable: [checkov.CKV_AWS_999]}"))
    assert not [f for f in disabled["findings"] if "." in f["rule"]]


def test_a_comment_of_ours_covers_a_check_of_another_tool(tree: Path) -> None:
    comment = '  # opslint:ignore=checkov.CKV_AWS_999 reason="Nothing secret is sent there"\n'
    tool = checkov(tree.parent / "tools", report(OWN))
    text = TF.replace('"news" {\n', '"news" {\n' + comment)
    write(tree, {"main.tf": text, "opslint.yaml": f"version: 1\nscanners: {{checkov: {{program: {tool}}}}}\n"})
    found = told(program("scan", "--root", tree, "--with", "checkov", "--format", "json", tree))["findings"]
    assert [f["waiver"]["kind"] for f in found if f["rule"] == "checkov.ckv-aws-999"] == ["opslint"]


def test_a_waiver_of_a_rule_covers_what_another_tool_found_too(tree: Path) -> None:
    waiver = "waivers: [{rule: rds-encrypt, path: main.tf, reason: The data are made up for tests., owner: a, expires: '2199-01-01'}]"  # noqa: E501
    (found,) = [
        f for f in told(scan(tree, report(SAME), "--format", "json", policy=waiver))["findings"] if f.get("sources")
    ]
    assert (found["rule"], found["waiver"]["owner"]) == ("rds-encrypt", "a")


def test_a_waiver_for_a_tool_is_unused_only_where_the_tool_was_asked(tree: Path) -> None:
    waiver = "waivers: [{rule: checkov.CKV_AWS_1, path: main.tf, reason: It is not needed there at all., owner: a, expires: '2199-01-01'}]"  # noqa: E501
    answer = scan(tree, report(OWN), "--verbose", policy=waiver)
    assert "the waiver of checkov.CKV_AWS_1 for path main.tf covers nothing" in answer.out
    without = program("scan", "--root", tree, "--policy", tree.parent / "policy", "--verbose", tree)
    assert "covers nothing" not in without.out


def test_a_threshold_counts_what_only_the_other_found(tree: Path) -> None:
    write(tree, {"main.tf": 'resource "null_resource" "a" {\n}\n'})
    own = record("CKV_AWS_999", "main.tf", (1, 2), "null_resource.a")
    assert scan(tree, report(own), "--fail-on", "high").code == 0
    assert scan(tree, report(own), "--fail-on", "medium").code == 1


def test_rules_that_are_asked_for_narrow_the_tools_too(tree: Path) -> None:
    def rules(*asked: str) -> list[str]:
        options = [word for id in asked for word in ("--rule", id)]
        answer = told(scan(tree, report(SAME, OWN), "--format", "json", *options))
        return sorted({f["rule"] for f in answer["findings"] if f["outcome"] == "fail"})

    assert rules("rds-encrypt") == ["rds-encrypt"]
    assert rules("checkov.CKV_AWS_999") == ["checkov.ckv-aws-999"]
    assert rules("checkov.ckv-aws-16", "rds-not-public") == ["checkov.ckv-aws-16", "rds-not-public"]
    assert program("scan", "--root", tree, "--rule", "checkov.CKV_AWS_999", tree).code == 2


def test_paths_narrow_what_is_reported(tree: Path) -> None:
    write(tree, {"sub/main.tf": TF})
    other = record("CKV_AWS_999", "sub/main.tf", (6, 7), "aws_sns_topic.news")
    tool = checkov(tree.parent / "tools", report(OWN, other))
    folder = write(
        tree.parent / "policy", {"opslint.yaml": f"version: 1\nscanners: {{checkov: {{program: {tool}}}}}\n"}
    )
    options = ("--root", tree, "--policy", folder, "--with", "checkov", "--format", "json")
    found = told(program("scan", *options, tree / "sub"))["findings"]
    assert {f["place"]["path"] for f in found} == {"sub/main.tf"}
    assert "checkov.ckv-aws-999" in {f["rule"] for f in found}


def test_what_was_found_is_not_about_files_that_are_mended_meanwhile(tree: Path) -> None:
    answer = scan(tree, report(SAME), "--fix")
    assert answer.code == 2
    assert "--fix goes without --with" in answer.err
    assert (tree / "main.tf").read_text(encoding="utf-8") == TF


def test_the_checklist_shows_what_another_tool_found(tree: Path) -> None:
    write(tree, {"main.tf": TF.replace("= false", "= true")})
    tool = checkov(tree.parent / "tools", report(SAME))
    folder = write(
        tree.parent / "policy", {"opslint.yaml": f"version: 1\nscanners: {{checkov: {{program: {tool}}}}}\n"}
    )
    options = ("--root", tree, "--policy", folder, "--framework", "soc2", "--format", "json")
    with_it, without = (program("checklist", *options, *more, tree) for more in (("--with", "checkov"), ()))
    assert "Ensure CKV_AWS_16 [checkov.ckv-aws-16]" in with_it.out
    assert "checkov" not in without.out
    assert program("checklist", *options, "--with", "chekov", tree).code == 2


def test_comments_for_checkov_count_as_far_as_the_policy_lets_them(tree: Path) -> None:
    write(tree, {"main.tf": TF.replace('"news" {\n', '"news" {\n  # checkov:skip=CKV_AWS_999:nothing secret\n')})
    skipped = 'print(json.dumps({"results": {"failed_checks": [], "skipped_checks": [%s]}}))' % {  # noqa: UP031
        **OWN, "check_result": {"result": "SKIPPED", "suppress_comment": "nothing secret"}, "file_line_range": [6, 8],
    }  # fmt: skip
    for policy, expected in (("", None), ("inline-waivers: {checkov: true}", "checkov")):
        tool = checkov(tree.parent / "tools", skipped)
        write(tree, {"opslint.yaml": f"version: 1\nscanners: {{checkov: {{program: {tool}}}}}\n{policy}"})
        found = told(program("scan", "--root", tree, "--with", "checkov", "--format", "json", tree))
        finding = next(f for f in found["findings"] if f["rule"] == "checkov.ckv-aws-999")
        assert (finding["waiver"] or {}).get("kind") == expected


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("os.kill(os.getpid(), 9)", "it was ended by signal 9"),
        ("sys.exit(3)", "it printed something that is no JSON"),
        ("print(json.dumps({'results': {'failed_checks': []}})); sys.exit(2)", "it ended with exit code 2"),
        ("print('no json')", "it printed something that is no JSON"),
        ("print('[1, 2]')", "its JSON is not the report that was expected"),
        ("print(json.dumps({'version': 2, 'runs': []}))", "its JSON is not the report that was expected"),
        ("raise ValueError('broken')", "it printed something that is no JSON"),
        (
            "print(json.dumps({'results': {'failed_checks': []}, 'summary': {'checkov_version': '2.0.1'}}))",
            "it is version 2.0.1, and version 3 is read",
        ),
        ("time.sleep(60)", "it took longer than 1 seconds"),
    ],
)
def test_a_scanner_that_fails_makes_the_scan_incomplete(tree: Path, body: str, why: str) -> None:
    seconds = 1 if "sleep" in body else 20
    tool = checkov(tree.parent / "tools", body)
    policy = f"version: 1\nscanners: {{checkov: {{program: {tool}, seconds: {seconds}}}}}\n"
    folder = write(tree.parent / "policy", {"opslint.yaml": policy})
    answer = program("scan", "--root", tree, "--policy", folder, "--with", "checkov", tree)
    assert answer.code == 3
    assert "scanner-failed" in answer.out
    assert why in answer.out
    assert "rds-encrypt" in answer.out, "the rest is still judged"


def test_a_scanner_that_is_missing_is_named_with_what_to_do(tree: Path) -> None:
    folder = write(
        tree.parent / "policy", {"opslint.yaml": "version: 1\nscanners: {checkov: {program: /nowhere/checkov}}\n"}
    )
    answer = program("scan", "--root", tree, "--policy", folder, "--with", "checkov", tree)
    assert answer.code == 3
    assert "checkov gave no findings: the program that opslint.yaml names is not there" in answer.out
    assert "opslint scanners install checkov" in answer.out
    assert program("scan", "--with", "chekov", tree).code == 2


def test_what_it_could_not_parse_is_incomplete(tree: Path) -> None:
    body = (
        """print(json.dumps({"results": {"failed_checks": [], "parsing_errors": [os.path.join(tree, "main.tf")]}}))"""
    )
    found = told(scan(tree, body, "--format", "json"))
    assert [(f["id"], f["place"]["path"]) for f in found["failures"]] == [("scanner-incomplete", "main.tf")]
    assert found["exit_code"] == 3


def test_nothing_of_the_tree_configures_or_is_run(tree: Path) -> None:
    write(
        tree,
        {
            ".checkov.yaml": "skip-check: [CKV_AWS_16]\n",
            "sub/.checkov.yml": "external-checks-dir: [evil]\n",
            ".checkov.baseline": "{}",
            "evil/__init__.py": "boom = 1\n",
            ".github/workflows/ci.yml": "on: push\n",
            "secret.txt": "no artifact\n",
            "deploy.yaml": "apiVersion: v1\nkind: ConfigMap\n",
        },
    )
    (tree / "linked.tf").symlink_to("/etc/hostname")
    (tree / "checkov").write_text("#!/bin/sh\necho ran > ran\n", encoding="utf-8")
    (tree / "checkov").chmod(0o755)
    listing = """
seen = sorted(os.path.relpath(os.path.join(at, name), tree) for at, _, names in os.walk(tree) for name in names)
variables = sorted(name for name in os.environ if "TOKEN" in name or "SECRET" in name or name.startswith("AWS"))
here = sorted(os.listdir("."))
home = os.path.expanduser("~")
sys.stderr.write(json.dumps([seen, variables, here, home == os.getcwd()]))
sys.exit(9)
"""
    tool = checkov(tree.parent / "tools", listing)
    folder = write(
        tree.parent / "policy", {"opslint.yaml": f"version: 1\nscanners: {{checkov: {{program: {tool}}}}}\n"}
    )
    answer = program(
        "scan", "--root", tree, "--policy", folder, "--with", "checkov", "--format", "json", tree,
        AWS_SECRET_ACCESS_KEY="x", GITHUB_TOKEN="y",
    )  # fmt: skip
    said = next(f["message"] for f in told(answer)["failures"] if f["id"] == "scanner-failed").partition("it said: ")[2]
    seen, variables, here, own_home = json.loads(said)
    assert seen == [".github/workflows/ci.yml", "deploy.yaml", "main.tf"]
    assert (variables, here, own_home) == ([], [], True)
    assert not os.path.exists(tree / "ran")
    inside = write(
        tree.parent / "policy", {"opslint.yaml": f"version: 1\nscanners: {{checkov: {{program: {tree}/checkov}}}}\n"}
    )
    refused = program("scan", "--root", tree, "--policy", inside, "--with", "checkov", tree)
    assert refused.code == 3
    assert not os.path.exists(tree / "ran")


def test_a_check_of_the_very_fault_is_one_finding_where_both_are_about_one_resource(tmp_path: Path) -> None:
    """CKV_K8S_9 asks every container for a readiness probe; our rule only those behind a Service."""
    pods = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  selector: {app: web}\n  ports: [{port: 80}]\n---\n"
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n"
        "  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers: [{name: web, image: nginx}]\n---\n"
        "apiVersion: v1\nkind: Pod\nmetadata: {name: job}\nspec:\n  containers: [{name: job, image: nginx}]\n"
    )
    tree = write(tmp_path / "tree", {"web.yaml": pods})
    both = record("CKV_K8S_9", "web.yaml", (8, 16), "Deployment.default.web")
    alone = record("CKV_K8S_9", "web.yaml", (18, 22), "Pod.default.job")
    found = told(scan(tree, report(both, alone), "--format", "json"))
    failed = [each for each in found["findings"] if each["outcome"] == "fail"]
    assert [each["sources"] for each in failed if each["rule"] == "readiness-probe"] == [["checkov:CKV_K8S_9"]]
    assert [each["place"]["start_line"] > 16 for each in failed if each["rule"] == "checkov.ckv-k8s-9"] == [True]


def test_a_program_in_the_tree_hides_none_that_comes_later_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkov(tmp_path / "tree" / "bin", "")
    real = checkov(tmp_path / "real", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "tree" / "bin"), "", str(real.parent)]))
    assert program_of("checkov", {}, str(tmp_path / "tree")).path == str(real)
