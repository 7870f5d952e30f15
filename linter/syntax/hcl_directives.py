"""The parts of a template put together: directives folded into trees, neighbouring literals joined.

Specification: HCL Native Syntax Specification, "Template Directives".
"""

from __future__ import annotations

from typing import Any

from linter.syntax.hcl_lexer import Bad
from linter.syntax.hcl_tree import Expr

Part = Any
"""As in `hcl_template`: a literal as a list [start, end, value], an expression or a directive as a tuple."""


def assembled(parts: list[Part], start: int, end: int) -> Expr:
    """The node of a template: directives folded into trees, neighbouring literals joined, empty ones dropped."""
    if len(parts) == 1 and type(parts[0]) is tuple and parts[0][0][0] != "%":
        return ("wrap", start, end, parts[0])
    if all(type(part) is list for part in parts):
        return ("lit", start, end, "".join(part[2] for part in parts))
    return ("tmpl", start, end, _folded(parts))


def _folded(parts: list[Part]) -> Expr:
    levels: list[list[Expr]] = [[]]
    opened: list[tuple[Expr, list[Expr] | None]] = []
    for part in parts:
        if type(part) is list:
            _literal(levels[-1], part)
            continue
        op = part[0]
        if op[0] != "%":
            levels[-1].append(part)
        elif op == "%if" or op == "%for":
            opened.append((part, None))
            levels.append([])
        elif op == "%else" and opened and opened[-1][0][0] == "%if" and opened[-1][1] is None:
            opened[-1] = (opened[-1][0], levels.pop())
            levels.append([])
        elif opened and op == "%end" + opened[-1][0][0][1:]:
            first, then = opened.pop()
            levels[-2:] = [[*levels[-2], _closed(first, then, tuple(levels[-1]), part[2])]]
        else:
            raise Bad(f"`{op[1:]}` closes no directive here", part[1], part[2], "Remove it, or open the directive.")
    if opened:
        first = opened[-1][0]
        name = first[0][1:]
        raise Bad(f"This `{name}` directive is not closed", first[1], first[2], f"Close it with %{{ end{name} }}.")
    return tuple(levels[0])


def _closed(first: Expr, then: list[Expr] | None, last: Expr, end: int) -> Expr:
    if first[0] == "%for":
        return ("t_for", first[1], end, *first[3:], last)
    if then is None:
        return ("t_if", first[1], end, first[3], last, None)
    return ("t_if", first[1], end, first[3], tuple(then), last)


def _literal(siblings: list[Expr], part: Part) -> None:
    start, end, value = part
    if not value:
        return
    previous = siblings[-1] if siblings else None
    if previous and previous[0] == "lit" and previous[2] == start and isinstance(previous[3], str):
        siblings[-1] = ("lit", previous[1], end, previous[3] + value)
    else:
        siblings.append(("lit", start, end, value))
