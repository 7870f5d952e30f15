"""Where an expression is evaluated: its names, its resolver, its budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from linter.model import Span, Unknown
from linter.parsers.terraform.values import over_budget

Expr = tuple[Any, ...]
DEPTH_LIMIT = 110
CHAIN_DEPTH = 50
CHAIN_LIMIT = 1_000
STEP_LIMIT = 1_000_000
VALUE_STEP_LIMIT = 200_000


class Machine:
    """What one evaluation of one unit may spend, and the addresses that the value in hand has touched.

    evaluate: the evaluator, for whatever it calls in turn. steps: spent so far; limit: where the value in hand must
    stop. touched: address or `?subject` → address or Unknown. draining: a chain of names is being computed from its end.
    extra: functions of a dialect (Terragrunt's) beside Terraform's own, by name. files: functions_files.Files, what
    files of the tree may be read; None where there is no tree.
    """

    __slots__ = ("depth", "draining", "evaluate", "extra", "files", "limit", "steps", "touched")

    def __init__(self, evaluate: Evaluate) -> None:
        self.evaluate = evaluate
        self.depth = 0
        self.draining = False
        self.steps = 0
        self.limit = VALUE_STEP_LIMIT
        self.touched: dict[str, str | Unknown] = {}
        self.extra: Mapping[str, Extra] = {}
        self.files: Any = None

    def spend(self, steps: int) -> None:
        self.steps += steps
        if self.steps > self.limit:
            raise over_budget("an expression that takes too many steps")


class Resolver(Protocol):
    """Gives names meaning: the value of `root` and how many of the traversal's steps it used up."""

    def lookup(self, root: str, steps: list[Expr], scope: Scope) -> tuple[Any, int]: ...


class Scope:
    """Where an expression stands: its source, the names bound around it, and who resolves all others."""

    __slots__ = ("machine", "names", "resolver", "source")

    def __init__(self, machine: Machine, resolver: Resolver | None, source: int, names: dict[str, Any]) -> None:
        self.machine = machine
        self.resolver = resolver
        self.source = source
        self.names = names

    def bind(self, names: dict[str, Any]) -> Scope:
        return Scope(self.machine, self.resolver, self.source, {**self.names, **names})


class Deeper(Exception):
    """A named value stands at the end of a chain too long to follow by recursion: to be computed first, by itself."""

    def __init__(self, resolve: Callable[[], Any]) -> None:
        super().__init__()
        self.resolve = resolve


Evaluate = Callable[[Expr, Scope], Any]
Extra = Callable[[list[Any], Scope, Span], Any]
"""A dialect's function: its arguments, where the call stands, and the call's span. Raises Wrong and Stop."""
