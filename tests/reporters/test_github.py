"""The step's summary and the annotations: within GitHub's limits, and nothing in them acts."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from markdown_it import MarkdownIt
from report_sample import FRAMEWORKS, report

from linter.model import Finding, Place, Severity
from linter.report import RuleInfo
from linter.reporters.github import MOST_BYTES, summary, workflow_commands

COMMAND = re.compile(r"^::(error|warning|notice) ([^:]*)::(.*)$")
PAYLOADS = [
    "<script>alert(1)</script>", "<img src=x onerror=y>", "[click](https://evil.example)", "![x](https://evil.example/p)",
    "https://evil.example/a", "www.evil.example", "@everyone", "a | b | c", "`code` ``more``", "`", "\\|", "\\`|`\\",
    "# heading", "- item", "+ item", "> quote", "**bold** _it_ ~~gone~~", "&lt;b&gt;", "$x^2$", "line\nbreak",
    "</details>", "\x1b[31mred", "\u202ereversed", "<!-- x -->", "[a]: https://evil.example",
    "#123", "a\\", "mailto:a@b.example",
]  # fmt: skip


def finding(
    number: int, severity: Severity = Severity.HIGH, message: str = "It is wrong", path: str = "a.tf"
) -> Finding:
    return Finding(
        "some-rule", severity, "fail", message, Place(path, number, 1, number, 3), "a.b", "", (), f"{number:x}"
    )


def test_annotations_keep_to_githubs_limits() -> None:
    many = tuple(finding(n, severity) for n in range(1, 100) for severity in Severity)
    lines = workflow_commands(report(findings=many), {}).splitlines()
    kinds = [match[1] for line in lines if (match := COMMAND.match(line)) or pytest.fail(line)]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"error": 10, "warning": 10, "notice": 10}
    assert lines[-1] == f"::notice title=opslint::{len(many) + 1 - 29} more in the summary"
    assert len(workflow_commands(report(findings=many), {"most_in_all": 5}).splitlines()) == 5


def test_the_worst_is_annotated_first() -> None:
    found = tuple(finding(n, severity) for n, severity in enumerate(sorted(Severity), 1))
    lines = workflow_commands(report(findings=found), {}).splitlines()
    assert "artifact-unparsed" in lines[0]
    assert [re.search(r"line=(\d+)", line)[1] for line in lines[1:]] == ["5", "4", "3", "2", "1"]  # type: ignore[index]


def test_what_the_pull_request_changed_goes_first() -> None:
    found = (finding(1, path="a.tf"), finding(2, path="b.tf"), finding(3, Severity.CRITICAL, path="c.tf"))
    lines = workflow_commands(report(findings=found, failures=()), {"changed": ["b.tf"]}).splitlines()
    assert [re.search(r"file=(\w)", line)[1] for line in lines] == ["c", "b", "a"]  # type: ignore[index]


def test_waived_passed_and_unknown_are_not_annotated() -> None:
    assert len(workflow_commands(report(), {}).splitlines()) == 3


def test_columns_are_given_only_within_a_line_and_in_utf16() -> None:
    place = Place("main.tf", 5, 23, 5, 25)
    line = workflow_commands(report(findings=(finding(1)._replace(place=place),), failures=()), {})
    assert "line=5,endLine=5,col=24,endColumn=26," in line
    line = workflow_commands(report(findings=(finding(1)._replace(place=Place("a", 1, 1, 2, 1)),), failures=()), {})
    assert "line=1,endLine=2,title=" in line


@pytest.mark.parametrize("payload", [*PAYLOADS, "%0A::error::x", "a,line=1::x", "\r\n::warning::x", "\udcff"])
def test_a_command_stays_one_command(payload: str) -> None:
    one = report(
        findings=(finding(1, message=payload, path=payload)._replace(environments=(payload,)),), failures=(),
        rules={"some-rule": RuleInfo("some-rule", "t", Severity.HIGH, fix=payload)},
    )  # fmt: skip
    text = workflow_commands(one, {})
    assert text.count("\n") == 1
    match = COMMAND.match(text.rstrip("\n"))
    assert match
    assert [pair.partition("=")[0] for pair in match[2].split(",")] == [
        "file",
        "line",
        "endLine",
        "col",
        "endColumn",
        "title",
    ]
    assert not [char for char in text[:-1] if not char.isprintable()]
    assert not re.search(r"%(?!25|0A|0D|3A|2C)", text)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_scanned_text_does_nothing_in_the_summary(payload: str) -> None:
    one = report(
        findings=(finding(1, message=payload, path=payload)._replace(environments=(payload,)),),
        skipped=((payload, payload),), not_rendered=(payload,), changes=(payload,),
        failures=tuple(item._replace(message=payload, remedy=payload) for item in report().failures),
    )  # fmt: skip
    page = MarkdownIt("js-default", {"html": True, "linkify": False}).render(summary(one, {}))
    page = re.sub(r"<code>[^<]*</code>", "", page)
    page = re.sub(r"</?(?:h[23]|ul|li|p|table|thead|tbody|tr|t[hd]|code|strong|details|summary)>|<br ?/?>", "", page)
    page = re.sub(r'<a href="https://github.com/opslint/opslint/blob/main/docs/rules.md#[a-z0-9-]+">|</a>', "", page)
    assert "<" not in page
    assert "@e" not in page
    assert not [char for char in page if char not in "\n\u200b" and not char.isprintable()]


@pytest.mark.parametrize(
    "payload", ["https://evil.example/a", "x http://evil.example", "www.evil.example", "ftp://e.example"]
)
def test_addresses_do_not_become_links(payload: str) -> None:
    text = summary(report(findings=(finding(1, message=payload),)), {})
    text = re.sub(r"\]\(https://github.com/opslint/[^)]*\)", "", text)
    assert not re.search(r"(?<!\\)://|www\.", text)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_scanned_text_breaks_no_table(payload: str) -> None:
    one = report(findings=(finding(1, message=payload, path=payload),), failures=(), frameworks=())
    page = MarkdownIt("js-default", {"html": True, "linkify": False}).render(summary(one, {}))
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.S)
    assert [row.count("<td>") for row in rows if "some-rule" in row] == [4]


def test_places_link_to_the_revision_that_was_scanned() -> None:
    text = summary(report(), {"repository": "https://github.com/o/r", "revision": "abc"})
    assert "[`main.tf:5`](https://github.com/o/r/blob/abc/main.tf#L5)" in text
    assert "](https://github.com/o/r/blob/abc/alerts/shop%20rules.yaml#L4)" in text
    assert "/blob/" not in summary(report(), {"repository": "javascript:x", "revision": "abc"}).replace(
        "opslint/blob", ""
    )


def test_a_summary_keeps_within_its_room_and_says_what_it_left_out() -> None:
    many = tuple(finding(n, severity, "é" * 200) for n in range(1, 3_000) for severity in Severity)
    text = summary(report(findings=many), {})
    assert len(text.encode()) <= MOST_BYTES
    left = re.search(r"^(\d+) more findings stand in the log", text, re.M)
    assert left
    severities = re.findall(r"^\| (critical|high|medium|low|info) \|", text, re.M)
    assert len(severities) + int(left[1]) == len(many)
    order = ["critical", "high", "medium", "low", "info"]
    assert all(order.index(a) <= order.index(b) for a, b in pairwise(severities))
    assert "SOC 2" in text


def test_no_part_of_a_summary_can_push_the_others_out() -> None:
    control = FRAMEWORKS[0].controls[0]
    huge = FRAMEWORKS[0]._replace(controls=(control._replace(title="t" * 800),) * 5_000)
    failures = tuple(report().failures[0]._replace(message="m" * 800) for _ in range(5_000))
    text = summary(report(frameworks=(huge,), failures=failures), {})
    assert len(text.encode()) <= MOST_BYTES
    assert "s3-bucket-acl-not-public" in text
    assert text.count("The rest of this part is left out") == 2
