"""Links of Compose services: to what else the project has, and to the Dockerfiles their images are built from."""

from __future__ import annotations

from linter.model import Estate, Link, Resource, Unit, Unknown


def resolve(estate: Estate) -> None:
    """Adds `depends_on`, `attaches`, `uses` and `builds`; what leads to nothing known goes to `estate.loose`."""
    known: dict[tuple[Unit, str, str], Resource] = {}
    for resource in estate.of_kind("compose/*"):
        known.setdefault(resource.identity, resource)
    files = {resource.address: resource for resource in estate.of_kind("docker/dockerfile")}
    for service in estate.of_kind("compose/service"):
        unit, environment, _ = service.identity
        for reference in service.references:
            target = reference.target
            if isinstance(target, Unknown):
                estate.loose.setdefault((service.kind, unit, environment), []).append((service, reference))
                continue
            found = files.get(target) if reference.name == "builds" else known.get((unit, environment, target))
            if found is not None:
                estate.link(Link(reference.name, reference.path, service, found, reference.span))
