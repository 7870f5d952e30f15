"""Environments compared: the class of every difference, the matrix of components, and `opslint parity`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from linter.conditions.paths import ABSENT
from linter.estate.difference_classes import CLASSES, class_of
from linter.estate.differences import Difference, of_twins
from linter.estate.matrix import gaps, matrix
from linter.model import Map, Resource, Unit, Unknown
from linter.syntax import yaml
from tests.support import failed, scanned, write
from tests.test_cli import program

NAMES = ("staging", "production")


def twin(text: str) -> Resource:
    body: Map = yaml.load(0, text).documents[0].value
    return Resource("kubernetes/Deployment", "web", "web", Unit("x", ""), body, body.span, body.span)


def compared(low: str, high: str) -> list[Difference]:
    return list(of_twins(("kubernetes/Deployment", "", "web"), twin(low), twin(high)))


@pytest.mark.parametrize(
    ("path", "low", "high", "expected"),
    [
        ("spec.replicas", 2, 6, "size"), ("instance_class", "db.t3.micro", "db.m5.large", "size"),
        ("min_size", 1, 3, "size"), ("nodeCount", 2, 5, "size"), ("resources.limits.memory", "1Gi", "4Gi", "size"),
        ("host", "a.example.org", "b.example.org", "address"), ("PUBLIC", "https://a.b.org", "https://c.b.org", "address"),
        ("cidr_block", "10.0.0.0/16", "10.1.0.0/16", "address"), ("x", "10.0.0.1", "10.0.0.2", "address"),
        ("env[API_URL].value", "x", "y", "address"), ("region", "eu-west-1", "eu-central-1", "address"),
        ("role", "arn:aws:iam::1:role/a", "arn:aws:iam::2:role/b", "identity"), ("owner", "1" * 12, "2" * 12, "identity"),
        ("bucket", "logs-a", "logs-b", "identity"), ("x", "shop-staging-logs", "shop-production-logs", "naming"),
        ("x", "acme-non-prod", "acme-prod", "naming"), ("tags.Team", "a", "b", "naming"),
        ("remoteRef.key", "apps/a", "apps/b", "identity"), ("vault_path", "kv/a", "kv/b", "secret source"),
        ("LOG_LEVEL", "debug", "info", "verbosity"), ("schedule", "0 1 * * *", "0 2 * * *", "schedule"),
        ("alarm_actions", "a", "b", "alert threshold"), ("spec.version", "1.2.0", "1.1.0", "promotion window"),
        ("multi_az", False, True, "stronger above"), ("multi_az", True, False, ""),
        ("backup_retention_days", 7, 35, "stronger above"), ("publicly_accessible", False, True, ""),
        ("storage_encrypted", True, False, ""), ("engine", "postgres", "mysql", ""), ("x", ABSENT, "y", ""),
        ("privileged", False, True, ""), ("patch", "a: 1\nhost: a.b.org\n", "a: 1\nhost: c.b.org\n", "address"),
        ("patch", "a: 1\nhost: a.b.org\n", "a: 2\nhost: c.b.org\n", ""), ("patch", "a\nb", "a\nb\nc", ""),
    ],
)  # fmt: skip
def test_classes(path: str, low: Any, high: Any, expected: str) -> None:
    found = class_of("any/kind", path, low, high, NAMES)
    assert found == expected
    assert not found or found in CLASSES


def test_both_places_of_a_difference_are_those_of_the_values() -> None:
    low, high = "a: {b: [x, y]}\nreplicas: 2\n", "a: {b: [x, z]}\nreplicas: 4\n"
    found = compared(low, high)
    assert [each.path for each in found] == ["a.b", "replicas"]
    assert [low[slice(*each.low_span[1:])] for each in found] == ["[x, y]", "2"]
    assert [high[slice(*each.high_span[1:])] for each in found] == ["[x, z]", "4"]


@pytest.mark.parametrize(
    ("low", "high", "paths"),
    [
        ("env: [{name: A, value: 1}, {name: B, value: 2}]", "env: [{name: B, value: 2}, {name: A, value: 1}]", []),
        ("env: [{name: A, value: 1}]", "env: [{name: A, value: 3}, {name: B, value: 2}]", ["env[A].value", "env[B]"]),
        ("rules: [{host: a.org, x: 1}]", "rules: [{host: b.org, x: 2}]", ["rules[0].host", "rules[0].x"]),
        ("a: true", "a: 1", ["a"]), ("a: 1", "a: 1.0", []), ("a: ~", "b: 1", ["a", "b"]), ("a: [1, 2]", "a: [1]", ["a"]),
        ("a: [[1], [2]]", "a: [[1], [3]]", ["a[1]"]), ("$derived: 1", "$derived: 2", []),
    ],
)  # fmt: skip
def test_what_is_compared_with_what(low: str, high: str, paths: list[str]) -> None:
    assert [each.path for each in compared(low, high)] == paths


def test_what_is_unknown_on_one_side_is_unsure_and_on_both_sides_no_difference() -> None:
    low, high = twin("a: 1\nb: 1"), twin("a: 1\nb: 1")
    for body in (low.body, high.body):
        body["a"] = Unknown("run-time", "a", "")
    assert list(of_twins(("k", "", "web"), low, high)) == []
    high.body["a"] = 1
    assert [each.reason for each in of_twins(("k", "", "web"), low, high)] == ["run time"]


def overlay(*names: str, replicas: int = 1, extra: str = "") -> str:
    return (
        "".join(
            f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec: {{replicas: {replicas}}}\n---\n"
            for name in names
        )
        + extra
    )


def tree(root: Path, staging: str, production: str) -> Path:
    return write(
        root,
        {
            f"overlays/{name}/{file}": text
            for name, content in (("staging", staging), ("production", production))
            for file, text in (("kustomization.yaml", "resources: [all.yaml]\n"), ("all.yaml", content))
        },
    )


def test_the_matrix_shows_who_lacks_what(tmp_path: Path) -> None:
    found = matrix(scanned(tree(tmp_path, overlay("web", "api"), overlay("web", replicas=4))).estate)
    assert [each.name for each in found.environments] == ["staging", "production"]
    assert [(row.name, sorted(row.present)) for row in found.rows] == [
        ("Deployment/default/api", ["staging"]), ("Deployment/default/web", ["production", "staging"]),
    ]  # fmt: skip
    assert [row.name for row in gaps(found)] == ["Deployment/default/api"]
    assert [each.path for _, inside in found.differences for each in inside] == ["spec.replicas"]


def test_the_command_names_drift_with_both_places(tmp_path: Path) -> None:
    answer = program("parity", tree(tmp_path, overlay("web", "api"), overlay("web", replicas=4)))
    assert answer.code == 1
    assert "Deployment/default/api" in answer.out
    assert "intended: 1 size" in answer.out
    assert "env-missing-workload" in answer.out
    assert "overlays/staging/all.yaml" in answer.out
    assert "\x1b[" not in answer.out


def test_one_environment_is_not_applicable_and_no_pass(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": 'resource "aws_sqs_queue" "a" {}\n'})
    answer = program("parity", tmp_path)
    assert (answer.code, answer.out.split(":")[0]) == (0, "Not applicable")


def test_the_same_tree_gives_the_same_json(tmp_path: Path) -> None:
    tree(tmp_path, overlay("web", "api"), overlay("web", replicas=4))
    first, second = (program("parity", "--format", "json", tmp_path, PYTHONHASHSEED=seed).out for seed in ("1", "2"))
    assert first == second
    told = json.loads(first)
    assert [each["class"] for each in told["differences"]] == ["size"]
    assert told["drift"][0]["rule"] == "env-missing-workload"
    assert told["environments"][0] == {"name": "staging", "tier": "pre-production", "source": "layout"}


def test_an_environment_nobody_has_is_a_mistake(tmp_path: Path) -> None:
    answer = program("parity", "--env", "qa", tree(tmp_path, overlay("web"), overlay("web")))
    assert answer.code == 2
    assert "no environment is called 'qa'; this tree has production, staging" in answer.err
    assert program("parity", "--env", "STAGING", "--env", "production", tmp_path).code == 0


def test_secrets_are_not_shown_whole(tmp_path: Path) -> None:
    def secret(value: str) -> str:
        return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{API_TOKEN: {value}}}\n"

    values = [f"ghp_{letter * 36}" for letter in "aB"]
    tree(tmp_path, *map(secret, values))
    for format in ("text", "json"):
        answer = program("parity", "--all", "--format", format, tmp_path)
        assert "API_TOKEN" in answer.out
        assert not any(value in answer.out for value in values), os.linesep + answer.out


def test_drift_below_production_is_a_step_less_severe(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            f"overlays/{name}/{file}": text
            for name, content in (("dev", ("web", "api", "job")), ("staging", ("web", "api")), ("production", ("web",)))
            for file, text in (("kustomization.yaml", "resources: [all.yaml]\n"), ("all.yaml", overlay(*content)))
        },
    )
    found = {f.message: f.severity.word for f in failed(scanned(tmp_path, "env-missing-workload"))}
    assert found == {
        "Deployment/default/job exists in dev but not in staging.": "medium",
        "Deployment/default/api exists in staging but not in production.": "high",
    }


def test_many_missing_components_are_told_as_one(tmp_path: Path) -> None:
    names = [f"w{number:02}" for number in range(21)]
    found = failed(scanned(tree(tmp_path, overlay("web", *names), overlay("web")), "env-missing-workload"))
    assert [finding.message for finding in found] == [
        "21 components exist in staging but not in production: Deployment/default/w00, Deployment/default/w01, "
        "Deployment/default/w02 and 18 more."
    ]
    assert len(found[0].related) == 20
    assert (
        len(failed(scanned(tree(tmp_path, overlay("web", *names[:20]), overlay("web")), "env-missing-workload"))) == 20
    )


def test_declared_differences_are_shown_with_reason_and_expiry(tmp_path: Path) -> None:
    tree(tmp_path, overlay("web", "api"), overlay("web"))
    declared = (
        "parity:\n  allow:\n    - {resource: '*/api', reason: Only the lab calls it today., expires: 2999-01-01}\n"
    )
    write(tmp_path, {"opslint.yaml": "version: 1\n" + declared.replace("2999-01-01", '"2999-01-01"')})
    answer = program("parity", tmp_path)
    assert answer.code == 0
    assert "Drift: none" in answer.out
    assert "  */api  (until 2999-01-01): Only the lab calls it today." in answer.out
