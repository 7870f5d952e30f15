"""What checks across artifacts share: verdicts on absence, words of pages, schedules and ages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from linter.checks import Verdict
from linter.conditions.links import ISOLATED
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Resource, Seq, Span, Unknown
from linter.trees import as_map, at_path, whole

LOWER = frozenset(("development", "pre-production"))
_UNITS = {"s": 1 / 60, "m": 1.0, "h": 60.0, "d": 1440.0, "w": 10080.0, "mo": 43200.0, "y": 525600.0}


@cache
def pattern(text: str) -> re.Pattern[str]:
    """A pattern of these checks, compiled at its first use; case counts for nothing."""
    return re.compile(text, re.I)


def found(resource: Resource, message: str, span: Span | None = None, element: str = "") -> Verdict:
    return Verdict(resource, PASS, message, span or resource.anchor, element)


def lacking(estate: Estate, resource: Resource, message: str, span: Span | None = None, element: str = "") -> Verdict:
    """What was looked for elsewhere and not found: unknown where the rest of the tree was not read; one step less
    severe below production."""
    place = span or resource.anchor
    if estate.isolated:
        return Verdict(resource, UNKNOWN, f"{message}, as far as was read.", place, element, (), (ISOLATED,))
    lower = resource.environment is not None and resource.environment.tier in LOWER
    return Verdict(resource, FAIL, f"{message}.", place, element, (), (), int(lower))


def unsure(resource: Resource, message: str, unknown: Unknown, span: Span | None = None, element: str = "") -> Verdict:
    return Verdict(resource, UNKNOWN, message, span or resource.anchor, element, (), (unknown,))


def step_into(body: Any, path: str) -> Any:
    """The value at a dotted path; of a list of blocks, the first."""
    for key in path.split("."):
        if isinstance(body, Seq):
            body = body[0] if body else None
        if isinstance(body, Unknown):
            return body
        if not isinstance(body, Map):
            return None
        if key not in body and body.open is not None:
            return body.open
        body = body.get(key)
    return body


def place_of(body: Any, path: str, fallback: Span) -> Span:
    """The place of the value at a dotted path, as step_into goes."""
    *folders, last = path.split(".")
    for key in folders:
        body = step_into(body, key)
    body = body[0] if isinstance(body, Seq) and body else body
    entry = body.at.get(last) if isinstance(body, Map) else None
    return (entry[0], entry[3], entry[4]) if entry is not None else fallback


def path_of(estate: Estate, resource: Resource) -> str:
    return estate.sources[resource.anchor[0]].path


def namespace_of(resource: Resource) -> str:
    """The namespace an object names, '' where it names none or it is unknown."""
    value = at_path(resource.outermost.body, ("metadata", "namespace"))
    return value if isinstance(value, str) else ""


def called(workload: Resource) -> str:
    """The name a cluster knows a workload by; Terraform's objects have it in their block `metadata`."""
    value = step_into(workload.body, "metadata.name")
    return value if isinstance(value, str) and value else workload.name


@lru_cache(maxsize=4096)
def words_of(text: str) -> frozenset[str]:
    """The words of a text in lower case; names with hyphens are words, and each part between hyphens is one, too."""
    whole = pattern(r"[a-z0-9_][a-z0-9_-]*").findall(text.lower())
    return frozenset(part for word in whole for part in (word.rstrip("-"), *word.replace("_", "-").split("-")))


def page_text(estate: Estate, page: Resource) -> str:
    source, start, end = page.extent
    return estate.sources[source].text[start:end]


def front_of(page: Resource) -> Map:
    return as_map(page.body.get("front_matter"))


def pages(estate: Estate) -> list[Resource]:
    return [*estate.of_kind("document/runbook"), *estate.of_kind("document/page")]


def is_recovery(page: Resource) -> bool:
    """Whether a page tells how data or a system are brought back: by its profile, or by its name."""
    if page.body.get("profile") == "recovery":
        return True
    named = f"{page.body.get('stem', '')} {page.body.get('title', '')}"
    return bool(pattern(r"restor(?:e|ing|ation)\b|recover(?:y|ing)\b|\bdisaster\b|\bbackups?\b").search(named))


def minutes(amount: str, unit: str) -> float:
    """A time in minutes: '4' and 'hours'."""
    word = unit.lower()
    key = "mo" if word.startswith("mo") else word[:1]
    return float(amount) * _UNITS[key]


def spoken(length: float) -> str:
    """Minutes as a person says them."""
    for size, word in ((1440, "day"), (60, "hour"), (1, "minute")):
        if length >= size:
            return f"{length / size:g} {word}{'' if length == size else 's'}"
    return f"{length:g} minutes"


def interval(schedule: str) -> float | None:
    """The longest time in minutes between two runs of a cron expression, `@daily`, `@every 6h`, `rate(12 hours)` or
    `cron(…)` of AWS; None for what is not understood. (Kubernetes CronJob; EventBridge, "Schedule types".)"""
    text = schedule.strip().lower()
    named = {"@hourly": 60.0, "@daily": 1440.0, "@midnight": 1440.0, "@weekly": 10080.0, "@monthly": 44640.0}
    if text in named:
        return named[text]
    match = pattern(r"^(?:@every\s+|rate\()\s*(\d{1,6})\s*(s|m|h|d|w)[a-z]*\)?$").match(text)
    if match:
        return minutes(match[1], match[2])
    fields = text.removeprefix("cron(").rstrip(")").split()
    if len(fields) not in (5, 6):
        return None
    minute, hour, day, month, weekday = fields[:5]
    if month not in "*?" and not month.startswith("*/1"):
        return None
    if day not in "*?":
        return 44640.0 if day.isdigit() or day == "l" else None
    if weekday not in "*?":
        return 10080.0 if weekday.isalnum() else None
    return _within_day(minute, hour)


def _within_day(minute: str, hour: str) -> float | None:
    if hour == "*":
        return _gap(minute, 60)
    gap = _gap(hour, 24)
    return None if gap is None else gap * 60


def _gap(field: str, size: int) -> float | None:
    """The longest gap between the values of a field that returns after `size`."""
    if field == "*":
        return 1.0
    step = field.partition("/")
    every = whole(step[2])
    if every and (step[0] == "*" or step[0].isdigit()):
        return float(min(every, size))
    parts = list(map(whole, field.split(",")))
    values = sorted(part for part in parts if part is not None)
    if len(values) < len(parts):
        return None
    return float(max(b - a for a, b in zip(values, [*values[1:], values[0] + size], strict=True)))


def same_place(one: Resource, other: Resource) -> bool:
    """Whether two resources may meet: neither names another environment than the other."""
    return one.environment is None or other.environment is None or one.environment == other.environment


def joined(words: Iterable[str]) -> str:
    return ", ".join(sorted(set(words)))
