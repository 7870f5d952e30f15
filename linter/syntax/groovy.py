"""Groovy as Jenkinsfiles use it, to a tree with exact places. What cannot be read is a node that says so.

Encodes https://groovy-lang.org/syntax.html, …/structure.html and …/semantics.html (statements); the tree is described in
groovy_tree. Time grows with the text; nesting beyond MAX_DEPTH is not read. Never raises for bad input.
"""

from __future__ import annotations

from linter.model import Problem
from linter.records import NamedTuple
from linter.syntax.groovy_declarations import annotation, class_body, declaration
from linter.syntax.groovy_expressions import expression
from linter.syntax.groovy_lexer import tokens_of
from linter.syntax.groovy_primary import arguments
from linter.syntax.groovy_reader import MAX_DEPTH, Reader
from linter.syntax.groovy_tree import Node

MAX_TEXT = 4_000_000
"""Characters of a file; a longer one is nothing a person wrote."""


class Parsed(NamedTuple):
    """statements: of the whole file. problems: what is not Groovy, or not read, in the order of the text."""

    statements: tuple[Node, ...]
    problems: list[Problem]
    text: str


def parse(text: str) -> Parsed:
    """The statements of a script."""
    if len(text) > MAX_TEXT:
        return Parsed((), [Problem("too long for a script", 0, 0, "Split it.")], text)
    tokens, found = tokens_of(text)
    reader = Reader(tokens, found, _statements, expression)
    statements = _statements(reader, "end")
    problems = [
        Problem(message, start, end, "Correct it: Jenkins refuses it.") for start, end, message in sorted(found)
    ]
    return Parsed(statements, problems, text)


def _statements(reader: Reader, closing: str) -> tuple[Node, ...]:
    """Statements up to a closing token, which stays."""
    found: list[Node] = []
    while True:
        while reader.kinds[reader.at] in ("nl", ";"):
            reader.at += 1
        kind = reader.kinds[reader.at]
        if kind in (closing, "end") or (closing == "case" and _case_ends(reader)):
            return tuple(found)
        before = reader.at
        node = _statement(reader)
        found.append(node)
        if reader.at == before or reader.kinds[reader.at] not in ("nl", ";", "end", closing):
            if closing == "case" and _case_ends(reader):
                continue
            if node[0] != "unread" and reader.kinds[reader.at] in (")", "]", "}"):
                reader.complain(f"nothing opened this `{reader.kinds[reader.at]}`", reader.start, reader.start + 1)
                reader.take()
            elif reader.at == before or (reader.kinds[before] != "@" and not _ends(node)):
                found.append(_stray(reader))


_COMPOUND = frozenset(("if", "loop", "try", "switch", "class", "method", "closure", "word", "unread", "annotation"))


def _ends(node: Node) -> bool:
    """Whether another statement may follow on the same line: what ends in a block needs no `;`."""
    return node[0] in _COMPOUND or (node[0] == "call" and bool(node[4]) and node[4][-1][4][0] == "closure")


def _stray(reader: Reader) -> Node:
    start = reader.start
    if reader.kinds[reader.at] in (")", "]", "}"):
        reader.take()
        reader.complain("nothing opened this bracket", start, reader.last)
        return ("unread", start, reader.last, "nothing opened this bracket", ())
    return reader.unread("what stands here belongs to no statement")


def _case_ends(reader: Reader) -> bool:
    kind = reader.kinds[reader.at]
    return kind == "}" or (kind == "id" and reader.value in ("case", "default") and reader.peek() != "(")


def _statement(reader: Reader) -> Node:
    if reader.depth >= MAX_DEPTH:
        return reader.too_deep()
    reader.depth += 1
    node = _keyword(reader) or declaration(reader) or _plain(reader)
    reader.depth -= 1
    return node


def _plain(reader: Reader) -> Node:
    if reader.kind == "id" and reader.peek() == ":" and reader.peek(2) in ("id", "nl", "{"):
        reader.take()
        reader.take()
        reader.lines()
        return _statement(reader)
    return expression(reader, True)


def _keyword(reader: Reader) -> Node | None:
    if reader.kind == "@":
        return annotation(reader)
    word = reader.word()
    if word not in _READERS or reader.peek() in (".", ":", "=", ","):
        return None
    if word in _BLOCKS and reader.peek() == "nl" and word not in ("try", "else", "do"):
        return None
    start = reader.take()[1]
    return _READERS[word](reader, word, start)


def _body(reader: Reader) -> tuple[Node, ...]:
    """A block, or the one statement that stands for it."""
    reader.lines()
    if reader.kind == "{":
        return reader.block()
    return (_statement(reader),)


def _condition(reader: Reader) -> Node:
    """What stands in the parentheses of `if`, `while`, `switch`."""
    if reader.kind != "(":
        return reader.unread("`(` is missing", frozenset("{"))
    start = reader.start
    args = arguments(reader, ")")
    return args[0][4] if len(args) == 1 else ("list", start, reader.last, args)


def _if(reader: Reader, _: str, start: int) -> Node:
    branches = [(_condition(reader), _body(reader))]
    other = None
    while True:
        at = reader.after_lines()
        if reader.kinds[at] == ";":
            reader.at, kept = at + 1, reader.at
            at = reader.after_lines()
            reader.at = kept
        if reader.kinds[at] != "id" or reader.tokens[at][3] != "else":
            break
        reader.at = at
        reader.take()
        reader.lines()
        if reader.word() != "if":
            other = _body(reader)
            break
        reader.take()
        branches.append((_condition(reader), _body(reader)))
    return ("if", start, reader.last, tuple(branches), other)


def _loop(reader: Reader, word: str, start: int) -> Node:
    header: list[Node] = []
    if word == "do":
        body = _body(reader)
        reader.lines()
        if reader.word() == "while":
            reader.take()
            header.append(_condition(reader))
        return ("loop", start, reader.last, word, tuple(header), body)
    if word == "while":
        header.append(_condition(reader))
    elif reader.kind == "(":
        header = _for_header(reader)
    body = _body(reader)
    return ("loop", start, reader.last, word, tuple(header), body)


def _for_header(reader: Reader) -> list[Node]:
    loose, reader.loose = reader.loose, True
    reader.take()
    found: list[Node] = []
    while reader.kind not in (")", "end", "{"):
        if reader.kind in (";", ":", ","):
            reader.take()
            continue
        before = reader.at
        found.append(declaration(reader, in_header=True) or expression(reader))
        if reader.at == before:
            found.append(reader.unread("what stands here is no loop", frozenset("{")))
    reader.close(")")
    reader.loose = loose
    return found


def _try(reader: Reader, _: str, start: int) -> Node:
    if reader.kind == "(":
        arguments(reader, ")")
    body = _body(reader)
    catches: list[tuple[str, tuple[Node, ...]]] = []
    last: tuple[Node, ...] = ()
    while True:
        at = reader.after_lines()
        word = reader.tokens[at][3] if reader.kinds[at] == "id" else ""
        if word not in ("catch", "finally") or len(catches) > 1000:
            return ("try", start, reader.last, body, tuple(catches), last)
        reader.at = at
        reader.take()
        if word == "catch":
            name = _caught(reader)
            catches.append((name, _body(reader)))
        else:
            last += _body(reader)


def _caught(reader: Reader) -> str:
    """`(FirstException | Second e)` as text."""
    if reader.kind != "(":
        return ""
    names = []
    while reader.kinds[reader.at] not in (")", "{", "nl", "end"):
        token = reader.take()
        names.append(str(token[3]) if token[0] == "id" else "")
    reader.close(")")
    return " ".join(name for name in names if name)


def _switch(reader: Reader, _: str, start: int) -> Node:
    subject = _condition(reader)
    reader.lines()
    cases: list[tuple[Node | None, tuple[Node, ...]]] = []
    if reader.kind == "{":
        reader.take()
        while True:
            while reader.kinds[reader.at] in ("nl", ";"):
                reader.at += 1
            if reader.word() not in ("case", "default"):
                break
            label = expression(reader) if reader.take()[3] == "case" else None
            reader.close(":")
            cases.append((label, _statements(reader, "case")))
        reader.close("}")
    return ("switch", start, reader.last, subject, tuple(cases))


def _word(reader: Reader, word: str, start: int) -> Node:
    value = None
    if reader.kind not in ("nl", ";", "}", "end"):
        value = expression(reader, True)
        if word == "assert" and reader.kind in (":", ","):
            reader.take()
            expression(reader, True)
    return ("word", start, reader.last, word, value)


def _import(reader: Reader, _: str, start: int) -> Node:
    name = []
    while reader.kinds[reader.at] not in ("nl", ";", "end"):
        token = reader.take()
        name.append(str(token[3]) + " " * (token[3] in ("static", "as")) if token[0] == "id" else token[0])
    return ("import", start, reader.last, "".join(name))


_READERS = {
    "if": _if, "for": _loop, "while": _loop, "do": _loop, "try": _try, "switch": _switch, "return": _word,
    "throw": _word, "assert": _word, "break": _word, "continue": _word, "import": _import, "package": _import,
    "class": class_body, "interface": class_body, "enum": class_body,
}  # fmt: skip
_BLOCKS = frozenset(("if", "for", "while", "switch"))
