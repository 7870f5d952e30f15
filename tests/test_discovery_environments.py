"""Which environment names and places speak of."""

from __future__ import annotations

import time
from typing import Any

import pytest

from linter.discovery import environment_named, environment_of, environments_in
from linter.model import Environment

DECLARED: dict[str, Any] = {
    "environments": [
        {"name": "Production", "tier": "production", "aliases": ["p1", "prod"], "paths": ["live/**", "live/keep/x.tf"]},
        {"name": "blue", "tier": "pre-production", "paths": ["live/keep/**"]},
        {"name": "shared"},
        {"nonsense": 1},
        "nonsense",
    ]
}


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("prod", ("prod", "production")), ("PROD", ("PROD", "production")),
        ("Production", ("Production", "production")),
        ("production-eu", ("production", "production")), ("eu_west.prd", ("prd", "production")),
        ("non-prod", ("non-prod", "pre-production")), ("nonprod", ("nonprod", "pre-production")),
        ("non_prod", ("non-prod", "pre-production")), ("acme-non-prod-eu", ("non-prod", "pre-production")),
        ("pre-prod", ("pre-prod", "pre-production")), ("not-prod", ("not-prod", "pre-production")),
        ("pre.production", ("pre-production", "pre-production")), ("preprod", ("preprod", "pre-production")),
        ("staging", ("staging", "pre-production")), ("qa", ("qa", "pre-production")),
        ("uat", ("uat", "pre-production")),
        ("dev", ("dev", "development")), ("test", ("test", "development")), ("ci", ("ci", "development")),
        ("shop-dev", ("dev", "development")), ("product", None), ("reproduction", None), ("developer", None),
        ("devops", None), ("stages", None), ("github-pages", None), ("", None), ("---", None), ("liver", None),
    ],
)  # fmt: skip
def test_names(name: str, environment: tuple[str, str] | None) -> None:
    assert environment_named(name, {}) == environment


def test_declared_names_win() -> None:
    for name in ("prod", "Production", "production", "P1", "shop-p1"):
        assert environment_named(name, DECLARED) == Environment("Production", "production")
    assert environment_named("blue", DECLARED) == Environment("blue", "pre-production")
    assert environment_named("shared", DECLARED) == Environment("shared", "")
    assert environment_named("staging", DECLARED) == Environment("staging", "pre-production")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("environments/prod/main.tf", "prod"), ("prod/us-east-1/vpc/main.tf", "prod"), ("main.tf", None),
        ("apps/staging/kustomization.yaml", "staging"), ("vars/prod.tfvars", "prod"), ("vars/prod.auto.tfvars", "prod"),
        ("terraform.tfvars", None), ("prod/dev.tfvars", "dev"), ("backend-prod.hcl", "prod"),
        ("values-dev.yaml", "dev"),
        ("values.staging.yml", "staging"), ("compose.prod.yaml", "prod"), ("deploy-prod.yaml", None), ("prod.tf", None),
        ("dev/prod/x.tf", "prod"), ("prod/dev-tools/x.tf", "prod"), ("acme-prod/x.tf", "prod"), ("products/x.tf", None),
        ("non-prod/x.tf", "non-prod"), ("examples/prod/x.tf", None), ("prod/templates/dev/x.yaml", "prod"),
        ("tests/prod/x.tf", None), ("modules/prod/x.tf", None), ("vendor/prod/x.tf", None),
        (".github/workflows/prod.yml", None),
        ("test/x.tf", None), ("ci/x.yaml", None), ("a/live/x.tf", None), ("staging/test/x.tf", "staging"),
        ("node_modules/prod/prod.tfvars", None),
    ],
)  # fmt: skip
def test_places(path: str, name: str | None) -> None:
    found = environment_of(path, {})
    assert (found and found.name) == name


def test_declared_paths_win_the_longest_first() -> None:
    assert environment_of("live/a/dev/x.tf", DECLARED) == Environment("Production", "production")
    assert environment_of("live/keep/y.tf", DECLARED) == Environment("blue", "pre-production")
    assert environment_of("live/keep/x.tf", DECLARED) == Environment("Production", "production")
    assert environment_of("shared/x.tf", DECLARED) == Environment("shared", "")
    assert environment_of("shared/x.tf", DECLARED, frozenset({"shared/x.tf"})) == Environment("shared", "")


def tree(*files: str) -> frozenset[str]:
    folders = {file[: at + 1] for file in files for at, char in enumerate(file) if char == "/"}
    return frozenset(files).union(folders)


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (("environments/dev/main.tf", "environments/prod/main.tf"), ["dev", "prod"]),
        (("environments/prod/main.tf",), ["prod"]),
        (("prod/main.tf",), []),
        (("prod/main.tf", "prod/backend.tf"), ["prod"]),
        (("prod/vpc/backend.tf",), ["prod"]),
        (("prod/main.tf", "k8s/prod/pod.yaml"), ["prod"]),
        (("prod/notes.txt", "dev/notes.txt"), []),
        (("dev/x.tf", "test/x.tf"), ["dev", "test"]),
        (("test/x.tf",), []),
        (("test/x.tf", "ci/x.tf"), []),
        (("src/test/x.yaml", "environments/dev/x.yaml"), ["dev"]),
        (("dev.tfvars", "prod.tfvars", "main.tf"), ["dev", "prod"]),
        (("vars/prod.tfvars", "main.tf"), ["prod"]),
        (("apps/base/kustomization.yaml", "apps/staging/kustomization.yaml"), ["staging"]),
        (
            ("non-prod/account.hcl", "non-prod/eu/qa/env.hcl", "non-prod/eu/stage/env.hcl", "prod/account.hcl",
            "prod/eu/prod/env.hcl"),
            ["prod", "qa", "stage"],
        ),
        (("envs/prod/main.tf", "envs/nonprod/main.tf"), ["nonprod", "prod"]),
        (("examples/dev/main.tf", "examples/prod/main.tf"), []),
        (("prod/vars/prod.tfvars", "prod/main.tf", "dev/main.tf"), ["dev", "prod"]),
        ((), []),
    ],
)  # fmt: skip
def test_two_signs_make_an_environment(files: tuple[str, ...], names: list[str]) -> None:
    paths = tree(*files)
    assert [each.name for each in environments_in(paths, {})] == names
    reached = {found.name for path in paths if (found := environment_of(path, {}, paths))}
    assert set(names) <= reached


def test_a_group_folder_is_no_environment_of_its_own() -> None:
    paths = tree("non-prod/account.hcl", "non-prod/eu/qa/env.hcl", "prod/account.hcl", "prod/eu/prod/env.hcl")
    assert environment_of("non-prod/account.hcl", {}, paths) is None
    assert environment_of("non-prod/eu/qa/vpc/x.hcl", {}, paths) == Environment("qa", "pre-production")
    assert environment_of("prod/eu/prod/env.hcl", {}, paths) == Environment("prod", "production")


def test_declared_environments_are_there_even_if_nothing_shows_them() -> None:
    found = environments_in(tree("main.tf"), DECLARED)
    assert [each.name for each in found] == ["Production", "blue", "shared"]


def test_many_paths_take_little_time() -> None:
    paths = tree(*(f"envs/{env}/s{n}/main.tf" for env in ("dev", "prod") for n in range(5000)))
    started = time.process_time()
    assert len(environments_in(paths, {})) == 2
    for path in paths:
        environment_of(path, {}, paths)
    assert time.process_time() - started < 3
