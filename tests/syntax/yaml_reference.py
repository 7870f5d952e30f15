"""PyYAML as the reference for values, and the check that every place holds what was read there."""

from __future__ import annotations

import math
from typing import Any

import yaml

from linter.model import Map, Seq
from linter.syntax.yaml import Loaded, load


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
