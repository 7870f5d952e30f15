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

_HEREDOC_INSTRUCTIONS = (["RUN"], ["COPY"], ["ADD"])
_MOST_DOCUMENTS = 100


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
    escape: str

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
        return Logical(
            self.text[offset:], starts, (first, *self.sources[index + 1 :]), self.end, self.documents, self.escape
        )


class Word(NamedTuple):
    """A word without its quotes, and where it stands in the line."""

    text: str
    start: int
    end: int


@cache
def _heredoc() -> re.Pattern[str]:
    """A word that opens a here-document, as BuildKit's parser has it."""
    return re.compile(r"\d*<<(-?)([^<]+)")


@cache
def _word(escape: str) -> re.Pattern[str]:
    e = re.escape(escape)
    return re.compile(rf"(?:[^\s\"'{e}]|{e}.|\"(?:[^\"{e}]|{e}.)*(?:\"|{e}?\Z)|'[^']*'?|{e}\Z)+", re.DOTALL)


@cache
def _quoted(escape: str) -> re.Pattern[str]:
    e = re.escape(escape)
    return re.compile(rf"\"((?:[^\"{e}]|{e}.)*)(?:\"|{e}?\Z)|'([^']*)'?|{e}(.)", re.DOTALL)


@cache
def _in_double(escape: str) -> re.Pattern[str]:
    e = re.escape(escape)
    return re.compile(rf"{e}([\"{e}$])")


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
    return Logical("".join(pieces), tuple(starts), tuple(sources), end, (), escape), position


def _with_documents(text: str, line: Logical, position: int, problems: list[Problem]) -> tuple[Logical, int]:
    head = line.text[:100].upper().split(None, 2)[:2]
    if not head or (head[1:] if head[0] == "ONBUILD" else head)[:1] not in _HEREDOC_INSTRUCTIONS:
        return line, position
    documents: list[Document] = []
    for word in words(line.text, line.escape):
        match = _heredoc().fullmatch(line.text, word.start, word.end)
        if match is None or len(documents) == _MOST_DOCUMENTS:
            continue
        document, position = _document(text, match, position, line.escape)
        documents.append(document)
        if document.end >= len(text) and position > len(text):
            place = line.source(word.start)
            message = f"the here-document {document.name[:80]} is not closed"
            remedy = f"End it with a line {document.name[:80]}."
            problems.append(Problem(message, place, line.source(word.end), remedy))
    end = min(position - 1, len(text)) if documents else line.end
    return line._replace(documents=tuple(documents), end=end), position


def _document(text: str, match: re.Match[str], position: int, escape: str) -> tuple[Document, int]:
    """The here-document that begins at a position, and where the next line does; beyond the text if it is not closed."""
    name = unquoted(match[2], escape)
    start = position
    while position < len(text):
        stop = _line_end(text, position)
        content = text[position:stop].rstrip("\r")
        if (content.lstrip("\t") if match[1] else content) == name:
            return Document(name, text[start:position], start, position, name == match[2]), stop + 1
        position = stop + 1
    return Document(name, text[start:], min(start, len(text)), len(text), name == match[2]), len(text) + 1


def words(text: str, escape: str = "\\") -> list[Word]:
    """The words of a line, quotes and escapes taken away."""
    return list(each_word(text, escape))


def each_word(text: str, escape: str) -> Iterator[Word]:
    for match in _word(escape).finditer(text):
        yield Word(unquoted(match[0], escape), match.start(), match.end())


def unquoted(text: str, escape: str = "\\") -> str:
    """A word as the builder reads it: `"a b"c\\ d` → `a bc d`."""
    if '"' not in text and "'" not in text and escape not in text:
        return text

    def plain(match: re.Match[str]) -> str:
        if match[1] is not None:
            return _in_double(escape).sub(r"\1", match[1])
        return match[2] if match[2] is not None else match[3]

    return _quoted(escape).sub(plain, text)
