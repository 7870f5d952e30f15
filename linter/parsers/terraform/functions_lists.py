"""Terraform's functions on lists; places of elements survive, unknown arguments leave results open."""

from __future__ import annotations

from typing import Any

from linter.model import Map, Seq, Span, Unknown, concatenate
from linter.parsers.terraform import numbers
from linter.parsers.terraform.arguments import Function, alike, numeral, seq, strings, whole
from linter.parsers.terraform.compare import equal, first_unknown, set_key
from linter.parsers.terraform.types import convert, unify
from linter.parsers.terraform.unify import type_of, unified
from linter.parsers.terraform.values import (
    ELEMENT_LIMIT,
    NUMBER,
    STRING,
    List,
    Set,
    Wrong,
    derived,
    listed,
    over_budget,
    sequence,
)


def _concat(args: list[Any], span: Span) -> Any:
    doubt: Unknown | None = None
    known: list[Seq] = []
    for arg in args:
        if isinstance(arg, Unknown):
            doubt = arg if doubt is None else doubt
        else:
            if isinstance(arg, Set):
                raise Wrong("concat needs lists, not sets")
            known.append(seq(arg))
            doubt = known[-1].open if doubt is None else doubt
    if doubt is None:
        if sum(map(len, known)) > ELEMENT_LIMIT:
            raise over_budget("a collection of more than 100,000 elements")
        return _joined(known, span)
    result = Seq(span)
    for value in known:
        result.extend(value)
        result.at.extend(value.at)
    result.open = doubt
    return result


def _joined(known: list[Seq], span: Span) -> Seq:
    """Lists of types that unite give a list, everything else a tuple."""
    if len(known) == 1 and isinstance(known[0], List):
        return known[0]
    if all(isinstance(value, List) for value in known):
        of = unified([type_of(value) for value in known])
        if of is not None:
            parts = [convert(value, of) for value in known]
            places = [place for value in parts for place in value.at]
            return listed([element for value in parts for element in value], of[1], span, places)
    return concatenate(known, span)


def _length(args: list[Any], span: Span) -> Any:
    value = args[0]
    if isinstance(value, Unknown):
        return derived(value, "number", not_null=True)
    if isinstance(value, str):
        return numbers.narrow(_characters(value))
    if not isinstance(value, (Map, Seq)):
        raise Wrong("length needs a string or a collection")
    if value.open is not None or (isinstance(value, Set) and first_unknown(value) is not None):
        doubt = first_unknown(value)
        assert doubt is not None
        return derived(doubt, "number", not_null=True)
    return numbers.narrow(len(value))


def _characters(text: str) -> int:
    if text.isascii():
        return len(text) - text.count("\r\n")
    from linter.parsers.terraform.graphemes import clusters

    return len(clusters(text))


def _element(args: list[Any], span: Span) -> Any:
    value, position = args
    for arg in args:
        if isinstance(arg, Unknown):
            return derived(arg)
    if isinstance(value, Set):
        raise Wrong("element needs a list, not a set")
    if seq(value).open is not None:
        return derived(value.open)
    if not value:
        raise Wrong("element needs a list that is not empty")
    at = whole(position)
    if at < 0 and not isinstance(value, List) and at % len(value):
        raise Wrong("a tuple has no such element")
    return value[at % len(value)]


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
    if args[1] is None:
        raise Wrong("contains needs a value, not null")
    for element in args[0]:
        same = equal(element, args[1])
        if same is True:
            return True
        if isinstance(same, Unknown):
            doubt = same if doubt is None else doubt
    return False if doubt is None else derived(doubt, "bool", not_null=True)


def _coalesce(args: list[Any], span: Span) -> Any:
    of = unified([type_of(arg) for arg in args])
    if of is None:
        raise Wrong("the arguments of coalesce have no common type")
    for value in args:
        if isinstance(value, Unknown):
            return value if value.not_null and value.prefix else derived(value, value.type, not_null=True)
        if value is not None and (of != STRING or value != ""):
            return convert(value, of)
    raise Wrong("coalesce has no argument that is neither null nor empty")


def _coalescelist(args: list[Any], span: Span) -> Any:
    if any(not isinstance(value, (Seq, Unknown)) or isinstance(value, Set) for value in args):
        raise Wrong("coalescelist needs lists")
    for value in args:
        if isinstance(value, Unknown):
            return derived(value, "list", not_null=True)
        if len(seq(value)) or value.open is not None:
            return value
    raise Wrong("coalescelist has no argument that is not empty")


def _kept(value: List, keep: list[bool], span: Span) -> List:
    pairs = [pair for pair, kept in zip(zip(value, value.at, strict=True), keep, strict=True) if kept]
    result = listed([element for element, _ in pairs], value.of, span, [place for _, place in pairs])
    result.open = value.open
    return result


def _compact(args: list[Any], span: Span) -> Any:
    value = strings(args[0])
    pairs = [pair for pair in zip(value, value.at, strict=True) if pair[0] is not None and pair[0] != ""]
    return listed([element for element, _ in pairs], STRING, span, [place for _, place in pairs])


def _distinct(args: list[Any], span: Span) -> Any:
    value = alike(args[0])
    keys = [set_key(element) for element in value]
    first = {key: position for position, key in reversed(list(enumerate(keys)))}
    return _kept(value, [first[key] == position for position, key in enumerate(keys)], span)


def _index(args: list[Any], span: Span) -> Any:
    if isinstance(args[0], Set) or args[1] is None:
        raise Wrong("index needs a list and a value")
    for position, element in enumerate(seq(args[0])):
        if equal(element, args[1]) is True:
            return numbers.narrow(position)
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
    return _part(value, value[start:end], value.at[start:end], span)


def _part(value: Seq, members: list[Any], places: list[Any], span: Span) -> Seq:
    """Some elements of a list or tuple, in a value of the same kind."""
    if isinstance(value, (List, Set)):
        return listed(members, value.of, span, places)
    return sequence(members, span, places)


def _reverse(args: list[Any], span: Span) -> Any:
    if isinstance(args[0], Unknown):
        return derived(args[0], "list", not_null=True)
    result = _part(args[0], seq(args[0])[::-1], args[0].at[::-1], span)
    result.open = args[0].open
    return result


def _sort(args: list[Any], span: Span) -> Any:
    value = strings(args[0])
    if any(element is None for element in value):
        raise Wrong("sort needs strings, not null")
    pairs = sorted(zip(value, value.at, strict=True))
    return listed([element for element, _ in pairs], STRING, span, [place for _, place in pairs])


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
    rising = numbers.order(end, start)
    step = bounds[2] if len(bounds) == 3 else 1 if rising >= 0 else -1
    sign = numbers.order(step, 0)
    if sign == 0 or sign * rising < 0:
        raise Wrong("range would never end")
    found: list[int | float] = []
    while sign * numbers.order(end, start) > 0:
        if len(found) >= 1024:
            raise Wrong("range gives at most 1,024 numbers")
        found.append(start)
        start = numbers.add(start, step)
    return listed(found, NUMBER, span)


def _chunklist(args: list[Any], span: Span) -> Any:
    value, size = alike(args[0]), whole(args[1])
    if size < 0:
        raise Wrong("chunklist needs a size that is not negative")
    size = size or max(len(value), 1)
    chunks = [
        listed(value[start : start + size], value.of, span, value.at[start : start + size])
        for start in range(0, len(value), size)
    ]
    return listed(chunks, ("list", value.of), span)


def _matchkeys(args: list[Any], span: Span) -> Any:
    values, keys, wanted = (alike(arg) for arg in args)
    if len(values) != len(keys):
        raise Wrong("matchkeys needs as many keys as values")
    of = unified([keys.of, wanted.of])
    if of is None:
        raise Wrong("matchkeys needs keys of one type")
    sought = {set_key(element) for element in convert(wanted, ("list", of))}
    return _kept(values, [set_key(key) in sought for key in convert(keys, ("list", of))], span)


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
