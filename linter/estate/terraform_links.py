"""Links between Terraform resources: by reference, and by the literal name of what an attribute says it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from linter.addresses import bare, covers
from linter.model import Estate, Link, Reference, Resource, Unit, Unknown

_SUFFIXES = ("_name", "_id", "_arn", "_identifier")
_NAMES = ("name", "id", "identifier")
_NAMESAKES = 100
"""How many resources of one name are linked; more is no configuration that could be applied."""

_INSTANCES = 500
"""How many instances one reference to a block is linked with; of more, none is known to be meant."""

Identity = tuple[Unit, str, str]
"""(unit, environment, address); the address may be a block's, without instance keys."""

Named = dict[tuple[Unit, str, str, str], dict[int, Resource]]
"""(unit, environment, last word of the type, name) → resources by id."""


def resolve(estate: Estate) -> None:
    """Adds every resolvable link between Terraform resources of one unit and environment to the estate.

    A reference to an address gives Link("references", path, …); one to a block gives a link to each of its instances.
    So does an attribute with a literal name where the stem of the attribute (`bucket`, `role_name`, `cluster_id`) ends
    the type of a resource of that name. A reference whose target cannot be known goes to `estate.loose` under the kind
    that carries it.
    """
    addresses: dict[Identity, Resource] = {}
    blocks: dict[Identity, list[Resource]] = {}
    resources = [resource for resource in estate.resources if resource.unit.kind == "terraform"]
    for resource in resources:
        addresses.setdefault(resource.identity, resource)
        if "[" in resource.address:
            unit, environment, address = resource.identity
            blocks.setdefault((unit, environment, bare(address)), []).append(resource)
    named: Named = {}
    for resource in resources:
        _index(resource, named)
    shared = _by_unknown(resources)
    for resource in resources:
        unit, environment, _ = resource.identity
        referring = _references(estate, resource, addresses, blocks, shared, unit, environment)
        _by_name(estate, resource, referring, named, unit, environment)


def _references(
    estate: Estate,
    resource: Resource,
    addresses: dict[Identity, Resource],
    blocks: dict[Identity, list[Resource]],
    shared: dict[int, list[Resource]],
    unit: Unit,
    environment: str,
) -> set[str]:
    """The paths that refer to something."""
    paths: set[str] = set()
    for reference in resource.references:
        target = reference.target
        paths.add(reference.path)
        if isinstance(target, Unknown):
            if not _same_unknown(estate, resource, reference, shared, unit, environment):
                estate.loose.setdefault((resource.kind, unit, environment), []).append((resource, reference))
            continue
        found = addresses.get((unit, environment, target))
        if found is not None:
            if found is not resource:
                estate.link(Link(reference.name, reference.path, resource, found))
        elif blocks or "[" in target:
            block = unit, environment, bare(target)
            whole = [addresses[block]] if block in addresses else []
            _instances(estate, resource, reference, target, [*whole, *blocks.get(block, ())])
    return paths


def _instances(
    estate: Estate, resource: Resource, reference: Reference, target: str, candidates: Sequence[Resource]
) -> None:
    """Links with every instance of the block that a reference names, or with the block that stands for the instance."""
    if len(candidates) > _INSTANCES:
        unknown = Unknown("budget", f"which instances of {target} are meant")
        unit, environment, _ = resource.identity
        estate.loose.setdefault((resource.kind, unit, environment), []).append(
            (resource, reference._replace(target=unknown))
        )
        return
    for found in candidates:
        if found is not resource and (covers(target, found.address) or covers(found.address, target)):
            estate.link(Link(reference.name, reference.path, resource, found))


def _by_unknown(resources: Iterable[Resource]) -> dict[int, list[Resource]]:
    """Resources by the unknown value that names them: two arguments that are the same `var.x` name the same thing."""
    found: dict[int, list[Resource]] = {}
    for resource in resources:
        if _managed(resource.kind):
            for key in (*_NAMES, resource.kind.rpartition("_")[2]):
                value = resource.body.get(key)
                if isinstance(value, Unknown):
                    found.setdefault(id(value), []).append(resource)
    return found


def _same_unknown(
    estate: Estate,
    resource: Resource,
    reference: Reference,
    shared: dict[int, list[Resource]],
    unit: Unit,
    environment: str,
) -> bool:
    value = resource.body.get(reference.path)
    named = [
        target
        for target in shared.get(id(value), ())
        if target.kind != resource.kind
        and target.kind.endswith("_" + _stem(reference.path))
        and (target.unit, target.environment.name if target.environment else "") == (unit, environment)
    ]
    for target in named:
        estate.link(Link(reference.name, reference.path, resource, target))
    return bool(named)


def _stem(attribute: str) -> str:
    for suffix in _SUFFIXES:
        if attribute.endswith(suffix):
            return attribute[: -len(suffix)]
    return attribute


def _index(resource: Resource, named: Named) -> None:
    """Notes a managed resource under each literal that names it: `name`, or `bucket` of a type that ends in bucket."""
    if not _managed(resource.kind):
        return
    unit, environment, _ = resource.identity
    word = resource.kind.rpartition("_")[2]
    for key in (*_NAMES, word, word + "_name", word + "_id", word + "_identifier"):
        value = resource.body.get(key)
        if isinstance(value, str) and value:
            namesakes = named.setdefault((unit, environment, word, value), {})
            if len(namesakes) < _NAMESAKES:
                namesakes[id(resource)] = resource


def _managed(kind: str) -> bool:
    return kind.startswith("terraform/") and "_" in kind and not kind.startswith("terraform/data.")


def _by_name(
    estate: Estate, resource: Resource, referring: set[str], named: Named, unit: Unit, environment: str
) -> None:
    if not _managed(resource.kind):
        return
    for attribute, value in resource.body.items():
        if isinstance(value, str) and attribute not in referring and attribute not in _NAMES:
            stem = _stem(attribute).rpartition("_")[2]
            for target in named.get((unit, environment, stem, value), {}).values():
                if target.kind != resource.kind:
                    estate.link(Link("references", attribute, resource, target))
