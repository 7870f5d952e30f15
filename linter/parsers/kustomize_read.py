"""What a kustomization file says: the files it uses up, its patches, its replacements."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from linter.model import Artifact, Entry, Map, Seq, Span, Unknown, Workspace, concatenate, merge
from linter.parsers.kubernetes_objects import KUSTOMIZATIONS, Object
from linter.parsers.kustomize_edit import Step, made, overlay, put
from linter.parsers.kustomize_patches import Patch
from linter.parsers.kustomize_select import selected
from linter.records import NamedTuple
from linter.syntax.yaml import Loaded, load

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


def maps(value: Any) -> list[Map]:
    """The mappings in a list, nothing for anything else."""
    return [item for item in value if isinstance(item, Map)] if isinstance(value, Seq) else []


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


def patches_of(folder: str, body: Map, workspace: Workspace) -> tuple[list[Patch], list[Missing]]:
    """The patches in the order they are applied, and those that could not be read."""
    patches: list[Patch] = []
    missing: list[Missing] = []
    strategic = body.get("patchesStrategicMerge")
    for index, text in enumerate(strategic if isinstance(strategic, Seq) else ()):
        _read_patch(folder, text, strategic.at[index], None, workspace, patches, missing)  # type: ignore[union-attr]
    for key in ("patches", "patchesJson6902"):
        for item in maps(body.get(key)):
            target = item.get("target")
            for field in ("path", "patch"):
                if item.get(field) is not None:
                    target = target if isinstance(target, Map) else None
                    _read_patch(folder, item[field], item.at[field], target, workspace, patches, missing)
    return patches, missing


def _read_patch(
    folder: str,
    text: Any,
    entry: Entry,
    target: Map | None,
    workspace: Workspace,
    patches: list[Patch],
    missing: list[Missing],
) -> None:
    contents: list[Any] | None = None
    path = None
    if isinstance(text, str):
        path = None if "\n" in text else join(folder, text)
        if path is not None and path in workspace.artifacts:
            artifact = workspace.artifacts[path]
            if isinstance(artifact.tree, Loaded) and not artifact.problems:
                contents = [document.value for document in artifact.tree.documents]
        elif "\n" in text or text.lstrip().startswith(("{", "[", "-")):
            contents = _inline(text, entry, workspace)
    if contents is None:
        subject = path or "a patch"
        why = overlay(subject)
        missing.append(Missing(subject, (entry[0], entry[3], entry[4]), why))
        contents = [why]
    subject = path or f"a patch in {posixpath.join(folder, 'kustomization')}"
    patches.extend(Patch(content, target, subject) for content in contents if content is not None)


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


def replaced(body: Map, objects: list[Object]) -> list[Object]:
    """The objects with the fields that `replacements` fill in unknown."""
    for replacement in maps(body.get("replacements")):
        for target in maps(replacement.get("targets")):
            select = target.get("select")
            paths = [text for text, _ in entries(target, "fieldPaths") if isinstance(text, str)]
            objects = [_filled(item, select, paths) for item in objects]
    return objects


def _filled(item: Object, select: Any, paths: list[str]) -> Object:
    if not isinstance(select, Map) or selected(select, item) is False:
        return item
    body = item.body
    for path in paths:
        for steps in _field_paths(body, path.split(".")):
            holder: Any = body
            for step in steps[:-1]:
                holder = holder[step]
            source, start, end = body.span
            written = _entry(holder, steps[-1]) or (source, start, start, start, end)
            body = put(body, steps, overlay(f"the replacement of {path}"), written)
    return item if body is item.body else item._replace(body=body)


def _entry(holder: Any, step: Step) -> Entry | None:
    if isinstance(holder, Map):
        return holder.at.get(step)
    return holder.at[step] if isinstance(holder, Seq) and isinstance(step, int) else None


def _field_paths(value: Any, parts: list[str]) -> Iterator[list[Step]]:
    """The steps that a field path of a replacement leads to; `[name=x]` and `*` go through lists."""
    if not parts:
        yield []
        return
    part, rest = parts[0], parts[1:]
    steps: list[Step] = []
    if isinstance(value, Map):
        steps = [part] if part in value or not rest else []
    elif isinstance(value, Seq):
        key, found, wanted = part.strip("[]").partition("=")
        for index, item in enumerate(value):
            held = item.get(key) if isinstance(item, Map) else None
            if part == "*" or part == str(index) or (found and isinstance(held, str) and held == wanted):
                steps.append(index)
    for step in steps:
        inner = value.get(step) if isinstance(value, Map) else value[step]
        for tail in _field_paths(inner, rest):
            yield [step, *tail]
