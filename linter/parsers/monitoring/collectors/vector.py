"""Vector: sources, transforms and sinks in TOML or YAML.

https://vector.dev/docs/reference/configuration/ (`tls.enabled` is false, `tls.verify_certificate` and
`tls.verify_hostname` are true by default; sinks that take a URL are reached as its scheme says).
"""

from __future__ import annotations

from collections.abc import Iterator

from linter.model import Map, Span
from linter.parsers.monitoring.collectors.model import (
    Part,
    Sending,
    Setting,
    by_scheme,
    listed,
    scheme_of,
    setting,
    tables,
    truth,
)

_ROLES = {"sources": "input", "transforms": "filter", "sinks": "output"}
_SOCKETS = frozenset(("vector", "socket", "kafka", "papertrail", "syslog", "statsd"))
_LOCAL = frozenset(("console", "file", "blackhole", "prometheus_exporter"))
_METRIC_INPUTS = frozenset(
    ("host_metrics", "internal_metrics", "prometheus_scrape", "prometheus_remote_write", "statsd", "apache_metrics",
     "nginx_metrics", "mongodb_metrics", "postgresql_metrics", "aws_ecs_metrics", "eventstoredb_metrics", "static_metrics",
     "prometheus_pushgateway")
)  # fmt: skip


def parts(tree: Map) -> Iterator[Part]:
    """The components of one file; one that no other takes in is not used."""
    for key, role in _ROLES.items():
        for name, settings, anchor, extent in tables(tree.get(key)):
            type = settings.get("type")
            type = type if isinstance(type, str) else ""
            sending = _sending(type, settings, anchor) if role == "output" and type not in _LOCAL else None
            found = setting(settings, "condition", "condition.source") if type in ("filter", "sample") else None
            yield Part(role, type, name, settings, anchor, extent, sending, _condition(found))


def _condition(found: Setting | None) -> str:
    """What a filter lets through: an event of which this is not true is dropped."""
    value = found.value if found else ""
    if isinstance(value, Map):
        value = value.get("source")
    return value if isinstance(value, str) else ""


def _sending(type: str, settings: Map, anchor: Span) -> Sending | None:
    hosts = listed(
        setting(settings, "endpoint", "endpoints", "uri", "url", "protocol.uri", "address", "bootstrap_servers")
    )
    verified = Setting(True, anchor)
    for key in ("tls.verify_certificate", "tls.verify_hostname"):
        found = setting(settings, key)
        if found is not None and truth(found.value) is not True:
            verified = Setting(truth(found.value), found.span)
            break
    if type in _SOCKETS:
        if str(settings.get("mode")) == "unix":
            return None
        tls = setting(settings, "tls.enabled")
        if type == "vector" and any(scheme_of(host.value) == "https" for host in hosts):
            return Sending(hosts, Setting(True, hosts[0].span), verified)
        return Sending(hosts, Setting(truth(tls.value), tls.span) if tls else Setting(False, anchor), verified)
    return Sending(hosts, by_scheme(hosts, anchor, default=True), verified) if hosts else None


def reads_logs(part: Part) -> bool:
    """Whether a source takes in logs."""
    return part.role == "input" and part.type not in _METRIC_INPUTS
