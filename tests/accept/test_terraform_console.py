"""Our evaluator against Terraform's own: every expression of a list, asked of `terraform console`."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from linter.model import Map, Seq
from linter.parsers.terraform.compare import first_unknown
from linter.parsers.terraform.evaluate import guarded, machine
from linter.parsers.terraform.functions import names
from linter.parsers.terraform.json_text import json_text
from linter.parsers.terraform.scope import Scope
from linter.syntax.hcl import parse_expression

LIST = Path(__file__).with_name("test_terraform_expressions.txt")
EXPRESSIONS = [line for line in LIST.read_text(encoding="utf-8").splitlines() if line and not line.startswith("# ")]
ERROR = "error"


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What Terraform says of each expression: JSON, or ERROR where it refuses."""
    binary = shutil.which("terraform")
    assert binary is not None, "the reference test needs the terraform program on the PATH"
    folder = tmp_path_factory.mktemp("console")
    (folder / "empty.rc").write_text("")
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": str(folder / "empty.rc"), "CHECKPOINT_DISABLE": "1"}
    found: dict[str, str] = {}
    for start in range(0, len(EXPRESSIONS), 50):
        part = EXPRESSIONS[start : start + 50]
        lines = _ask(binary, folder, environment, part)
        if len(lines) != len(part):
            for one in part:
                answer = _ask(binary, folder, environment, [one])
                found[one] = answer[0] if len(answer) == 1 else ERROR
        else:
            found.update(zip(part, lines, strict=True))
    return found


def _ask(binary: str, folder: Path, environment: dict[str, str], expressions: list[str]) -> list[str]:
    asked = "".join(f'base64encode(try(jsonencode([{one}]), "{ERROR}"))\n' for one in expressions)
    done = subprocess.run(
        [binary, "console"], input=asked, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return [base64.b64decode(line.strip('"')).decode() for line in done.stdout.splitlines() if line.startswith('"')]


def _ours(expression: str) -> str:
    value = guarded(parse_expression(f"[{expression}]"), Scope(machine(), None, 0, {}))
    unknown = first_unknown(value)
    if unknown is not None:
        return ERROR if unknown.cause == "expression" else repr(unknown)
    return json_text(value)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_same_as_terraform(expression: str, answers: dict[str, str]) -> None:
    ours, theirs = _ours(expression), answers[expression]
    if ERROR in (ours, theirs):
        assert ours == theirs
    else:
        assert json.loads(ours) == json.loads(theirs)
        assert type(json.loads(ours)[0]) is type(json.loads(theirs)[0])


def test_every_function_is_asked() -> None:
    text = "\n".join(EXPRESSIONS)
    legacy = {"list", "map", "type", "ephemeralasnull", "issensitive"}
    assert [name for name in names() if name not in legacy and f"{name}(" not in text] == []


def test_the_list_is_long_enough() -> None:
    assert len(EXPRESSIONS) >= 300
    assert len(set(EXPRESSIONS)) == len(EXPRESSIONS)


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
