"""A position in a list of Groovy tokens, and what every part of the parser does with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from linter.syntax.groovy_lexer import Token
from linter.syntax.groovy_tree import Node

MAX_DEPTH = 60
"""Of brackets, blocks and operators within each other; what is deeper is not read."""
_CLOSING = {"(": ")", "[": "]", "{": "}"}
Statements = Callable[["Reader", str], tuple[Node, ...]]
Expression = Callable[["Reader"], Node]


class Reader:
    """kinds, tokens: what is read; at: the index of the next one. loose: within ( or [, where line ends do not count.

    statements, expression: read a block's statements up to a closing token, and one expression.
    problems: (start, end, message) of what was not read.
    """

    __slots__ = ("at", "depth", "expression", "kinds", "last", "loose", "problems", "statements", "tokens")

    def __init__(
        self, tokens: list[Token], problems: list[tuple[int, int, str]], statements: Statements, expression: Expression
    ) -> None:
        self.tokens = tokens
        self.kinds = [token[0] for token in tokens]
        self.at = 0
        self.last = tokens[0][1]
        self.depth = 0
        self.loose = False
        self.problems = problems
        self.statements = statements
        self.expression = expression

    @property
    def kind(self) -> str:
        """The next token's kind; line ends passed over where they do not count."""
        if self.loose:
            self.lines()
        return self.kinds[self.at]

    @property
    def value(self) -> Any:
        return self.tokens[self.at][3]

    @property
    def start(self) -> int:
        return self.tokens[self.at][1]

    def word(self) -> str:
        """The next token's text where it is a name, '' otherwise."""
        return self.tokens[self.at][3] if self.kind == "id" else ""

    def take(self) -> Token:
        """The next token, passed; the last one, `end`, stays."""
        token = self.tokens[self.at]
        if token[0] != "end":
            self.at += 1
            self.last = token[2]
        return token

    def lines(self) -> None:
        while self.kinds[self.at] == "nl":
            self.at += 1

    def peek(self, ahead: int = 1) -> str:
        """The kind of a token further on, `end` beyond the last."""
        return self.kinds[min(self.at + ahead, len(self.kinds) - 1)]

    def after_lines(self) -> int:
        """The index of the next token that is no line end; looks at no more than 200."""
        at = self.at
        while self.kinds[at] == "nl" and at - self.at < 200:
            at += 1
        return at

    def complain(self, message: str, start: int, end: int) -> None:
        if len(self.problems) < 100:
            self.problems.append((start, end, message))

    def close(self, closing: str) -> None:
        """Passes a closing bracket, or says that it is missing and stays."""
        if self.kind == closing:
            self.take()
        else:
            self.complain(f"`{closing}` is missing", self.last, max(self.start, self.last))

    def unread(self, message: str, stops: frozenset[str] = frozenset()) -> Node:
        """What cannot be read, up to the end of its line; the blocks in it are read as statements."""
        start = self.start
        inner: list[Node] = []
        taken = 0
        while True:
            kind = self.kinds[self.at]
            if (
                kind == "end"
                or (taken and (kind in ("nl", ";") or kind in stops))
                or (kind in (")", "]", "}") and taken)
            ):
                break
            taken += 1
            if kind == "{" and self.depth < MAX_DEPTH:
                inner += self.block()
            elif kind in _CLOSING and self.depth >= MAX_DEPTH:
                self.skip()
            else:
                self.take()
        self.complain(message, start, max(self.last, start))
        return ("unread", start, max(self.last, start), message, tuple(inner))

    def block(self) -> tuple[Node, ...]:
        """The statements of `{ … }`, its braces passed."""
        loose, self.loose = self.loose, False
        self.take()
        self.depth += 1
        found = self.statements(self, "}")
        self.depth -= 1
        self.close("}")
        self.loose = loose
        return found

    def skip(self) -> None:
        """Passes a bracket and everything to the one that closes it."""
        stack: list[str] = []
        while self.kinds[self.at] != "end":
            kind = self.take()[0]
            if kind in _CLOSING:
                stack.append(_CLOSING[kind])
            elif stack and kind == stack[-1]:
                stack.pop()
            if not stack:
                return

    def too_deep(self) -> Node:
        start = self.start
        message = "nested too deeply"
        if self.kinds[self.at] in _CLOSING:
            self.skip()
        else:
            self.take()
        self.complain(message, start, self.last)
        return ("unread", start, self.last, message, ())
