"""What could not be read of an artifact must not be taken for absent: it may be just what a rule looks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from linter.model import Artifact, Estate, Map, Problem, Reference, Resource, Seq, Unit, Unknown

FAMILIES = {"terraform": "terraform", "terraform-json": "terraform", "yaml": "kubernetes", "json": "kubernetes"}


def mark(estate: Estate, artifacts: Mapping[str, Artifact]) -> None:
    """Open the bodies in which something was not read, and the units to which an unread part may belong."""
    damaged = {artifact.source.index: artifact for artifact in artifacts.values() if _lost(artifact)}
    if not damaged:
        return
    folders = {_folder(artifact.path): artifact for artifact in damaged.values()}
    units: dict[tuple[str, Unit, str], Resource] = {}
    for resource in estate.resources:
        source = resource.anchor[0]
        if source in damaged:
            _open(resource, _lost(damaged[source]), _why(damaged[source]))
        found = folders.get(_folder(estate.sources[source].path))
        if found is not None and found.format in FAMILIES and resource.kind.startswith(FAMILIES[found.format] + "/"):
            unit, environment, _ = resource.identity
            units.setdefault((f"{FAMILIES[found.format]}/unresolved", unit, environment), resource)
    for key, resource in units.items():
        why = _why(folders[_folder(estate.sources[resource.anchor[0]].path)])
        estate.loose.setdefault(key, []).append((resource, Reference("*", "*", why)))


def _lost(artifact: Artifact) -> list[Problem]:
    return [problem for problem in artifact.problems if not problem.lossless]


def _why(artifact: Artifact) -> Unknown:
    return Unknown(
        "expression", f"what could not be read of {artifact.path}", "correct it: it may hold what is looked for"
    )


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _open(resource: Resource, problems: Iterable[Problem], why: Unknown) -> None:
    _, start, end = resource.extent
    offsets = [problem.start for problem in problems if start <= problem.start <= end]
    waiting: list[object] = [resource.body] if offsets else []
    while waiting:
        value = waiting.pop()
        if isinstance(value, Map):
            inside = any(value.span[1] <= offset <= value.span[2] for offset in offsets)
            if value.open is None and (inside or value is resource.body):
                value.open = why
            waiting.extend(value.values())
        elif isinstance(value, Seq):
            waiting.extend(value)
