"""The matrix of components by environment, and the differences between the environments that are compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from linter.discovery.environments import environment_named, same_meaning
from linter.estate.differences import Difference, differences, is_component
from linter.estate.twins import RANK, Key, Pair, ambiguous, blocks, key_of, layout_of, pairs, stand_in
from linter.model import Environment, Estate, Resource
from linter.records import NamedTuple

UNCOMPARED = ("pipeline/", "document/", "estate/")
"""Kinds whose parts are no components of an environment."""
_SAID = frozenset(("environment", "env", "stage", "environment_name", "env_name"))
"""Variables that name the environment, whose default is all that speaks of one where nothing else does."""


class Row(NamedTuple):
    """One component. name: as its first environment writes it. present: environment name → the resource."""

    layout: str
    kind: str
    name: str
    present: dict[str, Resource]


class Matrix(NamedTuple):
    """environments: of the tiers that are compared, the lowest first. rows: by layout, kind and name.

    compared: pairs of environments, the lower first, with the layouts they share. differences: of all of them.
    doubted: names that may be the same environment's, each with the layout that holds both. assumed: where no
    environment is found, those that the default of a variable names: too weak a sign to compare.
    """

    environments: tuple[Environment, ...]
    rows: tuple[Row, ...]
    compared: tuple[tuple[Environment, Environment, tuple[str, ...]], ...]
    differences: tuple[tuple[Pair, tuple[Difference, ...]], ...]
    doubted: tuple[tuple[str, tuple[str, ...]], ...] = ()
    assumed: tuple[tuple[Environment, Resource], ...] = ()


def matrix(estate: Estate) -> Matrix:
    """The matrix of an estate: of the environments that the setting `compared` names, where it names some."""
    kinds = [kind for kind in estate.kinds if not kind.startswith(UNCOMPARED)]
    found: dict[str, list[Resource]] = {}
    for kind in kinds:
        for resource in estate.kinds[kind]:
            environment = resource.environment
            if environment is not None and environment.tier in RANK and is_component(resource):
                found.setdefault(layout_of(resource), []).append(resource)
    names = {layout: {each.environment.name for each in inside if each.environment} for layout, inside in found.items()}
    doubted = tuple(
        (layout, tuple(group)) for layout in sorted(found) for group in ambiguous(estate, names[layout])
    )  # fmt: skip
    same = joined(estate, names)
    pairs_found = [_renamed(pair, same) for pair in pairs(estate, kinds)]
    rows, environments = _rows(found, same, _shown(estate, same, pairs_found))
    return Matrix(
        tuple(sorted(environments, key=lambda each: (RANK[each.tier], each.name))),
        tuple(sorted(rows, key=lambda row: (row.layout, row.kind, row.name))),
        _compared(pairs_found),
        tuple((pair, tuple(differences(pair))) for pair in pairs_found),
        doubted,
        () if found else _assumed(estate),
    )


def _rows(
    found: dict[str, list[Resource]], same: dict[str, str], shown: frozenset[str]
) -> tuple[Iterable[Row], set[Environment]]:
    rows: dict[Key, Row] = {}
    environments: set[Environment] = set()
    for layout, resources in found.items():
        for resource in resources:
            assert resource.environment is not None
            name, tier = resource.environment
            name = same.get(name, name)
            if shown and name.lower() not in shown:
                continue
            environments.add(Environment(name, tier))
            row = rows.setdefault(key_of(resource), Row(layout, resource.kind, resource.address, {}))
            row.present.setdefault(name, resource)
    return rows.values(), environments


def _shown(estate: Estate, same: dict[str, str], compared: list[Pair]) -> frozenset[str]:
    """The environments to show, in lower case: those asked for and, of a single one, what it is compared with."""
    asked = {same.get(name, name) for name in estate.settings.get("compared", ())}
    if len(asked) == 1:
        for pair in compared:
            asked |= {pair.lower.name, pair.higher.name}
    return frozenset(name.lower() for name in asked)


def joined(estate: Estate, names: dict[str, set[str]]) -> dict[str, str]:
    """Names that by custom mean the same environment → the one to show, where no layout holds two of them.

    names: layout → the environments it holds. Where one name is used more, it is the one.
    """
    used = Counter(name for inside in names.values() for name in inside)
    groups: dict[str, list[str]] = {}
    for name in sorted(used, key=lambda each: (-used[each], each)):
        if same_meaning(name):
            groups.setdefault(same_meaning(name), []).append(name)
    declared = {str(each["name"]).lower() for each in estate.settings.get("environments") or ()}
    return {
        name: group[0]
        for group in groups.values()
        if len(group) > 1
        and declared.isdisjoint(each.lower() for each in group)
        and not any(len(inside.intersection(group)) > 1 for inside in names.values())
        for name in group
    }


def _renamed(pair: Pair, same: dict[str, str]) -> Pair:
    lower, higher = (Environment(same.get(each.name, each.name), each.tier) for each in (pair.lower, pair.higher))
    return pair._replace(lower=lower, higher=higher)


def _assumed(estate: Estate) -> tuple[tuple[Environment, Resource], ...]:
    """What the defaults of variables called `environment` name, each once, with the variable."""
    found: dict[Environment, Resource] = {}
    for variable in estate.of_kind("terraform/variable"):
        value = variable.body.get("default")
        if variable.name in _SAID and isinstance(value, str):
            environment = environment_named(value, estate.settings)
            if environment is not None:
                found.setdefault(environment, variable)
    return tuple(sorted(found.items(), key=lambda each: each[0]))


def _compared(found: Iterable[Pair]) -> tuple[tuple[Environment, Environment, tuple[str, ...]], ...]:
    layouts: dict[tuple[Environment, Environment], list[str]] = {}
    for pair in found:
        layouts.setdefault((pair.lower, pair.higher), []).append(pair.layout)
    return tuple((lower, higher, tuple(sorted(names))) for (lower, higher), names in layouts.items())


def gaps(found: Matrix) -> list[Row]:
    """The components that some environment of their layout lacks, without those another instance stands in for."""
    held: dict[tuple[str, str], dict[Key, Resource]] = {}
    members: dict[str, dict[str, None]] = {}
    unsure = {(layout, name) for layout, names in found.doubted for name in names}
    for row in found.rows:
        for name, resource in row.present.items():
            held.setdefault((row.layout, name), {})[key_of(resource)] = resource
            if (row.layout, name) not in unsure:
                members.setdefault(row.layout, {})[name] = None
    instances = {place: blocks(resources) for place, resources in held.items()}

    def lacks(row: Row, name: str) -> bool:
        key = key_of(next(iter(row.present.values())))
        return name not in row.present and stand_in(key, instances[row.layout, name]) is None

    return [row for row in found.rows if any(lacks(row, name) for name in members.get(row.layout, ()))]
