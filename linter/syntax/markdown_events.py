"""pyromark's events of a Markdown text, with byte ranges turned into code-point offsets."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any


@cache
def _options() -> Any:
    from pyromark import Options

    tables = Options.ENABLE_TABLES | Options.ENABLE_TASKLISTS
    return tables | Options.ENABLE_STRIKETHROUGH | Options.ENABLE_FOOTNOTES


def read_events(text: str, body_start: int) -> Iterator[tuple[Any, int, int]]:
    """pyromark's events with code-point offsets into the whole text."""
    events, point = raw_events(text, body_start)
    for event, span in events:
        yield event, point(span["start"]), point(span["end"])


def raw_events(text: str, body_start: int) -> tuple[Iterable[tuple[Any, Any]], Callable[[int], int]]:
    """pyromark's events with its spans, and what makes a code-point offset into the whole text of a span's offset."""
    from pyromark import events_with_range

    body = text[body_start:] if body_start else text
    if body.isascii():
        return events_with_range(body, options=_options()), body_start.__add__
    body = body.encode("utf-8", "replace").decode("utf-8")
    points = _code_points(body)
    return events_with_range(body, options=_options()), lambda offset: body_start + points(offset)


def _code_points(body: str) -> Callable[[int], int]:
    """Byte offset → code-point offset, from a table of the runs that are not ASCII."""
    bounds, extras, extra = [0], [0], 0
    for run in re.finditer(r"[^\x00-\x7f]", body):
        bounds.append(run.start() + extra + 1)
        extra += len(run[0].encode("utf-8")) - 1
        extras.append(extra)

    def point(offset: int) -> int:
        return offset - extras[bisect_right(bounds, offset) - 1]

    return point
