"""What makes a part of a resource, written in many ways, a resource of its own in one shape: what rules judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linter.model import Entry, Map, Resource, Span


def part(
    owner: Resource, kind: str, path: str, body: Map, anchor: Span, extent: Span, context: Mapping[str, Any]
) -> Resource:
    """A resource that is part of another and shares its callers, environment and doubts."""
    made = Resource(
        kind,
        f"{owner.address}:{path}",
        owner.name,
        owner.unit,
        body,
        anchor,
        extent,
        environment=owner.environment,
        context={"owner": owner.body, **context},
        owner=owner,
    )
    made.callers, made.trace, made.uncertain = owner.callers, owner.trace, owner.uncertain
    return made


def spot(place: Entry) -> Entry:
    """The entry of a plain value at the value's own place."""
    return (place[0], place[3], place[3], place[3], place[4])
