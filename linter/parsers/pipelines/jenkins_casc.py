"""Jenkins' own configuration as code: the controller, its credentials, users, roles and agents.

Encodes https://github.com/jenkinsci/configuration-as-code-plugin: one mapping with `jenkins`, `credentials`,
`unclassified`… at its top; `${NAME}` is filled in when Jenkins reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model import Artifact, Entry, Map, Resource, Seq, Unit, Unknown, Workspace
from linter.trees import at_path, maps, put

_PASSED = frozenset(("id", "description", "scope", "username"))


def expand(workspace: Workspace) -> Iterator[Resource]:
    """`pipeline/controller`, and `pipeline/controller-credential`, `-user`, `-role` and `-agent` of every file."""
    for artifact in workspace.of_format("jenkins-casc"):
        workspace.progress(artifact.path)
        for document, _, _ in getattr(artifact.tree, "documents", ()):
            if isinstance(document, Map) and isinstance(document.get("jenkins"), Map):
                yield from _controller(artifact, document)


def _controller(artifact: Artifact, document: Map) -> Iterator[Resource]:
    source, start, end, _, _ = document.at["jenkins"]
    unit = Unit("controller", artifact.path)
    controller = Resource(
        "pipeline/controller", artifact.path, "jenkins", unit, document, (source, start, end), document.span
    )
    yield controller
    listed = at_path(document, ("credentials", "system", "domainCredentials"))
    for domain in maps(listed):
        for each in maps(domain.get("credentials")):
            for type, body in each.items():
                if isinstance(body, Map):
                    made = _part(controller, "credential", body, _name(body.get("id"), type), each.at[type])
                    put(body, "type", type, each.at[type][:3] + each.at[type][1:3])
                    yield made
    jenkins = document["jenkins"]
    yield from _listed(controller, "user", at_path(jenkins, ("securityRealm", "local", "users")), "id")
    roles = at_path(jenkins, ("authorizationStrategy", "roleBased", "roles"))
    for group in roles.values() if isinstance(roles, Map) else ():
        yield from _listed(controller, "role", group, "name")
    nodes = jenkins.get("nodes")
    for each, at in zip(nodes, nodes.at, strict=True) if isinstance(nodes, Seq) else ():
        body = each.get("permanent") if isinstance(each, Map) else None
        if isinstance(body, Map):
            yield _part(controller, "agent", body, _name(body.get("name"), "agent"), at)


def _listed(controller: Resource, kind: str, listed: Any, key: str) -> Iterator[Resource]:
    if isinstance(listed, Seq):
        for body, at in zip(listed, listed.at, strict=True):
            if isinstance(body, Map):
                yield _part(controller, kind, body, _name(body.get(key), kind), at)


def _name(value: Any, otherwise: Any) -> str:
    return str(otherwise if isinstance(value, Unknown) else value or otherwise)


def _part(controller: Resource, kind: str, body: Map, name: str, at: Entry) -> Resource:
    anchor = body.at.get("id") or body.at.get("name") or at
    source, _, _, start, end = anchor
    return Resource(
        f"pipeline/controller-{kind}", f"{controller.address}#{kind}:{name}", name, controller.unit, body,
        (source, start, end), body.span,
        context={"controller": controller.body}, owner=controller,
    )  # fmt: skip
