"""What a GitLab configuration writes in a form that GitLab does not read, so that no part is left out in silence.

Encodes which entries are texts, lists and mappings in https://docs.gitlab.com/ci/yaml/. An entry without a value says
nothing and is let pass; a text with `$[[ inputs… ]]` may stand for anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from linter.model import Entry, Map, Seq, Span
from linter.parsers.pipelines.gitlab_files import listed
from linter.parsers.pipelines.gitlab_merge import Fault

_TEXT, _LIST, _MAPPING = "a text", "a list", "a mapping"
_T, _L, _M = (_TEXT,), (_LIST,), (_MAPPING,)
_TL, _TM, _LM, _ANY = (_TEXT, _LIST), (_TEXT, _MAPPING), (_LIST, _MAPPING), (_TEXT, _LIST, _MAPPING)

GLOBAL: Mapping[str, tuple[str, ...]] = {
    "default": _M, "include": _ANY, "stages": _TL, "variables": _M, "workflow": _M, "image": _TM, "services": _TL,
    "cache": _LM, "before_script": _TL, "after_script": _TL,
}  # fmt: skip
"""Top-level keys that are no jobs, with the forms they may have."""

_JOB: Mapping[str, tuple[str, ...]] = {
    "script": _TL, "before_script": _TL, "after_script": _TL, "run": _L, "stage": _T, "image": _TM, "services": _TL,
    "variables": _M, "rules": _L, "only": _ANY, "except": _ANY, "needs": _TL, "dependencies": _TL, "environment": _TM,
    "when": _T, "allow_failure": _TM, "artifacts": _M, "cache": _LM, "tags": _TL, "trigger": _TM, "parallel": _TM,
    "retry": _TM, "timeout": _T, "interruptible": _T, "resource_group": _T, "extends": _TL, "secrets": _M,
    "id_tokens": _M, "release": _M, "inherit": _M, "coverage": _T, "hooks": _M, "start_in": _T,
}  # fmt: skip
_SCRIPTS = ("before_script", "script", "after_script")
_NESTED = 10


def faults(raw: Map) -> Iterator[Fault]:
    """Every entry of a merged configuration that has another form than GitLab reads, and every job that is none."""
    for key, value in raw.items():
        if key in GLOBAL:
            yield from _fault(value, raw.at[key], f"`{key}`", GLOBAL[key])
        elif isinstance(key, str) and key.startswith("."):
            continue
        elif key != "spec":
            yield from _fault(value, raw.at[key], f"job `{key}`", _M)
    for key in ("before_script", "after_script"):
        yield from _script(raw, key)
    default = raw.get("default")
    if isinstance(default, Map):
        yield from job_faults(default)


def job_faults(raw: Map, seen: set[Span] | None = None) -> Iterator[Fault]:
    """The same for a job, or for `default`. seen: scripts that need not be looked at again, since jobs share them."""
    for key, value in raw.items():
        if key in _JOB:
            yield from _fault(value, raw.at[key], f"`{key}`", _JOB[key])
    for key in _SCRIPTS:
        value = raw.get(key)
        if seen is not None and isinstance(value, Seq):
            if value.span in seen:
                continue
            seen.add(value.span)
        yield from _script(raw, key)
    rules = raw.get("rules")
    for rule, at in listed(rules, raw.at["rules"]) if isinstance(rules, Seq) else ():
        yield from _fault(rule, at, "a rule", _LM)
    for key in ("services",):
        for each, at in listed(raw.get(key), raw.at[key]) if isinstance(raw.get(key), Seq) else ():
            yield from _fault(each, at, "a service", _TM)


def _script(raw: Map, key: str) -> Iterator[Fault]:
    """Commands are texts, in lists within lists too; an unquoted `: ` makes a mapping of one."""
    value = raw.get(key)
    if not isinstance(value, Seq):
        return
    stack = [(value, 0)]
    while stack:
        commands, depth = stack.pop()
        for each, at in zip(commands, commands.at, strict=True):
            if isinstance(each, Seq) and depth < _NESTED:
                stack.append((each, depth + 1))
            elif isinstance(each, (Map, Seq)):
                hint = ": quote it, or write it as a block" if isinstance(each, Map) else ""
                yield (at[0], at[3], at[4]), f"a command of `{key}` must be a text, not {form(each)}{hint}"


def _fault(value: Any, entry: Entry, name: str, allowed: tuple[str, ...]) -> Iterator[Fault]:
    found = form(value)
    if not found or found in allowed or (isinstance(value, str) and "$[[" in value):
        return
    yield (entry[0], entry[3], entry[4]), f"{name} must be {' or '.join(allowed)}, not {found}"


def form(value: Any) -> str:
    if isinstance(value, Map):
        return _MAPPING
    if isinstance(value, Seq):
        return _LIST
    return _TEXT if isinstance(value, (str, int, float)) else ""
