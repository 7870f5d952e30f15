"""Documents of real repositories: what share has each section, which links are dead, which runbooks no alert leads to."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from linter.config import load
from linter.engine import Request, Scan, scan
from linter.model import Estate, Finding, Resource
from linter.rules import open_pack
from linter.scope import Scope
from tests.accept.test_runbook_links import CORPORA, MAPPING, outcome, read

POLICY = "version: 1\nrunbooks:\n  base-urls:\n    https://runbooks.prometheus-operator.dev/runbooks/: {}\n"


def scanned(root: Path) -> Scan:
    request = Request(str(root), root.name, Scope(), load(str(root)), "2026-01-15", passes=True, allow_empty=True)
    return scan(request, open_pack(), lambda _: None, {})


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    root = tmp_path_factory.mktemp("books")
    shutil.copytree(CORPORA / "prometheus-runbooks", root / "runbooks")
    return read(root, {})


@pytest.fixture(scope="module")
def books(pages: Estate) -> list[Resource]:
    """The 108 pages that were measured: all below `content/runbooks` but the indexes."""
    under = "runbooks/content/runbooks/"
    return [each for each in pages.resources if each.address.startswith(under) and "_index" not in each.address]


def percent(books: list[Resource], found: object) -> float:
    assert callable(found)
    return 100 * sum(bool(found(each)) for each in books) / len(books)


def has(part: str) -> object:
    return lambda book: any(s["level"] == 2 and s["title"].strip().lower() == part for s in book.body["sections"])


def test_the_pages_are_those_measured(books: list[Resource]) -> None:
    assert len(books) == 108
    assert {each.kind for each in books} == {"document/runbook"}


@pytest.mark.parametrize(("part", "share"), [("meaning", 96), ("impact", 97), ("diagnosis", 96), ("mitigation", 96)])
def test_share_with_each_section(books: list[Resource], part: str, share: int) -> None:
    assert abs(percent(books, lambda book: part in book.body["parts"]) - share) <= 1
    assert abs(percent(books, has(part)) - share) <= 1
