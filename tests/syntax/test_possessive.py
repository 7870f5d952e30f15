"""Possessive repeats written as atomic groups match the same, and right where Python's own are wrong."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.syntax import batch, hcl_body, hcl_lexer, hcl_recovery, hcl_template, powershell, shell_tokens
from linter.syntax.possessive import BROKEN, atomic, compiled

WRITTEN = {
    "(?:ab?c)*+": "(?>(?:ab?c)*)",
    "a(?P<x>b(?:c|d)++)?+e": "a(?>(?P<x>b(?>(?:c|d)+))?)e",
    r"\(a\)*+[)(]*+(?:x){0,3}+y": r"\(a\)*+[)(]*+(?>(?:x){0,3})y",
    r"[]()*+]++([^]()]|\))*+": r"[]()*+]++(?>([^]()]|\))*)",
    r"(a)* (b)*? (c)+": r"(a)* (b)*? (c)+",
    r"[\]()]*+(?!x)": r"[\]()]*+(?!x)",
}
PATTERNS = [
    value
    for module in (batch, hcl_body, hcl_lexer, hcl_recovery, hcl_template, powershell, shell_tokens)
    for name, value in sorted(vars(module).items())
    if name.isupper() and isinstance(value, str) and atomic(value) != value
]


@pytest.mark.parametrize(("source", "expected"), WRITTEN.items())
def test_how_they_are_written(source: str, expected: str) -> None:
    assert atomic(source) == expected
    re.compile(expected)


def test_a_round_that_fails_leaves_the_place_where_it_began() -> None:
    match = compiled("(?:ab?c)*+").match("aca")
    assert match is not None
    assert match.end() == 2
    match = compiled(r"(?:[^$\n]|\$\$\{)*+").match("ab$${c$x")
    assert match is not None
    assert match.end() == 6


def test_there_are_patterns() -> None:
    assert len(PATTERNS) >= 10


@pytest.mark.skipif(
    BROKEN, reason="this Python's own possessive repeats are wrong, so that there is nothing to compare with"
)
@pytest.mark.parametrize("source", PATTERNS)
@given(text=st.text(st.sampled_from(list("ab1 \t\n\r\\\"'`${}%().,=-+#/[]<>")), max_size=24))
def test_the_same_is_matched(source: str, text: str) -> None:
    one, other = re.compile(source).match(text), re.compile(atomic(source)).match(text)
    assert (one and (one.span(), one.groups())) == (other and (other.span(), other.groups()))
