"""Files of variables: which root each belongs to, which environment it speaks for, and how they lie upon one another.

Only `terraform.tfvars` and `*.auto.tfvars` of the root's own folder are Terraform's to find. All others are given to it
by people and pipelines with -var-file; their names and places say for what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from posixpath import basename, dirname

from linter.discovery.environments import environment_named
from linter.model import Artifact, Environment, Map, Workspace
from linter.parsers.terraform.layout import Folder, is_installed
from linter.records import NamedTuple
from linter.syntax.hcl import Body

_UP = 4
"""How many folders above a file of variables its root may lie."""

_COMPARED = 50
"""How many files are compared with one another to see whether they set the same variables."""

_COMMON = frozenset({"common", "shared", "global", "globals", "base", "default", "defaults", "all"})
"""Stems of what teams pass before the file of the environment."""


class Layer(NamedTuple):
    """One way to apply a root: its environment, the workspace that goes by that name, and its files in order."""

    environment: Environment
    workspace: str
    files: tuple[Artifact, ...]


class Sorted(NamedTuple):
    """A root's files. always: what Terraform reads by itself, in order. layers: by environment. aside: for no known."""

    always: list[Artifact]
    layers: list[Layer]
    aside: list[Artifact]


class _Found(NamedTuple):
    """A file that names an environment. label: what else its path says below the environment's name (a region)."""

    environment: Environment
    workspace: str
    label: str
    artifact: Artifact


def is_variables(artifact: Artifact) -> bool:
    return artifact.format == "tfvars" or artifact.path.endswith(".tfvars.json")


def keys(artifact: Artifact) -> frozenset[str]:
    """The variables a file sets."""
    if isinstance(artifact.tree, Body):
        return frozenset(attribute.name for attribute in artifact.tree.attributes)
    found: set[str] = set()
    for document in artifact.tree.documents[:1] if artifact.tree is not None else ():
        if isinstance(document.value, Map):
            found.update(str(key) for key in document.value)
    return frozenset(found)


def place(workspace: Workspace, folders: Mapping[str, Folder]) -> dict[str, list[Artifact]]:
    """Files of variables by the folder with Terraform files they belong to.

    That is the nearest above; else, where just one root that nobody calls lies beside the file or beside a folder
    above it and declares all the file's variables, that root (`infra/` for `environments/prod.tfvars`).
    """
    found: dict[str, list[Artifact]] = {}
    called = {path for folder in folders.values() for path in folder.calls.values()}
    roots = [folder for path, folder in folders.items() if path not in called and not is_installed(path)]
    able: dict[frozenset[str], list[Folder]] = {}
    for artifact in workspace.artifacts.values():
        if is_variables(artifact):
            above = _above(dirname(artifact.path))
            home = next((path for path in above if path in folders), None)
            if home is None:
                home = _beside(above, keys(artifact), roots, able)
            if home is not None:
                found.setdefault(home, []).append(artifact)
    return found


def _above(folder: str) -> list[str]:
    """The folder and those above it, the tree's own ('') last."""
    found = [folder]
    while folder and len(found) <= _UP:
        folder = dirname(folder)
        found.append(folder)
    return found


def _beside(
    above: list[str], wanted: frozenset[str], roots: Iterable[Folder], able: dict[frozenset[str], list[Folder]]
) -> str | None:
    """able: roots by the variables they all declare, added to."""
    if not wanted:
        return None
    if wanted not in able:
        able[wanted] = [root for root in roots if all("var." + name in root.index for name in wanted)]
    for folder in above[1:]:
        near = [root.path for root in able[wanted] if not folder or root.path.startswith(folder + "/")]
        if near:
            return near[0] if len(near) == 1 else None
    return None


def arrange(root: Folder, files: list[Artifact], settings: Mapping[str, object]) -> Sorted:
    """A root's files by what they are for."""
    always: list[Artifact] = []
    common: list[Artifact] = []
    named: list[_Found] = []
    rest: list[Artifact] = []
    for artifact in sorted(files, key=lambda artifact: _precedence(artifact.path)):
        folder, name = dirname(artifact.path), basename(artifact.path)
        if folder == root.path and (name in _OWN or ".auto.tfvars" in name):
            always.append(artifact)
            continue
        found = _environment(root.path, artifact, settings)
        if found is not None:
            named.append(found)
        elif stem(artifact.path).lower() in _COMMON:
            common.append(artifact)
        else:
            rest.append(artifact)
    named, rest = _siblings(named, rest)
    return Sorted([*common, *always] if not named else always, _layers(named, common), rest)


_OWN = ("terraform.tfvars", "terraform.tfvars.json")


def stem(path: str) -> str:
    return basename(path).removesuffix(".json").removesuffix(".tfvars").removesuffix(".auto")


def _precedence(path: str) -> tuple[int, str]:
    name = basename(path)
    return (_OWN.index(name) if name in _OWN else 2), path


def _environment(root: str, artifact: Artifact, settings: Mapping[str, object]) -> _Found | None:
    """By the file's stem, else by the folders between the root and it, the deepest first."""
    mine = stem(artifact.path)
    folder = dirname(artifact.path)
    if basename(folder).lower() == "workspaces":
        return _Found(environment_named(mine, settings) or Environment(mine, ""), mine, "", artifact)
    found = environment_named(mine, settings) if mine != "terraform" and mine.lower() not in _COMMON else None
    if found is not None:
        whole = "".join(mine.split()) == mine and not any(mark in mine for mark in "-_.")
        exact = whole or mine.lower() == found.name.lower()
        return _Found(found, mine if exact else found.name, "" if exact else mine, artifact)
    inside = folder[len(root) + 1 if root else 0 :] if not root or folder.startswith(root + "/") else folder
    parts = inside.split("/") if inside and folder != root else []
    for depth in range(len(parts), 0, -1):
        found = environment_named(parts[depth - 1], settings)
        if found is not None:
            own = [] if mine == "terraform" or mine.lower() in _COMMON else [mine]
            return _Found(found, found.name, "-".join(parts[depth:] + own), artifact)
    return None


def _siblings(named: list[_Found], rest: list[Artifact]) -> tuple[list[_Found], list[Artifact]]:
    """Files of one folder that set the same variables are for as many environments, whatever they are called."""
    beside: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for artifact in (*rest, *(found.artifact for found in named)):
        near = beside.setdefault(dirname(artifact.path), [])
        if len(near) < _COMPARED:
            near.append((artifact.path, keys(artifact)))
    aside: list[Artifact] = []
    more: list[_Found] = []
    for artifact in rest:
        mine = keys(artifact)
        near = beside[dirname(artifact.path)]
        if any(path != artifact.path and _alike(mine, theirs, lambda a, b: len(a.union(b))) for path, theirs in near):
            name = stem(artifact.path)
            more.append(_Found(Environment(name, ""), name, "", artifact))
        else:
            aside.append(artifact)
    return [*named, *more], aside


def _alike(one: frozenset[str], other: frozenset[str], size: Callable[[frozenset[str], frozenset[str]], int]) -> bool:
    return 2 * len(one & other) > size(one, other) > 0


def _layers(named: list[_Found], common: list[Artifact]) -> list[Layer]:
    """The ways to apply a root. Files of one environment lie upon one another, unless several set the same variables:
    then they are one way each, for regions or accounts of that environment."""
    groups: dict[Environment, list[_Found]] = {}
    for found in named:
        groups.setdefault(found.environment, []).append(found)
    layers: list[Layer] = []
    for environment in sorted(groups):
        group = groups[environment]
        base = [found for found in group if not found.label]
        extra = [found for found in group if found.label]
        below = [*common, *(found.artifact for found in base)]
        if not _alternatives(extra):
            files = (*below, *(found.artifact for found in extra))
            layers.append(Layer(environment, group[0].workspace, files))
            continue
        by_label: dict[str, list[Artifact]] = {}
        for found in extra:
            by_label.setdefault(found.label, []).append(found.artifact)
        for label, files_of in by_label.items():
            whole = label if environment_named(label, {}) else f"{environment.name}-{label}"
            layers.append(Layer(Environment(whole, environment.tier), environment.name, (*below, *files_of)))
    return layers


def _alternatives(extra: list[_Found]) -> bool:
    sets = [(found.label, keys(found.artifact)) for found in extra[:_COMPARED]]
    return any(
        label != other and _alike(mine, theirs, lambda one, two: min(len(one), len(two)))
        for index, (label, mine) in enumerate(sets)
        for other, theirs in sets[index + 1 :]
    )
