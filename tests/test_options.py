"""A plain call of `scan` is read without click exactly as click reads it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.cli.options import SCAN, plain
from linter.cli.scan import scan

REPOSITORY = Path(__file__).resolve().parent.parent
WORDS = (
    *(option.flag for option in SCAN), "a", "b/c", "--", "-", "-h", "--help", "--roo", "--format=json", "--format=odd",
    "json", "sarif=x", "--verbose=1", "--root=x=y", "--var=a=b", "--rule=", "high", "always", "full", "", "--no", "-x",
)  # fmt: skip


def by_click(arguments: list[str]) -> dict[str, object] | None:
    try:
        return scan.make_context("scan", list(arguments)).params
    except (click.ClickException, click.exceptions.Exit):
        return None


@given(st.lists(st.sampled_from(WORDS), max_size=6))
def test_reads_as_click_does_or_leaves_it_to_click(arguments: list[str]) -> None:
    ours = plain(arguments)
    assert ours is None or ours == by_click(arguments)


def test_reads_every_option_itself() -> None:
    for option in SCAN:
        value = option.choices[-1] if option.choices else "x=y"
        arguments = ["here", option.flag, *(() if option.switch else (value,)), "there"]
        assert plain(arguments) == by_click(arguments) is not None
    assert plain([]) == by_click([]) is not None


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--nothing"], ["--format"], ["--format", "odd"], ["--root", "--ide"]]
)
def test_leaves_help_and_mistakes_to_click(arguments: list[str]) -> None:
    assert plain(arguments) is None


def test_the_table_names_what_the_command_takes() -> None:
    assert [option.name for option in SCAN] == [p.name for p in scan.params if isinstance(p, click.Option)]


HEAVY = frozenset(
    """click jsonschema sarif_om yaml pyromark markdown_it rich asyncio dataclasses urllib hashlib _hashlib ssl difflib
    inspect uuid subprocess tempfile logging argparse decimal fractions random socket threading multiprocessing
    concurrent.futures importlib.metadata xml html email http unittest ast tokenize""".split()  # noqa: SIM905
)


def test_a_small_scan_imports_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_kms_key" "main" {\n  description = "shop"\n}\n')
    done = subprocess.run(
        [sys.executable, "-S", "-X", "importtime", "-m", "linter", "scan", str(tmp_path), "--root", str(tmp_path)],
        capture_output=True, text=True, cwd=REPOSITORY, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and "kms-rotate-keys" in done.stdout, done
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "linter.parsers.terraform.layout" in imported and "linter.reporters.excerpts" in imported
    others = {name.partition(".")[0] for name in imported} | imported
    assert sorted(others.intersection(HEAVY)) == []
    assert not [name for name in imported if name.startswith(("linter.parsers.kube", "linter.syntax.yaml"))]
