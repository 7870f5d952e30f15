"""When a schedule runs: cron as GitHub reads it, and names of time zones.

https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule
"""

from __future__ import annotations

from itertools import pairwise

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = (
    ("minute", 0, 59, ()), ("hour", 0, 23, ()), ("day of the month", 1, 31, ()), ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 6, _DAYS),
)  # fmt: skip
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
SHORTEST = 5
"""Minutes between two runs at least."""


def cron_fault(text: str) -> str:
    """What is wrong with a schedule, '' if nothing."""
    fields = text.split()
    if len(fields) != 5:
        return f"a schedule has five fields, minute to day of the week; this has {len(fields)}"
    found: list[set[int]] = []
    for written, (name, least, most, names) in zip(fields, _FIELDS, strict=True):
        values = _values(written, least, most, names)
        if values is None:
            return f"`{written}` is no {name} from {least} to {most}"
        found.append(values)
    minutes, hours, days, months, _ = found
    if fields[4] in ("*", "?") and not any(min(days) <= _LONGEST[month - 1] for month in months):
        return "this never comes: none of these months has so many days"
    return _too_often(minutes, hours, "/" in fields[0])


def _too_often(minutes: set[int], hours: set[int], stepped: bool) -> str:
    # `*/7` begins anew with each hour, four minutes after its last: nobody means that, and GitHub lets it pass.
    ordered = sorted(minutes)
    if not stepped and any((hour + 1) % 24 in hours for hour in hours):
        ordered.append(ordered[0] + 60)
    gaps = [later - earlier for earlier, later in pairwise(ordered)]
    if gaps and min(gaps) < SHORTEST:
        every = "minute" if min(gaps) == 1 else f"{min(gaps)} minutes"
        return f"this runs every {every}; GitHub runs no workflow more often than every {SHORTEST} minutes"
    return ""


def _values(written: str, least: int, most: int, names: tuple[str, ...]) -> set[int] | None:
    found: set[int] = set()
    for part in written.split(","):
        span, slash, step = part.partition("/")
        if slash and not (step.isdecimal() and step.isascii() and 0 < int(step[:4]) <= 9999):
            return None
        first, dash, last = span.partition("-")
        if span in ("*", "?"):
            start, end = least, most
        else:
            low, high = _number(first, names), _number(last, names) if dash else None
            if low is None or (dash and high is None):
                return None
            start = low
            end = high if high is not None else most if slash else low
        if not least <= start <= end <= most:
            return None
        found.update(range(start, end + 1, int(step[:4]) if slash else 1))
    return found


def _number(text: str, names: tuple[str, ...]) -> int | None:
    if text.isdecimal() and text.isascii() and len(text) < 4:
        return int(text)
    lowered = text.lower()
    if lowered in names:
        return names.index(lowered) + (len(names) == 12)
    return None


def known_zone(name: str) -> bool:
    """Whether an area of the IANA database of time zones has this place."""
    from linter.checks.workflows.time_zones import ALONE, PLACES

    area, _, place = name.partition("/")
    return place in PLACES.get(area, "").split() if place else area in ALONE.split()
