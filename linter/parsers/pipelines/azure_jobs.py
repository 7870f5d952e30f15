"""Stages, jobs and deployment jobs of Azure pipelines as the common model.

Encodes https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/ (stages, jobs.job, jobs.deployment).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model import Entry, Map, Reference, Resource, Seq, Unknown, merge
from linter.parsers.pipelines.azure_directives import handed
from linter.parsers.pipelines.azure_forms import (
    after,
    container,
    environment,
    minutes,
    plain,
    point,
    pool,
    runner,
    scalar_at,
)
from linter.parsers.pipelines.azure_kept import kept, variables_of
from linter.parsers.pipelines.azure_stages import Stage, order, stage_list
from linter.parsers.pipelines.azure_steps import Place, remote, step
from linter.parsers.pipelines.github_forms import gather, words
from linter.parsers.pipelines.model import texts
from linter.trees import as_map, put

DEFAULT_TIMEOUT = 60
"""Minutes after which a job ends that says nothing, https://learn.microsoft.com/azure/devops/pipelines/process/phases."""

_HOOKS = ("preDeploy", "deploy", "routeTraffic", "postRouteTraffic")
_STRATEGIES = ("runOnce", "rolling", "canary")


class Jobs:
    """Reads the jobs of one pipeline; ids are unique, `stage.job` where stages are written."""

    __slots__ = ("containers", "ids", "pipeline", "place", "root")

    def __init__(self, place: Place, root: Map, pipeline: Resource) -> None:
        self.place = place
        self.root = root
        self.pipeline = pipeline
        self.ids: set[str] = set()
        resources = as_map(root.get("resources"))
        listed = resources.get("containers")
        self.containers = {
            plain(item.get("container")).lower(): item
            for item in (listed if isinstance(listed, Seq) else ())
            if isinstance(item, Map) and plain(item.get("container"))
        }

    def all(self) -> Iterator[Resource]:
        """Every job followed by its steps, in order of the text."""
        stages = list(self._stages())
        parts: list[Resource] = []
        for stage in stages:
            names: dict[str, list[str]] = {}
            made = list(self._stage(stage, names))
            stage.jobs = [part for part in made if part.kind == "pipeline/job"]
            for job in stage.jobs:
                self._needs(job, names)
            parts += made
        order(stages)
        put(self.pipeline.body, "stages", stage_list(stages, self.root), _whole(self.root))
        return iter(parts)

    def _stages(self) -> Iterator[Stage]:
        listed = self.root.get("stages")
        for number, (raw, entry) in enumerate(_maps(listed), 1):
            stage = Stage(plain(raw.get("stage")) or plain(raw.get("template")) or f"Stage{number}", raw, entry)
            if "dependsOn" in raw and not isinstance(raw["dependsOn"], Unknown):
                stage.needs = tuple(plain(each) for each in words(raw["dependsOn"], raw.at["dependsOn"]))
            yield stage
        if "jobs" in self.root or "steps" in self.root:
            yield Stage("", self.root, _whole(self.root))

    def _stage(self, stage: Stage, names: dict[str, list[str]]) -> Iterator[Resource]:
        raw = stage.raw
        if "template" in raw and stage.name:
            yield from self._job(stage, raw, stage.entry, stage.name, names)
            raw = handed(raw)
        for number, (job, entry) in enumerate(_maps(raw.get("jobs")), 1):
            name = plain(job.get("job")) or plain(job.get("deployment")) or plain(job.get("template")) or f"Job{number}"
            yield from self._job(stage, job, entry, name, names)
            for inner, at in _maps(handed(job).get("jobs")) if "template" in job else ():
                yield from self._job(stage, inner, at, plain(inner.get("job")) or plain(inner.get("deployment")), names)
        if "steps" in raw and "jobs" not in raw:
            yield from self._job(stage, raw, stage.entry, "Job", names)

    def _job(self, stage: Stage, raw: Map, entry: Entry, name: str, names: dict[str, list[str]]) -> Iterator[Resource]:
        place, body = self.place, Map(raw.span)
        implied = raw is stage.raw
        keys = ("name",) if implied else ("job", "deployment", "template")
        anchor = self.pipeline.anchor if implied and not stage.name else point(raw, keys, raw.span)
        at = (anchor[0], anchor[1], anchor[1], anchor[1], anchor[2])
        id = self._id(f"{stage.name}.{name}" if stage.name and not ("template" in raw and implied) else name)
        names.setdefault(name.lower(), []).append(id)
        put(body, "id", id, at)
        put(body, "name", plain(raw.get("displayName")) or name, raw.at.get("displayName", at))
        if stage.name:
            put(body, "stage", stage.name, stage.raw.at.get("stage", at))
        self._settings(body, raw, stage, at)
        context: dict[str, Any] = {
            "workflow": self.root, "pipeline": self.pipeline.body, "job": raw,
            "free": place.found.free, "stage": stage.raw if stage.name else None,
            "guards": (*place.found.guards.get(id_of(stage.raw), ()), *place.found.guards.get(id_of(raw), ())),
        }  # fmt: skip
        job = Resource(
            "pipeline/job", f"{place.path}#{id}", plain(body["name"]), place.unit, body, anchor,
            (entry[0], entry[3], entry[4]), environment=self._environment(body), context=context, owner=self.pipeline,
        )  # fmt: skip
        place.marked(job, raw, place.found.callers.get(id_of(stage.raw), ()) if not implied else ())
        steps = list(self._steps(raw, body, job))
        gather(body, [each.body for each in steps], at)
        kept(body, steps, at)
        place.expressions(body, ("name", "condition", "env"))
        yield job
        yield from steps

    def _id(self, wanted: str) -> str:
        """An id that no other job has: two branches of a condition may write the same name."""
        id, number = wanted, 1
        while id in self.ids:
            number += 1
            id = f"{wanted}~{number}"
        self.ids.add(id)
        return id

    def _settings(self, body: Map, raw: Map, stage: Stage, at: Entry) -> None:
        place = self.place
        holders = [raw, stage.raw, self.root] if raw is not stage.raw else [raw, self.root]
        condition = "condition" if "deployment" in raw or "job" in raw or stage.name else ""
        if condition:
            place.copy(body, "condition", raw, "condition", raw=True)
        place.copy(body, "continue_on_error", raw, "continueOnError")
        place.copy(body, "workspace", raw, "workspace")
        if "timeoutInMinutes" in raw:
            entry = raw.at["timeoutInMinutes"]
            put(body, "timeout", minutes(raw["timeoutInMinutes"], entry), entry)
        elif "template" not in raw:
            put(body, "timeout", DEFAULT_TIMEOUT, at)
        when = after(raw.get("condition")) if condition else ""
        if when:
            put(body, "after", when, raw.at["condition"])
        holder = next((each for each in holders if "pool" in each), None)
        if holder is not None:
            made = pool(holder["pool"], holder.at["pool"])
            put(body, "pool", made, holder.at["pool"])
            put(body, "runner", runner(made, holder.at["pool"]), holder.at["pool"])
        for key in ("container", "services"):
            if key in raw:
                self._containers(body, raw, key)
        self._variables(body, raw, stage)
        locks = next((each for each in holders if plain(each.get("lockBehavior"))), None)
        if locks is not None:
            group = Map((at[0], at[1], at[2]))
            put(group, "group", stage.name or place.path, locks.at["lockBehavior"])
            put(group, "cancel", plain(locks["lockBehavior"]).lower() == "runlatest", locks.at["lockBehavior"])
            put(body, "concurrency", group, locks.at["lockBehavior"])
        if "deployment" in raw and "environment" in raw:
            self._place_environment(body, raw)
        if "template" in raw:
            remote(place, body, raw)
        if "strategy" in raw:
            put(body, "strategy", raw["strategy"], raw.at["strategy"])

    def _containers(self, body: Map, raw: Map, key: str) -> None:
        value, entry = raw[key], raw.at[key]
        if key == "container":
            made = container(value, entry, self.containers)
            if made is not None:
                put(body, "container", made, entry)
        elif isinstance(value, Map):
            services = Map(value.span)
            for name, item in value.items():
                each = container(item, value.at[name], self.containers)
                if each is not None:
                    put(services, name, each, value.at[name])
            put(body, "services", services, entry)

    def _variables(self, body: Map, raw: Map, stage: Stage) -> None:
        """A job's own variables and those of its stage, as the environment they become; `variables` keeps all forms."""
        env = Map(body.span)
        for holder in (stage.raw, raw) if stage.name and stage.raw is not raw else (raw,):
            if holder is self.root or "variables" not in holder:
                continue
            made = variables_of(self.place, holder["variables"], body.span)
            env = merge((env, made), body.span)
            put(body, "variables", holder["variables"], holder.at["variables"])
        if env:
            put(body, "env", env, next(iter(env.at.values())))

    def _place_environment(self, body: Map, raw: Map) -> None:
        made = environment(raw["environment"], raw.at["environment"])
        name = made.get("name")
        if isinstance(name, str) and name:
            found = self._named(name)
            if found is not None and found.tier:
                put(made, "tier", found.tier, made.at["name"])
        put(body, "environment", made, raw.at["environment"])

    def _environment(self, body: Map) -> Any:
        name = as_map(body.get("environment")).get("name")
        return self._named(name) if isinstance(name, str) and name else None

    def _named(self, name: str) -> Any:
        from linter.discovery.environments import environment_named

        return environment_named(name, self.place.settings)

    def _steps(self, raw: Map, body: Map, job: Resource) -> Iterator[Resource]:
        windows = _is_windows(body)
        index = 0
        for steps, hook in self._lists(raw, body):
            for item, entry in _maps(steps):
                index += 1
                yield step(self.place, item, entry, index, job, hook, windows)

    def _lists(self, raw: Map, body: Map) -> Iterator[tuple[Any, str]]:
        """The lists of steps of a job, those of a deployment by hook."""
        if "template" in raw:
            yield handed(raw).get("steps"), ""
            return
        yield raw.get("steps"), ""
        strategy = as_map(raw.get("strategy"))
        kind = next((each for each in _STRATEGIES if isinstance(strategy.get(each), Map)), None)
        if kind is None or "deployment" not in raw:
            return
        hooks = as_map(strategy[kind])
        made = Map(hooks.span)
        put(made, "strategy", kind, scalar_at(strategy.at[kind]))
        on = as_map(hooks.get("on"))
        found = [(hook, hooks[hook]) for hook in _HOOKS if hook in hooks]
        found += [(f"on.{hook}", on[hook]) for hook in ("success", "failure") if hook in on]
        put(made, "hooks", texts([hook for hook, _ in found], scalar_at(strategy.at[kind])), strategy.at[kind])
        put(body, "deployment", made, strategy.at[kind])
        for hook, value in found:
            yield as_map(value).get("steps"), hook

    def _needs(self, job: Resource, names: dict[str, list[str]]) -> None:
        raw: Map = job.context["job"]
        stage = job.context["stage"]
        if "dependsOn" not in raw or raw is stage or isinstance(raw["dependsOn"], Unknown):
            return
        entry = raw.at["dependsOn"]
        found = Seq((entry[0], entry[3], entry[4]))
        listed = words(raw["dependsOn"], entry)
        for name, at in zip(listed, listed.at, strict=True):
            for id in names.get(name.lower(), [name]):
                found.append(id)
                found.at.append(scalar_at(at))
                job.references.append(Reference("needs", "needs", f"{self.place.path}#{id}"))
        put(job.body, "needs", found, entry)


def id_of(raw: Map) -> int:
    return id(raw)


def _whole(raw: Map) -> Entry:
    return raw.span[0], raw.span[1], raw.span[1], raw.span[1], raw.span[2]


def _maps(value: Any) -> list[tuple[Map, Entry]]:
    if not isinstance(value, Seq):
        return []
    return [(item, at) for item, at in zip(value, value.at, strict=True) if isinstance(item, Map)]


def _is_windows(body: Map) -> bool | None:
    """Whether a job's agent runs Windows; None where the pool does not say."""
    pool_ = as_map(body.get("pool"))
    if isinstance(pool_.get("os"), str):
        return bool(pool_["os"].lower() == "windows")
    image = pool_.get("vm_image")
    if isinstance(image, str):
        return image.lower().startswith(("windows", "vs20", "win"))
    return False if "container" in body else None
