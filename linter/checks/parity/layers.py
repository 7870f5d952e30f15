"""Environments as a set: each in every layer, each under one name, and none a copy of another's code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from linter.checks import Verdict
from linter.estate.matrix import UNCOMPARED
from linter.estate.twins import RANK, Pair, ambiguous, layout_of, pairs
from linter.model import FAIL, PASS, Estate, Origin, Resource, Span

_LAYERS = {
    "terraform": "terraform", "terragrunt": "terraform", "kubernetes": "kubernetes", "helm": "kubernetes",
    "pipeline": "pipeline", "monitoring": "monitoring",
}  # fmt: skip
"""First word of a kind → the layer it is in, as `optional-layers` names it."""
_ALIKE = 0.9
_FEWEST_LINES, _MOST_LINES = 60, 20_000
_SHARED = ("terraform/module", "terragrunt/unit")
_CODE = ("terraform", "manifests")


def _by_layer(estate: Estate) -> dict[str, dict[str, Resource]]:
    """Layer → environment → its first resource there."""
    found: dict[str, dict[str, Resource]] = {}
    for kind, resources in estate.kinds.items():
        layer = _LAYERS.get(kind.partition("/")[0])
        for resource in resources if layer else ():
            if resource.environment is not None:
                found.setdefault(str(layer), {}).setdefault(resource.environment.name, resource)
    return found


def every_layer_complete(estate: Estate) -> Iterator[Verdict]:
    """Each declared environment is in every layer that is made for environments, but for its `optional-layers`."""
    declared: list[Mapping[str, Any]] = list(estate.settings.get("environments") or ())
    if len(declared) < 2 or estate.isolated:
        return
    for layer, present in sorted(_by_layer(estate).items()):
        names = [str(each["name"]) for each in declared if each["name"] in present]
        if not names:
            continue
        shown = present[names[-1]]
        for each in declared:
            name = str(each["name"])
            if name in present:
                yield Verdict(present[name], PASS, f"{name} has a {layer} layer.", present[name].anchor)
            elif layer not in (each.get("optional-layers") or ()):
                message = (
                    f"{name} is declared, but nothing in the {layer} layer is for it; {' and '.join(names)} have one."
                )
                yield Verdict(shown, FAIL, message, shown.anchor, f"{layer}:{name}")


def aliases_clear(estate: Estate) -> Iterator[Verdict]:
    """No two names that mean the same environment (prod, production) are used for the same components, unless declared
    apart. Names in layers that do not overlap are the same environment's."""
    told: set[tuple[str, str]] = set()
    for layout, present in _by_layout(estate).items():
        doubted = [group for group in ambiguous(estate, present) if len(group) > 1]
        for group in doubted:
            other, *names = sorted(group, key=lambda each: present[each].anchor)
            for name in names:
                if (other, name) in told:
                    continue
                told.add((other, name))
                resource = present[name]
                message = f"'{name}' and '{other}' may be one environment or two; neither is compared with others here."
                related = (Origin(f"'{other}' is here", present[other].anchor),)
                yield Verdict(resource, FAIL, message, resource.anchor, f"{layout}:{other}:{name}", related)
        unsure = {name for group in doubted for name in group}
        for name, resource in present.items():
            if name not in unsure:
                yield Verdict(resource, PASS, f"'{name}' is the only name of its environment.", resource.anchor)


def _by_layout(estate: Estate) -> dict[str, dict[str, Resource]]:
    """Layout → environment → its first resource there."""
    found: dict[str, dict[str, Resource]] = {}
    for kind, resources in estate.kinds.items():
        if not kind.startswith(UNCOMPARED):
            for resource in resources:
                if resource.environment is not None and resource.environment.tier in RANK:
                    found.setdefault(layout_of(resource), {}).setdefault(resource.environment.name, resource)
    return found


def code_shared(estate: Estate) -> Iterator[Verdict]:
    """Environments that are nearly the same text take it from a module or a base."""
    kinds = [kind for kind in estate.kinds if kind.startswith(("terraform/", "kubernetes/"))]
    for pair in pairs(estate, kinds):
        first, other = _first(pair, above=True), _first(pair, above=False)
        if pair.layout.partition(":")[0] not in _CODE or first.unit == other.unit:
            continue
        low, high = _lines(estate, pair.below, pair.lower.name), _lines(estate, pair.above, pair.higher.name)
        if low is None or high is None:
            continue
        size, common = sum(low.values()) + sum(high.values()), sum((low & high).values())
        if 2 * common < _ALIKE * size:
            yield Verdict(first, PASS, f"It is written apart from {pair.lower.name}.", first.anchor)
            continue
        share = f"{200 * common // size} % of the lines of {pair.higher.name} are those of {pair.lower.name}"
        said = Origin(f"{pair.lower.name}'s copy begins here", other.anchor)
        yield Verdict(first, FAIL, f"{share}, without a module or base.", first.anchor, pair.layout, (said,))


def _first(pair: Pair, *, above: bool) -> Resource:
    """The component that stands for all of an environment: its first by name, which no reordering changes."""
    return min((pair.above if above else pair.below).values(), key=lambda each: (each.address, each.anchor))


def _lines(estate: Estate, resources: Mapping[Any, Resource], name: str) -> Counter[str] | None:
    """The lines of what an environment writes itself; None where it shares code, or there is too little or too much."""
    found: Counter[str] = Counter()
    seen: set[Span] = set()
    for resource in resources.values():
        if resource.kind in _SHARED or resource.callers or resource.extent[0] < 0:
            return None
        if "toolkit.fluxcd.io" in str(resource.body.get("apiVersion", "")) or resource.extent in seen:
            continue
        if resource.owner is None:
            seen.add(resource.extent)
            source, start, end = resource.extent
            for line in estate.sources[source].text[start:end].replace(name, "*").split("\n"):
                if line.strip():
                    found[line.strip()] += 1
        if found.total() > _MOST_LINES:
            return None
    return found if found.total() >= _FEWEST_LINES else None
