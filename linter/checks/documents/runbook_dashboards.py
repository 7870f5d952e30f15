"""Checks that the dashboards which pages lead to are in the repository."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from linter.checks import Verdict
from linter.checks.cross.common import pages, pattern
from linter.conditions.links import ISOLATED
from linter.model import FAIL, PASS, UNKNOWN, Estate, Resource, Seq, Span, Unknown
from linter.text import safe_line

KIND = "monitoring/dashboard"
_UNNAMED = Unknown("run-time", "the uid of a dashboard that has none here", "write `uid` in each dashboard")
_ELSEWHERE = Unknown("other-unit", "the dashboards of that Grafana", "keep its dashboards in the repository")


def dashboards_exist(estate: Estate) -> Iterator[Verdict]:
    """A dashboard of Grafana that a page leads to, by the uid in its address (`/d/uid/name`), is in the repository.

    Judged where the repository keeps dashboards; of a Grafana none of whose dashboards are here it is unknown.
    """
    boards = estate.of_kind(KIND)
    if not boards:
        return
    known, nameless = _by_uid(estate)
    leading = [(page, *link) for page in pages(estate) for link in _links(page)]
    ours = {host for _, host, uid, _ in leading if uid in known}
    for page, host, uid, span in leading:
        shown = safe_line(uid, 60)
        if uid in known:
            yield Verdict(page, PASS, f"The dashboard {shown} is {safe_line(known[uid].address, 80)}.", span, uid)
        elif estate.isolated or nameless or host not in ours:
            reason = ISOLATED if estate.isolated else _UNNAMED if nameless else _ELSEWHERE
            message = f"Whether there is a dashboard {shown} is unknown: {reason.subject}."
            yield Verdict(page, UNKNOWN, message, span, uid, unknowns=(reason,))
        else:
            message = f"There is no dashboard {shown} in this repository, which keeps others of {safe_line(host, 80)}."
            yield Verdict(page, FAIL, message, span, uid)


@lru_cache(maxsize=4)
def _by_uid(estate: Estate) -> tuple[dict[str, Resource], bool]:
    """uid → dashboard, and whether some have none that is known."""
    known: dict[str, Resource] = {}
    nameless = False
    for board in estate.of_kind(KIND):
        uid = board.body.get("uid")
        if isinstance(uid, str) and uid:
            known.setdefault(uid, board)
        else:
            nameless = True
    return known, nameless


def _links(page: Resource) -> Iterator[tuple[str, str, Span]]:
    """(host, uid, place) of each dashboard a page leads to, once each."""
    seen: set[str] = set()
    links = page.body.get("links")
    for link in links if isinstance(links, Seq) else ():
        match = pattern(r"^https?://([^/\s]{1,200})(?:/grafana)?/d(?:-solo)?/([\w-]{1,60})(?=[/?#]|$)").match(
            link["target"]
        )
        if match and match[2] not in seen:
            seen.add(match[2])
            source, _, _, start, end = link.at["target"]
            yield match[1].lower(), match[2], (source, start, end)
