"""Steps of Azure pipelines: scripts, tasks and the keywords that stand for tasks.

Encodes https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linter.model import Entry, Map, Resource, Seq, Source, Span, Unit, Unknown
from linter.parsers.pipelines.azure_expressions import parse
from linter.parsers.pipelines.azure_forms import after, minutes, plain, point, scalar_at
from linter.parsers.pipelines.azure_found import Found
from linter.parsers.pipelines.azure_tasks import INLINE, PATHS, roles_of_task, table_name
from linter.parsers.pipelines.expressions import Expression, find
from linter.parsers.pipelines.model import texts
from linter.parsers.pipelines.roles import roles_of_commands
from linter.parsers.pipelines.scalars import Scalar
from linter.parsers.pipelines.shell import Command, commands
from linter.trees import as_map, put

SCRIPTS = {"script": "", "bash": "bash", "pwsh": "pwsh", "powershell": "powershell"}
KEYWORDS = ("checkout", "download", "publish", "downloadBuild", "getPackage", "reviewApp", "upload")
_COMMON = frozenset(
    ("name", "displayName", "condition", "continueOnError", "enabled", "env", "timeoutInMinutes", "target",
     "retryCountOnTaskFailure")
)  # fmt: skip
_NAMES = ("displayName", "name", "task", "template")


class Place:
    """What all parts of one pipeline share: its unit, the sources of all its files, what its expansion found."""

    __slots__ = ("found", "path", "settings", "sources", "unit")

    def __init__(
        self, path: str, unit: Unit, found: Found, sources: Mapping[int, Source], settings: Mapping[str, Any]
    ) -> None:
        self.path = path
        self.unit = unit
        self.found = found
        self.sources = sources
        self.settings = settings

    def written(self, holder: Map, key: str) -> Any:
        """An entry as it is written, its expressions with it."""
        entry = holder.at[key]
        return self.found.raw.get((entry[0], entry[3]), holder[key])

    def as_written(self, values: Map) -> Map:
        made = Map(values.span)
        for key in values:
            put(made, key, self.written(values, key), values.at[key])
        return made

    def copy(self, body: Map, key: str, holder: Map, name: str, raw: bool = False) -> None:
        if name in holder:
            put(body, key, self.written(holder, name) if raw else holder[name], holder.at[name])

    def marked(self, resource: Resource, raw: Map, outer: tuple[Span, ...] = ()) -> None:
        """The includes a part came by, and whether a condition that the tree does not decide stands over it."""
        resource.callers = (*outer, *self.found.callers.get(id(raw), ()))
        guards = self.found.guards.get(id(raw), ())
        if guards:
            remedy = "give the parameters that decide it"
            resource.uncertain = Unknown("missing-input", guards[-1].subject, remedy)

    def expressions(self, body: Map, fields: tuple[str, ...]) -> None:
        """Every expression of some entries of a body, with its exact place."""
        found = Seq(body.span)
        for key in fields:
            if key in body.at:
                self._collect(found, body[key], body.at[key], key)
        put(body, "expressions", found, (body.span[0], body.span[1], body.span[1], body.span[1], body.span[2]))

    def _collect(self, found: Seq, value: Any, entry: Entry, where: str) -> None:
        stack: list[tuple[Any, Entry, str]] = [(value, entry, where)]
        while stack:
            value, entry, where = stack.pop()
            if isinstance(value, Map):
                stack.extend((item, value.at[key], f"{where}.{key}") for key, item in reversed(value.items()))
            elif isinstance(value, Seq):
                stack.extend((item, at, where) for item, at in zip(reversed(value), reversed(value.at), strict=True))
            elif isinstance(value, str) and entry[0] in self.sources:
                self._of_text(found, value, entry, where)

    def _of_text(self, found: Seq, value: str, entry: Entry, where: str) -> None:
        scalar = Scalar(self.sources[entry[0]], entry, value)
        if "${{" in value:
            for each in find(value):
                written = value[each.inner[0] : each.inner[1]].strip()
                parsed = parse(written)
                if not each.closed:
                    parsed = parsed._replace(error="`}}` is missing")
                record(found, scalar.span(each.start, each.end), written, where, parsed)
            return
        inner = value.strip()
        if inner.startswith("$[") and inner.endswith("]"):
            inner = inner[2:-1].strip()
        elif where != "condition" or not inner:
            return
        record(found, scalar.span(0, len(value.rstrip())), inner, where, at_run_time(inner))


def at_run_time(written: str) -> Expression:
    """An expression that is evaluated in the run, where parameters are no longer known."""
    parsed = parse(written)
    for context in parsed.contexts:
        root = context.partition(".")[0]
        if root not in _RUN_TIME:
            return parsed._replace(error=f"{root!r} is not known in the run")
    return parsed


_RUN_TIME = frozenset(("variables", "dependencies", "stagedependencies", "pipeline", "resources", "env"))


def record(found: Seq, span: Span, written: str, where: str, parsed: Expression) -> None:
    """One expression as the common model has it."""
    entry = (span[0], span[1], span[1], span[1], span[2])
    made = Map(span)
    put(made, "text", written, entry)
    put(made, "where", where, entry)
    for key, names in (("contexts", parsed.contexts), ("flows", parsed.flows), ("calls", parsed.calls)):
        put(made, key, texts(list(names), entry), entry)
    put(made, "error", parsed.error, entry)
    found.append(made)
    found.at.append(entry)


def step(place: Place, raw: Map, entry: Entry, index: int, job: Resource, hook: str, windows: bool | None) -> Resource:
    """One step as the common model has it. hook: of a deployment; windows: whether its agent is."""
    body = Map(raw.span)
    source, start, end = raw.span[0], entry[3], entry[4]
    put(body, "index", index, (source, start, start, start, start))
    for key, name in (("id", "name"), ("name", "displayName"), ("condition", "condition")):
        place.copy(body, key, raw, name, raw=True)
    for key, name in (("continue_on_error", "continueOnError"), ("enabled", "enabled")):
        place.copy(body, key, raw, name)
    if "timeoutInMinutes" in raw:
        at = raw.at["timeoutInMinutes"]
        put(body, "timeout", minutes(raw["timeoutInMinutes"], at), at)
    if isinstance(raw.get("env"), Map):
        put(body, "env", place.as_written(raw["env"]), raw.at["env"])
    anchor = point(raw, _NAMES, (source, start, end))
    at = (anchor[0], anchor[1], anchor[1], anchor[1], anchor[2])
    when = after(raw.get("condition")) or ("failure" if hook == "on.failure" else "")
    for key, value in (("after", when), ("hook", hook)):
        if value:
            put(body, key, value, raw.at.get("condition", at) if key == "after" else at)
    roles, families = _content(place, body, raw, windows)
    found: list[Command] = commands(body["run"], str(body.get("shell", ""))) if isinstance(body.get("run"), str) else []
    if raw.get("enabled") is False:
        roles, families = set(), set()
    put(body, "roles", texts(sorted(roles), at), at)
    put(body, "families", texts(sorted(families), at), at)
    place.expressions(body, ("name", "condition", "run", "with", "env"))
    name = plain(raw.get("displayName")) or plain(raw.get("name")) or plain(raw.get("task")) or f"step {index}"
    made = Resource(
        "pipeline/step", f"{job.address}:{index}", name, place.unit, body, anchor, (source, start, end),
        environment=job.environment, owner=job,
        context={**job.context, "commands": found, "guards": place.found.guards.get(id(raw), ())},
    )  # fmt: skip
    place.marked(made, raw, job.callers)
    return made


def _content(place: Place, body: Map, raw: Map, windows: bool | None) -> tuple[set[str], set[str]]:
    """Fills in what a step runs or uses; gives its roles and scan families."""
    for key, shell in SCRIPTS.items():
        if key in raw:
            return _script(place, body, raw, key, shell or _agent_shell(windows))
    if "task" in raw:
        return _task(place, body, raw, windows)
    for key in KEYWORDS:
        if key in raw:
            inputs = Map(raw.span)
            put(inputs, "repository" if key == "checkout" else key, raw[key], raw.at[key])
            for name in raw:
                if name != key and name not in _COMMON:
                    put(inputs, name, place.written(raw, name), raw.at[name])
            put(body, "with", inputs, raw.at[key])
            _uses(body, raw.at[key], plain(raw[key]), key.lower(), "")
            return set(), set()
    if "template" in raw:
        remote(place, body, raw)
    return set(), set()


def _agent_shell(windows: bool | None) -> str:
    return "" if windows is None else "cmd" if windows else "bash"


def _script(place: Place, body: Map, raw: Map, key: str, shell: str) -> tuple[set[str], set[str]]:
    value = raw[key]
    place.copy(body, "run", raw, key, raw=True)
    if shell:
        put(body, "shell", shell, raw.at[key])
    if "workingDirectory" in raw:
        place.copy(body, "working_directory", raw, "workingDirectory")
    return roles_of_commands(commands(value, shell)) if isinstance(value, str) else (set(), set())


def _task(place: Place, body: Map, raw: Map, windows: bool | None) -> tuple[set[str], set[str]]:
    written = plain(raw["task"])
    name, _, version = written.partition("@")
    _uses(body, raw.at["task"], written, name.strip().lower(), version.strip())
    inputs = as_map(raw.get("inputs"))
    if "inputs" in raw and isinstance(raw["inputs"], Map):
        put(body, "with", place.as_written(inputs), raw.at["inputs"])
    by_name = {str(key).lower(): plain(value) for key, value in inputs.items()}
    roles, families = roles_of_task(name, by_name)
    inline = INLINE.get(table_name(name.strip()))
    if inline is not None and not any(
        by_name.get(key, "").lower() in PATHS for key in ("targettype", "scripttype", "scriptlocation", "scriptsource")
    ):
        key = next((key for key in inputs if str(key).lower() in inline[0]), None)
        if key is not None and isinstance(place.written(inputs, key), str):
            place.copy(body, "run", inputs, key, raw=True)
            shell = _inline_shell(inline[1], by_name, windows)
            if shell:
                put(body, "shell", shell, raw.at["task"])
            if isinstance(inputs[key], str) and shell != "python":
                more, scanned = roles_of_commands(commands(inputs[key], shell))
                roles.update(more)
                families.update(scanned)
    return roles, families


def _inline_shell(usual: str, inputs: Mapping[str, str], windows: bool | None) -> str:
    if usual != "script":
        return usual
    kind = inputs.get("scripttype", "").lower()
    return {"bash": "bash", "pscore": "pwsh", "ps": "powershell", "batch": "cmd"}.get(kind) or _agent_shell(windows)


def _uses(body: Map, entry: Entry, raw: str, name: str, ref: str, kind: str = "task", path: str = "") -> None:
    made = Map((entry[0], entry[3], entry[4]))
    fields = (("raw", raw), ("owner", ""), ("repo", ""), ("path", path), ("ref", ref), ("kind", kind), ("name", name))
    for key, value in fields:
        put(made, key, value, scalar_at(entry))
    put(body, "uses", made, entry)


def remote(place: Place, body: Map, raw: Map) -> None:
    """A template that is not in the tree, where one stands for a job or a step."""
    written = place.written(raw, "template")
    name, _, repository = plain(written).partition("@")
    found = next((each for each in place.found.includes if each.span == _span(raw.at["template"])), None)
    kind = "none" if found is not None and found.kind == "remote" else "missing"
    _uses(body, raw.at["template"], plain(written), plain(written).lower(), repository, kind, name)


def _span(entry: Entry) -> Span:
    return entry[0], entry[3], entry[4]
