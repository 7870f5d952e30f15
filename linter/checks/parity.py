"""Environments compared: what is in one and not in the other, and what is weaker or older where it matters most."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from linter.addresses import bare
from linter.checks import Verdict
from linter.conditions import ABSENT, Leaf, leaves, segments
from linter.conditions.operators import number
from linter.discovery.environments import PRODUCTION
from linter.estate.twins import Key, Pair, blocks, pairs, stand_in
from linter.globs import text_matches
from linter.model import FAIL, PASS, UNKNOWN, Estate, Map, Origin, Resource, Seq, Span, Unknown, handle

Kinds = str | Sequence[str]
WEAK_SIGNS = frozenset(("compose", "dotenv"))
"""Kinds of units whose environment is told by a file's name alone."""
SCALERS = ("kubernetes/HorizontalPodAutoscaler", "kubernetes/ScaledObject", "kubernetes/Rollout")


def _kinds(kind: Kinds) -> tuple[str, ...]:
    return (kind,) if isinstance(kind, str) else tuple(kind)


def both(pair: Pair) -> Iterator[tuple[Key, Resource, Resource]]:
    for key, resource in pair.below.items():
        if key in pair.above:
            yield key, resource, pair.above[key]


def intended(estate: Estate, resource: Resource, environment: str, path: str = "") -> bool:
    """Whether the policy declares the difference (`parity.allow`), with a reason and an expiry that has not passed."""
    today = str(estate.settings.get("as-of", ""))
    for entry in estate.settings.get("parity", {}).get("allow", ()):
        scoped: Mapping[str, Any] = entry
        if (
            _named(scoped.get("resource", "*"), resource.address)
            and text_matches(scoped.get("attribute", "*"), path)
            and environment in scoped.get("environments", (environment,))
            and "rule" not in scoped
            and str(scoped["expires"]) >= today
        ):
            return True
    return False


def _named(pattern: str, address: str) -> bool:
    return text_matches(pattern, address) or ("[" in address and text_matches(pattern, bare(address)))


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
            yield failed(pair, resource, f"{resource.address} exists in {here} but not in {there}.", resource.anchor)
        return
    first = missing[0]
    names = ", ".join(resource.address for resource in missing[:3])
    message = f"{len(missing)} components exist in {here} but not in {there}: {names} and {len(missing) - 3} more."
    related = tuple(Origin(f"{resource.address} is here", resource.anchor) for resource in missing[1:100])
    yield failed(pair, first, message, first.anchor, f"{pair.layout}:{there}", related)


def failed(
    pair: Pair, resource: Resource, message: str, span: Span, element: str = "", related: tuple[Origin, ...] = ()
) -> Verdict:
    """A failure, one step less severe where the higher environment is not production, and one where the sign is weak."""
    lowered = int(pair.higher.tier != PRODUCTION) + int(resource.unit.kind in WEAK_SIGNS)
    return Verdict(resource, FAIL, message, span, element, related, lowered=lowered)


def single(resource: Resource, path: str) -> Leaf:
    start = Leaf(resource.body, resource.anchor, "")
    return next(leaves(resource.body, segments(path), start, resource), start._replace(value=ABSENT))


def _compared(estate: Estate, kind: Kinds, path: str) -> Iterator[tuple[Pair, Resource, Leaf, Resource, Leaf]]:
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
    for pair, below, low, above, high in _compared(estate, kind, path):
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
    from linter.parsers.kubernetes_defaults import default_of

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


def same_version(estate: Estate, *, kind: Kinds, path: str, ahead: bool = False) -> Iterator[Verdict]:
    """Major and minor of a version are equal in both environments; patches may differ.

    ahead: only fail where the higher environment runs the newer version, that is one nobody tried below.
    """
    for pair, _, low, above, high in _compared(estate, kind, path):
        unknown = list(undecided(above, low, high))
        if unknown:
            yield from unknown
            continue
        tried, used = _version(low.value), _version(high.value)
        if tried is None or used is None:
            continue
        fine = used <= tried if ahead else used == tried
        if fine or intended(estate, above, pair.higher.name, path):
            yield Verdict(above, PASS, f"{path} agrees with {pair.lower.name}.", high.span, path)
        else:
            message = differs(path, pair, above, low, high)
            said = f"{pair.lower.name} has {shown(low.value)} here"
            yield failed(pair, above, message, high.span, path, written(high, low, said))


def _version(value: Any) -> tuple[int, ...] | None:
    text = str(value).rsplit("@", 1)[0].rsplit(":", 1)[-1] if isinstance(value, (str, float, int)) else ""
    match = re.match(r"v?(\d{1,6})(?:\.(\d{1,6}))?(?![0-9a-f]{5})", text)
    return (int(match.group(1)), int(match.group(2) or 0)) if match else None


def same_keys(estate: Estate, *, kind: Kinds, path: str, by: str = "name") -> Iterator[Verdict]:
    """A mapping (or a list of entries that `by` names) has the same keys in the higher environment as in the lower."""
    for pair in pairs(estate, _kinds(kind)):
        for _, below, above in both(pair):
            low, high = single(below, path), single(above, path)
            mine, theirs = _keys(low.value, by), _keys(high.value, by)
            if mine is None or theirs is None:
                yield from undecided(above, low, high)
                continue
            missing = [
                key
                for key in mine
                if key not in theirs and not intended(estate, above, pair.higher.name, f"{path}.{key}")
            ]
            for key in missing:
                message = f"{path} of {above.address} has '{key}' in {pair.lower.name} but not in {pair.higher.name}."
                there = Origin(f"'{key}' is set here", _key_span(low, key, by))
                yield failed(pair, above, message, high.span, key, (there,))
            if not missing and mine:
                yield Verdict(above, PASS, f"{path} has every key that {pair.lower.name} has.", high.span)


def _key_span(leaf: Leaf, key: str, by: str) -> Span:
    """Where a key of `_keys` is written."""
    value = leaf.value
    if isinstance(value, Map) and key in value.at:
        return handle(value[key], value.at[key])
    for index, item in enumerate(value if isinstance(value, Seq) else ()):
        if isinstance(item, Map) and item.get(by) == key:
            return handle(item, value.at[index])
    return leaf.span


def _keys(value: Any, by: str) -> list[str] | None:
    if value is ABSENT:
        return []
    if getattr(value, "open", None) is not None or isinstance(value, Unknown):
        return None
    if isinstance(value, Map):
        return [str(key) for key in value]
    if isinstance(value, list):
        return [item[by] for item in value if isinstance(item, Map) and isinstance(item.get(by), str)]
    return None


def same_image_scheme(estate: Estate, *, kind: str = "kubernetes/container") -> Iterator[Verdict]:
    """Images are named in the same way (digest, version, commit, moving tag) in both environments."""
    for pair, _, low, above, high in _compared(estate, kind, "image"):
        unknown = list(undecided(above, low, high))
        if unknown:
            yield from unknown
            continue
        mine, theirs = image_scheme(low.value), image_scheme(high.value)
        if not mine or not theirs:
            continue
        if mine == theirs or theirs == "digest" or intended(estate, above, pair.higher.name, "image"):
            yield Verdict(above, PASS, f"The image is named by {theirs}, as in {pair.lower.name}.", high.span, "image")
        else:
            message = f"The image of {above.name} is named by {theirs} in {pair.higher.name}, but by {mine} in {pair.lower.name}."
            there = written(high, low, f"{pair.lower.name} names it by {mine}")
            yield failed(pair, above, message, high.span, "image", there)


def image_scheme(image: Any) -> str:
    """'digest', 'version', 'commit', 'moving tag', or '' for what is no image."""
    if not isinstance(image, str) or not image:
        return ""
    if "@sha256:" in image:
        return "digest"
    tag = image.rsplit("/", 1)[-1].partition(":")[2]
    if re.fullmatch(r"[0-9a-f]{7,40}", tag) and not tag.isdigit():
        return "commit"
    return "version" if re.match(r"v?\d+(\.\d+)*", tag) else "moving tag"
