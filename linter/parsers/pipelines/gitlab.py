"""GitLab CI configurations as the common model.

Encodes https://docs.gitlab.com/ci/yaml/. Every `.gitlab-ci.yml` begins a repository: paths in it count from its folder.
A file that another only includes is no pipeline; what a job triggers with a local file is one of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from linter.model import Artifact, Entry, Map, Resource, Seq, Span, Unit, Workspace
from linter.parsers.pipelines.events import MAIN, REVIEW, TAG, WORK, Event
from linter.parsers.pipelines.github_forms import gather, whole
from linter.parsers.pipelines.gitlab_files import Gathering, Library, spans
from linter.parsers.pipelines.gitlab_forms import families_of_include, stage_records, stages, variables
from linter.parsers.pipelines.gitlab_jobs import Jobs
from linter.parsers.pipelines.gitlab_merge import Configuration, Fault
from linter.parsers.pipelines.gitlab_reach import starts
from linter.parsers.pipelines.gitlab_shape import GLOBAL, faults, job_faults
from linter.parsers.pipelines.model import mapping, text, texts
from linter.trees import put

_MOST_TOLD = 20
_MOST_CHILDREN = 200


def expand(workspace: Workspace) -> Iterator[Resource]:
    """Resources of every `.gitlab-ci.yml` of the tree, and of the local child pipelines that their jobs trigger.

    What the file of an outer folder includes or triggers is a part of its repository, and begins none of its own.
    """
    library = Library(workspace)
    told: set[Fault] = set()
    claimed: set[str] = set()
    for artifact in sorted(workspace.of_format("gitlab"), key=lambda artifact: artifact.path.count("/")):
        if artifact.path in claimed:
            continue
        workspace.progress(artifact.path)
        base = artifact.path.rpartition(".gitlab-ci.yml")[0]
        waiting: list[tuple[str, dict[str, Any]]] = [(artifact.path, {})]
        seen = {artifact.path}
        while waiting:
            path, inputs = waiting.pop()
            reading = _Pipeline(workspace, library, artifact, path, base, told)
            yield from reading.resources(inputs)
            claimed.update(reading.files)
            for child, given in reading.children:
                if child not in seen and len(seen) < _MOST_CHILDREN:
                    seen.add(child)
                    waiting.append((child, given))


class _Pipeline:
    """Reads one pipeline. Malformed parts are left out of the model, having been told; the rest is kept."""

    __slots__ = ("base", "children", "files", "library", "path", "root", "told", "unit", "workspace")

    def __init__(
        self, workspace: Workspace, library: Library, root: Artifact, path: str, base: str, told: set[Fault]
    ) -> None:
        self.workspace = workspace
        self.library = library
        self.root = root
        self.path = path
        self.base = base
        self.told = told
        self.unit = Unit("workflow", path)
        self.children: list[tuple[str, dict[str, Any]]] = []
        self.files: list[str] = []

    def resources(self, inputs: dict[str, Any]) -> Iterator[Resource]:
        gathering = Gathering(self.library, self.base)
        raw = gathering.read(self.path, inputs)
        self.files = gathering.files
        if raw is None:
            return
        configuration = Configuration(raw, gathering.references, gathering.open)
        if raw.open is None:
            raw.open = gathering.open
        self._complain(spans(gathering.faults))
        if not raw:
            return
        yield from self._build(configuration, gathering)

    def _build(self, configuration: Configuration, gathering: Gathering) -> Iterator[Resource]:
        raw = _globals(configuration)
        self._complain(faults(raw))
        body = Map(raw.span)
        pipeline = Resource(
            "pipeline/pipeline", self.path, self.path.rsplit("/", 1)[-1], self.unit, body, _point(raw), raw.span
        )
        workflow = mapping(raw.get("workflow"))
        if workflow is not None and isinstance(workflow.get("name"), str):
            put(body, "name", workflow["name"], workflow.at["name"])
            pipeline.name = workflow["name"]
        put(body, "platform", "gitlab", whole(raw))
        self._whole(body, raw, gathering)
        pipeline.context = {
            "workflow": raw, "pipeline": body, "memo": {}, "exists": gathering.exists,
            "child": self.path != self.root.path, "open_workflow": _may_bring_workflow(gathering),
        }  # fmt: skip
        reader = Jobs(self.unit, self.path, self.base, self.workspace.settings, pipeline, raw, gathering)
        scripts: set[Span] = set()
        jobs: list[Resource] = []
        parts: list[Resource] = []
        for name in _names(raw):
            job = configuration.value(name)
            if isinstance(job, Map):
                self._complain(job_faults(job, scripts))
                made = list(reader.read(text(name), job, raw.at[name]))
                jobs.append(made[0])
                parts += made
        self._complain(configuration.faults)
        reader.order(jobs)
        self.children = reader.children
        pipeline.context = {**pipeline.context, "jobs": tuple(jobs)}
        put(body, "triggers", _triggers(pipeline), whole(raw))
        self._roles(body, jobs, gathering, whole(raw))
        yield pipeline
        yield from parts

    def _whole(self, body: Map, raw: Map, gathering: Gathering) -> None:
        """What holds for the whole pipeline."""
        if "variables" in raw:
            env = Map((raw.at["variables"][0], raw.at["variables"][3], raw.at["variables"][4]))
            variables(raw["variables"], env)
            put(body, "env", env, raw.at["variables"])
        at = raw.at.get("stages", whole(raw))
        put(body, "stages", stage_records(stages(raw.get("stages"), at), at), at)
        if gathering.includes:
            entry = gathering.includes[0][1]
            made = Seq((entry[0], entry[3], entry[4]))
            for record, place in gathering.includes:
                made.append(record)
                made.at.append(place)
            put(body, "includes", made, entry)
        workflow = mapping(raw.get("workflow"))
        cancel = workflow.get("auto_cancel") if workflow is not None else None
        if isinstance(cancel, Map) and workflow is not None:
            made_of = Map(cancel.span)
            for key, item in cancel.items():
                put(made_of, key, item, cancel.at[key])
            put(body, "auto_cancel", made_of, workflow.at["auto_cancel"])

    def _roles(self, body: Map, jobs: list[Resource], gathering: Gathering, at: Entry) -> None:
        gather(body, [job.body for job in jobs], at)
        added = set[str]().union(*(families_of_include(record) for record, _ in gathering.includes))
        if added:
            put(body, "families", texts(sorted(added | set(body["families"])), at), at)
            put(body, "roles", texts(sorted({"scan", *body["roles"]}), at), at)

    def _complain(self, found: Iterable[tuple[Span, str]]) -> None:
        number = 0
        for span, message in found:
            if (span, message) in self.told:
                continue
            self.told.add((span, message))
            number += 1
            if number > _MOST_TOLD:
                return
            self.workspace.fail("artifact-unparsed", span, message, "Correct it: GitLab refuses the whole file.")


def _globals(configuration: Configuration) -> Map:
    """The merged files with the references in what is no job worked out."""
    raw = configuration.raw
    for key in GLOBAL:
        if key in raw and key != "include":
            value = configuration.value(key)
            if value is not raw[key]:
                raw[key] = value
    return raw


def _names(raw: Map) -> list[Any]:
    return [name for name in raw if name not in GLOBAL and name != "spec" and not str(name).startswith(".")]


def _point(raw: Map) -> Span:
    """The key of `workflow`, `stages` or whatever stands first in the file itself."""
    source, start, end = raw.span
    own = [entry for entry in raw.at.values() if entry[0] == source]
    for key in ("workflow", "stages"):
        if key in raw and raw.at[key][0] == source:
            own.insert(0, raw.at[key])
            break
    entry = own[0] if own else (source, start, start, start, end)
    return (entry[0], entry[1], entry[2]) if entry[2] > entry[1] else (entry[0], entry[3], entry[4])


def _may_bring_workflow(gathering: Gathering) -> bool:
    """Whether an include that is not here may hold `workflow`; of GitLab's own templates only a few do."""
    for record, _ in gathering.includes:
        name = str(record["name"])
        if record["kind"] == "template":
            if name.startswith(("Workflows/", "Auto-DevOps")):
                return True
        elif record["kind"] != "local" or "missing" in record or "$" in name:
            return True
    return False


_ASKED: tuple[tuple[str, str, tuple[Event, ...]], ...] = (
    ("merge_request_event", "review", (REVIEW,)),
    ("schedule", "schedule", (Event("schedule"),)),
    ("web", "manual", (Event("manual"),)),
    ("pipeline", "upstream", (Event("upstream"),)),
    ("parent_pipeline", "called", (Event("called"),)),
)


def _triggers(pipeline: Resource) -> Seq:
    """What may start the pipeline: every source for which GitLab would not certainly refuse to make one."""
    at = _place(pipeline)
    made = Seq((at[0], at[3], at[4]))
    branch = any(starts(pipeline, event) is not False for event in (*MAIN, *WORK))
    tag = starts(pipeline, TAG) is not False
    if branch or tag:
        trigger = _trigger(made, "push", "push", at)
        if branch != tag:
            put(trigger, "branches" if branch else "tags", texts(["*"], at), at)
    for event, cause, asked in _ASKED:
        if any(starts(pipeline, each) is not False for each in asked):
            _trigger(made, event, cause, at)
    return made


def _trigger(made: Seq, event: str, cause: str, at: Entry) -> Map:
    trigger = Map((at[0], at[3], at[4]))
    put(trigger, "event", event, at)
    put(trigger, "cause", cause, at)
    made.append(trigger)
    made.at.append(at)
    return trigger


def _place(pipeline: Resource) -> Entry:
    source, start, end = pipeline.anchor
    return source, start, start, start, end
