"""A program that stands in for a scanner and does what its test wants: what a scanner may do wrong, on demand."""

from __future__ import annotations

import sys
from pathlib import Path

CHECKOV = """#!{python}
import json, os, sys, time
tree = sys.argv[sys.argv.index("--directory") + 1]
{body}
"""
REPORT = """
records = {records}
print(json.dumps({{"check_type": "terraform", "results": {{"failed_checks": records, "skipped_checks": [], "parsing_errors": []}},
    "summary": {{"checkov_version": "3.9.9"}}}}))
"""


def checkov(folder: Path, body: str) -> Path:
    """A `checkov` in a folder of its own whose body runs with `tree`, the folder it was told to scan."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "checkov"
    path.write_text(CHECKOV.format(python=sys.executable, body=body), encoding="utf-8")
    path.chmod(0o755)
    return path


def report(*records: dict[str, object]) -> str:
    """A body that prints these failed checks."""
    return REPORT.format(records=list(records))


def record(id: str, path: str, lines: tuple[int, int], resource: str, **more: object) -> dict[str, object]:
    """One failed check as Checkov writes it."""
    return {
        "check_id": id, "check_name": f"Ensure {id}", "file_path": f"/{path}", "file_line_range": list(lines),
        "resource": resource, "check_result": {"result": "FAILED"}, **more,
    }  # fmt: skip


SEMGREP = """#!{python}
import json, os, sys, time
tree = sys.argv[-1]
def result(path, line, id="python-http-timeout", **extra):
    place = {{"line": line, "col": 1}}
    return {{"check_id": id, "path": os.path.join(tree, path), "start": place, "end": {{"line": line, "col": 6}},
        "extra": {{"message": "It waits", "severity": "WARNING", "lines": "requires login", **extra}}}}
def report(*results, errors=()):
    print(json.dumps({{"version": "1.9.9", "results": results, "errors": errors}}))
{body}
"""


def semgrep(folder: Path, body: str) -> Path:
    """A `semgrep` in a folder of its own; its body has `tree`, the folder to scan, `result(…)` and `report(…)`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "semgrep"
    path.write_text(SEMGREP.format(python=sys.executable, body=body), encoding="utf-8")
    path.chmod(0o755)
    return path
