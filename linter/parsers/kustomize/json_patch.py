"""JSON patches (RFC 6902) on objects whose entries know their places."""

from __future__ import annotations

from typing import Any

from linter.model import Entry, Map, Seq, Unknown, concatenate
from linter.parsers.kustomize.edit import put, remove
from linter.parsers.kustomize.state import Refused


def patched(body: Map, operations: Seq) -> Map:
    """An object after the operations. Raises Refused where one does not fit."""
    changed: Any = body
    for operation in operations:
        try:
            changed = _operated(changed, operation)
        except (LookupError, TypeError, ValueError) as error:
            path = operation.get("path") if isinstance(operation, Map) else None
            where = path if isinstance(path, str) else "a JSON patch"
            raise Refused(f"{where[:80]}: {error}") from None
    result: Map = changed
    return result


def _operated(body: Map, operation: Any) -> Any:
    """One operation of a JSON patch. Raises LookupError, TypeError or ValueError where it does not fit."""
    if not isinstance(operation, Map):
        raise TypeError("an operation is no mapping")
    path = _pointer(body, operation.get("path"))
    op = operation.get("op")
    if op == "remove":
        _at(body, path)
        return remove(body, path)
    if op in ("add", "replace", "test"):
        value = operation.get("value")
        entry = operation.at.get("value") or operation.at["op"]
        if op == "test":
            return _tested(body, path, value)
        return _added(body, path, value, entry) if op == "add" else _replaced(body, path, value, entry)
    if op in ("move", "copy"):
        source = _pointer(body, operation.get("from"))
        value = _at(body, source)
        body = remove(body, source) if op == "move" else body
        return _added(body, _pointer(body, operation["path"]), value, operation.at["from"])
    raise ValueError("there is no such operation")


def _tested(body: Map, path: list[Any], value: Any) -> Map:
    try:
        found = _at(body, path)
    except LookupError:
        found = None
    if not isinstance(found, Unknown) and not isinstance(value, Unknown) and found != value:
        raise ValueError("the test fails")
    return body


def _replaced(body: Map, path: list[Any], value: Any, entry: Entry) -> Any:
    # A key that is not there is added: the library kustomize uses does not look.
    if not isinstance(_at(body, path[:-1]), Map):
        _at(body, path)
    return put(body, path, value, entry)


def _added(body: Map, path: list[Any], value: Any, entry: Entry) -> Any:
    holder = _at(body, path[:-1])
    if isinstance(holder, Map):
        return put(body, path, value, entry)
    if not isinstance(holder, Seq):
        raise TypeError("the path leads through a scalar")
    index = path[-1]
    if not isinstance(index, int) or not 0 <= index <= len(holder):
        raise IndexError("there is no such element")
    longer = concatenate((holder,), holder.span)
    longer.insert(index, value)
    longer.at.insert(index, entry)
    return put(body, path[:-1], longer, _at(body, path[:-2]).at[path[-2]])


def _at(value: Any, path: list[Any]) -> Any:
    for step in path:
        if not isinstance(value, (Map, Seq)):
            raise TypeError("the path leads through a scalar")
        try:
            value = value[step]
        except LookupError:
            raise LookupError("there is nothing there") from None
    return value


def _pointer(body: Map, pointer: Any) -> list[Any]:
    """The steps of a JSON pointer (RFC 6901), those through lists as numbers, `-` as the list's length."""
    if not isinstance(pointer, str) or not pointer.startswith("/") or pointer == "/":
        raise ValueError("no JSON pointer")
    steps: list[Any] = []
    holder: Any = body
    for part in pointer[1:].split("/"):
        step: Any = part.replace("~1", "/").replace("~0", "~")
        if isinstance(holder, Seq):
            step = len(holder) if step == "-" else int(step)
            step += len(holder) if step < 0 else 0
            holder = holder[step] if 0 <= step < len(holder) else None
        else:
            holder = holder.get(step) if isinstance(holder, Map) else None
        steps.append(step)
    return steps


def is_json(text: str) -> bool:
    """Whether a text is JSON if it begins as a list of it."""
    if not text.lstrip().startswith("["):
        return True
    import json

    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
