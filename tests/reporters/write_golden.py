"""Writes tests/golden anew: `python tests/reporters/write_golden.py`. Read the difference before committing it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "golden"
ORIGIN = {"repository": "https://github.com/example/shop", "revision": "0123abcd", "branch": "main"}
GOLDEN: dict[str, tuple[str, dict[str, Any]]] = {
    "report.txt": ("text", {}),
    "report-verbose-color.txt": ("text", {"color": True, "verbose": True, "width": 60}),
    "report.sarif": ("sarif", {"profile": "github", **ORIGIN}),
    "report-full.sarif": ("sarif", {"profile": "full", **ORIGIN, "category": "shop"}),
    "report.json": ("json", {}),
    "summary.md": ("github-summary", ORIGIN),
    "annotations.txt": ("github-annotations", {}),
}
OTHERS: dict[str, tuple[str, dict[str, Any]]] = {
    "others.txt": ("text", {"verbose": True}),
    "others.sarif": ("sarif", {"profile": "github", **ORIGIN}),
    "others-full.sarif": ("sarif", {"profile": "full", **ORIGIN}),
    "others.json": ("json", {}),
    "others-summary.md": ("github-summary", ORIGIN),
    "others-annotations.txt": ("github-annotations", {}),
}
"""Of the sample beside a baseline and other tools."""


def rendered() -> Iterator[tuple[str, str]]:
    """(file's name, text) of every golden file, from the reports made by hand."""
    from report_sample import report, with_others

    from linter.reporters import renderer

    for name, (format, options) in GOLDEN.items():
        yield name, renderer(format)(report(), options)
    for name, (format, options) in OTHERS.items():
        yield name, renderer(format)(with_others(), options)


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT)]
    for file, text in rendered():
        (FOLDER / file).write_bytes(text.encode())
