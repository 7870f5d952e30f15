"""Containers and the Dockerfiles of the repository that build their images: links `built_by`, and `tagged_by` to what
writes the image's tag into the manifest when it deploys (skaffold.dev/docs/tagger: it replaces an artifact's name).

What the repository says counts first (skaffold, Compose, workflows). Else a folder is taken for an image's where its
name is the image's last part, no other Dockerfile could be meant, and the image's registry and project hold another
image of this repository, too: `redis` beside a folder of that name is Docker Hub's.
"""

from __future__ import annotations

from linter.estate.image_builds import builds, image_name
from linter.model import Estate, Link, Resource, Span

NAME, TAGGED = "built_by", "tagged_by"
_PLAIN = frozenset(("", "src", "app", "docker", "build", "container", "image", "deploy", "cmd", "package", ".docker"))
_DIRECTED = ("Dockerfile.", "Containerfile.")

Said = dict[str, list[tuple[str, bool, str]]]
"""Last part of a name → (the name or its known end, whether that is all of it, path)."""


def resolve(estate: Estate) -> None:
    """Link every container with the Dockerfile its image is built from, where exactly one can be meant."""
    files = {file.address: file for file in estate.kinds.get("docker/dockerfile", ())}
    artifacts = {build.name: build for build in estate.kinds.get("delivery/build", ())}
    used = _images(estate) if files or artifacts else {}
    for name in used.keys() & artifacts.keys():
        for container, span in used[name]:
            estate.link(Link(TAGGED, "image", container, artifacts[name], span))
    if not used or not files:
        return
    said = _said(estate, files)
    folders = _folders(files)
    found = {name: path for name in used if (path := _by_word(name, said))}
    candidates = {name: folders.get(name.rpartition("/")[2], "") for name in used if name not in found}
    ours: dict[str, set[str]] = {}
    for name, path in (*found.items(), *candidates.items()):
        if path:
            ours.setdefault(name.rpartition("/")[0], set()).add(path)
    for name, path in candidates.items():
        prefix, slash, _ = name.rpartition("/")
        if path and slash and len(ours[prefix]) > 1:
            found[name] = path
    for name, path in found.items():
        for container, span in used[name]:
            estate.link(Link(NAME, "image", container, files[path], span))


def _images(estate: Estate) -> dict[str, list[tuple[Resource, Span]]]:
    used: dict[str, list[tuple[Resource, Span]]] = {}
    for container in estate.kinds.get("kubernetes/container", ()):
        image = container.body.get("image")
        if isinstance(image, str) and image:
            entry = container.body.at["image"]
            used.setdefault(image_name(image), []).append((container, (entry[0], entry[3], entry[4])))
    return used


def _said(estate: Estate, files: dict[str, Resource]) -> Said:
    said: Said = {}
    for build in builds(estate):
        if build.path in files:
            parts = build.image.split("/")
            known = next((i for i in range(len(parts), 0, -1) if "$" in parts[i - 1] or "{" in parts[i - 1]), 0)
            whole = known == 0 and "." in parts[0]
            end = "/".join(parts[known:])
            if end:
                said.setdefault(parts[-1], []).append((end, whole, build.path))
    return said


def _by_word(name: str, said: Said) -> str:
    """The path of the build whose name is the longest end of an image's; '' where two say different things.

    A bare name is prefixed with a registry when it is pushed, but `bitnami/redis` is no `redis` of ours.
    """
    fitting = [
        (len(end), path)
        for end, whole, path in said.get(name.rpartition("/")[2], ())
        if name == end or (not whole and name.endswith("/" + end) and ("/" in end or "." in name.partition("/")[0]))
    ]
    longest = max((length for length, _ in fitting), default=0)
    paths = {path for length, path in fitting if length == longest}
    return paths.pop() if len(paths) == 1 else ""


def _folders(files: dict[str, Resource]) -> dict[str, str]:
    """Name of an image → the Dockerfile of a folder, or in a file, of that name; '' where there are several."""
    named: dict[str, str] = {}
    for path in files:
        folder, _, file = path.rpartition("/")
        stem = file.partition(".")[0] if file.endswith((".Dockerfile", ".dockerfile")) else ""
        stem = file.partition(".")[2] if file.startswith(_DIRECTED) else stem
        parts = folder.split("/")
        while len(parts) > 1 and parts[-1] in _PLAIN:
            parts.pop()
        for name in {stem, parts[-1]} - _PLAIN:
            named[name] = "" if name in named else path
    return named
