"""What the repository says of where its images are built: skaffold, Compose, and the commands of workflows."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from linter.estate.pipeline_links import base_of
from linter.model import Estate, Map, Resource, Unknown
from linter.records import NamedTuple

_FILE, _TAG = ("-f", "--file"), ("-t", "--tag")


class Build(NamedTuple):
    """An image's name without tag and digest, variables as written, and the path of the Dockerfile it is built from."""

    image: str
    path: str


def builds(estate: Estate) -> Iterator[Build]:
    """Every image of which the repository says how it is built."""
    for build in estate.kinds.get("delivery/build", ()):
        yield Build(image_name(build.body["image"]), build.body["dockerfile"])
    for service in estate.kinds.get("compose/service", ()):
        yield from _composed(estate, service)
    for step in estate.kinds.get("pipeline/step", ()):
        yield from _commanded(step)
        yield from _acted(step)


def image_name(reference: str) -> str:
    """An image reference without digest and tag, but with the variables it is written with."""
    rest = reference.partition("@")[0].strip()
    folder, slash, last = rest.rpartition("/")
    return folder + slash + last.partition(":")[0]


def _joined(*parts: Any) -> str | None:
    """A path below the root, None where a part is no literal path or it leads out."""
    if not all(isinstance(part, str) and "$" not in part and "://" not in part for part in parts):
        return None
    joined = posixpath.normpath(posixpath.join(".", *parts))
    return None if joined.startswith(("../", "/")) or joined == ".." else joined


def _composed(estate: Estate, service: Resource) -> Iterator[Build]:
    image, build = service.body.get("image"), service.body.get("build")
    parts = service.body.get("reference")
    if isinstance(image, Unknown) and isinstance(parts, Map):
        image = parts.get("name")  # what is known where only the tag is a variable
    folder = estate.sources[service.anchor[0]].path.rpartition("/")[0]
    context = build.get("context", ".") if isinstance(build, Map) else build
    file = build.get("dockerfile", "Dockerfile") if isinstance(build, Map) else "Dockerfile"
    path = _joined(folder, context, file)
    if isinstance(image, str) and path is not None:
        yield Build(image_name(image), path)


def _acted(step: Resource) -> Iterator[Build]:
    """docker/build-push-action: https://github.com/docker/build-push-action#inputs."""
    uses, inputs = step.body.get("uses"), step.body.get("with")
    if not isinstance(uses, Map) or not isinstance(inputs, Map) or uses.get("name") != "docker/build-push-action":
        return
    context, file, tags = inputs.get("context", "."), inputs.get("file"), inputs.get("tags")
    context = context.removeprefix("./") if isinstance(context, str) else context
    base = base_of(step.unit.path)
    path = _joined(base, file) if file is not None else _joined(base, context, "Dockerfile")
    if path is not None and isinstance(tags, str):
        for tag in tags.replace(",", "\n").split("\n"):
            if tag.strip():
                yield Build(image_name(tag), path)


def _commanded(step: Resource) -> Iterator[Build]:
    """`docker build -t NAME -f FILE CONTEXT` and its kin, in the folder the step's `cd`s lead to."""
    folder: str | None = None
    for command in step.context.get("commands", ()):
        words = command.words
        if folder is None:
            written = step.body.get("working_directory") or "."
            folder = _joined(base_of(step.unit.path), written) or "."
        if command.program == "cd" and len(words) > 1:
            folder = _joined(folder, words[1]) or folder
        elif command.program in ("docker", "podman", "buildah", "nerdctl") and "build" in words[1:3]:
            yield from _built(folder, words[words.index("build") + 1 :])


def _built(folder: str, words: tuple[str, ...]) -> Iterator[Build]:
    tags, file = [], ""
    for index, word in enumerate(words):
        name, equals, value = word.partition("=")
        value = value if equals else words[index + 1] if index + 1 < len(words) else ""
        if name in _TAG:
            tags.append(value)
        elif name in _FILE:
            file = value
    context = words[-1] if words else "."
    path = _joined(folder, file) if file else _joined(folder, context, "Dockerfile")
    if path is not None:
        yield from (Build(image_name(tag), path) for tag in tags if tag)
