"""What the checks of pipelines share: the family tree of pipeline, jobs and steps, triggers, places."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from linter.checks import Verdict
from linter.model import FAIL, PASS, UNKNOWN, Entry, Estate, Map, Resource, Span, Unknown, handle
from linter.records import NamedTuple

PRIVILEGED = frozenset(("pull_request_target", "workflow_run"))


class Tree(NamedTuple):
    """One pipeline or action with its jobs and the steps of each (an action's steps under the action itself)."""

    top: Resource
    jobs: list[Resource]
    steps: dict[int, list[Resource]]
    ids: dict[str, Resource]

    def all_steps(self) -> Iterator[Resource]:
        for steps in self.steps.values():
            yield from steps


@lru_cache(maxsize=8)
def trees(estate: Estate, actions: bool = True, platform: str = "") -> tuple[Tree, ...]:
    """Every pipeline, of one system where one is named, and every action where wanted, in order of discovery; made once
    for all checks of an estate."""
    found: dict[int, Tree] = {}
    for kind in ("pipeline/pipeline", "pipeline/action") if actions else ("pipeline/pipeline",):
        for resource in estate.of_kind(kind):
            if platform and resource.body.get("platform") != platform:
                continue
            found[id(resource)] = Tree(resource, [], {}, {})
    for job in estate.of_kind("pipeline/job"):
        if job.owner is not None and id(job.owner) in found:
            found[id(job.owner)].jobs.append(job)
            found[id(job.owner)].ids[job.body["id"]] = job
    for step in estate.of_kind("pipeline/step"):
        owner = step.owner
        if owner is None:
            continue
        top = owner.owner or owner
        if id(top) in found:
            found[id(top)].steps.setdefault(id(owner), []).append(step)
    return tuple(found.values())


@lru_cache(maxsize=16)
def parts(estate: Estate, kind: str, platform: str) -> tuple[Resource, ...]:
    """Pipelines, jobs or steps of one system, those of its actions included; made once for all checks of an estate."""
    return tuple(
        resource
        for resource in estate.of_kind(kind)
        if (pipeline := resource.context.get("pipeline")) is not None and pipeline.get("platform") == platform
    )


def events(pipeline: Resource) -> set[str]:
    return {trigger["event"] for trigger in pipeline.body.get("triggers", ()) if isinstance(trigger, Map)}


def causes(pipeline: Resource) -> set[str]:
    """Why a pipeline runs, in the common model's words."""
    return {trigger["cause"] for trigger in pipeline.body.get("triggers", ()) if isinstance(trigger, Map)}


def trigger_of(pipeline: Resource, event: str) -> Map | None:
    for trigger in pipeline.body.get("triggers", ()):
        if isinstance(trigger, Map) and trigger["event"] == event:
            return trigger
    return None


def only_called(pipeline: Resource) -> bool:
    return causes(pipeline) == {"called"}


def place(value: Map, key: str, fallback: Span) -> Span:
    """The smallest place of an entry, else the fallback."""
    entry: Entry | None = value.at.get(key)
    return handle(value[key], entry) if entry is not None else fallback


def key_place(value: Map, key: str, fallback: Span) -> Span:
    entry = value.at.get(key)
    return (entry[0], entry[1], entry[2]) if entry is not None and entry[2] > entry[1] else fallback


def scalar_place(value: Map, key: str, fallback: Span) -> Span:
    entry = value.at.get(key)
    return (entry[0], entry[3], entry[4]) if entry is not None else fallback


def passed(resource: Resource, span: Span | None = None, element: str = "") -> Verdict:
    return Verdict(resource, PASS, "", span or resource.anchor, element)


def failed(resource: Resource, message: str, span: Span | None = None, element: str = "") -> Verdict:
    return Verdict(resource, FAIL, message, span or resource.anchor, element)


def unsure(resource: Resource, message: str, unknown: Unknown, span: Span | None = None, element: str = "") -> Verdict:
    return Verdict(resource, UNKNOWN, message, span or resource.anchor, element, (), (unknown,))


def missing(estate: Estate, resource: Resource, message: str, span: Span | None = None) -> Verdict:
    """A failure by absence elsewhere in the tree: unknown where the rest of the tree was not read."""
    if not estate.isolated:
        return failed(resource, message, span)
    unknown = Unknown("isolated", "the other pipelines", "scan the whole tree")
    return unsure(resource, message, unknown, span)


def as_map(value: Any) -> Map | None:
    return value if isinstance(value, Map) else None


def action_of(step: Resource) -> str:
    """`owner/repo[/path]` in lower case, or ''."""
    uses = as_map(step.body.get("uses"))
    return str(uses["name"]) if uses is not None else ""


def input_of(step: Resource, name: str) -> Any:
    """An input of a step's `with:`, by its name in any case."""
    inputs = as_map(step.body.get("with"))
    if inputs is None:
        return None
    if name in inputs:
        return inputs[name]
    for key, value in inputs.items():
        if str(key).lower() == name:
            return value
    return None


MAX_ANCESTORS = 200


def ancestors(job: Resource, tree: Tree) -> list[Resource]:
    """The jobs that end before a job begins: what it needs, what stages put before it, and what comes before those;
    cycles are walked once, more than MAX_ANCESTORS are left out."""
    found: list[Resource] = []
    seen = {id(job)}
    stack = [job]
    while stack and len(found) < MAX_ANCESTORS:
        current = stack.pop()
        needed = (tree.ids.get(id) for id in current.body.get("needs", ()) if isinstance(id, str))
        for other in (*needed, *current.context.get("earlier", ())):
            if other is not None and id(other) not in seen:
                seen.add(id(other))
                found.append(other)
                stack.append(other)
    return found


def roles(resource: Resource) -> frozenset[str]:
    return frozenset(resource.body.get("roles", ()))


def families(resource: Resource) -> frozenset[str]:
    return frozenset(resource.body.get("families", ()))
