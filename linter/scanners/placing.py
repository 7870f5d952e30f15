"""Where in the estate another tool's finding lies: the resource it is about, and the smallest place that names it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from linter.addresses import bare
from linter.model import Estate, Place, Resource, Source
from linter.records import NamedTuple
from linter.scanners.foreign import Foreign

MOST = 400
"""Resources of a file that are looked at around one finding."""

LINES, LINE = 10, 400
"""Lines, and characters of a line, that tell findings apart."""


class Placed(NamedTuple):
    """place: exact where the tool gave columns or the resource is known. resource: None where none is there."""

    place: Place
    resource: Resource | None


class Places:
    """The estate's resources by file and line. load: the text of a file that is no artifact, None where it has none."""

    def __init__(self, estate: Estate, load: Callable[[str], Source | None] = lambda _: None) -> None:
        self._estate = estate
        self._load = load
        self._sources: dict[str, Source] = {source.path: source for source in estate.sources}
        found: dict[int, list[tuple[int, int, Resource]]] = {}
        for resource in estate.resources:
            source, start, end = resource.extent
            found.setdefault(source, []).append((start, end, resource))
        self._extents = {
            source: sorted(extents, key=lambda extent: (extent[0], -extent[1])) for source, extents in found.items()
        }

    def of(self, finding: Foreign) -> Placed | None:
        """None where the file is none that was read."""
        source = self._sources.get(finding.path)
        if source is None:
            source = self._load(finding.path)
            if source is None:
                return None
            self._sources[finding.path] = source
        lines = len(source.starts)
        first, last = min(finding.start_line, lines), min(finding.end_line, lines)
        start = source.starts[first - 1]
        end = source.starts[last] if last < lines else len(source.text)
        resource = self._resource(finding, source.index, start, end)
        if finding.start_column:
            return Placed(_exact(finding, source), resource)
        if resource is not None and resource.anchor[0] == source.index and start <= resource.anchor[1] < end:
            return Placed(self._estate.place(resource.anchor), resource)
        return Placed(Place(finding.path, first, 1, first, max(len(source.line(first)), 1) + 1), resource)

    def nowhere(self, finding: Foreign) -> Placed:
        """Of a finding that names no file of the tree: the path it names all the same, else the tree as a whole."""
        if finding.path:
            return Placed(Place(finding.path, finding.start_line, 1, finding.start_line, 2), None)
        whole = next(iter(self._estate.kinds.get("estate/repository", ())), None)
        return Placed(self._estate.place(whole.anchor) if whole is not None else Place("", 1, 1, 1, 1), None)

    def lines(self, place: Place) -> str:
        """The words of the place's lines, at most of its first few."""
        source = self._sources.get(place.path)
        if source is None:
            return ""
        last = min(place.end_line, place.start_line + LINES - 1, len(source.starts))
        return "\n".join(source.line(number).strip()[:LINE] for number in range(place.start_line, last + 1))

    def _resource(self, finding: Foreign, source: int, start: int, end: int) -> Resource | None:
        """The resource of the finding's name among those its lines touch, else the one that begins nearest to them and
        holds them, the smaller before the larger."""
        extents = self._extents.get(source, [])
        before = bisect_right(extents, end, key=lambda extent: extent[0])
        touching = [extent for extent in extents[max(before - MOST, 0) : before] if extent[1] > start]
        names = names_of(finding.address)
        named = [extent for extent in touching if names & names_of_resource(extent[2])]
        if named:
            return min(named, key=lambda extent: (abs(extent[0] - start), extent[1] - extent[0]))[2]
        holding = [extent for extent in touching if extent[0] <= start and extent[1] >= end - 1]
        return min(holding, key=lambda extent: (start - extent[0], extent[1] - extent[0]))[2] if holding else None


def names_of(address: str) -> frozenset[str]:
    """The forms an address of another tool may have here: without its modules and instances, `Kind.namespace.name` of
    Kubernetes with slashes, data sources with and without `data.`."""
    if not address:
        return frozenset()
    plain = bare(address.split(" (")[0])
    while plain.startswith("module."):
        rest = plain.split(".", 2)
        if len(rest) < 3:
            break
        plain = rest[2]
    found = {plain.lower(), *(plain.removeprefix(start).lower() for start in ("data.", "module.", "provider."))}
    parts = plain.split(".")
    if len(parts) >= 3 and parts[0][:1].isupper():
        found.add(f"{parts[0]}/{parts[1]}/{'.'.join(parts[2:])}".lower())
        found.add(f"{parts[0]}/{'.'.join(parts[2:])}".lower())
    return frozenset(found)


def names_of_resource(resource: Resource) -> frozenset[str]:
    """The names a resource of ours, and what it is a part of, goes by."""
    outermost = resource.outermost
    return names_of(resource.address) | names_of(outermost.address) | {outermost.address.lower()}


def _exact(finding: Foreign, source: Source) -> Place:
    """The place a tool names, as far as the file has it: a log may be of another day, or lie."""
    start = _offset(source, finding.start_line, finding.start_column)
    return source.place(start, _offset(source, finding.end_line, finding.end_column or finding.start_column + 1))


def _offset(source: Source, line: int, column: int) -> int:
    number = min(line, len(source.starts))
    return source.starts[number - 1] + min(column - 1, len(source.line(number)))
