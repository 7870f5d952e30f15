"""CircleCI configurations as the common model.

Encodes https://circleci.com/docs/configuration-reference/. Every job of a workflow is a job, under the name it has there;
a job that no workflow runs is one too, since it is one line away from running. Orbs are named, never fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model import Entry, Map, Reference, Resource, Seq, Workspace
from linter.parsers.pipelines.circleci_jobs import Faults, Job, Jobs
from linter.parsers.pipelines.github_forms import gather, whole
from linter.parsers.pipelines.model import mapping, text
from linter.parsers.pipelines.plain_parts import add, at_value, complain, document, listed, pipeline, record, trigger
from linter.trees import as_map, put

_MOST_JOBS = 2000


def expand(workspace: Workspace) -> Iterator[Resource]:
    """Resources of every `.circleci/config.yml` of the tree."""
    for artifact in workspace.of_format("circleci"):
        workspace.progress(artifact.path)
        raw = document(workspace, artifact, "a CircleCI configuration")
        if raw:
            yield from _resources(workspace, artifact.path, raw)


def _resources(workspace: Workspace, path: str, raw: Map) -> Iterator[Resource]:
    top = pipeline(path, "circleci", raw, "workflows" if "workflows" in raw else "jobs")
    faults: Faults = []
    put(top.body, "includes", _orbs(raw, faults), raw.at.get("orbs", whole(raw)))
    reader = Jobs(top, raw, workspace.settings, faults)
    made: list[Job] = list(_invoked(raw, faults))[:_MOST_JOBS]
    run = {job.definition for job in made}
    jobs = mapping(raw.get("jobs")) or Map(raw.span)
    single = "workflows" not in raw
    for name in jobs:
        if text(name) not in run:
            made.append(Job(text(name), text(name), "", jobs.at[name], None, single and name == "build"))
    parts: list[Resource] = []
    bodies: list[Map] = []
    for job in made:
        resources = list(reader.read(job))
        bodies += [each.body for each in resources[:1]]
        parts += resources
    put(top.body, "triggers", _triggers(raw, parts), whole(raw))
    gather(top.body, bodies, whole(raw))
    complain(workspace, faults, "CircleCI")
    for part in parts:
        for needed in part.body.get("needs", ()) if part.kind == "pipeline/job" else ():
            part.references.append(Reference("needs", "needs", f"{path}#{needed}"))
    yield top
    yield from parts


def _orbs(raw: Map, faults: Faults) -> Seq:
    """`orbs` as includes {kind: orb, raw, name, ref, alias}, each where its reference is written."""
    made = Seq(raw.at["orbs"][:1] + raw.at["orbs"][3:] if "orbs" in raw else raw.span)
    orbs = as_map(raw.get("orbs"))
    if "orbs" in raw and not isinstance(raw["orbs"], Map):
        faults.append((_value(raw, "orbs"), "`orbs` must be a mapping"))
    for alias, reference in orbs.items():
        entry = at_value(orbs.at[alias])
        if isinstance(reference, str):
            name, _, ref = reference.partition("@")
            add(made, record(entry, kind="orb", raw=reference, name=name, ref=ref, alias=text(alias)), entry)
        elif not isinstance(reference, Map):
            faults.append(((entry[0], entry[3], entry[4]), f"orb `{alias}` must be a reference or a mapping"))
    return made


def _value(raw: Map, key: str) -> tuple[int, int, int]:
    entry = raw.at[key]
    return entry[0], entry[3], entry[4]


def _invoked(raw: Map, faults: Faults) -> Iterator[Job]:
    """The jobs of all workflows; where two workflows have one of the same name, the workflow's is put before it."""
    found: list[Job] = []
    workflows = raw.get("workflows")
    if workflows is not None and not isinstance(workflows, Map):
        faults.append((_value(raw, "workflows"), "`workflows` must be a mapping"))
    for name, workflow in as_map(workflows).items():
        if not isinstance(workflow, Map):
            if name != "version":
                faults.append((_value(as_map(workflows), name), f"workflow `{name}` must be a mapping"))
            continue
        if "jobs" in workflow:
            for item, entry in listed(workflow["jobs"], workflow.at["jobs"]):
                job = _invocation(text(name), item, entry, faults)
                if job is not None:
                    found.append(job)
    seen: dict[str, int] = {}
    for job in found:
        seen[job.id] = seen.get(job.id, 0) + 1
    for job in found:
        yield job._replace(id=f"{job.workflow}/{job.id}") if seen[job.id] > 1 else job


def _invocation(workflow: str, item: Any, entry: Entry, faults: Faults) -> Job | None:
    if isinstance(item, str):
        return Job(item, item, workflow, entry, None, True)
    if isinstance(item, Map) and len(item) == 1:
        definition, options = next(iter(item.items()))
        if isinstance(options, Map) or options is None:
            name = text(as_map(options).get("name")) or text(definition)
            return Job(name, text(definition), workflow, item.at[definition], mapping(options), True)
    faults.append(
        ((entry[0], entry[3], entry[4]), f"a job of workflow `{workflow}` must be a name, or a mapping of one")
    )
    return None


def _triggers(raw: Map, parts: list[Resource]) -> Seq:
    """Every push starts it, those to proposed changes among them; schedules are written in workflows."""
    made = Seq(raw.span)
    entry = raw.at.get("workflows", whole(raw))
    at = (entry[0], entry[1], entry[1], entry[1], max(entry[2], entry[1]))
    trigger(made, "push", "push", at)
    trigger(made, "push", "review", at)
    for workflow in as_map(raw.get("workflows")).values():
        if isinstance(workflow, Map) and "triggers" in workflow:
            for item, place in listed(workflow["triggers"], workflow.at["triggers"]):
                if isinstance(item, Map) and "schedule" in item:
                    trigger(made, "schedule", "schedule", place)
    if isinstance(raw.get("parameters"), Map):
        trigger(made, "api", "manual", raw.at["parameters"])
    return made
