"""The matrix of components by environment, and the differences between the environments that are compared."""

from __future__ import annotations

from collections.abc import Iterable

from linter.estate.differences import Difference, differences, is_component
from linter.estate.twins import RANK, Key, Pair, blocks, key_of, layout_of, pairs, stand_in
from linter.model import Environment, Estate, Resource
from linter.records import NamedTuple

UNCOMPARED = ("pipeline/", "document/", "estate/")
"""Kinds whose parts are no components of an environment."""


class Row(NamedTuple):
    """One component. name: as its first environment writes it. present: environment name → the resource."""

    layout: str
    kind: str
    name: str
    present: dict[str, Resource]


class Matrix(NamedTuple):
    """environments: of the tiers that are compared, the lowest first. rows: by layout, kind and name.

    compared: pairs of environments, the lower first, with the layouts they share. differences: of all of them.
    """

    environments: tuple[Environment, ...]
    rows: tuple[Row, ...]
    compared: tuple[tuple[Environment, Environment, tuple[str, ...]], ...]
    differences: tuple[tuple[Pair, tuple[Difference, ...]], ...]


def matrix(estate: Estate, only: Iterable[str] = ()) -> Matrix:
    """The matrix of an estate. only: names of environments; where given, just these are looked at."""
    chosen = {name.lower() for name in only}
    kinds = [kind for kind in estate.kinds if not kind.startswith(UNCOMPARED)]
    rows: dict[Key, Row] = {}
    environments: set[Environment] = set()
    for kind in kinds:
        for resource in estate.kinds[kind]:
            environment = resource.environment
            if environment is None or environment.tier not in RANK or not is_component(resource):
                continue
            if chosen and environment.name.lower() not in chosen:
                continue
            environments.add(environment)
            key = key_of(resource)
            row = rows.setdefault(key, Row(layout_of(resource), kind, resource.address, {}))
            row.present.setdefault(environment.name, resource)
    compared = [
        pair for pair in pairs(estate, kinds)
        if not chosen or {pair.lower.name.lower(), pair.higher.name.lower()} <= chosen
    ]  # fmt: skip
    found = tuple((pair, tuple(differences(pair))) for pair in compared)
    return Matrix(
        tuple(sorted(environments, key=lambda each: (RANK[each.tier], each.name))),
        tuple(sorted(rows.values(), key=lambda row: (row.layout, row.kind, row.name))),
        _compared(compared),
        found,
    )


def _compared(found: Iterable[Pair]) -> tuple[tuple[Environment, Environment, tuple[str, ...]], ...]:
    layouts: dict[tuple[Environment, Environment], list[str]] = {}
    for pair in found:
        layouts.setdefault((pair.lower, pair.higher), []).append(pair.layout)
    return tuple((lower, higher, tuple(sorted(names))) for (lower, higher), names in layouts.items())


def gaps(found: Matrix) -> list[Row]:
    """The components that some environment of their layout lacks, without those another instance stands in for."""
    held: dict[tuple[str, str], dict[Key, Resource]] = {}
    members: dict[str, dict[str, None]] = {}
    for row in found.rows:
        for name, resource in row.present.items():
            held.setdefault((row.layout, name), {})[key_of(resource)] = resource
            members.setdefault(row.layout, {})[name] = None
    instances = {place: blocks(resources) for place, resources in held.items()}

    def lacks(row: Row, name: str) -> bool:
        key = key_of(next(iter(row.present.values())))
        return name not in row.present and stand_in(key, instances[row.layout, name]) is None

    return [row for row in found.rows if any(lacks(row, name) for name in members[row.layout])]
