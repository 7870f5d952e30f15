"""Strategic merge patches as kustomize applies them, with a place for everything: each value where it was written.

Encodes https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
as far as kustomize v5 does: `$patch` in mappings and lists, lists merged by key with new elements first, null to
delete. Directives it does not know ($setElementOrder, $retainKeys) stay in the object, as they do there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from linter.model import Entry, Map, Seq, Unknown, concatenate, merge
from linter.parsers.kustomize import elements
from linter.parsers.kustomize.schema import _Type, field_type, type_of
from linter.parsers.kustomize.state import Beyond, Refused, text_of

_MISSING = object()
_DIRECTIVE = "$patch"
ELEMENT_LIMIT = 1_000
_NOWHERE: Any = (_MISSING, (0, 0, 0, 0, 0))
Node = tuple[Any, Entry]  # a value, _MISSING for one that is not there, and where it is written


def merged(body: Map, patch: Map) -> Map | None:
    """An object with a patch applied, None where the patch deletes it. Raises Refused where it does not fit.

    `$patch: replace` for a whole object changes nothing: kustomize drops what it would be replaced by.
    """
    if patch.get(_DIRECTIVE) == "replace":
        return body
    result = _walk((body, _whole(body)), (patch, _whole(patch)), None)
    return None if result is None else result[0]


def _whole(value: Map | Seq) -> Entry:
    source, start, end = value.span
    return source, start, start, start, end


def _void(value: Any) -> bool:
    return value is None or value is _MISSING


def _walk(old: Node, new: Node, kind: _Type | None) -> Node | None:
    """Two values as one: None where nothing is left. kind: the type of both, None where there is no schema."""
    before, after = old[0], new[0]
    if isinstance(before, Unknown) or isinstance(after, Unknown):
        return old if after is _MISSING else new
    first = after if _void(before) else before
    if _void(first):
        written = after is _MISSING and before is None and old[1][4] > old[1][3]
        return old if written else None
    for value in (before, after):
        if not _void(value) and _shape(value) != _shape(first):
            raise Refused("a patch writes another type of value than it finds")
    if isinstance(first, Map):
        return _maps(old, new, kind)
    if isinstance(first, Seq) or after is _MISSING:
        return old if after is _MISSING else None if after is None else new
    if after is not None and type(after) is type(before) and after == before:
        return old
    return None if after is None else new


def _shape(value: Any) -> str:
    return "map" if isinstance(value, Map) else "list" if isinstance(value, Seq) else "scalar"


def _maps(old: Node, new: Node, kind: _Type | None) -> Node | None:
    before, after = old[0], new[0]
    directive = after.get(_DIRECTIVE) if isinstance(after, Map) else None
    if _void(before):
        if directive == "delete":
            return None
        old = new = _plain(new) if directive in ("merge", "replace") else new
    elif after is None or directive == "delete":
        return None
    elif directive == "replace":
        old = new = _plain(new)
    elif directive == "merge":
        new = _plain(new)
    elif directive is not None:
        raise Refused(f"there is no $patch strategy of this name: {text_of(directive)}")
    if kind is None:
        kind = _type(old[0]) or _type(new[0])
    return _fields(old, new, kind), old[1]


def _plain(node: Node) -> Node:
    """A mapping without its directive."""
    value: Map = node[0]
    copied = merge((value,), value.span)
    del copied[_DIRECTIVE], copied.at[_DIRECTIVE]
    return copied, node[1]


def _type(value: Any) -> _Type | None:
    if not isinstance(value, Map):
        return None
    version, kind = value.get("apiVersion"), value.get("kind")
    return type_of(version, kind) if isinstance(version, str) and isinstance(kind, str) else None


def _fields(old: Node, new: Node, kind: _Type | None) -> Map:
    before: Map = old[0]
    after = new[0] if isinstance(new[0], Map) else None
    result = before
    for key in [*before, *(key for key in after or () if key not in before)]:
        inner, keys = field_type(kind, key)
        one, other = _at(before, key), _at(after, key)
        lists = keys and (isinstance(one[0], Seq) or (_void(one[0]) and isinstance(other[0], Seq)))
        found = _lists(one, other, inner, keys) if lists else _walk(one, other, inner)
        if found is None:
            if key in result:
                result = merge((result,), result.span) if result is before else result
                del result[key]
                result.at.pop(key, None)
        elif found[0] is not one[0] or key not in before:
            result = merge((result,), result.span) if result is before else result
            result[key] = found[0]
            result.at[key] = found[1]
    return result


def _at(value: Any, key: Any) -> Node:
    if isinstance(value, Map) and key in value:
        return value[key], value.at.get(key) or _whole(value)
    nowhere: Node = _NOWHERE
    return nowhere


def _lists(old: Node, new: Node, inner: _Type | None, keys: Sequence[str]) -> Node | None:
    """Lists that are merged by key, or by value where the key is ''."""
    if isinstance(old[0], Unknown) or isinstance(new[0], Unknown):
        return old if new[0] is _MISSING else new
    if new[0] is not _MISSING and not _void(new[0]) and not isinstance(new[0], Seq):
        raise Refused("a patch writes another type of value than it finds")
    if new[0] is _MISSING and len(keys) == 1 and keys[0] and _settled(old[0], inner, keys[0]):
        return old
    if _void(old[0]):
        old = new
    elif new[0] is None:
        return None
    elif new[0] is not _MISSING:
        directive, rest = _list_directive(new[0])
        if directive == "delete":
            return None
        new = rest, new[1]
        old = new if directive == "replace" else old
    found = _merged_elements(_nodes(old[0]), _nodes(new[0]), inner, keys)
    if len(found) == len(old[0]) and all(a[0] is b for a, b in zip(found, old[0], strict=True)):
        return old
    result = concatenate((old[0],), old[0].span)
    result[:] = [value for value, _ in found]
    result.at[:] = [entry for _, entry in found]
    return result, old[1]


def _settled(value: Seq, inner: _Type | None, key: str) -> bool:
    """Whether a list stays as it is where a patch says nothing of it: no key twice or missing, nothing void."""
    held = [item.get(key) if isinstance(item, Map) else None for item in value]
    if not all(isinstance(each, str) and each for each in held) or len(set(held)) != len(held):
        return False
    pairs = zip(value, value.at, strict=True)
    return all((found := _walk(node, _NOWHERE, inner)) is not None and found[0] is node[0] for node in pairs)


def _list_directive(value: Seq) -> tuple[str, Seq]:
    """What an element `$patch: …` says of the list it stands in, and the list without it."""
    first = next((item for item in value if isinstance(item, Map) and _DIRECTIVE in item), None)
    if first is None or len(first) > 1:
        return "merge", value
    directive = text_of(first[_DIRECTIVE])
    if directive not in ("delete", "replace", "merge"):
        raise Refused(f"there is no $patch strategy of this name: {directive}")
    kept = Seq(value.span)
    for item, entry in zip(value, value.at, strict=True):
        if not (isinstance(item, Map) and text_of(item.get(_DIRECTIVE)) == directive):
            kept.append(item)
            kept.at.append(entry)
    return directive, kept


def _nodes(value: Any) -> list[Node]:
    return list(zip(value, value.at, strict=True)) if isinstance(value, Seq) else []


def _merged_elements(old: list[Node], new: list[Node], inner: _Type | None, keys: Sequence[str]) -> list[Node]:
    if len(old) + len(new) > ELEMENT_LIMIT:
        raise Beyond(f"lists of more than {ELEMENT_LIMIT:,} elements are not merged by key")
    values = elements.values(new, old, keys)
    if len(keys) > 1:
        elements.complete(values)
    valid = list(keys)
    added: list[Node] = []
    for wanted in values:
        valid, held = elements.valid(values, wanted, keys)
        sought = elements.valid([held], held, valid)
        place = elements.find(old, *sought)
        one = old[place] if place is not None else _NOWHERE
        at = elements.find(new, *sought)
        other = new[at] if at is not None else _NOWHERE
        found = _walk(one, other, inner)
        if found is None or (isinstance(found[0], Map) and not found[0]):
            old = elements.set_element(old, None, valid, held)
            continue
        found = _keyed(found, valid, held)
        if place is not None and not _replaces(other[0]):
            old = [*old[:place], found, *old[place + 1 :]]
        added = elements.set_element(added, found, valid, held)
    return elements.appended(added, old, valid) if values else old


def _replaces(value: Any) -> bool:
    return isinstance(value, Map) and value.get(_DIRECTIVE) == "replace"


def _keyed(node: Node, keys: Sequence[str], values: Sequence[str]) -> Node:
    """An element with the keys it has been found by."""
    value, entry = node
    for key, text in zip(keys, values, strict=False):
        if isinstance(value, Map) and key and key not in value and text:
            copied = merge((value,), value.span)
            copied[key], copied.at[key] = text, _whole(value)
            value = copied
    return value, entry
