"""Terragrunt units to resources: includes, functions, merging, generated files, modules with their inputs."""

# ruff: noqa: E501 (configurations stay in one piece)

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from linter.estate.twins import pairs
from linter.model import Artifact, Estate, Map, Resource, Seq, Source, Span, Unknown, Workspace
from linter.parsers import READERS, terraform
from tests.support import failed, scanned, write

MODULE = """
variable "name" {
  type = string
}
variable "size" {
  default = 1
}
variable "tags" {
  type    = map(string)
  default = {}
}
resource "x_y" "z" {
  name = var.name
  size = var.size
  tags = var.tags
}
"""


class Tree:
    def __init__(self, files: dict[str, str], settings: dict[str, Any] | None = None) -> None:
        artifacts: dict[str, Artifact] = {}
        self.files = files
        self.sources: list[str] = []
        self.failures: list[tuple[str, Span, str, str]] = []
        self.unused: dict[str, str] = {}
        for index, (path, text) in enumerate(files.items()):
            self.sources.append(text)
            format = {"tf": "terraform", "hcl": "terragrunt", "tfvars": "tfvars"}[path.rpartition(".")[2]]
            source = Source(index, path, text)
            artifacts[path] = Artifact(path, format, source, *READERS[format](source))
        paths = set(files) | {
            "/".join(path.split("/")[:depth]) + "/" for path in files for depth in range(1, path.count("/") + 1)
        }
        fail, skip = lambda *failure: self.failures.append(failure), self.unused.__setitem__
        workspace = Workspace(artifacts, frozenset(paths), settings or {}, fail, lambda _: None, skip)
        self.resources = list(terraform.expand(workspace))

    def of(self, address: str) -> list[Resource]:
        return [resource for resource in self.resources if resource.address == address]

    def units(self) -> dict[str, Resource]:
        return {f"{r.unit.path}:{r.address}": r for r in self.resources if r.kind == "terragrunt/unit"}

    def text(self, span: Span) -> str:
        return self.sources[span[0]][span[1] : span[2]]


def inputs(unit: str, **files: str) -> Any:
    """The merged inputs of app/terragrunt.hcl."""
    tree = Tree(
        {"app/terragrunt.hcl": unit, **{path.replace("__", "/") + ".hcl": text for path, text in files.items()}}
    )
    (resource,) = [resource for resource in tree.resources if resource.kind == "terragrunt/unit"]
    return resource.body.get("inputs")


SOURCE = 'terraform {\n  source = "git::https://example.com/m.git?ref=v1"\n}\n'


def value(expression: str, more: str = "", **files: str) -> Any:
    """What an expression in a unit's inputs gives."""
    return inputs(f"{SOURCE}{more}\ninputs = {{\n  x = {expression}\n}}\n", **files)["x"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('basename(find_in_parent_folders("root.hcl"))', "root.hcl"),
        ('find_in_parent_folders("none.hcl", "fallback")', "fallback"),
        ('try(find_in_parent_folders("none.hcl"), "caught")', "caught"),
        ('try(find_in_parent_folders("own.hcl"), "starts above")', "starts above"),
        ("basename(get_terragrunt_dir())", "app"),
        ("basename(get_original_terragrunt_dir())", "app"),
        ('replace(get_terragrunt_dir(), get_repo_root(), "")', "/app"),
        ("get_path_from_repo_root()", "app"),
        ("get_path_to_repo_root()", ".."),
        ("path_relative_to_include()", "."),
        ('get_env("NOT_SET", "default")', "default"),
        ('upper(join("-", ["a", "b"]))', "A-B"),
        ("get_terraform_commands_that_need_parallelism()[0]", "apply"),
        ('read_terragrunt_config("../other/own.hcl").locals.x', 1),
        ('read_terragrunt_config("../other/own.hcl").inputs.dir', "other"),
        ('read_terragrunt_config("gone.hcl", { inputs = { x = 2 } }).inputs.x', 2),
        ('try(read_terragrunt_config("gone.hcl").inputs.x, "gone")', "gone"),
        ("deep_merge({ a = { b = 1 } }, { a = { c = 2 } })", {"a": {"b": 1, "c": 2}}),
        ("feature.on.value", True),
        ("local.late", "r-late"),
    ],
)
def test_functions(expression: str, expected: Any) -> None:
    more = 'locals {\n  late = "${local.r}-late"\n  r = "r"\n}\nfeature "on" {\n  default = true\n}\n'
    own = "locals {\n  x = 1\n}\ninputs = {\n  dir = basename(get_terragrunt_dir())\n}\n"
    assert value(expression, more, root="", app__own="", other__own=own) == expected


@pytest.mark.parametrize(
    ("expression", "cause", "subject"),
    [
        ('get_env("PATH")', "missing-input", "get_env('PATH')"),
        ('run_cmd("echo", "x")', "run-time", "run_cmd()"),
        ("get_aws_account_id()", "run-time", "get_aws_account_id()"),
        ('sops_decrypt_file("x.yaml")', "run-time", "sops_decrypt_file()"),
        ("get_terragrunt_dir()", "run-time", "the folder of the checkout"),
        ('"${get_repo_root()}/x"', "run-time", "the folder of the checkout"),
        ("dependency.vpc.outputs.vpc_id", "run-time", "dependency.vpc.outputs.vpc_id"),
        ("dependency.other.outputs.x.y", "run-time", "dependency.other.outputs.x.y"),
        ("local.gone", "expression", "there is no local.gone"),
        ("local.a", "expression", "local.a refers to itself"),
        ("no_such()", "expression", "no_such()"),
        ('find_in_parent_folders("gone.hcl")', "expression", "there is no gone.hcl above app"),
    ],
)
def test_what_stays_unknown(expression: str, cause: str, subject: str) -> None:
    more = (
        'dependency "vpc" {\n  config_path = "../vpc"\n  mock_outputs = {\n    vpc_id = "vpc-1"\n  }\n}\n'
        "locals {\n  a = local.b\n  b = local.a\n}\n"
    )
    found = value(expression, more)
    assert isinstance(found, Unknown)
    assert (found.cause, found.subject) == (cause, subject)
    assert found.type == ("string" if "vpc_id" in expression else found.type)


def test_nothing_is_taken_from_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGE", "prod")
    assert value('get_env("STAGE", "none")') == "none"
    assert isinstance(value('get_env("STAGE")'), Unknown)


ROOT = (
    'locals {\n  account = read_terragrunt_config(find_in_parent_folders("account.hcl")).locals\n}\n'
    'inputs = merge(local.account, { from = "root", where = path_relative_to_include(), tags = { a = 1 }, list = [1] })\n'
)
COMMON = 'inputs = {\n  from = "common"\n  common = basename(get_parent_terragrunt_dir())\n  tags = { b = 2 }\n}\n'


def includes(strategy: str = "") -> str:
    merge = f'  merge_strategy = "{strategy}"\n' if strategy else ""
    return (
        f'include "root" {{\n  path = find_in_parent_folders("root.hcl")\n{merge}}}\n'
        f'include "common" {{\n  path = "${{get_repo_root()}}/_common/c.hcl"\n  expose = true\n{merge}}}\n'
    )


def test_inputs_of_includes_lie_below_the_units_own() -> None:
    unit = includes() + SOURCE + "inputs = {\n  own = include.common.inputs.from\n  list = [2]\n}\n"
    found = inputs(unit, root=ROOT, account='locals {\n  name = "acme"\n}\n', _common__c=COMMON)
    assert found == {
        "name": "acme", "from": "common", "where": "app", "tags": {"b": 2}, "list": [2], "common": "_common", "own": "common",
    }  # fmt: skip


def test_a_deep_merge_joins_maps_and_lists() -> None:
    unit = includes("deep") + SOURCE + "inputs = {\n  list = [2]\n  tags = { c = 3 }\n}\n"
    found = inputs(unit, root=ROOT, account="", _common__c=COMMON)
    assert (found["tags"], found["list"], found["from"]) == ({"a": 1, "b": 2, "c": 3}, [1, 2], "common")


def test_no_merge_only_exposes() -> None:
    unit = includes("no_merge") + SOURCE + "inputs = {\n  x = include.common.inputs.from\n}\n"
    assert inputs(unit, root=ROOT, account="", _common__c=COMMON) == {"x": "common"}


def test_what_is_not_exposed_cannot_be_referred_to() -> None:
    unit = includes() + SOURCE + "inputs = {\n  x = include.root.inputs.from\n}\n"
    found = inputs(unit, root=ROOT, account="", _common__c=COMMON)
    assert "not exposed" in found["x"].subject


def test_a_bare_include() -> None:
    unit = (
        "include {\n  path = find_in_parent_folders()\n  expose = true\n}\n"
        + SOURCE
        + "inputs = {\n  x = include.locals.l\n}\n"
    )
    assert inputs(unit, terragrunt="locals {\n  l = 5\n}\ninputs = {\n  y = 6\n}\n") == {"x": 5, "y": 6}


def test_an_include_that_is_not_there_leaves_the_rest_open() -> None:
    tree = Tree({"app/terragrunt.hcl": 'include "r" {\n  path = "../../outside.hcl"\n}\n' + SOURCE})
    (unit,) = tree.units().values()
    assert unit.body.open is not None and unit.body.open.cause == "remote-source"


def test_where_inputs_are_written() -> None:
    tree = Tree(
        {
            "app/terragrunt.hcl": includes() + SOURCE,
            "root.hcl": ROOT,
            "account.hcl": 'locals {\n  n = "acme"\n}\n',
            "_common/c.hcl": COMMON,
        }
    )
    (unit,) = tree.units().values()
    at = unit.body["inputs"].at
    assert tree.text((at["n"][0], *at["n"][3:])) == '"acme"'
    assert tree.text((at["from"][0], *at["from"][3:])) == '"common"'
    assert tree.text(unit.anchor) == "terraform"


def live(**more: str) -> dict[str, str]:
    unit = (
        'include "root" {\n  path = find_in_parent_folders("root.hcl")\n}\n'
        'terraform {\n  source = "${get_repo_root()}/modules//app"\n}\ninputs = {\n  name = "NAME"\n}\n'
    )
    return {
        "root.hcl": 'locals {\n  env = read_terragrunt_config(find_in_parent_folders("env.hcl")).locals\n}\n'
        'remote_state {\n  backend = "s3"\n  config = {\n    bucket = "state"\n    key    = "${path_relative_to_include()}/t"\n  }\n}\n'
        'generate "provider" {\n  path      = "provider.tf"\n  if_exists = "overwrite"\n  contents  = <<-EOF\n'
        '    provider "aws" {\n      region = "${local.env.region}"\n      secret_key = "literal-one"\n    }\n  EOF\n}\n',
        "modules/app/main.tf": MODULE,
        "non-prod/dev/env.hcl": 'locals {\n  region = "eu-1"\n}\n',
        "prod/prod/env.hcl": 'locals {\n  region = get_env("REGION")\n}\n',
        "non-prod/dev/app/terragrunt.hcl": unit.replace("NAME", "d"),
        "prod/prod/app/terragrunt.hcl": unit.replace("NAME", "p"),
        **more,
    }


def test_a_local_module_is_applied_with_the_inputs() -> None:
    tree = Tree(live())
    found = {(r.unit.path, r.environment and r.environment.name, r.body["name"]) for r in tree.of("x_y.z")}
    assert found == {("non-prod/dev/app", "dev", "d"), ("prod/prod/app", "prod", "p")}
    assert {r.body["source"] for r in tree.units().values()} == {"../../../modules/app"}
    dev = next(r for r in tree.of("x_y.z") if r.body["name"] == "d")
    assert [tree.text(span) for span in dev.callers] == ['"${get_repo_root()}/modules//app"']
    name = dev.body.at["name"]
    assert dev.trace is not None
    (origin,) = dev.trace((name[0], name[3], name[4]))
    assert tree.text(origin.span) == '"d"'
    assert tree.failures == []


def test_generated_files_are_judged_where_they_are_written() -> None:
    tree = Tree(live())
    dev, prod = tree.of("provider.aws")
    assert dev.body["region"] == "eu-1"
    assert isinstance(prod.body["region"], Unknown) and prod.body["region"].cause == "missing-input"
    place = dev.body.at["secret_key"]
    assert tree.text((place[0], *place[1:3])) == "secret_key"
    assert tree.text((place[0], *place[3:])) == '"literal-one"'
    assert tree.text(dev.anchor) == '"aws"'


def test_remote_state_is_the_backend() -> None:
    tree = Tree(live())
    dev, prod = tree.of("terraform")
    assert dev.body["backend"] == [{"bucket": "state", "key": "non-prod/dev/app/t", "type": "s3"}]
    assert prod.body["backend"][0]["key"] == "prod/prod/app/t"
    place = dev.body["backend"][0].at["bucket"]
    assert tree.text((place[0], *place[3:])) == '"state"'


def test_remote_state_fills_the_modules_own_block() -> None:
    module = 'terraform {\n  required_version = "~> 1.9"\n  backend "s3" {}\n}\n' + MODULE
    tree = Tree(live(**{"modules/app/main.tf": module}))
    dev, _ = tree.of("terraform")
    assert (dev.body["required_version"], dev.body["backend"][0]["bucket"]) == ("~> 1.9", "state")


def test_a_generated_file_overwrites_or_gives_way() -> None:
    own = {"modules/app/provider.tf": 'provider "aws" {\n  region = "own"\n}\n'}
    assert next(r.body["region"] for r in Tree(live(**own)).of("provider.aws")) == "eu-1"
    files = live(**own)
    files["root.hcl"] = files["root.hcl"].replace("overwrite", "skip")
    assert [r.body["region"] for r in Tree(files).of("provider.aws")] == ["own", "own"]


def test_twins_across_groups_of_environments() -> None:
    estate = Estate()
    for resource in Tree(live()).resources:
        estate.add(resource)
    (pair,) = pairs(estate, ["terragrunt/unit"])
    assert (pair.lower.name, pair.higher.name) == ("dev", "prod")
    assert pair.below.keys() == pair.above.keys() == {("terragrunt/unit", "terragrunt:*/*", "app")}
    (pair,) = pairs(estate, ["terraform/x_y"])
    assert len(pair.below) == len(pair.above) == 1


def test_variable_files_win_over_inputs() -> None:
    unit = (
        'terraform {\n  source = "../modules/app"\n  extra_arguments "v" {\n    commands = get_terraform_commands_that_need_vars()\n'
        '    required_var_files = ["${get_terragrunt_dir()}/../common.tfvars"]\n'
        '    arguments = ["-var-file=${get_parent_terragrunt_dir()}/arg.tfvars"]\n  }\n}\n'
        'inputs = {\n  name = "input"\n  size = 2\n}\n'
    )
    tree = Tree(
        {
            "modules/app/main.tf": MODULE,
            "app/terragrunt.hcl": unit,
            "common.tfvars": 'name = "file"\n',
            "app/arg.tfvars": 'tags = { a = "b" }\n',
        }
    )
    (resource,) = tree.of("x_y.z")
    assert (resource.body["name"], resource.body["size"], resource.body["tags"]) == ("file", 2, {"a": "b"})
    assert tree.unused == {}


def test_unknown_inputs_do_not_leave_defaults() -> None:
    unit = 'terraform {\n  source = "../modules/app"\n}\ninputs = merge(yamldecode(sops_decrypt_file("x")), { name = "n" })\n'
    (resource,) = Tree({"modules/app/main.tf": MODULE, "app/terragrunt.hcl": unit}).of("x_y.z")
    assert resource.body["name"] == "n"
    assert isinstance(resource.body["size"], Unknown)


def test_a_folder_with_its_own_files_is_a_unit() -> None:
    files = {"app/terragrunt.hcl": 'inputs = {\n  name = "n"\n}\n', "app/main.tf": MODULE}
    tree = Tree(files)
    assert [r.body["name"] for r in tree.of("x_y.z")] == ["n"]
    assert set(tree.units()) == {".:app"}


def test_what_applies_nothing_is_no_unit() -> None:
    assert Tree({"terragrunt.hcl": "locals {\n  x = 1\n}\n"}).resources == []


def test_env_hcl_names_the_environment() -> None:
    files = {"x/env.hcl": 'locals {\n  environment = "prod"\n}\n', "x/app/terragrunt.hcl": SOURCE}
    (unit,) = Tree(files).units().values()
    assert unit.environment is not None and unit.environment.tier == "production"


def test_configurations_that_go_in_circles_end() -> None:
    files = {
        "a.hcl": 'locals {\n  b = read_terragrunt_config("b.hcl")\n}\n',
        "b.hcl": 'locals {\n  a = read_terragrunt_config("a.hcl")\n}\n',
        "app/terragrunt.hcl": SOURCE
        + 'include "me" {\n  path = "terragrunt.hcl"\n}\ninputs = read_terragrunt_config("../a.hcl")\n',
        "two/terragrunt.hcl": SOURCE + 'inputs = read_terragrunt_config("../a.hcl").locals\n',
    }
    assert set(Tree(files).units()) == {".:two"}


def test_a_tree_on_disk(tmp_path: Path) -> None:
    files = {**live(), "x.pkr.hcl": "locals {}\n", "policy.hcl": 'path "secret/*" {}\n', ".terraform.lock.hcl": "x"}
    files["prod/prod/app/.terragrunt-cache/h/main.tf"] = 'resource "x_y" "cached" {}\n'
    scan = scanned(write(tmp_path, files))
    assert {r.address for r in scan.estate.resources} == {
        "app",
        "x_y.z",
        "provider.aws",
        "terraform",
        "var.name",
        "var.size",
        "var.tags",
    }
    assert {f.rule for f in failed(scan)} >= {"tf-no-provider-credentials"}
    assert scan.report.failures == ()
    assert [e.name for e in scan.report.environments] == ["dev", "prod"]


def test_values_are_plain() -> None:
    tree = Tree(live())
    stack: list[Any] = [resource.body for resource in tree.resources]
    while stack:
        found = stack.pop()
        assert not (isinstance(found, str) and "\ue000" in found)
        stack.extend(found.values() if isinstance(found, Map) else found if isinstance(found, Seq) else ())


STACK = """
locals {
  env = read_terragrunt_config("env.hcl").locals
}
unit "app" {
  source = "${get_repo_root()}/units/app"
  path   = "app"
  values = { name = "n-${local.env.region}" }
}
unit "db" {
  source = "git::https://example.com/catalog.git//units/db?ref=v1.2.0"
  path   = "db"
  values = { size = 3 }
}
"""
TEMPLATE = """
include "root" {
  path = find_in_parent_folders("root.hcl")
}
terraform {
  source = "${get_repo_root()}/modules/app"
}
inputs = {
  name = values.name
}
"""


def stacked() -> dict[str, str]:
    return {
        "root.hcl": "inputs = {\n  size = 7\n  tags = { where = path_relative_to_include() }\n}\n",
        "modules/app/main.tf": MODULE,
        "units/app/terragrunt.hcl": TEMPLATE,
        "live/dev/env.hcl": 'locals {\n  region = "eu"\n}\n',
        "live/prod/env.hcl": 'locals {\n  region = "us"\n}\n',
        "live/dev/terragrunt.stack.hcl": STACK,
        "live/prod/terragrunt.stack.hcl": STACK,
    }


def test_stacks_make_units() -> None:
    tree = Tree(stacked())
    assert set(tree.units()) == {"live/dev:app", "live/dev:db", "live/prod:app", "live/prod:db"}
    found = {r.environment.name: r for r in tree.of("x_y.z") if r.environment is not None}
    assert {name: (r.body["name"], r.body["size"]) for name, r in found.items()} == {
        "dev": ("n-eu", 7),
        "prod": ("n-us", 7),
    }
    assert found["dev"].body["tags"] == {"where": "live/dev/.terragrunt-stack/app"}
    assert [tree.text(span) for span in found["dev"].callers] == ['"app"', '"${get_repo_root()}/modules/app"']
    db = tree.units()["live/prod:db"]
    assert (db.body["ref"], db.body["inputs"], tree.text(db.anchor)) == ("v1.2.0", {"size": 3}, '"db"')
    estate = Estate()
    for resource in tree.resources:
        estate.add(resource)
    (pair,) = pairs(estate, ["terragrunt/unit"])
    assert pair.below.keys() == pair.above.keys()


def test_stacks_within_stacks() -> None:
    files = stacked()
    inner = 'unit "app" {\n  source = "../../units/app"\n  path = "app"\n  values = { name = values.name }\n}\n'
    files["stacks/inner/terragrunt.stack.hcl"] = inner.replace("../../units", "${get_repo_root()}/units")
    files["live/prod/terragrunt.stack.hcl"] = (
        'stack "s" {\n  source = "../../stacks/inner"\n  path = "s"\n  values = { name = "inner" }\n}\n'
    )
    tree = Tree(files)
    assert set(tree.units()) == {"live/dev:app", "live/dev:db", "live/prod:s/app"}
    assert {r.body["name"] for r in tree.of("x_y.z")} == {"n-eu", "inner"}


def test_a_stack_that_holds_itself_ends() -> None:
    files = {"a/terragrunt.stack.hcl": 'stack "a" {\n  source = "."\n  path = "a"\n}\n'}
    assert Tree(files).resources == []


@pytest.mark.parametrize(
    ("source", "shown", "ref"),
    [
        ("git::https://example.com/m.git//x?ref=v1.2&depth=1", "same", "v1.2"),
        ("tfr:///acme/x/aws?version=1.0.0", "same", "1.0.0"),
        ("github.com/acme/m//x", "same", None),
        ("git@github.com:acme/m.git//x?ref=main", "same", "main"),
        ("../modules//app", "../modules/app", None),
        ("..//modules/app", "../modules/app", None),
        ("modules/app", "./modules/app", None),
        ("${get_terragrunt_dir()}/../modules/app", "../modules/app", None),
        ("${get_path_to_repo_root()}//modules/app", "../modules/app", None),
    ],
)
def test_sources(source: str, shown: str, ref: str | None) -> None:
    (unit,) = Tree({"app/terragrunt.hcl": f'terraform {{\n  source = "{source}"\n}}\n'}).units().values()
    assert (unit.body["source"], unit.body.get("ref")) == (source if shown == "same" else shown, ref)


def test_a_file_that_is_damaged_leaves_the_unit_open() -> None:
    (unit,) = (
        Tree({"app/terragrunt.hcl": SOURCE + "inputs = {\n  a = 1\n}\nremote_state {\n  backend =\n"}).units().values()
    )
    assert unit.body.open is not None


def test_what_many_units_include_is_one_finding(tmp_path: Path) -> None:
    unit = 'include "root" {\n  path = find_in_parent_folders("root.hcl")\n}\n' + SOURCE
    files = {f"live/{place}/terragrunt.hcl": unit for place in ("dev/a", "dev/b", "prod/a", "prod/b")}
    files["live/root.hcl"] = 'inputs = {\n  password = "Aa1234321Bb"\n}\n'
    scan = scanned(write(tmp_path, files), "terragrunt-no-secret-inputs")
    (finding,) = failed(scan)
    assert (finding.place.path, finding.place.start_line) == ("live/root.hcl", 2)
    assert finding.environments == ("dev", "prod")


def test_generate_from_another_configuration() -> None:
    files = {
        "common.hcl": 'generate "p" {\n  path = "p.tf"\n  if_exists = "overwrite"\n  contents = <<EOF\nprovider "aws" {\n  region = "eu"\n}\nEOF\n}\n'
        'remote_state {\n  backend = "gcs"\n  config = {\n    bucket = "b"\n  }\n}\n',
        "app/terragrunt.hcl": SOURCE
        + 'locals {\n  c = read_terragrunt_config("../common.hcl")\n}\ngenerate = local.c.generate\n'
        "remote_state = local.c.remote_state\n",
    }
    tree = Tree(files)
    (provider,), (terraform,) = tree.of("provider.aws"), tree.of("terraform")
    assert provider.body["region"] == "eu"
    assert tree.text(provider.extent).startswith("<<EOF")
    assert terraform.body["backend"] == [{"bucket": "b", "type": "gcs"}]


def test_what_the_command_line_gives_wins() -> None:
    tree = Tree(live(), {"terraform": {"given": [("var", "name", "mine")]}})
    assert {resource.body["name"] for resource in tree.of("x_y.z")} == {"mine"}


@pytest.mark.parametrize(
    ("step", "outcomes"),
    [
        ("- run: terragrunt run-all apply\n        working-directory: live", {"pass"}),
        ("- run: terragrunt run --all apply --non-interactive\n        working-directory: live", {"pass"}),
        ("- run: terragrunt apply\n        working-directory: live/dev/app", {"pass", "fail"}),
        (
            "- uses: gruntwork-io/terragrunt-action@v3\n        with: {tg_dir: live, tg_command: run --all apply}",
            {"pass"},
        ),
    ],
)
def test_a_pipeline_applies_units(step: str, outcomes: set[str], tmp_path: Path) -> None:
    unit = 'include "root" {\n  path = find_in_parent_folders("root.hcl")\n}\n' + SOURCE
    files = {f"live/{place}/app/terragrunt.hcl": unit for place in ("dev", "prod")}
    files["live/root.hcl"] = 'remote_state {\n  backend = "s3"\n  config = {\n    bucket = "b"\n  }\n}\n'
    files[".github/workflows/a.yml"] = f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      {step}\n"
    scan = scanned(write(tmp_path, files), "every-root-has-pipeline")
    assert {judgement.outcome for judgement in scan.judgements} == outcomes


def test_values_kept_in_yaml(tmp_path: Path) -> None:
    read = 'yamldecode(file(find_in_parent_folders("env.yaml")))'
    files = {
        "live/prod/env.yaml": "region: eu\ntags: {a: b}\n",
        "live/prod/other.yaml": "x: 1\n",
        "live/prod/app/terragrunt.hcl": f'{SOURCE}inputs = merge({read}, {{ there = fileexists("own.txt"), gone = try(file("gone.yaml"), "gone") }})\n',
        "live/prod/app/own.txt": "",
    }
    scan = scanned(write(tmp_path, files))
    (unit,) = (resource for resource in scan.estate.resources if resource.kind == "terragrunt/unit")
    assert unit.body["inputs"] == {"region": "eu", "tags": {"a": "b"}, "there": True, "gone": "gone"}
    assert scan.report.counts.artifacts_found == 2
