"""GitHub expressions: what they use, what flows out of them, and that none hangs or crashes the reader."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.parsers.pipelines.expression_nodes import written
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


def bare(node: Any) -> Any:
    """A tree without its offsets."""
    if isinstance(node, tuple) and len(node) > 3 and isinstance(node[0], str) and isinstance(node[1], int):
        return (node[0], *(bare(part) for part in node[3:]))
    if isinstance(node, tuple):
        return tuple(bare(part) for part in node)
    return type(node).__name__, node


LEAVES = st.sampled_from(
    [
        "null",
        "true",
        "0xFF",
        "-1.5e3",
        "+7",
        ".5",
        "'it''s'",
        "''",
        "github.sha",
        "a['b c'].*[0]",
        "x.y-z_1",
        "Infinity",
    ]
)
WHOLES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||", "==", "!=", "<", "<=", ">", ">="]), inner).map(" ".join),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"!({text})"),
        inner.map(lambda text: f"({text}).a[{text}].*"),
        st.lists(inner, max_size=3).map(lambda args: f"fromJSON({', '.join(args)})"),
    ),
    max_leaves=12,
)


@given(WHOLES)
def test_what_is_written_back_parses_to_the_same_tree(text: str) -> None:
    node = parse(text).node
    assert node is not None
    again = parse(written(node)).node
    assert again is not None and bare(again) == bare(node)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a == b < c", "a == (b < c)"),
        ("a < b == c > d", "(a < b) == (c > d)"),
        ("a && b || c && d", "(a && b) || (c && d)"),
        ("!a == b", "(!a) == b"),
        ("!!!a", "!a"),
        ("((a))", "a"),
        ("0x10 == 0o20", "16 == 16"),
    ],
)
def test_operators_bind_as_github_has_them(text: str, same: str) -> None:
    assert bare(parse(text).node) == bare(parse(same).node)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a + b", (2, 3)),
        ("a.", (1, 2)),
        ("f(a", (2, 3)),
        ("a b c", (2, 3)),
        ('"x"', (0, 1)),
        ("a.0", (2, 3)),
        ("x 'y", (2, 3)),
    ],
)
def test_an_error_names_its_place(text: str, place: tuple[int, int]) -> None:
    assert parse(text).place == place
