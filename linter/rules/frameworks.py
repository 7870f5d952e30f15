"""Framework files: controls that point at rules, checked against their schema."""

from __future__ import annotations

from typing import Any

from linter.model import Source
from linter.rules.load import document, offset_of, plain
from linter.rules.model import RuleError


def read_framework(path: str, text: str) -> dict[str, Any]:
    """A framework file's content as JSON values. Raises RuleError naming path and line."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    from linter.schemas import schema

    written = document(path, text)
    data: dict[str, Any] = plain(written)
    error = best_match(Draft202012Validator(schema("framework")).iter_errors(data))
    if error is not None:
        line = Source(0, path, text).position(offset_of(written, list(error.absolute_path)))[0]
        raise RuleError(f"{path}:{line}: {'.'.join(map(str, error.absolute_path)) or 'the framework'}: {error.message}")
    ids = [control["id"] for control in data["controls"]]
    for id in ids:
        if ids.count(id) > 1:
            raise RuleError(f"{path}:1: control {id} stands twice")
    return data
