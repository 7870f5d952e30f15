"""Where traffic, webhooks and rollouts lead by name, beyond the core API's own objects.

Encodes the references of Gateway API, OpenShift Route, Istio VirtualService and DestinationRule, Traefik IngressRoute,
Argo Rollouts, Flagger, admission webhooks and API services.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from linter.estate.kubernetes_references import Named, items, named, word
from linter.model import Map, Resource, Unknown
from linter.trees import at_path


def routes_of(resource: Resource) -> Iterator[Named]:
    """What an object of the kinds below refers to."""
    reader = _READERS.get(resource.kind)
    if reader is not None:
        yield from reader(resource.body)


def _typed(relation: str, path: str, holder: Any, default: str, optional: bool = False) -> Iterator[Named]:
    """A reference with kind and namespace of its own; groups other than the default's are other projects' things."""
    namespace = holder.get("namespace") if isinstance(holder, Map) else None
    known = namespace if isinstance(namespace, (str, Unknown)) else None
    for reference in named(relation, path, word(holder, "kind") or default, holder, namespace=known):
        yield reference._replace(optional=reference.optional or optional)


def _gateway_route(body: Map) -> Iterator[Named]:
    """HTTPRoute, GRPCRoute, TLSRoute, TCPRoute, UDPRoute: https://gateway-api.sigs.k8s.io/reference/spec/."""
    spec = body.get("spec")
    for parent in items(spec, "parentRefs"):
        yield from _typed("references", "spec.parentRefs", parent, "Gateway", optional=True)
    for rule in items(spec, "rules"):
        for backend in items(rule, "backendRefs"):
            yield from _typed("routes", "spec.rules.backendRefs", backend, "Service")
            for step in items(backend, "filters"):
                yield from _mirror(step, "spec.rules.backendRefs.filters.requestMirror")
        for step in items(rule, "filters"):
            yield from _mirror(step, "spec.rules.filters.requestMirror")


def _mirror(step: Map, path: str) -> Iterator[Named]:
    yield from _typed("routes", path, at_path(step, ("requestMirror", "backendRef")), "Service")


def _gateway(body: Map) -> Iterator[Named]:
    spec = body.get("spec")
    for reference in named("references", "spec.gatewayClassName", "GatewayClass", spec, "gatewayClassName"):
        yield reference._replace(optional=True)
    for listener in items(spec, "listeners"):
        for certificate in items(listener.get("tls"), "certificateRefs"):
            yield from _typed("references", "spec.listeners.tls.certificateRefs", certificate, "Secret", optional=True)


def _openshift_route(body: Map) -> Iterator[Named]:
    """https://docs.openshift.com/container-platform/latest/rest_api/network_apis/route-route-openshift-io-v1.html."""
    spec = body.get("spec")
    yield from _typed("routes", "spec.to", at_path(spec, ("to",)), "Service")
    for backend in items(spec, "alternateBackends"):
        yield from _typed("routes", "spec.alternateBackends", backend, "Service")


def _virtual_service(body: Map) -> Iterator[Named]:
    """https://istio.io/latest/docs/reference/config/networking/virtual-service/: hosts may also stand elsewhere."""
    spec = body.get("spec")
    for protocol in ("http", "tcp", "tls"):
        for rule in items(spec, protocol):
            for route in items(rule, "route"):
                yield from _host("routes", f"spec.{protocol}.route.destination", route.get("destination"))
            for mirror in (rule.get("mirror"), *(item.get("destination") for item in items(rule, "mirrors"))):
                yield from _host("routes", f"spec.{protocol}.mirror", mirror)
    entries = at_path(spec, ("gateways",))
    for index, text in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(text, str) and text != "mesh":
            namespace, slash, name = text.rpartition("/")
            source, _, _, start, end = entries.at[index]
            place = namespace if slash else None
            yield Named("references", "spec.gateways", "Gateway", name, (source, start, end), place, True)


def _host(relation: str, path: str, holder: Any) -> Iterator[Named]:
    """A Service by its name in the cluster's DNS: `web`, `web.shop`, `web.shop.svc.cluster.local`."""
    for reference in named(relation, path, "Service", holder, "host"):
        if isinstance(reference.name, str) and "*" not in reference.name:
            parts = reference.name.split(".")
            if len(parts) <= 2 or parts[2] == "svc":
                namespace = parts[1] if len(parts) > 1 else None
                yield reference._replace(name=parts[0], namespace=namespace, optional=True)


def _destination_rule(body: Map) -> Iterator[Named]:
    yield from _host("references", "spec.host", body.get("spec"))


def _ingress_route(body: Map) -> Iterator[Named]:
    """https://doc.traefik.io/traefik/routing/providers/kubernetes-crd/."""
    for route in items(body.get("spec"), "routes"):
        for service in items(route, "services"):
            yield from _typed("routes", "spec.routes.services", service, "Service", optional=True)


def _rollout(body: Map) -> Iterator[Named]:
    """https://argo-rollouts.readthedocs.io/en/stable/features/specification/."""
    spec = body.get("spec")
    yield from _typed("targets", "spec.workloadRef", at_path(spec, ("workloadRef",)), "Deployment")
    for way, keys in (
        ("blueGreen", ("activeService", "previewService")),
        ("canary", ("stableService", "canaryService")),
    ):
        for key in keys:
            holder = at_path(spec, ("strategy", way))
            yield from named("routes", f"spec.strategy.{way}.{key}", "Service", holder, key)


def _flagger(body: Map) -> Iterator[Named]:
    """https://docs.flagger.app/usage/how-it-works: the Services are made by Flagger itself."""
    spec = body.get("spec")
    yield from _typed("targets", "spec.targetRef", at_path(spec, ("targetRef",)), "Deployment")
    yield from _typed("targets", "spec.autoscalerRef", at_path(spec, ("autoscalerRef",)), "HorizontalPodAutoscaler")


def _scaled_object(body: Map) -> Iterator[Named]:
    """https://keda.sh/docs/latest/reference/scaledobject-spec/: a target without a kind is a Deployment."""
    yield from _typed("targets", "spec.scaleTargetRef", at_path(body, ("spec", "scaleTargetRef")), "Deployment")


def _webhooks(body: Map) -> Iterator[Named]:
    for hook in items(body, "webhooks"):
        service = at_path(hook, ("clientConfig", "service"))
        yield from _typed("references", "webhooks.clientConfig.service", service, "Service", optional=True)


def _api_service(body: Map) -> Iterator[Named]:
    service = at_path(body, ("spec", "service"))
    yield from _typed("references", "spec.service", service, "Service", optional=True)


def _claim(body: Map) -> Iterator[Named]:
    spec = body.get("spec")
    for key, kind in (("storageClassName", "StorageClass"), ("volumeName", "PersistentVolume")):
        for reference in named("references", f"spec.{key}", kind, spec, key):
            yield reference._replace(optional=True)


_READERS: dict[str, Callable[[Map], Iterator[Named]]] = {
    **{f"kubernetes/{protocol}Route": _gateway_route for protocol in ("HTTP", "GRPC", "TLS", "TCP", "UDP")},
    "kubernetes/Gateway": _gateway,
    "kubernetes/Route": _openshift_route,
    "kubernetes/VirtualService": _virtual_service,
    "kubernetes/DestinationRule": _destination_rule,
    "kubernetes/IngressRoute": _ingress_route,
    "kubernetes/Rollout": _rollout,
    "kubernetes/Canary": _flagger,
    "kubernetes/ScaledObject": _scaled_object,
    "kubernetes/MutatingWebhookConfiguration": _webhooks,
    "kubernetes/ValidatingWebhookConfiguration": _webhooks,
    "kubernetes/APIService": _api_service,
    "kubernetes/PersistentVolumeClaim": _claim,
}
