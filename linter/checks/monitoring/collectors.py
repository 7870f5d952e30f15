"""Checks of collectors, whatever program: how they send, what they keep, what they throw away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from linter.checks import Verdict
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Resource, Seq, Span, Unknown
from linter.parsers.monitoring.collectors import fluent_bit, logstash, vector
from linter.parsers.monitoring.collectors.model import Part, from_outside
from linter.text import credential_in, safe_line, secret_name
from linter.trees import as_map, at_path

LOCAL, CLUSTER, OUTSIDE = "this machine", "the same network", "another network"
_INSIDE = (".svc", ".local", ".internal", ".consul", ".lan", ".intranet", ".home.arpa")
_MARKS = ("authorization", "api-key", "apikey", "api_key", "x-honeycomb-team", "token", "dd-api-key", "x-scope-key")
_CREDENTIALS = frozenset(
    ("http_passwd", "passwd", "splunk_token", "default_token", "shared_key", "secret_key", "aws_secret", "license_key",
     "pass4symmkey", "sslpassword", "sslkeysfilepassword", "ssl_key_passphrase", "ssl.key_passphrase", "key_passphrase",
     "key_pass", "api_key", "apikey", "tls.key_passwd", "cloud.auth", "cloud_auth", "bearer_token", "sasl_password",
     "rdkafka.sasl.password", "workspace_key", "connection_string")
)  # fmt: skip
"""Settings of the programs' own documentation that hold credentials and do not say so to everybody."""


def sent_encrypted(estate: Estate, *, kind: str = "monitoring/output") -> Iterator[Verdict]:
    """What leaves the machine goes by TLS. Within a cluster, or the addresses of private networks, it weighs less."""
    for output in estate.of_kind(kind):
        found = _network(output, "encrypted")
        if found is None:
            continue
        encrypted, span, reach, host = found
        name = safe_line(output.name, 60)
        if isinstance(encrypted, Unknown):
            message = f"Whether {name} sends by TLS is unknown."
            yield Verdict(output, UNKNOWN, message, span, unknowns=(encrypted,))
        elif encrypted:
            yield Verdict(output, PASS, f"{name} sends by TLS.", span)
        elif isinstance(reach, Unknown):
            message = f"{name} sends in clear, and whether that leaves the machine is unknown."
            yield Verdict(output, UNKNOWN, message, span, unknowns=(reach,))
        else:
            message = f"{name} sends in clear to {safe_line(host, 80)}, in {reach}."
            yield Verdict(output, FAIL, message, span, lowered=2 if reach == CLUSTER else 0)


def sent_verified(estate: Estate, *, kind: str = "monitoring/output") -> Iterator[Verdict]:
    """Who takes the data proves by a certificate who it is."""
    for output in estate.of_kind(kind):
        found, secure = _network(output, "verified"), output.body.get("encrypted")
        if found is None or isinstance(secure, Unknown) or secure is not True:
            continue
        verified, span, reach, _ = found
        name = safe_line(output.name, 60)
        if isinstance(verified, Unknown):
            yield Verdict(
                output, UNKNOWN, f"Whether {name} checks certificates is unknown.", span, unknowns=(verified,)
            )
        elif verified:
            yield Verdict(output, PASS, f"{name} checks the certificate of what it sends to.", span)
        else:
            message = f"{name} does not check the certificate of what it sends to."
            yield Verdict(
                output, FAIL, message, span, lowered=1 if not isinstance(reach, Unknown) and reach == CLUSTER else 0
            )


def _network(output: Resource, key: str) -> tuple[Any, Span, str | Unknown, str] | None:
    """(the entry, its place, how far the hosts are, the farthest) of an output in use that leaves the machine."""
    body = output.body
    hosts = body.get("hosts")
    if key not in body or body.get("used") is False or not isinstance(hosts, Seq) or not hosts:
        return None
    far = sorted(((reach_of(host), host) for host in hosts), key=lambda each: _order(each[0]))
    reach, host = far[-1]
    if not isinstance(reach, Unknown) and reach == LOCAL:
        return None
    source, _, _, start, end = body.at[key]
    return body[key], (source, start, end), reach, host if isinstance(host, str) else ""


def _order(reach: str | Unknown) -> int:
    return 2 if isinstance(reach, Unknown) else (LOCAL, CLUSTER, "", OUTSIDE).index(reach)


def reach_of(host: Any) -> str | Unknown:
    """How far away a host is by its name (RFC 6761, RFC 1918, Kubernetes DNS)."""
    if isinstance(host, Unknown) or not isinstance(host, str):
        return host if isinstance(host, Unknown) else LOCAL
    bare = host.partition("://")[2] or host
    bare = bare.partition("/")[0].rpartition("@")[2] if not bare.startswith("/") else "localhost"
    name = bare[1:].partition("]")[0] if bare.startswith("[") else bare.partition(":")[0]
    unknown = from_outside(host) if from_outside(name) is not None else None
    if unknown is not None:
        return unknown
    name = name.lower().rstrip(".")
    if name in ("", "localhost", "::1", "0.0.0.0", "::") or name.endswith(".localhost") or re.match(r"127\.\d", name):
        return LOCAL
    private = re.match(r"(?:10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.)[\d.]+\Z|f[cd][0-9a-f]{2}:", name)
    if private or "." not in name or name.endswith(_INSIDE) or ".svc." in name:
        return CLUSTER
    return OUTSIDE


def no_credentials(estate: Estate, *, kind: str = "monitoring/collector") -> Iterator[Verdict]:
    """No credential is written out: a variable of the environment, a keystore or a mounted file holds it."""
    for collector in estate.of_kind(kind):
        fine = True
        for path, value, span in _texts(collector.body["settings"]):
            if is_credential(path, value):
                message = f"A credential is written out: {safe_line(path[-1], 60)}."
                yield Verdict(collector, FAIL, message, span, ".".join(path))
                fine = False
        if fine:
            yield Verdict(collector, PASS, f"{safe_line(collector.name, 80)} holds no credential.", collector.anchor)


def is_credential(path: tuple[str, ...], value: str) -> bool:
    """Whether a setting writes a credential out, by its form, its name, or as a header that carries one."""
    key, value = path[-1].lower(), value.strip()
    if from_outside(value) is not None or value.startswith(("$1$", "$7$", "/", "ENC[", "@")):
        return False
    if credential_in(value):
        return True
    named = key in _CREDENTIALS or secret_name(path[-1])
    if key == "header" and " " in value:  # Fluent Bit: `Header Authorization Bearer …`
        key, value = value.partition(" ")[0].lower(), value.partition(" ")[2].strip()
        named = any(mark in key for mark in _MARKS)
    elif any(part.lower() in ("headers", "request.headers") for part in path[:-1]):
        named = any(mark in key for mark in _MARKS) or named
    value = value.removeprefix("Bearer ").removeprefix("Basic ").removeprefix("Splunk ")
    words = ("changeme", "example", "placeholder", "replace", "redacted", "xxx", "todo", "your")
    low = value.lower()
    return (
        named and len(value) > 3 and low not in ("true", "false", "none", "null") and not any(w in low for w in words)
    )


def _texts(tree: Any) -> Iterator[tuple[tuple[str, ...], str, Span]]:
    """(keys on the way, text, place) of every text of a tree. Sections and plugins are named by themselves."""
    waiting: list[tuple[tuple[str, ...], Any, Span | None]] = [((), tree, None)]
    while waiting:
        path, value, span = waiting.pop()
        if isinstance(value, str) and path and span is not None:
            yield path, value, span
        elif isinstance(value, (Map, Seq)) and len(path) < 40:
            for key in reversed(value if isinstance(value, Map) else range(len(value.at))):
                entry = value.at.get(key) if isinstance(value, Map) else value.at[key]
                place = (entry[0], entry[3], entry[4]) if entry else value.span
                # An element of a list goes by the list's name: `Header` twice, `hosts => [ … ]`.
                step = (str(key),) if isinstance(value, Map) else ()
                waiting.append(((*path, *step), value[key], place))


def output_present(estate: Estate, *, kind: str = "monitoring/collector") -> Iterator[Verdict]:
    """What takes logs in hands them on. Files of one folder, or one object, belong together."""
    inputs, outputs = _holders(estate, "monitoring/input"), _holders(estate, "monitoring/output")
    sending = {_group(each) for each in estate.of_kind(kind) if id(each) in outputs}
    partial = {_group(each) for each in estate.of_kind(kind) if not _is_complete(each)}
    for collector in estate.of_kind(kind):
        system, name = collector.body["system"], safe_line(collector.name, 80)
        if system in ("otel", "splunk") or id(collector) not in inputs or _group(collector) in partial:
            continue
        if _group(collector) in sending:
            yield Verdict(collector, PASS, f"{name} sends what it takes in.", collector.anchor)
        else:
            message = f"{name} takes logs in and sends them nowhere: there is no output."
            yield Verdict(collector, FAIL, message, collector.anchor)


def _holders(estate: Estate, kind: str) -> set[int]:
    return {id(part.owner) for part in estate.of_kind(kind)}


def _group(collector: Resource) -> tuple[Any, ...]:
    name = at_path(collector.context["object"], ("metadata", "name"))
    return collector.unit, collector.body["system"], name if isinstance(name, str) else ""


def _is_complete(collector: Resource) -> bool:
    tree = collector.body["settings"]
    if collector.body["partial"] or collector.body.open is not None or tree.open is not None:
        return False
    if collector.body["system"] == "filebeat":
        return not any(key in tree for key in ("cloud.id", "cloud"))
    return collector.body["system"] != "fluent-bit" or fluent_bit.is_complete(tree)


def buffers_bounded(estate: Estate, *, kind: str = "monitoring/input") -> Iterator[Verdict]:
    """Fluent Bit's inputs of logs have a limit of memory, or keep what waits in files."""
    for part in estate.of_kind(kind):
        settings = as_map(part.body.get("settings"))
        if part.body["system"] != "fluent-bit" or not fluent_bit.reads_logs(_as_part(part)):
            continue
        if part.body.open is not None:
            continue
        name = safe_line(part.name, 60)
        limit, storage = settings.get("mem_buf_limit"), settings.get("storage.type")
        if limit is not None or isinstance(storage, Unknown) or storage == "filesystem":
            yield Verdict(part, PASS, f"{name} limits what waits in memory.", part.anchor)
        else:
            message = f"{name} keeps in memory without limit what cannot be sent."
            yield Verdict(part, FAIL, message, part.anchor)


def _as_part(part: Resource) -> Part:
    role = part.kind.partition("/")[2]
    return Part(role, part.body["type"], part.name, as_map(part.body.get("settings")), part.anchor, part.extent)


def reads_logs(part: Resource) -> bool:
    """Whether an input takes in logs."""
    readers = {"fluent-bit": fluent_bit.reads_logs, "logstash": logstash.reads_logs, "vector": vector.reads_logs}
    reader = readers.get(part.body["system"])
    return (
        reader(_as_part(part))
        if reader
        else part.body["type"] in ("filelog", "journald", "log", "container", "filestream")
    )


@cache
def _audit(system: str) -> re.Pattern[str]:
    """What in a filter's text says that audit logs are dropped; `(?!)` nowhere."""
    return re.compile({
        "vector": r"!=\s*\"[^\"]{0,200}audit|!\s*(?:contains|match|starts_with|ends_with|includes|find)\w*!?\([^\n]{0,200}?audit",
        "logstash": r"(?:=~|==|\bin\b)[^!]{0,200}audit|audit[^!]{0,80}\bin\b",
        "otel": r"(?:exclude|log_record|bodies|IsMatch|==)[^!]{0,300}audit",
    }.get(system, r"audit"), re.I)  # fmt: skip


@cache
def _negation(system: str) -> re.Pattern[str]:
    words = {"logstash": r"\bnot in\b|!=|!~|!\s*[(\[]|^else", "otel": r"\binclude\b|\bnot\b|!=", "filebeat": r"\bnot\b"}
    return re.compile(words.get(system, r"(?!)"), re.I)


def audit_kept(estate: Estate, *, kind: str = "monitoring/filter") -> Iterator[Verdict]:
    """No filter throws audit logs away; conditions that turn a test around are not judged, nor what is kept by name."""
    for part in estate.of_kind(kind):
        drops, system = part.body.get("drops"), part.body["system"]
        if not isinstance(drops, str) or part.body.get("used") is False:
            continue
        name = safe_line(part.name, 60)
        if "audit" not in drops.lower():
            yield Verdict(part, PASS, f"{name} drops nothing that is called audit.", part.anchor)
        elif _audit(system).search(drops) and not _negation(system).search(drops):
            yield Verdict(part, FAIL, f"{name} drops audit logs: {safe_line(drops, 100)}.", part.anchor)


_DEBUG = {"otel": ("debug", "logging"), "fluent-bit": ("stdout",), "logstash": ("stdout",), "vector": ("console",),
          "filebeat": ("console",)}  # fmt: skip


def no_debug_output(estate: Estate, *, kind: str = "monitoring/output") -> Iterator[Verdict]:
    """Nothing is printed that was there to try the collector out; in lower environments that may be."""
    others = {id(each.owner) for each in estate.of_kind(kind) if not _prints(each)}
    for output in estate.of_kind(kind):
        tier = output.environment.tier if output.environment else ""
        if output.body.get("used") is False or tier not in ("", "production"):
            continue
        name = safe_line(output.name, 60)
        if not _prints(output):
            yield Verdict(output, PASS, f"{name} sends and does not print.", output.anchor)
        elif output.body["system"] == "otel" and _is_brief(output) and id(output.owner) in others:
            yield Verdict(output, PASS, f"{name} prints counts only.", output.anchor)
        else:
            message = f"{name} prints what the collector handles."
            yield Verdict(output, FAIL, message, output.anchor, lowered=0 if tier else 1)


def _prints(output: Resource) -> bool:
    return output.body["type"] in _DEBUG.get(output.body["system"], ())


def _is_brief(output: Resource) -> bool:
    """The debug exporter's verbosity is basic by default, which is a line of counts for each batch."""
    settings = as_map(output.body.get("settings"))
    verbosity, level = settings.get("verbosity"), settings.get("loglevel")
    return (
        not isinstance(verbosity, Unknown)
        and verbosity in (None, "basic")
        and not (isinstance(level, str) and level == "debug")
    )
