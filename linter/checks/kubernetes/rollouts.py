"""Checks of how pods are replaced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from linter.checks import Verdict
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Resource, Unknown, handle
from linter.trees import at_path

_NOT_ROLLED = ("recreate", "custom")


def capacity_kept(estate: Estate, *, kinds: Sequence[str]) -> Iterator[Verdict]:
    """A rollout leaves pods that answer; the message names the strategy. Those that stop all pods are not judged here.

    Encodes maxUnavailable of rolling updates (Kubernetes API, RollingUpdateDeployment).
    """
    for kind in kinds:
        for resource in estate.of_kind(kind):
            fact = resource.context.get("strategy")
            if isinstance(fact, Map) and not (isinstance(fact["name"], str) and fact["name"] in _NOT_ROLLED):
                yield _judged(resource, fact)


def _judged(resource: Resource, fact: Map) -> Verdict:
    name, by, detail = fact["name"], fact["by"], fact["detail"]
    if isinstance(name, Unknown):
        message = f"{name.subject} is unknown, and with it how the pods of {resource.name} are replaced."
        return Verdict(resource, UNKNOWN, message, fact.span, "", (), (name,))
    told = f"{resource.name}: {name} rollout by {by}" + (f" ({detail})" if detail else "")
    bounds = _bounds(resource) if name == "rolling" else None
    if bounds is None or bounds.get("maxUnavailable") is None:
        return Verdict(resource, PASS, f"{told}.", fact.span)
    limit, replicas = bounds["maxUnavailable"], at_path(resource.body, ("spec", "replicas"))
    span = handle(limit, bounds.at["maxUnavailable"])
    if isinstance(limit, Unknown):
        message = f"{limit.subject} is unknown, and with it how many pods of {resource.name} a rollout stops."
        return Verdict(resource, UNKNOWN, message, span, "", (), (limit,))
    whole = isinstance(limit, int) and isinstance(replicas, int) and limit >= replicas > 0
    if limit == "100%" or whole:
        return Verdict(resource, FAIL, f"{told}; a rollout may stop every pod at once.", span)
    return Verdict(resource, PASS, f"{told}.", fact.span)


def _bounds(resource: Resource) -> Map | None:
    for key in ("strategy", "updateStrategy"):
        for way in ("rollingUpdate", "rollingParams"):
            found = at_path(resource.body, ("spec", key, way))
            if isinstance(found, Map):
                return found
    return None
