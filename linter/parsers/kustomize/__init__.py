"""Kustomizations → the objects they build, one unit per kustomization that no other one uses.

Encodes https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/. Local bases, components and files are
followed; what lies elsewhere, and what plugins or Helm would add, becomes `kubernetes/unresolved`: in that unit nothing
is known to be absent.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, partial
from typing import Any

from linter.discovery.environments import environment_of
from linter.model import Artifact, Map, Resource, Span, Unit, Unknown, Workspace
from linter.parsers.kubernetes.objects import KUSTOMIZATIONS, Object, address_of, metadata_of, resources_of
from linter.parsers.kustomize.fields import Fields
from linter.parsers.kustomize.generate import absorbed, generated, suffixed
from linter.parsers.kustomize.names import followed
from linter.parsers.kustomize.patches import Refuse
from linter.parsers.kustomize.plugins import LOCAL, note_metadata, run, unknown_parts
from linter.parsers.kustomize.read import (
    Kustomization,
    Missing,
    Reader,
    consumed_files,
    entries,
    join,
    unresolved,
    why_missing,
)
from linter.parsers.kustomize.state import Absent, Beyond, Item, Refused, text_of
from linter.parsers.kustomize.steps import both, complaints, configured, default_fields, transformed
from linter.parsers.kustomize.vars import noted, resolved
from linter.trees import maps, says

CHAIN_LIMIT = 50
STEP_LIMIT = 5_000
OBJECT_LIMIT = 5_000
_REMEDY = "kustomize refuses to build this: correct it, and compare with `kustomize build`."


class Built:
    """What a kustomization makes. fields: where its transformers and those above it write.

    seen: what its objects are known by, None where that is to be found out again.
    """

    __slots__ = ("fields", "items", "missing", "seen", "variables")

    def __init__(self, fields: Fields) -> None:
        self.items: list[Item] = []
        self.missing: list[Missing] = []
        self.variables: list[Map] = []
        self.fields = fields
        self.seen: set[tuple[str, ...]] | None = None


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
        self.reader = Reader(workspace)
        self.refused: set[tuple[Span, str]] = set()
        self.steps = 0
        self.consumed = {path for path in objects if path.rpartition("/")[2] in KUSTOMIZATIONS}
        for kustomization in kustomizations.values():
            self.consumed |= consumed_files(kustomization.folder, kustomization.body)

    @cached_property
    def defaults(self) -> Fields:
        return default_fields()

    def expand(self) -> Iterator[Resource]:
        """The resources of every root kustomization."""
        for folder in self._roots():
            path = self.kustomizations[folder].artifact.path
            self.workspace.progress(path)
            environment = environment_of(path, self.workspace.settings, self.workspace.paths)
            self.steps = 0
            built = self._build(folder, (), None)
            unit = Unit("kustomize", folder)
            for item in self._finished(folder, built):
                done = Object(item.body, item.extent, item.path, item.callers, item.names)
                yield from resources_of(done, unit, environment, self.cluster, self._address(item))
            for missing in {(item.source, item.span): item for item in built.missing}.values():
                yield unresolved(missing, unit, environment)

    def _finished(self, folder: str, built: Built) -> list[Item]:
        """The objects with what is done last: suffixes made of content, names that follow, variables."""
        body = self.kustomizations[folder].body
        refuse = self._refuser(built)
        items = [suffixed(item) for item in built.items]
        try:
            items = followed(items, built.fields.references)
            items = resolved(items, built.variables, built.fields.lists["varReference"], refuse)
        except Refused as why:
            refuse(body.span, why)
        items = note_metadata(body, items)
        return [item for item in items if text_of(_annotation(item, LOCAL)) in ("", "false")]

    def _address(self, item: Item) -> str:
        """What a person calls an object: not by the suffix that changes with its content."""
        address = address_of(item.body, self.cluster)
        suffixed = item.hashed and item.past and address.startswith(f"{item.body['kind']}/")
        return f"{address.rpartition('/')[0]}/{item.past[-1][1]}" if suffixed else address

    def _refuser(self, built: Built) -> Refuse:
        """Says what kustomize would not build; nothing where what is missing may be why."""

        def refuse(span: Span, why: str | Refused) -> None:
            said = "" if isinstance(why, Beyond) else "kustomize would not build this: "
            explained = isinstance(why, Absent) and bool(built.missing)
            if not explained and (span, str(why)) not in self.refused:
                self.refused.add((span, str(why)))
                self.workspace.fail("artifact-unparsed", span, f"{said}{why}", _REMEDY)

        return refuse

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

    def _build(self, folder: str, trail: tuple[str, ...], given: Built | None) -> Built:
        """What a kustomization makes. given: for a component, what the one that uses it has made so far."""
        if given is None and folder in self.built:
            return self.built[folder]
        self.steps += 1
        body = self.kustomizations[folder].body
        built = given or Built(self.defaults)
        refuse = self._refuser(built)
        if given is None and says(body.get("kind"), "Component"):
            why = Unknown("remote-source", folder, "Scan it with the overlay that uses this component.")
            built.missing.append(Missing("the kustomization that uses this component", body.span, why))
        for span, complaint in complaints(body):
            refuse(span, complaint)
        trail = (*trail, folder)
        for key in ("resources", "bases"):
            for text, span in entries(body, key):
                self._add(built, text, span, trail)
        built.missing.extend(unknown_parts(folder, body, self.reader))
        self._configure(folder, body, built, refuse)
        self._generate(folder, body, built, refuse)
        for text, span in entries(body, "components"):
            self._add(built, text, span, trail, component=True)
        built.seen = None
        built.items = transformed(folder, body, built.items, built.fields, self.reader, built.missing, refuse)
        built.items = run(folder, body, "transformers", built.items, self.reader, built.missing, refuse, self.defaults)
        own = maps(body.get("vars"))
        try:
            built.items = noted(built.items, own)
        except Refused as why:
            refuse(body.span, why)
        built.variables = [*built.variables, *own]
        if given is None:
            self.built[folder] = built
        return built

    def _configure(self, folder: str, body: Map, built: Built, refuse: Refuse) -> None:
        """Take in transformer configurations."""
        for text, span in entries(body, "configurations"):
            documents = self.reader.documents(folder, text)
            if documents is None:
                built.missing.append(
                    Missing(text_of(text), span, why_missing(self.workspace, join(folder, text), text))
                )
            for document in documents or ():
                try:
                    built.fields = configured(built.fields, document) if isinstance(document, Map) else built.fields
                except Refused as why:
                    refuse(span, why)

    def _generate(self, folder: str, body: Map, built: Built, refuse: Refuse) -> None:
        path = self.kustomizations[folder].artifact.path
        options = body.get("generatorOptions")
        for key, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
            for generator in maps(body.get(key)):
                try:
                    new = generated(
                        generator,
                        kind,
                        path,
                        options if isinstance(options, Map) else None,
                        partial(self._file, folder, built, generator),
                    )
                    built.items = absorbed(built.items, new)
                except Refused as why:
                    refuse(generator.span, why)
        built.items = run(folder, body, "generators", built.items, self.reader, built.missing, refuse, self.defaults)
        built.seen = None

    def _file(self, folder: str, built: Built, generator: Map, text: Any) -> Artifact | None:
        """A file a generator takes in."""
        found = self.reader.find(folder, text)
        if found is None and isinstance(text, str):
            built.missing.append(Missing(text, generator.span, why_missing(self.workspace, join(folder, text), text)))
        elif found is not None and folder and not found.path.startswith(folder + "/"):
            self._refuser(built)(generator.span, f"{found.path} lies outside the folder of the kustomization")
        return found

    def _add(self, built: Built, text: Any, span: Span, trail: tuple[str, ...], component: bool = False) -> None:
        """Add what an entry of `resources`, `bases` or `components` leads to."""
        path = join(trail[-1], text)
        refuse = self._refuser(built)
        if path is None or (path not in self.kustomizations and path not in self.objects):
            if path is not None and path in self.workspace.paths and path.endswith((".yaml", ".yml", ".json")):
                return  # recognised as nothing: a file without objects
            built.missing.append(
                Missing("?" if isinstance(text, Unknown) else text, span, why_missing(self.workspace, path, text))
            )
        elif path not in self.kustomizations:
            if trail[-1] and not path.startswith(trail[-1] + "/"):
                refuse(span, f"{path} lies outside the folder of the kustomization")
            self._append(built, [Item(*item[:4]) for item in self.objects[path]], span)
        elif not self._refused(path, span, trail, len(built.items)):
            if component != says(self.kustomizations[path].body.get("kind"), "Component"):
                refuse(span, f"{path} is {'no' if component else 'a'} component")
            if component:
                there = {id(item.extent) for item in built.items}
                self._build(path, trail, built)
                built.items = [
                    item if id(item.extent) in there else item._replace(callers=(span, *item.callers))
                    for item in built.items
                ]
                return
            inner = self._build(path, trail, None)
            built.missing.extend(inner.missing)
            built.variables = [*built.variables, *inner.variables]
            try:
                built.fields = both(built.fields, inner.fields)
            except Refused as why:
                refuse(span, why)
            self._append(built, [item._replace(callers=(span, *item.callers)) for item in inner.items], span)

    def _append(self, built: Built, new: list[Item], span: Span) -> None:
        """Add objects, and say which are there already."""
        seen = built.seen = {_key(item) for item in built.items} if built.seen is None else built.seen
        for item in new:
            key = _key(item)
            if "?" not in key and key in seen:
                self._refuser(built)(span, f"{item.now.kind} {item.now.name} is there already")
            elif "name" not in metadata_of(item.body):
                self._refuser(built)(span, f"a {item.now.kind} has no name")
            seen.add(key)
            built.items.append(item)

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


def _key(item: Item) -> tuple[str, ...]:
    now = item.now
    return (*now[:4], now.place)


def _annotation(item: Item, key: str) -> Any:
    annotations = metadata_of(item.body).get("annotations")
    return annotations.get(key) if isinstance(annotations, Map) else None
