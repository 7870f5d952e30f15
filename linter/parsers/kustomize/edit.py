"""Changing objects as kustomize does, by copies along the touched path only, so that every entry keeps its place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from linter.model import Entry, Map, Seq, Span, Unknown, concatenate, merge, replace

Step = str | int


def overlay(subject: str) -> Unknown:
    """The value of what an overlay changes in a way that is not applied here."""
    return Unknown("overlay", subject, "Scan the rendered manifests (kustomize build) beside the sources.")


def made(span: Span, items: Iterable[tuple[Any, Any, Entry]]) -> Map:
    """A mapping of (key, value, entry)."""
    built = Map(span)
    for key, value, entry in items:
        built[key] = value
        built.at[key] = entry
    return built


def put(holder: Any, path: Sequence[Step], value: Any, entry: Entry) -> Any:
    """A copy of a Map or Seq with the value at a path set; mappings on the way are made where there are none.

    Raises LookupError where a step through a list leads nowhere, TypeError where the path leads through a scalar.
    """
    step, rest = path[0], path[1:]
    if isinstance(holder, Seq) and isinstance(step, int):
        copied = concatenate((holder,), holder.span)
        copied[step] = put(holder[step], rest, value, entry) if rest else value
        copied.at[step] = holder.at[step] if rest else entry
        return copied
    if not isinstance(holder, Map):
        raise TypeError("a path leads through a scalar")
    if not rest:
        return replace(holder, step, value, entry)
    inner = holder.get(step)
    if inner is None:
        inner = Map((entry[0], entry[3], entry[4]))
    return replace(holder, step, put(inner, rest, value, entry), holder.at.get(step) or entry)


def remove(holder: Any, path: Sequence[Step]) -> Any:
    """A copy without the entry at a path. Raises LookupError where there is none, TypeError at a scalar."""
    step, rest = path[0], path[1:]
    if isinstance(holder, Seq) and isinstance(step, int):
        if rest:
            return put(holder, (step,), remove(holder[step], rest), holder.at[step])
        listed = concatenate((holder,), holder.span)
        del listed[step], listed.at[step]
        return listed
    if not isinstance(holder, Map):
        raise TypeError("a path leads through a scalar")
    if rest:
        return replace(holder, step, remove(holder[step], rest))
    copied = merge((holder,), holder.span)
    del copied[step]
    copied.at.pop(step, None)
    return copied


def opened(body: Map, unknown: Unknown, path: tuple[str, ...] | None) -> Map:
    """An object of which nothing that is missing is known to be missing: a change could not be read.

    path: that of its pod template, if it has one.
    """
    copied = merge((body,), body.span)
    copied.open = unknown
    for steps in _holders(body, path):
        holder: Any = copied
        for step in steps:
            holder = holder[step]
        inner = merge((holder,), holder.span)
        inner.open = unknown
        at: Any = copied
        for step in steps[:-1]:
            at = at[step]
        copied = put(copied, steps, inner, at.at[steps[-1]])
    return copied


def _holders(body: Map, path: tuple[str, ...] | None) -> list[tuple[Step, ...]]:
    """Paths of the mappings whose absent keys rules look for, outermost first."""
    found: list[tuple[Step, ...]] = [(key,) for key in ("metadata", "spec") if isinstance(body.get(key), Map)]
    if path is None:
        return found
    template: Any = body
    for key in path:
        template = template[key]
    if path:
        found.append((*path, "spec"))
    for group in ("initContainers", "containers"):
        containers = template["spec"].get(group)
        if isinstance(containers, Seq):
            found += [(*path, "spec", group, index) for index, item in enumerate(containers) if isinstance(item, Map)]
    return found
