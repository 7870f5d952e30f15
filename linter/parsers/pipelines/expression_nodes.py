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
