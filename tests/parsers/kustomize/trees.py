"""Small trees of kustomizations by name, read from text files; what kustomize makes of them is kept beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
UNIT = "o"
"""The folder of each tree that is built."""


def trees() -> dict[str, dict[str, str]]:
    """Name → path → text. `== name` starts a tree, `-- path` a file; `++ name` takes in the files of another tree."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(HERE.glob("*.txt")):
        files: dict[str, str] = {}
        for line in path.read_text().splitlines(keepends=True):
            head, _, rest = line.rstrip("\n").partition(" ")
            if head == "==":
                files = found[rest] = {}
            elif head == "++":
                files.update(found[rest])
            elif head == "--":
                current = rest
                files[current] = ""
            else:
                files[current] += line
    return {
        name: {f"{UNIT}/kustomization.yaml" if path == "k" else path: text for path, text in files.items()}
        for name, files in found.items()
        if not name.startswith("_")
    }


def answers() -> dict[str, Any]:
    """Name → the objects kustomize makes, None where it refuses."""
    found: dict[str, Any] = json.loads((HERE / "answers.json").read_text())
    return found
