"""GitHub's fingerprint of a line, so that an alert stays the same alert while lines above it come and go.

Encodes what the code scanning upload computes for logs that bring none (docs.github.com, "SARIF support for code
scanning", `primaryLocationLineHash`): over UTF-16 code units without blanks and tabs, every line end as LF and an
end mark of 0xFFFF, the first hundred units from a line's start make its number; equal ones in a file are counted.
"""

from __future__ import annotations

import sys

_UNITS = 100
_FACTOR = 37
_MASK = (1 << 64) - 1
_END = "\uffff"


class LineHashes:
    """The fingerprints of one text's lines: `hashes[3]` is that of line 3, as `hexadecimal:ordinal`."""

    __slots__ = ("_ordinals", "_starts", "_text")

    def __init__(self, text: str) -> None:
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace(" ", "").replace("\t", "")
        self._text = _units(text) + _END
        self._starts = [0]
        self._ordinals: list[int] = []
        found = self._text.find("\n")
        while found >= 0:
            self._starts.append(found + 1)
            found = self._text.find("\n", found + 1)
        seen: dict[str, int] = {}
        for start in self._starts:
            window = self._text[start : start + _UNITS]
            seen[window] = ordinal = seen.get(window, 0) + 1
            self._ordinals.append(ordinal)

    def __getitem__(self, line: int) -> str:
        """The fingerprint of a line, from 1; a line past the end has the last one's."""
        index = min(max(line, 1), len(self._starts)) - 1
        number = 0
        window = self._text[self._starts[index] : self._starts[index] + _UNITS]
        for unit in window:
            number = (number * _FACTOR + ord(unit)) & _MASK
        number = number * pow(_FACTOR, _UNITS - len(window), 1 << 64) & _MASK
        return f"{number:x}:{self._ordinals[index]}"


def _units(text: str) -> str:
    """The same text with one character per UTF-16 code unit."""
    if text.isascii() or max(text) < "\U00010000":
        return text
    encoded = text.encode(f"utf-16-{sys.byteorder[0]}e", "surrogatepass")
    return "".join(map(chr, memoryview(encoded).cast("H")))
