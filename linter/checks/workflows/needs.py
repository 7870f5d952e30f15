"""What jobs need: jobs that there are, each once, and never in a circle.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idneeds
"""

from __future__ import annotations

from typing import Any

from linter.checks.pipelines.common import Tree
from linter.checks.workflows.events import words_of
from linter.checks.workflows.reader import Reader, at_key, at_value
from linter.model import Map


def read_needs(reader: Reader, tree: Tree, jobs: Map) -> None:
    ids = {str(id).lower(): id for id in jobs}
    edges: dict[Any, list[Any]] = {}
    for id, job in jobs.items():
        if not isinstance(job, Map) or "needs" not in job:
            continue
        reader.resource = tree.ids.get(str(id), tree.top)
        seen: set[str] = set()
        for name, at in words_of(job["needs"], job.at["needs"]):
            lowered = name.lower()
            if lowered in seen:
                reader.tell("needs", at_value(name, at), f"`{name}` is needed twice")
            elif lowered not in ids:
                # At the job's name, which is what cannot start.
                reader.tell("needs", at_key(jobs.at[id]), f"job `{id}` needs `{name}`, and there is no such job")
            else:
                edges.setdefault(id, []).append(ids[lowered])
            seen.add(lowered)
    _circles(reader, tree, jobs, edges)
    reader.resource = tree.top


def _circles(reader: Reader, tree: Tree, jobs: Map, edges: dict[Any, list[Any]]) -> None:
    """Each circle once, at the job of it that is written first. Every job and edge is walked once."""
    done: set[Any] = set()
    order = {id: number for number, id in enumerate(jobs)}
    for root in jobs:
        path: list[Any] = []
        on_path: dict[Any, int] = {}
        stack: list[tuple[Any, int]] = [(root, 0)]
        while stack:
            id, number = stack.pop()
            if number == 0:
                if id in done:
                    continue
                on_path[id] = len(path)
                path.append(id)
            following = edges.get(id, [])
            if number < len(following):
                stack.append((id, number + 1))
                other = following[number]
                if other in on_path:
                    _circle(reader, tree, jobs, path[on_path[other] :], order)
                elif other not in done:
                    stack.append((other, 0))
                continue
            done.add(id)
            path.pop()
            del on_path[id]


def _circle(reader: Reader, tree: Tree, jobs: Map, circle: list[Any], order: dict[Any, int]) -> None:
    first = min(range(len(circle)), key=lambda number: order[circle[number]])
    turned = circle[first:] + circle[:first]
    names = " → ".join(f"`{id}`" for id in [*turned, turned[0]][:20])
    reader.resource = tree.ids.get(str(turned[0]), tree.top)
    reader.tell("needs", at_key(jobs.at[turned[0]]), f"these jobs wait for each other for ever: {names}")
