"""Label selectors of Kubernetes objects and what they match.

Encodes https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ (equality and set based requirements)
and which object selects what: Services, NetworkPolicies, PodDisruptionBudgets, and the Prometheus Operator's monitors.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model import Map, Resource, Seq, Span, Unknown
from linter.records import NamedTuple
from linter.trees import says

POD, SERVICE = "kubernetes/pod", "kubernetes/Service"
_SELECTING = {
    "kubernetes/NetworkPolicy": (POD, "spec.podSelector", "podSelector"),
    "kubernetes/CiliumNetworkPolicy": (POD, "spec.endpointSelector", "endpointSelector"),
    "kubernetes/PodDisruptionBudget": (POD, "spec.selector", "selector"),
    "kubernetes/ServiceMonitor": (SERVICE, "spec.selector", "selector"),
    "kubernetes/PodMonitor": (POD, "spec.selector", "selector"),
}
_PREFIXES = ("k8s:", "any:")
"""What Cilium may write before a label's key (https://docs.cilium.io, Endpoint Selector)."""


class Requirement(NamedTuple):
    """One of matchExpressions: `key` In / NotIn values, Exists or DoesNotExist."""

    key: str
    operator: str
    values: tuple[str, ...]


class Selector(NamedTuple):
    """kind: what is selected. equal: labels that must be there. unknown: why it cannot be evaluated.

    namespaces: None for the object's own, "any", or a list of names.
    """

    kind: str
    path: str
    span: Span | None
    equal: dict[str, str]
    expressions: tuple[Requirement, ...]
    namespaces: Any
    unknown: Unknown | None


def selectors_of(resource: Resource) -> Iterator[Selector]:
    """What an object selects; an empty selector of a Service selects nothing, any other one everything.

    A NetworkPolicy's podSelector may be left out since Kubernetes 1.32, which is an empty one; the PodDisruptionBudgets
    of policy/v1beta1 select nothing with an empty one (Kubernetes, Deprecated API Migration Guide).
    """
    spec = resource.body.get("spec")
    if not isinstance(spec, Map):
        return
    if resource.kind == "kubernetes/Service":
        yield from _of_service(spec)
        return
    if resource.kind not in _SELECTING:
        return
    kind, path, key = _SELECTING[resource.kind]
    written = spec.get(key)
    if written is None and resource.kind == "kubernetes/NetworkPolicy":
        written = Map(spec.span) if spec.open is None else spec.open
    if isinstance(written, Map) and not written and says(resource.body.get("apiVersion"), "policy/v1beta1"):
        return
    namespaces = _namespaces(spec.get("namespaceSelector"))
    span = _span(spec, key)
    if isinstance(written, Unknown):
        yield Selector(kind, path, span, {}, (), namespaces, written)
    elif isinstance(written, Map):
        equal, unknown = _equal(written.get("matchLabels"))
        expressions, doubt = _expressions(written.get("matchExpressions"))
        yield Selector(kind, path, span, equal, expressions, namespaces, _first(unknown, doubt, written.open))


def _of_service(spec: Map) -> Iterator[Selector]:
    written = spec.get("selector")
    external = spec.get("type")
    if isinstance(external, str) and external == "ExternalName":
        return
    span = _span(spec, "selector")
    if isinstance(written, Unknown):
        yield Selector(POD, "spec.selector", span, {}, (), None, written)
    elif isinstance(written, Map) and (written or written.open is not None):
        equal, unknown = _equal(written)
        yield Selector(POD, "spec.selector", span, equal, (), None, _first(unknown, written.open))


def _first(*reasons: Unknown | None) -> Unknown | None:
    return next((reason for reason in reasons if reason is not None), None)


def _span(holder: Map, key: str) -> Span | None:
    entry = holder.at.get(key)
    return (entry[0], entry[1], entry[2]) if entry else None


def _namespaces(selector: Any) -> Any:
    """Namespaces a monitor looks in (monitoring.coreos.com, NamespaceSelector)."""
    if not isinstance(selector, Map):
        return None
    everywhere = selector.get("any")
    if isinstance(everywhere, bool) and everywhere:
        return "any"
    names = selector.get("matchNames")
    return [str(name) for name in names if isinstance(name, str)] if isinstance(names, Seq) else None


def _equal(labels: Any) -> tuple[dict[str, str], Unknown | None]:
    if isinstance(labels, Unknown):
        return {}, labels
    equal: dict[str, str] = {}
    if isinstance(labels, Map):
        for key, value in labels.items():
            if isinstance(value, Unknown):
                return {}, value
            text = str(key)
            equal[text[4:] if text.startswith(_PREFIXES) else text] = str(value)
        return equal, labels.open
    return equal, None


def _expressions(written: Any) -> tuple[tuple[Requirement, ...], Unknown | None]:
    if isinstance(written, Unknown):
        return (), written
    found: list[Requirement] = []
    for item in written if isinstance(written, Seq) else ():
        if isinstance(item, Unknown):
            return (), item
        if not isinstance(item, Map):
            continue
        key, operator, values = item.get("key"), item.get("operator"), item.get("values")
        values = values if isinstance(values, Seq) else Seq(item.span) if values is None else values
        for part in (key, operator, values, *(values if isinstance(values, Seq) else ())):
            if isinstance(part, Unknown):
                return (), part
        listed = tuple(str(value) for value in values) if isinstance(values, Seq) else ()
        text = str(key)
        found.append(Requirement(text[4:] if text.startswith(_PREFIXES) else text, str(operator), listed))
    return tuple(found), None


def matches(selector: Selector, labels: Map | Unknown | None) -> bool | Unknown:
    """Whether labels satisfy a selector; an Unknown where that depends on a label that is not known."""
    if isinstance(labels, Unknown):
        return labels if selector.equal or selector.expressions else True
    doubt: Unknown | None = None
    terms = [Requirement(key, "In", (value,)) for key, value in selector.equal.items()]
    for term in (*terms, *selector.expressions):
        answer = _satisfied(term, labels)
        if answer is False:
            return False
        if isinstance(answer, Unknown):
            doubt = answer
    return True if doubt is None else doubt


def _satisfied(term: Requirement, labels: Map | None) -> bool | Unknown:
    there = labels is not None and term.key in labels
    value = labels[term.key] if labels is not None and there else None
    if not there and labels is not None and labels.open is not None:
        return labels.open
    if term.operator == "Exists":
        return there
    if term.operator == "DoesNotExist":
        return not there
    if isinstance(value, Unknown):
        return value
    inside = there and str(value) in term.values
    return inside if term.operator == "In" else not inside
