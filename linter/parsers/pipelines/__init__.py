"""Pipelines of every platform as one model: `pipeline/pipeline`, `pipeline/job`, `pipeline/step`, `pipeline/action`."""

from __future__ import annotations

from collections.abc import Iterator

from linter.model import Resource, Workspace


def expand(workspace: Workspace) -> Iterator[Resource]:
    """Resources of every pipeline of the tree; one unit per file. Never raises for bad input."""
    from linter.parsers.pipelines import github

    yield from github.expand(workspace)
