"""Checks that compare parts of Kubernetes objects, or follow references between them."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from typing import Any

from linter.checks import Verdict
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Resource, Span, Unknown, handle, is_kind
from linter.text import find_secrets
from linter.trees import at_path, maps, whole

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def references_resolve(
    estate: Estate, *, kind: str | Sequence[str], target: str | Sequence[str], implicit: Sequence[str] = ()
) -> Iterator[Verdict]:
    """Every reference of resources of a `kind` to a `target` kind names an object of the unit.

    implicit: names the platform provides without a manifest. A reference whose name is unknown is unknown.
    """
    targets = (target,) if isinstance(target, str) else tuple(target)
    kinds = (kind,) if isinstance(kind, str) else tuple(kind)
    for resource in (found for each in kinds for found in estate.of_kind(each)):
        for link in estate.outgoing.get(id(resource), ()):
            if (
                link.target is not resource
                and any(is_kind(link.target.kind, wanted) for wanted in targets)
                and link.span
            ):
                yield Verdict(resource, PASS, f"{link.target.address} exists.", link.span, link.path)
    for (missing, _, _), references in estate.loose.items():
        if not any(is_kind(missing, wanted) for wanted in targets):
            continue
        for resource, reference in references:
            if reference.span is None or not any(is_kind(resource.kind, wanted) for wanted in kinds):
                continue
            if isinstance(reference.target, Unknown):
                message = f"{reference.target.subject} is unknown, so whether it exists cannot be decided."
                yield Verdict(resource, UNKNOWN, message, reference.span, reference.path, (), (reference.target,))
            elif reference.target.rsplit("/", 1)[-1] not in implicit:
                message = f"{reference.target} does not exist in {resource.unit.path or 'this folder'}."
                yield Verdict(resource, FAIL, message, reference.span, reference.path)


def probe_ports_exist(estate: Estate, *, kind: str = "kubernetes/container") -> Iterator[Verdict]:
    """A probe's port is a name or, where the container lists ports, a number among its own (Kubernetes API, Probe)."""
    for container in estate.of_kind(kind):
        ports = maps(container.body.get("ports"))
        if any(isinstance(port.get(key), Unknown) for port in ports for key in ("name", "containerPort")):
            continue
        names = {name for port in ports if isinstance(name := port.get("name"), str)}
        numbers = {number for port in ports if isinstance(number := port.get("containerPort"), int)}
        for probe in PROBES:
            yield from _probe(container, probe, names, numbers)


def _probe(container: Resource, probe: str, names: set[str], numbers: set[int]) -> Iterator[Verdict]:
    body = container.body.get(probe)
    for way in ("httpGet", "tcpSocket", "grpc"):
        action = body.get(way) if isinstance(body, Map) else None
        port = action.get("port") if isinstance(action, Map) else None
        if not isinstance(port, (str, int)) or not isinstance(action, Map):
            continue
        span = handle(port, action.at["port"])
        number = whole(port) if isinstance(port, str) else port
        known = port in names if number is None else not numbers or number in numbers
        shown = f"{probe} of {container.name} asks port {port}"
        if known:
            yield Verdict(container, PASS, f"{shown}, which the container has.", span, probe)
        else:
            yield Verdict(container, FAIL, f"{shown}, which the container does not have.", span, probe)


def service_ports_exist(estate: Estate, *, kind: str = "kubernetes/Service") -> Iterator[Verdict]:
    """A named targetPort is a port name of at least one container the Service selects (Kubernetes API, ServicePort)."""
    for service in estate.of_kind(kind):
        pods = [link.target for link in estate.outgoing.get(id(service), ()) if link.name == "selects"]
        if not pods:
            continue
        named = [
            port.get("name")
            for pod in pods
            for key in ("containers", "initContainers")
            for container in maps(pod.body.get(key))
            for port in maps(container.get("ports"))
        ]
        if any(isinstance(name, Unknown) for name in named):
            continue
        names = {name for name in named if isinstance(name, str)}
        spec = service.body.get("spec")
        for port in maps(spec.get("ports") if isinstance(spec, Map) else None):
            target = port.get("targetPort")
            if isinstance(target, str) and not target.isdigit():
                span = handle(target, port.at["targetPort"])
                outcome = PASS if target in names else FAIL
                state = "is" if outcome == PASS else "is not"
                yield Verdict(
                    service,
                    outcome,
                    f"targetPort '{target}' of {service.name} {state} a port of its pods.",
                    span,
                    target,
                )


SELECTED = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "DeploymentConfig")


def selector_matches_template(estate: Estate, *, kind: str = "kubernetes/*") -> Iterator[Verdict]:
    """A workload's selector matches the labels of its own pod template (Kubernetes API, LabelSelector)."""
    for resource in estate.of_kind(kind):
        if resource.owner is not None or resource.kind.rpartition("/")[2] not in SELECTED:
            continue
        spec = at_path(resource.body, ("spec",))
        if resource.kind == "kubernetes/CronJob":
            spec = at_path(spec, ("jobTemplate", "spec"))
        selector, labels = at_path(spec, ("selector",)), at_path(spec, ("template", "metadata", "labels"))
        if not isinstance(selector, Map) or at_path(spec, ("template",)) is None:
            continue
        plain = resource.body.get("kind") == "DeploymentConfig"
        wanted = selector if plain else selector.get("matchLabels")
        carried = labels if isinstance(labels, Map) else Map(selector.span)
        if isinstance(wanted, Map):
            yield from _selected(resource, wanted, carried)
        for number, expression in enumerate(maps(selector.get("matchExpressions"))):
            yield from _expressed(resource, expression, carried, f"matchExpressions[{number}]")


def _expressed(resource: Resource, expression: Map, labels: Map, element: str) -> Iterator[Verdict]:
    """One requirement of matchExpressions: In, NotIn, Exists, DoesNotExist; NotIn holds where the key is missing."""
    key, operator, values = expression.get("key"), expression.get("operator"), expression.get("values") or []
    got = labels.get(key)
    if not isinstance(key, str) or isinstance(got, Unknown) or labels.open is not None or not isinstance(values, list):
        return
    if any(isinstance(value, Unknown) for value in values):
        return
    answers = {
        "In": got in values,
        "NotIn": got not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
    }
    if operator in answers:
        span = handle(key, expression.at["key"])
        outcome = PASS if answers[operator] else FAIL
        state = "matches" if answers[operator] else "does not match"
        yield Verdict(resource, outcome, f"the requirement on {key} {state} the pod template's labels.", span, element)


def _selected(resource: Resource, selector: Map, labels: Map) -> Iterator[Verdict]:
    for key, wanted in selector.items():
        got = labels.get(key)
        if isinstance(wanted, Unknown) or isinstance(got, Unknown) or labels.open is not None:
            continue
        span: Span = handle(wanted, selector.at[key])
        if got == wanted:
            yield Verdict(resource, PASS, f"the pod template carries {key}={wanted}.", span, str(key))
        else:
            state = "does not carry it" if got is None else f"carries '{got}'"
            yield Verdict(
                resource, FAIL, f"the selector wants {key}={wanted}, but the pod template {state}.", span, str(key)
            )


CONFIGURATION = (".yaml", ".yml", ".ini", ".json", ".conf", ".toml", ".properties", ".xml", ".cfg")
PLAIN = frozenset(
    ("type", "url", "name", "project", "username", "user", "host", "hostname", "port", "database", "dbname", "server",
     "insecure", "endpoint", "region")
)  # fmt: skip
"""Entries beside a credential that are none themselves, unless they hold one (`url` with a password)."""
PUBLIC = (".crt", ".pub", ".pem.pub", "ca-bundle")


def secret_values_absent(estate: Estate, *, kind: str = "kubernetes/Secret") -> Iterator[Verdict]:
    """No entry of a Secret carries its value: `data` in base64, `stringData` as text (Kubernetes API, Secret).

    Placeholders, encrypted files and public certificates are fine; a whole configuration file only fails where a
    credential is found in it.
    """
    for secret in estate.of_kind(kind):
        kept = secret.body.get("type")
        if "sops" in secret.body or (isinstance(kept, str) and kept == "kubernetes.io/service-account-token"):
            continue
        entries = [
            (part, secret.body[part]) for part in ("data", "stringData") if isinstance(secret.body.get(part), Map)
        ]
        for part, values in entries:
            for key, value in values.items():
                if isinstance(value, str) and value:
                    yield _secret_value(secret, part, values, key, value)
        if not any(values for _, values in entries):
            yield Verdict(secret, PASS, f"{secret.name} carries no values.", secret.anchor)


def _secret_value(secret: Resource, part: str, values: Map, key: Any, value: str) -> Verdict:
    span, name = handle(value, values.at[key]), str(key)
    text = _decoded(value) if part == "data" else value
    if name.endswith(CONFIGURATION) or name.lower() in PLAIN:
        shown = bool(find_secrets(text))
    else:
        shown = (
            bool(text.strip())
            and not name.endswith(PUBLIC)
            and not re.match(r"\s*(<|\$[({\w]|\{\{|ENC\[|changeme\b|REPLACE)", text)
        )
    if shown:
        return Verdict(secret, FAIL, f"Secret {secret.name} is committed with the value of '{name}'.", span, name)
    return Verdict(secret, PASS, f"'{name}' of {secret.name} holds no credential.", span, name)


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value, validate=False).decode("utf-8", "replace")
    except ValueError:
        return value
