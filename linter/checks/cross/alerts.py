"""What alerts speak of, by the labels their expressions select, and where they lead."""

from __future__ import annotations

from functools import lru_cache

from linter.checks.cross.common import pattern
from linter.checks.monitoring.promql_names import metrics_of
from linter.estate.runbook_links import NAME as DOCUMENTED_BY
from linter.model import Estate, Resource, Unknown


@lru_cache(maxsize=4)
def alerts_by_name(estate: Estate) -> dict[str, list[Resource]]:
    """Name that an alert's expression speaks of, in lower case → those alerts, in order: what label matchers select, and
    what metrics begin with (`grafana_http_requests_total` is of grafana; prometheus.io, "Metric and label naming").

    `job="web"`, `job=~"web|cart"` and `pod=~"web-.*"` select web; what `!=` and `!~` leave out is not spoken of
    (prometheus.io, "Querying basics", label matchers).
    """
    named: dict[str, list[Resource]] = {}
    for alert in estate.of_kind("monitoring/alert"):
        expression = alert.body.get("expr")
        if isinstance(expression, str):
            for name in selected(expression) | _prefixes(expression):
                named.setdefault(name, []).append(alert)
    return named


@lru_cache(maxsize=4096)
def selected(expression: str) -> frozenset[str]:
    """The names that an expression's label matchers select, in lower case."""
    found: set[str] = set()
    for match in pattern(r"""[\w.]\s*=~?\s*(?:"([^"\n]{1,500})"|'([^'\n]{1,500})'|`([^`\n]{1,500})`)""").finditer(
        expression
    ):
        for name in (match[1] or match[2] or match[3]).lower().split("|"):
            found.add(pattern(r"[-.]?(?:\[[^\]]*\]|\\.|\.)[+*]?$|[()^$]").sub("", name))
    return frozenset(found - {""})


def _prefixes(expression: str) -> frozenset[str]:
    metrics = metrics_of(expression)
    if isinstance(metrics, Unknown):
        return frozenset()
    words = [part.lower().split("_")[:6] for metric in metrics for part in metric.split(":")]
    return frozenset("-".join(word[:end]) for word in words for end in range(1, len(word)))


@lru_cache(maxsize=4)
def explained_names(estate: Estate) -> dict[str, tuple[Resource, Resource | Unknown]]:
    """Name that alerts select → (an alert, the runbook it leads to), or why it is unknown what it leads to."""
    led: dict[str, tuple[Resource, Resource | Unknown]] = {}
    for name, alerts in alerts_by_name(estate).items():
        for alert in alerts:
            page = _explains(estate, alert)
            if page is not None and not (name in led and isinstance(page, Unknown)):
                led[name] = alert, page
                if isinstance(page, Resource):
                    break
    return led


def _explains(estate: Estate, alert: Resource) -> Resource | Unknown | None:
    for link in estate.outgoing.get(id(alert), ()):
        if link.name == DOCUMENTED_BY:
            return link.target
    for reference in alert.references:
        if reference.name == DOCUMENTED_BY and isinstance(reference.target, Unknown):
            return reference.target
    return None
