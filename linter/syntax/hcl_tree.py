"""What reading HCL2 gives: bodies, attributes, blocks and expressions, each with its place.

Expressions are tuples `(op, start, end, …)`, offsets as of `model.Source.text`, exactly around the node's own text:

  ("lit", s, e, value)                    null, bool, int, float, or a string without sequences, decoded
  ("tmpl", s, e, parts)                   a template; parts: literals, expressions and
      ("t_if", s, e, condition, then parts, else parts | None), ("t_for", s, e, key | None, value, collection, parts)
  ("wrap", s, e, x)                       "${x}": x's own value
  ("var", s, e, name)  ("attr", s, e, x, name)  ("index", s, e, x, key)
  ("splat", s, e, x, steps, "attr" | "full")      steps: ("attr", name), ("index", key), and within a full splat
                                          also ("splat", steps, "attr" | "full"), each applied to every element
  ("call", s, e, name, arguments, expand) name with its namespaces `a::b::c`; expand: the last argument has `...`
  ("un", s, e, op, x)  ("bin", s, e, op, a, b)  ("cond", s, e, c, a, b)  ("paren", s, e, x)
  ("tuple", s, e, items)  ("object", s, e, ((key, value), …))     a bare key is a literal string
  ("for_tuple", s, e, key | None, value, collection, result, condition | None)
  ("for_object", s, e, key | None, value, collection, key, value, group, condition | None)
  ("error", s, e, message)                could not be read; a Problem says why

Brackets, blocks and templates nest at most 200 levels, but `a + b + …` nests to the left, `c ? x : …` to the right and
`a.b.c…` to the left as deep as they are long: who walks a tree must do so with a loop there, or with a bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model import Problem
from linter.records import NamedTuple

Expr = tuple[Any, ...]
Labels = tuple[tuple[str, int, int], ...]


class Attribute(NamedTuple):
    """`name = expr`."""

    name: str
    name_start: int
    name_end: int
    expr: Expr


class Body:
    """What a file or a block holds, in order. start, end: the text between the braces; the whole text for a file.

    attributes: unique by name; a repeated one is a Problem, and the first stands. problems: only a file's body has any.
    source: the index of the text's Source.
    """

    __slots__ = ("attributes", "blocks", "end", "problems", "source", "start")

    def __init__(self, source: int, start: int) -> None:
        self.source = source
        self.attributes: list[Attribute] = []
        self.blocks: list[Block] = []
        self.problems: list[Problem] = []
        self.start = self.end = start


class Block(NamedTuple):
    """`type "label" … { body }`. labels: (text, start, end) each, the span with its quotes. end: just after the `}`."""

    type: str
    type_start: int
    type_end: int
    labels: tuple[tuple[str, int, int], ...]
    body: Body
    start: int
    end: int


def nodes(expr: Expr) -> Iterator[Expr]:
    """An expression and every expression within it, outermost first; a loop, so of any depth.

    Literals of templates and the `t_if` and `t_for` directives are nodes too; the steps of a splat are not, but the
    keys of its indexes are.
    """
    pending: list[Any] = [expr]
    while pending:
        node = pending.pop()
        if not isinstance(node, tuple) or not node:
            continue
        op = node[0]
        if isinstance(op, str) and len(node) > 2 and type(node[1]) is int:
            yield node
            if op != "lit":
                pending.extend(reversed(node[3:]))
        else:
            pending.extend(reversed(node))
