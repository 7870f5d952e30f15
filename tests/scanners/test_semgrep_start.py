"""When Semgrep is started at all, by which of its front ends, and on which files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from linter.scanners import languages, semgrep
from tests.scanners.stand_in import semgrep as stand_in
from tests.support import PACK, write
from tests.test_cli import Answer, program

LOUD = "open(os.path.join(os.path.dirname(__file__), 'ran'), 'w').close()\nreport()"
MAP = "apiVersion: v1\nkind: ConfigMap\n"
SCHEMA = Path(__file__).resolve().parents[2] / "linter" / "schemas" / "report.schema.json"
NOTE = "not started, as the tree holds no file that its rules judge"


def scan(tmp_path: Path, files: dict[str, str], format: str = "json", rules: str = "") -> tuple[Answer, bool]:
    """The answer, and whether the stand-in was started. rules: a file of the policy's own rules, where it has one."""
    tool = stand_in(tmp_path / "tools", LOUD)
    more = ", rules: [own]" if rules else ""
    policy = {"opslint.yaml": f"version: 1\nscanners: {{semgrep: {{program: {tool}, seconds: 20{more}}}}}\n"}
    folder = write(tmp_path / "policy", policy | ({"own/rules.yaml": rules} if rules else {}))
    tree = write(tmp_path / "tree", {"map.yaml": MAP, **files})
    answer = program("scan", "--root", tree, "--policy", folder, "--with", "semgrep", "--format", format, tree)
    return answer, (tool.parent / "ran").exists()


@pytest.mark.parametrize(
    "files",
    [
        {}, {"README": "A page.\n", "data.csv": "1,2\n"}, {"vendor/a/b.py": "x = 1\n"}, {"node_modules/a.js": "x()\n"},
        {"web/tests/a.py": "x = 1\n"}, {"app_test.go": "package app\n", "a.spec.ts": "x()\n"}, {"Main.kt": "val x = 1\n"},
    ],
)  # fmt: skip
def test_it_is_not_started_where_nothing_is_to_be_judged(tmp_path: Path, files: dict[str, str]) -> None:
    answer, started = scan(tmp_path, files)
    told = json.loads(answer.out)
    assert not started
    assert told["scanners"] == [
        {"tool": "semgrep", "version": "", "source": "opslint.yaml", "found": 0, "merged": 0, "kept": 0, "repeated": 0,
         "elsewhere": 0, "note": NOTE},
    ]  # fmt: skip
    assert (told["execution"], told["failures"]) == ("complete", [])
    Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(told)


@pytest.mark.parametrize(
    "files",
    [
        {"a.py": "x = 1\n"},
        {"db/V1__a.SQL": "select 1;\n"},
        {"bin/release": "#!/bin/sh\ntrue\n"},
        {"build/a.mjs": "x()\n"},
    ],
)
def test_it_is_started_for_one_file_that_a_rule_judges(tmp_path: Path, files: dict[str, str]) -> None:
    answer, started = scan(tmp_path, files)
    assert started
    assert "note" not in json.loads(answer.out)["scanners"][0]


def test_text_and_sarif_say_that_it_was_not_started(tmp_path: Path) -> None:
    answer, _ = scan(tmp_path, {}, "text")
    assert f"semgrep (opslint.yaml): {NOTE}\n" in answer.out
    answer, _ = scan(tmp_path, {}, "sarif")
    (extension,) = json.loads(answer.out)["runs"][0]["tool"]["extensions"]
    assert extension == {"name": "semgrep", "properties": {"note": NOTE}}


@pytest.mark.parametrize(
    ("rules", "started"),
    [
        ("rules: [{id: a, languages: [kotlin], message: m, severity: ERROR, pattern: x}]", True),
        ("rules: [{id: a, languages: [kt, rust], message: m, severity: ERROR, pattern: x}]", True),
        ("rules: [{id: a, languages: [ruby], message: m, severity: ERROR, pattern: x}]", False),
        ("rules: [{id: a, languages: [generic], message: m, severity: ERROR, pattern: x}]", True),
        ("rules: [{id: a, languages: [regex], paths: {include: ['*.kt']}, message: m, severity: ERROR}]", True),
        ("rules: [{id: a, languages: [regex], paths: {include: ['*.md']}, message: m, severity: ERROR}]", False),
        ("rules: [{id: a, languages: [generic], paths: {include: ['docs/*.md']}, message: m, severity: ERROR}]", True),
        ("rules: [{id: a, languages: [brandnew], message: m, severity: ERROR, pattern: x}]", True),
        ("rules: [{id: a, message: m}]", True),
        ("rules: [", True),
        ("other: 1", True),
    ],
)
def test_rules_of_the_policy_decide_too(tmp_path: Path, rules: str, started: bool) -> None:
    assert scan(tmp_path, {"Main.kt": "val x = 1\n"}, rules=rules)[1] == started


def test_rules_that_are_not_there_are_left_to_semgrep(tmp_path: Path) -> None:
    assert languages.judged([], [str(tmp_path / "none.yaml")]) is None
    assert languages.judged([], [str(write(tmp_path, {"a/b.yml": "rules: [{languages: [go]}]"}))]) == [".go"]


def test_the_bundled_rules_name_their_files() -> None:
    found = languages.endings(PACK.texts("semgrep/").values())
    assert found is not None
    assert {".py", ".sh", ".go", ".java", ".js", ".ts", ".sql", "#!"} <= set(found)
    assert set(found) <= set(languages.EVERY)


@pytest.mark.parametrize(
    ("version", "quick"),
    [("1.182.0", True), ("1.190.1", True), ("1.97.0", False), ("2.0.0", False), ("1.200.0rc1", False), ("", False)],
)
def test_the_quick_front_end_is_used_where_it_is_known_to_say_the_same(
    tmp_path: Path, version: str, quick: bool
) -> None:
    files = {f"lib/python3.11/site-packages/semgrep-{version}.dist-info/METADATA": ""} if version else {"lib/a": ""}
    path = write(tmp_path, {"bin/semgrep": "", **files}) / "bin" / "semgrep"
    (tmp_path / "link").symlink_to(path)
    for given in (path, tmp_path / "link"):
        assert semgrep.installed(str(given)) == version
        assert ("--experimental" in semgrep.job(str(given), str(tmp_path), {}).command) == quick


def test_a_file_of_rules_that_cannot_be_read_is_named() -> None:
    errors = [{"level": "warn", "type": "Invalid YAML", "path": "/policy/own/rules.yaml"}]
    read = semgrep.read(json.dumps({"version": "1.182.0", "results": [], "errors": errors}).encode())
    assert (read.problem, read.unread) == ("it could not read the rules of rules.yaml: Invalid YAML", ())


def test_what_was_installed_is_found_by_a_scan(tmp_path: Path) -> None:
    stand_in(tmp_path / "data" / "opslint" / "scanners" / "semgrep" / "bin", "report()")
    tree = write(tmp_path / "tree", {"map.yaml": MAP, "a.py": "x = 1\n"})
    data = str(tmp_path / "data")
    answer = program("scan", "--root", tree, "--with", "semgrep", "--format", "json", tree, XDG_DATA_HOME=data)
    assert [each["source"] for each in json.loads(answer.out)["scanners"]] == ["opslint scanners install"]
