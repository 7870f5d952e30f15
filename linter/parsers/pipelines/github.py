"""GitHub Actions workflows and actions as the common model.

Encodes https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax and …/metadata-syntax.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from linter.model import Artifact, Entry, Environment, Map, Reference, Resource, Seq, Source, Unit, Workspace
from linter.parsers.pipelines.github_derived import after, derive, shell_of
from linter.parsers.pipelines.github_forms import (
    concurrency,
    gather,
    image,
    runner,
    triggers,
    whole,
    words,
    workflow_point,
)
from linter.parsers.pipelines.github_shape import Fault, action_faults, workflow_faults
from linter.parsers.pipelines.model import copy, expressions, mapping, point, settled, text, texts, uses
from linter.parsers.pipelines.roles import roles_of_action, roles_of_commands
from linter.parsers.pipelines.shell import Command, commands
from linter.trees import put

_MOST_TOLD = 20


def expand(workspace: Workspace) -> Iterator[Resource]:
    """Resources of every workflow (`.github/workflows/*.y?ml`) and action (`action.y?ml`) of the tree."""
    for artifact in workspace.of_format("workflow"):
        workspace.progress(artifact.path)
        document = _document(workspace, artifact)
        if document is None:
            continue
        if "runs" in document and "jobs" not in document:
            _complain(workspace, action_faults(document))
            yield from _Reader(workspace, artifact, document).action()
        elif "jobs" in document or "on" in document:
            _complain(workspace, workflow_faults(document))
            yield from _Reader(workspace, artifact, document).workflow()


def _document(workspace: Workspace, artifact: Artifact) -> Map | None:
    documents = getattr(artifact.tree, "documents", ())
    if not documents:
        return None
    value, start, end = documents[0]
    if isinstance(value, (Seq, str, int, float)):
        _complain(workspace, [((artifact.source.index, start, end), "a workflow or an action is one mapping")])
    return mapping(value)


def _complain(workspace: Workspace, faults: Iterable[Fault]) -> None:
    for number, (span, message) in enumerate(faults):
        if number == _MOST_TOLD:
            return
        workspace.fail("artifact-unparsed", span, message, "Correct it: GitHub refuses the whole file.")


class _Reader:
    """Reads one file. Malformed parts are left out of the model, having been told; the rest is kept."""

    __slots__ = ("duplicates", "path", "raw", "settings", "source", "unit")

    def __init__(self, workspace: Workspace, artifact: Artifact, raw: Map) -> None:
        self.path = artifact.path
        self.source: Source = artifact.source
        self.raw = raw
        self.duplicates = artifact.tree.duplicates
        self.settings = workspace.settings
        self.unit = Unit("workflow", artifact.path)

    def workflow(self) -> Iterator[Resource]:
        raw = self.raw
        body = Map(raw.span)
        for key in ("name", "permissions", "env", "defaults", "run-name"):
            copy(body, key.replace("-", "_"), raw, key)
        put(body, "platform", "github", whole(raw))
        if "on" in raw:
            put(body, "triggers", triggers(raw["on"], raw.at["on"]), raw.at["on"])
        if "concurrency" in raw:
            put(body, "concurrency", concurrency(raw), raw.at["concurrency"])
        anchor = workflow_point(raw)
        name = text(raw.get("name")) or self.path.rsplit("/", 1)[-1]
        pipeline = Resource("pipeline/pipeline", self.path, name, self.unit, body, anchor, raw.span)
        pipeline.context = {"workflow": raw, "pipeline": body, "duplicates": self.duplicates}
        parts = list(self._jobs(pipeline))
        self._expressions(body, (("run_name", "run-name"), ("env", "env"), ("concurrency", "concurrency")), raw)
        gather(body, [part.body for part in parts if part.kind == "pipeline/job"], whole(raw))
        yield pipeline
        yield from parts

    def _jobs(self, pipeline: Resource) -> Iterator[Resource]:
        jobs = mapping(self.raw.get("jobs"))
        if jobs is None:
            return
        for id, raw in jobs.items():
            if isinstance(raw, Map) and id in jobs.at:
                yield from self._job(pipeline, str(id), raw, jobs.at[id])

    def _job(self, pipeline: Resource, id: str, raw: Map, entry: Entry) -> Iterator[Resource]:
        body = Map(raw.span)
        source, key_start, key_end, _, end = entry
        put(body, "id", id, (source, key_start, key_start, key_start, key_end))
        for key, name in _JOB_ENTRIES:
            copy(body, key, raw, name)
        if "permissions" not in body:
            copy(body, "permissions", self.raw, "permissions")
        self._derive(body, raw)
        anchor = (source, key_start, key_end)
        address = f"{self.path}#{id}"
        job = Resource(
            "pipeline/job", address, text(raw.get("name")) or id, self.unit, body, anchor, (source, key_start, end),
            environment=self._environment(body), context={"workflow": self.raw, "job": raw, "pipeline": pipeline.body},
            owner=pipeline,
        )  # fmt: skip
        for needed in body.get("needs", ()):
            job.references.append(Reference("needs", "needs", f"{self.path}#{needed}"))
        steps = list(self._steps(raw, job, f"{address}:", job.context))
        self._expressions(body, _JOB_EXPRESSIONS, raw)
        bodies = [step.body for step in steps]
        gather(body, bodies, (source, key_start, key_start, key_start, key_end))
        derive(body, bodies)
        yield job
        yield from steps

    def _derive(self, body: Map, raw: Map) -> None:
        """The entries of a job that have more than one written form."""
        if "needs" in raw:
            put(body, "needs", words(raw["needs"], raw.at["needs"]), raw.at["needs"])
        if "runs-on" in raw:
            strategy = mapping(raw.get("strategy"))
            matrix = strategy.get("matrix") if strategy is not None else None
            put(body, "runner", runner(raw["runs-on"], raw.at["runs-on"], matrix), raw.at["runs-on"])
        if "timeout-minutes" in raw:
            put(body, "timeout", settled(raw["timeout-minutes"], "timeout-minutes"), raw.at["timeout-minutes"])
        if "continue-on-error" in raw:
            value = settled(raw["continue-on-error"], "continue-on-error")
            put(body, "continue_on_error", value, raw.at["continue-on-error"])
        if "container" in raw:
            put(body, "container", image(raw["container"], raw.at["container"]), raw.at["container"])
        if "concurrency" in raw:
            put(body, "concurrency", concurrency(raw), raw.at["concurrency"])
        if isinstance(raw.get("uses"), str):
            put(body, "uses", uses(raw["uses"], raw.at["uses"]), raw.at["uses"])
        if "environment" in raw:
            self._place_environment(body, raw)
        self._place_after(body, raw)

    def _place_after(self, body: Map, raw: Map) -> None:
        way = after(raw.get("if"))
        if way:
            put(body, "after", way, raw.at["if"])

    def _place_environment(self, body: Map, raw: Map) -> None:
        value, entry = raw["environment"], raw.at["environment"]
        made = Map((entry[0], entry[3], entry[4]))
        if isinstance(value, Map):
            if "name" in value:
                put(made, "name", settled(value["name"], "environment.name"), value.at["name"])
            copy(made, "url", value, "url")
        elif isinstance(value, str):
            put(made, "name", settled(value, "environment"), (entry[0], entry[3], entry[3], entry[3], entry[4]))
        name = made.get("name")
        if isinstance(name, str) and name:
            found = self._named(name)
            if found is not None and found.tier:
                put(made, "tier", found.tier, made.at["name"])
        put(body, "environment", made, entry)

    def _environment(self, body: Map) -> Environment | None:
        made = mapping(body.get("environment"))
        name = made.get("name") if made is not None else None
        return self._named(name) if isinstance(name, str) and name else None

    def _named(self, name: str) -> Environment | None:
        from linter.discovery.environments import environment_named

        return environment_named(name, self.settings)

    def _steps(self, raw: Map, owner: Resource, prefix: str, context: Mapping[str, Any]) -> Iterator[Resource]:
        steps = raw.get("steps")
        if not isinstance(steps, Seq):
            return
        for index, step in enumerate(steps, 1):
            if isinstance(step, Map):
                yield self._step(step, steps.at[index - 1], index, owner, f"{prefix}{index}", context)

    def _step(
        self, raw: Map, entry: Entry, index: int, owner: Resource, address: str,
        context: Mapping[str, Any],
    ) -> Resource:  # fmt: skip
        body = Map(raw.span)
        source, _, _, start, end = entry
        for key, name in _STEP_ENTRIES:
            copy(body, key, raw, name)
        put(body, "index", index, (source, start, start, start, start))
        for key, name in (("continue_on_error", "continue-on-error"), ("timeout", "timeout-minutes")):
            if name in raw:
                put(body, key, settled(raw[name], name), raw.at[name])
        self._place_after(body, raw)
        anchor = point(raw, (source, start, end))
        found: list[Command] = []
        roles: set[str] = set()
        families: set[str] = set()
        if isinstance(raw.get("uses"), str):
            action = uses(raw["uses"], raw.at["uses"])
            put(body, "uses", action, raw.at["uses"])
            inputs = {str(key): text(value) for key, value in (mapping(raw.get("with")) or {}).items()}
            roles, families = roles_of_action(str(action["name"]), inputs)
        if isinstance(raw.get("run"), str):
            found = commands(raw["run"], shell_of(raw, context))
            roles, families = roles_of_commands(found)
        at = (anchor[0], anchor[1], anchor[1], anchor[1], anchor[2])
        put(body, "roles", texts(sorted(roles), at), at)
        put(body, "families", texts(sorted(families), at), at)
        self._expressions(body, _STEP_EXPRESSIONS, raw)
        name = text(raw.get("name")) or text(raw.get("id")) or text(raw.get("uses")).strip() or f"step {index}"
        return Resource(
            "pipeline/step", address, name, self.unit, body, anchor, (source, start, end),
            environment=owner.environment, context={**context, "commands": found}, owner=owner,
        )  # fmt: skip

    def _expressions(self, body: Map, names: tuple[tuple[str, str], ...], raw: Map) -> None:
        found = Seq(raw.span)
        for where, name in names:
            value = raw.get(name)
            if value.__class__ is str and name != "if" and "${{" not in value:
                continue
            if value is not None and name in raw.at:
                expressions(found, self.source, value, raw.at[name], where, bare=name == "if")
        put(body, "expressions", found, whole(raw))

    def action(self) -> Iterator[Resource]:
        raw = self.raw
        body = Map(raw.span)
        for key in ("name", "description", "inputs", "outputs"):
            copy(body, key, raw, key)
        put(body, "platform", "github", whole(raw))
        runs = mapping(raw.get("runs"))
        if runs is not None:
            for key in ("using", "image", "main"):
                copy(body, key, runs, key)
        name = text(raw.get("name")) or self.path
        action = Resource("pipeline/action", self.path, name, self.unit, body, workflow_point(raw), raw.span)
        action.context = {"action": raw, "pipeline": body}
        steps = list(self._steps(runs, action, f"{self.path}:", action.context)) if runs is not None else []
        self._expressions(body, (("outputs", "outputs"),), raw)
        gather(body, [step.body for step in steps], whole(raw))
        yield action
        yield from steps


_JOB_ENTRIES = (
    ("name", "name"), ("permissions", "permissions"), ("env", "env"), ("condition", "if"), ("services", "services"),
    ("secrets", "secrets"), ("strategy", "strategy"), ("outputs", "outputs"), ("with", "with"),
    ("defaults", "defaults"), ("run", "run"),
)  # fmt: skip
_JOB_EXPRESSIONS = (
    ("name", "name"), ("if", "if"), ("env", "env"), ("runs-on", "runs-on"), ("environment", "environment"),
    ("concurrency", "concurrency"), ("container", "container"), ("services", "services"), ("strategy", "strategy"),
    ("with", "with"), ("secrets", "secrets"), ("outputs", "outputs"), ("timeout", "timeout-minutes"),
    ("defaults", "defaults"), ("run", "run"),
)  # fmt: skip
_STEP_ENTRIES = (
    ("id", "id"), ("name", "name"), ("run", "run"), ("shell", "shell"), ("with", "with"), ("env", "env"),
    ("condition", "if"), ("working_directory", "working-directory"),
)  # fmt: skip
_STEP_EXPRESSIONS = (
    ("name", "name"), ("if", "if"), ("run", "run"), ("with", "with"), ("env", "env"), ("shell", "shell"),
    ("working-directory", "working-directory"), ("continue-on-error", "continue-on-error"),
)  # fmt: skip
