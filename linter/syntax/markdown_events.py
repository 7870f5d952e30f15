"""pyromark's events of a Markdown text, with byte ranges turned into code-point offsets."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any


@cache
def _options() -> Any:
    from pyromark import Options

    tables = Options.ENABLE_TABLES | Options.ENABLE_TASKLISTS
    return tables | Options.ENABLE_STRIKETHROUGH | Options.ENABLE_FOOTNOTES


def read_events(text: str, body_start: int) -> Iterator[tuple[Any, int, int]]:
    """pyromark's events with code-point offsets into the whole text."""
    from pyromark import events_with_range

    body = text[body_start:]
    ascii_only = body.isascii()
    if not ascii_only:
        body = body.encode("utf-8", "replace").decode("utf-8")
    events = events_with_range(body, options=_options())
    if ascii_only:
        for event, span in events:
            yield event, body_start + span["start"], body_start + span["end"]
        return
    points = _code_points(body)
    for event, span in events:
        yield event, body_start + points(span["start"]), body_start + points(span["end"])


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
