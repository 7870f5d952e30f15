"""Whole configurations against `terraform plan`: modules, variables, overrides, instances, with the built-in provider."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from linter.model import Artifact, Map, Resource, Seq, Source, Unknown, Workspace
from linter.parsers import READERS, terraform

FORMATS = {".tfvars": "tfvars", ".json": "terraform-json", ".tf": "terraform"}
MODULE = """
variable "name" {
  type = string
}
variable "settings" {
  type = object({
    size  = optional(number, 3)
    tags  = optional(map(string), { a = "b" })
    inner = optional(object({ on = optional(bool, true), list = optional(list(string)) }), {})
  })
  default = {}
}
variable "nothing" {
  default  = "fallback"
  nullable = false
}
resource "terraform_data" "this" {
  input = "${var.name}-${var.settings.size}"
}
output "input" {
  value = terraform_data.this.input
}
output "settings" {
  value = var.settings
}
output "nothing" {
  value = var.nothing
}
output "path" {
  value = path.module
}
"""
CASES: dict[str, dict[str, str]] = {
    "variables": {
        "main.tf": """
variable "a" { default = "default" }
variable "b" { default = "default" }
variable "c" { default = "default" }
variable "n" {
  type    = number
  default = "12"
}
variable "l" {
  type    = list(string)
  default = [1, true, "x"]
}
variable "s" {
  type    = set(string)
  default = ["b", "a", "b"]
}
variable "m" {
  type    = map(number)
  default = { x = "1", y = 2 }
}
variable "t" {
  type    = tuple([string, number])
  default = [1, "2"]
}
variable "o" {
  type    = list(object({ k = string, v = optional(number) }))
  default = [{ k = 1, z = "dropped" }, { k = "b", v = "7" }]
}
variable "any" {
  type    = any
  default = { a = [1, "b"] }
}
variable "anylist" {
  type    = list(any)
  default = [1, "b"]
}
output "all" {
  value = [var.a, var.b, var.c, var.n, var.l, var.s, var.m, var.t, var.o, var.any, var.anylist]
}
""",
        "terraform.tfvars": 'a = "terraform"\nb = "terraform"\nc = "terraform"\n',
        "terraform.tfvars.json": '{"b": "json"}',
        "a.auto.tfvars": 'c = "auto-a"\n',
        "b.auto.tfvars": 'c = "auto-b"\n',
    },
    "modules": {
        "main.tf": """
locals {
  names = { one = "first", two = "second" }
}
module "plain" {
  source   = "./modules/m"
  name     = upper(local.names.one)
  nothing  = null
}
module "more" {
  source   = "./modules/m"
  name     = module.plain.input
  settings = { size = "9", inner = { list = ["q"] }, tags = {} }
}
module "off" {
  source = "./modules/m"
  name   = "never"
  count  = 0
}
module "each" {
  source   = "./modules/m"
  for_each = local.names
  name     = each.value
}
module "nested" {
  source = "./modules/outer"
}
output "all" {
  value = [
    module.plain, module.more, module.off, module.off[*].input, length(module.each), keys(module.each),
    try(module.off[0].input, "none"), module.nested.deep, one(module.off[*].path), path.module, path.root,
  ]
}
""",
        "modules/m/main.tf": MODULE,
        "modules/outer/main.tf": """
module "inner" {
  source = "../m"
  name   = "deep"
}
output "deep" {
  value = [module.inner.input, module.inner.path]
}
""",
    },
    "instances": {
        "main.tf": """
resource "terraform_data" "none" {
  count = 0
}
resource "terraform_data" "two" {
  count = 2
  input = "same"
}
resource "terraform_data" "each" {
  for_each = toset(["a", "b"])
  input    = "fixed"
}
resource "terraform_data" "only" {
  for_each = { k = "v" }
  input    = "${each.key}=${each.value}"
}
output "all" {
  value = [
    length(terraform_data.none), terraform_data.two[*].input, terraform_data.two[1].input,
    terraform_data.each["a"].input, [for k, v in terraform_data.each : "${k}-${v.input}"],
    terraform_data.only["k"].input, try(terraform_data.none[0].input, "none"), one(terraform_data.none[*].input),
    concat(terraform_data.none[*].input, ["last"])[0], can(terraform_data.two[2].input), keys(terraform_data.only),
    length(terraform_data.two) > 1 ? terraform_data.two[0].input : "x",
  ]
}
""",
    },
    "each": {
        "main.tf": """
locals {
  servers = { web = { size = 2, ports = [80, 443] }, db = { size = 1, ports = [5432] }, idle = { size = 0, ports = [] } }
}
resource "terraform_data" "server" {
  for_each = local.servers
  input    = { name = each.key, size = each.value.size, first = try(each.value.ports[0], null) }
}
resource "terraform_data" "big" {
  for_each = { for k, s in terraform_data.server : k => s.input if s.input.size > 0 }
  input    = "${each.key}:${each.value.size}"
}
resource "terraform_data" "chained" {
  for_each = terraform_data.server
  input    = "${each.key}/${each.value.input.name}"
}
resource "terraform_data" "counted" {
  count = 4
  input = count.index % 2 == 0 ? "even${count.index}" : "odd"
}
resource "terraform_data" "follows" {
  count = length(terraform_data.counted)
  input = count.index == 0 ? "first" : terraform_data.counted[count.index - 1].input
}
resource "terraform_data" "flat" {
  for_each = { for p in flatten([for k, s in local.servers : [for n in s.ports : { k = k, n = n }]]) : "${p.k}-${p.n}" => p }
  input    = each.value.n + length(each.value.k)
}
resource "terraform_data" "set" {
  for_each = toset(["b", "a", "b"])
  input    = [each.key, each.value, [for each in [1, 2] : each]]
}
output "all" {
  value = [
    terraform_data.server["web"].input, [for k, v in terraform_data.server : "${k}=${v.input.size}"],
    values(terraform_data.server)[*].input.name, keys(terraform_data.big), values(terraform_data.big)[*].input,
    values(terraform_data.chained)[*].input, terraform_data.counted[*].input, terraform_data.counted.*.input,
    terraform_data.counted[length(terraform_data.counted) - 1].input, terraform_data.follows[*].input,
    { for k, v in terraform_data.flat : k => v.input }, [for s in terraform_data.set : s.input],
    terraform_data.server["db"].input["size"], one([for k, v in terraform_data.server : k if v.input.size == 2]),
    try(terraform_data.counted[9].input, "none"), can(terraform_data.server["nobody"]),
    { for i, c in terraform_data.counted : c.input => i... }, [for k in ["web", "db"] : terraform_data.server[k].input.first],
    length(terraform_data.server), sum([for s in terraform_data.server : s.input.size]),
    lookup(terraform_data.server, "zz", "absent") == "absent", contains(keys(terraform_data.set), "a"),
    element(terraform_data.counted, 5).input, slice(terraform_data.counted[*].input, 1, 3),
  ]
}
""",
    },
    "module instances": {
        "main.tf": """
variable "teams" {
  type = map(object({ members = list(string), lead = optional(string) }))
}
module "team" {
  source   = "./modules/team"
  for_each = var.teams
  name     = each.key
  members  = each.value.members
  lead     = each.value.lead
}
module "copy" {
  source  = "./modules/team"
  count   = 3
  name    = "copy${count.index}"
  members = slice(["x", "y", "z"], 0, count.index)
}
module "after" {
  source   = "./modules/team"
  for_each = { for k, t in module.team : k => t.lead if t.size > 1 }
  name     = "${each.key}-after"
  members  = [each.value]
}
module "whole" {
  source   = "./modules/team"
  for_each = module.team
  name     = each.value.label
  members  = each.value.ids
}
output "all" {
  value = [
    module.team["red"].label, module.team["blue"].lead, [for k, m in module.team : "${k}:${m.size}"],
    values(module.team)[*].label, module.copy[*].size, module.copy[2].ids, module.copy.*.label,
    { for k, m in module.team : k => m.ids }, [for m in module.copy : m.inner], module.team["red"].inner,
    keys(module.after), module.after["red"].ids, flatten(values(module.team)[*].ids), length(module.copy),
    try(module.team["green"].label, "none"), module.whole["blue"].ids, values(module.whole)[*].label,
    module.team["red"].deep, sum(module.copy[*].size), module.team, merge([for m in module.copy : { (m.label) = m.size }]...),
  ]
}
""",
        "terraform.tfvars": """
teams = {
  red  = { members = ["ann", "bob"] }
  blue = { members = ["cid"], lead = "dan" }
}
""",
        "modules/team/main.tf": """
variable "name" {}
variable "members" { type = list(string) }
variable "lead" {
  default  = "nobody"
  nullable = false
}
locals {
  label = upper(var.name)
}
resource "terraform_data" "member" {
  for_each = toset(var.members)
  input    = "${local.label}.${each.key}"
}
resource "terraform_data" "indexed" {
  count = length(var.members)
  input = "${count.index}:${terraform_data.member[var.members[count.index]].input}"
}
module "inner" {
  source   = "../inner"
  for_each = { for i, m in var.members : m => i }
  n        = each.value
  of       = var.name
}
output "label" { value = local.label }
output "lead" { value = var.lead }
output "size" { value = length(terraform_data.member) }
output "ids" { value = terraform_data.indexed[*].input }
output "inner" { value = [for k, m in module.inner : "${k}${m.out}"] }
output "deep" { value = { for k, m in module.inner : k => m.list } }
""",
        "modules/inner/main.tf": """
variable "n" { type = number }
variable "of" { type = string }
resource "terraform_data" "d" {
  count = var.n + 1
  input = "${var.of}${count.index}"
}
output "out" { value = "${var.of}-${var.n}" }
output "list" { value = terraform_data.d[*].input }
""",
    },
    "overrides": {
        "main.tf": """
variable "v" { default = "main" }
locals { l = "main" }
resource "terraform_data" "r" {
  input = "main"
}
output "all" { value = ["main"] }
""",
        "z_override.tf": """
variable "v" { default = "override" }
locals { l = "override" }
resource "terraform_data" "r" {
  input = "${var.v}-${local.l}"
}
""",
        "override.tf": """
resource "terraform_data" "r" {
  input = "earlier"
}
output "all" { value = [terraform_data.r.input, var.v, local.l] }
""",
    },
    "json": {
        "main.tf.json": json.dumps(
            {
                "variable": {"v": {"type": "list(string)", "default": ["x", 1]}},
                "locals": {"l": '${join("-", var.v)}', "m": {"k": "${upper(local.l)}", "${local.l}": 2}},
                "resource": {"terraform_data": {"r": {"input": {"a": "${local.l}", "b": ["%{ if true }y%{ endif }"]}}}},
                "output": {
                    "all": {
                        "value": [
                            "${local.m}",
                            "${terraform_data.r.input}",
                            "$${raw}",
                            'q"${local.l}"\n',
                            "${var.v[1]}",
                        ]
                    }
                },
            }
        )
    },
    "locals": {
        "main.tf": """
locals {
  z = local.y
  y = { for k, v in local.x : v => k }
  x = { a = "one", b = "two" }
  heredoc = <<-EOT
    first ${local.x.a}
      %{ for k, v in local.x ~}
    ${k}=${v}
      %{ endfor ~}
    last
  EOT
  plain = <<EOT
  kept
EOT
  flat = flatten([for n, s in { a = ["x", "y"], b = [] } : [for e in s : { n = n, e = e }]])
}
output "all" {
  value = [
    local.z, local.heredoc, local.plain, { for f in local.flat : "${f.n}/${f.e}" => f }, terraform.workspace,
    jsonencode(local.x), merge(local.x, { b = "three" }, null), try(local.x.c, "none"), local.flat[*].e,
    [for s in ["a", "b"] : s == "a" ? { v = s } : { v = "other" }],
  ]
}
""",
    },
}


TOLD_APART = ("each", "module instances")
"""Cases in which every block speaks of `each` or `count.index`, so that our addresses are the plan's."""


@pytest.fixture(scope="module")
def binary() -> str:
    found = shutil.which("terraform")
    assert found is not None, "the reference test needs the terraform program on the PATH"
    return found


def theirs(binary: str, folder: Path, *given: str) -> Any:
    (folder / "empty.rc").write_text("")
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": str(folder / "empty.rc"), "CHECKPOINT_DISABLE": "1"}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [binary, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    run("init", "-input=false", "-no-color")
    run("plan", "-input=false", "-no-color", "-out=plan.bin", *given)
    return json.loads(run("show", "-json", "plan.bin"))["planned_values"]


def addresses(module: Any) -> Iterator[tuple[str, Any]]:
    """(address, input) of every resource of a plan."""
    for each in module.get("resources", ()):
        yield each["address"], each["values"].get("input")
    for child in module.get("child_modules", ()):
        yield from addresses(child)


def expanded(files: dict[str, str], settings: dict[str, Any] | None = None) -> list[Resource]:
    artifacts: dict[str, Artifact] = {}
    for index, (path, text) in enumerate(files.items()):
        format = next(FORMATS[suffix] for suffix in FORMATS if path.endswith(suffix))
        source = Source(index, path, text)
        artifacts[path] = Artifact(path, format, source, *READERS[format](source))
    workspace = Workspace(artifacts, frozenset(files), settings or {}, lambda *_: None, lambda _: None)
    return list(terraform.expand(workspace))


def output(resources: list[Resource]) -> Any:
    return next(r for r in resources if r.address == "output.all").body["value"]


def same(mine: Any, expected: Any, path: str, unknown: list[str]) -> None:
    """Equal wherever we know; what we do not know is listed."""
    if isinstance(mine, Unknown):
        unknown.append(f"{path}: {mine!r}")
    elif isinstance(mine, Map) and mine.open is None:
        assert isinstance(expected, dict) and mine.keys() == expected.keys(), path
        for key in mine:
            same(mine[key], expected[key], f"{path}.{key}", unknown)
    elif isinstance(mine, Seq) and mine.open is None:
        assert isinstance(expected, list) and len(mine) == len(expected), path
        for number, element in enumerate(mine):
            same(element, expected[number], f"{path}[{number}]", unknown)
    else:
        assert isinstance(mine, type(expected)) and isinstance(mine, bool) == isinstance(expected, bool), path
        assert mine == expected, path


@pytest.mark.parametrize("name", CASES)
def test_same_as_a_plan(name: str, binary: str, tmp_path: Path) -> None:
    for path, text in CASES[name].items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    unknown: list[str] = []
    resources = expanded(CASES[name])
    planned = theirs(binary, tmp_path)
    same(output(resources), planned["outputs"]["all"]["value"], "", unknown)
    assert [line for line in unknown if "workspace" not in line] == []
    if name in TOLD_APART:
        mine = {r.address: r.body.get("input") for r in resources if r.kind == "terraform/terraform_data"}
        expected = dict(addresses(planned["root_module"]))
        assert mine.keys() == expected.keys()
        for address, value in mine.items():
            same(value, expected[address], address, unknown)
        assert unknown == []


PRECEDENCE = {
    "main.tf": """
variable "a" { default = "default" }
variable "b" { default = "default" }
variable "c" { default = "default" }
variable "d" { default = "default" }
variable "e" { default = "default" }
variable "text" { type = string }
variable "list" { type = list(string) }
variable "any" { type = any }
variable "number" { type = number }
output "all" {
  value = [var.a, var.b, var.c, var.d, var.e, var.text, var.list, var.any, var.number]
}
""",
    "terraform.tfvars": 'a = "terraform"\nb = "terraform"\nc = "terraform"\nd = "terraform"\ne = "terraform"\n',
    "terraform.tfvars.json": '{"b": "json ${x}", "c": "json"}',
    "m.auto.tfvars.json": '{"c": "auto json", "d": "auto json", "e": "auto json"}',
    "a.auto.tfvars": 'd = "auto"\n',
    "sub/z.tfvars": 'e = "file"\n',
}
GIVEN = {
    "text": ("var", "text", '{"not": "parsed"}'),
    "list": ("var", "list", '["a", 1]'),
    "any": ("var", "any", "{ x = [1] }"),
    "number": ("var", "number", "12"),
    "file": ("file", "sub/z.tfvars", None),
    "e": ("var", "e", "var"),
}


@pytest.mark.parametrize("order", [["file", "e"], ["e", "file"], ["file"], []])
def test_precedence_of_what_is_given(order: list[str], binary: str, tmp_path: Path) -> None:
    for path, text in PRECEDENCE.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    given = [GIVEN[name] for name in ("text", "list", "any", "number", *order)]
    arguments = [f"-var-file={name}" if kind == "file" else f"-var={name}={value}" for kind, name, value in given]
    unknown: list[str] = []
    mine = output(expanded(PRECEDENCE, {"terraform": {"given": given}}))
    same(mine, theirs(binary, tmp_path, *arguments)["outputs"]["all"]["value"], "", unknown)
    assert unknown == []
