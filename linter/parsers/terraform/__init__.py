"""Terraform and OpenTofu: folders of configuration to resources, once for each environment a root is applied to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from linter.model import Artifact, Resource, Unit, Workspace

if TYPE_CHECKING:
    from linter.parsers.terraform.layout import Folder


def expand(workspace: Workspace) -> Iterator[Resource]:
    """Every resource of every root, in every environment that has variables of its own.

    A folder that another folder calls as a module is judged through its calls only, unless it is plainly a root itself
    or no call brings it about. Unit paths are the roots' folders, '.' for the tree's own.
    """
    from linter.parsers.terraform import inputs, layout

    folders = layout.folders(workspace)
    if not folders:
        return
    files = inputs.tfvars(workspace, folders)
    texts = {artifact.source.index: artifact.source.text for artifact in workspace.artifacts.values()}
    judged: set[str] = set()
    for root in layout.roots(folders, files):
        yield from _expand_root(root, folders, files, texts, judged, workspace)
    for path, folder in folders.items():
        if path not in judged and not layout.is_installed(path):
            yield from _expand_root(folder, folders, files, texts, judged, workspace)


def _expand_root(
    root: Folder,
    folders: dict[str, Folder],
    files: dict[str, list[Artifact]],
    texts: dict[int, str],
    judged: set[str],
    workspace: Workspace,
) -> Iterator[Resource]:
    """judged: the folders whose blocks have become resources, added to."""
    from linter.parsers.terraform import inputs, layout, resources
    from linter.parsers.terraform.modules import Module
    from linter.parsers.terraform.world import World

    unit = Unit("terraform", root.path or ".")
    workspace.progress(f"{unit.path} (terraform)")
    for variant in inputs.variants(root, workspace, files):
        world = World(folders, root.path, variant.inputs, variant.workspace, texts)
        world.installed = layout.installed(root.path, workspace)
        yield from resources.resources(Module(world, root, None, None), unit, variant.environment, judged)
