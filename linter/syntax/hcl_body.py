"""Bodies of HCL2: arguments and blocks, and what one mistake among them costs.

Specification: HCL Native Syntax Specification, "Structural Elements"
(https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#structural-elements).
"""

from __future__ import annotations

import re

from linter.model import Problem
from linter.syntax.hcl_collections import traversal
from linter.syntax.hcl_expressions import expression
from linter.syntax.hcl_lexer import (
    DEPTH,
    DIGITS,
    IDENTIFIER,
    ITEM_BLOCK,
    ITEM_CLOSE,
    ITEM_DIGITS,
    ITEM_LABEL,
    ITEM_OTHER_LABEL,
    ITEM_PATH,
    ITEM_STRING,
    ITEM_VALUE,
    Bad,
    Reader,
    pattern,
    shown,
    unexpected,
)
from linter.syntax.hcl_recovery import resume
from linter.syntax.hcl_template import label
from linter.syntax.hcl_tree import Attribute, Block, Body, Expr, Labels

HEADER = 1000
"""Characters of a bad header that are looked through for its labels and its brace."""

LINE = "Write each argument and block on a line of its own."


def file(reader: Reader, source: int) -> Body:
    body = Body(source, 0)
    position = _items(reader, body, 0, -1)
    while position > body.end:
        remedy = "Remove it, or look for a block that was closed too early."
        reader.problems.append(Problem("This brace closes no block", position - 1, position, remedy))
        position = _items(reader, body, position, -1)
    body.end = len(reader.text)
    return body


def _items(reader: Reader, body: Body, position: int, column: int) -> int:
    """Read items into a body and set its end; returns that, or the offset after the `}` where one stands there.

    column: the indentation of the block's header where layout may end the block, else -1.
    """
    text, item, new, ascii_only = reader.text, reader.item, tuple.__new__, reader.ascii
    names: set[str] = set()
    add = body.attributes.append
    while True:
        match = item(text, position)
        kind = match.lastindex
        if column >= 0 and _outdented(text, match, column):
            body.end = position
            return position
        expr: Expr
        if kind == ITEM_STRING:
            start, end = match.span(ITEM_STRING)
            expr, position = ("lit", start - 1, end + 1, match[ITEM_STRING]), match.end()
        elif kind == ITEM_PATH and ascii_only:
            expr, position = traversal(reader, match[ITEM_PATH], match.start(ITEM_PATH)), match.end()
        elif kind == ITEM_BLOCK:
            position = _block(reader, body, match.start(1), match[1], _labels(match), match.end())
            continue
        elif kind == ITEM_CLOSE:
            position = match.end()
            body.end = position - 1
            return position
        elif kind == ITEM_DIGITS and len(match[ITEM_DIGITS]) <= DIGITS:
            start, end = match.span(ITEM_DIGITS)
            expr, position = ("lit", start, end, int(match[ITEM_DIGITS])), match.end()
        elif match[ITEM_VALUE]:
            expr, position = _value(reader, match.start(1), match.end(ITEM_VALUE), "\n")
        else:
            position = _other(reader, body, match, names)
            if position >= len(text):
                body.end = position
                return position
            continue
        name = match[1]
        if (name in names or not ascii_only) and not _may_add(reader, names, name, match.start(1)):
            continue
        names.add(name)
        add(new(Attribute, (name, match.start(1), match.end(1), expr)))


def _outdented(text: str, match: re.Match[str], column: int) -> bool:
    """Whether the next item stands where only something after the block can: no deeper than the block's header."""
    closes = match.lastindex == ITEM_CLOSE
    indent = _indent(text, match.start(ITEM_CLOSE) if closes else match.start(1))
    return 0 <= indent < column or (indent == column and not closes)


def _indent(text: str, start: int) -> int:
    """The indentation of what begins at an offset; -1 where something stands before it on its line."""
    line = start
    while line > 0 and text[line - 1] in " \t":
        line -= 1
    return start - line if start >= 0 and (line == 0 or text[line - 1] == "\n") else -1


def _may_add(reader: Reader, names: set[str], name: str, start: int) -> bool:
    try:
        reader.named(name, start)
    except Bad as bad:
        reader.problems.append(bad.problem)
        return False
    if name in names:
        message = f"The argument {name} is set twice in this block"
        reader.problems.append(Problem(message, start, start + len(name), "Remove one of the two."))
        return False
    return True


def _value(reader: Reader, item: int, start: int, closer: str) -> tuple[Expr, int]:
    """An attribute's value and where the next item may begin. closer: what has to follow, a newline or a `}`."""
    depth = reader.depth
    try:
        expr = expression(reader, start)
        if reader.token == closer:
            return expr, reader.start
        if closer == "\n" and reader.start >= len(reader.text):
            return expr, reader.start
        problem = _after_value(reader, closer)
    except Bad as bad:
        problem, expr = bad.problem, ("error", start, start, bad.problem.message)
    except RecursionError:
        problem = Problem(
            "This is nested too deeply to be read", start, start + 1, f"Keep nesting below {DEPTH} levels."
        )
        expr = ("error", start, start, problem.message)
    reader.depth, reader.multi = depth, False
    closes = expr[0] != "error" and reader.token == "}"
    reader.problems.append(problem._replace(lossless=True) if closes else problem)
    if expr[0] != "error":
        if reader.token in ("}", "\n"):
            return expr, reader.start
        if reader.token == "," or reader.text.startswith(";", reader.start):
            return expr, reader.start + 1
        if reader.item(reader.text, reader.start)[ITEM_VALUE]:
            return expr, reader.start
    start = _blank_from(reader.text, start)
    position = resume(reader, item, start, problem.start if reader.budget > 0 else max(problem.start, reader.start))
    end = start + len(reader.text[start:position].rstrip())
    return ("error", start, end, problem.message), position


def _blank_from(text: str, position: int) -> int:
    while text.startswith((" ", "\t"), position):
        position += 1
    return position


def _after_value(reader: Reader, closer: str) -> Problem:
    if closer == "}":
        message = "A block on one line holds one argument and its closing brace"
        return unexpected(reader, message, "Write the block over several lines.").problem
    return unexpected(reader, "An argument ends with its line", LINE).problem


def _labels(match: re.Match[str]) -> Labels:
    first, second = match[ITEM_LABEL], match[ITEM_OTHER_LABEL]
    if first is None:
        return ()
    start, end = match.span(ITEM_LABEL)
    if second is None:
        return ((first, start - 1, end + 1),)
    other, last = match.span(ITEM_OTHER_LABEL)
    return ((first, start - 1, end + 1), (second, other - 1, last + 1))


def _block(reader: Reader, body: Body, start: int, name: str, labels: Labels, position: int) -> int:
    """A block from after its `{`; returns where the next item may begin."""
    text = reader.text
    end = start + len(name)
    if reader.depth >= DEPTH:
        remedy = f"Keep nesting below {DEPTH} levels."
        reader.problems.append(Problem("This block is nested too deeply to be read", start, end, remedy))
        return resume(reader, start, start, start)
    if not reader.ascii:
        _check_names(reader, start, name, labels)
    inner = Body(body.source, position)
    reader.depth += 1
    if not text.startswith("\n", position):
        position = _on_one_line(reader, inner, position)
    position = _items(reader, inner, position, _layout_column(text, start, position) if reader.layout else -1)
    reader.depth -= 1
    body.blocks.append(tuple.__new__(Block, (name, start, end, labels, inner, start, position)))
    if position == inner.end:
        reader.unclosed = True
        remedy = "Add a closing brace on a line of its own after its last item."
        reader.problems.append(
            Problem(f"The block {name} is not closed", start, labels[-1][2] if labels else end, remedy)
        )
        return position
    return position if text.startswith("\n", position) else _line_end(reader, position)


def _layout_column(text: str, start: int, position: int) -> int:
    """The indentation of a block's header, or -1 where its first item is no deeper: there layout says nothing."""
    column = _indent(text, start)
    first = pattern(r"(?:[ \t\r\n]++|(?:#|//)[^\n]*+)*+").match(text, position)
    return column if first and _indent(text, first.end()) > column else -1


def _check_names(reader: Reader, start: int, name: str, labels: Labels) -> None:
    try:
        reader.named(name, start)
        for text, at, _ in labels:
            if not reader.text.startswith('"', at):
                reader.named(text, at)
    except Bad as bad:
        reader.problems.append(bad.problem)


def _on_one_line(reader: Reader, inner: Body, position: int) -> int:
    """What follows a `{` on its line: nothing, a `}`, or one argument; returns where items go on."""
    text = reader.text
    try:
        position = reader.inline(position)
        if position >= len(text) or text.startswith(("\n", "\r\n", "}"), position):
            return position
        match = reader.item(text, position)
        value = match.end(ITEM_VALUE)
        if match.lastindex == 1:
            reader.after(match.end())
            value = reader.end if reader.token == "=" else -1
    except Bad:
        return position
    if value >= 0:
        expr, position = _value(reader, match.start(1), value, "}")
        if _may_add(reader, set(), match[1], match.start(1)):
            inner.attributes.append(Attribute(match[1], match.start(1), match.end(1), expr))
    else:
        message = "A block on one line holds one argument and nothing else"
        reader.problems.append(Problem(message, position, position + 1, "Write the block over several lines."))
    return position


def _line_end(reader: Reader, position: int) -> int:
    """Where the next item may begin after a block's `}`: its line has to end there."""
    try:
        reader.after(position)
        if reader.token != "\n" and reader.start < len(reader.text):
            raise unexpected(reader, "A block ends with its line", LINE)
    except Bad as bad:
        reader.problems.append(bad.problem)
        return max(position, reader.start)
    return reader.start


def _other(reader: Reader, body: Body, match: re.Match[str], names: set[str]) -> int:
    """What is neither a simple item nor a plain block header: comments, odd headers, the end, what does not belong."""
    text = reader.text
    if match.lastindex == 1:
        return _header(reader, body, match, names)
    position = match.end()
    try:
        found = reader.blank(position)
        if found > position or found >= len(text):
            return found
        message, remedy = f"No argument or block begins with {shown(text[found])}", "Remove it."
        if text[found] == '"':
            message, remedy = "The name of an argument is not quoted", "Remove the quotes."
        raise Bad(message, found, found + 1, remedy)
    except Bad as bad:
        reader.problems.append(bad.problem)
        return resume(reader, position, position, position)


def _header(reader: Reader, body: Body, match: re.Match[str], names: set[str]) -> int:
    """A block header with comments, escapes or mistakes in it, or a name that nothing fitting follows."""
    text, start, position = reader.text, match.start(1), match.end(1)
    labels: list[tuple[str, int, int]] = []
    try:
        while True:
            position = reader.inline(position)
            word = pattern(IDENTIFIER).match(text, position)
            if text.startswith('"', position):
                value, end = label(text, position)
            elif word:
                value, end = reader.named(word[0], position), word.end()
            else:
                break
            labels.append((value, position, end))
            position = end
        if text.startswith("{", position):
            return _block(reader, body, start, match[1], tuple(labels), position + 1)
        reader.after(position)
        if reader.token == "=" and not labels:
            expr, position = _value(reader, start, reader.end, "\n")
            if _may_add(reader, names, match[1], start):
                names.add(match[1])
                body.attributes.append(Attribute(match[1], start, match.end(1), expr))
            return position
        raise unexpected(
            reader, f"{match[1]} is no argument and no block", 'Write `name = value` or `type "label" { … }`.'
        )
    except Bad as bad:
        reader.problems.append(bad.problem)
    line = text.find("\n", position, position + HEADER)
    line = min(len(text), position + HEADER) if line < 0 else line
    raw = pattern(r'"([^"\n]*+)"|"([^"\n{]*[^"\n{ \t])').finditer(text, match.end(1), line)
    quoted = tuple((found[1] or found[2] or "", found.start(), found.end()) for found in raw)
    brace = pattern(r"[ \t\r\n]*+\{(?=[ \t]*+\r?\n)").match(text, line)
    if brace:
        return _block(reader, body, start, match[1], quoted, brace.end())
    if quoted and text[position:line].rstrip().endswith("{"):
        return _block(reader, body, start, match[1], quoted, text.rindex("{", position, line) + 1)
    return resume(reader, start, start, position)
