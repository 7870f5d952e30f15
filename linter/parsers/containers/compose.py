"""Compose projects and Swarm stacks → projects, services, networks, volumes, secrets and configs.

Encodes the Compose specification (https://github.com/compose-spec/compose-spec). A project is a base file with the
files beside it that change it, once per environment: `compose.override.yaml` for local work, `compose.prod.yaml` for
production. Kinds `compose/project` (address: the base's path), `compose/service` (`compose.yaml#web`) and
`compose/network|volume|secret|config` (`compose.yaml#volume.data`).
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname, join, normpath
from typing import Any

from linter.discovery.environments import environment_named, environment_of
from linter.model import Entry, Environment, Map, Reference, Resource, Seq, Span, Unit, Unknown, Workspace, merge
from linter.parsers.containers.compose_project import Reader, complete, layered
from linter.parsers.containers.images import image
from linter.records import NamedTuple
from linter.trees import put, says

_FAMILIES = ("docker-compose", "docker-stack", "compose")
_SECTIONS = {"networks": "network", "volumes": "volume", "secrets": "secret", "configs": "config"}
_LIMITS = {"mem_limit": "memory", "cpus": "cpus", "pids_limit": "pids"}
_SWARM = frozenset(
    ("mode", "update_config", "rollback_config", "placement", "restart_policy", "endpoint_mode", "labels")
)
_LOCAL = Environment("local", "development")
_ABOVE = frozenset(("production", "pre-production"))


class _Name(NamedTuple):
    """What a file's name says: family `compose`, word `prod` of `compose.prod.yaml`."""

    path: str
    family: str
    word: str


class _Evaluation(NamedTuple):
    """One project as one environment has it. paths: the base and the files that change it. unit: named after which."""

    paths: list[str]
    unit: str
    environment: Environment | None


def expand(workspace: Workspace) -> Iterator[Resource]:
    """The resources of every project, once per environment it has files for."""
    reader = Reader(workspace)
    folders: dict[str, list[_Name]] = {}
    for artifact in workspace.of_format("compose"):
        if artifact.path not in reader.used:
            folders.setdefault(dirname(artifact.path), []).append(_named(artifact.path))
    for folder, names in folders.items():
        for evaluation in _evaluations(names, reader, workspace):
            workspace.progress(evaluation.unit)
            models = [model for path in evaluation.paths if (model := reader.model(path, folder)) is not None]
            if models:
                yield from _project(evaluation, layered(models, reader), folder)


def _named(path: str) -> _Name:
    stem = path.rpartition("/")[2].rpartition(".")[0]
    for family in _FAMILIES:
        rest = stem[len(family) :]
        if stem.lower().startswith(family) and (not rest or not rest[0].isalnum()):
            return _Name(path, family, rest.lstrip("._-"))
    return _Name(path, stem, "")


def _evaluations(names: list[_Name], reader: Reader, workspace: Workspace) -> Iterator[_Evaluation]:
    """The base with each file that changes it, the base alone unless an environment has a file, and all others."""
    bases: dict[str, str] = {}
    for name in sorted(names, key=lambda each: (each.word != "", not each.path.endswith(".yaml"), each.path)):
        if not name.word:
            bases.setdefault(name.family, name.path)
    changed: dict[str, list[str]] = {}
    for name in sorted(names):
        base = bases.get(name.family) or bases.get("docker-compose") or bases.get("compose")
        if base is None or base == name.path or not name.word or not _changes(name, base, reader):
            continue
        environment = _environment(name, workspace)
        changed.setdefault(base, []).append(environment.tier if environment else "")
        unit = base if environment else name.path
        environment = environment or environment_of(base, workspace.settings, workspace.paths)
        yield _Evaluation([base, name.path], unit, environment)
        changed.setdefault(name.path, [])
    for name in sorted(names):
        tiers = changed.get(name.path)
        body = reader.plain(name.path)
        alone = body is not None and complete(body) and tiers and _ABOVE.isdisjoint(tiers)
        if tiers is None or alone:
            yield _Evaluation([name.path], name.path, _environment(name, workspace))


def _changes(name: _Name, base: str, reader: Reader) -> bool:
    """Whether a file is meant to change the base: it cannot stand alone, or names only some of the base's services."""
    body, below = reader.plain(name.path), reader.plain(base)
    if body is None or below is None:
        return False
    if name.word == "override" or not complete(body):
        return True
    mine, theirs = body["services"], below.get("services")
    return isinstance(theirs, Map) and set(mine) < set(theirs)


def _environment(name: _Name, workspace: Workspace) -> Environment | None:
    if name.word == "override":
        return environment_of(dirname(name.path) + "/", workspace.settings, workspace.paths) or _LOCAL
    return environment_named(name.word, workspace.settings) or environment_of(
        name.path, workspace.settings, workspace.paths
    )


def _project(evaluation: _Evaluation, body: Map, folder: str) -> Iterator[Resource]:
    unit, base = Unit("compose", evaluation.unit), evaluation.unit
    services = body.get("services")
    services = services if isinstance(services, Map) else Map(body.span)
    swarm = base.rpartition("/")[2].startswith("docker-stack") or any(_is_swarm(each) for each in services.values())
    shown = merge((body,), body.span)
    first: Entry = next(iter(body.at.values()), (body.span[0], body.span[1], body.span[1], *body.span[1:]))
    anchor = body.at.get("name", body.at.get("services", first))
    if swarm:
        put(shown, "swarm", True, anchor)
    span = (anchor[0], anchor[1], anchor[2] if anchor[2] > anchor[1] else anchor[4])
    project = Resource("compose/project", base, base, unit, shown, span, body.span, environment=evaluation.environment)
    yield project
    for name, value in services.items():
        if isinstance(value, Map):
            yield _service(project, services, name, value, folder)
    for section, kind in _SECTIONS.items():
        found = body.get(section)
        held = found if isinstance(found, Map) else Map(body.span)
        for name, value in held.items():
            inner = value if isinstance(value, Map) else Map(_span(held.at[name]))
            yield _part(project, f"compose/{kind}", f"{base}#{kind}.{name}", str(name), inner, held.at[name])


def _is_swarm(body: Any) -> bool:
    deploy = body.get("deploy") if isinstance(body, Map) else None
    return isinstance(deploy, Map) and not _SWARM.isdisjoint(deploy)


def _span(entry: Entry) -> Span:
    return entry[0], entry[3], entry[4]


def _part(project: Resource, kind: str, address: str, name: str, body: Map, entry: Entry) -> Resource:
    anchor = (entry[0], entry[1], entry[2]) if entry[2] > entry[1] else _span(entry)
    extent = (entry[0], min(entry[1], entry[3]), max(entry[2], entry[4]))
    return Resource(
        kind, address, name, project.unit, body, anchor, extent, environment=project.environment,
        context={"project": project.body}, owner=project,
    )  # fmt: skip


def _service(project: Resource, services: Map, name: Any, written: Map, folder: str) -> Resource:
    body = merge((written,), written.span)
    if "image" in body and isinstance(body["image"], (str, Unknown)):
        source, _, _, start, end = body.at["image"]
        put(body, "reference", image(body["image"], body.at["image"]), (source, start, start, start, end))
    limits = _limits(body)
    if limits is not None:
        put(body, "limits", *limits)
    made = _part(project, "compose/service", f"{project.address}#{name}", str(name), body, services.at[name])
    made.references.extend(_references(project.address, body, folder))
    return made


def _limits(body: Map) -> tuple[Map, Entry] | None:
    """`deploy.resources.limits`, and what earlier versions had beside it; None where nothing bounds the service."""
    found: Any = body
    entry: Entry | None = None
    for key in ("deploy", "resources", "limits"):
        if isinstance(found, Map):
            entry = found.at.get(key) if key in found else entry
            found = found.get(key)
    if isinstance(found, Unknown):
        return None
    made = merge((found,), found.span) if isinstance(found, Map) else Map(body.span)
    for old, new in _LIMITS.items():
        if old in body and new not in made:
            put(made, new, body[old], body.at[old])
            entry = entry or body.at[old]
    return (made, entry) if made and entry else None


def _references(base: str, body: Map, folder: str) -> Iterator[Reference]:
    """What a service says of others: Dockerfiles, services, networks, volumes, secrets and configs."""
    build = body.get("build")
    if isinstance(build, Map):
        yield from _dockerfile(build, folder)
    for key, value in _items(body, "depends_on"):
        yield Reference("depends_on", "depends_on", f"{base}#{key}", value)
    for key, value in _items(body, "networks"):
        yield Reference("attaches", "networks", f"{base}#network.{key}", value)
    for section in ("volumes", "secrets", "configs"):
        listed = body.get(section)
        for item in listed if isinstance(listed, Seq) else ():
            source = item.get("source") if isinstance(item, Map) else None
            if isinstance(source, str) and isinstance(item, Map) and says(item.get("type", "volume"), "volume"):
                target = f"{base}#{_SECTIONS[section]}.{source}"
                yield Reference("uses", section, target, _span(item.at["source"]))


def _items(body: Map, key: str) -> Iterator[tuple[str, Span]]:
    value = body.get(key)
    if isinstance(value, Map):
        for name in value:
            entry = value.at[name]
            yield str(name), (entry[0], entry[1], entry[2])


def _dockerfile(build: Map, folder: str) -> Iterator[Reference]:
    context, name = build.get("context", "."), build.get("dockerfile", "Dockerfile")
    if "dockerfile_inline" in build:
        return
    entry = build.at.get("dockerfile") or build.at.get("context")
    span = _span(entry) if entry else build.span
    for value in (context, name):
        if isinstance(value, Unknown):
            yield Reference("builds", "build", value, span)
            return
    if isinstance(context, str) and isinstance(name, str) and "://" not in context and not context.startswith("git@"):
        yield Reference("builds", "build", normpath(join(folder, context, name)), span)
