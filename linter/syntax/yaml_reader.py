"""One text's documents built from the events of the C parser; `linter.syntax.yaml` is the way in.

Recursion is bounded by DEPTH_LIMIT, work by the other limits, all while events arrive.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from linter.model import Map, Problem, Seq, Unknown
from linter.records import NamedTuple
from linter.syntax.libyaml import (
    Alias,
    CollectionEnd,
    DocumentStart,
    Library,
    MappingStart,
    Scalar,
    StreamEnd,
    library,
)
from linter.syntax.yaml_scalars import explicit, resolver
from linter.syntax.yaml_text import Memo, StopError, boundaries, key_resolver, patterns

DEPTH_LIMIT: Final = 200
NODE_LIMIT: Final = 1_000_000
ALIAS_LIMIT: Final = 100_000
PROBLEM_LIMIT: Final = 100

_CORE: Final = "tag:yaml.org,2002:"
_MERGE: Final = object()
_COMPLEX: Final = object()


class Document(NamedTuple):
    """One document: value is a Map, Seq, scalar or Unknown; start and end as written, without the last line break."""

    value: Any
    start: int
    end: int


class Loaded(NamedTuple):
    """What a text holds. duplicates: keys written again in one mapping, of which the last one counts.

    problems: what could not be read; the document concerned is left out unless the problem is one entry's.
    tags: start of a value → its local tag (`!Ref`).
    """

    documents: list[Document]
    problems: list[Problem]
    duplicates: list[Problem]
    tags: dict[int, str]


class Reader:
    """Builds the documents of one text. base: offset of the part being parsed; total: nodes, aliases expanded."""

    __slots__ = (
        "anchors", "base", "expanded", "get", "keys", "library", "loaded", "source", "text", "total", "values",
    )  # fmt: skip

    def __init__(self, source: int, text: str, schema: str | Callable[[str], Any]) -> None:
        resolve = resolver(schema)
        self.source = source
        self.text = text
        self.library: Library = library()
        self.values = Memo(resolve)
        self.keys = Memo(key_resolver(resolve))
        self.keys["<<"] = _MERGE
        self.loaded = Loaded([], [], [], {})
        self.anchors: dict[str, tuple[Any, int] | None] = {}
        self.base = 0
        self.total = 0
        self.expanded = 0
        self.get: Callable[[], Any] = lambda: None

    def read(self, start: int, end: int) -> int | None:
        """Read the documents of a part. Returns None, or from where documents may be read after a failure."""
        text = self.text[start:end]
        self.base = start + (1 if text.startswith("\ufeff") else 0)
        documents = len(self.loaded.documents)
        try:
            self.get = self.library.events(text)
            self._stream()
        except StopError as stop:
            self._problem(stop.message, stop.offset)
            return max(stop.offset, start + 1)
        except (self.library.error, UnicodeEncodeError, ValueError) as error:
            mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
            if mark is not None:
                offset: int = min(self.base + mark.index, end)
                self._problem(_sentence(error), offset)
                return max(offset, start + 1)
            return self._unreadable(start, end, documents)
        return None

    def _unreadable(self, start: int, end: int, documents: int) -> int:
        """A character no YAML text may hold: found ahead of the events, so that the text is read again in parts."""
        if any(boundaries(self.text, start + 1, end)):
            del self.loaded.documents[documents:]
            self.loaded.duplicates.clear()
            self.loaded.problems.clear()
            self.total = self.expanded = 0
            return start
        match = patterns().unreadable.search(self.text, start, end)
        offset = match.start() if match else start
        shown = f"U+{ord(self.text[offset]):04X}" if match else "that cannot be read"
        self._problem(f"the text holds the character {shown}, which YAML does not allow", offset)
        return end

    def _full(self, offset: int) -> StopError:
        self.total = NODE_LIMIT + 1
        return StopError(f"more than {NODE_LIMIT:,} values", offset)

    def _problem(self, message: str, start: int, end: int = 0, remedy: str = "") -> None:
        self.loaded.problems.append(Problem(message, start, max(start, end), remedy))

    def _stream(self) -> None:
        get = self.get
        while True:
            event = get()
            kind = event.__class__
            if kind is DocumentStart:
                self.anchors = {}
                start = event.args[0].index + self.base
                value, _, end = self._node(get(), 1)
                self.total += 1
                if self.total > NODE_LIMIT:
                    raise self._full(end)
                self.loaded.documents.append(Document(value, start, max(start, end)))
            elif kind is StreamEnd or event is None:
                return

    def _node(self, event: Any, depth: int) -> tuple[Any, int, int]:
        """The value that an event begins, with its start and end."""
        kind = event.__class__
        if kind is Scalar:
            return self._scalar(event)
        if kind is Alias:
            name, first, last = event.args
            place = first.index + self.base, last.index + self.base
            return self._alias(name, *place), *place
        anchor, tag, _, first, last, flow = event.args
        start: int = first.index + self.base
        if depth > DEPTH_LIMIT:
            raise StopError(f"nested deeper than {DEPTH_LIMIT} levels", start)
        before = self.total
        if anchor is not None or tag is not None:
            match = patterns().properties.match(self.text, start)
            start = match.end() if match else start
            if tag is not None and not tag.startswith(_CORE):
                self.loaded.tags[start] = tag
        if anchor is not None:
            self.anchors[anchor] = None
        value: Any
        if kind is MappingStart:
            value, end = self._mapping(start, flow, depth)
        else:
            value, end = self._sequence(start, flow, depth)
        if anchor is not None:
            self.anchors[anchor] = value, self.total - before + 1
        return value, value.span[1], end

    def _mapping(self, start: int, flow: bool, depth: int) -> tuple[Map, int]:
        get, keys, values, source, base = self.get, self.keys, self.values, self.source, self.base
        end = start
        value = Map((source, start, start))
        at = value.at
        special: list[Any] = []
        room = NODE_LIMIT - self.total
        while True:
            event = get()
            kind = event.__class__
            if kind is Scalar:
                anchor, _, implicit, text, first, last, _ = event.args
                if implicit[0] and anchor is None:
                    key, key_start, key_end = keys[text], first.index + base, last.index + base
                else:
                    key, key_start, key_end = self._scalar(event)
            elif kind is CollectionEnd:
                key_end = event.args[1].index + base
                break
            else:
                key, key_start, key_end = self._complex_key(event, depth)
            event = get()
            if event.__class__ is Scalar:
                anchor, _, implicit, text, first, last, _ = event.args
                if implicit[0] and anchor is None:
                    item, start, end = values[text], first.index + base, last.index + base
                else:
                    item, start, end = self._scalar(event)
            else:
                item, start, end = self._node(event, depth + 1)
            if key is _MERGE or key is _COMPLEX:
                special.append((key, item, key_start, key_end))
                continue
            if key in value:
                self._duplicate(key, key_start, key_end)
            value[key] = item
            at[key] = (source, key_start, key_end, start, end)
            if len(value) > room:
                raise self._full(key_start)
        return self._close_mapping(value, special, flow, end, key_end)

    def _close_mapping(self, value: Map, special: list[Any], flow: bool, end: int, bracket: int) -> tuple[Map, int]:
        """Set the span, count the nodes and apply the merge keys of a mapping whose entries have all been read."""
        source, start, _ = value.span
        if flow:
            end = bracket
        value.span = (source, start, end)
        self.total += 2 * (len(value) + len(special))
        merged = [(item, key_start, key_end) for key, item, key_start, key_end in special if key is _MERGE]
        if merged:
            self._merge(value, merged)
        return value, end

    def _merge(self, value: Map, merged: list[tuple[Any, int, int]]) -> None:
        """Apply merge keys (https://yaml.org/type/merge.html): written keys win, then later keys, earlier maps."""
        parts: list[Map] = []
        for item, start, end in merged:
            maps = item[::-1] if isinstance(item, Seq) else [item]
            if all(isinstance(part, Map) for part in maps):
                parts.extend(maps)
            elif not any(isinstance(part, Unknown) for part in maps):
                self._problem("a merge key takes a mapping or a list of mappings", start, end)
        own = [(key, value[key], value.at[key]) for key in value]
        value.clear()
        value.at.clear()
        for part in parts:
            value.update(part)
            value.at.update(part.at)
        for key, item, entry in own:
            value[key] = item
            value.at[key] = entry

    def _complex_key(self, event: Any, depth: int) -> tuple[Any, int, int]:
        """A key that is an alias or a collection; only scalars can be keys of what is read here."""
        key, start, end = self._node(event, depth + 1)
        if isinstance(key, (Map, Seq)):
            self._problem("a key is a mapping or a list", start, end, "Quote the key if it was meant as text.")
            return _COMPLEX, start, end
        return (_COMPLEX if isinstance(key, Unknown) else key), start, end

    def _duplicate(self, key: Any, start: int, end: int) -> None:
        self.loaded.duplicates.append(Problem(f"the key {key!r} is written again", start, end))

    def _sequence(self, start: int, flow: bool, depth: int) -> tuple[Seq, int]:
        get, values, source, base = self.get, self.values, self.source, self.base
        end = begin = start
        value = Seq((source, start, start))
        at = value.at
        room = NODE_LIMIT - self.total
        while True:
            event = get()
            kind = event.__class__
            if kind is Scalar:
                anchor, _, implicit, text, first, last, _ = event.args
                if implicit[0] and anchor is None:
                    item, start, end = values[text], first.index + base, last.index + base
                else:
                    item, start, end = self._scalar(event)
            elif kind is CollectionEnd:
                break
            else:
                item, start, end = self._node(event, depth + 1)
            value.append(item)
            at.append((source, start, start, start, end))
            if len(value) > room:
                raise self._full(start)
        if flow:
            end = event.args[1].index + base
        value.span = (source, begin, end)
        self.total += len(value)
        return value, end

    def _scalar(self, event: Any) -> tuple[Any, int, int]:
        """A scalar in full: its properties left out of its span, a block's trailing blank space too."""
        anchor, tag, implicit, value, first, last, style = event.args
        start, end = first.index + self.base, last.index + self.base
        if implicit[0]:
            value = self.values[value]
        if anchor is not None or tag is not None:
            match = patterns().properties.match(self.text, start, end)
            start = match.end() if match else start
            if tag is not None:
                value = self._tagged(tag, value, start, end)
            if anchor is not None:
                self.anchors[anchor] = value, 1
        if style == "|" or style == ">":
            text = self.text
            while end > start and text[end - 1] in " \t\r\n\x85\u2028\u2029":
                end -= 1
        return value, start, end

    def _tagged(self, tag: str, text: str, start: int, end: int) -> Any:
        if not tag.startswith(_CORE):
            if tag != "!":
                self.loaded.tags[start] = tag
            return text
        try:
            return explicit(tag.removeprefix(_CORE), text)
        except (ValueError, OverflowError):
            self._problem(f"{text[:40]!r} is no value of the type !!{tag.removeprefix(_CORE)}", start, end)
            return text

    def _alias(self, name: str, start: int, end: int) -> Any:
        anchor = self.anchors.get(name, self)
        if anchor is self:
            self._problem(f"the alias *{name} has no anchor", start, end)
        elif anchor is None:
            self._problem(f"the anchor &{name} contains itself", start, end)
        else:
            value, size = anchor  # type: ignore[misc]
            self.total += size
            self.expanded += size
            if self.expanded > ALIAS_LIMIT:
                raise StopError(f"aliases expand to more than {ALIAS_LIMIT:,} values", start)
            return value
        return Unknown("expression", f"*{name}", "Write the value out, or define the anchor before the alias.")


def _sentence(error: Exception) -> str:
    """What the parser says, as one line."""
    context, problem = getattr(error, "context", None), getattr(error, "problem", None)
    return ": ".join(str(part) for part in (context, problem) if part) or "this is no YAML"
