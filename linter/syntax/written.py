"""What our own YAML files say, as plain values, and where they say it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from linter.model import Map, Seq


def plain(value: Any) -> Any:
    """Values without their places, as JSON knows them."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def offset_of(value: Any, steps: Sequence[str | int]) -> int:
    """Where the entry at the end of `steps` is written, or the last one on the way that is; 0 for the whole."""
    offset = 0
    for step in steps:
        if isinstance(value, dict) and step in value:
            offset = value.at[step][1] if isinstance(value, Map) and step in value.at else offset
        elif isinstance(value, Seq) and isinstance(step, int) and step < len(value):
            offset = value.at[step][3]
        else:
            break
        value = value[step]
    return offset
