"""Which objects a kustomization's target selects: https://kubectl.docs.kubernetes.io/references/kustomize/glossary/#target.

The selectors are regular expressions from scanned files: only those without nested repetition are evaluated.
"""

from __future__ import annotations

import re
from typing import Any

from linter.model import Map, Unknown
from linter.parsers.kubernetes.objects import metadata_of, name_of
from linter.parsers.kustomize.state import Item, text_of

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/:")
_REPEATED = 2
_SELECTOR = 1000
_LENGTH = 400
_NOWHERE = "_non_namespaceable_"


def selected(target: Map, item: Item) -> bool | None:
    """Whether a target selects an object; None where that cannot be said."""
    now, first = item.now, item.first
    name = name_of(item.body)
    checks = (
        ("group", (now.group,)),
        ("version", (now.version,)),
        ("kind", (item.body["kind"],)),
        ("namespace", tuple(_NOWHERE if each.place == "/" else each.place for each in (first, now))),
        ("name", (name, first.name) if item.past else (name,)),
    )
    answers = [_any(target[key], values) for key, values in checks if target.get(key) not in (None, "")]
    answers.append(labelled(target, item.body))
    if any(answer is False for answer in answers):
        return False
    return None if any(answer is None for answer in answers) else True


def labelled(target: Map, body: Map) -> bool | None:
    """Whether the selectors of a target hold for an object's labels and annotations."""
    answers = [
        _labelled(target[key], metadata_of(body).get(field))
        for key, field in (("labelSelector", "labels"), ("annotationSelector", "annotations"))
        if target.get(key)
    ]
    return False if False in answers else None if None in answers else True


def _any(pattern: Any, values: tuple[Any, ...]) -> bool | None:
    answers = [matches(pattern, value) for value in values]
    if any(answers):
        return True
    return None if any(answer is None for answer in answers) else False


def is_plain(pattern: str) -> bool:
    """Whether a pattern matches itself only; the empty one selects everything."""
    return pattern != "" and _PLAIN.issuperset(pattern)


def matches(pattern: Any, value: Any) -> bool | None:
    """Whether a whole value matches a pattern; None where one is unknown or the pattern could take too long."""
    if isinstance(pattern, Unknown) or isinstance(value, Unknown):
        return None
    pattern, value = text_of(pattern), text_of(value)
    return bool(pattern == value) if is_plain(pattern) else _searched(f"^(?:{pattern})$", pattern, value)


def found_in(pattern: str, value: Any) -> bool | None:
    """Whether a pattern is found in a value, as in `[name=web]`; None where that cannot be said."""
    if isinstance(value, Unknown):
        return None
    text = text_of(value)
    return pattern in text if _PLAIN.issuperset(pattern) else _searched(pattern, pattern, text)


def _searched(anchored: str, pattern: str, value: str) -> bool | None:
    """Whether a pattern is found, None where it could take too long to say."""
    quiet = re.search(r"\)[*+?{]|[*+?}][*+?{]|\\[1-9]|\(\?|\{", pattern) is None
    if not quiet or len(pattern) > _LENGTH or len(value) > _LENGTH:
        return None
    if pattern.count("*") + pattern.count("+") > _REPEATED or ("|" in pattern and pattern.count("(") > _REPEATED):
        return None
    try:
        return re.search(anchored, value) is not None
    except re.error:
        return None


def _labelled(selector: Any, labels: Any) -> bool | None:
    """Label selectors: `a=b`, `a!=b`, `a`, `!a`, `a in (b, c)`, `a notin (b)`, joined by commas."""
    if not isinstance(selector, str) or isinstance(labels, Unknown):
        return None
    held = labels if isinstance(labels, Map) else {}
    for part in re.split(r",(?![^(]*\))", selector[:_SELECTOR]):
        key, operator, values = _term(part.strip())
        actual = held.get(key)
        if isinstance(actual, Unknown) or key == "?":
            return None
        there = actual is not None and (operator in ("", "!") or text_of(actual) in values)
        if there == (operator in ("!", "!=")):
            return False
    return True


def _term(part: str) -> tuple[str, str, tuple[str, ...]]:
    """Key, operator (`=`, `!=`, '' for is there, `!` for is not) and values; `?` as the key of what is not read."""
    if part.startswith("!"):
        return part[1:].strip(), "!", ()
    if "(" in part:
        head, _, rest = part.partition("(")
        words = head.split()
        if len(words) != 2 or words[1] not in ("in", "notin") or not rest.endswith(")"):
            return "?", "", ()
        return words[0], "=" if words[1] == "in" else "!=", tuple(x.strip() for x in rest[:-1].split(","))
    for operator in ("!=", "==", "="):
        key, found, value = part.partition(operator)
        if found:
            return key.strip(), "!=" if operator == "!=" else "=", (value.strip(),)
    return part, "", ()
