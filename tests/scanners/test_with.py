"""`scan --with checkov`: one fault found twice is one finding, what only the other found is kept, and no way it can
fail is green."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

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
