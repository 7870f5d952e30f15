"""JSON text (RFC 8259) of which only some keys are wanted → values that know their places.

Dashboards are mostly options of how panels are painted. What stands below a key nobody asks for is passed over at the
speed of the standard library's scanner, which checks it all the same; see `linter.syntax.json` for whole texts.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from linter.model import Map, Problem, Seq
from linter.syntax.yaml import DEPTH_LIMIT, Document, Loaded

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    Scan = Callable[[str, int], tuple[Any, int]]


def load_parts(source_index: int, text: str, keep: frozenset[str], whole: frozenset[str], base: int = 0) -> Loaded:
    """Read a JSON text for the keys in `keep` at any depth; one document, or none and the problem. Raises nothing.

    whole: keys in whose value every key is read, one level deep. base: added to all offsets.
    """
    reader = _Parts(source_index, text, keep, whole, base)
    try:
        start = _blank().match(text).end()  # type: ignore[union-attr]
        value, end = reader.value(start, 1, False)
        rest = _blank().match(text, end).end()  # type: ignore[union-attr]
        if rest < len(text):
            raise _StopError("text after the value", rest)
        return Loaded([Document(value, base + start, base + end)], [], [], {})
    except _StopError as stop:
        message, offset = stop.args
    except StopIteration as stop:
        message, offset = "a value is missing", stop.value if isinstance(stop.value, int) else 0
    except RecursionError:
        message, offset = f"nested deeper than {DEPTH_LIMIT} levels", 0
    except ValueError as error:
        message, offset = getattr(error, "msg", "a number that cannot be read"), getattr(error, "pos", 0)
    return Loaded([], [Problem(message, base + offset, base + min(offset + 1, len(text)))], [], {})


class _StopError(Exception):
    pass


@cache
def _blank() -> re.Pattern[str]:
    import re

    return re.compile(r"[ \t\n\r]*")


@cache
def _keys() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """The first key of a mapping with its colon, a later one, and a comma; the empty text where there is none."""
    import re

    key = r'"([^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*)"[ \t\n\r]*:[ \t\n\r]*|'
    blank = r"[ \t\n\r]*"
    return re.compile(blank + key), re.compile(f"{blank},{blank}{key}"), re.compile(f"{blank}(,){blank}|")


@cache
def _scanner() -> Scan:
    from json import JSONDecoder

    def refuse(word: str) -> Any:
        raise _StopError(f"{word!r} is not JSON", 0)

    scan: Scan = JSONDecoder(parse_constant=refuse).scan_once  # type: ignore[attr-defined]
    return scan


class _Parts:
    __slots__ = ("base", "blank", "comma", "first", "keep", "key", "scan", "source", "text", "whole")

    def __init__(self, source: int, text: str, keep: frozenset[str], whole: frozenset[str], base: int) -> None:
        self.source = source
        self.text = text
        self.keep = keep
        self.whole = whole
        self.base = base
        self.scan = _scanner()
        first, later, comma = _keys()
        self.first, self.key, self.comma, self.blank = first.match, later.match, comma.match, _blank().match

    def value(self, start: int, depth: int, every: bool) -> tuple[Any, int]:
        """The value that begins at an offset, and its end. every: all keys of a mapping are wanted."""
        first = self.text[start : start + 1]
        if first not in ("{", "["):
            value, end = self.scan(self.text, start)
            return (_mended(value) if isinstance(value, str) else value), end
        if depth > DEPTH_LIMIT:
            raise _StopError(f"nested deeper than {DEPTH_LIMIT} levels", start)
        return self.mapping(start, depth, every) if first == "{" else self.sequence(start, depth)

    def mapping(self, start: int, depth: int, every: bool) -> tuple[Map, int]:
        text, keep, source, base, following = self.text, self.keep, self.source, self.base, self.key
        value, scan = Map((source, base + start, base + start)), self.scan
        at, key = value.at, self.first(text, start + 1)
        end = start + 1
        while key is not None and (name := key[1]) is not None:
            begin = key.end()
            if "\\" in name:
                name = _mended(scan(text, key.start(1) - 1)[0])
            if every or name in keep:
                item, end = self.value(begin, depth + 1, name in self.whole)
                value[name] = item
                at[name] = (source, base + key.start(1) - 1, base + key.end(1) + 1, base + begin, base + end)
            else:
                end = scan(text, begin)[1]
            key = following(text, end)
        end = self.closing(end, "}")
        value.span = (source, base + start, base + end)
        return value, end

    def sequence(self, start: int, depth: int) -> tuple[Seq, int]:
        text, source, base, comma = self.text, self.source, self.base, self.comma
        value = Seq((source, base + start, base + start))
        blank = self.blank(text, start + 1)
        begin = blank.end() if blank else start + 1
        end = begin
        while text[begin : begin + 1] != "]" or value:
            item, end = self.value(begin, depth + 1, False)
            value.append(item)
            value.at.append((source, base + begin, base + begin, base + begin, base + end))
            found = comma(text, end)
            if found is None or found[1] is None:
                break
            begin = found.end()
        end = self.closing(end, "]")
        value.span = (source, base + start, base + end)
        return value, end

    def closing(self, at: int, bracket: str) -> int:
        """The end of the bracket that must stand at an offset."""
        found = self.blank(self.text, at)
        at = found.end() if found else at
        if self.text[at : at + 1] != bracket:
            raise _StopError(f"a comma or {bracket!r} is missing", at)
        return at + 1


def _mended(text: str) -> str:
    """A text without halves of surrogate pairs, which no report could hold."""
    if text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
