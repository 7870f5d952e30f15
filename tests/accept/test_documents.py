"""Documents of real repositories: what share has each section, which links are dead, which runbooks no alert leads to."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable

import pytest

from linter.checks import alerts, documents, runbook_mentions
from linter.model import Estate, Resource
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
    """104 were measured by headings alone; one of those headings stands in a code block that is never closed."""
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
