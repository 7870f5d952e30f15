"""Texts of one environment that name another one's account, host, bucket, database or cluster."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from linter.checks import Verdict
from linter.checks.parity.twins import certainty, intended
from linter.estate.literals import Text, components, identifiers, texts
from linter.estate.twins import RANK
from linter.model import FAIL, PASS, Estate, Origin, Resource, Span

Known = dict[str, tuple[str, str, Span | None]]
"""Identifier → (the one environment it belongs to, what it is, where that is written)."""


def no_cross_references(estate: Estate) -> Iterator[Verdict]:
    """No component names what belongs to another environment alone, be it production's or one below it."""
    resources = list(components(estate))
    tiers = {each.environment.name: each.environment.tier for each in resources if each.environment is not None}
    if len(tiers) < 2:
        return
    known: Known = {
        identifier: (name, what, span)
        for identifier, owners in identifiers(estate, resources).items()
        if len(owners) == 1
        for name, (what, span) in owners.items()
    }
    if not known:
        return
    for resource in resources:
        yield from _judged(estate, resource, known, tiers)


def _judged(estate: Estate, resource: Resource, known: Known, tiers: dict[str, str]) -> Iterator[Verdict]:
    assert resource.environment is not None
    mine, told = resource.environment.name, set()
    for text in texts(resource):
        for identifier in _words(text):
            owner, what, there = known.get(identifier, (mine, "", None))
            if owner == mine or identifier in told or owner not in tiers or not _apart(resource, tiers[owner]):
                continue
            if intended(estate, resource, mine, text.path):
                continue
            told.add(identifier)
            message = f"{resource.address} in {mine} names '{identifier}', which is {owner}'s {what.replace('_', ' ')}."
            related = () if there is None else (Origin(f"it belongs to {owner} here", there),)
            yield Verdict(resource, FAIL, message, text.span, identifier, related, at_most=certainty(resource))
    if not told:
        yield Verdict(resource, PASS, "It names nothing of another environment.", resource.anchor)


def _apart(resource: Resource, tier: str) -> bool:
    """Whether the line between the two environments is one that has to be kept: production's, or any other tier's."""
    assert resource.environment is not None
    return RANK[resource.environment.tier] != RANK.get(tier, -1)


@cache
def _separators() -> re.Pattern[str]:
    return re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{4,253}[A-Za-z0-9]")


def _words(text: Text) -> Iterator[str]:
    """What may be an identifier in a text: itself, and its words between slashes, colons, quotes and blanks."""
    if 6 <= len(text.value) <= 10_000:
        for match in _separators().finditer(text.value.lower()):
            yield match.group()
