"""What a kustomization file says: the files it uses up, its patches, its replacements."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from linter.model import (
    Artifact,
    Entry,
    Environment,
    Map,
    Resource,
    Seq,
    Span,
    Unit,
    Unknown,
    Workspace,
    concatenate,
    merge,
)
from linter.parsers.kubernetes.objects import KUSTOMIZATIONS
from linter.parsers.kustomize.edit import made, overlay
from linter.parsers.kustomize.json_patch import is_json
from linter.parsers.kustomize.patches import Patch, Refuse, well_formed
from linter.records import NamedTuple
from linter.syntax.yaml import Loaded, load
from linter.trees import maps

_FILES = ("resources", "bases", "patchesStrategicMerge", "configurations", "transformers", "generators", "validators",
          "crds")  # fmt: skip
_WITH_PATH = ("patches", "patchesJson6902", "replacements", "openapi")
_GENERATORS = ("configMapGenerator", "secretGenerator")


class Kustomization(NamedTuple):
    folder: str
    artifact: Artifact
    body: Map


class Missing(NamedTuple):
    """Something a unit is made of that was not read. source: as it is written."""

    source: str
    span: Span
    why: Unknown


def read(artifacts: list[Artifact]) -> dict[str, Kustomization]:
    """The kustomizations by folder."""
    found: dict[str, Kustomization] = {}
    for artifact in artifacts:
        folder, _, name = artifact.path.rpartition("/")
        if (
            name in KUSTOMIZATIONS
            and folder not in found
            and isinstance(artifact.tree, Loaded)
            and artifact.tree.documents
        ):
            body = artifact.tree.documents[0].value
            if isinstance(body, Map):
                body = _without_unknowns(body) if artifact.problems else body
                found[folder] = Kustomization(folder, artifact, body)
    return found


def _without_unknowns(value: Any) -> Any:
    """A tree without the entries its syntax could not read, which are reported as such."""
    if isinstance(value, Map):
        kept = made(value.span, [(k, v, value.at[k]) for k, v in value.items() if not isinstance(v, Unknown)])
        for key in kept:
            kept[key] = _without_unknowns(kept[key])
        return kept
    if isinstance(value, Seq):
        listed = Seq(value.span)
        for item, entry in zip(value, value.at, strict=True):
            if not isinstance(item, Unknown):
                listed.append(_without_unknowns(item))
                listed.at.append(entry)
        return listed
    return value


def entries(body: Map, key: str) -> Iterator[tuple[Any, Span]]:
    """The entries of a list of paths or addresses (text or Unknown), with where they are written."""
    value = body.get(key)
    for index, text in enumerate(value if isinstance(value, Seq) else ()):
        source, _, _, start, end = value.at[index]  # type: ignore[union-attr]
        if isinstance(text, (str, Unknown)):
            yield text, (source, start, end)


def join(folder: str, text: Any) -> str | None:
    """The path below the root that a relative one leads to; None for an address and for what leaves the root."""
    if not isinstance(text, str) or "://" in text or text.startswith(("/", "git@")) or len(text) > 1000:
        return None
    path = posixpath.normpath(posixpath.join(folder, text))
    if path == ".":
        return ""
    return None if path == ".." or path.startswith("../") else path


def is_remote(text: str) -> bool:
    """Whether an entry is an address (https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/resource/)."""
    host, slash, rest = text.partition("/")
    hosted = slash != "" and "." in host.strip(".") and not rest.endswith((".yaml", ".yml", ".json"))
    return "://" in text or text.startswith("git@") or "?ref=" in text or hosted


def consumed_files(folder: str, body: Map) -> set[str]:
    """Paths of the files a kustomization uses, which are no loose manifests for that."""
    texts: list[Any] = [text for key in _FILES for text, _ in entries(body, key)]
    texts += [
        item.get("path")
        for key in _WITH_PATH
        for item in [*maps(body.get(key)), body.get(key)]
        if isinstance(item, Map)
    ]
    for generator in (item for key in _GENERATORS for item in maps(body.get(key))):
        for key in ("files", "envs"):
            texts += [str(text).rpartition("=")[2] for text, _ in entries(generator, key) if isinstance(text, str)]
    found = (join(folder, text) for text in texts if isinstance(text, str) and "\n" not in text)
    return {path for path in found if path}


class Reader:
    """Reads the files kustomizations name. refuse: hears what kustomize would not do; missing: what is not there."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.patches: dict[str, tuple[list[Patch], list[Patch], list[Missing]]] = {}

    def find(self, folder: str, text: Any) -> Artifact | None:
        """The file a kustomization names, None where it is not there."""
        path = join(folder, text)
        return None if path is None else self.workspace.artifacts.get(path)

    def documents(self, folder: str, text: Any) -> list[Any] | None:
        """The YAML documents of a file, None where it is not there or not readable."""
        artifact = self.find(folder, text)
        if artifact is None or artifact.problems:
            return None
        tree = artifact.tree
        if not isinstance(tree, Loaded):
            tree = load(artifact.source.index, artifact.source.text)
            if tree.problems:
                return None
        return [document.value for document in tree.documents if document.value is not None]

    def patches_of(self, folder: str, body: Map, refuse: Refuse) -> tuple[list[Patch], list[Patch], list[Missing]]:
        """The patches in the order they are applied: those before and after the other transformers; unreadable ones."""
        if folder not in self.patches:
            early: list[Patch] = []
            late: list[Patch] = []
            missing: list[Missing] = []
            strategic = body.get("patchesStrategicMerge")
            for index, text in enumerate(strategic if isinstance(strategic, Seq) else ()):
                entry = strategic.at[index]  # type: ignore[union-attr]
                early += self._patches(folder, text, entry, None, missing, refuse)
            for key, into in (("patches", early), ("patchesJson6902", late)):
                for item in maps(body.get(key)):
                    into += self.patch(folder, item, missing, refuse, key == "patchesJson6902")
            self.patches[folder] = early, late, missing
        return self.patches[folder]

    def patch(self, folder: str, item: Map, missing: list[Missing], refuse: Refuse, old: bool = False) -> list[Patch]:
        """The patches of one entry of `patches`."""
        target = item.get("target") if isinstance(item.get("target"), Map) else None
        fields = [field for field in ("path", "patch", "jsonOp") if item.get(field) not in (None, "")]
        if len(fields) != 1:
            refuse(item.span, "a patch has either a path or a text")
        found: list[Patch] = []
        options = item.get("options")
        options = options if isinstance(options, Map) else Map(item.span)
        for field in fields[:1]:
            found = self._patches(folder, item[field], item.at[field], target, missing, refuse)
        if target is not None and len(found) > 1 and isinstance(found[0].content, Map):
            refuse(found[0].span, "several patches in one text cannot have a target")
        return [
            each._replace(
                rename=options.get("allowNameChange") is True,
                retype=options.get("allowKindChange") is True,
                old=old,
            )
            for each in found
        ]

    def _text(self, folder: str, path: str | None, text: str) -> str:
        artifact = None if path is None else self.find(folder, text)
        return text if artifact is None else artifact.source.text

    def _patches(
        self, folder: str, text: Any, entry: Entry, target: Map | None, missing: list[Missing], refuse: Refuse
    ) -> list[Patch]:
        contents: list[Any] | None = None
        path = None
        span = (entry[0], entry[3], entry[4])
        if isinstance(text, str):
            path = None if "\n" in text else join(folder, text)
            if path is not None and path in self.workspace.artifacts:
                contents = self.documents(folder, text)
            elif "\n" in text or text.lstrip().startswith(("{", "[", "-")):
                path = None
                contents = _inline(text, entry, self.workspace)
        if isinstance(text, str) and not is_json(self._text(folder, path, text)):
            refuse(span, "a patch that begins with a bracket is no JSON")
        subject = path or f"a patch in {posixpath.join(folder, 'kustomization')}"
        if contents is None:
            why = overlay(path or "a patch")
            missing.append(Missing(path or "a patch", span, why))
            contents = [why]
        if not contents:
            refuse(span, "a patch is empty")
        for content in contents:
            if not isinstance(content, (Seq, Unknown)) and not well_formed(content):
                refuse(span, f"{subject} names neither a kind and an object nor operations")
        # What is no patch at all changes in unknown ways whatever its target selects.
        contents = [content if isinstance(content, (Map, Seq)) else overlay(subject) for content in contents]
        contents = [overlay(subject) if isinstance(c, Map) and not well_formed(c) else c for c in contents]
        return [Patch(content, target, subject, span) for content in contents]


def _inline(text: str, entry: Entry, workspace: Workspace) -> list[Any] | None:
    """A patch written as a text in the kustomization, with its own places where the text is a literal block."""
    loaded = load(entry[0], text)
    if loaded.problems:
        return None
    plain = [document.value for document in loaded.documents]
    source = next((a.source for a in workspace.artifacts.values() if a.source.index == entry[0]), None)
    if source is not None and source.text[entry[3] : entry[3] + 1] == "|":
        start = source.text.find("\n", entry[3]) + 1
        placed = load(entry[0], source.text, start=start, end=entry[4])
        values = [document.value for document in placed.documents]
        if not placed.problems and start and values == plain:
            return values
    return [_at_entry(value, entry) for value in plain]


def _at_entry(value: Any, entry: Entry) -> Any:
    """A value all of whose entries are said to stand where the text they are written in stands."""
    source, _, _, start, end = entry
    if isinstance(value, Map):
        moved = merge((value,), (source, start, end))
        for key in value:
            moved[key] = _at_entry(value[key], entry)
            moved.at[key] = (source, start, start, start, end)
        return moved
    if isinstance(value, Seq):
        listed = concatenate((value,), (source, start, end))
        listed[:] = [_at_entry(item, entry) for item in value]
        listed.at[:] = [(source, start, start, start, end)] * len(value)
        return listed
    return value


def unresolved(missing: Missing, unit: Unit, environment: Environment | None) -> Resource:
    """What stands for a part of a unit that was not read."""
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


def why_missing(workspace: Workspace, path: str | None, text: Any) -> Unknown:
    """Why what an entry leads to was not read."""
    if isinstance(text, Unknown):
        return text
    if path is not None and (path in workspace.paths or path + "/" in workspace.paths):
        return Unknown("template", text, "Render it, and scan the rendered manifests.")
    if path is not None and not is_remote(text):
        return Unknown("missing-input", text, "Add the file, or scan where it has been made.")
    return Unknown("remote-source", text, "Scan the rendered manifests (kustomize build), or vendor the base.")
