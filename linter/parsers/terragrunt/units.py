"""A unit: its merged configuration, the module it applies with its inputs, and what Terragrunt generates beside it."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename, dirname, relpath
from typing import Any

from linter.discovery.environments import environment_named, environment_of
from linter.model import (
    Artifact,
    Entry,
    Environment,
    Map,
    Resource,
    Seq,
    Span,
    Unit,
    Unknown,
    concatenate,
    replace,
)
from linter.parsers.terraform import layout, resources, tfvars
from linter.parsers.terraform.evaluate import guarded
from linter.parsers.terraform.functions_files import Files
from linter.parsers.terraform.inputs import Inputs, read
from linter.parsers.terraform.layout import Folder
from linter.parsers.terraform.modules import Module
from linter.parsers.terraform.world import Input, World
from linter.parsers.terragrunt import generated
from linter.parsers.terragrunt.config import Config
from linter.parsers.terragrunt.paths import MARK, below, published
from linter.parsers.terragrunt.sources import folder_of, reference_of, shown
from linter.syntax.hcl import Block

_NAMES = ("environment", "env", "environment_name", "env_name", "stage")
_FILES = ("env.hcl", "environment.hcl", "stage.hcl")


def unit_resources(
    config: Config, inputs: Inputs, judged: set[str], callers: tuple[Span, ...] = ()
) -> Iterator[Resource]:
    """A unit's own resource and those of what it applies; none where the file is no unit.

    judged: the folders whose blocks have become resources, added to. callers: the stack that makes it a unit.
    """
    result = config.result()
    terraform = _last(result.get("terraform"))
    source = terraform.get("source") if terraform is not None else None
    entry = terraform.at.get("source") if terraform is not None else None
    if source is None and config.home not in inputs.folders:
        return
    environment = environment_by(config)
    resource = _unit(config, result, source, entry, environment)
    resource.callers = callers
    yield resource
    called = config.home if source is None else folder_of(source, config.home)
    base = inputs.folders.get(called) if called is not None else None
    folder = _assembled(config, result, base, inputs)
    values = _inputs(resource.body.get("inputs"), folder)
    values = {**values, **_files(config, terraform, folder, inputs), **inputs.given(folder)}
    world = World(inputs.folders, folder.path, values, "", inputs.texts)
    world.machine.files = Files(inputs.workspace, folder.path, inputs.texts)
    module = Module(world, folder, None, None)
    if entry is not None:
        module.callers = (*callers, (entry[0], entry[3], entry[4]))
    unit = Unit("terraform", config.home or ".")
    yield from resources.resources(module, unit, environment, judged if base is not None else set())


def _last(blocks: Any) -> Map | None:
    """A block of a type that may stand once; also written as an attribute."""
    if isinstance(blocks, Map):
        return blocks
    return blocks[-1] if isinstance(blocks, Seq) and blocks and isinstance(blocks[-1], Map) else None


def environment_by(config: Config) -> Environment | None:
    """By the layout; else by what the nearest `env.hcl` says."""
    workspace = config.files.workspace
    path = f"{config.home}/{basename(config.path)}" if config.home else config.path
    found = environment_of(path, workspace.settings, workspace.paths)
    folder = config.home
    while found is None and folder:
        for name in _FILES:
            body = config.files.body(f"{folder}/{name}")
            if body is not None:
                return _named(Config(config.files, config.machine, f"{folder}/{name}"), workspace.settings)
        folder = dirname(folder)
    return found


def _named(config: Config, settings: Any) -> Environment | None:
    for name in _NAMES:
        value = config.local(name) if name in config.locals else None
        if isinstance(value, str) and value and MARK not in value:
            return environment_named(value, settings) or Environment(value, "")
    return None


def _unit(config: Config, result: Map, source: Any, entry: Entry | None, environment: Environment | None) -> Resource:
    """The component as the environment's folder has it, so that its twins are found in the others' folders."""
    folder, address = split(config, environment)
    index, anchor = config.source, _anchor(config)
    body = Map((index, config.body.start, config.body.end))
    body.open = result.open
    if source is not None and entry is not None:
        body["source"], body.at["source"] = shown(source, config.home), entry
        reference = reference_of(source)
        if reference is not None:
            body["ref"], body.at["ref"] = reference, entry
    for key in ("inputs", "remote_state", "generate", "dependency", "dependencies"):
        if key in result:
            value = _last(result[key]) if key in ("remote_state", "dependencies") else result[key]
            value = _pathed(value, config.home) if key in ("dependency", "dependencies") else value
            body[key], body.at[key] = published(value), result.at[key]
    extent = (index, config.body.start, config.body.end)
    return Resource(
        "terragrunt/unit", address, basename(address), Unit("terragrunt", folder), body, anchor, extent,
        environment=environment,
    )  # fmt: skip


def _pathed(value: Any, home: str) -> Any:
    """Dependencies with the paths of other units as they are seen from this one."""
    if isinstance(value, str):
        path = below(value, home)
        return value if path is None else relpath(path or ".", home or ".")
    if isinstance(value, Map):
        for key in ("config_path", "paths"):
            if key in value:
                value = replace(value, key, _pathed(value[key], home))
    elif isinstance(value, Seq):
        copied = concatenate((value,), value.span)
        copied[:] = [_pathed(each, home) for each in value]
        return copied
    return value


def split(config: Config, environment: Environment | None) -> tuple[str, str]:
    """The folder of the environment, and the unit's path within."""
    parts = [part for part in config.home.split("/") if part and part != ".terragrunt-stack"]
    settings = config.files.workspace.settings
    for depth in range(len(parts), 0, -1):
        found = environment_named(parts[depth - 1], settings)
        if environment is not None and found == environment:
            return "/".join(parts[:depth]), "/".join(parts[depth:]) or "/".join(parts[: depth - 1]) or "unit"
    return "/".join(parts[:-1]) or ".", parts[-1] if parts else "unit"


def _anchor(config: Config) -> Span:
    """The word `terraform`, else the first include's label, else the first thing written."""
    block: Block | None = next(
        iter([*config.blocks("terraform"), *config.blocks("include"), *config.body.blocks]), None
    )
    if block is not None:
        if block.labels:
            return config.source, block.labels[0][1], block.labels[0][2]
        return config.source, block.type_start, block.type_end
    if config.body.attributes:
        return config.source, config.body.attributes[0].name_start, config.body.attributes[0].name_end
    return config.source, config.body.start, config.body.start


def _assembled(config: Config, result: Map, base: Folder | None, inputs: Inputs) -> Folder:
    """The module's folder with what Terragrunt copies from the unit's and writes beside it."""
    extra = _generated(config, result, base)
    path = base.path if base is not None else config.home
    folders = dict.fromkeys((path, config.home))
    files = [artifact for folder in folders for artifact in config.files.folders.get(folder, ())]
    files = [artifact for artifact in files if not tfvars.is_variables(artifact)]
    if base is not None and not extra and all(dirname(artifact.path) == path for artifact in files):
        return base
    names = {basename(artifact.path) for artifact, keep in extra if not keep}
    files = [artifact for artifact in files if basename(artifact.path) not in names]
    present = {basename(artifact.path) for artifact in files}
    files += [artifact for artifact, keep in extra if basename(artifact.path) not in present]
    return layout.assembled(path, files, config.files.workspace)


def _generated(config: Config, result: Map, base: Folder | None) -> list[tuple[Artifact, bool]]:
    """Generated files, and whether each gives way to one that is there."""
    found: dict[str, tuple[Artifact, bool]] = {}
    for name, (written, block) in _generators(config).items():
        values = {a.name: a.expr for a in block.body.attributes}
        text = {key: guarded(values[key], written.scope) for key in ("path", "if_exists", "disable") if key in values}
        path, source = text.get("path"), config.files.artifacts[written.path].source
        if not isinstance(path, str) or not path.endswith((".tf", ".tofu")) or text.get("disable") is True:
            continue
        rendered = generated.render(values["contents"], written.scope, source.text) if "contents" in values else None
        if rendered is not None:
            keep = text.get("if_exists") in ("skip", "error")
            found[name] = generated.artifact(basename(path), source, rendered), keep
    found.update(_given_files(config, result.get("generate")))
    state = _last(result.get("remote_state"))
    if state is not None and "config" in state and "backend" in state:
        place = result["remote_state"].at[-1] if isinstance(result["remote_state"], Seq) else result.at["remote_state"]
        holder = config.files.sources.get(place[0])
        made = generated.backend(state, place, holder, _version(result, base)) if holder is not None else None
        if made is not None:
            found["remote_state"] = made, False
    return list(found.values())


def _given_files(config: Config, table: Any) -> Iterator[tuple[str, tuple[Artifact, bool]]]:
    """Generated files where `generate` is an attribute, with what another configuration says: placed as a whole."""
    for name, block in table.items() if isinstance(table, Map) else ():
        path, text = (block.get("path"), block.get("contents")) if isinstance(block, Map) else (None, None)
        if isinstance(path, str) and path.endswith((".tf", ".tofu")) and isinstance(text, str) and text:
            index, _, _, start, end = block.at["contents"]
            source = config.files.sources.get(index)
            if source is not None and block.get("disable") is not True:
                rendered = generated.Rendered()
                rendered.add(text, start, end, False)
                keep = block.get("if_exists") in ("skip", "error")
                yield str(name), (generated.artifact(basename(path), source, rendered), keep)


def _version(result: Map, base: Folder | None) -> Any:
    """What the configuration says of Terraform's version; a module that is not here may say it too."""
    said = result.get("terraform_version_constraint")
    if said is None and base is None:
        return Unknown("remote-source", "required_version of the module", type="string")
    return said


def _generators(config: Config) -> dict[str, tuple[Config, Block]]:
    """`generate` blocks by label, an include's first, with the configuration each is written in."""
    found: dict[str, tuple[Config, Block]] = {}
    for include in config.includes():
        if include.config is not None and include.strategy != "no_merge":
            found.update(_generators(include.config))
    for block in config.blocks("generate"):
        if block.labels:
            found[block.labels[0][0]] = config, block
    return found


def _inputs(given: Any, folder: Folder) -> dict[str, Input]:
    """Inputs as variables; where not all inputs are known, what is not among them is not known to keep its default."""
    found: dict[str, Input] = {}
    doubt = given if isinstance(given, Unknown) else given.open if isinstance(given, Map) else None
    if doubt is not None:
        for item in folder.items:
            if item.word == "variable":
                found[item.name] = Input(0, 0, 0, ("lit", 0, 0, doubt))
    for name, value in given.items() if isinstance(given, Map) else ():
        source, start, end, value_start, value_end = given.at[name]
        found[str(name)] = Input(source, start, end, ("lit", value_start, value_end, value))
    return found


def _files(config: Config, terraform: Map | None, folder: Folder, inputs: Inputs) -> dict[str, Input]:
    """Variable files: they win over inputs, which Terragrunt passes in the process's environment."""
    own = tfvars.arrange(folder, inputs.by_root.get(folder.path, []), inputs.workspace.settings).always
    files = {artifact.path: artifact for artifact in own}
    artifacts = inputs.workspace.artifacts
    for path in (*_beside(config), *_named_files(terraform)):
        place = below(path, config.home)
        if place in artifacts and tfvars.is_variables(artifacts[place]):
            files[place] = artifacts[place]
    inputs.used.update(files, config.files.used)
    return read(files.values())


def _beside(config: Config) -> Iterator[str]:
    for artifact in config.files.folders.get(config.home, ()):
        name = basename(artifact.path)
        if name in ("terraform.tfvars", "terraform.tfvars.json") or ".auto.tfvars" in name:
            yield name


def _named_files(terraform: Map | None) -> Iterator[str]:
    """What `extra_arguments` passes with -var-file, in order."""
    blocks = terraform.get("extra_arguments") if terraform is not None else None
    for block in blocks if isinstance(blocks, Seq) else ():
        for key in ("required_var_files", "optional_var_files", "arguments"):
            listed = block.get(key)
            for value in listed if isinstance(listed, Seq) else ():
                if isinstance(value, str) and (key != "arguments" or value.startswith("-var-file=")):
                    yield value.removeprefix("-var-file=")
