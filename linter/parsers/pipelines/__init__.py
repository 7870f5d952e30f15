"""Pipelines of every platform as one model: `pipeline/pipeline`, `pipeline/job`, `pipeline/step`, `pipeline/action`."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from linter.model import Resource, Workspace

_SYSTEMS = {
    "workflow": "linter.parsers.pipelines.github",
    "gitlab": "linter.parsers.pipelines.gitlab",
    "dependabot": "linter.parsers.pipelines.dependabot",
    "pre-commit": "linter.parsers.pipelines.hooks",
    "repository-settings": "linter.parsers.pipelines.repository",
    "azure": "linter.parsers.pipelines.azure",
    "jenkins": "linter.parsers.pipelines.jenkins",
    "jenkins-casc": "linter.parsers.pipelines.jenkins_casc",
    "circleci": "linter.parsers.pipelines.circleci",
    "bitbucket": "linter.parsers.pipelines.bitbucket",
}
"""Artifact format → module with an `expand` for it; imported only where the tree has such a file."""


def expand(workspace: Workspace) -> Iterator[Resource]:
    """Resources of every pipeline of the tree; one unit per file. Never raises for bad input."""
    present = {artifact.format for artifact in workspace.artifacts.values()}
    for format, module in _SYSTEMS.items():
        if format in present:
            yield from import_module(module).expand(workspace)
