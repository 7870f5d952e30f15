"""Skaffold's artifacts: which image is built from which Dockerfile.

Encodes https://skaffold.dev/docs/references/yaml/: `build.artifacts[]` of the file and of its profiles; the context is
relative to the file, the Dockerfile to the context.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from linter.model import Artifact, Map, Resource, Unit
from linter.syntax.yaml import Loaded
from linter.trees import at_path, maps


def expand(artifacts: Iterable[Artifact]) -> Iterator[Resource]:
    """A `delivery/build` (body: image, dockerfile) for every artifact of every skaffold.yaml that Docker builds."""
    for artifact in artifacts:
        name = artifact.path.rpartition("/")[2]
        if not name.startswith("skaffold") or not isinstance(artifact.tree, Loaded):
            continue
        for document in artifact.tree.documents:
            version = at_path(document.value, ("apiVersion",))
            if isinstance(version, str) and version.startswith("skaffold/"):
                yield from _builds(artifact, document.value)


def _builds(artifact: Artifact, config: Map) -> Iterator[Resource]:
    folder = artifact.path.rpartition("/")[0]
    unit = Unit("skaffold", artifact.path)
    for holder in (config, *maps(config.get("profiles"))):
        for item in maps(at_path(holder, ("build", "artifacts"))):
            image = item.get("image")
            context = item.get("context", item.get("workspace", "."))
            dockerfile = at_path(item, ("docker", "dockerfile")) or "Dockerfile"
            if not isinstance(image, str) or not isinstance(context, str) or not isinstance(dockerfile, str):
                continue
            if any(key in item for key in ("bazel", "buildpacks", "jib", "ko", "custom")):
                continue
            entry = item.at["image"]
            span = (entry[0], entry[3], entry[4])
            body = Map(item.span)
            path = posixpath.normpath(posixpath.join(folder, context, dockerfile))
            for key, value in (("image", image), ("dockerfile", path)):
                body[key] = value
                body.at[key] = entry
            yield Resource("delivery/build", f"{artifact.path}#{image}", image, unit, body, span, item.span)
