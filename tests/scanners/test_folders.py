"""Logs that were written in a folder of the tree, and those of another tree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.scanners.test_logs import TF, log, result
from tests.support import write
from tests.test_cli import Answer, program

NOTE = "write the log from the root of the tree"


def merged(tmp_path: Path, files: dict[str, str], paths: tuple[str, ...], *options: str) -> Answer:
    tree = write(tmp_path / "tree", files)
    write(tmp_path, {"tool.sarif": json.dumps(log(*(result(path=path) for path in paths)))})
    return program("scan", "--root", tree, "--merge", tmp_path / "tool.sarif", *options, tree)


def account(answer: Answer) -> dict[str, Any]:
    (found,) = json.loads(answer.out)["scanners"]
    assert found["found"] == found["merged"] + found["kept"] + found["repeated"] + found["elsewhere"]
    return dict(found)


@pytest.mark.parametrize(
    ("files", "paths", "folder"),
    [
        (("infra/main.tf",), ("main.tf",), "infra/"),
        (("infra/main.tf", "infra/app.py"), ("app.py", "main.tf"), "infra/"),
        (("a/main.tf", "b/main.tf", "b/net/vpc.tf"), ("main.tf", "net/vpc.tf"), "b/"),
        (("deep/er/main.tf",), ("er/main.tf",), "deep/"),
    ],
)
def test_a_log_of_a_folder_is_read_below_it(
    tmp_path: Path, files: tuple[str, ...], paths: tuple[str, ...], folder: str
) -> None:
    answer = merged(tmp_path, dict.fromkeys(files, TF), paths, "--format", "json")
    found = account(answer)
    assert (found["elsewhere"], found["note"]) == (0, f"its paths are read as relative to {folder}")
    places = {each["place"]["path"] for each in json.loads(answer.out)["findings"] if each["rule"] == "some-tool.st-1"}
    assert places == {folder + path for path in paths}


@pytest.mark.parametrize(
    ("files", "paths", "said"),
    [
        (("infra/main.tf",), ("other.tf",), "none of the files it names is in this tree"),
        (("infra/main.tf",), ("main.tf", "gone.tf"), "none of the files it names is in this tree"),
        (("a/main.tf", "b/main.tf"), ("main.tf",), "the file it names is below each of a/, b/"),
        (("a/x.tf", "a/y.tf", "b/x.tf", "b/y.tf"), ("x.tf", "y.tf"), "the files it names are below each of a/, b/"),
    ],
)
def test_where_it_is_not_clear_nothing_is_moved_and_the_remedy_is_said(
    tmp_path: Path, files: tuple[str, ...], paths: tuple[str, ...], said: str
) -> None:
    answer = merged(tmp_path, dict.fromkeys(files, TF), paths)
    assert f"{len(paths)} about what is no file of this tree; {said}; {NOTE}" in answer.out
    found = account(merged(tmp_path, dict.fromkeys(files, TF), paths, "--format", "json"))
    assert found["elsewhere"] == len(paths)


def test_one_file_at_the_root_is_enough_to_leave_a_log_as_it_is(tmp_path: Path) -> None:
    files = dict.fromkeys(("main.tf", "infra/main.tf", "infra/vpc.tf"), TF)
    found = account(merged(tmp_path, files, ("main.tf", "vpc.tf"), "--format", "json"))
    assert (found["kept"], found["elsewhere"], "note" in found) == (1, 1, False)
