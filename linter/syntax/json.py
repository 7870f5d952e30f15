"""JSON text (RFC 8259) → values that know their places, in the shape of `linter.syntax.yaml`.

Strict where consumers are strict: no comments, no trailing commas, no NaN. A key written twice counts with its last
value (as in Go's and Python's readers) and is reported.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NoReturn

from linter.model import Map, Problem, Seq
from linter.syntax.yaml import DEPTH_LIMIT, NODE_LIMIT, Document, Loaded
from linter.syntax.yaml_scalars import NUMBER_LIMIT

if TYPE_CHECKING:
    import re

_WORDS: Final = {"true": True, "false": False, "null": None}
_PUNCTUATION, _STRING, _INTEGER, _FLOAT, _WORD = 1, 2, 3, 4, 5


def load(source_index: int, text: str, begin: int = 0, stop: int | None = None) -> Loaded:
    """Read a JSON text, or the part of a text between two offsets: one document, or none and the problem, as for an
    empty text. Raises nothing.
    """
    reader = _Reader(source_index, text if stop is None else text[:stop])
    try:
        value, start, end = reader.value(reader.token(begin), 1)
        last = reader.token(end)
        if last.lastindex is not None:
            reader.fail("text after the value", last)
        reader.loaded.documents.append(Document(value, start, end))
    except _StopError as stop:
        reader.loaded.problems.append(stop.problem)
    return reader.loaded


class _StopError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@cache
def _tokens() -> re.Pattern[str]:
    """Blanks and one token; no group where no token begins. A string's inner loop is unrolled to stay linear."""
    import re

    return re.compile(
        r"[ \t\n\r]*(?:([{}\[\],:])"
        r'|("[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*")'
        r"|(-?(?:0|[1-9][0-9]*)(?![0-9.eE]))"
        r"|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)(?![0-9.eE])"
        r"|(true|false|null)\b|)"
    )


class _Reader:
    __slots__ = ("loaded", "match", "nodes", "source", "text")

    def __init__(self, source: int, text: str) -> None:
        self.source = source
        self.text = text
        self.match = _tokens().match
        self.nodes = 0
        self.loaded = Loaded([], [], [], {})

    def token(self, offset: int) -> re.Match[str]:
        match = self.match(self.text, offset)
        assert match is not None
        if match.lastindex is None and match.end() < len(self.text):
            self.fail(f"{self.text[match.end() : match.end() + 20]!r} is not JSON", match)
        return match

    def fail(self, message: str, token: re.Match[str]) -> NoReturn:
        start = token.start(token.lastindex) if token.lastindex else token.end()
        end = max(token.end(), min(start + 1, len(self.text)))
        if token.lastindex is None and start == len(self.text):
            message = "the text ends too early"
        raise _StopError(Problem(message, start, end))

    def value(self, token: re.Match[str], depth: int) -> tuple[Any, int, int]:
        """The value that a token begins, with its start and end."""
        kind = token.lastindex
        start, end = token.span(kind) if kind else (token.end(), token.end())
        self.nodes += 1
        if self.nodes > NODE_LIMIT:
            self.fail(f"more than {NODE_LIMIT:,} values", token)
        if kind == _STRING:
            return self.string(start, end), start, end
        if kind == _WORD:
            return _WORDS[token[kind]], start, end
        if kind in (_INTEGER, _FLOAT):
            return self.number(token[kind], kind == _FLOAT, start, end), start, end
        if kind is None or token[kind] not in "{[":
            self.fail("a value is missing", token)
        if depth > DEPTH_LIMIT:
            self.fail(f"nested deeper than {DEPTH_LIMIT} levels", token)
        value: Any = self.mapping(start, depth) if token[kind] == "{" else self.sequence(start, depth)
        return value, start, value.span[2]

    def string(self, start: int, end: int) -> str:
        text = self.text[start + 1 : end - 1]
        if "\\" not in text:
            return text
        from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]

        try:
            text = str(scanstring(self.text, start + 1, True)[0])
        except JSONDecodeError as error:
            raise _StopError(Problem(error.msg, start, end)) from None
        if any("\ud800" <= character <= "\udfff" for character in text):
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return text

    def number(self, text: str, floating: bool, start: int, end: int) -> Any:
        if len(text) > NUMBER_LIMIT:
            message = f"a number of more than {NUMBER_LIMIT:,} characters was left as text"
            self.loaded.problems.append(Problem(message, start, end))
            return text
        try:
            return float(text) if floating else int(text)
        except ValueError:
            return text

    def mapping(self, start: int, depth: int) -> Map:
        value = Map((self.source, start, start))
        at = value.at
        key = self.token(start + 1)
        while key[1] != "}" or at:
            if key.lastindex != _STRING:
                self.fail("a key in quotes is missing", key)
            key_start, key_end = key.span(_STRING)
            name = self.string(key_start, key_end)
            colon = self.token(key_end)
            if colon[1] != ":":
                self.fail("a colon is missing", colon)
            item, item_start, end = self.value(self.token(colon.end()), depth + 1)
            if name in value:
                self.loaded.duplicates.append(Problem(f"the key {name!r} is written again", key_start, key_end))
            value[name] = item
            at[name] = (self.source, key_start, key_end, item_start, end)
            key = self.token(end)
            if key[1] == "}":
                break
            if key[1] != ",":
                self.fail("a comma or a closing brace is missing", key)
            key = self.token(key.end())
        value.span = (self.source, start, key.end())
        return value

    def sequence(self, start: int, depth: int) -> Seq:
        value = Seq((self.source, start, start))
        at = value.at
        token = self.token(start + 1)
        while token[1] != "]" or at:
            item, item_start, end = self.value(token, depth + 1)
            value.append(item)
            at.append((self.source, item_start, item_start, item_start, end))
            token = self.token(end)
            if token[1] == "]":
                break
            if token[1] != ",":
                self.fail("a comma or a closing bracket is missing", token)
            token = self.token(token.end())
        value.span = (self.source, start, token.end())
        return value
