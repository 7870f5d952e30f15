"""The steps of a Bitbucket pipeline as jobs: image, services, deployment, script, pipes, caches and artifacts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from linter.model import Entry, Environment, Map, Resource, Seq, Span
from linter.parsers.pipelines.github_forms import gather, words
from linter.parsers.pipelines.gitlab_credentials import credential, variables_in
from linter.parsers.pipelines.model import copy, text
from linter.parsers.pipelines.plain_parts import MAX_STEPS, Fault, add, at_value, listed, record, step
from linter.records import NamedTuple
from linter.trees import as_map, put


class Found(NamedTuple):
    """A step, where it stands, and the stage it stands in."""

    raw: Map
    entry: Entry
    stage: Map | None


class Jobs:
    """Reads the steps of one file; ids are their names, with their pipeline and number where a name comes twice."""

    __slots__ = ("_ids", "_left", "faults", "raw", "settings", "top")

    def __init__(self, top: Resource, raw: Map, settings: Mapping[str, Any], faults: list[Fault]) -> None:
        self.top = top
        self.raw = raw
        self.settings = settings
        self.faults = faults
        self._ids: set[str] = set()
        self._left = MAX_STEPS

    def read(self, found: Found, kind: str, pattern: str) -> Iterator[Resource]:
        """The step as a job, and the entries of its script as steps."""
        raw, entry = found.raw, found.entry
        source = entry[0]
        place = raw.at.get("name", (source, entry[1], entry[1], entry[1], entry[2]))
        at = at_value(place)
        body = Map(raw.span)
        start = f"{kind}.{pattern}" if pattern else kind
        name = text(raw.get("name")) or "step"
        put(body, "id", self._id(start, name, text(raw.get("name")) != ""), at)
        put(body, "name", name, at)
        if found.stage is not None:
            copy(body, "stage", found.stage, "name")
        for holder in (found.stage, raw):
            if holder is not None:
                self._when(body, holder)
        self._where(body, raw)
        self._kept(body, raw)
        environment = self._deployed(body, found)
        context = {"workflow": self.raw, "job": raw, "pipeline": self.top.body, "start": (kind, pattern)}
        made = Resource(
            "pipeline/job", f"{self.top.address}#{body['id']}", name, self.top.unit, body, (source, at[3], at[4]),
            raw.span, environment=environment, context=context, owner=self.top,
        )  # fmt: skip
        steps = list(self._steps(raw, made))
        self._credentials(body, raw, steps, at)
        gather(body, [each.body for each in steps], at)
        yield made
        yield from steps

    def _id(self, start: str, name: str, named: bool) -> str:
        """The name alone where it is one, and the only one of the file."""
        candidate = name if named else f"{start}: {name}"
        number = 1
        while candidate in self._ids:
            number += 1
            candidate = f"{start}: {name}" if number == 2 else f"{start}: {name} {number}"
        self._ids.add(candidate)
        return candidate

    def _when(self, body: Map, raw: Map) -> None:
        if raw.get("trigger") == "manual":
            entry = raw.at["trigger"]
            held = Seq((entry[0], entry[3], entry[4]))
            add(held, record(at_value(entry), kind="manual", name="trigger"), entry)
            put(body, "approvals", held, entry)
        copy(body, "condition", raw, "condition")
        options = as_map(self.raw.get("options"))
        for holder in (options, raw):
            copy(body, "timeout", holder, "max-time")

    def _deployed(self, body: Map, found: Found) -> Environment | None:
        from linter.discovery.environments import environment_named

        for holder in (found.raw, found.stage):
            if holder is not None and isinstance(holder.get("deployment"), str):
                entry = at_value(holder.at["deployment"])
                known = environment_named(holder["deployment"], self.settings)
                made = record(entry, name=holder["deployment"])
                if known is not None and known.tier:
                    put(made, "tier", known.tier, entry)
                put(body, "environment", made, entry)
                # Bitbucket lets one deployment to an environment run at a time.
                put(body, "concurrency", record(entry, group=holder["deployment"], cancel=False), entry)
                return known
        return None

    def _where(self, body: Map, raw: Map) -> None:
        holder = raw if "image" in raw else self.raw
        image = _image(holder["image"], holder.at["image"]) if "image" in holder else None
        if image is not None:
            put(body, "container", image, holder.at["image"])
        if "runs-on" in raw:
            put(body, "runner", words(raw["runs-on"], raw.at["runs-on"]), raw.at["runs-on"])
        if "services" in raw:
            entry = raw.at["services"]
            services = Map((entry[0], entry[3], entry[4]))
            defined = as_map(as_map(self.raw.get("definitions")).get("services"))
            for name, at in listed(raw["services"], entry):
                service = as_map(defined.get(name)) if isinstance(name, str) else Map(raw.span)
                made = _image(service["image"], service.at["image"]) if "image" in service else None
                put(services, text(name), Map((at[0], at[3], at[4])) if made is None else made, at_value(at))
            put(body, "services", services, entry)

    def _kept(self, body: Map, raw: Map) -> None:
        if "caches" in raw:
            entry = raw.at["caches"]
            caches = Seq((entry[0], entry[3], entry[4]))
            for name, at in listed(raw["caches"], entry):
                add(caches, record(at_value(at), key=text(name)), at)
            put(body, "caches", caches, entry)
        if "artifacts" in raw:
            entry = raw.at["artifacts"]
            value = raw["artifacts"]
            held, key = (value, "paths") if isinstance(value, Map) else (raw, "artifacts")
            artifacts = Seq((entry[0], entry[3], entry[4]))
            if key in held:
                made = record(at_value(entry), name=text(body["id"]), way="up")
                put(made, "paths", words(held[key], held.at[key]), held.at[key])
                add(artifacts, made, entry)
            put(body, "artifacts", artifacts, entry)

    def _steps(self, raw: Map, job: Resource) -> Iterator[Resource]:
        index = 0
        if "script" not in raw:
            self._fault(raw.span, "a step must have a script")
        for section in ("script", "after-script"):
            for item, at in listed(raw.get(section), raw.at[section]) if section in raw else ():
                if self._left <= 0:
                    return
                self._left -= 1
                body = self._step(item, at)
                if body is None:
                    continue
                index += 1
                if section == "after-script":
                    put(body, "after", "always", at_value(at))
                yield step(job, index, body, (at[0], at[3], at[4]) if "uses" not in body else body.span)

    def _step(self, item: Any, at: Entry) -> Map | None:
        """A command, or a pipe: `pipe: owner/name:version` with variables."""
        body = Map((at[0], at[3], at[4]))
        if isinstance(item, Map) and isinstance(item.get("pipe"), str):
            entry = at_value(item.at["pipe"])
            image, _, version = item["pipe"].removeprefix("docker://").partition("@")[0].rpartition(":")
            name = image or version
            owner, _, repo = name.partition("/")
            made = record(entry, raw=item["pipe"], name=name.lower(), kind="pipe", owner=owner, repo=repo, path="",
                          ref=version if image else "")  # fmt: skip
            body = Map((entry[0], entry[3], entry[4]))
            put(body, "uses", made, entry)
            put(body, "name", name, entry)
            copy(body, "with", item, "variables")
            return body
        if isinstance(item, (str, int, float)):
            put(body, "run", text(item), at_value(at))
            return body
        self._fault((at[0], at[3], at[4]), "an element of a script must be a command or a pipe")
        return None

    def _fault(self, span: Span, message: str) -> None:
        self.faults.append((span, message))

    def _credentials(self, body: Map, raw: Map, steps: list[Resource], at: Entry) -> None:
        """Variables its commands use that hold credentials by their names, and the token of `oidc: true`."""
        found: dict[str, tuple[str, Entry]] = {}
        if raw.get("oidc") is True:
            found["BITBUCKET_STEP_OIDC_TOKEN"] = ("token", at_value(raw.at["oidc"]))
        for each in steps:
            run = each.body.get("run")
            for name, _, _ in variables_in(run) if isinstance(run, str) else ():
                if name not in found and credential(name):
                    found[name] = ("variable", each.body.at["run"])
        if found:
            held = Seq((at[0], at[3], at[4]))
            for name, (kind, entry) in found.items():
                add(held, record(entry, name=name, kind=kind), entry)
            put(body, "credentials", held, at)


def _image(value: Any, entry: Entry) -> Map | None:
    """`image` as {image, credentials}, whichever way it is written."""
    if isinstance(value, str):
        return record(at_value(entry), image=value)
    if not isinstance(value, Map) or not isinstance(value.get("name"), str):
        return None
    made = Map(value.span)
    copy(made, "image", value, "name")
    if "password" in value:
        credentials = Map(value.span)
        copy(credentials, "username", value, "username")
        copy(credentials, "password", value, "password")
        put(made, "credentials", credentials, value.at["password"])
    return made
