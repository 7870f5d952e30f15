"""The contexts of GitHub expressions: which may be used at which key of a workflow, and what is in them.

https://docs.github.com/en/actions/reference/workflows-and-actions/contexts (context availability, and each context).
"""

from __future__ import annotations

from linter.parsers.pipelines.expression_types import ANY, BOOL, LOOSE, NUMBER, STRING, STRINGS, Type

_JOB = "github needs strategy matrix vars inputs"
_RUNNING = f"{_JOB} job runner env steps"
_STEP = f"{_RUNNING} secrets"
_ACTION = "github inputs strategy matrix steps job runner env"
_STATUS = "always cancelled success failure"

SITES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    name: (frozenset(contexts.split()), frozenset(functions.split()))
    for name, contexts, functions in (
        ("none", "", ""),
        ("workflow", "github inputs vars", ""),
        ("env", "github secrets inputs vars", ""),
        ("call-output", "github jobs vars inputs", ""),
        ("strategy", "github needs vars inputs", ""),
        ("job", _JOB, ""),
        ("job-if", "github needs vars inputs", _STATUS),
        ("job-env", f"{_JOB} secrets", ""),
        ("job-defaults", f"{_JOB} env", ""),
        ("credentials", f"{_JOB} env secrets", ""),
        ("container-env", f"{_JOB} job runner env secrets", ""),
        ("url", _RUNNING, ""),
        ("outputs", _STEP, ""),
        ("step", _STEP, "hashfiles"),
        ("step-if", _RUNNING, f"{_STATUS} hashfiles"),
        ("action-input", "github", ""),
        ("action-output", _ACTION, ""),
        ("action-step", _ACTION, "hashfiles"),
        ("action-if", _ACTION, f"{_STATUS} hashfiles"),
    )
}
"""Place → the contexts that may be used there, and the functions that may be called only in some places."""

_GITHUB_TEXTS = (
    "action action_path action_ref action_repository action_status actor actor_id api_url base_ref env event_name"
    " event_path graphql_url head_ref job output path ref ref_name ref_type repository repository_id repository_owner"
    " repository_owner_id repository_visibility repositoryurl run_attempt run_id run_number secret_source server_url"
    " sha state step_summary token triggering_actor workflow workflow_ref workflow_sha workspace"
)


def github_with(inputs: Type | None) -> Type:
    """The `github` context of a run; inputs: the type of `github.event.inputs` where it is known."""
    names: dict[str, Type] = dict.fromkeys(_GITHUB_TEXTS.split(), STRING)
    names["event"] = LOOSE if inputs is None else ("object", {"inputs": inputs}, ANY)
    names |= {"ref_protected": BOOL, "retention_days": NUMBER, "artifact_cache_size_limit": NUMBER}
    return ("object", names, None)


def _object(**properties: Type) -> Type:
    return ("object", properties, None)


_SERVICE = _object(id=STRING, network=STRING, ports=STRINGS)
_RUNNER = "arch debug environment name os temp tool_cache workspace"

FIXED: dict[str, Type] = {
    "env": STRINGS,
    "vars": STRINGS,
    "secrets": STRINGS,
    "runner": ("object", dict.fromkeys(_RUNNER.split(), STRING), None),
    "strategy": (
        "object", {"fail-fast": BOOL, "job-index": NUMBER, "job-total": NUMBER, "max-parallel": NUMBER}, None,
    ),
    "job": _object(
        check_run_id=NUMBER, container=_object(id=STRING, network=STRING), services=("object", {}, _SERVICE),
        status=STRING, workflow_ref=STRING, workflow_sha=STRING, workflow_repository=STRING, workflow_file_path=STRING,
    ),
}  # fmt: skip
"""Contexts that are the same in every job."""
