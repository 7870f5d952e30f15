"""Formats by name. Each is a function `render(report, options) -> str`, imported only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from linter.report import Report

Render = Callable[[Report, Mapping[str, Any]], str]

REPORTERS: dict[str, str] = {
    "text": "linter.reporters.text:render",
    "sarif": "linter.reporters.sarif:render",
    "json": "linter.reporters.json:render",
    "github-summary": "linter.reporters.github:summary",
    "github-annotations": "linter.reporters.github:workflow_commands",
}
"""Name of a format → "module:function"."""


def renderer(name: str) -> Render:
    """The function that renders a format. Raises KeyError for a name REPORTERS does not have."""
    from importlib import import_module

    module, function = REPORTERS[name].split(":")
    found: Render = getattr(import_module(module), function)
    return found
