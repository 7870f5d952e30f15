"""Patterns of IAM actions: what they have in common."""

from __future__ import annotations

from fnmatch import fnmatchcase
from itertools import product

from linter.checks.terraform.iam import _meets


def test_patterns_meet_where_a_text_matches_both() -> None:
    alphabet = "ab"
    texts = ["".join(letters) for length in range(5) for letters in product(alphabet, repeat=length)]
    patterns = ["".join(letters) for length in range(1, 4) for letters in product("a*?", repeat=length)]
    patterns += ["b*", "*b", "a*b", "ab", "?b*"]
    for one, other in product(patterns, repeat=2):
        both = any(fnmatchcase(text, one) and fnmatchcase(text, other) for text in texts)
        assert _meets(one, other) is both, (one, other)


def test_long_patterns_cost_little() -> None:
    assert _meets("*a" * 100, "*b" * 500) is False
