"""Checks of what outsiders can make a GitHub workflow run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.checks import Verdict
from linter.checks.pipelines.common import (
    PRIVILEGED,
    action_of,
    as_map,
    failed,
    parts,
    passed,
    scalar_place,
    trees,
    unsure,
)
from linter.checks.pipelines.flow import Flow, flow_of, worst
from linter.checks.pipelines.taint import ATTACKER, OPEN
from linter.checks.pipelines.writes import writes
from linter.model import Estate, Map, Resource, Seq, Span, Unknown

# Inputs of actions that run their value as code.
SINKS: dict[str, tuple[str, ...]] = {
    "actions/github-script": ("script",),
    "azure/cli": ("inlinescript",),
    "azure/powershell": ("inlinescript",),
    "amadevus/pwsh-script": ("script",),
    "jannekem/run-python-script-action": ("script",),
    "mikefarah/yq": ("cmd",),
    "devorbitus/yq-action-output": ("cmd",),
    "sergeysova/jq-action": ("cmd",),
    "cardinalby/js-eval-action": ("expression",),
    "satackey/action-js-inline": ("javascript",),
    "appleboy/ssh-action": ("script",),
    "addnab/docker-run-action": ("run", "options"),
    "nick-fields/retry": ("command", "on_retry_command", "new_command_on_retry"),
    "nick-invision/retry": ("command", "on_retry_command", "new_command_on_retry"),
    "asdf-vm/actions/install": ("before_install",),
    "reactivecircus/android-emulator-runner": ("script", "pre-emulator-launch-script"),
    "gradle/gradle-build-action": ("arguments",),
    "burrunan/gradle-cache-action": ("arguments",),
}


def no_untrusted_text_in_scripts(estate: Estate) -> Iterator[Verdict]:
    """Expressions in scripts whose value outsiders write: titles, bodies, branch names, commit messages."""
    yield from _scripts(estate, ATTACKER, "`{text}` is text that outsiders write, pasted into a script before it runs")


def no_open_expressions_in_scripts(estate: Estate) -> Iterator[Verdict]:
    """Expressions in scripts whose value is neither fixed by GitHub nor written in the workflow."""
    yield from _scripts(
        estate, OPEN, "`{text}` is pasted into the script as code; hand it over in an environment variable"
    )


def _scripts(estate: Estate, wanted: str, message: str) -> Iterator[Verdict]:
    flow = flow_of(estate)
    for resource in (*parts(estate, "pipeline/job", "github"), *parts(estate, "pipeline/step", "github")):
        sinks = _sinks(resource)
        if not sinks:
            continue
        sound = True
        for found in resource.body.get("expressions", ()):
            if found["where"].lower() not in sinks:
                continue
            held = worst(flow.of(context, resource) for context in found["flows"])
            if held.kind == wanted:
                sound = False
                text = _short(f"${{{{ {found['text']} }}}}")
                verdict = failed(resource, message.replace("{text}", text), found.span, found["text"])
                yield verdict._replace(related=held.way)
        if sound:
            yield passed(resource)


def _sinks(resource: Resource) -> frozenset[str]:
    if isinstance(resource.body.get("run"), str):
        return frozenset(("run",))
    if resource.kind != "pipeline/step":
        return frozenset()
    return frozenset(f"with.{name}" for name in SINKS.get(action_of(resource), ()))


def _short(text: str) -> str:
    joined = " ".join(text.split())
    return joined if len(joined) <= 80 else joined[:79] + "…"


def no_untrusted_checkout(estate: Estate) -> Iterator[Verdict]:
    """Jobs with the rights of the base repository that check out a fork's code and then run something."""
    for tree in trees(estate, actions=False, platform="github"):
        if not (flow_of(estate).events(tree.top) & (PRIVILEGED | {"issue_comment"})):
            continue
        for job in tree.jobs:
            steps = tree.steps.get(id(job), [])
            sound = True
            for index, step in enumerate(steps):
                span = _foreign_checkout(step)
                if span is not None and any(_runs_code(later) for later in steps[index + 1 :]):
                    sound = False
                    yield failed(step, "A fork's code is checked out and run with this repository's rights", span)
            if sound:
                yield passed(job)


def _foreign_checkout(step: Resource) -> Span | None:
    inputs = as_map(step.body.get("with"))
    if action_of(step) == "actions/checkout" and inputs is not None:
        for key in ("ref", "repository"):
            if _names_fork(inputs.get(key)):
                return scalar_place(inputs, key, step.anchor)
    if action_of(step) == "" and isinstance(step.body.get("run"), str):
        for command in step.context["commands"]:
            if command.program == "gh" and command.words[1:3] == ("pr", "checkout"):
                return scalar_place(step.body, "run", step.anchor)
            if command.program == "git" and _names_fork(" ".join(command.words)):
                return _expression_place(step, _names_fork)
    return None


def _expression_place(step: Resource, test: Any) -> Span:
    for found in step.body.get("expressions", ()):
        if found["where"] == "run" and test(f"${{{{ {found['text']} }}}}"):
            return (found.span[0], found.span[1], found.span[2])
    return scalar_place(step.body, "run", step.anchor)


_FORK = (
    "github.event.pull_request.head.", "github.head_ref", "github.event.workflow_run.head_",
    "github.event.pull_request.merge", "github.event.workflow_run.pull_requests",
)  # fmt: skip


def _names_fork(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    lowered = value.lower()
    return any(name in lowered for name in _FORK) or ("refs/pull/" in lowered and "${{" in lowered)


def _runs_code(step: Resource) -> bool:
    if isinstance(step.body.get("run"), str):
        return True
    uses = as_map(step.body.get("uses"))
    return uses is not None and (
        uses["kind"] == "local" or bool({"build", "test", "publish"} & set(step.body["roles"]))
    )


def no_unsafe_environment_write(estate: Estate) -> Iterator[Verdict]:
    """Writes to GITHUB_ENV or GITHUB_PATH of more than literals, where outsiders start the workflow; of text that
    outsiders write, anywhere."""
    flow = flow_of(estate)
    for tree in trees(estate, platform="github"):
        exposed = tree.top.kind == "pipeline/action" or bool(flow.events(tree.top) & PRIVILEGED)
        for step in tree.all_steps():
            run = step.body.get("run")
            if not isinstance(run, str) or ("GITHUB_ENV" not in run and "GITHUB_PATH" not in run):
                continue
            yield from _environment_writes(flow, step, run, exposed)


def _environment_writes(flow: Flow, step: Resource, run: str, exposed: bool) -> Iterator[Verdict]:
    from linter.parsers.pipelines.scalars import Scalar

    sound = True
    scalar = Scalar(flow.estate.sources[step.anchor[0]], step.body.at["run"], run)
    for text, start, end in writes(step, run, ("GITHUB_ENV", "GITHUB_PATH")):
        held = worst((flow.of_text(text, step, None, 0), flow.of_variables(text, step)))
        hostile = held.kind == ATTACKER
        if hostile or (exposed and _dynamic(text)):
            sound = False
            what = "text that outsiders write" if hostile else "a value that is not fixed here"
            message = f"The environment of later steps is set from {what}"
            yield failed(step, message, scalar.span(start, end), text[:60])._replace(related=held.way)
    if sound:
        yield passed(step)


def _dynamic(text: str) -> bool:
    return "$" in text or "`" in text


_ACTORS = frozenset(("github.actor", "github.triggering_actor", "github.event.pull_request.sender.login"))
_ACTOR_IDS = frozenset(("github.actor_id", "github.event.pull_request.sender.id"))
_WHO = _ACTORS | _ACTOR_IDS
_BOT_IDS = frozenset(("49699333", "29139614", "27856297", "41898282", "2854784", "39514782", "25180681", "29110"))


def no_bot_conditions(estate: Estate) -> Iterator[Verdict]:
    """Conditions that trust the name or id of whoever acted last to be a bot's."""
    for tree in trees(estate, actions=False, platform="github"):
        for resource in (*tree.jobs, *tree.all_steps()):
            yield from _bot_condition(resource)


def _bot_condition(resource: Resource) -> Iterator[Verdict]:
    from linter.parsers.pipelines.expressions import parse

    for found in resource.body.get("expressions", ()):
        if found["where"] != "if":
            continue
        named = not _WHO.isdisjoint(found["contexts"])
        node = parse(found["text"]).node if named else None
        if node is not None and _trusts_bot(node):
            yield failed(
                resource, "Whoever acted last is not who wrote the code: the bot's name can be borrowed", found.span
            )
        else:
            yield passed(resource, found.span)


def _trusts_bot(node: tuple[Any, ...]) -> bool:
    from linter.parsers.pipelines.expression_nodes import walk
    from linter.parsers.pipelines.expressions import dotted

    for each in walk(node):
        if each[0] != "cmp" or each[3] != ("==",):
            continue
        left, right = each[4]
        for context, literal in ((left, right), (right, left)):
            if context[0] != "ctx" or literal[0] != "lit":
                continue
            name = dotted(context[3])
            if name in _ACTORS and str(literal[3]).lower().endswith("[bot]"):
                return True
            if name in _ACTOR_IDS and str(literal[3]) in _BOT_IDS:
                return True
    return False


def no_insecure_commands(estate: Estate) -> Iterator[Verdict]:
    """`ACTIONS_ALLOW_UNSECURE_COMMANDS: true` in the environment of a workflow, job or step, through a matrix too."""
    for kind in ("pipeline/pipeline", "pipeline/job", "pipeline/step"):
        for resource in parts(estate, kind, "github"):
            env = resource.body.get("env")
            span = scalar_place(resource.body, "env", resource.anchor)
            maps = [env] if isinstance(env, Map) else _matrix_environments(resource, env)
            if env is None:
                continue
            if not maps:
                unknown = Unknown("run-time", "env", "write the variables out")
                yield unsure(resource, "The environment is decided at run time", unknown, span)
                continue
            bad = next((name for each in maps for name, value in each.items() if _allows(name, value)), None)
            if bad is None:
                yield passed(resource)
                continue
            message = "Any output of a step can set environment variables and paths of later ones"
            yield failed(resource, message, scalar_place(env, bad, resource.anchor) if isinstance(env, Map) else span)


def _matrix_environments(resource: Resource, env: Any) -> list[Map]:
    """The mappings `env: ${{ matrix.x }}` may stand for, where the matrix lists them."""
    job = as_map(resource.context.get("job"))
    strategy = as_map(job.get("strategy")) if job is not None else None
    matrix = as_map(strategy.get("matrix")) if strategy is not None else None
    if matrix is None or not isinstance(env, str) or not env.strip().startswith("${{"):
        return []
    name = env.strip()[3:-2].strip().removeprefix("matrix.")
    listed = matrix.get(name)
    return [each for each in listed if isinstance(each, Map)] if isinstance(listed, Seq) else []


def _allows(name: Any, value: Any) -> bool:
    true = value is True or (isinstance(value, str) and value.strip().lower() == "true")
    return true and str(name).upper() == "ACTIONS_ALLOW_UNSECURE_COMMANDS"
