"""Groovy's expressions: operators, property paths, calls with and without parentheses.

Encodes https://groovy-lang.org/syntax.html and …/operators.html, as far as Jenkinsfiles go; see groovy_tree for nodes.
"""

from __future__ import annotations

from linter.syntax.groovy_primary import arguments, closure, generic_end, one_argument, primary, type_like, type_name
from linter.syntax.groovy_reader import MAX_DEPTH, Reader
from linter.syntax.groovy_tree import Node

_ASSIGN = frozenset(("=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "**=", "<<=", "?="))
_LEVELS = {
    operator: level
    for level, operators in enumerate((
        "||", "&&", "|", "^", "&", "== != <=> === !== =~ ==~", "< <= > >= in instanceof as", "<< >> .. ..<", "+ -",
        "* / %", "**",
    ))
    for operator in operators.split()
}  # fmt: skip
_ACCESS = frozenset((".", "?.", "*.", ".&", ".@", "::"))
_VALUES = frozenset(("id", "num", "str", "gstr"))
_NO_ARGUMENT = frozenset(
    ("in", "instanceof", "as", "else", "catch", "finally", "implements", "extends", "throws", "case", "default")
)
_MAX_CHAIN = 100


def expression(reader: Reader, command: bool = False) -> Node:
    """One expression. command: whether a call may go without parentheses here: in statements and assigned values."""
    if reader.depth >= MAX_DEPTH:
        return reader.too_deep()
    reader.depth += 1
    left = _conditional(reader, command)
    if reader.kind in _ASSIGN or (reader.kind == "/" and reader.peek() == "="):
        operator = reader.take()[0]
        if operator == "/":
            operator += reader.take()[0]
        reader.lines()
        left = ("assign", left[1], 0, operator, left, expression(reader, command))
        left = (*left[:2], reader.last, *left[3:])
    reader.depth -= 1
    return left


def _conditional(reader: Reader, command: bool) -> Node:
    condition = _binary(reader, 0, command)
    if reader.kinds[reader.after_lines()] not in ("?", "?:"):
        return condition
    reader.lines()
    yes = None
    if reader.take()[0] == "?":
        reader.lines()
        yes = expression(reader)
        if reader.kinds[reader.after_lines()] != ":":
            reader.complain("`:` is missing", reader.last, reader.last)
            no = ("unread", reader.last, reader.last, "`:` is missing", ())
            return ("cond", condition[1], reader.last, condition, yes, no)
        reader.lines()
        reader.take()
    reader.lines()
    no = expression(reader)
    return ("cond", condition[1], reader.last, condition, yes, no)


def _operator(reader: Reader) -> str:
    """The binary operator that comes next, '' where none does. `>>` comes as two tokens, because types end so."""
    kind = reader.kind
    if kind == "nl":
        kind = reader.kinds[reader.after_lines()]
        return kind if kind in ("&&", "||") else ""
    if kind == "id":
        kind = reader.value if reader.value in ("in", "instanceof", "as") else ""
    elif kind == ">" and reader.peek() == ">":
        kind = ">>"
    return kind if kind in _LEVELS and not (kind == "/" and reader.peek() == "=") else ""


def _binary(reader: Reader, lowest: int, command: bool) -> Node:
    left = _unary(reader, command)
    while operator := _operator(reader):
        level = _LEVELS[operator]
        if level < lowest:
            break
        operands, operators = [left], []
        while operator and _LEVELS[operator] == level:
            reader.lines()
            reader.take()
            while operator == ">>" and reader.kinds[reader.at] == ">":
                reader.take()
            reader.lines()
            operators.append(operator)
            operands.append(_type(reader) if operator in ("as", "instanceof") else _binary(reader, level + 1, False))
            operator = _operator(reader)
        left = ("chain", left[1], reader.last, tuple(operands), tuple(operators))
    return left


def _type(reader: Reader) -> Node:
    start = reader.start
    name = type_name(reader)
    return ("name", start, reader.last, name) if name else _unary(reader, False)


def _unary(reader: Reader, command: bool) -> Node:
    kind, start = reader.kind, reader.start
    if kind in ("!", "-", "+", "~", "++", "--", "*", "&"):
        if reader.depth >= MAX_DEPTH:
            return reader.too_deep()
        reader.depth += 1
        operator = reader.take()[0]
        operand = _unary(reader, False)
        reader.depth -= 1
        return ("unary", start, reader.last, operator, operand)
    if kind == "(" and _is_cast(reader):
        if reader.depth >= MAX_DEPTH:
            return reader.too_deep()
        reader.take()
        name = type_name(reader)
        reader.take()
        reader.depth += 1
        operand = _unary(reader, False)
        reader.depth -= 1
        return ("cast", start, reader.last, name, operand)
    return _postfix(reader, command)


def _is_cast(reader: Reader) -> bool:
    """`(String) x`: a type in parentheses, a value behind."""
    kinds, at = reader.kinds, reader.at + 1
    if kinds[at] != "id" or not type_like(reader.tokens[at][3]):
        return False
    at += 1
    while kinds[at] == "." and kinds[at + 1] == "id":
        at += 2
    if kinds[at] == "<":
        at = generic_end(reader, at)
    while kinds[at] == "[" and kinds[at + 1] == "]":
        at += 2
    return kinds[at] == ")" and kinds[at + 1] in ("id", "num", "str", "gstr", "(", "[")


def _postfix(reader: Reader, command: bool) -> Node:
    node = primary(reader)
    start, links = node[1], 0
    while True:
        kind = reader.kind
        if kind == "nl" and _continues(reader, node, command):
            reader.lines()
            kind = reader.kinds[reader.at]
        links += 1
        if links > _MAX_CHAIN:
            return reader.unread("a chain of too many calls")
        if kind in _ACCESS:
            node = _property(reader, node, start)
        elif kind == "(" and node[0] != "unread":
            args = arguments(reader, ")") + _closures(reader)
            node = ("call", start, reader.last, node, args)
        elif kind == "[" and command and _is_map_argument(reader, node):
            node = _command(reader, node, start)
        elif kind == "[":
            items = arguments(reader, "]")
            node = ("index", start, reader.last, node, items)
        elif kind == "{" and node[0] in ("name", "prop"):
            args = _closures(reader)
            node = ("call", start, reader.last, node, args)
        elif kind == "{" and node[0] == "call" and command and _without_closure(node):
            args = (*node[4], *_closures(reader))
            node = ("call", start, reader.last, node[3], args)
        elif kind in ("++", "--"):
            reader.take()
            node = ("unary", start, reader.last, kind, node)
        elif command and node[0] in ("name", "prop") and _argument_follows(reader):
            node = _command(reader, node, start)
        else:
            return node


def _continues(reader: Reader, node: Node, command: bool) -> bool:
    """Whether the next line goes on with this expression: a `.name`, or the block of a call (`stages` and then `{`)."""
    kind = reader.kinds[reader.after_lines()]
    return kind in (".", "?.", "*.") or (kind == "{" and command and _without_closure(node))


def _without_closure(node: Node) -> bool:
    return node[0] == "name" or (node[0] == "call" and (not node[4] or node[4][-1][4][0] != "closure"))


def _property(reader: Reader, node: Node, start: int) -> Node:
    reader.take()
    reader.lines()
    kind = reader.kind
    if kind == "@":
        reader.take()
        kind = reader.kind
    if kind == "<":
        while reader.at < generic_end(reader, reader.at):
            reader.take()
        kind = reader.kind
    if kind == "id":
        return ("prop", start, reader.take()[2], node, reader.tokens[reader.at - 1][3])
    if kind in ("str", "gstr", "(", "{"):
        name = primary(reader)
        return ("prop", start, reader.last, node, str(name[3]) if kind == "str" else name)
    reader.complain("a name is missing after the dot", reader.last, reader.last)
    return ("prop", start, reader.last, node, "")


def _closures(reader: Reader) -> tuple[Node, ...]:
    """The blocks behind a call: `stage('x') { … }`."""
    found: list[Node] = []
    while reader.kind == "{" and len(found) < 20:
        block = closure(reader)
        found.append(("arg", block[1], block[2], None, block))
    return tuple(found)


def _argument_follows(reader: Reader) -> bool:
    kind = reader.kind
    if kind == "!":
        return reader.peek() in ("id", "(") and reader.start > reader.last
    return kind in _VALUES and not (kind == "id" and reader.value in _NO_ARGUMENT)


def _is_map_argument(reader: Reader, node: Node) -> bool:
    """`step [$class: 'X']`: a map behind a blank is an argument, anything else an index."""
    return node[0] == "name" and reader.start > reader.last and reader.peek() in ("id", "str") and reader.peek(2) == ":"


def _command(reader: Reader, node: Node, start: int) -> Node:
    """A call without parentheses, and what is chained to it: `image 'x' args 'y'`."""
    for _ in range(20):
        args = [one_argument(reader)]
        while reader.kind == "," and len(args) < 1000:
            reader.take()
            reader.lines()
            args.append(one_argument(reader))
        args += _closures(reader)
        node = ("call", start, reader.last, node, tuple(args))
        if reader.kind != "id" or reader.value in _NO_ARGUMENT or reader.peek() not in _VALUES:
            break
        name = reader.take()
        node = ("prop", start, name[2], node, name[3])
    return node
