"""Checks that hosts which runbooks' commands name exist: Services of the cluster, and names in the zones kept as code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from linter.checks import Verdict
from linter.checks.documents.runbook_cluster import Cluster, cluster_of, delivered_elsewhere
from linter.checks.documents.runbook_shell import Word, commands_of
from linter.conditions.links import ISOLATED
from linter.model import FAIL, PASS, UNKNOWN, Estate, Resource, Seq, Unknown
from linter.records import NamedTuple
from linter.text import safe_line
from linter.trees import as_map, at_path, maps

_BY_OPTION = frozenset(
    ("psql", "pg_dump", "pg_restore", "mysql", "mysqldump", "redis-cli", "mongosh", "mongo", "pg_isready")
)
_FIRST = frozenset(("ssh", "ping", "dig", "nslookup", "host", "nc", "ncat", "telnet", "traceroute", "curl", "wget"))
_ZONES = (
    "aws_route53_zone:name",
    "google_dns_managed_zone:dns_name",
    "azurerm_dns_zone:name",
    "digitalocean_domain:name",
)
_RECORDS = ("aws_route53_record:name", "google_dns_record_set:name", "azurerm_dns_a_record:name",
            "azurerm_dns_cname_record:name", "digitalocean_record:name")  # fmt: skip
_ROUTES = {
    "kubernetes/HTTPRoute": ("spec", "hostnames"),
    "kubernetes/TLSRoute": ("spec", "hostnames"),
    "kubernetes/VirtualService": ("spec", "hosts"),
    "kubernetes/Certificate": ("spec", "dnsNames"),
}
_EXTERNAL_DNS = "external-dns.alpha.kubernetes.io/hostname"


class Names(NamedTuple):
    """services: (namespace or '' where none is written, name). hosts: every one that is declared, in lower case. zones:
    domains whose records are code here. open: why there may be more records, None if not."""

    services: frozenset[tuple[str, str]]
    hosts: frozenset[str]
    zones: frozenset[str]
    open: Unknown | None


@cache
def _pattern(name: str) -> re.Pattern[str]:
    label = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
    return re.compile(
        {
            "url": rf"^[a-z][a-z0-9+.-]{{0,20}}://(?:[^/@\s]{{0,200}}@)?((?:{label}\.){{1,10}}{label})(?=[:/?#]|$)",
            "host": rf"^(?:[\w.-]{{1,60}}@)?((?:{label}\.){{1,10}}{label})(?=[:/]|$)",
            "service": rf"^(?:{label}\.)?({label})\.({label})\.svc(?:\.cluster\.local)?$",
        }[name],
        re.I,
    )


def hosts_exist(estate: Estate, *, kind: str = "document/runbook") -> Iterator[Verdict]:
    """A host that a command of a runbook names is one of this repository's: `name.namespace.svc` a Service, and a name
    below a DNS zone that is kept as code one of its records or of the routes into the cluster.

    Not judged: hosts of other domains, Services of namespaces that nothing here deploys to, placeholders.
    """
    cluster: Cluster | None = None
    names: Names | None = None
    for runbook in estate.of_kind(kind):
        seen: set[str] = set()
        for words in commands_of(estate, runbook):
            for word in _hosts(words):
                host = word.text.lower()
                if host in seen:
                    continue
                seen.add(host)
                cluster, names = cluster or cluster_of(estate), names or _declared(estate)
                verdict = _service(estate, runbook, cluster, names, word) or _name(estate, runbook, names, word)
                if verdict is not None:
                    yield verdict


def _hosts(words: list[Word]) -> Iterator[Word]:
    """The words of a command that are hosts: of addresses, of `-h HOST` and `--host`, and what `ssh` and its kin call."""
    program = words[0].text.rpartition("/")[2]
    for index, word in enumerate(words):
        url = _pattern("url").match(word.text)
        plain = (
            program in _BY_OPTION and words[index - 1].text in ("-h", "--host") and _pattern("host").match(word.text)
        )
        plain = plain or (program in _FIRST and not word.text.startswith("-") and _pattern("host").match(word.text))
        found = url or plain
        if index and found:
            source, start, end = word.span
            quoted = int(end - start > len(word.text))
            yield Word(found[1], (source, start + quoted + found.start(1), start + quoted + found.end(1)))


def _service(estate: Estate, runbook: Resource, cluster: Cluster, names: Names, word: Word) -> Verdict | None:
    match = _pattern("service").match(word.text)
    if match is None:
        return None
    name, namespace = match[1].lower(), match[2].lower()
    shown = f"Service {safe_line(name, 80)} in the namespace {safe_line(namespace, 80)}"
    if (namespace, name) in names.services or ("", name) in names.services:
        return Verdict(runbook, PASS, f"The {shown} exists.", word.span, word.text)
    if namespace not in cluster.namespaces or not names.services:
        return None
    reason = ISOLATED if estate.isolated else delivered_elsewhere(cluster, namespace)
    if reason is not None:
        message = f"Whether there is a {shown} is unknown: {reason.subject} may hold it."
        return Verdict(runbook, UNKNOWN, message, word.span, word.text, unknowns=(reason,))
    return Verdict(runbook, FAIL, f"There is no {shown} in this repository.", word.span, word.text)


def _name(estate: Estate, runbook: Resource, names: Names, word: Word) -> Verdict | None:
    host = word.text.lower()
    shown = safe_line(host, 100)
    if host in names.hosts or any(f"*.{rest}" in names.hosts for rest in _above(host)[:1]):
        return Verdict(runbook, PASS, f"The host {shown} is declared here.", word.span, word.text)
    zone = next((rest for rest in (host, *_above(host)) if rest in names.zones), None)
    if zone is None:
        return None
    reason = ISOLATED if estate.isolated else names.open
    if reason is not None:
        message = f"Whether {shown} is a name of the zone {zone} is unknown: {reason.subject}."
        return Verdict(runbook, UNKNOWN, message, word.span, word.text, unknowns=(reason,))
    return Verdict(runbook, FAIL, f"Nothing here gives the zone {zone} the name {shown}.", word.span, word.text)


def _above(host: str) -> list[str]:
    parts = host.split(".")
    return [".".join(parts[index:]) for index in range(1, len(parts))]


def _declared(estate: Estate) -> Names:
    zones: set[str] = set()
    relative: set[str] = set()
    open_: Unknown | None = None
    for names, listed in ((zones, _ZONES), (relative, _RECORDS)):
        for each in listed:
            kind, _, key = each.partition(":")
            for resource in estate.of_kind(f"terraform/{kind}"):
                value = resource.body.get(key)
                if isinstance(value, str):
                    names.add(value.rstrip(".").lower())
                elif isinstance(value, Unknown):
                    open_ = open_ if open_ is not None else value
    hosts = (
        relative
        | zones
        | {f"{name}.{zone}" for name in relative for zone in zones if len(relative) * len(zones) < 10_000}
    )
    for host in _routed(estate):
        if isinstance(host, Unknown):
            open_ = open_ if open_ is not None else host
        else:
            hosts.add(host.rstrip(".").lower())
    services = frozenset(
        (written if isinstance(written := at_path(each.body, ("metadata", "namespace")), str) else "", each.name)
        for each in estate.of_kind("kubernetes/Service")
    )
    return Names(services, frozenset(hosts), frozenset(zones), open_)


def _routed(estate: Estate) -> Iterator[str | Unknown]:
    """Hosts that Ingresses, routes, gateways and ExternalDNS's annotations name."""
    for ingress in estate.of_kind("kubernetes/Ingress"):
        for rule in maps(at_path(ingress.body, ("spec", "rules"))):
            yield from _texts(rule.get("host"))
        for each in maps(at_path(ingress.body, ("spec", "tls"))):
            yield from _texts(each.get("hosts"))
    for gateway in estate.of_kind("kubernetes/Gateway"):
        for part in ("listeners", "servers"):
            for each in maps(at_path(gateway.body, ("spec", part))):
                yield from _texts(each.get("hostname", each.get("hosts")))
    for kind, path in _ROUTES.items():
        for route in estate.of_kind(kind):
            yield from _texts(at_path(route.body, path))
    for kind in ("kubernetes/Service", "kubernetes/Ingress"):
        for served in estate.of_kind(kind):
            yield from _texts(as_map(at_path(served.body, ("metadata", "annotations"))).get(_EXTERNAL_DNS))


def _texts(value: object) -> Iterator[str | Unknown]:
    for each in value if isinstance(value, Seq) else (value,):
        if isinstance(each, Unknown):
            yield each
        elif isinstance(each, str):
            yield from (part.strip() for part in each.split(",") if part.strip())
