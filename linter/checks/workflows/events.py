"""`on:`: events, their activity types and filters, schedules, and the inputs of a workflow that people or others start.

https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
"""

from __future__ import annotations

from typing import Any

from linter.checks.workflows.forms import ELSEWHERE, Form
from linter.checks.workflows.globs import pattern_faults
from linter.checks.workflows.inputs import DISPATCH, call_inputs, dispatch_inputs
from linter.checks.workflows.reader import Reader, at_key, at_value
from linter.checks.workflows.schedules import cron_fault, known_zone
from linter.model import Entry, Map, Seq, Unknown
from linter.trees import maps

_CHANGED = "created edited deleted"
_REVIEWED = (
    "assigned auto_merge_disabled auto_merge_enabled closed converted_to_draft demilestoned dequeued edited enqueued"
    " labeled locked milestoned opened ready_for_review reopened review_request_removed review_requested synchronize"
    " unassigned unlabeled unlocked"
)
_TYPES = {
    "branch_protection_rule": _CHANGED,
    "check_run": "created rerequested completed requested_action",
    "check_suite": "completed",
    "create": "", "delete": "", "deployment": "", "deployment_status": "",
    "discussion": "created edited deleted transferred pinned unpinned labeled unlabeled locked unlocked"
    " category_changed answered unanswered",
    "discussion_comment": _CHANGED,
    "fork": "", "gollum": "",
    "image_version": "",
    "issue_comment": _CHANGED,
    "issues": "opened edited deleted transferred pinned unpinned closed reopened assigned unassigned labeled unlabeled"
    " locked unlocked milestoned demilestoned typed untyped",
    "label": _CHANGED,
    "merge_group": "checks_requested",
    "milestone": "created closed opened edited deleted",
    "page_build": "", "public": "",
    "pull_request": _REVIEWED,
    "pull_request_review": "submitted edited dismissed",
    "pull_request_review_comment": _CHANGED,
    "pull_request_target": _REVIEWED,
    "push": "",
    "registry_package": "published updated",
    "release": "published unpublished created edited deleted prereleased released",
    "status": "",
    "watch": "started",
    "workflow_run": "completed requested in_progress",
}  # fmt: skip
"""Event → its activity types, as of 2026-09. Beside them: repository_dispatch, schedule, workflow_call, _dispatch."""

_PATHS = frozenset(("push", "pull_request", "pull_request_target"))
_FILTERS = {
    "branches": _PATHS | {"merge_group", "workflow_run"},
    "paths": _PATHS,
    "tags": frozenset(("push",)),
}
"""Filter → the events it may narrow."""

_WORDS = Form("text", "", items=Form("text", ""))
_NARROWING = "types branches branches-ignore paths paths-ignore tags tags-ignore workflows"
_EVENT = Form(keys=dict.fromkeys(_NARROWING.split(), _WORDS), empty=True)
_CALL = Form(
    keys={
        "inputs": ELSEWHERE,
        "secrets": Form(
            empty=True,
            values=Form(keys={"description": Form("text", empty=True), "required": Form("bool")}, empty=True),
        ),
        "outputs": Form(
            empty=True,
            values=Form(
                keys={"description": Form("text", empty=True), "value": Form("text", "call-output", "string")},
                required=("value",),
            ),
        ),
    },
    empty=True,
)
_SCHEDULE = Form(
    items=Form(keys={"cron": Form("text", "none"), "timezone": Form("text", "none")}, required=("cron",)),
)
_OTHERS: dict[str, Form] = {
    "workflow_call": _CALL,
    "workflow_dispatch": DISPATCH,
    "schedule": _SCHEDULE,
    "repository_dispatch": Form(keys={"types": _WORDS}, empty=True),
    "image_version": Form(keys={"names": _WORDS, "versions": _WORDS}, empty=True),
}


def read_events(reader: Reader, raw: Map) -> None:
    """Everything below `on`."""
    on, entry = raw.get("on"), raw.at["on"]
    if isinstance(on, Map) and on:
        for event, options in on.items():
            _event(reader, str(event), options, on.at[event])
    elif isinstance(on, Seq) and on:
        for event, at in zip(on, on.at, strict=False):
            if isinstance(event, str):
                _named(reader, event, at)
            elif not isinstance(event, Unknown):
                reader.tell("syntax", at_value(event, at), "an event of `on` must be a text")
    elif isinstance(on, str) and on:
        _named(reader, on, entry)
    elif not isinstance(on, Unknown):
        wrong = "is empty" if not on else "must be a text, a list or a mapping"
        reader.tell("syntax", at_key(entry), f"`on` {wrong}")


def _named(reader: Reader, event: str, entry: Entry) -> None:
    if "${{" in event:
        return
    if event not in _TYPES and event not in _OTHERS:
        span = at_value(event, entry)
        reader.tell("events", span, f"there is no event `{event}`")
    elif event == "schedule":
        reader.tell("events", at_value(event, entry), "`schedule` says no time: it is a list of `cron`")
    elif event == "workflow_run":
        reader.tell("events", at_value(event, entry), "`workflow_run` names no workflow")


def _event(reader: Reader, event: str, options: Any, entry: Entry) -> None:
    form = _OTHERS.get(event)
    if form is None and event not in _TYPES:
        reader.tell("events", at_key(entry), f"there is no event `{event}`")
        return
    reader.read(options, entry, form or _EVENT, event)
    if event == "schedule":
        _schedule(reader, options)
    elif isinstance(options, Map):
        if event == "workflow_dispatch":
            dispatch_inputs(reader, options, entry)
        elif event == "workflow_call":
            call_inputs(reader, options)
        elif event in _TYPES and event != "image_version":
            _filters(reader, event, options, entry)
            _types(reader, event, options, entry)
    if event == "workflow_run" and not (isinstance(options, Map) and options.get("workflows")):
        reader.tell("events", at_key(entry), "`workflow_run` names no workflow")


def words_of(value: Any, entry: Entry) -> list[tuple[str, Entry]]:
    """A text, or the texts of a list, each where it stands."""
    if isinstance(value, Seq):
        return [(each, at) for each, at in zip(value, value.at, strict=False) if isinstance(each, str)]
    return [(value, entry)] if isinstance(value, str) else []


def _types(reader: Reader, event: str, options: Map, entry: Entry) -> None:
    if "types" not in options:
        return
    known = _TYPES[event].split()
    if not known:
        reader.tell("events", at_key(options.at["types"]), f"`{event}` has no types to choose from")
        return
    for word, at in words_of(options["types"], options.at["types"]):
        if word not in known:
            message = f"`{event}` has no type `{word}`: it has {', '.join(f'`{each}`' for each in sorted(known))}"
            reader.tell("events", at_value(word, at), message)


def _filters(reader: Reader, event: str, options: Map, entry: Entry) -> None:
    for name, events in _FILTERS.items():
        written = [key for key in (name, f"{name}-ignore") if key in options]
        for key in written:
            if event not in events:
                takes = ", ".join(f"`{each}`" for each in sorted(events))
                reader.tell("events", at_key(options.at[key]), f"`{event}` has no filter `{key}`: only {takes}")
            for pattern, at in words_of(options[key], options.at[key]):
                for start, end, message in pattern_faults(pattern, name != "paths"):
                    source, first, last = at_value(pattern, at)
                    quoted = reader.estate.sources[source].text[first : first + 1] in "'\""
                    shift = first + quoted
                    reader.tell("globs", (source, shift + start, min(shift + end, last)), message)
        if len(written) == 2 and event in events:
            # The one that is written last takes the other's place in a reader's mind.
            later = max(written, key=lambda key: options.at[key][1])
            message = f"`{name}` and `{name}-ignore` exclude each other: write `!` before patterns to leave out"
            reader.tell("events", at_key(options.at[later]), message)
    if "workflows" in options and event != "workflow_run":
        reader.tell("events", at_key(options.at["workflows"]), f"`{event}` has no filter `workflows`")


def _schedule(reader: Reader, options: Any) -> None:
    for each in maps(options):
        cron = each.get("cron")
        if isinstance(cron, str) and cron:
            problem = cron_fault(cron)
            if problem:
                reader.tell("schedules", at_value(cron, each.at["cron"]), problem)
        zone = each.get("timezone")
        if isinstance(zone, str) and zone and not known_zone(zone):
            reader.tell("schedules", at_value(zone, each.at["timezone"]), f"there is no time zone `{zone}`")
