"""Kustomizations → the objects they build, one unit per kustomization that no other one uses.

Encodes https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/. Local bases, components and files are
followed; what lies elsewhere, and what plugins or Helm would add, becomes `kubernetes/unresolved`: in that unit nothing
is known to be absent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.discovery.environments import environment_of
from linter.model import Environment, Map, Resource, Span, Unit, Unknown, Workspace
from linter.parsers.kubernetes_objects import KUSTOMIZATIONS, Object, resources_of
from linter.parsers.kustomize_generate import generated
from linter.parsers.kustomize_patches import Patch, apply
from linter.parsers.kustomize_read import (
    Kustomization,
    Missing,
    consumed_files,
    entries,
    is_remote,
    join,
    patches_of,
    replaced,
)
from linter.parsers.kustomize_transform import transform
from linter.records import NamedTuple

CHAIN_LIMIT = 50
STEP_LIMIT = 5_000
OBJECT_LIMIT = 5_000
_PLUGINS = ("generators", "transformers", "helmCharts", "helmChartInflationGenerator")


class Built(NamedTuple):
    """What a kustomization makes."""

    objects: list[Object]
    missing: list[Missing]


class Build:
    """Builds all kustomizations of a workspace. consumed: files that are no loose manifests because of them."""

    def __init__(
        self,
        workspace: Workspace,
        kustomizations: dict[str, Kustomization],
        objects: dict[str, list[Object]],
        cluster: frozenset[str],
    ) -> None:
        self.workspace = workspace
        self.kustomizations = kustomizations
        self.objects = objects
        self.cluster = cluster
        self.built: dict[str, Built] = {}
        self.patches: dict[str, tuple[list[Patch], list[Missing]]] = {}
        self.steps = 0
        self.consumed = {path for path in objects if path.rpartition("/")[2] in KUSTOMIZATIONS}
        for kustomization in kustomizations.values():
            self.consumed |= consumed_files(kustomization.folder, kustomization.body)

    def expand(self) -> Iterator[Resource]:
        """The resources of every root kustomization."""
        for folder in self._roots():
            path = self.kustomizations[folder].artifact.path
            self.workspace.progress(path)
            environment = environment_of(path, self.workspace.settings, self.workspace.paths)
            self.steps = 0
            built = self._build(folder, (), None)
            unit = Unit("kustomize", folder)
            for item in built.objects:
                yield from resources_of(item, unit, environment, self.cluster)
            for missing in {(item.source, item.span): item for item in built.missing}.values():
                yield _unresolved(missing, unit, environment)

    def _roots(self) -> list[str]:
        """Folders no other kustomization uses; of a ring of them the first."""
        used = {folder: self._folders(folder) for folder in self.kustomizations}
        inner = {target for folder, targets in used.items() for target in targets if target != folder}
        roots: list[str] = []
        reached: set[str] = set()
        for candidate in sorted(used, key=lambda folder: (folder in inner, folder)):
            if candidate in reached:
                continue
            roots.append(candidate)
            waiting = [candidate]
            while waiting:
                folder = waiting.pop()
                if folder not in reached:
                    reached.add(folder)
                    waiting.extend(used[folder])
        return roots

    def _folders(self, folder: str) -> set[str]:
        """The folders with kustomizations that one uses."""
        body = self.kustomizations[folder].body
        keys = ("resources", "bases", "components")
        found = {join(folder, text) for key in keys for text, _ in entries(body, key)}
        return {path for path in found if path is not None and path in self.kustomizations}

    def _build(self, folder: str, trail: tuple[str, ...], given: list[Object] | None) -> Built:
        """What a kustomization makes. given: for a component, the objects of the one that uses it."""
        if given is None and folder in self.built:
            return self.built[folder]
        self.steps += 1
        body = self.kustomizations[folder].body
        built = Built([*(given or ())], [])
        for key in ("resources", "bases", "components"):
            for text, span in entries(body, key):
                self._add(built, text, span, (*trail, folder), component=key == "components")
        built.missing.extend(_plugins(body))
        if body.get("kind") == "Component" and given is None:
            why = Unknown("remote-source", folder, "Scan it with the overlay that uses this component.")
            built.missing.append(Missing("the kustomization that uses this component", body.span, why))
        if folder not in self.patches:
            self.patches[folder] = patches_of(folder, body, self.workspace)
        patches, missing = self.patches[folder]
        built.missing.extend(missing)
        objects = generated(body, self.kustomizations[folder].artifact.path, built.objects)
        objects = apply(patches, objects)
        built.objects[:] = replaced(body, transform(body, objects, self.cluster))
        if given is None:
            self.built[folder] = built
        return built

    def _add(self, built: Built, text: Any, span: Span, trail: tuple[str, ...], component: bool) -> None:
        """Add what an entry of `resources`, `bases` or `components` leads to."""
        path = join(trail[-1], text)
        if path is None or (path not in self.kustomizations and path not in self.objects):
            if path is not None and path in self.workspace.paths and path.endswith((".yaml", ".yml", ".json")):
                return  # recognised as nothing: a file without objects
            built.missing.append(Missing("?" if isinstance(text, Unknown) else text, span, self._why(path, text)))
        elif path not in self.kustomizations:
            built.objects.extend(self.objects[path])
        elif not self._refused(path, span, trail, len(built.objects)):
            inner = self._build(path, trail, built.objects if component else None)
            built.missing.extend(inner.missing)
            there = {id(item.extent) for item in built.objects} if component else set()
            called = [
                item if id(item.extent) in there else item._replace(callers=(span, *item.callers))
                for item in inner.objects
            ]
            built.objects[:] = called if component else [*built.objects, *called]

    def _refused(self, path: str, span: Span, trail: tuple[str, ...], objects: int) -> bool:
        """Whether following an entry would never end or take too much; says so."""
        if path in trail or len(trail) >= CHAIN_LIMIT:
            message = "this entry leads back to where it is written" if path in trail else "too many bases in a row"
            self.workspace.fail("artifact-unparsed", span, message, "Remove one of the entries that form the ring.")
            return True
        if self.steps > STEP_LIMIT or objects > OBJECT_LIMIT:
            message = f"this kustomization builds more than {OBJECT_LIMIT:,} objects"
            self.workspace.fail("artifact-unparsed", span, message, "Split it, or scan the rendered manifests.")
            return True
        return False

    def _why(self, path: str | None, text: Any) -> Unknown:
        if isinstance(text, Unknown):
            return text
        if path is not None and (path in self.workspace.paths or path + "/" in self.workspace.paths):
            return Unknown("template", text, "Render it, and scan the rendered manifests.")
        if path is not None and not is_remote(text):
            return Unknown("missing-input", text, "Add the file, or scan where it has been made.")
        return Unknown("remote-source", text, "Scan the rendered manifests (kustomize build), or vendor the base.")


def _plugins(body: Map) -> Iterator[Missing]:
    for key in _PLUGINS:
        if key in body:
            source, start, end, _, _ = body.at[key]
            why = Unknown("template", key, "Scan the rendered manifests (kustomize build --enable-helm).")
            yield Missing(key, (source, start, end), why)


def _unresolved(missing: Missing, unit: Unit, environment: Environment | None) -> Resource:
    source, start, end = missing.span
    body = Map(missing.span)
    body["source"] = missing.source
    body.at["source"] = (source, start, start, start, end)
    address = f"unresolved/{missing.source}"
    resource = Resource(
        "kubernetes/unresolved",
        address,
        missing.source,
        unit,
        body,
        missing.span,
        missing.span,
        environment=environment,
    )
    resource.uncertain = missing.why
    return resource
