"""Alertmanager's configuration wherever it is written: routes and receivers.

https://prometheus.io/docs/alerting/latest/configuration/ ; AlertmanagerConfig (monitoring.coreos.com/v1beta1) has its
spec in camel case; ConfigMaps and Secrets hold the file as text; Helm values and HelmReleases as a mapping
(`alertmanager.config` of kube-prometheus-stack).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import Any

from linter.discovery.environments import environment_of
from linter.model import Artifact, Map, Resource, Seq, Span, Unit, Workspace, handle
from linter.parsers.monitoring.embedded import held_files, objects_of, read_held
from linter.trees import at_path, says

NULL_NAMES = frozenset(
    ("null", "none", "blackhole", "black-hole", "devnull", "dev-null", "noop", "void", "drop", "silent")
)
DEEPEST = 7


def expand(workspace: Workspace, artifacts: Iterable[Artifact]) -> Iterator[Resource]:
    """Resources `monitoring/routing` (body: the configuration, or an AlertmanagerConfig's spec) and, owned by it,
    `monitoring/receiver` (body: the receiver).

    context: object (what holds it), system, of a receiver also routing. The address is the object's or the file's, a
    receiver's `<routing>/<name>`.
    """
    for artifact in artifacts:
        for holder, body in _configurations(artifact):
            yield from _resources(workspace, artifact, holder, body)


def _configurations(artifact: Artifact) -> Iterator[tuple[Map, Map]]:
    """(what holds it, configuration)."""
    for document in artifact.tree.documents:
        for body in objects_of(document.value):
            if says(body.get("kind"), "AlertmanagerConfig"):
                spec = body.get("spec")
                if isinstance(spec, Map):
                    yield body, spec
            elif says(body.get("kind"), "ConfigMap", "Secret"):
                for held in held_files(body):
                    if held.name.startswith("alertmanager.y"):
                        tree = read_held(artifact.source, held)
                        if is_configuration(tree):
                            yield body, tree
            else:
                yield from ((body, found) for found in _within(body))


def _within(body: Map) -> Iterator[Map]:
    waiting: list[tuple[Map, int]] = [(body, 0)]
    while waiting:
        value, depth = waiting.pop()
        if is_configuration(value):
            yield value
        elif depth < DEEPEST:
            waiting.extend((item, depth + 1) for item in reversed(value.values()) if isinstance(item, Map))


def is_configuration(value: Any) -> bool:
    """Whether a mapping is Alertmanager's: one route and a list of receivers."""
    return isinstance(value, Map) and isinstance(value.get("route"), Map) and isinstance(value.get("receivers"), Seq)


def _resources(workspace: Workspace, artifact: Artifact, holder: Map, body: Map) -> Iterator[Resource]:
    kind, name = holder.get("kind"), at_path(holder, ("metadata", "name"))
    file = posixpath.basename(artifact.path)
    namespace = at_path(holder, ("metadata", "namespace"))
    words = [word for word in (kind, namespace, name) if isinstance(word, str)]
    address = "/".join(words) if isinstance(kind, str) and isinstance(name, str) else artifact.path
    routing = Resource(
        "monitoring/routing",
        address,
        name if isinstance(name, str) else file,
        Unit("monitoring", posixpath.dirname(artifact.path)),
        body,
        _anchor(body),
        body.span,
        environment=environment_of(artifact.path, workspace.settings, workspace.paths),
        context={"object": holder, "system": "prometheus"},
    )
    yield routing
    receivers = body.get("receivers")
    if not isinstance(receivers, Seq):
        return
    for index, receiver in enumerate(receivers):
        if not isinstance(receiver, Map):
            continue
        called = receiver.get("name")
        yield Resource(
            "monitoring/receiver",
            f"{address}/{called if isinstance(called, str) else index}",
            called if isinstance(called, str) else str(index),
            routing.unit,
            receiver,
            handle(receiver, receivers.at[index]),
            receiver.span,
            environment=routing.environment,
            context={"routing": body, "object": holder, "system": "prometheus"},
            owner=routing,
        )


def _anchor(body: Map) -> Span:
    route = body.get("route")
    if isinstance(route, Map) and "receiver" in route.at:
        return handle(route["receiver"], route.at["receiver"])
    if "route" in body.at:
        return handle(route, body.at["route"])
    return handle(body, (body.span[0], body.span[1], body.span[1], body.span[1], body.span[2]))


def integrations(receiver: Map) -> dict[str, Seq]:
    """What a receiver notifies: `pagerduty`, `slack`… → its entries, for `pagerduty_configs` and `pagerdutyConfigs`."""
    found = {}
    for key, value in receiver.items():
        if isinstance(key, str) and isinstance(value, Seq) and value and key.lower().endswith("configs"):
            found[key.lower().removesuffix("configs").rstrip("_")] = value
    return found


def is_null(name: Any) -> bool:
    """Whether a receiver's name says that it is there to notify nobody."""
    return isinstance(name, str) and (name.lower() in NULL_NAMES or name.lower().rpartition("/")[2] in NULL_NAMES)
