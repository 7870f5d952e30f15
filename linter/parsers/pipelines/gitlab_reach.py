"""Whether an event starts a GitLab pipeline and reaches its jobs: `workflow: rules`, `rules`, `only` and `except`.

Encodes https://docs.gitlab.com/ci/pipelines/pipeline_types/ and https://docs.gitlab.com/ci/variables/predefined_variables/.
The answers are three-valued; see gitlab_rules.py.
"""

from __future__ import annotations

from typing import Any

from linter.model import Map, Resource, Unknown
from linter.parsers.pipelines.events import Event
from linter.parsers.pipelines.gitlab_conditions import UNDECIDED
from linter.parsers.pipelines.gitlab_rules import let_in, matched

_SOURCES = {
    "push": "push", "review": "merge_request_event", "schedule": "schedule", "manual": "web", "upstream": "pipeline",
    "called": "parent_pipeline",
}  # fmt: skip
_DEFAULTS = ("main", "master")
_FIXED = frozenset(("push", "review"))
"""Causes whose pipelines nobody gives variables of their own, so that what the file writes is what holds."""


def facts_of(event: Event) -> dict[str, Any]:
    """What an event fixes of GitLab's predefined variables."""
    found: dict[str, Any] = {
        "CI": "true", "GITLAB_CI": "true", "CI_PIPELINE_SOURCE": _SOURCES.get(event.cause, UNDECIDED),
        "CI_EXTERNAL_PULL_REQUEST_IID": None,
    }  # fmt: skip
    if event.protected is not None:
        found["CI_COMMIT_REF_PROTECTED"] = "true" if event.protected else "false"
    if event.cause in ("push", "review"):
        found["CI_DEFAULT_BRANCH"] = event.ref if event.ref in _DEFAULTS else "main"
        found["CI_COMMIT_REF_NAME"] = event.ref or UNDECIDED
    if event.cause == "review":
        found |= {
            "CI_COMMIT_BRANCH": None, "CI_COMMIT_TAG": None, "CI_MERGE_REQUEST_ID": "1", "CI_MERGE_REQUEST_IID": "1",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": event.ref or UNDECIDED,
        }  # fmt: skip
    elif event.cause in ("push", "schedule", "manual"):
        branch, tag = (None, event.ref or UNDECIDED) if event.tag else (event.ref or UNDECIDED, None)
        found |= {"CI_COMMIT_BRANCH": branch, "CI_COMMIT_TAG": tag}
        found |= dict.fromkeys(
            ("CI_MERGE_REQUEST_ID", "CI_MERGE_REQUEST_IID", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
             "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CI_MERGE_REQUEST_LABELS", "CI_MERGE_REQUEST_TITLE",
             "CI_MERGE_REQUEST_EVENT_TYPE", "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH")
        )  # fmt: skip
    return found


def _facts(event: Event, *environments: Any) -> dict[str, Any]:
    """The event's facts over the variables the configuration writes, as far as these are known to hold."""
    found: dict[str, Any] = {}
    for env in environments:
        for name, value in env.items() if isinstance(env, Map) else ():
            plain = isinstance(value, str) and "$" not in value and event.cause in _FIXED
            found[name] = value if plain else UNDECIDED
    found.update(facts_of(event))
    return found


def _exists(part: Resource) -> Any:
    return part.context.get("exists") or (lambda _: None)


def starts(pipeline: Resource, event: Event) -> bool | None:
    """Whether an event starts a pipeline: `workflow` lets it in, and at least one job is in it."""
    memo = pipeline.context.get("memo")
    if memo is None:
        return None
    if event not in memo:
        memo[event] = _starts(pipeline, event)
    found: bool | None = memo[event]
    return found


def _starts(pipeline: Resource, event: Event) -> bool | None:
    if event.cause not in _SOURCES or (event.cause == "called") is not bool(pipeline.context.get("child")):
        return False
    wanted = _workflow(pipeline, event)
    if wanted is False:
        return False
    answers = {runs(job, event) for job in pipeline.context.get("jobs", ())}
    if pipeline.context["workflow"].open is not None:
        answers.add(None)
    if True in answers:
        return wanted
    return None if None in answers else False


def _workflow(pipeline: Resource, event: Event) -> bool | None:
    workflow = pipeline.context["workflow"].get("workflow")
    rules = workflow.get("rules") if isinstance(workflow, Map) else None
    if rules is None:
        return None if pipeline.context.get("open_workflow") or isinstance(workflow, Unknown) else True
    return matched(rules, _facts(event, pipeline.body.get("env")), _exists(pipeline))


def runs(part: Resource, event: Event) -> bool | None:
    """Whether a job is in the pipeline an event starts; steps run whenever their job does."""
    if part.kind != "pipeline/job":
        return True
    raw = part.context["job"]
    when = raw.get("when")
    if isinstance(when, Unknown):
        return None
    if "rules" in raw:
        facts = _facts(event, part.context["pipeline"].get("env"), part.body.get("env"))
        return matched(raw["rules"], facts, _exists(part), when)
    if when == "never":
        return False
    if raw.get("only") is None and raw.get("except") is None:
        workflow = part.context["workflow"].get("workflow")
        ruled = isinstance(workflow, Map) and "rules" in workflow
        # Where `workflow` has rules, jobs without any do not default to `only: [branches, tags]`.
        if ruled or event.cause not in ("review", "called"):
            return True
    return let_in(raw.get("only"), raw.get("except"), _facts(event, part.context["pipeline"].get("env")))


def overrides(part: Resource) -> bool:
    """A job that is not in a pipeline holds up none of the later ones."""
    return True
