"""Terraform's `kubernetes_*` resources as the Kubernetes objects they make, for the rules that judge those.

Encodes the resources of hashicorp/kubernetes 2.x, `kubernetes_manifest`, and `kubectl_manifest` of the kubectl
providers. An object keeps Terraform's address and unit; its places are those of the Terraform arguments. What other
resources bring into the cluster (`helm_release`, manifests that are not known) becomes `kubernetes/unresolved`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from linter.model import Entry, Map, Resource, Seq, Unknown
from linter.parsers.kubernetes.objects import CLUSTER_SCOPED, Object, is_object, resources_of
from linter.parsers.terraform.kubernetes_names import (
    BETA,
    KINDS,
    LISTS,
    META,
    NAMES,
    NUMBERS,
    SINGLE,
    SWITCHES,
    TOP,
    WORKLOADS,
)
from linter.trees import put

if TYPE_CHECKING:
    from linter.parsers.terraform.instances import Key
    from linter.parsers.terraform.layout import Item
    from linter.parsers.terraform.modules import Module

_RAW = {"kubernetes_manifest": "manifest", "kubectl_manifest": "yaml_body"}
_DEPTH = 40


def objects(resource: Resource, module: Module | None, item: Item | None, instance: Key = None) -> Iterator[Resource]:
    """The object a Terraform resource makes, with its pod template and containers.

    module, item, instance: where a manifest's text is written, None for a plan. Nothing for resources that patch an object.
    """
    kind = resource.kind.removeprefix("terraform/")
    if kind.startswith("data."):
        if kind.startswith("data.kubernetes_"):
            yield _unresolved(resource, Unknown("remote-source", resource.address))
        return
    if kind in _RAW:
        yield from _manifest(resource, _RAW[kind], module, item, instance)
    elif kind == "helm_release":
        yield _unresolved(resource, Unknown("remote-source", resource.address, "the chart's objects are not rendered"))
    else:
        body = _object(kind, resource)
        if body is not None:
            yield from _resources(resource, body)


def _object(type: str, resource: Resource) -> Map | None:
    stem = type.removeprefix("kubernetes_")
    version = ""
    if stem not in KINDS:
        stem, _, version = stem.rpartition("_")
    if stem not in KINDS or not (version == "" or (version[:1] == "v" and version[1:2].isdigit())):
        return None
    kind, api = KINDS[stem]
    if version == "":
        api = BETA.get(stem, api)
    elif version != "v1":
        api = f"{api.rpartition('/')[0]}/{version}"
    written = resource.body
    body = Map(written.span)
    body.open = written.open
    source, start, end = resource.anchor
    label: Entry = (source, start, start, start, end)
    put(body, "apiVersion", api, label)
    put(body, "kind", kind, label)
    special = TOP.get(stem, {})
    for name, value in written.items():
        if name not in META and value is not None:
            key, converted = _entry(name, value, stem, 1)
            if converted is not None:
                put(body, special.get(name, key), converted, _placed(value, written.at[name]))
    _default_metadata(body, stem, label)
    if stem in WORKLOADS:
        _unfinished(body, WORKLOADS[stem], label)
    return body


def _default_metadata(body: Map, stem: str, label: Entry) -> None:
    """The namespace `default` is the provider's own default, whatever a kubeconfig says."""
    metadata = body.get("metadata")
    if not isinstance(metadata, Map) or metadata.open is not None:
        return
    source, _, _, _, _ = label
    place = (source, body.at["metadata"][1], body.at["metadata"][1], body.at["metadata"][1], body.at["metadata"][2])
    if stem == "default_service_account" and "name" not in metadata:
        put(metadata, "name", "default", place)
    if "namespace" not in metadata and body["kind"] not in CLUSTER_SCOPED:
        put(metadata, "namespace", "default", place)


def _unfinished(body: Map, path: tuple[str, ...], label: Entry) -> None:
    """A workload without a container is judged as one whose container says nothing, so that it passes for nothing."""
    inner, place = body, label
    for key in (*path, "containers"):
        if inner.open is not None:
            return
        there = inner.get(key)
        if there is None and key != "containers":
            put(inner, key, Map((place[0], place[1], place[4])), (place[0], place[1], place[1], place[1], place[4]))
        elif there is None:
            containers = Seq((place[0], place[1], place[4]))
            containers.append(Map((place[0], place[3], place[4])))
            containers.at.append((place[0], place[1], place[1], place[1], place[4]))
            put(inner, key, containers, (place[0], place[1], place[1], place[1], place[4]))
            return
        elif not isinstance(there, Map):
            return
        elif there.span != inner.span:
            place = inner.at[key]
            place = (place[0], place[1], place[1], place[1], place[2])
        inner = inner[key]


def _entry(name: str, value: Any, around: str, depth: int) -> tuple[str, Any]:
    """The API's key and value of an argument or of the blocks of one type; None where there is none."""
    if isinstance(value, Seq) and _is_blocks(value):
        key = None if (around, name) in SINGLE else LISTS.get(name)
        if key is not None:
            return key, _several(value, name, depth)
        if value:
            return _camel(name), _converted(value[0], name, depth)
        return _camel(name), value.open
    if name in NUMBERS and isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    elif name in SWITCHES and isinstance(value, str) and value in ("true", "false"):
        value = value == "true"
    return _camel(name), value


def _is_blocks(value: Seq) -> bool:
    """Whether a sequence is what blocks of one type give: mappings, or none whose number is not known."""
    return all(isinstance(element, Map) for element in value) and bool(value or value.open is not None)


def _several(value: Seq, name: str, depth: int) -> Seq:
    result = Seq(value.span)
    result.open = value.open
    for element, place in zip(value, value.at, strict=True):
        result.append(_converted(element, name, depth))
        result.at.append(place)
    return result


def _converted(block: Any, name: str, depth: int) -> Any:
    """A block with the API's keys. `name`: what Terraform calls it."""
    if not isinstance(block, Map):
        return block
    if depth > _DEPTH:
        return Unknown("budget", f"a block nested {depth} deep")
    result = Map(block.span)
    result.open = block.open
    for argument, value in block.items():
        if value is None:
            continue
        key, converted = _entry(argument, value, name, depth + 1)
        if converted is not None:
            put(result, key, converted, _placed(value, block.at[argument]))
    if name == "spec" and "containers" in result and "automountServiceAccountToken" not in result:
        _automounted(result, block)
    return result


def _automounted(spec: Map, block: Map) -> None:
    """The provider sends true where nothing is written, which overrules the ServiceAccount."""
    source, start, _ = block.span
    spec["automountServiceAccountToken"] = True
    entry = block.at.get("container")
    spec.at["automountServiceAccountToken"] = (
        (entry[0], entry[1], entry[1], entry[1], entry[2]) if entry else (source, start, start, start, start)
    )


def _placed(value: Any, entry: Entry) -> Entry:
    """Where a single block is written: its own place instead of that of all blocks of its type."""
    if isinstance(value, Seq) and len(value) == 1 and value.at and isinstance(value[0], Map):
        source, _, _, start, end = value.at[0]
        return source, entry[1], entry[2], start, end
    return entry


def _camel(name: str) -> str:
    known = NAMES.get(name)
    if known is not None or "_" not in name:
        return known or name
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _resources(owner: Resource, body: Map) -> Iterator[Resource]:
    made = Object(body, owner.extent, "", owner.callers)
    for resource in resources_of(made, owner.unit, owner.environment, address=owner.address):
        resource.trace, resource.uncertain = owner.trace, owner.uncertain
        yield resource


def _unresolved(owner: Resource, why: Unknown) -> Resource:
    body = Map(owner.body.span)
    resource = Resource(
        "kubernetes/unresolved", owner.address, owner.name, owner.unit, body, owner.anchor, owner.extent,
        environment=owner.environment,
    )  # fmt: skip
    resource.callers, resource.uncertain = owner.callers, why
    return resource


def elsewhere(kinds: Mapping[str, Resource], remote: Resource | None) -> Iterator[Resource]:
    """What may stand in the same namespaces, though the root does not show it: then nothing is known to be absent.

    kinds: the root's kinds of Kubernetes objects, each with the first of them. remote: a module that was not read.
    """
    if remote is not None:
        yield _unresolved(remote, Unknown("remote-source", remote.address, "objects it makes were not read"))
    elif "kubernetes/pod" not in kinds and "kubernetes/unresolved" not in kinds:
        first = next(iter(kinds.values()))
        why = "the root makes no pods, so those its objects are for come from elsewhere"
        yield _unresolved(first, Unknown("other-unit", "the pods of the cluster", why))


def _manifest(
    resource: Resource, key: str, module: Module | None, item: Item | None, instance: Key
) -> Iterator[Resource]:
    value = resource.body.get(key)
    trees = [value]
    if key == "yaml_body" and (isinstance(value, (str, Unknown))):
        from linter.parsers.terraform.policy_text import documents

        found = item.attributes.get(key) if item is not None else None
        place = resource.body.at[key]
        node = found[1].expr if found is not None else None
        scope = None
        if found is not None and item is not None and module is not None:
            scope = module.item_scopes(item, instance)[found[0]]
        trees = documents(value, node, module, scope, (place[0], place[3], place[4]))
    for tree in trees:
        if isinstance(tree, Unknown):
            yield _unresolved(resource, tree)
        elif isinstance(tree, Map) and is_object(tree):
            yield from _resources(resource, tree)
