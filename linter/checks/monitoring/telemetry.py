"""Checks of what services tell: logs that are collected, traces that arrive, collectors that listen to the right ones."""

from __future__ import annotations

import re
from collections.abc import Iterator

from linter.checks import Verdict
from linter.estate.telemetry_links import CONFIGURED, LOGS, TRACES, endpoints, refusal
from linter.model import FAIL, PASS, Estate, Map, Origin, Resource, Span
from linter.text import safe_line
from linter.trees import as_map, at_path, maps

_COLLECTORS = r"otel|opentelemetry|collector|tempo|jaeger|alloy|grafana-agent|zipkin"
_AGENTS = (
    r"(?:^|/)(?:fluent-bit|fluentd[\w-]*|td-agent[\w-]*|promtail|alloy|grafana-agent|filebeat|vector|logstash|logspout|logagent|"
    r"splunk-otel-collector|datadog-agent|aws-for-fluent-bit|newrelic-fluentbit-output)(?:[:@]|$)"
)
_INJECTED = "instrumentation.opentelemetry.io/inject-"


def log_agents(estate: Estate) -> list[Resource]:
    """What ships logs: configurations of collectors that do, and agents on every node known by their images."""
    found = [each for each in estate.of_kind("monitoring/collector") if "logs" in each.body["signals"]]
    for container in estate.of_kind("kubernetes/container"):
        image, owner = container.body.get("image"), container.outermost
        if owner.kind == "kubernetes/DaemonSet" and isinstance(image, str) and re.search(_AGENTS, image):
            found.append(owner)
    return found


def _pods(estate: Estate, service: Resource) -> list[Resource]:
    links = estate.outgoing.get(id(service), ())
    return [link.target for link in links if link.name == "selects" and link.target.kind == "kubernetes/pod"]


def _is_judged(service: Resource) -> bool:
    return service.environment is None or service.environment.tier == "production"


def services_logged(estate: Estate, *, kind: str = "kubernetes/Service") -> Iterator[Verdict]:
    """The logs of every service of production are taken by an agent, where the repository has one for some."""
    agents = {id(link.target): link.target for links in estate.outgoing.values() for link in links if link.name == LOGS}
    for service in estate.of_kind(kind) if agents else ():
        for pod in _pods(estate, service) if _is_judged(service) else ():
            name = safe_line(service.address, 80)
            taken = [link.target for link in estate.outgoing.get(id(pod), ()) if link.name == LOGS]
            if taken:
                yield Verdict(
                    service, PASS, f"{safe_line(taken[0].name, 80)} takes the logs of {name}.", taken[0].anchor
                )
                continue
            refused = next((span for agent in agents.values() if (span := refusal(agent, pod)) is not None), None)
            why = "its pods tell the agent not to" if refused else "no agent of this environment does"
            yield Verdict(service, FAIL, f"Nobody takes the logs of {name}: {why}.", refused or service.anchor)


def services_traced(estate: Estate, *, kind: str = "kubernetes/Service") -> Iterator[Verdict]:
    """Every service of production sends traces, where some workload of the repository does."""
    traced = {
        id(each.outermost): each for each in estate.of_kind("kubernetes/container") if next(endpoints(each), None)
    }
    for service in estate.of_kind(kind) if traced else ():
        pods = _pods(estate, service) if _is_judged(service) else []
        if not pods or _is_collector(estate, service):
            continue
        name = safe_line(service.address, 80)
        found = next((span for pod in pods if (span := _tracing(traced, pod)) is not None), None)
        if found is not None:
            yield Verdict(service, PASS, f"{name} sends traces.", found)
        else:
            yield Verdict(service, FAIL, f"{name} sends no traces, though others do.", service.anchor)


def _tracing(traced: dict[int, Resource], pod: Resource) -> Span | None:
    container = traced.get(id(pod.outermost))
    if container is not None:
        return next(endpoints(container))[2]
    annotations = as_map(at_path(pod.context["template"], ("metadata", "annotations")))
    for key, value in annotations.items():
        if str(key).startswith(_INJECTED) and str(value).lower() not in ("false", "none"):
            source, start, end, _, _ = annotations.at[key]
            return source, start, end
    return None


def _is_collector(estate: Estate, service: Resource) -> bool:
    """Whether a Service leads to a collector or store of traces, by its name or its pods' images."""
    if re.search(_COLLECTORS, service.name.lower()):
        return True
    images = (item.get("image") for pod in _pods(estate, service) for item in maps(pod.body.get("containers")))
    return any(isinstance(image, str) and re.search(_COLLECTORS, image) for image in images)


def trace_endpoints_exist(estate: Estate, *, kind: str = "kubernetes/container") -> Iterator[Verdict]:
    """A container's OTLP endpoint is a Service that is here. Where no collector is, it is kept elsewhere: nothing is judged."""
    collectors: list[Resource] | None = None
    for container in estate.of_kind(kind):
        for link in estate.outgoing.get(id(container), ()):
            if link.name == TRACES and link.span is not None:
                message = f"{safe_line(container.address, 80)} sends traces to {safe_line(link.target.address, 80)}."
                yield Verdict(container, PASS, message, link.span, link.path)
        for reference in container.references:
            if reference.name != TRACES or not isinstance(reference.target, str) or reference.span is None:
                continue
            if collectors is None:
                collectors = [each for each in estate.of_kind("kubernetes/Service") if _is_collector(estate, each)]
            if collectors:
                here = collectors[0]
                message = f"No Service answers to {safe_line(reference.target, 80)}: these traces are lost."
                there = (Origin(f"{safe_line(here.address, 80)} collects here", here.anchor),)
                yield Verdict(container, FAIL, message, reference.span, reference.path, related=there)


def receivers_bound(estate: Estate, *, kind: str = "monitoring/input") -> Iterator[Verdict]:
    """A collector in the node's network does not listen on all its addresses. In a network of its own it may."""
    pods: dict[int, list[Resource]] = {}
    for collector in estate.of_kind("monitoring/collector"):
        links = estate.incoming.get(id(collector), ())
        pods[id(collector)] = [link.source for link in links if link.name == CONFIGURED]
    for part in estate.of_kind(kind):
        runs = pods.get(id(part.owner), [])
        if part.body["system"] != "otel" or part.body["used"] is False or not runs:
            continue
        open_to = next((pod for pod in runs if pod.body.get("hostNetwork") is True), None)
        for path, value, span in _listening(as_map(part.body.get("settings"))):
            wide = value.startswith(("0.0.0.0:", "[::]:", ":"))
            name = f"{safe_line(part.name, 60)} ({path})"
            if wide and open_to is not None:
                message = f"{name} listens on all addresses of the node, whose network its pod shares."
                there = (Origin(f"{safe_line(open_to.address, 80)} runs it", open_to.anchor),)
                yield Verdict(part, FAIL, message, span, path, related=there)
            else:
                yield Verdict(part, PASS, f"{name} listens where it may.", span, path)


def _listening(settings: Map) -> Iterator[tuple[str, str, Span]]:
    holders = [("", settings), *((str(key), as_map(each)) for key, each in as_map(settings.get("protocols")).items())]
    for name, holder in holders:
        value, entry = holder.get("endpoint"), holder.at.get("endpoint")
        if isinstance(value, str) and entry is not None:
            yield name or "endpoint", value, (entry[0], entry[3], entry[4])
