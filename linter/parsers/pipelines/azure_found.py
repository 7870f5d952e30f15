"""What the expansion of an Azure pipeline brings to light beside its values."""

from __future__ import annotations

from linter.model import Map, Span
from linter.parsers.pipelines.azure_files import Include
from linter.parsers.pipelines.azure_scope import Guard
from linter.parsers.pipelines.expressions import Expression


class Found:
    """What expanding a pipeline brought to light beside its values.

    raw: (source, start) of a scalar → its text before expressions were replaced. guards: id of an element of a section →
    the conditions it stands under. callers: id → the includes that led to it, outermost first. held: keeps the ids valid.
    expressions: place → expression that was not understood. includes: templates named. touched: paths read. over: where the
    budget ended. unsure: (source, start) of values of variables that only hold under a guard.
    free: source → parameters whose text is chosen by whoever starts a run; tainted: (source, start) of what holds it.
    """

    __slots__ = (
        "callers",
        "expressions",
        "free",
        "guards",
        "held",
        "includes",
        "over",
        "raw",
        "tainted",
        "touched",
        "unsure",
    )

    def __init__(self) -> None:
        self.raw: dict[tuple[int, int], str] = {}
        self.guards: dict[int, tuple[Guard, ...]] = {}
        self.callers: dict[int, tuple[Span, ...]] = {}
        self.held: list[Map] = []
        self.expressions: dict[Span, tuple[str, Expression]] = {}
        self.includes: list[Include] = []
        self.touched: set[str] = set()
        self.over: Span | None = None
        self.free: dict[int, set[str]] = {}
        self.tainted: set[tuple[int, int]] = set()
        self.unsure: set[tuple[int, int]] = set()
