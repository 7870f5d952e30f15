"""Environments compared: what is in one and not in the other, and what is weaker or older where it matters most."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from linter.checks import Verdict
from linter.conditions import ABSENT, Leaf, leaves, segments
from linter.conditions.operators import number
from linter.discovery.environments import PRODUCTION
from linter.estate.declared import declaration
from linter.estate.difference_classes import is_test_tool
from linter.estate.twins import Key, Pair, blocks, pairs, stand_in
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Origin, Resource, Severity, Span, Unknown
from linter.trees import as_map

Kinds = str | Sequence[str]
WEAK_SIGNS = frozenset(("compose", "dotenv", "config", "ansible"))
"""Kinds of units whose environment is told by the name of a file or folder alone."""
SCALERS = ("kubernetes/HorizontalPodAutoscaler", "kubernetes/ScaledObject", "kubernetes/Rollout")


def _kinds(kind: Kinds) -> tuple[str, ...]:
    return (kind,) if isinstance(kind, str) else tuple(kind)


def both(pair: Pair) -> Iterator[tuple[Key, Resource, Resource]]:
    for key, resource in pair.below.items():
        if key in pair.above:
            yield key, resource, pair.above[key]


def intended(estate: Estate, resource: Resource, environment: str, path: str = "") -> bool:
    """Whether the policy declares the difference (`parity.allow`), with a reason and an expiry that has not passed."""
    return declaration(estate, (resource.address,), (environment,), path) is not None


def present_in_every_environment(estate: Estate, *, kind: Kinds, missing_below: bool = False) -> Iterator[Verdict]:
    """What a lower environment has exists in the next higher one.

    missing_below: the other way round: what the higher one has exists below, so that it is tried before production.
    """
    for pair in pairs(estate, _kinds(kind)):
        mine, other, here, there = (
            (pair.above, pair.below, pair.higher, pair.lower)
            if missing_below
            else (pair.below, pair.above, pair.lower, pair.higher)
        )
        instances = blocks(other) if any(key not in other for key in mine) else {}
        missing: list[Resource] = []
        for key, resource in mine.items():
            twin = None if key in other else stand_in(key, instances)
            doubt = resource.uncertain if twin is None else twin.uncertain
            if key in other or (twin is not None and doubt is None):
                yield Verdict(resource, PASS, f"{resource.name} exists in {there.name} too.", resource.anchor)
            elif not missing_below and there.tier == PRODUCTION and is_test_tool(resource.name):
                message = f"{resource.name} is there to test with, which only lower environments have."
                yield Verdict(resource, PASS, message, resource.anchor)
            elif doubt is not None:
                message = f"{doubt.subject} is unknown, so whether {resource.name} exists is too."
                yield Verdict(resource, UNKNOWN, message, resource.anchor, unknowns=(doubt,))
            elif not intended(estate, resource, there.name):
                missing.append(resource)
        yield from _missing(pair, missing, here.name, there.name)


MANY = 20
"""Findings of one rule between two environments beyond which they are told as one."""


def _missing(pair: Pair, missing: list[Resource], here: str, there: str) -> Iterator[Verdict]:
    """One finding for each missing component; where there are many, one that lists them."""
    if len(missing) <= MANY:
        for resource in missing:
            message = f"{resource.address} exists in {here} but not in {there}."
            yield failed(pair, resource, message, resource.anchor, lowered=_weighs(resource))
        return
    first = missing[0]
    names = ", ".join(resource.address for resource in missing[:3])
    message = f"{len(missing)} components exist in {here} but not in {there}: {names} and {len(missing) - 3} more."
    related = tuple(Origin(f"{resource.address} is here", resource.anchor) for resource in missing[1:100])
    lowered = min(map(_weighs, missing))
    yield failed(pair, first, message, first.anchor, f"{pair.layout}:{there}", related, lowered)


_PAGING = frozenset(("critical", "page", "emergency", "p1", "sev1"))


def _weighs(resource: Resource) -> int:
    """By how many steps less severe it is that one is missing: an alert that wakes nobody, by one."""
    severity = as_map(resource.body.get("labels")).get("severity")
    return int(resource.kind == "monitoring/alert" and not (isinstance(severity, str) and severity in _PAGING))


def failed(
    pair: Pair,
    resource: Resource,
    message: str,
    span: Span,
    element: str = "",
    related: tuple[Origin, ...] = (),
    lowered: int = 0,
) -> Verdict:
    """A failure, one step less severe where the higher environment is not production, and `lowered` by more steps; one
    more severe for what bears most. It is no more certain than the sign that tells the environments apart."""
    steps = int(pair.higher.tier != PRODUCTION) + lowered - int(bears_most(resource))
    return Verdict(resource, FAIL, message, span, element, related, (), steps, certainty(resource))


def certainty(resource: Resource) -> Severity:
    """The severity that a difference of this resource cannot pass, by what says which environment it belongs to."""
    return Severity.MEDIUM if resource.unit.kind in WEAK_SIGNS else Severity.CRITICAL


_SCOPES = ("tier", "service_tier", "criticality", "data_classification", "compliance", "scope", "pci", "pci_scope")
_MOST = frozenset(("1", "tier_1", "tier1", "critical", "cardholder", "cardholder_data", "chd", "pci", "pci_dss"))


def bears_most(resource: Resource) -> bool:
    """Whether labels or tags say that a component is of the first tier or holds cardholder data."""
    metadata = as_map(resource.outermost.body.get("metadata"))
    for labels in (metadata.get("labels"), resource.body.get("tags"), resource.body.get("labels")):
        for key, value in labels.items() if isinstance(labels, Map) else ():
            word = _plain(key).rpartition("/")[2]
            if word in _SCOPES and (_plain(value) in _MOST or (word.startswith("pci") and _plain(value) == "true")):
                return True
    return False


def _plain(value: Any) -> str:
    if not isinstance(value, (str, int)):
        return ""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(value)[:100]).lower().replace("-", "_")


def single(resource: Resource, path: str) -> Leaf:
    start = Leaf(resource.body, resource.anchor, "")
    return next(leaves(resource.body, segments(path), start, resource), start._replace(value=ABSENT))


def compared(estate: Estate, kind: Kinds, path: str) -> Iterator[tuple[Pair, Resource, Leaf, Resource, Leaf]]:
    for pair in pairs(estate, _kinds(kind)):
        for _, below, above in both(pair):
            yield pair, below, single(below, path), above, single(above, path)


def undecided(above: Resource, *found: Leaf) -> Iterator[Verdict]:
    for leaf in found:
        if isinstance(leaf.value, Unknown):
            message = f"{leaf.value.subject} is unknown, so the environments cannot be compared."
            yield Verdict(above, UNKNOWN, message, above.anchor, leaf.path, (), (leaf.value,))
            return


def never_weaker(estate: Estate, *, kind: Kinds, path: str, order: Sequence[Any] = (False, True)) -> Iterator[Verdict]:
    """A control is at least as strong in the higher environment.

    order: values from the weakest; what is absent is the API's default, else the first. Values outside the order are
    compared as numbers. Replicas that an autoscaler sets are not compared.
    """
    for pair, below, low, above, high in compared(estate, kind, path):
        unknown = list(undecided(above, low, high))
        if unknown:
            yield from unknown
            continue
        weak, strong = (
            _strength(_effective(estate, each, path, leaf.value), order) for each, leaf in ((below, low), (above, high))
        )
        if weak is None or strong is None or low.value is ABSENT is high.value:
            continue
        if strong >= weak or intended(estate, above, pair.higher.name, path):
            yield Verdict(above, PASS, f"{path} is no weaker than in {pair.lower.name}.", high.span, path)
        else:
            message = differs(path, pair, above, low, high)
            said = f"{pair.lower.name} has {shown(low.value)} here"
            yield failed(pair, above, message, high.span, path, written(high, low, said))


def written(high: Leaf, low: Leaf, said: str) -> tuple[Origin, ...]:
    """Where both values are written, which for an overlay's is outside of the resource."""
    here = (Origin("the value is written here", high.outside),) if high.outside is not None else ()
    return (*here, Origin(said, low.outside or low.span))


def _effective(estate: Estate, resource: Resource, path: str, value: Any) -> Any:
    """A value, its default where nothing is written, None where an autoscaler decides it."""
    if value is not ABSENT or not resource.kind.startswith("kubernetes/"):
        return value
    if path == "spec.replicas":
        targeting = (link for link in estate.incoming.get(id(resource), ()) if link.name == "targets")
        if any(link.source.kind in SCALERS for link in targeting):
            return None
    from linter.parsers.kubernetes.defaults import default_of

    default = default_of(resource.kind, path)
    return ABSENT if default is None else default


def _strength(value: Any, order: Sequence[Any]) -> float | None:
    if value is ABSENT:
        return 0.0
    for rank, step in enumerate(order):
        if value is step or value == step:
            return float(rank)
    return number(value)


def differs(path: str, pair: Pair, above: Resource, low: Leaf, high: Leaf) -> str:
    here, there = shown(high.value), shown(low.value)
    return f"{path} of {above.address} is {here} in {pair.higher.name}, but {there} in {pair.lower.name}."


def shown(value: Any) -> str:
    if value is ABSENT:
        return "not set"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}'" if isinstance(value, str) else str(value)
