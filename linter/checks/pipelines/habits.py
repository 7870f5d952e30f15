"""Checks of habits that make GitHub's pipelines easier to trust: secrets in environments, explained permissions, decided
concurrency."""

from __future__ import annotations

from collections.abc import Iterator

from linter.checks import Verdict
from linter.checks.pipelines.common import (
    as_map,
    failed,
    key_place,
    parts,
    passed,
    place,
    scalar_place,
    trees,
)
from linter.model import Estate, Map, Resource
from linter.trees import maps, says


def secrets_in_environments(estate: Estate) -> Iterator[Verdict]:
    """Secrets, the token apart, in jobs without an environment; the first expression of each job that reads one."""
    for tree in trees(estate, actions=False, platform="github"):
        for job in tree.jobs:
            if "uses" in job.body:
                continue
            if "environment" in job.body:
                yield passed(job, key_place(job.body, "environment", job.anchor))
                continue
            found = next(_secrets([job, *tree.steps.get(id(job), [])]), None)
            if found is None:
                yield passed(job)
            else:
                name = f"`{found[0]}`"
                yield failed(job, f"{name} is a secret of the repository, in a job without environment", found[1].span)


def _secrets(parts: list[Resource]) -> Iterator[tuple[str, Map]]:
    for part in parts:
        for each in part.body.get("expressions", ()):
            for context in each["contexts"]:
                if context.startswith("secrets.") and context != "secrets.github_token":
                    # Names of secrets have no case; people write them in capitals.
                    yield f"secrets.{context[8:].upper()}", each


def superseded_runs_decided(estate: Estate) -> Iterator[Verdict]:
    """Workflows that neither as a whole nor in each job say what becomes of a run when the next one begins.

    Judged are those that every push or proposed change starts; the clock and releases leave runs time to end.
    """
    for tree in trees(estate, actions=False, platform="github"):
        pipeline = tree.top
        if not _often(pipeline):
            continue
        own = as_map(pipeline.body.get("concurrency"))
        jobs = [as_map(job.body.get("concurrency")) for job in tree.jobs]
        if own is not None:
            holders = [(pipeline, own)]
        elif any(holder is None for holder in jobs) or not jobs:
            yield failed(pipeline, "Runs of this workflow pile up beside each other")
            continue
        else:
            holders = [(job, held) for job, held in zip(tree.jobs, jobs, strict=True) if held is not None]
        for resource, holder in holders:
            span = place(holder, "group", resource.anchor)
            if "cancel" in holder:
                yield passed(resource, span)
            else:
                yield failed(resource, "Whether a newer run ends an older one is not said", span)


def _often(pipeline: Resource) -> bool:
    triggers = maps(pipeline.body.get("triggers"))
    return any(
        each["cause"] == "review" or (each["cause"] == "push" and ("branches" in each or "tags" not in each))
        for each in triggers
    )


def permissions_explained(estate: Estate) -> Iterator[Verdict]:
    """Scopes, `contents: read` apart, with no comment on their line, on the one above or over `permissions` itself."""
    for kind in ("pipeline/pipeline", "pipeline/job"):
        for resource in parts(estate, kind, "github"):
            raw = resource.body if kind == "pipeline/pipeline" else resource.context["job"]
            scopes = as_map(raw.get("permissions"))
            all_told = bool(scopes) and _commented(estate, key_place(raw, "permissions", resource.anchor))
            for scope, level in scopes.items() if scopes is not None else ():
                if says(level, "none") or (scope == "contents" and says(level, "read")):
                    continue
                span = scalar_place(scopes or raw, scope, resource.anchor)
                if all_told or _commented(estate, span):
                    yield passed(resource, span, str(scope))
                else:
                    yield failed(resource, f"Nothing says what `{scope}: {level}` is for", span, str(scope))


def _commented(estate: Estate, span: tuple[int, int, int]) -> bool:
    source = estate.sources[span[0]]
    line, _ = source.position(span[2])
    if "#" in source.line(line)[source.position(span[2])[1] - 1 :]:
        return True
    return line > 1 and source.line(line - 1).lstrip().startswith("#")
