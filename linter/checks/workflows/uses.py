"""What steps and jobs use: how it is named, and whether it takes what it is given.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax (uses, with, secrets) and …/metadata-syntax.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from linter.checks.workflows.reader import Reader, at_key, at_value
from linter.checks.workflows.scopes import events_of, input_type
from linter.model import Estate, Map
from linter.parsers.pipelines.expression_types import ANY, NUMBER, STRING, of_value, shown
from linter.trees import as_map, says

_DOCKER = frozenset(("entrypoint", "args"))


def read_uses(reader: Reader, step: Map, uses: str) -> None:
    if "${{" in uses:
        return
    written = uses.strip()
    problem = _name_fault(written)
    if problem:
        reader.tell("uses", at_value(uses, step.at["uses"]), problem)
    elif written.startswith("./"):
        action = _local(reader.estate, reader.base, written)
        if action is not None:
            docker = says(as_map(action.get("runs")).get("using"), "docker")
            _with_inputs(reader, step, written, as_map(action.get("inputs")), docker)
    elif "@" in written:
        _known(reader, step, written)


def _name_fault(uses: str) -> str:
    if uses.startswith("docker://"):
        image = uses[len("docker://") :]
        return "the tag of the image is empty" if image.endswith(":") else "" if image else "the image is missing"
    if uses.startswith(("./", "$/")):
        return ""
    name, at, ref = uses.partition("@")
    form = "`owner/repository@version`, or `./folder` in this repository"
    if not at:
        return f"the version of the action is missing: write {form}"
    owner, slash, rest = name.partition("/")
    if not slash:
        return f"the owner of the action is missing: write {form}"
    return "" if owner and rest.partition("/")[0] and ref else f"this names no action: write {form}"


@lru_cache(maxsize=8)
def _by_path(estate: Estate) -> Mapping[str, Map]:
    """Path → an action's metadata or a workflow, as written."""
    found = {action.address: action.context["action"] for action in estate.of_kind("pipeline/action")}
    for pipeline in estate.of_kind("pipeline/pipeline"):
        if isinstance(pipeline.context.get("workflow"), Map):
            found[pipeline.address] = pipeline.context["workflow"]
    return found


def _local(estate: Estate, base: str, uses: str) -> Map | None:
    folder = base + "/".join(part for part in uses.split("/") if part not in ("", "."))
    known = _by_path(estate)
    for name in ("action.yml", "action.yaml"):
        found = known.get(f"{folder.rstrip('/')}/{name}" if folder else name)
        if found is not None:
            return found
    return None


def outputs_of(reader: Reader, uses: Any) -> Iterable[str] | None:
    """The names of an action's outputs, None where they are not known."""
    if not isinstance(uses, str) or uses.startswith("docker://"):
        return None
    if uses.startswith("./"):
        action = _local(reader.estate, reader.base, uses.strip())
        return as_map(action.get("outputs")) if action is not None else None
    found = _well_known(uses.strip())
    return found[0].outputs.split() if found is not None and found[0].outputs != "*" else None


def workflow_outputs(reader: Reader, uses: Any) -> Iterable[str] | None:
    """The names of the outputs of a workflow of this repository, None where they are not known."""
    called = _called(reader, uses) if isinstance(uses, str) else None
    return as_map(called.get("outputs")) if called is not None else None


def _well_known(uses: str) -> tuple[Any, int] | None:
    from linter.checks.workflows.actions_table import ACTIONS

    name, _, ref = uses.partition("@")
    action = ACTIONS.get(name.lower())
    version = ref.removeprefix("release/").removeprefix("v").partition(".")[0]
    if action is None or len(version) > 3 or not (version.isascii() and version.isdecimal()):
        return None
    return (action, int(version)) if 0 < int(version) <= action.newest else None


def _known(reader: Reader, step: Map, uses: str) -> None:
    found = _well_known(uses)
    if found is None:
        return
    action, version = found
    if version < action.oldest:
        message = f"`{uses}` asks for a version of Node.js that GitHub no longer has: take v{action.newest}"
        reader.tell("runtimes", at_value(uses, step.at["uses"]), message)
        return
    if action.inputs == "*":
        return
    required = action.required.split()
    inputs: dict[str, Any] = {name: name in required for name in action.inputs.split()}
    _given(reader, step, uses, inputs)
    for entry in action.deprecated.split():
        name, _, rest = entry.partition(">")
        instead, _, since = rest.partition("@")
        given = _named(as_map(step.get("with")), name)
        if given is not None and version >= int(since):
            advice = f": use `{instead}`" if instead else ""
            span = at_key(as_map(step.get("with")).at[given])
            reader.tell("arguments", span, f"`{name}` of `{uses}` is deprecated{advice}")


def _named(inputs: Map, name: str) -> Any:
    """The key that names an input, in any case."""
    return next((key for key in inputs if str(key).lower() == name.lower()), None)


def _with_inputs(reader: Reader, step: Map, uses: str, inputs: Map, docker: bool) -> None:
    wanted = {str(name): _is_needed(raw) for name, raw in inputs.items()}
    if docker:
        wanted |= dict.fromkeys(_DOCKER, False)
    _given(reader, step, uses, wanted)
    given = as_map(step.get("with"))
    for name, raw in inputs.items():
        told = as_map(raw).get("deprecationMessage")
        key = _named(given, str(name)) if told else None
        if key is not None:
            reader.tell("arguments", at_key(given.at[key]), f"`{name}` of `{uses}` is deprecated: {str(told)[:200]}")


def _is_needed(raw: Any) -> bool:
    return isinstance(raw, Map) and raw.get("required") is True and "default" not in raw


def _given(reader: Reader, step: Map, uses: str, wanted: Mapping[str, Any]) -> None:
    """What is given that an action does not take, and what it needs that is not given."""
    given = step.get("with")
    if given is not None and not isinstance(given, Map):
        return
    names = {name.lower() for name in wanted}
    given = as_map(given)
    for key in given:
        if str(key).lower() not in names:
            message = f"`{uses}` takes no `{key}`: it takes {_listed(wanted)}"
            reader.tell("arguments", at_key(given.at[key]), message)
    have = {str(key).lower() for key in given}
    for name, needed in wanted.items():
        if needed and name.lower() not in have:
            reader.tell("arguments", at_value(uses, step.at["uses"]), f"`{uses}` needs `{name}`")


def _listed(names: Iterable[str]) -> str:
    found = sorted(names)
    if not found:
        return "nothing"
    return ", ".join(f"`{name}`" for name in found[:20]) + (f" and {len(found) - 20} more" if len(found) > 20 else "")


def _called(reader: Reader, uses: str) -> Map | None:
    """The options of `workflow_call` of a workflow in the tree."""
    if not uses.startswith("./"):
        return None
    raw = _by_path(reader.estate).get(reader.base + uses.strip()[2:])
    return events_of(raw.get("on")).get("workflow_call") if raw is not None else None


def read_call(reader: Reader, job: Map) -> None:
    """A job that calls a workflow."""
    uses = job["uses"]
    if not isinstance(uses, str) or not uses or "${{" in uses:
        return
    span = at_value(uses, job.at["uses"])
    if uses.startswith("./"):
        path = reader.base + uses[2:]
        if "@" in uses.rpartition("/")[2]:
            reader.tell(
                "calls",
                span,
                "a workflow of this repository is called without `@` and a version",
            )
        elif path not in reader.estate.paths and not reader.estate.isolated:
            reader.tell("calls", span, f"there is no workflow `{path}`")
        elif path in _by_path(reader.estate):
            called = _called(reader, uses)
            if called is None:
                reader.tell("calls", span, f"`{path}` is not called by others: its `on` has no `workflow_call`")
            else:
                _arguments(reader, job, called)
        return
    name, at, ref = uses.partition("@")
    if len(name.split("/")) < 3 or not at or not ref or not all(name.split("/")):
        form = "`owner/repository/path/to/workflow.yml@version` or `./.github/workflows/file.yml`"
        reader.tell("calls", span, f"this names no workflow: write {form}")


def _arguments(reader: Reader, job: Map, called: Map) -> None:
    span = at_value(job["uses"], job.at["uses"])
    for what, key in (("input", "with"), ("secret", "secrets")):
        given = job.get(key)
        if what == "secret" and says(given, "inherit"):
            continue
        if isinstance(given, str) and what == "secret":
            reader.tell("syntax", at_value(given, job.at[key]), "`secrets` is `inherit` or a mapping")
        given, wanted = as_map(given), as_map(called.get(f"{what}s"))
        if what == "secret" and "secrets" not in called:
            continue
        names = {str(name).lower(): name for name in wanted}
        for name in given:
            known = names.get(str(name).lower())
            if known is None:
                message = f"the called workflow takes no {what} `{name}`: it takes {_listed(map(str, wanted))}"
                reader.tell("calls", at_key(given.at[name]), message)
            elif what == "input":
                _typed(reader, given, name, input_type(wanted[known]))
        have = {str(name).lower() for name in given}
        for name, raw in wanted.items():
            if str(name).lower() not in have and _is_needed(raw):
                reader.tell("calls", span, f"the called workflow needs the {what} `{name}`")


def _typed(reader: Reader, given: Map, name: Any, wanted: Any) -> None:
    value = given[name]
    kind = reader.type_of(value) if isinstance(value, str) and "${{" in value else of_value(value)
    if ANY in (kind, wanted):
        return
    if kind != wanted and not (wanted == STRING and kind == NUMBER):
        message = f"the called workflow wants {shown(wanted)} for `{name}`, not {shown(kind)}"
        reader.tell("types", at_value(value, given.at[name]), message)
