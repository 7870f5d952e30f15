"""From what is notified to who is on call, where Terraform says both: links `notifies` and `escalates`.

A condition of New Relic's reaches the channels of the workflows that pick its policy; a receiver reaches the escalation
that it, or what it takes its key from, refers to (PagerDuty's integration and service, Opsgenie's team).
"""

from __future__ import annotations

from collections.abc import Iterator

from linter.model import Estate, Link, Resource

NOTIFIES, ESCALATES = "notifies", "escalates"
_WORKFLOWS = frozenset(("terraform/newrelic_workflow", "terraform/newrelic_alert_policy_channel"))
_ONCALL = ("terraform/pagerduty_", "terraform/opsgenie_")
_FURTHEST, _MOST = 3, 200


def resolve(estate: Estate) -> None:
    """Link conditions with their receivers, and receivers with their escalations, each once."""
    parts: dict[int, list[Resource]] = {}
    for kind in ("monitoring/receiver", "monitoring/escalation"):
        for resource in estate.kinds.get(kind, ()):
            if resource.owner is not None:
                parts.setdefault(id(resource.owner), []).append(resource)
    if not parts:
        return
    for alert in estate.kinds.get("monitoring/alert", ()):
        if alert.owner is not None and alert.context["system"] == "newrelic":
            for receiver in _through_workflows(estate, alert.owner, parts):
                estate.link(Link(NOTIFIES, "policy_id", alert, receiver))
    for receiver in estate.kinds.get("monitoring/receiver", ()):
        if receiver.owner is not None and receiver.owner.kind.startswith("terraform/"):
            for escalation in _escalations(estate, receiver.owner, parts):
                estate.link(Link(ESCALATES, "name", receiver, escalation))


def _through_workflows(estate: Estate, condition: Resource, parts: dict[int, list[Resource]]) -> Iterator[Resource]:
    seen: set[int] = set()
    for up in estate.outgoing.get(id(condition), ()):
        if up.path != "policy_id":
            continue
        for across in estate.incoming.get(id(up.target), ()):
            if across.source.kind not in _WORKFLOWS:
                continue
            for down in estate.outgoing.get(id(across.source), ()):
                for receiver in parts.get(id(down.target), ()):
                    if receiver.kind == "monitoring/receiver" and id(receiver) not in seen:
                        seen.add(id(receiver))
                        yield receiver


def _escalations(estate: Estate, start: Resource, parts: dict[int, list[Resource]]) -> Iterator[Resource]:
    """The escalations nearest to a resource, over what it refers to of the on-call services."""
    at, seen = [start], {id(start)}
    for _ in range(_FURTHEST):
        following: list[Resource] = []
        for resource in at:
            for link in estate.outgoing.get(id(resource), ()):
                if id(link.target) not in seen and link.target.kind.startswith(_ONCALL) and len(seen) < _MOST:
                    seen.add(id(link.target))
                    following.append(link.target)
        found = [part for each in following for part in parts.get(id(each), ()) if part.kind == "monitoring/escalation"]
        if found:
            yield from found
            return
        at = following
