"""Pipelines, jobs and steps for systems whose configuration is one YAML file, made and filled alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from linter.model import Artifact, Entry, Map, Resource, Seq, Span, Unit, Workspace
from linter.parsers.pipelines.github_forms import whole
from linter.parsers.pipelines.model import text, texts
from linter.parsers.pipelines.roles import roles_of_commands
from linter.parsers.pipelines.shell import Command, commands
from linter.trees import put

MAX_STEPS = 20_000
"""Of one pipeline: more come only of commands that call each other again and again."""
_MOST_TOLD = 20
Fault = tuple[Span, str]


def document(workspace: Workspace, artifact: Artifact, what: str) -> Map | None:
    """The mapping a configuration is; anything else is told."""
    for value, start, end in getattr(artifact.tree, "documents", ())[:1]:
        if isinstance(value, Map):
            return value
        if value is not None:
            span = (artifact.source.index, start, end)
            workspace.fail("artifact-unparsed", span, f"{what} is one mapping", "Correct it.")
    return None


def complain(workspace: Workspace, faults: Iterable[Fault], system: str) -> None:
    for number, (span, message) in enumerate(faults):
        if number == _MOST_TOLD:
            return
        workspace.fail("artifact-unparsed", span, message, f"Correct it: {system} refuses the whole file.")


def at_value(entry: Entry) -> Entry:
    """The place of a value alone."""
    return entry[0], entry[3], entry[3], entry[3], entry[4]


def at_span(span: Span) -> Entry:
    return span[0], span[1], span[1], span[1], span[2]


def record(entry: Entry, **fields: Any) -> Map:
    """A derived mapping, all of whose entries stand where the one stands that it is derived from."""
    made = Map((entry[0], entry[3], entry[4]))
    for key, value in fields.items():
        put(made, key, value, entry)
    return made


def add(made: Seq, value: Any, entry: Entry) -> None:
    made.append(value)
    made.at.append(at_value(entry))


def listed(value: Any, entry: Entry) -> Iterator[tuple[Any, Entry]]:
    """The elements of a list, or the value alone."""
    if isinstance(value, Seq):
        yield from zip(value, value.at, strict=True)
    elif value is not None:
        yield value, entry


def trigger(made: Seq, event: str, cause: str, entry: Entry, **fields: Any) -> None:
    add(made, record(at_value(entry), event=event, cause=cause, **fields), entry)


def pipeline(path: str, platform: str, raw: Map, key: str) -> Resource:
    """The pipeline a file is, at the key that says what runs."""
    body = Map(raw.span)
    entry = raw.at.get(key) or next(iter(raw.at.values()), whole(raw))
    anchor = (entry[0], entry[1], entry[2]) if entry[2] > entry[1] else (entry[0], entry[3], entry[4])
    put(body, "platform", platform, whole(raw))
    put(body, "name", path.rpartition("/")[2], whole(raw))
    made = Resource("pipeline/pipeline", path, path, Unit("workflow", path), body, anchor, raw.span)
    made.context = {"workflow": raw, "pipeline": body}
    return made


def step(
    job: Resource, index: int, body: Map, span: Span, shell: str = "", roles: Mapping[str, Any] | None = None
) -> Resource:
    """A step of a job; of its `run` the commands are read. roles: what is known of a step that is no script."""
    at = at_span(span)
    put(body, "index", index, (span[0], span[1], span[1], span[1], span[1]))
    found: list[Command] = []
    own: set[str] = set(roles or ())
    families: set[str] = set()
    if isinstance(body.get("run"), str):
        found = commands(body["run"], shell)
        more, families = roles_of_commands(found)
        own |= more
    put(body, "roles", texts(sorted(own), at), at)
    put(body, "families", texts(sorted(families), at), at)
    put(body, "expressions", Seq((span[0], span[1], span[1])), at)
    name = text(body.get("name")) or f"step {index}"
    return Resource(
        "pipeline/step", f"{job.address}:{index}", name, job.unit, body, span, body.span,
        environment=job.environment, context={**job.context, "commands": found}, owner=job,
    )  # fmt: skip


def order(jobs: list[Resource], before: Mapping[int, Iterable[Resource]]) -> None:
    """Says of each job which ones end before it by the order of stages alone."""
    for job in jobs:
        job.context = {**job.context, "earlier": tuple(before.get(id(job), ()))}
