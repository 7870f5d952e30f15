"""Changes of Terraform: literals set, attributes and blocks added, everything else refused or kept."""

from __future__ import annotations

from typing import Any

import pytest

from linter.fixes.changes import Change, Refused, applied
from linter.fixes.hcl_text import HclText


def changed(text: str, keys: tuple[str, ...], value: Any) -> str | None:
    read = HclText(text)
    change = Change("set", (text.index("resource"), 0), keys, value)
    edits = read.edits([change])
    if edits is None:
        return None
    new = applied(text, edits)
    assert read.proven(new, [change])
    assert not read.proven(text, [change])
    return new


@pytest.mark.parametrize(
    ("old", "keys", "value", "new"),
    [
        ('resource "a" "b" {\n  x = false\n}\n', ("x",), True, 'resource "a" "b" {\n  x = true\n}\n'),
        ('resource "a" "b" {\n  x = "no" # why\n}\n', ("x",), "yes", 'resource "a" "b" {\n  x = "yes" # why\n}\n'),
        ('resource "a" "b" {}\n', ("x",), True, 'resource "a" "b" {\n  x = true\n}\n'),
        ('resource "a" "b" { y = 1 }\n', ("x",), True, 'resource "a" "b" {\n  y = 1\n  x = true\n}\n'),
        ('resource "a" "b" {\n  long = 1\n}', ("x",), True, 'resource "a" "b" {\n  long = 1\n  x    = true\n}'),
        ('resource "a" "b" {\n  y = 1\n}\n', ("long",), 2, 'resource "a" "b" {\n  y = 1\n\n  long = 2\n}\n'),
        ('resource "a" "b" {\r\n  y = 1\r\n}\r\n', ("x",), 2, 'resource "a" "b" {\r\n  y = 1\r\n  x = 2\r\n}\r\n'),
        ('resource "a" "b" {\n\ty = 1\n}\n', ("x",), 2, 'resource "a" "b" {\n\ty = 1\n\tx = 2\n}\n'),
        ('resource "a" "b" {\n  # only this\n}\n', ("x",), 2, 'resource "a" "b" {\n  x = 2\n  # only this\n}\n'),
        (
            'resource "a" "b" {\n  y = 1\n  t = {\n    k = 2\n  }\n}\n', ("x",), [1, "a"],
            'resource "a" "b" {\n  y = 1\n  x = [1, "a"]\n  t = {\n    k = 2\n  }\n}\n',
        ),
        (
            'resource "a" "b" {\n  y = 1\n}\n', ("in", "x"), True,
            'resource "a" "b" {\n  y = 1\n\n  in {\n    x = true\n  }\n}\n',
        ),
        (
            'resource "a" "b" {\n  in {\n    y = 1\n  }\n}\n', ("in", "x"), True,
            'resource "a" "b" {\n  in {\n    y = 1\n    x = true\n  }\n}\n',
        ),
        ('resource "a" "b" {\n  x = [\n    "a",\n  ]\n}\n', ("x",), ["b"], 'resource "a" "b" {\n  x = ["b"]\n}\n'),
        (
            'resource "a" "b" {\n  t = <<E\ntext\nE\n}\n', ("x",), "${y}",
            'resource "a" "b" {\n  x = "$${y}"\n  t = <<E\ntext\nE\n}\n',
        ),
    ],
)  # fmt: skip
def test_set(old: str, keys: tuple[str, ...], value: Any, new: str) -> None:
    assert changed(old, keys, value) == new


@pytest.mark.parametrize(
    ("old", "keys"),
    [
        ('resource "a" "b" {\n  x = var.x\n}\n', ("x",)),
        ('resource "a" "b" {\n  x = "a-${var.x}"\n}\n', ("x",)),
        ('resource "a" "b" {\n  x = <<E\na\nE\n}\n', ("x",)),
        ('resource "a" "b" {\n  in {}\n  in {}\n}\n', ("in", "x")),
        ('resource "a" "b" {\n  dynamic "in" {\n    for_each = []\n    content {}\n  }\n}\n', ("in", "x")),
        ('resource "a" "b" { /* y */ }\n', ("x",)),
        ('resource "a" "b" {\n  x = true\n}\n', ("x",)),
        ('resource "a" "b" {\n  in = {}\n}\n', ("in", "x")),
    ],
)  # fmt: skip
def test_what_an_expression_decides_is_left_alone(old: str, keys: tuple[str, ...]) -> None:
    assert changed(old, keys, True) is None


def test_files_with_errors_are_not_read() -> None:
    with pytest.raises(Refused):
        HclText('resource "a" "b" {\n')


def test_a_proof_sees_every_other_change() -> None:
    text = 'resource "a" "b" {\n  x = 1\n}\nlocals {\n  y = 1\n}\n'
    change = Change("set", (0, 0), ("x",), 2)
    assert HclText(text).proven(text.replace("x = 1", "x = 2"), [change])
    assert not HclText(text).proven(text.replace("= 1", "= 2"), [change])
    assert not HclText(text).proven(text.replace("x = 1", 'x = 2\n  z = "new"'), [change])
