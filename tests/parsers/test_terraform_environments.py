"""Which environments a root is evaluated in, and with which values: variable files, workspaces, the command line."""

from __future__ import annotations

from typing import Any

import pytest

from linter.model import Artifact, Source, Unknown, Workspace
from linter.parsers import READERS, terraform

ROOT = """
variable "acl" {
  default = "none"
}
variable "size" {
  default = 0
}
resource "x_y" "z" {
  acl  = var.acl
  size = var.size
  w    = terraform.workspace
}
"""
Found = dict[str, tuple[Any, ...]]


def expanded(files: dict[str, str], settings: dict[str, Any] | None = None) -> tuple[Found, dict[str, str]]:
    """Environment (`name (tier)`) → (acl, size, workspace) of every x_y.z, and what nothing used."""
    artifacts: dict[str, Artifact] = {}
    for index, (path, text) in enumerate(files.items()):
        json = path.endswith(".json")
        format = "terraform-json" if json else "tfvars" if path.endswith(".tfvars") else "terraform"
        source = Source(index, path, text)
        artifacts[path] = Artifact(path, format, source, *READERS[format](source))
    unused: dict[str, str] = {}
    skip = unused.__setitem__
    workspace = Workspace(artifacts, frozenset(files), settings or {}, lambda *_: None, lambda _: None, skip)
    found: Found = {}
    for resource in terraform.expand(workspace):
        if resource.address == "x_y.z":
            name = f"{resource.environment.name} ({resource.environment.tier})" if resource.environment else ""
            assert not name or name not in found
            values = (resource.body.get(key) for key in ("acl", "size", "w"))
            found[name] = tuple("?" if isinstance(value, Unknown) else value for value in values)
    return found, unused


def environments(files: dict[str, str], settings: dict[str, Any] | None = None) -> Found:
    return expanded(files, settings)[0]


@pytest.mark.parametrize(
    ("dev", "prod"),
    [
        ("dev.tfvars", "prod.tfvars"),
        ("envs/dev.tfvars", "envs/prod.tfvars"),
        ("environments/dev/terraform.tfvars", "environments/prod/terraform.tfvars"),
        ("config/dev/app.tfvars", "config/prod/app.tfvars"),
        ("config/dev/eu/app.tfvars.json", "config/prod/eu/app.tfvars.json"),
        ("vars-dev.tfvars", "vars-prod.tfvars"),
        ("workspaces/dev.tfvars", "workspaces/prod.tfvars"),
    ],
)
def test_files_of_an_environment(dev: str, prod: str) -> None:
    def text(path: str, size: int) -> str:
        return f'{{"size": {size}}}' if path.endswith(".json") else f"size = {size}\n"

    files = {"infra/main.tf": ROOT, f"infra/{dev}": text(dev, 1), f"infra/{prod}": text(prod, 2)}
    assert expanded(files) == (
        {"dev (development)": ("none", 1, "dev"), "prod (production)": ("none", 2, "prod")},
        {},
    )


def test_files_outside_of_the_root_that_they_fit() -> None:
    files = {
        "infra/main.tf": ROOT,
        "other/main.tf": 'variable "unrelated" {}\n',
        "environments/dev.tfvars": "size = 1\n",
        "environments/prod/terraform.tfvars": 'size = 2\nacl = "p"\n',
    }
    found = {"dev (development)": ("none", 1, "dev"), "prod (production)": ("p", 2, "prod")}
    assert expanded(files) == (found, {})
    found, unused = expanded({**files, "second/main.tf": ROOT})
    assert set(found) == {""}
    assert set(unused) == {"environments/dev.tfvars", "environments/prod/terraform.tfvars"}


def test_common_files_lie_below() -> None:
    files = {
        "main.tf": ROOT,
        "terraform.tfvars": 'acl = "always"\n',
        "vars/common.tfvars": 'acl = "common"\nsize = 9\n',
        "vars/dev.tfvars": "",
        "vars/prod.tfvars": "size = 2\n",
    }
    assert environments(files) == {
        "dev (development)": ("common", 9, "dev"),
        "prod (production)": ("common", 2, "prod"),
    }


def test_regions_of_an_environment_are_environments() -> None:
    files = {
        "main.tf": ROOT,
        "envs/prod/prod.tfvars": 'acl = "p"\n',
        "envs/prod/us-east-1.tfvars": "size = 1\n",
        "envs/prod/eu-west-1.tfvars": "size = 2\n",
        "envs/dev.tfvars": "size = 0\n",
    }
    assert environments(files) == {
        "dev (development)": ("none", 0, "dev"),
        "prod-us-east-1 (production)": ("p", 1, "prod"),
        "prod-eu-west-1 (production)": ("p", 2, "prod"),
    }


def test_files_of_one_environment_that_set_other_variables_add_up() -> None:
    files = {"main.tf": ROOT, "envs/prod/network.tfvars": "size = 1\n", "envs/prod/app.tfvars": 'acl = "p"\n'}
    assert environments(files) == {"prod (production)": ("p", 1, "prod")}


def test_alike_files_are_environments_whatever_their_names() -> None:
    files = {"main.tf": ROOT, "acme.tfvars": 'acl = "a"\nsize = 1\n', "globex.tfvars": 'acl = "g"\nsize = 2\n'}
    assert expanded(files) == ({"acme ()": ("a", 1, "acme"), "globex ()": ("g", 2, "globex")}, {})
    files["keys.tfvars"] = 'token = "x"\n'
    assert set(expanded(files)[1]) == {"keys.tfvars"}


def test_a_single_file_of_no_environment_is_named() -> None:
    found, unused = expanded({"main.tf": ROOT, "fixtures.tfvars": "size = 1\n"})
    assert found == {"": ("none", 0, "?")}
    assert "--var-file" in unused["fixtures.tfvars"]
    given = {"terraform": {"var-files": ["fixtures.tfvars"]}}
    assert expanded({"main.tf": ROOT, "fixtures.tfvars": "size = 1\n"}, given) == ({"": ("none", 1, "?")}, {})


def test_a_file_that_is_given_chooses_its_environment() -> None:
    files = {"main.tf": ROOT, "dev.tfvars": "size = 1\n", "prod.tfvars": "size = 2\n"}
    given = {"terraform": {"given": [("file", "prod.tfvars", None)]}}
    assert environments(files, given) == {"prod (production)": ("none", 2, "prod")}


def test_the_last_that_is_given_wins() -> None:
    files = {"main.tf": ROOT, "a.tfvars": "size = 1\n"}
    file, var = ("file", "a.tfvars", None), ("var", "size", "5")
    assert environments(files, {"terraform": {"given": [file, var]}})[""][1] == "5"
    assert environments(files, {"terraform": {"given": [var, file]}})[""][1] == 1
    below = {"terraform": {"vars": {"size": 7}, "given": [file]}}
    assert environments(files, below)[""][1] == 1


def test_the_process_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_VAR_size", "9")
    monkeypatch.setenv("TF_WORKSPACE", "prod")
    assert environments({"main.tf": ROOT}) == {"": ("none", 0, "?")}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("locals {\n  size = { dev = 1, prod = 2 }[terraform.workspace]\n}\n", {"dev", "prod"}),
        ("locals {\n  sizes = { dev = 1, prod = 2 }\n  size = local.sizes[terraform.workspace]\n}\n", {"dev", "prod"}),
        ("locals {\n  sizes = { dev = 1 }\n  size = lookup(local.sizes, terraform.workspace, 0)\n}\n", {"", "dev"}),
        ('variable "s" {\n  default = { dev = 1 }\n}\nlocals {\n  s = var.s[terraform.workspace]\n}\n', {"dev"}),
        ('locals {\n  big = terraform.workspace == "prod"\n}\n', {"", "prod"}),
        ('locals {\n  w = contains(["qa", "prod"], terraform.workspace)\n}\n', {"", "qa", "prod"}),
        (
            'locals {\n  env = terraform.workspace == "default" ? "dev" : terraform.workspace\n'
            "  size = { dev = 1, qa = 2 }[local.env]\n}\n",
            {"", "dev", "qa"},
        ),
        ('locals {\n  name = "x-${terraform.workspace}"\n}\n', {""}),
        ("locals {\n  size = { dev = 1, prod = 2 }[var.acl]\n}\n", {""}),
    ],
)
def test_workspaces_that_expressions_speak_of(text: str, names: set[str]) -> None:
    found = environments({"main.tf": ROOT + text})
    assert {name.partition(" ")[0] for name in found} == names
    assert all(values[2] == (name.partition(" ")[0] or values[2]) for name, values in found.items())


def test_workspaces_of_the_configuration() -> None:
    settings = {"terraform": {"workspaces": ["blue", "prod"]}}
    found = environments({"main.tf": ROOT}, settings)
    assert found == {"blue ()": ("none", 0, "blue"), "prod (production)": ("none", 0, "prod")}
    assert set(environments({"main.tf": 'resource "x_y" "z" {}\n'}, settings)) == {""}
    calls = {"main.tf": 'module "m" {\n  source = "./m"\n}\nresource "x_y" "z" {}\n', "m/main.tf": ROOT}
    assert set(environments(calls, settings)) == {"blue ()", "prod (production)"}


def test_the_workspace_of_a_folder_of_an_environment_is_not_guessed() -> None:
    files = {"live/dev/main.tf": ROOT, "live/prod/main.tf": ROOT}
    assert environments(files) == {"dev (development)": ("none", 0, "?"), "prod (production)": ("none", 0, "?")}
    named = ROOT + 'locals {\n  big = terraform.workspace == "prod"\n}\n'
    assert environments({**files, "live/prod/main.tf": named})["prod (production)"] == ("none", 0, "prod")


def test_declared_environments_name_what_files_say() -> None:
    settings = {"environments": [{"name": "production", "tier": "production", "aliases": ["blue"]}]}
    files = {"main.tf": ROOT, "blue.tfvars": "size = 1\n"}
    assert environments(files, settings) == {"production (production)": ("none", 1, "blue")}
