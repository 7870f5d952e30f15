"""Comparing and measuring Terraform values: equality, the first unknown within, and a bound on size and depth."""

from __future__ import annotations

from typing import Any

from linter.model import Entry, Map, Seq, Unknown
from linter.parsers.terraform.values import ELEMENT_LIMIT, LEVEL_LIMIT, Set, derived, over_budget, sort_key


def equal(left: Any, right: Any) -> bool | Unknown:
    """Terraform's ==: values of different types differ ("1" is not 1), collections compare by content. Raises Stop."""
    doubt: Unknown | None = None
    pairs = [(left, right)]
    count = 0
    while pairs:
        left, right = pairs.pop()
        count += 1
        if count > ELEMENT_LIMIT:
            raise over_budget("a comparison of large values")
        same: bool | Unknown = True
        if isinstance(left, Map) and isinstance(right, Map):
            same = _same_keys(left, right)
            pairs.extend((left[key], right[key]) for key in left if key in right)
        elif isinstance(left, Seq) and isinstance(right, Seq):
            same = _same_length(left, right)
            pairs.extend(zip(left, right, strict=False))
        else:
            same = _equal_scalars(left, right)
        if same is False:
            return False
        if isinstance(same, Unknown):
            doubt = same if doubt is None else doubt
    return True if doubt is None else doubt


def _equal_scalars(left: Any, right: Any) -> bool | Unknown:
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return _equal_unknown(left, right)
    if left is None or right is None:
        return left is right
    if isinstance(left, (Map, Seq)) or isinstance(right, (Map, Seq)):
        return False
    if isinstance(left, bool) != isinstance(right, bool) or isinstance(left, str) != isinstance(right, str):
        return False
    return bool(left == right)


def _equal_unknown(left: Any, right: Any) -> bool | Unknown:
    unknown, other = (left, right) if isinstance(left, Unknown) else (right, left)
    if other is None and unknown.not_null:
        return False
    if isinstance(other, str) and unknown.prefix and not other.startswith(unknown.prefix):
        return False
    return derived(unknown, "bool", not_null=True)


def _same_keys(left: Map, right: Map) -> bool | Unknown:
    opened = left.open if left.open is not None else right.open
    if opened is None:
        return left.keys() == right.keys()
    return derived(opened, "bool", not_null=True)


def _same_length(left: Seq, right: Seq) -> bool | Unknown:
    opened = left.open if left.open is not None else right.open
    if opened is None:
        return len(left) == len(right)
    return derived(opened, "bool", not_null=True)


def first_unknown(value: Any) -> Unknown | None:
    """The first unknown within a value, an open collection included; one of cause `budget` in too large a value."""
    if isinstance(value, Unknown):
        return value
    if not isinstance(value, (Map, Seq)):
        return None
    stack: list[Any] = [value]
    count = 0
    while stack:
        current = stack.pop()
        if isinstance(current, Unknown):
            return current
        if current.open is not None:
            opened: Unknown = current.open
            return opened
        members = current.values() if isinstance(current, Map) else current
        count += len(current) + 1
        if count > ELEMENT_LIMIT:
            return over_budget("a value of more than 100,000 elements").unknown
        inner = [element for element in members if isinstance(element, (Unknown, Map, Seq))]
        stack.extend(reversed(inner))
    return None


def sized(value: Any) -> Any:
    """The value, or an Unknown in its place if it is beyond 100,000 elements or 100 levels.

    Names can double a value, or wrap it, at every step: whoever walks a value may rely on this bound, which counts
    shared elements each time.
    """
    if not isinstance(value, (Map, Seq)):
        return value
    level: list[Any] = [value]
    count = depth = 0
    while level:
        inner: list[Any] = []
        for current in level:
            count += len(current) + 1
            if count > ELEMENT_LIMIT or depth > LEVEL_LIMIT:
                return over_budget("a value that is too large or too deep").unknown
            for element in current.values() if isinstance(current, Map) else current:
                if isinstance(element, (Map, Seq)):
                    inner.append(element)
        depth += 1
        level = inner
    return value


def as_set(value: Seq) -> Set:
    """The distinct elements, in Terraform's order; an unknown element stays, last."""
    result = Set(value.span)
    result.open = value.open
    pairs = list(zip(value, value.at, strict=True))
    if all(isinstance(element, (str, bool, int, float)) for element in value):
        seen: dict[tuple[int, Any], tuple[Any, Entry]] = {}
        for element, place in pairs:
            seen.setdefault(sort_key(element), (element, place))
        pairs = [seen[key] for key in sorted(seen)]
    else:
        pairs = _distinct(pairs)
    for element, place in pairs:
        result.append(element)
        result.at.append(place)
    return result


def _distinct(pairs: list[tuple[Any, Entry]]) -> list[tuple[Any, Entry]]:
    if len(pairs) > 1000:
        raise over_budget("a set of more than 1,000 collections")
    kept: list[tuple[Any, Entry]] = []
    for element, place in pairs:
        if not any(equal(element, other) is True for other, _ in kept):
            kept.append((element, place))
    return sorted(kept, key=lambda pair: sort_key(pair[0]))
