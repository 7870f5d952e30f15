"""Groovy's values and brackets: literals, strings with holes, lists, maps, arguments, closures, `new`, types.

Encodes https://groovy-lang.org/syntax.html and …/closures.html; see groovy_tree for nodes.
"""

from __future__ import annotations

from typing import Any

from linter.syntax.groovy_reader import MAX_DEPTH, Reader
from linter.syntax.groovy_tree import Node

_CONSTANTS = {"true": True, "false": False, "null": None}
_PRIMITIVES = frozenset(("int", "long", "short", "byte", "char", "float", "double", "boolean", "void"))
_KEYWORDS = frozenset(
    """return if else for while do try catch finally switch case throw assert class interface enum import package
    break continue""".split()  # noqa: SIM905
)
_STOPS = frozenset((")", "]", "}", ",", ";", "nl", "end", ":"))


def type_like(word: str) -> bool:
    """Whether a name is written as types are: a primitive, or with a capital."""
    return word in _PRIMITIVES or word[:1].isupper()


def type_name(reader: Reader) -> str:
    """A type as written, `Map<String, List>[]`; '' where none stands."""
    if reader.kind != "id":
        return ""
    name = str(reader.take()[3])
    while reader.kinds[reader.at] == "." and reader.peek() == "id":
        reader.take()
        name += f".{reader.take()[3]}"
    if reader.kinds[reader.at] == "<":
        closing = generic_end(reader, reader.at)
        while reader.at < closing:
            reader.take()
    while reader.kinds[reader.at] == "[" and reader.peek() == "]":
        reader.take()
        reader.take()
        name += "[]"
    return name


def generic_end(reader: Reader, at: int) -> int:
    """The index behind `<…>` that begins at an index, the index itself where it is none; looks at 40 tokens."""
    depth, first = 0, at
    while at < len(reader.kinds) and at - first < 40:
        kind = reader.kinds[at]
        if kind not in ("<", ">", "id", ",", ".", "?", "[", "]"):
            return first
        depth += (kind == "<") - (kind == ">")
        at += 1
        if depth == 0:
            return at
    return first


def primary(reader: Reader) -> Node:
    """A value without its operators, properties and calls."""
    kind = reader.kind
    start = reader.start
    if kind == "id":
        return _named(reader, start)
    if kind == "str":
        token = reader.take()
        return ("lit", start, token[2], token[3])
    if kind == "gstr":
        return _template(reader)
    if kind == "num":
        token = reader.take()
        return ("lit", start, token[2], number(token[3]))
    if kind in ("(", "[", "{"):
        if reader.depth >= MAX_DEPTH:
            return reader.too_deep()
        return _parenthesis(reader) if kind == "(" else _collection(reader) if kind == "[" else closure(reader)
    return _missing(reader)


def _missing(reader: Reader) -> Node:
    if reader.kind in _STOPS:
        reader.complain("a value is missing", reader.last, max(reader.last, reader.start))
        return ("unread", reader.last, reader.last, "a value is missing", ())
    return reader.unread("what stands here is no value")


def _named(reader: Reader, start: int) -> Node:
    word = reader.value
    if word in _CONSTANTS:
        return ("lit", start, reader.take()[2], _CONSTANTS[word])
    if word == "new" and reader.peek() == "id":
        reader.take()
        name = type_name(reader)
        args: tuple[Node, ...] = ()
        while reader.kind in ("(", "[") and (not args or reader.kind == "["):
            args += arguments(reader, ")" if reader.kind == "(" else "]")
        body = reader.block() if reader.kind == "{" else ()
        return ("new", start, reader.last, name, args, body)
    if word in _KEYWORDS and reader.peek() not in (":", ".", "="):
        return reader.unread(f"`{word}` begins no value")
    return ("name", start, reader.take()[2], word)


def number(text: str) -> Any:
    """A number's value; its text where it is longer than a number may be."""
    plain = text.replace("_", "").rstrip("lLiIgG")
    try:
        if len(plain) > 300:
            return text
        if plain[:2] in ("0x", "0X"):
            return int(plain, 16)
        plain = plain.rstrip("fFdD")
        return int(plain) if plain.isdigit() else float(plain)
    except ValueError:
        return text


def _template(reader: Reader) -> Node:
    token = reader.take()
    parts: list[Node] = []
    for kind, start, end, value in token[3]:
        if kind == "text":
            parts.append(("text", start, end, value))
            continue
        inner = Reader(value, reader.problems, reader.statements, reader.expression)
        inner.depth = reader.depth + 1
        found = inner.statements(inner, "end") if inner.depth < MAX_DEPTH else (inner.too_deep(),)
        whole: Node = found[0] if len(found) == 1 else ("closure", start, end, (), found)
        parts.append(("hole", start, end, whole))
    return ("gstring", token[1], token[2], tuple(parts))


def _parenthesis(reader: Reader) -> Node:
    loose, reader.loose = reader.loose, True
    reader.take()
    inner = reader.expression(reader)
    if reader.kind == ")":
        reader.take()
        reader.loose = loose
        return inner
    reader.loose = loose
    found: list[Node] = []
    _unclosed(reader, ")", found)
    return ("list", inner[1], reader.last, (("arg", inner[1], inner[2], None, inner), *found)) if found else inner


def _collection(reader: Reader) -> Node:
    start = reader.start
    if reader.peek() == ":" and reader.peek(2) == "]":
        for _ in range(3):
            reader.take()
        return ("map", start, reader.last, ())
    items = arguments(reader, "]")
    op = "map" if any(item[3] is not None for item in items) else "list"
    return (op, start, reader.last, items)


def arguments(reader: Reader, closing: str) -> tuple[Node, ...]:
    """What stands between brackets, separated by commas; a bracket that does not close ends where a value is missing."""
    if reader.depth >= MAX_DEPTH:
        deep = reader.too_deep()
        return (("arg", deep[1], deep[2], None, deep),)
    loose, reader.loose = reader.loose, True
    reader.depth += 1
    reader.take()
    found: list[Node] = []
    while reader.kind not in (closing, "end"):
        found.append(one_argument(reader))
        if reader.kind != ",":
            break
        reader.take()
    reader.depth -= 1
    closed = reader.kind == closing
    reader.loose = loose
    if closed:
        reader.take()
    else:
        _unclosed(reader, closing, found)
    return tuple(found)


def _unclosed(reader: Reader, closing: str, found: list[Node]) -> None:
    """What stands where a comma or the closing bracket should: passed up to the line's end."""
    while reader.at and reader.kinds[reader.at - 1] == "nl":
        reader.at -= 1
    if reader.kinds[reader.at] not in ("nl", "end", "}", ";"):
        skipped = reader.unread(f"`{closing}` is missing", frozenset((closing,)))
        found.append(("arg", skipped[1], skipped[2], None, skipped))
    if reader.kinds[reader.at] == closing:
        reader.take()
    else:
        reader.complain(f"`{closing}` is missing", reader.last, reader.last)


def one_argument(reader: Reader) -> Node:
    """`value`, `name: value`, `(computed): value`, `*spread` or `*: map`."""
    kind, start = reader.kind, reader.start
    if kind in ("id", "str", "num") and reader.peek() == ":":
        token = reader.take()
        reader.take()
        reader.lines()
        return ("arg", start, token[2], str(token[3]), reader.expression(reader))
    if kind == "*" and reader.peek() == ":":
        reader.take()
        reader.take()
        return ("arg", start, reader.last, "*", reader.expression(reader))
    value = reader.expression(reader)
    if reader.kind == ":":
        reader.take()
        reader.lines()
        return ("arg", min(start, value[1]), value[2], value, reader.expression(reader))
    return ("arg", value[1], value[2], None, value)


def closure(reader: Reader) -> Node:
    """`{ a, b -> … }`."""
    start = reader.start
    if reader.depth >= MAX_DEPTH:
        return reader.too_deep()
    names = _parameters(reader)
    statements = reader.block()
    return ("closure", start, reader.last, names, statements)


def _parameters(reader: Reader) -> tuple[str, ...]:
    """The parameters of the closure that begins here; its tokens up to the arrow are taken out of the way."""
    kinds, at = reader.kinds, reader.at + 1
    limit = min(at + 60, len(kinds) - 1)
    while at < limit and kinds[at] in ("id", ",", "nl", ".", "<", ">", "[", "]", "=", "num", "str", "...", "?", "@"):
        at += 1
    if kinds[at] != "->":
        return ()
    names: list[str] = []
    for index in range(reader.at + 1, at):
        if kinds[index] == "id" and kinds[index + 1] in (",", "->", "=", "nl"):
            names.append(str(reader.tokens[index][3]))
    opening = reader.tokens[reader.at]
    reader.tokens[at] = ("{", opening[1], opening[2], None)
    kinds[at] = "{"
    reader.at = at
    return tuple(names)
