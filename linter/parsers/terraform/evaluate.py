"""Evaluation of HCL expressions (tuples of `syntax.hcl`) to values that know their places.

Encodes the HCL native syntax specification, "Expressions" and "Templates". Results are plain values, `model.Map`,
`model.Seq` or `model.Unknown`; an unknown operand gives an unknown with what is known of it all the same (Kleene's
logic for && and ||). Raises values.Wrong for what Terraform itself would refuse, values.Stop over budget.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from linter.model import Map, Seq, Unknown
from linter.parsers.terraform import operators
from linter.parsers.terraform.values import (
    STRING_LIMIT,
    Set,
    Stop,
    Wrong,
    below,
    derived,
    over_budget,
    sized,
    to_bool,
    to_number,
    to_string,
    type_word,
)

Expr = tuple[Any, ...]
DEPTH_LIMIT = 110
CHAIN_DEPTH = 50
CHAIN_LIMIT = 1_000
STEP_LIMIT = 1_000_000
VALUE_STEP_LIMIT = 200_000


class Machine:
    """What one evaluation of one unit may spend, and the addresses that the value in hand has touched.

    steps: spent so far; limit: where the value in hand must stop; touched: address or `?subject` → address or Unknown.
    """

    __slots__ = ("depth", "draining", "limit", "steps", "touched")

    def __init__(self) -> None:
        self.depth = 0
        self.draining = False
        self.steps = 0
        self.limit = VALUE_STEP_LIMIT
        self.touched: dict[str, str | Unknown] = {}

    def spend(self, steps: int) -> None:
        self.steps += steps
        if self.steps > self.limit:
            raise over_budget("an expression that takes too many steps")


class Resolver(Protocol):
    """Gives names meaning: the value of `root` and how many of the traversal's steps it used up."""

    def lookup(self, root: str, steps: list[Expr], scope: Scope) -> tuple[Any, int]: ...


class Scope:
    """Where an expression stands: its source, the names bound around it, and who resolves all others."""

    __slots__ = ("machine", "names", "resolver", "source")

    def __init__(self, machine: Machine, resolver: Resolver | None, source: int, names: dict[str, Any]) -> None:
        self.machine = machine
        self.resolver = resolver
        self.source = source
        self.names = names

    def bind(self, names: dict[str, Any]) -> Scope:
        return Scope(self.machine, self.resolver, self.source, {**self.names, **names})


def evaluate(node: Expr, scope: Scope) -> Any:
    """The value of an expression. Raises Wrong and Stop."""
    op = node[0]
    if op == "lit":
        return node[3]
    machine = scope.machine
    machine.steps += 1
    if machine.steps > machine.limit:
        raise over_budget("an expression that takes too many steps")
    if machine.depth >= DEPTH_LIMIT:
        raise over_budget("a deeply nested expression")
    machine.depth += 1
    try:
        return HANDLERS[op](node, scope)
    finally:
        machine.depth -= 1


class Deeper(Exception):
    """A named value stands at the end of a chain too long to follow by recursion: to be computed first, by itself."""

    def __init__(self, resolve: Callable[[], Any]) -> None:
        super().__init__()
        self.resolve = resolve


def guarded(node: Expr, scope: Scope) -> Any:
    """The value of an expression, errors as Unknown values, within the budget of one value.

    Raises Deeper where it is itself part of the computation of another value.
    """
    if node[0] == "lit":
        return node[3]
    machine = scope.machine
    limit = machine.limit
    machine.limit = min(machine.steps + VALUE_STEP_LIMIT, STEP_LIMIT)
    try:
        return sized(evaluate(node, scope))
    except Wrong as error:
        return Unknown("expression", str(error), "Terraform refuses this expression: correct it")
    except Stop as stop:
        return stop.unknown
    except Deeper as deeper:
        if machine.draining:
            raise
        return _drained(deeper, node, scope)
    finally:
        machine.limit = limit


def _drained(deeper: Deeper, node: Expr, scope: Scope) -> Any:
    """Computes the far ends of a chain of names first, then the expression itself."""
    machine = scope.machine
    machine.draining = True
    pending = [deeper.resolve]
    try:
        while pending:
            depth, touched = machine.depth, machine.touched
            try:
                pending[-1]()
                pending.pop()
            except Deeper as further:
                pending.append(further.resolve)
            machine.depth, machine.touched = depth, touched
            if len(pending) > CHAIN_LIMIT:
                return Unknown("budget", "a chain of too many names")
    finally:
        machine.draining = False
    return guarded(node, scope)


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


def traverse(node: Expr, scope: Scope) -> Any:
    """A reference: the root's resolver takes as many steps as it needs, the rest are attributes and indexes."""
    steps: list[Expr] = []
    while node[0] == "attr" or node[0] == "index":
        steps.append(node)
        node = node[3]
    steps.reverse()
    used = 0
    if node[0] == "var":
        name = node[3]
        if name in scope.names:
            value = scope.names[name]
        elif scope.resolver is None:
            raise Wrong(f"there is no {name}")
        else:
            value, used = scope.resolver.lookup(name, steps, scope)
    else:
        value = evaluate(node, scope)
    for step in steps[used:] if used else steps:
        value = attribute(value, step[4]) if step[0] == "attr" else index(value, evaluate(step[4], scope))
    return value


def _template(node: Expr, scope: Scope) -> Any:
    pieces: list[str] = []
    doubt = _pieces(node[3], scope, pieces, None)
    text = "".join(pieces)
    return text if doubt is None else derived(doubt, "string", prefix=text, not_null=True)


def _pieces(parts: tuple[Expr, ...], scope: Scope, pieces: list[str], doubt: Unknown | None) -> Unknown | None:
    """Adds the text of template parts up to the first unknown, which it gives back."""
    for part in parts:
        op = part[0]
        if op == "lit":
            value: Any = part[3]
        elif op == "t_if" or op == "t_for":
            from linter.parsers.terraform import iterate

            doubt = iterate.directive(part, scope, pieces, doubt)
            continue
        else:
            value = evaluate(part, scope)
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


def _operand(node: Expr, scope: Scope) -> Any:
    return evaluate(node, scope) if node[0] != "lit" else node[3]


def _binary(node: Expr, scope: Scope) -> Any:
    """Chains of operators lean to the left, 20,000 deep where someone writes 20,000 terms: walked, not recursed."""
    chain: list[tuple[str, Expr]] = []
    while node[0] == "bin":
        chain.append((node[3], node[5]))
        node = node[4]
    value = _operand(node, scope)
    for op, right in reversed(chain):
        if op == "&&" or op == "||":
            value = _logical(op, value, right, scope)
        else:
            value = operators.binary(op, value, _operand(right, scope))
    return value


def _logical(op: str, left: Any, right: Expr, scope: Scope) -> Any:
    decided = op == "||"
    first = to_bool(left)
    if first is decided:
        return decided
    second = to_bool(_operand(right, scope))
    if first is None or second is None:
        raise Wrong(f"{op} needs bools, not null")
    if second is decided:
        return decided
    if isinstance(first, Unknown):
        return first
    return second


def _unary(node: Expr, scope: Scope) -> Any:
    signs: list[str] = []
    while node[0] == "un":
        signs.append(node[3])
        node = node[4]
    value = _operand(node, scope)
    for sign in reversed(signs):
        value = operators.unary(sign, value)
    return value


def _conditional(node: Expr, scope: Scope) -> Any:
    while node[0] == "cond" or node[0] == "paren":
        if node[0] == "paren":
            node = node[3]
            continue
        condition = to_bool(_operand(node[3], scope))
        if condition is None:
            raise Wrong("the condition is null")
        if isinstance(condition, Unknown):
            return operators.either(condition, _attempt(node[4], scope), _attempt(node[5], scope))
        chosen, other = (node[4], node[5]) if condition else (node[5], node[4])
        if chosen[0] in _PLAIN or (chosen[0] == "lit" and not isinstance(chosen[3], (bool, int, float))):
            node = chosen
            continue
        return operators.unified(_operand(chosen, scope), partial(_untouched, other, scope))
    return _operand(node, scope)


_PLAIN = frozenset({"tmpl", "object", "for_object"})


def _attempt(node: Expr, scope: Scope) -> Any:
    try:
        return _operand(node, scope)
    except Wrong as error:
        return Unknown("expression", str(error))


def _untouched(node: Expr, scope: Scope) -> Any:
    """The value of the branch that was not taken, for its type only: it refers to nothing."""
    machine = scope.machine
    touched, machine.touched = machine.touched, {}
    try:
        return _attempt(node, scope)
    finally:
        machine.touched = touched


def _tuple(node: Expr, scope: Scope) -> Seq:
    source = scope.source
    result = Seq((source, node[1], node[2]))
    at = result.at
    for item in node[3]:
        result.append(item[3] if item[0] == "lit" else evaluate(item, scope))
        at.append((source, item[1], item[1], item[1], item[2]))
    return result


def _object(node: Expr, scope: Scope) -> Map:
    source = scope.source
    result = Map((source, node[1], node[2]))
    at = result.at
    for key_node, item in node[3]:
        key = key_node[3] if key_node[0] == "lit" else evaluate(key_node, scope)
        value = item[3] if item[0] == "lit" else evaluate(item, scope)
        if key.__class__ is not str:
            key = to_string(key)
            if key is None:
                raise Wrong("an object key is null")
            if isinstance(key, Unknown):
                result.open = key if result.open is None else result.open
                continue
        result[key] = value
        at[key] = (source, key_node[1], key_node[2], item[1], item[2])
    return result


def _call(node: Expr, scope: Scope) -> Any:
    from linter.parsers.terraform import functions

    return functions.call(node, scope)


def _iterate(node: Expr, scope: Scope) -> Any:
    from linter.parsers.terraform import iterate

    return iterate.HANDLERS[node[0]](node, scope)


def _error(node: Expr, scope: Scope) -> Any:
    raise Stop(Unknown("expression", "an expression that could not be read", "correct its syntax"))


HANDLERS: dict[str, Callable[[Expr, Scope], Any]] = {
    "lit": _operand,
    "tmpl": _template,
    "wrap": lambda node, scope: evaluate(node[3], scope),
    "paren": lambda node, scope: evaluate(node[3], scope),
    "var": traverse,
    "attr": traverse,
    "index": traverse,
    "splat": _iterate,
    "for_tuple": _iterate,
    "for_object": _iterate,
    "call": _call,
    "un": _unary,
    "bin": _binary,
    "cond": _conditional,
    "tuple": _tuple,
    "object": _object,
    "error": _error,
}
