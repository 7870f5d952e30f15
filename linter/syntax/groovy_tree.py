"""The syntax tree of Groovy as Jenkinsfiles use it: tuples (op, start, end, …), offsets into the text.

Expressions
    ("lit", s, e, value)                 a Written text, a number, True, False or None
    ("gstring", s, e, parts)             ("text", s, e, Written) and ("hole", s, e, expression): the span with `${` `}`
    ("name", s, e, name)
    ("prop", s, e, object, name)         `a.b`, `a?.b`, `a*.b`; name: a text, or an expression where it is computed
    ("index", s, e, object, items)
    ("call", s, e, callee, args)         with or without parentheses; closures that follow it are its last arguments
    ("arg", s, e, key, expression)       an argument or an entry of a map: its key as text, as an expression where it is
                                         computed, None where it has none; s, e: of the key, else of the expression
    ("list", s, e, items)  ("map", s, e, args)
    ("closure", s, e, parameters, statements)
    ("chain", s, e, operands, operators) binary operators of one level, left to right
    ("unary", s, e, operator, operand)   before or behind
    ("cond", s, e, condition, yes, no)   yes is None for `a ?: b`
    ("assign", s, e, operator, target, value)
    ("new", s, e, type, args)  ("cast", s, e, type, operand)
    ("unread", s, e, message, inner)     what could not be read; inner: statements found in its braces
Statements, besides expressions
    ("def", s, e, names, value or None)  ("method", s, e, name, parameters, statements)
    ("class", s, e, name, statements)    ("annotation", s, e, name, args)  ("import", s, e, name)
    ("if", s, e, ((condition, statements), …), else statements or None)
    ("loop", s, e, word, header, statements)
    ("try", s, e, statements, catches, finally statements)    ("switch", s, e, subject, ((label, statements), …))
    ("word", s, e, word, value or None)  return throw assert break continue
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.syntax.groovy_text import Piece, Written

Node = tuple[Any, ...]


def called(node: Node) -> str:
    """The name of what a call calls, `a.b.c` as it stands; '' where it is computed."""
    return dotted(node[3]) if node[0] == "call" else ""


def dotted(node: Node) -> str:
    """A name or a path of names as text; '' for anything else."""
    names: list[str] = []
    while node[0] == "prop" and isinstance(node[4], str):
        names.append(node[4])
        node = node[3]
    if node[0] != "name":
        return ""
    names.append(node[3])
    return ".".join(reversed(names))


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below a node, in the order of the text."""
    for part in node[3:]:
        if isinstance(part, tuple) and part:
            yield from _nodes(part)


def _nodes(part: Node) -> Iterator[Node]:
    if isinstance(part[0], str) and len(part) > 2 and isinstance(part[1], int):
        yield part
        return
    for each in part:
        if isinstance(each, tuple) and each:
            yield from _nodes(each)


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it, in the order of the text."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(list(children(current))))


def pieces_of(node: Node, text: str) -> list[Piece] | None:
    """The text an expression makes, holes as they are written; None where it is no text."""
    op = node[0]
    if op == "lit":
        return list(node[3].pieces) if isinstance(node[3], Written) else None
    if op == "gstring":
        found: list[Piece] = []
        for part in node[3]:
            found += part[3].pieces if part[0] == "text" else [(text[part[1] : part[2]], part[1], part[2])]
        return found
    if op == "chain" and all(each == "+" for each in node[4]):
        return _joined(node, text)
    if op == "call" and node[3][0] == "prop" and node[3][4] in _KEEPING:
        return pieces_of(node[3][3], text)
    return None


_KEEPING = frozenset(("stripIndent", "trim", "stripMargin", "toString"))
"""Methods of texts that keep what they say."""


def _joined(node: Node, text: str) -> list[Piece] | None:
    parts = [pieces_of(each, text) for each in node[3]]
    if not any(each[0] in ("lit", "gstring") for each in node[3]):
        return None
    found: list[Piece] = []
    for part, operand in zip(parts, node[3], strict=True):
        start, end = operand[1], operand[2]
        found += part if part is not None else [("${" + text[start:end] + "}", start, end)]
    return found
