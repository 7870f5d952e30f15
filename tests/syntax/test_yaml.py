"""YAML values, against PyYAML's SafeLoader for schema 1.1 and the specification for 1.2."""

from __future__ import annotations

import datetime
import math
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from yaml_reference import CASES, assert_same, check_places, one, reference, same, values

from linter.syntax.yaml import load


@pytest.mark.parametrize("text", CASES)
def test_values_are_those_of_pyyaml(text: str) -> None:
    try:
        expected = reference(text)
    except yaml.YAMLError:
        assert load(0, text).problems
        return
    loaded = load(0, text)
    assert not loaded.problems
    assert_same(loaded, expected)


WORDS = st.sampled_from(
    """
    yes no on off y n True ~ null Null 0 00 08 0755 0x1f 0b11 1_000 1:30 1:30.5 190:20:30 1e3 1.5e+3 .5 . - + -1 +.inf
    .nan 2001-01-01 a b <<x = 0_ -0 1. -.5 _1 0b 0x 1:99 1__0 --- ... ! & * é 😀 x:y x#y a,b
    """.split()  # noqa: SIM905
)
SCALARS = st.one_of(
    WORDS,
    st.text("0123456789_.:+-eExXbo", min_size=1, max_size=10),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=12),
    st.integers(-(10**15), 10**15),
    st.floats(allow_nan=False),
    st.booleans(),
    st.none(),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(SCALARS, inner, max_size=4)),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(TREES, st.sampled_from([None, True, False]), st.sampled_from([None, '"', "'", "|", ">"]), st.booleans())
def test_dumped_trees_come_back(tree: Any, flow: bool | None, style: str | None, allow_unicode: bool) -> None:
    text = yaml.safe_dump(tree, default_flow_style=flow, default_style=style, allow_unicode=allow_unicode)
    loaded = load(0, text)
    assert not loaded.problems
    assert_same(loaded, reference(text))
    if style is None:
        check_places(text, loaded)


@settings(max_examples=500, deadline=None)
@given(st.one_of(WORDS, st.text("0123456789_.:+-eExXbo", min_size=1, max_size=12)))
def test_plain_scalars_resolve_as_in_pyyaml(word: str) -> None:
    text = "- " + word + "\n"
    try:
        expected = reference(text)
    except (yaml.YAMLError, ValueError, OverflowError):
        load(0, text)
        return
    loaded = load(0, text)
    assert same(values(loaded)[0], expected[0])


def test_sets_are_mappings_to_nothing() -> None:
    assert one("!!set {a, b}\n") == {"a": None, "b": None}


def test_core_schema_of_1_2() -> None:
    words = "[on, yes, no, off, 0755, 0o17, 0x1F, 12:30:45, true, False, ~, null, 1e3, 1_000, .inf, -.INF, "
    text = words + ".nan, 1.10, 12, -3]"
    value = one(text, "1.2")
    assert value[:16] == [
        "on", "yes", "no", "off", 755, 15, 31, "12:30:45",
        True, False, None, None, 1000.0, "1_000", math.inf, -math.inf,
    ]  # fmt: skip
    assert math.isnan(value[16])
    assert value[17:] == [1.1, 12, -3]
    assert one("on: push", "1.2") == {"on": "push"}
    assert one("on: push", "1.1") == {True: "push"}


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("ab:-?,[]{}#&*!|>'\"%@` \n\t0.\r\x85\u2028é"), max_size=40))
def test_agrees_with_pyyaml_on_what_is_yaml(text: str) -> None:
    try:
        expected: Any = list(yaml.load_all(text, yaml.CSafeLoader))
    except (yaml.YAMLError, ValueError):
        return
    except TypeError:
        return
    loaded = load(0, text)
    assert not loaded.problems or "contains itself" in loaded.problems[0].message, (text, loaded.problems)
    assert len(loaded.documents) == len(expected)


def test_dates_are_text_where_pyyaml_makes_dates() -> None:
    assert one("a: 2001-12-14") == {"a": "2001-12-14"}
    assert yaml.safe_load("a: 2001-12-14") == {"a": datetime.date(2001, 12, 14)}
