"""Workloads and the collectors that take their logs and traces: links `configured_by`, `logs_to` and `traces_to`.

A pod is configured by the collector's file in a ConfigMap it mounts. An agent on every node (a DaemonSet that reads what
containers write, https://kubernetes.io/docs/concepts/cluster-administration/logging/) takes the logs of all pods of its
environment but of those that say no. The OTLP exporter's variables name where an application sends its traces
(https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
"""

from __future__ import annotations

from collections.abc import Iterator

from linter.model import Estate, Link, Map, Reference, Resource, Seq, Span, Unknown
from linter.trees import as_map, at_path, maps

CONFIGURED, LOGS, TRACES = "configured_by", "logs_to", "traces_to"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_NODE_PATHS = ("/var/log/containers", "/var/log/pods", "/var/lib/docker/containers")
_NODE_TYPES = frozenset(("kubernetes_logs", "container", "autodiscover kubernetes", "docker"))
_REFUSALS = {
    "fluent-bit": ("annotations", "fluentbit.io/exclude", "true"),
    "filebeat": ("annotations", "co.elastic.logs/enabled", "false"),
    "vector": ("labels", "vector.dev/exclude", "true"),
}
"""By what a pod tells a collector not to take its logs (the manuals' Kubernetes pages of each)."""


def resolve(estate: Estate) -> None:
    """Link what is configured, then what is collected and sent; endpoints that name nothing here become references."""
    configured = _configure(estate)
    agents = [each for each in estate.of_kind("monitoring/collector") if _on_every_node(estate, each, configured)]
    for pod in estate.of_kind("kubernetes/pod") if agents else ():
        for agent in agents:
            if _meets(agent, pod) and refusal(agent, pod) is None:
                estate.link(Link(LOGS, "", pod, agent))
    _trace(estate)


def _configure(estate: Estate) -> dict[int, list[Resource]]:
    """id(collector) → the pods that run with its file."""
    holders: dict[Span, list[Resource]] = {}
    for kind in ("kubernetes/ConfigMap", "kubernetes/Secret") if estate.of_kind("monitoring/collector") else ():
        for each in estate.of_kind(kind):
            holders.setdefault(each.anchor, []).append(each)
    found: dict[int, list[Resource]] = {}
    for collector in estate.of_kind("monitoring/collector"):
        entry = as_map(collector.context["object"].get("metadata")).at.get("name")
        for holder in holders.get((entry[0], entry[3], entry[4]), ()) if entry else ():
            for link in estate.incoming.get(id(holder), ()):
                if link.source.kind == "kubernetes/pod":
                    found.setdefault(id(collector), []).append(link.source)
    for collector in estate.of_kind("monitoring/collector"):
        for pod in found.get(id(collector), ()):
            estate.link(Link(CONFIGURED, "volumes", pod, collector))
    return found


def _on_every_node(estate: Estate, collector: Resource, configured: dict[int, list[Resource]]) -> bool:
    """Whether a DaemonSet runs a collector that reads what the node's containers write."""
    if not any(pod.owner and pod.owner.kind == "kubernetes/DaemonSet" for pod in configured.get(id(collector), ())):
        return False
    group = (collector.unit, at_path(collector.context["object"], ("metadata", "name")))
    for part in estate.of_kind("monitoring/input"):
        # The inputs may stand in another file of the same object.
        if (part.unit, at_path(part.context["object"], ("metadata", "name"))) == group:
            paths = " ".join(_texts(part.body.get("settings")))
            if part.body["type"] in _NODE_TYPES or any(path in paths for path in _NODE_PATHS):
                return "logs" in collector.body["signals"]
    return False


def _texts(settings: object) -> Iterator[str]:
    for key in ("path", "paths", "include"):
        value = settings.get(key) if isinstance(settings, Map) else None
        for text in value if isinstance(value, Seq) else (value,):
            if isinstance(text, str):
                yield text


def _meets(one: Resource, other: Resource) -> bool:
    return one.environment is None or other.environment is None or one.environment == other.environment


def refusal(agent: Resource, pod: Resource) -> Span | None:
    """Where a pod tells a collector not to take its logs."""
    group, key, word = _REFUSALS.get(agent.body["system"], ("", "", ""))
    holder = as_map(at_path(pod.context["template"], ("metadata", group)))
    value, entry = holder.get(key), holder.at.get(key)
    if entry is not None and str(value).lower() == word:
        return entry[0], entry[3], entry[4]
    return None


def _trace(estate: Estate) -> None:
    services: dict[str, list[Resource]] | None = None
    for container in estate.of_kind("kubernetes/container"):
        for name, value, span in endpoints(container):
            services = _by_name(estate) if services is None else services
            host = host_of(value)
            parts = host.split(".")
            if not host or (len(parts) > 1 and parts[2:3] not in ([], ["svc"])) or len(parts) > 5:
                continue
            space = parts[1] if len(parts) > 1 else _namespace(container.outermost)
            found = [
                each for each in services.get(parts[0], ()) if _namespace(each) == space and _meets(each, container)
            ]
            for service in found:
                estate.link(Link(TRACES, f"env.{name}", container, service, span))
            if not found:
                container.references.append(Reference(TRACES, f"env.{name}", host, span))


def _by_name(estate: Estate) -> dict[str, list[Resource]]:
    found: dict[str, list[Resource]] = {}
    for service in estate.of_kind("kubernetes/Service"):
        found.setdefault(service.name, []).append(service)
    return found


def _namespace(resource: Resource) -> str:
    space = at_path(resource.body, ("metadata", "namespace"))
    return space if isinstance(space, str) else "" if isinstance(space, Unknown) else "default"


def endpoints(container: Resource) -> Iterator[tuple[str, str, Span]]:
    """(variable, value, place) of a container's literal OTLP endpoints."""
    for variable in maps(container.body.get("env")):
        name, value, entry = variable.get("name"), variable.get("value"), variable.at.get("value")
        if isinstance(name, str) and name in ENDPOINTS and isinstance(value, str) and entry is not None:
            yield name, value, (entry[0], entry[3], entry[4])


def host_of(endpoint: str) -> str:
    """The host of `http://collector.tracing:4317`, '' where a variable stands in it or it is no name."""
    host = (endpoint.partition("://")[2] or endpoint).partition("/")[0].partition(":")[0].lower().rstrip(".")
    return host if host and "$" not in host and not host.replace(".", "").isdigit() and host != "localhost" else ""
