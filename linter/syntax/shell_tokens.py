"""Tokens of the shell: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02 and …_06,
with what Bash adds (`$'…'`, `<(…)`, arrays, extended globs), and `${{ … }}`, which a pipeline fills in before.
"""

from __future__ import annotations

import re
from functools import cache

from linter.syntax.possessive import compiled

_PLAIN = r"[^ \t\r\n\\\"'`$;&|()<>]"
EXPRESSION = r"\{\{(?:'[^']{0,500}+'|[^'}]{1,64}+|\}(?!\})){0,64}+\}\}"
"""What follows the dollar; bounded, so that what nothing closes is not looked for in the whole text again and again."""
_USUAL = r"\{\{[^'}]{1,500}+\}\}"
"""An expression without texts in it: others take more than a pattern."""
_SIMPLE = rf"\$(?:[A-Za-z_][A-Za-z0-9_]*+|[0-9@*?!#$-]|\{{[A-Za-z0-9_]++\}}|{_USUAL})"
_DOUBLE = rf"\"(?:[^\"\\`$]++|\\[^\r\n]|{_SIMPLE}|\$(?![({{]))*+\""
_SINGLE = rf"'(?:[^'$]++|\${EXPRESSION}|\$)*+'"
_BARE = r"'(?:[^'$]++|\$(?!\{\{))*+'"
_ENDS = r"(?=[ \t\r\n;&|)]|(?<![0-9}])[<>](?!\()|\Z)"


@cache
def tokens() -> re.Pattern[str]:
    """Blanks, then a token; its group says which (below), none: a word that takes more than a pattern, or the end."""
    return compiled(
        r"(?:[ \t\r]|\\\r?\n)*+(?:"
        rf"(?!\#)((?:{_PLAIN}++|{_SIMPLE})++){_ENDS}"
        rf"|(?!\#)((?:{_PLAIN}++|{_SIMPLE}|{_BARE}|{_DOUBLE}|\\[^\r\n])++){_ENDS}"
        r"|(\n|&&|\|\||\|&|;;&|;;|;&|[;|()]|&(?!>))"
        r"|((?:[0-9]*+|\{[A-Za-z_][A-Za-z0-9_]*+\})(?:<<<|<<-?|<>|<&|<(?!\()|>>|>\||>&|>(?!\())|&>>?)"
        r"|(\#[^\n]*+))?"
    )


WORD, QUOTED, OPERATOR, REDIRECT, COMMENT = 1, 2, 3, 4, 5


def unquoted(raw: str) -> str:
    """The value of a word that `tokens` took for QUOTED."""
    quote = raw[0]
    if quote == "'" and raw.find("'", 1) == len(raw) - 1:
        return raw[1:-1]
    if quote == '"' and raw.find('"', 1) == len(raw) - 1 and "\\" not in raw:
        return raw[1:-1]
    return _quotes().sub(_unquote, raw)


@cache
def _quotes() -> re.Pattern[str]:
    return compiled(rf"\$(?P<keep>{_USUAL})|(?P<single>{_BARE})|(?P<double>{_DOUBLE})|\\(?P<bare>.)", re.DOTALL)


def _unquote(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind == "keep":
        return match.group()
    if kind == "double":
        return _escapes().sub(_unescape, match.group()[1:-1])
    return match.group()[1:-1] if kind == "single" else match.group("bare")


@cache
def _escapes() -> re.Pattern[str]:
    return compiled(rf"\$(?:{_USUAL})|\\(?:([\"\\$`])|\r?\n)", re.DOTALL)


def _unescape(match: re.Match[str]) -> str:
    return match.group() if match.group()[0] == "$" else match.group(1) or ""


@cache
def pieces() -> re.Pattern[str]:
    """What a word is made of, one piece a match."""
    return compiled(
        rf"(?P<literal>{_PLAIN}++)|(?P<expression>\${EXPRESSION})|(?P<name>\$(?:[A-Za-z_][A-Za-z0-9_]*+|[0-9@*?!#$-]))"
        r"|(?P<escape>\\(?:\r?\n|.|\Z))|(?P<single>')|(?P<ansi>\$')|(?P<double>\$?\")|(?P<arithmetic>\$\(\()|(?P<command>\$\()"
        r"|(?P<open>\$\{\{)|(?P<parameter>\$\{)|(?P<old>\$\[)|(?P<dollar>\$)|(?P<tick>`)|(?P<process>[<>]\()|(?P<paren>\()",
        re.DOTALL,
    )


@cache
def in_double() -> re.Pattern[str]:
    return compiled(
        rf"(?P<literal>[^\"\\$`]++)|(?P<quote>\")|(?P<expression>\${EXPRESSION})"
        r"|(?P<name>\$(?:[A-Za-z_][A-Za-z0-9_]*+|[0-9@*?!#$-]))|(?P<escape>\\(?:\r?\n|.|\Z))|(?P<arithmetic>\$\(\()"
        r"|(?P<command>\$\()|(?P<open>\$\{\{)|(?P<parameter>\$\{)|(?P<old>\$\[)|(?P<dollar>\$)|(?P<tick>`)",
        re.DOTALL,
    )


@cache
def in_arithmetic() -> re.Pattern[str]:
    return compiled(r"\\.|'[^']*'|\$\(\(|\$\(|\$\{|`|\"|[()]|[^\\'$`\"()]++|.", re.DOTALL)


@cache
def in_braces() -> re.Pattern[str]:
    return compiled(r"\\.|'|\"|\$'|\$\(\(|\$\(|\$\{|`|[<>]\(|\}|[^\\'$`\"}<>]++|.", re.DOTALL)


@cache
def array_start() -> re.Pattern[str]:
    return compiled(r"[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]]*\])?\+?=\Z|\[[^\]]*\]=\Z")


_ANSI = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "v": "\v"}


@cache
def _ansi_escapes() -> re.Pattern[str]:
    return compiled(
        r"\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})|c(.)|(.))", re.DOTALL
    )


def _ansi(match: re.Match[str]) -> str:
    hexadecimal = match.group(1) or match.group(2) or match.group(3)
    if hexadecimal or match.group(4):
        number = int(hexadecimal, 16) if hexadecimal else int(match.group(4), 8)
        return chr(number) if number < 0x110000 else ""
    if match.group(5):
        return chr(ord(match.group(5)) & 31)
    return _ANSI.get(match.group(6), match.group(6) if match.group(6) in "\\'\"?" else match.group())


@cache
def ansi_quoted() -> re.Pattern[str]:
    return compiled(r"\$'((?:[^'\\]|\\.)*+)'", re.DOTALL)


@cache
def tick_end() -> re.Pattern[str]:
    return compiled(r"(?:[^`\\]|\\.)*+", re.DOTALL)


def ansi_text(quoted: str) -> str:
    """What `$'…'` stands for, given what is between the quotes."""
    return _ansi_escapes().sub(_ansi, quoted)


@cache
def single_quoted() -> re.Pattern[str]:
    return compiled(_SINGLE)
