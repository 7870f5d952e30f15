"""Where in a POSIX or Bash script a piece of text stands: within which quotes, and as a part of which command.

Pieces are texts that something replaces before the shell reads the script (`${{ … }}`). What is meant by "stands" is
the state of the shell's own lexer at that point (POSIX.1-2017 §2.2 quoting, §2.3 tokens, §2.7.4 here-documents); where
that is not certain, or the text would be read as code once more, there is no answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from linter.records import NamedTuple

PLAIN, DOUBLE, SINGLE, HERE, COMMENT = "plain", "double", "single", "here", "comment"

_BREAKS = frozenset(";&|\n")
_KEYWORDS = frozenset(("if", "then", "else", "elif", "while", "until", "do", "!", "{", "time"))
_MOST, _LONGEST = 200, 200_000
"""Pieces and characters of a script that is read."""


class Standing(NamedTuple):
    """kind: plain, double, single, here (a here-document that expands) or comment. words: the command's words before,
    as written. before: what is written of the piece's own word before it. around: the words of the commands that what
    this one prints becomes a part of."""

    kind: str
    words: tuple[str, ...]
    before: str
    around: tuple[str, ...]


class _Frame:
    """A script, or a substitution within one. closer: what ends it. quoted: it is read within double quotes."""

    __slots__ = ("closer", "quoted", "word", "words")

    def __init__(self, closer: str) -> None:
        self.closer = closer
        self.quoted = False
        self.word = ""
        self.words: list[str] = []

    def end_word(self) -> None:
        if self.word:
            self.words.append(self.word)
            self.word = ""
        while self.words and self.words[0] in _KEYWORDS:
            del self.words[0]

    def end_command(self) -> None:
        self.end_word()
        self.words = []


class Unclear(Exception):
    """The script is not read far enough to say where its pieces stand."""


def standings(script: str, pieces: Sequence[tuple[int, int]]) -> list[Standing | None]:
    """Where each piece (start, end), in order, stands; None for one whose place is no place for a value."""
    if len(pieces) > _MOST or len(script) > _LONGEST:
        return [None] * len(pieces)
    masked = _masked(script, pieces)
    reader = _Reader(script, masked, pieces)
    try:
        reader.read()
    except Unclear:
        pass
    return [reader.found.get(start) for start, _ in pieces]


def _masked(script: str, pieces: Iterable[tuple[int, int]]) -> str:
    """The script with its pieces as plain words, so that quotes within them count for nothing."""
    parts, position = [], 0
    for start, end in pieces:
        parts += [script[position:start], "x" * (end - start)]
        position = end
    return "".join([*parts, script[position:]])


class _Reader:
    def __init__(self, script: str, masked: str, pieces: Sequence[tuple[int, int]]) -> None:
        self.script = script
        self.text = masked
        self.ends = dict(pieces)
        self.found: dict[int, Standing] = {}
        self.frames = [_Frame("")]
        self.heredocs: list[tuple[str, bool, bool, tuple[str, ...]]] = []

    def read(self) -> None:
        position = 0
        while position < len(self.text):
            frame = self.frames[-1]
            if position in self.ends:
                self._note(position, DOUBLE if frame.quoted else PLAIN)
                frame.word += self.script[position : self.ends[position]]
                position = self.ends[position]
            elif frame.quoted:
                position = self._in_quotes(position, frame)
            else:
                position = self._in_script(position, frame)
        if len(self.frames) > 1 or self.frames[0].quoted or self.heredocs:
            # A quote that never ends was read wrongly somewhere: nothing that was found is certain.
            self.found.clear()

    def _note(self, position: int, kind: str, words: tuple[str, ...] | None = None) -> None:
        frame = self.frames[-1]
        if any(each.closer == "`" for each in self.frames):
            return
        known = tuple(frame.words) if words is None else words
        around = tuple(word for each in self.frames[:-1] for word in each.words)
        self.found[position] = Standing(kind, known, frame.word, around)

    def _in_quotes(self, position: int, frame: _Frame) -> int:
        char = self.text[position]
        if char == '"':
            frame.quoted = False
        elif char == "\\":
            frame.word += self.text[position : position + 2]
            return position + 2
        elif char == "`" or self.text.startswith("$", position):
            return self._dollar(position, frame)
        frame.word += char
        return position + 1

    def _in_script(self, position: int, frame: _Frame) -> int:
        char = self.text[position]
        if char in "$`":
            return self._dollar(position, frame)
        if char == "\\":
            if not self.text.startswith("\\\n", position):
                frame.word += self.text[position : position + 2]
            return position + 2
        if char == '"':
            frame.quoted = True
        elif char == "'":
            return self._single(position, frame)
        elif char == "#" and not frame.word:
            return self._comment(position)
        elif char in "()":
            return self._paren(position, frame)
        elif char == "<" and self.text.startswith("<<", position):
            return self._heredoc(position, frame)
        elif char == "&" and (
            self.text[position - 1 : position] in ("<", ">") or self.text[position + 1 : position + 2] == ">"
        ):
            frame.end_word()
            return position + 1
        elif char in _BREAKS:
            frame.end_command()
            return self._bodies(position + 1) if char == "\n" else position + 1
        elif char in " \t\r<>":
            frame.end_word()
            return position + 1
        frame.word += char
        return position + 1

    def _single(self, position: int, frame: _Frame) -> int:
        end = self.text.find("'", position + 1)
        if end < 0:
            raise Unclear
        if frame.word.endswith("$"):
            raise Unclear
        written = position
        for start in self.ends:
            if position < start < end:
                frame.word += self.script[written:start]
                written = start
                self._note(start, SINGLE)
        frame.word += self.script[written : end + 1]
        return end + 1

    def _comment(self, position: int) -> int:
        end = self.text.find("\n", position)
        end = len(self.text) if end < 0 else end
        for start in self.ends:
            if position < start < end:
                self._note(start, COMMENT, ())
        return end

    def _dollar(self, position: int, frame: _Frame) -> int:
        """A substitution or a parameter. In backticks and arithmetic nothing is told."""
        text = self.text
        if text.startswith("`", position):
            if any(each.closer == "`" for each in self.frames):
                if frame.closer != "`":
                    raise Unclear
                self.frames.pop()
                self.frames[-1].word += "`"
            else:
                self.frames.append(_Frame("`"))
            return position + 1
        if text.startswith("$((", position) or text.startswith("$[", position):
            return self._skipped(position, frame, "))" if text[position + 1] == "(" else "]")
        if text.startswith("${", position):
            return self._skipped(position, frame, "}")
        if text.startswith("$(", position):
            frame.word += "$("
            self.frames.append(_Frame(")"))
            return position + 2
        frame.word += "$"
        return position + 1

    def _skipped(self, position: int, frame: _Frame, closer: str) -> int:
        """What is computed: its pieces stand nowhere that a value may."""
        end = self.text.find(closer, position)
        if end < 0 or "\n" in self.text[position:end]:
            raise Unclear
        frame.word += self.script[position : end + len(closer)]
        return end + len(closer)

    def _paren(self, position: int, frame: _Frame) -> int:
        if self.text[position] == "(":
            if self.text.startswith("((", position):
                end = self.text.find("))", position)
                if end < 0:
                    raise Unclear
                return end + 2
            frame.end_command()
            self.frames.append(_Frame("("))
            return position + 1
        if frame.closer not in (")", "("):
            if any(each.closer for each in self.frames):
                raise Unclear
            frame.end_command()
            return position + 1
        if "case" in frame.words:
            raise Unclear
        self.frames.pop()
        if frame.closer == ")":
            self.frames[-1].word += ")"
        else:
            self.frames[-1].end_command()
        return position + 1

    def _heredoc(self, position: int, frame: _Frame) -> int:
        frame.end_word()
        if self.text.startswith("<<<", position):
            return position + 3
        start = position + 2
        dash = self.text.startswith("-", start)
        start += dash
        while self.text[start : start + 1] in (" ", "\t"):
            start += 1
        end = start
        while end < len(self.text) and self.text[end] not in " \t\r\n;&|<>()":
            end += 1
        tag = self.text[start:end]
        bare = tag.replace("\\", "").replace("'", "").replace('"', "")
        if not bare or any(start <= each < end for each in self.ends):
            raise Unclear
        self.heredocs.append((bare, bare == tag, dash, tuple(frame.words)))
        return end

    def _bodies(self, position: int) -> int:
        """The here-documents that begin on this line; `position` is behind them."""
        for tag, expands, dash, words in self.heredocs:
            while True:
                end = self.text.find("\n", position)
                line = self.text[position : end if end >= 0 else len(self.text)]
                plain = (line.lstrip("\t") if dash else line).rstrip("\r")
                if plain == tag:
                    position = len(self.text) if end < 0 else end + 1
                    break
                if end < 0:
                    raise Unclear
                self._body_line(position, end, expands, words)
                position = end + 1
        self.heredocs = []
        return position

    def _body_line(self, start: int, end: int, expands: bool, words: tuple[str, ...]) -> None:
        line = self.text[start:end]
        certain = expands and "`" not in line and "$(" not in line
        for each in self.ends if certain else ():
            if start <= each < end:
                self._note(each, HERE, words)
