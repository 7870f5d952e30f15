"""Checks of Prometheus alerts: expressions that parse, names told apart, runbook links that lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from linter.checks import Verdict
from linter.checks.monitoring.promql import flaw
from linter.conditions.links import ISOLATED
from linter.estate.runbook_links import NAME as DOCUMENTED_BY
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Origin, Resource, Span, Unknown
from linter.parsers.monitoring import runbook_link
from linter.text import safe_line


@cache
def _environment() -> re.Pattern[str]:
    return re.compile(r"(?:^|[-_./])(dev\w*|test|qa|uat|stag\w*|pre-?prod\w*|prod\w*|live|sandbox)(?=[-_./]|$)")


def promql_parses(estate: Estate) -> Iterator[Verdict]:
    """Every rule's `expr` is PromQL. A flaw in a text of several lines is reported at its line."""
    for rule in [*estate.of_kind("monitoring/alert"), *estate.of_kind("monitoring/recording")]:
        entry = rule.body.at.get("expr")
        if entry is None:
            continue
        value = rule.body.get("expr")
        span = (entry[0], entry[3], entry[4])
        found = value if isinstance(value, Unknown) else flaw(_text(value))
        if found is None:
            yield Verdict(rule, PASS, f"The expression of {rule.name} parses.", span)
        elif isinstance(found, Unknown):
            message = f"Whether the expression of {safe_line(rule.name, 80)} parses is unknown: {found.subject}."
            yield Verdict(rule, UNKNOWN, message, span, unknowns=(found,))
        else:
            place = _line_span(estate, span, _text(value), found.offset)
            message = f"The expression of {rule.name} does not parse: {found.message}."
            yield Verdict(rule, FAIL, safe_line(message, 300), place)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _line_span(estate: Estate, span: Span, expression: str, offset: int) -> Span:
    """The line of a block scalar that holds an offset of its value; the whole scalar where it is one line."""
    source, start, end = span
    written = estate.sources[source].text[start:end]
    if "\n" not in written:
        return span
    number = expression.count("\n", 0, offset)
    line = expression.split("\n")[number].strip()
    if not line and number:
        line = next((each.strip() for each in reversed(expression.split("\n")[:number]) if each.strip()), "")
    position = 0
    for index, candidate in enumerate(written.split("\n")):
        if line and candidate.strip() == line and index + 1 >= number:
            at = start + position + candidate.index(line)
            return source, at, at + len(line)
        position += len(candidate) + 1
    return span


def runbook_resolves(estate: Estate, *, kind: str = "monitoring/alert") -> Iterator[Verdict]:
    """Every alert's runbook annotation leads to a page of the repository; alerts without one are not judged."""
    for alert in estate.of_kind(kind):
        path, url = runbook_link(alert.body)
        if not path:
            continue
        annotations: Map = alert.body["annotations"]
        source, _, _, start, end = annotations.at[path.split(".", 1)[1]]
        yield _resolution(estate, alert, (source, start, end), url)


def _resolution(estate: Estate, alert: Resource, span: Span, url: Any) -> Verdict:
    name = safe_line(alert.name, 80)
    for link in estate.outgoing.get(id(alert), ()):
        if link.name == DOCUMENTED_BY:
            there = (Origin("the runbook is here", link.target.anchor),)
            return Verdict(alert, PASS, f"{name} is documented by {link.target.address}.", span, related=there)
    unknown = next(
        (r.target for r in alert.references if r.name == DOCUMENTED_BY and isinstance(r.target, Unknown)), None
    )
    if unknown is None and estate.isolated:
        unknown = ISOLATED
    if unknown is not None:
        message = f"Whether the runbook link of {name} leads to a runbook is unknown: {unknown.remedy}."
        return Verdict(alert, UNKNOWN, message.replace("..", "."), span, unknowns=(unknown,))
    shown = safe_line(url, 120) if isinstance(url, str) else "this value"
    return Verdict(alert, FAIL, f"The runbook link of {name} leads to no page of this repository: {shown}.", span)


def alert_unique(estate: Estate, *, kind: str = "monitoring/alert") -> Iterator[Verdict]:
    """No two alerts of a folder have one name and the same labels; later ones fail at their name.

    Files whose names tell environments apart, and objects of different namespaces, do not meet in one Prometheus.
    """
    first: dict[Any, Resource] = {}
    for alert in estate.of_kind(kind):
        labels = _labels(alert)
        if isinstance(labels, Unknown):
            message = f"Whether {safe_line(alert.name, 80)} is unique is unknown: {labels.subject} is unknown."
            yield Verdict(alert, UNKNOWN, message, alert.anchor, unknowns=(labels,))
            continue
        key = (alert.unit, _scope(estate, alert), alert.name, labels)
        known = first.setdefault(key, alert)
        if known is alert:
            yield Verdict(alert, PASS, f"No other alert is called {safe_line(alert.name, 80)}.", alert.anchor)
        else:
            message = f"{safe_line(alert.name, 80)} is defined twice with the same labels."
            yield Verdict(alert, FAIL, message, alert.anchor, related=(Origin("first defined here", known.anchor),))


def _scope(estate: Estate, alert: Resource) -> tuple[str, ...]:
    path = estate.sources[alert.anchor[0]].path
    metadata = alert.context["object"].get("metadata")
    namespace = metadata.get("namespace") if isinstance(metadata, Map) else None
    words = tuple(_environment().findall(path.rsplit("/", 1)[-1].lower()))
    environment = alert.environment.name if alert.environment else ""
    return (*words, environment, namespace if isinstance(namespace, str) else "")


def _labels(alert: Resource) -> frozenset[tuple[str, str]] | Unknown:
    merged: dict[str, Any] = {}
    for labels in (alert.context["group"].get("labels"), alert.body.get("labels")):
        if isinstance(labels, Unknown):
            return labels
        if isinstance(labels, Map):
            merged.update(labels)
    unknown = next((value for value in merged.values() if isinstance(value, Unknown)), None)
    return unknown if unknown is not None else frozenset((str(k), str(v)) for k, v in merged.items())
