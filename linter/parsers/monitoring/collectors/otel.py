"""The OpenTelemetry Collector: https://opentelemetry.io/docs/collector/configuration/ .

Client TLS as in the collector's package configtls: on unless `tls.insecure` is true or the endpoint's scheme is http.
"""

from __future__ import annotations

from collections.abc import Iterator

from linter.model import Map, Seq, Span, Unknown
from linter.parsers.monitoring.collectors.filebeat import _text
from linter.parsers.monitoring.collectors.model import (
    Part,
    Sending,
    Setting,
    by_scheme,
    listed,
    setting,
    tables,
    truth,
)
from linter.records import NamedTuple
from linter.trees import as_map, at_path

SECTIONS = {
    "receivers": "input",
    "processors": "filter",
    "exporters": "output",
    "connectors": "connector",
    "extensions": "extension",
}
_LOCAL = frozenset(("debug", "logging", "file", "nop", "prometheus"))
_SOCKETS = frozenset(("carbon", "statsd"))


class Use(NamedTuple):
    """A pipeline (or '' for the service's extensions) names a component. section: where it must be defined."""

    pipeline: str
    section: str
    name: str
    span: Span


def is_configuration(tree: Map) -> bool:
    """Whether a mapping is a collector's configuration: pipelines of a service, and something to build them of."""
    pipelines = at_path(tree, ("service", "pipelines"))
    return isinstance(pipelines, Map) and any(isinstance(tree.get(key), Map) for key in ("receivers", "exporters"))


def uses(tree: Map) -> Iterator[Use]:
    """Every component that a pipeline or the service names."""
    service = as_map(tree.get("service"))
    for name, span in _names(service.get("extensions")):
        yield Use("", "extensions", name, span)
    for pipeline, body in as_map(service.get("pipelines")).items():
        for section in ("receivers", "processors", "exporters"):
            for name, span in _names(as_map(body).get(section)):
                yield Use(str(pipeline), section, name, span)


def _names(value: object) -> Iterator[tuple[str, Span]]:
    if isinstance(value, Seq):
        for name, at in zip(value, value.at, strict=True):
            if isinstance(name, str):
                yield name, (at[0], at[3], at[4])


def parts(tree: Map) -> Iterator[Part]:
    """The components of one configuration; those that no pipeline names are not used."""
    named: set[tuple[str, str]] = set()
    for use in uses(tree):
        named.add((use.section, use.name))
        if use.section in ("receivers", "exporters"):
            named.add(("connectors", use.name))
    for section, role in SECTIONS.items():
        for name, settings, anchor, extent in tables(tree.get(section)):
            type = name.partition("/")[0]
            sending = _sending(type, settings, anchor) if role == "output" and type not in _LOCAL else None
            drops = _text(settings) if type == "filter" else ""
            yield Part(role, type, name, settings, anchor, extent, sending, drops, (section, name) in named)


def _sending(type: str, settings: Map, anchor: Span) -> Sending | None:
    hosts = listed(
        setting(
            settings, "endpoint", "endpoints", "brokers", "url", "traces_endpoint", "logs_endpoint", "http.endpoint"
        )
    )
    tls = "protocol.otlp.tls" if type == "loadbalancing" else "http.tls" if type == "opensearch" else "tls"
    if type == "loadbalancing":
        hosts = listed(setting(settings, "resolver.dns.hostname", "resolver.k8s.service", "resolver.static.hostnames"))
    skip = setting(settings, f"{tls}.insecure_skip_verify")
    verified = Setting(True, anchor)
    if skip is not None:
        off = truth(skip.value)
        verified = Setting(off if isinstance(off, Unknown) else off is not True, skip.span)
    insecure = setting(settings, f"{tls}.insecure")
    first = hosts[0].span if hosts else anchor
    if type == "kafka":
        secure = setting(settings, "tls", "auth.tls")
        return Sending(hosts, Setting(secure is not None, secure.span if secure else anchor), verified)
    if type in _SOCKETS:
        return Sending(hosts, Setting(False, first), verified)
    encrypted = by_scheme(hosts, first, default=True)
    if insecure is not None and encrypted.value is not False:
        off = truth(insecure.value)
        if off is not False and not str(hosts[0].value if hosts else "").startswith("https:"):
            encrypted = Setting(off if isinstance(off, Unknown) else off is not True, insecure.span)
    return Sending(hosts, encrypted, verified) if hosts else None


def signals(tree: Map) -> tuple[str, ...]:
    """What the pipelines carry: logs, metrics, traces, profiles."""
    names = as_map(at_path(tree, ("service", "pipelines")))
    return tuple(dict.fromkeys(str(name).partition("/")[0] for name in names))
