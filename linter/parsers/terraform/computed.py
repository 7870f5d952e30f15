"""What is known of values that no configuration writes, and small readings of references."""

from __future__ import annotations

from typing import Any

from linter.model import Map, Seq, Unknown
from linter.parsers.terraform.layout import Item
from linter.parsers.terraform.scope import Expr

_IDENTITIES = frozenset({"id", "arn", "self_link", "name", "key_id"})
_ACCOUNTS = frozenset({"email", "member"})
"""What a google_service_account always has."""


def attribute_of(value: Map, name: str) -> Any:
    """The nested blocks of a type, unknown where an evaluation in progress hides them."""
    found = value.get(name)
    return found if isinstance(found, Seq) else Unknown("run-time", name)


def computed(address: str, type: str, name: str | None, cause: str, remedy: str = "") -> Unknown:
    """An attribute that is not configured; the ones that name a resource are strings, neither null nor empty."""
    certain = name in _IDENTITIES or (name in _ACCOUNTS and type == "google_service_account")
    prefix = "arn:" if name == "arn" and type.startswith("aws_") else ""
    word = "string" if certain else ""
    subject = address if name is None else f"{address}.{name}"
    not_null = certain or name is None
    return Unknown(cause, subject, remedy, type=word, prefix=prefix, not_null=not_null, not_empty=certain)


def open_map(unknown: Unknown, item: Item) -> Map:
    """An object of which nothing is known."""
    result = Map((item.source, item.block.start, item.block.end))
    result.open = unknown
    return result


def step_name(steps: list[Expr], position: int) -> str | None:
    """The name a step of a traversal takes: `.name` or `["name"]`."""
    if position < len(steps):
        step = steps[position]
        if step[0] == "attr":
            return str(step[4])
        if step[4][0] == "lit" and isinstance(step[4][3], str):
            return step[4][3]
    return None
