"""Physical lines of a Dockerfile joined to the lines its instructions stand on, and those cut into words.

Encodes "Format" of the Dockerfile reference: the escape character at a line's end continues it, comment lines and empty
lines between are left out, a here-document's text follows its line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache

from linter.model import Problem
from linter.records import NamedTuple

_HEREDOC_INSTRUCTIONS = ("RUN", "COPY", "ADD")
_ONBUILD = 8


class Document(NamedTuple):
    """A here-document: its name, its text and where that stands, and whether variables are replaced in it."""

    name: str
    text: str
    start: int
    end: int
    expand: bool


class Logical(NamedTuple):
    """One line of instructions as the builder sees it. starts: offsets into text at which a piece of the source begins,
    sources: where; end: the source's offset after it, here-documents included."""

    text: str
    starts: tuple[int, ...]
    sources: tuple[int, ...]
    end: int
    documents: tuple[Document, ...]

    def source(self, offset: int) -> int:
        """Where a character of the text stands in the source; its end stands just after the last one."""
        index = bisect_right(self.starts, offset) - 1
        if index > 0 and self.starts[index] == offset and offset == len(self.text):
            index -= 1
        return self.sources[index] + offset - self.starts[index]

    def after(self, offset: int) -> Logical:
        """What follows an offset and the blanks there."""
        size = len(self.text)
        while offset < size and self.text[offset].isspace():
            offset += 1
        index = max(0, bisect_right(self.starts, offset) - 1)
        first = self.sources[index] + offset - self.starts[index]
        starts = (0, *(start - offset for start in self.starts[index + 1 :]))
        return Logical(self.text[offset:], starts, (first, *self.sources[index + 1 :]), self.end, self.documents)


class Word(NamedTuple):
    """A word without its quotes, and where it stands in the line."""

    text: str
    start: int
    end: int


@cache
def _heredoc() -> re.Pattern[str]:
    return re.compile(r"(?<![<\w])\d*<<(-?)([\"']?)([A-Za-z_][\w.-]*)\2")


@cache
def _word() -> re.Pattern[str]:
    return re.compile(r"(?:[^\s\"'\\]|\\.|\"(?:[^\"\\]|\\.)*\"?|'[^']*'?|\\\Z)+", re.DOTALL)


@cache
def _quoted() -> re.Pattern[str]:
    return re.compile(r"\"((?:[^\"\\]|\\.)*)\"?|'([^']*)'?|\\(.)", re.DOTALL)


def logical_lines(text: str, position: int, escape: str, problems: list[Problem]) -> Iterator[Logical]:
    """Every line that holds an instruction, from a position on."""
    size = len(text)
    while position < size:
        stop = _line_end(text, position)
        stripped = text[position:stop].strip()
        if not stripped or stripped.startswith("#"):
            position = stop + 1
            continue
        line, position = _joined(text, position, escape)
        if "<<" in line.text:
            line, position = _with_documents(text, line, position, problems)
        yield line


def _line_end(text: str, position: int) -> int:
    found = text.find("\n", position)
    return found if found >= 0 else len(text)


def _joined(text: str, position: int, escape: str) -> tuple[Logical, int]:
    pieces: list[str] = []
    starts: list[int] = []
    sources: list[int] = []
    length, end, size = 0, position, len(text)
    while position < size:
        stop = _line_end(text, position)
        line = text[position:stop].rstrip()
        bare = line.lstrip()
        if pieces and (not bare or bare.startswith("#")):
            position = stop + 1
            continue
        first = position + (len(line) - len(bare) if not pieces else 0)
        continues = line.endswith(escape)
        piece = text[first : position + len(line) - continues]
        starts.append(length)
        sources.append(first)
        pieces.append(piece)
        length += len(piece)
        end = first + len(piece)
        position = stop + 1
        if not continues:
            break
    return Logical("".join(pieces), tuple(starts), tuple(sources), end, ()), position


def _with_documents(text: str, line: Logical, position: int, problems: list[Problem]) -> tuple[Logical, int]:
    head = line.text.upper()
    head = head[_ONBUILD:].lstrip() if head.startswith("ONBUILD ") else head
    if not head.startswith(_HEREDOC_INSTRUCTIONS):
        return line, position
    documents: list[Document] = []
    for match in _heredoc().finditer(line.text):
        start, closed = position, False
        end = position
        while position < len(text) and not closed:
            stop = _line_end(text, position)
            content = text[position:stop].rstrip("\r")
            closed = (content.lstrip("\t") if match[1] else content) == match[3]
            end = position
            position = stop + 1
        if not closed:
            end = len(text)
            place = line.source(match.start())
            message = f"the here-document {match[3]} is not closed"
            problems.append(Problem(message, place, place + len(match[0]), f"End it with a line {match[3]}."))
        documents.append(Document(match[3], text[start:end], start, end, not match[2]))
    return line._replace(
        documents=tuple(documents), end=min(position - 1, len(text)) if documents else line.end
    ), position


def words(text: str) -> list[Word]:
    """The words of a line, quotes and escapes taken away."""
    return [Word(unquoted(match[0]), match.start(), match.end()) for match in _word().finditer(text)]


def unquoted(text: str) -> str:
    """A word as the builder reads it: `"a b"c\\ d` → `a bc d`."""
    if '"' not in text and "'" not in text and "\\" not in text:
        return text
    return _quoted().sub(_plain, text)


def _plain(match: re.Match[str]) -> str:
    if match[1] is not None:
        return re.sub(r"\\([\"\\$])", r"\1", match[1])
    return match[2] if match[2] is not None else match[3]
