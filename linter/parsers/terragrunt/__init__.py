"""Terragrunt: units to resources, with the Terraform modules they apply as roots of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from linter.model import Resource

if TYPE_CHECKING:
    from linter.parsers.terraform.inputs import Inputs
    from linter.parsers.terragrunt.config import Config, Files


def expand(inputs: Inputs, judged: set[str]) -> Iterator[Resource]:
    """Every unit of the tree, each once: a `terragrunt.hcl` that no other file includes and that applies something, and
    what stacks make units of.

    judged: the folders whose blocks have become resources, added to.
    """
    from linter.parsers.terragrunt import stacks
    from linter.parsers.terragrunt.config import Files
    from linter.parsers.terragrunt.units import unit_resources

    files = Files(inputs.workspace)
    made = list(stacks.units(files))
    templates = {config.path for config, _ in made} | stacks.templates(files)
    configs = [config for config in _configs(files) if config.path not in templates]
    included = {
        include.config.path for config in configs for include in config.includes() if include.config is not None
    }
    for config in configs:
        if config.path not in included:
            inputs.workspace.progress(f"{config.path} (terragrunt)")
            yield from unit_resources(config, inputs, judged)
    for config, callers in made:
        inputs.workspace.progress(f"{config.home} (terragrunt)")
        yield from unit_resources(config, inputs, judged, callers)
    yield from stacks.remote(files)


def _configs(files: Files) -> Iterator[Config]:
    from linter.parsers.terragrunt.config import Config
    from linter.parsers.terragrunt.functions import budget

    for path in sorted(files.artifacts):
        if path.rpartition("/")[2] == "terragrunt.hcl" and files.body(path) is not None:
            yield Config(files, budget(), path)
