"""Bad and hostile YAML: what can be read is kept, what cannot is a problem, nothing raises or runs away."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yaml_reference import CASES, PLACED, one, values

from linter.model import Map, Seq, Unknown
from linter.syntax.yaml import ALIAS_LIMIT, DEPTH_LIMIT, load
from linter.syntax.yaml_scalars import NUMBER_LIMIT


def test_an_error_costs_one_document() -> None:
    text = "a: 1\n---\nb: [1, 2\n---\nc: 3\n---\nd: 'x\n---\ne: 5\n"
    loaded = load(0, text)
    assert values(loaded) == [{"a": 1}, {"c": 3}, {"e": 5}]
    assert len(loaded.problems) == 2
    assert [text.index("---\nb") < problem.start for problem in loaded.problems] == [True, True]
    third = loaded.documents[2].value
    assert third.at["e"] == (0, text.index("e: 5"), text.index("e: 5") + 1, text.index("5"), text.index("5") + 1)


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
