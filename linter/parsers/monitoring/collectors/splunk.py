"""Splunk's forwarders and indexers: stanzas of inputs.conf, outputs.conf, server.conf and indexes.conf.

Encodes the .spec files of Splunk Enterprise 9: `[tcpout]` holds defaults of its groups; `useSSL` is `legacy` by default,
which is TLS where `clientCert` is set; `sslVerifyServerCert` is false by default.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from linter.model import Map, Span, merge
from linter.parsers.monitoring.collectors.model import Part, Sending, Setting, by_scheme, listed, setting, truth
from linter.trees import as_map, maps


def parts(tree: Map, file: str) -> Iterator[Part]:
    """The inputs, output groups or indexes of one file, by its name."""
    name = posixpath.basename(file)
    stanzas = [(str(each["section"]), each) for each in maps(tree.get("sections"))]
    if name == "outputs.conf":
        yield from _outputs(stanzas)
    elif name == "inputs.conf":
        for title, each in stanzas:
            type = title.partition(":")[0]
            if title not in ("default", "SSL") and truth(_entries(each).get("disabled")) is not True:
                yield Part("input", type, title, _entries(each), _anchor(each), each.span)
    elif name == "indexes.conf":
        for title, each in stanzas:
            if title != "default" and not title.startswith(("volume:", "provider")):
                yield Part("index", "index", title, _entries(each), _anchor(each), each.span)


def _entries(stanza: Map) -> Map:
    return as_map(stanza.get("entries"))


def _anchor(stanza: Map) -> Span:
    source, _, _, start, end = stanza.at["section"]
    return source, start, end


def _outputs(stanzas: list[tuple[str, Map]]) -> Iterator[Part]:
    defaults = [_entries(each) for title, each in stanzas if title == "tcpout"]
    servers = {
        title.partition("://")[2]: _entries(each) for title, each in stanzas if title.startswith("tcpout-server://")
    }
    for title, each in stanzas:
        type, _, group = title.partition(":")
        anchor = _anchor(each)
        if type == "tcpout" and group:
            own = _entries(each)
            alone = [servers[host.value] for host in listed(setting(own, "server")) if host.value in servers]
            settings = merge([*defaults, own, *alone], own.span)
            yield Part("output", type, group, settings, anchor, each.span, _tcpout(settings, anchor))
        elif type == "syslog" and group:
            hosts = listed(setting(_entries(each), "server"))
            sending = Sending(hosts, Setting(False, anchor), Setting(True, anchor))
            yield Part("output", type, group, _entries(each), anchor, each.span, sending)
        elif title == "httpout" or type == "httpout":
            hosts = listed(setting(_entries(each), "uri"))
            sending = Sending(hosts, by_scheme(hosts, anchor, default=True), _verified(_entries(each), anchor))
            yield Part("output", "httpout", group or "httpout", _entries(each), anchor, each.span, sending)


def _tcpout(settings: Map, anchor: Span) -> Sending:
    hosts = listed(setting(settings, "server"))
    wanted = setting(settings, "useSSL")
    certificate = setting(settings, "clientCert", "sslCertPath")
    if wanted is not None and str(wanted.value).lower() != "legacy":
        encrypted = Setting(truth(wanted.value), wanted.span)
    else:
        encrypted = Setting(True, certificate.span) if certificate else Setting(False, anchor)
    return Sending(hosts, encrypted, _verified(settings, anchor))


def _verified(settings: Map, anchor: Span) -> Setting:
    found = setting(settings, "sslVerifyServerCert")
    return Setting(truth(found.value), found.span) if found else Setting(False, anchor)
