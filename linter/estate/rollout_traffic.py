"""Strategies that nobody declares: traffic shared between versions by weights, or switched by a Service's labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from linter.estate.kubernetes_index import environment_name, labels_of
from linter.model import Estate, Map, Resource, Span, Unknown
from linter.parsers.kubernetes.objects import namespace_of
from linter.trees import at_path, maps

VERSIONS = (
    "version", "app.kubernetes.io/version", "track", "color", "colour", "slot", "variant", "deployment",
)  # fmt: skip
"""Labels that tell the versions of one application apart."""

Found = Iterator[tuple[Resource, Map]]


def told(name: Any, by: str, detail: str, span: Span) -> Map:
    """The fact, every part of it placed where the strategy is written."""
    fact = Map(span)
    source, start, end = span
    for key, value in (("name", name), ("by", by), ("detail", detail)):
        fact[key] = value
        fact.at[key] = (source, start, start, start, end)
    return fact


def by_labels(estate: Estate) -> Found:
    """Deployments that differ in one such label: a Service that names it switches, one that does not shares."""
    groups: dict[Any, dict[str, list[Resource]]] = {}
    for pod in estate.kinds.get("kubernetes/pod", ()):
        labels = labels_of(pod.context.get("template"))
        if pod.owner is None or pod.owner.kind != "kubernetes/Deployment" or not isinstance(labels, Map):
            continue
        if labels.open is None and not any(isinstance(value, Unknown) for value in labels.values()):
            for key in VERSIONS:
                if key in labels and len(labels) > 1:
                    rest = frozenset((str(name), str(value)) for name, value in labels.items() if name != key)
                    place = (pod.unit, environment_name(pod), str(namespace_of(pod.owner.body)), key, rest)
                    groups.setdefault(place, {}).setdefault(str(labels[key]), []).append(pod)
    for (*_, key, _), versions in groups.items():
        if len(versions) > 1:
            yield from _switched(estate, key, [pod for pods in versions.values() for pod in pods])


def _switched(estate: Estate, key: str, pods: list[Resource]) -> Found:
    switching: list[tuple[Resource, Span, str]] = []
    sharing: dict[int, tuple[Resource, list[Resource]]] = {}
    for pod in pods:
        for link in estate.incoming.get(id(pod), ()):
            if link.name == "selects" and link.source.kind == "kubernetes/Service":
                selector = at_path(link.source.body, ("spec", "selector"))
                if isinstance(selector, Map) and key in selector:
                    entry = selector.at[key]
                    switching.append((link.source, (entry[0], entry[3], entry[4]), str(selector[key])))
                else:
                    sharing.setdefault(id(link.source), (link.source, []))[1].append(pod)
    for service, selected in sharing.values():
        if len(selected) > 1:
            detail = f"Service {service.name} shares its requests between pods of each {key}"
            yield from _each(selected, "canary", "Service labels", detail, service.anchor)
            return
    # A Service for each version, and none above them, are just two things that run side by side.
    if len({id(service) for service, _, _ in switching}) == 1:
        service, span, value = switching[0]
        detail = f"Service {service.name} is switched to {key} {value}"
        yield from _each(pods, "blue-green", "Service labels", detail, span)


def by_weights(estate: Estate) -> Found:
    """Workloads behind Services that one rule of a route gives shares of the traffic."""
    for kind, protocols, key, path in (
        ("VirtualService", ("http", "tcp", "tls"), "route", ("destination", "host")),
        ("HTTPRoute", ("rules",), "backendRefs", ("name",)),
        ("GRPCRoute", ("rules",), "backendRefs", ("name",)),
    ):
        for route in estate.kinds.get(f"kubernetes/{kind}", ()):
            services = {link.span: link.target for link in estate.outgoing.get(id(route), ()) if link.name == "routes"}
            rules = [rule for protocol in protocols for rule in maps(at_path(route.body, ("spec", protocol)))]
            for rule in rules if services else ():
                who = "Istio weights" if kind == "VirtualService" else "Gateway API weights"
                yield from _weighed(estate, services, maps(rule.get(key)), path, who)


def _weighed(
    estate: Estate, services: dict[Span | None, Resource], backends: list[Map], path: tuple[str, ...], who: str
) -> Found:
    weights = [backend.get("weight", 1 if who.startswith("Gateway") else 0) for backend in backends]
    if len(backends) < 2 or not all(isinstance(weight, int) for weight in weights) or not sum(weights):
        return
    shares = ", ".join(str(weight) for weight in weights)
    name = "canary" if sum(weight > 0 for weight in weights) > 1 else "blue-green"
    for backend in backends:
        holder = at_path(backend, path[:-1])
        if not isinstance(holder, Map) or path[-1] not in holder.at:
            continue
        entry = holder.at[path[-1]]
        service = services.get((entry[0], entry[3], entry[4]))
        place = backend.at.get("weight")
        span = (place[0], place[3], place[4]) if place else (entry[0], entry[3], entry[4])
        if service is not None:
            pods = [link.target for link in estate.outgoing.get(id(service), ()) if link.name == "selects"]
            yield from _each(pods, name, who, f"shares {shares}", span)


def _each(pods: Iterable[Resource], name: str, by: str, detail: str, span: Span) -> Found:
    for pod in pods:
        if pod.owner is not None:
            yield pod.owner, told(name, by, detail, span)
