"""Checks of what is covered: every service by an alert and a dashboard, every environment by what ships its logs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from linter.checks import Verdict
from linter.checks.checklist.common import Found, absent, found_or_absent, pattern, text_of
from linter.checks.checklist.signals import ALERTS, flat, said, texts
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
from linter.model import FAIL, PASS, UNKNOWN, Estate, Origin, Resource, Unknown
from linter.parsers.monitoring.selectors import selectors_of
from linter.text import safe_line
from linter.trees import at_path


def workloads_alerted(estate: Estate) -> Iterator[Verdict]:
    """Every Service of production is spoken of by an alert: by what its expression selects, by an alarm of a provider
    whose dimensions or tags name it or its namespace, or by an alert on any target that is down, if it is scraped."""
    told = texts(estate, ALERTS)
    if not told:
        return
    alarms = [(each, text.lower()) for each, text in told if not isinstance(each.body.get("expr"), str)]
    general = next((each for each in estate.of_kind("monitoring/alert") if _watches_targets(each)), None)
    for service, words in _services(estate):
        link = next(iter(speakers(estate, service, ALERTS_ON)), None)
        alert = link.source if link is not None else _measured(alarms, service.name, words[1:])
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


_LABELS = r"(?:kube_|kubernetes[._])?(?:service|deployment|stateful_?set|daemon_?set|workload|container|pod|app|job)(?:[._]?name)?"
_SPACES = r"(?:kube_|kubernetes[._]|k8s[._])?namespace(?:[._]?name)?"


def _measured(alarms: Iterable[tuple[Resource, str]], name: str, namespaces: list[str]) -> Resource | None:
    """The alarm that measures a workload of some name or namespace: the name stands as the value of a dimension, tag or
    label of such things. https://docs.datadoghq.com/containers/kubernetes/tag/ ,
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-EKS.html ,
    https://cloud.google.com/monitoring/api/resources#tag_k8s_container , read in November 2026."""
    wanted = [(_LABELS, name.lower()), *((_SPACES, space) for space in namespaces)]
    looks = [pattern(rf"\b{keys}\W{{1,4}}{re.escape(value)}(?![\w-])") for keys, value in wanted]
    return next((each for each, text in alarms if any(look.search(text) for look in looks)), None)


def _speaking(told: Iterable[tuple[Resource, str]], words: list[str]) -> Resource | None:
    looks = [pattern(rf"(?<!\w){re.escape(word)}(?!\w)") for word in words]
    return next((each for each, text in told if any(look.search(text) for look in looks)), None)


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
        (each, " ".join((each.name, text_of(each.body.get("uid")), flat(each.body.get("tags")))).lower())
        for each in boards
    ]
    told += [(each, flat(each.body, 12).lower()) for each in others]
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

    What AWS keeps logs in is made in one account, and says nothing of the others; what it keeps of the network, the
    account or the cluster's own parts says nothing of what runs there. agents: what ships logs counts as well.
    """
    names = sorted({
        each.environment.name
        for kind, resources in estate.kinds.items() if kind.startswith(("terraform/", "kubernetes/"))
        for each in resources if each.environment is not None and each.environment.tier
    })  # fmt: skip
    holding = [each for kind in kinds for each in estate.of_kind(kind) if not _of_the_platform(estate, each)]
    holding += log_agents(estate) if agents else []
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


_PLATFORM = frozenset(("terraform/aws_flow_log", "terraform/aws_cloudtrail", "terraform/aws_eks_cluster",
                       "terraform/aws_wafv2_web_acl_logging_configuration", "terraform/aws_networkfirewall_logging_configuration",
                       "terraform/aws_route53_query_log"))  # fmt: skip
_FIXED = ("aws-waf-logs-", "/aws/route53/", "/aws/eks/")
"""Beginnings of names that AWS gives, or asks for:
https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html ,
https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html , read in November 2026."""


def _of_the_platform(estate: Estate, holder: Resource) -> bool:
    """Whether a log group holds what AWS itself writes of networks, accounts and control planes, not what runs there."""
    if holder.kind != "terraform/aws_cloudwatch_log_group":
        return False
    if said(holder.body.get("name")).startswith(_FIXED):
        return True
    return any(link.source.kind in _PLATFORM for link in estate.incoming.get(id(holder), ()))
