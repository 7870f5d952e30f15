"""Type constraints of variables, and conversion of values to them.

Encodes "Type Constraints" of the Terraform language: primitive types, list, set, map, tuple, object with optional()
attributes and their defaults, any. A type is a tuple: ("string",), ("list", T), ("tuple", (T, …)),
("object", {name: (T, optional, default expression or None)}).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from linter.model import Map, Seq, Unknown
from linter.parsers.terraform.compare import as_set
from linter.parsers.terraform.unify import bare, converts, type_of, unified
from linter.parsers.terraform.values import ANY as ANY
from linter.parsers.terraform.values import (
    List,
    Set,
    Table,
    Wrong,
    derived,
    here,
    over_budget,
    to_bool,
    to_number,
    to_string,
    type_word,
)
from linter.parsers.terraform.values import Type as Type

Expr = tuple[Any, ...]
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


def _no_default(node: Expr) -> Any:
    return None


def convert(value: Any, type_: Type, default: Callable[[Expr], Any] = _no_default, depth: int = 0) -> Any:
    """The value as a variable of that type holds it; `default` evaluates the default of an optional() attribute.

    `any` within a collection's type is the one type its elements can all have. Raises Wrong where Terraform refuses
    the value.
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
        if isinstance(value, (List, Set)) or (len(value) != len(type_[1]) and value.open is None):
            raise Wrong(f"a tuple of {len(type_[1])} elements is required")
        converted = [convert(item, kind, default, depth + 1) for item, kind in zip(value, type_[1], strict=False)]
        return _filled(Seq(value.span), converted, value)
    return _collected(value, type_, default, depth)


def _collected(value: Seq, type_: Type, default: Callable[[Expr], Any], depth: int) -> Seq:
    """A list or a set."""
    made = List if type_[0] == "list" else Set
    if isinstance(value, made) and (type_[1] == ANY or (type_[1] == value.of and len(type_[1]) == 1)):
        return value
    if not value and isinstance(value, (List, Set)) and not converts(value.of, type_[1]):
        raise Wrong("the elements are of another type")
    members, of = _members(value, type_[1], default, depth)
    if made is Set:
        plain = _filled(Seq(value.span), members, value)
        found = as_set(plain)
        found.of = of
        return found
    result = List(value.span)
    result.of = of
    return _filled(result, members, value)


def _filled(result: Seq, members: list[Any], value: Seq) -> Seq:
    result.extend(members)
    result.at.extend(value.at[: len(members)])
    result.open = value.open
    return result


def _members(
    values: Iterable[Any], type_: Type, default: Callable[[Expr], Any], depth: int, table: bool = False
) -> tuple[list[Any], Type]:
    """The elements of a collection, all of one type, and that type."""
    if type_ == ANY:
        members = list(values)
    else:
        members = [convert(element, type_, default, depth + 1) for element in values]
    if len(type_) == 1 and type_ != ANY:
        return members, type_
    if not members:
        return members, bare(type_)
    if all(isinstance(member, str) for member in members):
        return members, ("string",)
    of = unified([type_of(member) for member in members])
    if of is None:
        raise Wrong("the elements have no common type")
    converted = [convert(member, of, default, depth + 1) for member in members]
    if table and of == ANY:
        return converted, of
    if "any" in str(of) and any(isinstance(member, (Map, Seq)) for member in members):
        _alike(converted)
    return converted, of


def _alike(members: list[Any]) -> None:
    """Refuses elements that null or an empty collection among them has kept from being converted to one type."""
    if any(member is None for member in members) and any(isinstance(member, (Map, Seq)) for member in members):
        raise Wrong("the elements have no common type")
    first = type_of(members[0])
    if any(type_of(member) != first for member in members[1:]):
        raise Wrong("the elements have no common type")


def _map(value: Map, type_: Type, default: Callable[[Expr], Any], depth: int) -> Map:
    if isinstance(value, Table) and (type_ == ANY or (type_ == value.of and len(type_) == 1)):
        return value
    members, of = _members(value.values(), type_, default, depth, True)
    result = Table(value.span)
    result.of = of
    result.update(zip(value, members, strict=True))
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
    """A tuple as the list that tolist makes of it. Raises Wrong where its elements have no common type."""
    converted: Seq = convert(value, ("list", ANY))
    return converted
