"""Checks that hold what protects or fronts a workload against the workload: disruption budgets, ports of an Ingress."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from linter.checks import Verdict
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Resource, Seq, Span, Unknown, handle

SCALED = ("kubernetes/Deployment", "kubernetes/StatefulSet", "kubernetes/ReplicaSet", "kubernetes/DeploymentConfig")
_SCALERS = {
    # Autoscaler → its least number of replicas, the API's default of that.
    "kubernetes/HorizontalPodAutoscaler": ("minReplicas", 1),
    "kubernetes/ScaledObject": ("minReplicaCount", 0),
}


def budget_below_replicas(
    estate: Estate, *, above: str, kind: str = "kubernetes/PodDisruptionBudget"
) -> Iterator[Verdict]:
    """minAvailable of a budget leaves a pod to evict where the workload it selects has its least number of replicas.

    above: `autoscaler` judges workloads whose autoscaler may go below minAvailable, `replicas` the others, where
    minAvailable is all there are. Percentages are rounded up, as the disruption controller does.
    """
    for budget in estate.of_kind(kind):
        spec = budget.body.get("spec")
        wanted = spec.get("minAvailable") if isinstance(spec, Map) else None
        if not isinstance(spec, Map) or wanted is None:
            continue
        span = handle(wanted, spec.at["minAvailable"])
        for link in estate.outgoing.get(id(budget), ()):
            owner = link.target.owner
            if link.name == "selects" and owner is not None and owner.kind in SCALED:
                yield from _judged(estate, budget, owner, wanted, span, above)


def _judged(
    estate: Estate, budget: Resource, owner: Resource, wanted: Any, span: Span, above: str
) -> Iterator[Verdict]:
    least, scaled = _least(estate, owner)
    for value in (wanted, least):
        if isinstance(value, Unknown):
            message = f"{value.subject} is unknown, so whether {budget.name} allows an eviction cannot be decided."
            yield Verdict(budget, UNKNOWN, message, span, owner.address, (), (value,))
            return
    kept = _pods(wanted, least)
    if kept is None or (above == "autoscaler" and not scaled):
        return
    shown = f"{budget.name} keeps {kept} pods of {owner.address}, which has {least} at the least"
    if above == "autoscaler":
        outcome = FAIL if kept > least else PASS
    elif scaled and kept > least:
        return
    else:
        # Without replicas there is nothing to evict.
        outcome = FAIL if kept >= least > 0 else PASS
    yield Verdict(budget, outcome, f"{shown}.", span, owner.address)


def _least(estate: Estate, owner: Resource) -> tuple[Any, bool]:
    """The least number of replicas of a workload, and whether an autoscaler sets it."""
    for link in estate.incoming.get(id(owner), ()):
        if link.name == "targets" and link.source.kind in _SCALERS:
            key, default = _SCALERS[link.source.kind]
            spec = link.source.body.get("spec")
            return _count(spec, key, default), True
    return _count(owner.body.get("spec"), "replicas", 1), False


def _count(spec: Any, key: str, default: int) -> Any:
    value = spec.get(key) if isinstance(spec, Map) else None
    return value if isinstance(value, (int, Unknown)) and not isinstance(value, bool) else default


def _pods(wanted: Any, replicas: int) -> int | None:
    """minAvailable as a number of pods."""
    if isinstance(wanted, int) and not isinstance(wanted, bool):
        return wanted
    if isinstance(wanted, str) and re.fullmatch(r"\d{1,4}%", wanted):
        return -(-int(wanted[:-1]) * replicas // 100)
    return int(wanted) if isinstance(wanted, str) and re.fullmatch(r"\d{1,6}", wanted) else None


def ingress_ports_exist(estate: Estate, *, kind: str = "kubernetes/Ingress") -> Iterator[Verdict]:
    """The port of an Ingress backend is a port, or the name of one, of the Service it leads to (IngressBackend)."""
    for ingress in estate.of_kind(kind):
        services = {
            link.target.name: link.target
            for link in estate.outgoing.get(id(ingress), ())
            if link.name == "routes" and link.target.kind == "kubernetes/Service"
        }
        for name, holder, key in _backends(ingress.body) if services else ():
            service, port = services.get(name), holder[key]
            if service is None:
                continue
            span = handle(port, holder.at[key])
            known = _service_ports(service)
            unknown = next((value for value in (port, *known) if isinstance(value, Unknown)), None)
            if unknown is not None:
                message = f"{unknown.subject} is unknown, so whether the port exists cannot be decided."
                yield Verdict(ingress, UNKNOWN, message, span, f"{name}:{key}", (), (unknown,))
                continue
            state = "has" if port in known else "does not have"
            outcome = PASS if port in known else FAIL
            message = f"{ingress.name} leads to port {port}, which Service {name} {state}."
            yield Verdict(ingress, outcome, message, span, f"{name}:{port}")


def _service_ports(service: Resource) -> list[Any]:
    spec = service.body.get("spec")
    return [port.get(key) for port in _maps(spec, "ports") for key in ("port", "name") if port.get(key) is not None]


def _backends(body: Map) -> Iterator[tuple[Any, Map, str]]:
    """Service, the mapping that says the port, and its key: of networking.k8s.io/v1 and of the versions before it."""
    spec = body.get("spec")
    found = [spec.get(key) for key in ("defaultBackend", "backend")] if isinstance(spec, Map) else []
    for rule in _maps(spec, "rules"):
        found += [path.get("backend") for path in _maps(rule.get("http"), "paths")]
    for backend in found:
        service = backend.get("service") if isinstance(backend, Map) else None
        port = service.get("port") if isinstance(service, Map) else None
        if isinstance(service, Map) and isinstance(port, Map):
            yield from ((service.get("name"), port, key) for key in ("number", "name") if key in port)
        elif isinstance(backend, Map) and "servicePort" in backend:
            yield backend.get("serviceName"), backend, "servicePort"


def _maps(holder: Any, key: str) -> list[Map]:
    value = holder.get(key) if isinstance(holder, Map) else None
    return [item for item in value if isinstance(item, Map)] if isinstance(value, Seq) else []
