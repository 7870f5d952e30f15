"""Whether an event starts a Bitbucket configuration and which of its pipelines runs.

Encodes https://support.atlassian.com/bitbucket-cloud/docs/pipeline-start-conditions/: a push runs the pipeline of a
branch whose pattern matches, else `default`; a tag runs those of `tags` only. `*` matches a slash only where doubled.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from linter.model import Resource
from linter.parsers.pipelines.events import Event
from linter.trees import as_map

_MOST_STARS = 20


def starts(pipeline: Resource, event: Event) -> bool | None:
    """Whether any pipeline of the file runs. People and schedules start those of `custom`, and any of a branch."""
    if event.cause in ("manual", "schedule"):
        return None
    if event.cause not in ("push", "review"):
        return False
    pipelines = as_map(pipeline.context["workflow"].get("pipelines"))
    if event.cause == "review":
        return bool(pipelines.get("pull-requests"))
    if event.tag:
        return any(_matches(event.ref, str(pattern)) for pattern in as_map(pipelines.get("tags")))
    return "default" in pipelines or _named(pipelines, event.ref)


def _named(pipelines: object, ref: str) -> bool:
    return any(_matches(ref, str(pattern)) for pattern in as_map(as_map(pipelines).get("branches")))


def runs(part: Resource, event: Event) -> bool | None:
    """Whether the pipeline a job stands in runs; a job's `condition` looks at the files that changed."""
    if part.kind != "pipeline/job":
        return True
    kind, pattern = part.context["start"]
    pipelines = as_map(part.context["workflow"].get("pipelines"))
    if event.cause == "review":
        found = kind == "pull-requests" and _matches(event.ref or "*", pattern)
    elif event.cause != "push":
        return None
    elif event.tag:
        found = kind == "tags" and _matches(event.ref, pattern)
    elif kind == "default":
        found = not _named(pipelines, event.ref)
    else:
        found = kind == "branches" and _matches(event.ref, pattern)
    return None if found and "condition" in part.body else found


def overrides(part: Resource) -> bool:
    """No step runs once one before it failed."""
    return False


def _matches(ref: str, pattern: str) -> bool:
    """One of the patterns in braces; https://support.atlassian.com/bitbucket-cloud/docs/use-glob-patterns-on-the-pipelines-yaml-file/."""
    for each in pattern[1:-1].split(",") if pattern[:1] == "{" and pattern[-1:] == "}" else [pattern]:
        if each in ("*", "**"):
            return True
        if each.count("*") > _MOST_STARS:
            continue
        if "**" in each:
            if fnmatchcase(ref, each.replace("**", "*")):
                return True
        elif ref.count("/") == each.count("/") and fnmatchcase(ref, each):
            return True
    return False
