"""Elements of lists that strategic merge patches merge by key, found and put in order as kustomize does.

Where a key has several parts, an element may leave some out (`containerPort: 80` without `protocol`); what kustomize
makes of that follows from the order of its steps, which are kept here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from linter.model import Entry, Map
from linter.parsers.kustomize.state import Refused, text_of

Node = tuple[Any, Entry]
"""A value and where it is written."""


def values(new: list[Node], old: list[Node], keys: Sequence[str]) -> list[list[str]]:
    """What the elements hold at the keys, each once, those of the patch first."""
    found: list[list[str]] = []
    for value, _ in (*new, *old):
        if keys[0] == "":
            texts = [text_of(value)]
        elif not isinstance(value, Map):
            raise Refused("an element of a list that is merged by key is no mapping")
        else:
            texts = [text_of(value.get(key)) for key in keys]
        if texts not in found:
            found.append(texts)
    return found


def complete(values: list[list[str]]) -> None:
    """Fill in what one element leaves out of the keys and another, otherwise equal one has."""
    for i, one in enumerate(values):
        for j, other in enumerate(values):
            same = any(a == b for a, b in zip(one, other, strict=True))
            fits = all(a == b or not a or not b for a, b in zip(one, other, strict=True))
            if same and fits:
                values[i] = values[j] = one = [a or b for a, b in zip(one, other, strict=True)]


def valid(all_values: list[list[str]], values: Sequence[str], keys: Sequence[str]) -> tuple[list[str], list[str]]:
    """The keys that any element has, with an element's values of them."""
    used = {key for row in all_values for key, text in zip(keys, row, strict=False) if text}
    if not used:
        return list(keys), list(values)
    pairs = [(key, text) for key, text in zip(keys, values, strict=False) if text or key in used]
    return [key for key in keys if key in used], [text for _, text in pairs]


def find(elements: list[Node], keys: Sequence[str], values: Sequence[str]) -> int | None:
    for index, (value, _) in enumerate(elements):
        if keys[0] == "":
            if text_of(value) == values[0]:
                return index
        elif isinstance(value, Map) and all(
            value.get(key) is not None and text_of(value[key]) == text for key, text in zip(keys, values, strict=False)
        ):
            return index
    return None


def set_element(elements: list[Node], node: Node | None, keys: Sequence[str], values: Sequence[str]) -> list[Node]:
    """Elements with the matching ones replaced by a node, or left out; a node that matches none is added."""
    result: list[Node] = []
    found = node is None
    for element in elements:
        if element[0] is None or (isinstance(element[0], Map) and not element[0]):
            continue
        if not matched(element[0], keys, values):
            result.append(element)
        elif node is not None:
            found = True
            result.append(node)
    return result if found or node is None else [*result, node]


def matched(value: Any, keys: Sequence[str], values: Sequence[str]) -> bool:
    if keys[0] == "":
        return text_of(value) == values[0]
    if not isinstance(value, Map):
        return False
    pairs = zip(keys, values, strict=False)
    return all(value.get(key) is not None and (not text or text_of(value[key]) == text) for key, text in pairs)


def appended(added: list[Node], old: list[Node], keys: Sequence[str]) -> list[Node]:
    """The elements of the patch, then those of the object, which by now have been merged."""
    result = added
    for element in old:
        if keys[0] == "":
            result = set_element(result, element, keys, [text_of(element[0])])
            continue
        held = []
        for key in keys:
            value = element[0].get(key) if isinstance(element[0], Map) else None
            if value is None:
                result = [*result, element]
            else:
                held.append(text_of(value))
        if len(keys) > 1:
            result = set_element(result, None, keys, held)
        result = set_element(result, element, keys, held)
    return result
