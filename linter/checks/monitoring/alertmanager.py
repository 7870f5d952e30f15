"""Checks of Alertmanager's configuration: receivers that exist and notify, critical alerts that page, no silence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.checks import Verdict
from linter.estate.alert_links import Reach, concerns, told_labels
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Origin, Resource, Seq, Span, Unknown, handle
from linter.parsers.monitoring.alertmanager import integrations, is_null
from linter.parsers.monitoring.routes import Delivery, Matcher, every_route, holds, read_matchers
from linter.text import find_secrets, safe_line, secret_name
from linter.trees import as_map, maps, says

PAGERS = frozenset(
    ("pagerduty", "opsgenie", "victorops", "pushover", "incidentio", "rootly", "webhook", "sns", "jira", "oncall")
)
"""Integrations that page, or hand over to what does; chat rooms and mail do not wake anybody."""
PAGING = ("critical", "page", "emergency", "p1", "sev1")


def receivers_notify(estate: Estate, *, kind: str = "monitoring/routing") -> Iterator[Verdict]:
    """Every route's receiver is among the receivers, and every receiver that a route names has an integration.

    Receivers called `null` and the like are there to notify nobody.
    """
    for routing in estate.of_kind(kind):
        receivers = _receivers(routing)
        if isinstance(receivers, Unknown):
            message = f"The receivers of {routing.name} are unknown."
            yield Verdict(routing, UNKNOWN, message, routing.anchor, unknowns=(receivers,))
            continue
        used: set[str] = set()
        fine = True
        for route in every_route(as_map(routing.body.get("route"))):
            name = route.get("receiver")
            if isinstance(name, str) and name in receivers:
                used.add(name)
            elif isinstance(name, str) and "{{" not in name:
                message = f"The route leads to the receiver {safe_line(name, 80)}, which does not exist."
                yield Verdict(routing, FAIL, message, handle(name, route.at["receiver"]), f"route:{name}")
                fine = False
        for name in sorted(used):
            if not integrations(receivers[name]) and not is_null(name) and receivers[name].open is None:
                message = f"The receiver {safe_line(name, 80)} notifies nobody: it has no integration."
                yield Verdict(routing, FAIL, message, _name_span(receivers[name]), f"receiver:{name}")
                fine = False
        if fine:
            yield Verdict(routing, PASS, f"Every receiver of {routing.name} exists.", routing.anchor)


def _receivers(routing: Resource) -> dict[str, Map] | Unknown:
    listed = routing.body.get("receivers")
    if isinstance(listed, Unknown):
        return listed
    if isinstance(listed, Seq) and listed.open is not None:
        return listed.open
    found = {receiver["name"]: receiver for receiver in maps(listed) if isinstance(receiver.get("name"), str)}
    unknown = next((r["name"] for r in maps(listed) if isinstance(r.get("name"), Unknown)), None)
    return unknown if unknown is not None else found


def _name_span(receiver: Map) -> Span:
    return handle(receiver["name"], receiver.at["name"])


def critical_pages(estate: Estate, *, kind: str = "monitoring/routing") -> Iterator[Verdict]:
    """Critical alerts reach a receiver that pages. Alertmanagers of lower environments need not wake anybody."""
    alerts = estate.kinds.get("monitoring/alert", ())
    for routing in estate.of_kind(kind):
        receivers = _receivers(routing)
        tier = routing.environment.tier if routing.environment else ""
        own = not says(routing.context["object"].get("kind"), "AlertmanagerConfig")
        if isinstance(receivers, Unknown) or not own or tier not in ("", "production"):
            continue
        said = {severity for alert in alerts if (severity := told_labels(alert).get("severity"))}
        said |= {m.value for route in _routes(routing) for m in _matchers(route) if m.label == "severity"}
        for severity in [word for word in PAGING if word in said] or ["critical"]:
            yield _pages(routing, receivers, severity)


def _routes(routing: Resource) -> Iterator[Map]:
    return every_route(as_map(routing.body.get("route")))


def _matchers(route: Map, texts: str = "matchers", equal: str = "match", like: str = "match_re") -> tuple[Matcher, ...]:
    return read_matchers(route, texts, equal, like) or ()


def _pages(routing: Resource, receivers: dict[str, Map], severity: str) -> Verdict:
    reached = Reach(routing).of({"severity": severity})
    for delivery in reached:
        receiver = receivers.get(delivery.receiver) if isinstance(delivery.receiver, str) else None
        if receiver is not None and _is_pager(receiver):
            message = f"Alerts of severity {severity} reach {safe_line(delivery.receiver, 80)}, which pages."
            return Verdict(routing, PASS, message, _delivery_span(routing, delivery), severity)
    named = {matcher.label: "" for route in _routes(routing) for matcher in _matchers(route)}
    last = next(iter(Reach(routing).of({**named, "severity": severity})), None)
    span = _delivery_span(routing, last) if last is not None else routing.anchor
    name = safe_line(last.receiver, 80) if last is not None and isinstance(last.receiver, str) else "no receiver"
    return Verdict(routing, FAIL, f"Alerts of severity {severity} reach {name}, which pages nobody.", span, severity)


def _is_pager(receiver: Map) -> bool:
    kinds = integrations(receiver)
    if not PAGERS.isdisjoint(kinds):
        return True
    mails = [str(mail.get("to", "")).lower() for mail in maps(kinds.get("email"))]
    return any(word in mail for mail in mails for word in ("pagerduty", "opsgenie", "oncall", "on-call", "pager"))


def _delivery_span(routing: Resource, delivery: Delivery) -> Span:
    entry = delivery.named_by.at.get("receiver")
    return handle(delivery.receiver, entry) if entry is not None else routing.anchor


def receivers_without_secrets(estate: Estate, *, kind: str = "monitoring/routing") -> Iterator[Verdict]:
    """No credential of a receiver is written out: `*_file`, a reference to a Secret or a placeholder stands for it."""
    for routing in estate.of_kind(kind):
        fine = True
        for key, value, entry, parents in _scalars(routing.body):
            if _is_credential(key, value, parents):
                message = f"The {key} of {safe_line(routing.name, 80)} is written out."
                yield Verdict(routing, FAIL, message, handle(value, entry), f"{'.'.join(parents)}.{key}")
                fine = False
        if fine:
            yield Verdict(routing, PASS, f"{routing.name} has no credential written out.", routing.anchor)


_CREDENTIALS = frozenset(
    (
        "service_key", "routing_key", "api_key", "slack_api_url", "smtp_auth_password", "auth_password", "bot_token",
        "opsgenie_api_key", "victorops_api_key", "wechat_api_secret", "api_secret", "password", "credentials", "token",
        "bearer_token", "client_secret", "user_key", "secret_key", "auth_secret", "smtp_auth_secret", "webhook_url",
        "integrationKey", "userKey",
    )
)  # fmt: skip


def _is_credential(key: str, value: str, parents: tuple[str, ...]) -> bool:
    """By its name in Alertmanager's configuration, or by its form; a placeholder that a tool fills in is none."""
    if any(sign in value for sign in ("${", "{{", "$(", "<", "%(")) or value.startswith(("$", "/run/", "ENC[")):
        return False
    if find_secrets(value):
        return True
    named = key in _CREDENTIALS or (key == "api_url" and "slack_configs" in parents)
    if not named and not secret_name(key):
        return False
    low = value.lower()
    words = ("changeme", "example", "placeholder", "replace", "redacted", "xxx", "todo")
    return len(value) > 3 and not any(word in low for word in words)


def _scalars(body: Map) -> Iterator[tuple[str, str, Any, tuple[str, ...]]]:
    """(key, text, entry, keys on the way) of what stands below `global` and `receivers`."""
    waiting: list[tuple[Any, tuple[str, ...]]] = [
        (body.get("receivers"), ("receivers",)),
        (body.get("global"), ("global",)),
    ]
    while waiting:
        value, parents = waiting.pop()
        if isinstance(value, Seq):
            waiting.extend((item, parents) for item in reversed(value))
        elif isinstance(value, Map) and len(parents) < 12:
            for key, item in value.items():
                if isinstance(item, str):
                    yield str(key), item, value.at[key], parents
                elif isinstance(item, (Map, Seq)):
                    waiting.append((item, (*parents, str(key))))


_TARGETS = ("target_matchers", "target_match", "target_match_re", "targetMatch")


def severities_not_silenced(estate: Estate, *, kind: str = "monitoring/routing") -> Iterator[Verdict]:
    """No route takes all critical alerts to a receiver that is there to notify nobody, and no inhibition silences a
    severity everywhere: without `equal` one firing alert mutes all that its target matchers take."""
    for routing in estate.of_kind(kind):
        fine = True
        for route in _routes(routing):
            matchers, name = _matchers(route), route.get("receiver")
            silenced = bool(matchers) and all(holds(m, {"severity": "critical"}) is True for m in matchers)
            if silenced and is_null(name):
                message = f"The route takes critical alerts to {safe_line(str(name), 80)}, which notifies nobody."
                yield Verdict(routing, FAIL, message, handle(name, route.at["receiver"]), f"route:{name}")
                fine = False
        for key in ("inhibit_rules", "inhibitRules"):
            for index, rule in enumerate(maps(routing.body.get(key))):
                if _silences(rule):
                    message = "The inhibition has no equal labels: one alert silences a whole severity everywhere."
                    yield Verdict(routing, FAIL, message, _targets_span(rule), f"inhibition:{index}")
                    fine = False
        if fine:
            yield Verdict(routing, PASS, f"{routing.name} silences no whole severity.", routing.anchor)


def _targets_span(rule: Map) -> Span:
    """The key of an inhibition's target matchers, which name all that it silences."""
    entry = next(rule.at[key] for key in _TARGETS if key in rule)
    return entry[:3]


def _silences(rule: Map) -> bool:
    equal = rule.get("equal")
    if isinstance(equal, Unknown) or (isinstance(equal, Seq) and (equal or equal.open is not None)) or rule.open:
        return False
    targets = _matchers(rule, *_TARGETS[:3]) + _matchers(rule, _TARGETS[3], "", "")
    return bool(targets) and all(matcher.label == "severity" for matcher in targets)


def severities_routed(estate: Estate, *, kind: str = "monitoring/routing") -> Iterator[Verdict]:
    """Every severity that alerts use reaches a receiver that is there to notify, by a route or by the root's default.

    One verdict for each severity. What is called `none` or `info` need not reach anybody.
    """
    for routing in estate.of_kind(kind):
        receivers = _receivers(routing)
        if isinstance(receivers, Unknown):
            continue
        reach = Reach(routing)
        lost: dict[str, list[Resource]] = {}
        seen: dict[str, bool] = {}
        for alert in estate.kinds.get("monitoring/alert", ()):
            labels = told_labels(alert)
            severity = labels.get("severity")
            if not severity or severity in ("none", "info", "notice") or not concerns(routing, alert):
                continue
            heard = any(_is_heard(receivers, each) for each in reach.of(labels))
            seen[severity] = seen.get(severity, False) or heard
            if not heard:
                lost.setdefault(severity, []).append(alert)
        for severity in sorted(seen):
            yield _routed(routing, reach, severity, lost.get(severity, []))


def _is_heard(receivers: dict[str, Map], delivery: Delivery) -> bool:
    """Whether a delivery notifies somebody; receivers that do not exist or were left empty are another rule's."""
    name = delivery.receiver
    if not isinstance(name, str):
        return isinstance(name, Unknown)
    return name not in receivers or bool(integrations(receivers[name])) or not is_null(name)


def _routed(routing: Resource, reach: Reach, severity: str, lost: list[Resource]) -> Verdict:
    word = safe_line(severity, 40)
    if not lost:
        return Verdict(routing, PASS, f"Alerts of severity {word} reach somebody.", routing.anchor, severity)
    alert = lost[0]
    delivery = next(iter(reach.of(told_labels(alert))), None)
    span = _delivery_span(routing, delivery) if delivery is not None else routing.anchor
    count = f"{len(lost)} alerts" if len(lost) > 1 else "One alert"
    message = f"{count} of severity {word} reach no receiver that notifies anybody."
    there = (Origin(f"{safe_line(alert.name, 80)} has this severity", alert.anchor),)
    return Verdict(routing, FAIL, message, span, severity, related=there)
