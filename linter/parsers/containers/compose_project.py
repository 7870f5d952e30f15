"""Compose files read to models: variables replaced, short forms made long, `extends` and `include` followed.

Encodes the Compose specification's "extends" and "Include". Only files of this tree are followed; of a service or a
project that takes more from elsewhere, nothing is known to be absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from posixpath import dirname, join, normpath
from typing import Any

from linter.model import Artifact, Map, Seq, Unknown, Workspace
from linter.parsers.containers.compose_forms import service as in_long_form
from linter.parsers.containers.compose_merge import merged, tag_of, without_resets
from linter.parsers.containers.compose_values import dotenv, interpolated
from linter.syntax.yaml import Loaded

CHAIN_LIMIT = 30
STEP_LIMIT = 1_000
PARTS = ("services", "networks", "volumes", "secrets", "configs")
_REMEDY = "Add the file, or scan where it has been made."

Known = Mapping[str, Any]


class Reader:
    """The Compose files of a workspace. used: paths that others extend or include.

    tags: of all files read so far. steps: files followed for the project at hand, for files can name one another.
    """

    __slots__ = ("_environments", "_files", "_plain", "steps", "tags", "used", "workspace")

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.tags: dict[tuple[int, int], str] = {}
        self.used: set[str] = set()
        self.steps = 0
        self._plain: dict[str, Map | None] = {}
        self._files: dict[tuple[str, str], Map | None] = {}
        self._environments: dict[str, Known] = {}
        # Of files in a ring the first one uses the others.
        uses = {artifact.path: self._uses(artifact.path) for artifact in workspace.of_format("compose")}
        inner = {target for path, targets in uses.items() for target in targets if target != path}
        for path in sorted(uses, key=lambda each: each in inner):
            waiting = [] if path in self.used else list(uses[path])
            while waiting:
                target = waiting.pop()
                if target not in self.used and target != path:
                    self.used.add(target)
                    waiting.extend(uses.get(target, ()))

    def model(self, path: str, home: str) -> Map | None:
        """The model one file makes, the files it includes and extends taken in; None where it holds no mapping.

        home: the project's folder, whose `.env` gives the variables.
        """
        key = path, home
        if key not in self._files:
            self.steps = 0
            found = self._read(path, self._variables(home), ())
            self._files[key] = None if found is None else found
        return self._files[key]

    def plain(self, path: str) -> Map | None:
        """A file's documents as one mapping, as written."""
        if path not in self._plain:
            artifact = self.workspace.artifacts.get(path)
            self._plain[path] = self._documents(artifact) if artifact is not None else None
        return self._plain[path]

    def _documents(self, artifact: Artifact) -> Map | None:
        tree = artifact.tree
        if artifact.format != "compose" or not isinstance(tree, Loaded):
            return None
        index = artifact.source.index
        self.tags.update({(index, start): tag for start, tag in tree.tags.items()})
        made: Map | None = None
        for document in tree.documents:
            if isinstance(document.value, Map):
                value = _in_sections(document.value)
                made = value if made is None else merged(made, value, self.tags)
        return made

    def _variables(self, folder: str) -> Known:
        if folder not in self._environments:
            artifact = self.workspace.artifacts.get(join(folder, ".env"))
            text = artifact.tree if artifact is not None and artifact.format == "dotenv" else ""
            self._environments[folder] = dotenv(text if isinstance(text, str) else "")
        return self._environments[folder]

    def _uses(self, path: str) -> set[str]:
        """Which files one file extends or includes."""
        body, folder = self.plain(path), dirname(path)
        if body is None:
            return set()
        found = {normpath(join(folder, name)) for name in _included(body) if isinstance(name, str)}
        services = body.get("services")
        for each in services.values() if isinstance(services, Map) else ():
            extends = each.get("extends") if isinstance(each, Map) else None
            name = extends.get("file") if isinstance(extends, Map) else None
            if isinstance(name, str):
                found.add(normpath(join(folder, name)))
        return found

    def _read(self, path: str, known: Known, trail: tuple[str, ...]) -> Map | None:
        written = self.plain(path)
        if written is None:
            return None
        body = Map(written.span)
        for key, value in written.items():
            body[key], body.at[key] = value, written.at[key]
            if key != "services" or not isinstance(value, Map):
                body[key] = interpolated(value, known, key)
                continue
            body[key] = made = Map(value.span)
            for name, each in value.items():
                made[name] = (
                    self._service(path, value, name, known, (path, str(name))) if isinstance(each, Map) else each
                )
                made.at[name] = value.at[name]
        for name in _included(body):
            body = self._include(body, name, path, known, (*trail, path))
        return body

    def _service(self, path: str, services: Map, name: Any, known: Known, trail: tuple[str, ...]) -> Map:
        """A service in long forms with what it extends. trail: path and name of every service on the way."""
        source = self.workspace.artifacts[path].source
        body = in_long_form(
            interpolated(services[name], known), lambda index: source.text if index == source.index else ""
        )
        extends = body.pop("extends", None)
        entry = body.at.pop("extends", None)
        if extends is None or entry is None or tag_of(entry, self.tags) == "!reset":
            return body
        other = extends.get("service") if isinstance(extends, Map) else extends
        file = extends.get("file") if isinstance(extends, Map) else None
        target = normpath(join(dirname(path), file)) if isinstance(file, str) else path
        found = self.plain(target)
        there = services if target == path else found.get("services") if found is not None else None
        self.steps += 1
        looped = any(trail[at : at + 2] == (target, other) for at in range(0, len(trail), 2))
        if looped or len(trail) > 2 * CHAIN_LIMIT or self.steps > STEP_LIMIT:
            message = "a service extends itself" if looped else "too many services extend one another"
            span = (entry[0], entry[1], entry[2])
            self.workspace.fail("artifact-unparsed", span, message, "Remove one of the entries that form the ring.")
        elif isinstance(there, Map) and isinstance(other, str) and isinstance(there.get(other), Map):
            return merged(self._service(target, there, other, known, (*trail, target, other)), body, self.tags)
        body.open = Unknown(
            "missing-input", f"{file or path}, service {other if isinstance(other, str) else '?'}", _REMEDY
        )
        return body

    def _include(self, body: Map, name: Any, path: str, known: Known, trail: tuple[str, ...]) -> Map:
        """A model with that of an included file, which must not name what this one has."""
        target = normpath(join(dirname(path), name)) if isinstance(name, str) else ""
        self.steps += 1
        found = None
        if target and target not in trail and len(trail) < CHAIN_LIMIT and self.steps < STEP_LIMIT:
            variables: dict[str, Any] = {}
            variables.update(self._variables(dirname(target)))
            variables.update(known)
            found = self._read(target, variables, trail)
        if found is None:
            cause = "remote-source" if isinstance(name, str) and ":" in name else "missing-input"
            body.open = Unknown(cause, name if isinstance(name, str) else "an included file", _REMEDY)
            return body
        parts = Map(found.span)
        parts.open = found.open
        for key in PARTS:
            if isinstance(found.get(key), Map):
                parts[key], parts.at[key] = found[key], found.at[key]
        made = merged(parts, body, self.tags)
        made.span = body.span
        return made


def complete(body: Map) -> bool:
    """Whether a file can stand alone: every service has an image or a build, or takes it from another."""
    services = body.get("services")
    found = list(services.values()) if isinstance(services, Map) else []
    return bool(found) and all(isinstance(s, Map) and ("image" in s or "build" in s or "extends" in s) for s in found)


def layered(models: list[Map], reader: Reader) -> Map:
    """The model of a base and the files that change it."""
    made = without_resets(models[0], reader.tags)
    assert isinstance(made, Map)
    for over in models[1:]:
        made = merged(made, over, reader.tags)
    return made


def _included(body: Map) -> list[Any]:
    """The files that `include` names, an Unknown where a path is not known."""
    include = body.get("include")
    found: list[Any] = []
    for item in include if isinstance(include, Seq) else ():
        paths = item.get("path") if isinstance(item, Map) else item
        found.extend(paths if isinstance(paths, Seq) else [paths])
    return [each for each in found if isinstance(each, (str, Unknown))]


def _in_sections(body: Map) -> Map:
    """A file of the first version, whose services stand at the top, as one of today."""
    if "services" in body or any(key in body for key in ("version", *PARTS, "include", "name")):
        return body
    if not body or not all(isinstance(each, Map) and ("image" in each or "build" in each) for each in body.values()):
        return body
    made = Map(body.span)
    source, start, end = body.span
    made["services"] = body
    made.at["services"] = (source, start, start, start, end)
    return made
