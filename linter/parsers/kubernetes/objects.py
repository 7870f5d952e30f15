"""Kubernetes objects as rules see them: the object, its pod template, its containers.

Encodes the API conventions (apiVersion, kind, metadata) and the places of pod templates in the built-in workloads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from linter.model import Artifact, Environment, Map, Resource, Seq, Span, Unit, Unknown
from linter.parsers.kubernetes.templates import Template, templates_of
from linter.parsers.kubernetes.templates import template_path as template_path
from linter.syntax.yaml import Loaded
from linter.trees import at_path

LIST_DEPTH = 20
KUSTOMIZATIONS = frozenset(("kustomization.yaml", "kustomization.yml", "Kustomization"))

CLUSTER_SCOPED = frozenset(
    (
        "APIService", "CSIDriver", "CSINode", "CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding",
        "ClusterTrustBundle", "ComponentStatus", "CustomResourceDefinition", "DeviceClass", "FlowSchema",
        "GatewayClass", "IPAddress", "IngressClass", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration", "Namespace", "Node", "PersistentVolume", "PodSecurityPolicy", "PriorityClass",
        "PriorityLevelConfiguration", "ResourceSlice", "RuntimeClass", "SelfSubjectAccessReview", "ServiceCIDR",
        "StorageClass", "SubjectAccessReview", "TokenReview", "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration", "VolumeAttachment",
        "VolumeAttributesClass", "VolumeSnapshotClass", "VolumeSnapshotContent",
    )
)  # fmt: skip

# Files of command-line tools and daemons that borrow the objects' form and are never sent to a cluster.
_NO_OBJECTS = frozenset(
    (
        "apiserver.config.k8s.io", "apiserver.k8s.io", "audit.k8s.io", "backstage.io", "client.authentication.k8s.io",
        "ctlptl.dev", "eksctl.io", "k3d.io", "kind.x-k8s.io", "kubeadm.k8s.io", "kubelet.config.k8s.io",
        "kubeproxy.config.k8s.io", "kubescheduler.config.k8s.io", "kustomize.config.k8s.io", "kuttl.dev", "openslo",
        "openslo.com", "skaffold",
    )
)  # fmt: skip

_ROLES = {"containers": "container", "initContainers": "init", "ephemeralContainers": "ephemeral"}
_RESERVED = frozenset(("pod", "container", "unresolved"))


class Object(NamedTuple):
    """An object as one unit has it. callers: the overlay entries that lead to it, outermost first.

    names: those it had before an overlay renamed it, as written first; other objects may still refer to them.
    """

    body: Map
    extent: Span
    path: str
    callers: tuple[Span, ...] = ()
    names: tuple[str, ...] = ()


def objects_of(artifact: Artifact, fail: Callable[[str, Span, str, str], None]) -> Iterator[Object]:
    """The objects of a `yaml` or `json` artifact, those of Lists one by one."""
    if not isinstance(artifact.tree, Loaded):
        return
    source = artifact.source.index
    for document in artifact.tree.documents:
        for body, depth in _listed(document.value):
            if depth > LIST_DEPTH:
                message = f"Lists nested deeper than {LIST_DEPTH} levels were not read"
                fail("artifact-unparsed", body.span, message, "Write the objects as documents of their own.")
                continue
            extent = (source, document.start, document.end) if body is document.value else body.span
            yield Object(body, extent, artifact.path)


def _listed(value: Any) -> Iterator[tuple[Map, int]]:
    """The objects in a document in order, with the depth of the List they stand in."""
    waiting: list[tuple[Any, int]] = [(value, 0)]
    while waiting:
        body, depth = waiting.pop()
        if not isinstance(body, Map):
            continue
        kind, items = body.get("kind"), body.get("items")
        if isinstance(kind, str) and kind.endswith("List") and isinstance(items, Seq) and depth <= LIST_DEPTH:
            waiting.extend((item, depth + 1) for item in reversed(items))
        elif is_object(body):
            yield body, depth
            if kind == "Template" and isinstance(body.get("objects"), Seq):
                from linter.parsers.kubernetes import openshift as kubernetes_openshift

                waiting.extend((item, depth + 1) for item in reversed([*kubernetes_openshift.objects(body)]))


def is_object(body: Any) -> bool:
    """Whether a mapping is something an API server takes: apiVersion and kind are text and of no tool's own format."""
    if not isinstance(body, Map):
        return False
    version, kind = body.get("apiVersion"), body.get("kind")
    if not isinstance(version, str) or not isinstance(kind, str) or not version or not kind:
        return False
    if kind == "Config" and version == "v1":
        return False
    return version.partition("/")[0] not in _NO_OBJECTS


def group_of(body: Map) -> str:
    """The API group: `apps` of `apps/v1`, '' for the core group."""
    version = body.get("apiVersion")
    return version.rpartition("/")[0] if isinstance(version, str) else ""


def metadata_of(body: Map) -> Map:
    metadata = body.get("metadata")
    return metadata if isinstance(metadata, Map) else Map(body.span)


def name_of(body: Map) -> str | Unknown:
    """metadata.name, or `prefix*` for a generated one, or '' where there is none."""
    metadata = metadata_of(body)
    name = metadata.get("name")
    if isinstance(name, Unknown):
        return name
    if isinstance(name, (str, int, float)):
        return str(name)
    prefix = metadata.get("generateName")
    return prefix + "*" if isinstance(prefix, str) else ""


def namespace_of(body: Map, cluster: frozenset[str] = CLUSTER_SCOPED) -> str | Unknown | None:
    """The namespace, `default` where none is written; None for what has none. cluster: kinds without."""
    kind = body.get("kind")
    namespace = metadata_of(body).get("namespace")
    if kind in cluster:
        return None
    if isinstance(namespace, Unknown):
        return namespace
    if isinstance(namespace, (str, int)) and namespace:
        return str(namespace)
    # Controllers name the cluster-wide variants of their kinds so (ClusterIssuer, ClusterPolicy, ClusterSecretStore).
    if isinstance(kind, str) and kind.startswith("Cluster") and len(kind) > 7:
        return None
    return "default"


def address_of(body: Map, cluster: frozenset[str] = CLUSTER_SCOPED) -> str:
    """`Deployment/shop/web`, or `ClusterRole/view` for what has no namespace; `?` where a part is unknown."""
    parts = (body["kind"], namespace_of(body, cluster), name_of(body))
    return "/".join("?" if isinstance(part, Unknown) else part for part in parts if part is not None)


def identity_of(body: Map, cluster: frozenset[str]) -> tuple[str, str, str] | None:
    """What must be unique in a cluster: group, address; None where the name is generated, missing or unknown."""
    name = name_of(body)
    if isinstance(name, Unknown) or not name or name.endswith("*"):
        return None
    return group_of(body), str(body["kind"]), address_of(body, cluster)


def cluster_scoped_of(bodies: Iterable[Map]) -> frozenset[str]:
    """Kinds that CustomResourceDefinitions among objects declare to have no namespace."""
    kinds: set[str] = set()
    for body in bodies:
        scope = at_path(body, ("spec", "scope")) if body["kind"] == "CustomResourceDefinition" else None
        kind = at_path(body, ("spec", "names", "kind"))
        if isinstance(scope, str) and scope == "Cluster" and isinstance(kind, str):
            kinds.add(kind)
    return frozenset(kinds)


def resources_of(
    item: Object,
    unit: Unit,
    environment: Environment | None,
    cluster: frozenset[str] = CLUSTER_SCOPED,
    address: str = "",
) -> Iterator[Resource]:
    """The object, its pod template and its containers. Parts of the wrong type are left out, the object never is.

    address: what another tool calls the object, by default its own.
    """
    body = item.body
    kind, name = str(body["kind"]), name_of(body)
    kind = kind.title() if kind in _RESERVED else kind
    word = "?" if isinstance(name, Unknown) else name
    address = address or address_of(body, cluster)
    context: dict[str, Any] = {"names": item.names} if item.names else {}
    anchor = _anchor(body)
    owner = Resource(
        f"kubernetes/{kind}", address, word, unit, body, anchor, item.extent, environment=environment, context=context
    )
    owner.callers = item.callers
    yield owner
    for template in templates_of(body):
        yield from _pod(owner, template)


def _pod(owner: Resource, template: Template) -> Iterator[Resource]:
    """A pod and its containers. The label tells pods of one object apart: `RayCluster/ml/a:head:pod`."""
    address = f"{owner.address}:{template.label}" if template.label else owner.address
    spec = template.spec
    pod = Resource(
        "kubernetes/pod", f"{address}:pod", owner.name, owner.unit, spec, _pod_anchor(owner, template), spec.span,
        environment=owner.environment, owner=owner, context={"object": owner.body, "template": template.holder},
    )  # fmt: skip
    pod.callers = owner.callers
    yield pod
    yield from _containers(pod, owner, address)


def _pod_anchor(owner: Resource, template: Template) -> Span:
    """The object's name, or where it makes several pods what holds this one's containers."""
    entry = template.spec.at.get("containers") if template.label else None
    return owner.anchor if entry is None or entry[1] == entry[2] else (entry[0], entry[1], entry[2])


def _anchor(body: Map) -> Span:
    metadata = metadata_of(body)
    for holder, key in ((metadata, "name"), (metadata, "generateName"), (body, "kind")):
        entry = holder.at.get(key)
        if entry is not None and entry[4] > entry[3] and not isinstance(holder[key], (Map, Seq)):
            return entry[0], entry[3], entry[4]
    return body.span


def _containers(pod: Resource, owner: Resource, address: str) -> Iterator[Resource]:
    for group, role in _ROLES.items():
        containers = pod.body.get(group)
        if not isinstance(containers, Seq):
            continue
        for index, body in enumerate(containers):
            if not isinstance(body, Map):
                continue
            name = body.get("name")
            named = isinstance(name, str) and name != ""
            context = {"pod": pod.body, "template": pod.context["template"], "object": owner.body, "role": role}
            container = Resource(
                "kubernetes/container",
                f"{address}:{group}.{name}" if named else f"{address}:{group}[{index}]",
                name if named and isinstance(name, str) else str(index),
                pod.unit,
                body,
                _container_anchor(body),
                body.span,
                environment=pod.environment,
                context=context,
                owner=owner,
            )
            container.callers = owner.callers
            yield container


def _container_anchor(body: Map) -> Span:
    for key in ("name", "image"):
        entry = body.at.get(key)
        if entry is not None and entry[4] > entry[3] and not isinstance(body[key], (Map, Seq)):
            return entry[0], entry[3], entry[4]
    for source, start, end, _, _ in body.at.values():
        return source, start, end
    return body.span
