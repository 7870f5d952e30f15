"""Groovy's words: names, numbers, the six kinds of strings with what they interpolate, operators and line ends.

Encodes https://groovy-lang.org/syntax.html. A token is (kind, start, end, value). kind: `id`, `num`, `str` (value: a
Written), `gstr` (value: parts), `nl`, `bad` (value: why), `end`, or an operator's own text. Parts of a `gstr` are
("text", start, end, Written) and ("code", start, end, tokens), the span with its `${` and `}`; `$a.b` is
("code", start, end, tokens) too. Every character is looked at a bounded number of times, whatever the text.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from linter.syntax.groovy_text import Piece, Written, unescape

Token = tuple[str, int, int, Any]

MAX_NESTED = 16
"""`"${"${…}"}"`: deeper ones are read as text."""
_MAX_RETRIES = 8
_VALUES = frozenset(("id", "num", "str", "gstr", ")", "]", "}"))
_BEFORE_VALUE = frozenset(
    ("return", "in", "case", "assert", "throw", "else", "do", "instanceof", "as", "new", "if", "while")
)


@cache
def _words() -> re.Pattern[str]:
    return re.compile(
        r"(?P<blank>[ \t\f\ufeff]+|\\\r?\n)"
        r"|(?P<nl>\r\n?|\n)"
        r"|(?P<line>//[^\r\n]*)"
        r"|(?P<block>/\*)"
        r"|(?P<quote>'''|\"\"\"|'|\"|\$/)"
        r"|(?P<id>[^\W\d][\w$]*|\$[\w$]*)"
        r"|(?P<num>0[xX][0-9a-fA-F_]+[lLiIgG]?|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?[lLiIgGfFdD]?)"
        r"|(?P<op><=>|==~|\*\*=|<<=|\.\.\.|\.\.<|===|!==|->|=~|==|!=|<=|>=|&&|\|\||\?\.|\?:|\*\.|\.&|\.@|::|\.\.|\+\+|--"
        r"|\+=|-=|\*=|%=|&=|\|=|\^=|\*\*|<<|[-+*/%&|^!~<>=?:.,;@(){}\[\]])"
        r"|(?P<bad>.)",
        re.DOTALL,
    )


@cache
def _inside(quote: str) -> re.Pattern[str]:
    """What may come next in a string of a kind: plain text, an escape, an interpolation, the end."""
    plain, end, dollar = {
        "'": (r"[^'\\\r\n]+", "'", ""),
        '"': (r'[^"\\$\r\n]+', '"', "$"),
        "'''": (r"[^'\\]+|'(?!'')", "'''", ""),
        '"""': (r'[^"\\$]+|"(?!"")', '"""', "$"),
        "/": (r"[^/\\$]+", "/", "$"),
        "$/": (r"[^/$]+|/(?!\$)", r"/\$", "$"),
    }[quote]
    escape = {"/": r"\\/", "$/": r"\$[$/]"}.get(quote, r"\\(?:\r\n|.)")
    hole = r"|(?P<open>\$\{)|(?P<path>\$[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)" if dollar else ""
    return re.compile(
        rf"(?P<plain>{plain})|(?P<end>{end})|(?P<escape>{escape}){hole}|(?P<line>[\r\n])|(?P<other>.)", re.DOTALL
    )


class _Frame:
    """A string that is being read. tokens: the list its token goes into; braces: open ones of the code inside it."""

    __slots__ = ("braces", "code", "code_start", "number", "parts", "pieces", "quote", "start", "tokens")

    def __init__(self, quote: str, start: int, tokens: list[Token]) -> None:
        self.quote = quote
        self.start = start
        self.tokens = tokens
        self.number = len(tokens)
        self.parts: list[Any] = []
        self.pieces: list[Piece] = []
        self.code: list[Token] = []
        self.code_start = -1
        self.braces = 0

    def text_done(self) -> None:
        if self.pieces:
            self.parts.append(("text", self.pieces[0][1], self.pieces[-1][2], Written.of(self.pieces)))
            self.pieces = []


def tokens_of(text: str, start: int = 0, end: int | None = None) -> tuple[list[Token], list[tuple[int, int, str]]]:
    """The tokens of a text, `end` the last, and what is not Groovy in it as (start, end, message)."""
    lexer = _Lexer(text, len(text) if end is None else end)
    lexer.run(start)
    return lexer.all, lexer.problems


class _Lexer:
    __slots__ = ("all", "end", "frames", "problems", "retries", "text", "tokens")

    def __init__(self, text: str, end: int) -> None:
        self.text = text
        self.end = end
        self.all: list[Token] = []
        self.tokens = self.all
        self.frames: list[_Frame] = []
        self.problems: list[tuple[int, int, str]] = []
        self.retries = 0

    def run(self, position: int) -> None:
        if self.text.startswith("#!", position):
            position = self._line_end(position)
        while True:
            while position < self.end:
                frame = self.frames[-1] if self.frames else None
                if frame is not None and frame.code_start < 0:
                    position = self._string(frame, position)
                else:
                    position = self._word(frame, position)
            if not self.frames:
                break
            position = self._unclosed()
        self.all.append(("end", self.end, self.end, None))

    def _unclosed(self) -> int:
        """At the end within a string: the outermost is taken for broken, its line skipped, and the rest read again."""
        frame = self.frames[0]
        stop = self._line_end(frame.start)
        self.problems.append((frame.start, frame.start + len(frame.quote), "a string that does not end"))
        self.frames = []
        self.tokens = frame.tokens
        del self.tokens[frame.number :]
        self.tokens.append(("bad", frame.start, stop, "a string that does not end"))
        self.retries += 1
        return stop if self.retries <= _MAX_RETRIES else self.end

    def _line_end(self, position: int) -> int:
        found = [each for each in (self.text.find("\n", position), self.text.find("\r", position)) if each >= 0]
        return min([*found, self.end])

    def _word(self, frame: _Frame | None, position: int) -> int:
        match = _words().match(self.text, position, self.end)
        assert match is not None
        kind, stop = match.lastgroup or "", match.end()
        word = match.group()
        if kind in ("blank", "line"):
            return stop
        if kind == "block":
            return self._comment(position, stop)
        if kind == "quote" and not (word == "$/" and not self._value_expected()):
            return self._open(word, position, stop)
        if kind == "quote":
            kind, stop, word = "id", position + 1, "$"
        if word == "/" and self._value_expected():
            return self._open("/", position, stop)
        if frame is not None and word in ("{", "}"):
            frame.braces += 1 if word == "{" else -1
            if frame.braces < 0:
                self._close_code(frame, stop)
                return stop
        if kind == "bad":
            self.problems.append((position, stop, f"a character that Groovy does not know: `{word}`"))
        value: Any = word if kind in ("id", "num", "bad") else None
        self.tokens.append((word if kind == "op" else kind, position, stop, value))
        return stop

    def _comment(self, position: int, stop: int) -> int:
        close = self.text.find("*/", stop, self.end)
        if close >= 0:
            if "\n" in self.text[position:close]:
                self.tokens.append(("nl", close, close, None))
            return close + 2
        self.problems.append((position, stop, "a comment that does not end"))
        return self.end

    def _value_expected(self) -> bool:
        """Whether a slash here begins a string: after an operator or at the beginning of a line, not after a value."""
        if not self.tokens:
            return True
        kind, _, _, value = self.tokens[-1]
        return kind not in _VALUES or (kind == "id" and value in _BEFORE_VALUE)

    def _open(self, quote: str, position: int, stop: int) -> int:
        if len(self.frames) >= MAX_NESTED:
            self.tokens.append(("bad", position, stop, "strings nested too deeply"))
            return stop
        self.frames.append(_Frame(quote, position, self.tokens))
        return stop

    def _string(self, frame: _Frame, position: int) -> int:
        match = _inside(frame.quote).match(self.text, position, self.end)
        assert match is not None
        kind, stop = match.lastgroup, match.end()
        if kind in ("plain", "other") or (kind == "line" and frame.quote not in ("'", '"')):
            frame.pieces.append((match.group(), position, stop))
        elif kind == "escape":
            return self._escape(frame, position, stop)
        elif kind == "open":
            return self._open_code(frame, position, stop)
        elif kind == "path":
            frame.text_done()
            inner, _ = tokens_of(self.text, position + 1, stop)
            frame.parts.append(("code", position, stop, inner))
        else:
            if kind == "line":
                stop = position
                self.problems.append((frame.start, position, "a string that does not end on its line"))
            self._close(frame, stop)
        return stop

    def _escape(self, frame: _Frame, position: int, stop: int) -> int:
        if frame.quote in ("/", "$/"):
            frame.pieces.append((self.text[stop - 1 : stop], position, stop))
            return stop
        value, length = unescape(self.text, position, self.end)
        frame.pieces.append((value, position, position + length))
        return position + length

    def _open_code(self, frame: _Frame, position: int, stop: int) -> int:
        frame.text_done()
        frame.code_start = position
        frame.code = []
        frame.braces = 0
        self.tokens = frame.code
        return stop

    def _close_code(self, frame: _Frame, stop: int) -> None:
        frame.code.append(("end", stop - 1, stop - 1, None))
        frame.parts.append(("code", frame.code_start, stop, frame.code))
        frame.code_start = -1

    def _close(self, frame: _Frame, stop: int) -> None:
        self.frames.pop()
        self.tokens = frame.tokens
        frame.text_done()
        if any(part[0] == "code" for part in frame.parts):
            self.tokens.append(("gstr", frame.start, stop, tuple(frame.parts)))
        else:
            value = frame.parts[0][3] if frame.parts else Written.of([])
            self.tokens.append(("str", frame.start, stop, value))
