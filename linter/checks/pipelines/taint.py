"""Which expression contexts hold text that outsiders write, and which can hold nothing that a script could run.

Sources: https://securitylab.github.com/resources/github-actions-untrusted-input/ and GitHub's contexts reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any

from linter.checks.pipelines.common import as_map
from linter.model import Map, Resource, Seq
from linter.trees import says

ATTACKER, OPEN, SAFE = "attacker", "open", "safe"

MAX_VARIABLES = 500
"""Names of an environment, inputs or a matrix that are looked at; beyond them nothing is taken for safe."""

_OUTSIDE = (
    r"(issue|pull_request|discussion|comment|review|review_comment|milestone)\.(title|body)",
    r"comment\.body|discussion\.category\.name",
    r"pages\.[^.]+\.(page_name|title|summary)",
    r"(commits\.[^.]+|head_commit)\.message",
    r"(commits\.[^.]+|head_commit)\.(author|committer)\.(name|email)",
    r"pull_request\.head\.(ref|label)",
    r"pull_request\.head\.repo\.(default_branch|description|homepage)",
    r"workflow_run\.(head_branch|display_title)",
    r"workflow_run\.head_commit\.(message|(author|committer)\.(name|email))",
    r"workflow_run\.head_repository\.description",
    r"workflow_run\.pull_requests\.[^.]+\.head\.ref",
    r"changes\.(title|body)\.from",
    # A whole object, as toJSON gives it, holds all of them.
    r"issue|pull_request|comment|discussion|review|head_commit|commits|pages|workflow_run",
    r"pull_request\.head(\.repo)?",
)
"""Of `github.event`, what those write who may open an issue or a pull request."""
_OUTSIDE_ENDS = frozenset(
    """title body name page_name summary message email ref label default_branch description homepage head_branch
    display_title from issue pull_request comment discussion review head_commit commits pages workflow_run head
    repo""".split()  # noqa: SIM905
)
"""The last words of those, so that most contexts need no pattern."""

_FIXED = frozenset(
    """action action_path action_ref action_repository action_status actor actor_id api_url event_name event_path
    graphql_url job job_workflow_sha path env output state step_summary ref_protected ref_type repository repository_id
    repository_owner repository_owner_id repositoryurl retention_days run_attempt run_id run_number secret_source
    server_url sha token triggering_actor workflow workflow_ref workflow_sha workspace""".split()  # noqa: SIM905
)
"""Of `github`, what GitHub fills."""
_FIXED_ENDS = frozenset(
    """id node_id number sha before after fork draft merged locked private created_at updated_at state commits_url
    html_url url diff_url patch_url issue_url clone_url git_url ssh_url full_name login type conclusion status run_number
    run_attempt head_sha merge_commit_sha artifacts_url jobs_url logs_url event check_suite_id workflow_id additions
    deletions changed_files commits comments action author_association size default_branch visibility
    active_lock_reason closed_at merged_at has_issues archived prerelease installation""".split()  # noqa: SIM905
)
"""Of `github.event`, the last words of what GitHub fills."""


@cache
def _outside() -> re.Pattern[str]:
    return re.compile("|".join(_OUTSIDE))


@cache
def of_context(context: str) -> str:
    """ATTACKER, SAFE, or OPEN where it depends on who fills it."""
    root, _, rest = context.partition(".")
    if len(context) > 500:
        return OPEN
    if root == "github":
        return _of_github(rest)
    if root in ("secrets", "vars", "runner", "strategy"):
        return SAFE
    if root == "job":
        return SAFE if rest in ("status", "container.id", "container.network") or rest[:9] == "services." else OPEN
    name, _, result = rest.partition(".")
    fixed = {"needs": ("result",), "steps": ("outcome", "conclusion")}.get(root, ())
    return SAFE if name and result in fixed else OPEN


def _of_github(name: str) -> str:
    if name in ("", "head_ref", "event"):
        return ATTACKER
    if name in _FIXED:
        return SAFE
    root, _, rest = name.partition(".")
    if root != "event":
        return OPEN
    last = rest.rpartition(".")[2]
    if last in _OUTSIDE_ENDS and _outside().fullmatch(rest):
        return ATTACKER
    if last in _FIXED_ENDS or rest.startswith("repository.owner."):
        return SAFE
    if rest in ("forced", "created", "deleted", "schedule", "repository.name"):
        return SAFE
    return OPEN


def taint(context: str, step: Resource) -> str:
    """What a context can hold in a step; variables and matrix values are followed to what they were set to."""
    root, _, rest = context.partition(".")
    if root == "env" and rest:
        return _environment(rest, step)
    if root == "matrix" and rest:
        return _matrix(rest, step)
    if root == "inputs" and rest:
        return SAFE if harmless_input(rest, step) else OPEN
    if context.startswith("github.event.inputs."):
        return SAFE if harmless_input(context[len("github.event.inputs.") :], step) else OPEN
    return of_context(context)


def _environment(name: str, step: Resource) -> str:
    for holder in (step.body, step.context.get("job"), step.context.get("workflow")):
        env = as_map(holder.get("env")) if holder is not None else None
        if env is None:
            if holder is not None and holder.get("env") is not None:
                return OPEN
            continue
        if len(env) > MAX_VARIABLES:
            return OPEN
        for key, value in env.items():
            if str(key).lower() == name:
                return of_text(value)
    return OPEN


def of_text(value: Any) -> str:
    """What a written value can hold: the worst of its expressions; a literal is safe."""
    from linter.parsers.pipelines.expressions import find, parse

    if not isinstance(value, str) or "${{" not in value:
        return SAFE
    worst = SAFE
    for found in find(value):
        start, end = found.inner
        parsed = parse(value[start:end].strip())
        if parsed.node is None:
            worst = worst if worst == ATTACKER else OPEN
        for context in parsed.flows:
            kind = of_context(context)
            if kind == ATTACKER:
                return ATTACKER
            worst = OPEN if kind == OPEN else worst
    return worst


def _matrix(name: str, step: Resource) -> str:
    values = matrix_values(name, step)
    return OPEN if values is None else _worst(values)


def matrix_values(name: str, step: Resource) -> list[Any] | None:
    """What the matrix of a step's job lists for a name; None where an expression decides or there is too much."""
    job = as_map(step.context.get("job"))
    strategy = as_map(job.get("strategy")) if job is not None else None
    matrix = strategy.get("matrix") if strategy is not None else None
    if not isinstance(matrix, Map) or len(matrix) > MAX_VARIABLES or len(matrix.get("include") or ()) > MAX_VARIABLES:
        return None
    key = name.partition(".")[0]
    found = [value for each, value in matrix.items() if str(each).lower() == key]
    for combination in matrix.get("include") or ():
        if isinstance(combination, Map):
            found += [value for each, value in combination.items() if str(each).lower() == key]
    return None if isinstance(matrix.get("include"), str) else found


def leaves(values: list[Any]) -> Iterator[Any]:
    """The scalars in a list of values, those in their mappings and lists included; at most 10,000."""
    budget = 10_000
    stack = list(values)
    while stack and budget:
        budget -= 1
        value = stack.pop()
        if isinstance(value, (Map, Seq)):
            stack.extend(value.values() if isinstance(value, Map) else value)
        else:
            yield value


def _worst(values: list[Any]) -> str:
    worst = SAFE
    for value in leaves(values):
        kind = of_text(value) if not (isinstance(value, str) and "${{" in value) else _at_least_open(value)
        if kind == ATTACKER:
            return ATTACKER
        worst = OPEN if kind == OPEN else worst
    return worst


def _at_least_open(value: str) -> str:
    return ATTACKER if of_text(value) == ATTACKER else OPEN


def harmless_input(name: str, step: Resource) -> bool:
    """Inputs whose declared type leaves no room for text: boolean, number, choice, environment."""
    pipeline = as_map(step.context.get("pipeline"))
    declared = False
    for trigger in pipeline.get("triggers", ()) if pipeline is not None else ():
        inputs = as_map(trigger.get("inputs")) if isinstance(trigger, Map) else None
        for key, spec in islice(inputs.items(), MAX_VARIABLES) if inputs is not None else ():
            if str(key).lower() == name:
                kind = spec.get("type") if isinstance(spec, Map) else None
                if not says(kind, "boolean", "number", "choice", "environment"):
                    return False
                declared = True
    return declared
