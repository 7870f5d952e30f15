"""Azure Pipelines' expressions: the grammar, the functions' results, three-valued logic, and whether events reach a part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.model import Map, Seq, Unknown
from linter.parsers.pipelines.azure_expressions import FUNCTIONS, parse
from linter.parsers.pipelines.azure_reach import overrides, runs, starts
from linter.parsers.pipelines.azure_values import evaluate
from linter.parsers.pipelines.events import MAIN, REVIEW, TAG, WORK, Event
from linter.parsers.pipelines.expressions import dotted
from tests.parsers.azure_trees import job, of, plain, read

HERE = (0, 0, 0, 0, 0)


def _list(*values: Any) -> Seq:
    made = Seq((0, 0, 0))
    for value in values:
        made.append(value)
        made.at.append(HERE)
    return made


def _map(**values: Any) -> Map:
    made = Map((0, 0, 0))
    for key, value in values.items():
        made[key] = value
        made.at[key] = HERE
    return made


NAMES = {
    "parameters.flag": True, "parameters.name": "Web", "parameters.list": _list("a", "b", 3),
    "parameters.map": _map(Key="v"), "parameters.none": None, "variables.count": "7",
}  # fmt: skip


def value(text: str) -> Any:
    parsed = parse(text)
    assert parsed.node is not None, parsed.error
    found = evaluate(parsed.node, lambda node: NAMES.get(dotted(node[3]), Unknown("missing-input", "x")), HERE)
    return plain(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True), ("False", False), ("null", None), ("'it''s'", "it's"), ("-1.5", -1.5), ("0x10", 16), ("1.2.3", "1.2.3"),
        ("parameters.NAME", "Web"), ("parameters['name']", "Web"),
        ("eq('A', 'a')", True), ("eq(1, '1.0')", True), ("eq('1', 1)", True), ("eq(parameters.flag, 'true')", True),
        ("eq('True', parameters.flag)", True), ("eq(parameters.none, '')", True), ("eq('', parameters.none)", True),
        ("eq(1, 'x')", False), ("ne('a', 'b')", True), ("eq(false, 'false')", True),
        ("and(true, 1, 'x')", True), ("and(true, '')", False), ("or(false, 0, '', null)", False), ("or('', 'x')", True),
        ("not('')", True), ("xor(true, 1)", False), ("xor(true, 0)", True),
        ("lt(1, 2)", True), ("le('b', 'B')", True), ("gt('10', 9)", False), ("ge(10, '9')", True),
        ("in('b', 'a', 'B')", True), ("notIn('c', 'a', 'b')", True),
        ("contains('ABCDE', 'bcd')", True), ("startsWith('refs/heads/x', 'REFS/')", True), ("endsWith('ABC', 'de')", False),
        ("containsValue(parameters.list, '3')", True), ("containsValue(parameters.map, 'V')", True),
        ("format('{0}-{1}', 'a', 2)", "a-2"), ("format('{{0}}{0}', 'x')", "{0}x"),
        ("join('+', parameters.list)", "a+b+3"), ("join(',', split('x;y', ';'))", "x,y"), ("split('a,b', ',')", ["a", "b"]),
        ("split('a,b', ',')[1]", "b"), ("length(parameters.list)", 3), ("length('four')", 4), ("length(parameters.map)", 1),
        ("lower('AB')", "ab"), ("upper(parameters.name)", "WEB"), ("trim('  x ')", "x"), ("replace('aXa', 'a', 'b')", "bXb"),
        ("coalesce('', null, 'z')", "z"), ("iif(eq(1, 1), 'yes', 'no')", "yes"), ("succeeded()", True), ("always()", True),
        ("canceled()", False),
        # unknown until it no longer matters
        ("parameters.other", "?"), ("eq(parameters.other, 'x')", "?"), ("and(false, parameters.other)", False),
        ("or(parameters.other, true)", True), ("and(true, parameters.other)", "?"), ("not(parameters.other)", "?"),
        ("in('a', parameters.other, 'a')", True), ("in('b', parameters.other, 'a')", "?"),
        ("coalesce('', parameters.other)", "?"), ("coalesce('x', parameters.other)", "x"), ("counter('a', 1)", "?"),
        ("failed()", "?"), ("format('{0}', parameters.other)", "?"), ("format('{3}', 'x')", "?"),
    ],
)  # fmt: skip
def test_values(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "expression is empty"), ("a ==", "unexpected character '='"), ("eq(1)", "eq does not take 1 arguments"),
        ("nope()", "there is no function 'nope'"), ("eq(1, 2", "')' is missing"), ("'open", 'unexpected character "\'"'),
        ("a.", "a name is missing after '.'"), ("a b", "unexpected 'b'"), ("and(true)", "and does not take 1 arguments"),
        ("a[1", "']' is missing"), ("!a", "unexpected character '!'"), ('eq("a", 1)', "unexpected character '\"'"),
        ("not(" * 60 + "a" + ")" * 60, "expression is nested deeper than 50 levels"),
    ],
)  # fmt: skip
def test_what_azure_refuses(text: str, error: str) -> None:
    assert parse(text).error == error


def _texts() -> st.SearchStrategy[str]:
    leaves = st.sampled_from(
        ["true", "null", "'a''b'", "12", "1.2.3", "variables.x", "parameters['a b'].c[0]", "a.*.b"]
    )

    def calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.sampled_from(sorted(FUNCTIONS)).flatmap(
            lambda name: st.lists(inner, min_size=FUNCTIONS[name][0], max_size=min(FUNCTIONS[name][1], 4)).map(
                lambda args: f"{name}({', '.join(args)})"
            )
        )

    return st.recursive(leaves, calls, max_leaves=12)


@given(_texts())
def test_whatever_is_built_by_the_grammar_is_read_and_has_a_value(text: str) -> None:
    parsed = parse(text)
    assert parsed.error == "" and parsed.node is not None
    assert parsed.node[1:3] == (0, len(text))
    evaluate(parsed.node, lambda _: Unknown("missing-input", "x"), HERE)


@given(st.text(alphabet="abc(),.[]'* $1-=\n", max_size=40))
def test_any_text_is_answered(text: str) -> None:
    parsed = parse(text)
    assert (parsed.node is None) == bool(parsed.error)


def _part(tmp_path: Path, condition: str, rest: str = "") -> tuple[Any, Any]:
    text = f"trigger: [main]\npr: [main]\n{rest}jobs:\n- job: j\n  condition: {condition}\n  steps: [{{script: x}}]\n"
    found = read(tmp_path, text)
    return of(found, "pipeline")[0], job(found, "j")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("succeeded()", (True, True, True)), ("always()", (True, True, True)), ("false", (False, False, False)),
        ("eq(variables['Build.SourceBranch'], 'refs/heads/main')", (True, False, False)),
        ("and(succeeded(), ne(variables['Build.Reason'], 'PullRequest'))", (True, True, False)),
        ("startsWith(variables['Build.SourceBranch'], 'refs/pull/')", (False, False, True)),
        ("eq(variables.isMain, true)", (True, False, False)),
        ("eq(variables['somewhere'], 'x')", (None, None, None)),
        ("or(eq(variables['Build.SourceBranchName'], 'main'), eq(variables['other'], 1))", (True, None, None)),
        ("eq(variables['level'], 'high')", (True, True, True)), ("in(1", (None, None, None)),
    ],
)  # fmt: skip
def test_conditions_and_events(tmp_path: Path, condition: str, expected: tuple[bool | None, ...]) -> None:
    rest = "variables:\n  isMain: $[eq(variables['Build.SourceBranch'], 'refs/heads/main')]\n  level: high\n"
    _, part = _part(tmp_path, f'"{condition}"', rest)
    assert tuple(runs(part, event) for event in (MAIN[0], WORK[0], REVIEW)) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [("succeeded()", False), ("and(succeeded(), true)", False), ("always()", True), ("eq(1, 1)", True), ("''", False)],
)
def test_conditions_that_replace_success(tmp_path: Path, condition: str, expected: bool) -> None:
    assert overrides(_part(tmp_path, condition)[1]) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (True, True, None, False)), ("trigger: none\npr: none\n", (False, False, False, False)),
        ("trigger: [main]\npr: [main]\n", (True, False, True, False)),
        ("trigger: {branches: {include: ['*'], exclude: [main]}}\n", (False, True, None, False)),
        ("trigger: {branches: {include: [feature]}}\n", (False, True, None, False)),
        ("trigger: {tags: {include: ['v*']}}\npr: none\n", (False, False, False, True)),
        ("trigger: [refs/heads/main]\npr: none\n", (True, False, False, False)),
    ],
)  # fmt: skip
def test_what_starts_a_pipeline(tmp_path: Path, text: str, expected: tuple[bool | None, ...]) -> None:
    (pipeline,) = of(read(tmp_path, text + "steps: [{script: x}]\n"), "pipeline")
    assert tuple(starts(pipeline, event) for event in (MAIN[0], WORK[0], REVIEW, TAG)) == expected
    assert starts(pipeline, Event("manual")) is True


def test_conditions_of_templates_are_asked_too(tmp_path: Path) -> None:
    text = (
        "stages:\n- ${{ if eq(variables['Build.SourceBranch'], 'refs/heads/main') }}:\n  - stage: D\n    jobs:\n    - job: d\n"
        "      steps: [{script: x}]\n- ${{ else }}:\n  - stage: E\n    jobs:\n    - job: e\n      steps: [{script: x}]\n"
    )
    found = read(tmp_path, text)
    deploy, other = job(found, "D.d"), job(found, "E.e")
    assert [runs(deploy, event) for event in (MAIN[0], WORK[0], REVIEW)] == [True, False, False]
    assert [runs(other, event) for event in (MAIN[0], WORK[0], REVIEW)] == [False, True, True]
