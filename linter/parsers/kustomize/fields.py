"""Where kustomize's built-in transformers write: field specifications by transformer, and how they are followed.

Encodes the default transformer configuration of kustomize v5
(https://github.com/kubernetes-sigs/kustomize/tree/master/examples/transformerconfigs). A path's step with `[]` goes
through a list; a field is made where it is missing if the specification says so and the transformer can make one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from linter.model import Entry, Map, Seq, Unknown, concatenate, replace
from linter.parsers.kustomize.state import Item, Refused, text_of
from linter.records import NamedTuple

DEPTH_LIMIT = 60


class Field(NamedTuple):
    """A field specification. kind, group and version are '' where any will do; create: make what is missing."""

    path: tuple[str, ...]
    kind: str = ""
    group: str = ""
    version: str = ""
    create: bool = False

    def selects(self, kind: str, group: str, version: str) -> bool:
        return self.kind in ("", kind) and self.group in ("", group) and self.version in ("", version)


class Reference(NamedTuple):
    """Fields (by) that name objects of a kind."""

    kind: str
    group: str
    version: str
    by: tuple[Field, ...]


class Fields(NamedTuple):
    """All field specifications in force, by the name they have in a transformer configuration."""

    lists: dict[str, tuple[Field, ...]]
    references: tuple[Reference, ...]


def split(path: str) -> tuple[str, ...]:
    r"""The steps of a path with `/` between them; `\/` is a slash in a step."""
    steps: list[str] = []
    for part in path.lstrip("/").split("/"):
        if steps and steps[-1].endswith("\\"):
            steps[-1] = steps[-1][:-1] + "/" + part
        else:
            steps.append(part)
    return tuple(steps)


def _many(create: bool, *lines: str) -> tuple[Field, ...]:
    """Fields of lines of `path kind group/version`, the last two left out where any will do."""
    found = []
    for line in lines:
        path, kind, where = (*line.split(), "", "")[:3]
        group, _, version = where.rpartition("/")
        found.append(Field(split(path), kind, group, version, create))
    return tuple(found)


_TEMPLATE = "spec/template/metadata/"
_BATCH = "spec/jobTemplate/"
_AFFINITY = tuple(
    f"spec/template/spec/{path}/labelSelector/matchLabels {kind} apps/"
    for kind in ("Deployment", "StatefulSet")
    for path in (
        "affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm",
        "affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution",
        "affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm",
        "affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution",
        "topologySpreadConstraints",
    )
)


def _templates(field: str, stateful: str) -> tuple[Field, ...]:
    return _many(
        True, f"metadata/{field}", f"{_TEMPLATE}{field} ReplicationController /v1", f"{_TEMPLATE}{field} Deployment",
        f"{_TEMPLATE}{field} ReplicaSet", f"{_TEMPLATE}{field} DaemonSet", f"{_TEMPLATE}{field} StatefulSet {stateful}",
        f"{_TEMPLATE}{field} Job batch/", f"{_BATCH}metadata/{field} CronJob batch/",
        f"{_BATCH}{_TEMPLATE}{field} CronJob batch/",
    )  # fmt: skip


_LABELS = (
    *_templates("labels", "apps/"),
    *_many(True, "spec/volumeClaimTemplates[]/metadata/labels StatefulSet apps/"),
)
_SELECTORS = (
    *_many(
        True, "spec/selector Service /v1", "spec/selector ReplicationController /v1",
        "spec/selector/matchLabels Deployment", "spec/selector/matchLabels ReplicaSet",
        "spec/selector/matchLabels DaemonSet", "spec/selector/matchLabels StatefulSet apps/",
    ),
    *_many(
        False, *_AFFINITY, "spec/selector/matchLabels Job batch/", "spec/jobTemplate/spec/selector/matchLabels CronJob batch/",
        "spec/selector/matchLabels PodDisruptionBudget policy/",
        "spec/podSelector/matchLabels NetworkPolicy networking.k8s.io/",
        "spec/ingress/from/podSelector/matchLabels NetworkPolicy networking.k8s.io/",
        "spec/egress/to/podSelector/matchLabels NetworkPolicy networking.k8s.io/",
    ),
)  # fmt: skip
DEFAULTS: dict[str, tuple[Field, ...]] = {
    "namePrefix": _many(False, "metadata/name"),
    "nameSuffix": _many(False, "metadata/name"),
    "commonLabels": (*_SELECTORS, *_LABELS),
    "labels": (),
    "templateLabels": _LABELS,
    "commonAnnotations": _templates("annotations", ""),
    "namespace": (
        *_many(
            True, "metadata/name Namespace", "spec/service/namespace APIService apiregistration.k8s.io/"
        ),
        *_many(
            False,
            "spec/conversion/webhook/clientConfig/service/namespace CustomResourceDefinition apiextensions.k8s.io/",
        ),
    ),
    "images": _many(
        True, "spec/containers[]/image", "spec/initContainers[]/image", "spec/template/spec/containers[]/image",
        "spec/template/spec/initContainers[]/image",
    ),
    "replicas": _many(
        True, "spec/replicas Deployment", "spec/replicas ReplicationController", "spec/replicas ReplicaSet",
        "spec/replicas StatefulSet",
    ),
}  # fmt: skip


def joined(one: tuple[Field, ...], other: Iterable[Field]) -> tuple[Field, ...]:
    """Two lists of field specifications as one, without those that are there. Raises Refused where they disagree."""
    result = list(one)
    for field in other:
        same = next((x for x in result if x.path == field.path and field_covers(field, x)), None)
        if same is None:
            result.append(field)
        elif same.create != field.create:
            raise Refused(f"two configurations disagree whether to create {'/'.join(field.path)}")
    return tuple(result)


def field_covers(wider: Field, narrower: Field) -> bool:
    return wider.selects(narrower.kind, narrower.group, narrower.version)


def change(
    item: Item, fields: Iterable[Field], alter: Callable[[Any, Entry], tuple[Any, Entry]], make: str = ""
) -> Item:
    """An object with what its fields hold changed. alter: value, entry → both anew, or Refused.

    make: what a missing field is made as, 'map' or 'scalar'; '' where none is made.
    """
    body = item.body
    kind, (group, version) = text_of(body.get("kind")), item.version
    for field in fields:
        if field.selects(kind, group, version):
            body = _changed(body, field.path, alter, make if field.create else "")
    return item if body is item.body else item._replace(body=body)


def _changed(value: Any, path: tuple[str, ...], alter: Any, make: str) -> Any:
    if isinstance(value, Seq):
        return _each(value, path, alter, make)
    if value is None or isinstance(value, Unknown):
        return value
    if not isinstance(value, Map):
        raise Refused(f"{'/'.join(path)} leads through a scalar")
    step, rest = path[0], path[1:]
    key = step.removesuffix("[]")
    source, start, end = value.span
    entry: Entry = value.at.get(key) or (source, start, start, start, end)
    inner = value.get(key)
    if inner is None:
        making = bool(make) and step == key
        if not making:
            return value
        inner = Map(value.span) if rest or make == "map" else None
        entry = (source, start, start, start, end)
    if rest:
        after = _changed(inner, rest, alter, make)
        if after is inner and key in value:
            return value
    else:
        after, entry = _last(inner, entry, alter)
    return value if after is inner and key in value else replace(value, key, after, entry)


def _last(value: Any, entry: Entry, alter: Any) -> tuple[Any, Entry]:
    """What a field holds, changed: lists of mappings are left to `alter`."""
    after, entry = alter(value, entry)
    return after, entry


def _each(value: Seq, path: tuple[str, ...], alter: Any, make: str) -> Seq:
    result = value
    for index, item in enumerate(value):
        after = _changed(item, path, alter, make)
        if after is not item:
            result = concatenate((value,), value.span) if result is value else result
            result[index] = after
    return result


def fields_in(value: Any) -> Iterator[Field]:
    """The field specifications written in a transformer configuration."""
    for item in value if isinstance(value, Seq) else ():
        if isinstance(item, Map) and isinstance(item.get("path"), str):
            kind, group, version = (text_of(item.get(key)) for key in ("kind", "group", "version"))
            yield Field(split(item["path"]), kind, group, version, item.get("create") is True)
