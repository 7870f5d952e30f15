"""Framework files: controls that point at rules, checked against their schema."""

from __future__ import annotations

from typing import Any

from linter.rules.load import checked, document
from linter.rules.model import RuleError
from linter.syntax.written import plain


def read_framework(path: str, text: str) -> dict[str, Any]:
    """A framework file's content as JSON values. Raises RuleError naming path and line."""
    written = document(path, text)
    data: dict[str, Any] = plain(written)
    checked("framework", path, written, text, data)
    ids = [control["id"] for control in data["controls"]]
    for id in ids:
        if ids.count(id) > 1:
            raise RuleError(f"{path}:1: control {id} stands twice")
    return data
