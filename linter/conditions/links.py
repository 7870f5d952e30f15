"""Looking up linked resources: only through the estate's indexes, never by scanning."""

from __future__ import annotations

from linter.model import Estate, Resource, Unknown, is_kind

ISOLATED = Unknown("isolated", "the rest of the repository", "scan without --isolated")


def candidates(
    estate: Estate, resource: Resource, kinds: tuple[str, ...], relation: str, incoming: bool
) -> tuple[list[Resource], Unknown | None]:
    """Resources of `kinds` linked with `resource`, and an Unknown where one more may be.

    relation: a link's name (`selects`) or the path it was written at (`bucket`). incoming: the others refer to it.
    """
    links = (estate.incoming if incoming else estate.outgoing).get(id(resource), ())
    found: list[Resource] = []
    for link in links:
        if relation in (link.name, link.path):
            other = link.source if incoming else link.target
            if other not in found and any(is_kind(other.kind, kind) for kind in kinds):
                found.append(other)
    return found, _unresolved(estate, resource, kinds, relation, incoming)


def _unresolved(
    estate: Estate, resource: Resource, kinds: tuple[str, ...], relation: str, incoming: bool
) -> Unknown | None:
    environment = resource.environment.name if resource.environment else ""
    own = () if incoming else (resource.kind,)
    for kind in (*kinds, *own, "kubernetes/unresolved", "terraform/unresolved"):
        for other, reference in estate.loose.get((kind, resource.unit, environment), ()):
            if not incoming and other is not resource and not kind.endswith("/unresolved"):
                continue
            if (reference.name == "*" or relation in (reference.name, reference.path)) and isinstance(
                reference.target, Unknown
            ):
                return reference.target
    return ISOLATED if estate.isolated else None
