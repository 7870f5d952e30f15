"""Diffs of known edits are those that `patch` applies."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linter.fixes.changes import applied
from linter.fixes.diff import unified
from linter.report import Edit

TEXTS = st.lists(st.sampled_from(["a", "b", "", "long line", "x: 1"]), max_size=30).map("\n".join)


@pytest.mark.skipif(shutil.which("patch") is None, reason="asks patch itself")
@settings(max_examples=40, suppress_health_check=list(HealthCheck), deadline=None)
@given(TEXTS, st.booleans(), st.data())
def test_patch_applies_it(tmp_path: Path, text: str, ended: bool, data: st.DataObject) -> None:
    text = text + "\n" if ended else text
    points = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    edits = [
        Edit(start, end, data.draw(st.sampled_from(["", "new", "one\ntwo", "\nnew: 1"])))
        for start, end in zip(points[::2], points[1::2], strict=False)
    ]
    new = applied(text, edits)
    if new == text or not text:
        return
    (tmp_path / "file").write_bytes(text.encode())
    shown = unified("file", text, edits)
    subprocess.run(["patch", "-s", "-p1"], cwd=tmp_path, input=shown.encode(), check=True, capture_output=True)
    target = tmp_path / "file"
    assert (target.read_bytes().decode() if target.exists() else "") == new


def test_it_reads_as_people_know_it() -> None:
    text = "".join(f"{number}\n" for number in range(20))
    assert unified("a", text, [Edit(4, 6, "two\n"), Edit(len(text) - 1, len(text) - 1, "!")]) == (
        "--- a/a\n+++ b/a\n@@ -1,6 +1,6 @@\n 0\n 1\n-2\n+two\n 3\n 4\n 5\n@@ -17,4 +17,4 @@\n 16\n 17\n 18\n-19\n+19!\n"
    )
