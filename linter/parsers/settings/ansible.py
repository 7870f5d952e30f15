"""Ansible's inventories and group variables, once for each environment.

Encodes "How to build your inventory" and "Using variables" of Ansible's documentation. `ansible/group` (address: the
inventory and the group; body {hosts, vars, children}) and `ansible/variables` (address: the folder of group_vars and the
group; body: what the inventory and the group's files set). What playbooks and roles give a default is in the context:
`defaults`, names of variables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from linter.discovery.settings_files import SettingsFile
from linter.model import Artifact, Environment, Map, Resource, Span, Unit, Unknown, Workspace
from linter.parsers.settings.documents import document, layered
from linter.syntax import inventory
from linter.trees import as_map, put

_VAULT = "$ANSIBLE_VAULT"
_DEEPEST = 20
_MOST = 5_000
"""Groups of one inventory that are read."""


def expand(workspace: Workspace, files: list[SettingsFile]) -> Iterator[Resource]:
    """The groups of every inventory and the variables of every group, in order of their files."""
    defaults: set[str] = set()
    variables: dict[tuple[Environment, str, str], tuple[SettingsFile, Map]] = {}
    for file in files:
        if file.environment is None:
            body = _body(workspace.artifacts[file.path], workspace)
            defaults.update(map(str, body or ()))
    for file in files:
        if file.environment is None:
            continue
        workspace.progress(file.path)
        artifact = workspace.artifacts[file.path]
        if not file.group:
            yield from _groups(file, file.environment, _inventory(artifact, workspace))
            continue
        body = _body(artifact, workspace)
        if body is not None:
            key = file.environment, file.layout.rpartition("group_vars/")[0], file.group
            seen = variables.get(key)
            variables[key] = (seen[0], layered(seen[1], body)) if seen is not None else (file, body)
    for file, body in variables.values():
        yield _variables(file, body, frozenset(defaults))


def _body(artifact: Artifact, workspace: Workspace) -> Map | None:
    """What a file of variables sets; of an encrypted one nothing is known to be absent."""
    text = artifact.source.text
    if text.startswith(_VAULT):
        body = Map((artifact.source.index, 0, len(text.partition("\n")[0])))
        body.open = Unknown("sensitive", artifact.path, "It is encrypted; its names are not to be seen.")
        return body
    return document(artifact, workspace)


def _inventory(artifact: Artifact, workspace: Workspace) -> Map:
    """Group → {hosts, vars, children}, from either form."""
    source, name = artifact.source, artifact.path.rpartition("/")[2]
    if not name.endswith((".yml", ".yaml")):
        return inventory.parse(source.index, source.text).groups
    found = Map((source.index, 0, len(source.text)))
    waiting: list[tuple[Mapping[Any, Any], int]] = [(as_map(document(artifact, workspace)), 0)]
    while waiting and len(found) < _MOST:
        groups, depth = waiting.pop()
        for key, group in groups.items():
            if isinstance(groups, Map) and key in groups.at and str(key) not in found:
                put(
                    found,
                    str(key),
                    as_map(group) if isinstance(group, Map) else Map(_span(groups, key)),
                    groups.at[key],
                )
            children = as_map(as_map(group).get("children"))
            if children and depth < _DEEPEST:
                waiting.append((children, depth + 1))
    return found


def _span(groups: Map, key: Any) -> Span:
    entry = groups.at[key]
    return entry[0], entry[3], entry[4]


def _groups(file: SettingsFile, environment: Environment, groups: Map) -> Iterator[Resource]:
    unit = Unit("ansible", file.path.rpartition("/")[0] or ".")
    for name, body in groups.items():
        source, key_start, key_end, start, end = groups.at[name]
        extent = (source, min(key_start, start), max(key_end, end))
        yield Resource(
            "ansible/group", f"{file.path}#{name}", str(name), unit, body, (source, key_start, key_end), extent,
            environment=environment,
        )  # fmt: skip


def _variables(file: SettingsFile, body: Map, defaults: frozenset[str]) -> Resource:
    first = next(iter(body.at.values()), None)
    anchor = (first[0], first[1], first[2]) if first is not None else body.span
    folder = file.path.rpartition("group_vars/")[0]
    own = file.environment.name if file.group == "*" and file.environment is not None else file.group
    address, unit = f"{folder}group_vars/{own}", Unit("ansible", folder.rstrip("/") or ".")
    return Resource(
        "ansible/variables", address, address, unit, body, anchor, body.span, environment=file.environment,
        context={"defaults": defaults},
    )  # fmt: skip
