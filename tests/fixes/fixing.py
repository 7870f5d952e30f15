"""Helpers of the tests of fixes: files are scanned by rules, mended in memory, and scanned again."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from linter.engine import Scan
from linter.report import live
from tests import support
from tests.support import PACK as PACK


def scanned(files: Mapping[str, str], *rules: str) -> Scan:
    """Files (path → text), judged by some rules or by all."""
    with tempfile.TemporaryDirectory(prefix="opslint-fixes-") as folder:
        return support.scanned(support.write(Path(folder), files), *rules, full=False)


def mended(files: Mapping[str, str], *rules: str, unsafe: bool = True) -> dict[str, str]:
    """The files as they are after one round of fixes."""
    found = dict(files)
    for each in scanned(files, *rules).plan().mendings(unsafe):
        assert each.old == found[each.path]
        found[each.path] = each.new
    return found


def failing(files: Mapping[str, str], *rules: str) -> list[str]:
    """What fails, each as 'rule path subject', and what was not analysed."""
    report = scanned(files, *rules).report
    return sorted(
        [f"{finding.rule} {finding.place.path} {finding.subject}" for finding in live(report)]
        + [f"{failure.id} {failure.place.path} {failure.message}" for failure in report.failures]
    )
