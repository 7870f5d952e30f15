"""Logstash's pipelines: https://www.elastic.co/docs/reference/logstash/plugins/output-plugins ."""

from __future__ import annotations

from collections.abc import Iterator

from linter.model import Map, Span
from linter.parsers.monitoring.collectors.model import Part, Sending, Setting, by_scheme, listed, setting, truth
from linter.trees import as_map, maps

_TLS = ("ssl_enabled", "ssl_enable", "ssl", "enable_ssl", "use_tls")
_HOSTS = ("hosts", "host", "url", "bootstrap_servers", "uri")
_URLS = frozenset(("elasticsearch", "opensearch", "http", "loki", "influxdb"))
_PLAIN = frozenset(
    ("tcp", "redis", "rabbitmq", "syslog", "gelf", "udp", "graphite", "email", "mongodb", "stomp", "irc")
)
_LOG_INPUTS = frozenset(("beats", "elastic_agent", "file", "syslog", "tcp", "udp", "gelf", "kafka", "http", "stdin"))


def parts(tree: Map) -> Iterator[Part]:
    """The plugins of one file; what a filter drops is what the conditions around it say."""
    for role in ("input", "filter", "output"):
        for plugin in maps(tree.get(role)):
            type, settings = str(plugin["plugin"]), as_map(plugin.get("settings"))
            entry = plugin.at["plugin"]
            anchor = (entry[0], entry[3], entry[4])
            identity = settings.get("id")
            conditions = " ".join(plugin["when"]) or "everything"
            yield Part(
                role,
                type,
                identity if isinstance(identity, str) else type,
                settings,
                anchor,
                plugin.span,
                _sending(type, settings, anchor) if role == "output" else None,
                conditions if type == "drop" and role == "filter" else "",
            )


def _sending(type: str, settings: Map, anchor: Span) -> Sending | None:
    hosts = listed(setting(settings, *_HOSTS))
    tls, mode = setting(settings, *_TLS), setting(settings, "ssl_verification_mode")
    verify = setting(settings, "ssl_certificate_verification", "ssl_verify", "cacert_verify")
    verified = Setting(True, anchor)
    if mode is not None:
        verified = Setting(str(mode.value).lower() != "none", mode.span)
    elif verify is not None:
        verified = Setting(truth(verify.value), verify.span)
    if type == "kafka":
        protocol = setting(settings, "security_protocol")
        secure = Setting("SSL" in str(protocol.value).upper(), protocol.span) if protocol else Setting(False, anchor)
        return Sending(hosts, secure, verified)
    if type == "syslog":
        protocol = setting(settings, "protocol")
        secure = Setting("ssl" in str(protocol.value), protocol.span) if protocol else Setting(False, anchor)
        return Sending(hosts, secure, verified)
    if type == "logstash":
        return Sending(hosts, Setting(truth(tls.value), tls.span) if tls else Setting(True, anchor), verified)
    if type not in _URLS and type not in _PLAIN:
        return None
    if tls is not None:
        return Sending(hosts, Setting(truth(tls.value), tls.span), verified)
    if "cloud_id" in settings:
        return Sending((), Setting(True, anchor), verified)
    first = hosts[0].span if hosts else anchor
    encrypted = by_scheme(hosts, first, default=False) if type in _URLS else Setting(False, first)
    return Sending(hosts, encrypted, verified)


def reads_logs(part: Part) -> bool:
    """Whether an input takes in logs."""
    return part.role == "input" and part.type in _LOG_INPUTS
