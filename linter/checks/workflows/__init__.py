"""Whether GitHub can run workflows as they are written. One reading of each workflow serves all rules about it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from linter.checks import Verdict
from linter.checks.pipelines.common import Tree, failed, passed, trees
from linter.model import Estate, Map, Resource, Span

Told = dict[str, list[tuple[Resource, Span, str]]]
GROUPS = (
    "arguments", "calls", "commands", "conditions", "environment", "events", "expressions", "globs", "guards", "ids",
    "inputs", "matrix", "needs", "permissions", "runners", "runtimes", "schedules", "shells", "syntax", "types", "uses",
)  # fmt: skip


def workflow_valid(estate: Estate, *, of: str) -> Iterator[Verdict]:
    """What is wrong with workflows. of: one of GROUPS."""
    for pipeline, told in readings(estate):
        wrong = told.get(of, ())
        for resource, span, message in wrong:
            yield failed(resource, message[:1].upper() + message[1:], span)
        if not wrong:
            yield passed(pipeline)


@lru_cache(maxsize=8)
def readings(estate: Estate) -> tuple[tuple[Resource, Told], ...]:
    """Every workflow and action of GitHub's with what is wrong with it; read once for all rules."""
    return tuple((tree.top, _read(estate, tree)) for tree in trees(estate, platform="github"))


def _read(estate: Estate, tree: Tree) -> Told:
    from linter.checks.workflows.reader import Reader

    reader = Reader(estate, tree.top)
    raw: Any = tree.top.context.get("workflow")
    if isinstance(raw, Map):
        from linter.checks.workflows.whole import read_workflow

        read_workflow(reader, tree, raw)
    elif isinstance(tree.top.context.get("action"), Map):
        from linter.checks.workflows.whole import read_action

        read_action(reader, tree.top.context["action"])
    return reader.told
