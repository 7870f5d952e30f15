"""JSON values, places and guards, against the standard library's reader."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linter.model import Map, Seq
from linter.syntax.json import load
from linter.syntax.yaml import DEPTH_LIMIT
from linter.syntax.yaml_scalars import NUMBER_LIMIT

TREES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4)),
    max_leaves=15,
)


def one(text: str) -> Any:
    loaded = load(0, text)
    assert not loaded.problems, loaded.problems
    return loaded.documents[0].value


def same(ours: Any, theirs: Any) -> bool:
    if isinstance(theirs, dict):
        return (
            isinstance(ours, Map)
            and list(ours) == list(theirs) == list(ours.at)
            and all(same(a, b) for a, b in zip(ours.values(), theirs.values(), strict=True))
        )
    if isinstance(theirs, list):
        return (
            isinstance(ours, Seq)
            and len(ours) == len(theirs) == len(ours.at)
            and all(same(a, b) for a, b in zip(ours, theirs, strict=True))
        )
    return type(ours) is type(theirs) and bool(ours == theirs)


def check_places(text: str, value: Any, start: int, end: int) -> None:
    assert same(value, json.loads(text[start:end]))
    if isinstance(value, Map):
        assert value.span == (0, start, end)
        for key, entry in value.at.items():
            assert json.loads(text[entry[1] : entry[2]]) == key
            check_places(text, value[key], entry[3], entry[4])
    if isinstance(value, Seq):
        assert value.span == (0, start, end)
        for item, entry in zip(value, value.at, strict=True):
            check_places(text, item, entry[3], entry[4])


@settings(max_examples=300, deadline=None)
@given(TREES, st.booleans(), st.sampled_from([None, 2, "\t"]))
def test_dumped_trees_come_back_with_their_places(tree: Any, ascii_only: bool, indent: Any) -> None:
    text = " \r\n" + json.dumps(tree, ensure_ascii=ascii_only, indent=indent) + "\n"
    loaded = load(0, text)
    assert not loaded.problems
    document = loaded.documents[0]
    assert same(document.value, tree)
    check_places(text, document.value, document.start, document.end)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "{", "[", "]", "{]", "[1,]", '{"a":1,}', '{"a"}', '{"a" 1}', "{a:1}", "[1 2]", "NaN", "-Infinity",
        "01", "1.",
        ".5", "+1", "1e", "0x1", '"', '"\n"', '"\\x"', '"\\u12"', "'a'", "tru", "truely", "[,]", "1 2", "// c\n1",
        "nul",
        "[1}",
        '{"a":}', '{1:2}', "\ufeff1", "-", "1.5.2", "[1,,2]", '{"a":1 "b":2}', "\x00",
    ],
)  # fmt: skip
def test_what_is_not_json_is_one_problem(text: str) -> None:
    with pytest.raises(ValueError):
        json.loads(text, parse_constant=_refuse)
    loaded = load(0, text)
    assert not loaded.documents
    assert len(loaded.problems) == 1
    assert 0 <= loaded.problems[0].start <= loaded.problems[0].end <= len(text)


def _refuse(word: str) -> None:
    raise ValueError(word)


@settings(max_examples=400, deadline=None)
@given(st.text(st.sampled_from('{}[]:,"\\u0123aeE+-. \n\ttruefalsn')))
def test_agrees_with_the_standard_library(text: str) -> None:
    loaded = load(0, text)
    try:
        expected = json.loads(text, parse_constant=_refuse)
    except ValueError:
        assert not loaded.documents
        return
    if not any("\ud800" <= c <= "\udfff" for c in str(expected)):
        assert same(loaded.documents[0].value, expected)


def test_problem_offsets() -> None:
    text = '{"a": [1, 2,, 3]}'
    assert load(0, text).problems[0].start == text.index(", 3")
    text = '{"a": 1\n "b": 2}'
    assert load(0, text).problems[0].start == text.index('"b"')


def test_duplicate_keys_count_last() -> None:
    text = '{"a": 1, "b": {"a": 2}, "a": 3}'
    loaded = load(0, text)
    value = loaded.documents[0].value
    assert value == {"a": 3, "b": {"a": 2}}
    assert [(d.start, d.end) for d in loaded.duplicates] == [(text.rindex('"a"'), text.rindex('"a"') + 3)]
    assert text[value.at["a"][3]] == "3"


def test_lone_surrogates_cannot_escape() -> None:
    assert one('"\\ud83d\\ude00"') == "\U0001f600"
    assert one('"a\\ud800b"') == "a\ufffdb"
    assert one('{"\\udc00": 1}') == {"\ufffd": 1}


def test_guards() -> None:
    for text in ("[" * 100_000, '{"a":' * 100_000):
        assert "deeper" in load(0, text).problems[0].message
    assert not load(0, "[" * DEPTH_LIMIT + "]" * DEPTH_LIMIT).problems
    assert "values" in load(0, "[" + "1," * 1_000_001 + "1]").problems[0].message
    loaded = load(0, "[" + "9" * (NUMBER_LIMIT + 1) + "]")
    assert isinstance(loaded.documents[0].value[0], str)
    assert len(loaded.problems) == 1
    assert isinstance(one("9" * 5000), str)
    assert math.isinf(one("1e999"))


def test_a_long_string_is_read_in_linear_time() -> None:
    text = '"' + "a\\n" * 500_000 + '"'
    assert one(text) == "a\n" * 500_000
    assert load(0, text[:-1]).problems
