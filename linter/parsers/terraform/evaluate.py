"""Evaluation of HCL expressions (tuples of `syntax.hcl`) to values that know their places.

Encodes the HCL native syntax specification, "Expressions" and "Templates". Results are plain values, `model.Map`,
`model.Seq` or `model.Unknown`; an unknown operand gives an unknown with what is known of it all the same (Kleene's
logic for && and ||). Raises values.Wrong for what Terraform itself would refuse, values.Stop over budget.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from linter.model import Map, Seq, Unknown
from linter.parsers.terraform import functions, iterate, operators
from linter.parsers.terraform.access import attribute, index
from linter.parsers.terraform.compare import sized
from linter.parsers.terraform.scope import (
    CHAIN_LIMIT,
    DEPTH_LIMIT,
    STEP_LIMIT,
    VALUE_STEP_LIMIT,
    Deeper,
    Evaluate,
    Expr,
    Machine,
    Scope,
)
from linter.parsers.terraform.values import (
    Stop,
    Wrong,
    mapping,
    over_budget,
    sequence,
    to_bool,
    to_string,
)
from linter.syntax.hcl_tree import nodes


def machine() -> Machine:
    """A fresh budget for one evaluation of one unit."""
    return Machine(evaluate)


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
        # What names something may rely on not being looked at, as since Terraform 1.12.
        named = scope.resolver is not None and any(node[0] == "var" for node in nodes(right))
        if named or to_bool(_operand(right, scope)) is not None:
            return decided
        raise Wrong(f"{op} needs bools, not null")
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
    """A chain of conditionals, 5,000 long where someone writes it: walked, then matched with the branches not taken."""
    others: list[Expr] = []
    value: Any = None
    while True:
        if node[0] == "paren":
            node = node[3]
            continue
        if node[0] != "cond":
            value = _operand(node, scope)
            break
        condition = to_bool(_operand(node[3], scope))
        if condition is None:
            raise Wrong("the condition is null")
        if isinstance(condition, Unknown):
            value = operators.either(condition, _attempt(node[4], scope), _attempt(node[5], scope))
            break
        node, other = (node[4], node[5]) if condition else (node[5], node[4])
        others.append(other)
    for other in reversed(others):
        value = operators.matched(value, partial(_untouched, other, scope))
    return value


_WORDS = {"!": "bool", "+": "number", "-": "number", "*": "number", "/": "number", "%": "number"}


def _attempt(node: Expr, scope: Scope) -> Any:
    try:
        return _operand(node, scope)
    except Wrong as error:
        return _typed(node, scope, error)


def _typed(node: Expr, scope: Scope, error: Wrong) -> Any:
    """What is known of the type of an expression that is refused: the branch not taken has one all the same."""
    while node[0] == "paren":
        node = node[3]
    span = (scope.source, node[1], node[2])
    if node[0] == "tuple":
        return sequence([_attempt(item, scope) for item in node[3]], span)
    if node[0] == "object" and all(key[0] == "lit" for key, _ in node[3]):
        return mapping(((str(key[3]), _attempt(item, scope)) for key, item in node[3]), span)
    word = _WORDS.get(node[3], "bool") if node[0] == "bin" or node[0] == "un" else ""
    return Unknown("expression", str(error), type="string" if node[0] == "tmpl" else word)


def _untouched(node: Expr, scope: Scope) -> Any:
    """The value of what was not taken, for its type only: it refers to nothing."""
    machine = scope.machine
    touched, machine.touched = machine.touched, {}
    try:
        return sized(_attempt(node, scope)) if node[0] != "lit" else node[3]
    except Stop:
        return None
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


def _error(node: Expr, scope: Scope) -> Any:
    raise Stop(Unknown("expression", "an expression that could not be read", "correct its syntax"))


HANDLERS: dict[str, Evaluate] = {
    "lit": _operand,
    "tmpl": iterate.template,
    "wrap": lambda node, scope: evaluate(node[3], scope),
    "paren": lambda node, scope: evaluate(node[3], scope),
    "var": traverse,
    "attr": traverse,
    "index": traverse,
    "splat": iterate.splat,
    "for_tuple": iterate.for_tuple,
    "for_object": iterate.for_object,
    "call": functions.call,
    "un": _unary,
    "bin": _binary,
    "cond": _conditional,
    "tuple": _tuple,
    "object": _object,
    "error": _error,
}
