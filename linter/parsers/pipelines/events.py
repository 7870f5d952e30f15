"""The events a pipeline is asked about, in no system's own words, and who answers for each system."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from linter.model import Resource
from linter.records import NamedTuple


class Event(NamedTuple):
    """What may start a pipeline. cause: one of model.CAUSES. ref: the branch or tag, '' where the event has none.

    protected: whether only some people may write the ref; None where the tree does not say.
    """

    cause: str
    ref: str = ""
    tag: bool = False
    protected: bool | None = None


REVIEW = Event("review", "feature/x", protected=False)
"""A change somebody proposes: a pull request, a merge request."""
WORK = tuple(
    Event("push", ref, protected=False)
    for ref in ("feature/x", "feat/x", "fix/x", "bugfix/x", "dependabot/npm/x", "renovate/x", "users/x", "topic")
)
"""Pushes to branches that anyone with write access makes as they go."""
MAIN = tuple(Event("push", ref, protected=True) for ref in ("main", "master"))
"""Pushes to the default branch."""
TAG = Event("push", "v1.0.0", tag=True)

_ANSWERS = {
    "github": "linter.parsers.pipelines.github_reach",
    "jenkins": "linter.parsers.pipelines.jenkins_reach",
    "gitlab": "linter.parsers.pipelines.gitlab_reach",
    "azure": "linter.parsers.pipelines.azure_reach",
    "circleci": "linter.parsers.pipelines.circleci_reach",
    "bitbucket": "linter.parsers.pipelines.bitbucket_reach",
}
"""Platform → module with `starts(pipeline, event)`, `runs(part, event)`, both True, False or None where run time
decides, and `overrides(job)`: whether it runs although what comes before it was skipped."""


def answers(part: Resource) -> Any:
    """The module that answers for a pipeline, a job or a step; None where its system has none."""
    pipeline = part.context.get("pipeline")
    name = _ANSWERS.get(pipeline.get("platform", "")) if pipeline is not None else None
    return import_module(name) if name is not None else None
