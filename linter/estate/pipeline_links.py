"""Links of pipelines: jobs to the jobs they need, and callers to the local workflows and actions they run."""

from __future__ import annotations

import posixpath
from functools import lru_cache

from linter.model import Estate, Link, Map, Reference, Resource, Unknown


def resolve(estate: Estate) -> None:
    """Adds `needs` (job → job) and `runs` (job → pipeline, step → action). What is not in the tree is left loose.

    One pass over jobs and steps; who calls whom may be a cycle, so whoever follows `runs` must remember where it was.
    """
    jobs = {job.address: job for job in estate.of_kind("pipeline/job")}
    files = {top.address: top for kind in ("pipeline/pipeline", "pipeline/action") for top in estate.of_kind(kind)}
    for job in jobs.values():
        for reference in job.references:
            if reference.name == "needs" and isinstance(reference.target, str) and reference.target in jobs:
                estate.link(Link("needs", "needs", job, jobs[reference.target]))
        _runs(estate, job, files)
    for step in estate.of_kind("pipeline/step"):
        _runs(estate, step, files)


def _runs(estate: Estate, caller: Resource, files: dict[str, Resource]) -> None:
    uses = caller.body.get("uses")
    if not isinstance(uses, Map) or uses.get("kind") != "local":
        return
    target = called(uses["path"], base_of(caller.unit.path), files)
    if target is not None:
        estate.link(Link("runs", "uses", caller, target))
    else:
        loose = estate.loose.setdefault((caller.kind, caller.unit, ""), [])
        unknown = Unknown("remote-source", str(uses["raw"]), "the workflow or action is not in the scanned tree")
        loose.append((caller, Reference("runs", "uses", unknown)))


def base_of(path: str) -> str:
    """The folder a pipeline's repository begins at: what stands before `.github/`, the folder of another system's file,
    or the one above where that folder is for such files only; '' for the root."""
    before, found, _ = path.partition(".github/")
    if found:
        return before
    folder, _, name = path.rpartition("/")
    if not folder or not name.lower().startswith(_FILES):
        return ""
    above, _, last = folder.rpartition("/")
    folder = above if last.lower() in _FOLDERS else folder
    return f"{folder}/" if folder else ""


_FILES = (".gitlab-ci", "jenkinsfile", "azure-pipelines")
_FOLDERS = frozenset(
    ("ci", ".ci", "cicd", "jenkins", ".jenkins", "pipelines", ".pipelines", "pipeline", "azure", ".azure",
     ".azuredevops", ".azure-pipelines", ".gitlab", "build", "devops", ".devops")
)  # fmt: skip


def called(path: str, base: str, files: dict[str, Resource]) -> Resource | None:
    """The workflow or action a local `uses:` names: paths count from the repository's beginning."""
    normal = posixpath.normpath(base + path.partition("@")[0].removeprefix("$/"))
    if normal.startswith("../"):
        return None
    for candidate in (normal, f"{normal}/action.yml", f"{normal}/action.yaml"):
        found = files.get(candidate.removeprefix("./"))
        if found is not None:
            return found
    return None


Calls = dict[int, list[Resource]]


@lru_cache(maxsize=8)
def calls(estate: Estate) -> Calls:
    """id of a pipeline or action → the local ones its jobs and steps run; worked out once, not to be changed."""
    found: Calls = {}
    for kind in ("pipeline/job", "pipeline/step"):
        for caller in estate.of_kind(kind):
            for link in estate.outgoing.get(id(caller), ()):
                if link.name == "runs" and link.target.kind in ("pipeline/pipeline", "pipeline/action"):
                    found.setdefault(id(top_of(caller)), []).append(link.target)
    return found


def top_of(resource: Resource) -> Resource:
    while resource.owner is not None:
        resource = resource.owner
    return resource


def closure(found: Calls, start: Resource) -> list[Resource]:
    """A pipeline or action and every local one it runs, directly or not, each once."""
    reached, stack = [start], [start]
    seen = {id(start)}
    while stack:
        for target in found.get(id(stack.pop()), ()):
            if id(target) not in seen:
                seen.add(id(target))
                reached.append(target)
                stack.append(target)
    return reached
