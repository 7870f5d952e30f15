"""Settings that each environment has a file of: variables (`.env.production`), configurations, Ansible's groups.

Kinds: `settings/dotenv` and `settings/config` (address: the file's path; body: what it sets, over what lies below it) and
`ansible/group` and `ansible/variables`, see ansible.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from linter.discovery.settings_files import ANSIBLE, DOTENV, SettingsFile, find
from linter.model import Artifact, Map, Resource, Unit, Workspace
from linter.parsers.settings.documents import document, layered

_OURS = frozenset(("settings-dotenv", "settings-config", "settings-ansible", "dotenv"))


def expand(workspace: Workspace) -> Iterator[Resource]:
    """Every file of settings that is for one environment, and every group of Ansible's inventories."""
    ours = {path for path, each in workspace.artifacts.items() if each.format in _OURS}
    files = [each for each in find(workspace.paths, workspace.settings) if each.path in ours]
    below: dict[tuple[str, str], Map] = {}
    for file in files:
        if file.environment is None and file.format != ANSIBLE:
            body = body_of(workspace.artifacts[file.path], file, workspace)
            if body is not None:
                below.setdefault((file.format, _home(file)), body)
    for file in files:
        artifact = workspace.artifacts[file.path]
        if file.environment is None or file.format == ANSIBLE:
            continue
        workspace.progress(file.path)
        own = body_of(artifact, file, workspace)
        if own is not None:
            yield _resource(file, own, below.get((file.format, _home(file))))
    if any(file.format == ANSIBLE for file in files):
        from linter.parsers.settings import ansible

        yield from ansible.expand(workspace, [file for file in files if file.format == ANSIBLE])


def _home(file: SettingsFile) -> str:
    return file.layout.rpartition("/")[0] if file.format == DOTENV else file.layout


def body_of(artifact: Artifact, file: SettingsFile, workspace: Workspace) -> Map | None:
    """What a file sets; None where it cannot be read as what its name says, which is noted."""
    if file.format == DOTENV:
        from linter.parsers.settings.variables import variables

        return variables(artifact.source)
    return document(artifact, workspace)


def _resource(file: SettingsFile, own: Map, below: Map | None) -> Resource:
    body = layered(below, own) if below is not None else own
    first = next(iter(own.at.values()), None)
    anchor = (first[0], first[1], first[2]) if first is not None else (own.span[0], own.span[1], own.span[1])
    folder = file.path.rpartition("/")[0]
    return Resource(
        f"settings/{file.format}", file.path, file.path, Unit(file.format, folder or "."), body, anchor,
        own.span, environment=file.environment,
    )  # fmt: skip
