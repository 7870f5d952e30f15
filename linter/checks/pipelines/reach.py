"""Whether an event can reach a job, whatever the system: triggers and conditions in three-valued logic."""

from __future__ import annotations

from collections.abc import Iterable

from linter.checks.pipelines.common import Tree, ancestors, causes
from linter.model import Resource
from linter.parsers.pipelines.events import WORK, Event, answers


def reached(job: Resource, tree: Tree, steps: list[Resource], event: Event) -> bool | None:
    """Whether an event reaches one of a job's steps: the triggers, the conditions of the job, of those before it, and of
    the step."""
    system = answers(job)
    if system is None:
        return None
    found = [system.starts(tree.top, event), system.runs(job, event)]
    if not system.overrides(job):
        found += [system.runs(other, event) for other in ancestors(job, tree)]
    if steps:
        inner = [system.runs(step, event) for step in steps]
        found.append(True if True in inner else None if None in inner else False)
    if False in found:
        return False
    return None if None in found else True


def started(pipeline: Resource, events: Iterable[Event]) -> Event | None:
    """The first of some events that starts a pipeline for certain."""
    system = answers(pipeline)
    return next((event for event in events if system is not None and system.starts(pipeline, event)), None)


def proposed(pipeline: Resource) -> bool:
    """Whether a pipeline runs on proposed changes: on a review, or on the branches they are made on where the system
    shows a proposed change the runs of its branch. GitHub keeps forks' branches apart, so that only reviews count."""
    if "review" in causes(pipeline):
        return True
    return pipeline.body.get("platform") != "github" and started(pipeline, WORK) is not None
