"""Whether an event starts a workflow and reaches its jobs: `on:` filters, and `if:` in three-valued logic.

Encodes https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax (`on`, `if`) and …/expressions.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from linter.model import Map, Resource
from linter.parsers.pipelines.events import Event
from linter.parsers.pipelines.expression_nodes import Node
from linter.parsers.pipelines.expressions import dotted, parse
from linter.trees import says


class _Undecided:
    __slots__ = ()

    def __repr__(self) -> str:
        return "<undecided>"


UNDECIDED: Final = _Undecided()

Facts = Mapping[str, Any]


def facts_of(event: Event) -> Facts:
    """What an event fixes in the `github` context."""
    if event.cause == "review":
        return {
            "github.event_name": "pull_request", "github.ref": "refs/pull/1/merge", "github.ref_name": "1/merge",
            "github.ref_type": "branch",
        }  # fmt: skip
    kind = "tag" if event.tag else "branch"
    return {
        "github.event_name": event.cause, "github.ref": f"refs/{'tags' if event.tag else 'heads'}/{event.ref}",
        "github.ref_name": event.ref, "github.ref_type": kind, "github.head_ref": "", "github.base_ref": "",
    }  # fmt: skip


def starts(pipeline: Resource, event: Event) -> bool | None:
    """Whether an event starts a workflow."""
    triggers = [each for each in pipeline.body.get("triggers", ()) if each["cause"] == event.cause]
    if event.cause != "push":
        return bool(triggers)
    return any(_pushed(trigger, event) for trigger in triggers)


def _pushed(trigger: Map, event: Event) -> bool:
    kind, other = ("tags", "branches") if event.tag else ("branches", "tags")
    if kind not in trigger and f"{kind}_ignore" not in trigger:
        return other not in trigger and f"{other}_ignore" not in trigger
    return _matches(trigger, kind, event.ref)


def runs(part: Resource, event: Event) -> bool | None:
    """Whether a job's or a step's own condition holds when an event started the workflow."""
    return holds(part.body.get("condition"), facts_of(event))


def overrides(part: Resource) -> bool:
    """Whether a job may run though what it needs did not."""
    condition = part.body.get("condition")
    return isinstance(condition, str) and any(f"{name}(" in condition for name in _STATUS)


_STATUS = frozenset(("always", "failure", "cancelled"))


def _matches(trigger: Map, kind: str, ref: str) -> bool:
    """Filters in GitHub's order: later patterns, `!` among them, win; `*` does not cross a slash, `**` does."""
    if f"{kind}_ignore" in trigger:
        return not any(_glob(ref, pattern) for pattern in trigger[f"{kind}_ignore"])
    matched = kind not in trigger
    for pattern in trigger.get(kind, ()):
        if pattern.startswith("!"):
            matched = matched and not _glob(ref, pattern[1:])
        else:
            matched = matched or _glob(ref, pattern)
    return matched


def _glob(ref: str, pattern: str) -> bool:
    if len(pattern) > 200 or pattern.count("*") > 20:
        return False
    if "**" in pattern:
        return fnmatchcase(ref, pattern.replace("**", "*"))
    return ref.count("/") == pattern.count("/") and fnmatchcase(ref, pattern)


def holds(condition: Any, facts: Facts) -> bool | None:
    """Whether an `if:` holds; None where the facts do not decide. A missing condition holds."""
    if condition is None or says(condition, ""):
        return True
    if isinstance(condition, bool):
        return condition
    if not isinstance(condition, str):
        return None
    written = condition.strip()
    if written.startswith("${{") and written.endswith("}}") and written.count("${{") == 1:
        written = written[3:-2].strip()
    elif "${{" in written:
        return None
    node = parse(written).node
    return truth(evaluate(node, facts)) if node is not None else None


def truth(value: Any) -> bool | None:
    return None if value is UNDECIDED else bool(value)


def evaluate(node: Node, facts: Facts) -> Any:
    """The value of an expression, or UNDECIDED. The parser bounds the depth."""
    op = node[0]
    if op == "lit":
        return node[3]
    if op == "ctx":
        return facts.get(dotted(node[3]), UNDECIDED)
    if op == "not":
        inner = truth(evaluate(node[3], facts))
        return UNDECIDED if inner is None else not inner
    if op in ("and", "or"):
        return _chain(node, facts, op == "or")
    if op == "cmp":
        return _compare(node, facts)
    return _call(node, facts) if op == "call" else UNDECIDED


def _chain(node: Node, facts: Facts, wanted: bool) -> Any:
    unsure = False
    for operand in node[3]:
        value = truth(evaluate(operand, facts))
        if value is wanted:
            return wanted
        unsure = unsure or value is None
    return UNDECIDED if unsure else not wanted


def _compare(node: Node, facts: Facts) -> Any:
    values = [evaluate(operand, facts) for operand in node[4]]
    if len(values) != 2 or any(value is UNDECIDED for value in values):
        return UNDECIDED
    left, right = (value.lower() if isinstance(value, str) else value for value in values)
    if type(left) is not type(right) or node[3][0] not in ("==", "!="):
        return UNDECIDED
    return (left == right) is (node[3][0] == "==")


def _call(node: Node, facts: Facts) -> Any:
    name = node[3]
    if name in ("always", "success"):
        return True
    if name == "cancelled":
        return False
    if name in ("startswith", "endswith", "contains") and len(node[4]) == 2:
        text, part = (evaluate(arg, facts) for arg in node[4])
        if isinstance(text, str) and isinstance(part, str):
            text, part = text.lower(), part.lower()
            return (
                text.startswith(part)
                if name == "startswith"
                else text.endswith(part)
                if name == "endswith"
                else part in text
            )
    return UNDECIDED
