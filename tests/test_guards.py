"""The table of guards is true: each guard's text stands, and the test that holds it is there.

`python -m scripts.guards` takes each guard away in a copy of the checkout and sees its test fail; here the same is done
for two, one that must be missed and one that nobody would miss.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from scripts.guards import GUARDS, ROOT, Guard, copied, stands_once, unguarded


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_a_guard_stands_and_has_its_test(guard: Guard) -> None:
    assert stands_once(guard), f"{guard.path} holds {guard.text!r} not exactly once"
    path, _, name = guard.test.partition("::")
    tree = ast.parse((ROOT / path).read_text())
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    ast.parse((ROOT / guard.path).read_text().replace(guard.text, guard.without))


def test_names_are_told_apart() -> None:
    assert len({guard.name for guard in GUARDS}) == len(GUARDS)


def test_a_missing_guard_is_noticed_and_a_needless_one_too(tmp_path: Path) -> None:
    copied(tmp_path)
    incomplete = next(guard for guard in GUARDS if guard.name == "incomplete is 3")
    assert unguarded(tmp_path, incomplete) == ""
    needless = incomplete._replace(text='"""The gate: ', without='"""A gate: ')
    assert unguarded(tmp_path, needless) == "its test passes without it"
    gone = incomplete._replace(text="no such text")
    assert unguarded(tmp_path, gone) == "its text is gone or stands more than once"
