"""Days as policies and pages write them; `datetime` is loaded where there is one to compute with, which most scans have
not."""

from __future__ import annotations


def is_day(text: str) -> bool:
    """Whether a text is a day in ISO 8601, as Python reads it."""
    return text[:1].isdecimal() and _ordinal(text) is not None


def days_between(earlier: str, later: str) -> int:
    """How many days after the first the second is, below zero if it is before. Raises ValueError for what is no day."""
    first, last = _ordinal(earlier), _ordinal(later)
    if first is None or last is None:
        raise ValueError(f"{earlier!r} or {later!r} is no day")
    return last - first


def _ordinal(text: str) -> int | None:
    from datetime import date

    try:
        return date.fromisoformat(text).toordinal()
    except ValueError:
        return None
