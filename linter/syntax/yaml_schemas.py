"""CustomResourceDefinitions read without building their schemas.

The schemas (apiextensions.k8s.io/v1, `spec.versions[].schema`) can be nine tenths of a repository's YAML, and no rule
reads them. The whole text is still parsed in C, so that what is no YAML stays a problem; then the schemas' lines are
blanked and the rest is read with all offsets kept. Whatever does not come out exactly so is read in full.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from linter.model import Map, Seq
from linter.syntax.libyaml import library
from linter.syntax.yaml_reader import Loaded, Reader

# The C parser walks all open brackets for every token, so that time grows with the square of their number.
_BRACKET_LIMIT: Final = 10_000
_KIND: Final = "kind: CustomResourceDefinition"


def load_without(source_index: int, text: str, schema: str | Callable[[str], Any]) -> Loaded | None:
    """What a text holds with empty schemas; None where it has to be read in full."""
    regions = _regions(text)
    if not regions or text.count("[") + text.count("{") > _BRACKET_LIMIT:
        return None
    check = library().check
    if check is None:
        return None
    pieces: list[str] = []
    done = 0
    for _, start, end in regions:
        pieces += [text[done:start], " " * (end - start)]
        done = end
    try:
        check(text)
        reader = Reader(source_index, "".join([*pieces, text[done:]]), schema)
    except (library().error, UnicodeEncodeError, ValueError):
        return None
    if reader.read(0, len(text)) is not None or reader.loaded.problems or reader.values.endless:
        return None
    return reader.loaded if _filled(reader.loaded, regions) else None


@cache
def _pattern(indent: int) -> re.Pattern[str]:
    return re.compile(rf"\n(?= {{0,{indent}}}[^ \r\n])")


def _regions(text: str) -> list[tuple[int, int, int]]:
    """(start of the key `schema`, start and end of its lines) in the documents that say they are definitions.

    Searches for plain words: this passes over megabytes, and `_filled` proves what it finds.
    """
    regions: list[tuple[int, int, int]] = []
    start = 0
    while start < len(text):
        end = text.find("\n---", start + 1) + 1 or len(text)
        if text.startswith(_KIND, start) or text.find("\n" + _KIND, start, end) >= 0:
            at = text.find("schema:", start, end)
            while at >= 0:
                region = _region(text, at, end)
                regions += [region] if region else []
                at = text.find("schema:", region[2] if region else at + 1, end)
        start = end
    return regions


def _region(text: str, key: int, end: int) -> tuple[int, int, int] | None:
    """The lines below a key that stands alone on its line: those indented deeper, until `end`."""
    indent = key - text.rfind("\n", 0, key) - 1
    line = text.find("\n", key, end)
    if line < 0 or text[key - indent : key].strip(" -") or text[key + len("schema:") : line].strip():
        return None
    last = _pattern(indent).search(text, line, end)
    stop = last.start() if last else end - (text[end - 1] == "\n")
    start = stop - len(text[line + 1 : stop].lstrip())
    return (key, start, start + len(text[start:stop].rstrip())) if stop > start else None


def _filled(loaded: Loaded, regions: list[tuple[int, int, int]]) -> bool:
    """Make every blanked value an empty mapping; False unless each is `spec.versions[].schema` of a definition."""
    wanted = {key: (start, end) for key, start, end in regions}
    for document in loaded.documents:
        for version in _versions(document.value):
            entry = version.at.get("schema")
            if entry is not None and entry[1] in wanted and version["schema"] is None:
                start, end = wanted.pop(entry[1])
                version["schema"] = Map((entry[0], start, end))
                version.at["schema"] = (*entry[:3], start, end)
    return not wanted


def _versions(value: Any) -> list[Map]:
    if not isinstance(value, Map) or value.get("kind") != _KIND[6:]:
        return []
    spec = value.get("spec")
    versions = spec.get("versions") if isinstance(spec, Map) else None
    return [version for version in versions if isinstance(version, Map)] if isinstance(versions, Seq) else []
