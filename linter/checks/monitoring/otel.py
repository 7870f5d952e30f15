"""Checks of pipelines: what they name is there, what is there is named, and processors stand in a good order."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from linter.checks import Verdict
from linter.model import FAIL, PASS, Estate, Map, Origin, Resource, Seq, Span
from linter.parsers.monitoring.collectors import otel
from linter.text import safe_line
from linter.trees import as_map, at_path

_WORDS = {"receivers": "receiver", "processors": "processor", "exporters": "exporter", "extensions": "extension"}


def components_defined(estate: Estate, *, kind: str = "monitoring/collector") -> Iterator[Verdict]:
    """Every component that a pipeline of the OpenTelemetry Collector or an input of Vector names is defined.

    Several files may be given to one collector: those of one folder are taken together, and values of a chart, which are
    merged into defaults, are not judged.
    """
    beside = _defined(estate, kind)
    for collector in estate.of_kind(kind):
        tree, system = collector.body["settings"], collector.body["system"]
        if collector.body["partial"] or system not in ("otel", "vector") or tree.open is not None:
            continue
        known = beside[collector.unit, system]
        missing = [each for each in _named(system, tree) if not _is_known(system, each[0], each[1], known)]
        for section, name, span in missing:
            word = _WORDS.get(section, "component")
            message = f"The {word} {safe_line(name, 80)} is not defined."
            yield Verdict(collector, FAIL, message, span, f"{section}:{name}")
        if not missing:
            message = f"Every component that {safe_line(collector.name, 80)} names is defined."
            yield Verdict(collector, PASS, message, collector.anchor)


def _named(system: str, tree: Map) -> list[tuple[str, str, Span]]:
    """(section, name, place) of every component that is named."""
    if system == "otel":
        return [(use.section, use.name, use.span) for use in otel.uses(tree)]
    found = []
    for section in ("transforms", "sinks"):
        for body in as_map(tree.get(section)).values():
            inputs = as_map(body).get("inputs")
            if isinstance(inputs, Seq):
                for name, at in zip(inputs, inputs.at, strict=True):
                    if isinstance(name, str) and "${" not in name:
                        found.append(("inputs", name, (at[0], at[3], at[4])))
    return found


def _defined(estate: Estate, kind: str) -> dict[tuple[Any, str], set[tuple[str, str]]]:
    """(unit, system) → (section, name) of everything that its collectors define."""
    found: dict[tuple[Any, str], set[tuple[str, str]]] = {}
    for collector in estate.of_kind(kind):
        known = found.setdefault((collector.unit, collector.body["system"]), set())
        tree = collector.body["settings"]
        for section in (*otel.SECTIONS, "sources", "transforms"):
            known.update((section, str(name)) for name in as_map(tree.get(section)))
    return found


def _is_known(system: str, section: str, name: str, known: set[tuple[str, str]]) -> bool:
    if "${" in name:
        return True
    if system == "otel":
        return (section, name) in known or (section in ("receivers", "exporters") and ("connectors", name) in known)
    plain = name.partition(".")[0]  # `route.errors` is an output of the component `route`
    components = [each for group, each in known if group in ("sources", "transforms")]
    if "*" in name:
        return any(fnmatchcase(each, name) for each in components)
    return name in components or plain in components


def components_used(estate: Estate, *, kind: str = "monitoring/collector") -> Iterator[Verdict]:
    """Every component of the OpenTelemetry Collector that is defined stands in a pipeline, connectors at both ends."""
    parts: dict[int, list[Resource]] = {}
    for role in otel.SECTIONS.values():
        for part in estate.of_kind(f"monitoring/{role}"):
            parts.setdefault(id(part.owner), []).append(part)
    for collector in estate.of_kind(kind):
        if collector.body["system"] != "otel" or collector.body["partial"]:
            continue
        pipelines = at_path(collector.body["settings"], ("service", "pipelines"))
        own, ends = parts.get(id(collector), []), _ends(collector.body["settings"])
        for part in own:
            name, word = safe_line(part.name, 80), part.kind.partition("/")[2]
            half = word == "connector" and len(ends.get(part.name, ())) == 1
            if part.body["used"] is False or half:
                what = "stands at one end of pipelines only" if half else "is defined and no pipeline names it"
                what = what if word != "extension" else "is defined and the service does not start it"
                yield Verdict(part, FAIL, f"{name} {what}.", part.anchor)
            else:
                yield Verdict(part, PASS, f"{name} is in use.", part.anchor)
        if not own and isinstance(pipelines, Map):
            yield Verdict(collector, PASS, "Nothing is defined that is not used.", collector.anchor)


def _ends(tree: Map) -> dict[str, set[str]]:
    """Component → the sections of pipelines it stands in."""
    found: dict[str, set[str]] = {}
    for use in otel.uses(tree):
        found.setdefault(use.name, set()).add(use.section)
    return found


def processors_ordered(estate: Estate, *, kind: str = "monitoring/collector") -> Iterator[Verdict]:
    """Each pipeline begins with the memory limiter, and batches after what samples and filters.

    The collector's own recommendation for its processors. A pipeline without a limiter weighs less than one that has it
    too late, since memory may be bounded from outside.
    """
    for collector in estate.of_kind(kind):
        tree = collector.body["settings"]
        if collector.body["system"] != "otel" or collector.body["partial"] or tree.open is not None:
            continue
        pipelines = as_map(at_path(tree, ("service", "pipelines")))
        for name, body in pipelines.items():
            listed = as_map(body).get("processors")
            if listed is not None and not isinstance(listed, Seq):
                continue
            if isinstance(listed, Seq) and not all(isinstance(each, str) for each in listed):
                continue
            yield _ordered(collector, str(name), pipelines, listed)


def _ordered(collector: Resource, name: str, pipelines: Map, listed: Seq | None) -> Verdict:
    types = [each.partition("/")[0] for each in listed or ()]
    entry = pipelines.at[name]
    own, shown = (entry[0], entry[1], entry[2]), safe_line(name, 60)
    if "memory_limiter" not in types:
        message = f"The pipeline {shown} has no memory limiter."
        return Verdict(collector, FAIL, message, own, name, lowered=1)
    assert listed is not None
    at = types.index("memory_limiter")
    if at > 0:
        message = f"The memory limiter of the pipeline {shown} comes after {safe_line(listed[0], 60)}."
        return Verdict(collector, FAIL, message, _span(listed, at), name, _first(listed))
    late = [
        i
        for i, each in enumerate(types)
        if "batch" in types[:i] and each in ("filter", "probabilistic_sampler", "tail_sampling")
    ]
    if late:
        message = f"The pipeline {shown} batches before {safe_line(listed[late[0]], 60)} throws away."
        return Verdict(collector, FAIL, message, _span(listed, types.index("batch")), name)
    return Verdict(collector, PASS, f"The pipeline {shown} limits memory first.", _span(listed, at), name)


def _first(listed: Seq) -> tuple[Origin, ...]:
    return (Origin("this comes first", _span(listed, 0)),)


def _span(listed: Seq, at: int) -> Span:
    entry = listed.at[at]
    return entry[0], entry[3], entry[4]
