"""Dockerfiles as resources: the file, its stages and its instructions.

`docker/dockerfile` (address: the path), `docker/stage` (`Dockerfile#build`, `#0` for one without a name) and
`docker/<instruction>` (`Dockerfile#build:RUN`, `Dockerfile#build:RUN[2]`). Encodes the Dockerfile reference: a stage
starts from an image or an earlier stage and inherits its user, directory, environment and health check from the latter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model import Artifact, Entry, Map, Resource, Seq, Unit, Unknown, Workspace, concatenate
from linter.parsers.containers.commands import set_commands
from linter.parsers.containers.images import image, image_with_holes
from linter.parsers.containers.scope import Scope
from linter.parsers.containers.substitution import HOLE, replaced, with_holes
from linter.syntax.dockerfile import Dockerfile
from linter.syntax.dockerfile_lines import Logical
from linter.trees import put

_INHERITED = ("user", "workdir", "healthcheck", "shell", "entrypoint", "cmd", "exposed", "environment", "external")
_SHOWN = {"USER": "user", "WORKDIR": "workdir", "HEALTHCHECK": "healthcheck", "ENTRYPOINT": "entrypoint", "CMD": "cmd"}
_REPLACED = frozenset(("ADD", "COPY", "ENV", "EXPOSE", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"))
"""Instructions whose variables the builder replaces; in the others they are left to a shell."""
_MANY = ("ADD", "COPY", "EXPOSE", "ONBUILD", "VOLUME")


def expand(workspace: Workspace) -> Iterator[Resource]:
    """Resources of every Dockerfile, in order of the paths."""
    for artifact in workspace.of_format("dockerfile"):
        if isinstance(artifact.tree, Dockerfile):
            workspace.progress(artifact.path)
            long: list[Map] = []
            yield from _file(artifact, artifact.tree, long)
            for found in long:
                span = (found.span[0], found.at["instruction"][3], found.at["instruction"][4])
                message = "this RUN has more commands than are read"
                workspace.fail("artifact-unparsed", span, message, "Move them to a script.")


def _file(artifact: Artifact, tree: Dockerfile, long: list[Map]) -> Iterator[Resource]:
    unit = Unit("dockerfile", artifact.path)
    source = artifact.source.index
    extent = (source, 0, len(artifact.source.text))
    body = Map(extent)
    anchor = _anchor(tree, extent)
    file = Resource("docker/dockerfile", artifact.path, artifact.path.rpartition("/")[2], unit, body, anchor, extent)
    reader = _Stages(file, tree, long)
    parts = list(reader.read())
    put(body, "instructions", _listed(tree.instructions, extent), (source, *anchor[1:], *anchor[1:]))
    put(body, "stages", _listed([part.body for part in reader.stages], extent), (source, *anchor[1:], *anchor[1:]))
    for name, text in tree.directives.items():
        put(body, name, text, (source, *anchor[1:], *anchor[1:]))
    yield file
    if reader.stages:
        put(reader.stages[-1].body, "final", True, reader.stages[-1].body.at["final"])
    yield from parts


def _anchor(tree: Dockerfile, extent: tuple[int, int, int]) -> tuple[int, int, int]:
    first = next((found for found in tree.instructions if found["instruction"] == "FROM"), None)
    first = first or next(iter(tree.instructions), None)
    if first is None:
        return (extent[0], 0, 0)
    entry = first.at["instruction"]
    return entry[0], entry[3], entry[4]


def _listed(items: list[Map], span: tuple[int, int, int]) -> Seq:
    listed = Seq(span)
    for item in items:
        listed.append(item)
        listed.at.append((item.span[0], item.span[1], item.span[1], item.span[1], item.span[2]))
    return listed


class _Stages:
    """The stages of one file as they are read. scope: the variables of the current stage, or those before FROM.

    long: takes each RUN of which not all commands are read.
    """

    __slots__ = ("counted", "file", "long", "names", "outside", "scope", "scopes", "stages", "tree")

    def __init__(self, file: Resource, tree: Dockerfile, long: list[Map]) -> None:
        self.long = long
        self.file = file
        self.tree = tree
        self.stages: list[Resource] = []
        self.names: dict[str, int] = {}
        self.outside = self.scope = Scope(None, None, external=False)
        self.scopes: list[Scope] = []
        self.counted: dict[str, int] = {}

    def read(self) -> Iterator[Resource]:
        whole = not any(found["instruction"] == "FROM" for found in self.tree.instructions)
        for found, line in zip(self.tree.instructions, self.tree.lines, strict=True):
            word = found["instruction"]
            if word == "FROM":
                yield self._stage(found, line)
            elif whole and word != "ARG" and not self.stages:
                # A file without FROM is a part of one, put together elsewhere: what it says is judged as a stage.
                yield self._begun(found, "", image("", found.at["instruction"]), None)
            _resolve(found, word, line, self.scope)
            if word in ("COPY", "ADD"):
                self._sources(found, word)
            if word in ("ARG", "ENV"):
                self.scope.assign(found, word, line.escape)
            stage = self.stages[-1] if self.stages else None
            if stage is not None:
                _note(stage.body, found, word, self.scope)
            yield self._instruction(found, word, line, stage)

    def _stage(self, found: Map, line: Logical) -> Resource:
        arguments = found["arguments"]
        written = arguments[0] if arguments else ""
        name = arguments[2] if len(arguments) > 2 and str(arguments[1]).upper() == "AS" else ""
        entry = arguments.at[0] if arguments else found.at["instruction"]
        reference, unknowns = with_holes(written, self.outside, self.outside.missing, line.escape)
        base = image_with_holes(reference, unknowns[0] if unknowns else None, entry)
        return self._begun(found, name, base, self.names.get(reference.lower()))

    def _begun(self, found: Map, name: str, base: Map, parent: int | None) -> Resource:
        entry = base.at["reference"]
        body = Map(found.span)
        number = str(len(self.stages))
        put(body, "name", name or number, found["arguments"].at[2] if name else entry)
        put(body, "base", base, entry)
        put(body, "from_stage", parent is not None, entry)
        put(body, "final", False, entry)
        put(body, "instructions", Seq(found.span), entry)
        if "platform" in found.get("flags", ()):
            put(body, "platform", found["flags"]["platform"], found["flags"].at["platform"])
        self.scope = Scope(self.outside, None, external=base["scratch"] is not True)
        if parent is not None:
            before = self.stages[parent].body
            put(body, "parent", self.stages[parent].name, entry)
            for key in _INHERITED:
                if key in before:
                    put(body, key, before[key], before.at[key])
            self.scope = Scope(self.outside, self.scopes[parent], external=False)
        address = f"{self.file.address}#{name or number}"
        stage = Resource(
            "docker/stage", address, name or number, self.file.unit, body, (entry[0], *entry[3:]), found.span,
            owner=self.file,
        )  # fmt: skip
        if name:
            self.names[name.lower()] = len(self.stages)
        self.stages.append(stage)
        self.scopes.append(self.scope)
        return stage

    def _sources(self, found: Map, word: str) -> None:
        """What a COPY or ADD takes and where it puts it."""
        words = found["resolved_arguments"]
        sources = Seq(found.span)
        for number, source in enumerate(words[:-1]):
            sources.append(source)
            sources.at.append(words.at[number])
        put(found, "sources", sources, found.at["value"])
        if words:
            put(found, "destination", words[-1], words.at[-1])
        if self.stages and "workdir" in self.stages[-1].body:
            put(found, "workdir", self.stages[-1].body["workdir"], self.stages[-1].body.at["workdir"])
        if word == "COPY" and isinstance(found["flags"].get("from"), str):
            entry = found["flags"].at["from"]
            name = replaced(found["flags"]["from"], self.scope, self.scope.missing)
            put(found, "from", self._origin(name, entry), entry)

    def _origin(self, name: Any, entry: Entry) -> Map:
        """What `--from` names: 'stage' (an earlier one), 'self', 'later', 'image' or 'name', which is none of them."""
        origin = Map((entry[0], entry[3], entry[4]))
        put(origin, "reference", name, entry)
        if isinstance(name, Unknown):
            put(origin, "kind", Unknown(name.cause, name.subject, name.remedy, type="string"), entry)
            return origin
        here = len(self.stages) - 1
        number = int(name) if name.isdigit() and name.isascii() and len(name) < 6 else self.names.get(name.lower())
        if number is None:
            kind = "image" if any(mark in name for mark in ":@/.") else "later" if self._later(name) else "name"
        else:
            kind = "stage" if number < here else "self" if number == here else "later"
        put(origin, "kind", kind, entry)
        return origin

    def _later(self, name: str) -> bool:
        for found in self.tree.instructions:
            words = found["arguments"] if found["instruction"] == "FROM" else []
            if len(words) > 2 and words[2].lower() == name.lower():
                return True
        return False

    def _instruction(self, found: Map, word: str, line: Logical, stage: Resource | None) -> Resource:
        source = found.span[0]
        if word == "RUN":
            if not set_commands(found, line):
                self.long.append(found)
        elif word == "EXPOSE":
            put(found, "ports", _ports(found["resolved_arguments"]), found.at["value"])
        entry = found.at["instruction"]
        context = {"stage": stage.body} if stage is not None else {}
        place = f"{self.file.address}#{stage.name if stage else ''}:{word}"
        number = self.counted[place] = self.counted.get(place, 0) + 1
        address = place if number == 1 else f"{place}[{number}]"
        return Resource(
            f"docker/{word.lower()}", address, word, self.file.unit, found, (source, entry[3], entry[4]), found.span,
            context={**context, "dockerfile": self.file.body}, owner=stage or self.file,
        )  # fmt: skip


def _resolve(found: Map, word: str, line: Logical, scope: Scope) -> None:
    """`resolved`, the value with its variables replaced, and `resolved_arguments`, its words."""
    value, at = found["value"], found.at["value"]
    if word not in _REPLACED:
        put(found, "resolved", value, at)
        return
    if word in _MANY:
        listed = Seq(found.span)
        for number, argument in enumerate(found["arguments"]):
            entry = found["arguments"].at[number]
            # The words have lost their quotes: with those of the exec form nothing but variables is left to replace.
            listed.append(replaced(argument, scope, scope.missing, HOLE) if "$" in argument else argument)
            listed.at.append(entry)
        put(found, "resolved_arguments", listed, at)
    put(found, "resolved", replaced(value, scope, scope.missing, line.escape), at)


def _ports(words: Seq) -> Seq:
    """`8000-8010/tcp` as a Map {text, first, last, protocol}; numbers are absent where it is no port."""
    listed = Seq(words.span)
    for word, entry in zip(words, words.at, strict=True):
        row = Map((entry[0], entry[3], entry[4]))
        put(row, "text", word, entry)
        if isinstance(word, Unknown):
            row.open = word
        else:
            numbers, _, protocol = word.partition("/")
            first, _, last = numbers.partition("-")
            for key, text in (("first", first), ("last", last or first)):
                if text.isdigit() and text.isascii() and len(text) < 10:
                    put(row, key, int(text), entry)
            put(row, "protocol", protocol.lower() or "tcp", entry)
        listed.append(row)
        listed.at.append(entry)
    return listed


def _note(body: Map, found: Map, word: str, scope: Scope) -> None:
    """What an instruction says of its stage."""
    if word == "FROM":
        return
    listed = body["instructions"]
    listed.append(found)
    listed.at.append((found.span[0], found.span[1], found.span[1], found.span[1], found.span[2]))
    entry = found.at["value"]
    if word in _SHOWN:
        put(body, _SHOWN[word], found["resolved"], entry)
    elif word == "SHELL":
        put(body, "shell", found["arguments"], found.at["arguments"])
    elif word == "EXPOSE":
        added = found["resolved_arguments"]
        put(body, "exposed", concatenate((body["exposed"], added), found.span) if "exposed" in body else added, entry)
    elif word == "ENV":
        table = Map(found.span)
        for old in (body.get("environment", Map(found.span)), found.get("pairs", Map(found.span))):
            for name in old:
                put(table, name, scope.get(name, old[name]), old.at[name])
        put(body, "environment", table, entry)
