"""Collections of HCL2: tuples, objects and the `for` expressions that make them.

Specification: HCL Native Syntax Specification, "Collection Values" and "For Expressions"
(https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#collection-values). Simple elements and items are read
with one match each; whatever is more goes through the expression reader.
"""

from __future__ import annotations

import re

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
    KEYWORDS,
    Bad,
    Reader,
    number,
    pattern,
    unexpected,
)
from linter.syntax.hcl_template import for_names
from linter.syntax.hcl_tree import Expr


def tuple_(reader: Reader, start: int) -> Expr:
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
        items.append(reader.expression(reader, position))
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
    return number(reader.text, start, end)


def object_(reader: Reader, start: int) -> Expr:
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
        items.append((key, reader.expression(reader, reader.end if kind is None else match.end())))
        if reader.token == "}":
            return ("object", start, reader.end, tuple(items))
        if reader.token != "," and reader.token != "\n":
            raise unexpected(
                reader, "The items of this object do not end here", "Separate them with commas or newlines.", start
            )
        position = reader.end


def _key(reader: Reader, position: int) -> Expr:
    """A key of any form; a bare word is a string. Leaves the reader at `=` or `:`."""
    key = reader.expression(reader, position)
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
    collection = reader.expression(reader, position)
    if reader.token != ":":
        raise unexpected(reader, "This `for` has no result", "Write `for x in collection : result`.", start)
    result = reader.expression(reader, reader.end)
    result_key: Expr | None = None
    if reader.token == "=>":
        result_key, result = result, reader.expression(reader, reader.end)
    group = reader.token == "..."
    if group:
        reader.after(reader.end)
    condition: Expr | None = None
    if not reader.token and pattern(r"if(?![^\x00-,./:-@\[-^`{-\x7f])").match(reader.text, reader.start):
        condition = reader.expression(reader, reader.start + 2)
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
