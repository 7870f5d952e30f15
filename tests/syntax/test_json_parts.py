"""JSON read for some of its keys: the same values and places as the whole reader's, and the same refusals."""

from __future__ import annotations

import json as reference
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.model import Map, Seq
from linter.syntax import json
from linter.syntax.json_parts import load_parts

KEEP = frozenset("abc")
KEYS = st.sampled_from(["a", "b", "c", "x", "y", 'q"', "é"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


def kept(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: kept(item) for key, item in value.items() if key in KEEP}
    return [kept(item) for item in value] if isinstance(value, list) else value


@given(VALUES, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_what_is_kept_equals_what_the_whole_text_says(value: Any, indent: Any, ascii: bool) -> None:
    text = reference.dumps(value, indent=indent, ensure_ascii=ascii)
    loaded = load_parts(0, text, KEEP, frozenset())
    assert loaded.documents[0].value == kept(reference.loads(text))


@given(VALUES, st.sampled_from([None, 2]), st.integers(0, 9))
def test_the_text_at_every_place_reads_as_the_value_there(value: Any, indent: Any, base: int) -> None:
    text = reference.dumps(value, indent=indent)
    loaded = load_parts(3, text, KEEP, frozenset(), base)
    waiting: list[Any] = [loaded.documents[0].value]
    while waiting:
        tree = waiting.pop()
        if not isinstance(tree, (Map, Seq)):
            continue
        source, start, end = tree.span
        assert source == 3
        assert kept(reference.loads(text[start - base : end - base])) == tree
        places = tree.at.items() if isinstance(tree, Map) else enumerate(tree.at)
        for key, (_, key_start, key_end, start, end) in places:
            assert kept(reference.loads(text[start - base : end - base])) == tree[key]
            if isinstance(tree, Map):
                assert reference.loads(text[key_start - base : key_end - base]) == key
        waiting.extend(tree.values() if isinstance(tree, Map) else tree)


@given(st.text('{}[]",:ab1.e- \\\n', max_size=14))
def test_it_takes_what_the_whole_reader_takes(text: str) -> None:
    whole, parts = json.load(0, text), load_parts(0, text, KEEP, frozenset())
    assert bool(whole.documents) == bool(parts.documents)
    assert bool(parts.documents) != bool(parts.problems)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        '{"a":}',
        '{"a":1,}',
        "[1,]",
        "NaN",
        '{"x": Infinity}',
        "[" * 100_000,
        '{"x":' * 100_000,
        '{"a" 1}',
        "1 2",
    ],
)
def test_what_is_no_json_is_a_problem_inside_the_text(text: str) -> None:
    loaded = load_parts(0, text, KEEP, frozenset(), 7)
    assert not loaded.documents
    assert 7 <= loaded.problems[0].start <= loaded.problems[0].end <= 7 + len(text) + 1


def test_keys_below_a_whole_key_are_all_read() -> None:
    loaded = load_parts(0, '{"a": {"x": {"x": 1, "b": 2}}}', KEEP, frozenset("a"))
    assert loaded.documents[0].value == {"a": {"x": {"b": 2}}}


def test_halves_of_pairs_are_replaced() -> None:
    assert load_parts(0, '{"a": "\\ud800"}', KEEP, frozenset()).documents[0].value == {"a": "\ufffd"}
