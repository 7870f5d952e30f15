"""The report at a terminal: carets under the span, whatever the line holds."""

from __future__ import annotations

import pytest
from report_sample import report

from linter.model import Failure, Finding, Place, Severity, Source, Unknown, Verdict
from linter.report import Counts, UnknownCount
from linter.reporters.excerpts import cells, context, excerpt, fit, snippet
from linter.reporters.text import render


def finding(place: Place, message: str = "It is wrong", severity: Severity = Severity.HIGH) -> Finding:
    return Finding("some-rule", severity, "fail", message, place, "a.b", "", (), "ff")


def shown(text: str, place: Place, width: int = 80) -> list[str]:
    """The quoted line and the carets below it, without the gutter."""
    one = report(
        findings=(finding(place),), failures=(), rules={}, sources=lambda path: Source(0, path, text)
    )  # fmt: skip
    lines = render(one, {"width": width}).splitlines()
    at = next(index for index, line in enumerate(lines) if " | " in line)
    return [line.split(" | ", 1)[1] for line in lines[at : at + 2]]


def under(text: str, place: Place, width: int = 80) -> str:
    """What stands above the carets."""
    line, carets = shown(text, place, width)
    start, length = carets.index("^"), carets.count("^")
    expanded = "".join(char + "\0" * (cells(char) - 1) if cells(char) else "" for char in line)
    return expanded[start : start + length].replace("\0", "")


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("acl = public", "public"),
        ("\tacl =\tpublic", "public"),
        ("日本 = public", "public"),
        ("a = 日本語", "日本語"),
        ("🚀🚀 = public # 🚀", "public"),
        ("e\u0301e\u0301 = public", "public"),
        ("a\x1b[31m = public", "public"),
        ("a\u202e = public", "public"),
        ("public", "public"),
    ],
)  # fmt: skip
def test_carets_stand_under_the_span(line: str, word: str) -> None:
    start = line.index(word) + 1
    assert under(f"first\n{line}\nlast\n", Place("a.tf", 2, start, 2, start + len(word))) == word


@pytest.mark.parametrize("before", [0, 30, 500, 5_000, 100_000])
@pytest.mark.parametrize("after", [0, 30, 100_000])
def test_long_lines_are_cut_around_the_span(before: int, after: int) -> None:
    line = "x" * before + "public" + "y" * after
    place = Place("a.tf", 1, before + 1, 1, before + 7)
    assert under(line, place, 60) == "public"
    assert all(cells(text) <= 60 for text in shown(line, place, 60))


def test_a_span_longer_than_the_screen_is_cut() -> None:
    line, carets = shown("z" * 300, Place("a.tf", 1, 11, 1, 291), 60)
    assert cells(line) <= 60
    assert 0 < carets.count("^") <= 54


def test_of_several_lines_the_first_is_shown() -> None:
    assert under("a {\n  b = [\n    1\n  ]\n}\n", Place("a.tf", 2, 3, 4, 4)) == "b = ["


@pytest.mark.parametrize("place", [Place("a", 9, 1, 9, 1), Place("a", 2, 1, 2, 1), Place("a", 1, 50, 1, 60)])
def test_places_outside_the_text_do_no_harm(place: Place) -> None:
    text = render(report(findings=(finding(place),), sources=lambda path: Source(0, path, "one\n")), {})
    assert "It is wrong" in text


def test_an_empty_span_gets_one_caret() -> None:
    assert under("ab\n", Place("a", 1, 2, 1, 2)) == "b"


def test_a_secret_in_the_line_is_not_shown_and_the_carets_still_fit() -> None:
    key = "AKIA" + "Q3EGRTYUIOPASDFG"
    line = f'key = "{key}" # public'
    start = line.index("public") + 1
    place = Place("a", 1, start, 1, start + 6)
    assert under(line, place) == "public"
    assert key[:10] not in shown(line, place)[0]
    secret = Place("a", 1, line.index(key) + 1, 1, line.index(key) + 1 + len(key))
    assert under(line, secret) == "AKIA…"
    assert snippet(Source(0, "a", line), secret) == "AKIA…"


def test_a_secret_is_known_by_what_stands_above_it() -> None:
    body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7" + "\n" + "qfx9Lw2vX1kqkJ0mYB0Wc3VhTt5qPpQ8rZ0u" * 2
    text = f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"
    source = Source(0, "key.pem", text)
    place = Place("key.pem", 3, 5, 3, 30)
    found = excerpt(source, place)
    assert found is not None
    assert "qfx9Lw2" not in found.text
    assert "qfx9Lw2" not in snippet(source, place)
    around = context(source, place)
    assert around is not None
    assert "qfx9Lw2" not in around[2]
    assert "MIIEvQIBADAN" not in around[2]


def test_waived_findings_are_counted_and_listed_only_when_asked() -> None:
    assert "1 waived" in render(report(), {})
    assert "Holds nothing but test data." not in render(report(), {})
    assert "waived by platform until 2027-01-31: Holds nothing but test data." in render(report(), {"verbose": True})


def test_unknowns_are_folded_by_what_would_decide_them() -> None:
    groups = tuple(UnknownCount("missing-input", f"var.v{n}", "pass it", n) for n in range(1, 30))
    unknown = Finding(
        "some-rule", Severity.HIGH, "unknown", "Who knows", Place("a", 1, 1, 1, 1), "a", "", (), "ff", (),
        (Unknown("missing-input", "var.v1", "pass it"),),
    )  # fmt: skip
    one = report(findings=(unknown,) * 50, counts=Counts(unknown=435, unknowns=groups))
    text = render(one, {})
    assert "Who knows" not in text
    assert "unknown: 435 judgements would be decided by\n  29 x var.v29 (missing-input): pass it\n" in text
    assert "  and 19 more (--verbose lists all)" in text
    assert render(one, {"verbose": True}).count("Who knows") == 50


def test_what_kept_the_answer_incomplete_stands_above_the_findings() -> None:
    text = render(report(), {})
    assert text.index("artifact-unparsed") < text.index("s3-bucket-acl-not-public")
    assert text.startswith("incomplete: 1 problem")


@pytest.mark.parametrize(
    ("changes", "last"),
    [
        ({}, "next: opslint explain s3-bucket-acl-not-public"),
        ({"findings": ()}, "next: mend what kept the answer incomplete"),
        ({"findings": (), "failures": ()}, "next: supply what the unknown judgements wait for"),
        (
            {"findings": (), "failures": (), "counts": Counts()},
            "policy: opslint.yaml, sha256 abababababab; as of 2026-11-23",
        ),
    ],
)  # fmt: skip
def test_the_last_line_says_what_to_do_next(changes: dict[str, object], last: str) -> None:
    assert render(report(**changes), {}).splitlines()[-1] == last


def test_without_colour_there_is_no_escape() -> None:
    assert "\x1b" not in render(report(), {"color": False, "verbose": True})
    assert "\x1b[31m" in render(report(), {"color": True})


def test_scanned_text_cannot_speak_to_the_terminal_or_the_runner() -> None:
    bad = "::error::x\n::set-output name=a::b\x1b]0;t\x07\x9b31m\u202e##[error]y"
    place = Place(f"{bad}.tf", 1, 1, 1, 3)
    waived = report().findings[-1]
    one = report(
        findings=(finding(place, bad)._replace(related=((place, bad),), environments=(bad,)), waived),
        failures=(Failure(bad, place, bad, bad),), skipped=((bad, bad),), not_rendered=(bad,), changes=(bad,),
        verdict=Verdict("incomplete", "failed", 3, (bad,)),
        sources=lambda path: Source(0, path, bad.replace("\n", " ")),
    )  # fmt: skip
    text = render(one, {"verbose": True})
    assert not [char for char in text if char != "\n" and not char.isprintable()]
    assert not [line for line in text.splitlines() if line.strip().startswith("::") or "##[" in line]


def test_fit_keeps_short_lines_whole() -> None:
    found = excerpt(Source(0, "a", "short"), Place("a", 1, 1, 1, 3))
    assert found is not None
    assert fit(found, 80) == found
