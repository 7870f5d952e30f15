"""The command on inputs made to break scanners: `pytest tests/accept/test_hostile.py -s`.

The corpus and the judge are ../shared/hostile. The judge runs in a user namespace of its own where the system lets it,
so that file modes count although root scans, and without a network.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = ROOT.parent / "shared" / "hostile"
UNREAD = {
    "zip_helm_bomb": "archives are never opened: the file is nobody's and the rest of the tree is fine",
    "zip_plan_bomb": "plan files are archives, which are never opened; their Terraform is judged from its source",
}
"""Cases whose file is of no format that is read, so that nobody speaks of it, and why that is right."""
BELOW = {
    "docker_directives": "its findings are medium and all printed; the gate's threshold is high where nothing else is said"
}
"""Cases that are read and judged, and whose findings do not fail the gate."""
COMMAND = [
    sys.executable, "-I", "-c",
    f"import sys; sys.path.insert(0, {str(ROOT)!r}); from linter.cli.start import main; main()",
    "scan", ".", "--output", "sarif={out}/report.sarif", "--output", "json={out}/report.json",
]  # fmt: skip
NAMESPACE = ["unshare", "--user", "--map-user=1000", "--keep-caps"]


def isolation() -> tuple[list[str], list[str]]:
    """A prefix of the judge's command and an option for it: as much isolation as this machine grants."""
    probe = "import ctypes, sys; sys.exit(ctypes.CDLL(None).unshare(0x40000000) != 0)"
    for prefix in ([*NAMESPACE], []):
        if prefix and shutil.which(prefix[0]) is None:
            continue
        if subprocess.run([*prefix, sys.executable, "-c", probe], capture_output=True, check=False).returncode == 0:
            return prefix, ["--netns"]
    return [], []


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("hostile")
    corpus, out = folder / "cases", folder / "rows.json"
    subprocess.run([sys.executable, str(HOSTILE / "hostile.py"), str(corpus)], check=True, capture_output=True)
    prefix, options = isolation()
    print(f"isolation: {' '.join([*prefix, *options]) or 'none'}")
    command = [*prefix, sys.executable, str(HOSTILE / "run_hostile.py"), str(corpus), *options, "--json", str(out)]
    done = subprocess.run([*command, "--", *COMMAND], capture_output=True, text=True, check=False, cwd=folder)
    print(done.stdout.splitlines()[-1] if done.stdout else done.stderr)
    judged: list[dict[str, Any]] = json.loads(out.read_text())["rows"]
    assert len(judged) == len(list(corpus.glob("*/expected.json"))) > 90
    return judged


def test_nothing_is_run_leaked_lost_or_broken(rows: list[dict[str, Any]]) -> None:
    broken = {
        row["case"]: row["verdicts"]
        for row in rows
        for kind, _ in row["verdicts"]
        if kind != "OK" and not (kind in ("SILENT", "GREEN_NOTED") and row["case"] in {**UNREAD, **BELOW})
    }
    assert broken == {}


def test_what_is_unread_is_still_there(rows: list[dict[str, Any]]) -> None:
    assert {row["case"] for row in rows} >= set(UNREAD)
    assert {row["exit"] for row in rows if row["case"] in UNREAD} == {0}, "it is read now: take it from the list"
