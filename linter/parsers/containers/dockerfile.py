"""Dockerfiles as resources: the file, its stages and its instructions.

`docker/dockerfile` (address: the path), `docker/stage` (`Dockerfile#build`, `#0` for one without a name) and
`docker/<instruction>` (`Dockerfile#build:RUN`, `Dockerfile#build:RUN[2]`). Encodes the Dockerfile reference: a stage
starts from an image or an earlier stage and inherits its user, directory, environment and health check from the latter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model import Artifact, Entry, Map, Resource, Seq, Unit, Unknown, Workspace
from linter.parsers.containers.images import image
from linter.parsers.containers.substitution import replaced
from linter.parsers.pipelines import shell
from linter.syntax.dockerfile import Dockerfile
from linter.syntax.dockerfile_lines import Logical

_INHERITED = ("user", "workdir", "healthcheck", "shell", "entrypoint", "cmd", "exposed", "environment", "external")
_SHOWN = {"USER": "user", "WORKDIR": "workdir", "HEALTHCHECK": "healthcheck", "ENTRYPOINT": "entrypoint", "CMD": "cmd"}
_PREDEFINED = frozenset(
    ("TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT", "BUILDPLATFORM", "BUILDOS", "BUILDARCH",
     "BUILDVARIANT")
)  # fmt: skip
_REMEDY = "give the ARG a default"


def expand(workspace: Workspace) -> Iterator[Resource]:
    """Resources of every Dockerfile, in order of the paths."""
    for artifact in workspace.of_format("dockerfile"):
        if isinstance(artifact.tree, Dockerfile):
            workspace.progress(artifact.path)
            yield from _file(artifact, artifact.tree)


def _file(artifact: Artifact, tree: Dockerfile) -> Iterator[Resource]:
    unit = Unit("dockerfile", artifact.path)
    source = artifact.source.index
    extent = (source, 0, len(artifact.source.text))
    body = Map(extent)
    anchor = _anchor(tree, extent)
    file = Resource("docker/dockerfile", artifact.path, artifact.path.rpartition("/")[2], unit, body, anchor, extent)
    reader = _Stages(file, tree)
    parts = list(reader.read())
    _set(body, "instructions", _listed(tree.instructions, extent), (source, *anchor[1:], *anchor[1:]))
    _set(body, "stages", _listed([part.body for part in reader.stages], extent), (source, *anchor[1:], *anchor[1:]))
    for name, text in tree.directives.items():
        _set(body, name, text, (source, *anchor[1:], *anchor[1:]))
    yield file
    if reader.stages:
        _set(reader.stages[-1].body, "final", True, reader.stages[-1].body.at["final"])
    yield from parts


def _anchor(tree: Dockerfile, extent: tuple[int, int, int]) -> tuple[int, int, int]:
    first = next((found for found in tree.instructions if found["instruction"] == "FROM"), None)
    first = first or next(iter(tree.instructions), None)
    if first is None:
        return (extent[0], 0, 0)
    entry = first.at["instruction"]
    return entry[0], entry[3], entry[4]


def _set(body: Map, key: str, value: Any, entry: Entry) -> None:
    body[key] = value
    body.at[key] = entry


def _listed(items: list[Map], span: tuple[int, int, int]) -> Seq:
    listed = Seq(span)
    for item in items:
        listed.append(item)
        listed.at.append((item.span[0], item.span[1], item.span[1], item.span[1], item.span[2]))
    return listed


class _Stages:
    """The stages of one file as they are read. known: variables of the current stage; outside: those before FROM."""

    __slots__ = ("counted", "file", "known", "names", "outside", "stages", "tree")

    def __init__(self, file: Resource, tree: Dockerfile) -> None:
        self.file = file
        self.tree = tree
        self.stages: list[Resource] = []
        self.names: dict[str, Resource] = {}
        self.outside: dict[str, Any] = {}
        self.known: dict[str, Any] = {}
        self.counted: dict[str, int] = {}

    def read(self) -> Iterator[Resource]:
        for found, line in zip(self.tree.instructions, self.tree.lines, strict=True):
            word = found["instruction"]
            if word == "FROM":
                yield self._stage(found)
            elif word in ("ARG", "ENV"):
                self._assign(found, word)
            stage = self.stages[-1] if self.stages else None
            if stage is not None:
                _note(stage.body, found, word, self.known)
            yield self._instruction(found, word, line, stage)

    def _assign(self, found: Map, word: str) -> None:
        table = self.known if self.stages else self.outside
        before = dict(table)
        for name, value in found.get("pairs", {}).items():
            if value is None:
                table[name] = self.outside.get(name) if self.stages and name in self.outside else _given(name)
            elif word == "ENV" or not isinstance(table.get(name), str) or name not in before:
                table[name] = replaced(value, before)

    def _stage(self, found: Map) -> Resource:
        arguments = found["arguments"]
        written = arguments[0] if arguments else ""
        name = arguments[2] if len(arguments) > 2 and str(arguments[1]).upper() == "AS" else ""
        entry = arguments.at[0] if arguments else found.at["instruction"]
        reference = replaced(written, {**{word: _given(word) for word in _PREDEFINED}, **self.outside})
        body = Map(found.span)
        _set(body, "name", name or str(len(self.stages)), arguments.at[2] if name else entry)
        _set(body, "base", image(reference, entry), entry)
        parent = self.names.get(reference.lower()) if isinstance(reference, str) else None
        _set(body, "from_stage", parent is not None, entry)
        _set(body, "final", False, entry)
        _set(body, "instructions", Seq(found.span), entry)
        if "platform" in found["flags"]:
            _set(body, "platform", found["flags"]["platform"], found["flags"].at["platform"])
        if parent is not None:
            for key in _INHERITED:
                if key in parent.body:
                    _set(body, key, parent.body[key], parent.body.at[key])
        self.known = {}
        if parent is not None:
            self.known.update(parent.body.get("environment", {}))
        key = name or str(len(self.stages))
        address = f"{self.file.address}#{key}"
        stage = Resource(
            "docker/stage", address, key, self.file.unit, body, (entry[0], *entry[3:]), found.span, owner=self.file
        )
        if name:
            self.names[name.lower()] = stage
        self.stages.append(stage)
        return stage

    def _instruction(self, found: Map, word: str, line: Logical, stage: Resource | None) -> Resource:
        source = found.span[0]
        if word == "RUN":
            _commands(found, line)
        resolved = replaced(found["value"], self.known) if stage is not None else found["value"]
        _set(found, "resolved", resolved, found.at["value"])
        entry = found.at["instruction"]
        context = {"stage": stage.body} if stage is not None else {}
        place = f"{self.file.address}#{stage.name if stage else ''}:{word}"
        number = self.counted[place] = self.counted.get(place, 0) + 1
        address = place if number == 1 else f"{place}[{number}]"
        return Resource(
            f"docker/{word.lower()}", address, word, self.file.unit, found, (source, entry[3], entry[4]), found.span,
            context={**context, "dockerfile": self.file.body}, owner=stage or self.file,
        )  # fmt: skip


def _given(name: str) -> Unknown:
    if name in _PREDEFINED:
        return Unknown("run-time", f"build argument {name}", type="string", not_null=True)
    return Unknown("missing-input", f"build argument {name}", _REMEDY, type="string", not_null=True)


def _note(body: Map, found: Map, word: str, known: dict[str, Any]) -> None:
    """What an instruction says of its stage."""
    if word == "FROM":
        return
    listed = body["instructions"]
    listed.append(found)
    listed.at.append((found.span[0], found.span[1], found.span[1], found.span[1], found.span[2]))
    entry = found.at["value"]
    if word in _SHOWN:
        _set(body, _SHOWN[word], replaced(found["value"], known), entry)
    elif word == "SHELL":
        _set(body, "shell", found["arguments"], found.at["arguments"])
    elif word == "EXPOSE":
        ports = Seq(found.span)
        for old in (body.get("exposed", Seq(found.span)), found["arguments"]):
            for number, port in enumerate(old):
                ports.append(replaced(port, known) if isinstance(port, str) else port)
                ports.at.append(old.at[number])
        _set(body, "exposed", ports, entry)
    elif word == "ENV":
        table = Map(found.span)
        for old in (body.get("environment", Map(found.span)), found.get("pairs", Map(found.span))):
            for name in old:
                _set(table, name, known.get(name, old[name]), old.at[name])
        _set(body, "environment", table, entry)


def _commands(found: Map, line: Logical) -> None:
    """What a RUN runs: the commands of its shell form, of its here-documents, or the one of its exec form."""
    source = found.span[0]
    listed = Seq(found.span)
    if found["form"] == "exec":
        entry = found.at["value"]
        _command(listed, [str(word) for word in found["arguments"]], source, entry[3], entry[4], "", found["value"])
    else:
        text = found["value"]
        for each in shell.commands(text):
            start, end = line.source(each.start), line.source(each.end)
            _command(listed, list(each.words), source, start, end, each.after, text[each.start : each.end])
    for number, document in enumerate(found.get("documents", ())):
        if number == 0 and found["value"].startswith("<<") and not document["text"].startswith("#!"):
            at = document.span[1]
            for each in shell.commands(document["text"]):
                words = list(each.words)
                raw = document["text"][each.start : each.end]
                _command(listed, words, source, at + each.start, at + each.end, each.after, raw)
    _set(found, "commands", listed, found.at["value"])


def _command(listed: Seq, words: list[str], source: int, start: int, end: int, after: str, text: str) -> None:
    if not words:
        return
    row = Map((source, start, end))
    entry = (source, start, start, start, end)
    arguments = Seq((source, start, end))
    for word in words[1:]:
        arguments.append(word)
        arguments.at.append(entry)
    shown = {"program": words[0].rpartition("/")[2], "arguments": arguments, "after": after, "text": text}
    for key, value in shown.items():
        _set(row, key, value, entry)
    listed.append(row)
    listed.at.append(entry)
