"""The built-in transformers of a kustomization: names, namespaces, labels, annotations, replicas, images.

Encodes https://kubectl.docs.kubernetes.io/references/kustomize/builtins/. Each takes objects and gives objects; what
kustomize would refuse raises Refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from linter.model import Entry, Map, Seq, Unknown, concatenate, replace
from linter.parsers.kubernetes.objects import metadata_of
from linter.parsers.kustomize.edit import Step, put
from linter.parsers.kustomize.fields import Field, change, fields_in, joined
from linter.parsers.kustomize.schema import is_cluster_scoped
from linter.parsers.kustomize.state import Absent, Beyond, Item, Refused, text_of
from linter.trees import says

_UNNAMED = (
    Field((), "CustomResourceDefinition"),
    Field((), "APIService", "apiregistration.k8s.io"),
    Field((), "Namespace"),
)
_TAG = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.{}-")
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/:@")


def in_namespace(
    items: list[Item],
    namespace: Any,
    entry: Entry,
    fields: tuple[Field, ...],
    subjects: str = "defaultOnly",
    unset_only: bool = False,
) -> list[Item]:
    """All objects in a namespace, but those kustomize knows to have none. subjects: which of bindings move too."""

    def alter(value: Any, written: Entry) -> tuple[Any, Entry]:
        return (value, written) if unset_only and value not in (None, "") else (namespace, entry)

    result = []
    for item in items:
        item = item.remembered()
        body = item.body
        group, version = item.version
        kind = text_of(body.get("kind"))
        if not is_cluster_scoped(group, version, kind):
            item = change(item, (Field(("metadata", "namespace"), create=True),), alter, "scalar")
        if kind in ("RoleBinding", "ClusterRoleBinding"):
            item = item._replace(body=_subjects(item.body, alter, subjects))
        wanted = [x for x in fields if x.path != ("metadata", "name") or (group, version) == ("", "v1")]
        wanted = [x for x in wanted if x.path != ("metadata", "namespace")]
        result.append(change(item, wanted, alter, "scalar"))
    seen = set()
    for item in result:
        now = item.now
        key = (*now[:4], now.place)
        if key in seen and "?" not in key:
            raise Refused(f"the namespace makes two objects one: {now.kind} {now.name}")
        seen.add(key)
    return result


def _subjects(body: Map, alter: Any, mode: str) -> Map:
    subjects = body.get("subjects")
    for index, subject in enumerate(subjects if isinstance(subjects, Seq) else ()):
        if not isinstance(subject, Map) or mode == "none":
            continue
        account = text_of(subject.get("kind")) == "ServiceAccount"
        if account if mode == "allServiceAccounts" else text_of(subject.get("name")) == "default":
            value, entry = alter(
                subject.get("namespace"), subject.at.get("namespace") or (*subject.span[:2], *subject.span[1:], 0)[:5]
            )
            body = put(body, ("subjects", index, "namespace"), value, entry)
    return body


def renamed(items: list[Item], prefix: Any, suffix: Any, fields: tuple[Field, ...]) -> list[Item]:
    """All objects with a prefix or a suffix, but those whose names mean something outside the cluster's objects."""

    def alter(value: Any, written: Entry) -> tuple[Any, Entry]:
        for part in (prefix, value, suffix):
            if isinstance(part, Unknown):
                return part, written
        if isinstance(value, (Map, Seq)):
            raise Refused("a name that is to get a prefix or suffix is no text")
        return f"{text_of(prefix)}{text_of(value)}{text_of(suffix)}", written

    result = []
    for item in items:
        first = item.first
        selected = [x for x in fields if x.selects(first.kind, first.group, first.version)]
        if any(x.selects(first.kind, first.group, first.version) for x in _UNNAMED):
            selected = []
        for field in selected:
            if field.path == ("metadata", "name"):
                item = item.remembered()._replace(
                    prefixes=(*item.prefixes, *([text_of(prefix)] if prefix else [])),
                    suffixes=(*item.suffixes, *([text_of(suffix)] if suffix else [])),
                )
            item = change(item, (field,), alter, "scalar")
        result.append(item)
    return result


def labelled(items: list[Item], pairs: Map, fields: tuple[Field, ...]) -> list[Item]:
    """All objects with labels (or annotations) at the fields."""
    for key, value in pairs.items():
        if not isinstance(value, (str, Unknown)) and value is not None:
            raise Refused(f"the value of {text_of(key)} is no text")

    def alter(value: Any, written: Entry) -> tuple[Any, Entry]:
        if not isinstance(value, Map):
            if isinstance(value, Seq):
                return _through(value, alter), written
            if value is None or isinstance(value, Unknown):
                return value, written
            raise Refused("labels are added to a field that is no mapping")
        for key, text in pairs.items():
            value = replace(value, key, "" if text is None else text, pairs.at[key])
        return value, written

    return [change(item, fields, alter, "map") for item in items]


def _through(value: Seq, alter: Any) -> Seq:
    result = concatenate((value,), value.span)
    for index, item in enumerate(value):
        result[index] = alter(item, value.at[index])[0]
    return result


def label_sets(body: Map, fields: dict[str, tuple[Field, ...]]) -> Iterator[tuple[Map, tuple[Field, ...]]]:
    """The labels a kustomization adds, each with the fields that get them."""
    labels = body.get("labels")
    for item in labels if isinstance(labels, Seq) else ():
        pairs = item.get("pairs") if isinstance(item, Map) else None
        if not isinstance(item, Map) or not isinstance(pairs, Map):
            continue
        own = joined(tuple(fields_in(item.get("fields"))), fields["labels"])
        if item.get("includeSelectors") is True:
            own = joined(own, fields["commonLabels"])
        else:
            if item.get("includeTemplates") is True:
                own = joined(own, fields["templateLabels"])
            own = joined(own, (Field(("metadata", "labels"), create=True),))
        yield pairs, own
    common = body.get("commonLabels")
    if isinstance(common, Map):
        yield common, fields["commonLabels"]


def scaled(items: list[Item], replicas: Map, fields: tuple[Field, ...]) -> list[Item]:
    """The objects of a name with a count of replicas. Raises Refused where there is none of that name."""
    name, count = replicas.get("name"), replicas.get("count")
    if isinstance(name, Unknown):
        return items
    if not isinstance(name, str):
        raise Refused("replicas without a name")

    def alter(value: Any, written: Entry) -> tuple[Any, Entry]:
        return (0, written) if "count" not in replicas else (count, replicas.at["count"])

    result = [*items]
    found = False
    for index, item in enumerate(result):
        ids = [each for each in item.ids if each.name == name]
        for field in fields:
            if any(field.selects(each.kind, each.group, each.version) for each in ids):
                found = True
                result[index] = change(result[index], (field,), alter, "scalar")
    if not found:
        raise Absent(f"replicas name {name}, and no object of that name has any")
    return result


def imaged(items: list[Item], images: list[Map], fields: tuple[Field, ...]) -> list[Item]:
    """The objects with images' names, tags or digests replaced, in all containers and wherever the fields lead."""
    known = [image for image in images if not isinstance(image.get("name"), Unknown)]
    result = []
    for item in items:
        paths = () if says(item.body.get("kind"), "CustomResourceDefinition") or not known else _containers(item.body)
        for image in known if paths or fields[4:] else ():
            alter = partial(_altered, image=image, wanted=text_of(image.get("name")))
            body = item.body
            for path in paths:
                value, entry = _image_at(body, path)
                after, where = alter(value, entry)
                body = body if after is value else put(body, path, after, where)
            item = item if body is item.body else item._replace(body=body)
            item = change(item, fields, alter)
        result.append(item)
    return result


def _altered(value: Any, written: Entry, image: Map, wanted: str) -> tuple[Any, Entry]:
    if isinstance(value, (Map, Seq)):
        raise Refused("an image is no text")
    if isinstance(value, Unknown) or not _is_image(text_of(value), wanted):
        return value, written
    return _image(text_of(value), image), _image_entry(image, written)


def _containers(value: Any) -> list[tuple[Step, ...]]:
    """Paths of the images in all lists called `containers` or `initContainers`, wherever they stand."""
    found: list[tuple[Step, ...]] = []
    waiting: list[tuple[Any, tuple[Step, ...]]] = [(value, ())]
    while waiting:
        inner, path = waiting.pop()
        if isinstance(inner, Map):
            for key, item in inner.items():
                if isinstance(item, (Map, Seq)):
                    waiting.append((item, (*path, key)))
        elif isinstance(inner, Seq):
            listed = path[-1:] == ("containers",) or path[-1:] == ("initContainers",)
            for index, item in enumerate(inner):
                if isinstance(item, (Map, Seq)):
                    waiting.append((item, (*path, index)))
                    if listed and isinstance(item, Map) and item.get("image") is not None:
                        found.append((*path, index, "image"))
    return found


def _image_at(body: Map, path: tuple[Step, ...]) -> tuple[Any, Entry]:
    holder: Any = body
    for step in path[:-1]:
        holder = holder[step]
    return holder["image"], holder.at["image"]


def _is_image(text: str, name: str) -> bool:
    """Whether a reference is to an image. name: a regular expression to kustomize; only its dots are taken as such."""
    length = len(name)
    if not _PLAIN.issuperset(name):
        raise Beyond("an image is named by a pattern, which is not applied")
    if len(text) < length:
        return False
    if text[:length] != name and any(b not in (".", a) for a, b in zip(text, name, strict=False)):
        return False
    rest = text[length:]
    if rest.startswith(":"):
        tag, at, digest = rest[1:].partition("@")
        rest = at + digest
        if not _TAG.issuperset(tag):
            return False
    return rest == "" or (rest.startswith("@sha256:") and _TAG.issuperset(rest[8:]))


def _image_entry(image: Map, written: Entry) -> Entry:
    """Where the part of an image that matters most was written: tag or digest, else the name, else the base's."""
    for key in ("digest", "newTag", "tagSuffix", "newName"):
        if image.get(key):
            return image.at[key]
    return written


def _image(written: str, image: Map) -> Any:
    name, tag, digest = split_image(written)
    new = {key: image.get(key) for key in ("newName", "newTag", "digest", "tagSuffix")}
    for value in new.values():
        if isinstance(value, Unknown):
            return value
        if value is not None and not isinstance(value, str):
            raise Refused("an image's new name, tag or digest is no text")
    name = new["newName"] or name
    if new["newTag"] or new["digest"]:
        tag, digest = new["newTag"] or "", new["digest"] or ""
    elif new["tagSuffix"]:
        tag, digest = tag + text_of(new["tagSuffix"]), ""
    return name + (":" + tag if tag else "") + ("@" + digest if digest else "")


def split_image(image: str) -> tuple[str, str, str]:
    """Name with registry, tag and digest of an image reference; '' where a part is missing."""
    rest, _, digest = image.partition("@")
    slash = max(image.find("/"), 0)
    colon = rest.find(":", slash)
    return (rest, "", digest) if colon < 0 else (rest[:colon], rest[colon + 1 :], digest)


def namespace_of(item: Item) -> Any:
    return metadata_of(item.body).get("namespace")
