"""Fluent Bit: sections of the classic format, and `pipeline` of its YAML.

https://docs.fluentbit.io/manual/administration/transport-security (TLS is off and certificates are checked by default),
https://docs.fluentbit.io/manual/pipeline/outputs .
"""

from __future__ import annotations

from collections.abc import Iterator

from linter.model import Map, Span
from linter.parsers.monitoring.collectors.model import (
    Part,
    Sending,
    Setting,
    from_outside,
    listed,
    lowered,
    setting,
    truth,
)
from linter.trees import as_map, maps

_ROLES = {"input": "input", "filter": "filter", "output": "output"}
_PLAIN = frozenset(
    ("es", "opensearch", "elasticsearch", "http", "forward", "splunk", "loki", "tcp", "influxdb", "datadog", "opentelemetry",
     "prometheus_remote_write", "td", "nats", "skywalking", "vivo_exporter", "kafka-rest")
)  # fmt: skip
"""Outputs that send over a network in clear unless `tls` is on (the manual's pages of outputs, read in 2026)."""
_LOG_INPUTS = frozenset(("tail", "systemd", "syslog", "forward", "kubernetes_events", "docker", "winlog", "winevtlog"))


def parts(tree: Map) -> Iterator[Part]:
    """The parts of one file."""
    for section in maps(tree.get("sections")):
        role = _ROLES.get(str(section.get("section")))
        entries = as_map(section.get("entries"))
        name = entries.get("name")
        if role and isinstance(name, str):
            entry = entries.at["name"]
            yield _part(role, name, entries, (entry[0], entry[3], entry[4]), section.span)
    pipeline = as_map(tree.get("pipeline"))
    for key in ("inputs", "filters", "outputs"):
        for item in maps(pipeline.get(key)):
            settings = lowered(item)
            written = settings.at.get("name")
            if isinstance(settings.get("name"), str) and written:
                anchor = (written[0], written[3], written[4])
                yield _part(key[:-1], settings["name"], settings, anchor, item.span)


def _part(role: str, type: str, settings: Map, anchor: Span, extent: Span) -> Part:
    type = type.lower()
    alias = settings.get("alias")
    sending = _sending(type, settings, anchor) if role == "output" else None
    drops = ""
    if type == "grep":
        found = setting(settings, "exclude")
        drops = " ".join(str(each.value) for each in listed(found)) if found else ""
    return Part(role, type, alias if isinstance(alias, str) else type, settings, anchor, extent, sending, drops)


def _sending(type: str, settings: Map, anchor: Span) -> Sending | None:
    hosts = listed(setting(settings, "host", "brokers", "url"))
    if not hosts and "upstream" in settings:
        unknown = from_outside("${upstream}")
        hosts = (Setting(unknown, anchor),)
    verify = setting(settings, "tls.verify")
    verified = Setting(truth(verify.value), verify.span) if verify else Setting(True, anchor)
    if type == "kafka":
        protocol = setting(settings, "rdkafka.security.protocol")
        secure = Setting("ssl" in str(protocol.value).lower(), protocol.span) if protocol else Setting(False, anchor)
        return Sending(hosts, secure, Setting(True, anchor))
    if type in ("gelf", "syslog"):
        mode = setting(settings, "tls", "mode")
        on = mode is not None and (truth(mode.value) is True or str(mode.value).lower() == "tls")
        return Sending(hosts, Setting(on, mode.span if mode else anchor), verified)
    if type not in _PLAIN or "unix_path" in settings:
        return None
    tls = setting(settings, "tls")
    encrypted = Setting(truth(tls.value), tls.span) if tls else Setting(False, anchor)
    return Sending(hosts, encrypted, verified)


def reads_logs(part: Part) -> bool:
    """Whether an input takes in logs."""
    return part.role == "input" and part.type in _LOG_INPUTS


def is_complete(tree: Map) -> bool:
    """Whether a file is all there is: nothing is included."""
    included = any(each.get("command") == "include" for each in maps(tree.get("commands")))
    return not included and "includes" not in tree
