"""Our evaluator against Terraform's own, asked anew: recorded expressions, and generated ones of another seed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from linter.model import Map, Seq
from linter.parsers.terraform.evaluate import guarded, machine
from linter.parsers.terraform.scope import Scope
from linter.syntax.hcl import parse_expression
from tests.parsers import terraform_console as console
from tests.parsers.terraform_generator import SEED, expressions
from tests.parsers.test_terraform_recorded import GENERATED, WRITTEN, differences

OTHER = 2000


@pytest.fixture
def binary() -> str:
    found = shutil.which("terraform")
    assert found is not None, "the reference test needs the terraform program on the PATH"
    return found


def test_what_is_recorded_is_what_terraform_says(binary: str, tmp_path: Path) -> None:
    for path in (GENERATED, WRITTEN):
        recorded = console.recorded(path)
        assert console.ask(binary, tmp_path, list(recorded)) == recorded


@pytest.mark.parametrize("seed", [SEED + 1, SEED + 2])
def test_other_seeds(binary: str, tmp_path: Path, seed: int) -> None:
    answers = console.ask(binary, tmp_path, expressions(OTHER, seed))
    assert differences(answers) == []
    print(f"\nseed {seed}: {len(answers)} generated expressions, 0 differences")


def test_places_survive_functions() -> None:
    """Elements of merged, concatenated and flattened collections stay where they were written."""
    text = 'merge({a = "x"}, {b = "y"})'
    value = guarded(parse_expression(text), Scope(machine(), None, 0, {}))
    assert isinstance(value, Map)
    assert {key: text[at[3] : at[4]] for key, at in value.at.items()} == {"a": '"x"', "b": '"y"'}
    text = 'flatten([["x"], concat(["y"], ["z"])])'
    listed = guarded(parse_expression(text), Scope(machine(), None, 0, {}))
    assert isinstance(listed, Seq)
    assert [text[at[3] : at[4]] for at in listed.at] == ['"x"', '"y"', '"z"']
