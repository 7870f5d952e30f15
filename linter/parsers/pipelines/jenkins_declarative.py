"""Declarative pipelines: `pipeline { agent … stages { stage('x') { … } } post { … } }`.

Encodes https://www.jenkins.io/doc/book/pipeline/syntax/#declarative-pipeline.
"""

from __future__ import annotations

from collections.abc import Mapping

from linter.model import Map, Resource, Seq
from linter.parsers.pipelines.jenkins_forms import agent, calls_in, minutes, variables
from linter.parsers.pipelines.jenkins_parts import File, Guard, Job, Scope, agent_of, joined
from linter.parsers.pipelines.jenkins_scripted import Order, option
from linter.parsers.pipelines.jenkins_steps import Walker
from linter.parsers.pipelines.jenkins_values import argument, block_of, text_of, value_of
from linter.syntax.groovy_tree import Node, called
from linter.trees import put

AFTER: Mapping[str, str] = {
    "always": "always", "cleanup": "always", "changed": "always", "failure": "failure", "unsuccessful": "failure",
    "unstable": "failure", "regression": "failure", "aborted": "failure", "success": "", "fixed": "", "notBuilt": "",
}  # fmt: skip
"""Conditions of `post` → when its steps run, in the common model's words."""
_DIRECTIVES = frozenset(
    """agent environment options triggers parameters tools libraries stages post when input steps parallel matrix stage
    failFast axes excludes""".split()  # noqa: SIM905
)


class Declarative:
    """Reads `pipeline` blocks into the jobs of a file."""

    __slots__ = ("file", "job", "walker")

    def __init__(self, file: File) -> None:
        self.file = file
        self.job: Job | None = None
        self.walker = Walker(file, self._current, {})

    def _current(self, scope: Scope, _: Node) -> Job:
        if self.job is None:
            anchor = self.file.pipeline.anchor
            self.job = self.file.job("pipeline", anchor, self.file.pipeline.extent, scope, ())
        return self.job

    def pipeline(self, node: Node, scope: Scope, order: Order) -> Order:
        """The jobs of a `pipeline` block; the last of them."""
        block = block_of(node)
        body = self.file.pipeline.body
        scope = self._directives(block, scope, "pipeline")
        if scope.agent is not None:
            agent_of(body, scope.agent)
        if scope.env is not None:
            source, start, end = scope.env.span
            put(body, "env", scope.env, (source, start, start, start, end))
        inherited = scope._replace(env=None)
        for call in calls_in(block):
            if called(call) == "stages":
                order = self._sequence(call, inherited, order)
        for call in calls_in(block):
            name = called(call)
            if name == "post":
                order = self._post_job(call, inherited, order)
            elif name == "stage":
                order = self._stage(call, inherited, order)
            elif name not in _DIRECTIVES:
                self.job = None
                self.walker.visit(call, inherited)
        return order

    def _directives(self, block: Node | None, scope: Scope, level: str) -> Scope:
        """What a pipeline or a stage says of what is in it."""
        code = self.file.code
        for call in calls_in(block):
            name = called(call)
            if name == "agent":
                made = agent(code, call)
                scope = scope._replace(agent=None if made.get("kind") == "none" and level == "stage" else made)
            elif name == "environment":
                found, secrets = variables(code, block_of(call), level)
                scope = scope._replace(env=joined(scope.env, found), secrets=(*scope.secrets, *secrets))
            elif name == "options":
                for each in calls_in(block_of(call)):
                    scope = self._option(each, scope, level)
            elif name in ("triggers", "parameters") and level == "pipeline":
                option(self.file, call)
            elif name == "when":
                guarded = block_of(call)
                if guarded is not None:
                    scope = scope._replace(guards=(*scope.guards, Guard("when", guarded, False)))
            elif name == "input":
                scope = scope._replace(approvals=(*scope.approvals, (self._question(call), code.entry(call[3]))))
        return scope

    def _question(self, call: Node) -> str:
        message = argument(call, "message", 0)
        for each in calls_in(block_of(call)):
            if called(each) == "message" and each[4]:
                message = each[4][0][4]
        written = text_of(self.file.code, message) if message is not None else None
        return str(written or "")

    def _option(self, call: Node, scope: Scope, level: str) -> Scope:
        code = self.file.code
        name = called(call)
        if name == "timeout" and level == "stage":
            return scope._replace(timeout=minutes(code, call) or scope.timeout)
        if name == "lock":
            resource = argument(call, "resource", 0)
            if resource is not None:
                return scope._replace(locks=(*scope.locks, (value_of(code, resource), code.entry(resource))))
        if level == "pipeline":
            option(self.file, call)
        return scope

    def _sequence(self, node: Node, scope: Scope, order: Order) -> Order:
        """`stages { … }`: one after the other."""
        for call in calls_in(block_of(node)):
            order = self._stage(call, scope, order) if called(call) == "stage" else self._stray(call, scope, order)
        return order

    def _beside(self, node: Node, scope: Scope, order: Order) -> Order:
        """`parallel { … }`: each after what came before all of them."""
        ended: list[Resource] = []
        for call in calls_in(block_of(node)):
            found = self._stage(call, scope, order) if called(call) == "stage" else self._stray(call, scope, order)
            ended += [each for each in found if each not in order]
        return tuple(ended) or order

    def _stray(self, call: Node, scope: Scope, order: Order) -> Order:
        if called(call) not in _DIRECTIVES:
            self.job = None
            self.walker.visit(call, scope)
        return order

    def _stage(self, node: Node, scope: Scope, order: Order) -> Order:
        block = block_of(node)
        named = argument(node, "name", 0)
        code = self.file.code
        written = text_of(code, named) if named is not None else None
        name = str(written) if written is not None else code.said(named) if named is not None else "stage"
        span = (code.source, named[1], named[2]) if named is not None else (code.source, node[1], node[3][2])
        extent = (code.source, node[1], node[2])
        inner = self._directives(block, scope, "stage")
        around = inner._replace(stages=(*inner.stages, name))
        calls = {called(call): call for call in calls_in(block)}
        nested = False
        for key, reader in (("stages", self._sequence), ("parallel", self._beside), ("matrix", self._matrix)):
            if key in calls:
                order = reader(calls[key], around, order)
                nested = True
        if nested and "steps" not in calls:
            return self._post_job(calls["post"], around, order) if "post" in calls else order
        job = self.job = self.file.job(name, span, extent, inner, order)
        for call in calls_in(block):
            if called(call) == "steps":
                self.walker.inside_block(call, inner)
            elif called(call) == "post":
                self._post(call, inner)
            elif called(call) not in _DIRECTIVES:
                self.walker.visit(call, inner)
        self.job = None
        return (job.resource,)

    def _matrix(self, node: Node, scope: Scope, order: Order) -> Order:
        """The stages of a matrix, once for all its cells; the axes are the strategy of each."""
        first = len(self.file.jobs)
        block = block_of(node)
        scope = self._directives(block, scope, "stage")
        for call in calls_in(block):
            if called(call) == "stages":
                order = self._sequence(call, scope, order)
            elif called(call) == "post":
                order = self._post_job(call, scope, order)
        axes = next((self._axes(call) for call in calls_in(block) if called(call) == "axes"), None)
        for job in self.file.jobs[first:] if axes is not None else ():
            assert axes is not None
            strategy = Map(axes.span)
            at = (axes.span[0], axes.span[1], axes.span[1], axes.span[1], axes.span[2])
            put(strategy, "matrix", axes, at)
            put(job.resource.body, "strategy", strategy, at)
        return order

    def _axes(self, node: Node) -> Map:
        code = self.file.code
        made = Map((code.source, node[1], node[2]))
        for axis in calls_in(block_of(node)):
            parts = {called(each): each for each in calls_in(block_of(axis))}
            name = argument(parts["name"], "", 0) if "name" in parts else None
            values = parts.get("values")
            if name is None or values is None:
                continue
            found = Seq((code.source, values[1], values[2]))
            for arg in values[4]:
                found.append(value_of(code, arg[4]))
                found.at.append(code.entry(arg[4]))
            key = str(text_of(code, name) or code.said(name))
            made[key] = found
            made.at[key] = (code.source, name[1], name[2], values[1], values[2])
        return made

    def _post(self, node: Node, scope: Scope) -> None:
        for call in calls_in(block_of(node)):
            after = AFTER.get(called(call), "")
            self.walker.inside_block(call, scope._replace(after=after))

    def _post_job(self, node: Node, scope: Scope, order: Order) -> Order:
        """The `post` of a pipeline, or of a stage with stages, as a job that runs when these have ended."""
        code = self.file.code
        span = (code.source, node[1], node[3][2])
        job = self.job = self.file.job("post", span, (code.source, node[1], node[2]), scope, order)
        put(job.resource.body, "after", "always", code.entry(node[3]))
        self._post(node, scope)
        self.job = None
        return (job.resource,)
