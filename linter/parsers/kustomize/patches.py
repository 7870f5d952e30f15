"""Patches of a kustomization, applied to the objects they are for.

Encodes https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/. What cannot be applied surely
leaves an Unknown; what kustomize would refuse is said besides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from linter.model import Map, Seq, Span, replace
from linter.parsers.kubernetes.objects import is_object, metadata_of, name_of, template_path
from linter.parsers.kustomize.edit import opened, overlay, remove
from linter.parsers.kustomize.json_patch import patched
from linter.parsers.kustomize.merge import merged
from linter.parsers.kustomize.select import selected
from linter.parsers.kustomize.state import Absent, Id, Item, Refused, text_of
from linter.records import NamedTuple


class Patch(NamedTuple):
    """One patch. content: a Map (strategic merge), a Seq (JSON patch) or an Unknown; target: a selector, or None.

    subject: what it is called; span: where the kustomization names it; old: written in `patchesJson6902`.
    """

    content: Any
    target: Map | None
    subject: str
    span: Span
    rename: bool = False
    retype: bool = False
    old: bool = False


Refuse = Callable[[Span, str | Refused], None]


def apply(patch: Patch, items: list[Item], refuse: Refuse) -> list[Item]:
    """The objects after a patch; those it deletes are left out. refuse: hears what kustomize would not do."""
    try:
        chosen = _chosen(patch, items)
    except Refused as why:
        refuse(patch.span, why)
        return items
    result: list[Item] = []
    for item, answer in zip(items, chosen, strict=True):
        if answer is False:
            result.append(item)
            continue
        after: Item | None = _unsure(item, patch)
        if answer:
            try:
                after = _patched(patch, item)
            except Refused as why:
                refuse(patch.span, why)
        if after is not None:
            result.append(after)
    return result


def _chosen(patch: Patch, items: list[Item]) -> list[bool | None]:
    """Whether the patch is for each object; None where that cannot be said."""
    if patch.target is not None:
        return [selected(patch.target, item) for item in items]
    content = patch.content
    if isinstance(content, Seq):
        raise Refused("a JSON patch without a target")
    if not isinstance(content, Map):
        return [False] * len(items)
    group, _, version = text_of(content.get("apiVersion")).rpartition("/")
    namespace = text_of(metadata_of(content).get("namespace"))
    wanted = Id(group, version, text_of(content.get("kind")), text_of(name_of(content)), namespace)
    answers = [_is(item, wanted) for item in items]
    if sum(answer is True for answer in answers) > 1:
        raise Refused(f"{patch.subject} could be for more than one object")
    if not any(answer is not False for answer in answers):
        raise Absent(f"{patch.subject} is for {wanted.kind} {wanted.name}, which is not there")
    return answers


def _is(item: Item, wanted: Id) -> bool | None:
    name = name_of(item.body)
    if isinstance(name, str) and name != wanted.name and "?" not in wanted and not item.past:
        return False
    kinds = (text_of(item.body.get("kind")), *(kind for _, _, kind in item.past))
    if wanted.kind not in kinds:
        return False
    ids = item.ids
    if any(each.same(wanted) for each in ids) and "?" not in wanted:
        return True
    near = any(each[:3] == wanted[:3] for each in ids)
    unknown = any("?" in (each.name, each.namespace) for each in (*ids, wanted))
    return None if near and unknown else False


def _unsure(item: Item, patch: Patch) -> Item:
    body = item.body
    return item._replace(body=opened(body, overlay(patch.subject), template_path(body)))


def _patched(patch: Patch, item: Item) -> Item | None:
    content, body = patch.content, item.body
    if isinstance(content, Map):
        item = item.remembered() if patch.rename or patch.retype else item
        if patch.target is not None and "apiVersion" in content and "apiVersion" in body:
            content = replace(content, "apiVersion", body["apiVersion"])
        after = merged(body, content)
        if after is None:
            return None
        after = _as_it_was(body, after, patch)
    elif isinstance(content, Seq):
        item = item if patch.old else item.remembered()
        after = patched(body, content)
    else:
        return _unsure(item, patch)
    if not is_object(after):
        raise Refused(f"{patch.subject} leaves no object")
    return item._replace(body=after)


def _as_it_was(before: Map, after: Map, patch: Patch) -> Map:
    """A patched object of the kind, name and namespace it had."""
    if not patch.retype and after.get("kind") is not before["kind"]:
        after = replace(after, "kind", before["kind"], before.at.get("kind"))
    old, new = metadata_of(before), metadata_of(after)
    metadata = new
    for key in ("namespace",) if patch.rename else ("name", "namespace"):
        if key in old and not (key in new and new[key] is old[key]):
            metadata = replace(metadata, key, old[key], old.at.get(key))
        elif key not in old and key in new:
            metadata = remove(metadata, (key,))
    return after if metadata is new else replace(after, "metadata", metadata, before.at.get("metadata"))


def well_formed(content: Any) -> bool:
    """Whether a mapping can be a strategic merge patch: it names a kind and an object."""
    return isinstance(content, Map) and bool(content.get("kind")) and name_of(content) != ""
