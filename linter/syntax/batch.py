"""Scripts of cmd.exe as the commands they start.

Encodes as much of https://learn.microsoft.com/windows-server/administration/windows-commands/cmd as tells commands and
their words: `^`, quotes, `&`, `|`, redirections, parentheses, `if`, `for`, `call`, comments and labels.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from linter.syntax.possessive import compiled
from linter.syntax.shell_reader import MAX_COMMANDS, Redirect
from linter.syntax.shell_tokens import EXPRESSION

_PREFIXES = frozenset(("call", "else", "do"))


@cache
def _tokens() -> re.Pattern[str]:
    return compiled(
        r"(?:[ \t\r]|\^\r?\n)*+(?:(?P<redirect>[0-9]?(?:>>|>&|<&|>|<))|(?P<operator>\n|&&|\|\||[&|()])"
        rf"|(?P<word>(?:\${EXPRESSION}|\"[^\"\n]*+\"?|\^.|[^ \t\r\n\"^&|<>()])++))?"
    )


@cache
def _quoted() -> re.Pattern[str]:
    return compiled(rf"(\${EXPRESSION})|\"([^\"\n]*)\"?|\^(.)")


@cache
def _comments() -> re.Pattern[str]:
    return compiled(r"@?(?:rem\b|:)[^\n]*", re.IGNORECASE)


def _plain(word: str) -> str:
    return (
        _quoted().sub(lambda match: match[1] or match[2] or match[3] or "", word)
        if '"' in word or "^" in word
        else word
    )


def read(text: str) -> list[list[Any]]:
    """The commands of a script in order: rows of the fields of shell.Command."""
    found: list[list[Any]] = []
    position = group = 0
    before = ""
    words: list[tuple[str, int, int]] = []
    redirects: list[Redirect] = []
    while len(found) < MAX_COMMANDS:
        match = _tokens().match(text, position)
        if match is None or (match.lastgroup is None and match.end() >= len(text)):
            break
        kind, start = match.lastgroup, match.start(match.lastgroup or 0)
        position = match.end() if kind else match.end() + 1
        if kind == "word":
            comment = None if words else _comments().match(text, start)
            if comment is not None:
                position = comment.end()
            else:
                words.append((match["word"], start, position))
        elif kind == "redirect":
            target = _tokens().match(text, position)
            if target is not None and target["word"]:
                position = target.end()
                written = match["redirect"]
                redirects.append(
                    Redirect(written.lstrip("0123456789"), _plain(target["word"]), written[:1].strip("<>"))
                )
        elif kind == "operator":
            operator = match["operator"]
            if operator == "(" and words and words[0][0].lower().lstrip("@") in ("for", "if"):
                if words[0][0].lower().endswith("for"):
                    position = text.find(")", position) + 1 or len(text)
                words.clear()  # only says when what follows runs
            _finish(found, words, redirects, before, operator, group)
            group += operator != "|"
            before = operator
    _finish(found, words, redirects, before, "\n", group)
    return found


def _finish(
    found: list[list[Any]], words: list[tuple[str, int, int]], redirects: list[Redirect], before: str, after: str, group: int
) -> None:  # fmt: skip
    """Keeps the command that was read, without what only says when it runs."""
    while words and words[0][0].lower().lstrip("@") in _PREFIXES:
        del words[0]
    tested = bool(words) and words[0][0].lower() == "if"
    if tested:
        del words[: _length(words)]
    if words:
        values = [_plain(word) for word, _, _ in words]
        values[0] = values[0].lstrip("@")
        spans = [(first, last) for _, first, last in words]
        rest = [False, ("then",) if tested else (), "", False]
        found.append(
            [values, spans, spans[0][0], spans[-1][1], before, after, list(redirects), [], group, [], *rest]
        )  # fmt: skip
    words.clear()
    redirects.clear()


def _length(words: list[tuple[str, int, int]]) -> int:
    """How many words `if`, its options and its condition take."""
    index = 1
    while index < len(words) and words[index][0].lower() in ("/i", "not"):
        index += 1
    word = words[index][0].lower() if index < len(words) else ""
    if word in ("exist", "defined", "errorlevel", "cmdextversion"):
        return index + 2
    if "==" in word and not word.endswith("=="):
        return index + 1
    following = words[index + 1][0] if index + 1 < len(words) else ""
    return index + (2 if word.endswith("==") or (following.startswith("==") and following != "==") else 3)
