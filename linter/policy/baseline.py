"""The baseline: faults that are known, told apart from those that are new.

A baseline is no decision to live with a fault, as a waiver is, and shows no control to be met: what stands in it is not
reported anew and does not fail the gate, and still counts against the frameworks. An entry covers one finding (or as
many as it says): of two equal faults, one of them recorded, one is new. It covers only findings of its own rule and path
whose fingerprint is the recorded one, which no line and no environment is part of; where the rule has been renamed, or
the file is no longer there, also the same fault under the rule's new id and at the file's new path.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from linter.digests import digested
from linter.model import FAIL, UNKNOWN, Finding
from linter.records import NamedTuple
from linter.report import Recorded
from linter.text import redact, safe_text

_TRIES = 200_000
"""How many pairs of a moved file's entries and findings are compared at most."""


class Matched(NamedTuple):
    """findings: all of them, in their order, those in the baseline with `known` set. pairs: (finding's index, entry) of
    each of these. left: entries with how often they found nothing, where that is at least once."""

    findings: tuple[Finding, ...]
    pairs: tuple[tuple[int, Recorded], ...]
    left: tuple[Recorded, ...]


def match(
    findings: Sequence[Finding], entries: Iterable[Recorded], current: Callable[[str], str], paths: Collection[str]
) -> Matched:
    """Which findings are known. current: a rule's present id by any it had. paths: all that the tree holds."""
    ledger = _Ledger(findings, entries)
    for index, finding in enumerate(findings):
        if finding.outcome in (FAIL, UNKNOWN):
            ledger.exactly(index, finding)
    ledger.elsewhere(current, paths)
    known = {index for index, _ in ledger.pairs}
    return Matched(
        tuple(each._replace(known=True) if index in known else each for index, each in enumerate(findings)),
        tuple(sorted(ledger.pairs)),
        tuple(entry._replace(number=left) for entry, left in ledger.left.items() if left),
    )


def record(findings: Iterable[Finding], unknown: bool) -> tuple[Recorded, ...]:
    """The entries of a baseline that holds these findings, sorted; waived ones have their decision and stay out.

    unknown: what is undecided is recorded too. Of a fault's words nothing is recorded, since they quote values.
    """
    counted: dict[Recorded, int] = {}
    everything = list(findings)
    for finding, identity in zip(everything, _identities(everything), strict=True):
        if finding.waiver is None and (finding.outcome == FAIL or (unknown and finding.outcome == UNKNOWN)):
            fingerprint = _fingerprint(finding, identity)
            entry = Recorded(finding.place.path, finding.rule, _subject(finding), fingerprint, finding.outcome)
            counted[entry] = counted.get(entry, 0) + 1
    return joined(entry._replace(number=count) for entry, count in counted.items())


def joined(entries: Iterable[Recorded]) -> tuple[Recorded, ...]:
    """Entries in the order of a baseline's file, equal ones as one."""
    counted: dict[Recorded, int] = {}
    for entry in entries:
        single = entry._replace(number=1)
        counted[single] = counted.get(single, 0) + entry.number
    return tuple(entry._replace(number=counted[entry]) for entry in sorted(counted, key=_order))


def total(entries: Iterable[Recorded]) -> int:
    """How many faults entries stand for."""
    return sum(entry.number for entry in entries)


def _order(entry: Recorded) -> tuple[bytes, str, str, str, str]:
    return entry.path.encode("utf-8", "surrogatepass"), entry.rule, entry.subject, entry.fingerprint, entry.outcome


def _subject(finding: Finding) -> str:
    """What a person calls the resource, as a file that is committed may show it."""
    return safe_text(redact(finding.subject))


def _identities(findings: Sequence[Finding]) -> list[str]:
    """What each fingerprint is the digest of, those of unknown findings counted among their own.

    In a report they are counted after the failures of the same resource, so that a failure mended would rename them.
    """
    seen: dict[str, int] = {}
    made = []
    for finding in findings:
        identity = finding.identity
        if finding.outcome == UNKNOWN and identity:
            natural = identity.rpartition("\0")[0]
            seen[natural] = ordinal = seen.get(natural, 0) + 1
            identity = f"{natural}\0{ordinal}"
        made.append(identity)
    return made


def _fingerprint(finding: Finding, identity: str) -> str:
    return digested(identity) if finding.outcome == UNKNOWN and identity else finding.fingerprint


def _fingerprint_at(finding: Finding, identity: str, entry: Recorded) -> str:
    """The fingerprint of a finding if its rule and file still were those of an entry; '' where that cannot be said.

    Addresses that begin with their file (those of pipelines) begin with the former one. Findings of ours are told apart
    by rule, path, address, element and ordinal, those of other tools by tool, check, path, address and more.
    """
    fields = identity.split("\0")
    path, at = finding.place.path, 2
    if len(fields) < 5:
        return ""
    if fields[1] == finding.rule:
        fields[1] = entry.rule
    else:
        at = 3
    fields[at], fields[at + 1] = entry.path, fields[at + 1].replace(path, entry.path)
    return digested("\0".join(fields))


class _Ledger:
    """The entries of one baseline and what each of them covers."""

    def __init__(self, findings: Sequence[Finding], entries: Iterable[Recorded]) -> None:
        self.findings = findings
        self.left = {entry._replace(number=1): entry.number for entry in joined(entries)}
        self.pairs: list[tuple[int, Recorded]] = []
        self._identities = _identities(findings)
        self._by_print: dict[tuple[str, str], list[Recorded]] = {}
        for entry in self.left:
            self._by_print.setdefault((entry.outcome, entry.fingerprint), []).append(entry)
        self._open: list[int] = []

    def exactly(self, index: int, finding: Finding) -> None:
        """Covers a finding by an entry that says the same of it in all it says, but for the subject: a finding of many
        resources has the first one's, and another may become the first."""
        fingerprint = _fingerprint(finding, self._identities[index])
        for entry in self._by_print.get((finding.outcome, fingerprint), ()):
            if self.left[entry] and entry.rule == finding.rule and entry.path == finding.place.path:
                self._cover(index, entry)
                return
        self._open.append(index)

    def _cover(self, index: int, entry: Recorded) -> None:
        self.left[entry] -= 1
        self.pairs.append((index, entry))

    def elsewhere(self, current: Callable[[str], str], paths: Collection[str]) -> None:
        """Covers what is left by entries of rules under a former id, and of files that are not there any more."""
        buckets: dict[tuple[str, str, str], list[Recorded]] = {}
        for entry, left in self.left.items():
            if left and (entry.path not in paths or current(entry.rule) != entry.rule):
                subject = entry.subject.replace(entry.path, "\0")
                buckets.setdefault((entry.outcome, current(entry.rule), subject), []).append(entry)
        tries = _TRIES
        for index in self._open if buckets else ():
            finding = self.findings[index]
            path = finding.place.path
            bucket = buckets.get((finding.outcome, finding.rule, _subject(finding).replace(path, "\0")), ())
            for entry in bucket[:tries]:
                tries -= 1
                allowed = self.left[entry] and (entry.path == path or entry.path not in paths)
                if allowed and entry.fingerprint == _fingerprint_at(finding, self._identities[index], entry):
                    self._cover(index, entry)
                    break
