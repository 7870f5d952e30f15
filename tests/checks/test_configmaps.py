"""ConfigMaps that carry credentials, and those that only name them."""

from __future__ import annotations

import pytest

from linter.checks.kubernetes.configmaps import configmap_without_credentials
from linter.model import Estate, Resource, Unit, Unknown
from linter.syntax import yaml


def outcomes(data: str, unknown: str = "") -> list[tuple[str, str]]:
    body = yaml.load(0, f"data:\n  {data}\n").documents[0].value
    if unknown:
        body["data"][unknown] = Unknown("template", unknown)
    estate = Estate()
    config = Resource("kubernetes/ConfigMap", "ConfigMap/a", "a", Unit("kubernetes", ""), body, (0, 0, 4), body.span)
    estate.add(config)
    return [(verdict.outcome, verdict.element) for verdict in configmap_without_credentials(estate)]


@pytest.mark.parametrize(
    "data",
    ["password: supersecret", "key: AKIAIOSFODNN7EXAMPLE", "key: REDIS_PASSWORD=abcd1234", "db_password: abc123"],
)
def test_a_credential_is_found_by_its_form_its_name_or_its_line(data: str) -> None:
    assert outcomes(data) == [("fail", data.partition(":")[0])]


@pytest.mark.parametrize(
    "data", ["colour: blue", "password_file: /run/secrets/db", "a: 'password=${DB_PASSWORD}'", "n: 3", "password: ''"]
)
def test_what_only_names_a_credential_passes(data: str) -> None:
    assert outcomes(data) == [("pass", "")]


def test_what_is_unknown_is_unknown_and_the_rest_is_judged() -> None:
    assert outcomes("a: 1", unknown="a") == [("unknown", "a")]
    assert outcomes("a: 1\n  password: supersecret", unknown="a") == [("unknown", "a"), ("fail", "password")]


def test_without_data_there_is_nothing_to_judge() -> None:
    assert outcomes("") == []
