"""Small trees of manifests as a parser meets them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from linter.estate import kubernetes_links
from linter.model import Artifact, Estate, Resource, Source, Span, Workspace
from linter.parsers.kubernetes import expand
from linter.syntax import json, yaml


class Tree:
    """An expanded and linked estate of texts by path. failures: what the parser complained of."""

    def __init__(self, files: Mapping[str, str], settings: Mapping[str, Any] | None = None) -> None:
        self.files = dict(files)
        self.failures: list[tuple[str, Span, str, str]] = []
        self.progress: list[str] = []
        self.estate = Estate()
        workspace = Workspace(
            self._artifacts(),
            self._paths(),
            settings or {},
            lambda *what: self.failures.append(what),
            self.progress.append,
        )
        for resource in expand(workspace):
            self.estate.add(resource)
        kubernetes_links.resolve(self.estate)

    def _artifacts(self) -> dict[str, Artifact]:
        artifacts = {}
        for path, text in self.files.items():
            if not path.endswith((".yaml", ".yml", ".json", "Kustomization")):
                continue
            if (
                "kind:" not in text
                and '"kind"' not in text
                and not path.rpartition("/")[2].startswith("ustomization", 1)
            ):
                continue
            source = Source(len(self.estate.sources), path, text)
            self.estate.sources.append(source)
            format = "json" if path.endswith(".json") else "yaml"
            loaded = json.load(source.index, text) if format == "json" else yaml.load(source.index, text)
            artifacts[path] = Artifact(path, format, source, loaded, loaded.problems)
        return artifacts

    def _paths(self) -> frozenset[str]:
        folders = {f"{parent.as_posix()}/" for path in self.files for parent in Path(path).parents if parent.name}
        return frozenset(folders | set(self.files))

    @property
    def addresses(self) -> list[str]:
        return [resource.address for resource in self.estate.resources]

    def get(self, address: str, unit: str | None = None) -> Resource:
        found = [r for r in self.estate.resources if r.address == address and unit in (None, r.unit.path)]
        assert len(found) == 1, (address, self.addresses)
        return found[0]

    def text(self, span: Span) -> str:
        return self.estate.sources[span[0]].text[span[1] : span[2]]

    def links(self, address: str, unit: str | None = None) -> set[tuple[str, str, str]]:
        """(relation, path, target's address) of what goes out of a resource."""
        resource = self.get(address, unit)
        return {(link.name, link.path, link.target.address) for link in self.estate.outgoing.get(id(resource), ())}

    def loose(self, kind: str) -> list[tuple[str, str, Any]]:
        """(resource, path, target) of unresolved references to a kind."""
        return [
            (resource.address, reference.path, reference.target)
            for (missing, _, _), references in self.estate.loose.items()
            for resource, reference in references
            if missing == kind
        ]
