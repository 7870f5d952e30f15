"""What a workflow's jobs hand on, wait for and are given: approvals, artifacts, caches and credentials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linter.model import Entry, Map, Seq
from linter.parsers.pipelines.model import text
from linter.trees import at_path, put

_UP = frozenset(("actions/upload-artifact", "actions/upload-pages-artifact"))
_DOWN = frozenset(("actions/download-artifact", "dawidd6/action-download-artifact"))
_CACHES = frozenset(("actions/cache", "actions/cache/save", "actions/cache/restore"))
_ASKING = frozenset(("trstringer/manual-approval",))


def after(condition: Any) -> str:
    """When a step or job runs though what came before failed: always, failure (only then), '' where it does not."""
    if not isinstance(condition, str) or "(" not in condition:
        return ""
    if "failure()" in condition:
        return "always" if "success()" in condition or "always()" in condition else "failure"
    return "always" if "always()" in condition or "!cancelled()" in condition.replace(" ", "") else ""


def shell_of(step: Map, context: Mapping[str, Any]) -> str:
    """The command line of the shell that reads a step's `run`, as written; '' for the system's own on Unix.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#defaultsrunshell
    """
    written = step.get("shell")
    job = context.get("job")
    for holder in (job, context.get("workflow")):
        if written is None and holder is not None:
            written = at_path(holder, ("defaults", "run", "shell"))
    if isinstance(written, str):
        return written
    label = job.get("runs-on") if isinstance(job, Map) else None
    return "pwsh" if isinstance(label, str) and label.lower().startswith("windows") else ""


def derive(job: Map, steps: list[Map]) -> None:
    """Fills a job's approvals, artifacts, caches and credentials from its environment and its steps; nothing else."""
    environment = job.get("environment")
    if isinstance(environment, Map) and "name" in environment:
        _append(job, "approvals", environment.at["name"], kind="environment", name=environment["name"])
    for step in steps:
        action = step.get("uses")
        if isinstance(action, Map):
            _from_action(job, step, str(action["name"]), step.at["uses"])
    for part in (job, *steps):
        for found, at in zip(part["expressions"], part["expressions"].at, strict=True):
            for context in found["contexts"]:
                if context.startswith("secrets."):
                    _append(job, "credentials", at, name=context[8:].upper(), kind="secret")


def _from_action(job: Map, step: Map, action: str, at: Entry) -> None:
    inputs = step.get("with")
    given = inputs if isinstance(inputs, Map) else {}
    if action in _UP or action in _DOWN:
        name = text(given.get("name")) or text(given.get("pattern"))
        way = "up" if action in _UP else "down"
        _append(job, "artifacts", at, name=name, paths=text(given.get("path")), way=way)
    elif action in _CACHES:
        _append(job, "caches", at, key=text(given.get("key")), paths=text(given.get("path")))
    elif action in _ASKING:
        _append(job, "approvals", at, kind="manual", name=text(given.get("approvers")))


def _append(job: Map, list_name: str, at: Entry, **fields: Any) -> None:
    source, _, _, start, end = at
    entry = (source, start, start, start, end)
    if list_name not in job:
        put(job, list_name, Seq((source, start, end)), entry)
    made = Map((source, start, end))
    for name, value in fields.items():
        put(made, name, value, entry)
    job[list_name].append(made)
    job[list_name].at.append(entry)
