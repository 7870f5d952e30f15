"""What a shell script runs: its simple commands with their words, quoting respected; nothing is evaluated.

Reads POSIX shells and Bash (https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html) well, and
PowerShell and cmd well enough to see which program a line starts. `${{ … }}` counts as part of a word.
"""

from __future__ import annotations

import re
from functools import cache

from linter.records import NamedTuple

MAX_COMMANDS = 20_000
MAX_DEPTH = 8


class Redirect(NamedTuple):
    operator: str
    target: str


class Command(NamedTuple):
    """words: quotes removed, substitutions kept as written. start, end: offsets into the script.

    after: the operator that ends it ("|", "||", "&&", ";", "&", "\\n"). before: the one that precedes it.
    redirects: `>> "$GITHUB_ENV"` as (">>", "$GITHUB_ENV"). assigned: NAME=value words before the program.
    group: number of the pipeline it belongs to. body: text of a here-document fed to it.
    """

    words: tuple[str, ...]
    start: int
    end: int
    before: str
    after: str
    redirects: tuple[Redirect, ...]
    assigned: tuple[str, ...]
    group: int
    body: str

    @property
    def program(self) -> str:
        return self.words[0].rsplit("/", 1)[-1] if self.words else ""


@cache
def _lexer() -> re.Pattern[str]:
    return re.compile(
        r"(?P<blank>(?:[ \t\r]|[\\`]\r?\n)+)"
        r"|(?P<expr>\$\{\{)"
        r"|(?P<sub>\$\(|[<>]\()"
        r"|(?P<par>\$\{)"
        r"|(?P<heredoc><<-?[ \t]*(?P<tag>[\"']?[A-Za-z_][A-Za-z0-9_]*[\"']?))"
        r"|(?P<redirect>(?:\d*|&)(?:>>|>\||>&|<&|<<<|>|<))"
        r"|(?P<op>&&|\|\||\|&|;;|[;|&\n()])"
        r"|(?P<single>'[^']*'?)"
        r"|(?P<double>\")"
        r"|(?P<tick>`)"
        r"|(?P<escape>\\.)"
        r"|(?P<text>[^ \t\r\n\\$<>&|;()\"'`#0-9]+|.)"
    )


_KEYWORDS = frozenset(
    ("if", "then", "else", "elif", "fi", "do", "done", "while", "until", "!", "{", "}", "time", "in", "esac", "coproc")
)


def commands(script: str) -> list[Command]:
    """The simple commands of a script in order of the text, those inside substitutions and subshells included."""
    reader = _Reader(script)
    reader.read(0, len(script), 0)
    reader.found.sort(key=lambda command: command.start)
    return reader.found


class _Reader:
    """One pass over a script. Substitutions are read as scripts of their own, at most MAX_DEPTH deep."""

    __slots__ = ("found", "group", "script")

    def __init__(self, script: str) -> None:
        self.script = script
        self.found: list[Command] = []
        self.group = 0

    def read(self, position: int, end: int, depth: int) -> None:
        line = _Line()
        pattern = _lexer()
        script = self.script
        while position < end and len(self.found) < MAX_COMMANDS:
            if script[position] == "#" and not line.word:
                newline = script.find("\n", position, end)
                position = newline if newline >= 0 else end
                continue
            match = pattern.match(script, position, end)
            if match is None:
                break
            position = self._take(match, line, end, depth)
        self._finish(line, "\n")

    def _take(self, match: re.Match[str], line: _Line, end: int, depth: int) -> int:
        kind, start, stop = match.lastgroup or "", match.start(), match.end()
        script = self.script
        if match.group("heredoc"):
            line.close_word()
            line.heredocs.append((match.group("tag").strip("\"'"), script.startswith("<<-", start)))
            return stop
        if kind == "blank":
            line.close_word()
        elif kind == "op":
            return self._operator(match.group(), line, start, stop, end)
        elif kind == "redirect":
            line.close_word()
            line.redirect = match.group().lstrip("0123456789&")
        elif kind == "expr":
            stop = _closed(script, "}}", stop, end)
            line.add(script[start:stop], start, stop)
        elif kind == "par":
            stop = _closed(script, "}", stop, end)
            line.add(script[start:stop], start, stop)
        elif kind == "sub":
            stop = self._substitution(start, stop, end, depth)
            line.add(script[start:stop], start, stop)
        elif kind == "tick":
            close = _tick(script, stop, end)
            if depth < MAX_DEPTH:
                self.read(stop, close, depth + 1)
            stop = min(close + 1, end)
            line.add(script[start:stop], start, stop)
        elif kind == "double":
            stop, text = self._double(stop, end, depth)
            line.add(text, start, stop)
        elif kind == "single":
            line.add(match.group().strip("'"), start, stop)
        elif kind == "escape":
            line.add(match.group()[1:], start, stop)
        else:
            line.add(match.group(), start, stop)
        return stop

    def _operator(self, operator: str, line: _Line, start: int, stop: int, end: int) -> int:
        if operator == "(" and line.word and not line.words and line.word[0].isidentifier():
            line.add("(", start, stop)
            return stop
        heredocs = line.heredocs if operator == "\n" else []
        body_end = stop
        if heredocs:
            line.heredocs = []
            pieces = []
            for tag, indented in heredocs:
                body, body_end = _here_document(self.script, body_end, end, tag, indented)
                pieces.append(body)
            line.body = "\n".join(pieces)
        self._finish(line, operator)
        return body_end

    def _finish(self, line: _Line, operator: str) -> None:
        line.close_word()
        words = line.words
        first = 0
        while first < len(words) and words[first] in _KEYWORDS:
            first += 1
        program = first
        while program < len(words) and _assignment(words[program]):
            program += 1
        if first < len(words) or line.redirects:
            self.found.append(
                Command(
                    tuple(words[program:]),
                    line.starts[first] if first < len(words) else line.start,
                    line.end,
                    line.before,
                    operator,
                    tuple(line.redirects),
                    tuple(words[first:program]),
                    self.group,
                    line.body,
                )
            )
        if operator not in ("|", "|&"):
            self.group += 1
        line.reset(operator)

    def _substitution(self, start: int, stop: int, end: int, depth: int) -> int:
        close = _parenthesis(self.script, stop, end)
        if depth < MAX_DEPTH and not self.script.startswith("$((", start):
            self.read(stop, close, depth + 1)
        return min(close + 1, end)

    def _double(self, position: int, end: int, depth: int) -> tuple[int, str]:
        """Reads to just after the closing quote; the text keeps its substitutions."""
        script, pattern = self.script, _in_double()
        pieces: list[str] = []
        while position < end:
            match = pattern.match(script, position, end)
            if match is None:
                break
            token, stop = match.group(), match.end()
            if token == '"':
                return stop, "".join(pieces)
            if token == "${{":
                stop = _closed(script, "}}", stop, end)
            elif token == "$(":
                stop = self._substitution(position, stop, end, depth)
            elif token == "`":
                close = _tick(script, stop, end)
                if depth < MAX_DEPTH:
                    self.read(stop, close, depth + 1)
                stop = min(close + 1, end)
            escaped = token[0] == "\\" and token[1:] in ('"', "\\", "$", "`")
            pieces.append(token[1:] if escaped else script[position:stop])
            position = stop
        return end, "".join(pieces)


class _Line:
    """The command that is being read."""

    __slots__ = (
        "before",
        "body",
        "end",
        "heredocs",
        "opened",
        "redirect",
        "redirects",
        "start",
        "starts",
        "word",
        "words",
    )

    def __init__(self) -> None:
        self.heredocs: list[tuple[str, bool]] = []
        self.reset("")

    def reset(self, before: str) -> None:
        self.words: list[str] = []
        self.starts: list[int] = []
        self.word: list[str] = []
        self.opened = -1
        self.redirects: list[Redirect] = []
        self.redirect = ""
        self.before = before
        self.start = -1
        self.end = -1
        self.body = ""

    def add(self, text: str, start: int, end: int) -> None:
        if self.start < 0:
            self.start = start
        if not self.word:
            self.opened = start
        self.end = end
        self.word.append(text)

    def close_word(self) -> None:
        if not self.word:
            return
        text = "".join(self.word)
        self.word = []
        if self.redirect:
            self.redirects.append(Redirect(self.redirect, text))
            self.redirect = ""
        else:
            self.words.append(text)
            self.starts.append(self.opened)


@cache
def _in_double() -> re.Pattern[str]:
    return re.compile(r'"|\\.|\$\{\{|\$\(|`|[^"\\$`]+|.', re.DOTALL)


@cache
def _parens() -> re.Pattern[str]:
    return re.compile(r"\\.|'[^']*'|[()\"]", re.DOTALL)


def _parenthesis(script: str, position: int, end: int) -> int:
    """The offset of the parenthesis that closes what was opened before position, else end."""
    depth, quoted, pattern = 1, False, _parens()
    while True:
        match = pattern.search(script, position, end)
        if match is None:
            return end
        token, position = match.group(), match.end()
        if token == '"':
            quoted = not quoted
        elif token == "(":
            depth += 1
        elif token == ")":
            depth -= 1
            if depth == 0:
                return match.start()
        elif token[0] == "'" and quoted:
            position = match.start() + 1


def _closed(script: str, closing: str, position: int, end: int) -> int:
    found = script.find(closing, position, end)
    return found + len(closing) if found >= 0 else end


def _tick(script: str, position: int, end: int) -> int:
    while True:
        found = script.find("`", position, end)
        if found < 0:
            return end
        if script[found - 1] != "\\":
            return found
        position = found + 1


def _assignment(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and name.rstrip("+").isidentifier()


def _here_document(script: str, position: int, end: int, tag: str, indented: bool) -> tuple[str, int]:
    start = position
    while position < end:
        newline = script.find("\n", position, end)
        stop = newline if newline >= 0 else end
        line = script[position:stop].rstrip("\r")
        if (line.lstrip("\t") if indented else line).strip(" ") == tag:
            return script[start:position], min(stop + 1, end)
        position = stop + 1
    return script[start:end], end
