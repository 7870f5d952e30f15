"""`vars` of kustomizations: `$(NAME)` in the fields that take them.

Encodes https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/vars/ and the default `varReference`
configuration.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from linter.model import Entry, Map, Seq, Span, Unknown, concatenate, replace
from linter.parsers.kustomize.edit import overlay
from linter.parsers.kustomize.fields import Field, change, split
from linter.parsers.kustomize.replace import _NOTHING, _at, _parts
from linter.parsers.kustomize.schema import is_cluster_scoped
from linter.parsers.kustomize.state import Absent, Item, Refused, text_of

_PODS = {
    "CronJob": "spec/jobTemplate/spec/template/spec/", "DaemonSet": "spec/template/spec/",
    "Deployment": "spec/template/spec/", "Job": "spec/template/spec/", "Pod": "spec/", "ReplicaSet": "spec/template/spec/",
    "StatefulSet": "spec/template/spec/",
}  # fmt: skip
_OTHERS = (
    ("spec/jobTemplate/spec/template/volumes/nfs/server", "CronJob"),
    ("spec/template/metadata/annotations", "Deployment"),
    ("spec/rules/host", "Ingress"),
    ("spec/tls/hosts", "Ingress"),
    ("spec/tls/secretName", "Ingress"),
    ("spec/ports/port", "Service"),
    ("spec/ports/targetPort", "Service"),
    ("spec/volumeClaimTemplates/spec/nfs/server", "StatefulSet"),
    ("spec/nfs/server", "PersistentVolume"),
    ("metadata/labels", ""),
    ("metadata/annotations", ""),
)


@cache
def defaults() -> tuple[Field, ...]:
    """The fields in which variables are expanded."""
    found = [
        Field(split(f"{path}{group}/{field}"), kind)
        for kind, path in _PODS.items()
        for group in ("containers", "initContainers")
        for field in ("args", "command", "env/value", "volumeMounts/mountPath")
    ]
    found += [
        Field(split(f"{path}volumes/nfs/server"), kind)
        for kind, path in _PODS.items()
        if kind not in ("CronJob", "StatefulSet")
    ]
    return (*found, *(Field(split(path), kind) for path, kind in _OTHERS))


def noted(items: list[Item], variables: list[Map]) -> list[Item]:
    """The objects, each with the names of the variables that are to read it."""
    result = [*items]
    for variable in variables:
        reference = variable.get("objref")
        if not isinstance(reference, Map):
            raise Refused("a variable refers to no object")
        group, _, version = text_of(reference.get("apiVersion")).rpartition("/")
        kind, name, namespace = (text_of(reference.get(key)) for key in ("kind", "name", "namespace"))
        group, version = group or text_of(reference.get("group")), version or text_of(reference.get("version"))
        anywhere = not namespace and not is_cluster_scoped(group, version, kind)
        found = [
            index
            for index, item in enumerate(result)
            if any(
                each[:4] == (group, version, kind, name) and (anywhere or each.place in ("/", namespace or "default"))
                for each in item.ids
            )
        ]
        if len(found) > 1:
            raise Refused(f"a variable refers to {len(found)} objects")
        for index in found:
            item = result[index]
            result[index] = item._replace(variables=(*item.variables, text_of(variable.get("name"))))
    return result


def resolved(
    items: list[Item], variables: list[Map], fields: tuple[Field, ...], refuse: Callable[[Span, Refused], None]
) -> list[Item]:
    """The objects with the variables in their fields expanded; what one cannot be read for is unknown."""
    values: dict[str, Any] = {}
    for variable in variables:
        name = text_of(variable.get("name"))
        if name in values:
            refuse(variable.span, Refused(f"there are two variables {name}"))
            continue
        reference = variable.get("fieldref")
        path = text_of(reference.get("fieldpath") or reference.get("fieldPath")) if isinstance(reference, Map) else ""
        holder = next((item for item in items if name in item.variables), None)
        values[name] = overlay(f"the variable {name}")
        if holder is None:
            refuse(variable.span, Absent(f"the variable {name} refers to no object that is there"))
            continue
        found = _at(holder.body, _steps(path or "metadata.name"))[0]
        if found is _NOTHING:
            refuse(variable.span, Refused(f"the variable {name} refers to a field that is not there"))
        else:
            values[name] = found
    if not values:
        return items

    def alter(value: Any, written: Entry) -> tuple[Any, Entry]:
        if isinstance(value, Map):
            for key, text in list(value.items()):
                after = _expanded(text, values)
                value = value if after is text else replace(value, key, after)
        elif isinstance(value, Seq):
            texts = [_expanded(text, values) for text in value]
            if any(a is not b for a, b in zip(texts, value, strict=True)):
                value = concatenate((value,), value.span)
                value[:] = texts
        else:
            value = _expanded(value, values)
        return value, written

    return [change(item, fields, alter) for item in items]


def _steps(path: str) -> list[str]:
    """The steps of a field path, `containers[0]` as two."""
    steps: list[str] = []
    for part in _parts(path):
        name, found, index = part.partition("[")
        if found and name and index.removesuffix("]").isdigit():
            steps += [name, index.removesuffix("]")]
        else:
            steps.append(part)
    return steps


def _expanded(text: Any, values: dict[str, Any]) -> Any:
    """A text with `$(NAME)` expanded: a text that is one variable takes its type; `$$` is one dollar sign."""
    if not isinstance(text, str) or "$" not in text:
        return text
    parts: list[str] = []
    position = 0
    while True:
        at = text.find("$", position)
        if at < 0 or at + 1 == len(text):
            parts.append(text[position:])
            return "".join(parts)
        parts.append(text[position:at])
        following = text[at + 1]
        close = text.find(")", at) if following == "(" else -1
        if close < 0:
            parts.append("$" if following == "$" else "$" + following)
            position = at + 2
            continue
        value = values.get(text[at + 2 : close], text[at : close + 1])
        if isinstance(value, (Map, Seq)):
            value = text[at : close + 1]
        if isinstance(value, Unknown) or (at == 0 and close + 1 == len(text)):
            return value
        parts.append(text_of(value))
        position = close + 1
