"""sarif-om's objects as compact JSON: what differs from SARIF's defaults, in the object model's order."""

from __future__ import annotations

import json
from typing import Any

Table = tuple[tuple[str, str, Any], ...]

_KEPT = frozenset({("Result", "level"), ("Notification", "level"), ("ReportingConfiguration", "level")})
"""Written even where they equal the default: a rule's own level would be read in their place (SARIF 2.1.0 §3.27.10)."""

_RENAMED = {("Suppression", "state"): "status"}
"""sarif-om 1.0.4 has a draft's name (SARIF 2.1.0 §3.35.3)."""


def write(log: Any) -> str:
    """The JSON text of an object of sarif-om, with a line break at its end and without lone surrogates."""
    text = json.dumps(_plain(log, {}), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode("utf-8") + "\n"


def _plain(value: Any, tables: dict[type, Table]) -> Any:
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(item, tables) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item, tables) for key, item in value.items()}
    kind = type(value)
    table = tables.get(kind)
    if table is None:
        table = tables[kind] = _table(kind)
    found: dict[str, Any] = {}
    for attribute, name, default in table:
        item = getattr(value, attribute)
        if item is not None and item != default:
            found[name] = _plain(item, tables)
    return found


def _table(kind: type) -> Table:
    """(attribute, JSON name, default to leave out) of a class of the object model."""
    import attr

    rows: list[tuple[str, str, Any]] = []
    for field in attr.fields(kind):
        default: Any = field.default
        if default is attr.NOTHING or (kind.__name__, field.name) in _KEPT:
            default = None
        elif isinstance(default, attr.Factory):  # type: ignore[arg-type]
            default = default.factory()
        name = _RENAMED.get((kind.__name__, field.name), field.metadata["schema_property_name"])
        rows.append((field.name, name, default))
    return tuple(rows)
