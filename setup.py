"""Packs the rule files into the package; everything else is in pyproject.toml."""

from __future__ import annotations

import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).resolve().parent


class BuildWithRules(build_py):
    def run(self) -> None:
        sys.path.insert(0, str(HERE))
        from linter.rules.pack import build

        rules = HERE / "rules"
        files = {path.relative_to(rules).as_posix(): path.read_text("utf-8") for path in rules.rglob("*.yaml")}
        (HERE / "linter" / "pack.json").write_bytes(build(files))
        super().run()


setup(cmdclass={"build_py": BuildWithRules})
