"""How images are built and run: Dockerfiles, Compose projects and Swarm stacks."""

from __future__ import annotations

from collections.abc import Iterator

from linter.model import Resource, Workspace


def expand(workspace: Workspace) -> Iterator[Resource]:
    """Resources of every Dockerfile of the tree, one unit per file, and of every Compose project. Never raises for bad input."""
    formats = {artifact.format for artifact in workspace.artifacts.values()}
    if "dockerfile" in formats:
        from linter.parsers.containers import dockerfile

        yield from dockerfile.expand(workspace)
    if "compose" in formats:
        from linter.parsers.containers import compose

        yield from compose.expand(workspace)
