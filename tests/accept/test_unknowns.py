"""Real configurations are evaluated without an error: `pytest tests/accept/test_unknowns.py -s` shows what is unknown."""

from __future__ import annotations

import pytest

from tests.accept.unknowns import CORPORA, NAMES, counted

OURS = {"expression", "budget", "instances", "template"}
"""Causes that are limits or mistakes of ours, not something that is missing in the repository."""


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_unknown_because_of_us(name: str) -> None:
    number, total, causes, subjects = counted(CORPORA / name)
    print(f"\n{name}: {number} resources, {total} attribute values, unknown: {dict(causes.most_common())}")
    assert number > 0 and total > 0
    assert [each for each in subjects if each[0] in OURS] == []
