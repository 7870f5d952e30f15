"""Configurations of collectors wherever they are written, and what they are made of; see `model` for the resources.

Files of their own, files that ConfigMaps and Secrets hold, OpenTelemetryCollector objects (opentelemetry.io/v1alpha1 has
the configuration as text, v1beta1 as a mapping), and values of Helm charts, which are merged into defaults that are not
here, so that they are partial.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from linter.discovery.collectors import MAYBE_CONF, MAYBE_SPLUNK, MAYBE_TOML, SPLUNK_NAMES, in_text
from linter.discovery.environments import environment_of
from linter.model import Artifact, Map, Resource, Seq, Span, Unit, Unknown, Workspace
from linter.parsers.monitoring.collectors import filebeat, fluent_bit, logstash, otel, splunk, vector
from linter.parsers.monitoring.collectors.model import Part
from linter.parsers.monitoring.embedded import Held, held_files, objects_of, read_held, read_other
from linter.records import NamedTuple
from linter.syntax import logstash as logstash_text
from linter.syntax import sections, toml
from linter.syntax.yaml import Loaded
from linter.trees import at_path, maps, put, put_span, says

FORMATS = ("fluent-bit", "logstash", "splunk", "vector")
DEEPEST = 8
_WORDS = ("exporters", "filebeat", "sinks", "[OUTPUT]", "[INPUT]", "[output]", "[input]", "[FILTER]", "input {", "output {",
          "input{", "output{", "pipeline:", '"pipeline"', "[tcpout", "[monitor:")  # fmt: skip
LONGEST = 4 << 20
_TEXTS: dict[str, Callable[[int, str], Loaded]] = {
    "fluent-bit": sections.fluent,
    "splunk": sections.splunk,
    "logstash": logstash_text.load,
    "vector": toml.load,
}


class Configuration(NamedTuple):
    """One configuration. holder: the object that holds it, or it itself. file: its name there. partial: other values
    are merged with it, so that what is not here may still be there."""

    system: str
    tree: Map
    holder: Map
    file: str
    anchor: Span
    partial: bool


def expand(workspace: Workspace, artifacts: Iterable[Artifact]) -> Iterator[Resource]:
    """The collectors of the artifacts, each followed by its parts."""
    for artifact in artifacts:
        taken: dict[str, int] = {}
        for configuration in _configurations(artifact):
            yield from _resources(workspace, artifact, configuration, taken)


def _configurations(artifact: Artifact) -> Iterator[Configuration]:
    file = posixpath.basename(artifact.path)
    if artifact.format in FORMATS:
        for document in artifact.tree.documents:
            system = artifact.format
            yield Configuration(system, document.value, document.value, file, _start(document.value), False)
        return
    spoken: bool | None = None
    for document in artifact.tree.documents:
        for body in objects_of(document.value):
            kind = body.get("kind")
            if says(kind, "ConfigMap", "Secret"):
                yield from _held(artifact, body)
            elif not says(kind, "CustomResourceDefinition"):
                if spoken is None:
                    spoken = _speaks(artifact.source.text)
                if spoken:
                    yield from _within(artifact, body, file)


def _speaks(text: str) -> bool:
    """Whether a text has a word that every configuration has one of."""
    return any(word in text for word in _WORDS)


def system_of(tree: Any) -> str:
    """Whose configuration a mapping is, '' where it is nobody's."""
    if not isinstance(tree, Map):
        return ""
    if otel.is_configuration(tree):
        return "otel"
    if isinstance(tree.get("sinks"), Map) and (isinstance(tree.get("sources"), Map) or "transforms" in tree):
        return "vector"
    pipeline = tree.get("pipeline")
    if isinstance(pipeline, Map) and any(maps(pipeline.get(key)) for key in ("inputs", "outputs")):
        return "fluent-bit"
    if any(isinstance(key, str) and (key == "filebeat" or key.startswith("filebeat.")) for key in tree):
        nested = filebeat.nested(tree)
        beat = nested.get("filebeat")
        return (
            "filebeat"
            if isinstance(beat, Map) and (set(beat) & {"inputs", "modules", "autodiscover", "config"})
            else ""
        )
    return ""


def _held(artifact: Artifact, body: Map) -> Iterator[Configuration]:
    for held in held_files(body):
        anchor = (held.entry[0], held.entry[1], held.entry[2])
        found = _read(artifact, held)
        if found is not None:
            yield Configuration(found[0], found[1], body, held.name, anchor, False)


def _read(artifact: Artifact, held: Held) -> tuple[str, Map] | None:
    """(system, tree) of a text that a collector reads. Not of JSON: what ConfigMaps hold of it are dashboards."""
    if held.name.endswith(".json") or len(held.text) > LONGEST or not _speaks(held.text):
        return None
    splunk_file = held.name in SPLUNK_NAMES
    maybe = MAYBE_TOML if held.name.endswith(".toml") else MAYBE_SPLUNK if splunk_file else MAYBE_CONF
    system = in_text(maybe, held.text.encode("utf-8", "replace"))
    if system is None and held.name.endswith((".conf", ".toml")):
        return None
    if system is not None:
        tree = read_other(artifact.source, held, _TEXTS[system])
    else:
        tree = read_held(artifact.source, held, templated=True)
        system = system_of(tree)
    return (system, tree) if system and isinstance(tree, Map) else None


def _within(artifact: Artifact, body: Map, file: str) -> Iterator[Configuration]:
    """Configurations in a document: it itself, or in an object's spec or a chart's values."""
    waiting: list[tuple[Map, int, Span]] = [(body, 0, body.span)]
    operated = says(body.get("kind"), "OpenTelemetryCollector")
    while waiting:
        value, depth, anchor = waiting.pop()
        system = system_of(value)
        if system:
            here = value is body
            yield Configuration(system, value, body, file, _start(value) if here else anchor, not (here or operated))
            continue
        for key, item in reversed(value.items()):
            entry = value.at.get(key)
            if entry is None or depth >= DEEPEST:
                continue
            place = (entry[0], entry[1], entry[2]) if entry[2] > entry[1] else value.span
            if isinstance(item, Map):
                waiting.append((item, depth + 1, place))
            elif isinstance(item, str) and "\n" in item:
                found = _read(artifact, Held(str(key), item, entry, False))
                if found is not None:
                    yield Configuration(*found, body, str(key), place, not operated)


def _start(tree: Map) -> Span:
    """The first section or key of a configuration that is a file of its own."""
    for section in maps(tree.get("sections")):
        source, _, _, start, end = section.at["section"]
        return source, start, end
    for source, start, end, _, _ in tree.at.values():
        if end > start:
            return source, start, end
    return tree.span[0], tree.span[1], tree.span[1]


_PARTS: dict[str, Callable[[Map], Iterator[Part]]] = {
    "otel": otel.parts,
    "fluent-bit": fluent_bit.parts,
    "filebeat": filebeat.parts,
    "logstash": logstash.parts,
    "vector": vector.parts,
}


def parts_of(system: str, tree: Map, file: str) -> Iterator[Part]:
    """What a configuration is made of."""
    return splunk.parts(tree, file) if system == "splunk" else _PARTS[system](tree)


def _signals(system: str, tree: Map, parts: list[Part]) -> tuple[str, ...]:
    if system == "otel":
        return otel.signals(tree)
    readers = {"fluent-bit": fluent_bit.reads_logs, "logstash": logstash.reads_logs, "vector": vector.reads_logs}
    reads = readers.get(system)
    logs = any(reads(part) for part in parts) if reads else any(part.role == "input" for part in parts)
    return ("logs",) if logs else ()


def _resources(
    workspace: Workspace, artifact: Artifact, written: Configuration, taken: dict[str, int]
) -> Iterator[Resource]:
    holder, name = written.holder, at_path(written.holder, ("metadata", "name"))
    words = [
        word for word in (holder.get("kind"), at_path(holder, ("metadata", "namespace")), name) if isinstance(word, str)
    ]
    inside = isinstance(name, str) and holder is not written.tree
    address = "/".join(words) + f":{written.file}" if inside else artifact.path
    taken[address] = taken.get(address, 0) + 1
    address = address if taken[address] == 1 else f"{address}#{taken[address]}"
    parts = list(parts_of(written.system, written.tree, written.file))
    body = Map(written.tree.span)
    body.open = written.tree.open
    _say(body, written.anchor, system=written.system, file=written.file, partial=written.partial)
    put_span(body, "settings", written.tree, written.tree.span[1], written.tree.span[2])
    signals = Seq(written.anchor)
    for signal in _signals(written.system, written.tree, parts):
        signals.append(signal)
        signals.at.append((written.anchor[0], *(written.anchor[1],) * 3, written.anchor[2]))
    put_span(body, "signals", signals, *written.anchor[1:])
    unit = Unit("monitoring", posixpath.dirname(artifact.path))
    environment = environment_of(artifact.path, workspace.settings, workspace.paths)
    called = f"{name}:{written.file}" if inside else written.file
    whole = Resource(
        "monitoring/collector", address, called, unit, body, written.anchor, written.tree.span,
        environment=environment, context={"object": holder},
    )  # fmt: skip
    yield whole
    names: dict[str, int] = {}
    for part in parts:
        yield _part(whole, part, names)


def _part(whole: Resource, part: Part, names: dict[str, int]) -> Resource:
    body = Map(part.extent)
    body.open = part.settings.open
    _say(body, part.anchor, system=whole.body["system"], type=part.type, name=part.name, used=part.used)
    if part.drops:
        put_span(body, "drops", part.drops, *part.anchor[1:])
    put_span(body, "settings", part.settings, part.settings.span[1], part.settings.span[2])
    if part.sending is not None:
        hosts = Seq(part.anchor)
        for host in part.sending.hosts:
            hosts.append(host.value)
            hosts.at.append((host.span[0], host.span[1], host.span[1], host.span[1], host.span[2]))
        put_span(body, "hosts", hosts, *part.anchor[1:])
        for key, found in (("encrypted", part.sending.encrypted), ("verified", part.sending.verified)):
            if found.value is not None:
                put(body, key, found.value, (found.span[0], found.span[1], found.span[1], found.span[1], found.span[2]))
    address = f"{whole.address}/{part.role}/{part.name}"
    names[address] = names.get(address, 0) + 1
    address = address if names[address] == 1 else f"{address}#{names[address]}"
    return Resource(
        f"monitoring/{part.role}", address, part.name, whole.unit, body, part.anchor, part.extent,
        environment=whole.environment, owner=whole, context={"collector": whole.body, **whole.context},
    )  # fmt: skip


def _say(body: Map, span: Span, **values: Any) -> None:
    for key, value in values.items():
        if not isinstance(value, Unknown):
            put_span(body, key, value, span[1], span[2])
