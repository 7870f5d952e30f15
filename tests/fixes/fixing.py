"""Helpers of the tests of fixes: files are scanned by rules, mended in memory, and scanned again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping

from linter.config import load
from linter.engine import Request, Scan, scan
from linter.engine.proof import AS_OF
from linter.files import write_atomic
from linter.report import live
from linter.rules import open_pack
from linter.rules.pack import Pack
from linter.scope import Scope

PACK: Pack = open_pack()


def scanned(files: Mapping[str, str], *rules: str) -> Scan:
    """Files (path → text), judged by some rules or by all."""
    with tempfile.TemporaryDirectory(prefix="opslint-fixes-") as folder:
        for path, text in files.items():
            target = os.path.join(folder, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            write_atomic(target, text.encode())
        request = Request(
            root=folder, name="example", scope=Scope(), settings=load(folder), as_of=AS_OF, only_rules=rules
        )
        return scan(request, PACK, lambda _: None, {})


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
