"""The findings of a scan compared with its baseline: which are known, and which known faults are gone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from linter.model import FAIL, UNKNOWN, Failure, Finding, Place
from linter.policy import baseline
from linter.records import NamedTuple
from linter.report import Baseline, Compared, Recorded
from linter.rules.pack import Pack

_ROOTS = 50
"""How many recorded paths are looked for below, or above, another root."""


class Known(NamedTuple):
    """findings: all of them, the known ones marked. problems: sentences about entries that cover nothing. failures: why
    the baseline is none of this tree."""

    findings: tuple[Finding, ...]
    compared: Compared
    problems: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()


class Looked(NamedTuple):
    """What a scan looked at. covers: the reported paths. incomplete: something failed, so that what was not found may
    still be there. failed: paths of artifacts of which that is known and allowed. only: the rules that were asked for, ()
    for all. left_out: rules that only a framework nobody asked for wants judged. tools: other tools that took part."""

    covers: Callable[[str], bool]
    incomplete: bool
    failed: frozenset[str]
    only: tuple[str, ...]
    left_out: Callable[[str], bool]
    tools: frozenset[str]

    def at(self, entry: Recorded, rule: str) -> bool:
        """Whether the scan would have found the fault if it were there. rule: the present id of the entry's."""
        if self.incomplete or entry.path in self.failed or not self.covers(entry.path):
            return False
        if self.only and rule not in self.only:
            return False
        tool, dot, _ = rule.partition(".")
        return tool in self.tools if dot else not self.left_out(rule)


def compare(
    findings: Sequence[Finding],
    known: Baseline,
    pack: Pack,
    paths: Collection[str],
    fixed: Collection[str],
    looked: Looked,
) -> Known:
    """paths: every path of the tree. fixed: rules that cannot be waived, which no baseline covers either."""
    failures = tuple(_of_another_root(known, paths))
    if failures:
        return Known(tuple(findings), Compared(known.source, known.sha256, unseen=known.entries), (), failures)
    entries = [entry for entry in known.entries if pack.present(entry.rule) not in fixed]
    refused = [entry for entry in known.entries if pack.present(entry.rule) in fixed]
    matched = baseline.match(findings, entries, pack.present, paths)
    undecided = {finding.fingerprint for finding in findings if finding.outcome == UNKNOWN}
    found = 0
    unseen, gone = list(refused), list[Recorded]()
    for index, entry in matched.pairs:
        if looked.covers(findings[index].place.path):
            found += 1
        else:
            unseen.append(entry)
    for entry in matched.left:
        decided = entry.outcome != FAIL or entry.fingerprint not in undecided
        (gone if decided and looked.at(entry, pack.present(entry.rule)) else unseen).append(entry)
    compared = Compared(known.source, known.sha256, found, baseline.joined(gone), baseline.joined(unseen))
    problems = tuple(
        f"{known.source}: the entries of {rule} cover nothing: it cannot be waived here; `opslint baseline update` takes "
        f"them out."
        for rule in sorted({entry.rule for entry in refused})
    )
    return Known(matched.findings, compared, problems)


def left_out(pack: Pack, asked: Collection[str]) -> Callable[[str], bool]:
    """Whether a rule is only judged where a framework is asked for, and none of these is one. asked: their ids."""
    ids = frozenset(pack.ids)

    def is_left_out(rule: str) -> bool:
        data: Mapping[str, Any] = pack.rule(rule).data if rule in ids else {}
        return "asked" in data and not set(asked).intersection(data["asked"])

    return is_left_out


def _of_another_root(known: Baseline, paths: Collection[str]) -> Iterable[Failure]:
    """A failure where no recorded file is in the tree, and one would be, or the tree's be in it, from another root."""
    recorded = sorted({entry.path for entry in known.entries})
    if not recorded or any(path in paths for path in recorded):
        return
    present = sorted(paths)
    for path in recorded[:_ROOTS]:
        for other in present:
            if other.endswith(f"/{path}"):
                root = f"--root {other[: -len(path) - 1]}"
            elif path.endswith(f"/{other}") and not other.endswith("/"):
                root = f"the folder as root in which this one is {path[: -len(other) - 1]}/"
            else:
                continue
            message = (
                f"The baseline {known.source} was made with another root: of its files none is here, such as {path}"
            )
            remedy = f"Scan with {root}, or make the baseline anew with `opslint baseline create --force`."
            yield Failure("baseline-of-another-root", Place("", 1, 1, 1, 1), message, remedy)
            return
