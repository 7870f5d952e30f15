"""SARIF: what code scanning, SARIF viewers and auditors read, and the limits of the first."""

from __future__ import annotations

import gzip
import json
import re
from functools import cache
from typing import Any
from unicodedata import category
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from report_sample import FINDINGS, RULES, report, source
from write_golden import ROOT

from linter.model import Failure, Finding, Place, Severity, Source, Verdict
from linter.report import Report, RuleInfo
from linter.reporters.messages import FALLBACK, worded
from linter.reporters.sarif import render
from linter.reporters.sarif_rules import pascal, tags


@cache
def validator() -> Any:
    return Draft202012Validator(json.loads((ROOT / "tests" / "schemas" / "sarif-2.1.0.json").read_text()))


def run(one: Report, **options: Any) -> Any:
    log = json.loads(render(one, options))
    assert [error.message for error in validator().iter_errors(log)] == []
    return log["runs"][0]


def made(number: int, severity: Severity = Severity.HIGH, **changes: Any) -> Finding:
    whole = Finding(
        "some-rule", severity, "fail", f"Bucket {number} is wrong", Place("main.tf", 3, 10, 3, 25),
        f"aws_s3_bucket.b{number}", "", (), f"{number:032x}",
    )  # fmt: skip
    return whole._replace(**changes)


def test_github_gets_live_failures_and_what_was_not_analysed_and_nothing_else() -> None:
    results = run(report())["results"]
    assert [result["ruleId"] for result in results] == [
        "artifact-unparsed",
        "alert-has-runbook",
        "s3-bucket-acl-not-public",
    ]
    assert all("kind" not in result and "suppressions" not in result for result in results)


def test_the_full_log_holds_everything() -> None:
    whole = run(report(), profile="full")
    kinds = [result.get("kind", "fail") for result in whole["results"]]
    assert kinds == ["fail", "fail", "fail", "open", "pass", "fail"]
    assert all(result["level"] == "none" for result in whole["results"] if result.get("kind", "fail") != "fail")
    waived = whole["results"][-1]
    assert waived["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "Holds nothing but test data. (platform), until 2027-01-31",
        }
    ]
    assert waived["properties"]["waiver"]["source"] == "opslint.yaml:12"
    assert whole["results"][4]["properties"]["evidence"] == "main.tf:8:10"
    assert whole["results"][3]["properties"]["unknowns"][0]["subject"] == "var.kms_key"


def test_inline_waivers_are_suppressed_in_source() -> None:
    waiver = FINDINGS[-1].waiver
    assert waiver
    inline = FINDINGS[-1]._replace(waiver=waiver._replace(kind="inline"))
    result = run(report(findings=(inline,), failures=()), profile="full")["results"][0]
    assert result["suppressions"][0]["kind"] == "inSource"


def test_frameworks_are_taxonomies_of_the_full_log() -> None:
    whole = run(report(), profile="full")
    assert whole["taxonomies"][0]["name"] == "soc2"
    control = whole["taxonomies"][0]["taxa"][0]
    assert control["properties"]["status"] == "not met"
    assert control["properties"]["evidence"] == ["main.tf:8:10 aws_s3_bucket.state has no ACL"]
    result = whole["results"][2]
    assert result["taxa"] == [{"id": "CC6.1", "index": 0, "toolComponent": {"name": "soc2", "index": 0}}]
    assert result["properties"]["controls"] == ["soc2/CC6.1"]
    assert "taxonomies" not in run(report())


def test_rules_hold_what_github_demands() -> None:
    rules = {rule["id"]: rule for rule in run(report())["tool"]["driver"]["rules"]}
    for rule in rules.values():
        assert rule["shortDescription"]["text"].endswith(".")
        assert rule["fullDescription"]["text"].endswith(".")
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        assert rule["helpUri"] == f"https://github.com/opslint/opslint/blob/main/docs/rules.md#{rule['id']}"
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
        assert ("security-severity" in rule["properties"]) != ("problem.severity" in rule["properties"])
    public = rules["s3-bucket-acl-not-public"]["properties"]
    assert public["security-severity"] == "8.6"
    assert public["tags"] == ["security", "soc2/CC6.1", "terraform", "aws"]
    assert rules["alert-has-runbook"]["properties"]["problem.severity"] == "warning"


def test_tags_are_ten_at_most() -> None:
    rule = RULES["s3-bucket-acl-not-public"]._replace(tags=tuple(f"tag-{n}" for n in range(20)))
    found = tags(rule, tuple(f"soc2/CC{n}" for n in range(8)))
    assert found[0] == "security"
    assert found[1:9] == [f"soc2/CC{n}" for n in range(8)]
    assert len(found) == 10


@given(st.from_regex(r"[a-z0-9]+(?:[-._][a-z0-9]+){0,6}", fullmatch=True))
def test_names_are_pascal_case_and_no_ids(rule: str) -> None:
    assert re.fullmatch(r"(?:[A-Z][a-z0-9]+)+", pascal(rule))
    assert pascal(rule) != rule


@pytest.mark.parametrize(
    ("rule", "name"),
    [("s3-block-public-access", "S3BlockPublicAccess"), ("a-b", "Ab"), ("mfa-2-factor", "Mfa2Factor"), ("x", "Rulex")],
)  # fmt: skip
def test_names_read_as_the_ids_do(rule: str, name: str) -> None:
    assert pascal(rule) == name


def test_a_level_that_differs_from_the_rules_is_written() -> None:
    rule = RuleInfo("some-rule", "t", Severity.HIGH)
    result = run(report(findings=(made(1, Severity.MEDIUM),), rules={"some-rule": rule}, failures=()))["results"][0]
    assert result["level"] == "warning"


def filled(template: str, arguments: list[str]) -> str:
    def one(match: re.Match[str]) -> str:
        return arguments[int(match[1])] if match[1] else match[0][0]

    return re.sub(r"\{(\d+)\}|\{\{|\}\}", one, template)


def test_messages_are_their_templates_filled_in() -> None:
    whole = run(report(), profile="full")
    rules = whole["tool"]["driver"]["rules"]
    for result in whole["results"]:
        message = result["message"]
        template = rules[result["ruleIndex"]]["messageStrings"][message["id"]]["text"]
        assert filled(template, message.get("arguments", [])) == message["text"]
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


WORDS = st.text(st.sampled_from("ab'{}[]() .0\n\\`é🚀\x1b\u202e"), max_size=40)


@given(WORDS, WORDS, st.lists(WORDS, max_size=3))
def test_any_message_is_its_template_filled_in(message: str, subject: str, links: list[str]) -> None:
    made = worded(message, subject, links)
    assert filled(made.template, list(made.arguments)) == made.text
    assert re.findall(r"\]\((\d+)\)", made.text) == [str(number) for number in range(1, len(links) + 1)]
    assert all("'{%d}'" % index in made.template for index in range(len(made.arguments)))  # noqa: UP031
    assert not made.text or made.text.endswith(".")


def test_a_rules_own_words_keep_their_code() -> None:
    rule = RuleInfo("some-rule", "Set `a_b` to *", Severity.HIGH, why="Or `c`.", fix="Set `a_b` and [this](x).")
    whole = run(report(findings=(made(1),), rules={"some-rule": rule}, failures=()))
    text = whole["tool"]["driver"]["rules"][0]["help"]["markdown"]
    assert "# Set `a_b` to \\*\n" in text
    assert "Set `a_b` and \\[this\\] (x)." in text


def test_what_varies_stands_in_single_quotes() -> None:
    assert worded("aws_s3_bucket.logs is public", "aws_s3_bucket.logs").text == "'aws_s3_bucket.logs' is public."
    assert worded("It doesn't, isn't", "a.b").text == "'a.b': It doesn't, isn't."
    assert worded("Alert 'Down' has none.", "g/Down").arguments == ("Down",)
    assert worded("Job `build` has none", "a#build").text == "Job 'build' has none."


def test_templates_do_not_grow_without_end() -> None:
    many = tuple(made(n, message=f"{'x' * n} 'a' is wrong") for n in range(1, 200))
    whole = run(report(findings=many, failures=()))
    strings = whole["tool"]["driver"]["rules"][0]["messageStrings"]
    assert len(strings) == 51
    assert strings["other"]["text"] == FALLBACK


def test_related_places_are_linked_from_the_message() -> None:
    result = run(report())["results"][2]
    assert result["message"]["text"].endswith(" See ['var.acl is set here'](1).")
    assert result["relatedLocations"][0]["id"] == 1
    assert result["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "production.tfvars"
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["physicalLocation"]["artifactLocation"]["uri"] for step in steps] == [
        "production.tfvars",
        "main.tf",
    ]


def test_a_way_within_one_artifact_is_no_code_flow() -> None:
    near = FINDINGS[1]._replace(related=((Place("main.tf", 1, 10, 1, 15), "var.acl is declared here"),))
    result = run(report(findings=(near,), failures=()))["results"][0]
    assert "relatedLocations" in result
    assert "codeFlows" not in result


def test_places_are_relative_and_say_what_stands_there() -> None:
    location = run(report())["results"][2]["locations"][0]
    physical = location["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "main.tf", "uriBaseId": "SRCROOT"}
    assert physical["region"] == {
        "endColumn": 19, "endLine": 5, "snippet": {"text": "var.acl"}, "startColumn": 12, "startLine": 5,
    }  # fmt: skip
    assert (physical["contextRegion"]["startLine"], physical["contextRegion"]["endLine"]) == (4, 6)
    assert [name["fullyQualifiedName"] for name in location["logicalLocations"]] == [
        "aws_s3_bucket.logs",
        "module.logs",
    ]


def test_columns_are_utf16_code_units() -> None:
    one = made(1, place=Place("main.tf", 5, 23, 5, 30))
    region = run(report(findings=(one,)))["results"][1]["locations"][0]["physicalLocation"]["region"]
    assert (region["startColumn"], region["endColumn"]) == (24, 31)
    assert region["snippet"]["text"] == ' "ships'


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b.tf", "a%20b.tf"),
        ("é.tf", "%C3%A9.tf"),
        ("bad\udcff.tf", "bad%FF.tf"),
        ("a:b/c?d#e.tf", "a%3Ab/c%3Fd%23e.tf"),
        ("a%20b.tf", "a%2520b.tf"),
        ("new\nline.tf", "new%0Aline.tf"),
    ],
)
def test_uris_are_the_paths_bytes(path: str, uri: str) -> None:
    result = run(report(findings=(made(1, place=Place(path, 1, 1, 1, 2)),), failures=()))["results"][0]
    found = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert found == uri
    assert unquote_to_bytes(found) == path.encode("utf-8", "surrogateescape")


def test_results_have_githubs_fingerprint_and_ours() -> None:
    for result in run(report())["results"][1:]:
        prints = result["partialFingerprints"]
        assert re.fullmatch(r"[0-9a-f]+:\d+", prints["primaryLocationLineHash"])
    assert prints["opslint/v1"] == "2e" * 16


def test_failures_have_fingerprints_of_their_own() -> None:
    failure = report().failures[0]
    results = run(report(findings=(), failures=(failure, failure, failure._replace(message="Another"))))["results"]
    assert len({result["partialFingerprints"]["opslint/v1"] for result in results}) == 3


def test_an_incomplete_scan_says_so_in_its_invocation() -> None:
    invocation = run(report())["invocations"][0]
    assert invocation["executionSuccessful"] is True
    assert invocation["exitCode"] == 3
    assert [(note["level"], note["descriptor"]["id"]) for note in invocation["toolExecutionNotifications"]] == [
        ("error", "artifact-unparsed"), ("warning", "artifact-skipped"),
    ]  # fmt: skip
    assert {note["descriptor"]["id"] for note in invocation["toolConfigurationNotifications"]} == {
        "policy-changed", "waiver-unused",
    }  # fmt: skip
    broken = report(verdict=Verdict("incomplete", "not-evaluated", 2, ()))
    assert run(broken)["invocations"][0]["executionSuccessful"] is False


def test_notifications_point_at_their_descriptors() -> None:
    whole = run(report())
    descriptors = [item["id"] for item in whole["tool"]["driver"]["notifications"]]
    notes = (
        whole["invocations"][0]["toolExecutionNotifications"]
        + whole["invocations"][0]["toolConfigurationNotifications"]
    )
    assert all(descriptors[note["descriptor"]["index"]] == note["descriptor"]["id"] for note in notes)


def test_no_path_of_the_machine_and_no_time_is_in_the_log() -> None:
    text = render(report(), {"profile": "full"})
    assert "file:" not in text
    assert "/work" not in text
    assert "TimeUtc" not in text


def test_provenance_only_where_it_is_given() -> None:
    assert "versionControlProvenance" not in run(report())
    whole = run(report(), repository="https://github.com/o/r", revision="abc", branch="main")
    assert whole["versionControlProvenance"] == [
        {
            "branch": "main",
            "mappedTo": {"uriBaseId": "SRCROOT"},
            "repositoryUri": "https://github.com/o/r",
            "revisionId": "abc",
        }
    ]
    assert run(report())["automationDetails"]["id"] == "opslint/"
    assert run(report(), category="shop/prod")["automationDetails"]["id"] == "opslint/shop/prod/"


def big(count: int) -> Report:
    order = list(Severity)
    found = tuple(made(n, order[n % 5], place=Place("main.tf", 3 + n % 5, 1, 3 + n % 5, 3)) for n in range(count))
    cached = source("main.tf")
    return report(findings=found, sources=lambda path: cached if path == "main.tf" else None)


def test_thirty_thousand_findings_keep_to_githubs_limits() -> None:
    text = render(big(30_000), {})
    assert len(gzip.compress(text.encode())) < 10_000_000
    whole = json.loads(text)["runs"][0]
    assert len(whole["results"]) == 25_000
    assert whole["results"][0]["ruleId"] == "artifact-unparsed"
    left = {
        word: sum(r["properties"].get("severity") == word for r in whole["results"])
        for word in ("info", "low", "medium")
    }
    assert left == {"info": 999, "low": 6_000, "medium": 6_000}
    notes = [note["message"]["text"] for note in whole["invocations"][0]["toolExecutionNotifications"]]
    assert "Of 30001 results the log holds the worst 25000; the gate counted all of them." in notes
    order = [int(result["partialFingerprints"]["opslint/v1"], 16) for result in whole["results"][1:]]
    assert order == sorted(order)
    assert len(whole["tool"]["driver"]["rules"]) == 2


def test_a_log_that_would_be_too_large_loses_its_mildest_results() -> None:
    whole = run(big(50), most_results=10)
    assert len(whole["results"]) == 10
    severities = {result["properties"].get("severity") for result in whole["results"][1:]}
    assert severities == {"critical"}


HOSTILE = st.text(
    st.one_of(
        st.sampled_from("\x00\x07\x1b\x7f\x80\x9b\u202e\u2066\u2028\ufeff\ud800\udcff\"\\<>{}[]()'`|%:#\n\r\t "),
        st.characters(),
    ),
    max_size=30,
)


@settings(max_examples=25, deadline=None)
@given(HOSTILE.filter(bool), HOSTILE, HOSTILE)
def test_hostile_text_gives_a_valid_log(path: str, message: str, text: str) -> None:
    sources = {path: Source(0, path, text)}
    place = Source(0, path, text).place(len(text) // 3, len(text) // 2)
    one = report(
        findings=(made(1, place=place, message=message, subject=message, related=((place, message),)),),
        failures=(Failure("artifact-unparsed", place, message, message),),
        skipped=((path, message),), changes=(message or "x",), sources=sources.get,
    )  # fmt: skip
    for profile in ("github", "full"):
        written = render(one, {"profile": profile})
        assert written.encode()
        log = json.loads(written)
        assert [error.message for error in validator().iter_errors(log)] == []
        texts = list(strings(log))
        chars = {char for item in texts for char in item} - set("\n\t\u200b")
        assert not [char for char in chars if category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


def strings(value: Any) -> Any:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from (key, *strings(item))
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
