"""What a Jenkins pipeline is made of while it is read: scopes of steps, jobs with their steps, the file as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linter.model import Entry, Environment, Map, Resource, Seq, Span, Unit, Workspace, merge
from linter.parsers.pipelines.github_forms import gather
from linter.parsers.pipelines.jenkins_values import Code
from linter.parsers.pipelines.model import texts
from linter.records import NamedTuple
from linter.syntax.groovy_tree import Node
from linter.trees import put

MAX_STEPS = 20_000
"""Of one file: a method that steps call is read again for each of them."""


class Secret(NamedTuple):
    """A credential bound to a variable. scope: pipeline, stage or step, whichever binds it."""

    name: Any
    variable: Any
    scope: str
    at: Entry


class Guard(NamedTuple):
    """A condition steps run under. kind: when (node: the closure of `when`) or if; negated: the branch beside it."""

    kind: str
    node: Node
    negated: bool


def condition_of(code: Code, guard: Guard) -> tuple[str, Entry]:
    """A condition as it is written, and where."""
    written = code.text[guard.node[1] : guard.node[2]]
    return f"!({written})" if guard.negated else written, code.entry(guard.node)


class Scope(NamedTuple):
    """What holds for the steps of a block."""

    env: Map | None = None
    secrets: tuple[Secret, ...] = ()
    guards: tuple[Guard, ...] = ()
    after: str = ""
    agent: Map | None = None
    timeout: tuple[Any, Entry] | None = None
    locks: tuple[tuple[Any, Entry], ...] = ()
    approvals: tuple[tuple[Any, Entry], ...] = ()
    masked: bool = False
    stages: tuple[str, ...] = ()
    inlined: int = 0
    folder: tuple[str, Entry] | None = None


class Job:
    """A job that is being read."""

    __slots__ = ("approvals", "artifacts", "resource", "scope", "secrets", "steps")

    def __init__(self, resource: Resource, scope: Scope) -> None:
        self.resource = resource
        self.scope = scope
        self.steps: list[Resource] = []
        self.secrets: list[Secret] = list(scope.secrets)
        self.approvals: list[tuple[Any, Entry]] = list(scope.approvals)
        self.artifacts: list[tuple[str, Any, str, Entry]] = []


class File:
    """One Jenkinsfile. methods: those it defines, by name; called: which of them steps called."""

    __slots__ = (
        "called", "code", "ids", "includes", "jobs", "methods", "path", "pipeline", "settings", "steps_left", "unit",
        "variables",
    )  # fmt: skip

    def __init__(self, workspace: Workspace, path: str, code: Code, body: Map, anchor: Span) -> None:
        self.path = path
        self.code = code
        self.settings: Mapping[str, Any] = workspace.settings
        self.unit = Unit("workflow", path)
        self.methods: dict[str, Node] = {}
        self.called: set[str] = set()
        self.variables: dict[str, Any] = {}
        self.ids: dict[str, int] = {}
        self.jobs: list[Job] = []
        self.includes = Seq(body.span)
        self.steps_left = MAX_STEPS
        name = path.rpartition("/")[2]
        self.pipeline = Resource("pipeline/pipeline", path, name, self.unit, body, anchor, body.span)
        self.pipeline.context = {"workflow": body, "pipeline": body}

    def job(self, name: str, span: Span, extent: Span, scope: Scope, earlier: tuple[Resource, ...]) -> Job:
        """A job with what its scope gives it; its steps are put in later."""
        path = " / ".join((*scope.stages, name))
        self.ids[path] = self.ids.get(path, 0) + 1
        id = path if self.ids[path] == 1 else f"{path}~{self.ids[path]}"
        body = Map(extent)
        at = (span[0], span[1], span[1], span[1], span[2])
        put(body, "id", id, at)
        put(body, "name", name, at)
        if scope.stages:
            put(body, "stage", " / ".join(scope.stages), at)
        context = {
            "workflow": self.pipeline.body, "job": body, "pipeline": self.pipeline.body, "earlier": earlier,
            "guards": scope.guards,
        }  # fmt: skip
        resource = Resource(
            "pipeline/job",
            f"{self.path}#{id}",
            name,
            self.unit,
            body,
            span,
            extent,
            context=context,
            owner=self.pipeline,
        )
        made = Job(resource, scope)
        self._given(made)
        self.jobs.append(made)
        return made

    def _given(self, job: Job) -> None:
        body, scope = job.resource.body, job.scope
        if scope.env is not None:
            source, start, end = scope.env.span
            put(body, "env", scope.env, (source, start, start, start, end))
        if scope.agent is not None:
            agent_of(body, scope.agent)
        if scope.timeout is not None:
            put(body, "timeout", *scope.timeout)
        if scope.guards:
            put(body, "condition", *condition_of(self.code, scope.guards[-1]))
        if scope.locks:
            locked, at = scope.locks[-1]
            group = Map((at[0], at[3], at[4]))
            put(group, "group", locked, at)
            put(body, "concurrency", group, at)

    def finish(self) -> None:
        """Fills what follows from a job's steps."""
        for job in self.jobs:
            body = job.resource.body
            at = body.at["id"]
            gather(body, [step.body for step in job.steps], at)
            put(body, "expressions", Seq((at[0], at[3], at[3])), at)
            _listed(body, "credentials", [
                ({"name": each.name, "kind": "credential", "variable": each.variable, "scope": each.scope}, each.at)
                for each in _distinct(job.secrets)
            ])  # fmt: skip
            _listed(body, "approvals", [({"kind": "manual", "name": name}, entry) for name, entry in job.approvals])
            _listed(body, "artifacts", [
                ({"name": name, "paths": paths, "way": way}, entry) for name, paths, way, entry in job.artifacts
            ])  # fmt: skip
            self._environment(job)
            for step in job.steps:
                step.environment = job.resource.environment

    def _environment(self, job: Job) -> None:
        """The environment a stage that deploys names: Jenkins has no other word for one."""
        body = job.resource.body
        if _DELIVERS.isdisjoint(body["roles"]):
            return
        from linter.discovery.environments import environment_named

        found = environment_named(str(body["id"]).partition("~")[0], self.settings)
        if found is None:
            return
        at = body.at["name"]
        made = Map((at[0], at[3], at[4]))
        put(made, "name", found.name, at)
        if found.tier:
            put(made, "tier", found.tier, at)
        put(body, "environment", made, at)
        job.resource.environment = Environment(found.name, found.tier)


_DELIVERS = frozenset(("deploy", "promote", "rollback", "migrate", "destroy", "pages"))


def _distinct(secrets: list[Secret]) -> list[Secret]:
    return list({(str(each.name), str(each.variable), each.at): each for each in secrets}.values())


def _listed(body: Map, key: str, items: list[tuple[dict[str, Any], Entry]]) -> None:
    if not items:
        return
    found = Seq((items[0][1][0], items[0][1][3], items[-1][1][4]))
    for fields, at in items:
        made = Map((at[0], at[3], at[4]))
        for name, value in fields.items():
            put(made, name, value, at)
        found.append(made)
        found.at.append(at)
    put(body, key, found, items[0][1])


def agent_of(body: Map, agent: Map) -> None:
    """An agent's entries as the common model has them: labels as runner, an image as container."""
    source, start, end = agent.span
    at = (source, start, start, start, end)
    put(body, "agent", agent, at)
    label = agent.get("label")
    if label is not None:
        made = texts([], agent.at["label"])
        made.append(label)
        made.at.append(agent.at["label"])
        put(body, "runner", made, agent.at["label"])
    elif agent.get("kind") == "any":
        put(body, "runner", texts(["any"], at), at)
    if agent.get("image") is not None:
        container = Map(agent.span)
        for key in ("image", "args", "credentials"):
            if key in agent:
                put(container, key, agent[key], agent.at[key])
        put(body, "container", container, agent.at["image"])


def joined(first: Map | None, second: Map) -> Map:
    """Variables over those of the block around."""
    return second if first is None else merge((first, second), second.span)
