"""Checks of service level objectives: queries that parse, windows, services that exist, alerts on the error budget."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from linter.checks import Verdict
from linter.checks.monitoring.alerts import _line_span
from linter.checks.monitoring.promql import flaw
from linter.model import FAIL, PASS, UNKNOWN, Estate, Resource, Unknown
from linter.text import safe_line
from linter.trees import as_map, at_path, says

_UNITS = {"m": 1 / 1440, "h": 1 / 24, "d": 1, "w": 7, "M": 30, "Q": 91, "y": 365, "Y": 365, "s": 1 / 86400}
_CALENDAR = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
_NAMED = ("kubernetes/Service", "kubernetes/Deployment", "kubernetes/StatefulSet", "kubernetes/DaemonSet",
          "kubernetes/Rollout", "kubernetes/CronJob", "kubernetes/Job", "kubernetes/Ingress", "kubernetes/Application",
          "kubernetes/HelmRelease", "compose/service", "terraform/aws_ecs_service", "terraform/google_cloud_run_v2_service",
          "terraform/google_cloud_run_service", "terraform/aws_lambda_function", "terraform/azurerm_container_app")  # fmt: skip
_LABELS = ("app", "app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/part-of",
           "app.kubernetes.io/component", "k8s-app", "service", "component")  # fmt: skip


@cache
def _window() -> re.Pattern[str]:
    return re.compile(r"\{\{-?\s*\.window\s*-?\}\}")


def queries_parse(estate: Estate, *, kind: str = "monitoring/slo") -> Iterator[Verdict]:
    """The queries of an objective's indicator are PromQL, and those of Sloth leave the window to its template."""
    for slo in estate.of_kind(kind):
        expressions = slo.body["expressions"]
        for index, (text, entry) in enumerate(zip(expressions, expressions.at, strict=True)):
            span, element = (entry[0], entry[3], entry[4]), str(index)
            found: Any = text if isinstance(text, Unknown) else None
            if isinstance(text, str):
                # As long as what it stands for, so that places stay where they are.
                plain = _window().sub(lambda match: "5m".ljust(len(match[0])), text)
                found = flaw(plain)
            if isinstance(found, Unknown):
                message = f"Whether a query of {safe_line(slo.name, 80)} parses is unknown: {found.subject}."
                yield Verdict(slo, UNKNOWN, message, span, element, unknowns=(found,))
            elif found is not None:
                message = safe_line(f"A query of {slo.name} does not parse: {found.message}.", 300)
                yield Verdict(slo, FAIL, message, _line_span(estate, span, text, found.offset), element)
            elif slo.body["system"] == "sloth" and isinstance(text, str) and not _window().search(text):
                message = f"A query of {safe_line(slo.name, 80)} has a window of its own instead of {{{{.window}}}}."
                yield Verdict(slo, FAIL, message, span, element)
            elif isinstance(text, str):
                yield Verdict(slo, PASS, f"A query of {safe_line(slo.name, 80)} parses.", span, element)


def days_of(window: str) -> float | None:
    """A window in days: `30d`, `4w`, `1M`, `Month`; None where it is none."""
    text = window.strip()
    if text.lower() in _CALENDAR:
        return _CALENDAR[text.lower()]
    parts = re.findall(r"(\d{1,9})([smhdwMQyY])", text)
    return (
        sum(int(number) * _UNITS[unit] for number, unit in parts)
        if parts and "".join(map("".join, parts)) == text
        else None
    )


def windows_stated(estate: Estate, *, days: int = 7, kind: str = "monitoring/slo") -> Iterator[Verdict]:
    """An objective holds over a window of some days at least. Sloth's is 30 days where none is given to it."""
    for slo in estate.of_kind(kind):
        window, name = slo.body.get("window"), safe_line(slo.name, 80)
        if slo.body["system"] == "sloth" and window is None:
            continue
        if isinstance(window, Unknown):
            yield Verdict(slo, UNKNOWN, f"The window of {name} is unknown.", slo.anchor, unknowns=(window,))
            continue
        if window is None:
            yield Verdict(slo, FAIL, f"{name} does not say over which window it holds.", slo.anchor)
            continue
        source, _, _, start, end = slo.body.at["window"]
        length = days_of(str(window))
        if length is None:
            yield Verdict(slo, FAIL, f"The window of {name} is no duration.", (source, start, end))
        elif length < days:
            message = f"The window of {name} is {safe_line(str(window), 20)}, less than {days} days."
            yield Verdict(slo, FAIL, message, (source, start, end))
        else:
            yield Verdict(slo, PASS, f"{name} holds over {safe_line(str(window), 20)}.", (source, start, end))


def budgets_alerted(estate: Estate, *, kind: str = "monitoring/slo") -> Iterator[Verdict]:
    """Somebody hears when an error budget burns: by the objective's own alerts, or by one that speaks of it."""
    for slo in estate.of_kind(kind):
        alerted, name = slo.body.get("alerted"), safe_line(slo.name, 80)
        if alerted is None or isinstance(alerted, Unknown):
            continue
        source, _, _, start, end = slo.body.at["alerted"]
        other = None if alerted else _burning(estate, slo)
        if alerted:
            yield Verdict(slo, PASS, f"{name} has alerts on its error budget.", slo.anchor)
        elif other is not None:
            yield Verdict(slo, PASS, f"{safe_line(other.name, 80)} alerts on the budget of {name}.", other.anchor)
        else:
            yield Verdict(slo, FAIL, f"No alert tells that the error budget of {name} burns.", (source, start, end))


def _burning(estate: Estate, slo: Resource) -> Resource | None:
    names = [word for key in ("name", "service") if isinstance(word := slo.body.get(key), str) and len(word) > 2]
    for alert in estate.kinds.get("monitoring/alert", ()):
        expression = alert.body.get("expr")
        text = f"{alert.name} {expression if isinstance(expression, str) else ''}".lower()
        if re.search(r"burn|budget|slo", text) and any(name.lower() in text for name in names):
            return alert
    return None


def services_exist(estate: Estate, *, kind: str = "monitoring/slo") -> Iterator[Verdict]:
    """The service of an objective is one of those that run here; trees without any are not judged."""
    slos = estate.of_kind(kind)
    known = _services(estate) if slos else {}
    for slo in slos if known else ():
        service = slo.body.get("service")
        if not isinstance(service, str) or "{{" in service or "${" in service:
            continue
        source, _, _, start, end = slo.body.at["service"]
        found, shown = known.get(plain(service)), safe_line(service, 80)
        if found is not None:
            yield Verdict(slo, PASS, f"{shown} is {safe_line(found.address, 80)}.", (source, start, end))
        else:
            message = f"Nothing here is called {shown}, whose objective this is."
            yield Verdict(slo, FAIL, message, (source, start, end))


def plain(name: str) -> str:
    """A name with what is only spelling taken out."""
    return name.lower().replace("_", "-").replace(" ", "-").rpartition("/")[2]


@lru_cache(maxsize=4)
def _services(estate: Estate) -> dict[str, Resource]:
    """What runs, by name and by the labels that name services."""
    found: dict[str, Resource] = {}
    for kind in _NAMED:
        for each in estate.of_kind(kind):
            found.setdefault(plain(each.name), each)
            labels = as_map(at_path(each.body, ("metadata", "labels")))
            for holder in (labels, as_map(at_path(each.body, ("spec", "template", "metadata", "labels")))):
                for key in _LABELS:
                    value = holder.get(key)
                    if isinstance(value, str):
                        found.setdefault(plain(value), each)
            space = at_path(each.body, ("metadata", "namespace"))
            if isinstance(space, str) and space != "default":
                found.setdefault(plain(space), each)
    return found


def services_promised(estate: Estate, *, kind: str = "kubernetes/Service") -> Iterator[Verdict]:
    """Every service of production that answers users has an objective, or alerts on how fast its budget burns."""
    objectives = [(each, _words(each)) for each in estate.of_kind("monitoring/slo")]
    for service in estate.of_kind(kind):
        tier = service.environment.tier if service.environment else ""
        if tier not in ("", "production") or not _is_served(estate, service):
            continue
        named = plain(service.name)
        found = next((each for each, words in objectives if named in words), None) or _burning(estate, service)
        shown = safe_line(service.address, 80)
        if found is not None:
            yield Verdict(service, PASS, f"{safe_line(found.name, 80)} is the objective of {shown}.", found.anchor)
        else:
            yield Verdict(service, FAIL, f"{shown} answers users and has no objective.", service.anchor)


def _is_served(estate: Estate, service: Resource) -> bool:
    """Whether a Service is there for users: an Ingress or route leads to it, or it is a load balancer."""
    if says(at_path(service.body, ("spec", "type")), "LoadBalancer"):
        return True
    links = estate.incoming.get(id(service), ())
    return any(
        link.source.kind.rpartition("/")[2] in ("Ingress", "HTTPRoute", "GRPCRoute", "VirtualService") for link in links
    )


def _words(slo: Resource) -> frozenset[str]:
    """Names that an objective speaks of: its service, and the values of labels in its queries."""
    words = {plain(word) for key in ("service", "name") if isinstance(word := slo.body.get(key), str)}
    for text in slo.body["expressions"]:
        if isinstance(text, str):
            words.update(plain(value) for value in re.findall(r'=~?\s*"([\w./-]{1,100})', text))
    return frozenset(words)
