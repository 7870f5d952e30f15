"""Templates, for expressions and splats: everything that is put together from many pieces.

Encodes the HCL native syntax specification, "For Expressions", "Splat Operators" and "Template Directives".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model import Entry, Map, Seq, Unknown
from linter.parsers.terraform.access import attribute, index
from linter.parsers.terraform.scope import Expr, Scope
from linter.parsers.terraform.unify import type_of
from linter.parsers.terraform.values import (
    ELEMENT_LIMIT,
    STRING_LIMIT,
    List,
    Set,
    Wrong,
    derived,
    elements,
    listed,
    over_budget,
    to_bool,
    to_string,
    type_word,
)


def _each(coll: Any, key: str | None, value: str, scope: Scope) -> Iterator[tuple[Scope, Entry]]:
    """A scope per element, the same object each time with other names."""
    if not isinstance(coll, (Map, Seq)):
        raise Wrong(f"a {type_word(coll)} cannot be iterated")
    inner = scope.bind({})
    names = inner.names
    for position, element, place in elements(coll):
        scope.machine.spend(1)
        if key is not None:
            names[key] = position
        names[value] = element
        yield inner, place


def _wanted(condition: Expr | None, scope: Scope) -> bool | Unknown:
    if condition is None:
        return True
    wanted = to_bool(scope.machine.evaluate(condition, scope))
    if wanted is None:
        raise Wrong("the condition of a for expression is null")
    return wanted if isinstance(wanted, Unknown) else bool(wanted)


def _blind(
    node: Expr, parts: tuple[Expr | None, ...], key: str | None, value: str, doubt: Unknown, scope: Scope
) -> None:
    """Evaluates once with unknown iterators, so that what the body refers to is known."""
    names: dict[str, Any] = {value: derived(doubt)}
    if key is not None:
        names[key] = derived(doubt)
    inner = scope.bind(names)
    for part in parts:
        if part is not None:
            try:
                scope.machine.evaluate(part, inner)
            except Wrong:
                continue


def for_tuple(node: Expr, scope: Scope) -> Any:
    _, start, end, key, value, coll_node, body, condition = node
    coll = scope.machine.evaluate(coll_node, scope)
    if isinstance(coll, Unknown):
        _blind(node, (condition, body), key, value, coll, scope)
        return derived(coll, "list", not_null=True)
    source = scope.source
    result = Seq((source, start, end))
    result.open = coll.open if isinstance(coll, (Map, Seq)) else None
    place = (source, body[1], body[1], body[1], body[2])
    for inner, _ in _each(coll, key, value, scope):
        wanted = _wanted(condition, inner)
        if isinstance(wanted, Unknown):
            result.open = wanted if result.open is None else result.open
        elif wanted:
            result.append(scope.machine.evaluate(body, inner))
            result.at.append(place)
            if len(result) > ELEMENT_LIMIT:
                raise over_budget("a collection of more than 100,000 elements")
    return result


def for_object(node: Expr, scope: Scope) -> Any:
    _, start, end, key, value, coll_node, key_node, body, group, condition = node
    coll = scope.machine.evaluate(coll_node, scope)
    if isinstance(coll, Unknown):
        _blind(node, (condition, key_node, body), key, value, coll, scope)
        return derived(coll, "map", not_null=True)
    source = scope.source
    result = Map((source, start, end))
    result.open = coll.open if isinstance(coll, (Map, Seq)) else None
    place = (source, key_node[1], key_node[2], body[1], body[2])
    for inner, _ in _each(coll, key, value, scope):
        wanted = _wanted(condition, inner)
        name = to_string(scope.machine.evaluate(key_node, inner)) if wanted is not False else None
        if isinstance(wanted, Unknown) or isinstance(name, Unknown):
            doubt = wanted if isinstance(wanted, Unknown) else name
            result.open = doubt if result.open is None else result.open
        elif wanted:
            if name is None:
                raise Wrong("a null key")
            _put(result, name, scope.machine.evaluate(body, inner), place, group)
    return result


def _put(result: Map, name: str, value: Any, place: Entry, group: bool) -> None:
    if group:
        members = result.get(name)
        if members is None:
            members = result[name] = Seq(result.span)
        members.append(value)
        members.at.append((place[0], place[3], place[3], place[3], place[4]))
    elif name in result:
        raise Wrong(f"the key {name!r} is produced twice")
    else:
        result[name] = value
    result.at[name] = place


def splat(node: Expr, scope: Scope) -> Any:
    """obj.*.a and obj[*].a: null gives an empty tuple, anything but a list or set is a list of itself."""
    _, start, end, obj, ops = node[:5]
    value = scope.machine.evaluate(obj, scope)
    if isinstance(value, Unknown):
        return derived(value, "list", not_null=True)
    result = Seq((scope.source, start, end))
    if value is None:
        return result
    if isinstance(value, Seq):
        members: list[Any] = list(value)
        result.open = value.open
        places = value.at
    else:
        members = [value]
        places = [(scope.source, obj[1], obj[1], obj[1], obj[2])]
    for element in members:
        scope.machine.spend(1)
        result.append(_stepped(element, ops, scope, node))
    result.at.extend(places)
    if isinstance(value, (List, Set)):
        return listed(result, type_of(result[0]) if result else value.of, result.span, places)
    return result


def _stepped(element: Any, ops: tuple[Any, ...], scope: Scope, node: Expr) -> Any:
    for number, op in enumerate(ops):
        if op[0] == "attr":
            element = attribute(element, op[1])
        elif op[0] == "index":
            element = index(element, scope.machine.evaluate(op[1], scope))
        else:
            rest = ops[number + 1 :]
            inner = splat(("splat", node[1], node[2], ("lit", node[1], node[2], element), op[1], op[2]), scope)
            return _stepped(inner, rest, scope, node)
    return element


def directive(part: Expr, scope: Scope, pieces: list[str], doubt: Unknown | None) -> Unknown | None:
    """A template's %{if} or %{for}: adds its text, gives back the first unknown."""
    if part[0] == "t_if":
        _, _, _, condition, then_parts, else_parts = part
        wanted = to_bool(scope.machine.evaluate(condition, scope))
        if wanted is None:
            raise Wrong("the condition of a template is null")
        if isinstance(wanted, Unknown):
            pieces_of(then_parts, scope, [], None)
            pieces_of(else_parts or (), scope, [], None)
            return wanted if doubt is None else doubt
        return pieces_of(then_parts if wanted else else_parts or (), scope, pieces, doubt)
    _, _, _, key, value, coll_node, parts = part
    coll = scope.machine.evaluate(coll_node, scope)
    if isinstance(coll, Unknown):
        return coll if doubt is None else doubt
    for inner, _ in _each(coll, key, value, scope):
        doubt = pieces_of(parts, inner, pieces, doubt)
    if isinstance(coll, (Map, Seq)) and coll.open is not None and doubt is None:
        doubt = coll.open
    return doubt


def template(node: Expr, scope: Scope) -> Any:
    pieces: list[str] = []
    doubt = pieces_of(node[3], scope, pieces, None)
    text = "".join(pieces)
    return text if doubt is None else derived(doubt, "string", prefix=text, not_null=True)


def pieces_of(parts: tuple[Expr, ...], scope: Scope, pieces: list[str], doubt: Unknown | None) -> Unknown | None:
    """Adds the text of template parts up to the first unknown, which it gives back."""
    for part in parts:
        op = part[0]
        if op == "lit":
            value: Any = part[3]
        elif op == "t_if" or op == "t_for":
            doubt = directive(part, scope, pieces, doubt)
            continue
        else:
            value = scope.machine.evaluate(part, scope)
        if value.__class__ is not str:
            value = to_string(value)
        if isinstance(value, Unknown):
            if doubt is None:
                doubt = value
                pieces.append(value.prefix)
            continue
        if value is None:
            raise Wrong("a template cannot include null")
        if doubt is None:
            pieces.append(value)
            if len(value) > 10_000 and sum(map(len, pieces)) > STRING_LIMIT:
                raise over_budget("a string of more than 1 MB")
    return doubt
