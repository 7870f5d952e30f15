"""GitHub expressions: what they use, what flows out of them, and that none hangs or crashes the reader."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.parsers.pipelines.expressions import find, parse


@pytest.mark.parametrize(
    ("text", "contexts", "flows"),
    [
        ("github.event.issue.title", ["github.event.issue.title"], ["github.event.issue.title"]),
        ("github['event'].ISSUE['title']", ["github.event.issue.title"], ["github.event.issue.title"]),
        ("github.event.commits[0].message", ["github.event.commits.0.message"], ["github.event.commits.0.message"]),
        ("github.event.*.body", ["github.event.*.body"], ["github.event.*.body"]),
        ("secrets[matrix.name]", ["secrets.[]", "matrix.name"], ["secrets.[]"]),
        ("format('{0}', github.head_ref)", ["github.head_ref"], ["github.head_ref"]),
        ("contains(github.head_ref, 'x')", ["github.head_ref"], []),
        ("github.head_ref == 'main'", ["github.head_ref"], []),
        ("github.head_ref && 'yes' || 'no'", ["github.head_ref"], []),
        (
            "github.head_ref || github.ref_name",
            ["github.head_ref", "github.ref_name"],
            ["github.head_ref", "github.ref_name"],
        ),
        ("!github.head_ref", ["github.head_ref"], []),
        ("(a || b).c", ["a", "b"], ["()"]),
        ("fromJSON(inputs.x)[0].y", ["inputs.x"], ["inputs.x"]),
        ("'it''s' == -1.5e3", [], []),
    ],
)
def test_contexts_and_what_flows_out(text: str, contexts: list[str], flows: list[str]) -> None:
    parsed = parse(text)
    assert parsed.error == ""
    assert list(parsed.contexts) == contexts
    assert list(parsed.flows) == flows


@pytest.mark.parametrize(
    "text", ["", "a.", "a b", "(a", "a)", "f(a", "a[", '"x"', "a &", "a + b", "== a", "f(,)", "'x"]
)
def test_what_github_refuses_has_an_error(text: str) -> None:
    parsed = parse(text)
    assert parsed.node is None and parsed.error


@pytest.mark.parametrize(
    "text",
    [
        "(" * 20_000 + "a" + ")" * 20_000, " || ".join(["github.x"] * 50_000), "!" * 50_000 + "a", "a" + ".b" * 50_000,
        "a[" * 20_000, "f(" * 20_000, "'" + "''" * 50_000, "a" + "[0]" * 50_000,
        " == ".join("a" * 50_000), "-" * 50_000,
    ],
)  # fmt: skip
def test_hostile_expressions_end(text: str) -> None:
    started = time.process_time()
    parse(text)
    find("${{" + text)
    find(f"${{{{ {text} }}}}" * 3)
    assert time.process_time() - started < 5


@given(st.text("ab.()[]!&|=<>',*1 ${}", max_size=60))
def test_no_expression_crashes(text: str) -> None:
    parsed = parse(text)
    assert (parsed.node is None) == bool(parsed.error)
    for found in find(text):
        assert text.startswith("${{", found.start)
        assert not found.closed or text.endswith("}}", found.start, found.end)
