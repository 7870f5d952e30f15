"""Grafana's provisioning files: datasources, contact points, notification policies and alert rules.

https://grafana.com/docs/grafana/latest/administration/provisioning/ and, of alerting,
https://grafana.com/docs/grafana/latest/alerting/set-up/provision-alerting-resources/file-provisioning/ .

They stand in files of their own, in ConfigMaps and Secrets, and in the values of Grafana's charts; GrafanaDatasource
objects of the operator hold one each.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import Any

from linter.discovery.environments import environment_of
from linter.model import Artifact, Map, Reference, Resource, Seq, Unit, Workspace, handle
from linter.parsers.monitoring.embedded import held_files, objects_of, read_held
from linter.parsers.monitoring.grafana_alerts import alerts_of, receiver_body, route_body
from linter.records import NamedTuple
from linter.trees import as_map, at_path, maps, put, says

KEYS = ("datasources", "contactPoints", "policies", "groups")
DEEPEST = 7


class Written(NamedTuple):
    """A provisioning document. holder: the object or values that hold it, itself for a file. address: the holder's."""

    tree: Map
    holder: Map
    artifact: Artifact
    address: str


def expand(workspace: Workspace, artifacts: Iterable[Artifact]) -> Iterator[Resource]:
    """Resources `monitoring/datasource`, `monitoring/receiver` (a contact point), `monitoring/routing` (the policies, in
    the form of Alertmanager's configuration) and `monitoring/alert` (a rule, in the form of Prometheus').

    context: object (what holds it), system ('grafana'); of an alert also group.
    """
    folders: dict[str, list[Written]] = {}
    for artifact in artifacts:
        for written in _documents(artifact):
            folders.setdefault(posixpath.dirname(artifact.path), []).append(written)
    for written in (each for found in folders.values() for each in found):
        yield from _datasources(workspace, written)
        for kind, name, body, key in alerts_of(written.tree):
            alert = _resource(workspace, written, kind, name, body, key, ("group", Map(body.span)))
            alert.name = body["alert"]
            if "receiver" in body:
                source, _, _, start, end = body.at["receiver"]
                alert.references.append(Reference("notifies", "receiver", body["receiver"], (source, start, end)))
            yield alert
    for found in folders.values():
        yield from _notifying(workspace, found)


def _documents(artifact: Artifact) -> Iterator[Written]:
    for document in artifact.tree.documents:
        for body in objects_of(document.value):
            yield from _held(artifact, body)


def _held(artifact: Artifact, body: Map) -> Iterator[Written]:
    words = [at_path(body, keys) for keys in (("kind",), ("metadata", "namespace"), ("metadata", "name"))]
    address = "/".join(word for word in words if isinstance(word, str)) if isinstance(words[0], str) else artifact.path
    kind = body.get("kind")
    if says(kind, "ConfigMap", "Secret"):
        for held in held_files(body):
            if held.name.endswith((".yaml", ".yml", ".json")) and any(key in held.text for key in KEYS):
                tree = read_held(artifact.source, held)
                if is_provisioning(tree):
                    yield Written(tree, body, artifact, address)
    elif says(kind, "GrafanaDatasource"):
        spec = as_map(body.get("spec"))
        held_source = spec.get("datasource")
        if isinstance(held_source, Map):
            tree, listed = Map(spec.span), Seq(held_source.span)
            listed.append(held_source)
            listed.at.append(spec.at["datasource"])
            put(tree, "datasources", listed, spec.at["datasource"])
            yield Written(tree, body, artifact, address)
    elif "kind" not in body or says(kind, "HelmRelease"):
        yield from (Written(tree, body, artifact, address) for tree in _within(body))


def is_provisioning(tree: Any) -> bool:
    """Whether a mapping is a provisioning file: it says the version of its form and has a list that Grafana reads."""
    if not isinstance(tree, Map) or "kind" in tree:
        return False
    version = tree.get("apiVersion")
    return isinstance(version, int) and version == 1 and any(isinstance(tree.get(key), Seq) for key in KEYS)


def _within(body: Map) -> Iterator[Map]:
    """Provisioning files in values, and the datasources that kube-prometheus-stack adds."""
    waiting: list[tuple[Map, int]] = [(body, 0)]
    while waiting:
        value, depth = waiting.pop()
        if is_provisioning(value):
            yield value
            continue
        added = value.get("additionalDataSources")
        if isinstance(added, Seq) and added:
            tree = Map(added.span)
            put(tree, "datasources", added, value.at["additionalDataSources"])
            yield tree
        if depth < DEEPEST:
            waiting.extend((item, depth + 1) for item in reversed(value.values()) if isinstance(item, Map))


def _resource(
    workspace: Workspace,
    written: Written,
    kind: str,
    name: str,
    body: Map,
    key: str,
    around: tuple[str, Map] | None = None,
) -> Resource:
    """key: of the entry that names it. around: one more context, by its name."""
    path, (source, start, end) = written.artifact.path, body.span
    context: dict[str, object] = {"object": written.holder, "system": "grafana"}
    if around is not None:
        context[around[0]] = around[1]
    return Resource(
        f"monitoring/{kind}",
        f"{written.address}/{name}",
        name,
        Unit("monitoring", posixpath.dirname(path)),
        body,
        handle(body[key], body.at[key]) if key in body else (source, start, end),
        body.span,
        environment=environment_of(path, workspace.settings, workspace.paths),
        context=context,
    )


def _datasources(workspace: Workspace, written: Written) -> Iterator[Resource]:
    for body in maps(written.tree.get("datasources")):
        name = body.get("name")
        if isinstance(name, str) and "type" in body:
            yield _resource(workspace, written, "datasource", name, body, "name")


def _notifying(workspace: Workspace, found: list[Written]) -> Iterator[Resource]:
    """The policies and contact points of one folder, which belong to one Grafana.

    Without any contact point beside them the policies' receivers are unknown: people make them by hand, too.
    """
    points = [
        (written, body)
        for written in found
        for point in maps(written.tree.get("contactPoints"))
        if (body := receiver_body(point)) is not None
    ]
    routing: Resource | None = None
    for written in found:
        for policy in maps(written.tree.get("policies")):
            body = route_body(policy, [body for _, body in points])
            made = _resource(workspace, written, "routing", "policies", body, "route")
            made.anchor = handle(policy["receiver"], policy.at["receiver"]) if "receiver" in policy else made.anchor
            routing = routing or made
            yield made
    for written, body in points:
        around = ("routing", routing.body) if routing is not None else None
        made = _resource(workspace, written, "receiver", body["name"], body, "name", around)
        made.owner = routing
        yield made
