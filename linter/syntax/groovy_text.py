"""The text of Groovy's six kinds of string literals, each character with where it was written.

Encodes https://groovy-lang.org/syntax.html §"Strings": escapes, line continuations, dollar slashy escapes.
"""

from __future__ import annotations

from bisect import bisect_right

Piece = tuple[str, int, int]
"""(text, start, end): text as it counts, written at [start, end); of another length than written where it is an escape."""


class Written(str):
    """A text that knows where each of its characters was written, across escapes, joins and quotes."""

    __slots__ = ("pieces", "starts")

    pieces: tuple[Piece, ...]
    starts: list[int]

    @staticmethod
    def of(pieces: list[Piece]) -> Written:
        made = Written("".join(piece[0] for piece in pieces))
        made.pieces = tuple(piece for piece in pieces if piece[0])
        position, starts = 0, []
        for text, _, _ in made.pieces:
            starts.append(position)
            position += len(text)
        made.starts = starts
        return made

    def place(self, start: int, end: int) -> tuple[int, int] | None:
        """Where self[start:end] was written; None for what is outside the text."""
        if not self.pieces or start < 0 or end > len(self) or start > end:
            return None
        first, low = self._piece(start)
        if end == start:
            return low, low
        _, high = self._piece(end - 1, after=True)
        return (low, high) if high >= low else first[1:]

    def cut(self, start: int, end: int) -> Written:
        """A part of the text, which knows its own places."""
        found: list[Piece] = []
        for begin, (text, low, high) in zip(self.starts, self.pieces, strict=True):
            first, last = max(start - begin, 0), min(end - begin, len(text))
            if first < last:
                plain = len(text) == high - low
                found.append((text[first:last], low + first if plain else low, low + last if plain else high))
        return Written.of(found)

    def _piece(self, offset: int, after: bool = False) -> tuple[Piece, int]:
        number = max(bisect_right(self.starts, offset) - 1, 0)
        piece = self.pieces[number]
        text, start, end = piece
        if len(text) != end - start:
            return piece, end if after else start
        return piece, min(start + offset - self.starts[number] + after, end)


_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "s": " "}


def unescape(text: str, at: int, end: int) -> tuple[str, int]:
    """What the escape at a backslash stands for, and how many characters it takes."""
    char = text[at + 1 : at + 2]
    if char == "u":
        stop = at + 1
        while stop < end and text[stop] == "u" and stop - at < 20:
            stop += 1
        digits = text[stop : stop + 4]
        if len(digits) == 4 and all(each in "0123456789abcdefABCDEF" for each in digits):
            return chr(int(digits, 16)), stop + 4 - at
        return text[at : at + 2], 2
    if char in "01234567" and char:
        stop = at + 2
        while stop < min(end, at + 4) and text[stop] in "01234567":
            stop += 1
        return chr(int(text[at + 1 : stop], 8) & 0xFF), stop - at
    if char in ("\n", "\r"):
        return "", 3 if text.startswith("\r\n", at + 1) else 2
    return _SIMPLE.get(char, char), min(2, end - at)
