"""What Kubernetes objects refer to by name: https://kubernetes.io/docs/reference/kubernetes-api/."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from linter.model import Map, Resource, Seq, Span, Unknown
from linter.records import NamedTuple
from linter.trees import at_path

_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")


class Named(NamedTuple):
    """A reference. kind: of the target. namespace: None for the object's own. optional: may be missing."""

    relation: str
    path: str
    kind: str
    name: str | Unknown
    span: Span
    namespace: str | Unknown | None = None
    optional: bool = False


def references_of(resource: Resource) -> Iterator[Named]:
    """What an object other than a pod refers to."""
    reader = _READERS.get(resource.kind)
    if reader is not None:
        yield from reader(resource.body)


def named(
    relation: str,
    path: str,
    kind: str,
    holder: Any,
    key: str = "name",
    namespace: str | Unknown | None = None,
) -> Iterator[Named]:
    """The reference that `key` of a mapping makes, if it makes one."""
    if not isinstance(holder, Map):
        return
    name = holder.get(key)
    if isinstance(name, Unknown) or (isinstance(name, str) and name):
        source, _, _, start, end = holder.at[key]
        optional = holder.get("optional")
        loose = isinstance(optional, (bool, Unknown)) and not (isinstance(optional, bool) and not optional)
        yield Named(relation, path, kind, name, (source, start, end), namespace, loose)


def items(holder: Any, key: str) -> Iterator[Map]:
    """The mappings in a list."""
    value = holder.get(key) if isinstance(holder, Map) else None
    for item in value if isinstance(value, Seq) else ():
        if isinstance(item, Map):
            yield item


def word(holder: Any, key: str) -> str:
    """A text, or '' where there is none."""
    value = holder.get(key) if isinstance(holder, Map) else None
    return value if isinstance(value, str) else ""


def pod_references(pod: Resource) -> Iterator[Named]:
    """Service account, ConfigMaps, Secrets and claims of a pod spec."""
    spec = pod.body
    key = "serviceAccountName" if "serviceAccountName" in spec else "serviceAccount"
    for reference in named("references", "serviceAccountName", "ServiceAccount", spec, key):
        # The controller makes this one in every namespace.
        yield reference._replace(optional=isinstance(reference.name, str) and reference.name == "default")
    for item in items(spec, "imagePullSecrets"):
        yield from named("references", "imagePullSecrets.name", "Secret", item)
    for key, kind in (("priorityClassName", "PriorityClass"), ("runtimeClassName", "RuntimeClass")):
        for reference in named("references", key, kind, spec, key):
            # Set up with the cluster, and some of them are there from the start.
            yield reference._replace(optional=True)
    for volume in items(spec, "volumes"):
        yield from _of_volume(volume)
    for group in _CONTAINERS:
        for container in items(spec, group):
            yield from _of_container(container, group)


def _of_volume(volume: Map) -> Iterator[Named]:
    config_map, secret = volume.get("configMap"), volume.get("secret")
    yield from named("references", "volumes.configMap.name", "ConfigMap", config_map)
    yield from named("references", "volumes.secret.secretName", "Secret", secret, "secretName")
    claim = volume.get("persistentVolumeClaim")
    yield from named(
        "references", "volumes.persistentVolumeClaim.claimName", "PersistentVolumeClaim", claim, "claimName"
    )
    for item in items(volume.get("projected"), "sources"):
        yield from named("references", "volumes.projected.sources.configMap.name", "ConfigMap", item.get("configMap"))
        yield from named("references", "volumes.projected.sources.secret.name", "Secret", item.get("secret"))


def _of_container(container: Map, group: str) -> Iterator[Named]:
    for item in items(container, "env"):
        source = item.get("valueFrom")
        if isinstance(source, Map):
            path = f"{group}.env.valueFrom"
            yield from named("references", f"{path}.configMapKeyRef.name", "ConfigMap", source.get("configMapKeyRef"))
            yield from named("references", f"{path}.secretKeyRef.name", "Secret", source.get("secretKeyRef"))
    for item in items(container, "envFrom"):
        yield from named("references", f"{group}.envFrom.configMapRef.name", "ConfigMap", item.get("configMapRef"))
        yield from named("references", f"{group}.envFrom.secretRef.name", "Secret", item.get("secretRef"))


def _autoscaler(body: Map) -> Iterator[Named]:
    for field in ("scaleTargetRef", "targetRef"):
        target = at_path(body, ("spec", field))
        if word(target, "kind"):
            yield from named("targets", f"spec.{field}", word(target, "kind"), target)


def _binding(body: Map) -> Iterator[Named]:
    role = body.get("roleRef")
    kind = word(role, "kind")
    if kind in ("Role", "ClusterRole"):
        for reference in named("references", "roleRef", kind, role):
            # The API server ships these: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles
            given = isinstance(reference.name, str) and _is_default_role(reference.name)
            yield reference._replace(optional=given)
    for subject in items(body, "subjects"):
        if word(subject, "kind") == "ServiceAccount":
            namespace = subject.get("namespace")
            known = namespace if isinstance(namespace, (str, Unknown)) else None
            for reference in named("references", "subjects", "ServiceAccount", subject, namespace=known):
                yield reference._replace(optional=isinstance(reference.name, str) and reference.name == "default")


def _is_default_role(name: str) -> bool:
    given = ("admin", "cluster-admin", "edit", "view", "extension-apiserver-authentication-reader")
    return name in given or name.startswith("system:")


def _ingress(body: Map) -> Iterator[Named]:
    """Backends of networking.k8s.io/v1 (`service.name`) and of the versions before it (`serviceName`)."""
    spec = body.get("spec")
    for key in ("defaultBackend", "backend"):
        yield from _backend(at_path(spec, (key,)), f"spec.{key}")
    for rule in items(spec, "rules"):
        for path in items(rule.get("http"), "paths"):
            yield from _backend(path.get("backend"), "spec.rules.http.paths.backend")
    for tls in items(spec, "tls"):
        # Controllers such as cert-manager make these at run time.
        for reference in named("references", "spec.tls.secretName", "Secret", tls, "secretName"):
            yield reference._replace(optional=True)


def _backend(backend: Any, path: str) -> Iterator[Named]:
    yield from named("routes", f"{path}.service.name", "Service", at_path(backend, ("service",)))
    yield from named("routes", f"{path}.serviceName", "Service", backend, "serviceName")


def _stateful(body: Map) -> Iterator[Named]:
    yield from named("references", "spec.serviceName", "Service", body.get("spec"), "serviceName")


def _account(body: Map) -> Iterator[Named]:
    for key in ("secrets", "imagePullSecrets"):
        for item in items(body, key):
            for reference in named("references", f"{key}.name", "Secret", item):
                yield reference._replace(optional=True)


_READERS: dict[str, Callable[[Map], Iterator[Named]]] = {
    "kubernetes/HorizontalPodAutoscaler": _autoscaler,
    "kubernetes/VerticalPodAutoscaler": _autoscaler,
    "kubernetes/RoleBinding": _binding,
    "kubernetes/ClusterRoleBinding": _binding,
    "kubernetes/Ingress": _ingress,
    "kubernetes/StatefulSet": _stateful,
    "kubernetes/ServiceAccount": _account,
}
