"""Parameters that generators give the template of an ApplicationSet, as far as the repository determines them.

Encodes https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators/: list, git, matrix, merge and
clusters; what else is asked elsewhere (pull requests, SCM providers, plugins) gives parameters that nobody knows here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from linter.estate.gitops_delivery import text_at
from linter.globs import path_matches
from linter.model import Map, Seq
from linter.trees import maps

Parameters = dict[str, str]
"""Name as templates write it, without a dot in front → value; a name that is not there is unknown."""

LIMIT = 1_000
"""Sets of parameters of one generator; what more there is stays unknown."""
DEPTH = 5


class Folders:
    """The folders and files of the tree in order, to look up globs in."""

    def __init__(self, paths: frozenset[str]) -> None:
        self._paths = paths
        self._sorted: list[str] | None = None

    def matching(self, glob: str, files: bool) -> list[str]:
        """Folders (without `/` at the end) or files that a glob names, `*` within one name and `**` across."""
        from bisect import bisect_left

        if self._sorted is None:
            self._sorted = sorted(self._paths)
        fixed = glob.partition("*")[0].partition("?")[0]
        found: list[str] = []
        for index in range(bisect_left(self._sorted, fixed), len(self._sorted)):
            path = self._sorted[index]
            if not path.startswith(fixed) or len(found) > LIMIT:
                break
            if path.endswith("/") != files and _names(glob, path.rstrip("/")):
                found.append(path.rstrip("/"))
        return found


def _names(glob: str, path: str) -> bool:
    """As Argo CD's globs: unlike in ours, a name without a wildcard at the end names itself only."""
    return path_matches(glob, path) and (("**" in glob) or glob.strip("/").count("/") == path.count("/"))


def parameter_sets(spec: Any, folders: Folders) -> list[Parameters]:
    """The sets of parameters of an ApplicationSet's spec; one that knows nothing for each generator we cannot follow."""
    found: list[Parameters] = []
    for generator in maps(spec.get("generators")) if isinstance(spec, Map) else ():
        found += _of_generator(generator, folders, 0)
    return found[:LIMIT] or [{}]


def _of_generator(generator: Map, folders: Folders, depth: int) -> list[Parameters]:
    for kind, reader in _READERS.items():
        body = generator.get(kind)
        if isinstance(body, Map) and depth < DEPTH:
            return [{}] if "template" in body else reader(body, folders, depth)
    return [{}]


def _list(body: Map, folders: Folders, depth: int) -> list[Parameters]:
    elements = maps(body.get("elements"))
    return [_flat(element) for element in elements] or [{}]


def _flat(value: Map, prefix: str = "", depth: int = 0) -> Parameters:
    """`{values: {a: b}}` is values.a."""
    found: Parameters = {}
    for key, item in value.items():
        if isinstance(item, Map) and depth < DEPTH:
            found.update(_flat(item, f"{prefix}{key}.", depth + 1))
        elif isinstance(item, (str, int, float)) and not isinstance(item, bool) and "{{" not in str(item):
            found[f"{prefix}{key}"] = str(item)
    return found


def _both(one: Parameters, other: Parameters) -> Parameters:
    return {key: value for each in (one, other) for key, value in each.items()}


def _values(body: Map) -> Parameters:
    values = body.get("values")
    return _flat(values, "values.") if isinstance(values, Map) else {}


def _clusters(body: Map, folders: Folders, depth: int) -> list[Parameters]:
    return [_values(body)]


def _git(body: Map, folders: Folders, depth: int) -> list[Parameters]:
    prefix = text_at(body, "pathParamPrefix")
    found: list[str] = []
    without = [text_at(item, "path") for item in maps(body.get("directories")) if item.get("exclude") is True]
    for key, files in (("directories", False), ("files", True)):
        for item in maps(body.get(key)):
            glob = text_at(item, "path")
            if glob and item.get("exclude") is not True and "{{" not in glob:
                paths = folders.matching(glob, files)
                found += [path.rpartition("/")[0] if files else path for path in paths]
    kept = [path for path in dict.fromkeys(found) if not any(_names(glob, path) for glob in without if glob)]
    return [_both(_of_folder(path, f"{prefix}." if prefix else ""), _values(body)) for path in kept[:LIMIT]] or [{}]


def _of_folder(path: str, prefix: str) -> Parameters:
    parts = path.split("/")
    name = parts[-1]
    normal = name.lower().replace("_", "-").replace(".", "-").strip("-")
    found = {"path": path, "path.path": path, "path.basename": name, "path.basenameNormalized": normal}
    for index, part in enumerate(parts):
        found[f"path[{index}]"] = found[f"index .{prefix}path.segments {index}"] = part
    return {key if key.startswith("index ") else prefix + key: value for key, value in found.items()}


def _matrix(body: Map, folders: Folders, depth: int) -> list[Parameters]:
    sets: list[Parameters] = [{}]
    for generator in maps(body.get("generators")):
        inner = _of_generator(generator, folders, depth + 1)
        sets = [_both(one, other) for one in sets for other in inner][:LIMIT]
    return sets


def _merge(body: Map, folders: Folders, depth: int) -> list[Parameters]:
    """The first generator's sets, each with what later ones say for the same keys."""
    written = body.get("mergeKeys")
    keys = [key for key in written if isinstance(key, str)] if isinstance(written, Seq) else []
    first, *others = [_of_generator(each, folders, depth + 1) for each in maps(body.get("generators"))] or [[{}]]
    merged = {tuple(one.get(key) for key in keys): one for one in first}
    for other in (one for sets in others for one in sets):
        key = tuple(other.get(name) for name in keys)
        if key in merged and None not in key:
            merged[key] = _both(merged[key], other)
    return list(merged.values()) if keys and all(None not in key for key in merged) else [{}]


_READERS: dict[str, Callable[[Map, Folders, int], list[Parameters]]] = {
    "list": _list,
    "git": _git,
    "clusters": _clusters,
    "matrix": _matrix,
    "merge": _merge,
}


def filled(text: Any, parameters: Parameters | None) -> Any:
    """A template's text with its parameters filled in; None where one is unknown. Other values, and the texts of what
    is no template (no parameters at all), stay as they are."""
    if not isinstance(text, str) or parameters is None or "{{" not in text:
        return text
    done = ""
    rest = text
    while "{{" in rest:
        before, _, rest = rest.partition("{{")
        name, end, rest = rest.partition("}}")
        value = parameters.get(name.strip("- ").removeprefix("."))
        if value is None or not end:
            return None
        done += before + value
    return done + rest
