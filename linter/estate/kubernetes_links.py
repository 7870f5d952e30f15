"""Links between Kubernetes objects: selectors, references by name, what a namespace contains.

Encodes the Kubernetes API reference (label selectors, object references) and the Prometheus Operator's monitors. Every
relation goes through an index by unit, environment and namespace, so that the cost grows with the links found.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.estate.kubernetes_index import Index, Scope, environment_name, scope_of
from linter.estate.kubernetes_references import pod_references, references_of
from linter.estate.kubernetes_routes import routes_of
from linter.estate.kubernetes_selectors import Selector, selectors_of
from linter.model import Estate, Link, Map, Reference, Resource, Span, Unknown

_RELATIONS = ("selects", "references", "targets", "routes", "contains")


def resolve(estate: Estate) -> None:
    """Add links between the Kubernetes resources of each unit and environment; what does not resolve becomes loose."""
    index = Index(estate)
    _note_unresolved(estate)
    for kind, resources in list(estate.kinds.items()):
        if not kind.startswith("kubernetes/") or kind in ("kubernetes/container", "kubernetes/unresolved"):
            continue
        for resource in resources:
            if kind == "kubernetes/pod":
                _refer(estate, index, resource, pod_references(resource))
                continue
            _contain(estate, index, resource)
            _select(estate, index, resource)
            _refer(estate, index, resource, references_of(resource))
            _refer(estate, index, resource, routes_of(resource))


def _note_unresolved(estate: Estate) -> None:
    """What a unit is made of and was not read may stand in any relation."""
    for resource in estate.kinds.get("kubernetes/unresolved", ()):
        why = Unknown("remote-source", resource.name) if resource.uncertain is None else resource.uncertain
        key = ("kubernetes/unresolved", resource.unit, environment_name(resource))
        for relation in _RELATIONS:
            reference = Reference(relation, "source", why, resource.anchor)
            estate.loose.setdefault(key, []).append((resource, reference))


def _contain(estate: Estate, index: Index, resource: Resource) -> None:
    scope = scope_of(resource, index.cluster)
    if not isinstance(scope.namespace, str):
        return
    for namespace in index.named(scope._replace(namespace=None), "Namespace", scope.namespace):
        estate.link(Link("contains", "metadata.namespace", namespace, resource, _entry_span(resource, "namespace")))


def _entry_span(resource: Resource, key: str) -> Span | None:
    metadata = resource.body.get("metadata")
    entry = metadata.at.get(key) if isinstance(metadata, Map) else None
    return (entry[0], entry[3], entry[4]) if entry else None


def _select(estate: Estate, index: Index, resource: Resource) -> None:
    for selector in selectors_of(resource):
        for scope in _scopes(index, resource, selector):
            matched, unsure = index.selected(scope, selector)
            if not matched and unsure is None and selector.kind == "kubernetes/pod":
                unsure = index.beyond(scope, selector)
            for target in matched:
                estate.link(Link("selects", selector.path, resource, target, selector.span))
            if unsure is not None:
                _loose(estate, selector.kind, resource, Reference("selects", selector.path, unsure, selector.span))


def _scopes(index: Index, resource: Resource, selector: Selector) -> Iterator[Scope]:
    scope = scope_of(resource, index.cluster)
    if selector.namespaces is None:
        yield scope
    elif selector.namespaces == "any":
        yield from index.namespaces(scope)
    else:
        for namespace in selector.namespaces:
            yield scope._replace(namespace=namespace)


def _refer(estate: Estate, index: Index, resource: Resource, wanted: Iterator[Any]) -> None:
    scope = scope_of(resource.owner or resource, index.cluster)
    for reference in wanted:
        name, relation = reference.name, reference.relation
        place = scope if reference.namespace is None else scope._replace(namespace=reference.namespace)
        if reference.kind in index.cluster:
            place = place._replace(namespace=None)
        kind = f"kubernetes/{reference.kind}"
        why = name if isinstance(name, Unknown) else place.namespace
        if isinstance(why, Unknown):
            _loose(estate, kind, resource, Reference(relation, reference.path, why, reference.span))
            continue
        found = index.named(place, reference.kind, str(name))
        for target in found:
            estate.link(Link(relation, reference.path, resource, target, reference.span))
        if not found and not reference.optional:
            missing = index.unresolved(place)
            address = "/".join(str(part) for part in (reference.kind, place.namespace, name) if part is not None)
            target_or_why = address if missing is None else missing
            _loose(estate, kind, resource, Reference(relation, reference.path, target_or_why, reference.span))


def _loose(estate: Estate, kind: str, resource: Resource, reference: Reference) -> None:
    key = (kind, resource.unit, environment_name(resource))
    estate.loose.setdefault(key, []).append((resource, reference))
    resource.references.append(reference)
