"""How often a root is evaluated, and with which values for its variables, in Terraform's precedence.

Encodes "Assigning Values to Root Module Variables": terraform.tfvars, terraform.tfvars.json, *.auto.tfvars in lexical
order, then what the command line names, in its order: here the files named after an environment, then the
configuration's, then --var-file and --var. TF_VAR_ variables of the process that lints are nobody's intent: never read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from linter.discovery.environments import environment_named, environment_of
from linter.model import Artifact, Environment, Map, Workspace
from linter.parsers.terraform import tfvars
from linter.parsers.terraform.layout import Folder
from linter.parsers.terraform.world import Input
from linter.records import NamedTuple
from linter.syntax.hcl import Body, parse_expression

_PRIMITIVE = frozenset({"string", "number", "bool"})
_ASIDE = "variables for no environment that is known; to use them, pass --var-file"


class Variant(NamedTuple):
    """One evaluation of a root: its environment, terraform.workspace ('' is unknown), and the variables' inputs."""

    environment: Environment | None
    workspace: str
    inputs: dict[str, Input]


class Inputs:
    """The variables' files of a tree by root, and which of them no evaluation has used."""

    __slots__ = ("by_root", "folders", "texts", "used", "workspace")

    def __init__(self, workspace: Workspace, folders: dict[str, Folder], texts: dict[int, str]) -> None:
        self.workspace = workspace
        self.folders = folders
        self.texts = texts
        self.by_root = tfvars.place(workspace, folders)
        self.used: set[str] = set()

    def variants(self, root: Folder) -> Iterator[Variant]:
        """The evaluations of a root: for each environment that files of variables speak for, else for each workspace
        its expressions speak of, else one."""
        settings = self.workspace.settings
        files = tfvars.arrange(root, self.by_root.get(root.path, []), settings)
        given = self.given(root)
        chosen = [path for kind, path, _ in _ordered(settings) if kind == "file"]
        layers = files.layers
        if any(artifact.path in chosen for artifact in self.by_root.get(root.path, ())):
            layers = [layer for layer in layers if any(artifact.path in chosen for artifact in layer.files)][-1:]
        self._note(files.always)
        common = read(files.always)
        if layers:
            for layer in layers:
                self._note(layer.files)
                yield Variant(layer.environment, layer.workspace, {**common, **read(layer.files), **given})
            return
        for environment, name in self._workspaces(root):
            yield Variant(environment, name, {**common, **given})

    def _workspaces(self, root: Folder) -> Iterator[tuple[Environment | None, str]]:
        """Environments and workspaces of a root without files for any."""
        from linter.parsers.terraform import workspaces

        settings = self.workspace.settings
        main = f"{root.path}/main.tf" if root.path else "main.tf"
        environment = environment_of(main, settings, self.workspace.paths)
        declared = (settings.get("terraform") or {}).get("workspaces") or ()
        seen = workspaces.visible(root, self.texts)
        if environment is not None:
            names = (*declared, *seen.names)
            yield environment, environment.name if environment.name in names else ""
            return
        if declared and workspaces.mentioned(root, self.folders, self.texts):
            seen = workspaces.Seen(tuple(declared), False)
        if seen.others and "default" not in seen.names:
            yield None, ""
        for name in seen.names:
            found = None if name == "default" else environment_named(name, settings) or Environment(name, "")
            yield found, name

    def _note(self, artifacts: Iterable[Artifact]) -> None:
        self.used.update(artifact.path for artifact in artifacts)

    def set_aside(self) -> None:
        """Names the files that no evaluation has used."""
        chosen = {path for kind, path, _ in _ordered(self.workspace.settings) if kind == "file"}
        for artifact in self.workspace.artifacts.values():
            if tfvars.is_variables(artifact) and artifact.path not in self.used | chosen:
                self.workspace.skip(artifact.path, _ASIDE)

    def given(self, root: Folder) -> dict[str, Input]:
        """What the configuration and the command line supply: it wins over every file that was found."""
        inputs: dict[str, Input] = {}
        for kind, name, value in _ordered(self.workspace.settings):
            if kind == "var":
                inputs[name] = Input(0, 0, 0, _typed(root, name, value))
            elif name in self.workspace.artifacts:
                inputs.update(read([self.workspace.artifacts[name]]))
        return inputs


def _ordered(settings: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """('file', path, None) and ('var', name, value), later ones winning."""
    terraform = settings.get("terraform") or {}
    for path in terraform.get("var-files") or ():
        yield "file", path, None
    for name, value in (terraform.get("vars") or {}).items():
        yield "var", name, value
    yield from terraform.get("given") or ()


def read(files: Iterable[Artifact]) -> dict[str, Input]:
    """Variables as files set them, later files winning."""
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


def _typed(root: Folder, name: str, value: Any) -> tuple[Any, ...]:
    """`-var x=…` as Terraform reads it: an expression where the variable's type is no primitive, else the text."""
    item = root.index.get("var." + name)
    found = item.attributes.get("type") if item is not None else None
    type_ = found[1].expr if found is not None else ("var", 0, 0, "string")
    primitive = (type_[0] == "var" and type_[3] in _PRIMITIVE) or (type_[0] == "lit" and type_[3] in _PRIMITIVE)
    if isinstance(value, str) and not primitive:
        expr = parse_expression(value)
        if expr[0] != "error":
            return expr
    return "lit", 0, 0, value
