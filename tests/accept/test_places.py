"""Every judgement on real repositories is where its file has what was judged, as parsers that are not ours read it.

Terraform is read by python-hcl2, YAML by PyYAML's own parser (our reader builds on libyaml's), Markdown by markdown-it-py;
see places.py. That the test can fail is shown by moving every place by one column.
"""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from linter.config import load
from linter.engine import Request, Scan, scan
from linter.model import Finding, Source
from linter.rules import open_pack
from linter.scope import Scope
from tests.accept.places import Accepts, checker
from tests.accept.sample import CORPORA, SEED, live, sampled, trees, triage, where

DECIDED_ELSEWHERE = {"missing-input", "remote-source", "run-time", "mapping", "overlay", "other-unit"}
"""Causes of unknown judgements that a repository cannot help; any other is a fault of ours."""


@cache
def everything(tree: str) -> Scan:
    """A scan of a tree with passes and unknown judgements, each at the place that decided it."""
    root = str(CORPORA / tree)
    request = Request(root, tree, Scope(), load(root), SEED, allow_empty=True, full=True)
    return scan(request, open_pack(), lambda _: None, {})


def source_of(tree: str, path: str) -> Source:
    source = everything(tree).report.sources(path)
    assert source is not None, f"{path} was judged and not read"
    return source


@cache
def accepts(tree: str, path: str) -> Accepts:
    return checker(path, source_of(tree, path).text)


def right(tree: str, finding: Finding, columns: int = 0) -> bool:
    """Whether a finding's place, moved by some columns, is exactly something that stands in its file."""
    place = finding.place
    starts = source_of(tree, place.path).starts
    start = starts[place.start_line - 1] + place.start_column - 1
    end = starts[place.end_line - 1] + place.end_column - 1
    return accepts(tree, place.path)(start + columns, end + columns)


def test_there_are_trees() -> None:
    assert len(trees()) >= 8


@pytest.mark.parametrize("tree", trees())
def test_scans_without_a_crash(tree: str) -> None:
    report = everything(tree).report
    assert [f"{failure.id} {failure.place.path} {failure.message}" for failure in report.failures] == []
    assert report.verdict.execution == "complete"
    assert report.counts.passed


@pytest.mark.parametrize("tree", trees())
def test_every_place_is_what_was_judged(tree: str) -> None:
    findings = everything(tree).report.findings
    wrong = [f"{finding.rule} {where(finding)} {finding.message}" for finding in findings if not right(tree, finding)]
    print(f"\n{tree}: {len(findings)} places, {len(wrong)} wrong", end="")
    assert wrong == []


@pytest.mark.parametrize("columns", [1, -1])
def test_moved_places_are_refused(columns: int) -> None:
    outcomes: Counter[tuple[str, bool]] = Counter()
    for tree in trees():
        for finding in everything(tree).report.findings:
            outcomes[finding.place.path.rsplit(".", 1)[-1], right(tree, finding, columns)] += 1
    for suffix in sorted({suffix for suffix, _ in outcomes}):
        refused, accepted = outcomes[suffix, False], outcomes[suffix, True]
        share = refused / (refused + accepted)
        print(f"\n.{suffix} moved by {columns:+}: {refused} of {refused + accepted} refused ({share:.1%})", end="")
        assert share >= 0.95, suffix


@pytest.mark.parametrize("tree", trees())
def test_nothing_is_reported_twice(tree: str) -> None:
    """One fault, one finding: a rule does not speak of one place twice."""
    seen = Counter((f.rule, where(f), f.message) for f in live(everything(tree)))
    assert [each for each, count in seen.items() if count > 1] == []


@pytest.mark.parametrize("tree", trees())
def test_unknown_judgements_wait_for_what_a_repository_cannot_say(tree: str) -> None:
    counts = everything(tree).report.counts
    causes: Counter[str] = Counter()
    for each in counts.unknowns:
        causes[each.cause] += each.judgements
    total = counts.passed + counts.failed + counts.unknown
    shares = ", ".join(f"{cause} {count / total:.1%}" for cause, count in causes.most_common()) or "none"
    print(f"\n{tree}: unknown {counts.unknown} of {total} judgements: {shares}", end="")
    assert set(causes) <= DECIDED_ELSEWHERE


@pytest.mark.parametrize("tree", trees())
def test_the_sample_was_read_by_a_person(tree: str) -> None:
    """Sampled findings stand in triage.csv with a verdict, and what was mended is gone from the tree.

    New rules bring findings nobody has read; more than a tenth of the sample must not be so.
    """
    read = {(each.rule, each.place): each for each in triage() if each.tree == tree}
    findings = live(everything(tree))
    sample = sampled(tree, findings)
    unread = [f"{f.rule} {where(f)} {f.message}" for f in sample if (f.rule, where(f)) not in read]
    found = {(f.rule, where(f)) for f in findings}
    back = [f"{each.rule} {each.place}" for key, each in read.items() if each.verdict == "mended" and key in found]
    verdicts = Counter(read[f.rule, where(f)].verdict for f in sample if (f.rule, where(f)) in read)
    print(f"\n{tree}: {len(sample)} of {len(findings)} findings read: {dict(verdicts)}", end="")
    assert len(unread) <= len(sample) // 10, unread
    assert back == []
    assert all(each.verdict in ("true", "false", "mended") and each.reason for each in read.values())
