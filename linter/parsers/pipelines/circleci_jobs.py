"""The jobs of a CircleCI configuration with their executors, steps and commands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from linter.model import Entry, Map, Resource, Seq, Span
from linter.parsers.pipelines.github_forms import gather, words
from linter.parsers.pipelines.model import copy, mapping, text
from linter.parsers.pipelines.plain_parts import MAX_STEPS, add, at_value, listed, record, step
from linter.records import NamedTuple
from linter.trees import as_map, put

Faults = list[tuple[Span, str]]
_DEEPEST = 8
_AFTER = {"always": "always", "on_fail": "failure"}
_BUILT_IN = frozenset(
    ("checkout", "setup_remote_docker", "save_cache", "restore_cache", "store_artifacts", "store_test_results",
     "persist_to_workspace", "attach_workspace", "add_ssh_keys")
)  # fmt: skip
_RUN = (("name", "name"), ("run", "command"), ("shell", "shell"), ("env", "environment"),
        ("working_directory", "working_directory"))  # fmt: skip


class Job(NamedTuple):
    """A job of a workflow. definition: what it runs; entry: where it is named; runs: whether a workflow has it."""

    id: str
    definition: str
    workflow: str
    entry: Entry
    options: Map | None
    runs: bool


class Jobs:
    """Reads the jobs of one configuration. Malformed parts are told and left out."""

    __slots__ = ("_left", "_told", "faults", "raw", "settings", "top")

    def __init__(self, top: Resource, raw: Map, settings: Mapping[str, Any], faults: Faults) -> None:
        self.top = top
        self.raw = raw
        self.settings = settings
        self.faults = faults
        self._left = MAX_STEPS
        self._told: set[Span] = set()

    def read(self, job: Job) -> Iterator[Resource]:
        """The job and its steps."""
        source, start, end, first, last = job.entry
        if end <= start:
            start, end = first, last
        at = (source, start, start, start, end)
        raw = self._definition(job)
        body = Map((source, start, last))
        put(body, "id", job.id, at)
        put(body, "name", job.id, at)
        if job.workflow:
            put(body, "stage", job.workflow, at)
        self._options(body, job, at)
        executor = self._executor(raw)
        for holder in (executor, raw):
            self._surroundings(body, holder)
        env = self._environment(job)
        context = {
            "workflow": self.raw,
            "job": raw,
            "pipeline": self.top.body,
            "runs": job.runs,
            "options": job.options,
        }
        made = Resource(
            "pipeline/job", f"{self.top.address}#{job.id}", job.id, self.top.unit, body, (source, start, end),
            (source, start, last), environment=env, context=context, owner=self.top,
        )  # fmt: skip
        if env is not None and env.tier:
            put(body, "environment", record(at, name=env.name, tier=env.tier), at)
        steps = list(self._steps(raw, made))
        self._kept(body, steps)
        gather(body, [each.body for each in steps], at)
        yield made
        yield from steps

    def _definition(self, job: Job) -> Map:
        jobs = as_map(self.raw.get("jobs"))
        found = jobs.get(job.definition)
        if isinstance(found, Map):
            return found
        if job.definition in jobs:
            self._fault(jobs.at[job.definition], f"job `{job.definition}` must be a mapping")
        return Map((job.entry[0], job.entry[3], job.entry[3]))

    def _fault(self, entry: Entry, message: str) -> None:
        span = (entry[0], entry[3], entry[4])
        if span not in self._told:
            self._told.add(span)
            self.faults.append((span, message))

    def _environment(self, job: Job) -> Any:
        """Of an approval or a deployment, the environment its name tells (`deploy-production`)."""
        from linter.discovery.environments import environment_named

        for word in job.id.replace("/", "-").replace("_", "-").split("-"):
            found = environment_named(word, self.settings) if len(word) > 2 else None
            if found is not None and found.tier:
                return found
        return None

    def _options(self, body: Map, job: Job, at: Entry) -> None:
        """What the workflow says of the job: `requires`, `context`, `filters`, `type: approval`, `matrix`."""
        options = job.options
        if options is None:
            return
        if "requires" in options:
            put(body, "needs", _needs(options["requires"], options.at["requires"], job), options.at["requires"])
        if "context" in options:
            entry = options.at["context"]
            held = Seq((entry[0], entry[3], entry[4]))
            for name, place in listed(options["context"], entry):
                add(held, record(at_value(place), name=text(name), kind="variable"), place)
            put(body, "credentials", held, entry)
        for key, name in (("filters", "filters"), ("strategy", "matrix")):
            copy(body, key, options, name)
        if options.get("type") == "approval":
            entry = options.at["type"]
            held = Seq((entry[0], entry[3], entry[4]))
            add(held, record(at_value(entry), kind="manual", name=job.id), entry)
            put(body, "approvals", held, entry)

    def _executor(self, raw: Map) -> Map:
        """The executor a job names, of this file; of an orb's nothing is known."""
        written = raw.get("executor")
        name = written.get("name") if isinstance(written, Map) else written
        return as_map(as_map(self.raw.get("executors")).get(name)) if isinstance(name, str) else Map(raw.span)

    def _surroundings(self, body: Map, raw: Map) -> None:
        """Where a job runs: the first image is its own, the others are services."""
        if "docker" in raw:
            self._images(body, raw["docker"], raw.at["docker"])
        if "environment" in raw and isinstance(raw["environment"], Map):
            copy(body, "env", raw, "environment")
        for key in ("machine", "macos", "resource_class", "parallelism", "shell", "working_directory"):
            copy(body, key, raw, key)
        if "resource_class" in raw:
            put(body, "runner", words(raw["resource_class"], raw.at["resource_class"]), raw.at["resource_class"])

    def _images(self, body: Map, value: Any, entry: Entry) -> None:
        services = Map((entry[0], entry[3], entry[4]))
        for number, (item, at) in enumerate(listed(value, entry)):
            if not isinstance(item, Map):
                self._fault(at, "an element of `docker` must be a mapping with an image")
                continue
            if not isinstance(item.get("image"), str):
                self._fault(at, "an element of `docker` has no image")
                continue
            made = Map(item.span)
            for key, name in (("image", "image"), ("credentials", "auth"), ("env", "environment"), ("name", "name")):
                copy(made, key, item, name)
            if number == 0:
                put(body, "container", made, at_value(at))
            else:
                put(services, text(item.get("name")) or str(number), made, at_value(at))
        if services:
            put(body, "services", services, entry)

    def _steps(self, raw: Map, job: Resource) -> Iterator[Resource]:
        if "steps" in raw and not isinstance(raw["steps"], Seq):
            self._fault(raw.at["steps"], "`steps` must be a list")
            return
        for index, (body, span) in enumerate(self._flat(raw.get("steps"), 0), 1):
            shell = text(body.get("shell")) or text(job.body.get("shell"))
            yield step(job, index, body, span, shell)

    def _flat(self, value: Any, depth: int) -> Iterator[tuple[Map, Span]]:
        """The steps of a list; those of the configuration's own commands, and of `when`, in their place."""
        if not isinstance(value, Seq) or depth > _DEEPEST:
            return
        for item, at in zip(value, value.at, strict=True):
            self._left -= 1
            if self._left <= 0:
                return
            if isinstance(item, str):
                name, options, entry = item, None, at_value(at)
            elif isinstance(item, Map) and len(item) == 1:
                key, options = next(iter(item.items()))
                name, entry = text(key), item.at[key]
            else:
                self._fault(at, "a step must be a name, or a mapping of one")
                continue
            own = mapping(as_map(self.raw.get("commands")).get(name))
            if own is not None:
                yield from self._flat(own.get("steps"), depth + 1)
            elif name in ("when", "unless"):
                yield from self._flat(as_map(options).get("steps"), depth + 1)
            else:
                yield self._step(name, options, entry)

    def _step(self, name: str, options: Any, entry: Entry) -> tuple[Map, Span]:
        key = (entry[0], entry[1], entry[2]) if entry[2] > entry[1] else (entry[0], entry[3], entry[4])
        at = (key[0], key[1], key[1], key[1], key[2])
        body = Map((entry[0], key[1], entry[4]))
        if name == "run":
            if isinstance(options, Map):
                for field, written in _RUN:
                    copy(body, field, options, written)
                when = text(options.get("when"))
                if when in _AFTER:
                    put(body, "after", _AFTER[when], options.at["when"])
            elif isinstance(options, str):
                put(body, "run", options, at_value(entry))
            else:
                self._fault(entry, "`run` must be a text or a mapping")
            place = body.at.get("name")
            return body, (place[0], place[3], place[4]) if place is not None else key
        alias, slash, _ = name.partition("/")
        orb = as_map(self.raw.get("orbs")).get(alias) if slash else None
        reference = orb if isinstance(orb, str) else ""
        kind = "step" if name in _BUILT_IN or not slash else "orb"
        put(body, "uses", record(at, raw=name, name=name.lower(), kind=kind, owner=reference.partition("/")[0],
            repo=reference.partition("@")[0].partition("/")[2], ref=reference.partition("@")[2], path=""), at)  # fmt: skip
        put(body, "name", name, at)
        if isinstance(options, Map):
            put(body, "with", options, at_value(entry))
        return body, key

    def _kept(self, body: Map, steps: list[Resource]) -> None:
        """Caches, and what is handed from job to job, from the steps that say so."""
        caches, artifacts = Seq(body.span), Seq(body.span)
        for each in steps:
            uses, options = as_map(each.body.get("uses")), as_map(each.body.get("with"))
            name, at = uses.get("name"), each.body.at.get("uses")
            if at is None:
                continue
            if name in ("save_cache", "restore_cache"):
                add(caches, _with(at, options, key="key", paths="paths"), at)
            elif name in ("persist_to_workspace", "attach_workspace", "store_artifacts"):
                made = _with(at, options, paths="path" if name == "store_artifacts" else "paths")
                put(made, "name", "workspace" if "workspace" in str(name) else "artifacts", at)
                put(made, "way", "down" if name == "attach_workspace" else "up", at)
                add(artifacts, made, at)
        for field, found in (("caches", caches), ("artifacts", artifacts)):
            if found:
                put(body, field, found, found.at[0])


def _with(at: Entry, options: Map, **names: str) -> Map:
    made = Map((at[0], at[3], at[4]))
    for field, name in names.items():
        copy(made, field, options, name)
    return made


def _needs(value: Any, entry: Entry, job: Job) -> Seq:
    """`requires`: names, or mappings from a name to the states it may end in."""
    made = Seq((entry[0], entry[3], entry[4]))
    for item, at in listed(value, entry):
        name = next(iter(item), "") if isinstance(item, Map) else item
        if isinstance(name, str) and name:
            add(made, name, at)
    return made
