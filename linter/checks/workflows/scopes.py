"""What a workflow itself says about its contexts: inputs, secrets, the matrix, needed jobs, steps that ran before."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from linter.model import Map, Seq
from linter.parsers.pipelines.expression_contexts import FIXED, SITES, github_with
from linter.parsers.pipelines.expression_types import (
    ANY,
    BOOL,
    LOOSE,
    NUMBER,
    STRING,
    STRINGS,
    Scope,
    Type,
    judge,
    merge,
    of_value,
    strict,
)
from linter.parsers.pipelines.expressions import parse
from linter.trees import as_map, maps

_INPUT_TYPES = {"boolean": BOOL, "number": NUMBER, "string": STRING, "choice": STRING, "environment": STRING}
NOTHING: Type = ("object", {}, None)


class Known:
    """Contexts of which nothing but GitHub's documentation is known."""

    __slots__ = ()

    def type_of(self, context: str) -> Type:
        return _github() if context == "github" else FIXED.get(context, ANY)


@cache
def _github() -> Type:
    return github_with(None)


class Workflow(Known):
    """What holds in a whole workflow. outputs_of: the names of the outputs of what a job calls, None if not known."""

    __slots__ = ("_fixed", "jobs", "outputs_of", "raw")

    def __init__(self, raw: Map, outputs_of: Any) -> None:
        self.raw = raw
        self.outputs_of = outputs_of
        self.jobs: dict[str, Any] = {name_of(id): job for id, job in as_map(raw.get("jobs")).items()}
        self._fixed: dict[str, Type] = {}

    def type_of(self, context: str) -> Type:
        made = self._fixed.get(context)
        if made is None:
            made = self._fixed[context] = self._type_of(context)
        return made

    def _type_of(self, context: str) -> Type:
        triggers = events_of(self.raw.get("on"))
        if context == "inputs":
            return _inputs(triggers)
        if context == "github":
            manual = triggers.get("workflow_dispatch")
            if manual is None or "workflow_call" in triggers or not isinstance(manual.get("inputs"), Map):
                return _github()
            return github_with(("object", {name_of(name): STRING for name in manual["inputs"]}, None))
        if context == "secrets":
            return _secrets(triggers)
        if context == "jobs":
            return ("object", {id: self.job(id) for id in self.jobs}, None)
        return FIXED.get(context, ANY)

    def job(self, id: str) -> Type:
        """What others see of a job: its outputs and how it ended."""
        raw = self.jobs.get(id)
        if not isinstance(raw, Map):
            return ANY
        outputs: Type = NOTHING
        if "uses" in raw:
            names = self.outputs_of(raw["uses"])
            outputs = STRINGS if names is None else named(names)
        elif isinstance(raw.get("outputs"), Map):
            outputs = named(raw["outputs"])
        elif "outputs" in raw:
            outputs = STRINGS
        return strict(outputs=outputs, result=STRING)


def name_of(key: Any) -> str:
    """A mapping's key as expressions know it."""
    return "null" if key is None else str(key).lower()


def named(names: Any) -> Type:
    return ("object", {name_of(name): STRING for name in names}, None)


def events_of(on: Any) -> dict[str, Map]:
    """Event → its options, an empty mapping where it has none."""
    if isinstance(on, Map):
        return {str(event): as_map(options) for event, options in on.items()}
    if isinstance(on, Seq):
        return {event: as_map(None) for event in on if isinstance(event, str)}
    return {on: as_map(None)} if isinstance(on, str) else {}


def _inputs(triggers: Mapping[str, Map]) -> Type:
    found: Type = NOTHING
    for event in ("workflow_dispatch", "workflow_call"):
        inputs = triggers[event].get("inputs") if event in triggers else None
        if isinstance(inputs, Map):
            found = merge(found, ("object", {name_of(key): input_type(each) for key, each in inputs.items()}, None))
        elif inputs is not None:
            return LOOSE
    return found


def input_type(raw: Any) -> Type:
    kind = as_map(raw).get("type")
    return _INPUT_TYPES.get(kind, ANY) if isinstance(kind, str) else ANY


def _secrets(triggers: Mapping[str, Map]) -> Type:
    """Where only others call a workflow and it says which secrets it takes, it has no other."""
    called = triggers.get("workflow_call")
    if called is None or "secrets" not in called or len(triggers) > 1:
        return STRINGS
    names = ("github_token", "actions_runner_debug", "actions_step_debug")
    return named([*as_map(called["secrets"]), *names])


class Job(Known):
    """What holds in one job: what it needs, its matrix, and the steps that ran before the one being read."""

    __slots__ = ("_fixed", "raw", "steps", "workflow")

    def __init__(self, workflow: Workflow, raw: Map) -> None:
        self.workflow = workflow
        self.raw = raw
        self.steps: dict[str, Type] = {}
        self._fixed: dict[str, Type] = {}

    def type_of(self, context: str) -> Type:
        if context == "steps":
            return ("object", self.steps, None)
        if context not in ("needs", "matrix"):
            return self.workflow.type_of(context)
        made = self._fixed.get(context)
        if made is None:
            made = self._needs() if context == "needs" else matrix_type(self.raw)
            self._fixed[context] = made
        return made

    def _needs(self) -> Type:
        needed = self.raw.get("needs")
        ids = [needed] if isinstance(needed, str) else needed if isinstance(needed, Seq) else []
        return ("object", {id.lower(): self.workflow.job(id.lower()) for id in ids if isinstance(id, str)}, None)


class Action(Known):
    """What holds in a composite action."""

    __slots__ = ("raw", "steps")

    def __init__(self, raw: Map) -> None:
        self.raw = raw
        self.steps: dict[str, Type] = {}

    def type_of(self, context: str) -> Type:
        if context == "steps":
            return ("object", self.steps, None)
        return named(as_map(self.raw.get("inputs"))) if context == "inputs" else Known.type_of(self, context)


def step_type(outputs: Any) -> Type:
    """What later steps see of a step; outputs: the names of its outputs, None if not known."""
    return strict(outputs=STRINGS if outputs is None else named(outputs), conclusion=STRING, outcome=STRING)


def matrix_type(job: Map) -> Type:
    """The `matrix` context: rows and what `include` adds; open where an expression gives all or some of it."""
    strategy = job.get("strategy")
    if strategy is not None and not isinstance(strategy, Map):
        return LOOSE
    matrix = as_map(strategy).get("matrix")
    if matrix is None:
        return NOTHING
    if not isinstance(matrix, Map):
        return LOOSE
    found: dict[str, Type] = {}
    for name, row in matrix.items():
        if name not in ("include", "exclude"):
            found[name_of(name)] = _row(row)
    added = matrix.get("include")
    if added is not None and (not isinstance(added, Seq) or len(maps(added)) != len(added)):
        return ("object", found, ANY)
    for each in maps(added):
        for name, value in each.items():
            key, kind = name_of(name), _value(value)
            found[key] = merge(found[key], kind) if key in found else kind
    return ("object", found, None)


def _row(row: Any) -> Type:
    if not isinstance(row, Seq):
        kind = _value(row)
        return kind[1] if kind.__class__ is tuple and kind[0] == "array" else ANY
    found: Type = None
    for each in row:
        kind = _value(each)
        found = kind if found is None else merge(found, kind)
    return ANY if found is None else found


def _value(value: Any, depth: int = 0) -> Type:
    if isinstance(value, str) and "${{" in value:
        return _expanded(value)
    if depth < 20 and isinstance(value, Map):
        return ("object", {name_of(key): _value(item, depth + 1) for key, item in value.items()}, None)
    if depth < 20 and isinstance(value, Seq):
        found: Type = None
        for each in value:
            kind = _value(each, depth + 1)
            found = kind if found is None else merge(found, kind)
        return ("array", ANY if found is None else found)
    return of_value(value) if not isinstance(value, (Map, Seq)) else ANY


def _expanded(value: str) -> Type:
    """What a text with an expression in a matrix becomes, as far as it is the same in every run."""
    written = value.strip()
    if not (written.startswith("${{") and written.endswith("}}")) or written.count("${{") > 1:
        return STRING
    node = parse(written[3:-2].strip()).node
    contexts, functions = SITES["strategy"]
    return ANY if node is None else judge(node, Scope(contexts, functions, Known().type_of), [])
