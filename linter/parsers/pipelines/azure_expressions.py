"""Azure Pipelines' expressions: what stands in `${{ }}`, `$[ ]` and `condition`, parsed with bounded recursion.

Grammar: https://learn.microsoft.com/azure/devops/pipelines/process/expressions. There are no operators but functions.
Nodes have the shapes of linter.parsers.pipelines.expressions, so that what walks those walks these:

    ("lit", s, e, value)          null, bool, number, string; a version (`1.2.3`) is its text
    ("ctx", s, e, path)           `parameters.x`, `variables['Build.Reason']`, `a.*.b`: lower-case names, "*", nodes
    ("deref", s, e, base, path)   `split(x, ',')[0]`
    ("call", s, e, name, args)    name in lower case
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from linter.parsers.pipelines.expression_nodes import Node, walk
from linter.parsers.pipelines.expressions import Expression, ExpressionError, dotted

MAX_DEPTH = 50
MAX_LENGTH = 100_000

MANY = 1_000
FUNCTIONS: dict[str, tuple[int, int]] = {
    "and": (2, MANY), "or": (2, MANY), "not": (1, 1), "xor": (2, 2), "eq": (2, 2), "ne": (2, 2), "lt": (2, 2),
    "le": (2, 2), "gt": (2, 2), "ge": (2, 2), "in": (2, MANY), "notin": (2, MANY), "contains": (2, 2),
    "containsvalue": (2, 2), "startswith": (2, 2), "endswith": (2, 2), "format": (1, MANY), "join": (2, 2),
    "split": (2, 2), "replace": (3, 3), "lower": (1, 1), "upper": (1, 1), "trim": (1, 1), "length": (1, 1),
    "coalesce": (2, MANY), "counter": (0, 2), "converttojson": (1, 1), "iif": (3, 3), "always": (0, 0),
    "canceled": (0, 0), "failed": (0, MANY), "succeeded": (0, MANY), "succeededorfailed": (0, MANY),
}  # fmt: skip
"""Functions in lower case → the fewest and most arguments they take."""


@lru_cache(maxsize=8192)
def parse(text: str) -> Expression:
    """Parses the text between the delimiters. Never raises: what cannot be read has node None and an error."""
    try:
        if len(text) > MAX_LENGTH:
            raise ExpressionError("expression is too long", 0)
        node = _Parser(_tokens(text), len(text)).parse()
    except ExpressionError as error:
        return Expression(None, str(error), (), (), ())
    contexts: dict[str, None] = {}
    calls: dict[str, None] = {}
    for each in walk(node):
        if each[0] == "ctx":
            contexts[dotted(each[3])] = None
        elif each[0] == "call":
            calls[each[3]] = None
    flows = dict.fromkeys(_flows(node))
    return Expression(node, "", tuple(contexts), tuple(flows), tuple(calls))


# Functions whose result is a truth value, a number or one of the run.
_OPAQUE = frozenset(
    ("and", "or", "not", "xor", "eq", "ne", "lt", "le", "gt", "ge", "in", "notin", "contains", "containsvalue",
     "startswith", "endswith", "length", "counter", "always", "canceled", "failed", "succeeded", "succeededorfailed")
)  # fmt: skip


def _flows(node: Node) -> list[str]:
    """The contexts whose text can become the expression's."""
    found, stack = [], [node]
    while stack:
        current = stack.pop()
        if current[0] == "ctx":
            found.append(dotted(current[3]))
        elif current[0] == "deref":
            stack.append(current[3])
        elif current[0] == "call" and current[3] not in _OPAQUE:
            args = current[4][1:] if current[3] == "iif" else current[4]
            stack.extend(reversed(args))
    return found


@cache
def _lexer() -> re.Pattern[str]:
    return re.compile(
        r"(?P<space>\s+)"
        r"|(?P<version>\d+\.\d+\.\d+(?:\.\d+)?(?![\w.]))"
        r"|(?P<number>[-+]?(?:0x[0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|Infinity\b|NaN\b))"
        r"|(?P<name>[A-Za-z_][A-Za-z0-9_-]*)"
        r"|(?P<string>'(?:[^']|'')*')"
        r"|(?P<op>[()\[\].,*])"
    )


Token = tuple[str, str, int, int]


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    lexer = _lexer()
    position, length = 0, len(text)
    while position < length:
        after_dot = bool(tokens) and tokens[-1][1] == "."
        match = lexer.match(text, position)
        if match is None:
            raise ExpressionError(f"unexpected character {text[position]!r}", position)
        kind = match.lastgroup or ""
        if after_dot and kind in ("number", "version"):
            raise ExpressionError("a name is missing after '.'", position)
        if kind != "space":
            tokens.append((kind, match.group(), match.start(), match.end()))
        position = match.end()
    return tokens


_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}


class _Parser:
    """Recursive descent, bounded by MAX_DEPTH; dereferences are loops."""

    __slots__ = ("depth", "length", "position", "tokens")

    def __init__(self, tokens: list[Token], length: int) -> None:
        self.tokens = tokens
        self.length = length
        self.position = 0
        self.depth = 0

    def parse(self) -> Node:
        if not self.tokens:
            raise ExpressionError("expression is empty", 0)
        node = self._value()
        if self.position < len(self.tokens):
            token = self.tokens[self.position]
            raise ExpressionError(f"unexpected {token[1]!r}", token[2])
        return node

    def _peek(self) -> str:
        if self.position < len(self.tokens):
            kind, text, _, _ = self.tokens[self.position]
            return text if kind == "op" else ""
        return ""

    def _expect(self, text: str) -> int:
        if self._peek() != text:
            where = self.tokens[self.position][2] if self.position < len(self.tokens) else self.length
            raise ExpressionError(f"{text!r} is missing", where)
        self.position += 1
        return self.tokens[self.position - 1][3]

    def _value(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(f"expression is nested deeper than {MAX_DEPTH} levels", 0)
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
                    path.append(_segment(self._value()))
                end = self._expect("]")
            else:
                break
        self.depth -= 1
        if not path:
            return base
        if base[0] == "ctx":
            return ("ctx", base[1], end, base[3] + tuple(path))
        return ("deref", base[1], end, base, tuple(path))

    def _member(self) -> tuple[str, int]:
        if self.position >= len(self.tokens):
            raise ExpressionError("a name is missing after '.'", self.length)
        kind, text, start, end = self.tokens[self.position]
        if kind != "name" and text != "*":
            raise ExpressionError("a name is missing after '.'", start)
        self.position += 1
        return text.lower(), end

    def _primary(self) -> Node:
        if self.position >= len(self.tokens):
            raise ExpressionError("expression ends too early", self.length)
        kind, text, start, end = self.tokens[self.position]
        self.position += 1
        if kind == "string":
            return ("lit", start, end, text[1:-1].replace("''", "'"))
        if kind == "version":
            return ("lit", start, end, text)
        if kind == "number":
            return ("lit", start, end, number(text))
        if kind == "name":
            if self._peek() == "(":
                return self._call(text, start)
            if text.lower() in _WORDS:
                return ("lit", start, end, _WORDS[text.lower()])
            return ("ctx", start, end, (text.lower(),))
        raise ExpressionError(f"unexpected {text!r}", start)

    def _call(self, name: str, start: int) -> Node:
        arity = FUNCTIONS.get(name.lower())
        if arity is None:
            raise ExpressionError(f"there is no function {name!r}", start)
        self.position += 1
        args: list[Node] = []
        if self._peek() != ")":
            args.append(self._value())
            while self._peek() == ",":
                self.position += 1
                args.append(self._value())
        end = self._expect(")")
        if not arity[0] <= len(args) <= arity[1]:
            raise ExpressionError(f"{name} does not take {len(args)} arguments", start)
        return ("call", start, end, name.lower(), tuple(args))


def _segment(index: Node) -> Any:
    if index[0] == "lit" and isinstance(index[3], (str, int)) and not isinstance(index[3], bool):
        return str(index[3]).lower()
    return index


def number(text: str) -> int | float:
    """A number as written: decimal, hexadecimal or with an exponent; 0 where it is too large to hold."""
    try:
        return int(text, 0)
    except ValueError:
        pass
    try:
        return float(text)
    except (ValueError, OverflowError):
        return 0
