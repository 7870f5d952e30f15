"""The expressions of `rules: if` and `only: variables`: a parser, and three-valued evaluation.

Encodes https://docs.gitlab.com/ci/jobs/job_rules/#cicd-variable-expressions: variables, quoted texts, `null`, booleans,
patterns of RE2, `==` `!=` `=~` `!~`, `&&` before `||`, parentheses, at most 100 tokens. Nodes are tuples: ("lit", value),
("var", name), ("pattern", text, flags), ("open", text), ("cmp", operator, left, right), ("and" | "or", left, right).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, Final

from linter.records import NamedTuple

MAX_TOKENS = 100

Node = tuple[Any, ...]


class _Undecided:
    __slots__ = ()

    def __repr__(self) -> str:
        return "<undecided>"


UNDECIDED: Final = _Undecided()
"""A value that the repository does not fix."""

Facts = Mapping[str, Any]
"""Name of a variable → its text, None where it is certainly not set, UNDECIDED; names not in it are UNDECIDED."""


class Parsed(NamedTuple):
    """node: None where the text is no expression; error: why, '' where it is one; names: the variables it reads."""

    node: Node | None
    error: str
    names: tuple[str, ...]


class _WrongError(Exception):
    """Says why a text is no expression."""


@cache
def _lexer() -> re.Pattern[str]:
    return re.compile(
        r"\s*(?:(?P<par>[()])|(?P<open>\$\[\[.*?\]\])|\$\{?(?P<var>\w+)\}?|\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'"
        r"|/(?P<pattern>(?:[^/\\]|\\.)+)/(?P<flags>[ismU]*)|(?P<word>null|true|false)\b"
        r"|(?P<cmp>==|=~|!=|!~)|(?P<logic>&&|\|\|)|(?P<end>$))",
        re.DOTALL,
    )


@lru_cache(maxsize=4096)
def parse(text: str) -> Parsed:
    """The expression a text holds; never raises."""
    try:
        tokens = _tokens(text)
        reader = _Reader(tokens)
        node = reader.either()
        if reader.at < len(tokens):
            raise _WrongError(f"`{reader.shown()}` is not expected here")
    except _WrongError as error:
        return Parsed(None, str(error), ())
    return Parsed(node, "", tuple(dict.fromkeys(value for kind, value, _ in tokens if kind == "var")))


Token = tuple[str, str, str]


def _tokens(text: str) -> list[Token]:
    pattern, at, found = _lexer(), 0, list[Token]()
    while True:
        match = pattern.match(text, at)
        if match is None:
            raise _WrongError(f"`{text[at:].strip()[:20]}` is nothing an expression may hold")
        kind = match.lastgroup or ""
        if kind == "end":
            return found
        if kind == "flags":
            kind = "pattern"
        found.append((kind, match[kind], match["flags"] or ""))
        if len(found) > MAX_TOKENS:
            raise _WrongError(f"more than {MAX_TOKENS} tokens")
        at = match.end()


class _Reader:
    """Recursive descent; the number of tokens bounds the depth."""

    __slots__ = ("at", "tokens")

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0

    def shown(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else "the end"

    def taken(self, kind: str, value: str = "") -> str | None:
        """The text of the next token where it is of a kind (and is a text), which is then behind."""
        if self.at < len(self.tokens):
            found, text, _ = self.tokens[self.at]
            if found == kind and value in ("", text):
                self.at += 1
                return text
        return None

    def either(self) -> Node:
        left = self.both()
        while self.taken("logic", "||"):
            left = ("or", left, self.both())
        return left

    def both(self) -> Node:
        left = self.compared()
        while self.taken("logic", "&&"):
            left = ("and", left, self.compared())
        return left

    def compared(self) -> Node:
        left = self.operand()
        while operator := self.taken("cmp"):
            left = ("cmp", operator, left, self.operand())
        return left

    def operand(self) -> Node:
        if self.taken("par", "("):
            inner = self.either()
            if not self.taken("par", ")"):
                raise _WrongError("a parenthesis is not closed")
            return inner
        if self.at == len(self.tokens):
            raise _WrongError("a value is missing at the end" if self.tokens else "nothing is written")
        kind, value, flags = self.tokens[self.at]
        self.at += 1
        if kind == "var":
            return ("var", value)
        if kind in ("double", "single"):
            return ("lit", value)
        if kind == "word":
            return ("lit", None if value == "null" else value)
        if kind == "open":
            return ("open", value)
        if kind == "pattern":
            return ("pattern", value, flags)
        self.at -= 1
        raise _WrongError(f"a value is missing before `{value}`")


def holds(text: Any, facts: Facts) -> bool | None:
    """Whether a condition holds; None where the facts do not decide, or where it is no expression."""
    if isinstance(text, bool):
        return text
    if not isinstance(text, str):
        return None
    node = parse(text).node
    return None if node is None else _truth(evaluate(node, facts))


def _truth(value: Any) -> bool | None:
    """What is set and not empty counts as true."""
    return None if value is UNDECIDED else bool(value)


def evaluate(node: Node, facts: Facts) -> Any:
    """A text, None, a bool, or UNDECIDED."""
    op = node[0]
    if op == "lit":
        return node[1]
    if op == "var":
        return facts.get(node[1], UNDECIDED)
    if op in ("and", "or"):
        return _joined(node, facts, op == "or")
    if op == "cmp":
        return _compared(node[1], evaluate(node[2], facts), node[3], facts)
    return UNDECIDED if op == "open" else True


def _joined(node: Node, facts: Facts, wanted: bool) -> Any:
    left = _truth(evaluate(node[1], facts))
    if left is wanted:
        return wanted
    right = _truth(evaluate(node[2], facts))
    if right is wanted:
        return wanted
    return UNDECIDED if left is None or right is None else not wanted


def _compared(operator: str, left: Any, right: Node, facts: Facts) -> Any:
    if left is UNDECIDED:
        return UNDECIDED
    if operator in ("=~", "!~"):
        found = _matched(left, right, facts)
        return found if found is UNDECIDED else found is (operator == "=~")
    value = evaluate(right, facts)
    return UNDECIDED if value is UNDECIDED else (left == value) is (operator == "==")


def _matched(left: Any, right: Node, facts: Facts) -> Any:
    """Whether a pattern is found in a text. A variable may hold a pattern; an unset one is found nowhere."""
    if right[0] != "pattern":
        value = evaluate(right, facts)
        if not isinstance(value, str):
            return UNDECIDED if value is UNDECIDED else False
        closed = value.rfind("/")
        if not value.startswith("/") or closed < 1:
            return UNDECIDED
        right = ("pattern", value[1:closed], value[closed + 1 :])
    return searched(right[1], right[2], left if isinstance(left, str) else "")


def searched(pattern: str, flags: str, text: str) -> Any:
    """Whether RE2 finds a pattern in a text; UNDECIDED where it refuses the pattern, or where that takes too long."""
    from linter.parsers.terraform import re2
    from linter.parsers.terraform.errors import Wrong
    from linter.parsers.terraform.re2_classes import Undecided

    written = pattern.replace("\\/", "/")
    if flags:
        written = f"(?{flags}){written}"
    try:
        return re2.compiled(written).search(text, 0) is not None
    except (Wrong, Undecided):
        return UNDECIDED
