"""Alertmanager's tree of routes, followed for an alert's labels as far as they are known.

https://prometheus.io/docs/alerting/latest/configuration/#route : a route takes an alert if all its matchers hold, its
children are tried in order, the first that takes the alert ends the search unless it says `continue`, and the route
itself delivers what no child took. An AlertmanagerConfig says the same with matchers of `name`, `value`, `matchType`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from linter.model import Map, Seq, Unknown
from linter.records import NamedTuple
from linter.trees import maps

DEEPEST = 50
MOST = 20_000
"""Routes that are looked at for one alert."""


class Matcher(NamedTuple):
    """sign: =, !=, =~ or !~."""

    label: str
    sign: str
    value: str


class Delivery(NamedTuple):
    """A route that delivers an alert. receiver: its own or its nearest ancestor's, with the route that names it.

    sure: whatever the labels are that nobody told.
    """

    route: Map
    receiver: Any
    named_by: Map
    sure: bool


@cache
def _parts() -> re.Pattern[str]:
    return re.compile(
        r"""\s*"?([A-Za-z_][\w.:/-]*)"?\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|'[^']*'|[^,"{}]*?)\s*(?:,|\Z)""", re.S
    )


def matchers_of(route: Map) -> tuple[Matcher, ...] | None:
    """The matchers of a route in all the ways to write them; None where one cannot be read."""
    return read_matchers(route, "matchers", "match", "match_re")


def read_matchers(body: Map, texts: str, equal: str, patterns: str) -> tuple[Matcher, ...] | None:
    """Matchers under three keys of a route or an inhibition rule: a list of texts or mappings, and two old mappings."""
    found: list[Matcher] = []
    for key, sign in ((equal, "="), (patterns, "=~")):
        old = body.get(key)
        if old is None:
            continue
        if not isinstance(old, Map) or any(isinstance(value, Unknown) for value in old.values()):
            return None
        found += [Matcher(str(label), sign, str(value)) for label, value in old.items()]
    listed = body.get(texts)
    for each in listed if isinstance(listed, Seq) else () if listed is None else (listed,):
        read = _mapped(each) if isinstance(each, Map) else _told(each) if isinstance(each, str) else None
        if read is None:
            return None
        found += read
    return tuple(found)


def _mapped(matcher: Map) -> list[Matcher] | None:
    name, value, kind = matcher.get("name"), matcher.get("value", ""), matcher.get("matchType")
    if not isinstance(name, str) or not isinstance(value, str) or isinstance(kind, Unknown):
        return None
    sign = str(kind) if kind in ("=", "!=", "=~", "!~") else "=~" if matcher.get("regex") is True else "="
    return [Matcher(name, sign, value)]


def _told(text: str) -> list[Matcher] | None:
    text = text.strip().removeprefix("{").removesuffix("}").strip()
    found, position = [], 0
    while position < len(text):
        part = _parts().match(text, position)
        if part is None:
            return None
        value = part[3]
        if value[:1] in ('"', "'"):
            value = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], value[1:-1])
        found.append(Matcher(part[1], part[2], value))
        position = part.end()
    return found


def holds(matcher: Matcher, labels: Mapping[str, str | None]) -> bool | None:
    """Whether a matcher takes labels; None where a label is not told, or a pattern says more than can be followed."""
    if matcher.label not in labels:
        return None
    value = labels[matcher.label]
    if value is None:
        return None
    if matcher.sign in ("=", "!="):
        return (value == matcher.value) is (matcher.sign == "=")
    found = pattern_takes(matcher.value, value)
    return None if found is None else found is (matcher.sign == "=~")


def pattern_takes(pattern: str, value: str) -> bool | None:
    """Whether a pattern (RE2, anchored) takes a text, for choices of texts with `.*` and `.+`; else None.

    Scanned patterns are not given to Python's engine, which backtracks.
    """
    pattern = pattern.removeprefix("^").removesuffix("$")
    if pattern.startswith("(") and pattern.endswith(")") and pattern.count("(") == 1:
        pattern = pattern[1:-1].removeprefix("?:")
    answers = [_choice_takes(choice, value) for choice in pattern.split("|")]
    return True if True in answers else None if None in answers else False


def _choice_takes(choice: str, value: str) -> bool | None:
    pieces = choice.replace(".+", ".*").split(".*")
    if any(
        not piece.replace("_", "").replace("-", "").replace(":", "").replace("/", "").isalnum()
        for piece in pieces
        if piece
    ):
        return None
    if len(pieces) == 1:
        return choice == value
    if ".+" in choice and choice != ".+":
        return None
    if choice == ".+":
        return value != ""
    first, *middle, last = pieces
    if not value.startswith(first) or not value.endswith(last) or len(value) < len(first) + len(last):
        return False
    at, end = len(first), len(value) - len(last)
    for piece in middle:
        at = value.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True


def deliveries(root: Map, labels: Mapping[str, str | None]) -> list[Delivery]:
    """The routes that deliver an alert of these labels. Labels that are not given, or None, are not told."""
    found: list[Delivery] = []
    budget = [MOST]
    _follow(root, labels, Delivery(root, root.get("receiver"), root, True), found, budget, 0)
    return found


def _follow(
    route: Map,
    labels: Mapping[str, str | None],
    at: Delivery,
    found: list[Delivery],
    budget: list[int],
    depth: int,
) -> None:
    sure, taken = at.sure, False
    own: bool = at.sure
    for child in maps(route.get("routes")) if depth < DEEPEST else ():
        budget[0] -= 1
        if budget[0] < 0:
            sure = own = False
            break
        answer = takes(child, labels)
        if answer is False:
            continue
        own = False
        receiver = child.get("receiver")
        named = child if receiver is not None else at.named_by
        step = Delivery(child, receiver if receiver is not None else at.receiver, named, sure and answer is True)
        _follow(child, labels, step, found, budget, depth + 1)
        goes_on = child.get("continue")
        if answer is True:
            taken = True
            if goes_on is not True and not isinstance(goes_on, Unknown):
                return
        if goes_on is not True:
            sure = False
    if not taken:
        found.append(at._replace(route=route, sure=own))


def takes(route: Map, labels: Mapping[str, str | None]) -> bool | None:
    """Whether a route's matchers take labels, in Kleene's logic."""
    matchers = matchers_of(route)
    if matchers is None:
        return None
    answers = [holds(matcher, labels) for matcher in matchers]
    return False if False in answers else None if None in answers else True


def every_route(root: Map) -> Iterator[Map]:
    """A route and all below it, each before its children."""
    waiting: list[tuple[Map, int]] = [(root, 0)]
    while waiting:
        route, depth = waiting.pop()
        yield route
        if depth < DEEPEST:
            waiting.extend((child, depth + 1) for child in reversed(maps(route.get("routes"))))
