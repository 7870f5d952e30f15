"""Whether an event can reach a job: `if:` conditions judged in three-valued logic under what the event fixes."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from linter.checks.pipelines_common import Tree, ancestors, trigger_of
from linter.model import Map, Resource
from linter.parsers.pipelines.expression_nodes import Node
from linter.parsers.pipelines.expressions import dotted, parse


class _Undecided:
    __slots__ = ()

    def __repr__(self) -> str:
        return "<undecided>"


UNDECIDED: Final = _Undecided()

Facts = Mapping[str, Any]

REVIEW_FACTS: Facts = {
    "github.event_name": "pull_request", "github.ref": "refs/pull/1/merge", "github.ref_name": "1/merge",
    "github.ref_type": "branch",
}  # fmt: skip


def branch_facts(branch: str) -> Facts:
    """What a push to a branch fixes."""
    return {
        "github.event_name": "push", "github.ref": f"refs/heads/{branch}", "github.ref_name": branch,
        "github.ref_type": "branch", "github.head_ref": "", "github.base_ref": "",
    }  # fmt: skip


def holds(condition: Any, facts: Facts) -> bool | None:
    """Whether an `if:` holds; None where the facts do not decide. A missing condition holds."""
    if condition is None or condition == "":
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


_STATUS = frozenset(("always", "failure", "cancelled"))


def reached(job: Resource, tree: Tree, steps: list[Resource], facts: Facts) -> bool | None:
    """Whether an event reaches one of a job's steps: the conditions of the job, of those it needs, and of the step."""
    condition = job.body.get("condition")
    answers = [holds(condition, facts)]
    overrides = isinstance(condition, str) and any(f"{name}(" in condition for name in _STATUS)
    if not overrides:
        answers += [holds(other.body.get("condition"), facts) for other in ancestors(job, tree)]
    if steps:
        inner = [holds(step.body.get("condition"), facts) for step in steps]
        answers.append(True if True in inner else None if None in inner else False)
    if False in answers:
        return False
    return None if None in answers else True


# Branches that anyone with write access makes as they go.
WORK_BRANCHES = ("feature/x", "feat/x", "fix/x", "bugfix/x", "dependabot/npm/x", "renovate/x", "users/x", "topic")


def work_branch(pipeline: Resource) -> str:
    """A branch for ongoing work whose push starts the pipeline, '' where none does."""
    trigger = trigger_of(pipeline, "push")
    if trigger is None:
        return ""
    if "branches" not in trigger and "tags" in trigger:
        return ""
    for branch in WORK_BRANCHES:
        if _matches(trigger, branch):
            return branch
    return ""


def _matches(trigger: Map, branch: str) -> bool:
    """Filters in GitHub's order: later patterns, `!` among them, win; `*` does not cross a slash, `**` does."""
    if "branches_ignore" in trigger:
        return not any(_glob(branch, pattern) for pattern in trigger["branches_ignore"])
    matched = "branches" not in trigger
    for pattern in trigger.get("branches", ()):
        if pattern.startswith("!"):
            matched = matched and not _glob(branch, pattern[1:])
        else:
            matched = matched or _glob(branch, pattern)
    return matched


def _glob(branch: str, pattern: str) -> bool:
    if len(pattern) > 200 or pattern.count("*") > 20:
        return False
    if "**" in pattern:
        return fnmatchcase(branch, pattern.replace("**", "*"))
    return branch.count("/") == pattern.count("/") and fnmatchcase(branch, pattern)
