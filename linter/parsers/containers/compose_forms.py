"""A Compose service's short forms as its long ones, each value at the place it was written.

Encodes "Services top-level elements" of the Compose specification: ports, volumes, secrets, configs, networks,
depends_on, environment, build, env_file, health checks and ulimits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from linter.model import Entry, Map, Seq, Unknown
from linter.trees import put, says

Text = Callable[[int], str]
"""Source index → its text."""


def service(body: Map, text: Text) -> Map:
    """A copy of a service with every key of the table in its long form; what has the wrong type stays as it is."""
    made = Map(body.span)
    made.open = body.open
    for key, value in body.items():
        form = _FORMS.get(key)
        put(made, key, form(value, body.at[key], text) if form is not None else value, body.at[key])
    return made


def row(entry: Entry, **values: Any) -> Map:
    """A mapping whose values all stand where a short form was written; None is left out."""
    span = (entry[0], entry[3], entry[4])
    made = Map(span)
    for key, value in values.items():
        if value is not None:
            put(made, key, value, (entry[0], entry[3], entry[3], entry[3], entry[4]))
    return made


def _each(value: Any, change: Callable[[Any, Entry], Any]) -> Any:
    """A list with its elements changed."""
    if not isinstance(value, Seq):
        return value
    made = Seq(value.span)
    for item, entry in zip(value, value.at, strict=True):
        made.append(change(item, entry))
        made.at.append(entry)
    return made


def _listed(value: Any, entry: Entry) -> Any:
    """A text as a list of one."""
    if not isinstance(value, (str, Unknown)):
        return value
    made = Seq((entry[0], entry[3], entry[4]))
    made.append(value)
    made.at.append((entry[0], entry[3], entry[3], entry[3], entry[4]))
    return made


def _pairs(value: Any, _: Entry, text: Text) -> Any:
    """`[NAME=value]` as a mapping; a name alone takes its value from the shell."""
    if not isinstance(value, Seq):
        return value
    made = Map(value.span)
    for item, place in zip(value, value.at, strict=True):
        if isinstance(item, Unknown):
            name, sign, word = item.prefix.partition("=")
            if not sign:
                made.open = item
                continue
            put(made, name, item, _after(name, place, text))
        else:
            name, sign, word = str(item).partition("=")
            put(made, name, word if sign else None, _after(name, place, text))
    return made


def _after(name: str, place: Entry, text: Text) -> Entry:
    """Where `NAME=value` has its name and its value; the whole where escapes leave that open."""
    source, _, _, start, end = place
    quoted = text(source)[start : start + 1] in ("'", '"')
    offset = start + quoted
    if "\\" in text(source)[start:end] or not text(source).startswith(name, offset):
        return source, start, start, start, end
    after = offset + len(name)
    return source, offset, after, min(after + 1, end - quoted), end - quoted


def _keys(value: Any, default: Callable[[Entry], Any]) -> Any:
    """`[name]` as a mapping of names."""
    if not isinstance(value, Seq):
        return value
    made = Map(value.span)
    for item, entry in zip(value, value.at, strict=True):
        if isinstance(item, str):
            put(made, item, default(entry), (entry[0], entry[3], entry[4], entry[3], entry[4]))
        elif isinstance(item, Unknown):
            made.open = item
    return made


def _port(item: Any, entry: Entry) -> Any:
    """`[[host_ip:]published:]target[/protocol]`; the address may be one of IPv6 in brackets."""
    if isinstance(item, int):
        return row(entry, target=str(item), protocol="tcp")
    if isinstance(item, Unknown):
        made = row(entry)
        address, colon, _ = item.prefix.partition(":")
        if colon and "." in address:
            put(made, "host_ip", address, (entry[0], entry[3], entry[3], entry[3], entry[4]))
        made.open = item
        return made
    if not isinstance(item, str):
        return _texts(item)
    rest, _, protocol = item.partition("/")
    head, _, target = rest.rpartition(":")
    host, colon, published = head.rpartition(":")
    if not colon:
        host, published = ("", head) if not head.endswith("]") else (head, "")
    return row(
        entry, target=target, published=published or None, host_ip=host.strip("[]") or None, protocol=protocol or "tcp"
    )


def _texts(item: Any) -> Any:
    """A port's long form with its numbers as texts, as the short form has them."""
    if not isinstance(item, Map):
        return item
    made = Map(item.span)
    for key, value in item.items():
        number = key in ("target", "published") and isinstance(value, int)
        put(made, key, str(value) if number else value, item.at[key])
    if "protocol" not in made:
        put(made, "protocol", "tcp", (item.span[0], item.span[1], item.span[1], item.span[1], item.span[2]))
    return made


def _volume(item: Any, entry: Entry) -> Any:
    """`[source:]target[:options]`: a bind of a path, or a volume of a name."""
    if isinstance(item, Unknown):
        made = row(entry)
        made.open = item
        source, colon, _ = item.prefix.partition(":")
        if colon:
            put(made, "source", source, (entry[0], entry[3], entry[3], entry[3], entry[4]))
        return made
    if not isinstance(item, str):
        return item
    drive = bool(re.match(r"[A-Za-z]:[\\/]", item))
    parts = item[2:].split(":") if drive else item.split(":")
    parts[0] = item[:2] + parts[0] if drive else parts[0]
    if len(parts) == 1:
        return row(entry, type="volume", target=parts[0])
    options = parts[2].split(",") if len(parts) > 2 else []
    kind = "bind" if parts[0].startswith((".", "/", "~")) or drive else "volume"
    return row(entry, type=kind, source=parts[0], target=parts[1], read_only=True if "ro" in options else None)


def _file(item: Any, entry: Entry) -> Any:
    return row(entry, path=item, required=True) if isinstance(item, (str, Unknown)) else item


def _granted(item: Any, entry: Entry) -> Any:
    return row(entry, source=item) if isinstance(item, (str, Unknown)) else item


def _build(value: Any, entry: Entry, text: Text) -> Any:
    if isinstance(value, (str, Unknown)):
        return row(entry, context=value)
    if not isinstance(value, Map):
        return value
    made = Map(value.span)
    for key, inner in value.items():
        change = key in ("args", "labels")
        put(made, key, _pairs(inner, value.at[key], text) if change else inner, value.at[key])
    return made


def _healthcheck(value: Any, _: Entry, __: Text) -> Any:
    """`test: [NONE]` is `disable: true`."""
    test = value.get("test") if isinstance(value, Map) else None
    none = (isinstance(test, Seq) and bool(test) and says(test[0], "NONE")) or (
        isinstance(test, str) and test.upper() == "NONE"
    )
    if not none or not isinstance(value, Map):
        return value
    made = Map(value.span)
    for key, inner in value.items():
        put(made, key, inner, value.at[key])
    put(made, "disable", True, value.at["test"])
    return made


def _ulimits(value: Any, _: Entry, __: Text) -> Any:
    if not isinstance(value, Map):
        return value
    made = Map(value.span)
    for key, inner in value.items():
        entry = value.at[key]
        put(made, key, row(entry, soft=inner, hard=inner) if isinstance(inner, int) else inner, entry)
    return made


def _deploy(value: Any, _: Entry, text: Text) -> Any:
    if not isinstance(value, Map) or "labels" not in value:
        return value
    made = Map(value.span)
    for key, inner in value.items():
        put(made, key, _pairs(inner, value.at[key], text) if key == "labels" else inner, value.at[key])
    return made


def _started(entry: Entry) -> Map:
    return row(entry, condition="service_started")


def _one_or_more(change: Callable[[Any, Entry], Any]) -> Callable[[Any, Entry, Text], Any]:
    return lambda value, entry, _: _each(_listed(value, entry), change)


_FORMS: dict[str, Callable[[Any, Entry, Text], Any]] = {
    "ports": _one_or_more(_port),
    "volumes": _one_or_more(_volume),
    "secrets": _one_or_more(_granted),
    "configs": _one_or_more(_granted),
    "env_file": _one_or_more(_file),
    "environment": _pairs,
    "labels": _pairs,
    "annotations": _pairs,
    "sysctls": _pairs,
    "build": _build,
    "deploy": _deploy,
    "healthcheck": _healthcheck,
    "ulimits": _ulimits,
    "depends_on": lambda value, _, __: _keys(value, _started),
    "networks": lambda value, _, __: _keys(value, row),
    "dns": lambda value, entry, _: _listed(value, entry),
    "tmpfs": lambda value, entry, _: _listed(value, entry),
    "security_opt": lambda value, entry, _: _listed(value, entry),
}
"""Key of a service → its long form."""
