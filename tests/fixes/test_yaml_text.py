"""Changes of YAML: the edited text says what was meant to any reader of YAML, and all else stands as it stood."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from linter.fixes.changes import Change, Refused, applied
from linter.fixes.yaml_text import YamlText
from linter.model import Map

KEYS = st.sampled_from(["a", "b", "c", "name", "with", "env", "run", "x-y", "1"])
SCALARS = st.one_of(
    st.booleans(), st.integers(-5, 99), st.none(),
    st.sampled_from(["", "text", "two words", "a: b", "# no", "it's", "üñ", "yes", "1.5", "${{ x }}"]),
    st.just("line one\nline two\n"), st.just("  lead\nx"),
)  # fmt: skip
TREES = st.recursive(
    st.dictionaries(KEYS, SCALARS, min_size=1, max_size=4),
    lambda inner: st.dictionaries(
        KEYS, st.one_of(SCALARS, inner, st.lists(inner, min_size=1, max_size=3)), min_size=1, max_size=4
    ),
    max_leaves=12,
)
VALUES = st.one_of(
    st.booleans(), st.integers(0, 9), st.sampled_from(["plain", "a b", "yes", "${{ secrets.X }}", "it's: #"])
)


class Literal(yaml.SafeDumper):
    """Writes texts of several lines as blocks, as people do."""


Literal.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)


def written(tree: Any, style: int) -> str:
    """A tree as text in one of several styles, with comments."""
    if style == 1:
        return yaml.safe_dump(tree, default_flow_style=True, width=30, allow_unicode=True, sort_keys=False)
    text: str = yaml.dump(tree, Dumper=Literal, default_flow_style=None if style == 2 else False, sort_keys=False,
                          indent=4 if style == 3 else 2, allow_unicode=True)  # fmt: skip
    lines = text.split("\n")
    if "|" not in text and "'" not in text and '"' not in text:
        lines = [line + (" # note" if line.endswith(("true", "false")) else "") for line in lines]
    return "# head\n" + "\n".join(lines)


def mappings(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if isinstance(value, dict) else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += mappings(item, (*path, key))
    return found


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def place(read: YamlText, path: tuple[Any, ...]) -> tuple[int, int]:
    found = at(read._documents[0], path)
    assert isinstance(found, Map)
    return found.span[1], found.span[2]


def load(text: str) -> Any:
    return yaml.safe_load(text)


@given(TREES, st.integers(0, 3), st.booleans(), st.data())
def test_entries_are_set(tree: dict[str, Any], style: int, windows: bool, data: st.DataObject) -> None:
    text = written(tree, style)
    text = text.replace("\n", "\r\n") if windows else text
    assume(load(text) == tree)
    path = data.draw(st.sampled_from(mappings(tree)))
    keys = tuple(data.draw(st.lists(KEYS, min_size=1, max_size=2)))
    value = data.draw(VALUES)
    wanted = copy.deepcopy(tree)
    holder = at(wanted, path)
    for key in keys[:-1]:
        if holder.get(key) is None:
            holder[key] = {}
        holder = holder[key]
        assume(isinstance(holder, dict))
    assume(not isinstance(holder.get(keys[-1]), (dict, list)))
    holder[keys[-1]] = value
    read = YamlText(text)
    change = Change("set", place(read, path), keys, value)
    edits = read.edits([change])
    if edits is None:
        return
    new = applied(text, edits)
    if read.proven(new, [change]):
        assert load(new) == wanted
        assert not windows or "\n" not in new.replace("\r\n", "")
        kept = set(text.split("\n"))
        assert len([line for line in new.split("\n") if line not in kept]) <= 3


@given(TREES, st.integers(0, 3), st.data())
def test_entries_are_removed(tree: dict[str, Any], style: int, data: st.DataObject) -> None:
    text = written(tree, style)
    assume(load(text) == tree)
    path = data.draw(st.sampled_from(mappings(tree)))
    assume(at(tree, path))
    key = data.draw(st.sampled_from(sorted(at(tree, path))))
    read = YamlText(text)
    change = Change("remove", place(read, path), (key,))
    edits = read.edits([change])
    if edits is None:
        return
    wanted = copy.deepcopy(tree)
    del at(wanted, path)[key]
    new = applied(text, edits)
    if read.proven(new, [change]):
        assert load(new) == wanted


@pytest.mark.parametrize(
    ("old", "keys", "value", "new"),
    [
        ("a: 1\n", ("b",), True, "a: 1\nb: true\n"),
        ("a: 1", ("b",), True, "a: 1\nb: true"),
        ("a: {x: 1}\n", ("a", "y"), 2, "a: {x: 1, y: 2}\n"),
        ('{"a": 1}\n', ("b",), "c", '{"a": 1, "b": "c"}\n'),
        ("a: {}\n", ("a", "y"), 2, "a: {y: 2}\n"),
        ("a: { }\n", ("a", "y"), 2, "a: { y: 2 }\n"),
        ("a:\nb: 1\n", ("a", "y"), 2, "a:\n  y: 2\nb: 1\n"),
        ("a: # why\nb: 1\n", ("a", "y"), 2, "a: # why\n  y: 2\nb: 1\n"),
        ("a:\nb: 1\n", ("a",), 2, "a: 2\nb: 1\n"),
        ("a: 1 # why\nb: 1\n", ("a",), 2, "a: 2 # why\nb: 1\n"),
        ("a:   'x'   # why\n", ("a",), "it's", "a:   it's   # why\n"),
        ("a:\n    b: 1\n", ("a", "c"), "no", "a:\n    b: 1\n    c: 'no'\n"),
        ("a: |\n  text\n\nb: 1\n", ("c",), 1, "a: |\n  text\n\nb: 1\nc: 1\n"),
        ("b: 1\na: |\n  text\n\n\n", ("c",), 1, "b: 1\na: |\n  text\nc: 1\n\n\n"),
        ("a: 1\r\nb: 2\r\n", ("c",), 1, "a: 1\r\nb: 2\r\nc: 1\r\n"),
    ],
)  # fmt: skip
def test_set(old: str, keys: tuple[str, ...], value: Any, new: str) -> None:
    read = YamlText(old)
    change = Change("set", place(read, ()), keys, value)
    edits = read.edits([change])
    assert edits is not None and applied(old, edits) == new
    assert read.proven(new, [change])


def test_a_new_entry_stands_before_another_and_its_comments() -> None:
    old = "name: ci\n\non: push\n\n# what runs\njobs:\n  a: 1\n"
    read = YamlText(old)
    change = Change("set", place(read, ()), ("permissions", "contents"), "read", ("jobs",))
    edits = read.edits([change])
    assert edits is not None
    assert (
        applied(old, edits) == "name: ci\n\non: push\n\npermissions:\n  contents: read\n\n# what runs\njobs:\n  a: 1\n"
    )


@pytest.mark.parametrize(
    ("old", "keys", "new"),
    [
        ("a: 1\nb: 2\n", ("a",), "b: 2\n"),
        ("a: 1\nb: 2 # x\n", ("b",), "a: 1\n"),
        ("a: 1\nb: 2", ("b",), "a: 1"),
        ("a: {x: 1, y: 2}\n", ("a", "x"), "a: {y: 2}\n"),
        ("a: {x: 1, y: 2}\n", ("a", "y"), "a: {x: 1}\n"),
        ("a:\n  x: 1\nb: 2\n", ("a", "x"), "b: 2\n"),
        ("- a: 1\n  b: 2\n", ("a",), "- b: 2\n"),
        ("a: 1\nb: |\n  x\n  y\nc: 3\n", ("b",), "a: 1\nc: 3\n"),
    ],
)  # fmt: skip
def test_remove(old: str, keys: tuple[str, ...], new: str) -> None:
    read = YamlText(old)
    change = Change("remove", place(read, (0,) if old.startswith("-") else ()), keys)
    edits = read.edits([change])
    assert edits is not None and applied(old, edits) == new
    assert read.proven(new, [change])


@pytest.mark.parametrize(
    ("old", "path", "keys"),
    [
        ("a: &x {k: 1}\nb: *x\n", ("b",), ("k",)),
        ("a: &x {k: 1}\nb: *x\n", ("a",), ("k",)),
        ("a: &x\n  k: 1\nb:\n  <<: *x\n  l: 1\n", ("a",), ("k",)),
        ("a: &x 1\nb: *x\n", (), ("a",)),
        ("a: [1]\n", (), ("a",)),
        ("a: |\n  x\n", (), ("a",)),
        ("a: {k: 1}\n\tb: 2\n", (), ("a",)),
    ],
)  # fmt: skip
def test_what_is_shared_or_more_than_a_scalar_is_left_alone(
    old: str, path: tuple[str, ...], keys: tuple[str, ...]
) -> None:
    try:
        read = YamlText(old)
    except Refused:
        return
    change = Change("set", place(read, path), keys, 9)
    edits = read.edits([change])
    assert edits is None or not read.proven(applied(old, edits), [change])


def test_a_merged_entry_is_overridden_where_it_is_merged() -> None:
    old = "a: &x\n  k: 1\n  m: 1\nb:\n  <<: *x\n  l: 1\n"
    read = YamlText(old)
    found = at(read._documents[0], ("b",)).at["l"]
    change = Change("set", (at(read._documents[0], ("b",)).span[1], at(read._documents[0], ("b",)).span[2]), ("k",), 2)
    edits = read.edits([change])
    assert found and edits is not None
    new = applied(old, edits)
    assert new == old + "  k: 2\n" and read.proven(new, [change])


@pytest.mark.parametrize("text", ["a: 1\na: 2\n", "a: [\n", "a: *nowhere\n", "a: 1\n b: 2\n"])
def test_files_with_errors_are_not_read(text: str) -> None:
    with pytest.raises(Refused):
        YamlText(text)


def test_a_proof_tells_true_from_one_and_sees_every_other_change() -> None:
    read = YamlText("a: 1\nb: 2\n")
    change = Change("set", place(read, ()), ("a",), True)
    assert read.proven("a: true\nb: 2\n", [change])
    assert not read.proven("a: 1\nb: 2\n", [change])
    assert not read.proven("a: true\nb: 3\n", [change])
    assert not read.proven("a: true\n", [change])
    assert not read.proven("a: true\nb: 2\nc: 1\n", [change])
    assert not read.proven("a: true\nb: 2\n---\nc: 1\n", [change])
