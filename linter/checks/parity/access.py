"""Access compared between environments: nothing may be granted above beyond all that is granted below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from linter.checks import Verdict
from linter.checks.parity.grants import Grant, covers, grants
from linter.checks.parity.twins import failed, intended
from linter.estate.twins import Pair, key_of, pairs
from linter.model import PASS, Estate, Origin, Resource

_MOST = 400
"""Grants of one holder that are compared one by one; more is no policy a person reads."""
Holder = tuple[str, ...]


def access_not_wider(estate: Estate, *, kind: str | Sequence[str]) -> Iterator[Verdict]:
    """No holder (a policy document, a role, a binding, a security group) is allowed strictly more in the higher
    environment: all that it may do below, and something else. Environments' names, account ids and which private or
    public network an address is in do not count: they differ by intent.
    """
    for pair in pairs(estate, (kind,) if isinstance(kind, str) else tuple(kind)):
        names = tuple(each.name.lower() for each in (pair.lower, pair.higher))
        below, above = _by_holder(pair.below.values(), names), _by_holder(pair.above.values(), names)
        for holder, high in above.items():
            if holder in below:
                yield from _judged(estate, pair, below[holder], high)


def _by_holder(resources: Iterable[Resource], names: tuple[str, ...]) -> dict[Holder, list[Grant]]:
    found: dict[Holder, list[Grant]] = {}
    for resource in resources:
        held = found.setdefault(_holder(resource), [])
        if len(held) <= _MOST:
            held.extend(grants(resource, names))
    return found


def _holder(resource: Resource) -> Holder:
    group = resource.body.get("security_group_id") if "security_group" in resource.kind else None
    if group is not None:
        return ("security group", str(getattr(group, "subject", group)))
    return key_of(resource.owner) if resource.owner is not None else key_of(resource)


def _judged(estate: Estate, pair: Pair, low: list[Grant], high: list[Grant]) -> Iterator[Verdict]:
    if not high or not low or len(low) > _MOST or len(high) > _MOST:
        return
    common = {each.parts for each in low}.intersection(each.parts for each in high)
    extra = [each for each in high if each.parts not in common and not any(covers(one, each) for one in low)]
    lost = any(each.parts not in common and not any(covers(one, each) for one in high) for each in low)
    if not extra or lost or intended(estate, extra[0].resource, pair.higher.name):
        resource = high[0].resource
        yield Verdict(resource, PASS, f"It grants nothing beyond what {pair.lower.name} does.", resource.anchor)
        return
    first = extra[0]
    more = f" and {len(extra) - 1} more" if len(extra) > 1 else ""
    message = (
        f"{_named(first.resource)} allows {first.text}{more} in {pair.higher.name},"
        f" besides all that {pair.lower.name} allows."
    )
    said = Origin(f"{pair.lower.name} allows less here", low[0].resource.anchor)
    yield failed(pair, first.resource, message, first.span, first.text, (said,))


def _named(resource: Resource) -> str:
    return resource.owner.address if resource.owner is not None else resource.address
