"""What a workflow or an action writes in a form that GitHub does not read, so that no part is left out in silence.

Encodes which entries are texts, lists and mappings in
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax and …/metadata-syntax. An entry without
a value says nothing and is let pass; an expression may stand for a mapping, since GitHub lets many be computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from linter.model import Map, Seq, Span

Fault = tuple[Span, str]
"""Where something stands, and what is wrong with it as a sentence without full stop."""

_TEXT, _LIST, _MAPPING = "a text", "a list", "a mapping"
_WORDS = (_TEXT, _LIST)
_NAMED = (_TEXT, _MAPPING)
_ANY = (_TEXT, _LIST, _MAPPING)
_M, _L, _T = (_MAPPING,), (_LIST,), (_TEXT,)

_WORKFLOW: Mapping[str, tuple[str, ...]] = {
    "name": _T, "run-name": _T, "on": _ANY, "permissions": _NAMED, "env": _M, "defaults": _M, "concurrency": _NAMED,
    "jobs": _M,
}  # fmt: skip
_JOB: Mapping[str, tuple[str, ...]] = {
    "name": _T, "permissions": _NAMED, "needs": _WORDS, "if": _T, "runs-on": _ANY, "environment": _NAMED,
    "concurrency": _NAMED, "outputs": _M, "env": _M, "defaults": _M, "steps": _L, "timeout-minutes": _T, "strategy": _M,
    "continue-on-error": _T, "container": _NAMED, "services": _M, "uses": _T, "with": _M, "secrets": _NAMED,
}  # fmt: skip
_STEP: Mapping[str, tuple[str, ...]] = {
    "id": _T, "if": _T, "name": _T, "uses": _T, "run": _T, "working-directory": _T, "shell": _T, "with": _M, "env": _M,
    "continue-on-error": _T, "timeout-minutes": _T,
}  # fmt: skip
_ACTION: Mapping[str, tuple[str, ...]] = {"name": _T, "description": _T, "inputs": _M, "outputs": _M, "runs": _M}
_RUNS: Mapping[str, tuple[str, ...]] = {"using": _T, "main": _T, "image": _T, "steps": _L}
_STRATEGY: Mapping[str, tuple[str, ...]] = {"matrix": _M}


def workflow_faults(raw: Map) -> Iterator[Fault]:
    """Every entry of a workflow that has another form than GitHub reads, outermost first."""
    yield from _entries(raw, _WORKFLOW)
    yield from _events(raw.get("on"))
    jobs = raw.get("jobs")
    if not isinstance(jobs, Map):
        return
    for id, job in jobs.items():
        yield from _fault(job, jobs.at[id], f"job `{id}`", _M)
        if isinstance(job, Map):
            yield from _entries(job, _JOB)
            if isinstance(job.get("strategy"), Map):
                yield from _entries(job["strategy"], _STRATEGY)
            yield from _steps(job.get("steps"))


def action_faults(raw: Map) -> Iterator[Fault]:
    """Every entry of an action's metadata that has another form than GitHub reads, outermost first."""
    yield from _entries(raw, _ACTION)
    runs = raw.get("runs")
    if isinstance(runs, Map):
        yield from _entries(runs, _RUNS)
        yield from _steps(runs.get("steps"))


def _events(value: Any) -> Iterator[Fault]:
    if isinstance(value, Seq):
        for event, entry in zip(value, value.at, strict=True):
            yield from _fault(event, entry, "an event of `on`", _T)
    elif isinstance(value, Map):
        for event, options in value.items():
            yield from _fault(options, value.at[event], f"event `{event}`", _L if event == "schedule" else _M)


def _steps(value: Any) -> Iterator[Fault]:
    if not isinstance(value, Seq):
        return
    for step, entry in zip(value, value.at, strict=True):
        yield from _fault(step, entry, "a step", _M)
        if isinstance(step, Map):
            yield from _entries(step, _STEP)


def _entries(raw: Map, forms: Mapping[str, tuple[str, ...]]) -> Iterator[Fault]:
    for key, value in raw.items():
        if key in forms:
            yield from _fault(value, raw.at[key], f"`{key}`", forms[key])


def _fault(value: Any, entry: tuple[int, int, int, int, int], name: str, allowed: tuple[str, ...]) -> Iterator[Fault]:
    form = _form(value)
    if not form or form in allowed:
        return
    if form == _TEXT and _MAPPING in allowed and isinstance(value, str) and value.lstrip().startswith("${{"):
        return
    yield (entry[0], entry[3], entry[4]), f"{name} must be {' or '.join(allowed)}, not {form}"


def _form(value: Any) -> str:
    if isinstance(value, Map):
        return _MAPPING
    if isinstance(value, Seq):
        return _LIST
    return _TEXT if isinstance(value, (str, int, float)) else ""
