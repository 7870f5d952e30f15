"""Template files of Azure pipelines: found by the path an include names, read once, never fetched.

Encodes https://learn.microsoft.com/azure/devops/pipelines/process/templates: a path counts from the file that names it, with
a leading slash from the repository's beginning; `@self` is the pipeline's own repository, any other `@name` one of
`resources.repositories`.
"""

from __future__ import annotations

import posixpath
from typing import Any

from linter.model import Map, Source, Span, Unknown, Workspace
from linter.records import NamedTuple
from linter.syntax.yaml import Loaded, load


class File(NamedTuple):
    path: str
    source: Source
    root: Map


class Include(NamedTuple):
    """A template that is named. kind: local, remote (another repository's) or unknown (an expression decides).

    given: the parameters it gets.
    raw: as written; name: the path in its repository; repository: the alias behind `@`; file: None where not in the tree.
    """

    kind: str
    raw: str
    name: str
    repository: str
    section: str
    file: File | None
    span: Span
    given: Any = None


class Files:
    """The template files of a tree."""

    __slots__ = ("known", "paths", "workspace")

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.known: dict[str, File | None] = {}
        self.paths: dict[int, str] = {}

    def include(self, item: Map, path: str, section: str, pipeline: str) -> Include:
        entry = item.at["template"]
        span = (entry[0], entry[3], entry[4])
        written, given = item["template"], item.get("parameters")
        if not isinstance(written, str):
            subject = written.subject if isinstance(written, Unknown) else ""
            return Include("unknown", subject, "", "", section, None, span, given)
        name, _, repository = written.strip().replace("\\", "/").partition("@")
        if repository and repository.lower() != "self":
            return Include("remote", written, name, repository, section, None, span, given)
        base = self.paths.get(entry[0], path)
        file = next(
            (file for at in self._candidates(name, base, pipeline) if (file := self.load(at)) is not None), None
        )
        return Include("local", written, name, repository, section, file, span, given)

    @staticmethod
    def _candidates(name: str, base: str, pipeline: str) -> list[str]:
        """Where a path may lead; the repository may begin in any folder above the pipeline."""
        if len(name) > 1000:
            return []
        if not name.startswith("/"):
            return [posixpath.normpath(posixpath.join(posixpath.dirname(base), name))]
        folder, found = posixpath.dirname(pipeline), []
        while True:
            found.append(posixpath.normpath(posixpath.join(folder, name.lstrip("/"))))
            if not folder:
                return found[::-1][:40]
            folder = posixpath.dirname(folder)

    def load(self, path: str) -> File | None:
        if path not in self.known:
            file = self.known[path] = self._read(path)
            if file is not None:
                self.paths[file.source.index] = path
        return self.known[path]

    def _read(self, path: str) -> File | None:
        artifact = self.workspace.artifacts.get(path)
        if artifact is not None and artifact.format == "azure":
            return _first(path, artifact.source, artifact.tree)
        if path not in self.workspace.paths:
            return None
        if artifact is not None:
            return _first(path, artifact.source, read(artifact.source)[0])
        data = self.workspace.read(path)
        if data is None:
            return None
        from linter.text import decode

        source = self.workspace.register(path, decode(data, wide=True)[0])
        if source is None:
            return None
        loaded = read(source)[0]
        for problem in loaded.problems[:20]:
            span = (source.index, problem.start, problem.end)
            remedy = problem.remedy or "Correct it: what follows is not judged."
            self.workspace.fail("artifact-unparsed", span, problem.message, remedy)
        return _first(path, source, loaded)

    def sources(self) -> dict[int, Source]:
        """The texts that were read, by their index."""
        return {file.source.index: file.source for file in self.known.values() if file is not None}


def _first(path: str, source: Source, tree: Any) -> File | None:
    documents = getattr(tree, "documents", ())
    root = documents[0].value if documents else None
    return File(path, source, root) if isinstance(root, Map) else None


def scalar(text: str) -> Any:
    """A plain scalar as Azure Pipelines means it: booleans, whole numbers and null; versions and fractions stay text."""
    low = text.lower()
    if low in ("true", "false"):
        return low == "true"
    if low in ("", "~", "null"):
        return None
    if text.isascii() and text.isdecimal() and len(text) < 16 and (text[0] != "0" or text == "0"):
        return int(text)
    return text


def read(source: Source) -> tuple[Loaded, list[Any]]:
    """A file's documents. Keys that are expressions may stand in one mapping several times (`${{ else }}`), each with a
    meaning of its own: such a text is read again with those keys told apart by a first character no file has."""
    loaded = load(source.index, source.text, scalar)
    text = source.text
    marks = [(at, each) for each in loaded.duplicates if (at := text.find("${{", each.start, each.end + 3)) >= 0]
    if marks:
        pieces, position = [], 0
        for number, (at, _) in enumerate(marks[:6000]):
            pieces += [text[position:at], chr(0xE000 + number)]
            position = at + 1
        loaded = load(source.index, "".join((*pieces, text[position:])), scalar)
    return loaded, loaded.problems
