"""The built-in transformers of a kustomization, applied exactly: names, namespaces, labels, replicas, images.

Encodes https://kubectl.docs.kubernetes.io/references/kustomize/builtins/ and the default field specifications there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from linter.model import Entry, Map, Seq, Unknown
from linter.parsers.kubernetes_objects import Object, at_path, name_of, namespace_of, template_path
from linter.parsers.kustomize_edit import Step, put

_UNPREFIXED = frozenset(("CustomResourceDefinition", "Namespace", "APIService"))
_SCALED = frozenset(("Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"))
_MATCHED = frozenset(("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"))
_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")


def transform(kustomization: Map, objects: list[Object], cluster: frozenset[str]) -> list[Object]:
    """The objects with everything but patches and replacements applied, in kustomize's order."""
    if "namespace" in kustomization:
        namespace, entry = kustomization["namespace"], kustomization.at["namespace"]
        named = [name_of(item.body) for item in objects if item.body["kind"] == "ServiceAccount"]
        accounts = {"default", *(name for name in named if isinstance(name, str))}
        objects = [_namespaced(item, namespace, entry, accounts, cluster) for item in objects]
    prefix, suffix = kustomization.get("namePrefix"), kustomization.get("nameSuffix")
    if prefix or suffix:
        objects = [_renamed(item, prefix or "", suffix or "") for item in objects]
    for pairs, selectors, templates in _labels(kustomization):
        objects = _bodies(objects, partial(_labelled, pairs=pairs, selectors=selectors, templates=templates))
    annotations = kustomization.get("commonAnnotations")
    if isinstance(annotations, Map):
        objects = _bodies(objects, partial(_annotated, pairs=annotations))
    for replicas in _maps(kustomization.get("replicas")):
        objects = [_scaled(item, replicas) for item in objects]
    for image in _maps(kustomization.get("images")):
        objects = _bodies(objects, partial(_imaged, image=image))
    return objects


def _bodies(objects: list[Object], change: Callable[[Map], Map]) -> list[Object]:
    result = []
    for item in objects:
        body = change(item.body)
        result.append(item if body is item.body else item._replace(body=body))
    return result


def _maps(value: Any) -> list[Map]:
    return [item for item in value if isinstance(item, Map)] if isinstance(value, Seq) else []


def _namespaced(item: Object, namespace: Any, entry: Entry, accounts: set[str], cluster: frozenset[str]) -> Object:
    if not isinstance(namespace, (str, Unknown)):
        return item
    body = item.body
    kind = body["kind"]
    if kind == "Namespace":
        return _named(item, namespace)
    if kind in ("RoleBinding", "ClusterRoleBinding"):
        body = _subjects(body, namespace, entry, accounts)
    if namespace_of(body, cluster) is not None:
        body = _put(body, ("metadata", "namespace"), namespace, entry)
    return item._replace(body=body)


def _subjects(body: Map, namespace: Any, entry: Entry, accounts: set[str]) -> Map:
    """A binding follows the service accounts that the namespace moves."""
    subjects = body.get("subjects")
    for index, subject in enumerate(subjects if isinstance(subjects, Seq) else ()):
        kind, name = (subject.get("kind"), subject.get("name")) if isinstance(subject, Map) else (None, None)
        account = isinstance(kind, str) and kind == "ServiceAccount"
        if account and isinstance(name, str) and name in accounts:
            body = _put(body, ("subjects", index, "namespace"), namespace, entry)
    return body


def _renamed(item: Object, prefix: Any, suffix: Any) -> Object:
    name = name_of(item.body)
    if item.body["kind"] in _UNPREFIXED or name == "":
        return item
    for part in (prefix, name, suffix):
        if isinstance(part, Unknown):
            return _named(item, part)
    return _named(item, f"{prefix}{name}{suffix}")


def _named(item: Object, name: Any) -> Object:
    """An object under another name, at the place of the written one, still found under that."""
    metadata = item.body.get("metadata")
    old = name_of(item.body)
    if not isinstance(metadata, Map) or "name" not in metadata:
        return item
    body = _put(item.body, ("metadata", "name"), name, metadata.at["name"])
    return item._replace(body=body, names=item.names if isinstance(old, Unknown) else (*item.names, old))


def _labels(kustomization: Map) -> Iterator[tuple[Map, bool, bool]]:
    """(pairs, whether selectors get them, whether templates do)."""
    common = kustomization.get("commonLabels")
    if isinstance(common, Map):
        yield common, True, True
    for item in _maps(kustomization.get("labels")):
        pairs = item.get("pairs")
        if isinstance(pairs, Map):
            selectors = item.get("includeSelectors") is True
            yield pairs, selectors, selectors or item.get("includeTemplates") is True


def _labelled(body: Map, pairs: Map, selectors: bool, templates: bool) -> Map:
    paths: list[tuple[Step, ...]] = [("metadata", "labels")]
    if templates:
        paths += _template_paths(body, "labels")
    if selectors:
        paths += _selector_paths(body)
    return _with_pairs(body, paths, pairs)


def _annotated(body: Map, pairs: Map) -> Map:
    return _with_pairs(body, [("metadata", "annotations"), *_template_paths(body, "annotations")], pairs)


def _with_pairs(body: Map, paths: list[tuple[Step, ...]], pairs: Map) -> Map:
    for path in paths:
        for key, value in pairs.items():
            body = _put(body, (*path, key), value, pairs.at[key])
    return body


def _template_paths(body: Map, field: str) -> list[tuple[Step, ...]]:
    path = template_path(body)
    if not path:
        return []
    paths: list[tuple[Step, ...]] = [(*path, "metadata", field)]
    if body["kind"] == "CronJob":
        paths.append(("spec", "jobTemplate", "metadata", field))
    return paths


def _selector_paths(body: Map) -> list[tuple[Step, ...]]:
    """Selectors that get the labels: some are made where they are missing, others only extended."""
    kind = body["kind"]
    if kind in ("Service", "ReplicationController"):
        return [("spec", "selector")]
    if kind in _MATCHED:
        return [("spec", "selector", "matchLabels")]
    extended: dict[str, tuple[Step, ...]] = {
        "Job": ("spec", "selector", "matchLabels"),
        "CronJob": ("spec", "jobTemplate", "spec", "selector", "matchLabels"),
        "PodDisruptionBudget": ("spec", "selector", "matchLabels"),
        "NetworkPolicy": ("spec", "podSelector", "matchLabels"),
    }
    path = extended.get(kind)
    return [path] if path and isinstance(at_path(body, map(str, path)), Map) else []


def _scaled(item: Object, replicas: Map) -> Object:
    name = replicas.get("name")
    if item.body["kind"] not in _SCALED or "count" not in replicas or not isinstance(name, str):
        return item
    current = name_of(item.body)
    if name in item.names or (isinstance(current, str) and name == current):
        body = _put(item.body, ("spec", "replicas"), replicas["count"], replicas.at["count"])
        return item._replace(body=body)
    return item


def _imaged(body: Map, image: Map) -> Map:
    path = template_path(body)
    if path is None or not isinstance(image.get("name"), str):
        return body
    spec = at_path(body, (*path, "spec"))
    for group in _CONTAINERS:
        containers = spec.get(group)
        for index, container in enumerate(containers if isinstance(containers, Seq) else ()):
            written = container.get("image") if isinstance(container, Map) else None
            if isinstance(written, str) and split_image(written)[0] == image["name"]:
                entry = _image_entry(image, container.at["image"])
                body = _put(body, (*path, "spec", group, index, "image"), _image(written, image), entry)
    return body


def _image_entry(image: Map, written: Entry) -> Entry:
    """Where the part of an image that matters most was written: tag or digest, else the name, else the base's."""
    for key in ("digest", "newTag", "tagSuffix", "newName"):
        if image.get(key):
            return image.at[key]
    return written


def _image(written: str, image: Map) -> Any:
    name, tag, digest = split_image(written)
    for key in ("newName", "newTag", "digest", "tagSuffix"):
        if isinstance(image.get(key), Unknown):
            return image[key]
    name = str(image.get("newName") or name)
    if image.get("digest"):
        tag, digest = str(image["newTag"]) if image.get("newTag") else "", str(image["digest"])
    elif image.get("newTag"):
        tag, digest = str(image["newTag"]), ""
    if image.get("tagSuffix"):
        tag += str(image["tagSuffix"])
    return name + (":" + tag if tag else "") + ("@" + digest if digest else "")


def split_image(image: str) -> tuple[str, str, str]:
    """Name with registry, tag and digest of an image reference; '' where a part is missing."""
    rest, _, digest = image.partition("@")
    folder, slash, last = rest.rpartition("/")
    name, _, tag = last.partition(":")
    return folder + slash + name, tag, digest


def _put(body: Map, path: tuple[Step, ...], value: Any, entry: Entry) -> Map:
    """As put; an object with a scalar or nothing where the path leads stays as it is."""
    try:
        changed: Map = put(body, path, value, entry)
    except (LookupError, TypeError):
        return body
    return changed
