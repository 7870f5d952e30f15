"""What machines are started with: credentials written out, in base64, behind an unknown, and what is none."""

from __future__ import annotations

import base64

import pytest

from linter.checks import Verdict
from linter.checks.terraform.machines import startup_without_secrets
from tests.parsers.test_terraform_links import estate_of

KIND = "terraform/azurerm_linux_virtual_machine"


def judged(arguments: str, head: str = "") -> list[Verdict]:
    estate = estate_of(f'{head}\nresource "azurerm_linux_virtual_machine" "m" {{\n{arguments}\n}}\n')
    return list(startup_without_secrets(estate, kind=KIND, paths=["custom_data", "user_data", "boot.script"]))


def outcomes(arguments: str, head: str = "") -> list[tuple[str, str]]:
    return [(verdict.outcome, verdict.element) for verdict in judged(arguments, head)]


@pytest.mark.parametrize(
    "text",
    [
        "export DATABASE_PASSWORD=correct-horse-9",
        "export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
        'export DATABASE_PASSWORD="SomeSortOfPassword"',
        r"export DATABASE_PASSWORD=\"SomeSortOfPassword\"",
    ],
)
def test_a_credential_is_found_plain_and_in_base64(text: str) -> None:
    packed = base64.b64encode(text.encode()).decode()
    assert outcomes(f"custom_data = <<EOT\n{text}\nEOT") == [("fail", "custom_data")]
    assert outcomes(f'user_data = "{packed}"') == [("fail", "user_data")]
    assert outcomes(f'boot {{\n script = "{packed}"\n}}') == [("fail", "boot[0].script")]


@pytest.mark.parametrize(
    "text",
    [
        "export STAGE=production",
        "PASSWORD=$(vault read -field=value secret/db)",
        'PASSWORD="$DB_PASSWORD"',
        'PASSWORD="/run/secrets/db"',
        "bm90IGJhc2U2NA==!",
        base64.b64encode(bytes(range(128, 160))).decode(),
        "",
    ],
)
def test_what_only_names_a_credential_passes(text: str) -> None:
    assert outcomes(f"custom_data = <<EOT\n{text}\nEOT") == [("pass", "custom_data")]


def test_an_unknown_text_is_unknown_and_none_at_all_passes() -> None:
    verdicts = judged("custom_data = var.script", 'variable "script" {}')
    assert [(verdict.outcome, verdict.unknowns[0].subject) for verdict in verdicts] == [("unknown", "var.script")]
    assert outcomes('name = "m"') == [("pass", "")]


def test_every_place_is_judged() -> None:
    found = outcomes('custom_data = "STAGE=x"\nuser_data = "export DB_PASSWORD=correct-horse-9"')
    assert found == [("pass", "custom_data"), ("fail", "user_data")]
