"""Azure Pipelines as the common model: each pipeline with the templates it includes, expanded.

Encodes https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/ and …/process/templates. A template that some file of
the tree includes is judged through what includes it; one that nothing includes is read by itself, its parameters unknown.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator
from typing import Any

from linter.model import Artifact, Map, Resource, Seq, Unit, Workspace
from linter.parsers.pipelines.azure_expand import Expander
from linter.parsers.pipelines.azure_files import File, Files, Include
from linter.parsers.pipelines.azure_forms import plain, scalar_at, triggers
from linter.parsers.pipelines.azure_found import Found
from linter.parsers.pipelines.azure_jobs import Jobs
from linter.parsers.pipelines.azure_kept import groups, variables_of
from linter.parsers.pipelines.azure_scope import Scope, free_parameters, parameters_of
from linter.parsers.pipelines.azure_shape import faults, is_pipeline
from linter.parsers.pipelines.azure_steps import Place, record
from linter.parsers.pipelines.github_forms import gather, whole
from linter.trees import as_map, maps, put

_MOST_TOLD = 20


def expand(workspace: Workspace) -> Iterator[Resource]:
    """Resources of every Azure pipeline of the tree, then of the templates that none of them reached."""
    files = Files(workspace)
    waiting: dict[str, File] = {}
    for artifact in workspace.of_format("azure"):
        file = files.load(artifact.path)
        if file is not None:
            waiting.setdefault(file.path, file)
        else:
            _no_mapping(workspace, artifact)
    named = _named(files, waiting)
    told: set[Any] = set()
    touched: set[str] = set()
    # Pipelines first; what they leave untouched (templates without a caller, or in a circle of their own) afterwards.
    ranks = ((False, True), (False, False), (True, True), (True, False))
    for included, runs in ranks:
        batch = [file for path, file in waiting.items() if (path in named) is included]
        made: list[tuple[str, list[Resource]]] = []
        for file in batch:
            if is_pipeline(file.path, file.root) is not runs or file.path in touched:
                continue
            workspace.progress(file.path)
            reader = _Reader(workspace, files, file, runs and not included)
            resources = reader.read()
            _tell(workspace, reader, told)
            made.append((file.path, resources))
            touched |= reader.found.touched
            if included:
                touched.add(file.path)
        for path, resources in made:
            if included or path not in touched:
                yield from resources


def _no_mapping(workspace: Workspace, artifact: Artifact) -> None:
    documents = getattr(artifact.tree, "documents", ())
    if documents and isinstance(documents[0].value, (Seq, str, int, float)):
        span = (artifact.source.index, documents[0].start, documents[0].end)
        workspace.fail("artifact-unparsed", span, "a pipeline is one mapping", _REMEDY)


_REMEDY = "Correct it: Azure Pipelines refuses the whole file."


def _named(files: Files, waiting: dict[str, File]) -> set[str]:
    """The paths that some file of the tree includes by a literal path."""
    found: set[str] = set()
    for file in waiting.values():
        stack: list[Any] = [file.root]
        while stack:
            value = stack.pop()
            if isinstance(value, Map):
                written = value.get("template")
                if isinstance(written, str) and "${{" not in written:
                    include = files.include(value, file.path, "", file.path)
                    if include.file is not None and include.file.path != file.path:
                        found.add(include.file.path)
                stack.extend(value.values())
            elif isinstance(value, Seq):
                stack.extend(value)
    return found


def _tell(workspace: Workspace, reader: _Reader, told: set[Any]) -> None:
    complaints = list(faults(reader.root, reader.found.guards))
    if reader.found.over is not None:
        complaints.append((reader.found.over, "the templates expand to more than is read: the rest is not judged"))
    for span, message in complaints:
        if span not in told and len(told) < 10_000:
            told.add(span)
            if reader.complaints < _MOST_TOLD:
                reader.complaints += 1
                workspace.fail("artifact-unparsed", span, message, _REMEDY)


class _Reader:
    """Reads one pipeline, or one template by itself. runs: it is a pipeline."""

    __slots__ = ("complaints", "file", "found", "place", "root", "runs", "workspace")

    def __init__(self, workspace: Workspace, files: Files, file: File, runs: bool) -> None:
        expander = Expander(files)
        parameters = parameters_of(file.root.get("parameters"), None, not runs)
        scope = Scope(file.path, parameters, ChainMap(), ChainMap(), (), (file.path,))
        if runs:
            expander.found.free[file.source.index] = free_parameters(file.root.get("parameters"))
        self.root = expander.file(file.root, scope)
        self.found: Found = expander.found
        self.file = file
        self.runs = runs
        self.workspace = workspace
        self.complaints = 0
        sources = files.sources()
        self.place = Place(file.path, Unit("workflow", file.path), self.found, sources, workspace.settings)

    def read(self) -> list[Resource]:
        root, raw = self.root, self.file.root
        at = whole(raw)
        body = Map(raw.span)
        put(body, "platform", "azure", at)
        put(body, "name", self.file.path.rsplit("/", 1)[-1], at)
        anchor = _anchor(raw)
        place = (anchor[0], anchor[1], anchor[1], anchor[1], anchor[2])
        put(body, "triggers", triggers(root, place, self.runs), root.at.get("trigger", place))
        if "parameters" in raw:
            put(body, "parameters", raw["parameters"], raw.at["parameters"])
        if "variables" in root:
            entry = root.at["variables"]
            put(body, "variables", root["variables"], entry)
            env = variables_of(self.place, root["variables"], root.span)
            if env:
                put(body, "env", env, entry)
            held = groups(root["variables"], entry)
            if held:
                put(body, "credentials", held, entry)
        if plain(root.get("lockBehavior")):
            made = Map(raw.span)
            put(made, "group", self.file.path, root.at["lockBehavior"])
            put(made, "cancel", plain(root["lockBehavior"]).lower() == "runlatest", root.at["lockBehavior"])
            put(body, "concurrency", made, root.at["lockBehavior"])
        if "resources" in root:
            put(body, "resources", root["resources"], root.at["resources"])
        put(body, "includes", self._includes(), at)
        pipeline = Resource("pipeline/pipeline", self.file.path, body["name"], self.place.unit, body, anchor, raw.span)
        pipeline.context = {"workflow": root, "pipeline": body, "free": self.found.free}
        parts = list(Jobs(self.place, root, pipeline).all())
        self._expressions(body, parts)
        gather(body, [part.body for part in parts if part.kind == "pipeline/job"], at)
        return [pipeline, *parts]

    def _includes(self) -> Seq:
        """Every template that is named, once for each place, with the ref of its repository."""
        resources = as_map(self.root.get("resources"))
        known = {plain(each.get("repository")).lower(): each for each in maps(resources.get("repositories"))}
        made = Seq(self.file.root.span)
        seen = set()
        for include in self.found.includes:
            if include.span not in seen:
                seen.add(include.span)
                made.append(_include(include, known.get(include.repository.lower())))
                source, start, end = include.span
                made.at.append((source, start, start, start, end))
        return made

    def _expressions(self, body: Map, parts: list[Resource]) -> None:
        """Expressions of the templates that were not understood, and those of the pipeline's own variables."""
        self.place.expressions(body, ("env",))
        found = body["expressions"]
        known_of = (each for part in (body, *(part.body for part in parts)) for each in maps(part.get("expressions")))
        seen = {(each.span[0], each["text"]) for each in known_of if each["error"]}
        for (source, start, end), (written, parsed) in self.found.expressions.items():
            if (source, written) in seen:
                continue
            known = self.place.sources.get(source)
            at = known.text.find(written, start, end) if known is not None and written else -1
            span = (source, at, at + len(written)) if at >= 0 else (source, start, end)
            record(found, span, written, "template", parsed)


def _include(include: Include, repository: Map | None) -> Map:
    source, start, end = include.span
    entry = (source, start, start, start, end)
    made = Map(include.span)
    for key in ("kind", "raw", "name", "repository", "section"):
        put(made, key, getattr(include, key), entry)
    put(made, "found", include.file is not None, entry)
    if isinstance(include.given, Map):
        put(made, "parameters", include.given, entry)
    if repository is not None:
        put(made, "declared", True, entry)
        for key in ("type", "ref", "endpoint"):
            if key in repository:
                put(made, key, repository[key], scalar_at(repository.at[key]))
        put(made, "of", plain(repository.get("name")), repository.at.get("name", entry))
    return made


def _anchor(raw: Map) -> tuple[int, int, int]:
    """The `trigger` key, else the first."""
    entry = raw.at.get("trigger") or next(iter(raw.at.values()), whole(raw))
    return entry[0], entry[1], entry[2]
