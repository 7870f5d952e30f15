"""Indexes of Kubernetes objects by name and by label, per unit, environment and namespace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.estate.kubernetes_selectors import Selector, matches
from linter.model import Estate, Map, Resource, Unit, Unknown
from linter.parsers.kubernetes.objects import CLUSTER_SCOPED, cluster_scoped_of, name_of, namespace_of
from linter.records import NamedTuple
from linter.trees import at_path, says

SYSTEM_NAMESPACES = frozenset(("kube-system", "kube-public", "kube-node-lease", "openshift-monitoring"))

# API groups whose objects configure something and never stand for pods; of the Prometheus Operator's, four kinds do.
_CONFIGURING = (
    "cert-manager.io", "istio.io", "external-secrets.io", "bitnami.com", "traefik.io", "traefik.containo.us", "kyverno.io",
    "gatekeeper.sh", "source.toolkit.fluxcd.io", "notification.toolkit.fluxcd.io", "image.toolkit.fluxcd.io", "cilium.io",
    "projectcalico.org", "networking.gke.io", "cloud.google.com", "amazonaws.com", "elbv2.k8s.aws", "grafana.integreatly.org",
    "openshift.io", "getambassador.io", "linkerd.io", "secrets-store.csi.x-k8s.io", "crossplane.io", "upbound.io", "keda.sh",
    "flagger.app",
)  # fmt: skip
# Kinds whose operator makes a Secret, with where its name stands; without one it is the object's own.
_MAKE_SECRETS = {
    "ExternalSecret": ("spec", "target", "name"), "SealedSecret": ("spec", "template", "metadata", "name"),
    "Certificate": ("spec", "secretName"), "VaultStaticSecret": ("spec", "destination", "name"),
    "VaultDynamicSecret": ("spec", "destination", "name"), "VaultPKISecret": ("spec", "destination", "name"),
    "OnePasswordItem": (), "BitwardenSecret": ("spec", "secretName"), "InfisicalSecret":
    ("spec", "managedSecretReference", "secretName"), "DopplerSecret": ("spec", "managedSecret", "name"),
    "AzureKeyVaultSecret": ("spec", "output", "secret", "name"),
}  # fmt: skip
_MONITORING_PODS = frozenset(("Prometheus", "PrometheusAgent", "Alertmanager", "ThanosRuler"))


def makes_pods(body: Map) -> bool:
    """Whether a custom resource may stand for pods that its operator makes (Kubernetes, custom resources)."""
    version = body.get("apiVersion")
    group = version.rpartition("/")[0] if isinstance(version, str) else ""
    if "." not in group or group.endswith((".k8s.io", *_CONFIGURING)):
        return False
    return group != "monitoring.coreos.com" or says(body.get("kind"), *_MONITORING_PODS)


class Scope(NamedTuple):
    """Where names and labels are looked up. namespace: None for what has none."""

    unit: Unit
    environment: str
    namespace: str | Unknown | None


def environment_name(resource: Resource) -> str:
    return resource.environment.name if resource.environment else ""


def scope_of(resource: Resource, cluster: frozenset[str]) -> Scope:
    """The scope an object stands in."""
    return Scope(resource.unit, environment_name(resource), namespace_of(resource.body, cluster))


class Labelled:
    """Resources of one kind in one scope: all of them, by label, and those whose labels are not all known."""

    __slots__ = ("all", "by_label", "unsure")

    def __init__(self) -> None:
        self.all: list[Resource] = []
        self.by_label: dict[tuple[str, str], list[Resource]] = {}
        self.unsure: list[Resource] = []


class Index:
    """All indexes of an estate. cluster: kinds without a namespace."""

    def __init__(self, estate: Estate) -> None:
        definitions = estate.kinds.get("kubernetes/CustomResourceDefinition", ())
        self.cluster = CLUSTER_SCOPED | cluster_scoped_of(resource.body for resource in definitions)
        self._names: dict[tuple[Scope, str, str], list[Resource]] = {}
        self._labels: dict[tuple[Scope, str], Labelled] = {}
        self._scopes: dict[tuple[Unit, str], dict[Scope, None]] = {}
        self._unresolved: dict[tuple[Unit, str], Unknown] = {}
        self._makers: dict[Scope, Resource] = {}
        self._elsewhere: dict[Any, list[Resource]] = {}
        self._made: list[tuple[Scope, Resource]] = []
        former: list[tuple[Scope, Resource]] = []
        for kind, resources in estate.kinds.items():
            if kind.startswith("kubernetes/") and kind != "kubernetes/container":
                for resource in resources:
                    self._add(kind, resource, former)
        self._add_former_names(former)
        self._add_made_secrets()

    def _add(self, kind: str, resource: Resource, former: list[tuple[Scope, Resource]]) -> None:
        if kind == "kubernetes/unresolved":
            why = Unknown("remote-source", resource.name) if resource.uncertain is None else resource.uncertain
            self._unresolved.setdefault((resource.unit, environment_name(resource)), why)
            return
        owner = resource.owner or resource
        scope = scope_of(owner, self.cluster)
        self._scopes.setdefault((scope.unit, scope.environment), {})[scope] = None
        if makes_pods(owner.body):
            self._makers.setdefault(scope, owner)
        if kind == "kubernetes/pod":
            labels = labels_of(resource.context.get("template"))
            for term in labels.items() if isinstance(labels, Map) and not _is_unsure(labels) else ():
                self._elsewhere.setdefault((scope.namespace, *map(str, term)), []).append(resource)
            self._add_labelled(scope, kind, resource, labels_of(resource.context.get("template")))
            return
        name = name_of(resource.body)
        if isinstance(name, str) and name:
            self._names.setdefault((scope, str(resource.body["kind"]), name), []).append(resource)
        if kind == "kubernetes/Service":
            self._add_labelled(scope, kind, resource, labels_of(resource.body))
        if resource.context.get("names"):
            former.append((scope, resource))
        if resource.body["kind"] in _MAKE_SECRETS:
            self._made.append((scope, resource))

    def _add_former_names(self, former: list[tuple[Scope, Resource]]) -> None:
        """Objects an overlay renamed are still meant by their written names, where no other has those."""
        for scope, resource in former:
            for name in resource.context["names"]:
                found = self._names.setdefault((scope, str(resource.body["kind"]), name), [])
                if not found:
                    found.append(resource)

    def _add_made_secrets(self) -> None:
        """A Secret that an object will be made into is meant by its name, where the unit has none itself."""
        for scope, resource in self._made:
            name = at_path(resource.body, _MAKE_SECRETS[str(resource.body["kind"])])
            name = name if isinstance(name, str) else name_of(resource.body)
            found = self._names.setdefault((scope, "Secret", name), []) if isinstance(name, str) and name else None
            if found is not None and not found:
                found.append(resource)

    def _add_labelled(self, scope: Scope, kind: str, resource: Resource, labels: Map | Unknown | None) -> None:
        index = self._labels.get((scope, kind))
        if index is None:
            index = self._labels[scope, kind] = Labelled()
        index.all.append(resource)
        if isinstance(labels, Unknown) or (labels is not None and _is_unsure(labels)):
            index.unsure.append(resource)
            return
        for key, value in (labels or {}).items():
            index.by_label.setdefault((str(key), str(value)), []).append(resource)

    def named(self, scope: Scope, kind: str, name: str) -> list[Resource]:
        """Objects of a kind by name in a scope; more than one where the unit writes it twice."""
        return self._names.get((scope, kind, name), [])

    def namespaces(self, scope: Scope) -> Iterator[Scope]:
        """All scopes of a scope's unit and environment."""
        yield from self._scopes.get((scope.unit, scope.environment), ())

    def unresolved(self, scope: Scope) -> Unknown | None:
        """Why something may be missing from view in a scope's unit."""
        return self._unresolved.get((scope.unit, scope.environment))

    def beyond(self, scope: Scope, selector: Selector) -> Unknown | None:
        """Why pods that no manifest of the unit shows may be selected all the same."""
        if scope.namespace in SYSTEM_NAMESPACES:
            return Unknown("run-time", f"pods of {scope.namespace}", "the cluster's own pods stand in no repository")
        maker = self._makers.get(scope)
        if maker is not None:
            return Unknown("run-time", f"pods that {maker.address} makes", "its operator decides their labels")
        terms = [self._elsewhere.get((scope.namespace, *term), ()) for term in selector.equal.items()]
        for pod in min(terms, key=len, default=()):
            if pod.unit != scope.unit and matches(selector, labels_of(pod.context.get("template", pod.body))) is True:
                where = f"{pod.address} in {pod.unit.path or 'another folder'}"
                return Unknown("other-unit", where, "it is deployed from another folder, perhaps to the same cluster")
        return None

    def selected(self, scope: Scope, selector: Selector) -> tuple[list[Resource], Unknown | None]:
        """What a selector selects, and an Unknown where something more may be selected."""
        index = self._labels.get((scope, selector.kind))
        if isinstance(scope.namespace, Unknown):
            return [], scope.namespace
        if selector.unknown is not None:
            return [], selector.unknown
        if index is None:
            return [], None
        candidates = index.all
        for term in selector.equal.items():
            found = index.by_label.get(term, ())
            if len(found) < len(candidates):
                candidates = list(found)
        if selector.equal and index.unsure:
            # No label list holds those, so that a list that is as long as all means there are none.
            candidates = [*candidates, *index.unsure]
        matched: list[Resource] = []
        unsure: Unknown | None = None
        for resource in candidates:
            labels = labels_of(resource.context.get("template", resource.body))
            answer = matches(selector, labels)
            if answer is True:
                matched.append(resource)
            elif isinstance(answer, Unknown):
                unsure = answer
        return matched, unsure


def labels_of(holder: Any) -> Map | Unknown | None:
    """metadata.labels of an object or a pod template."""
    metadata = holder.get("metadata") if isinstance(holder, Map) else None
    if isinstance(metadata, Unknown):
        return metadata
    labels = metadata.get("labels") if isinstance(metadata, Map) else None
    return labels if isinstance(labels, (Map, Unknown)) else None


def _is_unsure(labels: Map) -> bool:
    return labels.open is not None or any(isinstance(value, Unknown) for value in labels.values())
