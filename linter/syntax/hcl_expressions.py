"""Expressions of HCL2's native syntax as tuples `(op, start, end, …)`.

Specification: HCL Native Syntax Specification, "Expressions"
(https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#expressions). `linter.syntax.hcl` lists the nodes.

Every reader here takes a Reader and an offset, returns the node that begins there and raises Bad where there is none.
`expression` and `term` leave the token that follows in the reader; the others only their node.
Chains (operators, `a.b.c`, `a[0][1]`, `c ? x : d ? y : z`) are read with loops, whatever their length.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from linter.syntax.hcl_lexer import (
    ELEMENT_DIGITS,
    ELEMENT_END,
    ELEMENT_PATH,
    ELEMENT_STRING,
    IDENTIFIER,
    KEY_CLOSE,
    KEY_NAME,
    KEY_PATH,
    KEY_STRING,
    NUMBER,
    TERM_COMPOUND,
    TERM_NUMBER,
    TERM_PATH,
    TERM_STRING,
    TERM_TRIVIA,
    Bad,
    Expr,
    Reader,
    number,
    pattern,
)
from linter.syntax.hcl_template import for_names, heredoc, quoted

LEVELS = {
    "?": 0, "||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, ">": 4, "<=": 4, ">=": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
}  # fmt: skip
KEYWORDS = {"true": True, "false": False, "null": None}
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
        node = ("lit", start, end, number(reader.text, start, end))
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


def traversal(reader: Reader, path: str, start: int) -> Expr:
    """The node of a dotted path without blanks."""
    reader.ascii or reader.named(path.replace(".", "_"), start)
    names = path.split(".")
    name = names[0]
    end = start + len(name)
    node: Expr = ("lit", start, end, KEYWORDS[name]) if name in KEYWORDS else ("var", start, end, name)
    for name in names[1:]:
        end += 1 + len(name)
        node = ("attr", start, end, node, name)
    return node


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
    return ("lit", start, end, number(reader.text, start, end))


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


def _tuple(reader: Reader, start: int) -> Expr:
    """`[…]`: a tuple, or a `for` expression that makes one."""
    reader.deeper(start)
    text = reader.text
    multi, reader.multi = reader.multi, True
    position = reader.blank(start + 1)
    node: Expr
    if _is_for(text, position):
        node = _for(reader, start, position + 3, "]")
    else:
        node = _elements(reader, start, position)
    reader.multi = multi
    reader.depth -= 1
    return node


def _elements(reader: Reader, start: int, position: int) -> Expr:
    text, element = reader.text, reader.element
    items: list[Expr] = []
    while True:
        simple = element(text, position)
        while simple:
            items.append(_element(reader, simple))
            position = simple.end()
            if simple[ELEMENT_END] == "]":
                return ("tuple", start, position, tuple(items))
            simple = element(text, position)
        position = reader.blank(position)
        if text.startswith("]", position):
            return ("tuple", start, position + 1, tuple(items))
        items.append(expression(reader, position))
        if reader.token == "]":
            return ("tuple", start, reader.end, tuple(items))
        if reader.token != ",":
            raise unexpected(reader, "The elements of this list do not end here", "Separate them with commas.", start)
        position = reader.end


def _element(reader: Reader, match: re.Match[str]) -> Expr:
    value = match[ELEMENT_STRING]
    if value is not None:
        start, end = match.span(ELEMENT_STRING)
        return ("lit", start - 1, end + 1, value)
    if match[ELEMENT_PATH]:
        return traversal(reader, match[ELEMENT_PATH], match.start(ELEMENT_PATH))
    start, end = match.span(ELEMENT_DIGITS)
    return ("lit", start, end, number(reader.text, start, end))


def _object(reader: Reader, start: int) -> Expr:
    """`{…}`: an object, or a `for` expression that makes one. Newlines separate items, whatever is around it."""
    reader.deeper(start)
    position = reader.blank(start + 1)
    multi = reader.multi
    node: Expr
    if _is_for(reader.text, position):
        reader.multi = True
        node = _for(reader, start, position + 3, "}")
    else:
        reader.multi = False
        node = _items(reader, start)
    reader.multi = multi
    reader.depth -= 1
    return node


def _items(reader: Reader, start: int) -> Expr:
    text = reader.text
    items: list[tuple[Expr, Expr]] = []
    position = start + 1
    while True:
        match = reader.key(text, position)
        kind = match.lastindex
        if kind == KEY_CLOSE:
            return ("object", start, match.end(), tuple(items))
        key: Expr
        if match[KEY_NAME]:
            key = ("lit", match.start(1), match.end(1), reader.named(match[1], match.start(1)))
        elif kind is not None:
            key = ("lit", match.start(2) - 1, match.end(2) + 1, match[2])
        else:
            position = reader.blank(position)
            if text.startswith("}", position):
                return ("object", start, position + 1, tuple(items))
            key = _key(reader, position)
        if kind == KEY_PATH:
            items.append((key, traversal(reader, match[KEY_PATH], match.start(KEY_PATH))))
            position = match.end()
            continue
        if kind == KEY_STRING:
            items.append((key, ("lit", match.start(3) - 1, match.end(3) + 1, match[3])))
            position = match.end()
            continue
        items.append((key, expression(reader, reader.end if kind is None else match.end())))
        if reader.token == "}":
            return ("object", start, reader.end, tuple(items))
        if reader.token != "," and reader.token != "\n":
            raise unexpected(
                reader, "The items of this object do not end here", "Separate them with commas or newlines.", start
            )
        position = reader.end


def _key(reader: Reader, position: int) -> Expr:
    """A key of any form; a bare word is a string. Leaves the reader at `=` or `:`."""
    key = expression(reader, position)
    if reader.token != "=" and reader.token != ":":
        raise unexpected(
            reader, "This key has no value", "Write `key = value`; quote a key with dots or blanks.", position
        )
    if key[0] == "var":
        return ("lit", key[1], key[2], key[3])
    if key[0] == "lit" and (key[3] is None or isinstance(key[3], bool)):
        return ("lit", key[1], key[2], reader.text[key[1] : key[2]])
    return key


def _is_for(text: str, position: int) -> bool:
    return text.startswith("for", position) and pattern(IDENTIFIER).match(text, position).end() == position + 3  # type: ignore[union-attr]


def _for(reader: Reader, start: int, position: int, closer: str) -> Expr:
    """A `for` expression from after the word `for`. All of it may be spread over lines."""
    reader.deeper(start)
    key, value, position = for_names(reader, position)
    collection = expression(reader, position)
    if reader.token != ":":
        raise unexpected(reader, "This `for` has no result", "Write `for x in collection : result`.", start)
    result = expression(reader, reader.end)
    result_key: Expr | None = None
    if reader.token == "=>":
        result_key, result = result, expression(reader, reader.end)
    group = reader.token == "..."
    if group:
        reader.after(reader.end)
    condition: Expr | None = None
    if not reader.token and pattern(r"if(?![^\x00-,./:-@\[-^`{-\x7f])").match(reader.text, reader.start):
        condition = expression(reader, reader.start + 2)
    if reader.token != closer:
        raise unexpected(reader, "This `for` does not end here", f"Close it with {closer}.", start)
    end = reader.end
    reader.depth -= 1
    if closer == "]":
        if result_key or group:
            raise Bad("This `for` makes a list but is written as for an object", start, end, "Use { } for an object.")
        return ("for_tuple", start, end, key, value, collection, result, condition)
    if not result_key:
        raise Bad("This `for` makes an object but has no key", start, end, "Write `key => value` after the colon.")
    return ("for_object", start, end, key, value, collection, result_key, result, group, condition)


def missing(reader: Reader, position: int) -> Bad:
    """What to say where no expression begins."""
    text = reader.text
    char = text[position : position + 1]
    if char in "\r\n":
        return Bad("A value is missing here", position, position, "Write one on this line, or open a bracket.")
    if char == "'":
        return Bad("Single quotes do not make a string", position, position + 1, 'Use double quotes (").')
    if char == "`":
        return Bad("Backquotes do not make a string", position, position + 1, "Use double quotes or a heredoc (<<EOT).")
    return Bad(f"A value cannot begin with {shown(char)}", position, position + 1, "Write a value here.")


def unexpected(reader: Reader, message: str, remedy: str, opened: int | None = None) -> Bad:
    """What to say where the token at hand cannot follow. `opened`: where what it interrupts began."""
    start = reader.start
    if start >= len(reader.text):
        return Bad(f"{message}: the file ends here", start if opened is None else opened, start, remedy)
    end = max(reader.end, start + 1)
    return Bad(f"{message}: found {shown(reader.text[start:end])}", start, end, remedy)


def shown(text: str) -> str:
    if text in ("\n", "\r\n"):
        return "the end of the line"
    return f"`{text}`" if text.isprintable() else f"the character U+{ord(text[0]):04X}"


COMPOUNDS: dict[str, Callable[[Reader, int], Expr]] = {
    '"': quoted, "<<": heredoc, "(": _paren, "[": _tuple, "{": _object, "-": _unary, "!": _unary,
}  # fmt: skip
