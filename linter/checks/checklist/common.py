"""What the checks of a delivery checklist share: is a thing there at all, and where.

Each asks for something of the whole tree. What is found passes at its own place, which is the evidence; what is not
found fails at the repository, and is unknown where the rest of the tree was not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from linter.checks import Verdict
from linter.conditions.links import ISOLATED
from linter.model import FAIL, PASS, UNKNOWN, Estate, Resource, Span, Unknown

Found = tuple[Resource, Span, str]
"""A resource, the place that shows it, and what it shows in words."""

SERVED = ("kubernetes/Service", "kubernetes/Ingress", "terraform/aws_ecs_service", "terraform/google_cloud_run_service",
          "terraform/google_cloud_run_v2_service", "terraform/azurerm_container_app", "compose/service")  # fmt: skip
"""Kinds that show that something answers requests here."""


@lru_cache(maxsize=128)
def pattern(text: str) -> re.Pattern[str]:
    """A pattern of a rule file, compiled once; case counts for nothing."""
    return re.compile(text, re.I)


def repository(estate: Estate) -> Resource | None:
    """The resource of the tree as a whole; None in a tree nothing was read of."""
    return next(iter(estate.of_kind("estate/repository")), None)


def applies(estate: Estate, kinds: Sequence[str]) -> bool:
    """Whether there is anything of some kinds; without kinds, always."""
    return not kinds or any(estate.of_kind(kind) for kind in kinds)


def serves_production(estate: Estate) -> bool:
    """Whether infrastructure or workloads are written here that are not all of environments below production."""
    return any(
        each.environment is None or each.environment.tier in ("production", "")
        for kind, resources in estate.kinds.items()
        if kind.startswith(("terraform/", "kubernetes/", "compose/"))
        for each in resources
    )


def absent(estate: Estate, message: str, element: str = "") -> Iterator[Verdict]:
    """The verdict on what was looked for and not found."""
    whole = repository(estate)
    if whole is None:
        return
    if estate.isolated:
        yield Verdict(whole, UNKNOWN, f"{message}, as far as was read.", whole.anchor, element, (), (ISOLATED,))
    else:
        yield Verdict(whole, FAIL, f"{message}.", whole.anchor, element)


def found_or_absent(estate: Estate, found: Iterable[Found], message: str, element: str = "") -> Iterator[Verdict]:
    """A pass at everything found, else the absence."""
    some = False
    for resource, span, words in found:
        some = True
        yield Verdict(resource, PASS, words, span, element)
    if not some:
        yield from absent(estate, message, element)


def kinds_present(
    estate: Estate,
    *,
    kinds: Sequence[str],
    missing: str,
    when: Sequence[str] = (),
    where: str = "",
    paths: str = "",
    holds: str = "",
) -> Iterator[Verdict]:
    """Something of some kinds is there, or a file whose path matches `paths`; judged where something of the kinds
    `when` is. where: a pattern that the resource's name, address or kind matches; holds: one that some argument or block
    of it does."""
    if not applies(estate, when):
        return
    found: list[Found] = [
        (each, each.anchor, f"{each.address} is there.")
        for kind in kinds
        for each in estate.of_kind(kind)
        if not where or pattern(where).search(f"{each.kind} {each.address} {each.name}")
        if not holds or any(pattern(holds).search(str(key)) for key in each.body)
    ]
    whole = repository(estate)
    if paths and whole is not None:
        named = sorted(path for path in estate.paths if pattern(paths).search(path))
        found += [(*file_of(estate, whole, path), f"{path} is there.") for path in named[:20]]
    yield from found_or_absent(estate, found, missing)


def file_of(estate: Estate, whole: Resource, path: str) -> tuple[Resource, Span]:
    """The repository and the first line of a file of it, its own where the file was not read."""
    for source in estate.sources:
        if source.path == path:
            end = source.text.find("\n")
            return whole, (source.index, 0, len(source.text) if end < 0 else end)
    return whole, whole.anchor


def text_of(value: object) -> str:
    """A scalar's text, '' for what is unknown or no scalar."""
    return value if isinstance(value, str) else ""


def known(value: object) -> bool:
    """Whether a value is written and determined."""
    return value is not None and not isinstance(value, Unknown)
