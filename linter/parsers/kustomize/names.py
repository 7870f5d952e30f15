"""Names of other objects, made to follow where the objects get other names: kustomize's name references.

Encodes the default `nameReference` configuration of kustomize v5
(https://github.com/kubernetes-sigs/kustomize/blob/master/examples/transformerconfigs/README.md#name-reference-transformer).
"""

from __future__ import annotations

from functools import cache
from typing import Any

from linter.model import Entry, Map, Seq, Unknown, concatenate, replace
from linter.parsers.kubernetes.objects import metadata_of
from linter.parsers.kustomize.fields import Field, Reference, change, joined, split
from linter.parsers.kustomize.state import Id, Item, Refused, text_of
from linter.trees import says

_PODS = {
    "Pod": "spec/", "PodTemplate": "template/spec/", "Deployment": "spec/template/spec/", "ReplicaSet": "spec/template/spec/",
    "DaemonSet": "spec/template/spec/", "StatefulSet": "spec/template/spec/", "Job": "spec/template/spec/",
    "CronJob": "spec/jobTemplate/spec/template/spec/", "ReplicationController": "spec/template/spec/",
}  # fmt: skip
_MAPPED = tuple(kind for kind in _PODS if kind != "ReplicationController")
_OWNED = ("Pod", "StatefulSet", "Deployment", "ReplicationController", "CronJob", "Job", "DaemonSet")
_RBAC = "rbac.authorization.k8s.io"
_HOOKS = "admissionregistration.k8s.io"


def _in_pods(kinds: tuple[str, ...], *paths: str, version: str = "") -> tuple[Field, ...]:
    return tuple(
        Field(split(_PODS[kind] + path), kind, "", version if kind == "Pod" else "") for kind in kinds for path in paths
    )


def _paths(kinds: str, *paths: str, group: str = "", version: str = "") -> tuple[Field, ...]:
    return tuple(Field(split(path), kind, group, version) for kind in kinds.split() for path in paths)


def _content(word: str, volume: str, projected: str) -> tuple[Field, ...]:
    return _in_pods(
        _MAPPED, f"volumes/{volume}", f"containers/env/valueFrom/{word}KeyRef/name",
        f"initContainers/env/valueFrom/{word}KeyRef/name", f"containers/envFrom/{word}Ref/name",
        f"initContainers/envFrom/{word}Ref/name", f"volumes/projected/sources/{projected}/name", version="v1",
    )  # fmt: skip


def _contents() -> tuple[tuple[Field, ...], ...]:
    """The fields that name ConfigMaps, Secrets and Services."""
    roles = _paths("Role ClusterRole", "rules/resourceNames")
    notes = "metadata/annotations/"
    nginx = notes + "nginx.ingress.kubernetes.io\\/"
    config = (
        *_content("configMap", "configMap/name", "configMap"),
        *_paths("Node", "spec/configSource/configMap"),
        *roles,
        *_paths("Ingress", nginx + "fastcgi-params-configmap"),
    )
    secret = (
        *_content("secret", "secret/secretName", "secret"),
        *_in_pods(_MAPPED, "imagePullSecrets/name", version="v1"),
        *_paths("Ingress", "spec/tls/secretName", notes + "ingress.kubernetes.io\\/auth-secret", nginx + "auth-secret",
                nginx + "auth-tls-secret"),
        *_paths("ServiceAccount", "imagePullSecrets/name"),
        *_paths("StorageClass", "parameters/secretName", "parameters/adminSecretName", "parameters/userSecretName",
                "parameters/secretRef"),
        *roles,
        *_paths("Service", "spec/template/spec/containers/env/valueFrom/secretKeyRef/name", group="serving.knative.dev",
                version="v1"),
        *_paths("PersistentVolume", "spec/azureFile/secretName"),
    )  # fmt: skip
    service = (
        *_paths("StatefulSet", "spec/serviceName", group="apps"),
        *_paths("Ingress", "spec/rules/http/paths/backend/serviceName", "spec/backend/serviceName",
                "spec/rules/http/paths/backend/service/name", "spec/defaultBackend/service/name"),
        *_paths("APIService", "spec/service/name", group="apiregistration.k8s.io"),
        *_paths("ValidatingWebhookConfiguration MutatingWebhookConfiguration", "webhooks/clientConfig/service", group=_HOOKS),
    )  # fmt: skip
    return config, secret, service


@cache
def defaults() -> tuple[Reference, ...]:
    """The fields that name objects, by what they name."""
    config, secret, service = _contents()
    scaled = _paths("HorizontalPodAutoscaler", "spec/scaleTargetRef/name")
    bindings = _paths("RoleBinding", "roleRef/name", group=_RBAC)
    return (
        *(Reference(kind, "", "", scaled) for kind in ("Deployment", "ReplicationController", "ReplicaSet", "StatefulSet")),
        Reference("ConfigMap", "", "v1", config),
        Reference("Secret", "", "v1", secret),
        Reference("Service", "", "v1", service),
        Reference("Role", _RBAC, "", bindings),
        Reference("ClusterRole", _RBAC, "", (*bindings, *_paths("ClusterRoleBinding", "roleRef/name", group=_RBAC))),
        Reference("ServiceAccount", "", "v1",
                  (*_paths("RoleBinding ClusterRoleBinding", "subjects", group=_RBAC), *_in_pods(_OWNED, "serviceAccountName"))),
        Reference("PersistentVolumeClaim", "", "v1", _in_pods(_OWNED, "volumes/persistentVolumeClaim/claimName")),
        Reference("PersistentVolume", "", "v1",
                  (*_paths("PersistentVolumeClaim", "spec/volumeName"), *_paths("ClusterRole", "rules/resourceNames"))),
        Reference("StorageClass", "storage.k8s.io", "v1",
                  (*_paths("PersistentVolume PersistentVolumeClaim", "spec/storageClassName"),
                   *_paths("StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"))),
        Reference("PriorityClass", "scheduling.k8s.io", "v1", _in_pods(_OWNED, "priorityClassName")),
        Reference("IngressClass", "networking.k8s.io/v1", "v1", _paths("Ingress", "spec/ingressClassName")),
    )  # fmt: skip


def with_references(known: tuple[Reference, ...], more: tuple[Reference, ...]) -> tuple[Reference, ...]:
    """References with those of a configuration added."""
    result = [*known]
    for each in more:
        at = next((i for i, other in enumerate(result) if other[:3] == each[:3]), None)
        if at is None:
            result.append(each)
        else:
            result[at] = each._replace(by=joined(result[at].by, each.by))
    return tuple(result)


class _Follower:
    """Follows names of one build. by_name: objects by each name they have had."""

    def __init__(self, items: list[Item]) -> None:
        self.items = items
        self.by_name: dict[str, list[Item]] = {}
        for item in items:
            for name in dict.fromkeys(name for _, name, _ in item.past):
                self.by_name.setdefault(name, []).append(item)

    def target(self, referrer: Item, field: Field, target: Reference, name: str, among: str | None) -> Item | None:
        """The object a name means. among: the namespace the reference names, None where it names none."""
        now = referrer.now
        found = [item for item in self.by_name.get(name, ()) if _within(item, referrer, now)]
        if among is not None:
            original = {item.first.place for item in self.items if _within(item, referrer, now)}
            found = [x for x in found if (x.first.place if among in original else x.now.place) == among]
        found = [item for item in found if _had(item, target.kind, target.group, target.version)]
        role = referrer.body.get("roleRef") if field.path[-2:] == ("roleRef", "name") else None
        if isinstance(role, Map) and role.get("apiGroup") is not None and role.get("kind") is not None:
            found = [x for x in found if _had(x, text_of(role["kind"]), text_of(role["apiGroup"]), "")]
        if now.place != "/":
            found = [x for x in found if x.now.place in ("/", now.place) or says(x.body.get("kind"), "ServiceAccount")]
        if len(found) > 1:
            found = [x for x in found if _same_affixes(x, referrer, True)]
        if len(found) > 1:
            found = [x for x in found if _same_affixes(x, referrer, False)]
        if len({(x.now.name, x.now.namespace if among is not None else "") for x in found}) > 1:
            raise Refused(f"{now.kind} {now.name} refers to {name}, which could be any of {len(found)} objects")
        return found[0] if found else None

    def followed(self, referrer: Item, field: Field, target: Reference) -> Item:
        def scalar(value: Any) -> Any:
            if not isinstance(value, (str, int, float)) or isinstance(value, bool):
                return value
            if text_of(value) not in self.by_name:
                return value
            found = self.target(referrer, field, target, text_of(value), None)
            return value if found is None else metadata_of(found.body).get("name", value)

        def one(value: Any) -> Any:
            if isinstance(value, Map):
                return self._mapping(referrer, field, target, value)
            return scalar(value)

        def alter(value: Any, written: Entry) -> tuple[Any, Entry]:
            if not isinstance(value, Seq):
                return one(value), written
            after = [one(item) for item in value]
            if all(a is b for a, b in zip(after, value, strict=True)):
                return value, written
            result = concatenate((value,), value.span)
            result[:] = after
            return result, written

        return change(referrer, (field,), alter)

    def _mapping(self, referrer: Item, field: Field, target: Reference, value: Map) -> Map:
        name, namespace = value.get("name"), value.get("namespace")
        if name is None:
            raise Refused(f"{'.'.join(field.path)} of {referrer.now.kind} {referrer.now.name} has no name")
        if isinstance(name, Unknown) or isinstance(namespace, Unknown) or text_of(name) not in self.by_name:
            return value
        among = None if "namespace" not in value else text_of(namespace)
        found = self.target(referrer, field, target, text_of(name), among)
        metadata = Map(value.span) if found is None else metadata_of(found.body)
        new = metadata.get("name", name)
        if isinstance(new, Unknown) or new != name:
            value = replace(value, "name", new)
        if metadata.get("namespace"):
            value = replace(value, "namespace", metadata["namespace"], metadata.at.get("namespace"))
        return value


def _within(item: Item, referrer: Item, now: Id) -> bool:
    """Whether an object can be referred to from where another lies."""
    if now.place == "/" or item.now.place in ("/", now.place):
        return True
    subjects = referrer.body.get("subjects") if now.kind == "RoleBinding" else None
    namespace = text_of(metadata_of(item.body).get("namespace"))
    return any(
        isinstance(each, Map)
        and says(each.get("kind"), "ServiceAccount")
        and text_of(each.get("namespace")) == namespace
        for each in (subjects if isinstance(subjects, Seq) else ())
        if "namespace" in each
    )


def _had(item: Item, kind: str, group: str, version: str) -> bool:
    field = Field((), kind, group, version)
    return any(field.selects(each.kind, each.group, each.version) for each in item.before)


def _same_affixes(item: Item, other: Item, allow_empty: bool) -> bool:
    pairs = ((item.prefixes, other.prefixes), (item.suffixes, other.suffixes))
    return all((allow_empty and not (a and b)) or _same_end(a, b) for a, b in pairs)


def _same_end(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    short, long = sorted((one, other), key=len)
    return not long if not short else long[len(long) - len(short) :] == short


def followed(items: list[Item], references: tuple[Reference, ...]) -> list[Item]:
    """The objects with the names they refer to as they are now."""
    follower = _Follower(items)
    if not follower.by_name:
        return items
    by_kind: dict[str, list[tuple[Field, Reference]]] = {}
    for target in references:
        for field in target.by:
            by_kind.setdefault(field.kind, []).append((field, target))
    result = []
    for item in items:
        first = item.first
        for field, target in (*by_kind.get(first.kind, ()), *by_kind.get("", ())):
            if field.selects(first.kind, first.group, first.version):
                # The field is sought in the object as it is now, whatever kind it had.
                item = follower.followed(item, field._replace(kind="", group="", version=""), target)
        result.append(item)
    return result
