"""Terraform folders to resources: values, places, references, modules, environments, overrides, statements."""

# ruff: noqa: E501 (Terraform texts stay in one piece)

from __future__ import annotations

from typing import Any

import pytest

from linter.estate import terraform_links
from linter.model import Artifact, Entry, Estate, Map, Resource, Seq, Source, Span, Unknown, Workspace
from linter.parsers import READERS, terraform


class Tree:
    """Files expanded: resources by (address, environment), failures, and texts of spans."""

    def __init__(self, files: dict[str, str], settings: dict[str, Any] | None = None) -> None:
        artifacts: dict[str, Artifact] = {}
        self.files = files
        self.paths = list(files)
        self.failures: list[tuple[str, Span, str, str]] = []
        for index, (path, text) in enumerate(files.items()):
            format = (
                "tfvars" if path.endswith(".tfvars") else "terraform-json" if path.endswith(".json") else "terraform"
            )
            source = Source(index, path, text)
            artifacts[path] = Artifact(path, format, source, *READERS[format](source))
        workspace = Workspace(
            artifacts, frozenset(files), settings or {}, lambda *failure: self.failures.append(failure), lambda _: None
        )
        self.resources = list(terraform.expand(workspace))

    def __getitem__(self, address: str) -> Resource:
        found = [resource for resource in self.resources if resource.address == address]
        assert len(found) == 1, [resource.address for resource in self.resources]
        return found[0]

    def all(self, address: str) -> list[Resource]:
        return [resource for resource in self.resources if resource.address == address]

    def text(self, span: Span) -> str:
        source, start, end = span
        return self.files[self.paths[source]][start:end]

    def written(self, entry: Entry) -> tuple[str, str]:
        source, key_start, key_end, start, end = entry
        return self.text((source, key_start, key_end)), self.text((source, start, end))

    def estate(self) -> Estate:
        estate = Estate()
        for resource in self.resources:
            estate.add(resource)
        terraform_links.resolve(estate)
        return estate


def one(text: str, **files: str) -> Tree:
    return Tree({"main.tf": text, **files})


def references(resource: Resource) -> list[tuple[str, str]]:
    return [
        (reference.path, reference.target if isinstance(reference.target, str) else "?" + reference.target.subject)
        for reference in resource.references
    ]


def test_a_resource() -> None:
    tree = one('resource "aws_s3_bucket" "logs" {\n  bucket = "x"\n  versioning {\n    enabled = true\n  }\n}\n')
    bucket = tree["aws_s3_bucket.logs"]
    assert (bucket.kind, bucket.name, bucket.unit) == ("terraform/aws_s3_bucket", "logs", ("terraform", "."))
    assert tree.text(bucket.anchor) == '"aws_s3_bucket"'
    assert tree.text(bucket.extent) == tree.files["main.tf"].rstrip()
    assert tree.written(bucket.body.at["bucket"]) == ("bucket", '"x"')
    assert bucket.body["versioning"][0]["enabled"] is True
    assert tree.written(bucket.body.at["versioning"])[0] == "versioning"
    header, block = tree.written(bucket.body["versioning"].at[0])
    assert header == "versioning"
    assert block.startswith("versioning {") and block.endswith("}")
    assert tree.written(bucket.body["versioning"][0].at["enabled"]) == ("enabled", "true")


def test_every_kind_of_block_is_a_resource() -> None:
    tree = one(
        'terraform {\n  backend "s3" {\n    bucket = "b"\n  }\n  required_providers {\n'
        '    aws = { source = "hashicorp/aws" }\n  }\n}\n'
        'provider "aws" {\n  region = "x"\n}\nprovider "aws" {\n  alias = "west"\n}\n'
        'variable "v" {\n  type = list(string)\n  default = []\n}\noutput "o" {\n  value = 1\n}\n'
        'module "m" {\n  source = "hashicorp/x/aws"\n}\ndata "aws_ami" "a" {}\nlocals {\n  l = 1\n}\n'
        'resource "null_resource" "n" {\n  provisioner "local-exec" {\n    command = "x"\n  }\n}\n'
    )
    assert {(resource.address, resource.kind) for resource in tree.resources} == {
        ("terraform", "terraform/terraform"),
        ("provider.aws", "terraform/provider"),
        ("provider.aws.west", "terraform/provider"),
        ("var.v", "terraform/variable"),
        ("output.o", "terraform/output"),
        ("module.m", "terraform/module"),
        ("data.aws_ami.a", "terraform/data.aws_ami"),
        ("locals", "terraform/locals"),
        ("null_resource.n", "terraform/null_resource"),
    }
    assert tree["var.v"].body["type"] == "list(string)"
    backend = tree["terraform"].body["backend"]
    assert backend[0]["type"] == "s3"
    assert tree.written(backend.at[0])[0] == '"s3"'
    assert tree["terraform"].body["required_providers"][0]["aws"]["source"] == "hashicorp/aws"
    assert tree["null_resource.n"].body["provisioner"][0]["type"] == "local-exec"
    assert tree["locals"].body["l"] == 1


def test_a_variable_takes_tfvars_before_its_default() -> None:
    main = 'variable "a" {\n  default = "d"\n}\nvariable "b" {\n  default = "d"\n}\nvariable "c" {}\n'
    main += 'resource "x_y" "z" {\n  a = var.a\n  b = var.b\n  c = var.c\n}\n'
    tree = one(main, **{"terraform.tfvars": 'a = "t"\n', "z.auto.tfvars.json": '{"b": "j"}'})
    body = tree["x_y.z"].body
    assert (body["a"], body["b"]) == ("t", "j")
    assert isinstance(body["c"], Unknown)
    assert (body["c"].cause, body["c"].subject) == ("missing-input", "var.c")
    assert "--var" in body["c"].remedy


def test_an_environment_for_each_tfvars_file() -> None:
    main = 'variable "acl" {\n  default = "private"\n}\nresource "x_y" "z" {\n  acl = var.acl\n  w = terraform.workspace\n}\n'
    tree = Tree({"infra/main.tf": main, "infra/envs/prod.tfvars": 'acl = "public-read"\n', "infra/dev.tfvars": ""})
    found = {(r.environment.name if r.environment else "", r.body["acl"], r.body["w"]) for r in tree.all("x_y.z")}
    assert found == {("prod", "public-read", "prod"), ("dev", "private", "dev")}


def test_a_folder_is_an_environment() -> None:
    tree = Tree({"live/staging/main.tf": 'resource "x_y" "z" {}\n', "live/prod/main.tf": 'resource "x_y" "z" {}\n'})
    assert {(r.unit.path, r.environment and r.environment.tier) for r in tree.resources} == {
        ("live/staging", "pre-production"),
        ("live/prod", "production"),
    }


def test_settings_supply_variables() -> None:
    main = (
        'variable "a" {}\nvariable "b" {\n  type = list(string)\n}\nresource "x_y" "z" {\n  a = var.a\n  b = var.b\n}\n'
    )
    tree = Tree(
        {"main.tf": main, "more.tfvars": 'a = "file"\n'},
        {"terraform": {"var-files": ["more.tfvars"], "vars": {"b": '["q"]'}}},
    )
    assert tree["x_y.z"].body["a"] == "file"
    assert tree["x_y.z"].body["b"] == ["q"]


def test_types_convert_and_fill_in_defaults() -> None:
    tree = one(
        'variable "v" {\n  type = object({ a = string, b = optional(number, 3), c = optional(list(bool)) })\n'
        '  default = { a = 1, z = 2 }\n}\nvariable "n" {\n  type = number\n  default = "5"\n}\n'
        'resource "x_y" "z" {\n  v = var.v\n  n = var.n\n}\n'
    )
    assert tree["x_y.z"].body["v"] == {"a": "1", "b": 3, "c": None}
    assert tree["x_y.z"].body["n"] == 5


def test_locals_in_any_order_and_in_a_circle() -> None:
    tree = one(
        'locals {\n  a = "${local.b}-a"\n  b = upper(local.c)\n  c = "c"\n  x = local.y\n  y = local.x\n}\n'
        'resource "x_y" "z" {\n  a = local.a\n  x = local.x\n}\n'
    )
    assert tree["x_y.z"].body["a"] == "C-a"
    assert tree["x_y.z"].body["x"].cause == "expression"


def test_references_go_through_locals_variables_and_modules() -> None:
    tree = Tree(
        {
            "main.tf": 'resource "aws_s3_bucket" "b" {\n  bucket = "n"\n}\nlocals {\n  id = aws_s3_bucket.b.id\n}\n'
            'module "m" {\n  source = "./m"\n  bucket = local.id\n}\n'
            'resource "x_y" "z" {\n  out = module.m.out\n  name = aws_s3_bucket.b.bucket\n'
            "  vpc_config {\n    ids = [aws_s3_bucket.b.arn]\n  }\n}\n",
            "m/main.tf": 'variable "bucket" {}\nresource "aws_p" "p" {\n  bucket = var.bucket\n}\n'
            'output "out" {\n  value = aws_p.p.id\n}\n',
        }
    )
    assert references(tree["module.m.aws_p.p"]) == [("bucket", "aws_s3_bucket.b")]
    assert references(tree["x_y.z"]) == [
        ("out", "module.m"),
        ("out", "module.m.aws_p.p"),
        ("name", "aws_s3_bucket.b"),
        ("vpc_config.ids", "aws_s3_bucket.b"),
    ]
    assert tree["x_y.z"].body["name"] == "n"
    caller = tree["module.m.aws_p.p"].callers
    assert [tree.text(span) for span in caller] == ['"m"']
    links = tree.estate().incoming[id(tree["aws_s3_bucket.b"])]
    estate = tree.estate()
    assert {link.source.address for link in links} == {"module.m.aws_p.p", "x_y.z", "module.m", "locals"}
    assert estate.loose == {}


def test_only_the_chosen_branch_is_a_reference() -> None:
    tree = one(
        'variable "u" {}\nresource "a_b" "one" {}\nresource "a_b" "two" {}\n'
        'resource "x_y" "z" {\n  known = true ? a_b.one.id : a_b.two.id\n  open = var.u ? a_b.one.id : a_b.two.id\n}\n'
    )
    assert references(tree["x_y.z"]) == [
        ("known", "a_b.one"),
        ("open", "?var.u"),
        ("open", "a_b.one"),
        ("open", "a_b.two"),
    ]


def test_links_by_name_and_loose_references() -> None:
    tree = one(
        'variable "v" {}\nresource "aws_s3_bucket" "b" {\n  bucket = "shop-logs"\n}\n'
        'resource "aws_iam_role" "r" {\n  name = "runner"\n}\n'
        'resource "aws_s3_bucket_policy" "p" {\n  bucket = "shop-logs"\n}\n'
        'resource "aws_iam_role_policy" "q" {\n  role = "runner"\n}\n'
        'resource "aws_s3_bucket_acl" "a" {\n  bucket = var.v\n}\n'
    )
    estate = tree.estate()
    links = {(link.source.address, link.path) for link in estate.incoming[id(tree["aws_s3_bucket.b"])]}
    assert links == {("aws_s3_bucket_policy.p", "bucket")}
    assert [link.path for link in estate.incoming[id(tree["aws_iam_role.r"])]] == ["role"]
    loose = estate.loose[("terraform/aws_s3_bucket_acl", tree["aws_s3_bucket_acl.a"].unit, "")]
    assert [(resource.address, reference.path) for resource, reference in loose] == [("aws_s3_bucket_acl.a", "bucket")]


def test_run_time_values_are_unknown_and_not_null() -> None:
    tree = one(
        'resource "a_b" "c" {}\ndata "d_e" "f" {}\nresource "x_y" "z" {\n  id = a_b.c.id\n  d = "p-${data.d_e.f.x}"\n}\n'
    )
    body = tree["x_y.z"].body
    assert (body["id"].cause, body["id"].subject, body["id"].not_null) == ("run-time", "a_b.c.id", True)
    assert (body["d"].cause, body["d"].prefix, body["d"].type) == ("run-time", "p-", "string")


def test_open_collections() -> None:
    tree = one(
        'variable "tags" {}\nresource "x_y" "z" {\n  tags = merge(var.tags, { a = "b" })\n  over = merge({ a = "b" }, var.tags)\n'
        "  list = concat([1], var.tags)\n}\n"
    )
    body = tree["x_y.z"].body
    assert body["tags"]["a"] == "b" and body["tags"].open.subject == "var.tags"
    assert isinstance(body["over"]["a"], Unknown)
    assert list(body["list"]) == [1] and body["list"].open.cause == "missing-input"


@pytest.mark.parametrize(
    ("count", "exists", "doubt"),
    [("count = 0", False, ""), ("count = 2", True, ""), ("count = var.n", True, "var.n"), ("for_each = {}", False, ""),
     ("for_each = toset([])", False, ""), ('for_each = toset(["a"])', True, ""), ("for_each = var.n", True, "var.n"),
     ("count = 1000000000", True, ""), ("count = true ? 0 : 1", False, "")],
)  # fmt: skip
def test_multiplicity(count: str, exists: bool, doubt: str) -> None:
    tree = one(
        f'variable "n" {{}}\nresource "a_b" "c" {{\n  {count}\n}}\nresource "x_y" "z" {{\n  r = try(a_b.c[0].id, "none")\n}}\n'
    )
    found = tree.all("a_b.c")
    assert len(found) == exists
    if found:
        assert (found[0].uncertain.subject if found[0].uncertain is not None else "") == doubt
    if not exists:
        assert tree["x_y.z"].body["r"] == "none"


def test_each_and_count() -> None:
    tree = one(
        'resource "x_y" "one" {\n  for_each = { a = { acl = "private", n = 1 } }\n  k = each.key\n  v = each.value.acl\n}\n'
        'resource "x_y" "two" {\n  for_each = { a = { acl = "private", n = 1 }, b = { acl = "private", n = 2 } }\n'
        "  k = each.key\n  v = each.value.acl\n  n = each.value.n\n}\n"
        'resource "x_y" "three" {\n  count = 3\n  i = count.index\n}\nresource "x_y" "four" {\n  count = 1\n  i = count.index\n}\n'
    )
    one_ = tree['x_y.one["a"]'].body
    assert (one_["k"], one_["v"]) == ("a", "private")
    two = [tree[f'x_y.two["{key}"]'].body for key in "ab"]
    assert [(body["k"], body["v"], body["n"]) for body in two] == [("a", "private", 1), ("b", "private", 2)]
    assert [tree[f"x_y.three[{index}]"].body["i"] for index in range(3)] == [0, 1, 2]
    assert tree["x_y.four[0]"].body["i"] == 0


def test_collections_of_instances() -> None:
    tree = one(
        'resource "a_b" "c" {\n  count = 2\n  name = "n"\n}\nresource "a_b" "e" {\n  for_each = toset(["k"])\n  name = "m"\n}\n'
        'resource "a_b" "none" {\n  count = 0\n}\n'
        'output "o" {\n  value = [length(a_b.c), a_b.c[*].name, a_b.c[1].name, a_b.e["k"].name, one(a_b.none[*].id),\n'
        "    [for k, v in a_b.e : v.name], values(a_b.e)[0].name]\n}\n"
    )
    assert tree["output.o"].body["value"] == [2, ["n", "n"], "n", "m", None, ["m"], "m"]


def test_dynamic_blocks() -> None:
    tree = one(
        'variable "u" {}\nresource "x_y" "z" {\n  dynamic "ingress" {\n    for_each = [22, 80]\n    content {\n'
        '      port = ingress.value\n      key = ingress.key\n    }\n  }\n  dynamic "egress" {\n    for_each = var.u\n'
        '    iterator = it\n    content {\n      port = it.value.port\n      cidr = "0.0.0.0/0"\n    }\n  }\n'
        '  dynamic "none" {\n    for_each = []\n    content {}\n  }\n}\n'
    )
    body = tree["x_y.z"].body
    assert [(block["port"], block["key"]) for block in body["ingress"]] == [(22, 0), (80, 1)]
    assert body["ingress"].open is None
    assert tree.written(body["ingress"].at[0])[0] == '"ingress"'
    assert len(body["egress"]) == 1 and body["egress"].open.subject == "var.u"
    assert body["egress"][0]["cidr"] == "0.0.0.0/0"
    assert body["egress"][0]["port"].cause == "missing-input"
    assert body["none"] == []
    assert ("egress", "?var.u") in references(tree["x_y.z"])


def test_names_stay_names() -> None:
    tree = one(
        'resource "a_b" "c" {\n  provider = aws.west\n  depends_on = [x_y.z, module.m]\n'
        '  lifecycle {\n    ignore_changes = [tags, tags["x"]]\n    prevent_destroy = true\n  }\n}\nresource "x_y" "z" {}\n'
    )
    body = tree["a_b.c"].body
    assert body["provider"] == "aws.west"
    assert body["depends_on"] == ["x_y.z", "module.m"]
    assert body["lifecycle"][0]["ignore_changes"] == ["tags", "tags['x']"]
    assert body["lifecycle"][0]["prevent_destroy"] is True


def test_modules_nest_and_are_judged_through_their_calls() -> None:
    tree = Tree(
        {
            "main.tf": 'module "a" {\n  source = "./mods/a"\n  n = "one"\n}\nmodule "b" {\n  source = "./mods/a"\n  n = "two"\n}\n'
            'output "o" {\n  value = [module.a.n, module.b.deep, path.module]\n}\n',
            "mods/a/main.tf": 'variable "n" {}\nmodule "i" {\n  source = "../i"\n  n = var.n\n}\noutput "n" {\n  value = var.n\n}\n'
            'output "deep" {\n  value = module.i.n\n}\n',
            "mods/i/main.tf": 'variable "n" {}\nresource "x_y" "z" {\n  n = var.n\n  p = path.module\n}\noutput "n" {\n  value = upper(var.n)\n}\n',
        }
    )
    assert {r.unit.path for r in tree.resources} == {"."}
    assert tree["module.a.module.i.x_y.z"].body["n"] == "one"
    assert tree["module.b.module.i.x_y.z"].body["n"] == "two"
    assert tree["module.b.module.i.x_y.z"].body["p"] == "mods/i"
    assert tree["output.o"].body["value"] == ["one", "TWO", "."]
    assert [tree.text(span) for span in tree["module.b.module.i.x_y.z"].callers] == ['"b"', '"i"']


def test_modules_elsewhere_are_not_read() -> None:
    tree = Tree(
        {
            "a/main.tf": 'module "r" {\n  source = "terraform-aws-modules/vpc/aws"\n}\nmodule "o" {\n  source = "../../out"\n}\n'
            'module "g" {\n  source = "git::https://x.invalid/y.git"\n}\nmodule "n" {\n  source = "./nowhere"\n}\n'
            'resource "x_y" "z" {\n  a = module.r.id\n  b = module.o.id\n  c = module.g.id\n  d = module.n.id\n  e = module.r\n}\n'
        }
    )
    body = tree["x_y.z"].body
    assert {body[key].cause for key in "abcd"} == {"remote-source"}
    assert body["a"].subject == "module.r.id"
    assert isinstance(body["e"], Map) and body["e"].open.cause == "remote-source"
    assert tree["module.r"].body["source"] == "terraform-aws-modules/vpc/aws"


def test_modules_that_init_installed() -> None:
    tree = Tree(
        {
            "main.tf": 'module "v" {\n  source = "example/v/aws"\n}\nmodule "w" {\n  source = "example/w/aws"\n}\n',
            ".terraform/modules/modules.json": '{"Modules": [{"Key": "v", "Source": "", "Dir": ".terraform/modules/v"},'
            ' {"Key": "w", "Dir": "../../outside"}]}',
            ".terraform/modules/v/main.tf": 'resource "x_y" "z" {}\n',
        }
    )
    assert len(tree.all("module.v.x_y.z")) == 1


def test_module_count_and_absence() -> None:
    tree = Tree(
        {
            "main.tf": 'variable "u" {}\nmodule "off" {\n  source = "./m"\n  count = 0\n}\nmodule "maybe" {\n  source = "./m"\n  count = var.u\n}\n'
            'module "many" {\n  source = "./m"\n  for_each = toset(["a", "b"])\n  n = each.key\n}\n'
            'output "o" {\n  value = [try(module.off[0].id, "off"), module.many["a"].n]\n}\n',
            "m/main.tf": 'variable "n" {\n  default = "d"\n}\nresource "x_y" "z" {\n  n = var.n\n}\noutput "id" {\n  value = 1\n}\noutput "n" {\n  value = var.n\n}\n',
        }
    )
    assert not tree.all("module.off") and not tree.all("module.off.x_y.z")
    assert tree["module.maybe.x_y.z"].uncertain.subject == "var.u"  # type: ignore[union-attr]
    assert [tree[f'module.many["{key}"].x_y.z'].body["n"] for key in "ab"] == ["a", "b"]
    assert tree["output.o"].body["value"] == ["off", "a"]


def units(tree: Tree) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for resource in tree.resources:
        found.setdefault(resource.unit.path, set()).add(resource.address)
    return found


def test_folders_in_a_circle_are_still_judged() -> None:
    tree = Tree(
        {
            "a/main.tf": 'module "b" {\n  source = "../b"\n}\nresource "x_y" "a" {}\n',
            "b/main.tf": 'module "a" {\n  source = "../a"\n}\nresource "x_y" "b" {}\n',
        }
    )
    assert units(tree) == {"a": {"module.b", "x_y.a", "module.b.module.a", "module.b.x_y.b"}}


def test_a_call_does_not_take_a_root_out_of_sight() -> None:
    """Whoever adds a folder that calls another one cannot decide what that one is judged with."""
    resource = 'variable "v" {\n  default = "bad"\n}\nresource "x_y" "z" {\n  v = var.v\n}\n'
    call = 'module "m" {\n  source = "../prod"\n  v = "good"\n}\n'
    alone = Tree({"new/main.tf": call, "prod/main.tf": resource})
    assert units(alone) == {"new": {"module.m", "module.m.var.v", "module.m.x_y.z"}}
    for sign in ({"prod/terraform.tfvars": ""}, {"prod/p.tf": 'provider "aws" {\n  region = "x"\n}\n'},
                 {"prod/b.tf": 'terraform {\n  backend "s3" {}\n}\n'}):  # fmt: skip
        tree = Tree({"new/main.tf": call, "prod/main.tf": resource, **sign})
        assert tree["x_y.z"].body["v"] == "bad" and tree["x_y.z"].unit.path == "prod"
    from_below = Tree({"main.tf": resource, "examples/e/main.tf": call.replace("../prod", "../..")})
    assert from_below["x_y.z"].unit.path == "."
    switched_off = Tree({"new/main.tf": call.replace("}", "  count = 0\n}"), "prod/main.tf": resource})
    assert switched_off["x_y.z"].body["v"] == "bad"


def test_overrides_merge() -> None:
    tree = Tree(
        {
            "main.tf": 'resource "x_y" "z" {\n  a = "1"\n  b = "1"\n  block {\n    k = 1\n  }\n  block {\n    k = 2\n  }\n'
            "  lifecycle {\n    prevent_destroy = true\n    create_before_destroy = true\n  }\n}\n"
            'variable "v" {\n  default = "main"\n}\nlocals {\n  l = 1\n}\n',
            "z_override.tf": 'resource "x_y" "z" {\n  b = var.v\n  block {\n    k = 3\n  }\n  lifecycle {\n    prevent_destroy = false\n  }\n}\n'
            'resource "x_y" "new" {}\n',
            "override.tf": 'variable "v" {\n  default = "over"\n}\nlocals {\n  l = 2\n}\n',
        }
    )
    body = tree["x_y.z"].body
    assert (body["a"], body["b"]) == ("1", "over")
    assert [block["k"] for block in body["block"]] == [3]
    assert body["lifecycle"][0] == {"prevent_destroy": False, "create_before_destroy": True}
    assert tree.written(body.at["b"]) == ("b", "var.v")
    assert tree["locals"].body["l"] == 2
    assert tree.all("x_y.new")


def test_malformed_blocks_are_reported() -> None:
    tree = one('resource "x_y" {}\nresource "x_y" "a" "b" {}\nresorce "x_y" "z" {}\nmoved {}\n')
    assert [(name, tree.text(span)) for name, span, _, _ in tree.failures] == [
        ("artifact-unparsed", "resource"),
        ("artifact-unparsed", "resource"),
        ("artifact-unparsed", "resorce"),
    ]
    assert [resource.address for resource in tree.resources] == ["x_y.a"]


def test_the_rest_of_a_broken_file_is_expanded() -> None:
    tree = one('resource "x_y" "a" {\n  v = )\n  w = 1\n}\nresource "x_y" "b" {\n  v = x_y.a.v\n}\n')
    assert tree["x_y.a"].body["w"] == 1
    assert tree.all("x_y.b")


def test_json_configuration() -> None:
    tree = Tree(
        {
            "main.tf.json": '{"variable": {"v": {"type": "list(string)", "default": ["q"]}}, "locals": {"l": "${upper(\\"x\\")}"},\n'
            ' "resource": {"aws_x": {"n": {"name": "${var.v[0]}-a", "tags": {"k": "${local.l}"}, "count": 1,\n'
            '  "versioning": {"enabled": true}, "rule": [{"id": 1}, {"id": 2}], "depends_on": ["a_b.c"],\n'
            '  "dynamic": {"port": {"for_each": [1, 2], "content": {"n": "${port.value}"}}}}}},\n'
            ' "module": {"m": {"source": "./m", "cfg": {"a": {"b": "${aws_x.n.id}"}}}}, "output": {"o": {"value": "x"}},\n'
            ' "provider": {"aws": [{"region": "a"}, {"region": "b", "alias": "w"}]}}',
            "m/main.tf": 'variable "cfg" {}\nresource "a_b" "c" {\n  v = var.cfg.a.b\n}\n',
        }
    )
    body = tree["aws_x.n"].body
    assert (body["name"], body["tags"]["k"]) == ("q-a", "X")
    assert body["versioning"] == [{"enabled": True}]
    assert [rule["id"] for rule in body["rule"]] == [1, 2]
    assert [port["n"] for port in body["port"]] == [1, 2]
    assert body["depends_on"] == ["a_b.c"]
    assert tree.written(body.at["name"]) == ('"name"', '"${var.v[0]}-a"')
    assert tree.text(tree["aws_x.n"].anchor) == '"aws_x"'
    assert references(tree["module.m.a_b.c"]) == [("v", "aws_x.n")]
    assert {"provider.aws", "provider.aws.w", "output.o"} <= {r.address for r in tree.resources}


def statements(tree: Tree) -> dict[str, Map]:
    return {r.address: r.body for r in tree.resources if r.kind == "terraform/policy_statement"}


JSON_POLICY = """{
  "Version": "2012-10-17",
  "Statement": [{
    "Sid": "All", "Effect": "Allow", "Action": "s3:*", "NotResource": ["a", "b"],
    "Principal": "*", "Condition": {"StringEquals": {"aws:x": "y"}}
  }]
}"""


@pytest.mark.parametrize(
    "policy",
    [
        f"<<EOF\n{JSON_POLICY}\nEOF",
        f"<<-EOF\n    {JSON_POLICY.replace(chr(10), chr(10) + '    ')}\n    EOF",
        f"jsonencode({JSON_POLICY})",
        "local.p",
        '"' + JSON_POLICY.replace("\n", "").replace('"', '\\"') + '"',
    ],
)
def test_statements_in_json(policy: str) -> None:
    tree = one(
        f'resource "aws_s3_bucket_policy" "b" {{\n  policy = {policy}\n}}\nlocals {{\n  p = jsonencode({JSON_POLICY})\n}}\n'
    )
    body = statements(tree)["aws_s3_bucket_policy.b:policy[0]"]
    assert dict(body) == {
        "sid": "All",
        "effect": "Allow",
        "actions": ["s3:*"],
        "not_resources": ["a", "b"],
        "principals": [{"type": "*", "identifiers": ["*"]}],
        "conditions": [{"test": "StringEquals", "variable": "aws:x", "values": ["y"]}],
    }
    if '\\"' not in policy:
        assert tree.written(body.at["actions"]) == ('"Action"', '"s3:*"')
        assert tree.written(body["not_resources"].at[1])[1] == '"b"'
        assert tree.written(body["conditions"][0].at["values"]) == ('"aws:x"', '"y"')
        assert tree.written(body["conditions"][0].at["test"])[1] == '"StringEquals"'
    statement = tree["aws_s3_bucket_policy.b:policy[0]"]
    assert statement.owner is tree["aws_s3_bucket_policy.b"]
    assert statement.context["owner"] is statement.owner.body


def test_statements_with_unknown_parts() -> None:
    tree = one(
        'resource "aws_s3_bucket" "b" {}\nresource "aws_iam_policy" "p" {\n  policy = <<EOF\n'
        '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "${aws_s3_bucket.b.arn}/x"}}\nEOF\n}\n'
        'resource "aws_iam_policy" "q" {\n  policy = jsonencode({ Statement = [{ Resource = [aws_s3_bucket.b.arn, "*"] }] })\n}\n'
        'variable "v" {}\nresource "aws_iam_policy" "r" {\n  policy = var.v\n}\n'
        'resource "aws_iam_policy" "s" {\n  policy = file("x.json")\n}\n'
    )
    found = statements(tree)
    assert found["aws_iam_policy.p:policy[0]"]["resources"][0].cause == "run-time"
    assert tree.written(found["aws_iam_policy.p:policy[0]"].at["resources"])[1] == '"${aws_s3_bucket.b.arn}/x"'
    assert found["aws_iam_policy.q:policy[0]"]["resources"][1] == "*"
    assert found["aws_iam_policy.r:policy[0]"].open.subject == "var.v"
    assert found["aws_iam_policy.s:policy[0]"].open.cause == "missing-input"


def test_statements_of_a_document() -> None:
    tree = one(
        'data "aws_iam_policy_document" "d" {\n  statement {\n    actions = ["*"]\n    principals {\n      type = "AWS"\n'
        '      identifiers = ["*"]\n    }\n    condition {\n      test = "Bool"\n      variable = "a"\n      values = ["true"]\n'
        "    }\n  }\n}\n"
        'resource "aws_iam_policy" "p" {\n  policy = data.aws_iam_policy_document.d.json\n}\n'
    )
    found = statements(tree)
    assert list(found) == ["data.aws_iam_policy_document.d:statement[0]"]
    body = next(iter(found.values()))
    assert body["effect"] == "Allow" and body["actions"] == ["*"]
    assert body["principals"] == [{"type": "AWS", "identifiers": ["*"]}]
    assert body["conditions"][0]["test"] == "Bool"
    assert tree.text(tree["data.aws_iam_policy_document.d:statement[0]"].anchor) == "statement"


def test_policies_that_are_not_iam() -> None:
    tree = one(
        'resource "aws_ecr_lifecycle_policy" "l" {\n  policy = jsonencode({ rules = [] })\n}\n'
        'resource "aws_lb_listener" "x" {\n  policy = "accept"\n}\nresource "google_x" "g" {\n  policy = var.u\n}\n'
    )
    assert statements(tree) == {}


def test_inline_policies() -> None:
    tree = one(
        'resource "aws_iam_role" "r" {\n  assume_role_policy = "{}"\n  inline_policy {\n    name = "n"\n'
        f"    policy = jsonencode({JSON_POLICY})\n  }}\n}}\n"
    )
    assert list(statements(tree)) == ["aws_iam_role.r:inline_policy[0]"]


def origins(tree: Tree, address: str, attribute: str) -> list[tuple[str, str]]:
    resource = tree[address]
    entry = resource.body.at[attribute]
    assert resource.trace is not None
    return [(origin.text, tree.text(origin.span)) for origin in resource.trace((entry[0], entry[3], entry[4]))]


def test_origins() -> None:
    tree = Tree(
        {
            "main.tf": 'variable "acl" {\n  default = "private"\n}\nlocals {\n  acl = var.acl\n}\nmodule "m" {\n  source = "./m"\n  acl = local.acl\n}\n'
            'resource "x_y" "z" {\n  acl = "p-${local.acl}"\n  b = module.m.acl\n  c = module.r.x\n  d = x_y.z.acl\n}\n'
            'module "r" {\n  source = "a/b/c"\n}\n',
            "m/main.tf": 'variable "acl" {}\nresource "x_y" "z" {\n  acl = var.acl\n}\noutput "acl" {\n  value = var.acl\n}\n',
            "terraform.tfvars": 'acl = "public"\n',
        }
    )
    assert origins(tree, "x_y.z", "acl") == [
        ("`local.acl` is set here", "var.acl"),
        ("`var.acl` is set here", '"public"'),
    ]
    assert origins(tree, "module.m.x_y.z", "acl") == [
        ("`var.acl` of module.m is set here", "local.acl"),
        ("`local.acl` is set here", "var.acl"),
        ("`var.acl` is set here", '"public"'),
    ]
    assert origins(tree, "x_y.z", "b")[0] == ("`module.m.acl` is set here", "var.acl")
    assert origins(tree, "x_y.z", "c") == [("`module.r` is called here", '"r"')]
    assert origins(tree, "x_y.z", "d")[0] == ("`x_y.z.acl` is set here", '"p-${local.acl}"')


def test_origins_of_a_value_written_elsewhere() -> None:
    tree = one('locals {\n  tags = { a = "b" }\n}\nresource "x_y" "z" {\n  tags = local.tags\n}\n')
    resource = tree["x_y.z"]
    entry = resource.body["tags"].at["a"]
    assert tree.text((entry[0], entry[3], entry[4])) == '"b"'
    assert resource.trace is not None
    found = resource.trace((entry[0], entry[3], entry[4]))
    assert [(origin.text, tree.text(origin.span)) for origin in found] == [("`x_y.z.tags` uses it here", "local.tags")]


def every_place(value: Any) -> list[Entry]:
    """Places of a value and all within; asserts that every entry has one."""
    found: list[Entry] = []
    stack = [value]
    while stack:
        current = stack.pop()
        if isinstance(current, Map):
            assert current.keys() == current.at.keys()
            found.extend(current.at.values())
            stack.extend(current.values())
        elif isinstance(current, Seq):
            assert len(current) == len(current.at)
            found.extend(current.at)
            stack.extend(current)
    return found


def test_every_entry_has_a_place_within_its_source() -> None:
    tree = one(
        'locals {\n  a = { for k in ["x", "y"] : k => { n = upper(k) } }\n  b = flatten([[1], tolist(["z"])])\n'
        '  c = merge(local.a, zipmap(["q"], [[1]]), jsondecode("{\\"j\\": [1]}"))\n  d = setproduct(["a"], ["b"])\n'
        '  e = values(local.c)[*]\n  f = transpose({ a = ["x"] })\n  g = chunklist(range(5), 2)\n'
        '  h = regexall("(a)", "aa")\n  i = cidrsubnets("10.0.0.0/8", 8)\n  j = csvdecode("a\\nb")\n}\n'
    )
    for resource in tree.resources:
        for source, key_start, key_end, start, end in every_place(resource.body):
            assert 0 <= key_start <= key_end and 0 <= start <= end <= len(tree.files[tree.paths[source]])


def test_a_tofu_file_goes_before_the_tf_file_of_its_name() -> None:
    tree = Tree(
        {
            "main.tf": 'locals {\n  l = "terraform"\n}\nresource "x_y" "same" {}\nresource "x_y" "z" {\n  v = local.l\n  w = 1\n}\nresource "x_y" "only" {}\n',
            "main.tofu": 'locals {\n  l = "tofu"\n}\nresource "x_y" "same" {}\nresource "x_y" "z" {\n  v = local.l\n}\n',
            "other.tf": 'output "o" {\n  value = [x_y.z.v, try(x_y.z.w, 0)]\n}\n',
        }
    )
    assert tree["output.o"].body["value"][0] == "tofu"
    assert [tree.paths[r.anchor[0]] for r in tree.all("x_y.same")] == ["main.tofu"]
    assert [(tree.paths[r.anchor[0]], r.body.get("w")) for r in tree.all("x_y.z")] == [
        ("main.tofu", None),
        ("main.tf", 1),
    ]
    assert len(tree.all("x_y.only")) == 1


def test_blocks_that_change_the_state_declare_nothing() -> None:
    tree = one(
        'moved {\n  from = a_b.old\n  to = a_b.c["k"]\n}\nimport {\n  for_each = toset(["k"])\n  to = a_b.c[each.key]\n  id = each.key\n}\n'
        'removed {\n  from = a_b.gone\n  lifecycle {\n    destroy = false\n  }\n}\nresource "a_b" "c" {\n  for_each = toset(["k"])\n  n = each.key\n}\n'
        'check "health" {\n  data "http" "page" {\n    url = "http://x"\n  }\n  assert {\n    condition = data.http.page.url != ""\n    error_message = "no"\n  }\n}\n'
    )
    assert tree.failures == []
    assert [resource.address for resource in tree.resources] == ['a_b.c["k"]', "check.health", "data.http.page"]
    assert tree["data.http.page"].body["url"] == "http://x"
    assert tree["check.health"].body["assert"][0]["condition"] is True


def test_the_provider_of_a_resource() -> None:
    tree = Tree(
        {
            "main.tf": 'provider "aws" {\n  region = "r-main"\n}\nprovider "aws" {\n  alias = "west"\n  region = "r-west"\n}\n'
            'resource "aws_x" "a" {}\nresource "aws_x" "b" {\n  provider = aws.west\n}\nresource "gcp_x" "c" {}\n'
            'module "m" {\n  source = "./m"\n  providers = {\n    aws = aws.west\n    aws.other = aws\n  }\n}\nmodule "n" {\n  source = "./m"\n}\n',
            "m/main.tf": 'terraform {\n  required_providers {\n    aws = {\n      source = "hashicorp/aws"\n      configuration_aliases = [aws.other]\n    }\n  }\n}\n'
            'resource "aws_x" "d" {}\nresource "aws_x" "e" {\n  provider = aws.other\n}\nmodule "i" {\n  source = "../i"\n}\n',
            "i/main.tf": 'data "aws_x" "f" {}\n',
        }
    )

    def region(address: str) -> str:
        provider = tree[address].context.get("provider")
        return provider["region"] if provider is not None else ""

    assert [region(f"aws_x.{name}") for name in "ab"] == ["r-main", "r-west"]
    assert region("gcp_x.c") == ""
    assert [region(f"module.m.aws_x.{name}") for name in "de"] == ["r-west", "r-main"]
    assert [region(f"module.n.aws_x.{name}") for name in "de"] == ["r-main", ""]
    assert region("module.m.module.i.data.aws_x.f") == "r-west"
    assert tree["module.m.terraform"].body["required_providers"][0]["aws"]["configuration_aliases"] == ["aws.other"]
