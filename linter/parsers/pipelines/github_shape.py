"""What a workflow or an action writes in a form of which nothing can be judged, so that no part is left out in silence.

A job that is a text, steps that are no list, an action or a script that is no text: these parts are in no resource, so
that the scan is incomplete. Whatever else GitHub refuses (unknown keys, missing ones, values of another form) leaves
the parts readable and is a finding of the rule gha-valid-syntax. An entry without a value says nothing and is let pass.
Forms: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax and …/metadata-syntax.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model import Entry, Map, Seq, Span

Fault = tuple[Span, str]
"""Where something stands, and what is wrong with it as a sentence without full stop."""

_TEXT, _LIST, _MAPPING = "a text", "a list", "a mapping"


def workflow_faults(raw: Map) -> Iterator[Fault]:
    """Every part of a workflow that cannot be judged, outermost first."""
    jobs = raw.get("jobs")
    if "jobs" in raw:
        yield from _fault(jobs, raw.at["jobs"], "`jobs`", _MAPPING)
    if not isinstance(jobs, Map):
        return
    for id, job in jobs.items():
        yield from _fault(job, jobs.at[id], f"job `{id}`", _MAPPING)
        if isinstance(job, Map):
            yield from _texts(job, ("uses",))
            yield from _steps(job)


def action_faults(raw: Map) -> Iterator[Fault]:
    """Every part of an action's metadata that cannot be judged, outermost first."""
    runs = raw.get("runs")
    yield from _fault(runs, raw.at["runs"], "`runs`", _MAPPING)
    if isinstance(runs, Map):
        yield from _steps(runs)


def _steps(raw: Map) -> Iterator[Fault]:
    steps = raw.get("steps")
    if "steps" in raw:
        yield from _fault(steps, raw.at["steps"], "`steps`", _LIST)
    if not isinstance(steps, Seq):
        return
    for step, entry in zip(steps, steps.at, strict=True):
        yield from _fault(step, entry, "a step", _MAPPING)
        if isinstance(step, Map):
            yield from _texts(step, ("uses", "run"))


def _texts(raw: Map, keys: tuple[str, ...]) -> Iterator[Fault]:
    for key in keys:
        if key in raw:
            yield from _fault(raw[key], raw.at[key], f"`{key}`", _TEXT)


def _fault(value: Any, entry: Entry, name: str, allowed: str) -> Iterator[Fault]:
    form = _form(value)
    if form and form != allowed:
        yield (entry[0], entry[3], entry[4]), f"{name} must be {allowed}, not {form}"


def _form(value: Any) -> str:
    if isinstance(value, Map):
        return _MAPPING
    if isinstance(value, Seq):
        return _LIST
    return _TEXT if isinstance(value, (str, int, float)) else ""
