"""What the built-in types say of patches and scope: the lists that are merged by key, the kinds without namespace.

Encodes `x-kubernetes-patch-merge-key`, `x-kubernetes-list-map-keys` and `x-kubernetes-patch-strategy` of the OpenAPI
document of Kubernetes 1.21 (https://github.com/kubernetes/kubernetes/blob/v1.21.2/api/openapi-spec/swagger.json), which
is the one kustomize v5 has built in: lists of types it does not know are replaced as a whole.
"""

from __future__ import annotations

from functools import cache
from typing import Any

# API version → kinds with a schema. Those in brackets have no namespace.
_KINDS = """
v1: Binding [ComponentStatus] ConfigMap Endpoints Event LimitRange [Namespace] [Node] [PersistentVolume]
 PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount
admissionregistration.k8s.io/v1,v1beta1: [MutatingWebhookConfiguration] [ValidatingWebhookConfiguration]
apiextensions.k8s.io/v1,v1beta1: [CustomResourceDefinition]
apiregistration.k8s.io/v1,v1beta1: [APIService]
apps/v1: ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet
authentication.k8s.io/v1,v1beta1: TokenReview
authorization.k8s.io/v1,v1beta1: LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview
 SubjectAccessReview
autoscaling/v1,v2beta1,v2beta2: HorizontalPodAutoscaler
batch/v1: CronJob Job
batch/v1beta1: CronJob
certificates.k8s.io/v1,v1beta1: [CertificateSigningRequest]
coordination.k8s.io/v1,v1beta1: Lease
discovery.k8s.io/v1,v1beta1: EndpointSlice
events.k8s.io/v1,v1beta1: Event
extensions/v1beta1: Ingress
flowcontrol.apiserver.k8s.io/v1beta1: [FlowSchema] [PriorityLevelConfiguration]
networking.k8s.io/v1: Ingress [IngressClass] NetworkPolicy
networking.k8s.io/v1beta1: Ingress [IngressClass]
node.k8s.io/v1,v1beta1: [RuntimeClass]
policy/v1: PodDisruptionBudget
policy/v1beta1: PodDisruptionBudget [PodSecurityPolicy]
rbac.authorization.k8s.io/v1,v1beta1: [ClusterRole] [ClusterRoleBinding] Role RoleBinding
scheduling.k8s.io/v1,v1beta1: [PriorityClass]
storage.k8s.io/v1: [CSIDriver] [CSINode] [StorageClass] [VolumeAttachment]
storage.k8s.io/v1beta1: [CSIDriver] [CSINode] CSIStorageCapacity [StorageClass] [VolumeAttachment]
"""

# Type → field → (type of what it holds or of its elements, merge keys of a list that is merged; '' for plain elements).
_Type = dict[str, tuple[str, tuple[str, ...]]]
_NAME = ("name",)
TYPES: dict[str, _Type] = {
    "": {},
    "meta": {"finalizers": ("", ("",)), "ownerReferences": ("", ("uid",))},
    "template": {"metadata": ("meta", ()), "spec": ("pod", ())},
    "pod": {
        "containers": ("container", _NAME),
        "initContainers": ("container", _NAME),
        "ephemeralContainers": ("ephemeral", _NAME),
        "volumes": ("volume", _NAME),
        "imagePullSecrets": ("", _NAME),
        "hostAliases": ("", ("ip",)),
        "topologySpreadConstraints": ("", ("topologyKey", "whenUnsatisfiable")),
    },
    "container": {
        "env": ("", _NAME),
        "ports": ("", ("containerPort", "protocol")),
        "volumeMounts": ("", ("mountPath",)),
        "volumeDevices": ("", ("devicePath",)),
    },
    "ephemeral": {
        "env": ("", _NAME),
        "volumeMounts": ("", ("mountPath",)),
        "volumeDevices": ("", ("devicePath",)),
    },
    "volume": {"ephemeral": ("claimed", ())},
    "claimed": {"volumeClaimTemplate": ("bare", ())},
    "bare": {"metadata": ("meta", ())},
    "workload": {"template": ("template", ())},
    "cron": {"jobTemplate": ("job", ())},
    "job": {"metadata": ("meta", ()), "spec": ("workload", ())},
    "service": {"ports": ("", ("port", "protocol"))},
    "node": {"podCIDRs": ("", ("",))},
    "drivers": {"drivers": ("", _NAME)},
    "status": {"conditions": ("", ("type",))},
    "pod-status": {"conditions": ("", ("type",)), "podIPs": ("", ("ip",))},
    "node-status": {"conditions": ("", ("type",)), "addresses": ("", ("type",))},
}
_SPECS = {
    "Deployment": "workload", "DaemonSet": "workload", "ReplicaSet": "workload", "StatefulSet": "workload",
    "Job": "workload", "ReplicationController": "workload", "CronJob": "cron", "Pod": "pod", "Service": "service",
    "Node": "node", "CSINode": "drivers",
}  # fmt: skip
_STATUSES = frozenset(
    (
        "APIService", "DaemonSet", "Deployment", "Job", "Namespace", "PersistentVolumeClaim", "PodDisruptionBudget",
        "ReplicaSet", "ReplicationController", "Service", "StatefulSet",
    )
)  # fmt: skip


@cache
def _known() -> dict[tuple[str, str, str], bool]:
    """(group, version, kind) → whether it has no namespace."""
    known: dict[tuple[str, str, str], bool] = {}
    for line in _KINDS.strip().replace("\n ", " ").splitlines():
        where, _, kinds = line.partition(":")
        group, _, versions = where.rpartition("/")
        for version in versions.split(","):
            for kind in kinds.split():
                known[group, version, kind.strip("[]")] = kind.startswith("[")
    return known


def is_cluster_scoped(group: str, version: str, kind: str) -> bool:
    """Whether kustomize is certain that a kind has no namespace."""
    return _known().get((group, version, kind), False)


@cache
def type_of(version: str, kind: str) -> _Type | None:
    """The type of an object, None where kustomize has no schema of it."""
    group, _, last = version.rpartition("/")
    if (group, last, kind) not in _known():
        return None
    fields: _Type = {"metadata": ("meta", ())}
    if kind in _SPECS:
        fields["spec"] = (_SPECS[kind], ())
    if kind in _STATUSES:
        fields["status"] = ("status", ())
    elif kind in ("Pod", "Node"):
        fields["status"] = (f"{kind.lower()}-status", ())
    if kind == "PodTemplate":
        fields["template"] = ("template", ())
    elif kind == "ComponentStatus":
        fields["conditions"] = ("", ("type",))
    elif kind == "ServiceAccount":
        fields["secrets"] = ("", _NAME)
    elif kind.endswith("WebhookConfiguration"):
        fields["webhooks"] = ("", _NAME)
    return fields


def field_type(holder: _Type | None, key: Any) -> tuple[_Type | None, tuple[str, ...]]:
    """The type a field holds (None: no schema) and its merge keys, of a list the type of its elements."""
    if holder is None:
        return None, ()
    name, keys = holder.get(key, ("", ()))
    return TYPES[name], keys
