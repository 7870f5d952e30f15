"""Groovy's declarations: variables, methods, classes and annotations.

Encodes https://groovy-lang.org/objectorientation.html as far as Jenkinsfiles go; see groovy_tree for nodes.
"""

from __future__ import annotations

from linter.syntax.groovy_expressions import expression
from linter.syntax.groovy_primary import arguments, generic_end, type_like, type_name
from linter.syntax.groovy_reader import Reader
from linter.syntax.groovy_tree import Node

_MODIFIERS = frozenset(
    ("def", "final", "private", "public", "protected", "static", "abstract", "synchronized", "var", "transient")
)


def declaration(reader: Reader, in_header: bool = False) -> Node | None:
    """`def x = 1`, `String x`, `def (a, b) = f()`, `def f(a) { … }`; None where none begins here."""
    start, first = reader.start, reader.at
    modified = False
    while reader.word() in _MODIFIERS and reader.peek() in ("id", "(", "str", "@", "nl"):
        if reader.word() == "synchronized" and reader.peek() == "(":
            break
        modified = True
        reader.take()
    if modified:
        reader.lines()
        if reader.kind == "@":
            annotation(reader)
        if reader.word() == "class":
            reader.take()
            return class_body(reader, "class", start)
    elif not _typed(reader, in_header):
        reader.at = first
        return None
    if modified and reader.kind == "(":
        names = tuple(str(arg[4][3]) for arg in arguments(reader, ")") if arg[4][0] == "name")
        return _valued(reader, start, names)
    if not modified or _type_then_name(reader):
        type_name(reader)
    token = reader.take()
    name = str(token[3])
    if reader.kind == "(":
        return _method(reader, start, name)
    return _valued(reader, start, (name,))


def _typed(reader: Reader, in_header: bool) -> bool:
    """Whether a type and a name follow: `String x`, `Map<String, String> x =`, `foo x =`."""
    if not _type_then_name(reader):
        return False
    at = _behind_type(reader) + 1
    if type_like(reader.tokens[reader.at][3]) or in_header or reader.peek() == ".":
        return reader.kinds[at] in ("=", "nl", ";", "end", "}", "(", ":", ",", "id")
    return reader.kinds[at] == "="


def _type_then_name(reader: Reader) -> bool:
    at = _behind_type(reader)
    return (
        at > reader.at
        and reader.kinds[at] == "id"
        and reader.tokens[at][3] not in ("in", "as", "instanceof", "extends")
    )


def _behind_type(reader: Reader) -> int:
    kinds, at = reader.kinds, reader.at
    if kinds[at] != "id":
        return at
    at += 1
    while kinds[at] == "." and kinds[at + 1] == "id":
        at += 2
    if kinds[at] == "<":
        behind = generic_end(reader, at)
        if behind == at:
            return reader.at
        at = behind
    while kinds[at] == "[" and kinds[at + 1] == "]":
        at += 2
    return at


def _valued(reader: Reader, start: int, names: tuple[str, ...]) -> Node:
    value = None
    if reader.kind == "=":
        reader.take()
        reader.lines()
        value = expression(reader, True)
    while reader.kind == "," and reader.peek() == "id" and not reader.loose:
        reader.take()
        names = (*names, str(reader.take()[3]))
        if reader.kind == "=":
            reader.take()
            other = expression(reader, True)
            value = other if value is None else ("list", value[1], other[2], (value, other))
    return ("def", start, reader.last, names, value)


def _method(reader: Reader, start: int, name: str) -> Node:
    opening = reader.at
    reader.skip()
    names = []
    for index in range(opening, reader.at):
        if reader.kinds[index] == "id" and reader.kinds[index + 1] in (",", ")", "="):
            names.append(str(reader.tokens[index][3]))
    if reader.word() == "throws":
        while reader.kinds[reader.at] not in ("{", "nl", "end", ";"):
            reader.take()
    if reader.kinds[reader.after_lines()] == "{":
        reader.lines()
        body = reader.block()
        return ("method", start, reader.last, name, tuple(names), body)
    return ("method", start, reader.last, name, tuple(names), ())


def annotation(reader: Reader) -> Node:
    start = reader.take()[1]
    name = type_name(reader)
    args = arguments(reader, ")") if reader.kind == "(" else ()
    return ("annotation", start, reader.last, name, args)


def class_body(reader: Reader, _: str, start: int) -> Node:
    name = type_name(reader)
    if not name:
        reader.complain("a class without a name", start, reader.last)
    while reader.kinds[reader.at] not in ("{", "end", ";", "}"):
        reader.take()
    body = reader.block() if reader.kind == "{" else ()
    return ("class", start, reader.last, name, body)
