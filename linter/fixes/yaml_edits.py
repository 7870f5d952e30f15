"""Single changes of a YAML mapping as edits of its text; each raises Refused where it would take a guess."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from linter.fixes.changes import Change, Refused, line_break, line_end, line_start
from linter.fixes.yaml_values import block_lines, flow, scalar
from linter.model import Entry, Map, Seq, Source
from linter.parsers.pipelines.scalars import Scalar
from linter.report import Edit


def own(value: Any, key: Any) -> bool:
    """Whether an entry is written within its mapping, and not brought in by a merge key or an alias."""
    if isinstance(value, Seq):
        return True
    entry = value.at.get(key)
    return entry is not None and value.span[1] <= entry[1] and entry[4] <= value.span[2] and _inside(value[key], entry)


def _inside(item: Any, entry: Entry) -> bool:
    return not isinstance(item, (Map, Seq)) or entry[3] <= item.span[1] <= item.span[2] <= entry[4]


def entry_at(mapping: Map, keys: Sequence[Any]) -> tuple[Any, Entry]:
    """The value at a path and its entry. Raises Refused."""
    value: Any = mapping
    entry: Entry | None = None
    for key in keys:
        there = isinstance(value, Map) and key in value and own(value, key)
        if not there and not (isinstance(value, Seq) and isinstance(key, int) and key < len(value)):
            raise Refused("there is no such entry, or it is written elsewhere")
        entry, value = value.at[key], value[key]
    if entry is None:
        raise Refused("no entry is named")
    return value, entry


def set_entry(text: str, mapping: Map, change: Change) -> Iterable[Edit]:
    """The edit that gives an entry a value; the entries of a mapping join one that is there."""
    keys, before, value = list(change.keys), change.before, change.value
    while keys and isinstance(mapping.get(keys[0]), Map) and (len(keys) > 1 or isinstance(value, dict)):
        if not own(mapping, keys[0]):
            raise Refused("a mapping on the way is written elsewhere")
        mapping, before = mapping[keys.pop(0)], ()
    for key in reversed(keys[1:]):
        value = {key: value}
    entries = {keys[0]: value} if keys else value
    there = [name for name in entries if name in mapping and own(mapping, name)]
    if there:
        return [_replaced(text, mapping, name, entries[name]) for name in there if len(there) == len(entries)]
    return [_inserted(text, mapping, entries, before)]


def _replaced(text: str, mapping: Map, name: Any, value: Any) -> Edit:
    """A new value in the place of a scalar, or under a key that was left empty."""
    old, (_, _, key_end, start, end) = mapping[name], mapping.at[name]
    nested, flowing = isinstance(value, (dict, list)), _flowing(text, mapping)
    if isinstance(old, (Map, Seq)) or text[start : start + 1] in ("|", ">", "*", "&", "!"):
        raise Refused("the entry holds more than a scalar")
    if start < end and not nested:
        return Edit(start, end, scalar(value, flowing))
    colon = text.find(":", key_end, key_end + 100)
    if colon < 0 or text[key_end:colon].strip() or text[colon + 1 : max(start, colon + 1)].strip():
        raise Refused("the entry's colon is not there")
    end = max(end, colon + 1)
    if flowing or not isinstance(value, dict) or not value:
        return Edit(colon + 1, end, f" {flow(value) if nested else scalar(value, flowing)}")
    at = line_end(text, end)
    _only_comment(text[end:at])
    lines = block_lines(value, _column(text, mapping) + 2)
    if start == colon + 1 or old is None:
        return Edit(at, at, "".join(line_break(text, at) + line for line in lines))
    return Edit(colon + 1, end, "".join(line_break(text, at) + line for line in lines))


def _flowing(text: str, mapping: Map) -> bool:
    return text[mapping.span[1] : mapping.span[1] + 1] == "{"


def _column(text: str, mapping: Map) -> int:
    """The column of a block mapping's keys; Raises Refused where tabs stand before them."""
    start = line_start(text, mapping.span[1])
    before = text[start : mapping.span[1]]
    if "\t" in before:
        raise Refused("a tab stands before the mapping")
    return len(before)


def _inserted(text: str, mapping: Map, entries: dict[Any, Any], before: Sequence[str]) -> Edit:
    written = [mapping.at[key] for key in mapping if own(mapping, key)]
    if _flowing(text, mapping):
        return _inserted_in_flow(text, mapping, written, entries)
    column = _column(text, mapping)
    lines = block_lines(entries, column)
    nearest = min((mapping.at[key][1] for key in before if key in mapping and own(mapping, key)), default=None)
    if nearest is not None:
        start = line_start(text, nearest)
        if not text[start:nearest].strip(" "):
            return _before(text, start, column, lines)
    if not written:
        raise Refused("the mapping has no entry of its own")
    at = line_end(text, max(entry[4] for entry in written))
    _only_comment(text[max(entry[4] for entry in written) : at])
    return Edit(at, at, "".join(line_break(text, at) + line for line in lines))


def _before(text: str, start: int, column: int, lines: list[str]) -> Edit:
    """New lines before an entry and the comments that belong to it, set apart as the entry is."""
    ending = line_break(text, start)
    while start:
        above = line_start(text, start - 1)
        line = text[above:start].rstrip("\r\n")
        if not line.startswith(" " * column + "#"):
            break
        start = above
    apart = bool(start) and not text[line_start(text, start - 1) : start].strip()
    return Edit(start, start, "".join(line + ending for line in lines) + (ending if apart else ""))


def _inserted_in_flow(text: str, mapping: Map, written: list[Entry], entries: dict[Any, Any]) -> Edit:
    quoted = bool(written) and all(text[entry[1] : entry[1] + 1] == '"' for entry in written)
    new = flow(entries, quoted=quoted)[1:-1]
    if not written:
        _, start, end = mapping.span
        if text[start + 1 : end - 1].strip():
            raise Refused("the mapping holds a comment or a merge key only")
        return Edit(start + 1, end - 1, f" {new} " if end - start > 2 else new)
    at = max(entry[4] for entry in written)
    return Edit(at, at, f", {new}")


def _only_comment(rest: str) -> None:
    if rest.strip() and not rest.lstrip(" \t").startswith("#"):
        raise Refused("something else follows on the line")


def remove_entry(text: str, mapping: Map, keys: Sequence[Any]) -> Iterable[Edit]:
    chain = [mapping]
    for key in keys[:-1]:
        _, _ = entry_at(chain[-1], (key,))
        chain.append(chain[-1][key])
    for holder, key in zip(reversed(chain), reversed(keys), strict=True):
        entry_at(holder, (key,))
        if len(holder) > 1 or holder is mapping:
            return [_removed(text, holder, key)]
    raise Refused("nothing would be left")


def _removed(text: str, holder: Map, key: Any) -> Edit:
    if len(holder) == 1:
        raise Refused("nothing would be left of the mapping")
    _, start, _, _, end = holder.at[key]
    others = sorted(holder.at[each] for each in holder if each != key and own(holder, each))
    following = [entry for entry in others if entry[1] > start]
    if _flowing(text, holder):
        if following:
            return Edit(start, following[0][1], "")
        if others:
            return Edit(others[-1][4], end, "")
        raise Refused("nothing would be left of the mapping")
    first = line_start(text, start)
    if text[first:start].strip():
        if not following:
            raise Refused("the entry stands on the line of its list item, alone")
        return Edit(start, following[0][1], "")
    last = line_end(text, end)
    _only_comment(text[end:last])
    last += len(line_break(text, last)) if last < len(text) else 0
    if last == len(text) and first and text[-1:] not in "\r\n":
        first = line_end(text, line_start(text, first - 1))
    return Edit(first, last, "")


def splice(source: Source, value: Any, entry: Entry, pieces: Sequence[tuple[int, int, str]]) -> Iterable[Edit]:
    if not isinstance(value, str):
        raise Refused("there is no text there")
    written = Scalar(source, entry, value)
    style = source.text[entry[3] : entry[3] + 1]
    for start, end, text in pieces:
        _, first, last = written.span(start, end)
        if style == "'":
            text = text.replace("'", "''")
        elif style == '"':
            text = text.replace("\\", "\\\\").replace('"', '\\"')
        yield Edit(first, last, text)
