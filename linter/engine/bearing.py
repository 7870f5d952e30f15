"""Which variants of rules have anything to judge in an estate: the modules of all other checks are not even loaded."""

from __future__ import annotations

from collections.abc import Callable

from linter.checks import CHECKS
from linter.model import Environment, Estate, Resource, is_kind
from linter.rules.model import Variant

_PARITY = "linter.checks.parity."
_FEWEST = {"layers": 1, "isolation": 1, "secrets": 1}
"""Module of checks of parity → how many environments it needs to say something; the others need two to compare."""
_PIPELINES = "pipelines"
"""The one that compares the jobs of one file."""
_NO_COMPONENTS = ("pipeline/", "document/", "estate/")


def bearing(estate: Estate) -> Callable[[Variant], bool]:
    """Whether a variant may judge anything: it names no kind or one that is there, its system has pipelines, and there
    are as many environments as its check needs."""
    systems, kinds = _systems(estate), estate.kinds
    environments, deployed = _environments(estate), _most_deployed(estate)
    declared = len(estate.settings.get("environments") or ())

    def bears(variant: Variant) -> bool:
        if variant.system and variant.system not in systems:
            return False
        if not variant.check:
            return True
        if variant.kinds and not any(_has(kinds, kind) for kind in variant.kinds):
            return False
        module, _, _ = CHECKS[variant.check].partition(":")
        if not module.startswith(_PARITY):
            return True
        name = module.removeprefix(_PARITY)
        if name == _PIPELINES:
            return deployed > 1
        return environments >= _FEWEST.get(name, 2) or (name == "layers" and declared > 1)

    return bears


def _has(kinds: dict[str, list[Resource]], wanted: str) -> bool:
    return any(is_kind(kind, wanted) for kind in kinds) if wanted.endswith("*") else wanted in kinds


def _environments(estate: Estate) -> int:
    """How many environments of a known tier have components."""
    found = {
        resource.environment
        for kind, resources in estate.kinds.items()
        if not kind.startswith(_NO_COMPONENTS)
        for resource in resources
    }
    return len(_tiered(found))


def _most_deployed(estate: Estate) -> int:
    """To how many environments of a known tier the jobs of one file lead at most."""
    files: dict[str, set[Environment | None]] = {}
    for job in estate.of_kind("pipeline/job"):
        files.setdefault(job.unit.path, set()).add(job.environment)
    return max((len(_tiered(found)) for found in files.values()), default=0)


def _tiered(found: set[Environment | None]) -> set[Environment]:
    return {each for each in found if each is not None and each.tier}


def _systems(estate: Estate) -> frozenset[str]:
    """The systems that have pipelines, or reusable parts of such, in the estate."""
    return frozenset(
        str(resource.body.get("platform", ""))
        for kind in ("pipeline/pipeline", "pipeline/action")
        for resource in estate.of_kind(kind)
    )
