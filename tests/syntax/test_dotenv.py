"""Files of environment variables: what each line says, where, and that nothing breaks the reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.syntax import dotenv

WORDS = [
    "A",
    "B_1",
    "=",
    '"',
    "'",
    "`",
    "\n",
    "\r",
    "\r\n",
    " ",
    "\t",
    "#",
    "\\",
    "export ",
    ":",
    ": ",
    "${A}",
    "é",
    "\0",
]


def pairs(text: str) -> list[tuple[str, str | None, bool]]:
    return [(each.name, each.value, each.expands) for each in dotenv.parse(text).variables]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1", [("A", "1", True)]), ("A=", [("A", "", True)]), ("A", [("A", None, False)]), ("A # b", [("A", None, False)]),
        ("  export A = x y  ", [("A", "x y", True)]), ("A: x", [("A", "x", True)]), ("A.b-c=1", [("A.b-c", "1", True)]),
        ("A=x # no", [("A", "x", True)]), ("A=x#yes", [("A", "x#yes", True)]), ("A=#no", [("A", "", True)]),
        ("A='$x # y'", [("A", "$x # y", False)]), ('A="x\\ny"', [("A", "x\ny", True)]), ('A="x\\"y"', [("A", 'x"y', True)]),
        ("A=`it's`", [("A", "it's", False)]), ('A="1\n2"\nB=3', [("A", "1\n2", True), ("B", "3", True)]),
        ("A='1\r\n2'\r\nB=3\r\n", [("A", "1\r\n2", False), ("B", "3", True)]), ("# A=1\n\n;x\n1=2\nB=3", [("B", "3", True)]),
        ('A="open\nB=2', [("A", '"open', True), ("B", "2", True)]), ("A=1\rB=2", [("A", "1", True), ("B", "2", True)]),
        ("A=1\nA=2", [("A", "1", True), ("A", "2", True)]), ("https://x.org/y", []),
        ('A="a" # b\nB=1', [("A", "a", True), ("B", "1", True)]),
    ],
)  # fmt: skip
def test_entries(text: str, expected: list[tuple[str, str | None, bool]]) -> None:
    assert pairs(text) == expected


def test_places_are_those_of_name_and_value_with_its_quotes() -> None:
    text = "# x\nexport  KEY = 'a b' # c\nLAST=é z \n"
    first, last = dotenv.parse(text).variables
    assert text[first.name_start : first.name_end] == "KEY"
    assert text[first.value_start : first.value_end] == "'a b'"
    assert text[last.value_start : last.value_end] == "é z"


def test_what_is_no_entry_is_a_problem_and_the_rest_is_read() -> None:
    text = "A=1\n!what\nB='x\nC=3"
    read = dotenv.parse(text)
    assert [each.name for each in read.variables] == ["A", "B", "C"]
    assert [text[each.start : each.end] for each in read.problems] == ["!what", "'x"]
    assert all(each.lossless for each in read.problems)


@given(st.lists(st.sampled_from(WORDS), max_size=40).map("".join) | st.text(max_size=60))
def test_no_text_breaks_it_and_every_place_is_exact(text: str) -> None:
    for each in dotenv.parse(text).variables:
        assert text[each.name_start : each.name_end] == each.name
        assert each.name_end <= each.value_start <= each.value_end <= len(text)
        written = text[each.value_start : each.value_end]
        if each.value is not None and written[:1] not in ("'", '"', "`"):
            assert written == each.value


@pytest.mark.parametrize(
    "text", ["\r" * 300_000, 'A="' + 'x\\"' * 200_000, "A=1\n" * 100_000, "A='" * 100_000, "A=" + " #" * 200_000]
)
def test_long_texts_take_little_time(text: str) -> None:
    assert len(dotenv.parse(text).variables) <= dotenv.MOST
