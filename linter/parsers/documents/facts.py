"""Dates and recovery targets that a document states, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from linter.dates import is_day
from linter.model import Map
from linter.trees import put, put_span

DATES = {
    "reviewed": ("last_reviewed", "last-reviewed", "lastReviewed", "reviewed"),
    "tested": ("last_tested", "last-tested", "lastTested", "last_drill", "last-drill", "drilled"),
    "approved": ("approved", "approved_on", "approved-on"),
    "dated": ("date", "released", "incident_date"),
}
"""What was done → front matter keys that say when."""

_UNITS = {"s": 1 / 60, "m": 1.0, "h": 60.0, "d": 1440.0, "w": 10080.0}
_WORDS = {
    "zero": 0, "no": 0, "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "sixty": 60,
}  # fmt: skip
_REACH = 200
"""How far after its name a target's value stands, in characters."""


@cache
def _pattern(name: str) -> re.Pattern[str]:
    number = r"(?:\d{1,6}(?:\.\d{1,3})?|" + "|".join(_WORDS) + ")"
    return re.compile(
        {
            "rto": r"\bRTO\b|\brecovery[ -]time\b(?:[ -]objectives?)?",
            "rpo": r"\bRPO\b|\brecovery[ -]point\b(?:[ -]objectives?)?",
            "duration": rf"(?<![\w.-])({number})[ -]?(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|hr|h|days?|d|weeks?|w)"
            r"(?![\w-])",
            "date": r"(?<![\d-])(\d{4}-\d{2}-\d{2})(?!\d)",
            "labelled date": r"^[ \t]*(?:[-*+>|][ \t]*)*(?:\*\*|__)?(?:test(?:ed)?|run|executed|execution|report|incident)?"
            r"[ \t]*(?:date|on)\b(?:\*\*|__)?[ \t]*[:|=]?(?:\*\*|__)?[ \t|]*(\d{4}-\d{2}-\d{2})",
        }[name],
        re.I | re.M,
    )


def add(body: Map, profile: str, text: str) -> None:
    """Set `dates` (Map of name in DATES → ISO date) and, of a recovery plan, `targets` (Map of rto, rpo → minutes)."""
    front = body.get("front_matter")
    dates = Map(body.span)
    for name, keys in DATES.items():
        key = next((key for key in keys if isinstance(front, Map) and _is_date(front.get(key))), None)
        if key is not None and isinstance(front, Map):
            put(dates, name, str(front[key]).strip()[:10], front.at[key])
    if "dated" not in dates and profile in ("test_report", "postmortem", "release_notes"):
        found = _pattern("labelled date").search(text) or _pattern("date").search(_head(body, text))
        if found and _is_date(found[1]):
            put_span(dates, "dated", found[1], *found.span(1))
    put_span(body, "dates", dates, *body.span[1:])
    if profile == "recovery":
        put_span(body, "targets", _targets(body, text), *body.span[1:])


def _head(body: Map, text: str) -> str:
    """The text up to the end of the first paragraph or the title, where a report's date stands."""
    entry = body.at.get("title")
    return text[: min(len(text), (entry[4] if entry else 0) + 300)]


def _is_date(value: Any) -> bool:
    return is_day(str(value).strip()[:10])


def _targets(body: Map, text: str) -> Map:
    targets = Map(body.span)
    front = body.get("front_matter")
    for name, other in (("rto", "rpo"), ("rpo", "rto")):
        written = front.get(name) if isinstance(front, Map) else None
        stated = _pattern("duration").fullmatch(str(written).strip()) if written is not None else None
        if stated and isinstance(front, Map):
            put(targets, name, minutes(stated), front.at[name])
            continue
        for start, end, skip in _regions(name, other, text, body.span[1]):
            found = list(_pattern("duration").finditer(text, start, end))[: skip + 1]
            if len(found) > skip:
                put_span(targets, name, minutes(found[skip]), *found[skip].span())
                break
    return targets


def _regions(name: str, other: str, text: str, start: int) -> Iterator[tuple[int, int, int]]:
    """(start, end, how many durations come before its own) of where a target's value may stand, in order.

    `RTO: 1 h, RPO: 5 min` gives each its own; `RTO and RPO: 1 h and 5 min`, or a table with both as columns, give them
    in turn.
    """
    for index, found in enumerate(_pattern(name).finditer(text, start)):
        if index == 50:
            return
        end = min(len(text), found.end() + _REACH)
        after = _pattern(other).search(text, found.end(), end)
        paired = after is not None and _bare(text, found.end(), after.start())
        before = _pattern(other).search(text, max(0, found.start() - 45), found.start())
        second = before is not None and _bare(text, before.end(), found.start())
        yield found.end(), end if paired or after is None else after.start(), int(second)


def _bare(text: str, start: int, end: int) -> bool:
    """Whether nothing of note stands between two names, so that their values follow in turn."""
    return end - start <= 12 and _pattern("duration").search(text, start, end) is None


def minutes(found: re.Match[str]) -> float:
    """How many minutes a matched duration is."""
    number = found[1].lower()
    amount = _WORDS[number] if number in _WORDS else float(number)
    return round(amount * _UNITS[found[2][0].lower()], 3)
