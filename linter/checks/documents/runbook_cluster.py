"""What the estate deploys to clusters, as commands name it: namespaces, and workloads by kind and name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model import Estate, Map, Resource, Seq, Unknown
from linter.records import NamedTuple
from linter.trees import as_map, at_path

WORKLOADS = {
    "Deployment": ("deploy", "deployment", "deployments", "deployment.apps", "deployments.apps", "deploy.apps"),
    "StatefulSet": ("sts", "statefulset", "statefulsets", "statefulset.apps", "statefulsets.apps", "sts.apps"),
    "DaemonSet": ("ds", "daemonset", "daemonsets", "daemonset.apps", "daemonsets.apps", "ds.apps"),
    "CronJob": ("cj", "cronjob", "cronjobs", "cronjob.batch", "cronjobs.batch", "cj.batch"),
}
"""Kind → what kubectl calls it (`kubectl api-resources`)."""
_PARTS = frozenset({"kubernetes/pod", "kubernetes/container", "kubernetes/unresolved"})
_TARGETS = (
    ("metadata", "namespace"),
    ("spec", "targetNamespace"),
    ("spec", "destination", "namespace"),
    ("spec", "template", "spec", "destination", "namespace"),
)
"""Where an object names the namespace it, or what it delivers, goes to (Kubernetes, Flux, Argo CD)."""
_MADE = {
    "Alertmanager": ("alertmanager-{}", "StatefulSet"),
    "Prometheus": ("prometheus-{}", "StatefulSet"),
    "ThanosRuler": ("thanos-ruler-{}", "StatefulSet"),
}
"""Kind of the Prometheus Operator → (name, kind) of the workload it makes (prometheus-operator.dev, "Design")."""
_REMOTE = ("HelmRelease", "HelmChart", "Application", "ApplicationSet")
NOT_RENDERED = Unknown("template", "what the charts render", "render them: see `renderers` in opslint.yaml")
_DELIVERED = Unknown("remote-source", "what is delivered from elsewhere", "scan that repository, too")


class Cluster(NamedTuple):
    """namespaces: every one that is written. open: why there may be more objects and namespaces, None if not.

    workloads: name → (kind, namespace or '' where none is written). remote: namespaces into which something is
    delivered that is not in the repository.
    """

    namespaces: frozenset[str]
    workloads: dict[str, set[tuple[str, str]]]
    remote: frozenset[str]
    open: Unknown | None


def cluster_of(estate: Estate) -> Cluster:
    """What all objects, charts, releases and pipelines of an estate say of namespaces and workloads."""
    namespaces: set[str] = set()
    workloads: dict[str, set[tuple[str, str]]] = {}
    remote: set[str] = set()
    unknown: Unknown | None = NOT_RENDERED if _unrendered(estate) else None
    for resource in _objects(estate):
        for written in _namespaces(resource):
            if isinstance(written, Unknown):
                unknown = unknown if unknown is not None else written
            elif "{{" in written or "$" in written:
                unknown = unknown if unknown is not None else NOT_RENDERED
            else:
                namespaces.add(written)
                if resource.kind.rpartition("/")[2] in _REMOTE:
                    remote.add(written)
        kind, name = resource.kind.rpartition("/")[2], at_path(resource.body, ("metadata", "name"))
        if kind in WORKLOADS and isinstance(name, str):
            written = at_path(resource.body, ("metadata", "namespace"))
            workloads.setdefault(name, set()).add((kind, written if isinstance(written, str) else ""))
        elif kind in _MADE and isinstance(name, str) and _of_operator(resource):
            form, made = _MADE[kind]
            written = at_path(resource.body, ("metadata", "namespace"))
            workloads.setdefault(form.format(name), set()).add((made, written if isinstance(written, str) else ""))
        elif kind in WORKLOADS and isinstance(name, Unknown):
            unknown = unknown if unknown is not None else name
    for written in _declared(estate):
        if isinstance(written, Unknown):
            unknown = unknown if unknown is not None else written
        else:
            namespaces.add(written)
            remote.add(written)
    return Cluster(frozenset(namespaces), workloads, frozenset(remote), unknown)


def _of_operator(resource: Resource) -> bool:
    return str(resource.body.get("apiVersion", "")).startswith("monitoring.coreos.com/")


def _unrendered(estate: Estate) -> bool:
    return bool(estate.of_kind("helm/chart"))


def _objects(estate: Estate) -> Iterator[Resource]:
    for kind, resources in estate.kinds.items():
        if kind.startswith("kubernetes/") and kind not in _PARTS:
            yield from resources


def _namespaces(resource: Resource) -> Iterator[str | Unknown]:
    if resource.kind == "kubernetes/Namespace":
        name = at_path(resource.body, ("metadata", "name"))
        if isinstance(name, (str, Unknown)):
            yield name
    for path in _TARGETS:
        written = at_path(resource.body, path)
        if isinstance(written, Unknown) or (isinstance(written, str) and written):
            yield written


def _declared(estate: Estate) -> Iterator[str | Unknown]:
    """Namespaces of Terraform's releases and namespaces, and of what pipelines' commands deploy into."""
    for kind in ("terraform/kubernetes_namespace", "terraform/kubernetes_namespace_v1"):
        for resource in estate.of_kind(kind):
            blocks = resource.body.get("metadata")
            named = as_map(blocks[0]).get("name") if isinstance(blocks, Seq) and blocks else None
            if isinstance(named, (str, Unknown)):
                yield named
    for resource in estate.of_kind("terraform/helm_release"):
        written = resource.body.get("namespace")
        if isinstance(written, (str, Unknown)):
            yield written
    for step in estate.of_kind("pipeline/step"):
        for command in step.context.get("commands") or ():
            yield from _of_command(command)


def _of_command(command: Any) -> Iterator[str]:
    words = tuple(getattr(command, "words", ()))
    if not words or words[0] not in ("kubectl", "oc", "helm"):
        return
    for index, word in enumerate(words[:-1]):
        created = word in ("namespace", "ns") and words[index - 1] == "create"
        value = words[index + 1] if created or word in ("-n", "--namespace") else ""
        if value and value.replace("-", "").isalnum():
            yield value
    for word in words:
        if word.startswith("--namespace=") and word[12:].replace("-", "").isalnum():
            yield word[12:]


def delivered_elsewhere(cluster: Cluster, namespace: str) -> Unknown | None:
    """Why a workload that is nowhere written may exist all the same."""
    if cluster.open is not None:
        return cluster.open
    return _DELIVERED if (cluster.remote if not namespace else namespace in cluster.remote) else None


def front_list(body: Map, key: str) -> Seq | None:
    """A list of front matter."""
    front = body.get("front_matter")
    value = front.get(key) if isinstance(front, Map) else None
    return value if isinstance(value, Seq) else None
