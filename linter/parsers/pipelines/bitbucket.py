"""Bitbucket Pipelines configurations as the common model.

Encodes https://support.atlassian.com/bitbucket-cloud/docs/bitbucket-pipelines-configuration-reference/. What Bitbucket
calls a step has a container and a script of its own and is a job here; each entry of its script is a step.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model import Entry, Map, Resource, Seq, Workspace
from linter.parsers.pipelines.bitbucket_jobs import Found, Jobs
from linter.parsers.pipelines.github_forms import gather, whole
from linter.parsers.pipelines.model import text, texts
from linter.parsers.pipelines.plain_parts import Fault, complain, document, order, pipeline, trigger
from linter.trees import put

_DEEPEST = 4
_MOST_JOBS = 2000
_STARTS = {"branches": ("push", "push"), "tags": ("push", "push"), "bookmarks": ("push", "push"),
           "pull-requests": ("pull-request", "review"), "custom": ("custom", "manual")}  # fmt: skip


def expand(workspace: Workspace) -> Iterator[Resource]:
    """Resources of every `bitbucket-pipelines.yml` of the tree."""
    for artifact in workspace.of_format("bitbucket"):
        workspace.progress(artifact.path)
        raw = document(workspace, artifact, "a Bitbucket Pipelines configuration")
        if raw:
            yield from _resources(workspace, artifact.path, raw)


def _resources(workspace: Workspace, path: str, raw: Map) -> Iterator[Resource]:
    top = pipeline(path, "bitbucket", raw, "pipelines")
    faults: list[Fault] = []
    lists = list(_lists(raw, faults))
    put(top.body, "triggers", _triggers(lists, whole(raw)), whole(raw))
    reader = Jobs(top, raw, workspace.settings, faults)
    parts: list[Resource] = []
    jobs: list[Resource] = []
    before: dict[int, list[Resource]] = {}
    for kind, pattern, value, entry in lists:
        ended: list[Resource] = []
        for group in _groups(value, entry, faults):
            made = []
            for found in group:
                if len(jobs) >= _MOST_JOBS:
                    break
                resources = list(reader.read(found, kind, pattern))
                made.append(resources[0])
                before[id(resources[0])] = list(ended)[-200:]
                jobs.append(resources[0])
                parts += resources
            ended += made
    order(jobs, before)
    gather(top.body, [job.body for job in jobs], whole(raw))
    complain(workspace, faults, "Bitbucket")
    yield top
    yield from parts


def _lists(raw: Map, faults: list[Fault]) -> Iterator[tuple[str, str, Any, Entry]]:
    """(default, branches…, pattern, list of steps, entry) of every pipeline of the file."""
    pipelines = raw.get("pipelines")
    if not isinstance(pipelines, Map):
        if "pipelines" in raw:
            entry = raw.at["pipelines"]
            faults.append(((entry[0], entry[3], entry[4]), "`pipelines` must be a mapping"))
        return
    for kind, value in pipelines.items():
        entry = pipelines.at[kind]
        if kind == "default":
            yield "default", "", value, entry
        elif kind in _STARTS and isinstance(value, Map):
            for pattern, steps in value.items():
                yield text(kind), text(pattern), steps, value.at[pattern]
        else:
            faults.append(((entry[0], entry[3], entry[4]), f"`{kind}` is no pipeline, or has no steps by name"))


def _triggers(lists: list[tuple[str, str, Any, Entry]], at: Entry) -> Seq:
    made = Seq((at[0], at[3], at[4]))
    for kind, pattern, _, entry in lists:
        event, cause = _STARTS.get(kind, ("push", "push"))
        place = (entry[0], entry[1], entry[1], entry[1], entry[2])
        fields = {kind: texts([pattern], place)} if kind in ("branches", "tags") else {}
        trigger(made, event, cause, place, **fields)
    return made


def _groups(value: Any, entry: Entry, faults: list[Fault], depth: int = 0) -> Iterator[list[Found]]:
    """The steps of a list in the groups that run one after the other; `parallel` is one group."""
    if isinstance(value, Map) and depth == 0:  # `import` of a pipeline of another repository
        return
    if not isinstance(value, Seq) or depth > _DEEPEST:
        faults.append(((entry[0], entry[3], entry[4]), "a pipeline must be a list of steps"))
        return
    for item, at in zip(value, value.at, strict=True):
        if not isinstance(item, Map) or not item:
            faults.append(((at[0], at[3], at[4]), "an element of a pipeline must be a step, stage or parallel"))
            continue
        if isinstance(item.get("step"), Map):
            yield [Found(item["step"], item.at["step"], None)]
        elif "parallel" in item:
            inner = item["parallel"]
            held = inner if isinstance(inner, Map) else item
            key = "steps" if isinstance(inner, Map) else "parallel"
            if key in held:
                groups = _groups(held[key], held.at[key], faults, depth + 1)
                yield [found for group in groups for found in group]
        elif isinstance(item.get("stage"), Map):
            stage = item["stage"]
            if "steps" in stage:
                for group in _groups(stage["steps"], stage.at["steps"], faults, depth + 1):
                    yield [found._replace(stage=stage) for found in group]
        elif "variables" not in item:
            faults.append(((at[0], at[3], at[4]), "an element of a pipeline must be a step, stage or parallel"))
