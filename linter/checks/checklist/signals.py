"""Checks of what alerts, records and dashboards cover, by the metrics they speak of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from linter.checks import Verdict
from linter.checks.checklist.common import Found, absent, applies, found_or_absent, pattern, text_of
from linter.checks.monitoring import promql_words
from linter.checks.monitoring.telemetry import log_agents
from linter.estate.monitoring_links import (
    ALERTS_ON,
    CONTAINER_LABELS,
    NAMESPACE_LABELS,
    POD_LABELS,
    SERVICE_LABELS,
    SHOWS,
    WORKLOAD_LABELS,
    expressions,
    speakers,
)
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Origin, Resource, Unknown
from linter.parsers.monitoring.selectors import selectors_of
from linter.text import safe_line
from linter.trees import at_path

ALERTS = ("monitoring/alert", "terraform/aws_cloudwatch_metric_alarm", "terraform/azurerm_monitor_metric_alert",
          "terraform/google_monitoring_alert_policy", "terraform/datadog_monitor",
          "terraform/newrelic_nrql_alert_condition")  # fmt: skip
_FIELDS = ("namespace", "metric_name", "query", "expression", "filter", "metric_query", "criteria", "event_categories",
           "nrql", "dimensions", "backup_vault_events", "event_pattern")  # fmt: skip
"""Where alarms of providers say what they look at; what they are called proves nothing."""


@lru_cache(maxsize=16)
def _texts(estate: Estate, kinds: tuple[str, ...]) -> tuple[tuple[Resource, str], ...]:
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
        said += [f"field:{word}" for word in _flat(each.body.get(field)).split()]
    if each.kind.startswith(("kubernetes/", "terraform/")):
        said.append(f"kind:{each.kind}")
    return " ".join(said)


def _said(value: object) -> str:
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
            for each, text in _texts(estate, tuple(kinds))
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
        protocol, endpoint = text_of(each.body.get("protocol")), _said(each.body.get("endpoint"))
        if protocol == "sms" or (protocol in ("http", "https", "lambda", "sqs") and pattern(_ONCALL).search(endpoint)):
            found.append((each, each.anchor, f"{each.address} sends alarms to who is on call."))
    people = [each for each in subscriptions if text_of(each.body.get("protocol")) in ("email", "email-json")]
    if found or not people:
        yield from found_or_absent(estate, found, "") if found else ()
        return
    for each in people:
        yield Verdict(each, FAIL, f"{each.address} sends alarms by mail, which wakes nobody.", each.anchor)


def _flat(value: object, depth: int = 6) -> str:
    """The texts below a value, the known beginnings of unknown ones among them."""
    if depth == 0:
        return ""
    if isinstance(value, Map):
        return " ".join(f"{key} {_flat(each, depth - 1)}" for key, each in value.items())
    if isinstance(value, list):
        return " ".join(_flat(each, depth - 1) for each in value[:200])
    return _said(value)


def stores_alarmed(estate: Estate, *, pairs: Sequence[Sequence[str]]) -> Iterator[Verdict]:
    """Where there is a resource of some kind, an alarm speaks of it. pairs: [kind, pattern of alarms, words]."""
    for kind, wanted, shown in pairs:
        held = estate.of_kind(kind)
        if not held:
            continue
        found: list[Found] = [
            (each, each.anchor, f"{each.address} watches {shown}.")
            for each, text in _texts(estate, ALERTS)
            if pattern(wanted).search(f"{text} {_said(each.body.get('namespace'))}")
        ]
        if found:
            for resource, span, words in found:
                yield Verdict(resource, PASS, words, span, shown)
        else:
            message = f"No alarm watches {shown}, though there are some: {safe_line(held[0].address, 80)}."
            yield Verdict(held[0], FAIL, message, held[0].anchor, shown)


def workloads_alerted(estate: Estate) -> Iterator[Verdict]:
    """Every Service of production is spoken of by an alert: by what its expression selects, by a text with its name, or
    by an alert on any target that is down, if the Service is scraped. An alarm of a provider may name the namespace.
    """
    told = [
        (each, each.name.lower() if isinstance(each.body.get("expr"), str) else text.lower())
        for each, text in _texts(estate, ALERTS)
    ]
    if not told:
        return
    alarms = [(each, text) for each, text in told if not isinstance(each.body.get("expr"), str)]
    general = next((each for each in estate.of_kind("monitoring/alert") if _watches_targets(each)), None)
    for service, words in _services(estate):
        link = next(iter(speakers(estate, service, ALERTS_ON)), None)
        alert = link.source if link is not None else _speaking(told, words[:1]) or _speaking(alarms, words)
        if alert is None and general is not None and _is_scraped(estate, service):
            alert = general
        if alert is not None:
            yield Verdict(service, PASS, f"{alert.address} watches {service.address}.", alert.anchor)
        else:
            yield Verdict(service, FAIL, f"No alert speaks of {service.address}.", service.anchor)


def _watches_targets(alert: Resource) -> bool:
    """Whether an alert counts the targets that are down, whichever they are."""
    expression = alert.body.get("expr")
    read = promql_words.read(expression) if isinstance(expression, str) else None
    return read is not None and any(
        each.metric == "up" and not any(sign == "=" for sign, _ in each.matchers.values()) for each in read.selectors
    )


def _is_scraped(estate: Estate, service: Resource) -> bool:
    """By a monitor that selects it, or by annotations or discovery where the repository has no monitors."""
    monitors = ("kubernetes/ServiceMonitor", "kubernetes/PodMonitor")
    if not any(estate.of_kind(kind) for kind in monitors):
        return True
    around = [
        service.outermost,
        *(link.target for link in estate.outgoing.get(id(service), ()) if link.name == "selects"),
    ]
    return any(link.source.kind in monitors for each in around for link in estate.incoming.get(id(each), ()))


def _services(estate: Estate) -> Iterator[tuple[Resource, list[str]]]:
    """The Services of production that stand for pods, with what a text may call them, in lower case."""
    for service in estate.of_kind("kubernetes/Service"):
        if service.environment is not None and service.environment.tier not in ("production", ""):
            continue
        if at_path(service.body, ("spec", "type")) == "ExternalName":
            continue
        namespace = text_of(at_path(service.body, ("metadata", "namespace")))
        yield service, [word for word in (service.name.lower(), namespace.lower()) if word and word != "default"]


def _speaking(told: Iterable[tuple[Resource, str]], words: list[str]) -> Resource | None:
    return next((each for each, text in told if any(word in text for word in words)), None)


DASHBOARDS = (
    "terraform/datadog_dashboard", "terraform/datadog_dashboard_json", "terraform/aws_cloudwatch_dashboard",
    "terraform/google_monitoring_dashboard", "terraform/newrelic_one_dashboard", "terraform/newrelic_one_dashboard_json",
)  # fmt: skip
_TEMPLATED = frozenset((*WORKLOAD_LABELS, *POD_LABELS, *CONTAINER_LABELS, *SERVICE_LABELS, *NAMESPACE_LABELS))


def services_shown(estate: Estate) -> Iterator[Verdict]:
    """Every Service of production is on a dashboard: by what a panel's query selects, or by its title, uid or tags.

    Judged where dashboards are kept. A dashboard whose reader chooses what it shows may show any of them.
    """
    boards = estate.of_kind("monitoring/dashboard")
    others = [each for kind in DASHBOARDS for each in estate.of_kind(kind)]
    if not boards and not others:
        return
    told = [
        (each, " ".join((each.name, text_of(each.body.get("uid")), _flat(each.body.get("tags")))).lower())
        for each in boards
    ]
    told += [(each, _flat(each.body, 12).lower()) for each in others]
    chosen = next((each for each in boards if _is_chosen(each)), None)
    for service, words in _services(estate):
        link = next(iter(speakers(estate, service, SHOWS)), None)
        board = link.source if link is not None else _speaking(told, words)
        if board is not None:
            yield Verdict(service, PASS, f"{safe_line(board.name, 80)} shows {service.address}.", board.anchor)
        elif chosen is not None:
            why = Unknown(
                "run-time",
                f"what a reader of {safe_line(chosen.name, 80)} chooses",
                "Name the service in a dashboard of its own.",
            )
            message = f"Whether a dashboard shows {service.address} is unknown: {why.subject}."
            yield Verdict(
                service,
                UNKNOWN,
                message,
                service.anchor,
                related=(Origin("this dashboard", chosen.anchor),),
                unknowns=(why,),
            )
        else:
            yield Verdict(service, FAIL, f"No dashboard shows {service.address}.", service.anchor)


def _is_chosen(board: Resource) -> bool:
    return any(_TEMPLATED & selector.open for query, _ in expressions(board) for selector in selectors_of(query))


def monitoring_configured(
    estate: Estate, *, missing: str, kinds: Sequence[str], agents: bool = False
) -> Iterator[Verdict]:
    """Each environment with workloads or infrastructure has something of the kinds, or of a kind that is for all.

    What AWS keeps logs in is made in one account, and says nothing of the others.
    agents: what ships logs counts as well.
    """
    names = sorted({
        each.environment.name
        for kind, resources in estate.kinds.items() if kind.startswith(("terraform/", "kubernetes/"))
        for each in resources if each.environment is not None and each.environment.tier
    })  # fmt: skip
    holding = [each for kind in kinds for each in estate.of_kind(kind)] + (log_agents(estate) if agents else [])
    general = [
        each for each in holding if each.environment is None and not (names and each.kind.startswith("terraform/aws_"))
    ]
    for name in names or [""]:
        found: list[Found] = [
            (each, each.anchor, f"{each.address} is there.")
            for each in holding
            if each.environment is not None and each.environment.name == name
        ]
        message = f"{missing} in {safe_line(name, 60)}" if name else missing
        if found or general:
            yield from found_or_absent(
                estate, found or [(e, e.anchor, f"{e.address} is there.") for e in general], message
            )
        else:
            yield from absent(estate, message, name)
