"""The published JSON Schemas: rule files, opslint.yaml, framework files and the JSON report."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from json import loads
from typing import Any


@cache
def schema(name: str) -> dict[str, Any]:
    """The schema `name` ('rule', 'config', 'framework', 'report') as JSON values."""
    loaded: dict[str, Any] = loads(files(__package__).joinpath(f"{name}.schema.json").read_bytes())
    return loaded
