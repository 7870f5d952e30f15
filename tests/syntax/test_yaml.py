"""YAML values, places, recovery and guards. PyYAML's SafeLoader is the reference for schema 1.1."""

from __future__ import annotations

import datetime
import math
import os
import subprocess
import sys
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from linter.model import Map, Seq, Unknown
from linter.syntax.yaml import ALIAS_LIMIT, DEPTH_LIMIT, Loaded, load
from linter.syntax.yaml_scalars import NUMBER_LIMIT


class TextLoader(yaml.CSafeLoader):
    """PyYAML as it is, but for timestamps, which stay text."""


TextLoader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))


def reference(text: str) -> list[Any]:
    return list(yaml.load_all(text, TextLoader))


def values(loaded: Loaded) -> list[Any]:
    return [document.value for document in loaded.documents]


def one(text: str, schema: str = "1.1") -> Any:
    loaded = load(0, text, schema)
    assert not loaded.problems, loaded.problems
    assert len(loaded.documents) == 1
    return loaded.documents[0].value


def same(ours: Any, theirs: Any) -> bool:
    """Equal, of equal types, with equal order of keys; NaN equals NaN."""
    if isinstance(theirs, dict):
        return (
            isinstance(ours, Map)
            and len(ours) == len(theirs)
            and list(ours.at) == list(ours)
            and all(same(a, b) for a, b in zip(ours, theirs, strict=True))
            and all(same(a, b) for a, b in zip(ours.values(), theirs.values(), strict=True))
        )
    if isinstance(theirs, list):
        return (
            isinstance(ours, Seq)
            and len(ours) == len(theirs) == len(ours.at)
            and all(same(a, b) for a, b in zip(ours, theirs, strict=True))
        )
    if isinstance(theirs, float) and math.isnan(theirs):
        return isinstance(ours, float) and math.isnan(ours)
    return type(ours) is type(theirs) and bool(ours == theirs)


def assert_same(loaded: Loaded, expected: list[Any]) -> None:
    ours = values(loaded)
    assert len(ours) == len(expected)
    for our, their in zip(ours, expected, strict=True):
        assert same(our, their), (our, their)


CASES = [
    "",
    "# only a comment\n",
    "null",
    "---\n---\n...\n",
    "a: 1\nb: two\nc: [3, {d: 4}]\n",
    "yes: no\non: off\ny: n\nTrue: FALSE\n~: Null\n",
    "- 0755\n- 0o17\n- 0x1F\n- 0b101\n- 1_000\n- 12:30:45\n- 190:20:30.15\n- 08\n- 0\n- 00\n- -0x10\n- +12\n- 0_\n",
    "- 1.5\n- 1e3\n- 1.0e+3\n- .5\n- -.5\n- 1.\n- .inf\n- -.INF\n- .nan\n- 6.8523015e+5\n- 1_0.5\n- 1.10\n- '1.10'\n",
    "- 2001-12-14\n- 2001-12-14t21:59:43.10-05:00\n- 2001-1-1\n- 12e03\n- -\n- .\n- +\n- ...x\n",
    "a: |\n  literal\n   text\n\nb: >-\n  folded\n  text\nc: |+\n  keep\n\nd: end\n",
    "a: 'it''s'\nb: \"tab\\t\\u00e9\\x41\"\nc: plain text\n  over lines\n",
    "base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\nlist: [*b, *b]\n",
    "a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b], z: 3}\nd: {z: 1, <<: *b, <<: *a}\n",
    "e: {x: 9, <<: {x: 8, q: 7}}\n",
    "? complex\n: value\n? [x\n",
    "!!str 1: !!int '2'\nf: !!float 3\nb: !!bool 'yes'\nn: !!null ''\ns: !!str yes\nx: ! 12\n",
    "? a\n? b\n",
    "%YAML 1.1\n---\na: 1\n...\n%TAG !e! tag:example.com,2000:\n---\nb: !!str 2\n",
    "key: value\r\nlist:\r\n- a\r\n- b\r\n",
    "a: 1\rb: 2\r",
    "a: é😀\nb: 😀 x\n",
    "a: x\u2028b: y\n",
    "a:\n- 1\n-\n- - 2\n  - {}\n- []\n",
    '{"a": [1, 2.5, "x"], "b": null, "c": true}',
    "a: 1\na: 2\n",
    "1: a\n1.0: b\ntrue: c\n",
    "a: '<<'\n'<<': {x: 1}\nb: [\"<<\"]\n",
    "a: &x\n  - 1\nb: *x\nc: &y 5\nd: *y\n&k key: *k\n",
    "text: a # comment\nurl: http://x/#y\n",
]


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
    st.integers(),
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


# --- places -----------------------------------------------------------------------------------------------------------


def check_places(text: str, loaded: Loaded) -> int:
    return sum(check_value(text, document.value, document.start, document.end) for document in loaded.documents)


def check_value(text: str, value: Any, start: int, end: int) -> int:
    assert 0 <= start <= end <= len(text)
    if isinstance(value, Map):
        checked = 0
        for key, (_, key_start, key_end, value_start, value_end) in value.at.items():
            assert key_start <= key_end <= len(text)
            checked += check_scalar(text[key_start:key_end], key)
            checked += check_value(text, value[key], value_start, value_end)
        return checked
    if isinstance(value, Seq):
        checked = 0
        for item, (_, key_start, key_end, item_start, item_end) in zip(value, value.at, strict=True):
            assert key_start == key_end == item_start
            checked += check_value(text, item, item_start, item_end)
        return checked
    return check_scalar(text[start:end], value)


def check_scalar(written: str, value: Any) -> int:
    if written[:1] in ("*", "?") or "\n" in written:
        return 0
    again = list(load(0, written).documents)
    got = again[0].value if again else None
    assert same(got, value), (written, got, value)
    return 1


PLACED = """\
apiVersion: v1   # comment
kind: "Pod"
metadata:
  name: 'web'
  labels: {app: web, "tier": 1}
spec:
  containers:
  - name: é😀
    args: [--a, "b c"]
    empty:
  script: |
    one
    two

  last: &anchor plain
    continued
again: *anchor
tagged: !Ref other
map: &m
  # comment
  x: 1
flow: !x &f {y: 2}
"""


def span(text: str, entry: tuple[int, int, int, int, int]) -> tuple[str, str]:
    return text[entry[1] : entry[2]], text[entry[3] : entry[4]]


def test_places_of_every_style() -> None:
    root = one(PLACED)
    assert span(PLACED, root.at["kind"]) == ("kind", '"Pod"')
    assert span(PLACED, root["metadata"].at["name"]) == ("name", "'web'")
    assert span(PLACED, root.at["metadata"])[1] == "name: 'web'\n  labels: {app: web, \"tier\": 1}"
    assert span(PLACED, root["metadata"].at["labels"])[1] == '{app: web, "tier": 1}'
    assert span(PLACED, root["metadata"]["labels"].at["tier"]) == ('"tier"', "1")
    container = root["spec"]["containers"][0]
    assert span(PLACED, container.at["name"]) == ("name", "é😀")
    assert span(PLACED, container["args"].at[1])[1] == '"b c"'
    assert container.at["empty"][3] == container.at["empty"][4] == container.at["empty"][2] + 1
    assert span(PLACED, root["spec"].at["containers"])[1].startswith("- name")
    assert span(PLACED, root["spec"].at["containers"])[1].endswith("empty:")
    assert span(PLACED, root["spec"].at["script"])[1] == "|\n    one\n    two"
    assert span(PLACED, root["spec"].at["last"])[1] == "plain\n    continued"
    assert span(PLACED, root.at["again"]) == ("again", "*anchor")
    assert root["again"] == "plain continued"
    assert span(PLACED, root.at["tagged"])[1] == "other"
    assert span(PLACED, root.at["map"])[1] == "x: 1"
    assert span(PLACED, root.at["flow"])[1] == "{y: 2}"
    tags = load(0, PLACED).tags
    assert tags == {root.at["tagged"][3]: "!Ref", root.at["flow"][3]: "!x"}
    assert root.span == (0, 0, len(PLACED) - 1)
    assert check_places(PLACED, load(0, PLACED)) > 20


def test_merged_entries_keep_their_places_and_aliases_share() -> None:
    text = "base: &b\n  x: 1\n  y: 2\nuse:\n  <<: *b\n  y: 3\nsame: *b\n"
    root = one(text)
    assert root["use"] == {"x": 1, "y": 3}
    assert span(text, root["use"].at["x"]) == ("x", "1")
    assert root["use"].at["x"] == root["base"].at["x"]
    assert span(text, root["use"].at["y"]) == ("y", "3")
    assert root["same"] is root["base"]
    assert span(text, root.at["same"]) == ("same", "*b")
    assert "<<" not in root["use"].at


def test_source_index_is_in_every_span() -> None:
    root = load(7, "a: [1]\n").documents[0].value
    assert root.span[0] == root.at["a"][0] == root["a"].span[0] == root["a"].at[0][0] == 7


def test_duplicates_are_reported_where_they_are_written_again() -> None:
    text = "a: 1\nb: {c: 1, c: 2}\na: 3\n"
    loaded = load(0, text)
    assert values(loaded) == [{"a": 3, "b": {"c": 2}}]
    assert [text[problem.start : problem.end] for problem in loaded.duplicates] == ["c", "a"]
    assert [problem.start for problem in loaded.duplicates] == [text.index("c: 2"), text.rindex("a")]
    assert span(text, values(loaded)[0].at["a"]) == ("a", "3")


# --- recovery ---------------------------------------------------------------------------------------------------------


def test_an_error_costs_one_document() -> None:
    text = "a: 1\n---\nb: [1, 2\n---\nc: 3\n---\nd: 'x\n---\ne: 5\n"
    loaded = load(0, text)
    assert values(loaded) == [{"a": 1}, {"c": 3}, {"e": 5}]
    assert len(loaded.problems) == 2
    assert [text.index("---\nb") < problem.start for problem in loaded.problems] == [True, True]
    third = loaded.documents[2].value
    assert span(text, third.at["e"]) == ("e", "5")


def test_an_error_on_the_separator_line() -> None:
    loaded = load(0, "a: 1\n--- }\n--- }\n--- ]\n---\nb: 2\n")
    assert values(loaded) == [{"a": 1}, {"b": 2}]
    assert len(loaded.problems) == 3


def test_a_character_yaml_does_not_allow_costs_one_document() -> None:
    text = "a: 1\n---\nb: \x07\n---\nc: 3\n"
    loaded = load(0, text)
    assert values(loaded) == [{"a": 1}, {"c": 3}]
    assert [problem.start for problem in loaded.problems] == [text.index("\x07")]
    assert "U+0007" in loaded.problems[0].message


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x7f", "\x9f", "\ud800", "\ufffe", "\x84"])
def test_characters_that_no_text_may_hold(character: str) -> None:
    text = "é: 1\nb: x" + character + "y\n"
    loaded = load(0, text)
    assert not loaded.documents
    assert len(loaded.problems) == 1
    assert loaded.problems[0].start == text.index(character)


def test_line_breaks_of_1_1() -> None:
    text = "# c\x85a: 1\u2028b: 2\u2029---\u2028c: [\u2028---\u2028d: 4"
    loaded = load(0, text)
    assert values(loaded) == [{"a": 1, "b": 2}, {"d": 4}]
    assert len(loaded.problems) == 1


def test_entry_problems_keep_the_document() -> None:
    text = "a: 1\n{x: 1}: 2\n[y]: 3\nb: *none\nc: {<<: 5, d: 6}\ne: !!int x\n"
    loaded = load(0, text)
    value = values(loaded)[0]
    assert list(value) == ["a", "b", "c", "e"]
    assert isinstance(value["b"], Unknown)
    assert value["c"] == {"d": 6}
    assert value["e"] == "x"
    assert [text[p.start : p.end] for p in loaded.problems] == ["{x: 1}", "[y]", "*none", "<<", "x"]


def test_helm_templates_do_not_raise() -> None:
    loaded = load(0, "a: {{ .Values.x }}\nb: {{- if }}\n")
    assert loaded.problems


# --- guards -----------------------------------------------------------------------------------------------------------


def test_recursive_anchors_become_unknown() -> None:
    text = "a: &a\n  self: *a\nb: &b [1, *b]\nc: &c\n  <<: *c\n  d: 1\n"
    loaded = load(0, text)
    value = values(loaded)[0]
    assert isinstance(value["a"]["self"], Unknown)
    assert isinstance(value["b"][1], Unknown)
    assert value["c"] == {"d": 1}
    assert [text[p.start : p.end] for p in loaded.problems] == ["*a", "*b", "*c"]


def test_billion_laughs() -> None:
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    for i in range(1, 30):
        lines.append(f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 9) + "]")
    loaded = load(0, "ok: 1\n---\n" + "\n".join(lines) + "\n---\nlast: 1\n")
    assert values(loaded) == [{"ok": 1}, {"last": 1}]
    assert f"{ALIAS_LIMIT:,}" in loaded.problems[0].message


@pytest.mark.parametrize("text", ["[" * 100_000, "a: " + "{a: " * 100_000, "- " * 50_000, "? " * 50_000])
def test_depth_is_bounded(text: str) -> None:
    loaded = load(0, text)
    assert not loaded.documents
    assert "deeper" in loaded.problems[0].message or "did not find" in loaded.problems[0].message


def test_depth_up_to_the_limit_is_read() -> None:
    assert not load(0, "[" * DEPTH_LIMIT + "]" * DEPTH_LIMIT).problems
    assert load(0, "[" * (DEPTH_LIMIT + 1) + "]" * (DEPTH_LIMIT + 1)).problems
    deep = "".join(" " * i + "k:\n" for i in range(DEPTH_LIMIT)) + " " * DEPTH_LIMIT + "v\n"
    assert not load(0, deep).problems


def test_nodes_are_bounded() -> None:
    loaded = load(0, "ok: 1\n---\n[" + "1," * 1_100_000 + "]\n---\nmore: 1\n")
    assert values(loaded) == [{"ok": 1}]
    assert "1,000,000" in loaded.problems[0].message


def test_numbers_are_bounded() -> None:
    text = (
        "a: "
        + "9" * (NUMBER_LIMIT + 1)
        + "\nb: "
        + "9" * 4500
        + "\nc: 1"
        + ":59" * 3000
        + "\nd: 1"
        + ":59" * 3000
        + ".5\n"
    )
    loaded = load(0, text)
    value = values(loaded)[0]
    assert isinstance(value["a"], str)
    assert isinstance(value["b"], str)
    assert isinstance(value["c"], int)
    assert value["d"] == "1" + ":59" * 3000 + ".5"
    assert [(p.start, p.end) for p in loaded.problems] == [(3, 3 + NUMBER_LIMIT + 1)]


def test_large_integer_keys_cannot_be_made_to_collide() -> None:
    root = one("".join(f"{n * (2**61 - 1)}: {n}\n" for n in range(1, 50)))
    assert len({hash(key) for key in root}) == 49


def test_many_broken_documents_stop_early() -> None:
    loaded = load(0, "--- [\n" * 10_000)
    assert not loaded.documents
    assert 100 <= len(loaded.problems) <= 110


SEEDS = [PLACED, *CASES]


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_mutations_never_raise(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(SEEDS))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 4))
        insert = data.draw(
            st.one_of(
                st.sampled_from(
                    ["\n", ": ", "- ", "&a ", "*a", "<<: ", "---\n", "'", '"', "[", "}", "!x ", "? ", "|\n", "#"]
                ),
                st.text(max_size=3),
            )
        )
        text = text[:at] + insert + text[at + cut :]
    for schema in ("1.1", "1.2"):
        loaded = load(0, text, schema)
        for problem in (*loaded.problems, *loaded.duplicates):
            assert 0 <= problem.start <= problem.end <= len(text)
        for document in loaded.documents:
            walk(document.value, len(text))


def walk(value: Any, length: int, depth: int = 0) -> None:
    assert depth <= DEPTH_LIMIT + 5
    if isinstance(value, (Map, Seq)):
        assert 0 <= value.span[1] <= value.span[2] <= length
        entries = value.at.values() if isinstance(value, Map) else value.at
        for entry in entries:
            assert 0 <= entry[1] <= entry[2] <= length
            assert 0 <= entry[3] <= entry[4] <= length
        for inner in value.values() if isinstance(value, Map) else value:
            walk(inner, length, depth + 1)


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


def test_the_whole_yaml_package_is_not_imported() -> None:
    program = (
        "import sys\nfrom linter.syntax.yaml import load\nassert load(0, 'a: 1').documents[0].value == {'a': 1}\n"
        "assert 'yaml' not in sys.modules and 'yaml.constructor' not in sys.modules\n"
        "import yaml\nassert yaml.load('a: 1', yaml.CSafeLoader) == yaml.safe_load('a: 1') == {'a': 1}\n"
        "assert load(0, 'a: 1').documents[0].value == {'a': 1}\n"
        "try:\n    yaml.load('a: [', yaml.CSafeLoader)\nexcept yaml.YAMLError:\n    print('good')\n"
    )
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, env=paths)
    assert (done.stdout, done.stderr) == ("good\n", "")
