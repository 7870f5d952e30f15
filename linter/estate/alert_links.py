"""Alerts and the receivers that Alertmanager's routes bring them to: links `notifies`."""

from __future__ import annotations

from linter.model import Estate, Link, Map, Resource
from linter.parsers.monitoring.routes import Delivery, deliveries, every_route, matchers_of

NAME = "notifies"


def resolve(estate: Estate) -> None:
    """Link every alert with the receivers it reaches for certain; routes that labels of its series decide are left."""
    routings = [each for each in estate.kinds.get("monitoring/routing", ()) if isinstance(each.body.get("route"), Map)]
    if not routings:
        return
    receivers: dict[tuple[int, str], Resource] = {}
    for receiver in estate.kinds.get("monitoring/receiver", ()):
        if receiver.owner is not None:
            receivers.setdefault((id(receiver.owner), receiver.name), receiver)
    for routing in routings:
        reach = Reach(routing)
        for alert in estate.kinds.get("monitoring/alert", ()):
            if not concerns(routing, alert):
                continue
            for delivery in reach.of(told_labels(alert)):
                name = delivery.receiver
                found = receivers.get((id(routing), name)) if isinstance(name, str) and delivery.sure else None
                if found is not None:
                    estate.link(Link(NAME, "labels", alert, found))


class Reach:
    """A routing's deliveries, worked out once for alerts that differ only in labels no route asks for."""

    __slots__ = ("_known", "_names", "_root")

    def __init__(self, routing: Resource) -> None:
        self._root: Map = routing.body["route"]
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
    if routing.context["object"].get("kind") == "AlertmanagerConfig":
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
