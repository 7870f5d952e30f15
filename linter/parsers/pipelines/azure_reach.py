"""Whether an event starts an Azure pipeline and reaches its jobs: triggers, conditions and template conditions.

Encodes https://learn.microsoft.com/azure/devops/pipelines/process/conditions, …/repos/triggers and …/build/variables.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from linter.model import Map, Resource, Unknown
from linter.parsers.pipelines.azure_expressions import parse
from linter.parsers.pipelines.azure_scope import Guard, Scope
from linter.parsers.pipelines.azure_values import evaluate, truth, unknown
from linter.parsers.pipelines.events import Event
from linter.parsers.pipelines.expression_nodes import Node
from linter.parsers.pipelines.expressions import dotted

_REASONS = {"push": "IndividualCI", "review": "PullRequest", "schedule": "Schedule", "manual": "Manual",
            "upstream": "ResourceTrigger"}  # fmt: skip
_HERE = (0, 0, 0, 0, 0)
_MAX_NESTED = 8


def facts_of(event: Event) -> Mapping[str, Any]:
    """What an event fixes of the predefined variables."""
    facts: dict[str, Any] = {}
    if event.cause in _REASONS:
        facts["build.reason"] = _REASONS[event.cause]
    if event.cause == "review":
        facts.update({"build.sourcebranch": "refs/pull/1/merge", "build.sourcebranchname": "merge"})
    elif event.ref:
        facts["build.sourcebranch"] = f"refs/{'tags' if event.tag else 'heads'}/{event.ref}"
        facts["build.sourcebranchname"] = event.ref.rsplit("/", 1)[-1]
    return facts


def starts(pipeline: Resource, event: Event) -> bool | None:
    """Whether an event starts a pipeline; None where that is set outside the file."""
    answers: list[bool | None] = []
    for trigger in pipeline.body.get("triggers", ()):
        if trigger["cause"] == event.cause:
            if trigger.get("assumed") and event.cause == "review":
                answers.append(None)
            else:
                answers.append(_matches(trigger, event) if event.cause == "push" else True)
    return True if True in answers else None if None in answers else False


def _matches(trigger: Map, event: Event) -> bool:
    """Branch filters; a tag starts a pipeline only where `tags` says so."""
    kind = "tags" if event.tag else "branches"
    if kind not in trigger and f"{kind}_ignore" not in trigger:
        return not event.tag and "tags" not in trigger
    included = trigger.get(kind)
    prefix = "refs/tags/" if event.tag else "refs/heads/"
    ignored = trigger.get(f"{kind}_ignore", ())
    if any(_glob(event.ref, pattern.removeprefix(prefix)) for pattern in ignored):
        return False
    return included is None or any(_glob(event.ref, pattern.removeprefix(prefix)) for pattern in included)


def _glob(ref: str, pattern: str) -> bool:
    """`*` and `?` match any characters, slashes too; a folder's name matches what is below it."""
    if len(pattern) > 200 or pattern.count("*") > 20:
        return False
    return fnmatchcase(ref, pattern) or ref.startswith(pattern.rstrip("/") + "/")


def runs(part: Resource, event: Event) -> bool | None:
    """Whether a part's own conditions hold when an event started the pipeline: its own, its stage's, its templates'."""
    facts = facts_of(event)
    answers = [_guarded(guard, facts) for guard in part.context.get("guards", ())]
    if part.kind == "pipeline/job":
        stage = part.context.get("stage")
        if isinstance(stage, Map):
            answers.append(holds(stage.get("condition"), facts, part))
        raw = part.context.get("job")
        condition = raw.get("condition") if isinstance(raw, Map) and raw is not stage else None
        answers.append(holds(condition, facts, part))
    else:
        answers.append(False if part.body.get("enabled") is False else holds(part.body.get("condition"), facts, part))
    return False if False in answers else None if None in answers else True


def overrides(part: Resource) -> bool:
    """Whether a job may run though what comes before it did not succeed: a condition replaces the implied `succeeded()`."""
    raw, stage = part.context.get("job"), part.context.get("stage")
    return any(_ignores(each.get("condition")) for each in (raw, stage) if isinstance(each, Map))


def _ignores(condition: Any) -> bool:
    if not isinstance(condition, str) or not condition.strip():
        return False
    parsed = parse(condition.strip())
    return parsed.node is not None and "succeeded" not in parsed.calls


def _guarded(guard: Guard, facts: Mapping[str, Any]) -> bool | None:
    if guard.node is None:
        return None
    held = truth(evaluate(guard.node, _lookup(facts, guard.scope, None, 0), _HERE))
    return None if held is None else held is guard.wanted


def holds(condition: Any, facts: Mapping[str, Any], part: Resource | None = None) -> bool | None:
    """Whether a `condition:` holds; None where the facts do not decide. A missing one holds."""
    if condition is None or condition == "":
        return True
    if isinstance(condition, bool):
        return condition
    if not isinstance(condition, str) or "${{" in condition:
        return None
    node = parse(condition.strip()).node
    return truth(evaluate(node, _lookup(facts, None, part, 0), _HERE)) if node is not None else None


def _lookup(facts: Mapping[str, Any], scope: Scope | None, part: Resource | None, depth: int) -> Any:
    def find(node: Node) -> Any:
        path = node[3]
        if path[0] == "variables" and len(path) > 1 and all(isinstance(each, str) for each in path):
            name = ".".join(path[1:])
            if name in facts:
                return facts[name]
            found = _variable(part, name)
            if isinstance(found, str) and found.strip().startswith("$[") and found.strip().endswith("]"):
                inner = parse(found.strip()[2:-1].strip()).node
                if inner is not None and depth < _MAX_NESTED:
                    return evaluate(inner, _lookup(facts, scope, part, depth + 1), _HERE)
            elif found is not None and not (
                isinstance(found, str) and ("$(" in found or "$[" in found or "${{" in found)
            ):
                return found
        return scope.lookup(node) if scope is not None else unknown(dotted(path))

    return find


def _variable(part: Resource | None, name: str) -> Any:
    """A variable that the file itself gives a value, the job's before the pipeline's."""
    holders = (part.owner, part.owner and part.owner.owner) if part is not None else ()
    for each in (part, *holders):
        env = each.body.get("env") if each is not None and each.kind != "pipeline/step" else None
        for key, value in env.items() if isinstance(env, Map) else ():
            if str(key).lower() == name:
                return None if isinstance(value, Unknown) else value
    return None
