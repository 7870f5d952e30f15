"""Checks of what machines are started with."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from functools import cache
from re import Pattern

from linter.checks import Verdict
from linter.conditions import ABSENT, Leaf, leaves, segments
from linter.model import FAIL, PASS, UNKNOWN, Estate, Resource, Unknown
from linter.text import find_secrets

_LONGEST = 200_000
"""Of a start-up text; the clouds take at most 64 KiB, in base64 a third more."""


def startup_without_secrets(estate: Estate, *, kind: str | Sequence[str], paths: Sequence[str]) -> Iterator[Verdict]:
    """No credential stands in what a machine gets at its start, written out or in base64 (RFC 4648).

    paths: where the text may be. A resource without any of them passes.
    """
    for each in (kind,) if isinstance(kind, str) else kind:
        for resource in estate.of_kind(each):
            start = Leaf(resource.body, resource.anchor, "")
            found = [leaf for path in paths for leaf in leaves(resource.body, segments(path), start, resource)]
            written = [leaf for leaf in found if leaf.value is not ABSENT]
            for leaf in written:
                yield _judged(resource, leaf)
            if not written:
                yield Verdict(resource, PASS, f"{resource.address} is started with nothing.", resource.anchor)


def _judged(resource: Resource, leaf: Leaf) -> Verdict:
    if isinstance(leaf.value, Unknown):
        message = f"{leaf.value.subject} is unknown, so whether {leaf.path} holds a credential is too."
        return Verdict(resource, UNKNOWN, message, leaf.span, leaf.path, (), (leaf.value,))
    if isinstance(leaf.value, str) and _holds_secret(leaf.value[:_LONGEST]):
        message = f"{leaf.path} of {resource.address} holds what looks like a credential."
        return Verdict(resource, FAIL, message, leaf.span, leaf.path)
    return Verdict(resource, PASS, f"No credential was found in {leaf.path}.", leaf.span, leaf.path)


def _holds_secret(text: str) -> bool:
    shown = _decoded(text).replace('\\"', '"')
    return any(what != "random string" for _, _, what in find_secrets(shown)) or _assigned().search(shown) is not None


def _decoded(text: str) -> str:
    """The text that base64 stands for, the text itself where it is none."""
    packed = "".join(text.split())
    try:
        return base64.b64decode(packed, validate=True).decode() if len(packed) >= 16 else text
    except (binascii.Error, ValueError):
        return text


@cache
def _assigned() -> Pattern[str]:
    """`PASSWORD="literal"` in quotes: in a script that is a credential also where it is a mere word."""
    import re

    return re.compile(r"(?i)(?:password|passwd|secret|api_?key|access_?key)\s*=\s*([\"'])[^\"'\s$<{(/][^\"'\s$]{5,}\1")
