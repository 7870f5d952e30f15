"""Argo CD and Flux: links `deploys` from their objects to what they deploy from this repository, and the environment of it.

A repository counts as this one where most of the paths that are said of it are here; what another holds is named and
unknown. What is deployed by objects of one environment only, and shows none by its place, belongs to that environment.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from linter.discovery.environments import environment_named, without_environments
from linter.estate import gitops_argo, gitops_flux
from linter.estate.gitops_delivery import DEPLOYS, READS, Delivery, remote, span_of, text_at
from linter.estate.gitops_generators import Folders
from linter.model import Environment, Estate, Link, Map, Reference, Resource, Unit, Unknown
from linter.parsers.kubernetes.objects import KUSTOMIZATIONS

KINDS = ("Application", "ApplicationSet", "Kustomization", "HelmRelease", "HelmChart", "ImageUpdateAutomation")
OTHERS = ("AppProject", "ArtifactGenerator", "ImagePolicy", *gitops_flux.SOURCES)
LINK_LIMIT = 200_000
ROUNDS = 10
_HERE = "delivery/path"

Owned = list[tuple[Resource, Delivery]]


def resolve(estate: Estate) -> None:
    """Link, and give environments. Must run before links within units are made, which keep to an environment."""
    if not any(f"kubernetes/{kind}" in estate.kinds for kind in KINDS):
        return
    folders, sources = Folders(estate.paths), gitops_flux.Sources(estate)
    owned: Owned = []
    for kind in KINDS:
        for resource in estate.kinds.get(f"kubernetes/{kind}", ()):
            owned += [(resource, each) for each in gitops_argo.deliveries(resource, folders) if "Application" in kind]
            owned += [(resource, each) for each in gitops_flux.deliveries(resource, sources)]
    _refer(estate, sources)
    here = _here(owned, estate)
    index = _Index(estate)
    deployed: list[tuple[Resource, Delivery, list[Resource]]] = []
    for resource, delivery in owned:
        state = _state(delivery, here, estate)
        resource.references.append(Reference(delivery.relation, delivery.field, state, delivery.span))
        if isinstance(state, Unknown):
            key = (_HERE, resource.unit, resource.environment.name if resource.environment else "")
            estate.loose.setdefault(key, []).append((resource, resource.references[-1]))
        elif delivery.relation == DEPLOYS and state and isinstance(delivery.path, str):
            deployed.append((resource, delivery, index.below(delivery.path, delivery.deep)))
    _give_environments(estate, deployed)
    _link(estate, deployed)


def _here(owned: Owned, estate: Estate) -> frozenset[str]:
    """Keys of the repositories that are this one: of the places said of them, at least half are here."""
    places: dict[str, dict[str, bool]] = {}
    for _, each in owned:
        if isinstance(each.repository, str) and isinstance(each.path, str) and each.path:
            places.setdefault(each.repository, {})[each.path] = _exists(each, estate)
    return frozenset(key for key, found in places.items() if 2 * sum(found.values()) >= len(found))


def _exists(delivery: Delivery, estate: Estate) -> bool:
    path = delivery.path
    if not isinstance(path, str):
        return False
    return path in estate.paths if delivery.relation == READS else path == "" or path + "/" in estate.paths


def _state(delivery: Delivery, here: frozenset[str], estate: Estate) -> str | Unknown:
    """What a delivery leads to: a path, '' (of a missing one) or why nobody knows."""
    repository, path = delivery.repository, delivery.path
    if isinstance(path, Unknown) or isinstance(repository, Unknown):
        return path if isinstance(path, Unknown) else repository
    if repository not in here:
        return remote(f"{path or 'the root'} of {repository}")
    if _exists(delivery, estate):
        return path or "."
    return Unknown("isolated", path, "scan without --isolated") if estate.isolated else ""


class _Index:
    """Objects by the folder they are built or written in."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._units: dict[str, list[Resource]] = {}
        self._files: dict[str, list[Resource]] = {}
        for resource in estate.resources:
            if resource.owner is not None or not resource.kind.startswith(("kubernetes/", "helm/")):
                continue
            if resource.unit.kind == "manifests":
                folder = estate.sources[resource.extent[0]].path.rpartition("/")[0]
                self._files.setdefault(folder, []).append(resource)
            elif resource.kind != "kubernetes/unresolved":
                self._units.setdefault(resource.unit.path, []).append(resource)
        self._folders = sorted({*self._units, *self._files})
        self._known: dict[tuple[str, bool], list[Resource]] = {}

    def below(self, folder: str, deep: bool) -> list[Resource]:
        """What is deployed from a folder: what its kustomization or chart makes, else its manifests."""
        if (folder, deep) not in self._known:
            self._known[folder, deep] = list(self._below(folder, deep))
        return self._known[folder, deep]

    def _below(self, folder: str, deep: bool) -> Iterator[Resource]:
        if folder in self._units:
            yield from self._units[folder]
            return
        beginning = folder + "/" if folder else ""
        if any(beginning + name in self._estate.paths for name in (*KUSTOMIZATIONS, "Chart.yaml")):
            return
        yield from self._files.get(folder, ())
        if deep:
            for index in range(bisect_left(self._folders, beginning), len(self._folders)):
                name = self._folders[index]
                if not name.startswith(beginning):
                    break
                if name != folder:
                    yield from self._units.get(name, ()) or self._files.get(name, ())


def _refer(estate: Estate, sources: gitops_flux.Sources) -> None:
    """Links `references` to sources of Flux and to projects of Argo CD, which may stand in other units."""
    projects = {each.name: each for each in estate.kinds.get("kubernetes/AppProject", ())}
    for kind in (*KINDS, *OTHERS):
        for resource in estate.kinds.get(f"kubernetes/{kind}", ()):
            for use in gitops_flux.uses(resource):
                target = sources.of(use, resource)
                if target is not None:
                    estate.link(Link("references", use.field, resource, target, use.span))
            if kind == "Application" and projects and gitops_argo.is_argo(resource):
                spec = resource.body.get("spec")
                name = text_at(spec, "project")
                if isinstance(spec, Map) and name in projects:
                    estate.link(Link("references", "spec.project", resource, projects[name], span_of(spec, "project")))


def _link(estate: Estate, deployed: list[tuple[Resource, Delivery, list[Resource]]]) -> None:
    made: set[tuple[int, int]] = set()
    for resource, delivery, targets in deployed:
        for target in targets:
            key = (id(resource), id(target))
            if target is not resource and key not in made and len(made) < LINK_LIMIT:
                made.add(key)
                estate.link(Link(DEPLOYS, delivery.field, resource, target, delivery.span))


def _give_environments(estate: Estate, deployed: list[tuple[Resource, Delivery, list[Resource]]]) -> None:
    """Round by round, because what is deployed may deploy something itself (an app of apps)."""
    parts: dict[int, list[Resource]] = {}
    units: dict[tuple[Unit, str], list[Resource]] = {}
    for resource in estate.resources:
        if resource.owner is not None:
            parts.setdefault(id(resource.outermost), []).append(resource)
        elif resource.kind.startswith("kubernetes/") and resource.environment is None and not _delivers(resource):
            units.setdefault((resource.unit, ""), []).append(resource)
    for _ in range(ROUNDS):
        if not _round(estate, deployed, parts, units):
            return


def _round(
    estate: Estate,
    deployed: list[tuple[Resource, Delivery, list[Resource]]],
    parts: dict[int, list[Resource]],
    units: dict[tuple[Unit, str], list[Resource]],
) -> bool:
    said: dict[int, set[Environment | None]] = {}
    own: dict[int, set[Environment | None]] = {}
    deliverers: dict[int, Resource] = {}
    for resource, delivery, targets in deployed:
        environment = _environment(delivery, resource, estate)
        own.setdefault(id(resource), set()).add(environment)
        deliverers[id(resource)] = resource
        for target in targets:
            if target is not resource:
                said.setdefault(id(target), set()).add(environment)
                if _delivers(target):
                    deliverers[id(target)] = target
    changed = False
    for key, resource in deliverers.items():
        changed |= _assign([resource], own.get(key) or set(), parts) or _assign(
            [resource], said.get(key) or set(), parts
        )
    for members in units.values():
        together = set().union(*(said.get(id(member), {None}) for member in members))
        changed |= _assign(members, together, parts)
    return changed


def _assign(members: list[Resource], said: set[Environment | None], parts: dict[int, list[Resource]]) -> bool:
    """Give resources without an environment the one that all agree on."""
    if len(said) != 1 or None in said:
        return False
    (environment,) = said
    changed = False
    for member in members:
        if member.environment is None:
            changed = True
            for each in (member, *parts.get(id(member), ())):
                each.environment = environment
    return changed


def _delivers(resource: Resource) -> bool:
    """Whether a resource is a part of the delivery itself, which need not stand where the rest of its unit does."""
    return resource.kind.partition("/")[2] in (*KINDS, *OTHERS)


def _environment(delivery: Delivery, resource: Resource, estate: Estate) -> Environment | None:
    """The environment a delivery speaks of. Words that mean other things as often (`test`, `ci`) count only where the
    configuration declares them."""
    for name in delivery.names:
        if name is None:
            if resource.environment is not None:
                return resource.environment
        elif name and (found := environment_named(name, estate.settings)):
            declared = estate.settings.get("environments") or ()
            if without_environments(name) != name or any(found.name == each.get("name") for each in declared):
                return found
    return None
