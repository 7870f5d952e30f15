"""A whole workflow, or a composite action, read from top to bottom."""

from __future__ import annotations

from typing import Any

from linter.checks.pipelines.common import Tree
from linter.checks.workflows.events import read_events
from linter.checks.workflows.forms import WORKFLOW
from linter.checks.workflows.jobs import environment_names, read_job, read_permissions, read_shell
from linter.checks.workflows.needs import read_needs
from linter.checks.workflows.reader import Reader, at_key
from linter.checks.workflows.scopes import Action, Workflow, step_type
from linter.checks.workflows.uses import outputs_of, workflow_outputs
from linter.model import Entry, Map, Resource, Seq, Unknown
from linter.trees import as_map, says


def read_workflow(reader: Reader, tree: Tree, raw: Map) -> None:
    workflow = Workflow(raw, lambda uses: workflow_outputs(reader, uses))
    reader.types = workflow
    source, start, end = raw.span
    first = next(iter(raw.at.values()), (source, start, start, start, end))
    whole: Entry = (source, first[1], first[2], start, end)
    for problem in tree.top.context.get("duplicates", ()):
        reader.tell("syntax", (source, problem.start, problem.end), problem.message)
    reader.read(raw, whole, WORKFLOW, "the workflow")
    if "on" in raw:
        read_events(reader, raw)
    if "permissions" in raw:
        read_permissions(reader, raw)
    if "env" in raw:
        environment_names(reader, raw["env"])
    read_shell(reader, raw.get("defaults"), "")
    if "jobs" in raw:
        _jobs(reader, tree, raw, workflow)


def _jobs(reader: Reader, tree: Tree, raw: Map, workflow: Workflow) -> None:
    jobs = raw["jobs"]
    if isinstance(jobs, Unknown):
        return
    if not isinstance(jobs, Map) or not jobs:
        wrong = "must be a mapping" if jobs and not isinstance(jobs, Map) else "is empty"
        reader.tell("syntax", at_key(raw.at["jobs"]), f"`jobs` {wrong}")
        return
    if len(jobs) > 1:
        reader.unique(jobs)
    for id, job in jobs.items():
        entry = jobs.at[id]
        resource: Resource = tree.ids.get(str(id), tree.top)
        if isinstance(job, Map) and job:
            read_job(reader, resource, job, entry, workflow)
        elif not isinstance(job, Unknown):
            reader.tell("syntax", at_key(entry), f"job `{id}` {'is empty' if not job else 'must be a mapping'}")
    read_needs(reader, tree, jobs)


def read_action(reader: Reader, raw: Map) -> None:
    """The expressions of a composite action; which keys an action may have is another matter."""
    from linter.checks.workflows.forms import ACTION_STEP, OUTPUT_VALUE

    types = Action(raw)
    reader.types = types
    runs = as_map(raw.get("runs"))
    steps: Any = runs.get("steps")
    if not says(runs.get("using"), "composite") or not isinstance(steps, Seq):
        return
    for step in steps:
        if not isinstance(step, Map):
            continue
        for key, item in step.items():
            form = ACTION_STEP.get(key)
            if form is not None:
                reader.read(item, step.at[key], form, str(key))
        id = step.get("id")
        if isinstance(id, str) and id:
            types.steps[id.lower()] = step_type(outputs_of(reader, step.get("uses")))
    for output in as_map(raw.get("outputs")).values():
        if isinstance(output, Map) and isinstance(output.get("value"), str):
            reader.read(output["value"], output.at["value"], OUTPUT_VALUE, "value")
