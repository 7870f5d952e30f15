"""Kubernetes manifests → objects, pod templates and containers, each kustomization and each set of manifests a unit."""

from __future__ import annotations

from collections.abc import Iterator

from linter.discovery.environments import environment_of
from linter.model import Resource, Workspace
from linter.parsers.kubernetes.objects import (
    CLUSTER_SCOPED,
    KUSTOMIZATIONS,
    Object,
    cluster_scoped_of,
    identity_of,
    objects_of,
    resources_of,
)
from linter.parsers.kubernetes.units import parent_of, units_of


def expand(workspace: Workspace) -> Iterator[Resource]:
    """All objects of the tree: those kustomizations build, once per root kustomization, then the loose ones.

    No objects are Helm templates, kustomizations, their patches, and the files of command-line tools.
    """
    artifacts = [*workspace.of_format("yaml"), *workspace.of_format("json")]
    found: dict[str, list[Object]] = {}
    for artifact in artifacts:
        if not _is_template(artifact.path, workspace.paths):
            found[artifact.path] = list(objects_of(artifact, workspace.fail))
    cluster = CLUSTER_SCOPED | cluster_scoped_of(item.body for items in found.values() for item in items)
    consumed: set[str] = set()
    if any(artifact.path.rpartition("/")[2] in KUSTOMIZATIONS for artifact in artifacts):
        from linter.parsers.kustomize import Build
        from linter.parsers.kustomize.read import read

        build = Build(workspace, read(artifacts), found, cluster)
        yield from build.expand()
        consumed = build.consumed
    if any(artifact.path.rpartition("/")[2].startswith("skaffold") for artifact in artifacts):
        from linter.parsers import skaffold

        yield from skaffold.expand(artifacts)
    yield from _loose(workspace, {path: objects for path, objects in found.items() if path not in consumed}, cluster)


def _loose(workspace: Workspace, found: dict[str, list[Object]], cluster: frozenset[str]) -> Iterator[Resource]:
    units = units_of((path, identity_of(item.body, cluster)) for path, items in found.items() for item in items)
    for path, items in found.items():
        if items:
            workspace.progress(path)
            environment = environment_of(path, workspace.settings, workspace.paths)
            for item in items:
                yield from resources_of(item, units[parent_of(path)], environment, cluster)


def _is_template(path: str, paths: frozenset[str]) -> bool:
    """Whether a file lies in a chart's `templates` folder, where it is text for a template engine."""
    parts = path.split("/")
    return any(
        part == "templates" and "/".join([*parts[:index], "Chart.yaml"]) in paths
        for index, part in enumerate(parts[:-1])
    )
