"""Differences between environments that the policy declares as intended: `parity.allow`, with reason and expiry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from linter.addresses import bare
from linter.globs import text_matches
from linter.model import Estate

Entry = Mapping[str, Any]


def entries(estate: Estate) -> tuple[Entry, ...]:
    """What the policy declares, in its order; the configuration's schema has seen to reason and expiry."""
    return tuple(estate.settings.get("parity", {}).get("allow", ()))


def expired(entry: Entry, estate: Estate) -> bool:
    """Whether the last day of an entry has passed: it covers nothing any more."""
    return str(entry["expires"]) < str(estate.settings.get("as-of", ""))


def declaration(estate: Estate, addresses: Iterable[str], environments: Iterable[str], path: str = "") -> Entry | None:
    """The first entry in force that covers an attribute of a component in one of the environments.

    addresses: of the component, each as one environment writes it. path: of the attribute, '' for the component as a
    whole, which an entry about attributes does not cover.
    """
    names, words = tuple(environments), tuple(addresses)
    return next((each for each in covering(estate, words, names, path) if not expired(each, estate)), None)


def covering(
    estate: Estate, addresses: tuple[str, ...], environments: tuple[str, ...], path: str = ""
) -> Iterator[Entry]:
    """Every entry that covers it, expired or not."""
    for entry in entries(estate):
        scope = entry.get("environments")
        if (
            any(_named(entry.get("resource", "*"), address) for address in addresses)
            and text_matches(entry.get("attribute", "*"), path)
            and (scope is None or any(name in scope for name in environments))
        ):
            yield entry


def _named(pattern: str, address: str) -> bool:
    return text_matches(pattern, address) or ("[" in address and text_matches(pattern, bare(address)))
