"""Terraform and OpenTofu: folders of configuration to resources, once for each environment a root is applied to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from linter.model import Resource, Unit, Workspace

if TYPE_CHECKING:
    from linter.parsers.terraform.inputs import Inputs, Variant
    from linter.parsers.terraform.layout import Folder
    from linter.parsers.terraform.plan import Plan
    from linter.parsers.terraform.plan_resources import Evidence


def expand(workspace: Workspace) -> Iterator[Resource]:
    """Every resource of every root, in every environment that has variables of its own.

    A folder that another folder calls as a module is judged through its calls only, unless it is plainly a root itself
    or no call brings it about; one that Terragrunt applies, with the inputs of its units. Unit paths are the roots'
    folders, '.' for the tree's own.
    """
    from linter.parsers.terraform import layout
    from linter.parsers.terraform.inputs import Inputs

    folders = layout.folders(workspace)
    formats = {artifact.format for artifact in workspace.artifacts.values()}
    units = "terragrunt" in formats
    if not folders and not units and "plan" not in formats:
        return
    texts = {artifact.source.index: artifact.source.text for artifact in workspace.artifacts.values()}
    inputs = Inputs(workspace, folders, texts)
    judged: set[str] = set()
    if units:
        from linter.parsers import terragrunt

        yield from terragrunt.expand(inputs, judged)
    applied = frozenset(judged)
    roots = [root for root in layout.roots(folders, inputs.by_root) if root.path not in applied]
    evidence = _evidence(workspace, roots) if "plan" in formats else None
    for root in roots:
        yield from _expand_root(root, inputs, judged, evidence)
    for path, folder in folders.items():
        if path not in judged and not layout.is_installed(path):
            yield from _expand_root(folder, inputs, judged, None)
    inputs.set_aside()
    if evidence is not None:
        yield from evidence.others()


def _evidence(workspace: Workspace, roots: list[Folder]) -> Evidence:
    from linter.parsers.terraform.plan_resources import Evidence

    return Evidence(workspace, roots)


def _expand_root(root: Folder, inputs: Inputs, judged: set[str], evidence: Evidence | None) -> Iterator[Resource]:
    """judged: the folders whose blocks have become resources, added to."""
    from linter.parsers.terraform import layout, resources
    from linter.parsers.terraform.functions_files import Files
    from linter.parsers.terraform.modules import Module
    from linter.parsers.terraform.world import World

    workspace = inputs.workspace
    unit = Unit("terraform", root.path or ".")
    workspace.progress(f"{unit.path} (terraform)")
    variants: Iterable[tuple[Variant, Plan | None]] = ((variant, None) for variant in inputs.variants(root))
    if evidence is not None:
        variants = evidence.of(root, [variant for variant, _ in variants])
    for variant, plan in variants:
        if variant.environment is not None:
            from linter.parsers.terraform.settings import settings

            told = settings(root, variant.inputs, unit, variant.environment, workspace)
            if told is not None:
                yield told
        world = World(inputs.folders, root.path, variant.inputs, variant.workspace, inputs.texts)
        world.plan = plan
        world.machine.files = Files(workspace, root.path, inputs.texts)
        world.installed = layout.installed(root.path, workspace)
        found = resources.resources(Module(world, root, None, None), unit, variant.environment, judged)
        if plan is not None and evidence is not None:
            found = evidence.completed(found, plan, unit, variant.environment)
        yield from _completed(found)


def _completed(found: Iterator[Resource]) -> Iterator[Resource]:
    """All resources, and what a root that makes Kubernetes objects does not show of its cluster."""
    kinds: dict[str, Resource] = {}
    remote: Resource | None = None
    for resource in found:
        if resource.kind.startswith("kubernetes/"):
            kinds.setdefault(resource.kind, resource)
        elif resource.kind == "terraform/module" and remote is None and not _is_local(resource):
            remote = resource
        yield resource
    if kinds:
        from linter.parsers.terraform import kubernetes_objects

        yield from kubernetes_objects.elsewhere(kinds, remote)


def _is_local(call: Resource) -> bool:
    source = call.body.get("source")
    return isinstance(source, str) and source.startswith(("./", "../"))
