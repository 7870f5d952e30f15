"""Groovy: what Jenkinsfiles need of it, compared with what Groovy 2.4.21's own parser, which Jenkins has, made of it.

groovy_recorded.jsonl and, made at random by a grammar, groovy_generated.jsonl hold for scripts of ours the calls (line,
column, name, [positional arguments, names]), the texts (line, column, value) and the number of closures in the tree of
`CompilationUnit.compile(Phases.CONVERSION)`.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from linter.model import Source
from linter.syntax.groovy import parse
from linter.syntax.groovy_text import Written
from linter.syntax.groovy_tree import Node, called, children, dotted, walk

RECORDED = [
    json.loads(line)
    for name in ("groovy_recorded.jsonl", "groovy_generated.jsonl")
    for line in Path(__file__).with_name(name).read_text().splitlines()
]


def nodes(text: str) -> list[Node]:
    return [node for statement in parse(text).statements for node in walk(statement)]


def calls_of(text: str) -> set[tuple[int, str, int, tuple[str, ...]]]:
    """(line, name, positional arguments, names); a call with names and a block has them in one map, as in Groovy."""
    source, found = Source(0, "x", text), set()
    for node in nodes(text):
        if node[0] != "call" or node[3][0] not in ("name", "prop") or not isinstance(node[3][-1], str):
            continue
        name = node[3][-1]
        names = tuple(arg[3] for arg in node[4] if isinstance(arg[3], str))
        positional = len(node[4]) - len(names)
        if names and positional:
            names, positional = (), positional + 1
        end = node[3][2] - len(name)
        found.add((source.position(end)[0], name, positional, names))
    return found


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: str(case["name"]))
def test_calls_are_those_groovy_sees(case: dict[str, Any]) -> None:
    theirs = set()
    for line, _, name, (positional, names) in case["calls"]:
        if line > 0 and not name.startswith("$"):
            both = bool(names) and positional > 0
            theirs.add((line, name, positional + both, () if both else tuple(names)))
    ours = calls_of(case["text"])
    assert theirs - ours == set()
    extra = {each[1] for each in ours - theirs}
    assert extra <= ({"Helper", "sh"} if case["name"] == "data" else set())  # classes are not in the record
    assert parse(case["text"]).problems == []


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: str(case["name"]))
def test_texts_are_those_groovy_reads(case: dict[str, Any]) -> None:
    source = Source(0, "x", case["text"])
    theirs: dict[int, list[str]] = {}
    for line, _, value in case["texts"]:
        theirs.setdefault(line, []).append(value)
    for node in nodes(case["text"]):
        if node[0] == "lit" and isinstance(node[3], Written):
            line = source.position(node[1])[0]
            if line in theirs:  # annotations and classes are not in the record
                assert str(node[3]) in theirs[line]


def test_there_is_a_record() -> None:
    assert len(RECORDED) >= 70 and sum(len(case["calls"]) for case in RECORDED) > 1000


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"'a\'b'", "a'b"),
        (r'"a\"b"', 'a"b'),
        (r"'\u0041\101\t'", "AA\t"),
        ("'''a\n'b'\n'''", "a\n'b'\n"),
        ("'''a \\\n b'''", "a  b"),
        (r"x = /a\/b\d/", r"a/b\d"),
        ("x = $/a/b $$c $/d/$", "a/b $c /d"),
        ("''", ""),
        ('"\\$x"', "$x"),
    ],
)
def test_texts(text: str, value: str) -> None:
    found = [node[3] for node in nodes(text) if node[0] == "lit"]
    assert found == [value]


def test_every_character_of_a_text_knows_its_place() -> None:
    text = "sh 'a\\'b\\u0043d' + \"e\\$f\""
    found = [node[3] for node in nodes(text) if node[0] == "lit"]
    assert [str(each) for each in found] == ["a'bCd", "e$f"]
    assert found[0].place(0, 1) == (4, 5)
    assert text[slice(*found[0].place(1, 2))] == "\\'"
    assert text[slice(*found[0].place(3, 4))] == "\\u0043"
    assert text[slice(*found[0].place(2, 5))] == "b\\u0043d"
    assert text[slice(*found[1].place(1, 3))] == "\\$f"
    assert found[0].cut(2, 5) == "bCd"
    assert text[slice(*found[0].cut(2, 5).place(1, 2))] == "\\u0043"
    assert found[0].place(3, 9) is None


def test_holes_have_their_expressions_and_places() -> None:
    text = 'sh "x ${env.A ?: "b${c}"} $d.e y"'
    [template, *_] = [node for node in nodes(text) if node[0] == "gstring"]
    holes = [part for part in template[3] if part[0] == "hole"]
    assert [text[part[1] : part[2]] for part in holes] == ['${env.A ?: "b${c}"}', "$d.e"]
    assert holes[0][3][0] == "cond" and dotted(holes[0][3][3]) == "env.A"
    assert dotted(holes[1][3]) == "d.e"


BROKEN = [
    "sh 'one'\nfoo(bar\nsh 'two'\n",
    "sh 'one'\nfoo(bar))\nsh 'two'\n",
    "sh 'one'\ndef x = = 3\nsh 'two'\n",
    "sh 'one'\necho 'never ends\nsh 'two'\n",
    "sh 'one'\n}\nsh 'two'\n",
    "sh 'one'\n# no comment\nsh 'two'\n",
    "stage('a') {\n  sh 'one'\n  if (x {\n    sh 'two'\n  }\n}\n",
    "sh 'one'\necho '''never ends\nsh 'two'\n",
    "sh 'one'\necho \"never ${ ends\nsh 'two'\n",
    "sh 'one'\nx ? y\nsh 'two'\n",
    "sh 'one'\nclass {\nsh 'two'\n}\n",
]


@pytest.mark.parametrize("text", BROKEN)
def test_nothing_is_lost_around_what_cannot_be_read(text: str) -> None:
    parsed = parse(text)
    said = {str(node[4][0][4][3]) for node in nodes(text) if called(node) == "sh"}
    assert said == {"one", "two"}
    assert parsed.problems
    assert all(0 <= problem.start <= problem.end <= len(text) for problem in parsed.problems)


@pytest.mark.parametrize(
    "piece",
    [
        "{", "(", "[", "}", ")", "({[", '"${', '"${\n', "'", "'''\n", '"""\n', "x = /\n", "x = $/\n", "a.b(", ".b()", "+a",
        "a?", "a?b:", "!", "-", "if(a)b\nelse ", "if (a) ", "(A)", "a=", "def ", "@A ", "A<", "{a,", "a b ", "a b: ",
        "switch(a){case ", "try {", "/*", "new A(", "for(", "def f(a) {", "class A {", "return ", "a { ", "a\n{\n", "a[0]",
        "sh \"a\\n", "foo(bar {\n", 'sh("x"\n', "a ?: ", "a in ", "\\u", "$",
    ],
)  # fmt: skip
def test_time_grows_with_the_text(piece: str) -> None:
    """Hostile repetitions: no recursion error, and twice the text takes no four times as long."""

    def seconds(count: int) -> float:
        text = piece * count
        start = time.process_time()
        parsed = parse(text)
        total = sum(1 for statement in parsed.statements for _ in walk(statement))
        assert total < 40 * len(text) + 100
        return time.process_time() - start

    assert min(seconds(8000) for _ in range(3)) < max(0.5, 5 * min(seconds(4000) for _ in range(3)))


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab1 \n\"'$/{}()[].,:;=?!@\\-+<>\u00e9"), max_size=200))
@example("[ :")
def test_any_text_is_read_within_its_bounds(text: str) -> None:
    parsed = parse(text)
    for statement in parsed.statements:
        for node in walk(statement):
            assert 0 <= node[1] <= node[2] <= len(text)
            for child in children(node) if node[0] != "arg" else ():  # an argument's span is its key's
                assert node[1] <= child[1] and child[2] <= max(node[2], child[1])


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([case["text"] for case in RECORDED]), st.data())
def test_damage_keeps_what_stands_before(text: str, data: st.DataObject) -> None:
    """A character struck out takes nothing with it that ended on an earlier line, and raises nothing."""
    at = data.draw(st.integers(0, len(text) - 1))
    damaged = text[:at] + text[at + 1 :]
    parse(damaged)
