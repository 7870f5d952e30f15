"""What GitHub reads at each key of a workflow: its form, whether it may be empty, and which contexts may stand in it.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax and …/contexts (availability).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linter.records import NamedTuple


class Form(NamedTuple):
    """One entry's form.

    scalar: what a scalar must be: text, bool, number, count (a whole number from 1) or '' where none may stand.
    site: where this is, as linter.parsers.pipelines.expression_contexts has it; '' leaves expressions alone.
    whole: what a single expression in the place of all of it may yield, in words; '' the scalar.
    keys: what its keys mean; values: what every other key means; items: what its elements mean. required: keys.
    empty: it may be empty. deep: anything may stand here, however nested. bare: an expression without `${{ }}`.
    """

    scalar: str = ""
    site: str = ""
    whole: str = ""
    keys: Mapping[str, Any] | None = None
    values: Any = None
    items: Any = None
    required: tuple[str, ...] = ()
    empty: bool = False
    deep: bool = False
    bare: bool = False


def _text(site: str, empty: bool = True) -> Form:
    return Form("text", site, "string", empty=empty)


def _bool(site: str) -> Form:
    return Form("bool", site, "bool")


def _number(site: str) -> Form:
    return Form("number", site, "number")


def _env(site: str) -> Form:
    return Form(site=site, whole="object", values=_text(site))


def _words(site: str) -> Form:
    return Form("text", site, "string array", items=_text(site, False))


def _defaults(site: str) -> Form:
    run = Form(keys={"shell": _text(site, False), "working-directory": _text(site)}, site=site, whole="object")
    return Form(keys={"run": run})


def _concurrency(site: str) -> Form:
    keys = {"group": _text(site, False), "cancel-in-progress": _bool(site), "queue": _text(site, False)}
    return Form("text", site, "string object", keys, required=("group",))


def _condition(site: str) -> Form:
    return Form("text", site, "any", bare=True)


ELSEWHERE = Form(deep=True)
"""An entry that other code reads."""

WORKFLOW = Form(
    keys={
        "name": _text(""), "description": _text(""), "run-name": _text("workflow"), "on": ELSEWHERE,
        "permissions": ELSEWHERE, "env": _env("env"), "defaults": _defaults("none"),
        "concurrency": _concurrency("workflow"), "jobs": ELSEWHERE,
    },
    required=("on", "jobs"),
)  # fmt: skip

_CREDENTIALS = Form(
    site="credentials", whole="object", required=("username", "password"),
    keys={"username": _text("credentials", False), "password": _text("credentials", False)},
)  # fmt: skip
_CONTAINER_KEYS: dict[str, Form] = {
    "image": _text("job", False), "credentials": _CREDENTIALS, "env": _env("container-env"), "options": _text("job"),
    "ports": Form(site="job", whole="array", items=_text("job", False)),
    "volumes": Form(site="job", whole="array", items=_text("job", False)),
}  # fmt: skip
_SERVICE_KEYS = {**_CONTAINER_KEYS, "entrypoint": _text("job"), "command": _text("job")}
_CONTAINER = Form("text", "job", "string object", _CONTAINER_KEYS, required=("image",))
_SERVICE = Form("text", "job", "string object", _SERVICE_KEYS, required=("image",))

_DEEP = Form("text", "strategy", "any", deep=True, empty=True)
_COMBINATIONS = Form(site="strategy", whole="array", items=Form(site="strategy", whole="object", values=_DEEP))
_STRATEGY = Form(
    site="strategy",
    whole="object",
    keys={
        "matrix": Form(
            site="strategy", whole="object", keys={"include": _COMBINATIONS, "exclude": _COMBINATIONS},
            values=Form(site="strategy", whole="array", items=_DEEP),
        ),
        "fail-fast": _bool("strategy"), "max-parallel": Form("count", "strategy", "number"),
    },
)  # fmt: skip
_RUNNER = Form(
    "text", "job", "string array object", empty=True, items=_text("job"),
    keys={"group": _text("job", False), "labels": Form("text", "job", "string array", items=_text("job"), empty=True)},
)  # fmt: skip
_SNAPSHOT = Form(
    "text", "job", keys={"image-name": _text("job", False), "version": _text("job", False), "if": _condition("job")},
    required=("image-name",),
)  # fmt: skip

_JOB_KEYS: dict[str, Form] = {
    "name": _text("job"), "needs": _words("none"), "if": _condition("job-if"), "permissions": ELSEWHERE,
    "concurrency": _concurrency("job"), "strategy": _STRATEGY,
}  # fmt: skip
JOB = Form(
    required=("runs-on", "steps"),
    keys={
        **_JOB_KEYS, "runs-on": _RUNNER, "env": _env("job-env"), "defaults": _defaults("job-defaults"),
        "environment": Form(
            "text", "job", "string object", required=("name",),
            keys={"name": _text("job", False), "url": _text("url"), "deployment": _bool("job")},
        ),
        "outputs": Form(values=_text("outputs"), site="outputs", whole="object"), "steps": ELSEWHERE,
        "timeout-minutes": _number("job"), "cancel-timeout-minutes": _number("job"), "continue-on-error": _bool("job"),
        "container": _CONTAINER, "services": Form(site="job", whole="object", values=_SERVICE), "snapshot": _SNAPSHOT,
    },
)  # fmt: skip
CALL = Form(
    required=("uses",),
    keys={
        **_JOB_KEYS, "uses": _text("none", False), "with": Form(site="job", whole="object", values=_text("job")),
        "secrets": Form("text", "job-env", "", values=_text("job-env")),
    },
)  # fmt: skip
"""A job that calls a workflow."""

_STEP_KEYS: dict[str, Form] = {
    "id": _text("none", False), "if": _condition("step-if"), "name": _text("step"), "env": _env("step"),
    "continue-on-error": _bool("step"), "timeout-minutes": _number("step"), "background": _bool("step"),
}  # fmt: skip
_RUN_KEYS: dict[str, Form] = {
    **_STEP_KEYS, "run": _text("step", False), "shell": _text("none", False), "working-directory": _text("step", False),
}  # fmt: skip
_USES_KEYS: dict[str, Form] = {
    **_STEP_KEYS, "uses": _text("none", False), "with": Form(site="step", whole="object", values=_text("step")),
}  # fmt: skip
RUN = Form(keys=_RUN_KEYS, required=("run",))
USES = Form(keys=_USES_KEYS, required=("uses",))
STEP = Form(keys={**_RUN_KEYS, **_USES_KEYS})
"""A step of which it is not clear what it does."""
_WAITS: dict[str, Form] = {key: _STEP_KEYS[key] for key in ("id", "name", "continue-on-error")}
WAIT = Form(keys={**_WAITS, "wait": _words("none"), "wait-all": _bool("none"), "cancel": _text("none", False)})
"""A step that waits for steps in the background, or ends one."""
ACTION_STEP: dict[str, Form] = {
    "if": _condition("action-if"), "name": _text("action-step"), "env": _env("action-step"), "run": _text("action-step"),
    "shell": _text("action-step"), "working-directory": _text("action-step"),
    "with": Form(site="action-step", whole="object", values=_text("action-step"), empty=True),
    "continue-on-error": Form("text", "action-step", "bool"),
}  # fmt: skip
OUTPUT_VALUE = _text("action-output")
"""Composite actions: https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax"""
