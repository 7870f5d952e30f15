"""Attributes and elements of values. Encodes "Index" and "Attribute Access" of the HCL native syntax."""

from __future__ import annotations

from typing import Any

from linter.model import Map, Seq, Unknown
from linter.parsers.terraform.values import Set, Wrong, below, derived, to_number, to_string, type_word


def attribute(value: Any, name: str) -> Any:
    """value.name. Raises Wrong."""
    if isinstance(value, Map):
        if name in value:
            return value[name]
        if value.open is not None:
            return below(value.open, "." + name)
        raise Wrong(f"there is no attribute {name!r}")
    if isinstance(value, Unknown):
        return below(value, "." + name)
    raise Wrong(f"a {type_word(value)} has no attribute {name!r}")


def index(value: Any, key: Any) -> Any:
    """value[key]. Raises Wrong."""
    if isinstance(value, Unknown):
        return below(value, f"[{key!r}]" if isinstance(key, (str, int)) else "[…]")
    if isinstance(key, Unknown):
        return _any_of(value, key)
    if isinstance(value, Map):
        name = to_string(key)
        if name is None:
            raise Wrong("a null key")
        if name in value or value.open is None:
            if name in value:
                return value[name]
            raise Wrong(f"there is no element {name!r}")
        return below(value.open, f"[{name!r}]")
    if isinstance(value, Seq) and not isinstance(value, Set):
        position = to_number(key)
        if isinstance(position, int) and 0 <= position < len(value):
            return value[position]
        if value.open is not None:
            return below(value.open, f"[{position}]")
        raise Wrong("there is no such element")
    raise Wrong(f"a {type_word(value)} has no elements by index")


def _any_of(value: Any, key: Unknown) -> Any:
    choices = list(value.values()) if isinstance(value, Map) else list(value) if isinstance(value, Seq) else []
    plain = bool(choices) and value.open is None and isinstance(choices[0], (str, int, float))
    if plain and all(type(choice) is type(choices[0]) and choice == choices[0] for choice in choices):
        return choices[0]
    return derived(key, type_word(choices[0]) if choices else "")
