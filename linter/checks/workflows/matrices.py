"""A job's matrix: values written twice, and combinations left out that there are not.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrix
"""

from __future__ import annotations

from typing import Any

from linter.checks.workflows.reader import Reader, at_key, at_value
from linter.model import Map, Seq, Unknown
from linter.trees import maps

MOST_VALUES = 300


def read_matrix(reader: Reader, strategy: Map) -> None:
    matrix = strategy.get("matrix")
    if not isinstance(matrix, Map):
        return
    rows = {name: row for name, row in matrix.items() if name not in ("include", "exclude")}
    for name, row in rows.items():
        if isinstance(row, Seq):
            _twice(reader, str(name), row)
    included = matrix.get("include")
    if any(not isinstance(row, Seq) for row in rows.values()) or not isinstance(included, (Seq, type(None))):
        return
    for excluded in maps(matrix.get("exclude")):
        for name, value in excluded.items():
            _left_out(reader, rows, maps(included), excluded, name, value)


def _twice(reader: Reader, name: str, row: Seq) -> None:
    seen: list[Any] = []
    scalars: set[str] = set()
    for value, at in zip(row[:MOST_VALUES], row.at, strict=False):
        if isinstance(value, (Map, Seq)):
            known = any(_same(value, other) for other in seen)
            seen.append(value)
        else:
            # `1` and `'1'` are one value to a person who reads the names of the jobs.
            key = str(value).lower() if isinstance(value, bool) else str(value)
            known = key in scalars
            scalars.add(key)
        if known:
            reader.tell("matrix", at_value(value, at), f"a value of `{name}` is written again: the same jobs run twice")


def _left_out(reader: Reader, rows: dict[Any, Any], included: list[Map], excluded: Map, name: Any, value: Any) -> None:
    at = excluded.at[name]
    values = list(rows.get(name, ()))
    found = name in rows
    for each in included:
        if name in each:
            found = True
            values.append(each[name])
    if not found:
        known = ", ".join(f"`{each}`" for each in rows)
        reader.tell("matrix", at_key(at), f"the matrix has no `{name}` to leave out: it has {known}")
    elif not _open(value) and len(values) <= MOST_VALUES and not any(_open(v) or _covers(v, value) for v in values):
        reader.tell("matrix", at_value(value, at), f"`{name}` never has this value, so nothing is left out")


def _open(value: Any, depth: int = 0) -> bool:
    """An expression decides about it."""
    if isinstance(value, str):
        return "${{" in value
    if depth > 20 or isinstance(value, Unknown):
        return True
    parts = value.values() if isinstance(value, Map) else value if isinstance(value, Seq) else ()
    return any(_open(part, depth + 1) for part in parts)


def _covers(value: Any, wanted: Any) -> bool:
    """Of a mapping a part is enough to name it."""
    if isinstance(value, Map) and isinstance(wanted, Map):
        return all(key in value and _covers(value[key], each) for key, each in wanted.items())
    if isinstance(value, (Map, Seq)) or isinstance(wanted, (Map, Seq)):
        return _same(value, wanted)
    return str(value) == str(wanted) or value == wanted


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, Map) and isinstance(right, Map):
        return len(left) == len(right) and all(key in right and _same(left[key], right[key]) for key in left)
    if isinstance(left, Seq) and isinstance(right, Seq):
        return len(left) == len(right) and all(_same(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, (Map, Seq)) or isinstance(right, (Map, Seq)):
        return False
    return left.__class__ is right.__class__ and bool(left == right)
