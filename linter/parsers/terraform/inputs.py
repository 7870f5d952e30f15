"""Values for root variables: which tfvars files speak for which root and environment, in Terraform's precedence.

Encodes "Assigning Values to Root Module Variables": terraform.tfvars, terraform.tfvars.json, *.auto.tfvars in lexical
order, then --var-file (here also the files named after an environment) and --var.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from posixpath import basename, dirname
from typing import Any

from linter.discovery.environments import environment_named, environment_of
from linter.model import Artifact, Environment, Map, Workspace
from linter.parsers.terraform.layout import Folder
from linter.parsers.terraform.world import Input
from linter.records import NamedTuple
from linter.syntax.hcl import Body, parse_expression

_DEEP = 3


class Variant(NamedTuple):
    """One evaluation of a root: its environment, terraform.workspace, and the variables' inputs."""

    environment: Environment | None
    workspace: str
    inputs: dict[str, Input]


def variants(root: Folder, workspace: Workspace, files: Mapping[str, list[Artifact]]) -> Iterator[Variant]:
    """The evaluations of a root: one for each environment that has a tfvars file, else one."""
    always, by_environment = _sorted(root, files.get(root.path, []), workspace)
    common = _read(always)
    extra = _extra(workspace)
    if not by_environment:
        main = f"{root.path}/main.tf" if root.path else "main.tf"
        environment = environment_of(main, workspace.settings, workspace.paths)
        yield Variant(environment, environment.name if environment else "", {**common, **extra})
    for environment in sorted(by_environment):
        own = _read(by_environment[environment])
        yield Variant(environment, environment.name, {**common, **own, **extra})


def tfvars(workspace: Workspace, folders: Mapping[str, Folder]) -> dict[str, list[Artifact]]:
    """Files of variables by the nearest folder above them that has Terraform files."""
    found: dict[str, list[Artifact]] = {}
    for artifact in workspace.artifacts.values():
        if artifact.format == "tfvars" or artifact.path.endswith(".tfvars.json"):
            folder = dirname(artifact.path)
            depth = 0
            while folder not in folders and folder and depth < _DEEP:
                folder = dirname(folder)
                depth += 1
            if folder in folders:
                found.setdefault(folder, []).append(artifact)
    return found


def _sorted(
    root: Folder, files: list[Artifact], workspace: Workspace
) -> tuple[list[Artifact], dict[Environment, list[Artifact]]]:
    always: list[Artifact] = []
    named: dict[Environment, list[Artifact]] = {}
    for artifact in sorted(files, key=lambda artifact: _precedence(artifact.path)):
        folder, name = dirname(artifact.path), basename(artifact.path)
        stem = name.removesuffix(".json").removesuffix(".tfvars").removesuffix(".auto")
        if folder == root.path and (name.startswith("terraform.tfvars") or ".auto.tfvars" in name):
            always.append(artifact)
            continue
        environment = environment_named(stem, workspace.settings) if stem != "terraform" else None
        if environment is None and folder != root.path:
            environment = environment_named(basename(folder), workspace.settings)
        if environment is not None:
            named.setdefault(environment, []).append(artifact)
    return always, named


def _precedence(path: str) -> tuple[int, str]:
    name = basename(path)
    if name == "terraform.tfvars":
        return 0, path
    return (1 if name == "terraform.tfvars.json" else 2), path


def _read(files: list[Artifact]) -> dict[str, Input]:
    inputs: dict[str, Input] = {}
    for artifact in files:
        source = artifact.source.index
        if isinstance(artifact.tree, Body):
            for name, start, end, expr in artifact.tree.attributes:
                inputs[name] = Input(source, start, end, expr)
        elif artifact.tree is not None:
            for document in artifact.tree.documents[:1]:
                if isinstance(document.value, Map):
                    _read_json(document.value, inputs)
    return inputs


def _read_json(table: Map, inputs: dict[str, Input]) -> None:
    for key, value in table.items():
        source, start, end, value_start, value_end = table.at[key]
        inputs[str(key)] = Input(source, start, end, ("lit", value_start, value_end, value))


def _extra(workspace: Workspace) -> dict[str, Input]:
    """What the command line or the configuration supplies: it wins over every file of the tree."""
    settings = workspace.settings.get("terraform") or {}
    paths = settings.get("var-files") or ()
    inputs = _read([workspace.artifacts[path] for path in paths if path in workspace.artifacts])
    for name, value in (settings.get("vars") or {}).items():
        inputs[name] = Input(0, 0, 0, _given(value))
    return inputs


def _given(value: Any) -> tuple[Any, ...]:
    """`--var x=…` as Terraform reads it: a literal expression where it is one for a collection, else a string."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        expr = parse_expression(value)
        if expr[0] != "error":
            return expr
    return "lit", 0, 0, value
