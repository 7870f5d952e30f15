"""Statements and steps around others: what they make of the scope of the steps inside them.

Encodes https://www.jenkins.io/doc/pipeline/steps/workflow-basic-steps/ and …/credentials-binding/.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from typing import Protocol

from linter.model import Map
from linter.parsers.pipelines.jenkins_forms import bindings, minutes
from linter.parsers.pipelines.jenkins_parts import File, Guard, Scope, Secret, joined
from linter.parsers.pipelines.jenkins_values import argument, text_of, value_of
from linter.syntax.groovy_tree import Node


class Walker(Protocol):
    """What reads the statements inside; see jenkins_steps.Walker."""

    file: File

    def visit(self, node: Node, scope: Scope) -> None: ...
    def argument(self, node: Node, scope: Scope) -> None: ...
    def block(self, statements: tuple[Node, ...], scope: Scope) -> None: ...
    def call(self, node: Node, scope: Scope) -> None: ...
    def inside(self, node: Node, scope: Scope) -> None: ...
    def inside_block(self, node: Node, scope: Scope) -> None: ...


Reader = Callable[[Walker, Node, Scope], None]


def _if(walker: Walker, node: Node, scope: Scope) -> None:
    before: tuple[Guard, ...] = ()
    for condition, body in node[3]:
        walker.argument(condition, scope)
        walker.block(body, scope._replace(guards=(*scope.guards, *before, Guard("if", condition, False))))
        before += (Guard("if", condition, True),)
    walker.block(node[4] or (), scope._replace(guards=scope.guards + before))


def _loop(walker: Walker, node: Node, scope: Scope) -> None:
    walker.block(node[4], scope)
    walker.block(node[5], scope)


def _try(walker: Walker, node: Node, scope: Scope) -> None:
    walker.block(node[3], scope)
    for _, body in node[4]:
        walker.block(body, scope._replace(after=scope.after or "failure"))
    walker.block(node[5], scope._replace(after=scope.after or "always"))


def _switch(walker: Walker, node: Node, scope: Scope) -> None:
    for label, body in node[4]:
        walker.block(body, scope._replace(guards=(*scope.guards, Guard("case", label or node[3], False))))


def _closure(walker: Walker, node: Node, scope: Scope) -> None:
    walker.block(node[4], scope)


STATEMENTS: Mapping[str, Reader] = {
    "call": lambda walker, node, scope: walker.call(node, scope), "if": _if, "loop": _loop, "try": _try,
    "switch": _switch, "closure": _closure,
}  # fmt: skip


def _with_credentials(walker: Walker, node: Node, scope: Scope) -> None:
    found: list[Secret] = bindings(walker.file.code, node)
    walker.inside_block(node, scope._replace(secrets=(*scope.secrets, *found)))


def _with_env(walker: Walker, node: Node, scope: Scope) -> None:
    code = walker.file.code
    made = Map((code.source, node[1], node[3][2]))
    for arg in node[4]:
        for item in [each[4] for each in arg[4][3]] if arg[4][0] == "list" else ():
            written = text_of(code, item)
            name, equals, _ = written.partition("=") if written is not None else ("", "", "")
            if written is not None and equals:
                value = written.cut(len(name) + 1, len(written))
                start, end = written.place(len(name) + 1, len(written)) or (item[2], item[2])
                made[name] = value
                made.at[name] = (code.source, item[1], start, start, end)
    walker.inside_block(node, scope._replace(env=joined(scope.env, made)))


def _timeout(walker: Walker, node: Node, scope: Scope) -> None:
    walker.inside(node, scope._replace(timeout=minutes(walker.file.code, node) or scope.timeout))


def _catch(walker: Walker, node: Node, scope: Scope) -> None:
    walker.inside(node, scope._replace(masked=True))


def _lock(walker: Walker, node: Node, scope: Scope) -> None:
    resource = argument(node, "resource", 0)
    if resource is not None:
        code = walker.file.code
        scope = scope._replace(locks=(*scope.locks, (value_of(code, resource), code.entry(resource))))
    walker.inside(node, scope)


def _dir(walker: Walker, node: Node, scope: Scope) -> None:
    folder = argument(node, "path", 0)
    if folder is not None:
        written = text_of(walker.file.code, folder)
        below = (
            posixpath.join(scope.folder[0], str(written) if written is not None else "$DIR")
            if scope.folder
            else written
        )
        scope = scope._replace(folder=(str(below) if below is not None else "$DIR", walker.file.code.entry(folder)))
    walker.inside(node, scope)


WRAPPERS: Mapping[str, Reader] = {
    "withCredentials": _with_credentials, "withEnv": _with_env, "timeout": _timeout, "catchError": _catch,
    "warnError": _catch, "lock": _lock, "dir": _dir,
}  # fmt: skip
