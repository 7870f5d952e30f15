"""PowerShell as the commands it starts: pipelines, strings, here-strings, blocks, calls; expressions are skipped.

Encodes as much of https://learn.microsoft.com/powershell/scripting/lang-spec/chapter-08 as tells commands from the rest.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from linter.model import Problem
from linter.syntax.possessive import compiled
from linter.syntax.shell_reader import MAX_COMMANDS, Redirect
from linter.syntax.shell_tokens import EXPRESSION

_MAX_DEPTH = 30
_CONDITIONS = {"if": "if", "elseif": "if", "while": "while", "until": "while", "switch": "case",
               "foreach": "loop", "for": "loop"}  # fmt: skip
_BLOCKS = {"if": "then", "elseif": "then", "else": "else", "while": "loop", "do": "loop", "foreach": "loop",
           "for": "loop", "switch": "case", "try": "group", "catch": "else", "finally": "group", "begin": "group",
           "process": "group", "end": "group"}  # fmt: skip
_LEADS_ON = frozenset(("return", "throw", "exit"))


@cache
def _blanks() -> re.Pattern[str]:
    return compiled(r"(?:[ \t\r]|`\r?\n|<\#.*?(?:\#>|\Z))*+(?:\#[^\n]*+)?", re.DOTALL)


@cache
def _pieces() -> re.Pattern[str]:
    """What words and expressions are made of, one piece a match."""
    return compiled(
        rf"(?P<expression>\${EXPRESSION})|(?P<open>@\(|\$\(|\(|@\{{|\{{)"
        r"|(?P<here>@\"[ \t]*\r?\n(?P<body>.*?)(?:\n[ \t]*\"@|\Z)|@'[ \t]*\r?\n(?P<raw>.*?)(?:\n[ \t]*'@|\Z))"
        rf"|(?P<single>'(?:[^'$]|\${EXPRESSION}|\$|'')*+'?)|(?P<double>\")|(?P<escape>`.)"
        r"|(?P<variable>\$(?:\{[^}\n]{0,100}\}|[A-Za-z_][\w:]*|[$?^]))"
        r"|(?P<text>[^ \t\r\n;|&(){}'\"`$<>@]+|[@$<])",
        re.DOTALL,
    )


@cache
def _in_double() -> re.Pattern[str]:
    return compiled(rf"(?P<text>[^\"`$]+)|(?P<quote>\"\"?)|(?P<escape>`.)|(?P<keep>\${EXPRESSION})|(?P<sub>\$\()|(?P<rest>.)",
                      re.DOTALL)  # fmt: skip


@cache
def _operators() -> re.Pattern[str]:
    return compiled(r"\n|\|\||&&|[;|&)}]")


@cache
def _redirects() -> re.Pattern[str]:
    return compiled(r"([0-9*]?)(>>|>)(&[0-9])?")


@cache
def _assigns() -> re.Pattern[str]:
    """`$x = `, `[int] $x.y[0] += `, `$a, $b = `."""
    return compiled(
        r"(?:\[[\w.\[\], ]{1,100}\][ \t]*)?(\$(?:\{[^}\n]{0,100}\}|[\w:]+)(?:\.\w+|\[[^\]\n]{0,100}\])*"
        r"(?:[ \t]*,[ \t]*\$\w+)*)[ \t]*(?:[-+*/%]|\?\?)?=(?!=)"
    )


@cache
def _keyword() -> re.Pattern[str]:
    return compiled(r"[A-Za-z]+(?![\w\-.:\\/])")


class PowerShell:
    """One pass over a script; rows of `found` are the fields of shell.Command in order."""

    __slots__ = ("before", "depth", "end", "found", "function", "functions", "group", "position", "problems", "text",
                 "within")  # fmt: skip

    def __init__(self, text: str) -> None:
        self.text = text
        self.end = len(text)
        self.position = self.depth = self.group = 0
        self.before = self.function = ""
        self.within: tuple[str, ...] = ()
        self.found: list[list[Any]] = []
        self.functions: set[str] = set()
        self.problems: list[Problem] = []

    def operator(self) -> str:
        """The operator that comes next, behind blanks and comments; '' if there is none."""
        match = _blanks().match(self.text, self.position)
        self.position = match.end() if match else self.position
        match = _operators().match(self.text, self.position)
        return match.group() if match else ""

    def statements(self, closer: str = "", within: str = "") -> None:
        """Reads statements up to and with a closing bracket."""
        outer, self.within = self.within, (*self.within, within) if within else self.within
        while self.position < self.end and len(self.found) < MAX_COMMANDS:
            operator = self.operator()
            if operator and operator != "&":
                self.position += len(operator)
                self.before = operator
                if operator == closer:
                    break
                continue
            before = self.position
            self._statement()
            self.position = min(max(self.position, before + 1), self.end)
        else:
            if closer and self.position >= self.end:
                self.problems.append(Problem(f"`{closer}` is missing", self.end, self.end))
        self.within = outer

    def block(self, closer: str, within: str) -> None:
        """Reads what stands in brackets whose first is read."""
        if self.depth >= _MAX_DEPTH:
            return
        self.depth += 1
        kept, self.before = self.before, ""
        self.statements(closer, within)
        self.before = kept
        self.depth -= 1

    def _statement(self) -> None:
        match = _keyword().match(self.text, self.position)
        word = match.group().lower() if match else ""
        if match is not None and (word in _CONDITIONS or word in _BLOCKS):
            self._compound(word, match.end())
        elif match is not None and word in ("function", "filter"):
            self._function(match.end())
        else:
            if match is not None and word in _LEADS_ON:
                self.position = match.end()
            self._pipeline()

    def _compound(self, word: str, position: int) -> None:
        """`if (…) {…}` and its kin; the condition and the block, where they follow."""
        start, self.position = self.position, position
        opened = self._next_is("(")
        if opened and word in _CONDITIONS:
            self.position += 1
            self.block(")", _CONDITIONS[word])
        elif word == "catch":
            while self._next_is("["):
                self.position = self.text.find("]", self.position) + 1 or self.end
        if self._next_is("{"):
            self.position += 1
            self.block("}", _BLOCKS.get(word, "group"))
        elif not opened:
            self.position = start
            self._pipeline()  # a command of that name: `foreach`, `process`

    def _next_is(self, char: str) -> bool:
        position = self.position
        while position < self.end and self.text[position] in " \t\r\n":
            position += 1
        if not self.text.startswith(char, position):
            return False
        self.position = position
        return True

    def _function(self, position: int) -> None:
        self.position = position
        self.operator()
        name = self._word()[0]
        self.functions.add(name.partition("(")[0])
        outer, self.function = self.function, name
        if self._next_is("("):
            self.position += 1
            self.block(")", "")
        if self._next_is("{"):
            self.position += 1
            self.block("}", "function")
        self.function = outer

    def _pipeline(self) -> None:
        group, self.group = self.group, self.group + 1
        match = _assigns().match(self.text, self.position)
        assigned = []
        start = self.position
        if match is not None:
            assigned.append(match.group(1))
            self.position = match.end()
        while self._command(group, assigned, start) == "|":
            self.position += 1
            self.before, assigned = "|", []
            while self.operator() == "\n":
                self.position += 1
            start = self.position

    def _command(self, group: int, assigned: list[str], start: int) -> str:
        """Reads one element of a pipeline; the operator behind it."""
        words: list[str] = []
        spans: list[tuple[int, int]] = []
        redirects: list[Redirect] = []
        before = self.before
        if self.operator() == "&" or self.text.startswith(". ", self.position):
            self.position += 1
        end = start
        while not (operator := self.operator()) and self.position < self.end:
            match = _redirects().match(self.text, self.position)
            first = self.position
            if match is not None:
                self.position = match.end()
                target = match.group(3) or (self._word()[0] if not self.operator() else "")
                redirects.append(Redirect(match.group(2), target, match.group(1)))
            else:
                value, found = self._word()
                if not found:
                    self.position += 1
                words.append(value)
                spans.append((first, self.position))
            end = self.position
        if words or redirects or assigned:
            rest = [False, self.within, self.function, False]
            self.found.append(
                [words, spans, start, end, before, operator or "\n", redirects, assigned, group, [], *rest]
            )
        return operator

    def _word(self) -> tuple[str, bool]:
        """The value of the word at the position, and whether there is one; goes on behind it."""
        pieces: list[str] = []
        start = self.position
        while self.position < self.end:
            match = _pieces().match(self.text, self.position)
            if match is None:
                break
            kind, first = match.lastgroup, match.start()
            self.position = match.end()
            if kind == "open":
                self._opened(match.group())
                pieces.append(self.text[first : self.position])
            elif kind == "double":
                pieces.append(self._double())
            elif kind == "single":
                pieces.append(match.group()[1:].removesuffix("'").replace("''", "'"))
            elif kind == "escape":
                pieces.append(match.group()[1:])
            elif match["here"]:
                pieces.append(match["body"] if match["body"] is not None else match["raw"])
            else:
                pieces.append(match.group())
        return "".join(pieces), self.position > start

    def _opened(self, bracket: str) -> None:
        if bracket.endswith("("):
            self.block(")", "substitution")
        else:
            self.block("}", "group")

    def _double(self) -> str:
        """The text of a string whose quote is read; commands in it are read."""
        pieces: list[str] = []
        opened = self.position
        while self.position < self.end:
            match = _in_double().match(self.text, self.position)
            if match is None:
                break
            kind, first = match.lastgroup, self.position
            self.position = match.end()
            if kind == "quote":
                if match.group() == '"':
                    return "".join(pieces)
                pieces.append('"')
            elif kind == "sub":
                self.block(")", "substitution")
                pieces.append(self.text[first : self.position])
            else:
                pieces.append(match.group()[1:] if kind == "escape" else match.group())
        self.problems.append(Problem('" is not closed', opened - 1, opened))
        return "".join(pieces)
