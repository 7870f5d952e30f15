"""What ought to be watched, and whether an alert of the repository does."""

from __future__ import annotations

from collections.abc import Iterator

from linter.checks import Verdict
from linter.checks.monitoring.promql_names import metrics_of
from linter.model import FAIL, PASS, UNKNOWN, Estate, Origin, Resource, Unknown
from linter.text import safe_line


def metric_alerted(
    estate: Estate, *, watched: list[str], words: list[str], what: str, kind: str = "estate/repository", named: str = ""
) -> Iterator[Verdict]:
    """Some alert reads a metric whose name has one of the words, where the repository has something to watch.

    watched: kinds of what is watched; named: what their name must have in it. Repositories without alerts of their own
    are not judged: theirs may be kept elsewhere.
    """
    alerts = estate.kinds.get("monitoring/alert", ())
    things = [each for word in watched for each in estate.of_kind(word) if named in each.name.lower()]
    if not alerts or not things:
        return
    found, unread = _reader(alerts, words)
    there = (Origin(f"{safe_line(things[0].name, 80)} is to be watched", things[0].anchor),)
    for whole in estate.of_kind(kind):
        if found is not None:
            message = f"{safe_line(found.name, 80)} watches {what}."
            yield Verdict(found, PASS, message, found.anchor, related=there)
        elif unread is not None:
            message = f"Whether an alert watches {what} is unknown: not every expression could be read."
            yield Verdict(whole, UNKNOWN, message, whole.anchor, related=there, unknowns=(unread,))
        else:
            yield Verdict(whole, FAIL, f"No alert watches {what}.", whole.anchor, related=there)


def _reader(alerts: list[Resource] | tuple[()], words: list[str]) -> tuple[Resource | None, Unknown | None]:
    unread: Unknown | None = None
    for alert in alerts:
        expression = alert.body.get("expr")
        names = metrics_of(expression) if isinstance(expression, str) else expression
        if isinstance(names, Unknown):
            unread = names
        elif isinstance(names, frozenset) and any(word in name for name in names for word in words):
            return alert, None
    return None, unread
