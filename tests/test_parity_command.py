"""`opslint parity`: declared differences with reason and expiry, names that may be one environment, weak signs, choices."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support import failed, scanned, write
from tests.test_cli import program

QUEUE = 'resource "aws_sqs_queue" "orders" {{\n  delay_seconds = {}\n}}\n'
ALLOW = 'version: 1\nparity:\n  allow:\n    - {{attribute: delay_seconds, reason: Slow by design., expires: "{}"}}\n'


def told(*arguments: Any) -> Any:
    return json.loads(program("parity", "--format", "json", *arguments).out)


def roots(root: Path, *names: str) -> Path:
    return write(root, {f"envs/{name}/main.tf": QUEUE.format(at) for at, name in enumerate(names)})


def test_declared_differences_carry_reason_and_expiry(tmp_path: Path) -> None:
    write(roots(tmp_path, "staging", "production"), {"opslint.yaml": ALLOW.format("2999-01-01")})
    document = told(tmp_path)
    [found] = document["differences"]
    assert (found["class"], found["reason"], found["expires"]) == ("declared", "Slow by design.", "2999-01-01")
    assert document["declared"][0]["covers"] == ["aws_sqs_queue.orders delay_seconds"]
    assert "declared until 2999-01-01: Slow by design." in program("parity", tmp_path).out


def test_expired_declarations_cover_nothing_and_are_reported(tmp_path: Path) -> None:
    write(roots(tmp_path, "staging", "production"), {"opslint.yaml": ALLOW.format("2020-01-01")})
    document = told(tmp_path)
    assert document["differences"][0]["class"] != "declared"
    assert document["declared"][0]["expired"] is True
    assert "expired 2020-01-01: covers nothing any more" in program("parity", tmp_path).out


def test_names_that_may_be_one_environment_are_not_compared(tmp_path: Path) -> None:
    document = told(roots(tmp_path, "staging", "prod", "production"))
    assert document["not_compared"] == [{"layout": "terraform:envs/*", "names": ["prod", "production"]}]
    assert document["comparable"] is False and document["differences"] == []
    assert [(each["rule"], each["severity"]) for each in document["drift"]] == [("env-alias-ambiguous", "info")]


def test_names_in_layers_that_do_not_overlap_are_one_environment(tmp_path: Path) -> None:
    write(roots(tmp_path, "staging", "prod"), {".env.staging": "A=1\n", ".env.production": "A=1\n"})
    document = told(tmp_path)
    assert len(document["environments"]) == 2 and document["not_compared"] == []


def test_an_environment_by_a_default_alone_is_said_and_not_compared(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": 'variable "environment" {\n  default = "dev"\n}\nresource "aws_sqs_queue" "a" {}\n'})
    assert told(tmp_path)["environments"] == [
        {"name": "dev", "tier": "development", "source": "variable default", "path": "main.tf", "line": 1, "column": 10}
    ]
    assert "dev by the default of var.environment (main.tf:1) alone" in program("parity", tmp_path).out


def test_two_environments_that_are_asked_for_are_compared_with_each_other(tmp_path: Path) -> None:
    roots(tmp_path, "dev", "staging", "production")
    found = told("--env", "dev", "--env", "production", tmp_path)["differences"]
    assert [(each["lower"], each["higher"]) for each in found] == [("dev", "production")]
    found = told("--env", "staging", tmp_path)["differences"]
    assert [(each["lower"], each["higher"]) for each in found] == [("dev", "staging"), ("staging", "production")]


def test_an_annotation_says_that_an_object_may_differ(tmp_path: Path) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  annotations:\n    opslint.dev/parity: {}\ndata: {{{}}}\n"
    low = text.format('"intended=x; expires=2999-01-01"', "A: b, C: d")
    for mark, live in (('"intended=Only here.; expires=2999-01-01"', 0), ('"intended=Only here."', 1)):
        write(tmp_path, {"staging/a.yaml": low, "production/a.yaml": text.format(mark, "A: b")})
        assert len(failed(scanned(tmp_path, "env-missing-variable"))) == live
