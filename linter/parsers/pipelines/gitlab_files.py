"""The files of one GitLab pipeline: the first, and all that its `include` brings in from the tree, as one configuration.

Encodes https://docs.gitlab.com/ci/yaml/#include. Paths count from the folder the repository begins at. What comes from
other projects, the network, GitLab's own templates and components is named and never fetched.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, MutableMapping
from typing import Any

from linter.globs import path_matches
from linter.model import Artifact, Entry, Map, Seq, Span, Unknown, Workspace, merge
from linter.parsers.pipelines.gitlab_inputs import defaults, filled, is_header
from linter.parsers.pipelines.gitlab_merge import Fault, deep_merge
from linter.parsers.pipelines.gitlab_rules import matched
from linter.trees import put

MAX_FILES = 150
"""GitLab's own default (`ci_max_includes`)."""
MAX_DEPTH = 100
MAX_ENTRIES = 400_000

KINDS = ("local", "project", "remote", "template", "component", "artifact")


class Read:
    """One text read: what stands below its header, the header's inputs, where references stand, whether all was read."""

    __slots__ = ("content", "inputs", "references", "whole")

    def __init__(
        self, content: Map, inputs: dict[str, Any], references: frozenset[tuple[int, int]], whole: bool
    ) -> None:
        self.whole = whole
        self.content = content
        self.inputs = inputs
        self.references = references


class Library:
    """Every configuration file of the tree that some pipeline uses, each read once."""

    __slots__ = ("_read", "workspace")

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._read: dict[str, Read | None] = {}

    def get(self, path: str) -> Read | None:
        """A file by its path below the root; None where it cannot be read, or is no mapping, which has been told."""
        if path not in self._read:
            self._read[path] = None
            self._read[path] = self._load(path)
        return self._read[path]

    def _load(self, path: str) -> Read | None:
        artifact = self.workspace.artifacts.get(path)
        if artifact is None or not hasattr(artifact.tree, "documents"):
            artifact = self._open(path)
        if artifact is None:
            return None
        documents, index = artifact.tree.documents, artifact.source.index
        header = documents[0].value if len(documents) > 1 and is_header(documents[0].value) else None
        document = documents[1 if header is not None else 0] if documents else None
        whole = all(problem.lossless for problem in artifact.problems)
        if document is None or document.value is None:
            return Read(Map((index, 0, 0)), {}, frozenset(), whole)
        references = frozenset((index, start) for start, tag in artifact.tree.tags.items() if tag == "!reference")
        if not isinstance(document.value, Map):
            span = (index, document.start, document.end)
            remedy = "Correct it: GitLab refuses the whole file."
            self.workspace.fail("artifact-unparsed", span, "a pipeline's configuration is one mapping", remedy)
            return None
        return Read(document.value, defaults(header), references, whole)

    def _open(self, path: str) -> Artifact | None:
        """A file that is no artifact by itself, such as one that only `include` names."""
        from linter.syntax import yaml
        from linter.text import decode

        data = self.workspace.read(path)
        source = self.workspace.register(path, decode(data)[0]) if data is not None else None
        if source is None:
            return None
        loaded = yaml.load(source.index, source.text, "1.1")
        for problem in loaded.problems:
            span = (source.index, problem.start, problem.end)
            remedy = problem.remedy or "Correct it: GitLab refuses the whole file."
            self.workspace.fail("artifact-unparsed", span, problem.message, remedy)
        return Artifact(path, "gitlab", source, loaded, loaded.problems)


class Gathering:
    """What one pipeline is made of.

    raw: the files merged. includes: what they name (see model.py), each where it is written. references: see
    Configuration. open: why more may belong to it. faults: what GitLab refuses. files: the paths read.
    """

    __slots__ = ("_left", "_library", "base", "faults", "files", "includes", "open", "references")

    def __init__(self, library: Library, base: str) -> None:
        self._library = library
        self._left = [MAX_ENTRIES]
        self.base = base
        self.includes: list[tuple[Map, Entry]] = []
        self.references: frozenset[tuple[int, int]] = frozenset()
        self.open: Unknown | None = None
        self.faults: list[Fault] = []
        self.files: list[str] = []

    def read(self, path: str, inputs: MutableMapping[str, Any], chain: tuple[str, ...] = ()) -> Map | None:
        """A file with all that it includes merged below it; None where it cannot be read."""
        read = self._library.get(path)
        if read is None:
            return None
        self.files.append(path)
        self.references |= read.references
        if not read.whole:
            self._may_be_more("expression", path, "correct it: it may hold what is looked for")
        content = filled(read.content, ChainMap(inputs, read.inputs))
        if "include" not in content:
            return merge((content,), content.span)
        made = self._included(content["include"], content.at["include"], (*chain, path))
        own = merge((content,), content.span)
        del own["include"], own.at["include"]
        merged = own if made is None else deep_merge(made, own, self._left)
        merged.span = content.span
        return merged

    def _included(self, value: Any, entry: Entry, chain: tuple[str, ...]) -> Map | None:
        made: Map | None = None
        for each, at in listed(value, entry):
            for part in self._one(each, at, chain):
                made = part if made is None else deep_merge(made, part, self._left)
        return made

    def _one(self, value: Any, entry: Entry, chain: tuple[str, ...]) -> Iterator[Map]:
        record = include(value, entry)
        if record is None:
            return
        rules = value.get("rules") if isinstance(value, Map) else None
        wanted = matched(rules, {}, self.exists) if rules is not None else True
        if wanted is False:
            return
        self.includes.append((record, entry))
        if record["kind"] != "local":
            self._may_be_more("remote-source", str(record["raw"]), "what this include holds is not in the repository")
            return
        if wanted is None:
            put(record, "conditional", True, entry)
        given = value.get("inputs") if isinstance(value, Map) else None
        inputs = {str(key): item for key, item in given.items()} if isinstance(given, Map) else {}
        for path in self._paths(record, entry):
            if path in chain or len(chain) > MAX_DEPTH:
                span = (entry[0], entry[3], entry[4])
                self.faults.append((span, f"`include` leads from `{path}` back to itself"))
            elif len(self.files) < MAX_FILES:
                part = self.read(path, inputs, chain)
                if part is not None:
                    yield part
                else:
                    self._may_be_more("expression", path, "correct it: it may hold what is looked for")
            else:
                self._may_be_more("budget", "include", f"more than {MAX_FILES} files belong to this pipeline")

    def _may_be_more(self, cause: str, subject: str, remedy: str) -> None:
        if self.open is None:
            self.open = Unknown(cause, subject, remedy)

    def _paths(self, record: Map, entry: Entry) -> list[str]:
        """The files of the tree that a local include names; what it does not find is told in the record."""
        name = str(record["name"]).lstrip("/")
        if "$" in name:
            self._may_be_more("run-time", str(record["raw"]), "write the path of the include out")
            return []
        paths = self._library.workspace.paths
        if "*" in name:
            pattern = f"{self.base}{name}"
            found = sorted(path for path in paths if path.endswith((".yml", ".yaml")) and path_matches(pattern, path))
        else:
            found = [self.base + name] if self.base + name in paths else []
        if not found:
            put(record, "missing", True, entry)
            self._may_be_more("expression", name, "correct the path: no such file is in the tree")
        return found

    @property
    def paths(self) -> frozenset[str]:
        return self._library.workspace.paths

    def exists(self, patterns: Any) -> bool | None:
        """Whether the repository has a file that one of some globs names; None where the globs are not fixed."""
        if isinstance(patterns, Map):
            if "project" in patterns:
                return None
            patterns = patterns.get("paths")
        globs = [patterns] if isinstance(patterns, str) else patterns
        if not isinstance(globs, Seq) and not isinstance(globs, list):
            return None
        unsure = False
        for glob in globs[:50]:
            if not isinstance(glob, str) or "$" in glob or any(char in glob for char in "[]{}"):
                unsure = True
            elif self._there(self.base + glob.lstrip("/")):
                return True
        return None if unsure or len(globs) > 50 else False

    def _there(self, glob: str) -> bool:
        paths = self._library.workspace.paths
        if "*" not in glob and "?" not in glob:
            return glob in paths
        return any(path_matches(glob, path) for path in paths if not path.endswith("/"))


def listed(value: Any, entry: Entry) -> list[tuple[Any, Entry]]:
    """The elements of a list with their places, or the one thing that stands where a list may."""
    if isinstance(value, Seq):
        return list(zip(value, value.at, strict=True))
    return [(value, entry)] if value is not None else []


def include(value: Any, entry: Entry) -> Map | None:
    """One element of `include` taken apart: kind, raw, name, ref; None where it has no form that GitLab reads."""
    made = Map((entry[0], entry[3], entry[4]))
    if isinstance(value, str):
        kind = "remote" if value.startswith(("http://", "https://")) else "local"
        _fill(made, kind, value, value, "", (entry[0], entry[3], entry[3], entry[3], entry[4]))
        return made
    if not isinstance(value, Map):
        return None
    kind = next((key for key in KINDS if key in value and isinstance(value[key], str)), "")
    if not kind:
        return None
    at = value.at[kind]
    name, ref = value[kind], value.get("ref")
    if kind == "component":
        name, _, ref = name.rpartition("@") if "@" in name else (name, "", "")
    _fill(made, kind, value[kind], name, ref if isinstance(ref, (str, int, float)) else "", at)
    for key in ("ref", "file", "integrity", "job", "inputs"):
        if key in value and key not in ("ref",):
            put(made, key, value[key], value.at[key])
    if "ref" in value:
        made.at["ref"] = value.at["ref"]
    return made


def _fill(made: Map, kind: str, raw: str, name: str, ref: Any, at: Entry) -> None:
    for key, item in (("kind", kind), ("raw", raw), ("name", name), ("ref", str(ref))):
        put(made, key, item, at)


def spans(faults: list[Fault]) -> Iterator[tuple[Span, str]]:
    """Each fault once."""
    yield from dict.fromkeys(faults)
