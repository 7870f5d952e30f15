"""Groovy's expressions as the model's values: what is written out, and Unknown where only a run decides."""

from __future__ import annotations

from typing import Any

from linter.model import Entry, Map, Seq, Unknown
from linter.parsers.pipelines.model import texts
from linter.records import NamedTuple
from linter.syntax.groovy_text import Written
from linter.syntax.groovy_tree import Node, dotted, pieces_of, walk
from linter.trees import put

MAX_ITEMS = 2000
"""Entries of one list or map, and holes of one text, that are read."""


class Code(NamedTuple):
    """A file's text and its index, which places name."""

    source: int
    text: str

    def entry(self, node: Node) -> Entry:
        """The place of a node as of something without a key."""
        return self.source, node[1], node[1], node[1], node[2]

    def said(self, node: Node) -> str:
        """A node as it is written, on one line and not too long."""
        return " ".join(self.text[node[1] : min(node[2], node[1] + 120)].split())


def text_of(code: Code, node: Node) -> Written | None:
    """The text an expression makes, its holes as they are written; None where it is no text."""
    pieces = pieces_of(node, code.text)
    return Written.of(pieces) if pieces is not None else None


def value_of(code: Code, node: Node, depth: int = 0) -> Any:
    """An expression's value: texts with their holes, numbers, lists and maps of such; anything else is Unknown."""
    op = node[0]
    if op == "lit":
        return node[3]
    written = text_of(code, node)
    if written is not None:
        return written
    if op == "list" and depth < 20:
        found = Seq((code.source, node[1], node[2]))
        for arg in node[3][:MAX_ITEMS]:
            found.append(value_of(code, arg[4], depth + 1))
            found.at.append(code.entry(arg[4]))
        return found
    if op == "map" and depth < 20:
        return map_of(code, node[3], (code.source, node[1], node[2]), depth)
    return unknown(code, node)


def unknown(code: Code, node: Node) -> Unknown:
    return Unknown("run-time", code.said(node), "write the value out, or judge it in the build")


def map_of(code: Code, args: tuple[Node, ...], span: tuple[int, int, int], depth: int = 0) -> Map:
    """Arguments, or a map's entries, by name; those without a name under "0", "1"…; blocks are left out."""
    made = Map(span)
    number = 0
    for arg in args[:MAX_ITEMS]:
        _, start, end, key, value = arg
        if value[0] == "closure":
            continue
        if key is None:
            key, start, end = str(number), value[1], value[1]
            number += 1
        elif not isinstance(key, str):
            key = str(text_of(code, key) or code.said(key))
        made[key] = value_of(code, value, depth + 1)
        made.at[key] = (code.source, start, end, value[1], value[2])
    return made


def argument(call: Node, name: str, position: int = -1) -> Node | None:
    """An argument of a call by its name, or by its position among those without one."""
    number = 0
    for _, _, _, key, value in call[4]:
        if key == name:
            return value  # type: ignore[no-any-return]
        if key is None and value[0] != "closure":
            if number == position:
                return value  # type: ignore[no-any-return]
            if value[0] == "map":
                found = next((entry[4] for entry in value[3] if entry[3] == name), None)
                if found is not None:
                    return found  # type: ignore[no-any-return]
            number += 1
    return None


def block_of(call: Node) -> Node | None:
    """The block a call ends with."""
    if call[0] == "call" and call[4] and call[4][-1][4][0] == "closure":
        return call[4][-1][4]  # type: ignore[no-any-return]
    return None


def holes(code: Code, node: Node, where: str, found: Seq) -> None:
    """Appends what a text takes in at run time as expressions of the model: of strings, and of texts put together."""
    for each in walk(node):
        if each[0] == "hole":
            _hole(code, each[3], each[1], each[2], where, found)
        elif each[0] == "chain" and "+" in each[4] and pieces_of(each, code.text) is not None:
            for operand in each[3]:
                if operand[0] not in ("lit", "gstring"):
                    _hole(code, operand, operand[1], operand[2], where, found)
        elif each[0] == "closure":
            return
        if len(found) > MAX_ITEMS:
            return


def _hole(code: Code, node: Node, start: int, end: int, where: str, found: Seq) -> None:
    names, calls = names_in(node)
    made = Map((code.source, start, end))
    entry = (code.source, start, start, start, end)
    for key, value in (
        ("text", code.text[node[1] : node[2]]),
        ("where", where),
        ("contexts", texts(names, entry)),
        ("flows", texts(names, entry)),
        ("calls", texts(calls, entry)),
        ("error", ""),
    ):
        put(made, key, value, entry)
    found.append(made)
    found.at.append(entry)


def names_in(node: Node) -> tuple[list[str], list[str]]:
    """The names and paths of names an expression reads, `env.X` as it stands, and the names it calls."""
    names: list[str] = []
    calls: list[str] = []
    stack = [node]
    while stack and len(names) < MAX_ITEMS:
        each = stack.pop()
        if each[0] == "call":
            calls.append(
                dotted(each[3]) or (each[3][4] if each[3][0] == "prop" and isinstance(each[3][4], str) else "")
            )
            if each[3][0] == "prop":
                stack.append(each[3][3])
            stack.extend(arg[4] for arg in each[4] if arg[4][0] != "closure")
            continue
        path = dotted(each) or _looked_up(each)
        if path:
            names.append(path)
        else:
            from linter.syntax.groovy_tree import children

            stack.extend(children(each))
    return names, [name for name in calls if name]


def _looked_up(node: Node) -> str:
    """`env['X']` and `params["X"]` as paths."""
    if node[0] == "index" and len(node[4]) == 1 and node[3][0] == "name" and node[4][0][4][0] == "lit":
        return f"{node[3][3]}.{node[4][0][4][3]}"
    return ""
