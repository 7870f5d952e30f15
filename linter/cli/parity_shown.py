"""What `opslint parity` prints: the matrix, the differences with why they are intended, and the drift."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import click

from linter.conditions.paths import ABSENT
from linter.estate.declared import Entry, covering, declaration, entries, expired
from linter.estate.difference_classes import CLASSES
from linter.estate.differences import Difference
from linter.estate.matrix import Matrix, Row, gaps
from linter.estate.twins import Pair
from linter.model import Estate, Finding, Unknown
from linter.records import NamedTuple
from linter.report import Report
from linter.text import looks_secret, redact, safe_text, secret_name

DECLARED = "declared"
_SHOWN = 10
_COLUMNS = 12
"""Environments that stand beside each other in the matrix; more are shown in further blocks."""
Paint = Callable[..., str]


class Shown(NamedTuple):
    """All there is to print."""

    matrix: Matrix
    drift: list[Finding]
    estate: Estate
    report: Report


class Told(NamedTuple):
    """A difference with the entry of the policy that declares it, if one does. reason: of intended ones, the class."""

    pair: Pair
    difference: Difference
    entry: Entry | None

    @property
    def reason(self) -> str:
        return self.difference.reason if self.entry is None else DECLARED


def told_of(shown: Shown) -> list[Told]:
    """Every difference of the pairs that are compared."""
    found = []
    for pair, inside in shown.matrix.differences:
        for each in inside:
            entry = declaration(
                shown.estate, (each.above.address, each.below.address), (pair.higher.name, pair.lower.name), each.path
            )
            found.append(Told(pair, each, entry))
    return found


def comparable(found: Matrix) -> bool:
    """Whether there are two environments or more that can be compared."""
    return len(found.environments) > 1 and bool(found.compared)


def reason_not(found: Matrix, estate: Estate) -> str:
    """Why no environments are compared, '' where some are."""
    if comparable(found):
        return ""
    names = ", ".join(safe_text(each.name, 60) for each in found.environments)
    if found.doubted:
        return f"this tree has {names}, and which of these names are one environment is not declared"
    if len(found.environments) > 1:
        return f"this tree has {names}, and no two of them, of different tiers, hold the same layout"
    if found.assumed:
        variable = found.assumed[0][1]
        place = estate.place(variable.anchor)
        where = f"{safe_text(place.path)}:{place.start_line}"
        names = ", ".join(dict.fromkeys(safe_text(each.name, 60) for each, _ in found.assumed))
        said = f"by the default of var.{safe_text(variable.name, 60)} ({where}) alone"
        return f"environments are compared from two on, and this tree has {names} {said}"
    return f"environments are compared from two on, and this tree has {names or 'none'}"


def render(shown: Shown, colour: bool, everything: bool) -> str:
    """The matrix and the differences as text for a terminal."""

    def paint(text: str, **style: Any) -> str:
        return click.style(text, **style) if colour else text

    return "\n".join(_lines(shown, paint, everything)) + "\n"


def _lines(shown: Shown, paint: Paint, everything: bool) -> Iterator[str]:
    found = shown.matrix
    why = reason_not(found, shown.estate)
    if why:
        yield f"Not applicable: {why}."
    else:
        yield from _matrix(found, paint, everything)
        told = told_of(shown)
        for lower, higher, _ in found.compared:
            inside = [each for each in told if (each.pair.lower, each.pair.higher) == (lower, higher)]
            yield ""
            yield paint(f"{safe_text(lower.name)} → {safe_text(higher.name)}", bold=True)
            yield from _intended(inside, shown.estate, everything)
        yield from _doubted(found)
        yield from _declared(shown)
    if not why or shown.drift:
        yield ""
        yield paint(f"Drift: {len(shown.drift) or 'none'}", bold=True)
        yield from _drift(shown.drift, paint)
    yield from _ending(shown.report)


def _drift(drift: list[Finding], paint: Paint) -> Iterator[str]:
    for finding in drift:
        level = paint(
            f"{finding.severity.name.lower():<8}",
            fg="red" if finding.severity.name in ("CRITICAL", "HIGH") else "yellow",
        )
        waived = f" (waived: {safe_text(redact(finding.waiver.reason))})" if finding.waiver else ""
        yield f"  {level} {finding.rule}  {safe_text(redact(finding.message))}{waived}"
        yield f"           {safe_text(finding.place.path)}:{finding.place.start_line}"
        for place, text in finding.related[:_SHOWN]:
            yield f"           {safe_text(place.path)}:{place.start_line}  {safe_text(redact(text))}"
        if len(finding.related) > _SHOWN:
            yield f"           and {len(finding.related) - _SHOWN} more places"


def _doubted(found: Matrix) -> Iterator[str]:
    for layout, names in found.doubted:
        yield ""
        listed = " and ".join(safe_text(name, 60) for name in names)
        yield f"Not compared in {safe_text(layout)}: {listed}, which may be one environment; declare its aliases."


def _declared(shown: Shown) -> Iterator[str]:
    """The differences that the policy declares, with why, until when, and how many of them there are."""
    found = entries_of(shown)
    if found:
        yield ""
        yield "Declared as intended:"
    for entry, covered in found:
        what = " ".join(str(entry[key]) for key in ("resource", "attribute") if key in entry) or "everything"
        where = f" in {', '.join(map(str, entry['environments']))}" if "environments" in entry else ""
        until = f"until {entry['expires']}"
        if expired(entry, shown.estate):
            until = f"expired {entry['expires']}: covers nothing any more"
        elif not covered:
            until += "; nothing differs there"
        yield f"  {safe_text(what + where)}  ({safe_text(until)}): {safe_text(redact(str(entry['reason'])))}"


def entries_of(shown: Shown) -> list[tuple[Entry, list[str]]]:
    """Every entry of the policy with the differences and missing components it speaks of, as a person calls them."""
    found: list[tuple[Entry, list[str]]] = [(entry, []) for entry in entries(shown.estate)]
    if not found:
        return found
    at = {id(entry): covered for entry, covered in found}
    for pair, inside in shown.matrix.differences:
        for each in inside:
            addresses, names = (each.above.address, each.below.address), (pair.higher.name, pair.lower.name)
            for entry in covering(shown.estate, addresses, names, each.path):
                at[id(entry)].append(f"{each.above.address} {each.path}")
    columns = [each.name for each in shown.matrix.environments]
    for row in gaps(shown.matrix):
        lacking = tuple(name for name in columns if name not in row.present)
        for entry in covering(shown.estate, (row.name,), lacking):
            at[id(entry)].append(row.name)
    return found


def _matrix(found: Matrix, paint: Paint, everything: bool) -> Iterator[str]:
    rows = list(found.rows) if everything else gaps(found)
    layouts: dict[str, list[Row]] = {}
    for row in found.rows:
        layouts.setdefault(row.layout, []).append(row)
    shown: dict[str, list[Row]] = {}
    for row in rows:
        shown.setdefault(row.layout, []).append(row)
    width = min(max([len(row.name) for row in rows] + [len(layout) for layout in layouts] + [10]) + 2, 70)
    all_names = [each.name for each in found.environments]
    for first in range(0, len(all_names), _COLUMNS):
        names = all_names[first : first + _COLUMNS]
        sizes = [max(len(safe_text(name, 40)), 5) + 2 for name in names]
        if first:
            yield ""
        head = "".join(f"{safe_text(name, 40):>{size}}" for name, size in zip(names, sizes, strict=True))
        yield paint(f"{'component':<{width}}{head}", bold=True)
        for layout, inside in layouts.items():
            counted = [sum(name in row.present for row in inside) or "·" for name in names]
            if len(all_names) > _COLUMNS and set(counted) == {"·"}:
                continue
            cells = "".join(f"{count:>{size}}" for count, size in zip(counted, sizes, strict=True))
            yield f"{safe_text(layout)[: width - 1]:<{width}}{cells}"
            for row in shown.get(layout, ()):
                marks = ("✓" if name in row.present else "–" for name in names)
                cells = "".join(f"{mark:>{size}}" for mark, size in zip(marks, sizes, strict=True))
                yield f"  {safe_text(row.name)[: width - 3]:<{width - 2}}{cells}"


def _intended(inside: list[Told], estate: Estate, everything: bool) -> Iterator[str]:
    counts = Counter(each.reason for each in inside)
    known = ", ".join(f"{counts[name]} {name}" for name in (*CLASSES, DECLARED) if counts[name])
    yield f"  intended: {known or 'nothing differs'}"
    if counts[""]:
        yield f"  of no known class: {counts['']}"
    shown = [told for told in inside if everything or not told.reason or told.entry is not None]
    for told in shown[: None if everything else _SHOWN]:
        each, place = told.difference, estate.place(told.difference.high_span)
        reason = f" ({told.reason})" if told.reason else ""
        if told.entry is not None:
            reason = f" (declared until {told.entry['expires']}: {safe_text(redact(str(told.entry['reason'])))})"
        values = f"{value(each.low, each.path)} → {value(each.high, each.path)}"
        yield f"    {safe_text(each.above.address)}  {safe_text(each.path)}: {values}{reason}"
        yield f"      {safe_text(place.path)}:{place.start_line}"
    if not everything and len(shown) > _SHOWN:
        yield f"    and {len(shown) - _SHOWN} more (--all shows them)"


def value(found: Any, path: str) -> str:
    """A value as a person may see it: what its name or its form says is a credential is not shown."""
    if found is ABSENT:
        return "not set"
    if isinstance(found, Unknown):
        return "unknown"
    if isinstance(found, (dict, list)):
        return "{…}" if isinstance(found, dict) else "[…]"
    last = path.replace("]", "").replace("[", ".").removesuffix(".value").rpartition(".")[2]
    if isinstance(found, str) and found and (secret_name(last) or looks_secret(last, found)):
        return "(a secret)"
    return safe_text(redact(str(found)), 60)


def _ending(report: Report) -> Iterator[str]:
    if report.failures:
        yield ""
        yield f"incomplete: {len(report.failures)} problems kept opslint from the whole answer; see `opslint scan`"
    yield ""
    yield f"policy: {safe_text(report.policy.source)}; as of {report.as_of}"
