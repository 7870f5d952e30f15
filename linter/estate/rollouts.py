"""How a workload's pods are replaced, by name: the fact `strategy` in the context of the object.

`name` is rolling, recreate, on-delete, blue-green or canary (or an Unknown); `by` says who does it; `detail` how. Read
from the workload itself (Kubernetes and OpenShift API), from what rolls it out (Argo Rollouts, OpenKruise, Flagger),
from weights of routes (Istio, Gateway API, Knative), and from Services beside Deployments that differ in one label.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.estate.rollout_traffic import by_labels, by_weights, told
from linter.model import Estate, Map, Resource, Span, Unknown, handle
from linter.trees import at_path

NAME = "strategy"
_DEFAULT = "25% at a time, the default"


def resolve(estate: Estate) -> None:
    """Add `strategy` to the context of every workload that is replaced in some way; the most deliberate one counts."""
    for kind, reader in _READERS.items():
        for resource in estate.kinds.get(kind, ()):
            fact = reader(resource.body)
            if fact is not None:
                _note(resource, fact)
    for target, fact in (*by_labels(estate), *by_weights(estate), *_by_controllers(estate)):
        _note(target, fact)


def _note(resource: Resource, fact: Map) -> None:
    context: dict[str, Any] = {NAME: fact}
    for key, value in resource.context.items():
        context.setdefault(key, value)
    resource.context = context


def _span(holder: Any, key: str, body: Map) -> Span:
    if isinstance(holder, Map) and key in holder.at:
        return handle(holder[key], holder.at[key])
    entry = body.at.get("kind")
    return (entry[0], entry[3], entry[4]) if entry else body.span


def _deployment(body: Map) -> Map | None:
    """Deployment and DeploymentConfig: RollingUpdate by default (Kubernetes API, DeploymentStrategy)."""
    spec = body.get("spec")
    strategy = at_path(spec, ("strategy",))
    kind = strategy.get("type") if isinstance(strategy, Map) else strategy
    span = _span(strategy, "type", body) if isinstance(strategy, Map) else _span(spec, "strategy", body)
    who = str(body["kind"])
    if isinstance(kind, Unknown) or (kind is None and isinstance(strategy, Map) and strategy.open is not None):
        return told(kind if kind is not None else strategy.open, who, "", span)
    if kind in ("Recreate", "Custom"):
        return told("recreate" if kind == "Recreate" else "custom", who, "all pods at once", span)
    bounds = at_path(strategy, ("rollingUpdate",)) or at_path(strategy, ("rollingParams",))
    return told("rolling", who, _bounds(bounds) or _DEFAULT, span)


def _bounds(bounds: Any) -> str:
    words = {"maxUnavailable": "unavailable", "maxSurge": "more"}
    found = [(words[key], bounds[key]) for key in words if isinstance(bounds, Map) and bounds.get(key) is not None]
    return ", ".join(f"at most {value} {word}" for word, value in found if isinstance(value, (int, str)))


def _set(body: Map) -> Map | None:
    """StatefulSet and DaemonSet; a partition holds new pods back to those of the highest ordinals, a canary."""
    spec = body.get("spec")
    strategy = at_path(spec, ("updateStrategy",))
    kind, who = at_path(strategy, ("type",)), str(body["kind"])
    span = _span(strategy, "type", body)
    if isinstance(kind, Unknown):
        return told(kind, who, "", span)
    if kind == "OnDelete":
        return told("on-delete", who, "pods are replaced when somebody deletes them", span)
    rolling = at_path(strategy, ("rollingUpdate",))
    partition = at_path(rolling, ("partition",))
    if isinstance(partition, int) and partition > 0:
        return told("canary", who, f"pods from number {partition} on", _span(rolling, "partition", body))
    return told("rolling", who, _bounds(rolling) or "one pod at a time, the default", span)


def _rollout(body: Map) -> Map | None:
    """Rollouts of Argo (argoproj.io) and OpenKruise (rollouts.kruise.io)."""
    strategy = at_path(body, ("spec", "strategy"))
    who = "OpenKruise" if "kruise" in str(body.get("apiVersion")) else "Argo Rollouts"
    for key, name in (("blueGreen", "blue-green"), ("canary", "canary")):
        if isinstance(strategy, Map) and key in strategy:
            steps = at_path(strategy, (key, "steps"))
            weights = [at_path(step, ("setWeight",)) for step in steps] if isinstance(steps, list) else []
            shown = ", ".join(f"{weight}%" for weight in weights if isinstance(weight, int))
            return told(name, who, shown or _services(strategy[key]), _span(strategy, key, body))
    return None


def _services(way: Any) -> str:
    active = at_path(way, ("activeService",))
    return f"Service {active} is switched" if isinstance(active, str) else ""


def _knative(body: Map) -> Map | None:
    """Knative Service and Route: shares of the traffic for revisions."""
    spec = body.get("spec")
    traffic = at_path(spec, ("traffic",))
    if "serving.knative.dev" not in str(body.get("apiVersion")):
        return None
    shares = [at_path(item, ("percent",)) for item in traffic] if isinstance(traffic, list) else []
    parts = [share for share in shares if isinstance(share, int) and share > 0]
    span = _span(spec, "traffic", body)
    if len(parts) > 1:
        return told("canary", "Knative", ", ".join(f"{share}%" for share in parts), span)
    if len(shares) > 1:
        return told("blue-green", "Knative", "all traffic to one of several revisions", span)
    return told("rolling", "Knative", "to the latest ready revision", span)


def _flagger(body: Map) -> Map | None:
    """https://docs.flagger.app/usage/deployment-strategies: iterations without weights are blue-green or A/B."""
    analysis = at_path(body, ("spec", "analysis")) or at_path(body, ("spec", "canaryAnalysis"))
    if not isinstance(analysis, Map):
        return None
    span = _span(analysis, next(iter(analysis), ""), body)
    weight = at_path(analysis, ("stepWeight",))
    if "iterations" in analysis and weight is None and "stepWeights" not in analysis:
        if "match" in analysis:
            return told("canary", "Flagger", "for requests that match (A/B)", _span(analysis, "match", body))
        return told("blue-green", "Flagger", "switched after its checks", _span(analysis, "iterations", body))
    detail = f"{weight}% more at a time" if isinstance(weight, int) else "step by step"
    return told("canary", "Flagger", detail, span)


def _by_controllers(estate: Estate) -> Iterator[tuple[Resource, Map]]:
    """Workloads that a Rollout or a Canary stands above."""
    for kind in ("kubernetes/Rollout", "kubernetes/Canary"):
        for resource in estate.kinds.get(kind, ()):
            fact = resource.context.get(NAME)
            if not isinstance(fact, Map):
                continue
            for link in estate.outgoing.get(id(resource), ()):
                if link.name == "targets" and link.path in ("spec.workloadRef", "spec.targetRef"):
                    yield link.target, fact


_READERS = {
    "kubernetes/Deployment": _deployment,
    "kubernetes/DeploymentConfig": _deployment,
    "kubernetes/StatefulSet": _set,
    "kubernetes/DaemonSet": _set,
    "kubernetes/Rollout": _rollout,
    "kubernetes/Canary": _flagger,
    "kubernetes/Service": _knative,
}
