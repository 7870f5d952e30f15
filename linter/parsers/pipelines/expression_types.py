"""Types of GitHub expressions: what an expression can be known to yield, and what in it cannot be meant.

Stricter than GitHub, which converts everything to everything: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
A type is "any", "number", "bool", "string", "null", ("array", element), ("filter", element) for what `.*` leaves, or
("object", {lower-case name: type}, type of every other property or None where there is no other). Any is never wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from linter.parsers.pipelines.expression_functions import FUNCTIONS, literal_json, placeholders
from linter.parsers.pipelines.expression_nodes import Node
from linter.records import NamedTuple

Type = Any
ANY, NUMBER, BOOL, STRING, NULL = "any", "number", "bool", "string", "null"
LOOSE: Type = ("object", {}, ANY)
STRINGS: Type = ("object", {}, STRING)
_MOST_NAMED = 12


def strict(**properties: Type) -> Type:
    """An object with these properties and no other; `_` in names stands as it is."""
    return ("object", properties, None)


class Fault(NamedTuple):
    """refused: GitHub does not read the file for it; else the expression yields nothing, or always the same."""

    start: int
    end: int
    message: str
    refused: bool


class Scope(NamedTuple):
    """contexts and functions: what may stand here. type_of: a context's type. place: where this is, in words."""

    contexts: frozenset[str]
    functions: frozenset[str]
    type_of: Callable[[str], Type]


CONTEXTS = frozenset(
    ("github", "env", "vars", "job", "jobs", "steps", "runner", "secrets", "strategy", "matrix", "needs", "inputs")
)
SPECIAL = frozenset(("always", "cancelled", "success", "failure", "hashfiles"))


def is_object(kind: Type) -> bool:
    return kind.__class__ is tuple and kind[0] == "object"


def is_array(kind: Type) -> bool:
    return kind.__class__ is tuple and kind[0] != "object"


def shown(kind: Type) -> str:
    """A type in words."""
    if is_object(kind):
        return "an object"
    if is_array(kind):
        return "a list"
    return {"any": "any value", "bool": "a truth value", "string": "a text", "null": "null"}.get(kind, f"a {kind}")


def merge(left: Type, right: Type) -> Type:
    """What is either the one or the other."""
    if left == right:
        return left
    if is_object(left) and is_object(right):
        names: dict[str, Type] = {}
        for name, kind in (*left[1].items(), *right[1].items()):
            names[name] = merge(names[name], kind) if name in names else kind
        rest = left[2] if right[2] is None else right[2] if left[2] is None else merge(left[2], right[2])
        return ("object", names, rest)
    if is_array(left) and is_array(right):
        return ("array", merge(left[1], right[1]))
    return STRING if (left, right) in ((NUMBER, STRING), (STRING, NUMBER)) else ANY


def merged(kinds: Iterable[Type]) -> Type:
    found: Type = None
    for kind in kinds:
        found = kind if found is None else merge(found, kind)
        if found == ANY:
            return ANY
    return ANY if found is None else found


def judge(node: Node, scope: Scope, faults: list[Fault]) -> Type:
    """The type of an expression; appends what is wrong. The parser bounds the depth."""
    return _JUDGES[node[0]](node, scope, faults)


def _literal(node: Node, _: Scope, __: list[Fault]) -> Type:
    return of_value(node[3])


def of_value(value: Any, depth: int = 0) -> Type:
    """The type of a plain value."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, (int, float)):
        return NUMBER
    if isinstance(value, str):
        return STRING
    if depth > 20:
        return ANY
    if isinstance(value, dict):
        return ("object", {str(key).lower(): of_value(item, depth + 1) for key, item in value.items()}, None)
    if isinstance(value, list):
        return ("array", merged(of_value(item, depth + 1) for item in value))
    return ANY


def _context(node: Node, scope: Scope, faults: list[Fault]) -> Type:
    path = node[3]
    root: str = path[0]
    if root not in CONTEXTS:
        faults.append(Fault(node[1], node[1] + len(root), f"there is no context `{root}`", True))
    elif root not in scope.contexts:
        usable = _listed(scope.contexts)
        message = f"`{root}` is not available here: {f'only {usable}' if usable else 'no context is'}"
        faults.append(Fault(node[1], node[1] + len(root), message, True))
    else:
        return _followed(scope.type_of(root), path[1:], node, root, scope, faults)
    return _followed(ANY, path[1:], node, root, scope, faults)


def _listed(names: Iterable[str]) -> str:
    found = sorted(names)
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    return ", ".join(f"`{name}`" for name in found[:_MOST_NAMED]) + more


def _dereferenced(node: Node, scope: Scope, faults: list[Fault]) -> Type:
    return _followed(judge(node[3], scope, faults), node[4], node, "this", scope, faults)


def _followed(kind: Type, path: tuple[Any, ...], node: Node, name: str, scope: Scope, faults: list[Fault]) -> Type:
    """The type at the end of a path; where it leads nowhere, that is said once and the rest is any."""
    for part in path:
        indexed = ANY
        if not isinstance(part, str):
            indexed = judge(part, scope, faults)
        if kind == ANY:
            kind = ("filter", ANY) if part == "*" else ANY
            continue
        problem, kind = _step(kind, part, indexed, name)
        if problem:
            faults.append(Fault(node[1], node[2], problem, False))
            kind = ANY
        name = f"{name}.{part}" if isinstance(part, str) else f"{name}[…]"
    return kind


def _step(kind: Type, part: Any, indexed: Type, name: str) -> tuple[str, Type]:
    if part == "*":
        return _filtered(kind, name)
    if is_object(kind):
        return _property(kind, part, indexed, name)
    if not isinstance(part, str):
        if not is_array(kind):
            return f"`{name}` is {shown(kind)}, which has no elements", ANY
        if indexed not in (ANY, NUMBER):
            return f"an element of the list `{name}` is chosen by a number, not by {shown(indexed)}", ANY
        return "", kind[1]
    if kind.__class__ is tuple and kind[0] == "filter":
        problem, inner = _step(kind[1], part, indexed, f"{name}") if kind[1] != ANY else ("", ANY)
        return problem, ("filter", inner)
    return f"`{name}` is {shown(kind)}, which has no `{part}`", ANY


def _property(kind: Type, part: Any, indexed: Type, name: str) -> tuple[str, Type]:
    if isinstance(part, str):
        found = kind[1].get(part, kind[2])
        if found is not None:
            return "", found
        return f"`{name}` has no `{part}`" + (f": it has {_listed(kind[1])}" if kind[1] else " here"), ANY
    if indexed in (ANY, STRING) or any(key.isdigit() for key in kind[1]):
        return "", ANY if kind[2] is None or kind[1] else kind[2]
    return f"a property of the object `{name}` is chosen by a text, not by {shown(indexed)}", ANY


def _filtered(kind: Type, name: str) -> tuple[str, Type]:
    if is_array(kind):
        inner = kind[1]
        return "", ("filter", inner[1] if kind[0] == "filter" and is_array(inner) else inner)
    if is_object(kind):
        return "", ("filter", kind[2] if kind[2] is not None else merged(kind[1].values()))
    return f"`{name}` is {shown(kind)}, which has nothing for `.*`", ("filter", ANY)


def _call(node: Node, scope: Scope, faults: list[Fault]) -> Type:
    name, args = node[3], node[4]
    kinds = [judge(arg, scope, faults) for arg in args]
    function = FUNCTIONS.get(name)
    if function is None:
        faults.append(Fault(node[1], node[1] + len(name), f"there is no function `{name}`", True))
        return ANY
    if name in SPECIAL and name not in scope.functions:
        where = "in the conditions" if name != "hashfiles" else "in the entries"
        message = f"`{name}` is not available here: only {where} of steps" + (
            "" if name == "hashfiles" else " and jobs"
        )
        faults.append(Fault(node[1], node[2], message, True))
    least, most = function.least, function.most
    if not least <= len(args) <= most or (name == "case" and len(args) % 2 == 0):
        takes = str(least) if least == most else f"{least} to {most}" if most < 200 else f"at least {least}"
        odd = " and an odd number of" if name == "case" else ""
        given = f"{len(args)} are given" if len(args) != 1 else "1 is given"
        faults.append(Fault(node[1], node[2], f"`{name}` takes {takes}{odd} arguments, and {given}", True))
        return function.returns
    return _applied(node, kinds, faults)


def _applied(node: Node, kinds: list[Type], faults: list[Fault]) -> Type:
    name, args = node[3], node[4]
    function = FUNCTIONS[name]
    for number, (kind, arg) in enumerate(zip(kinds, args, strict=True)):
        wanted = function.takes[min(number, len(function.takes) - 1)]
        if not _fits(kind, wanted):
            what = {"string": "a text", "list": "a list or a text", "any": "any value"}[wanted]
            message = f"`{name}` wants {what} as argument {number + 1}, not {shown(kind)}"
            faults.append(Fault(arg[1], arg[2], message, False))
    first = args[0] if args else None
    if first is not None and first[0] == "lit" and isinstance(first[3], str):
        if name == "format":
            problem = placeholders(first[3], len(args) - 1)
            if problem:
                faults.append(Fault(node[1], node[2], problem, False))
        elif name == "fromjson":
            value, problem = literal_json(first[3])
            if problem:
                faults.append(Fault(first[1], first[2], problem, False))
                return ANY
            return of_value(value)
    if name == "case":
        return merged([*kinds[1:-1:2], kinds[-1]])
    return function.returns


def _fits(kind: Type, wanted: str) -> bool:
    if kind == ANY or wanted == "any":
        return True
    return kind in (STRING, NUMBER) or (wanted == "list" and is_array(kind))


def _or(node: Node, scope: Scope, faults: list[Fault]) -> Type:
    return merged([kind for kind in (judge(each, scope, faults) for each in node[3]) if kind != NULL] or [NULL])


def _and(node: Node, scope: Scope, faults: list[Fault]) -> Type:
    return [judge(each, scope, faults) for each in node[3]][-1]


def _not(node: Node, scope: Scope, faults: list[Fault]) -> Type:
    judge(node[3], scope, faults)
    return BOOL


def _compared(node: Node, scope: Scope, faults: list[Fault]) -> Type:
    kinds = [judge(each, scope, faults) for each in node[4]]
    for number, operator in enumerate(node[3]):
        left = kinds[0] if number == 0 else BOOL
        right = kinds[number + 1]
        equal = operator in ("==", "!=")
        if not (_equatable(left, right) if equal else _ordered(left) and _ordered(right)):
            message = f"{shown(left)} and {shown(right)} cannot be compared by `{operator}`"
            faults.append(Fault(node[1], node[2], message, False))
    return BOOL


def _equatable(left: Type, right: Type) -> bool:
    if ANY in (left, right) or NULL in (left, right):
        return True
    if is_array(left) and is_array(right):
        return _equatable(left[1], right[1])
    return is_object(left) == is_object(right) and is_array(left) == is_array(right)


def _ordered(kind: Type) -> bool:
    return kind in (ANY, NUMBER, STRING)


_JUDGES: dict[str, Callable[[Node, Scope, list[Fault]], Type]] = {
    "lit": _literal, "ctx": _context, "deref": _dereferenced, "call": _call, "or": _or, "and": _and, "not": _not,
    "cmp": _compared,
}  # fmt: skip
