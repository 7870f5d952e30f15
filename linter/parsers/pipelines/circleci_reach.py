"""Whether an event starts a CircleCI configuration and reaches its jobs: `filters` of a workflow's jobs.

Encodes https://circleci.com/docs/configuration-reference/#jobfilters: without filters a job runs for every branch and
for no tag.
"""

from __future__ import annotations

import re
from typing import Any

from linter.model import Map, Resource
from linter.parsers.pipelines.events import Event
from linter.parsers.pipelines.plain_parts import listed
from linter.trees import as_map

_LONGEST = 200


def starts(pipeline: Resource, event: Event) -> bool | None:
    """A push starts it, and so does a proposed change, by the pushes to its branch."""
    if event.cause in ("push", "review"):
        return True
    if event.cause == "manual":
        return None
    return any(each["cause"] == event.cause for each in pipeline.body.get("triggers", ()))


def runs(part: Resource, event: Event) -> bool | None:
    """Whether the filters of a job let an event reach it; steps always run. `when` of workflows is not worked out."""
    if part.kind != "pipeline/job":
        return True
    if not part.context.get("runs"):
        return False
    filters = as_map(part.body.get("filters"))
    if event.tag:
        return _allowed(filters.get("tags"), event.ref) if "tags" in filters else False
    if event.cause not in ("push", "review"):
        return None
    return _allowed(filters.get("branches"), event.ref) if "branches" in filters else True


def overrides(part: Resource) -> bool:
    """Whether a job may run though what it needs failed: `requires` that names a state other than success."""
    options = as_map(part.context.get("options"))
    for item, _ in listed(options.get("requires"), options.at["requires"]) if "requires" in options else ():
        if isinstance(item, Map) and any(state != "success" for value in item.values() for state in _words(value)):
            return True
    return False


def _words(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _allowed(value: Any, ref: str) -> bool | None:
    if not isinstance(value, Map):
        return None
    answers: list[bool | None] = []
    if "only" in value:
        answers.append(_any(value["only"], value, "only", ref))
    if "ignore" in value:
        ignored = _any(value["ignore"], value, "ignore", ref)
        answers.append(None if ignored is None else not ignored)
    if False in answers:
        return False
    return None if None in answers else True


def _any(patterns: Any, value: Map, key: str, ref: str) -> bool | None:
    """Whether one of the patterns is the ref, or matches the whole of it where it stands between slashes."""
    unsure = False
    for pattern, _ in listed(patterns, value.at[key]):
        written = str(pattern)
        if len(written) > 2 and written.startswith("/") and written.endswith("/"):
            matched = _matches(written[1:-1], ref)
            if matched:
                return True
            unsure = unsure or matched is None
        elif written == ref:
            return True
    return None if unsure else False


def _matches(pattern: str, ref: str) -> bool | None:
    """None for patterns too long, or with repetition in repetition, which might not end."""
    if len(pattern) > _LONGEST or re.search(r"[*+}]\)?[*+{]|\)[*+{]", pattern):
        return None
    try:
        return re.fullmatch(pattern, ref) is not None
    except re.error:
        return None
