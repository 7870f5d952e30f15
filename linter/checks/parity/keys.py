"""Settings compared between environments: what one environment sets and the next one does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from linter.checks import Verdict
from linter.checks.parity.twins import Kinds, both, failed, intended, single, undecided
from linter.conditions import ABSENT, Leaf
from linter.estate.difference_classes import TESTING, VERBOSITY, class_of, is_test_tool
from linter.estate.twins import Pair, pairs
from linter.model import PASS, Estate, Map, Origin, Resource, Seq, Span, Unknown, handle
from linter.records import NamedTuple

_DEEPEST = 20
_NAMED = 3
_HAS_DEFAULT = 2
"""Steps from a setting without a default, which is missed at start-up, to one with a default (high, low)."""
_SETTINGS = r"(extra_?)?envs?(_?vars?)?|environment|config(_?map)?|settings|secrets?|data|properties|variables"


class Missing(NamedTuple):
    """A setting that the lower environment has and the higher one does not. path: of it, dotted. span: where it is set
    below. near: in the higher environment, the nearest parent that is written. optional: something else gives a value."""

    path: str
    value: Any
    span: Span
    near: Span
    optional: bool


def same_keys(
    estate: Estate, *, kind: Kinds, path: str, by: str = "name", deep: bool = False, optional: str = ""
) -> Iterator[Verdict]:
    """A mapping (or a list of entries that `by` names) has the same keys in the higher environment as in the lower.

    One verdict for a component, with the place of each missing key. path: `.` for all of the component. deep: keys of
    mappings within count too. optional: 'chart' where a chart's templates give most values a default, 'context' where
    the component's context names under `defaults` what has one: a missing key of those weighs little.
    """
    for pair in pairs(estate, (kind,) if isinstance(kind, str) else tuple(kind)):
        for _, below, above in both(pair):
            yield from _judged(estate, pair, below, above, path, by, deep, optional)


def _judged(
    estate: Estate, pair: Pair, below: Resource, above: Resource, path: str, by: str, deep: bool, optional: str
) -> Iterator[Verdict]:
    low, high = single(below, path), single(above, path)
    mine, theirs = _entries(low.value, by), _entries(high.value, by)
    if mine is None or theirs is None:
        yield from undecided(above, *(_opened(leaf) for leaf in (low, high)))
        return
    names = tuple(each.name.lower() for each in (pair.lower, pair.higher))
    found: list[Missing] = []
    for each in _missing(mine, theirs, low.span, high.span, names, deep):
        whole = each.path if path == "." else f"{path}.{each.path}"
        class_ = _class(above.kind, each, names)
        each = each._replace(optional=_is_optional(each.path, above, optional))
        expected = class_ in (TESTING, VERBOSITY) or is_test_tool(each.path) or (each.optional and class_)
        if not expected and not intended(estate, above, pair.higher.name, whole):
            found.append(each)
    subject = above.name if path == "." else f"{path} of {above.address}"
    if found:
        yield _told(pair, above, subject, found, high.span)
    elif mine:
        yield Verdict(above, PASS, f"{subject} has every key that {pair.lower.name} has.", high.span)


def _class(kind: str, missing: Missing, names: tuple[str, ...]) -> str:
    """The class of intended differences it is in; of a mapping, the one that all in it are in."""
    if isinstance(missing.value, Map) and missing.value:
        found = {class_of(kind, f"{missing.path}.{key}", ABSENT, ABSENT, names) for key in missing.value}
        return found.pop() if len(found) == 1 else ""
    return class_of(kind, missing.path, missing.value, ABSENT, names)


def _opened(leaf: Leaf) -> Leaf:
    """A leaf with what keeps its keys from view as its value, where something does."""
    opening = getattr(leaf.value, "open", None)
    return leaf if opening is None else leaf._replace(value=opening)


def _told(pair: Pair, above: Resource, subject: str, found: list[Missing], span: Span) -> Verdict:
    keys = [f"'{each.path}'" for each in found]
    if len(keys) > _NAMED:
        keys = [*keys[:_NAMED], f"{len(keys) - _NAMED} more"]
    listed = keys[0] if len(keys) == 1 else f"{', '.join(keys[:-1])} and {keys[-1]}"
    message = f"{subject} has {listed} in {pair.lower.name} but not in {pair.higher.name}."
    related = tuple(Origin(f"'{each.path}' is set here", each.span) for each in found[:100])
    lowered = _HAS_DEFAULT if all(each.optional for each in found) else 0
    near = {each.near for each in found}
    place = near.pop() if len(near) == 1 else span
    return failed(pair, above, message, place, "", related, lowered)


def _entries(value: Any, by: str) -> Map | None:
    """The entries as a mapping, each at its place; None where not all are known."""
    if value is ABSENT:
        return Map((0, 0, 0))
    if getattr(value, "open", None) is not None or isinstance(value, Unknown):
        return None
    if isinstance(value, Map):
        return value
    if not isinstance(value, Seq):
        return None
    found = Map(value.span)
    for item, entry in zip(value, value.at, strict=True):
        name = item.get(by) if isinstance(item, Map) else None
        if isinstance(name, str) and name not in found:
            found[name] = item
            found.at[name] = entry
    return found


def _missing(
    low: Map, high: Map, low_span: Span, high_span: Span, names: tuple[str, ...], deep: bool, depth: int = 0
) -> Iterator[Missing]:
    """The keys of the first mapping that the second lacks, once the environments' names are taken out of both."""
    theirs = {plain_key(key, names): key for key in high}
    for key, value in low.items():
        entry = low.at.get(key)
        other = theirs.get(plain_key(key, names))
        if other is None:
            span = handle(value, entry) if entry is not None else low_span
            yield Missing(str(key), value, span, high_span, False)
        elif deep and isinstance(value, Map) and isinstance(high[other], Map) and depth < _DEEPEST:
            inner = high[other]
            if inner.open is None and value.open is None:
                near = handle(inner, high.at[other]) if other in high.at else high_span
                for each in _missing(value, inner, low_span, near, names, deep, depth + 1):
                    yield each._replace(path=f"{key}.{each.path}")


def plain_key(key: Any, names: tuple[str, ...]) -> str:
    """A key with each word that is one of the two environments' names left out: STAGING_URL is PRODUCTION_URL."""
    text = str(key)
    low = text.lower()
    if not any(name in low for name in names):
        return text
    return "".join("*" if word.lower() in names else word for word in re.split(r"([._-])", text))


@cache
def _setting() -> re.Pattern[str]:
    return re.compile(rf"(?:{_SETTINGS})\Z")


def _is_optional(path: str, above: Resource, optional: str) -> bool:
    if optional == "context":
        return path in above.context.get("defaults", ())
    if optional != "chart" or "chart" not in above.context:
        return False
    *parents, _ = path.split(".")
    return not any(_setting().match(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word).lower()) for word in parents)
