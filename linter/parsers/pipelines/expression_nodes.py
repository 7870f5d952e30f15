"""Walking what linter.parsers.pipelines.expressions parsed: everything below a node, and what it can expand to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Node = tuple[Any, ...]


def children(node: Node) -> tuple[Node, ...]:
    op = node[0]
    if op in ("or", "and"):
        return tuple(node[3])
    if op == "cmp":
        return tuple(node[4])
    if op == "not":
        return (node[3],)
    if op == "call":
        return tuple(node[4])
    if op == "ctx":
        return tuple(part for part in node[3] if not isinstance(part, str))
    if op == "deref":
        return (node[3], *(part for part in node[4] if not isinstance(part, str)))
    return ()


def walk(node: Node) -> Iterator[Node]:
    """A node and everything below it, outermost first, in order of the text."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(children(current)))


# Functions whose result tells at most a truth value or a digest of what they were given.
OPAQUE = frozenset(("contains", "startswith", "endswith", "always", "success", "failure", "cancelled", "hashfiles"))


def sources(node: Node) -> Iterator[Node]:
    """The contexts, and dereferenced compounds, whose text can become the text the expression expands to.

    A comparison or a test gives only true or false; `a && b` gives b, or a falsy a, which holds no text.
    """
    stack = [node]
    while stack:
        current = stack.pop()
        op = current[0]
        if op == "ctx":
            yield current
        elif op == "deref":
            if current[3][0] == "call":
                stack.append(current[3])
            else:
                yield current
        elif op == "or":
            stack.extend(reversed(current[3]))
        elif op == "and":
            stack.append(current[3][-1])
        elif op == "call" and current[3] not in OPAQUE:
            stack.extend(reversed(current[4]))


# How close each operator binds; what binds less close than its surroundings asks for stands in parentheses.
_LEVELS = {"or": 1, "and": 2, "not": 5}


def written(node: Node) -> str:
    """The expression as text, which parses to the same tree again. The parser bounds the depth."""
    op = node[0]
    if op == "lit":
        return _literal(node[3])
    if op == "ctx":
        return str(node[3][0]) + _path(node[3][1:])
    if op == "deref":
        inner = written(node[3])
        return (inner if node[3][0] == "call" else f"({inner})") + _path(node[4])
    if op == "call":
        return f"{node[3]}({', '.join(written(arg) for arg in node[4])})"
    if op == "not":
        return "!" + _within(node[3], 5)
    if op == "cmp":
        level = _level(node)
        parts = [_within(node[4][0], level + 1)]
        for operator, operand in zip(node[3], node[4][1:], strict=True):
            parts += (operator, _within(operand, level + 1))
        return " ".join(parts)
    level = _LEVELS[op]
    return (" || " if op == "or" else " && ").join(_within(operand, level + 1) for operand in node[3])


def _level(node: Node) -> int:
    if node[0] == "cmp":
        return 3 if node[3][0] in ("==", "!=") else 4
    return _LEVELS.get(node[0], 6)


def _within(node: Node, least: int) -> str:
    text = written(node)
    return f"({text})" if _level(node) < least else text


def _path(path: tuple[Any, ...]) -> str:
    text = ""
    for part in path:
        if not isinstance(part, str):
            text += f"[{written(part)}]"
        elif part == "*" or (part.isascii() and part.replace("-", "_").isidentifier() and part[0] != "-"):
            text += f".{part}"
        else:
            text += f"[{_literal(part)}]"
    return text


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return repr(value)
