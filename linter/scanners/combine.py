"""Findings of other tools among ours: the same fault once, with both named, and what only the other found as its own.

Two findings are the same fault where a rule of ours says that it is the other's check (`same-as`) and both are about the
same resource, or ours lies within the lines the other names. Where the mapping of a tool says that a check asks for the
very thing of other resources too (`same`), both are about the same resource.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from linter.digests import digested
from linter.engine.findings import order
from linter.model import FAIL, Estate, Finding, Place, Severity, Source
from linter.policy.ids import rule_id
from linter.records import NamedTuple
from linter.report import RuleInfo
from linter.scanners.foreign import Check, Foreign, Read
from linter.scanners.placing import Placed, Places

SCORES = {Severity.CRITICAL: 9.5, Severity.HIGH: 8.0, Severity.MEDIUM: 5.5, Severity.LOW: 3.0}
LONGEST = 500
"""Characters of a web address."""


class Known(NamedTuple):
    """What is known of a tool's checks. claims: check → the rules of ours that are the same. like: check → a rule of ours
    of the same class. severities: rule of ours → its severity. same: of `like`, the checks of the same fault."""

    claims: Mapping[str, Sequence[str]]
    like: Mapping[str, str]
    severities: Mapping[str, Severity]
    same: frozenset[str] = frozenset()


class Row(NamedTuple):
    """What became of the findings of one check in one answer of a tool: each is merged into one of ours, kept as one of its
    own, a repetition of a kept one (the same check on the same place), or kept and about what is no file of the tree.
    read: the answer's index."""

    read: int
    tool: str
    check: str
    merged: int
    kept: int
    repeated: int
    elsewhere: int


class Combined(NamedTuple):
    """findings: ours with `sources` set, and the kept ones, sorted. rules: of the kept ones. bears_on: rule id of a kept one →
    the rules of ours whose controls it bears on. accounts: by answer and check."""

    findings: list[Finding]
    rules: dict[str, RuleInfo]
    bears_on: dict[str, tuple[str, ...]]
    accounts: tuple[Row, ...]


def combine(
    findings: Iterable[Finding],
    reads: Iterable[Read],
    estate: Estate,
    known: Mapping[str, Known],
    load: Callable[[str], Source | None] = lambda _: None,
) -> Combined:
    """Everything found, sorted by place. known: by tool; a tool that is not in it has no claims. load: see Places."""
    desk = _Desk(list(findings), Places(estate, load))
    for index, read in enumerate(reads):
        desk.take(index, read, known.get(read.tool, Known({}, {}, {})))
    return desk.combined()


class _Desk:
    def __init__(self, findings: list[Finding], places: Places) -> None:
        self.findings = findings
        self.places = places
        self.by_rule: dict[tuple[str, str], list[int]] = {}
        for index, finding in enumerate(findings):
            if finding.outcome == FAIL:
                self.by_rule.setdefault((finding.rule, finding.place.path), []).append(index)
        self.sources: dict[int, dict[str, None]] = {}
        self.kept: dict[tuple[str, str, Place, str], Finding] = {}
        self.rules: dict[str, RuleInfo] = {}
        self.bears_on: dict[str, tuple[str, ...]] = {}
        self.counts: dict[tuple[int, str, str], list[int]] = {}
        self.repeats: dict[tuple[str, str, str, str], int] = {}

    def take(self, index: int, read: Read, known: Known) -> None:
        for foreign in read.findings:
            counts = self.counts.setdefault((index, foreign.tool, foreign.id), [0, 0, 0, 0])
            counts[self._one(foreign, read.checks.get(foreign.id), known)] += 1

    def _one(self, foreign: Foreign, check: Check | None, known: Known) -> int:
        """0 merged, 1 kept, 2 repeated, 3 kept and about what is no file of the tree."""
        placed = self.places.of(foreign)
        if placed is None:
            # Dropped, it would silence the gate: a log of an image or of a built site names no file of the tree.
            return 3 if self._keep(foreign, self.places.nowhere(foreign), check, known) == 1 else 2
        same = self._same(foreign, placed, known.claims.get(foreign.id, ()))
        if not same and foreign.id in known.same:
            same = self._same(foreign, placed, (known.like[foreign.id],), within=False)
        for index in same:
            self.sources.setdefault(index, {})[f"{foreign.tool}:{foreign.id}"] = None
        return 0 if same else self._keep(foreign, placed, check, known)

    def _same(self, foreign: Foreign, placed: Placed, rules: Iterable[str], within: bool = True) -> list[int]:
        """Our findings of the same fault. within: also those in the lines the other names."""
        resource = placed.resource
        names = {resource.address, resource.outermost.address} if resource is not None else set()
        found = []
        for rule in rules:
            for index in self.by_rule.get((rule, foreign.path), ()):
                finding = self.findings[index]
                subjects = {finding.subject, finding.owner, *(name for pair in finding.subjects for name in pair)}
                lines = within and foreign.start_line <= finding.place.start_line <= foreign.end_line
                if subjects & names or lines:
                    found.append(index)
        return found

    def _keep(self, foreign: Foreign, placed: Placed, check: Check | None, known: Known) -> int:
        id = rule_id(foreign.tool, foreign.id)
        resource = placed.resource
        subject = resource.address if resource is not None else foreign.address
        key = (foreign.tool, foreign.id, placed.place, subject or foreign.message)
        if key in self.kept:
            return 2
        like = tuple(known.claims.get(foreign.id, ())) or (
            (known.like[foreign.id],) if foreign.id in known.like else ()
        )
        severity = _severity(foreign, like, known)
        owner = resource.outermost.address if resource is not None else ""
        environment = resource.environment.name if resource is not None and resource.environment is not None else ""
        apart = self._told_apart(foreign, placed)
        identity = f"opslint/v1\0{foreign.tool}\0{foreign.id}\0{foreign.path}\0{subject}\0{apart}"
        fingerprint = digested(identity)
        self.kept[key] = Finding(
            id, severity, FAIL, foreign.message, placed.place, subject or foreign.path, owner or subject or foreign.path,
            (environment,) if environment else (), fingerprint, identity=identity,
        )  # fmt: skip
        self.rules.setdefault(id, _info(id, foreign, check, severity))
        self.bears_on.setdefault(id, like)
        return 1

    def _told_apart(self, foreign: Foreign, placed: Placed) -> str:
        """What tells a finding from others of its check in its file: what the tool says, else its lines, counted where the
        same lines stand there again. Moves of the lines within the file change nothing."""
        if foreign.fingerprint or placed.resource is not None:
            return foreign.fingerprint
        if not foreign.path:
            return foreign.message
        lines = self.places.lines(placed.place)
        key = (foreign.tool, foreign.id, foreign.path, lines)
        self.repeats[key] = self.repeats.get(key, 0) + 1
        return f"{lines}\0{self.repeats[key]}" if self.repeats[key] > 1 else lines

    def combined(self) -> Combined:
        findings = [
            finding._replace(sources=tuple(sorted(self.sources[index]))) if index in self.sources else finding
            for index, finding in enumerate(self.findings)
        ]
        everything = sorted([*findings, *self.kept.values()], key=order)
        accounts = tuple(Row(*key, *numbers) for key, numbers in sorted(self.counts.items()))
        return Combined(everything, self.rules, self.bears_on, accounts)


def _severity(foreign: Foreign, like: Iterable[str], known: Known) -> Severity:
    """The tool's own, else that of the rules it is like, else medium."""
    if foreign.severity:
        return Severity[foreign.severity.upper()]
    return max((known.severities[rule] for rule in like if rule in known.severities), default=Severity.MEDIUM)


def _info(id: str, foreign: Foreign, check: Check | None, severity: Severity) -> RuleInfo:
    score = check.security_severity if check is not None else None
    why = check.help if check is not None and check.help else f"{foreign.tool} found this; it calls it {foreign.id}."
    fix = (check.fix or (f"See {check.help_uri}" if check.help_uri else "")) if check is not None else ""
    return RuleInfo(
        id, (check.title if check is not None else foreign.title).rstrip("."), severity, score or SCORES.get(severity),
        why, fix, check.tags if check is not None else (), {foreign.tool: (foreign.id,)},
        help_uri=_web(check.help_uri if check is not None else ""),
    )  # fmt: skip


def _web(address: str) -> str:
    """A web address that may stand in a report as a link, '' for what is none: logs of others are not trusted."""
    plain = address.startswith(("https://", "http://")) and len(address) <= LONGEST and address.isascii()
    return address if plain and address.isprintable() and not set(" <>\"'`()[]{}|\\^").intersection(address) else ""
