"""Terragrunt: units to resources, with the Terraform modules they apply as roots of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from linter.model import Resource

if TYPE_CHECKING:
    from linter.parsers.terraform.inputs import Inputs
    from linter.parsers.terragrunt.config import Config, Files


def expand(inputs: Inputs, judged: set[str]) -> Iterator[Resource]:
    """Every unit of the tree, each once: a `terragrunt.hcl` that no other file includes and that applies something.

    judged: the folders whose blocks have become resources, added to.
    """
    from linter.parsers.terragrunt.config import Files
    from linter.parsers.terragrunt.units import unit_resources

    files = Files(inputs.workspace)
    configs = list(_configs(files))
    included = {
        include.config.path for config in configs for include in config.includes() if include.config is not None
    }
    for config in configs:
        if config.path not in included:
            inputs.workspace.progress(f"{config.path} (terragrunt)")
            yield from unit_resources(config, inputs, judged)


def _configs(files: Files) -> Iterator[Config]:
    from linter.parsers.terraform.evaluate import machine
    from linter.parsers.terragrunt.config import Config
    from linter.parsers.terragrunt.functions import FUNCTIONS

    for path in sorted(files.artifacts):
        if path.rpartition("/")[2] == "terragrunt.hcl" and files.body(path) is not None:
            budget = machine()
            budget.extra = FUNCTIONS
            yield Config(files, budget, path)
