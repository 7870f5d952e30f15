"""The tokens of HCL2's native syntax and the state of one reading.

Specification: HCL Native Syntax Specification, "Lexical Elements"
(https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#lexical-elements). Where it leaves a choice,
HashiCorp's own scanner decides: identifiers hold `-`, a newline is LF or CR LF, a lone CR is no character at all.

There is no list of tokens: the parser asks for the next one in the mode it is in, so that nested templates and
heredocs need no counting of braces, and a file of simple lines is read with one match per line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from linter.model import Problem
from linter.records import NamedTuple
from linter.syntax.hcl_tree import Expr
from linter.syntax.possessive import compiled

Matcher = Callable[[str, int], "re.Match[str]"]

DEPTH = 200
"""Levels of blocks, brackets and templates that may be nested; templates count twice. A level costs three frames."""

DIGITS = 1000
"""Digits, written or implied by an exponent, up to which a number is kept."""

SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What heredoc indentation, heredoc markers and `~` treat as space: Unicode's White_Space, as Go's unicode.IsSpace."""

# Everything beyond ASCII is let through here and checked by `Reader.named`: a character class of ID_Continue
# would cost more to compile than most files cost to read.
IDENTIFIER = r"[^\x00-@\[-^`{-\x7f][^\x00-,./:-@\[-^`{-\x7f]*+"
NUMBER = r"[0-9]++(?:\.++(?:[eE][+-]?+)?+[0-9]++|[eE][+-]?+[0-9]++)*+"
PLAIN = r'[^"\\$%\r\n]*+'
ESCAPED = r"(?:\\[^\r\n]|\$\$\{|%%\{|[$%](?!\{))"

PATH = rf"{IDENTIFIER}(?:\.{IDENTIFIER})*+"

# Blanks, newlines and line comments; the leading run of plain blanks is the common case and the cheapest.
_BLANK = r"[ \t\n]*+(?:(?:\r\n|(?:\#|//)[^\n]*+)[ \t\n]*+)*+"
_LINE_END = r"[ \t]*+(?:(?:\#|//)[^\n]*+)?+\r?\n"

ITEM_VALUE, ITEM_STRING, ITEM_PATH, ITEM_DIGITS, ITEM_LABEL, ITEM_OTHER_LABEL, ITEM_BLOCK, ITEM_CLOSE = range(2, 10)
_ITEM = (
    rf"{_BLANK}(?:({IDENTIFIER})[ \t]*+(?:"
    rf'(=)(?![=>])[ \t]*+(?:(?:"({PLAIN})"|({PATH})|([0-9]++)){_LINE_END})?'
    rf'|(?:"({PLAIN})"[ \t]*+(?:"({PLAIN})"[ \t]*+)?+)?+(\{{)|)|(\}})|)'
)
KEY_NAME, KEY_QUOTED, KEY_STRING, KEY_PATH, KEY_CLOSE = range(1, 6)
_KEY = (
    rf'{_BLANK}(?:(?:({IDENTIFIER})|"({PLAIN})")[ \t]*+(?:=(?![=>])|:(?!:))[ \t]*+'
    rf'(?:(?:"({PLAIN})"|({PATH}))[ \t]*+(?:,|\r?\n))?|(\}})|)'
)
TERM_STRING, TERM_PATH, TERM_NUMBER, TERM_COMPOUND, TERM_TRIVIA = 1, 3, 4, 5, 6
_TERM = (
    rf'[ \t]*+(?:"({PLAIN})"|({IDENTIFIER})((?:\.{IDENTIFIER})*+)|({NUMBER})'
    r'|([-!("\[{]|<<)|(\r?\n|\#|//|/\*)|)'
)
_NEXT = (
    r"[ \t]*+([\n,)\]}(\[*+\-?%{]|\.\.\.|\.|==|=>|=|!=|<=|<|>=|>|&&|\|\||::|:|~\}|//|/\*|/|\#|\r\n|)"
)  # fmt: skip
ELEMENT_STRING, ELEMENT_PATH, ELEMENT_DIGITS, ELEMENT_END = range(1, 5)
_ELEMENT = rf'{_BLANK}(?:"({PLAIN})"|({PATH})|([0-9]++))[ \t]*+([,\]])'
KEYWORDS = {"true": True, "false": False, "null": None}
TRIVIA = frozenset(("\n", "\r\n", "#", "//", "/*"))


class Patterns(NamedTuple):
    """The compiled patterns' bound methods. All but `element` match at every position."""

    item: Matcher
    key: Matcher
    term: Matcher
    next: Matcher
    element: Callable[[str, int], re.Match[str] | None]


@cache
def patterns() -> Patterns:
    """Compiled on the first parse: a scan without HCL does not pay for them."""
    found: Any = [compiled(source).match for source in (_ITEM, _KEY, _TERM, _NEXT, _ELEMENT)]
    return Patterns._make(found)


@cache
def pattern(source: str) -> re.Pattern[str]:
    """A pattern that only some files need."""
    return compiled(source)


class Bad(Exception):
    """A syntax error on its way to the attribute or block that it costs."""

    def __init__(self, message: str, start: int, end: int, remedy: str) -> None:
        super().__init__(message)
        self.problem = Problem(message, start, max(start, end), remedy)


class Reader:
    """One reading of one text.

    token, start, end: what follows the term read last; '' at the end of the text and before what is no operator.
    multi: newlines are blanks, as within brackets. depth: levels that are open. expression: the expression reader,
    which templates and collections call back. layout: indentation closes blocks, for the second reading of a text
    with an unclosed one; unclosed: there was one. budget: characters that recovery may still look through.
    words: where each word stands alone on a line, once heredocs seek their ends in vain; sought: characters they
    looked through. endless: a comment without end begins somewhere.
    """

    __slots__ = (
        "ascii", "budget", "depth", "element", "end", "endless", "expression", "item", "key", "layout", "multi",
        "next", "problems", "sought", "start", "term", "text", "token", "unclosed", "words",
    )  # fmt: skip

    def __init__(self, text: str, expression: Callable[[Reader, int], Expr], *, layout: bool = False) -> None:
        self.text = text
        self.ascii = text.isascii()
        self.expression = expression
        self.layout = layout
        self.problems: list[Problem] = []
        self.token = ""
        self.start = self.end = self.depth = self.sought = 0
        self.multi = self.unclosed = self.endless = False
        self.budget = 8 * len(text) + 10_000
        self.words: dict[str, list[int]] | None = None
        self.item, self.key, self.term, self.next, self.element = patterns()

    def after(self, position: int) -> None:
        """Read the token that follows a term."""
        match = self.next(self.text, position)
        token = match[1]
        if token in TRIVIA and (self.multi or token != "\n"):
            position = self.blank(position) if self.multi else self.inline(position)
            if self.text.startswith("\r\n", position):
                self.token, self.start, self.end = "\n", position, position + 2
                return
            match = self.next(self.text, position)
            token = match[1]
        self.token = token
        self.start, self.end = match.span(1)

    def blank(self, position: int) -> int:
        """The first offset from here that is no blank, newline or comment."""
        skip = pattern(r"(?:[ \t\n]++|\r\n|(?:#|//)[^\n]*+)*+").match
        while True:
            found = skip(self.text, position)
            position = found.end() if found else position
            if not self.text.startswith("/*", position):
                return position
            position = self._past_comment(position)

    def inline(self, position: int) -> int:
        """The first offset from here that is no blank or comment: at most the newline."""
        skip = pattern(r"[ \t]*+(?:(?:#|//)(?:[^\r\n]|\r(?!\n))*+)?").match
        while True:
            found = skip(self.text, position)
            position = found.end() if found else position
            if not self.text.startswith("/*", position):
                return position
            position = self._past_comment(position)

    def _past_comment(self, position: int) -> int:
        end = -1 if self.endless else self.text.find("*/", position + 2)
        if end < 0:
            self.endless = True
            raise Bad("This comment has no end", position, position + 2, "Close it with */.")
        return end + 2

    def named(self, name: str, start: int) -> str:
        """A name, checked: letters, digits, `_` and `-` of any script (Unicode's ID_Start and ID_Continue)."""
        if self.ascii or name.isascii() or name.replace("-", "_").isidentifier():
            return name
        bad = next(i for i, char in enumerate(name) if not ("a" + char).replace("-", "_").isidentifier() or i == 0)
        raise Bad(
            f"The character U+{ord(name[bad]):04X} cannot be used here",
            start + bad,
            start + bad + 1,
            "Remove it, or put it into a quoted string.",
        )

    def deeper(self, start: int, levels: int = 1) -> None:
        self.depth += levels
        if self.depth > DEPTH:
            raise Bad("This is nested too deeply to be read", start, start + 1, f"Keep nesting below {DEPTH} levels.")


def number(text: str, start: int, end: int) -> Expr:
    """The node of a number literal: an int where it is integral, else a float; a call of tonumber where neither holds it.

    Raises Bad where it is no number (`10.0.0.0`) or too long to keep.
    """
    written = text[start:end]
    if written.isdigit() and len(written) <= DIGITS:
        return ("lit", start, end, int(written))
    mantissa, _, exponent = written.lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    shift = exponent.lstrip("+-0") or "0"
    if "." in fraction or not shift.isdigit():
        raise Bad(f'"{written[:40]}" is not a number', start, end, "Quote it if it is meant as text.")
    power = -int(shift[:9]) if exponent.startswith("-") else int(shift[:9])
    if len(mantissa) + max(power, 0) > DIGITS:
        raise Bad("This number is too long to be read", start, end, f"Write at most {DIGITS} digits.")
    power -= len(fraction)
    if power >= 0:
        scaled: int = int(whole + fraction) * 10**power
        return ("lit", start, end, scaled)
    if power >= -DIGITS:
        integral, rest = divmod(int(whole + fraction), 10**-power)
        if not rest:
            return ("lit", start, end, integral)
    if len((whole + fraction).strip("0")) > _HELD or -_TINY < power < -_RANGE:
        return ("call", start, end, "tonumber", (("lit", start, end, written),), False)
    return ("lit", start, end, float(written))


_HELD, _RANGE, _TINY = 15, 280, 2000
"""Decimal digits, and powers of ten, that a float always keeps; beyond the last a number is as good as zero."""


def missing(reader: Reader, position: int) -> Bad:
    """What to say where no expression begins."""
    text = reader.text
    char = text[position : position + 1]
    if char in "\r\n":
        return Bad("A value is missing here", position, position, "Write one on this line, or open a bracket.")
    if char == "'":
        return Bad("Single quotes do not make a string", position, position + 1, 'Use double quotes (").')
    if char == "`":
        return Bad("Backquotes do not make a string", position, position + 1, "Use double quotes or a heredoc (<<EOT).")
    return Bad(f"A value cannot begin with {shown(char)}", position, position + 1, "Write a value here.")


def unexpected(reader: Reader, message: str, remedy: str, opened: int | None = None) -> Bad:
    """What to say where the token at hand cannot follow. `opened`: where what it interrupts began."""
    start = reader.start
    if start >= len(reader.text):
        return Bad(f"{message}: the file ends here", start if opened is None else opened, start, remedy)
    end = max(reader.end, start + 1)
    return Bad(f"{message}: found {shown(reader.text[start:end])}", start, end, remedy)


def shown(text: str) -> str:
    if text in ("\n", "\r\n"):
        return "the end of the line"
    return f"`{text}`" if text.isprintable() else f"the character U+{ord(text[0]):04X}"
