"""Which instances of count and for_each a finding is about: all of a block, or some that it has to name."""

from __future__ import annotations

from collections.abc import Sequence

from linter.addresses import bare, steps
from linter.model import Estate, Finding, Judgement, Resource
from linter.text import safe_text

_NAMED = 6


def named(drafts: Sequence[Finding], groups: Sequence[list[Judgement]], estate: Estate) -> list[Finding]:
    """The findings, those about several instances of a block with the block's address and, unless they are all, which.

    A finding about one instance at a place outside of its block (the value that the instance was made from) keeps the
    instance in its fingerprint: other instances may have the same finding elsewhere.
    """
    existing: dict[tuple[object, ...], set[str]] = {}
    for resource in estate.resources:
        if resource.owner is None and "[" in resource.address and resource.kind.startswith("terraform/"):
            existing.setdefault(_block(resource), set()).add(resource.address)
    return [_named(*each, existing) for each in zip(drafts, groups, strict=True)]


def _block(resource: Resource) -> tuple[object, ...]:
    unit, environment, address = resource.identity
    return unit, environment, bare(address)


def _named(draft: Finding, group: list[Judgement], existing: dict[tuple[object, ...], set[str]]) -> Finding:
    owners = [judgement.resource.outermost for judgement in group]
    block = bare(draft.owner)
    if "[" not in draft.owner or not owners[0].kind.startswith("terraform/"):
        return draft
    mine = [owner for owner in owners if bare(owner.address) == block]
    failing = {owner.address for owner in mine}
    # A block has as many instances as it has; going through them for each of its findings would be quadratic.
    every = sum(len(existing.get(key, ())) for key in {_block(owner) for owner in mine})
    shared = _shared(sorted(failing))
    message = draft.message.replace(draft.owner, shared)
    if len(failing) < every and not (len(failing) == 1 and shared in message):
        message = f"{message} In {len(failing)} of {every} instances: {_listed(sorted(failing), shared)}."
    fingerprint = draft.fingerprint
    if len(failing) == 1 and not _within(group[0]):
        fingerprint += "\0" + "".join(key for _, key in steps(draft.owner))
    subject = draft.subject.replace(draft.owner, shared, 1)
    return draft._replace(message=message, owner=shared, subject=subject, fingerprint=fingerprint)


def _within(judgement: Judgement) -> bool:
    """Whether a judgement's place lies in the block it is about."""
    source, start, end = judgement.resource.outermost.extent
    return judgement.span[0] == source and start <= judgement.span[1] <= end


def _shared(addresses: Sequence[str]) -> str:
    """What addresses of one block have in common: the keys that all of them have."""
    if len(addresses) == 1:
        return addresses[0]
    parts = zip(*(steps(address) for address in addresses), strict=True)
    return ".".join(name[0][0] + (name[0][1] if len({key for _, key in name}) == 1 else "") for name in parts)


def _listed(addresses: Sequence[str], shared: str) -> str:
    """The keys that tell addresses apart, the first of them by name."""
    common = steps(shared)
    keys = [
        "".join(key for (_, key), (_, known) in zip(steps(address), common, strict=True) if key != known) or address
        for address in addresses[:_NAMED]
    ]
    more = f" and {len(addresses) - _NAMED} more" if len(addresses) > _NAMED else ""
    return safe_text(", ".join(keys) + more)
