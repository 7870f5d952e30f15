"""Logs of other tools: SARIF that is merged, Semgrep's and Checkov's JSON, and an own log with extensions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from linter.policy.ids import meant, own_id, rule_id
from linter.scanners import checkov, sarif_log, semgrep
from linter.scanners.sarif_paths import Paths
from tests.support import write
from tests.test_cli import program

ROOT = Path(__file__).resolve().parent.parent
TF = 'resource "aws_sns_topic" "news" {\n  name = "news"\n}\n'


def log(*results: dict[str, Any], rules: Any = (), **run: Any) -> dict[str, Any]:
    driver = {"name": "Some Tool", "version": "1.2", "rules": list(rules)}
    return {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": list(results), **run}]}


def result(id: str = "ST-1", path: str = "main.tf", line: int = 2, **more: Any) -> dict[str, Any]:
    region = {"startLine": line, "startColumn": 3, "endColumn": 7}
    location = {"physicalLocation": {"artifactLocation": {"uri": path}, "region": region}}
    return {"ruleId": id, "message": {"text": "Not so"}, "locations": [location], **more}


def merged(tmp_path: Path, content: Any, *options: str) -> Any:
    write(tmp_path / "tree", {"main.tf": TF, "app.py": "x = 1\ny = 2\n"})
    text = content if isinstance(content, str) else json.dumps(content)
    write(tmp_path, {"tool.sarif": text})
    tree = tmp_path / "tree"
    return program("scan", "--root", tree, "--merge", tmp_path / "tool.sarif", *options, tree)


def findings(answer: Any) -> list[dict[str, Any]]:
    return [each for each in json.loads(answer.out)["findings"] if each["rule"].startswith("some-tool.")]


def test_a_log_is_placed_and_named(tmp_path: Path) -> None:
    rule = {"id": "ST-1", "shortDescription": {"text": "Names are said."}, "properties": {"security-severity": "9.1"}}
    answer = merged(tmp_path, log(result(), result(path="app.py"), rules=[rule]), "--format", "json")
    first, second = findings(answer)
    assert (first["rule"], first["severity"], first["message"]) == ("some-tool.st-1", "critical", "Not so")
    assert (first["place"]["path"], first["place"]["start_line"]) == ("app.py", 2)
    assert (second["place"]["start_line"], second["place"]["start_column"], second["place"]["end_column"]) == (2, 3, 7)
    assert second["subject"] == "aws_sns_topic.news"
    told = json.loads(answer.out)
    assert told["rules"]["some-tool.st-1"]["title"] == "Names are said"
    assert told["scanners"][0]["found"] == told["scanners"][0]["kept"] == 2


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        ({"kind": "pass"}, 0), ({"kind": "notApplicable"}, 0), ({"kind": "fail"}, 1), ({"level": "note"}, 1),
        ({"kind": "review"}, 1), ({"kind": "open"}, 1), ({"kind": "informational"}, 0),
        ({"suppressions": [{"kind": "inSource", "justification": "ok"}]}, 1), ({"locations": []}, 1),
        ({"baselineState": "absent"}, 0), ({"baselineState": "unchanged"}, 1), ({"kind": ["pass"]}, 1),
    ],
)  # fmt: skip
def test_what_counts_as_a_finding(tmp_path: Path, changed: dict[str, Any], kept: int) -> None:
    assert len(findings(merged(tmp_path, log(result(**changed)), "--format", "json"))) == kept


def test_rules_are_found_by_reference_index_and_id() -> None:
    extension = {"name": "more", "rules": [{"id": "E-1", "shortDescription": {"text": "Extended"}}]}
    content = log(
        {**result("X"), "ruleId": None, "rule": {"index": 0, "toolComponent": {"index": 0}}},
        {**result(), "ruleIndex": 1}, result("B"),
        rules=[{"id": "A"}, {"id": "B", "shortDescription": {"text": "Second"}}],
    )  # fmt: skip
    content["runs"][0]["tool"]["extensions"] = [extension]
    for each in content["runs"][0]["results"]:
        if each["ruleId"] is None:
            del each["ruleId"]
    read = sarif_log.read(json.dumps(content).encode())[0]
    assert [(each.id, each.title) for each in read.findings] == [
        ("E-1", "Extended"),
        ("ST-1", "Second"),
        ("B", "Second"),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no json", "it is no JSON"), ("[]", "it has no `runs`"), ('{"runs": []}', "its version is None"),
        ("[" * 100_000, "it is no JSON"),
    ],
)  # fmt: skip
def test_a_log_that_is_none_makes_the_scan_incomplete(tmp_path: Path, text: str, why: str) -> None:
    answer = merged(tmp_path, text)
    assert answer.code == 3
    assert why in answer.out
    assert "log-unread" in answer.out


def test_a_run_that_failed_is_named(tmp_path: Path) -> None:
    answer = merged(tmp_path, log(invocations=[{"executionSuccessful": False}]))
    assert answer.code == 3
    assert "its log says that the run was not successful" in answer.out


@pytest.mark.parametrize(
    ("location", "bases", "path"),
    [
        ({"uri": "infra/a%20b.tf"}, {}, "infra/a b.tf"), ({"uri": "./x/../a.tf"}, {}, "a.tf"),
        ({"uri": "../a.tf"}, {}, ""), ({"uri": "/etc/passwd"}, {}, ""), ({"uri": "file:///etc/passwd"}, {}, ""),
        ({"uri": "https://a.org/x.tf"}, {}, ""), ({"uri": "file:///tree/a.tf"}, {}, "a.tf"), ({"uri": "/tree/a.tf"}, {}, "a.tf"),
        ({"uri": "tree/a.tf"}, {}, "a.tf"),
        ({"uri": "file:///tree/../etc/passwd"}, {}, ""), ({"uri": "file:///trees/a.tf"}, {}, ""), ({"uri": "http://[x"}, {}, ""),
        ({"uri": "a.tf", "uriBaseId": "%SRCROOT%"}, {}, "a.tf"), ({"uri": 5}, {}, ""), ({"uri": ""}, {}, ""), ({}, {}, ""),
        ({"uri": "a.tf", "uriBaseId": "S"}, {"S": {"uri": "file:///work/repo/"}}, "a.tf"),
        ({"uri": "file:///work/repo/a.tf"}, {"S": {"uri": "file:///work/repo/"}}, "a.tf"),
        ({"uri": "a.tf", "uriBaseId": "S"}, {"S": {"uri": "file:///tree/infra"}}, "infra/a.tf"),
        ({"uri": "a.tf", "uriBaseId": "S"}, {"S": {"uri": "https://host/repo/"}}, "a.tf"),
        ({"uri": "a.tf", "uriBaseId": "I"}, {"I": {"uri": "x/", "uriBaseId": "S"}, "S": {"uri": "file:///w/"}}, "x/a.tf"),
        ({"uri": "a.tf", "uriBaseId": "I"}, {"I": {"uri": "i/", "uriBaseId": "I"}}, "i/" * 10 + "a.tf"),
        ({"uri": "../a.tf", "uriBaseId": "S"}, {"S": {"uri": "file:///work/"}}, ""), ({"index": 0}, {}, "listed.tf"),
        ({"index": 7}, {}, ""), ({"uri": "a.tf", "uriBaseId": ["S"]}, {"S": 5}, "a.tf"),
    ],
)  # fmt: skip
def test_where_a_log_says_a_file_is(location: dict[str, Any], bases: dict[str, Any], path: str) -> None:
    run = {"originalUriBaseIds": bases, "artifacts": [{"location": {"uri": "listed.tf"}}]}
    assert Paths(run, "/tree").of(location)[0] == path


def test_what_is_about_no_file_of_the_tree_counts_all_the_same(tmp_path: Path) -> None:
    absent = [result(path=path) for path in ("../x.tf", "file:///etc/passwd", "gone.tf")]
    told = json.loads(merged(tmp_path, log(*absent, result(locations=[])), "--format", "json").out)
    found = [each for each in told["findings"] if each["rule"] == "some-tool.st-1"]
    assert {each["place"]["path"] for each in found} == {"gone.tf", "main.tf"}
    assert "Not so (in file:///etc/passwd, which is not below the root)" in [each["message"] for each in found]
    assert (told["scanners"][0]["found"], told["scanners"][0]["elsewhere"]) == (4, 4)


def test_two_logs_of_one_tool_are_told_apart(tmp_path: Path) -> None:
    other = tmp_path / "other.sarif"
    other.write_text(json.dumps(log(result(line=1), result())), encoding="utf-8")
    told = json.loads(merged(tmp_path, log(result()), "--merge", str(other), "--format", "json").out)
    numbers = [(each["found"], each["kept"], each["repeated"]) for each in told["scanners"]]
    assert numbers == [(1, 1, 0), (2, 1, 1)]


def test_a_place_that_is_not_there_is_the_nearest_one_that_is(tmp_path: Path) -> None:
    region = {"startLine": 10**12, "startColumn": 10**12, "endLine": 1, "endColumn": 2}
    wild = result(locations=[{"physicalLocation": {"artifactLocation": {"uri": "main.tf"}, "region": region}}])
    place = findings(merged(tmp_path, log(wild), "--format", "json"))[0]["place"]
    assert (place["start_line"], place["start_column"], place["end_line"]) == (4, 1, 4)


def test_a_message_may_stand_in_the_rule() -> None:
    rule = {"id": "ST-1", "messageStrings": {"default": {"text": "{0} is not {1}"}}}
    said = result(message={"id": "default", "arguments": ["a", "b"]})
    (found,) = sarif_log.read(json.dumps(log(said, rules=[rule])).encode())[0].findings
    assert found.message == "a is not b"


@pytest.mark.parametrize(
    ("name", "id", "tool", "check"),
    [("Trivy", "AVD-AWS-0086", "trivy", "AWS-0086"), ("zizmor", "zizmor/unpinned-uses", "zizmor", "unpinned-uses"),
     ("Semgrep OSS", "a.b", "semgrep", "a.b"), ("\x1b[31mX/../y", "1", "31mx-y", "1"), ("", "1", "tool", "1")],
)  # fmt: skip
def test_tools_and_checks_have_their_own_names(name: str, id: str, tool: str, check: str) -> None:
    content = log(result(id))
    content["runs"][0]["tool"]["driver"]["name"] = name
    (found,) = sarif_log.read(json.dumps(content).encode())[0].findings
    assert (found.tool, found.id) == (tool, check)


def test_our_own_log_has_the_tool_as_an_extension(tmp_path: Path) -> None:
    answer = merged(tmp_path, log(result()), "--format", "sarif")
    told = json.loads(answer.out)
    schema = json.loads((ROOT / "schemas" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(schema).validate(told)
    run = told["runs"][0]
    (extension,) = run["tool"]["extensions"]
    assert (extension["name"], [rule["id"] for rule in extension["rules"]]) == ("some-tool", ["some-tool.st-1"])
    assert not any(rule["id"].startswith("some-tool") for rule in run["tool"]["driver"].get("rules", ()))
    found = next(each for each in run["results"] if each["ruleId"] == "some-tool.st-1")
    assert found["rule"] == {"id": "some-tool.st-1", "index": 0, "toolComponent": {"index": 0}}
    assert "ruleIndex" not in found


@pytest.mark.parametrize(("tool", "id", "expected"), [("checkov", "CKV_AWS_20", "checkov.ckv-aws-20"), ("some-tool", "a.b/C d", "some-tool.a-b-c-d"), ("x", "—", "x.check")])  # fmt: skip  # noqa: E501
def test_ids(tool: str, id: str, expected: str) -> None:
    assert rule_id(tool, id) == expected


def test_semgreps_answer() -> None:
    record = {
        "check_id": "no-eval", "path": "/tmp/x/semgrep-tree/src/a.py", "start": {"line": 3, "col": 5},
        "end": {"line": 3, "col": 9}, "extra": {"message": "Not eval", "severity": "ERROR", "metadata": {"title": "T"}},
    }  # fmt: skip
    errors = [{"path": "/tmp/x/semgrep-tree/b.py", "type": "Syntax error", "level": "warn"}]
    read = semgrep.read(json.dumps({"version": "1", "results": [record, {"bad": 1}], "errors": errors}).encode())
    (found,) = read.findings
    assert (found.id, found.path, found.start_line, found.start_column, found.severity) == (
        "no-eval",
        "src/a.py",
        3,
        5,
        "high",
    )
    assert read.checks["no-eval"].title == "T"
    assert read.unread == (("b.py", "Semgrep: Syntax error"),)
    assert semgrep.read(b"{}").problem
    assert semgrep.read(json.dumps({"results": [], "errors": [{"type": "Fatal", "level": "error"}]}).encode()).problem


def test_checkovs_answer() -> None:
    bad = {"check_id": 1}
    odd = {"check_id": "CKV_X_1", "file_path": "/a/../b.tf", "file_line_range": ["x"], "severity": "HIGH"}
    answer = [
        {"results": {"failed_checks": [bad, odd], "parsing_errors": ["/t/checkov-tree/c.tf"]}, "check_type": "x"},
        5,
    ]
    read = checkov.read(json.dumps(answer).encode())
    (found,) = read.findings
    assert (found.id, found.start_line, found.severity, found.title) == ("CKV_X_1", 1, "high", "CKV_X_1")
    assert read.unread == (("c.tf", "Checkov could not parse it"),)
    assert checkov.read(json.dumps({"passed": 0, "failed": 0}).encode()).problem == ""


@pytest.mark.parametrize("id", ["KSV020", "KSV-0020", "AVD-KSV-0020", "avd-ksv-0020"])
def test_the_spellings_of_trivys_ids_are_one(id: str) -> None:
    assert own_id("trivy", id) == "KSV-0020"
    assert meant(f"trivy.{id}") == "trivy.ksv-0020"


@pytest.mark.parametrize("id", ["aws-vpc-no-public-egress-sgr", "CVE-2024-1234", "DS-0002", "x1234", "CVE-2024", ""])
def test_other_ids_of_trivy_stay_what_they_are(id: str) -> None:
    assert own_id("trivy", id) == id


def test_trivys_message_is_what_it_found_alone() -> None:
    text = "Artifact: main.tf\nType: terraform\nVulnerability X-1\nSeverity: LOW\nMessage: No labels.\nLink: [X-1](https://e.x)"
    (found,) = sarif_log.read(json.dumps(log(result(message={"text": text}))).encode())[0].findings
    assert found.message == "No labels."


@pytest.mark.parametrize(
    ("uri", "linked"),
    [
        ("https://e.x/a#b", True), ("javascript:alert(1)", False), ("https://e.x/a b", False), ("https://e.x/)[x](y", False),
        ("https://e.x/" + "a" * 600, False), ("https://e.x/<b>", False),
    ],
)  # fmt: skip
def test_a_tools_page_is_linked_where_it_is_a_plain_web_address(tmp_path: Path, uri: str, linked: bool) -> None:
    content = log(result(), rules=[{"id": "ST-1", "helpUri": uri}])
    (extension,) = json.loads(merged(tmp_path, content, "--format", "sarif").out)["runs"][0]["tool"]["extensions"]
    shown = extension["rules"][0]["helpUri"]
    assert shown == (uri if linked else "https://github.com/opslint/opslint#other-scanners")
