"""Type constraints of variables, and conversion of values to them.

Encodes "Type Constraints" of the Terraform language: primitive types, list, set, map, tuple, object with optional()
attributes and their defaults, any. A type is a tuple: ("string",), ("list", T), ("tuple", (T, …)),
("object", {name: (T, optional, default expression or None)}).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from linter.model import Map, Seq, Unknown
from linter.parsers.terraform.compare import as_set
from linter.parsers.terraform.values import (
    Set,
    Wrong,
    derived,
    here,
    over_budget,
    to_bool,
    to_number,
    to_string,
    type_word,
)

Type = tuple[Any, ...]
Expr = tuple[Any, ...]
ANY: Type = ("any",)
_PRIMITIVES = {"string": to_string, "number": to_number, "bool": to_bool}
_COLLECTIONS = frozenset({"list", "set", "map"})
_DEPTH = 50


def read(node: Expr, depth: int = 0) -> Type:
    """The type a constraint expression names; ("any",) where it names none."""
    if depth > _DEPTH:
        return ANY
    if node[0] in ("wrap", "paren"):
        return read(node[3], depth + 1)
    if node[0] == "var":
        name = node[3]
        return (name,) if name in _PRIMITIVES else (name, ANY) if name in _COLLECTIONS else ANY
    if node[0] == "lit" and node[3] in ("string", "list", "map"):
        return (node[3],) if node[3] == "string" else (node[3], ANY)
    if node[0] != "call" or not node[4]:
        return ANY
    name, argument = node[3], node[4][0]
    if name in _COLLECTIONS:
        return name, read(argument, depth + 1)
    if name == "tuple" and argument[0] == "tuple":
        return "tuple", tuple(read(item, depth + 1) for item in argument[3])
    if name == "object" and argument[0] == "object":
        return "object", {
            key[3]: _attribute(item, depth) for key, item in argument[3] if key[0] == "lit" and isinstance(key[3], str)
        }
    return ANY


def _attribute(node: Expr, depth: int) -> tuple[Type, bool, Expr | None]:
    if node[0] == "call" and node[3] == "optional" and node[4]:
        arguments = node[4]
        return read(arguments[0], depth + 1), True, arguments[1] if len(arguments) > 1 else None
    return read(node, depth + 1), False, None


def word(type_: Type) -> str:
    """The word `Unknown.type` uses."""
    name = type_[0]
    if name in _PRIMITIVES:
        return str(name)
    return {"list": "list", "set": "list", "tuple": "list", "map": "map", "object": "map"}.get(name, "")


def convert(value: Any, type_: Type, default: Callable[[Expr], Any], depth: int = 0) -> Any:
    """The value as a variable of that type holds it; `default` evaluates the default of an optional() attribute.

    Gives the same object where nothing changes. Raises Wrong where Terraform refuses the value.
    """
    name = type_[0]
    if name == "any" or value is None:
        return value
    if isinstance(value, Unknown):
        expected = word(type_)
        return derived(value, expected, not_null=value.not_null) if expected and not value.type else value
    primitive = _PRIMITIVES.get(name)
    if primitive is not None:
        return primitive(value)
    if depth > _DEPTH:
        raise over_budget("a deeply nested value")
    if name == "object" or name == "map":
        if not isinstance(value, Map):
            raise Wrong(f"a map is required, not a {type_word(value)}")
        if name == "map":
            return _map(value, type_[1], default, depth)
        return _object(value, type_[1], default, depth)
    if not isinstance(value, Seq):
        raise Wrong(f"a list is required, not a {type_word(value)}")
    if name == "tuple":
        if len(value) != len(type_[1]) and value.open is None:
            raise Wrong(f"a tuple of {len(type_[1])} elements is required")
        return _elements(value, list(type_[1]), default, depth)
    converted = _elements(value, [type_[1]] * len(value), default, depth)
    if type_[1][0] == "any":
        converted = unify(converted)
    if name == "set":
        return converted if isinstance(converted, Set) else as_set(converted)
    return plain_list(converted)


def plain_list(value: Seq) -> Seq:
    if not isinstance(value, Set):
        return value
    result = Seq(value.span)
    result.extend(value)
    result.at.extend(value.at)
    result.open = value.open
    return result


def _elements(value: Seq, types: list[Type], default: Callable[[Expr], Any], depth: int) -> Seq:
    converted = [convert(element, type_, default, depth + 1) for element, type_ in zip(value, types, strict=False)]
    if all(new is old for new, old in zip(converted, value, strict=False)):
        return value
    result = Set(value.span) if isinstance(value, Set) else Seq(value.span)
    result.extend(converted)
    result.at.extend(value.at[: len(converted)])
    result.open = value.open
    return result


def _map(value: Map, type_: Type, default: Callable[[Expr], Any], depth: int) -> Map:
    converted = {key: convert(element, type_, default, depth + 1) for key, element in value.items()}
    if all(converted[key] is element for key, element in value.items()):
        return value
    result = Map(value.span)
    result.update(converted)
    result.at.update(value.at)
    result.open = value.open
    return result


def _object(value: Map, attributes: dict[str, Any], default: Callable[[Expr], Any], depth: int) -> Map:
    """Attributes the type does not name are dropped, optional ones take their default or null."""
    result = Map(value.span)
    result.open = value.open
    for key, (type_, optional, fallback) in attributes.items():
        present = value.get(key)
        if key in value and (isinstance(present, Unknown) or present is not None or fallback is None):
            result[key] = convert(present, type_, default, depth + 1)
            result.at[key] = value.at[key]
        elif optional or key in value:
            missing = default(fallback) if fallback is not None else None
            result[key] = convert(missing, type_, default, depth + 1)
            result.at[key] = value.at.get(key) or here(value.span)
        elif value.open is None:
            raise Wrong(f"the attribute {key!r} is required")
    return result


def unify(value: Seq) -> Seq:
    """Elements of a list converted to one primitive type, as tolist does: string before number and bool."""
    words = {type_word(element) for element in value if element is not None}
    if len(words) < 2 or not words <= {"string", "number", "bool"}:
        return value
    if words == {"number", "bool"}:
        raise Wrong("the elements have no common type")
    result = Seq(value.span)
    result.extend(to_string(element) for element in value)
    result.at.extend(value.at)
    result.open = value.open
    return result
