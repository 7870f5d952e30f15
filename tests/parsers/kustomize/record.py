"""Writes answers.json: what `kubectl kustomize` makes of every tree."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).parent.parent))
from kustomize.trees import HERE, UNIT, trees


def built(folder: str | Path) -> Any:
    """The objects kustomize makes of a folder, None where it refuses."""
    done = subprocess.run(
        ["kubectl", "kustomize", str(folder)], capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode:
        return None
    return [item for item in yaml.safe_load_all(done.stdout) if item is not None]


def main() -> None:
    answers = {}
    for name, files in trees().items():
        with tempfile.TemporaryDirectory() as folder:
            for path, text in files.items():
                Path(folder, path).parent.mkdir(parents=True, exist_ok=True)
                Path(folder, path).write_text(text)
            answers[name] = built(Path(folder, UNIT))
    lines = [f"{json.dumps(name)}: {json.dumps(value, separators=(',', ':'))}" for name, value in answers.items()]
    (HERE / "answers.json").write_text("{" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main()
