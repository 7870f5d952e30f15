"""Readiness of what Services send requests to."""

from __future__ import annotations

from collections.abc import Iterator

from linter.checks import Verdict
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Resource, Seq, Span, Unknown, handle
from linter.trees import maps


def served_containers_ready(estate: Estate, *, kind: str = "kubernetes/pod") -> Iterator[Verdict]:
    """Every container that a port of a Service leads to says when it is ready (Kubernetes API, Service and Probe).

    A port leads to the container that lists its targetPort, by name or by number; where none does, to the only
    container there is: listing ports is for information.
    """
    for pod in estate.of_kind(kind):
        services = [link.source for link in estate.incoming.get(id(pod), ()) if link.name == "selects"]
        listed = pod.body.get("containers")
        if not isinstance(listed, Seq) or not any(each.kind == "kubernetes/Service" for each in services):
            continue
        containers = [(index, body) for index, body in enumerate(listed) if isinstance(body, Map)]
        targets = {
            str(port.get("targetPort", port.get("port")))
            for service in services
            if service.kind == "kubernetes/Service"
            for port in maps(_spec(service).get("ports"))
        }
        for index, body in containers:
            if not targets.isdisjoint(_ports(body)) or len(containers) == 1:
                yield _judged(pod, body, _anchor(body, listed.at[index]), str(index))


def _spec(service: Resource) -> Map:
    spec = service.body.get("spec")
    return spec if isinstance(spec, Map) else Map(service.body.span)


def _ports(container: Map) -> set[str]:
    return {str(port[key]) for port in maps(container.get("ports")) for key in ("name", "containerPort") if key in port}


def _anchor(container: Map, entry: tuple[int, int, int, int, int]) -> Span:
    if "name" in container.at and isinstance(container["name"], str):
        return handle(container["name"], container.at["name"])
    return handle(container, entry)


def _judged(pod: Resource, container: Map, anchor: Span, index: str) -> Verdict:
    probe, name = container.get("readinessProbe"), container.get("name")
    word = name if isinstance(name, str) else index
    if isinstance(probe, Unknown):
        return Verdict(pod, UNKNOWN, f"The readinessProbe of {word} is unknown.", anchor, word, unknowns=(probe,))
    if probe is not None:
        span = handle(probe, container.at["readinessProbe"])
        return Verdict(pod, PASS, f"{word} says when it is ready.", span, word)
    if container.open is not None:
        return Verdict(pod, UNKNOWN, f"What {word} has is not all known.", anchor, word, unknowns=(container.open,))
    message = f"A Service sends requests to {word}, and no readinessProbe says when it is ready."
    return Verdict(pod, FAIL, message, anchor, word)
