"""The jobs of a GitLab pipeline, with what they inherit, as the common model's jobs and steps.

Encodes https://docs.gitlab.com/ci/yaml/#job-keywords. Each command of `before_script`, `script` and `after_script` is a
step, so that what it runs has its exact place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from linter.model import Entry, Environment, Map, Reference, Resource, Seq, Unit, Unknown, merge
from linter.parsers.pipelines import gitlab_forms as forms
from linter.parsers.pipelines.github_forms import gather
from linter.parsers.pipelines.gitlab_credentials import credentials_of
from linter.parsers.pipelines.gitlab_files import Gathering, include, listed
from linter.parsers.pipelines.gitlab_rules import each_rule
from linter.parsers.pipelines.gitlab_steps import Steps
from linter.parsers.pipelines.model import copy, mapping, text, texts
from linter.trees import as_map, put

_DEFAULTS = (
    "after_script", "artifacts", "before_script", "cache", "hooks", "id_tokens", "identity", "image", "interruptible",
    "retry", "services", "tags", "timeout",
)  # fmt: skip
_GLOBAL = ("after_script", "before_script", "cache", "image", "services")
"""What may also stand at the top of the file to be the default of all jobs."""
_EARLIER = 1000
_AFTER = {"on_failure": "failure", "always": "always"}


class Jobs:
    """Reads the jobs of one pipeline. children: (path, inputs) of the local child pipelines they trigger."""

    __slots__ = (
        "base", "children", "gathering", "path", "pipeline", "raw", "settings", "stages", "steps", "unit", "unsettled",
    )  # fmt: skip

    def __init__(
        self, unit: Unit, path: str, base: str, settings: Mapping[str, Any], pipeline: Resource, raw: Map,
        gathering: Gathering,
    ) -> None:  # fmt: skip
        self.unit = unit
        self.path = path
        self.base = base
        self.settings = settings
        self.pipeline = pipeline
        self.raw = raw
        self.gathering = gathering
        self.stages = {stage["name"]: number for number, stage in enumerate(pipeline.body["stages"])}
        self.steps = Steps()
        self.children: list[tuple[str, dict[str, Any]]] = []
        self.unsettled = _unsettled(gathering)

    def read(self, name: str, own: Map, entry: Entry) -> Iterator[Resource]:
        """The job and its steps."""
        raw = self._inherited(own)
        body = Map(own.span)
        source, key_start, key_end, _, end = entry
        at = (source, key_start, key_start, key_start, key_end)
        put(body, "id", name, at)
        put(body, "name", name, at)
        stage = raw.get("stage", raw.get("type"))
        if isinstance(stage, (str, int)):
            put(body, "stage", text(stage), raw.at["stage" if "stage" in raw else "type"])
        else:
            put(body, "stage", "test", at)
        env = self._variables(raw, body)
        self._derive(body, raw, name, merge((as_map(self.pipeline.body.get("env")), env), raw.span))
        body.open = self._openness(own)
        context = {"workflow": self.raw, "job": raw, "pipeline": self.pipeline.body, "exists": self.gathering.exists}
        address = f"{self.path}#{name}"
        job = Resource(
            "pipeline/job", address, name, self.unit, body, (source, key_start, key_end), (source, key_start, end),
            environment=self._environment(body), context=context, owner=self.pipeline,
        )  # fmt: skip
        for needed in body.get("needs", ()):
            job.references.append(Reference("needs", "needs", f"{self.path}#{needed}"))
        steps = list(self.steps.read(raw, job))
        found = credentials_of(raw, env, as_map(self.pipeline.body.get("env")), [step.body for step in steps], at)
        if found:
            put(body, "credentials", found, at)
        put(body, "expressions", Seq(own.span), at)
        self._roles(body, raw, steps, at)
        yield job
        yield from steps

    def _inherited(self, own: Map) -> Map:
        """A job with the defaults it does not write itself; jobs that trigger pipelines take none."""
        if "trigger" in own:
            return own
        inherit = as_map(own.get("inherit")).get("default", True)
        taken = Map(own.span)
        default = as_map(self.raw.get("default"))
        for key in _DEFAULTS:
            wanted = key in map(text, inherit) if isinstance(inherit, Seq) else inherit is not False
            if key in own or not wanted:
                continue
            if key in default:
                copy(taken, key, default, key)
            elif key in _GLOBAL:
                copy(taken, key, self.raw, key)
        if not taken:
            return own
        made = merge((taken, own), own.span)
        made.open = own.open
        return made

    def _openness(self, own: Map) -> Unknown | None:
        """Why entries of a job may be missing from view: another file's part of it, or defaults of all jobs."""
        if own.open is not None:
            return own.open
        if self.raw.open is not None and not any(key in own for key in ("script", "trigger", "run")):
            return self.raw.open
        return self.unsettled

    def _variables(self, raw: Map, body: Map) -> Map:
        env = Map(raw.span)
        forms.variables(raw.get("variables"), env)
        if "variables" in raw:
            put(body, "env", env, raw.at["variables"])
        return env

    def _derive(self, body: Map, raw: Map, name: str, known: Mapping[str, Any]) -> None:
        """The entries of a job that have more than one written form."""
        if raw.get("needs") is not None and not isinstance(raw["needs"], Unknown):
            found, down = forms.needs(raw["needs"], raw.at["needs"])
            put(body, "needs", found, raw.at["needs"])
        else:
            found, down = forms.needs(raw.get("dependencies"), raw.at.get("dependencies", body.at["id"]))
        self._artifacts(body, raw, name, down)
        for key, of, make in _MADE:
            if raw.get(of) is not None:
                put(body, key, make(raw[of], raw.at[of]), raw.at[of])
        for key, of in _COPIED:
            copy(body, key, raw, of)
        if raw.get("resource_group") is not None:
            made = Map((raw.at["resource_group"][0], *raw.at["resource_group"][3:]))
            put(made, "group", text(raw["resource_group"]), raw.at["resource_group"])
            put(body, "concurrency", made, raw.at["resource_group"])
        if raw.get("environment") is not None:
            made = forms.environment(raw["environment"], raw.at["environment"], known, self._tier)
            put(body, "environment", made, raw.at["environment"])
        self._approvals(body, raw, name)
        self._after(body, raw)
        if raw.get("trigger") is not None:
            self._trigger(body, raw["trigger"], raw.at["trigger"])

    def _artifacts(self, body: Map, raw: Map, name: str, down: Seq) -> None:
        written = mapping(raw.get("artifacts"))
        if written is None and not down:
            return
        entry = raw.at["artifacts"] if written is not None else down.at[0]
        made = Seq((entry[0], entry[3], entry[4]))
        if written is not None:
            made.append(forms.uploaded(name, written, entry))
            made.at.append((entry[0], entry[3], entry[3], entry[3], entry[4]))
        made.extend(down)
        made.at.extend(down.at)
        put(body, "artifacts", made, entry)

    def _approvals(self, body: Map, raw: Map, name: str) -> None:
        """Who has to let the job go on: a person here, or those whom the environment or the protected ref names."""
        made = Seq(raw.span)
        rules = [(rule, at) for rule, at in each_rule(raw.get("rules")) if _when(rule, raw) != "never"]
        if "rules" in raw and rules:
            place = rules[0][0].at.get("when") or raw.at.get("when") or rules[0][1]
            manual = all(_when(rule, raw) == "manual" for rule, _ in rules)
        else:
            place = raw.at.get("when", body.at["id"])
            manual = "rules" not in raw and text(raw.get("when")) == "manual"
        if manual:
            _append(made, forms.approval("manual", name, place), place)
        environment = mapping(body.get("environment"))
        if environment is not None and _starts(environment) and "name" in environment:
            at = environment.at["name"]
            _append(made, forms.approval("environment", environment["name"], at), at)
        if rules and all("CI_COMMIT_REF_PROTECTED" in text(rule.get("if")) for rule, _ in rules):
            at = rules[0][0].at["if"]
            _append(made, forms.approval("protected", "CI_COMMIT_REF_PROTECTED", at), at)
        if made:
            put(body, "approvals", made, body.at["id"])

    def _after(self, body: Map, raw: Map) -> None:
        """Whether the job runs though earlier ones failed, or only then."""
        rules = [rule for rule, _ in each_rule(raw.get("rules")) if _when(rule, raw) != "never"]
        found = {_when(rule, raw) for rule in rules} if rules else {text(raw.get("when"))}
        if found <= _AFTER.keys():
            at = raw.at.get("when") or next(iter(rules)).at["when"]
            put(body, "after", "failure" if found == {"on_failure"} else "always", at)

    def _trigger(self, body: Map, value: Any, entry: Entry) -> None:
        """`trigger`: another project's pipeline, or a child pipeline of files; a local file is followed."""
        made = Map((entry[0], entry[3], entry[4]))
        raw = mapping(value)
        parts = listed(raw.get("include"), raw.at["include"]) if raw is not None and "include" in raw else []
        records = [(record, at) for each, at in parts if (record := include(each, at)) is not None]
        written, kind, path, at = text(value), "project", "", entry
        if raw is not None and not records:
            written, at = text(raw.get("project")), raw.at.get("project", entry)
        elif records:
            record, at = records[0]
            written, kind = str(record["raw"]), str(record["kind"])
            if kind == "local" and "$" not in written:
                path = self.base + written.lstrip("/")
                inputs = as_map(record.get("inputs"))
                if path in self.gathering.paths:
                    self.children.append((path, {str(key): item for key, item in inputs.items()}))
        parts_of = {"raw": written, "owner": "", "repo": "", "path": path, "ref": "", "kind": kind, "name": written}
        for key, item in parts_of.items():
            put(made, key, item, at)
        if raw is not None:
            for key in ("strategy", "forward", "branch"):
                copy(made, key, raw, key)
        put(body, "uses", made, entry)

    def _tier(self, name: str) -> str:
        from linter.discovery.environments import environment_named

        found = environment_named(name, self.settings)
        return found.tier if found is not None else ""

    def _environment(self, body: Map) -> Environment | None:
        from linter.discovery.environments import environment_named

        made = as_map(body.get("environment"))
        name = made.get("name")
        if not isinstance(name, str) or not name:
            return None
        found = environment_named(name, self.settings)
        tier = made.get("tier", "")
        return found if found is not None and found.tier == tier else Environment(name, tier) if tier else None

    def _roles(self, body: Map, raw: Map, steps: list[Resource], at: Entry) -> None:
        deploying = "environment" in body and _starts(body["environment"])
        scripts = [step for step in steps if step.body["section"] in ("script", "run")]
        if deploying and scripts and not any("deploy" in step.body["roles"] for step in steps):
            last = scripts[-1].body
            put(last, "roles", texts(sorted({"deploy", *last["roles"]}), last.at["roles"]), last.at["roles"])
        gather(body, [step.body for step in steps], at)
        roles, families = forms.roles_of_reports(raw.get("artifacts"))
        roles |= set(body["roles"])
        if raw.get("release") is not None:
            roles.add("publish")
        if body["id"] == "pages" or ("pages" in raw and raw["pages"] is not False):
            roles.add("pages")
        if "environment" in body and not deploying:
            roles.discard("deploy")
            if text(body["environment"].get("action")) == "verify":
                roles.add("verify")
        put(body, "roles", texts(sorted(roles), at), at)
        put(body, "families", texts(sorted(families | set(body["families"])), at), at)

    def order(self, jobs: list[Resource]) -> None:
        """Tells every job that waits for stages which jobs end before it: those of earlier stages, the nearest first."""
        by_stage: dict[int, list[Resource]] = {}
        for job in jobs:
            by_stage.setdefault(self.stages.get(job.body["stage"], -1), []).append(job)
        before: tuple[Resource, ...] = ()
        for number in sorted(by_stage):
            for job in by_stage[number] if number >= 0 else ():
                if "needs" not in job.body:
                    job.context = {**job.context, "earlier": before}
            if number >= 0:
                before = (*by_stage[number], *before)[:_EARLIER]


def _when(rule: Map, job: Map) -> str:
    """When a rule's job runs: the rule's own word, else the job's."""
    return text(rule.get("when", job.get("when")))


def _starts(environment: Map) -> bool:
    """Whether a job with this environment deploys to it, and does not only stop, prepare, verify or access it."""
    return text(environment.get("action", "start")) == "start"


def _append(made: Seq, value: Map, at: Entry) -> None:
    made.append(value)
    made.at.append((at[0], at[3], at[3], at[3], at[4]))


def _unsettled(gathering: Gathering) -> Unknown | None:
    """Why `default` may hold more than is here: files of other projects; GitLab's templates and components set none."""
    for record, _ in gathering.includes:
        if record["kind"] in ("project", "remote", "artifact") or "missing" in record or "$" in str(record["name"]):
            subject = str(record["raw"])
            return Unknown("remote-source", subject, "what this include sets for all jobs is not in the repository")
    return None


def _settled(value: Any, _: Entry) -> Any:
    """`allow_failure`: with exit codes only some failures are let pass."""
    return False if isinstance(value, Map) else value


def _strategy(value: Any, entry: Entry) -> Any:
    if isinstance(value, Map):
        return value
    made = Map((entry[0], entry[3], entry[4]))
    put(made, "parallel", value, entry)
    return made


_MADE = (
    ("runner", "tags", forms.labels), ("container", "image", forms.image), ("services", "services", forms.services),
    ("timeout", "timeout", lambda value, _: forms.minutes(value)), ("caches", "cache", forms.caches),
    ("continue_on_error", "allow_failure", _settled), ("strategy", "parallel", _strategy),
)  # fmt: skip
_COPIED = (
    ("rules", "rules"), ("only", "only"), ("except", "except"), ("when", "when"), ("secrets", "secrets"),
    ("id_tokens", "id_tokens"), ("interruptible", "interruptible"), ("retry", "retry"), ("release", "release"),
    ("manual_confirmation", "manual_confirmation"), ("inherit", "inherit"),
)  # fmt: skip
