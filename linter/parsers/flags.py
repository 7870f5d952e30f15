"""Files that define feature flags, and the flags of Kubernetes objects that hold such a definition.

flagd: `flags` by name, each with state, variants, defaultVariant and free `metadata`; metadata beside `flags` holds for
all of them (https://flagd.dev/reference/flag-definitions/). GO Feature Flag: flags by name at the top, each with
variations, defaultRule and free `metadata` (https://gofeatureflag.org/docs/configure_flag/create-flags).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from linter.model import Map, Resource, Span, Unit, Workspace, merge
from linter.trees import as_map, maps, put

MOST = 5_000


def expand(workspace: Workspace) -> Iterator[Resource]:
    """A `delivery/flag` (address: path#name; body: as written, with the metadata of its set) for every flag of a file."""
    for artifact in workspace.of_format("flags"):
        workspace.progress(artifact.path)
        unit = Unit("flags", artifact.path)
        for document in artifact.tree.documents if artifact.tree is not None else ():
            for name, body, span in flags_of(document.value):
                yield Resource("delivery/flag", f"{artifact.path}#{name}", name, unit, body, span, body.span)


def flags_of(definition: Any) -> Iterator[tuple[str, Map, Span]]:
    """(name, body, the span that names it) of every flag of a definition, at most MOST of them."""
    whole = as_map(definition)
    common = as_map(whole.get("metadata"))
    listed = whole.get("flags")
    if isinstance(listed, Map) or maps(listed):
        mark: tuple[str, ...] = ("variants",)
    else:
        listed, mark = whole, ("variations", "defaultRule")
    if not isinstance(listed, Map):
        for body in maps(listed)[:MOST]:
            key = body.get("key")
            if isinstance(key, str) and any(word in body for word in mark):
                entry = body.at["key"]
                yield key, _with_common(body, common), (entry[0], entry[3], entry[4])
        return
    for name in list(listed)[:MOST]:
        body = as_map(listed[name])
        if any(word in body for word in mark):
            source, start, end, _, _ = listed.at[name]
            yield str(name), _with_common(body, common), (source, start, end)


def _with_common(body: Map, common: Map) -> Map:
    """What is said of a flag counts before what is said of all."""
    if not common:
        return body
    own = as_map(body.get("metadata"))
    merged = merge((body,), body.span)
    put(
        merged, "metadata", merge((common, own), own.span if own else common.span), body.at.get("metadata", _near(body))
    )
    return merged


def _near(body: Map) -> tuple[int, int, int, int, int]:
    source, start, end = body.span
    return source, start, start, start, end
