"""The commands of a job's scripts as steps."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from linter.model import Entry, Map, Resource, Seq, Unknown
from linter.parsers.pipelines.model import text, texts
from linter.parsers.pipelines.roles import roles_of_commands
from linter.parsers.pipelines.shell import Command, commands
from linter.trees import as_map, put

MAX_STEPS = 50_000
"""Of one pipeline: more come only of many jobs that inherit one very long script."""
_NESTED = 20
_BUDGET = Unknown("budget", "script", f"more than {MAX_STEPS:,} commands belong to this pipeline")


class Steps:
    """Makes the steps of the jobs of one pipeline; commands that jobs share are read once."""

    __slots__ = ("_left", "_read")

    def __init__(self) -> None:
        self._left = MAX_STEPS
        self._read: dict[str, tuple[list[Command], set[str], set[str]]] = {}

    def read(self, raw: Map, job: Resource) -> Iterator[Resource]:
        """A job's steps in the order GitLab runs them."""
        index, folder = 0, ""
        if self._left <= 0 and job.body.open is None:
            job.body.open = _BUDGET
        for section, value, entry in _sections(raw) if self._left > 0 else ():
            folder = "" if section == "after_script" else folder
            for number, (command, at) in enumerate(_flat(value, entry), 1):
                if self._left <= 0:
                    if job.body.open is None:
                        job.body.open = _BUDGET
                    return
                self._left -= 1
                index += 1
                step = self._step(job, section, number, index, command, at)
                if folder:
                    put(step.body, "working_directory", folder, step.body.at["run"])
                folder = _left_in(folder, step.context["commands"])
                yield step

    def _step(self, job: Resource, section: str, number: int, index: int, run: str, at: Entry) -> Resource:
        source, _, _, start, end = at
        at = (source, start, start, start, end)
        body = Map((source, start, end))
        put(body, "index", index, (source, start, start, start, start))
        put(body, "section", section, at)
        put(body, "run", run, at)
        if section == "after_script":
            put(body, "after", "always", at)
        if run not in self._read:
            found = commands(run)
            self._read[run] = (found, *roles_of_commands(found))
        found, roles, families = self._read[run]
        put(body, "roles", texts(sorted(roles), at), at)
        put(body, "families", texts(sorted(families), at), at)
        put(body, "expressions", Seq((source, start, start)), at)
        return Resource(
            "pipeline/step", f"{job.address}:{index}", f"{section} {number}", job.unit, body, (source, start, end),
            (source, start, end), environment=job.environment, context={**job.context, "commands": found}, owner=job,
        )  # fmt: skip


def _left_in(folder: str, commands: list[Command]) -> str:
    """The folder the commands of an entry leave the shell in, which runs the next entry there too."""
    for command in commands:
        if command.program not in ("cd", "pushd", "popd") or not _OWN.isdisjoint(command.within):
            continue
        moved = command.program != "popd" and len(command.words) == 2 and not command.within
        folder = posixpath.join(folder, command.words[1]) if moved else "$PWD"
    return folder


_OWN = frozenset(("subshell", "substitution", "function"))
"""What changes the folder for its own commands only."""


def _sections(raw: Map) -> Iterator[tuple[str, Any, Entry]]:
    hooks = as_map(raw.get("hooks"))
    if "pre_get_sources_script" in hooks:
        yield "hooks", hooks["pre_get_sources_script"], hooks.at["pre_get_sources_script"]
    for section in ("before_script", "script"):
        if section in raw:
            yield section, raw[section], raw.at[section]
    run = raw.get("run")
    for step in run if isinstance(run, Seq) else ():
        if isinstance(step, Map) and isinstance(step.get("script"), str):
            yield "run", step["script"], step.at["script"]
    if "after_script" in raw:
        yield "after_script", raw["after_script"], raw.at["after_script"]


def _flat(value: Any, entry: Entry) -> Iterator[tuple[str, Entry]]:
    """The commands of a script, those of the lists in it too, in order."""
    stack: list[tuple[Any, Entry, int]] = [(value, entry, 0)]
    while stack:
        item, at, depth = stack.pop()
        if isinstance(item, Seq):
            if depth < _NESTED:
                pairs = zip(reversed(item), reversed(item.at), strict=True)
                stack.extend((inner, place, depth + 1) for inner, place in pairs)
        elif isinstance(item, (str, int, float)) and text(item).strip():
            yield text(item), at
