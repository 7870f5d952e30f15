"""Terraform and OpenTofu: folders of configuration to resources, once for each environment a root is applied to."""

from __future__ import annotations

from collections.abc import Iterator

from linter.model import Resource, Unit, Workspace


def expand(workspace: Workspace) -> Iterator[Resource]:
    """Every resource of every root, in every environment that has variables of its own.

    A folder that another folder calls as a module is judged through its calls only. Unit paths are the roots' folders,
    '.' for the tree's own.
    """
    from linter.parsers.terraform import inputs, layout, resources
    from linter.parsers.terraform.modules import Module
    from linter.parsers.terraform.world import World

    folders = layout.folders(workspace)
    if not folders:
        return
    files = inputs.tfvars(workspace, folders)
    texts = {artifact.source.index: artifact.source.text for artifact in workspace.artifacts.values()}
    for root in layout.roots(folders):
        unit = Unit("terraform", root.path or ".")
        workspace.progress(f"{unit.path} (terraform)")
        for variant in inputs.variants(root, workspace, files):
            world = World(folders, root.path, variant.inputs, variant.workspace, texts)
            world.installed = layout.installed(root.path, workspace)
            yield from resources.resources(Module(world, root, None, None), unit, variant.environment)
