"""Which objects a kustomization's target selects: https://kubectl.docs.kubernetes.io/references/kustomize/glossary/#target.

The selectors are regular expressions from scanned files: only those without nested repetition are evaluated.
"""

from __future__ import annotations

import re
from typing import Any

from linter.model import Map, Unknown
from linter.parsers.kubernetes_objects import Object, group_of, metadata_of, name_of

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/:")
_REPEATED = 3
_LENGTH = 400


def selected(target: Map, item: Object) -> bool | None:
    """Whether a target selects an object; None where that cannot be said."""
    body = item.body
    version = body.get("apiVersion")
    checks = (
        ("group", (group_of(body),)),
        ("version", (str(version).rpartition("/")[2],)),
        ("kind", (body["kind"],)),
        ("namespace", (written_namespace(body),)),
        ("name", (name_of(body), *item.names)),
    )
    answers = [_any(target[key], values) for key, values in checks if target.get(key) not in (None, "")]
    for key, field in (("labelSelector", "labels"), ("annotationSelector", "annotations")):
        if target.get(key):
            answers.append(_labelled(target[key], metadata_of(body).get(field)))
    if any(answer is False for answer in answers):
        return False
    return None if any(answer is None for answer in answers) else True


def written_namespace(body: Map) -> Any:
    """metadata.namespace, `default` where there is none."""
    namespace = metadata_of(body).get("namespace")
    return "default" if namespace is None else namespace


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
    pattern, value = str(pattern), str(value)
    if is_plain(pattern):
        return bool(pattern == value)
    quiet = re.search(r"\)[*+?{]|[*+?}][*+?{]|\\[1-9]|\(\?|\{", pattern) is None
    if not quiet or len(pattern) > _LENGTH or len(value) > _LENGTH:
        return None
    if pattern.count("*") + pattern.count("+") > _REPEATED:
        return None
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        return None


def _labelled(selector: Any, labels: Any) -> bool | None:
    """Equality-based label selectors: `a=b`, `a!=b`, `a`, `!a`, joined by commas; sets are not decided."""
    if not isinstance(selector, str) or "(" in selector or isinstance(labels, Unknown):
        return None
    held = labels if isinstance(labels, Map) else {}
    for part in selector.split(","):
        key, operator, value = _term(part.strip())
        actual = held.get(key)
        if isinstance(actual, Unknown):
            return None
        held_there = {
            "=": actual is not None and str(actual) == value,
            "!=": actual is None or str(actual) != value,
            "": actual is not None,
            "!": actual is None,
        }
        if not held_there[operator]:
            return False
    return True


def _term(part: str) -> tuple[str, str, str]:
    if part.startswith("!"):
        return part[1:].strip(), "!", ""
    for operator in ("!=", "==", "="):
        key, found, value = part.partition(operator)
        if found:
            return key.strip(), "!=" if operator == "!=" else "=", value.strip()
    return part, "", ""
