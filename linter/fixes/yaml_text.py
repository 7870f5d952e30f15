"""Changes of YAML as edits of its text: block and flow style, comments, anchors and line breaks are kept as written.

An entry is set by replacing its scalar, or by a new line behind the mapping's last one (before `}` in flow style); it is
removed with its line. What an anchor shares, an alias or a merge key brings in, is never edited: an edit there would
change other places too. https://yaml.org/spec/1.2.2/
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any

from linter.fixes.changes import Change, Refused, applied
from linter.fixes.yaml_edits import entry_at, own, remove_entry, set_entry, splice
from linter.fixes.yaml_values import scalar
from linter.model import Map, Seq, Source
from linter.parsers.pipelines.scalars import Scalar
from linter.report import Edit
from linter.syntax import yaml
from linter.syntax.written import plain

Path = tuple[Any, ...]


class YamlText:
    """A YAML file. Raises Refused where it has errors or says something twice: what is meant is then not certain."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._source = Source(0, "", text)
        loaded = yaml.load(0, text, "1.2")
        if loaded.problems or loaded.duplicates:
            raise Refused("the file has errors")
        self._documents = [document.value for document in loaded.documents]
        self._paths: dict[tuple[int, int], Path | None] = {}
        self._items: list[tuple[int, Path]] | None = None
        self._scalars: list[tuple[int, int, Path, Any]] | None = None
        for number, document in enumerate(self._documents):
            self._note(document, (number,))

    def _note(self, document: Any, path: Path) -> None:
        """The path of every mapping and list by where it is written; None where it is reached in more than one way."""
        seen: set[int] = set()
        stack: list[tuple[Any, Path | None]] = [(document, path)]
        while stack:
            value, path_to = stack.pop()
            if not isinstance(value, (Map, Seq)):
                continue
            again = id(value) in seen
            place = value.span[1:]
            if again and self._paths.get(place, 0) is None:
                continue
            seen.add(id(value))
            path_to = self._paths[place] = None if again else path_to
            items = value.items() if isinstance(value, Map) else enumerate(value)
            for key, item in items:
                stack.append((item, None if path_to is None or not own(value, key) else (*path_to, key)))

    def mapping_at(self, place: tuple[int, int]) -> Map:
        found = self._at(self._path(place))
        if not isinstance(found, Map):
            raise Refused("no mapping is written there")
        return found

    def item_around(self, start: int, end: int) -> tuple[int, int]:
        """Where the innermost mapping is written that is an item of a list and holds a place. Raises Refused."""
        if self._items is None:
            self._items = sorted((place[0], path) for place, path in self._paths.items() if path and _is_item(path))
        index = bisect_right(self._items, start, key=lambda each: each[0]) - 1
        path = self._items[index][1] if index >= 0 else ()
        while path:
            found = self._at(path)
            if _is_item(path) and isinstance(found, Map) and found.span[1] <= start and end <= found.span[2]:
                return found.span[1], found.span[2]
            path = path[:-1]
        raise Refused("no item of a list is written there")

    def _path(self, place: tuple[int, int]) -> Path:
        path = self._paths.get(place)
        if path is None:
            raise Refused("the mapping is not written there, or is shared by an anchor")
        return path

    def _at(self, path: Path) -> Any:
        value: Any = self._documents
        for key in path:
            value = value[key]
        return value

    def edits(self, changes: Sequence[Change]) -> list[Edit] | None:
        """See Written."""
        try:
            found = [edit for change in changes for edit in self._edits(change)]
        except Refused:
            return None
        return sorted(found)

    def _edits(self, change: Change) -> Iterable[Edit]:
        if change.op == "rewrite":
            self._text_around(change)
            return [Edit(*change.at, str(change.value))]
        if change.op == "write":
            holder = self._at(self._scalar_at(change.at)[0])
            return [Edit(*change.at, scalar(change.value, self.text[holder.span[1]] in "{["))]
        mapping = self.mapping_at(change.at)
        if change.op == "set":
            return set_entry(self.text, mapping, change)
        if change.op == "remove":
            return remove_entry(self.text, mapping, change.keys)
        if change.op == "splice":
            return splice(self._source, *entry_at(mapping, change.keys), change.value)
        raise Refused(f"{change.op} is no change of YAML")

    def _text_around(self, change: Change) -> tuple[Path, int]:
        """The path of the text that a place lies in, and the place's offset in the decoded text. Raises Refused."""
        start, end = change.at
        path, key = self._scalar_around(start, end)
        holder = self._at(path)
        if not isinstance(holder[key], str):
            raise Refused("no text is written there")
        written = Scalar(self._source, holder.at[key], holder[key])
        return (*path, key), _offset(written, self.text[start:end], start)

    def _scalar_at(self, place: tuple[int, int]) -> tuple[Path, Any]:
        """The path and the key of the scalar that is written at a place. Raises Refused."""
        path, key = self._scalar_around(*place)
        if self._at(path).at[key][3:] != place or self.text[place[0] : place[0] + 1] in ("|", ">", "*"):
            raise Refused("no plain or quoted scalar is written there")
        return path, key

    def _scalar_around(self, start: int, end: int) -> tuple[Path, Any]:
        if self._scalars is None:
            self._scalars = sorted(self._all_scalars(), key=lambda each: each[0])
        index = bisect_right(self._scalars, start, key=lambda each: each[0]) - 1
        if index < 0 or end > self._scalars[index][1]:
            raise Refused("nothing is written there")
        return self._scalars[index][2:]

    def _all_scalars(self) -> Iterable[tuple[int, int, Path, Any]]:
        for path in self._paths.values():
            holder = self._at(path) if path is not None else None
            if not isinstance(holder, (Map, Seq)):
                continue
            for key, item in holder.items() if isinstance(holder, Map) else enumerate(holder):
                if not isinstance(item, (Map, Seq)) and own(holder, key) and holder.at[key][4] > holder.at[key][3]:
                    yield holder.at[key][3], holder.at[key][4], path or (), key

    def proven(self, text: str, changes: Iterable[Change]) -> bool:
        """See Written. What is added behind a block scalar that ends with the file gives it the line break it lacked."""
        loaded = yaml.load(0, text, "1.2")
        if loaded.problems or loaded.duplicates:
            return False
        found = plain([document.value for document in loaded.documents])
        changes = list(changes)
        if _same(self._wanted(self._documents, changes), found):
            return True
        if self.text.endswith(("\n", "\r")):
            return False
        ended = yaml.load(0, self.text + "\n", "1.2").documents
        return _same(self._wanted([document.value for document in ended], changes), found)

    def _wanted(self, documents: list[Any], changes: list[Change]) -> Any:
        """What the file is to say: parts of texts replaced first, all of one text at once."""
        wanted = plain(documents)
        pieces: dict[Path, list[Edit]] = {}
        for change in changes:
            if change.op == "splice":
                path = (*self._path(change.at), *change.keys)
                pieces.setdefault(path, []).extend(Edit(*piece) for piece in change.value)
            elif change.op == "rewrite":
                path, offset = self._text_around(change)
                end = offset + change.at[1] - change.at[0]
                pieces.setdefault(path, []).append(Edit(offset, end, str(change.value)))
        for path, edits in pieces.items():
            holder = _down(wanted, path[:-1])
            key = path[-1] if isinstance(holder, list) else str(path[-1])
            holder[key] = applied(holder[key], edits)
        for change in changes:
            if change.op == "write":
                path, key = self._scalar_at(change.at)
                holder = _down(wanted, path)
                holder[key if isinstance(holder, list) else str(key)] = plain(change.value)
            elif change.op in ("set", "remove"):
                _make(_down(wanted, self._path(change.at)), change)
        return wanted


def _is_item(path: Path) -> bool:
    """Whether a path leads to an item of a list; its first key is the document's number."""
    return len(path) > 1 and isinstance(path[-1], int)


def _offset(written: Scalar, part: str, start: int) -> int:
    """Where in the decoded value a part stands that is written at an offset. Raises Refused."""
    found = written.value.find(part)
    while found >= 0:
        if written.span(found, found + len(part))[1:] == (start, start + len(part)):
            return found
        found = written.value.find(part, found + 1)
    raise Refused("the text is written otherwise than it reads")


def _same(one: Any, other: Any) -> bool:
    """Equality that tells 1 from true and keeps the order of entries out of it."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other) or (one != one and other != other)


def _down(value: Any, path: Path) -> Any:
    """What stands at a path of plain values, whose keys are texts as `plain` makes them."""
    for key in path:
        value = value[key if isinstance(value, list) else str(key)]
    return value


def _make(value: Any, change: Change) -> None:
    """An entry of a plain mapping set or removed."""
    chain = []
    keys = [key if isinstance(key, int) else str(key) for key in change.keys]
    for key in keys[:-1]:
        chain.append(value)
        if change.op == "set" and (value.get(key) is None):
            value[key] = {}
        value = value[key]
    chain.append(value)
    if change.op == "set" and isinstance(change.value, dict) and isinstance(value.get(keys[-1]), dict):
        value[keys[-1]].update(plain(change.value))
    elif change.op == "set":
        value[keys[-1]] = plain(change.value)
    else:
        for holder, key in zip(reversed(chain), reversed(keys), strict=True):
            del holder[key]
            if holder:
                break
