"""Collectors of logs, metrics and traces in one form: inputs, filters and outputs, whatever program they configure.

Kinds `monitoring/collector` (body: `system`, `file`, `partial`, and `settings`, the configuration as it is written), and
owned by it `monitoring/input`, `monitoring/filter`, `monitoring/output`, `monitoring/connector`, `monitoring/extension`.
Body of a part: `system`, `type`, `name`, `settings` as written, `drops` (what a filter throws away, as text), and of an
output that sends over a network `hosts`, `encrypted` and `verified`, which stand where the setting that decides them
does, else at the part's name. What a file leaves to the environment of the process is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from linter.model import Map, Seq, Span, Unknown
from linter.records import NamedTuple
from linter.trees import maps

_ON = frozenset(("on", "true", "yes", "1", "enabled", "enable"))
_OFF = frozenset(("off", "false", "no", "0", "disabled", "disable", "none"))


class Setting(NamedTuple):
    """A value and where it is written."""

    value: Any
    span: Span


class Sending(NamedTuple):
    """How an output reaches others. encrypted, verified: True, False or Unknown, and where that is decided."""

    hosts: tuple[Setting, ...]
    encrypted: Setting
    verified: Setting


class Part(NamedTuple):
    """One input, filter or output. used: nothing leads to it where this is False."""

    role: str
    type: str
    name: str
    settings: Map
    anchor: Span
    extent: Span
    sending: Sending | None = None
    drops: str = ""
    used: bool = True


@cache
def _placeholder() -> re.Pattern[str]:
    return re.compile(r"\$\{|\$\(|\{\{|%\{|\A\$[A-Za-z_]|\A<[^>]*>\Z|%\([A-Za-z_]")


def from_outside(value: Any) -> Unknown | None:
    """The Unknown for a text that the environment of the process or a template fills in; None for all else."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, str) and _placeholder().search(value):
        return Unknown("missing-input", value[:80], "it is filled in when the collector starts", type="string")
    return None


def truth(value: Any) -> bool | Unknown | None:
    """A setting as a truth value, None where it is none."""
    if value is True or value is False:
        return bool(value)
    unknown = from_outside(value)
    if unknown is not None:
        return unknown
    word = str(value).strip().lower() if isinstance(value, (str, int)) else ""
    return True if word in _ON else False if word in _OFF else None


def setting(settings: Any, *names: str) -> Setting | None:
    """The first of some settings that is written; a name may lead through tables: `tls.insecure`."""
    for name in names:
        value, span, body = None, None, settings
        for key in _keys(body, name):
            entry = body.at.get(key)
            value = body[key]
            span = (entry[0], entry[3], entry[4]) if entry else body.span
            if isinstance(value, (Map, Seq)) and entry and entry[2] > entry[1]:
                span = (entry[0], entry[1], entry[2])
            body = value
        if span is not None:
            return Setting(value, span)
    return None


def _keys(body: Any, name: str) -> Iterator[str]:
    """The keys that lead to a name, () where it is not written. A table may have the whole rest as one key."""
    found: list[str] = []
    parts = name.split(".")
    while parts:
        for size in range(len(parts), 0, -1):
            key = ".".join(parts[:size])
            if isinstance(body, Map) and key in body:
                found.append(key)
                body, parts = body[key], parts[size:]
                break
        else:
            return iter(())
    return iter(found)


def listed(found: Setting | None, settings: Map | None = None) -> tuple[Setting, ...]:
    """A setting's values one by one, where it is a list or a text of names between commas."""
    if found is None:
        return ()
    if isinstance(found.value, Seq):
        return tuple(
            Setting(value, (at[0], at[3], at[4])) for value, at in zip(found.value, found.value.at, strict=True)
        )
    if isinstance(found.value, str) and "," in found.value:
        return tuple(Setting(each.strip(), found.span) for each in found.value.split(",") if each.strip())
    return (found,)


def lowered(body: Map) -> Map:
    """A mapping with its keys in lower case, for programs to which case counts for nothing."""
    made = Map(body.span)
    made.open = body.open
    for key, value in body.items():
        name = key.lower() if isinstance(key, str) else key
        made[name] = value
        if key in body.at:
            made.at[name] = body.at[key]
    return made


def scheme_of(host: Any) -> str:
    """`https` of `https://logs:9200`, '' where none is written."""
    scheme, sign, _ = host.partition("://") if isinstance(host, str) else ("", "", "")
    return scheme.lower() if sign and scheme.replace("+", "").isalnum() else ""


def by_scheme(hosts: Iterable[Setting], anchor: Span, default: bool | Unknown) -> Setting:
    """Whether hosts are reached by TLS, by what their addresses say; the first that decides, in clear before others."""
    answer: Setting | None = None
    for host in hosts:
        unknown = from_outside(host.value) if scheme_of(host.value) == "" else None
        scheme = scheme_of(host.value)
        if scheme in ("http", "tcp", "ws", "redis", "amqp", "nats", "udp", "mqtt"):
            return Setting(False, host.span)
        if scheme:
            answer = answer or Setting(True, host.span)
        elif unknown is not None and default is not True:
            answer = Setting(unknown, host.span)
    return answer or Setting(default, anchor)


def anchored(body: Map, key: Any) -> Span:
    """Where a key of a mapping stands."""
    entry = body.at.get(key)
    return (entry[0], entry[1], entry[2]) if entry and entry[2] > entry[1] else body.span


def extent(body: Map, key: Any) -> Span:
    """A key with its value."""
    entry = body.at.get(key)
    return (entry[0], min(entry[1], entry[3]), entry[4]) if entry else body.span


def tables(body: Any) -> Iterator[tuple[str, Map, Span, Span]]:
    """(name, settings, anchor, extent) of the components that a mapping lists by name; an empty one has no settings."""
    if not isinstance(body, Map):
        return
    for name, value in body.items():
        if isinstance(name, str) and not isinstance(value, Unknown):
            settings = value if isinstance(value, Map) else Map(extent(body, name))
            yield name, settings, anchored(body, name), extent(body, name)


def each_named(body: Any, key: str) -> Iterator[tuple[str, Map, Span]]:
    """(name, settings, anchor) of mappings in a list that say by a key what they are."""
    for item in maps(body):
        name = item.get(key)
        if isinstance(name, str):
            entry = item.at.get(key)
            yield name, item, (entry[0], entry[3], entry[4]) if entry else item.span
