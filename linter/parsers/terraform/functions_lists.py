"""Terraform's functions on lists; places of elements survive, unknown arguments leave results open."""

from __future__ import annotations

from typing import Any

from linter.model import Map, Seq, Span, Unknown, concatenate
from linter.parsers.terraform.arguments import Function, numeral, seq, whole
from linter.parsers.terraform.compare import equal, first_unknown
from linter.parsers.terraform.types import unify
from linter.parsers.terraform.values import (
    ELEMENT_LIMIT,
    Set,
    Wrong,
    derived,
    over_budget,
    sequence,
    to_string,
)


def _concat(args: list[Any], span: Span) -> Any:
    doubt: Unknown | None = None
    known: list[Seq] = []
    for arg in args:
        if isinstance(arg, Unknown):
            doubt = arg if doubt is None else doubt
        else:
            known.append(seq(arg))
            doubt = known[-1].open if doubt is None else doubt
    if doubt is None:
        if sum(map(len, known)) > ELEMENT_LIMIT:
            raise over_budget("a collection of more than 100,000 elements")
        return concatenate(known, span)
    result = Seq(span)
    for value in known:
        result.extend(value)
        result.at.extend(value.at)
    result.open = doubt
    return result


def _length(args: list[Any], span: Span) -> Any:
    value = args[0]
    if isinstance(value, Unknown):
        return derived(value, "number", not_null=True)
    if isinstance(value, str):
        return _characters(value)
    if not isinstance(value, (Map, Seq)):
        raise Wrong("length needs a string or a collection")
    if value.open is not None or (isinstance(value, Set) and first_unknown(value) is not None):
        doubt = first_unknown(value)
        assert doubt is not None
        return derived(doubt, "number", not_null=True)
    return len(value)


def _characters(text: str) -> int:
    if text.isascii():
        return len(text) - text.count("\r\n")
    import unicodedata

    return sum(1 for char in text if not unicodedata.combining(char) and char not in "\u200d\ufe0f")


def _element(args: list[Any], span: Span) -> Any:
    value, position = args
    for arg in args:
        if isinstance(arg, Unknown):
            return derived(arg)
    if seq(value).open is not None:
        return derived(value.open)
    if not value:
        raise Wrong("element needs a list that is not empty")
    if whole(position) < 0:
        raise Wrong("element needs an index that is not negative")
    return value[whole(position) % len(value)]


def _flatten(args: list[Any], span: Span) -> Any:
    if isinstance(args[0], Unknown):
        return derived(args[0], "list", not_null=True)
    result = Seq(span)
    stack = [iter(zip(seq(args[0]), args[0].at, strict=True))]
    result.open = args[0].open
    count = 0
    while stack:
        count += 1
        if count > 2 * ELEMENT_LIMIT:
            raise over_budget("a collection of more than 100,000 elements")
        pair = next(stack[-1], None)
        if pair is None:
            stack.pop()
            continue
        element, place = pair
        if isinstance(element, Seq):
            result.open = element.open if result.open is None else result.open
            stack.append(iter(zip(element, element.at, strict=True)))
        elif isinstance(element, Unknown) and element.type not in ("string", "number", "bool", "map"):
            result.open = element if result.open is None else result.open
        else:
            result.append(element)
            result.at.append(place)
            if len(result) > ELEMENT_LIMIT:
                raise over_budget("a collection of more than 100,000 elements")
    return result


def _contains(args: list[Any], span: Span) -> Any:
    if isinstance(args[0], Unknown):
        return derived(args[0], "bool", not_null=True)
    doubt = seq(args[0]).open
    for element in args[0]:
        same = equal(element, args[1])
        if same is True:
            return True
        if isinstance(same, Unknown):
            doubt = same if doubt is None else doubt
    return False if doubt is None else derived(doubt, "bool", not_null=True)


def _coalesce(args: list[Any], span: Span) -> Any:
    common = unify(sequence(args, span))
    for value in common:
        if isinstance(value, Unknown):
            return value if value.not_null and value.prefix else derived(value, value.type, not_null=True)
        if value is not None and value != "":
            return value
    raise Wrong("coalesce has no argument that is neither null nor empty")


def _coalescelist(args: list[Any], span: Span) -> Any:
    for value in args:
        if isinstance(value, Unknown):
            return derived(value, "list", not_null=True)
        if value is not None and (len(seq(value)) or value.open is not None):
            return value
    raise Wrong("coalescelist has no argument that is not empty")


def _kept(value: Seq, keep: list[bool], span: Span) -> Seq:
    pairs = [pair for pair, kept in zip(zip(value, value.at, strict=True), keep, strict=True) if kept]
    result = sequence([element for element, _ in pairs], span, [place for _, place in pairs])
    result.open = value.open
    return result


def _compact(args: list[Any], span: Span) -> Any:
    value = seq(args[0])
    return _kept(value, [element is not None and to_string(element) != "" for element in value], span)


def _distinct(args: list[Any], span: Span) -> Any:
    value = seq(args[0])
    if all(isinstance(element, str) for element in value):
        first = {element: position for position, element in reversed(list(enumerate(value)))}
        return _kept(value, [first[element] == position for position, element in enumerate(value)], span)
    if len(value) > 1000:
        raise over_budget("distinct of more than 1,000 collections")
    known: list[Any] = []
    keep = []
    for element in value:
        keep.append(not any(equal(element, other) is True for other in known))
        if keep[-1]:
            known.append(element)
    return _kept(value, keep, span)


def _index(args: list[Any], span: Span) -> Any:
    for position, element in enumerate(seq(args[0])):
        if equal(element, args[1]) is True:
            return position
    raise Wrong("there is no such element")


def _slice(args: list[Any], span: Span) -> Any:
    for arg in args:
        if isinstance(arg, Unknown) or (isinstance(arg, Seq) and arg.open is not None):
            doubt = first_unknown(arg)
            assert doubt is not None
            return derived(doubt, "list", not_null=True)
    value, start, end = seq(args[0]), whole(args[1]), whole(args[2])
    if isinstance(value, Set) or not 0 <= start <= end <= len(value):
        raise Wrong("slice beyond the list")
    return sequence(value[start:end], span, value.at[start:end])


def _reverse(args: list[Any], span: Span) -> Any:
    if isinstance(args[0], Unknown):
        return derived(args[0], "list", not_null=True)
    result = sequence(seq(args[0])[::-1], span, args[0].at[::-1])
    result.open = args[0].open
    return result


def _sort(args: list[Any], span: Span) -> Any:
    if any(element is None for element in seq(args[0])):
        raise Wrong("sort needs strings, not null")
    pairs = sorted((to_string(element), place) for element, place in zip(args[0], args[0].at, strict=True))
    return sequence([element for element, _ in pairs], span, [place for _, place in pairs])


def _one(args: list[Any], span: Span) -> Any:
    if isinstance(args[0], Unknown):
        return derived(args[0])
    if seq(args[0]).open is not None:
        return derived(args[0].open)
    if len(args[0]) > 1:
        raise Wrong("one needs a list of at most one element")
    return args[0][0] if args[0] else None


def _range(args: list[Any], span: Span) -> Any:
    bounds = [numeral(arg) for arg in args]
    start, end = (0, bounds[0]) if len(bounds) == 1 else bounds[:2]
    step = bounds[2] if len(bounds) == 3 else 1 if end >= start else -1
    if step == 0 or (end > start and step < 0) or (end < start and step > 0):
        raise Wrong("range would never end")
    if abs((end - start) / step) > 1024:
        raise Wrong("range gives at most 1,024 numbers")
    numbers: list[int | float] = []
    while (start < end) if step > 0 else (start > end):
        numbers.append(start)
        start += step
    return sequence(numbers, span)


def _chunklist(args: list[Any], span: Span) -> Any:
    value, size = seq(args[0]), whole(args[1])
    if size < 0:
        raise Wrong("chunklist needs a size that is not negative")
    size = size or max(len(value), 1)
    chunks = [sequence(value[i : i + size], span, value.at[i : i + size]) for i in range(0, len(value), size)]
    return sequence(chunks, span)


def _matchkeys(args: list[Any], span: Span) -> Any:
    values, keys, wanted = (seq(arg) for arg in args)
    if len(values) != len(keys):
        raise Wrong("matchkeys needs as many keys as values")
    if len(keys) * len(wanted) > ELEMENT_LIMIT:
        raise over_budget("matchkeys of large lists")
    return _kept(values, [any(equal(key, other) is True for other in wanted) for key in keys], span)


FUNCTIONS: dict[str, Function] = {
    "chunklist": Function(_chunklist, "list", 2, 2),
    "coalesce": Function(_coalesce, "", 1, -1, strict=False),
    "coalescelist": Function(_coalescelist, "list", 1, -1, strict=False),
    "compact": Function(_compact, "list", 1, 1),
    "concat": Function(_concat, "list", 1, -1, strict=False),
    "contains": Function(_contains, "bool", 2, 2, strict=False),
    "distinct": Function(_distinct, "list", 1, 1),
    "element": Function(_element, "", 2, 2, strict=False),
    "flatten": Function(_flatten, "list", 1, 1, strict=False),
    "index": Function(_index, "number", 2, 2),
    "length": Function(_length, "number", 1, 1, strict=False),
    "list": Function(lambda args, span: unify(sequence(args, span)), "list", 0, -1),
    "matchkeys": Function(_matchkeys, "list", 3, 3),
    "one": Function(_one, "", 1, 1, strict=False),
    "range": Function(_range, "list", 1, 3),
    "reverse": Function(_reverse, "list", 1, 1, strict=False),
    "slice": Function(_slice, "list", 3, 3, strict=False),
    "sort": Function(_sort, "list", 1, 1),
}
