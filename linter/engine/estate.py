"""A root's artifacts read and expanded into one estate, with every artifact accounted for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from linter import estate as links
from linter.discovery import Discovery, discover
from linter.engine import damage
from linter.files import Tree, Unreadable
from linter.globs import path_matches
from linter.model import Artifact, Estate, Failure, Map, Place, Problem, Resource, Source, Span, Unit, Workspace
from linter.parsers import PARSERS, READERS, expanders
from linter.records import NamedTuple
from linter.text import decode

MOST_TOLD = 20
"""Problems of one artifact that are reported one by one."""


FILE_CAP, FILES_CAP = 4 << 20, 64 << 20
"""Bytes of one file that a configuration refers to, and of all of them."""

LINKED = frozenset(("terraform", "tfvars", "terraform-json", "terragrunt"))


class Accounts(NamedTuple):
    """Recognised artifacts: found = analysed + skipped + failed (paths of the latter two with why)."""

    found: int
    skipped: tuple[tuple[str, str], ...]
    failed: frozenset[str]
    not_rendered: tuple[str, ...]

    @property
    def analysed(self) -> int:
        return self.found - len(self.skipped) - len(self.failed)


class Reading(NamedTuple):
    estate: Estate
    failures: list[Failure]
    accounts: Accounts


def read_estate(
    root: str,
    settings: Mapping[str, Any],
    progress: Callable[[str], None],
    condemned: Mapping[str, str],
    only: Callable[[str], bool] | None = None,
) -> Reading:
    """Everything below root as one estate.

    condemned: path → why an earlier attempt died on it; such artifacts are not read again. only: where given, no other
    path is read at all (`--isolated`).
    """
    estate = Estate()
    estate.isolated = only is not None
    estate.settings = settings
    failures: list[Failure] = []
    with Tree(root) as tree:
        found = _without(discover(tree, settings), settings.get("exclude", ()))
        estate.paths = found.paths
        failures += [_unread(path, "artifact-unreadable", reason) for path, reason in found.failures]
        artifacts, seen = _read_all(tree, found, estate, failures, progress, condemned, only)
        unused: dict[str, str] = {}
        complain = _complain(estate, failures)
        files = _files(tree, estate, condemned, only)
        workspace = Workspace(artifacts, found.paths, settings, complain, progress, unused.__setitem__, *files)
        _expand(workspace, estate, failures, condemned)
    _add_repository(estate)
    progress("link")
    links.resolve(estate)
    damage.mark(estate, artifacts)
    failed = {failure.place.path for failure in failures} & seen
    failed |= {path for path, _ in found.failures}
    total = len(seen | failed) + len(found.skipped)
    skipped = sorted([*found.skipped, *((path, why) for path, why in unused.items() if path not in failed)])
    left = _not_rendered(found.not_rendered, estate)
    return Reading(estate, failures, Accounts(total, tuple(skipped), frozenset(failed), left))


def _add_repository(estate: Estate) -> None:
    """The repository as a whole, for what is asked of all of it: named where a reader looks first, its README, else its
    outermost artifact. It is judged and not counted among the resources, since nobody wrote it."""
    if not estate.sources:
        return
    source = min(estate.sources, key=lambda each: (not _readme(each.path), each.path.count("/"), each.path))
    lines = source.text.splitlines(keepends=True)
    signs = list(map(itemgetter(0), lines))
    first = signs.index("#") if "#" in signs else 0
    start = sum(map(len, lines[:first]))
    line = (source.index, start, start + len(lines[first].rstrip()) if lines else start)
    whole = Resource("estate/repository", ".", "the repository", Unit("estate", ""), Map(line), line, line)
    estate.kinds[whole.kind] = [whole]


def _readme(path: str) -> bool:
    return path.lower() in ("readme.md", "readme.markdown")


def _not_rendered(templates: Sequence[str], estate: Estate) -> tuple[str, ...]:
    """The templates but those of charts that a renderer made manifests of."""
    charts = [each.unit.path for each in estate.kinds.get("helm/chart", ()) if each.context.get("rendered")]
    folders = tuple(f"{folder}/" if folder else "" for folder in charts)
    return tuple(path for path in templates if not (folders and path.startswith(folders) and "templates/" in path))


def _files(
    tree: Tree, estate: Estate, condemned: Mapping[str, str], only: Callable[[str], bool] | None
) -> tuple[Callable[[str], bytes | None], Callable[[str, str], Source | None]]:
    """What a parser may do with files that are no artifacts: read them, within a budget, and name places in them."""
    held: dict[str, bytes | None] = {}
    sources: dict[str, Source] = {}
    left = FILES_CAP

    def read(path: str) -> bytes | None:
        nonlocal left
        if path not in held:
            held[path] = None
            if path in estate.paths and path not in condemned and (only is None or only(path)) and left > 0:
                try:
                    data = held[path] = tree.read(path, min(FILE_CAP, left))
                    left -= len(data)
                except Unreadable:
                    pass
        return held[path]

    def register(path: str, text: str) -> Source:
        if path not in sources:
            sources[path] = Source(len(estate.sources), path, text)
            estate.sources.append(sources[path])
        return sources[path]

    return read, register


def _without(found: Discovery, globs: Sequence[str]) -> Discovery:
    """What was discovered without the artifacts that the policy's `exclude` names: they are skipped, and counted."""
    if not globs:
        return found

    def excluded(path: str) -> bool:
        return any(path_matches(glob, path.rstrip("/")) for glob in globs)

    paths = [*(path for path, _, _ in found.artifacts), *(path for path, _ in found.failures)]
    return found._replace(
        artifacts=[each for each in found.artifacts if not excluded(each[0])],
        failures=[each for each in found.failures if not excluded(each[0])],
        skipped=sorted([*found.skipped, *((path, "excluded by the policy") for path in paths if excluded(path))]),
    )


def _read_all(
    tree: Tree,
    found: Discovery,
    estate: Estate,
    failures: list[Failure],
    progress: Callable[[str], None],
    condemned: Mapping[str, str],
    only: Callable[[str], bool] | None,
) -> tuple[dict[str, Artifact], set[str]]:
    artifacts: dict[str, Artifact] = {}
    seen: set[str] = set()
    for path, format, data in found.artifacts:
        if only is not None and not only(path):
            continue
        seen.add(path)
        if path in condemned:
            failures.append(_unread(path, "artifact-abandoned", condemned[path]))
            continue
        progress(path)
        text, problem = decode(data, wide=format in ("yaml", "workflow", "compose", "helm", "azure"))
        source = Source(len(estate.sources), path, text)
        estate.sources.append(source)
        tree_read, problems = READERS[format](source)
        problems = [*([problem] if problem else []), *problems]
        failures += _told(source, problems)
        artifacts[path] = Artifact(path, format, source, tree_read, problems)
    _alias(artifacts, found.links)
    return artifacts, seen


def _alias(artifacts: dict[str, Artifact], links: Mapping[str, str]) -> None:
    """Links to Terraform files of this tree stand for them, as Terraform reads them; nothing else is read twice."""
    for link, real in sorted(links.items()):
        artifact = artifacts.get(real)
        if artifact is not None and artifact.format in LINKED and link not in artifacts:
            artifacts[link] = Artifact(link, artifact.format, artifact.source, artifact.tree, artifact.problems)


def _expand(workspace: Workspace, estate: Estate, failures: list[Failure], condemned: Mapping[str, str]) -> None:
    for name, expand in expanders({artifact.format for artifact in workspace.artifacts.values()}):
        try:
            for resource in expand(workspace):
                estate.add(resource)
        except Exception as error:
            first = _first(workspace, name)
            message = f"{name.rsplit('.', 1)[-1]} could not be expanded: {type(error).__name__}: {error}"
            failures.append(
                Failure("parser-crashed", Place(first, 1, 1, 1, 1), message, "Report this as a bug of opslint.")
            )


def _first(workspace: Workspace, parser: str) -> str:
    """The first artifact that a parser reads, for want of a better place."""
    return next((path for path, each in workspace.artifacts.items() if each.format in PARSERS.get(parser, ())), "")


def _complain(estate: Estate, failures: list[Failure]) -> Callable[[str, Span, str, str], None]:
    def fail(id: str, span: Span, message: str, remedy: str) -> None:
        failures.append(Failure(id, estate.place(span), message, remedy))

    return fail


def _unread(path: str, id: str, reason: str) -> Failure:
    return Failure(id, Place(path, 1, 1, 1, 1), reason, "Make it readable, or exclude it in the policy.")


def _told(source: Source, problems: list[Problem]) -> list[Failure]:
    """The first problems of an artifact, and how many more there are: one mistake may upset all that follows."""
    told = [_unparsed(source, problem) for problem in problems[:MOST_TOLD]]
    if len(problems) > MOST_TOLD:
        rest = problems[MOST_TOLD]._replace(
            message=f"and {len(problems) - MOST_TOLD} more problems from here on", remedy=""
        )
        told.append(_unparsed(source, rest))
    return told


def _unparsed(source: Source, problem: Problem) -> Failure:
    place = source.place(problem.start, problem.end)
    return Failure(
        "artifact-unparsed", place, problem.message, problem.remedy or "Correct it: what follows is not judged."
    )
