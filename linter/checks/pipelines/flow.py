"""What an expression can hold, followed to where its text comes from: variables, matrices, inputs of the callers in the
tree, outputs of steps, jobs and reusable parts. Bounded in depth; what leads further is as open as before.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from linter.checks.pipelines.common import Tree, as_map, events, trees, trigger_of
from linter.checks.pipelines.taint import (
    ATTACKER,
    MAX_VARIABLES,
    OPEN,
    SAFE,
    harmless_input,
    leaves,
    matrix_values,
    of_context,
)
from linter.checks.pipelines.writes import Write, from_outside, names_variable, outputs, variables
from linter.model import Estate, Map, Origin, Resource, Span
from linter.parsers.pipelines.expressions import find, parse
from linter.parsers.pipelines.scalars import Scalar
from linter.records import NamedTuple

MAX_HOPS = 12
MAX_CALLERS = 100

_REDUCED = frozenset(("wc", "sha1sum", "sha256sum", "md5sum", "shasum", "cksum", "base64", "test", "["))
"""Programs whose output no longer holds the text they were given."""


class Held(NamedTuple):
    """kind: ATTACKER, OPEN or SAFE. way: where the text was handed on, from its source to its use."""

    kind: str
    way: tuple[Origin, ...] = ()


_OPEN, _SAFE = Held(OPEN), Held(SAFE)


@lru_cache(maxsize=4)
def flow_of(estate: Estate) -> Flow:
    """The flow of an estate's GitHub pipelines, made once for all checks."""
    return Flow(estate)


def worst(found: Iterable[Held]) -> Held:
    result = _SAFE
    for each in found:
        if each.kind == ATTACKER:
            return each
        if each.kind == OPEN and result.kind == SAFE:
            result = each
    return result


class Flow:
    """Answers what contexts hold; every answer is kept, since several rules and many expressions ask the same."""

    __slots__ = ("callers", "estate", "known", "trees")

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.trees: dict[int, Tree] = {id(tree.top): tree for tree in trees(estate, platform="github")}
        self.callers: dict[int, list[Resource]] = {}
        for top in (tree.top for tree in self.trees.values()):
            found = [link.source for link in estate.incoming.get(id(top), ()) if link.name == "runs"]
            if found:
                self.callers[id(top)] = found[:MAX_CALLERS]
        self.known: dict[tuple[str, int, int], Held] = {}

    def events(self, top: Resource) -> set[str]:
        """The events that start a pipeline or an action, those of its callers among them."""
        found: set[str] = set()
        stack, seen = [top], {id(top)}
        while stack:
            current = stack.pop()
            found |= events(current)
            for caller in self.callers.get(id(current), ()):
                if id(caller.outermost) not in seen:
                    seen.add(id(caller.outermost))
                    stack.append(caller.outermost)
        return found

    def of(self, context: str, part: Resource, via: Resource | None = None, hops: int = 0) -> Held:
        """What a context holds in a pipeline, job, step or action. via: the one caller that is asked about."""
        root, _, rest = context.partition(".")
        if root not in _FOLLOWED and not context.startswith("github.event.inputs."):
            return Held(of_context(context))
        key = (context, id(part), id(via))
        found = self.known.get(key)
        if found is None:
            # Whoever comes back here while it is open goes in a circle.
            self.known[key] = _OPEN
            if hops < MAX_HOPS:
                follow = _FOLLOWED.get(root, Flow._input)
                name = rest if root in _FOLLOWED else context[len("github.event.inputs.") :]
                self.known[key] = follow(self, name, part, via, hops + 1)
            found = self.known[key]
        return found

    def of_text(self, value: Any, part: Resource, via: Resource | None, hops: int) -> Held:
        """What a written value holds: the worst of its expressions; a literal is safe."""
        if not isinstance(value, str) or "${{" not in value:
            return _SAFE
        return worst(self._expressions(value, part, via, hops))

    def _expressions(self, value: str, part: Resource, via: Resource | None, hops: int) -> list[Held]:
        found: list[Held] = []
        for each in find(value):
            parsed = parse(value[each.inner[0] : each.inner[1]].strip())
            found += [self.of(context, part, via, hops) for context in parsed.flows] if parsed.node else [_OPEN]
        return found

    def _environment(self, name: str, part: Resource, via: Resource | None, hops: int) -> Held:
        raw = part.body if part.kind == "pipeline/step" else None
        for holder in (raw, part.context.get("job"), part.context.get("workflow")):
            written = holder.get("env") if holder is not None else None
            env = as_map(written)
            if env is None:
                if written is not None:
                    return _OPEN
                continue
            if len(env) > MAX_VARIABLES:
                return _OPEN
            for key, value in env.items():
                if str(key).lower() == name:
                    return _handed(self.of_text(value, part, via, hops), f"`{key}` is set here", env, key)
        return self._set_before(name, part, via, hops)

    def _set_before(self, name: str, part: Resource, via: Resource | None, hops: int) -> Held:
        """What earlier steps of the job wrote to GITHUB_ENV, where it is text of outsiders."""
        index = part.body.get("index", 0)
        for step in self._steps(part) if isinstance(index, int) else ():
            run = step.body.get("run")
            if step.body["index"] < index and isinstance(run, str):
                for write in variables(step, run, name):
                    held = self._write(write, step, run, via, hops)
                    if held.kind == ATTACKER:
                        return held
        return _OPEN

    def _steps(self, part: Resource) -> list[Resource]:
        owner = part.owner if part.kind == "pipeline/step" else part
        tree = self.trees.get(id(part.outermost))
        return tree.steps.get(id(owner), []) if tree is not None else []

    def _matrix(self, name: str, part: Resource, via: Resource | None, hops: int) -> Held:
        values = matrix_values(name, part)
        if values is None:
            job = as_map(part.context.get("job"))
            strategy = as_map(job.get("strategy")) if job is not None else None
            whole = strategy.get("matrix") if strategy is not None else None
            held = self.of_text(whole, part, via, hops)
            return held if held.kind == ATTACKER else _OPEN
        written = [value for value in leaves(values) if isinstance(value, str) and "${{" in value]
        held = worst(self.of_text(value, part, via, hops) for value in written)
        return _OPEN if held.kind == SAFE and written else held

    def _input(self, name: str, part: Resource, via: Resource | None, hops: int) -> Held:
        if harmless_input(name, part):
            return _SAFE
        top = part.outermost
        callers = [via] if via is not None else self.callers.get(id(top), [])
        found = [self._given(name, top, caller, hops) for caller in callers]
        if via is None and (not callers or self._called_by_others(top)):
            found.append(_OPEN)
        return worst(found)

    def _called_by_others(self, top: Resource) -> bool:
        """Whether people, or other repositories, give a workflow's or an action's inputs too."""
        if top.kind == "pipeline/action":
            return not (top.address.startswith(".github/") or "/.github/" in top.address)
        return bool(events(top) & {"workflow_dispatch", "repository_dispatch"})

    def _given(self, name: str, top: Resource, caller: Resource, hops: int) -> Held:
        given = as_map(caller.body.get("with"))
        if given is None and caller.body.get("with") is not None:
            return _OPEN
        for key in given or ():
            if given is not None and str(key).lower() == name:
                return _handed(self.of_text(given[key], caller, None, hops), f"`{name}` is given here", given, key)
        trigger = top.body if top.kind == "pipeline/action" else trigger_of(top, "workflow_call")
        declared = as_map(trigger.get("inputs")) if trigger is not None else None
        spec = next((as_map(value) for key, value in (declared or {}).items() if str(key).lower() == name), None)
        return self.of_text(spec.get("default"), top, caller, hops) if spec is not None else _SAFE

    def _step_output(self, name: str, part: Resource, via: Resource | None, hops: int) -> Held:
        named, _, output = name.partition(".outputs.")
        if not output:
            return Held(of_context(f"steps.{name}"))
        step = next((each for each in self._steps(part) if str(each.body.get("id", "")).lower() == named), None)
        if step is None:
            return _OPEN
        run = step.body.get("run")
        if isinstance(run, str):
            found = (self._write(write, step, run, via, hops) for write in outputs(step, run, output))
            return next((each for each in found if each.kind == ATTACKER), _OPEN)
        if from_outside(step, output):
            span = step.body.at["uses"]
            return Held(ATTACKER, (Origin(f"`{output}` holds what outsiders write", (span[0], span[3], span[4])),))
        return self._result(output, step, via, hops)

    def _result(self, output: str, caller: Resource, via: Resource | None, hops: int) -> Held:
        """An output of the local action or workflow that a step or job runs."""
        for link in self.estate.outgoing.get(id(caller), ()):
            if link.name != "runs":
                continue
            top = link.target
            holder = top.body if top.kind == "pipeline/action" else trigger_of(top, "workflow_call")
            declared = as_map(holder.get("outputs")) if holder is not None else None
            for key, spec in (declared or {}).items():
                if str(key).lower() == output and isinstance(spec, Map):
                    held = self.of_text(spec.get("value"), top, caller, hops)
                    return _handed(held, f"`{key}` is given back here", spec, "value")
        return _OPEN

    def _job_output(self, name: str, part: Resource, via: Resource | None, hops: int) -> Held:
        named, _, output = name.partition(".outputs.")
        if not output:
            return Held(of_context(f"needs.{name}"))
        tree = self.trees.get(id(part.outermost))
        job = next((each for key, each in tree.ids.items() if key.lower() == named), None) if tree is not None else None
        if job is None:
            return _OPEN
        if "uses" in job.body:
            return self._result(output, job, via, hops)
        declared = as_map(job.body.get("outputs"))
        for key, value in (declared or {}).items():
            if declared is not None and str(key).lower() == output:
                held = self.of_text(value, job, via, hops)
                return _handed(held, f"`{key}` is given on here", declared, key)
        return _OPEN

    def _write(self, write: Write, step: Resource, run: str, via: Resource | None, hops: int) -> Held:
        """What a script writes for later steps; only text of outsiders is told from the rest."""
        held = self._script_text(write.text, step, run, via, hops)
        if held.kind != ATTACKER:
            return _OPEN
        return Held(
            ATTACKER, (*held.way, Origin("written for later steps here", _place(self.estate, step, run, write)))
        )

    def _script_text(self, text: str, step: Resource, run: str, via: Resource | None, hops: int) -> Held:
        if "$" not in text or any(f"{name} " in f"{text} " for name in _REDUCED if "$(" in text):
            return _SAFE
        held = self.of_text(text, step, via, hops)
        return held if held.kind == ATTACKER else self.of_variables(text, step, via, hops)

    def of_variables(self, text: str, step: Resource, via: Resource | None = None, hops: int = 0) -> Held:
        """What the shell variables in a text hold that the environment, or an assignment of the script, set."""
        if "$" not in text or hops >= MAX_HOPS:
            return _SAFE
        for holder in (step.body, step.context.get("job"), step.context.get("workflow")):
            env = as_map(holder.get("env")) if holder is not None else None
            for name in list(env or ())[:MAX_VARIABLES]:
                if env is not None and names_variable(text, str(name)):
                    held = _handed(self.of_text(env[name], step, via, hops + 1), f"`{name}` is set here", env, name)
                    if held.kind == ATTACKER:
                        return held
        for command in step.context.get("commands", ())[:MAX_VARIABLES]:
            for word in command.assigned if not command.words else ():
                name, _, value = word.partition("=")
                if names_variable(text, name) and not names_variable(value, name):
                    held = self._script_text(value, step, "", via, hops + 1)
                    if held.kind == ATTACKER:
                        return held
        return _SAFE


def _handed(held: Held, text: str, holder: Map, key: Any) -> Held:
    """What is handed on at an entry, with that entry as the last of the way where outsiders' text takes it."""
    if held.kind != ATTACKER or key not in holder.at:
        return held
    source, _, _, start, end = holder.at[key]
    return Held(ATTACKER, (*held.way, Origin(text, (source, start, end))))


def _place(estate: Estate, step: Resource, run: str, write: Write) -> Span:
    return Scalar(estate.sources[step.anchor[0]], step.body.at["run"], run).span(write.start, write.end)


_FOLLOWED = {
    "env": Flow._environment,
    "matrix": Flow._matrix,
    "inputs": Flow._input,
    "steps": Flow._step_output,
    "needs": Flow._job_output,
    "jobs": Flow._job_output,
}
