"""Expressions of HCL2's native syntax as tuples `(op, start, end, …)`.

Specification: HCL Native Syntax Specification, "Expressions"
(https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#expressions). `linter.syntax.hcl_tree` lists the nodes.

Every reader here takes a Reader and an offset, returns the node that begins there and raises Bad where there is none.
`expression` and `term` leave the token that follows in the reader; the others only their node.
Chains (operators, `a.b.c`, `a[0][1]`, `c ? x : d ? y : z`) are read with loops, whatever their length.
"""

from __future__ import annotations

from collections.abc import Callable

from linter.syntax.hcl_collections import object_, traversal, tuple_
from linter.syntax.hcl_lexer import (
    IDENTIFIER,
    KEYWORDS,
    NUMBER,
    TERM_COMPOUND,
    TERM_NUMBER,
    TERM_PATH,
    TERM_STRING,
    TERM_TRIVIA,
    Bad,
    Reader,
    missing,
    number,
    pattern,
    unexpected,
)
from linter.syntax.hcl_template import heredoc, quoted
from linter.syntax.hcl_tree import Expr

LEVELS = {
    "?": 0, "||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, ">": 4, "<=": 4, ">=": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
}  # fmt: skip
_STEP = rf"({IDENTIFIER})|({NUMBER})|(\*)|"


def expression(reader: Reader, position: int) -> Expr:
    """A conditional, an operation or a term."""
    first = term(reader, position)
    level = LEVELS.get(reader.token)
    if level is None:
        return first
    if level:
        first = _operation(reader, first)
    return _conditional(reader, first) if reader.token == "?" else first


def _operation(reader: Reader, first: Expr) -> Expr:
    operands = [first]
    pending: list[str] = []
    level = LEVELS.get(reader.token, 0)
    while level:
        while pending and LEVELS[pending[-1]] >= level:
            _combine(operands, pending)
        pending.append(reader.token)
        operands.append(term(reader, reader.end))
        level = LEVELS.get(reader.token, 0)
    while pending:
        _combine(operands, pending)
    return operands[0]


def _combine(operands: list[Expr], pending: list[str]) -> None:
    right = operands.pop()
    left = operands[-1]
    operands[-1] = ("bin", left[1], right[2], pending.pop(), left, right)


def _conditional(reader: Reader, condition: Expr) -> Expr:
    """`c ? x : d ? y : z`, from the right: the false side of each is the next. The reader is at the first `?`."""
    branches: list[tuple[Expr, Expr]] = []
    while True:
        reader.deeper(reader.start)
        chosen = expression(reader, reader.end)
        if reader.token != ":":
            raise unexpected(reader, "This conditional has no false side", "Write `condition ? value : other value`.")
        otherwise = term(reader, reader.end)
        if LEVELS.get(reader.token):
            otherwise = _operation(reader, otherwise)
        branches.append((condition, chosen))
        if reader.token != "?":
            break
        condition = otherwise
    reader.depth -= len(branches)
    for condition, chosen in reversed(branches):
        otherwise = ("cond", condition[1], otherwise[2], condition, chosen, otherwise)
    return otherwise


def term(reader: Reader, position: int) -> Expr:
    """A term with the traversals that follow it."""
    match = reader.term(reader.text, position)
    kind = match.lastindex
    node: Expr
    if kind == TERM_PATH:
        start, end = match.span(2)
        name = match[2]
        if match[3]:
            node = traversal(reader, name + match[3], start)
        else:
            reader.after(end)
            if reader.token == "(" or reader.token == "::":
                node = _call(reader, reader.named(name, start), start)
            elif name in KEYWORDS:
                node = ("lit", start, end, KEYWORDS[name])
            else:
                node = ("var", start, end, reader.named(name, start))
    elif kind == TERM_STRING:
        node = ("lit", match.start(1) - 1, match.end(), match[1])
    elif kind == TERM_NUMBER:
        start, end = match.span(4)
        node = number(reader.text, start, end)
    elif kind == TERM_COMPOUND:
        node = COMPOUNDS[match[5]](reader, match.start(5))
    else:
        return _later_term(reader, match.end() if kind is None else match.start(TERM_TRIVIA))
    reader.after(node[2])
    return _steps(reader, node) if reader.token == "." or reader.token == "[" else node


def _later_term(reader: Reader, position: int) -> Expr:
    """The term after newlines or comments, where those may stand before it."""
    found = reader.blank(position) if reader.multi else reader.inline(position)
    if found > position:
        return term(reader, found)
    raise missing(reader, position)


def _steps(reader: Reader, node: Expr) -> Expr:
    """Attribute access, indexes and splats. The reader is at `.` or `[`."""
    start = node[1]
    while reader.token == "." or reader.token == "[":
        step, end = _step(reader)
        if step[0] != "splat":
            node = (step[0], start, end, node, step[1])
        elif step[2] == "attr":
            operations, end = _attributes(reader, end)
            node = ("splat", start, end, node, operations, "attr")
        else:
            operations, end = _each(reader, end)
            node = ("splat", start, end, node, operations, "full")
    return node


def _step(reader: Reader) -> tuple[Expr, int]:
    """One step of a traversal and its end. The reader is at `.` or `[` and moves to what follows the step."""
    start = reader.start
    position = reader.blank(reader.end) if reader.multi else reader.inline(reader.end)
    step: Expr
    if reader.token == ".":
        match = pattern(_STEP).match(reader.text, position)
        assert match
        if match[1]:
            step = ("attr", reader.named(match[1], position))
        elif match[2]:
            step = ("index", _legacy_index(reader, position, match.end()))
        elif match[3]:
            step = ("splat", (), "attr")
        else:
            raise Bad("A name is missing after this dot", start, start + 1, "Write the attribute's name.")
        end = match.end()
    elif reader.text.startswith("*", position):
        reader.after(position + 1)
        if reader.token != "]":
            raise unexpected(reader, "This splat has no closing bracket", "Write [*].")
        step, end = ("splat", (), "full"), reader.end
    else:
        step, end = _index(reader)
    reader.after(end)
    return step, end


def _legacy_index(reader: Reader, start: int, end: int) -> Expr:
    written = reader.text[start:end]
    if "." in written:
        first, _, second = written.partition(".")
        raise Bad("Two indexes in a row cannot be written with dots", start, end, f"Write [{first}][{second}].")
    return number(reader.text, start, end)


def _index(reader: Reader) -> tuple[Expr, int]:
    reader.deeper(reader.start)
    multi, reader.multi = reader.multi, True
    key = expression(reader, reader.end)
    if reader.token != "]":
        raise unexpected(reader, "This index has no closing bracket", "Close it with ].")
    reader.multi = multi
    reader.depth -= 1
    return ("index", key), reader.end


def _attributes(reader: Reader, end: int) -> tuple[Expr, int]:
    """The steps of an attribute-only splat `.*`: names and legacy indexes."""
    steps: list[Expr] = []
    while reader.token == ".":
        start = reader.start
        step, end = _step(reader)
        if step[0] == "splat":
            raise Bad("A splat cannot stand inside an attribute-only splat", start, end, "Use [*] instead of .*.")
        steps.append(step)
    return tuple(steps), end


def _each(reader: Reader, end: int) -> tuple[Expr, int]:
    """The steps of a full splat `[*]`: all that follow; a splat among them is `("splat", steps, kind)`."""
    nested: list[list[Expr]] = [[]]
    while reader.token == "." or reader.token == "[":
        step, end = _step(reader)
        if step[0] != "splat":
            nested[-1].append(step)
        elif step[2] == "attr":
            steps, end = _attributes(reader, end)
            nested[-1].append(("splat", steps, "attr"))
        else:
            nested.append([])
    innermost = tuple(nested.pop())
    while nested:
        innermost = (*nested.pop(), ("splat", innermost, "full"))
    return innermost, end


def _call(reader: Reader, name: str, start: int) -> Expr:
    """A function call. The reader is at `(` or `::`."""
    while reader.token == "::":
        position = reader.blank(reader.end) if reader.multi else reader.inline(reader.end)
        match = pattern(IDENTIFIER).match(reader.text, position)
        if not match:
            raise Bad("A function name is missing after ::", reader.start, reader.end, "Write namespace::function(…).")
        name += "::" + reader.named(match[0], position)
        reader.after(match.end())
    if reader.token != "(":
        raise unexpected(reader, f"{name} is called without parentheses", "Write its arguments in parentheses.")
    reader.deeper(reader.start)
    multi, reader.multi = reader.multi, True
    expand = False
    arguments: list[Expr] = []
    position = reader.blank(reader.end)
    while not reader.text.startswith(")", position):
        arguments.append(expression(reader, position))
        position = reader.start
        if reader.token == ",":
            position = reader.blank(reader.end)
            continue
        if reader.token == "...":
            expand = True
            reader.after(reader.end)
            position = reader.start
        if reader.token != ")":
            raise unexpected(
                reader, f"The arguments of {name} do not end here", "Separate them with commas, close with )."
            )
    reader.multi = multi
    reader.depth -= 1
    return ("call", start, position + 1, name, tuple(arguments), expand)


def _paren(reader: Reader, start: int) -> Expr:
    reader.deeper(start)
    multi, reader.multi = reader.multi, True
    inner = expression(reader, start + 1)
    if reader.token != ")":
        raise unexpected(reader, "This parenthesis is not closed", "Close it with ).", start)
    reader.multi = multi
    reader.depth -= 1
    return ("paren", start, reader.end, inner)


def _unary(reader: Reader, start: int) -> Expr:
    """`-x` or `!x`; it binds tighter than every operator but looser than a traversal."""
    reader.deeper(start)
    operand = term(reader, start + 1)
    reader.depth -= 1
    return ("un", start, operand[2], reader.text[start], operand)


COMPOUNDS: dict[str, Callable[[Reader, int], Expr]] = {
    '"': quoted, "<<": heredoc, "(": _paren, "[": tuple_, "{": object_, "-": _unary, "!": _unary,
}  # fmt: skip
