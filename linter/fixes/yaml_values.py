"""Plain values as YAML: scalars quoted where they need it, short lists in flow style, mappings as lines."""

from __future__ import annotations

from typing import Any

from linter.syntax.yaml_scalars import resolver

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+=@$ ()'!<>|&*~;^%")
_FIRST = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./$+(")


def scalar(value: Any, in_flow: bool = False) -> str:
    """A scalar that YAML 1.1 and 1.2 read back as the same value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, (int, float)):
        return str(value)
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} is no scalar")
    if _is_plain(value, in_flow):
        return value
    if "'" not in value and value.isprintable():
        return f"'{value}'"
    return _double(value)


def _is_plain(value: str, in_flow: bool) -> bool:
    """Whether a text may stand without quotes; `${{ … }}` may in block style, as people write it."""
    body = value
    if body.startswith("${{") and body.endswith("}}") and not in_flow:
        body = body[3:-2]
        return body.isprintable() and not any(mark in body for mark in (": ", " #", "\n", "{", "}"))
    if not body or body != body.strip() or body[0] not in _FIRST or not _PLAIN.issuperset(body):
        return False
    return isinstance(resolver("1.1")(body), str) and isinstance(resolver("1.2")(body), str)


def _double(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    escaped = escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return f'"{escaped}"'


def flow(value: Any, quoted: bool = False) -> str:
    """A value in flow style. quoted: as JSON writes it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(str(key), quoted)}: {flow(item, quoted)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item, quoted) for item in value) + "]"
    return _double(value) if quoted and isinstance(value, str) else scalar(value, True)


def block_lines(value: dict[str, Any], column: int) -> list[str]:
    """A mapping as lines of block style, without line breaks; lists and empty mappings in flow style."""
    lines = []
    for key, item in value.items():
        name = f"{' ' * column}{scalar(str(key))}:"
        if isinstance(item, dict) and item:
            lines += [name, *block_lines(item, column + 2)]
        else:
            lines.append(f"{name} {flow(item) if isinstance(item, (dict, list)) else scalar(item)}")
    return lines
