"""Alerts and the receivers that Alertmanager's routes bring them to: links `notifies`."""

from __future__ import annotations

from collections.abc import Iterable

from linter.model import Estate, Link, Map, Resource, Unit
from linter.parsers.monitoring.routes import Delivery, deliveries, every_route, matchers_of
from linter.trees import as_map, says

NAME = "notifies"


def resolve(estate: Estate) -> None:
    """Link every alert with the receivers it reaches for certain; routes that labels of its series decide are left."""
    alerts = estate.kinds.get("monitoring/alert", ())
    _named(estate, alerts)
    routings = [each for each in estate.kinds.get("monitoring/routing", ()) if isinstance(each.body.get("route"), Map)]
    if not routings:
        return
    receivers: dict[tuple[int, str], Resource] = {}
    for receiver in estate.kinds.get("monitoring/receiver", ()):
        if receiver.owner is not None:
            receivers.setdefault((id(receiver.owner), receiver.name), receiver)
    for routing in routings:
        reach = Reach(routing)
        for alert in alerts:
            if not concerns(routing, alert):
                continue
            for delivery in reach.of(told_labels(alert)):
                name = delivery.receiver
                found = receivers.get((id(routing), name)) if isinstance(name, str) and delivery.sure else None
                if found is not None:
                    estate.link(Link(NAME, "labels", alert, found))


def _named(estate: Estate, alerts: Iterable[Resource]) -> None:
    """Alerts that name their receivers themselves, by name or address: Grafana's, and those of Terraform."""
    telling = [alert for alert in alerts if any(each.name == NAME for each in alert.references)]
    if not telling:
        return
    receivers: dict[tuple[Unit, str, str], Resource] = {}
    for receiver in estate.kinds.get("monitoring/receiver", ()):
        unit, environment, address = receiver.identity
        receivers.setdefault((unit, environment, address), receiver)
        receivers.setdefault((unit, environment, receiver.name), receiver)
    for alert in telling:
        unit, environment, _ = alert.identity
        for reference in alert.references:
            if reference.name == NAME and isinstance(reference.target, str):
                found = receivers.get((unit, environment, reference.target))
                if found is not None:
                    estate.link(Link(NAME, reference.path, alert, found, reference.span))


class Reach:
    """A routing's deliveries, worked out once for alerts that differ only in labels no route asks for."""

    __slots__ = ("_known", "_names", "_root")

    def __init__(self, routing: Resource) -> None:
        self._root = as_map(routing.body.get("route"))
        self._names = sorted({m.label for route in every_route(self._root) for m in matchers_of(route) or ()})
        self._known: dict[tuple[str | None, ...], list[Delivery]] = {}

    def of(self, labels: dict[str, str | None]) -> list[Delivery]:
        key = tuple(labels.get(name) for name in self._names)
        if key not in self._known:
            self._known[key] = deliveries(self._root, labels)
        return self._known[key]


def concerns(routing: Resource, alert: Resource) -> bool:
    """Whether an Alertmanager's own configuration may get an alert: those of other environments do not meet it.

    An AlertmanagerConfig is a branch below a root that is written elsewhere, and gets only its namespace's alerts.
    """
    if says(routing.context["object"].get("kind"), "AlertmanagerConfig"):
        return False
    if routing.context["system"] != alert.context["system"] or any(each.name == NAME for each in alert.references):
        return False
    return not routing.environment or not alert.environment or routing.environment == alert.environment


def told_labels(alert: Resource) -> dict[str, str | None]:
    """The labels an alert has for certain; what a template fills is None."""
    labels: dict[str, str | None] = {}
    for body in (alert.context["group"].get("labels"), alert.body.get("labels")):
        if isinstance(body, Map):
            for name, value in body.items():
                told = isinstance(value, str) and "{{" not in value
                labels[str(name)] = value if told else None
    labels["alertname"] = alert.name
    return labels
