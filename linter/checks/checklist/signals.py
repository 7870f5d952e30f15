"""Checks of what alerts, records and dashboards cover, by the metrics they speak of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from linter.checks import Verdict
from linter.checks.checklist.common import Found, applies, found_or_absent, pattern, text_of
from linter.checks.monitoring import promql_words
from linter.model import FAIL, PASS, Estate, Map, Resource, Unknown
from linter.text import safe_line

ALERTS = ("monitoring/alert", "terraform/aws_cloudwatch_metric_alarm", "terraform/azurerm_monitor_metric_alert",
          "terraform/google_monitoring_alert_policy", "terraform/datadog_monitor",
          "terraform/newrelic_nrql_alert_condition")  # fmt: skip
_FIELDS = ("namespace", "metric_name", "query", "expression", "filter", "metric_query", "criteria", "event_categories",
           "nrql", "dimensions", "backup_vault_events", "event_pattern")  # fmt: skip
"""Where alarms of providers say what they look at; what they are called proves nothing."""


@lru_cache(maxsize=16)
def texts(estate: Estate, kinds: tuple[str, ...]) -> tuple[tuple[Resource, str], ...]:
    """What alerts and records look at, in words: see promql_words.words for expressions, `record:…`, `named:…`, and
    `field:…` of providers' alarms; made once for all checks of an estate."""
    return tuple((each, _words(each)) for kind in kinds for each in estate.of_kind(kind))


def _words(each: Resource) -> str:
    said = [f"named:{each.name}"]
    expression = each.body.get("expr")
    if isinstance(expression, str):
        said.append(promql_words.words(expression))
    record = each.body.get("record")
    if isinstance(record, str):
        said.append(f"record:{record}")
    for field in _FIELDS if not each.kind.startswith("monitoring/") else ():
        said += [f"field:{word}" for word in flat(each.body.get(field)).split()]
    if each.kind.startswith(("kubernetes/", "terraform/")):
        said.append(f"kind:{each.kind}")
    return " ".join(said)


def said(value: object) -> str:
    return (value.prefix or "") if isinstance(value, Unknown) else text_of(value)


def signals_covered(
    estate: Estate,
    *,
    signals: Sequence[str],
    missing: str,
    kinds: Sequence[str] = ALERTS,
    when: Sequence[str] = (),
) -> Iterator[Verdict]:
    """Something of the kinds speaks of each of the signals. signals: patterns as `(?#words)pattern`, of names,
    expressions and metrics. when: kinds without any of which nothing is judged."""
    if not applies(estate, when):
        return
    for signal in signals:
        shown = signal[3 : signal.index(")")]
        found: list[Found] = [
            (each, each.anchor, f"{each.address} speaks of {shown}.")
            for each, text in texts(estate, tuple(kinds))
            if pattern(signal).search(text)
        ]
        yield from found_or_absent(estate, found, f"{missing} {shown}", shown)


_ONCALL = (
    r"pagerduty|opsgenie|victorops|splunk.?on.?call|incident\.io|firehydrant|grafana.?oncall|squadcast|rootly|on-?call"
)
_ONCALL_KINDS = ("service", "service_integration", "escalation_policy", "schedule", "team_routing_rule", "api_integration",
                 "integration_action", "escalation", "event_orchestration")  # fmt: skip


def alerts_routed(estate: Estate) -> Iterator[Verdict]:
    """What the provider's alarms are sent to is an on-call service: by a subscription or its own resources here.

    Alertmanager's receivers are alertmanager-critical-pages' to judge. Where neither routes nor subscriptions are
    written here, routing is kept elsewhere and nothing is judged.
    """
    subscriptions = estate.of_kind("terraform/aws_sns_topic_subscription")
    services = [
        each
        for tool in ("pagerduty", "opsgenie")
        for kind in _ONCALL_KINDS
        for each in estate.of_kind(f"terraform/{tool}_{kind}")
    ]
    found: list[Found] = [(each, each.anchor, f"{each.address} calls who is on call.") for each in services]
    for each in subscriptions:
        protocol, endpoint = text_of(each.body.get("protocol")), said(each.body.get("endpoint"))
        if protocol == "sms" or (protocol in ("http", "https", "lambda", "sqs") and pattern(_ONCALL).search(endpoint)):
            found.append((each, each.anchor, f"{each.address} sends alarms to who is on call."))
    people = [each for each in subscriptions if text_of(each.body.get("protocol")) in ("email", "email-json")]
    if found or not people:
        yield from found_or_absent(estate, found, "") if found else ()
        return
    for each in people:
        yield Verdict(each, FAIL, f"{each.address} sends alarms by mail, which wakes nobody.", each.anchor)


def flat(value: object, depth: int = 6) -> str:
    """The texts below a value, the known beginnings of unknown ones among them."""
    if depth == 0:
        return ""
    if isinstance(value, Map):
        return " ".join(f"{key} {flat(each, depth - 1)}" for key, each in value.items())
    if isinstance(value, list):
        return " ".join(flat(each, depth - 1) for each in value[:200])
    return said(value)


def stores_alarmed(estate: Estate, *, pairs: Sequence[Sequence[str]]) -> Iterator[Verdict]:
    """Where there is a resource of some kind, an alarm speaks of it. pairs: [kind, pattern of alarms, words]."""
    for kind, wanted, shown in pairs:
        held = estate.of_kind(kind)
        if not held:
            continue
        found: list[Found] = [
            (each, each.anchor, f"{each.address} watches {shown}.")
            for each, text in texts(estate, ALERTS)
            if pattern(wanted).search(f"{text} {said(each.body.get('namespace'))}")
        ]
        if found:
            for resource, span, words in found:
                yield Verdict(resource, PASS, words, span, shown)
        else:
            message = f"No alarm watches {shown}, though there are some: {safe_line(held[0].address, 80)}."
            yield Verdict(held[0], FAIL, message, held[0].anchor, shown)
