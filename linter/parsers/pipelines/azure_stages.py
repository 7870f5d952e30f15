"""The stages of an Azure pipeline: in what order they run, and so which jobs end before which.

Encodes https://learn.microsoft.com/azure/devops/pipelines/process/stages: a stage that names none depends on the one before.
"""

from __future__ import annotations

from linter.model import Entry, Map, Resource, Seq
from linter.parsers.pipelines.github_forms import words
from linter.trees import put


class Stage:
    """A stage, written or implied (name ''), with the jobs that were read in it."""

    __slots__ = ("entry", "jobs", "name", "needs", "raw")

    def __init__(self, name: str, raw: Map, entry: Entry) -> None:
        self.name = name
        self.raw = raw
        self.entry = entry
        self.needs: tuple[str, ...] | None = None
        self.jobs: list[Resource] = []


def order(stages: list[Stage]) -> None:
    """The jobs that end before by the order of stages: of those a stage names, else of the one before it."""
    by_name: dict[str, list[Resource]] = {}
    for stage in stages:
        by_name.setdefault(stage.name.lower(), []).extend(stage.jobs)
    before: list[Resource] = []
    for stage in stages:
        names = stage.needs
        earlier = before if names is None else [job for name in names for job in by_name.get(name.lower(), ())]
        for job in stage.jobs:
            context = job.context
            assert isinstance(context, dict)
            context["earlier"] = tuple(earlier)
        before = stage.jobs or before


def stage_list(stages: list[Stage], root: Map) -> Seq:
    made = Seq(root.span)
    for stage in stages:
        if not stage.name:
            continue
        item = Map(stage.raw.span)
        put(item, "name", stage.name, stage.raw.at.get("stage", stage.entry))
        if stage.needs is not None:
            put(item, "needs", words(stage.raw["dependsOn"], stage.raw.at["dependsOn"]), stage.raw.at["dependsOn"])
        if "condition" in stage.raw:
            put(item, "condition", stage.raw["condition"], stage.raw.at["condition"])
        made.append(item)
        made.at.append(stage.entry)
    return made
