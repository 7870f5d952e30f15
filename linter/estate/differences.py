"""What differs between twins, attribute by attribute, each difference with both places and the class it is intended by.

Twins are compared as they are after expansion. What the environment's own name alone makes different is no more than
naming; what only run time knows neither equals nor differs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.conditions.paths import ABSENT
from linter.estate.difference_classes import UNSURE, class_of
from linter.estate.twins import Key, Pair
from linter.model import Map, Resource, Seq, Span, Unknown
from linter.records import NamedTuple

MAX_DEPTH = 30
MAX_DIFFERENCES = 2_000
"""Differences of one pair of twins that are told; what is beyond them says nothing new."""
_NAMES = ("name", "key", "id", "sid", "containerPort", "port", "mountPath", "host", "alert", "record")
_DERIVED = ("$",)
_WRITTEN_ELSEWHERE = frozenset(("terraform/locals", "terraform/variable", "terraform/output", "terraform/provider"))
"""What only names values that stand again where they are used."""


class Difference(NamedTuple):
    """One attribute of one pair of twins. low, high: values, ABSENT where nothing is written, or an Unknown.

    low_span, high_span: where they are written, of something absent the nearest that is. reason: the class of intended
    differences it belongs to (see difference_classes), '' for none, UNSURE where a value is known at run time only.
    """

    key: Key
    path: str
    below: Resource
    above: Resource
    low: Any
    high: Any
    low_span: Span
    high_span: Span
    reason: str


def differences(pair: Pair) -> Iterator[Difference]:
    """Every difference between the twins of a pair, in order of the lower environment's resources and attributes."""
    for key, below in pair.below.items():
        above = pair.above.get(key)
        if above is not None and is_component(below):
            yield from of_twins(key, below, above)


def is_component(resource: Resource) -> bool:
    """Whether a resource stands for itself: no part of another one, and nothing that only names values."""
    return resource.owner is None and resource.kind not in _WRITTEN_ELSEWHERE


def of_twins(key: Key, below: Resource, above: Resource) -> Iterator[Difference]:
    """The differences between two resources; at most MAX_DIFFERENCES."""
    if below.body is above.body:
        return
    walker = _Walker(key, below, above)
    walker.compare(below.body, above.body, "", below.anchor, above.anchor, 0)
    yield from walker.found


class _Walker:
    __slots__ = ("above", "below", "found", "key", "names")

    def __init__(self, key: Key, below: Resource, above: Resource) -> None:
        self.key = key
        self.below, self.above = below, above
        self.names = tuple(each.environment.name.lower() for each in (below, above) if each.environment is not None)
        self.found: list[Difference] = []

    def compare(self, low: Any, high: Any, path: str, low_span: Span, high_span: Span, depth: int) -> None:
        if low is high or len(self.found) >= MAX_DIFFERENCES:
            return
        if isinstance(low, Map) and isinstance(high, Map) and depth < MAX_DEPTH:
            self._maps(low, high, path, low_span, high_span, depth)
        elif isinstance(low, Seq) and isinstance(high, Seq) and depth < MAX_DEPTH:
            self._lists(low, high, path, low_span, high_span, depth)
        elif isinstance(low, Unknown) or isinstance(high, Unknown):
            if not (isinstance(low, Unknown) and isinstance(high, Unknown)):
                self._note(path, low, high, low_span, high_span, UNSURE)
        elif low != high or isinstance(low, bool) is not isinstance(high, bool):
            reason = class_of(self.key[0], path, low, high, self.names)
            self._note(path, low, high, low_span, high_span, reason)

    def _note(self, path: str, low: Any, high: Any, low_span: Span, high_span: Span, reason: str) -> None:
        self.found.append(Difference(self.key, path, self.below, self.above, low, high, low_span, high_span, reason))

    def _maps(self, low: Map, high: Map, path: str, low_span: Span, high_span: Span, depth: int) -> None:
        for name in (*low, *(name for name in high if name not in low)):
            if str(name).startswith(_DERIVED):
                continue
            inner = f"{path}.{name}" if path else str(name)
            self.compare(
                low.get(name, ABSENT), high.get(name, ABSENT), inner,
                _place(low, name, low_span), _place(high, name, high_span), depth + 1,
            )  # fmt: skip

    def _lists(self, low: Seq, high: Seq, path: str, low_span: Span, high_span: Span, depth: int) -> None:
        mine, theirs = _by_name(low), _by_name(high)
        if mine is None or theirs is None:
            if not any(isinstance(each, (Map, Seq)) for each in (*low, *high)):
                self._scalars(low, high, path, low_span, high_span)
                return
            mine, theirs = dict(enumerate(range(len(low)))), dict(enumerate(range(len(high))))
        elif len(low) == len(high) and mine.keys().isdisjoint(theirs):
            # A list of the same length whose every name differs holds the same things under the environment's names.
            mine, theirs = dict(enumerate(range(len(low)))), dict(enumerate(range(len(high))))
        for name in (*mine, *(name for name in theirs if name not in mine)):
            at, other = mine.get(name), theirs.get(name)
            self.compare(
                ABSENT if at is None else low[at], ABSENT if other is None else high[other], f"{path}[{name}]",
                low_span if at is None else _item(low, at), high_span if other is None else _item(high, other),
                depth + 1,
            )  # fmt: skip

    def _scalars(self, low: Seq, high: Seq, path: str, low_span: Span, high_span: Span) -> None:
        """Lists of plain values are compared as a whole where their order or members differ."""
        if list(map(_shown, low)) == list(map(_shown, high)):
            return
        if any(isinstance(each, Unknown) for each in (*low, *high)):
            self._note(path, low, high, low_span, high_span, UNSURE)
            return
        reasons = {
            class_of(self.key[0], path, mine, theirs, self.names)
            for mine, theirs in zip(
                (*low, *[ABSENT] * (len(high) - len(low))), (*high, *[ABSENT] * (len(low) - len(high))), strict=True
            )
            if mine is ABSENT or theirs is ABSENT or mine != theirs
        }
        self._note(path, low, high, low_span, high_span, reasons.pop() if len(reasons) == 1 else "")


def _shown(value: Any) -> Any:
    return (type(value).__name__, str(value)) if not isinstance(value, Unknown) else ("", value.subject)


def _by_name(items: Seq) -> dict[Any, int] | None:
    """Position by what names an element among its siblings; None where they have no such names."""
    found: dict[Any, int] = {}
    for position, item in enumerate(items):
        name = (
            next((item[key] for key in _NAMES if isinstance(item.get(key), (str, int))), None)
            if isinstance(item, Map)
            else None
        )
        if name is None or name in found:
            return None
        found[name] = position
    return found


def _place(body: Map, name: Any, fallback: Span) -> Span:
    entry = body.at.get(name)
    return (entry[0], entry[3], entry[4]) if entry is not None else fallback


def _item(items: Seq, position: int) -> Span:
    entry = items.at[position]
    return entry[0], entry[3], entry[4]
