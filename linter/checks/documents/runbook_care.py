"""Checks of who cares for runbooks: owners, reviews, and whom to call when they do not help."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from linter.checks import Verdict
from linter.checks.documents import codeowners
from linter.checks.documents.runbooks import heading_of, shown_name
from linter.conditions.links import ISOLATED
from linter.dates import days_between
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Resource, Span, Unknown
from linter.text import safe_line


@cache
def _help() -> re.Pattern[str]:
    return re.compile(
        r"\bescalat(?:e|es|ed|ion|ing)\b|\bon-?call\b|\bpagerduty\b|\bopsgenie\b|\bslack\b|(?<![\w/()])#[a-z][\w-]+"
        r"|\bcontact (?:the|your|our)\b|\breach out to\b|[\w.+-]{1,64}@[\w-]{1,64}\.[a-z]{2,10}",
        re.I,
    )


def owner_named(
    estate: Estate, *, kind: str = "document/runbook", keys: Sequence[str] = ("owner", "owners", "team")
) -> Iterator[Verdict]:
    """A runbook's front matter names its owner, or a CODEOWNERS or OWNERS file does."""
    listed = codeowners.entries(estate)
    for runbook in estate.of_kind(kind):
        value, place = _front_value(runbook, keys)
        entry = codeowners.owner_of(listed, runbook.address)
        if place is not None and not isinstance(value, Unknown):
            yield Verdict(runbook, PASS, f"{shown_name(runbook)} names its owner.", place)
        elif entry is not None:
            yield Verdict(runbook, PASS, f"CODEOWNERS names an owner of {shown_name(runbook)}.", entry.span)
        elif codeowners.owners_file(estate, runbook.address) is not None:
            yield Verdict(runbook, PASS, f"An OWNERS file covers {shown_name(runbook)}.", runbook.anchor)
        elif isinstance(value, Unknown) or estate.isolated:
            unknown = value if isinstance(value, Unknown) else ISOLATED
            message = f"Who owns {shown_name(runbook)} is unknown: {unknown.subject}."
            yield Verdict(runbook, UNKNOWN, message, runbook.anchor, unknowns=(unknown,))
        else:
            yield Verdict(runbook, FAIL, f"Nobody is named as the owner of {shown_name(runbook)}.", runbook.anchor)


def recently_dated(
    estate: Estate,
    *,
    kind: str = "document/runbook",
    keys: Sequence[str] = ("last_reviewed", "last-reviewed", "lastReviewed", "reviewed"),
    verb: str = "reviewed",
    days: int = 365,
    profiles: Sequence[str] = (),
) -> Iterator[Verdict]:
    """A date in a runbook's front matter is at most so many days before the day of the scan, and not after it.

    keys: the front matter's words for it. verb: what was done then. days: where the runbook states no
    `review_interval_days` of its own. profiles: those judged, all by default.
    """
    for runbook in estate.of_kind(kind):
        if profiles and runbook.body["profile"] not in profiles:
            continue
        name = shown_name(runbook)
        value, place = _front_value(runbook, keys)
        if "as-of" not in estate.settings:
            value = Unknown("missing-input", "the day of the scan", "pass --as-of")
        if isinstance(value, Unknown):
            message = f"When {name} was {verb} is unknown: {value.subject}."
            yield Verdict(runbook, UNKNOWN, message, runbook.anchor, unknowns=(value,))
        elif place is None:
            message = f"{name} does not say when it was {verb}: its front matter has no `{keys[0]}`."
            yield Verdict(runbook, FAIL, message, runbook.anchor)
        else:
            today = str(estate.settings["as-of"])
            yield Verdict(runbook, *_aged(name, str(value).strip(), today, _interval(runbook, days), verb), place)


def _interval(runbook: Resource, days: int) -> int:
    stated, _ = _front_value(runbook, ("review_interval_days",))
    return stated if isinstance(stated, int) and not isinstance(stated, bool) and stated > 0 else days


def _aged(name: str, written: str, today: str, days: int, verb: str) -> tuple[str, str]:
    """(outcome, message) of a date as written."""
    shown = safe_line(written, 40)
    try:
        age = days_between(written[:10], today)
    except ValueError:
        return FAIL, f"When {name} was {verb} is no date like 2026-01-31: '{shown}'."
    if age < 0:
        return FAIL, f"{name} says it was {verb} on {shown}, which is yet to come."
    return FAIL if age > days else PASS, f"{name} was {verb} {age} days ago; {days} are allowed."


def escalation_named(
    estate: Estate, *, kind: str = "document/runbook", profiles: Sequence[str] = ("alert", "incident_response")
) -> Iterator[Verdict]:
    """A runbook says whom to turn to: a section on it, front matter, or a word such as on-call in its text."""
    for runbook in estate.of_kind(kind):
        if runbook.body["profile"] not in profiles:
            continue
        name, parts = shown_name(runbook), runbook.body["parts"]
        _, place = _front_value(runbook, ("escalation", "contact", "contacts", "oncall", "on_call", "slack"))
        source, start, end = runbook.extent
        if "escalation" in parts:
            yield Verdict(runbook, PASS, f"{name} has a section on escalation.", heading_of(parts, "escalation"))
        elif place is not None:
            yield Verdict(runbook, PASS, f"{name} names whom to call.", place)
        elif found := _help().search(estate.sources[source].text, start, end):
            yield Verdict(runbook, PASS, f"{name} says whom to turn to.", (source, *found.span()))
        else:
            yield Verdict(runbook, FAIL, f"{name} does not say when and to whom to escalate.", runbook.anchor)


def _front_value(runbook: Resource, keys: Sequence[str]) -> tuple[Any, Span | None]:
    """The first of some keys that front matter fills in, and its place; Unknown front matter is an Unknown value."""
    front = runbook.body.get("front_matter")
    if isinstance(front, Unknown):
        return front, None
    if not isinstance(front, Map):
        return None, None
    for key in keys:
        value = front.get(key)
        if isinstance(value, Unknown) or (value is not None and value != "" and value != []):
            source, _, _, start, end = front.at[key]
            return value, (source, start, end)
    return None, None
