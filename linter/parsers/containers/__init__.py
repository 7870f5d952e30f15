"""How images are built and run: Dockerfiles."""

from __future__ import annotations

from collections.abc import Iterator

from linter.model import Resource, Workspace


def expand(workspace: Workspace) -> Iterator[Resource]:
    """Resources of every Dockerfile of the tree; one unit per file. Never raises for bad input."""
    from linter.parsers.containers import dockerfile

    yield from dockerfile.expand(workspace)
