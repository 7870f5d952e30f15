"""formatdate, timeadd and timecmp, on RFC 3339 timestamps."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any

from linter.model import Unknown
from linter.parsers.terraform.errors import Stop, Wrong
from linter.parsers.terraform.numbers import narrow

_UNITS = {
    "h": 3_600_000_000_000, "m": 60_000_000_000, "s": 1_000_000_000, "ms": 1_000_000, "us": 1000, "µs": 1000,
    "μs": 1000, "ns": 1,
}  # fmt: skip
_LONGEST = (1 << 63) - 1
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@cache
def _timestamp() -> re.Pattern[str]:
    return re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


def _parsed(text: str) -> tuple[datetime, int]:
    """The moment in whole seconds, and its nanoseconds. Raises Wrong."""
    found = _timestamp().fullmatch(text)
    if found is None:
        raise Wrong("this is not a timestamp as RFC 3339 has it")
    zone = UTC
    if found[4] != "Z":
        hours, minutes = int(found[4][1:3]), int(found[4][4:])
        if hours > 23 or minutes > 59:
            raise Wrong("this is not a timestamp as RFC 3339 has it")
        zone = timezone((1 if found[4][0] == "+" else -1) * timedelta(hours=hours, minutes=minutes))
    try:
        moment = datetime.fromisoformat(f"{found[1]}T{found[2]}").replace(tzinfo=zone)
    except ValueError:
        raise Wrong("this is not a timestamp as RFC 3339 has it") from None
    return moment, int((found[3] or ".0")[1:].ljust(9, "0"))


def _text(moment: datetime) -> str:
    return f"{moment.year:04d}-{moment.strftime('%m-%dT%H:%M:%S')}{_zone(moment, ':', 'Z')}"


def _zone(moment: datetime, colon: str, zero: str | None) -> str:
    offset = int((moment.utcoffset() or timedelta()).total_seconds()) // 60
    if offset == 0 and zero is not None:
        return zero
    sign = "-" if offset < 0 else "+"
    return f"{sign}{abs(offset) // 60:02d}{colon}{abs(offset) % 60:02d}"


def timeadd(timestamp: str, duration: str) -> str:
    """The timestamp moved by a duration such as `1h30m`, in whole seconds. Raises Wrong, Stop."""
    rest = duration[1:] if duration[:1] in ("+", "-") else duration
    total = 0
    end = 0
    for found in re.finditer(r"(\d{0,19})(?:(\.)(\d{0,19}))?(h|ms|us|µs|μs|ns|m|s)", rest):
        if found.start() != end or not (found[1] or found[3]):
            raise Wrong("this is not a duration")
        end = found.end()
        unit = _UNITS[found[4]]
        total += int(found[1] or 0) * unit + int(int(found[3] or 0) * (unit / 10 ** len(found[3] or "")))
    if (end != len(rest) or not rest) and rest != "0":
        raise Wrong("this is not a duration")
    if total > _LONGEST:
        raise Wrong("the duration is too long")
    moment, nanoseconds = _parsed(timestamp)
    try:
        seconds = (nanoseconds + (-total if duration.startswith("-") else total)) // 1_000_000_000
        return _text(moment + timedelta(seconds=seconds))
    except OverflowError:
        raise Stop(Unknown("function", "a timestamp beyond the year 9999")) from None


def timecmp(left: str, right: str) -> int:
    """-1, 0 or 1. Raises Wrong."""
    a, b = _parsed(left), _parsed(right)
    return narrow((a > b) - (a < b))


def formatdate(form: str, timestamp: str) -> str:
    """The timestamp in a form such as `DD MMM YYYY`. Raises Wrong."""
    moment = _parsed(timestamp)[0]
    pieces: list[str] = []
    for found in re.finditer(r"'((?:[^']|'')*)'|([A-Za-z])\2*|([^A-Za-z']+)|(.)", form, re.S):
        if found[4]:
            raise Wrong("the form has an unfinished literal")
        if found[2]:
            pieces.append(_token(found[0], moment))
        else:
            pieces.append(found[3] or found[1].replace("''", "'"))
    return "".join(pieces)


def _token(token: str, moment: datetime) -> str:
    hour = moment.hour % 12 or 12
    half = "AM" if moment.hour < 12 else "PM"
    forms: dict[str, str] = {
        "YYYY": f"{moment.year:04d}", "YY": f"{moment.year % 100:02d}", "MMMM": _MONTHS[moment.month - 1],
        "MMM": _MONTHS[moment.month - 1][:3], "MM": f"{moment.month:02d}", "M": str(moment.month),
        "DD": f"{moment.day:02d}", "D": str(moment.day), "EEEE": _DAYS[moment.weekday()],
        "EEE": _DAYS[moment.weekday()][:3], "hh": f"{moment.hour:02d}", "h": str(moment.hour), "HH": f"{hour:02d}",
        "H": str(hour), "AA": half, "aa": half.lower(), "mm": f"{moment.minute:02d}", "m": str(moment.minute),
        "ss": f"{moment.second:02d}", "s": str(moment.second), "ZZZZZ": _zone(moment, ":", None),
        "ZZZZ": _zone(moment, "", None), "ZZZ": _zone(moment, "", "UTC"), "Z": _zone(moment, ":", "Z"),
    }  # fmt: skip
    if token not in forms:
        raise Wrong(f"a form has no {token!r}")
    return forms[token]


FUNCTIONS: dict[str, Callable[..., Any]] = {"formatdate": formatdate, "timeadd": timeadd, "timecmp": timecmp}
