"""Instances of count and for_each, of resources and modules: their values, addresses, references and origins."""

# ruff: noqa: E501 (Terraform texts stay in one piece)

from __future__ import annotations

import time

import pytest
from test_terraform import Tree, one, references

from linter.addresses import bare, covers, key_text, resource_in, steps
from linter.model import Resource, Unknown

BUCKETS = 'resource "aws_s3_bucket" "b" {\n  for_each = toset(["a", "c"])\n  bucket = "x-${each.key}"\n}\n'


def linked(tree: Tree, address: str) -> list[tuple[str, str]]:
    """(path, target) of every link that starts at a resource."""
    estate = tree.estate()
    return sorted((link.path, link.target.address) for link in estate.outgoing.get(id(tree[address]), ()))


def addresses(tree: Tree, kind: str) -> list[str]:
    return [resource.address for resource in tree.resources if resource.kind == kind]


def known(value: object) -> object:
    """A value with unknowns as their subjects, so that it can be compared."""
    if isinstance(value, Unknown):
        return f"?{value.subject}"
    if isinstance(value, dict):
        return {key: known(element) for key, element in value.items()}
    return [known(element) for element in value] if isinstance(value, list) else value


# Addresses


@pytest.mark.parametrize(
    ("address", "block", "parts"),
    [
        ("aws_s3_bucket.b", "aws_s3_bucket.b", [("aws_s3_bucket", ""), ("b", "")]),
        ('module.m["a.b]"].x_y.z[0]', "module.m.x_y.z", [("module", ""), ("m", '["a.b]"]'), ("x_y", ""), ("z", "[0]")]),
        ('x_y.z["q\\"]."]', "x_y.z", [("x_y", ""), ("z", '["q\\"]."]')]),
        ('x_y.z["a"]:policy[0]', "x_y.z:policy", [("x_y", ""), ("z:policy", '["a"][0]')]),
    ],
)
def test_addresses(address: str, block: str, parts: list[tuple[str, str]]) -> None:
    assert bare(address) == block
    assert steps(address) == parts
    assert covers(block, address) and covers(address, address)
    assert not covers(address, block) or address == block


def test_keys_are_escaped() -> None:
    assert key_text(3) == "[3]" and key_text(None) == ""
    assert key_text('a"b') == '["a\\"b"]'
    assert key_text("a\nb") == '["a\\nb"]'
    assert key_text("${x}") == '["$${x}"]'
    for key in ('"', "\\", '"]', "\\\\", 'a".b', "]["):
        assert steps(f"x_y.z{key_text(key)}.id") == [("x_y", ""), ("z", key_text(key)), ("id", "")]


def test_the_resource_a_reference_begins_with() -> None:
    assert resource_in('module.m["a"].data.aws_x.y[0].id') == 'module.m["a"].data.aws_x.y[0]'
    assert resource_in("aws_x.y.arn") == "aws_x.y"
    for other in ("var.x.y", "local.a.b", "terraform.workspace", "module.m", "self", "", "aws_x"):
        assert resource_in(other) is None


# Values


def test_instances_have_their_own_values_and_addresses() -> None:
    tree = one(
        'resource "x_y" "m" {\n  for_each = { b = { n = 2 }, a = { n = 1 } }\n  k = each.key\n  n = each.value.n\n  t = "${each.key}-${each.value["n"]}"\n}\n'
        'resource "x_y" "c" {\n  count = 3\n  i = count.index * 10\n}\n'
        'data "x_y" "d" {\n  for_each = toset(["q"])\n  k = each.value\n}\n'
        'resource "x_y" "same" {\n  count = 3\n  i = 1\n}\n'
    )
    assert addresses(tree, "terraform/x_y") == [
        'x_y.m["a"]', 'x_y.m["b"]', "x_y.c[0]", "x_y.c[1]", "x_y.c[2]", "x_y.same"
    ]  # fmt: skip
    assert [tree[f'x_y.m["{k}"]'].body["t"] for k in "ab"] == ["a-1", "b-2"]
    assert [tree[f'x_y.m["{k}"]'].body["n"] for k in "ab"] == [1, 2]
    assert [tree[f"x_y.c[{i}]"].body["i"] for i in range(3)] == [0, 10, 20]
    assert tree['data.x_y.d["q"]'].body["k"] == "q"


def test_references_have_the_instance_s_value() -> None:
    tree = one(
        'resource "x_y" "m" {\n  for_each = { b = 2, a = 1 }\n  n = each.value\n}\n'
        'resource "x_y" "c" {\n  count = 3\n  n = count.index\n}\n'
        'output "o" {\n  value = {\n    index = [x_y.m["a"].n, x_y.c[2].n, x_y.m["b"].n, x_y.m["a"].id]\n'
        "    splat = [x_y.c[*].n, x_y.c.*.n, values(x_y.m)[*].n, x_y.c[*].id]\n"
        "    for = [[for k, v in x_y.m : k => v.n...] == [] ? 0 : 1, { for k, v in x_y.m : k => v.n }, [for i, v in x_y.c : i + v.n]]\n"
        '    keys = [keys(x_y.m), length(x_y.c), try(x_y.m["z"].n, "none"), one([for k, v in x_y.m : v.n if k == "b"])]\n  }\n}\n'.replace(
            "[for k, v in x_y.m : k => v.n...] == [] ? 0 : 1, ", ""
        )
    )
    assert known(tree["output.o"].body["value"]) == {
        "index": [1, 2, 2, '?x_y.m["a"].id'],
        "splat": [[0, 1, 2], [0, 1, 2], [1, 2], ["?x_y.c[0].id", "?x_y.c[1].id", "?x_y.c[2].id"]],
        "for": [{"a": 1, "b": 2}, [0, 2, 4]],
        "keys": [["a", "b"], 3, "none", 2],
    }


MODULES = {
    "main.tf": 'module "m" {\n  source = "./m"\n  for_each = { x = ["p", "q"], y = ["r"] }\n  name = each.key\n  names = each.value\n}\n'
    'module "n" {\n  source = "./m"\n  count = 2\n  name = "n${count.index}"\n  names = []\n}\n'
    'output "o" {\n  value = [module.m["x"].upper, module.m["y"].inner, values(module.m)[*].upper, [for k, v in module.m : "${k}=${v.upper}"],\n'
    '    module.n[*].upper, module.n[1].upper, { for k, v in module.m : k => v.ids }, try(module.m["z"].upper, "none")]\n}\n',
    "m/main.tf": 'variable "name" {}\nvariable "names" {}\nlocals {\n  upper = upper(var.name)\n}\n'
    'resource "x_y" "z" {\n  for_each = toset(var.names)\n  n = "${local.upper}-${each.key}"\n}\n'
    'module "i" {\n  source = "../i"\n  count = length(var.names)\n  n = "${var.name}${count.index}"\n}\n'
    'output "upper" {\n  value = local.upper\n}\noutput "inner" {\n  value = module.i[*].n\n}\noutput "ids" {\n  value = { for k, v in x_y.z : k => v.id }\n}\n',
    "i/main.tf": 'variable "n" {}\nresource "x_y" "deep" {\n  n = var.n\n}\noutput "n" {\n  value = x_y.deep.n\n}\n',
}


def test_module_instances() -> None:
    tree = Tree(MODULES)
    assert sorted(addresses(tree, "terraform/x_y")) == sorted(
        [
            'module.m["x"].x_y.z["p"]', 'module.m["x"].x_y.z["q"]', 'module.m["y"].x_y.z["r"]',
            'module.m["x"].module.i[0].x_y.deep', 'module.m["x"].module.i[1].x_y.deep', 'module.m["y"].module.i[0].x_y.deep',
        ]
    )  # fmt: skip
    assert tree['module.m["x"].x_y.z["q"]'].body["n"] == "X-q"
    assert tree['module.m["x"].module.i[1].x_y.deep'].body["n"] == "x1"
    assert addresses(tree, "terraform/module")[:4] == ['module.m["x"]', 'module.m["y"]', "module.n[0]", "module.n[1]"]
    assert known(tree["output.o"].body["value"]) == [
        "X", ["y0"], ["X", "Y"], ["x=X", "y=Y"], ["N0", "N1"], "N1",
        {"x": {"p": '?module.m["x"].x_y.z["p"].id', "q": '?module.m["x"].x_y.z["q"].id'}, "y": {"r": '?module.m["y"].x_y.z["r"].id'}},
        "none",
    ]  # fmt: skip


def test_installed_modules_are_found_from_an_instance() -> None:
    tree = Tree(
        {
            "main.tf": 'module "m" {\n  source = "a/b/c"\n  for_each = toset(["k"])\n  n = each.key\n}\n',
            ".terraform/modules/modules.json": '{"Modules": [{"Key": "m", "Dir": ".terraform/modules/m"}, {"Key": "m.i", "Dir": ".terraform/modules/i"}]}',
            ".terraform/modules/m/main.tf": 'variable "n" {}\nmodule "i" {\n  source = "d/e/f"\n  n = var.n\n}\n',
            ".terraform/modules/i/main.tf": 'variable "n" {}\nresource "x_y" "z" {\n  n = var.n\n}\n',
        }
    )
    assert tree['module.m["k"].module.i.x_y.z'].body["n"] == "k"


def test_unknown_keys_are_judged_once() -> None:
    tree = one(
        'variable "u" {}\nresource "x_y" "z" {\n  for_each = var.u\n  k = each.key\n  c = "written"\n}\n'
        'resource "x_y" "w" {\n  for_each = merge({ a = 1 }, var.u)\n  k = each.key\n}\n'
    )
    assert tree["x_y.z"].body["k"].cause == "missing-input" and tree["x_y.z"].body["c"] == "written"
    assert tree["x_y.w"].body["k"].subject == "var.u"


def test_conditions_and_dynamic_blocks_of_an_instance() -> None:
    tree = one(
        "locals {\n  rules = { web = { ports = [80, 443], open = true }, db = { ports = [5432], open = false } }\n}\n"
        'resource "x_y" "z" {\n  for_each = local.rules\n  public = each.value.open ? "yes" : "no"\n  dynamic "ingress" {\n    for_each = each.value.ports\n    iterator = port\n'
        '    content {\n      from = port.value\n      n = port.key\n      of = each.key\n      dynamic "inner" {\n        for_each = each.value.open ? ["i"] : []\n        content {\n          v = "${inner.value}${port.value}"\n        }\n      }\n    }\n  }\n}\n'
    )
    web, db = tree['x_y.z["web"]'].body, tree['x_y.z["db"]'].body
    assert (web["public"], db["public"]) == ("yes", "no")
    assert [(b["from"], b["n"], b["of"], b["inner"]) for b in web["ingress"]] == [
        (80, 0, "web", [{"v": "i80"}]), (443, 1, "web", [{"v": "i443"}]),
    ]  # fmt: skip
    assert [(b["from"], b["inner"]) for b in db["ingress"]] == [(5432, [])]


def test_policies_of_an_instance() -> None:
    tree = one(
        'resource "aws_iam_policy" "p" {\n  for_each = { a = "s3:*", c = "ec2:Describe" }\n  policy = <<EOT\n{"Statement": [{"Effect": "Allow", "Action": "${each.value}"}]}\nEOT\n}\n'
    )
    found = {r.address: r.body["actions"] for r in tree.resources if r.kind == "terraform/policy_statement"}
    assert found == {'aws_iam_policy.p["a"]:policy[0]': ["s3:*"], 'aws_iam_policy.p["c"]:policy[0]': ["ec2:Describe"]}


# Links


@pytest.mark.parametrize(
    ("text", "address", "targets"),
    [
        ('resource "x_y" "z" {\n  bucket = aws_s3_bucket.b["a"].id\n}\n', "x_y.z", ["a"]),
        ('resource "x_y" "z" {\n  for_each = toset(["a", "c"])\n  bucket = aws_s3_bucket.b[each.key].id\n}\n', 'x_y.z["c"]', ["c"]),
        ('resource "x_y" "z" {\n  for_each = aws_s3_bucket.b\n  bucket = each.value.id\n}\n', 'x_y.z["c"]', ["c"]),
        ('resource "x_y" "z" {\n  for_each = aws_s3_bucket.b\n  bucket = each.value["bucket"]\n}\n', 'x_y.z["a"]', ["a"]),
        ('resource "x_y" "z" {\n  for_each = { for k, b in aws_s3_bucket.b : k => b.id }\n  bucket = each.value\n}\n', 'x_y.z["a"]', ["a"]),
        ('resource "x_y" "z" {\n  for_each = { for k, b in aws_s3_bucket.b : k => { b = b, other = 1 } }\n  bucket = "${each.value.b.arn}/*"\n}\n', 'x_y.z["a"]', ["a"]),
        ('locals {\n  ids = { for k, b in aws_s3_bucket.b : k => b.id }\n}\nresource "x_y" "z" {\n  bucket = local.ids["a"]\n}\n', "x_y.z", ["a"]),
        ('resource "x_y" "z" {\n  count = 2\n  bucket = values(aws_s3_bucket.b)[count.index].id\n}\n', "x_y.z[1]", ["c"]),
        ('resource "x_y" "z" {\n  bucket = values(aws_s3_bucket.b)[*].id\n}\n', "x_y.z", ["a", "c"]),
        ('resource "x_y" "z" {\n  bucket = [for b in aws_s3_bucket.b : b.id]\n}\n', "x_y.z", ["a", "c"]),
        ('variable "u" {}\nresource "x_y" "z" {\n  bucket = aws_s3_bucket.b[var.u].id\n}\n', "x_y.z", ["a", "c"]),
    ],
)  # fmt: skip
def test_links_between_instances(text: str, address: str, targets: list[str]) -> None:
    found = [target for path, target in linked(one(BUCKETS + text), address) if path == "bucket"]
    assert found == [f'aws_s3_bucket.b["{key}"]' for key in targets]


def test_links_to_what_is_judged_once() -> None:
    tree = one(
        'variable "u" {}\nresource "aws_s3_bucket" "b" {\n  for_each = var.u\n  bucket = each.key\n}\n'
        'resource "x_y" "z" {\n  for_each = aws_s3_bucket.b\n  bucket = each.value.id\n}\n'
        'resource "x_y" "w" {\n  for_each = var.u\n  bucket = aws_s3_bucket.b[each.key].id\n}\n'
        'resource "aws_s3_bucket" "same" {\n  count = 2\n}\nresource "x_y" "v" {\n  count = 2\n  bucket = aws_s3_bucket.same[count.index].id\n}\n'
    )
    for address, target in (("x_y.z", "b"), ("x_y.w", "b"), ("x_y.v[0]", "same"), ("x_y.v[1]", "same")):
        assert ("bucket", f"aws_s3_bucket.{target}") in linked(tree, address)


def test_links_into_module_instances() -> None:
    tree = Tree(
        {
            "main.tf": 'module "b" {\n  source = "./b"\n  for_each = toset(["a", "c"])\n  name = each.key\n}\n'
            'resource "x_y" "one" {\n  bucket = module.b["a"].id\n}\nresource "x_y" "all" {\n  bucket = values(module.b)[*].id\n}\n'
            'resource "x_y" "each" {\n  for_each = module.b\n  bucket = each.value.id\n}\n'
            'variable "u" {}\nresource "x_y" "some" {\n  bucket = module.b[var.u].id\n}\n',
            "b/main.tf": 'variable "name" {}\nresource "aws_s3_bucket" "this" {\n  bucket = var.name\n}\noutput "id" {\n  value = aws_s3_bucket.this.id\n}\noutput "log" {\n  value = aws_s3_bucket.log.id\n}\n'
            'resource "aws_s3_bucket" "log" {}\nresource "x_y" "own" {\n  bucket = aws_s3_bucket.this.id\n}\n',
        }
    )

    def buckets(address: str) -> list[str]:
        return [target for path, target in linked(tree, address) if path == "bucket" and "aws_s3_bucket" in target]

    a, c = (f'module.b["{key}"].aws_s3_bucket.this' for key in "ac")
    assert buckets("x_y.one") == [a]
    assert buckets("x_y.all") == [a, c]
    assert buckets('x_y.each["c"]') == [c]
    assert buckets("x_y.some") == [a, c]
    assert buckets('module.b["c"].x_y.own') == [c]


def test_what_for_each_refers_to_is_not_what_refers_to_the_block() -> None:
    tree = one(
        BUCKETS + 'resource "a_b" "c" {\n  for_each = aws_s3_bucket.b\n  name = each.key\n}\n'
        'resource "x_y" "z" {\n  bucket = a_b.c["a"].id\n}\n'
    )
    assert linked(tree, "x_y.z") == [("bucket", 'a_b.c["a"]')]


def test_an_instance_may_use_its_siblings_but_not_itself() -> None:
    tree = one(
        'resource "x_y" "z" {\n  count = 2\n  a = count.index == 0 ? "first" : x_y.z[0].a\n  b = x_y.z[count.index].b\n}\n'
    )
    assert tree["x_y.z[1]"].body["a"] == "first"
    assert tree["x_y.z[1]"].body["b"].cause == "expression"


# Origins


def traced(tree: Tree, resource: Resource, attribute: str) -> list[tuple[str, str]]:
    entry = resource.body.at[attribute]
    assert resource.trace is not None
    return [(origin.text, tree.text(origin.span)) for origin in resource.trace((entry[0], entry[3], entry[4]))]


def test_origins_lead_through_for_each() -> None:
    tree = Tree(
        {
            "main.tf": 'variable "nets" {}\nmodule "n" {\n  source = "./n"\n  for_each = var.nets\n  cidr = each.value.cidr\n}\n'
            'resource "x_y" "w" {\n  for_each = { a = { v = 1 }, b = { v = 2 } }\n  v = each.value.v\n  k = each.key\n}\n',
            "n/main.tf": 'variable "cidr" {}\nresource "x_y" "z" {\n  cidr = var.cidr\n}\n',
            "terraform.tfvars": 'nets = {\n  a = { cidr = "10.0.0.0/8" }\n  b = { cidr = "0.0.0.0/0" }\n}\n',
        }
    )
    found = traced(tree, tree['module.n["b"].x_y.z'], "cidr")
    assert found[0] == ('`var.cidr` of module.n["b"] is set here', "each.value.cidr")
    assert found[1] == ("`each` of module.n is made here", "var.nets")
    assert found[2] == ('`each.value.cidr` of module.n["b"] is set here', '"0.0.0.0/0"')
    assert found[3][0] == "`var.nets` is set here"
    assert traced(tree, tree['x_y.w["b"]'], "v") == [('`each.value.v` of x_y.w["b"] is set here', "2")]
    assert traced(tree, tree['x_y.w["b"]'], "k") == [('`each.key` of x_y.w["b"] is set here', "b")]


# Budgets

SECONDS = 6.0


def test_a_block_of_many_instances_is_judged_once() -> None:
    for count in (65, 10_000, 10**9):
        tree = one(f'resource "x_y" "z" {{\n  count = {count}\n  i = count.index\n  c = "bad"\n}}\n')
        assert tree["x_y.z"].body["i"].cause == "instances" and tree["x_y.z"].body["c"] == "bad"
    assert len(one('resource "x_y" "z" {\n  count = 64\n  i = count.index\n}\n').resources) == 64


def test_a_root_of_many_instances_loses_none() -> None:
    text = "".join(f'resource "x_y" "z{n}" {{\n  count = 60\n  i = count.index\n}}\n' for n in range(100))
    found = one(text).resources
    assert {bare(resource.address) for resource in found} == {f"x_y.z{n}" for n in range(100)}
    assert 1_500 < len(found) < 3_000


def test_modules_that_multiply_stay_within_the_budget() -> None:
    call = 'variable "n" {{\n  default = "x"\n}}\nmodule "m" {{\n  source = "../m{0}"\n  for_each = toset([for i in range(60) : "${{i}}"])\n  n = each.key\n}}\nresource "x_y" "z" {{\n  n = var.n\n}}\n'
    files = {f"m{depth}/main.tf": call.format(depth + 1) for depth in range(6)}
    files["m6/main.tf"] = 'variable "n" {}\nresource "x_y" "z" {\n  n = var.n\n}\n'
    start = time.process_time()
    tree = Tree(files)
    assert time.process_time() - start < SECONDS
    deep = [r for r in tree.resources if r.kind == "terraform/x_y" and r.address.count("module.") == 6]
    assert deep and len(tree.resources) < 20_000


def test_modules_that_double_in_every_instance() -> None:
    files = {
        "main.tf": 'module "m" {\n  source = "./m0"\n  for_each = toset([for i in range(60) : "${i}"])\n  n = each.key\n}\n'
    }
    for depth in range(12):
        files[f"m{depth}/main.tf"] = 'variable "n" {}\n' + "".join(
            f'module "{word}" {{\n  source = "../m{depth + 1}"\n  n = var.n\n}}\n' for word in "ab"
        )
    files["m12/main.tf"] = 'variable "n" {}\nresource "x_y" "z" {\n  n = var.n\n}\n'
    start = time.process_time()
    tree = Tree(files)
    assert time.process_time() - start < SECONDS
    assert any(resource.kind == "terraform/x_y" for resource in tree.resources)


def test_chains_of_modules_are_no_recursion() -> None:
    files = {"main.tf": 'module "m" {\n  source = "./m0"\n  for_each = toset(["a"])\n  n = each.key\n}\n'}
    for depth in range(3000):
        files[f"m{depth}/main.tf"] = (
            f'variable "n" {{}}\nmodule "m" {{\n  source = "../m{depth + 1}"\n  n = var.n\n}}\n'
        )
    assert any(resource.address == 'module.m["a"]' for resource in Tree(files).resources)


HEAVY = {
    "dynamic": 'n = count.index\n  dynamic "b" {\n    for_each = range(1000)\n    content {\n      a = 1\n    }\n  }\n',
    "literals": "n = count.index\n  l = [" + ",".join(["1"] * 20_000) + "]\n",
    "strings": 'n = "${count.index}${local.big}"\n',
    "wholes": "n = count.index\n  s = x_y.z@[*]\n",
    "splats": "n = count.index\n  s = x_y.z@[*].id\n",
    "for": "n = count.index\n  a = [for r in x_y.z@ : r]\n  b = { for k, r in x_y.z@ : k => r.a }\n",
}


@pytest.mark.parametrize("name", HEAVY)
def test_heavy_instances_are_judged_together_before_they_cost_too_much(name: str) -> None:
    blocks = "".join(
        f'resource "x_y" "z{n}" {{\n  count = 64\n  {HEAVY[name].replace("@", str(n + 1))}}}\n' for n in range(40)
    )
    start = time.process_time()
    tree = one(
        blocks
        + 'locals {\n  big = join("", [for i in range(900) : "'
        + "x" * 1000
        + '"])\n}\noutput "last" {\n  value = "known"\n}\n'
    )
    assert time.process_time() - start < SECONDS
    assert {bare(address) for address in addresses(tree, "terraform/x_y")} == {f"x_y.z{n}" for n in range(40)}
    assert tree["output.last"].body["value"] == "known"


def test_heavy_module_instances_are_judged_together() -> None:
    files = {
        "main.tf": 'module "m" {\n  source = "./m"\n  count = 20\n  n = count.index\n}\nresource "x_y" "all" {\n  bucket = module.m[19].id\n}\n',
        "m/main.tf": 'variable "n" {}\n' + "".join(
            f'resource "x_bucket" "z{n}" {{\n  n = var.n\n  l = [{",".join(["1"] * 20_000)}]\n}}\n' for n in range(5)
        ) + 'output "id" {\n  value = x_bucket.z4.id\n}\n',
    }  # fmt: skip
    tree = Tree(files)
    found = addresses(tree, "terraform/x_bucket")
    assert "module.m[0].x_bucket.z0" in found and "module.m.x_bucket.z4" in found
    assert len(found) == len(set(found)) < 60
    assert ("bucket", "module.m.x_bucket.z4") in linked(tree, "x_y.all")


def test_references_of_every_instance() -> None:
    tree = one(BUCKETS + 'resource "x_y" "z" {\n  for_each = aws_s3_bucket.b\n  a = each.value.id\n  b = each.key\n}\n')
    assert references(tree['x_y.z["a"]']) == [("for_each", "aws_s3_bucket.b"), ("a", 'aws_s3_bucket.b["a"]')]
