"""The texts written in an environment's components, and what identifies an environment: accounts, hosts, buckets…"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from linter.estate import WHOLE
from linter.estate.differences import is_component
from linter.estate.twins import RANK
from linter.model import Entry, Estate, Map, Resource, Seq, Span, handle
from linter.records import NamedTuple

MOST_TEXTS = 20_000
"""Texts of one resource that are looked at."""
_DEEPEST = 30
_NAMED = {
    "terraform/aws_s3_bucket": ("bucket",), "terraform/google_storage_bucket": ("name",),
    "terraform/azurerm_storage_account": ("name",), "terraform/aws_eks_cluster": ("name",),
    "terraform/google_container_cluster": ("name",), "terraform/azurerm_kubernetes_cluster": ("name",),
    "terraform/aws_db_instance": ("identifier",), "terraform/aws_route53_record": ("name",),
    "terraform/aws_sqs_queue": ("name",),
}  # fmt: skip
"""Kind → the argument that is its name throughout the cloud or the account."""


_ACCOUNTS = {
    "allowed_account_ids": r"\d{12}", "project": r"[a-z][a-z0-9-]{4,28}[a-z0-9]",
    "subscription_id": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
}  # fmt: skip
"""Argument of a provider → the form of an account; anything else is a placeholder."""


class Text(NamedTuple):
    """A text of a resource: where it is written, and the path that leads to it."""

    value: str
    span: Span
    path: str


def components(estate: Estate) -> Iterator[Resource]:
    """What stands for itself in an environment whose tier is known, in order."""
    for kind in estate.kinds:
        if not kind.startswith(WHOLE):
            for resource in estate.kinds[kind]:
                environment = resource.environment
                if environment is not None and environment.tier in RANK and is_component(resource):
                    yield resource


def texts(resource: Resource) -> Iterator[Text]:
    """Every text within a resource, at most MOST_TEXTS, each with its place."""
    source, start, end = resource.anchor
    waiting: list[tuple[Any, Entry, str, int]] = [(resource.body, (source, start, start, start, end), "", 0)]
    seen = 0
    while waiting and seen < MOST_TEXTS:
        value, entry, path, depth = waiting.pop()
        seen += 1
        if type(value) is str:
            yield Text(value, handle(value, entry), path)
        elif isinstance(value, Map) and depth < _DEEPEST:
            waiting.extend(
                (value[key], value.at.get(key, entry), f"{path}.{key}" if path else str(key), depth + 1)
                for key in reversed(value)
                if not str(key).startswith("$")
            )
        elif isinstance(value, Seq) and depth < _DEEPEST:
            at = value.at
            waiting.extend(
                (item, at[i] if i < len(at) else entry, path, depth + 1) for i, item in reversed(list(enumerate(value)))
            )


def accounts_of(resource: Resource) -> Sequence[tuple[str, Span]]:
    """The accounts, projects or subscriptions that a default provider of Terraform works in."""
    if resource.kind != "terraform/provider" or resource.body.get("alias") is not None:
        return ()
    found: list[tuple[str, Span]] = []
    body = resource.body
    for key, form in _ACCOUNTS.items():
        value = body.get(key)
        if isinstance(value, Seq):
            written = [(each, handle(each, value.at[i])) for i, each in enumerate(value)]
        else:
            written = [(value, handle(value, body.at[key]))] if key in body.at else []
        found.extend((each, span) for each, span in written if isinstance(each, str) and re.fullmatch(form, each))
    return found


def identifiers(estate: Estate, resources: Sequence[Resource]) -> dict[str, dict[str, tuple[str, Span | None]]]:
    """Identifier → environment name → (what it is, where it is written or None where it is declared)."""
    found: dict[str, dict[str, tuple[str, Span | None]]] = {}
    for entry in estate.settings.get("environments") or ():
        declared: Mapping[str, Any] = entry
        for account in declared.get("accounts") or ():
            found.setdefault(str(account), {}).setdefault(str(declared["name"]), ("account", None))
    for resource in resources:
        assert resource.environment is not None
        for identifier, what, span in _own(resource):
            if len(identifier) >= 6:
                found.setdefault(identifier, {}).setdefault(resource.environment.name, (what, span))
    return found


def _own(resource: Resource) -> Iterator[tuple[str, str, Span]]:
    body = resource.body
    for account, span in accounts_of(resource):
        yield account, "account", span
    for key in _NAMED.get(resource.kind, ()):
        if isinstance(body.get(key), str):
            yield body[key].lower(), resource.kind.rpartition("/")[2], handle(body[key], body.at[key])
    if resource.kind in ("kubernetes/Ingress", "kubernetes/HTTPRoute"):
        for text in texts(resource):
            if re.search(r"(?:^|\.)(?:host|hosts|hostnames)\Z", text.path) and "." in text.value:
                yield text.value.lower(), "host", text.span
