"""Our evaluator against what `terraform console` has answered: generated and hand-written expressions, value by value.

The answers stand in terraform_generated.jsonl and terraform_written.jsonl. Where the terraform program is on the PATH,
tests/accept asks it again; `python -m tests.parsers.test_terraform_recorded` records anew.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from linter.model import Unknown
from linter.parsers.terraform.compare import first_unknown
from linter.parsers.terraform.evaluate import guarded, machine
from linter.parsers.terraform.functions import names
from linter.parsers.terraform.json_text import json_text
from linter.parsers.terraform.scope import Scope
from linter.parsers.terraform.values import Wrong
from linter.syntax.hcl import parse_expression
from tests.parsers import terraform_console as console
from tests.parsers.terraform_generator import COUNT, expressions

HERE = Path(__file__).parent
GENERATED = HERE / "terraform_generated.jsonl"
WRITTEN = HERE / "terraform_written.jsonl"


def ours(expression: str) -> str:
    """Our answer in the form of the console's: JSON text, or ERROR where Terraform would refuse."""
    value = guarded(parse_expression(f"[\n{expression}\n]"), Scope(machine(), None, 0, {}))
    unknown = first_unknown(value)
    if unknown is not None:
        return console.ERROR if unknown.cause == "expression" else repr(unknown)
    try:
        return json_text(value)
    except Wrong:
        return console.ERROR


def differences(answers: dict[str, str]) -> list[tuple[str, str, str]]:
    return [(each, answer, mine) for each, answer in answers.items() if (mine := ours(each)) != answer]


@pytest.mark.parametrize("path", [GENERATED, WRITTEN], ids=lambda path: path.stem)
def test_same_as_terraform(path: Path) -> None:
    """JSON texts are compared, so numbers digit by digit, and what is a string is no number."""
    assert differences(console.recorded(path)) == []


def test_what_is_recorded_is_what_the_seed_gives() -> None:
    assert list(console.recorded(GENERATED)) == expressions()


def test_enough_is_recorded() -> None:
    generated, written = console.recorded(GENERATED), console.recorded(WRITTEN)
    assert len(generated) == COUNT >= 4000
    assert len(written) >= 600
    refused = sum(answer == console.ERROR for answer in generated.values())
    assert 0.1 < refused / COUNT < 0.3


def test_every_function_is_asked() -> None:
    text = "\n".join([*console.recorded(GENERATED), *console.recorded(WRITTEN)])
    legacy = {"list", "map", "type", "ephemeralasnull"}
    opentofu = {"base64gunzip", "cidrcontains", "urldecode"}
    assert [name for name in names() if name not in legacy | opentofu and f"{name}(" not in text] == []


def test_functions_of_opentofu() -> None:
    zipped = "H4sIAAAAAAACA8tIzcnJBwCGphA2BQAAAA=="
    assert ours(f'base64gunzip("{zipped}")') == '["hello"]'
    assert ours('try(base64gunzip("aGk="), "no")') == '["no"]'
    assert ours('urldecode("a%20b+c%2F%C3%A9")') == '["a b c/é"]'
    assert ours('try(urldecode("%zz"), "no")') == '["no"]'
    assert (
        ours('[cidrcontains("10.0.0.0/8", "10.1.2.3"), cidrcontains("10.0.0.0/8", "10.0.0.0/7")]') == "[[true,false]]"
    )
    assert ours('try(cidrcontains("10.0.0.0/8", "fe80::1"), "no")') == '["no"]'


@pytest.mark.parametrize(
    ("call", "cause"),
    [
        ("timestamp()", "run-time"), ("plantimestamp()", "run-time"), ("uuid()", "run-time"), ('bcrypt("x")', "run-time"),
        ('rsadecrypt("x", "y")', "run-time"), ('base64gzip("x")', "function"), ('abspath("x")', "function"),
        ("provider::aws::arn_parse(1)", "function"), ("nonsense(1)", "expression"),
    ],
)  # fmt: skip
def test_other_functions_are_unknown_by_name(call: str, cause: str) -> None:
    value = guarded(parse_expression(call), Scope(machine(), None, 0, {}))
    assert isinstance(value, Unknown)
    assert (value.cause, value.subject) == (cause, call.partition("(")[0] + "()")


def test_a_difference_is_seen() -> None:
    assert differences({"1 + 1": "[2]"}) == []
    assert differences({"1 + 1": "[3]", '"1"': "[1]", "null.a": "[null]", "0.1": "[0.10]"}) != []
    assert len(differences({"1 + 1": "[3]", '"1"': "[1]", "null.a": "[null]", "0.1": "[0.10]"})) == 4


def main() -> None:
    """Ask the terraform program on the PATH and record its answers."""
    binary = shutil.which("terraform")
    assert binary is not None, "recording needs the terraform program on the PATH"
    with tempfile.TemporaryDirectory() as folder:
        console.record(GENERATED, console.ask(binary, Path(folder), expressions()))
        console.record(WRITTEN, console.ask(binary, Path(folder), list(console.recorded(WRITTEN))))


if __name__ == "__main__":
    main()
