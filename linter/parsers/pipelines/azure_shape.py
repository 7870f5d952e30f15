"""What an Azure pipeline writes in a form that is not read, so that no part is left out in silence.

Encodes which entries are texts, lists and mappings in https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/, after
templates are expanded. An entry without a value says nothing; a value that an expression decides is let pass.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from linter.model import Entry, Map, Seq, Span
from linter.parsers.pipelines.azure_steps import KEYWORDS, SCRIPTS
from linter.trees import as_map

Fault = tuple[Span, str]
"""Where something stands, and what is wrong with it as a sentence without full stop."""

_TEXT, _LIST, _MAPPING = "a text", "a list", "a mapping"
_T, _L, _M = (_TEXT,), (_LIST,), (_MAPPING,)
_NAMED, _WORDS, _ANY, _MANY = (_TEXT, _MAPPING), (_TEXT, _LIST), (_TEXT, _LIST, _MAPPING), (_LIST, _MAPPING)

_ROOT: Mapping[str, tuple[str, ...]] = {
    "name": _T, "trigger": _ANY, "pr": _ANY, "schedules": _L, "resources": _MANY, "variables": _MANY, "pool": _NAMED,
    "stages": _L, "jobs": _L, "steps": _L, "extends": _M, "lockBehavior": _T,
}  # fmt: skip
_STAGE: Mapping[str, tuple[str, ...]] = {
    "stage": _T, "displayName": _T, "dependsOn": _WORDS, "condition": _T, "variables": _MANY, "jobs": _L, "pool": _NAMED,
    "lockBehavior": _T, "template": _T,
}  # fmt: skip
_JOB: Mapping[str, tuple[str, ...]] = {
    "job": _T, "deployment": _T, "displayName": _T, "dependsOn": _WORDS, "condition": _T, "strategy": _M,
    "continueOnError": _T, "container": _NAMED, "timeoutInMinutes": _T, "cancelTimeoutInMinutes": _T, "variables": _MANY,
    "environment": _NAMED, "pool": _NAMED, "services": _M, "workspace": _NAMED, "steps": _L, "template": _T,
}  # fmt: skip
_STEP: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys((*SCRIPTS, *KEYWORDS, "task", "template"), _T), "inputs": _M, "env": _M, "name": _T, "displayName": _T,
    "condition": _T, "continueOnError": _T, "enabled": _T, "timeoutInMinutes": _T,
}  # fmt: skip
_STEP_WORDS = frozenset((*SCRIPTS, *KEYWORDS, "task", "template"))
_HOOKS = ("preDeploy", "deploy", "routeTraffic", "postRouteTraffic")


def faults(root: Map, guarded: Container[int] = ()) -> Iterator[Fault]:
    """Every entry of an expanded pipeline that has another form than is read, outermost first.

    guarded: ids of what stands under an undecided condition, where templates put words that are meant to be refused.
    """
    yield from _entries(root, _ROOT)
    for stage, entry in _items(root.get("stages")):
        yield from _fault(stage, entry, "a stage", _M)
        if isinstance(stage, Map):
            yield from _entries(stage, _STAGE)
            yield from _jobs(stage.get("jobs"), guarded)
    yield from _jobs(root.get("jobs"), guarded)
    yield from _steps(root.get("steps"), guarded)


def _jobs(value: Any, guarded: Container[int]) -> Iterator[Fault]:
    for job, entry in _items(value):
        yield from _fault(job, entry, "a job", _M)
        if not isinstance(job, Map):
            continue
        yield from _entries(job, _JOB)
        yield from _steps(job.get("steps"), guarded)
        strategy = job.get("strategy")
        if isinstance(strategy, Map) and "deployment" in job:
            for kind in ("runOnce", "rolling", "canary"):
                if kind in strategy:
                    yield from _strategy(strategy[kind], strategy.at[kind], kind, guarded)


def _strategy(value: Any, entry: Entry, kind: str, guarded: Container[int]) -> Iterator[Fault]:
    yield from _fault(value, entry, f"`{kind}`", _M)
    if not isinstance(value, Map):
        return
    for holder, names in ((value, _HOOKS), (as_map(value.get("on")), ("failure", "success"))):
        for name in names:
            if name in holder:
                yield from _fault(holder[name], holder.at[name], f"`{name}`", _M)
                if isinstance(holder[name], Map):
                    yield from _entries(holder[name], {"steps": _L})
                    yield from _steps(holder[name].get("steps"), guarded)


def _steps(value: Any, guarded: Container[int]) -> Iterator[Fault]:
    for step, entry in _items(value):
        yield from _fault(step, entry, "a step", _M)
        if isinstance(step, Map):
            yield from _entries(step, _STEP)
            if step and _STEP_WORDS.isdisjoint(step) and id(step) not in guarded and not _meant(step):
                yield (entry[0], entry[3], entry[4]), "a step needs a script, a task or a template"


def _meant(step: Map) -> bool:
    """Whether an element is no slip: keys that an expression decides, or a sentence that stops the pipeline."""
    return any("${{" in str(key) or " " in str(key).strip() for key in step)


def _items(value: Any) -> list[tuple[Any, Entry]]:
    return list(zip(value, value.at, strict=True)) if isinstance(value, Seq) else []


def _entries(raw: Map, forms: Mapping[str, tuple[str, ...]]) -> Iterator[Fault]:
    for key, value in raw.items():
        if key in forms:
            yield from _fault(value, raw.at[key], f"`{key}`", forms[key])


def _fault(value: Any, entry: Entry, name: str, allowed: tuple[str, ...]) -> Iterator[Fault]:
    form = _form(value)
    if not form or form in allowed:
        return
    yield (entry[0], entry[3], entry[4]), f"{name} must be {' or '.join(allowed)}, not {form}"


def _form(value: Any) -> str:
    if isinstance(value, Map):
        return _MAPPING
    if isinstance(value, Seq):
        return _LIST
    return _TEXT if isinstance(value, (str, int, float)) else ""


_STARTERS = ("trigger", "pr", "schedules", "resources", "name", "pool", "extends")


def is_pipeline(path: str, root: Map) -> bool:
    """Whether a file is run by itself, as far as it shows: templates have no triggers, and often parameters."""
    name = path.rsplit("/", 1)[-1].lower()
    declared = root.get("parameters")
    if isinstance(declared, Map):
        return False
    if any(key in root for key in _STARTERS):
        return True
    if not any(key in root for key in ("stages", "jobs", "steps")):
        return False
    if name.startswith("azure-pipelines") or ".azure-pipelines." in name:
        return True
    return declared is None and "template" not in path.lower()
