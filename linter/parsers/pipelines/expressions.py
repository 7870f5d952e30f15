"""GitHub expressions: what stands between `${{` and `}}`, parsed without recursion on what a file controls.

Grammar: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions. Nodes are tuples
`(op, start, end, …)` with offsets into the text that was parsed:

    ("lit", s, e, value)            null, bool, number, string
    ("ctx", s, e, path)             `github.event.issue.title`, `matrix['os']`, `a.*.b`: path is a tuple of lower-case
                                    names, "*", and nodes for indexes that are no texts
    ("call", s, e, name, args)      name in lower case
    ("deref", s, e, base, path)     `fromJSON(x).y`, `(a || b).c`
    ("or", s, e, operands)  ("and", s, e, operands)  ("not", s, e, x)
    ("cmp", s, e, operators, operands)  operators of one level, from left to right; `< <= > >=` bind closer than `== !=`
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from linter.parsers.pipelines.expression_nodes import Node, sources, walk
from linter.records import NamedTuple

# GitHub refuses expressions nested deeper than 50 and longer than 21,000 characters; we read a little further.
MAX_DEPTH = 64
MAX_TOKENS = 400_000


class ExpressionError(ValueError):
    """An expression that would be refused. place: start and end in the text of what is wrong."""

    def __init__(self, message: str, start: int, end: int = 0) -> None:
        super().__init__(message)
        self.place = start, max(end, start + 1)


class Found(NamedTuple):
    """A `${{ … }}` in a text. start and end include the delimiters; closed is false where `}}` is missing."""

    start: int
    end: int
    closed: bool

    @property
    def inner(self) -> tuple[int, int]:
        return self.start + 3, self.end - 2 if self.closed else self.end


class Expression(NamedTuple):
    """A parsed expression. node is None where it could not be read; error then says why, place (start, end) where.

    contexts: every context used, dotted in lower case (`github.event.issue.title`, `steps.x.outputs.y`; a computed
    index is `[]`). flows: those whose value can become the expression's value. calls: functions, in lower case.
    """

    node: Node | None
    error: str
    contexts: tuple[str, ...]
    flows: tuple[str, ...]
    calls: tuple[str, ...]
    place: tuple[int, int] = (0, 0)


def find(text: str) -> list[Found]:
    """Every expression of a text, in order; quotes inside are respected. Linear in the text."""
    found: list[Found] = []
    start = text.find("${{")
    if start < 0:
        return found
    pattern = _closing()
    while start >= 0:
        position = start + 3
        while True:
            match = pattern.search(text, position)
            if match is None:
                # An unclosed quote swallows the end: fall back to the first `}}` so that the rest stays visible.
                closing = text.find("}}", start + 3)
                end = closing + 2 if closing >= 0 else len(text)
                found.append(Found(start, end, closing >= 0))
                break
            if match.group() == "}}":
                found.append(Found(start, match.end(), True))
                break
            position = match.end()
        start = text.find("${{", found[-1].end)
    return found


@cache
def _closing() -> re.Pattern[str]:
    return re.compile(r"\}\}|'[^']*'")


@cache
def _lexer() -> re.Pattern[str]:
    return re.compile(
        r"(?P<space>\s+)"
        r"|(?P<number>[-+]?(?:0x[0-9a-fA-F]+|0o[0-7]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|Infinity\b|NaN\b))"
        r"|(?P<name>[A-Za-z_][A-Za-z0-9_-]*)"
        r"|(?P<string>'(?:[^']|'')*')"
        r"|(?P<op>&&|\|\||==|!=|<=|>=|[<>!()\[\].,*])"
    )


@lru_cache(maxsize=8192)
def parse(text: str) -> Expression:
    """Parses the text between the delimiters. Never raises: what cannot be read has node None and an error."""
    try:
        node = _Parser(_tokens(text), len(text)).parse()
    except ExpressionError as error:
        return Expression(None, str(error), (), (), (), error.place)
    contexts: dict[str, None] = {}
    calls: dict[str, None] = {}
    for each in walk(node):
        if each[0] == "ctx":
            contexts[dotted(each[3])] = None
        elif each[0] == "call":
            calls[each[3]] = None
    flows = dict.fromkeys(dotted(each[3]) if each[0] == "ctx" else "()" for each in sources(node))
    return Expression(node, "", tuple(contexts), tuple(flows), tuple(calls))


def dotted(path: tuple[Any, ...]) -> str:
    return ".".join(part if isinstance(part, str) else _index_name(part) for part in path)


def _index_name(part: Node) -> str:
    return str(part[3]) if part[0] == "lit" else "[]"


def _tokens(text: str) -> list[tuple[str, str, int, int]]:
    tokens: list[tuple[str, str, int, int]] = []
    lexer = _lexer()
    position, length = 0, len(text)
    value = False
    while position < length:
        match = lexer.match(text, position)
        if match is None:
            raise ExpressionError(_strange(text, position), position, position + 1)
        kind = match.lastgroup or ""
        end = match.end()
        if kind != "space":
            if kind == "number" and value and text[position] == ".":
                # `a.0`: a dot behind a value asks for a name; a number begins with one only where a value may stand.
                kind, end = "op", position + 1
            tokens.append((kind, text[position:end], position, end))
            if len(tokens) > MAX_TOKENS:
                raise ExpressionError("expression is too long", position, end)
            value = kind != "op" or text[position] in ")]*"
        position = end
    return tokens


def _strange(text: str, position: int) -> str:
    char = text[position]
    if char == '"':
        return "a double quote begins no text here: single quotes do"
    if char == "'":
        return "this text is not closed: a single quote is missing"
    if char in "+-/%":
        return f"there is no operator `{char}` here"
    return f"unexpected character {char!r}"


_EQUAL = ("==", "!=")
_ORDER = ("<", "<=", ">", ">=")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}


class _Parser:
    """Recursive descent, bounded by MAX_DEPTH; chains of operators, negations and dereferences are loops."""

    __slots__ = ("depth", "length", "position", "tokens")

    def __init__(self, tokens: list[tuple[str, str, int, int]], length: int) -> None:
        self.tokens = tokens
        self.length = length
        self.position = 0
        self.depth = 0

    def parse(self) -> Node:
        if not self.tokens:
            raise ExpressionError("expression is empty", 0, 0)
        node = self._or()
        if self.position < len(self.tokens):
            token = self.tokens[self.position]
            raise ExpressionError(f"unexpected `{token[1]}`", token[2], token[3])
        return node

    def _peek(self) -> str:
        if self.position < len(self.tokens):
            kind, text, _, _ = self.tokens[self.position]
            if kind == "op":
                return text
        return ""

    def _here(self) -> tuple[int, int]:
        if self.position < len(self.tokens):
            return self.tokens[self.position][2:]
        return self.length - 1, self.length

    def _expect(self, text: str) -> int:
        if self._peek() != text:
            raise ExpressionError(f"`{text}` is missing", *self._here())
        self.position += 1
        return self.tokens[self.position - 1][3]

    def _or(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError("expression is nested too deeply", *self._here())
        operands = [self._and()]
        while self._peek() == "||":
            self.position += 1
            operands.append(self._and())
        self.depth -= 1
        return operands[0] if len(operands) == 1 else ("or", operands[0][1], operands[-1][2], tuple(operands))

    def _and(self) -> Node:
        operands = [self._compare(_EQUAL)]
        while self._peek() == "&&":
            self.position += 1
            operands.append(self._compare(_EQUAL))
        return operands[0] if len(operands) == 1 else ("and", operands[0][1], operands[-1][2], tuple(operands))

    def _compare(self, level: tuple[str, ...]) -> Node:
        operands = [self._compare(_ORDER) if level is _EQUAL else self._not()]
        operators: list[str] = []
        while self._peek() in level:
            operators.append(self._peek())
            self.position += 1
            operands.append(self._compare(_ORDER) if level is _EQUAL else self._not())
        if not operators:
            return operands[0]
        return ("cmp", operands[0][1], operands[-1][2], tuple(operators), tuple(operands))

    def _not(self) -> Node:
        starts: list[int] = []
        while self._peek() == "!":
            starts.append(self.tokens[self.position][2])
            self.position += 1
        node = self._postfix()
        for start in reversed(starts):
            # `!!x` is a truth value and x is none; more than two say no more, in parentheses or not.
            doubled = node[0] == "not" and node[3][0] == "not"
            node = ("not", start, node[2], node[3][3] if doubled else node)
        return node

    def _postfix(self) -> Node:
        base = self._primary()
        path: list[Any] = []
        end = base[2]
        while True:
            operator = self._peek()
            if operator == ".":
                self.position += 1
                text, end = self._member()
                path.append(text)
            elif operator == "[":
                self.position += 1
                if self._peek() == "*":
                    self.position += 1
                    path.append("*")
                else:
                    index = self._or()
                    path.append(_segment(index))
                end = self._expect("]")
            else:
                break
        if not path:
            return base
        if base[0] == "ctx":
            return ("ctx", base[1], end, base[3] + tuple(path))
        return ("deref", base[1], end, base, tuple(path))

    def _member(self) -> tuple[str, int]:
        if self.position >= len(self.tokens):
            raise ExpressionError("a name is missing after `.`", *self._here())
        kind, text, _, end = self.tokens[self.position]
        if kind != "name" and text != "*":
            raise ExpressionError("a name is missing after `.`", *self._here())
        self.position += 1
        return text.lower(), end

    def _primary(self) -> Node:
        if self.position >= len(self.tokens):
            raise ExpressionError("expression ends too early", *self._here())
        kind, text, start, end = self.tokens[self.position]
        self.position += 1
        if kind == "string":
            return ("lit", start, end, text[1:-1].replace("''", "'"))
        if kind == "number":
            return ("lit", start, end, _number(text))
        if kind == "name":
            if self._peek() == "(":
                return self._call(text, start)
            if text in _WORDS:
                return ("lit", start, end, _WORDS[text])
            return ("ctx", start, end, (text.lower(),))
        if text == "(":
            node = self._or()
            self._expect(")")
            return node
        raise ExpressionError(f"unexpected `{text}`", start, end)

    def _call(self, name: str, start: int) -> Node:
        self.position += 1
        args: list[Node] = []
        if self._peek() != ")":
            args.append(self._or())
            while self._peek() == ",":
                self.position += 1
                args.append(self._or())
        end = self._expect(")")
        return ("call", start, end, name.lower(), tuple(args))


def _segment(index: Node) -> Any:
    return index[3].lower() if index[0] == "lit" and isinstance(index[3], str) else index


def _number(text: str) -> int | float:
    digits = text.lstrip("+-")
    if digits[:2] in ("0x", "0o"):
        return int(text, 16 if digits[1] == "x" else 8)
    number = float(text)
    return int(number) if number.is_integer() and "." not in text and "e" not in text.lower() else number
