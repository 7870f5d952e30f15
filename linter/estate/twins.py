"""Which resources are the same component in different environments.

Twins have the same kind, the same place in the layout and the same name, once the environment's own name is taken out
of both (`apps/staging/web` and `apps/production/web`; `shop-staging` and `shop-production`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from linter.model import Environment, Estate, Resource
from linter.records import NamedTuple

RANK = {"development": 0, "pre-production": 1, "production": 2}
Key = tuple[str, str, str]
"""(kind, layout, name), the environment's name taken out of the last two."""


class Pair(NamedTuple):
    """Two environments of one layout that are compared, the lower tier first, with their resources by key."""

    layout: str
    lower: Environment
    higher: Environment
    below: dict[Key, Resource]
    above: dict[Key, Resource]


def key_of(resource: Resource) -> Key:
    """What a resource has in common with its twins. Raises ValueError where it has no environment."""
    if resource.environment is None:
        raise ValueError(f"{resource.address} belongs to no environment")
    return resource.kind, layout_of(resource), _without(_name(resource), resource.environment.name)


def layout_of(resource: Resource) -> str:
    """The unit's path without its environment."""
    environment = resource.environment.name if resource.environment else ""
    return f"{resource.unit.kind}:{_without(resource.unit.path, environment)}"


def _name(resource: Resource) -> str:
    if resource.kind.startswith("kubernetes/"):
        return re.sub(r"^([^/]+)/[^/]+/", r"\1/", resource.address)
    return resource.address


def _without(text: str, environment: str) -> str:
    """`text` with the environment's name as a whole word replaced by `*`."""
    words = re.split(r"([/._:-])", text)
    return "".join("*" if word.lower() == environment.lower() else word for word in words) if environment else text


def pairs(estate: Estate, kinds: Iterable[str]) -> Iterator[Pair]:
    """Each environment with the next higher tier of the same layout, for resources of the kinds.

    Production is compared with every pre-production beside it, else with development. Resources that may not exist at
    all are left out. Layouts in one environment only yield nothing.
    """
    layouts: dict[str, dict[Environment, dict[Key, Resource]]] = {}
    for kind in kinds:
        for resource in estate.of_kind(kind):
            if resource.environment is not None and resource.environment.tier in RANK:
                found = layouts.setdefault(layout_of(resource), {}).setdefault(resource.environment, {})
                found.setdefault(key_of(resource), resource)
    for layout in sorted(layouts):
        environments = sorted(layouts[layout], key=lambda each: (RANK[each.tier], each.name))
        for lower in environments:
            above = [RANK[each.tier] for each in environments if RANK[each.tier] > RANK[lower.tier]]
            for higher in environments:
                if above and RANK[higher.tier] == min(above):
                    yield Pair(layout, lower, higher, layouts[layout][lower], layouts[layout][higher])
