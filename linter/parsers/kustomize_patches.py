"""Patches of a kustomization: strategic merges and JSON patches, applied to the objects they select.

Encodes https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/, the merge keys of the built-in
types (API reference, "patch strategy") and RFC 6902. What cannot be applied surely leaves an Unknown.
"""

from __future__ import annotations

from typing import Any

from linter.model import Entry, Map, Seq, Unknown, concatenate, merge
from linter.parsers.kubernetes_objects import Object, group_of, is_object, metadata_of, name_of, template_path
from linter.parsers.kustomize_edit import opened, overlay, put, remove
from linter.parsers.kustomize_select import is_plain, matches, selected, written_namespace
from linter.records import NamedTuple

_MERGE_KEYS: dict[str, tuple[str, ...]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "imagePullSecrets": ("name",),
    "secrets": ("name",),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "ports": ("containerPort", "port"),
    "resourceClaims": ("name",),
}
_GONE = object()


class Patch(NamedTuple):
    """One patch. content: a Map (strategic merge), a Seq (JSON patch) or an Unknown; target: a selector, or None."""

    content: Any
    target: Map | None
    subject: str


def apply(patches: list[Patch], objects: list[Object]) -> list[Object]:
    """The objects after the patches, in order; those they delete are left out."""
    current: list[Object | None] = [*objects]
    by_name: dict[str | None, list[int]] = {}
    for position, item in enumerate(objects):
        _note_names(by_name, position, item)
    for patch in patches:
        wanted = _wanted_name(patch)
        positions = range(len(current)) if wanted is None else [*by_name.get(wanted, ()), *by_name.get(None, ())]
        for position in positions:
            before = current[position]
            chosen = False if before is None else _chosen(patch, before)
            if before is None or chosen is False:
                continue
            body = _patched(patch, before.body) if chosen else _unsure(before.body, patch)
            after = current[position] = None if body is _GONE else _renamed(before, body)
            if after is not None and after.names != before.names:
                _note_names(by_name, position, after)
    return [item for item in current if item is not None]


def _note_names(by_name: dict[str | None, list[int]], position: int, item: Object) -> None:
    """File an object under every name it has had, under None where its name is unknown."""
    name = name_of(item.body)
    for key in {None if isinstance(name, Unknown) else name, *item.names}:
        positions = by_name.setdefault(key, [])
        if position not in positions[-1:]:
            positions.append(position)


def _wanted_name(patch: Patch) -> str | None:
    """The one name a patch can be for, None where it may be for others."""
    if patch.target is not None:
        name = patch.target.get("name")
        return name if isinstance(name, str) and is_plain(name) else None
    wanted = name_of(patch.content) if isinstance(patch.content, Map) else ""
    return None if isinstance(wanted, Unknown) else wanted


def _renamed(item: Object, body: Map) -> Object:
    before, after = name_of(item.body), name_of(body)
    if isinstance(before, Unknown) or isinstance(after, Unknown) or before == after:
        return item._replace(body=body)
    return item._replace(body=body, names=(*item.names, before))


def _chosen(patch: Patch, item: Object) -> bool | None:
    """Whether a patch is for an object; None where that cannot be said."""
    if patch.target is not None:
        return selected(patch.target, item)
    content = patch.content
    kind = content.get("kind") if isinstance(content, Map) else None
    if not isinstance(content, Map) or (isinstance(kind, str) and kind != item.body["kind"]):
        return False
    names = (name_of(item.body), *item.names)
    wanted = name_of(content)
    if any(isinstance(name, Unknown) for name in (*names, wanted)):
        return None
    if content.get("kind") != item.body["kind"] or group_of(content) != group_of(item.body) or wanted not in names:
        return False
    namespace = metadata_of(content).get("namespace")
    return namespace is None or matches(namespace, written_namespace(item.body))


def _unsure(body: Map, patch: Patch) -> Map:
    return opened(body, overlay(patch.subject), template_path(body))


def _patched(patch: Patch, body: Map) -> Any:
    try:
        if isinstance(patch.content, Map):
            group = group_of(body)
            known = "." not in group or group.endswith(".k8s.io")
            merged = _merged(body, patch.content, known)
            return merged if merged is _GONE or is_object(merged) else _unsure(body, patch)
        if isinstance(patch.content, Seq):
            changed: Any = body
            for operation in patch.content:
                changed = _operated(changed, operation)
            return changed if is_object(changed) else _unsure(body, patch)
    except (LookupError, TypeError, ValueError):
        pass
    return _unsure(body, patch)


def _merged(base: Map, patch: Map, known: bool) -> Any:
    """Strategic merge of two mappings. known: the type is built in, so that the merge keys of its lists are."""
    directive = patch.get("$patch")
    if directive == "delete":
        return _GONE
    if directive == "replace":
        return remove(patch, ("$patch",))
    if directive not in (None, "merge"):
        raise ValueError("an unknown directive")
    merged = merge((base,), base.span)
    for key, item in patch.items():
        if key == "$patch":
            continue
        if isinstance(key, str) and key.startswith("$"):
            raise ValueError("a directive that is not applied")
        old, entry = base.get(key), patch.at[key]
        if type(old) is type(item) and isinstance(item, (str, int, float)) and old == item:
            continue
        if isinstance(old, (Map, Seq)) and key in base.at:
            entry = base.at[key] if type(old) is type(item) else entry
        if isinstance(old, Map) and isinstance(item, Map):
            item = _merged(old, item, known)
        elif isinstance(old, Seq) and isinstance(item, Seq):
            item, entry = _merged_lists(key, old, item, entry, patch.at[key], known)
        if item is None or item is _GONE:
            merged.pop(key, None)
            merged.at.pop(key, None)
            continue
        merged[key] = item
        merged.at[key] = entry
    return merged


def _merged_lists(key: Any, old: Seq, new: Seq, entry: Entry, written: Entry, known: bool) -> tuple[Seq, Entry]:
    """Lists with a merge key are merged by it, new elements first (as kustomize does); others are replaced."""
    maps = all(isinstance(item, Map) for item in (*old, *new))
    by = next((by for by in _MERGE_KEYS.get(key, ()) if maps and known and all(by in item for item in new)), None)
    if by is None or not all(by in item for item in old):
        if any(isinstance(item, Map) and "$patch" in item for item in new):
            raise ValueError("a directive in a list without merge key")
        return new, written
    merged = concatenate((old,), old.span)
    added = Seq(new.span)
    for index, item in enumerate(new):
        at = next((i for i, other in enumerate(merged) if _same_element(by, item, other)), None)
        if at is None:
            if item.get("$patch") != "delete":
                added.append(item)
                added.at.append(new.at[index])
            continue
        element = _merged(merged[at], item, known)
        if element is _GONE:
            del merged[at], merged.at[at]
        else:
            merged[at] = element
    return concatenate((added, merged), old.span), entry


def _same_element(by: str, one: Map, other: Map) -> bool:
    if isinstance(one[by], Unknown) or isinstance(other[by], Unknown):
        raise ValueError("an unknown merge key")
    same = bool(one[by] == other[by])
    if by in ("containerPort", "port"):
        return same and one.get("protocol", "TCP") == other.get("protocol", "TCP")
    return same


def _operated(body: Map, operation: Any) -> Any:
    """One operation of a JSON patch. Raises LookupError, TypeError or ValueError where it does not fit."""
    if not isinstance(operation, Map):
        raise TypeError("an operation is a mapping")
    path = _pointer(body, operation.get("path"))
    op = operation.get("op")
    if op == "remove":
        return remove(body, path)
    if op in ("add", "replace"):
        value, entry = operation["value"], operation.at["value"]
        return _added(body, path, value, entry) if op == "add" else _replaced(body, path, value, entry)
    if op in ("move", "copy"):
        source = _pointer(body, operation.get("from"))
        value = _at(body, source)
        body = remove(body, source) if op == "move" else body
        return _added(body, _pointer(body, operation["path"]), value, operation.at["from"])
    if op == "test":
        return body
    raise ValueError("an unknown operation")


def _replaced(body: Map, path: list[Any], value: Any, entry: Entry) -> Any:
    _at(body, path)
    return put(body, path, value, entry)


def _added(body: Map, path: list[Any], value: Any, entry: Entry) -> Any:
    holder = _at(body, path[:-1])
    if not isinstance(holder, Seq):
        return put(body, path, value, entry)
    index = path[-1]
    if not 0 <= index <= len(holder):
        raise IndexError(index)
    longer = concatenate((holder,), holder.span)
    longer.insert(index, value)
    longer.at.insert(index, entry)
    return put(body, path[:-1], longer, _entry_at(body, path[:-1]))


def _entry_at(body: Map, path: list[Any]) -> Entry:
    entry: Entry = _at(body, path[:-1]).at[path[-1]]
    return entry


def _at(value: Any, path: list[Any]) -> Any:
    for step in path:
        if isinstance(value, (Map, Seq)):
            value = value[step]
        else:
            raise TypeError("a path leads through a scalar")
    return value


def _pointer(body: Map, pointer: Any) -> list[Any]:
    """The steps of a JSON pointer (RFC 6901), those through lists as numbers, `-` as the list's length."""
    if not isinstance(pointer, str) or not pointer.startswith("/") or pointer == "/":
        raise ValueError("no JSON pointer")
    steps: list[Any] = []
    holder: Any = body
    for part in pointer[1:].split("/"):
        step: Any = part.replace("~1", "/").replace("~0", "~")
        if isinstance(holder, Seq):
            step = len(holder) if step == "-" else int(step)
            holder = holder[step] if 0 <= step < len(holder) else None
        else:
            holder = holder.get(step) if isinstance(holder, Map) else None
        steps.append(step)
    return steps
