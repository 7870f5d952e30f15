"""Secrets of production that a lower environment reads too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from linter.checks import Verdict
from linter.checks.parity.twins import certainty, intended
from linter.discovery.environments import PRODUCTION
from linter.estate.literals import Text, components, texts
from linter.model import FAIL, PASS, Estate, Origin, Resource, Span
from linter.text import secret_name
from linter.trees import as_map, at_path, maps

_WHOLE = (
    r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+",
    r"arn:aws[a-z-]*:ssm:[a-z0-9-]+:\d{12}:parameter/[\w/.-]+",
    r"projects/[a-z0-9-]+/secrets/[\w-]+",
    r"https://[a-z0-9-]+\.vault\.azure\.net/secrets/[\w-]+",
)
_VAULT = r"(?:secret|kv|kv-v2)/(?:data/)?[\w/.-]+"
_SETTINGS = ("settings/", "ansible/variables")
_VAULT_KEYS = r"(?:^|[._-])(?:vault_?path|secret_?path|agent-inject-secret-[\w.-]+)\Z"


_PLACEHOLDERS = ("changeme", "change-me", "example", "placeholder", "replace", "xxx", "todo", "your-", "dummy", "<")


def _literal(resource: Resource) -> Iterator[tuple[str, Span, str]]:
    """The credentials that settings write out, each by a digest of it under its name."""
    from linter.digests import sha256

    for text in texts(resource):
        name = text.path.rpartition(".")[2]
        low = text.value.lower()
        if secret_name(name) and len(low) > 5 and "$" not in low and not any(word in low for word in _PLACEHOLDERS):
            yield f"{name} {sha256(text.value.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}", text.span, text.path


def secrets_apart(estate: Estate) -> Iterator[Verdict]:
    """No secret that production reads is read by a lower environment: one that is named with its account, project or
    vault, a path in Vault, a key that external secrets take from a store with the same address, or a credential that the
    settings of both write out."""
    below: dict[str, tuple[Resource, Span]] = {}
    above: list[tuple[Resource, str, Span, str]] = []
    for resource in components(estate):
        assert resource.environment is not None
        for name, span, path in _named(estate, resource):
            if resource.environment.tier == PRODUCTION:
                above.append((resource, name, span, path))
            else:
                below.setdefault(name, (resource, span))
    for resource, name, span, path in above:
        if name not in below or intended(
            estate, resource, resource.environment.name if resource.environment else "", path
        ):
            yield Verdict(resource, PASS, "No lower environment reads the secret.", span, name.partition(" ")[0])
            continue
        other, there = below[name]
        lower = other.environment.name if other.environment is not None else ""
        message = f"{resource.address} reads the secret that {other.address} in {lower} reads."
        yield Verdict(
            resource,
            FAIL,
            message,
            span,
            name.partition(" ")[0],
            (Origin(f"{lower} reads it here", there),),
            at_most=certainty(resource),
        )


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile("|".join(_WHOLE))


def _named(estate: Estate, resource: Resource) -> Iterator[tuple[str, Span, str]]:
    """The secrets a resource names in full: (name, where, path)."""
    if resource.kind == "kubernetes/ExternalSecret":
        yield from _external(estate, resource)
    if resource.kind.startswith(_SETTINGS):
        yield from _literal(resource)
    for text in texts(resource):
        if len(text.value) <= 4000:
            for match in _pattern().finditer(text.value):
                yield match.group(), text.span, text.path
            if _is_vault(text):
                yield text.value, text.span, text.path


def _is_vault(text: Text) -> bool:
    return bool(re.fullmatch(_VAULT, text.value)) and bool(re.search(_VAULT_KEYS, text.path.lower()))


def _external(estate: Estate, resource: Resource) -> Iterator[tuple[str, Span, str]]:
    """The keys of an external secret, with the address of the store that is in the repository; else its keys are not told
    apart from those of another account's store of the same name."""
    store = at_path(resource.body, ("spec", "secretStoreRef"))
    address = _address(
        estate, resource, str(at_path(store, ("name",))), str(at_path(store, ("kind",)) or "SecretStore")
    )
    if address:
        for entry in maps(at_path(resource.body, ("spec", "data"))):
            remote = as_map(entry.get("remoteRef"))
            key = remote.get("key")
            if isinstance(key, str):
                source, _, _, start, end = remote.at["key"]
                yield f"{address}#{key}", (source, start, end), "spec.data.remoteRef.key"


def _address(estate: Estate, resource: Resource, name: str, kind: str) -> str:
    """What tells the store's vault from every other one, '' where the repository does not say."""
    for store in estate.of_kind(f"kubernetes/{kind}"):
        if store.environment == resource.environment and store.name == name:
            for path in (
                ("vault", "server"), ("azurekv", "vaultUrl"), ("gcpsm", "projectID"), ("aws", "role"),
                ("akeyless", "akeylessGWApiURL"), ("conjur", "url"),
            ):  # fmt: skip
                found = at_path(store.body, ("spec", "provider", *path))
                if isinstance(found, str):
                    return found
    return ""
