"""Comparing and measuring Terraform values: equality, the first unknown within, and a bound on size and depth."""

from __future__ import annotations

from typing import Any

from linter.model import Entry, Map, Seq, Unknown
from linter.parsers.terraform import numbers
from linter.parsers.terraform.values import ELEMENT_LIMIT, LEVEL_LIMIT, List, Set, Table, derived, over_budget


def equal(left: Any, right: Any) -> bool | Unknown:
    """Terraform's ==: values of different types differ ("1" is not 1, a list no tuple). Raises Stop."""
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
    return bool(left == right) if isinstance(left, (bool, str)) else numbers.same(left, right)


def _kind(value: Any) -> Any:
    return type(value) if isinstance(value, (List, Set, Table)) else Seq if isinstance(value, Seq) else Map


def _other_type(left: Any, right: Any) -> bool:
    """Whether two collections are of types that are never equal."""
    kind = _kind(left)
    if kind is not _kind(right):
        return True
    return kind is not Seq and kind is not Map and bool(left.of != right.of)


def _equal_unknown(left: Any, right: Any) -> bool | Unknown:
    unknown, other = (left, right) if isinstance(left, Unknown) else (right, left)
    if other is None and unknown.not_null:
        return False
    if isinstance(other, str) and unknown.prefix and not other.startswith(unknown.prefix):
        return False
    return derived(unknown, "bool", not_null=True)


def _same_keys(left: Map, right: Map) -> bool | Unknown:
    if _other_type(left, right):
        return False
    opened = left.open if left.open is not None else right.open
    if opened is None:
        return left.keys() == right.keys()
    return derived(opened, "bool", not_null=True)


def _same_length(left: Seq, right: Seq) -> bool | Unknown:
    if _other_type(left, right):
        return False
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
    """The distinct elements, in Terraform's order; unknown elements stay, last. The caller says what it is a set `of`."""
    result = Set(value.span)
    result.open = value.open
    pairs = list(zip(value, value.at, strict=True))
    seen: dict[Any, tuple[Any, Entry]] = {}
    unknown: list[tuple[Any, Entry]] = []
    for element, place in pairs:
        if first_unknown(element) is not None:
            unknown.append((element, place))
        else:
            seen.setdefault(set_key(element), (element, place))
    for element, place in [*(seen[key] for key in sorted(seen)), *unknown]:
        result.append(element)
        result.at.append(place)
    return result


class Ordered:
    """A number in an order key."""

    __slots__ = ("value",)

    def __init__(self, value: int | float) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ordered) and numbers.same(self.value, other.value)

    def __hash__(self) -> int:
        return hash(float(self.value)) if abs(self.value) < 1e300 else 0

    def __lt__(self, other: Ordered) -> bool:
        return numbers.order(self.value, other.value) < 0


def set_key(element: Any) -> tuple[int, Any, Any]:
    """What orders the elements of a set and tells them apart; elements are of one type. Null comes last."""
    if element is None:
        return 9, "", ""
    if isinstance(element, bool):
        return 0, element, ""
    if isinstance(element, str):
        return 2, element, ""
    if isinstance(element, (int, float)):
        return 1, Ordered(element), ""
    pieces: list[str] = []
    _digest(element, pieces, 0)
    exact: list[str] = []
    _digest(element, exact, 0, True)
    return 3, "".join(pieces), "".join(exact)


def _digest(value: Any, pieces: list[str], depth: int, exact: bool = False) -> None:
    """The text by which cty orders compound elements: numbers in it have ten digits, unless it is to be exact."""
    if depth > LEVEL_LIMIT or len(pieces) > 4 * ELEMENT_LIMIT:
        raise over_budget("a set of large values")
    if value is None:
        pieces.append("~")
    elif isinstance(value, bool):
        pieces.append("T" if value else "F")
    elif isinstance(value, str):
        from linter.parsers.terraform.go_text import quoted

        pieces.append(quoted(value))
    elif isinstance(value, (int, float)):
        from linter.parsers.terraform.go_text import general

        pieces.append(numbers.text(value) if exact else general(value, 10))
    else:
        table = isinstance(value, Map)
        opener, closer = "{}" if isinstance(value, Table) else "[]" if isinstance(value, (List, Set)) else "<>"
        pieces.append(opener)
        for key in sorted(value) if table else range(len(value)):
            if opener == "{":
                _digest(key, pieces, depth + 1, exact)
                pieces.append(":")
            _digest(value[key], pieces, depth + 1, exact)
            pieces.append(";")
        pieces.append(closer)
