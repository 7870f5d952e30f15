"""A syntax checker for PromQL: tokens, brackets, matchers, modifiers and where ranges may stand.

Encodes the grammar of https://prometheus.io/docs/prometheus/latest/querying/basics/ and operators/. Names of functions
are not judged: they differ between versions and compatible systems.
"""

from __future__ import annotations

import re
from functools import cache

from linter.model import Unknown
from linter.records import NamedTuple

LONGEST = 100_000
DEEPEST = 150


@cache
def _aggregator() -> re.Pattern[str]:
    return re.compile(
        r"sum|min|max|avg|group|stddev|stdvar|count|count_values|bottomk|topk|quantile|limitk|limit_ratio", re.I
    )


_WORD_OPERATORS = frozenset({"and", "or", "unless", "atan2"})
_SIGN_OPERATORS = frozenset({"+", "-", "*", "/", "%", "^", "==", "!=", "<", ">", "<=", ">=", "</", ">/"})


@cache
def _ranged() -> re.Pattern[str]:
    return re.compile(
        r"(?:rate|irate|increase|delta|idelta|deriv|predict_linear|holt_winters|double_exponential_smoothing|resets|changes"
        r"|(?:absent|avg|min|max|sum|count|stddev|stdvar|last|first|present|mad)_over_time)"
    )


@cache
def _other_dialect() -> re.Pattern[str]:
    return re.compile(r"\|[=~>]|\|\s*[a-z]|\bkeep_metric_names\b|\bWITH\s*\(|\b(?:default|if|ifnot|limit)\b")


@cache
def _template() -> re.Pattern[str]:
    return re.compile(r"\{\{|\$[A-Za-z_{(]|<<|\[\[|\{%|%\(")


class Flaw(NamedTuple):
    """What is wrong and where in the expression (code points)."""

    message: str
    offset: int


class _Token(NamedTuple):
    kind: str
    text: str
    offset: int


def flaw(expression: str) -> Flaw | Unknown | None:
    """None where an expression parses, its first flaw, or an Unknown where it is templated or another language."""
    if not expression.strip():
        return Flaw("the expression is empty", 0)
    if len(expression) > LONGEST:
        return Unknown("budget", "the expression", "Split the expression into recording rules.")
    try:
        parser = _Parser(_tokens(expression))
        parser.expression(0)
        parser.expect("end")
    except _DeepError:
        return Unknown("budget", "the expression", "Split the expression into recording rules.")
    except _FlawError as error:
        bare = re.sub(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`", '""', expression)
        if _template().search(bare):
            return Unknown("template", "the expression", "Render the rules before they are checked.")
        if _other_dialect().search(bare):
            return Unknown("expression", "the expression", "It is not PromQL: check it with its own system's tool.")
        return error.flaw
    return None


class _FlawError(Exception):
    def __init__(self, message: str, offset: int) -> None:
        self.flaw = Flaw(message, offset)


class _DeepError(Exception):
    pass


@cache
def _lexer() -> re.Pattern[str]:
    return re.compile(
        r"(?P<blank>(?:\s|\#[^\n]*)+)"
        r"|(?P<string>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)"
        r"|(?P<duration>(?:\d+(?:ms|[smhdwy]))+(?![A-Za-z0-9_]))"
        r"|(?P<number>0[xX][0-9a-fA-F_]+|(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
        r"|(?P<name>[A-Za-z_:][A-Za-z0-9_:]*)"
        r"|(?P<sign>=~|!~|==|!=|<=|>=|</|>/|[-+*/%^<>=@(){}\[\],])"
    )


def _tokens(expression: str) -> list[_Token]:
    tokens, position, lexer = [], 0, _lexer()
    while position < len(expression):
        found = lexer.match(expression, position)
        if found is None:
            char = expression[position]
            what = "a string that is not closed" if char in "\"'`" else f"the character {char!r}"
            raise _FlawError(f"{what} has no place in PromQL", position)
        kind = found.lastgroup or ""
        if kind != "blank":
            tokens.append(_Token(found[0] if kind == "sign" else kind, found[0], position))
        position = found.end()
    tokens.append(_Token("end", "", position))
    return tokens


class _Parser:
    """Recursive descent with a depth bound. Methods return what they read: 'selector', 'range', 'string' or 'value'."""

    __slots__ = ("at", "tokens")

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.at = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def next(self) -> _Token:
        token = self.tokens[self.at]
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def accept(self, *kinds: str) -> bool:
        if self.token.kind in kinds:
            self.next()
            return True
        return False

    def expect(self, *kinds: str) -> _Token:
        if self.token.kind not in kinds:
            wanted = "the end" if kinds == ("end",) else " or ".join(f"{kind!r}" for kind in kinds)
            raise _FlawError(f"{_named(self.token)} where {wanted} should be", self.token.offset)
        return self.next()

    def word(self, *words: str) -> bool:
        if self.token.kind == "name" and self.token.text.lower() in words:
            self.next()
            return True
        return False

    def expression(self, depth: int) -> str:
        if depth > DEEPEST:
            raise _DeepError
        kind = self.operand(depth)
        while self.operator():
            right = self.operand(depth)
            kind = "value" if "string" not in (kind, right) else "string"
        return kind

    def operator(self) -> bool:
        token = self.token
        if token.kind in _SIGN_OPERATORS or (token.kind == "name" and token.text.lower() in _WORD_OPERATORS):
            self.next()
            self.word("bool")
            if self.word("on", "ignoring"):
                self.labels()
                if self.word("group_left", "group_right") and self.token.kind == "(":
                    self.optional_labels()
            while self.word("fill", "fill_left", "fill_right"):
                self.expect("(")
                self.expression(DEEPEST)
                self.expect(")")
            return True
        if token.kind == "=":
            raise _FlawError("'=' compares only inside braces; compare values with '=='", token.offset)
        return False

    def operand(self, depth: int) -> str:
        while self.accept("+", "-"):
            pass
        kind = self.primary(depth)
        while True:
            if self.token.kind == "[":
                kind = self.range(kind)
            elif self.token.kind == "@" or (self.token.kind == "name" and self.token.text.lower() == "offset"):
                self.modifier(kind, depth)
            elif not (kind in ("selector", "range") and self.word("anchored", "smoothed")):
                return kind

    def primary(self, depth: int) -> str:
        token = self.next()
        if token.kind in ("number", "duration"):
            return "value"
        if token.kind == "string":
            return "string"
        if token.kind == "(":
            kind = self.expression(depth + 1)
            self.expect(")")
            return "range" if kind == "range" else "value" if kind != "string" else kind
        if token.kind == "{":
            self.matchers(token.offset, named=False)
            return "selector"
        if token.kind != "name":
            raise _FlawError(f"{_named(token)} where a value should be", token.offset)
        return self.named(token, depth)

    def named(self, token: _Token, depth: int) -> str:
        following = self.token
        grouped = following.kind == "name" and following.text.lower() in ("by", "without")
        if _aggregator().fullmatch(token.text) and (grouped or following.kind == "("):
            if self.word("by", "without"):
                self.labels()
            self.arguments(token, depth)
            if not grouped and self.word("by", "without"):
                self.labels()
            return "value"
        if following.kind == "(":
            self.arguments(token, depth)
            return "value"
        if following.kind == "{":
            self.next()
            self.matchers(following.offset, named=True)
            return "selector"
        return "value" if token.text.lower() in ("inf", "nan") else "selector"

    def arguments(self, function: _Token, depth: int) -> None:
        self.expect("(")
        first = True
        if self.accept(")"):
            return
        while True:
            offset = self.token.offset
            kind = self.expression(depth + 1)
            if first and kind != "range" and _ranged().fullmatch(function.text):
                raise _FlawError(f"{function.text}() needs a range such as [5m] on its argument", offset)
            first = False
            if self.expect(",", ")").kind == ")":
                return

    def labels(self) -> None:
        self.expect("(")
        while not self.accept(")"):
            self.expect("name", "string")
            if self.token.kind != ")":
                self.expect(",")

    def optional_labels(self) -> None:
        """Labels of group_left, or the beginning of the right operand."""
        start = self.at
        try:
            self.labels()
        except _FlawError:
            self.at = start

    def matchers(self, opening: int, named: bool) -> None:
        selective = named
        while not self.accept("}"):
            label = self.expect("name", "string")
            if label.kind == "string" and self.token.kind in (",", "}"):
                selective = True
            else:
                sign = self.expect("=", "!=", "=~", "!~")
                value = self.expect("string")
                selective = selective or not _matches_empty(sign.text, value.text[1:-1])
            if self.token.kind != "}":
                self.expect(",")
        if not selective:
            raise _FlawError("this selector matches every series: it needs a name or a matcher of a value", opening)

    def range(self, kind: str) -> str:
        opening = self.next()
        first, subquery = True, False
        while not self.accept("]"):
            token = self.next()
            if token.kind not in ("number", "duration", "name", "+", "-", "*", "/", "%", "^", "(", ")", ","):
                raise _FlawError(f"{_named(token)} inside a range", token.offset)
            if first and token.text.startswith(":"):
                raise _FlawError("a subquery needs a range before its ':'", token.offset)
            subquery = subquery or token.text.startswith(":")
            first = False
        if first:
            raise _FlawError("an empty range", opening.offset)
        if not subquery and kind != "selector":
            raise _FlawError("only a selector takes a range; a subquery has a ':' in it", opening.offset)
        return "range"

    def modifier(self, kind: str, depth: int) -> None:
        token = self.next()
        if kind not in ("selector", "range"):
            raise _FlawError(f"'{token.text}' may follow only a selector or a range", token.offset)
        while self.accept("+", "-"):
            pass
        if self.accept("("):
            self.expression(depth + 1)
            self.expect(")")
        elif token.kind == "@" and self.word("start", "end"):
            self.expect("(")
            self.expect(")")
        elif not self.word("step", "inf", "nan"):
            self.expect("duration", "number")


def _matches_empty(sign: str, value: str) -> bool:
    """Whether a matcher lets series without the label through, as far as can be said without running a pattern."""
    if sign == "=":
        return value == ""
    if sign == "!=":
        return value != ""
    return value in (("", ".*") if sign == "=~" else (".+",))


def _named(token: _Token) -> str:
    return "the end" if token.kind == "end" else f"'{token.text[:40]}'"
