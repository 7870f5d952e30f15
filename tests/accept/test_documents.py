"""Documents of real repositories: what share has each section, which links are dead, which runbooks no alert leads to."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt

from linter.checks.documents import links as documents
from linter.checks.documents import runbook_mentions
from linter.checks.monitoring import alerts
from linter.model import Estate, Finding, Resource
from tests.accept import sample
from tests.accept.test_runbook_links import CORPORA, MAPPING, outcome, read

PARTS = ("meaning", "impact", "diagnosis", "mitigation")


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    root = tmp_path_factory.mktemp("books")
    shutil.copytree(CORPORA / "kube-prometheus" / "manifests", root / "manifests")
    shutil.copytree(CORPORA / "prometheus-runbooks", root / "runbooks")
    return read(root, {"runbooks": {"base-urls": MAPPING}})


@pytest.fixture(scope="module")
def books(estate: Estate) -> list[Resource]:
    """The pages that were measured: all below `content/runbooks` but the indexes."""
    under = "runbooks/content/runbooks/"
    return [each for each in estate.resources if each.address.startswith(under) and "_index" not in each.address]


def parts_in_order(book: Resource) -> bool:
    parts = book.body["parts"]
    starts = [parts.at[part][3] for part in PARTS if part in parts]
    return len(starts) == len(PARTS) and starts == sorted(starts)


MEASURED: dict[str, tuple[int, Callable[[Resource], bool]]] = {
    "meaning": (96, lambda book: "meaning" in book.body["parts"]),
    "impact": (97, lambda book: "impact" in book.body["parts"]),
    "diagnosis": (96, lambda book: "diagnosis" in book.body["parts"]),
    "mitigation": (96, lambda book: "mitigation" in book.body["parts"]),
    "all four": (96, lambda book: all(part in book.body["parts"] for part in PARTS)),
    "front matter": (93, lambda book: "front_matter" in book.body),
    "title is the file's name": (99, lambda book: str(book.body.get("title")) == book.body["stem"]),
    "fenced code": (25, lambda book: any(block["fenced"] for block in book.body["code"])),
    "declared review date": (0, lambda book: "reviewed" in book.body["dates"]),
}
"""What was measured → (percent, how it is read). As `runbooks.yaml` of the catalogue has it."""


@pytest.mark.parametrize("what", MEASURED)
def test_share_of_pages_is_as_measured(books: list[Resource], what: str) -> None:
    share, found = MEASURED[what]
    assert len(books) == 108
    assert abs(100 * sum(map(found, books)) / len(books) - share) <= 1


def test_the_four_sections_stand_in_one_order(books: list[Resource]) -> None:
    """104 were measured by headings alone; one of those headings stands in a code block that is never closed, which
    reaches to the end of its document (CommonMark 0.31.2, 4.5)."""
    assert sum(map(parts_in_order, books)) == 103


def test_no_dead_link_is_invented(estate: Estate) -> None:
    assert {verdict.outcome for verdict in documents.relative_links_resolve(estate)} <= {"pass", "unknown"}


def test_alerts_resolve_and_nine_runbooks_are_orphans(estate: Estate) -> None:
    assert outcome(estate) == {"resolved": 112, "unresolved": 27}
    verdicts = list(runbook_mentions.linked_from_alerts(estate))
    assert Counter(verdict.outcome for verdict in verdicts) == {"pass": 99, "fail": 9}


def test_burn_rate_alerts_are_no_duplicates(estate: Estate) -> None:
    doubled = [v.resource.name for v in alerts.alert_unique(estate) if v.outcome == "fail"]
    assert [name for name in doubled if "Burn" in name or "Budget" in name] == []


@pytest.fixture(scope="module", params=sample.trees())
def judged(request: pytest.FixtureRequest) -> tuple[str, list[Finding]]:
    return request.param, sample.live(sample.documents(request.param))


def test_every_dead_link_is_dead(judged: tuple[str, list[Finding]]) -> None:
    """By another parser and another way to make anchors: the target is written there, and nothing answers to it."""
    tree, findings = judged
    for finding in findings:
        if finding.rule != "doc-relative-link-resolves":
            continue
        page = CORPORA / tree / finding.place.path
        text = page.read_text(encoding="utf-8")
        target = text.splitlines()[finding.place.start_line - 1][finding.place.start_column - 1 :]
        target = target[: finding.place.end_column - finding.place.start_column]
        path, _, fragment = target.partition("#")
        root = CORPORA / tree if path.startswith("/") else page.parent
        if not (root / unquote(path.lstrip("/"))).exists():
            continue
        assert fragment
        assert path == ""
        assert fragment.lower() not in anchors(text)


def anchors(text: str) -> set[str]:
    """The anchors of headings as GitHub makes them, repeated ones but for their number, and those written in HTML."""
    tokens = MarkdownIt().parse(text)
    headings = [after.content for token, after in pairwise(tokens) if token.type == "heading_open"]
    made = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return made | {name.lower() for name in re.findall(r"(?:id|name)=[\"']([^\"']+)", text)}


def test_the_sample_was_read_by_a_person(judged: tuple[str, list[Finding]]) -> None:
    tree, findings = judged
    read = {(each.rule, each.place): each for each in sample.triage() if each.tree == tree}
    drawn = sample.sampled(tree, findings, sample.SIZE)
    unread = [f"{f.rule} {sample.where(f)} {f.message}" for f in drawn if (f.rule, sample.where(f)) not in read]
    verdicts = Counter(read[f.rule, sample.where(f)].verdict for f in drawn if (f.rule, sample.where(f)) in read)
    print(f"\n{tree}: {len(drawn)} of {len(findings)} findings read: {dict(verdicts)}", end="")
    assert len(unread) <= len(drawn) // 10, unread
    found = {(f.rule, sample.where(f)) for f in findings}
    assert [key for key, each in read.items() if each.verdict == "mended" and key in found] == []
