"""Scripted pipelines: `node`, `stage` and `parallel` wherever they stand, the steps between them in jobs of their own."""

from __future__ import annotations

from collections.abc import Callable

from linter.model import Map, Resource, Seq
from linter.parsers.pipelines.jenkins_forms import calls_in, inputs, minutes, trigger, triggers
from linter.parsers.pipelines.jenkins_parts import File, Job, Scope
from linter.parsers.pipelines.jenkins_steps import Walker
from linter.parsers.pipelines.jenkins_values import argument, block_of, text_of, value_of
from linter.syntax.groovy_tree import Node, called
from linter.trees import put

Order = tuple[Resource, ...]


class _Place:
    """A stage, a branch or the space between them: its job is made when its first step is met."""

    __slots__ = ("extent", "job", "name", "scope", "span")

    def __init__(self, name: str, span: tuple[int, int], extent: tuple[int, int], scope: Scope | None) -> None:
        self.name = name
        self.span = span
        self.extent = extent
        self.scope = scope
        self.job: Job | None = None


class Scripted:
    """Reads statements from the top of a file. order: the jobs that have ended where the reading stands."""

    __slots__ = ("declarative", "file", "order", "place", "walker")

    def __init__(self, file: File) -> None:
        self.file = file
        self.order: Order = ()
        self.place: _Place | None = None
        self.declarative: Callable[[Node, Scope, Order], Order] = lambda _, __, order: order
        self.walker = Walker(file, self._job, {
            "stage": self._stage, "parallel": self._parallel, "node": self._node, "pipeline": self._pipeline,
            "properties": self._properties, "apart": self._apart,
        })  # fmt: skip

    def read(self, statements: tuple[Node, ...]) -> None:
        """The statements of a file, then the methods that none of them called."""
        named: _Place | None = None
        for node in statements:
            if node[0] == "class":
                self._methods(node[4])
                continue
            if node[0] == "call" and called(node) == "stage" and block_of(node) is None:
                named = self.place = self._begin(node, Scope())
                continue
            self.walker.visit(node, Scope())
            self.place = named
        self.place = None
        self._methods(statements)

    def _methods(self, statements: tuple[Node, ...]) -> None:
        for node in statements:
            if node[0] == "method" and node[3] not in self.file.called:
                self.file.called.add(node[3])
                self.place, self.order = _Place(f"{node[3]}()", (node[1], node[1] + 1), (node[1], node[2]), Scope()), ()
                self.walker.block(node[5], Scope())
        self.place = None

    def _job(self, scope: Scope, node: Node) -> Job:
        place = self.place
        if place is None:
            place = self.place = _Place("node", (0, 0), (0, 0), None)
        if place.job is None:
            source = self.file.code.source
            span = (source, *place.span) if place.span[1] else (source, node[1], node[3][2])
            extent = (source, *place.extent) if place.extent[1] else self.file.pipeline.extent
            outer = scope if place.scope is None else place.scope
            if place.scope is None:
                outer = Scope(env=scope.env, secrets=scope.secrets, agent=scope.agent, timeout=scope.timeout)
            elif scope.agent is not None:
                outer = outer._replace(agent=scope.agent)
            place.job = self.file.job(place.name, span, extent, outer, self.order)
        return place.job

    def _begin(self, node: Node, scope: Scope) -> _Place:
        name = argument(node, "name", 0)
        written = text_of(self.file.code, name) if name is not None else None
        span = (name[1], name[2]) if name is not None else (node[1], node[3][2])
        said = self.file.code.said(name) if name is not None else "stage"
        return _Place(str(written) if written is not None else said, span, (node[1], node[2]), scope)

    def _within(self, place: _Place, block: Node | None, scope: Scope) -> None:
        """A block with a place of its own; what stood around it goes on behind it."""
        outer, before = self.place, self.order
        self.place = place
        inner = scope._replace(stages=(*scope.stages, place.name))
        self.walker.block(block[4] if block is not None else (), inner)
        if place.job is not None:
            self.order = (place.job.resource,) if self.order == before else (*self.order, place.job.resource)
        self.place = outer

    def _settle(self) -> None:
        """The steps between stages end where the next one begins."""
        if self.place is not None and self.place.scope is None:
            if self.place.job is not None:
                self.order = (self.place.job.resource,)
            self.place = None

    def _stage(self, node: Node, scope: Scope) -> None:
        self._settle()
        block = block_of(node)
        if block is None:
            self.place = self._begin(node, scope)
            return
        self._within(self._begin(node, scope), block, scope)

    def _node(self, node: Node, scope: Scope) -> None:
        label = argument(node, "label", 0)
        code = self.file.code
        made = Map((code.source, node[1], node[3][2]))
        put(made, "kind", "any" if label is None else "label", code.entry(node[3]))
        if label is not None:
            put(made, "label", value_of(code, label), code.entry(label))
        self.walker.inside(node, scope._replace(agent=made))

    def _parallel(self, node: Node, scope: Scope) -> None:
        """Branches beside each other: none ends before another begins."""
        branches = [arg for arg in node[4] if arg[4][0] == "closure"]
        branches += [entry for arg in node[4] if arg[4][0] == "map" for entry in arg[4][3] if entry[4][0] == "closure"]
        if branches:
            self._settle()
        before, ended = self.order, []
        for _, start, end, key, block in branches:
            self.order = before
            name = key if isinstance(key, str) else self.file.code.text[start:end].strip("\"'")
            self._within(_Place(str(name), (start, end), (block[1], block[2]), scope), block, scope)
            ended += [each for each in self.order if each not in before or len(self.order) == 1]
        if branches:
            self.order = tuple(ended) or before
        else:
            self.walker.inside(node, scope, lambda: self.walker.step(node, "parallel", scope))

    def _apart(self, node: Node, scope: Scope) -> None:
        """A block that is kept as a value: it runs when it is called, so nothing here is known to end before it."""
        before, place = self.order, self.place
        block = node[4][0][4]
        self.walker.block(block[4], scope)
        if self.order != before:
            self.order = (*before, *self.order)
        self.place = place

    def _pipeline(self, node: Node, scope: Scope) -> None:
        self._settle()
        self.order = self.declarative(node, scope, self.order)

    def _properties(self, node: Node, scope: Scope) -> None:
        """`properties([disableConcurrentBuilds(), parameters([…]), pipelineTriggers([…])])`."""
        for arg in node[4]:
            for item in arg[4][3] if arg[4][0] == "list" else ():
                option(self.file, item[4])


def option(file: File, call: Node) -> None:
    """An option of the whole pipeline, wherever it is set."""
    body, code = file.pipeline.body, file.code
    name, at = called(call), code.entry(call)
    if name == "disableConcurrentBuilds":
        made = Map((code.source, call[1], call[2]))
        put(made, "group", file.path, at)
        abort = argument(call, "abortPrevious")
        put(made, "cancel", value_of(code, abort) if abort is not None else False, at)
        put(body, "concurrency", made, at)
    elif name == "timeout":
        found = minutes(code, call)
        if found is not None:
            put(body, "timeout", *found)
    elif name in ("parameters", "pipelineTriggers", "triggers"):
        block = block_of(call)
        listed = [item[4] for arg in call[4] if arg[4][0] == "list" for item in arg[4][3]]
        calls = [*calls_in(block), *(each for each in listed if each[0] == "call")]
        triggered = body["triggers"] if "triggers" in body else Seq((code.source, call[1], call[2]))
        put(body, "triggers", triggered, at)
        if name == "parameters":
            span = (code.source, call[1], call[3][2])
            given = trigger(triggered, "build", "manual", span)
            put(given, "inputs", inputs(code, calls, span), at)
        else:
            triggers(code, calls, triggered)
