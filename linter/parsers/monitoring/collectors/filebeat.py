"""Filebeat: `filebeat.yml`, whose keys may be written with dots at any level.

https://www.elastic.co/docs/reference/beats/filebeat/configuring-output , …/configuration-ssl ("SSL settings are disabled
if either enabled is set to false or the ssl section is missing"; certificates are checked by default).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model import Map, Span
from linter.parsers.monitoring.collectors.model import (
    Part,
    Sending,
    Setting,
    by_scheme,
    each_named,
    listed,
    setting,
    tables,
    truth,
)
from linter.trees import as_map, maps, put

_DEEPEST = 20
_LOCAL = frozenset(("console", "file", "discard"))


def nested(value: Any, depth: int = 0) -> Any:
    """A mapping with its dotted keys taken apart; each part of a key stands where the key does."""
    if not isinstance(value, Map) or depth > _DEEPEST:
        return value
    made = Map(value.span)
    made.open = value.open
    for key, held in value.items():
        entry = value.at.get(key, (value.span[0], *(value.span[1],) * 3, value.span[2]))
        body, parts = made, str(key).split(".")[:_DEEPEST]
        for part in parts[:-1]:
            inner = body.get(part)
            if not isinstance(inner, Map):
                inner = Map((entry[0], entry[1], entry[4]))
                put(body, part, inner, entry)
            body = inner
        below, last = nested(held, depth + 1), body.get(parts[-1])
        if isinstance(last, Map) and isinstance(below, Map):
            for name, item in below.items():
                put(last, name, item, below.at.get(name, entry))
        else:
            put(body, parts[-1], below, entry)
    return made


def parts(tree: Map) -> Iterator[Part]:
    """Inputs, modules, processors and the output of one file."""
    body = nested(tree)
    beat = as_map(body.get("filebeat"))
    for key in ("inputs", "prospectors"):
        for type, settings, anchor in each_named(beat.get(key), "type"):
            yield Part("input", type, type, settings, anchor, settings.span)
    for module, settings, anchor in each_named(beat.get("modules"), "module"):
        yield Part("input", f"module {module}", module, settings, anchor, settings.span)
    for provider, settings, anchor in each_named(as_map(beat.get("autodiscover")).get("providers"), "type"):
        yield Part("input", f"autodiscover {provider}", provider, settings, anchor, settings.span)
    holders = [body, *maps(beat.get("inputs"))]
    for processor in (each for holder in holders for each in maps(holder.get("processors"))):
        for name, settings, anchor, extent in tables(processor):
            yield Part(
                "filter", name, name, settings, anchor, extent, None, _text(settings) if name == "drop_event" else ""
            )
    cloud = setting(body, "cloud.id")
    for type, settings, anchor, extent in tables(body.get("output")):
        if truth(settings.get("enabled")) is not False:
            yield Part("output", type, type, settings, anchor, extent, _sending(type, settings, anchor, cloud))


def _sending(type: str, settings: Map, anchor: Span, cloud: Setting | None) -> Sending | None:
    if type in _LOCAL:
        return None
    hosts = listed(setting(settings, "hosts", "host"))
    mode = setting(settings, "ssl.verification_mode")
    verified = Setting(str(mode.value).lower() != "none", mode.span) if mode else Setting(True, anchor)
    first = hosts[0].span if hosts else anchor
    tls, ssl = setting(settings, "ssl.enabled"), setting(settings, "ssl")
    if type == "elasticsearch":
        protocol = setting(settings, "protocol")
        if cloud is not None:
            encrypted = Setting(True, cloud.span)
        elif protocol is not None and isinstance(protocol.value, str):
            encrypted = by_scheme((Setting(f"{protocol.value}://", protocol.span),), first, default=False)
        else:
            encrypted = by_scheme(hosts, first, default=False)
        return Sending(hosts, encrypted, verified)
    if tls is not None:
        return Sending(hosts, Setting(truth(tls.value), tls.span), verified)
    return Sending(hosts, Setting(True, ssl.span) if ssl else Setting(False, first), verified)


def _text(value: Any, depth: int = 0) -> str:
    """All words below a value."""
    if depth > _DEEPEST:
        return ""
    if isinstance(value, Map):
        return " ".join(f"{key} {_text(each, depth + 1)}" for key, each in value.items())
    if isinstance(value, list):
        return " ".join(_text(each, depth + 1) for each in value)
    return value if isinstance(value, str) else ""
