"""Which files configure a collector of logs, metrics and traces, or declare objectives: by words nothing else has.

Endings say little here (`.conf` and `.toml` are everybody's), so a file counts only where its own structure shows the
program: Fluent Bit's sections with a `Name`, Logstash's sections of plugins, Vector's sinks, Splunk's stanzas in files
that it reads by that name.
"""

from __future__ import annotations

import re
from functools import cache

MAYBE_CONF, MAYBE_TOML, MAYBE_SPLUNK = "?conf", "?toml", "?splunk"
SPLUNK_NAMES = frozenset(("inputs.conf", "outputs.conf", "server.conf", "indexes.conf"))

_TOP = rb"(?m)^(?:\{[^\n]{0,4000}?)?[\"']?"
"""Where a key at the top of YAML begins: a line, or a mapping in braces that begins with one."""


@cache
def _pattern(name: str) -> re.Pattern[bytes]:
    return re.compile({
        "fluent section": rb"(?mi)^\[(?:INPUT|FILTER|OUTPUT)\][ \t]*\r?$",
        "fluent name": rb"(?mi)^[ \t]{1,200}Name[ \t]{1,200}[a-z]",
        "fluent include": rb"(?mi)^\[SERVICE\][ \t]*\r?$(?:[^\[\0]*\n)?@INCLUDE[ \t]",
        "logstash": rb"\A(?:\s|#[^\n]*\n)*(?:input|filter|output)\s*\{(?:\s|#[^\n]*\n)*"
                    rb"(?:if[ \t(]|\"?[\w-]+\"?\s*\{|\}\s*(?:input|filter|output)\s*\{)",
        "splunk": rb"(?m)^[ \t]*\[(?:tcpout(?:-server)?[\]:]|httpout[\]:]|syslog:|indexAndForward\]|volume:|sslConfig\]|"
                  rb"(?:sh)?clustering\]|(?:monitor|batch|script|udp|tcp|tcp-ssl|splunktcp|splunktcp-ssl|splunk-tcp|WinEventLog|"
                  rb"perfmon|fschange|fifo|SSL|http|journald)(?::|\]))",
        "splunk setting": rb"(?m)^[ \t]*(?:pass4SymmKey|frozenTimePeriodInSecs|homePath|coldPath|serverName|sslPassword)[ \t]*=",
        "toml sinks": rb"(?m)^[ \t]*\[{1,2}sinks\.",
        "toml sources": rb"(?m)^[ \t]*\[sources\.",
        "toml transforms": rb"(?m)^[ \t]*\[transforms\.",
        "type": rb"(?m)^[ \t]*type[ \t]*=",
        "pipeline": _TOP + rb"pipeline[\"']?[ \t]*:",
        "plugins": rb"(?m)(?:^[ \t]{1,40}|[{,][ \t]*)[\"']?(?:inputs|outputs)[\"']?[ \t]*:",
        "name": rb"(?mi)(?:^[ \t]*(?:-[ \t]+)?|[{,][ \t]*)[\"']?name[\"']?[ \t]*:",
        "filebeat": _TOP + rb"filebeat(?:\.(?:inputs|modules|autodiscover|config|prospectors|registry)[\w.]*)?[\"']?[ \t]*:",
        "sinks": _TOP + rb"sinks[\"']?[ \t]*:",
        "sources": _TOP + rb"(?:sources|transforms)[\"']?[ \t]*:",
    }[name])  # fmt: skip


def in_text(maybe: str, data: bytes) -> str | None:
    """The format of a `.conf` or `.toml` file, or of text of such a form; None where it is nobody's."""
    if maybe == MAYBE_TOML:
        routed = _has("toml sinks", data) or (_has("toml sources", data) and _has("toml transforms", data))
        return "vector" if routed and _has("type", data) else None
    if maybe == MAYBE_SPLUNK and (_has("splunk", data) or _has("splunk setting", data)):
        return "splunk"
    if (_has("fluent section", data) and _has("fluent name", data)) or _has("fluent include", data):
        return "fluent-bit"
    return "logstash" if _has("logstash", data) else None


def in_yaml(data: bytes) -> bool:
    """Whether YAML configures a collector or declares objectives of Sloth's."""
    if b"exporters" in data and b"pipelines" in data and b"service" in data:
        return True
    if b"prometheus/v1" in data and b"slos" in data:
        return True
    if b"filebeat" in data and _has("filebeat", data):
        return True
    if b"sinks" in data and _has("sinks", data) and _has("sources", data):
        return True
    return b"pipeline" in data and _has("pipeline", data) and _has("plugins", data) and _has("name", data)


def _has(name: str, data: bytes) -> bool:
    return _pattern(name).search(data) is not None
