"""Workflows beside actionlint: what it accepts gives no diagnostic of ours, and expressions reparse to themselves.

The reference is looked up as `actionlint` on the PATH or in the environment variable ACTIONLINT (a path); without it the
recorded answers in workflows.csv are used. `python -m tests.accept.test_workflows` records them anew.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from linter.config import Settings
from linter.engine import Request, scan
from linter.model import Map, Seq
from linter.parsers.pipelines.expression_nodes import Node, written
from linter.parsers.pipelines.expressions import find, parse
from linter.rules import open_pack
from linter.scope import Scope
from linter.syntax.yaml import load

SHARED = Path(__file__).resolve().parents[3] / "shared"
RECORDED = Path(__file__).with_name("workflows.csv")
FOLDER = "/.github/workflows/"
PACK = open_pack()
RULES = tuple(id for id in PACK.ids if PACK.rule(id).data.get("check") == "workflow_valid")


def workflows() -> list[str]:
    """Every workflow below ../shared, relative to it."""
    roots = (SHARED / "corpora", SHARED / "oracle" / "open" / "data")
    found = [path for root in roots for path in root.rglob("*.y*ml") if FOLDER in str(path) and path.is_file()]
    return sorted(str(path.relative_to(SHARED)) for path in found)


def repositories(paths: list[str]) -> dict[str, list[str]]:
    """Repository → its workflows."""
    grouped: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        repository, _, name = path.rpartition(FOLDER)
        grouped[repository].append(f"{FOLDER[1:]}{name}")
    return grouped


def reference() -> str | None:
    return os.environ.get("ACTIONLINT") or shutil.which("actionlint")


def asked(program: str, repository: str, names: list[str]) -> set[str]:
    """The workflows of a repository in which the reference finds nothing; shells and Python left out."""
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / "repository"
        shutil.copytree(SHARED / repository / ".github", copied / ".github")
        # Without a repository around it the reference does not look for the files that a workflow names.
        (copied / ".git").mkdir()
        command = [program, "-shellcheck=", "-pyflakes=", "-format", "{{json .}}", *names]
        done = subprocess.run(command, cwd=copied, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done.stderr
        complained = {os.path.normpath(each["filepath"]) for each in json.loads(done.stdout or "[]") or []}
    return {name for name in names if name not in complained}


@cache
def accepted() -> dict[str, tuple[str, ...]]:
    """Repository → the workflows that the reference accepts."""
    program = reference()
    if program is None:
        with RECORDED.open(encoding="utf-8", newline="") as lines:
            paths = [row["workflow"] for row in csv.DictReader(lines)]
        return {repository: tuple(names) for repository, names in repositories(paths).items()}
    grouped = repositories(workflows())
    answers = {repository: tuple(sorted(asked(program, repository, names))) for repository, names in grouped.items()}
    return {repository: names for repository, names in answers.items() if names}


def test_accepted_workflows_have_no_diagnostic() -> None:
    wrong, judged = [], 0
    for repository, names in accepted().items():
        request = Request(
            str(SHARED / repository), "x", Scope(), Settings(), "2026-01-15", full=True, allow_empty=True,
            only_rules=RULES,
        )  # fmt: skip
        report = scan(request, PACK, lambda _: None, {}).report
        judged += len(names)
        for failure in report.failures:
            if failure.place is not None and failure.place.path in names:
                wrong.append(f"{repository}/{failure.place.path}:{failure.place.start_line} {failure.message}")
        for finding in report.findings:
            if finding.outcome == "fail" and finding.place.path in names:
                wrong.append(f"{repository}/{finding.place.path}:{finding.place.start_line} {finding.rule}")
    print(f"\nworkflows that actionlint accepts: {judged}, with a diagnostic of ours: {len(wrong)}")
    assert judged >= 80
    assert wrong == []


def test_the_recorded_answers_are_of_these_files() -> None:
    with RECORDED.open(encoding="utf-8", newline="") as lines:
        recorded = [row["workflow"] for row in csv.DictReader(lines)]
    assert len(recorded) >= 80
    assert set(recorded) <= set(workflows())


def texts(value: Any, key: str = "") -> Iterator[tuple[str, bool]]:
    """Every text below a value; whether it is a condition, which is an expression even without `${{ }}`."""
    stack = [(value, key)]
    while stack:
        value, key = stack.pop()
        if isinstance(value, str):
            yield value, key == "if"
        elif isinstance(value, Map):
            stack.extend((item, str(name)) for name, item in value.items())
        elif isinstance(value, Seq):
            stack.extend((item, key) for item in value)


def expressions() -> Iterator[str]:
    for path in workflows():
        text = (SHARED / path).read_text(encoding="utf-8-sig", errors="replace")
        for document in load(0, text, "1.2").documents:
            for value, condition in texts(document.value):
                if "${{" in value:
                    yield from (value[each.inner[0] : each.inner[1]].strip() for each in find(value) if each.closed)
                elif condition:
                    yield value.strip()


def bare(node: Any) -> Any:
    """A tree without its offsets."""
    if isinstance(node, tuple) and len(node) > 3 and isinstance(node[0], str) and isinstance(node[1], int):
        return (node[0], *(bare(part) for part in node[3:]))
    if isinstance(node, tuple):
        return tuple(bare(part) for part in node)
    return type(node).__name__, node


def test_expressions_reparse_to_themselves() -> None:
    read: set[str] = set()
    refused = set()
    for text in expressions():
        node: Node | None = parse(text).node
        if node is None:
            refused.add(text)
            continue
        again = parse(written(node))
        assert again.node is not None, (text, written(node), again.error)
        assert bare(again.node) == bare(node), (text, written(node))
        read.add(text)
    print(f"\nexpressions that reparse to themselves: {len(read)}; refused: {len(refused)}")
    assert len(read) >= 400
    assert len(refused) <= 20, sorted(refused)


def main() -> None:
    if reference() is None:
        raise SystemExit("actionlint is not on the PATH; set ACTIONLINT")
    with RECORDED.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["workflow"])
        for repository, names in sorted(accepted().items()):
            writer.writerows([f"{repository}/{name}"] for name in names)


if __name__ == "__main__":
    main()
