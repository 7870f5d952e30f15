"""Jobs and their steps: forms, ids, what they need, shells, permissions, conditions, commands that GitHub took away.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobs
"""

from __future__ import annotations

from typing import Any

from linter.checks.workflows.conditions import condition_fault
from linter.checks.workflows.forms import CALL, JOB, RUN, STEP, USES, WAIT, Form
from linter.checks.workflows.matrices import read_matrix
from linter.checks.workflows.reader import Reader, at_key, at_value
from linter.checks.workflows.runners import read_runner, system_of
from linter.checks.workflows.scopes import Action, Job, Workflow, step_type
from linter.checks.workflows.uses import outputs_of, read_call, read_uses
from linter.model import Entry, Map, Resource, Seq, Unknown
from linter.parsers.pipelines.scalars import Scalar

SHELLS = {"": ("bash", "cmd", "powershell", "pwsh", "python", "sh"), "windows": ("bash", "cmd", "powershell", "pwsh", "python"),
          "unix": ("bash", "pwsh", "python", "sh")}  # fmt: skip
_COMMANDS = ("set-output name=", "save-state name=", "set-env name=", "add-path::")
_INSTEAD = {
    "set-output": "$GITHUB_OUTPUT",
    "save-state": "$GITHUB_STATE",
    "set-env": "$GITHUB_ENV",
    "add-path": "$GITHUB_PATH",
}


def read_job(reader: Reader, resource: Resource, raw: Any, entry: Entry, workflow: Workflow) -> None:
    id = str(resource.body["id"]) if "id" in resource.body else resource.name
    if not _is_id(id):
        reader.tell("ids", at_key(entry), f"`{id}` is no id: a letter or `_`, then letters, digits, `-` and `_`")
    reader.resource, outer = resource, reader.resource
    reader.types = job = Job(workflow, raw)
    if "uses" in raw:
        reader.read(raw, entry, CALL, id)
        read_call(reader, raw)
    else:
        system = system_of(raw)
        _steps(reader, raw, job, system)
        reader.read(raw, entry, JOB, id)
        if "runs-on" in raw:
            read_runner(reader, raw)
        read_shell(reader, raw.get("defaults"), system)
    if "permissions" in raw:
        read_permissions(reader, raw)
    read_environments(reader, raw)
    _condition(reader, raw)
    if isinstance(raw.get("strategy"), Map):
        read_matrix(reader, raw["strategy"])
    reader.resource = outer


def _steps(reader: Reader, raw: Map, job: Job | Action, system: str) -> None:
    steps = raw.get("steps")
    if "steps" not in raw or isinstance(steps, Unknown):
        return
    if not isinstance(steps, Seq) or not steps:
        wrong = "is empty" if not steps else "must be a list"
        reader.tell("syntax", at_key(raw.at["steps"]), f"`steps` {wrong}")
        return
    seen: set[str] = set()
    for number, (step, entry) in enumerate(zip(steps, steps.at, strict=False), 1):
        if isinstance(step, Unknown):
            continue
        if not isinstance(step, Map):
            reader.tell("syntax", at_value(step, entry), "a step must be a mapping")
            continue
        read_step(reader, step, entry, number, system)
        id = step.get("id")
        if isinstance(id, str) and id and "${{" not in id:
            if not _is_id(id):
                message = f"`{id}` is no id: a letter or `_`, then letters, digits, `-` and `_`"
                reader.tell("ids", at_value(id, step.at["id"]), message)
            elif id.lower() in seen:
                reader.tell("ids", at_value(id, step.at["id"]), f"another step of this job has the id `{id}` already")
            seen.add(id.lower())
            job.steps[id.lower()] = step_type(outputs_of(reader, step.get("uses")))


def read_step(reader: Reader, step: Map, entry: Entry, number: int, system: str) -> None:
    form = _form(step)
    name = f"step {number}"
    if form is None:
        wrong = "both runs a script and uses an action" if "run" in step else "neither runs a script nor uses an action"
        reader.tell("syntax", at_key(step.at["uses"] if "run" in step else entry, step), f"{name} {wrong}")
        form = STEP
    reader.read(step, entry, form, name)
    uses, run, shell = step.get("uses"), step.get("run"), step.get("shell")
    if isinstance(uses, str) and uses:
        read_uses(reader, step, uses)
    if isinstance(run, str) and "::" in run:
        _commands(reader, run, step.at["run"])
    if isinstance(shell, str) and shell:
        _shell(reader, shell, step.at["shell"], system)
    if "env" in step:
        environment_names(reader, step["env"])
    _condition(reader, step)


def _form(step: Map) -> Form | None:
    if "run" in step:
        return None if "uses" in step else RUN
    if "uses" in step:
        return USES
    return WAIT if "wait" in step or "wait-all" in step or "cancel" in step else None


def _is_id(text: str) -> bool:
    plain = text.replace("-", "_")
    return plain.isascii() and plain.isidentifier() and text[0] != "-"


def _condition(reader: Reader, raw: Map) -> None:
    condition = raw.get("if")
    if condition is not None:
        group, problem = condition_fault(condition)
        if problem:
            reader.tell(group, at_value(condition, raw.at["if"]), problem)


def _commands(reader: Reader, run: str, entry: Entry) -> None:
    position = run.find("::")
    while position >= 0:
        for command in _COMMANDS:
            if run.startswith(command, position + 2) and not _in_comment(run, position):
                name = command.rstrip(":").partition(" ")[0]
                span = Scalar(reader.estate.sources[entry[0]], entry, run).span(position, position + 2 + len(name))
                message = f"GitHub no longer obeys `{name}`: write to the file that `{_INSTEAD[name]}` names"
                reader.tell("commands", span, message)
        position = run.find("::", position + 2)


def _in_comment(run: str, position: int) -> bool:
    return run[run.rfind("\n", 0, position) + 1 : position].lstrip().startswith("#")


def read_shell(reader: Reader, defaults: Any, system: str) -> None:
    run = defaults.get("run") if isinstance(defaults, Map) else None
    shell = run.get("shell") if isinstance(run, Map) else None
    if isinstance(shell, str) and shell and isinstance(run, Map):
        _shell(reader, shell, run.at["shell"], system)


def _shell(reader: Reader, shell: str, entry: Entry, system: str) -> None:
    known = SHELLS[system]
    if "{0}" in shell or "${{" in shell or shell.lower() in known:
        return
    where = f" on {'Windows' if system == 'windows' else 'Linux and macOS'}" if shell in SHELLS[""] else ""
    listed = ", ".join(f"`{each}`" for each in known)
    message = f"there is no shell `{shell}`{where}: there are {listed}, or a command with {{0}} for the script"
    reader.tell("shells", at_value(shell, entry), message)


_LEVELS = ("read", "write", "none")
_SCOPES = {
    "actions": _LEVELS, "artifact-metadata": _LEVELS, "attestations": _LEVELS, "checks": _LEVELS, "contents": _LEVELS,
    "copilot-requests": ("write", "none"), "deployments": _LEVELS, "discussions": _LEVELS,
    "id-token": ("write", "none"), "issues": _LEVELS, "models": ("read", "none"), "packages": _LEVELS,
    "pages": _LEVELS, "pull-requests": _LEVELS, "repository-projects": _LEVELS, "security-events": _LEVELS,
    "statuses": _LEVELS, "vulnerability-alerts": ("read", "none"),
}  # fmt: skip
"""https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions"""


def read_permissions(reader: Reader, raw: Map) -> None:
    value, entry = raw["permissions"], raw.at["permissions"]
    if isinstance(value, Map):
        for scope, level in value.items():
            at = value.at[scope]
            if scope not in _SCOPES:
                known = ", ".join(f"`{each}`" for each in sorted(_SCOPES))
                reader.tell("permissions", at_key(at), f"there is no permission `{scope}`: there are {known}")
            elif not isinstance(level, Unknown) and level not in _SCOPES[scope]:
                known = ", ".join(f"`{each}`" for each in _SCOPES[scope])
                message = f"`{scope}` cannot be `{level}`: it can be {known}" if level else f"`{scope}` has no level"
                reader.tell("permissions", at_value(level, at), message)
    elif not isinstance(value, Unknown) and value not in ("read-all", "write-all"):
        group = "permissions" if isinstance(value, str) and value else "syntax"
        message = "`permissions` is `read-all`, `write-all` or a mapping of permissions to levels"
        reader.tell(group, at_value(value, entry), message)


def read_environments(reader: Reader, raw: Map) -> None:
    """The names of the environment variables of a workflow or a job and of its containers."""
    if "env" in raw:
        environment_names(reader, raw["env"])
    services = raw.get("services")
    for each in (raw.get("container"), *(services.values() if isinstance(services, Map) else ())):
        if isinstance(each, Map) and "env" in each:
            environment_names(reader, each["env"])


def environment_names(reader: Reader, env: Any) -> None:
    if isinstance(env, Map):
        for name in env:
            text = str(name)
            if ("=" in text or "&" in text or " " in text) and "${{" not in text:
                message = f"`{text}` is no name of an environment variable: no shell reads one with `&`, `=` or blanks"
                reader.tell("environment", at_key(env.at[name]), message)
