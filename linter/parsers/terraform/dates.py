"""formatdate, timeadd and timecmp, on RFC 3339 timestamps."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any

from linter.parsers.terraform.values import Wrong

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@cache
def _timestamp() -> re.Pattern[str]:
    return re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


def _parsed(text: str) -> datetime:
    found = _timestamp().fullmatch(text)
    if found is None:
        raise Wrong("this is not a timestamp as RFC 3339 has it")
    zone = UTC
    if found[4] != "Z":
        hours, minutes = int(found[4][1:3]), int(found[4][4:])
        zone = timezone((1 if found[4][0] == "+" else -1) * timedelta(hours=hours, minutes=minutes))
    try:
        return datetime.fromisoformat(f"{found[1]}T{found[2]}").replace(tzinfo=zone)
    except ValueError:
        raise Wrong("this is not a timestamp as RFC 3339 has it") from None


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + _zone(moment, ":", "Z")


def _zone(moment: datetime, colon: str, zero: str | None) -> str:
    offset = int((moment.utcoffset() or timedelta()).total_seconds()) // 60
    if offset == 0 and zero is not None:
        return zero
    sign = "-" if offset < 0 else "+"
    return f"{sign}{abs(offset) // 60:02d}{colon}{abs(offset) % 60:02d}"


def timeadd(timestamp: str, duration: str) -> str:
    """The timestamp moved by a duration such as `1h30m`. Raises Wrong."""
    seconds = 0.0
    rest = duration.lstrip("+-")
    for found in re.finditer(r"(\d{1,12}(?:\.\d{1,9})?)(h|ms|us|µs|ns|m|s)|(.)", rest, re.S):
        if found[3]:
            raise Wrong("this is not a duration")
        seconds += float(found[1]) * _UNITS[found[2]]
    if not rest:
        raise Wrong("this is not a duration")
    try:
        return _text(_parsed(timestamp) + timedelta(seconds=-seconds if duration.startswith("-") else seconds))
    except OverflowError:
        raise Wrong("the timestamp is out of range") from None


def timecmp(left: str, right: str) -> int:
    """-1, 0 or 1. Raises Wrong."""
    a, b = _parsed(left), _parsed(right)
    return (a > b) - (a < b)


def formatdate(form: str, timestamp: str) -> str:
    """The timestamp in a form such as `DD MMM YYYY`. Raises Wrong."""
    moment = _parsed(timestamp)
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
