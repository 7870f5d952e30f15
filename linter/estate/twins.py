"""Which resources are the same component in different environments.

Twins have the same kind, the same place in the layout and the same name, once the environment's own name is taken out
of both (`apps/staging/web` and `apps/production/web`; `shop-staging` and `shop-production`). Folders that group
environments count as the same (`non-prod/eu-west-1/qa` and `prod/eu-west-1/prod`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from linter.addresses import bare, covers, steps
from linter.discovery.environments import same_meaning, without_environments
from linter.model import Environment, Estate, Resource
from linter.records import NamedTuple
from linter.trees import as_map

RANK = {"development": 0, "pre-production": 1, "production": 2}
_TRIED = 200
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
    return f"{resource.unit.kind}:{_without(_without_groups(resource.unit.path, environment), environment)}"


def _without_groups(path: str, environment: str) -> str:
    """The path with the environments that name the folders above the environment's own replaced by `*`."""
    parts = path.split("/")
    own = max((at for at, part in enumerate(parts) if part.lower() == environment.lower()), default=0)
    return "/".join([*map(without_environments, parts[:own]), *parts[own:]])


def _name(resource: Resource) -> str:
    if resource.kind.startswith("kubernetes/"):
        return re.sub(r"^([^/]+)/[^/]+/", r"\1/", resource.address)
    if resource.kind == "monitoring/alert":
        # An alert is the same in whichever group it stands; others of its name are told apart by their order.
        service = as_map(resource.body.get("labels")).get("service")
        ordinal = resource.address.rpartition(resource.name)[2] if resource.name else resource.address
        return f"{resource.name}{ordinal} {service if isinstance(service, str) else ''}"
    return resource.address


def _without(text: str, environment: str) -> str:
    """`text` with the environment's name as a whole word replaced by `*`."""
    words = re.split(r'([/._:"\[\]-])', text)
    return "".join("*" if word.lower() == environment.lower() else word for word in words) if environment else text


def pairs(estate: Estate, kinds: Iterable[str]) -> Iterator[Pair]:
    """Each environment with the next higher tier of the same layout, for resources of the kinds.

    Production is compared with every pre-production beside it, else with development. Resources that may not exist at
    all are left out. Layouts in one environment only yield nothing; environments of which a layout does not say whether
    they are one (prod and production) are not compared. The setting `compared` holds the names of environments that were
    asked for, in lower case: of one, the pairs it is in; of several, those among them.
    """
    layouts: dict[str, dict[Environment, dict[Key, Resource]]] = {}
    only: tuple[str, ...] = estate.settings.get("compared", ())
    for kind in kinds:
        for resource in estate.of_kind(kind):
            if resource.environment is not None and resource.environment.tier in RANK:
                if _is_personal(resource, estate) or (len(only) > 1 and resource.environment.name.lower() not in only):
                    continue
                found = layouts.setdefault(layout_of(resource), {}).setdefault(resource.environment, {})
                found.setdefault(key_of(resource), resource)
    for layout in sorted(layouts):
        doubted = {name for names in ambiguous(estate, (each.name for each in layouts[layout])) for name in names}
        environments = sorted(
            (each for each in layouts[layout] if each.name not in doubted),
            key=lambda each: (RANK[each.tier], each.name),
        )
        for lower in environments:
            above = [RANK[each.tier] for each in environments if RANK[each.tier] > RANK[lower.tier]]
            for higher in environments:
                asked = not only or not {lower.name.lower(), higher.name.lower()}.isdisjoint(only)
                if asked and above and RANK[higher.tier] == min(above):
                    yield Pair(layout, lower, higher, layouts[layout][lower], layouts[layout][higher])


def _is_personal(resource: Resource, estate: Estate) -> bool:
    """Whether a resource is what Compose's override file makes of a project on somebody's own machine, no deployment."""
    environment = resource.environment
    if resource.unit.kind != "compose" or environment is None or environment.name != "local":
        return False
    return not any(each.get("name") == "local" for each in estate.settings.get("environments") or ())


def ambiguous(estate: Estate, names: Iterable[str]) -> list[list[str]]:
    """The names of one layout that by custom mean the same environment (prod, production), so that nobody knows whether
    they are one or two. Names that the configuration declares, each for an environment of its own, are told apart."""
    known = {str(each["name"]).lower() for each in estate.settings.get("environments") or ()}
    groups: dict[str, dict[str, None]] = {}
    for name in sorted(names):
        meaning = same_meaning(name)
        if meaning:
            groups.setdefault(meaning, {})[name] = None
    return [
        list(group)
        for group in groups.values()
        if len({name.lower() for name in group}) > 1 and any(name.lower() not in known for name in group)
    ]


Blocks = dict[Key, list[tuple[str, Resource]]]
"""(kind, layout, name without instance keys) → names and resources."""


def blocks(resources: dict[Key, Resource]) -> Blocks:
    """The instances of each block."""
    found: Blocks = {}
    for (kind, layout, name), resource in resources.items():
        found.setdefault((kind, layout, bare(name)), []).append((name, resource))
    return found


def stand_in(key: Key, others: Blocks) -> Resource | None:
    """What stands for a resource in an environment where the very same one is missing: its block or an instance of it.

    The number of instances is size, and what an instance is called after a zone, region or network is an address: both
    differ between environments by intent. Other keys of for_each name components, and one that is missing is missed. A
    block whose instances are not told apart stands for any of them.
    """
    kind, layout, name = key
    candidates = others.get((kind, layout, bare(name)), [])[:_TRIED]
    return next((resource for other, resource in candidates if _interchangeable(name, other)), None)


def _interchangeable(name: str, other: str) -> bool:
    if covers(name, other) or covers(other, name):
        return True
    return all(
        mine == theirs or not mine or not theirs or (_incidental(mine) and _incidental(theirs))
        for (_, mine), (_, theirs) in zip(steps(name), steps(other), strict=True)
    )


def _incidental(keys: str) -> bool:
    """Whether instance keys say how many or where, not what: an index, a zone, a region, an address or a network."""
    key = keys[1:-1].strip('"')
    zone, network = (
        r"[a-z]{2,12}(-[a-z]{2,12}){1,2}-?\d[a-z]?",
        r"(\d{1,3}(\.\d{1,3}){3}|[\da-f:]*:[\da-f:]*)(/\d{1,3})?",
    )
    return key.isdigit() or bool(re.fullmatch(f"{zone}|{network}", key))
