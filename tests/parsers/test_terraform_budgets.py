"""Terraform built to exhaust whoever evaluates it: bounded time, no exception, and the rest is still judged."""

# ruff: noqa: E501 (Terraform texts stay in one piece)

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from linter.model import Artifact, Resource, Source, Unknown, Workspace
from linter.parsers import READERS, terraform

BAD = 'resource "aws_security_group" "open" {\n  name = "x"\n  ingress {\n    cidr_blocks = ["0.0.0.0/0"]\n  }\n}\n'
SECONDS = 6.0


def expand(files: dict[str, str]) -> list[Resource]:
    artifacts: dict[str, Artifact] = {}
    for index, (path, text) in enumerate(files.items()):
        source = Source(index, path, text)
        artifacts[path] = Artifact(path, "terraform", source, *READERS["terraform"](source))
    workspace = Workspace(artifacts, frozenset(files), {}, lambda *_: None, lambda _: None)
    return list(terraform.expand(workspace))


def locals_(*lines: str) -> str:
    return "locals {\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


def nested_for(count: int) -> str:
    return "".join(f"[for i{i} in range(1000) : " for i in range(count)) + "1" + "]" * count


def dynamics(count: int, for_each: str = "[1, 2]") -> str:
    inner = f'dynamic "a" {{\nfor_each = {for_each}\ncontent {{\n' * count + "}\n}\n" * count
    return 'resource "null_resource" "n" {\n' + inner + "}\n"


def doubled(seed: str, step: str) -> str:
    return locals_(f"s0 = {seed}", *(f"s{i} = {step.replace('@', f'local.s{i - 1}')}" for i in range(1, 41)))


USES = "".join(
    f'output "o{number}" {{\n  value = {use}\n}}\n'
    for number, use in enumerate(
        ["jsonencode(local.s40)", "local.s40 == local.s39", "flatten(local.s40)", "toset([local.s40])",
         "distinct([local.s40, local.s40])", 'format("%v", local.s40)', "yamlencode(local.s14)", "local.s14 == local.s14"]
    )
)  # fmt: skip
NEST = 60
GROWING = "".join("[for a in " for _ in range(NEST)) + "[[]]" + " : [a, a]]" * NEST
CASES = {
    "parentheses": locals_("a = " + "(" * 190 + "1" + ")" * 190, "b = " + "[" * 190 + "]" * 190),
    "calls": locals_("a = " + "upper(" * 150 + '"x"' + ")" * 150),
    "objects": locals_("a = " + "{a=" * 150 + "1" + "}" * 150),
    "conditionals": locals_("a = " + "true ? 1 : " * 5000 + "1", "b = " + "false ? 1 : " * 5000 + "1", "c = " + "local.z ? 1 : " * 3000 + "1"),
    "attributes": locals_("a = local.x" + ".a" * 10_000, "b = " + "!" * 10_000 + "true", "c = " + "-" * 1000 + "1"),
    "operators": locals_("a = " + " + ".join(["1"] * 20_000), "b = " + " && ".join(["true"] * 20_000)),
    "nested dynamic": dynamics(190),
    "doubling dynamic": dynamics(35),
    "wide dynamic": dynamics(4, "range(1000)"),
    "count": 'resource "aws_eip" "x" {\n  count = 1000000000\n}\noutput "o" {\n  value = [aws_eip.x[*].id, length(aws_eip.x)]\n}\n',
    "for_each": 'resource "aws_eip" "x" {\n  for_each = toset([for i in range(0, 1000000000) : tostring(i)])\n}\n',
    "nested for": locals_("a = " + nested_for(5)),
    "many nested for": locals_(*(f"a{k} = {nested_for(5)}" for k in range(30))),
    "growing for": locals_(f"a = jsonencode({GROWING})", f"b = {GROWING} == {GROWING}", f"c = flatten({GROWING})"),
    "doubling string": doubled('"xxxxxxxxxxxxxxxx"', '"${@}${@}"') + USES,
    "doubling join": doubled('"xxxxxxxxxxxxxxxx"', 'join("", [@, @])') + USES,
    "doubling list": doubled("[1, 2, 3]", "concat(@, @)") + USES,
    "doubling tree": doubled("[1, 2, 3]", "[@, @]") + USES,
    "doubling map": doubled("{ a = 1 }", "{ a = @, b = @ }") + USES,
    "doubling empty tree": doubled("[]", "[@, @]") + USES,
    "sizes": locals_(
        'a = format("%2000000000d", 1)', "b = pow(10, 1000000000)", 'c = join("", [for i in range(1000) : format("%9999s", "x")])',
        "d = 9e999999999", 'e = indent(1000000000, "a\\nb")', "f = setproduct(range(1000), range(1000), range(1000))",
        "g = 1e200 * 1e200", f'h = parseint("{"9" * 5000}", 10)', f'i = jsondecode("{"[" * 5000}")',
        f'j = yamldecode("{"[" * 5000}")', f'k = replace("{"a" * 20}", "", "{"x" * 100_000}")', f'l = jsondecode("{"9" * 10_000}")',
        'm = cidrsubnets("::/0", [for i in range(1000) : 32]...)', f'n = "{"9" * 5000}" + 1', "o = pow(0.5, 100000) * 1e-300",
        'p = formatlist("%s%s", range(1000), range(1000))', "q = 10 % 1e-300", "r = parseint(\"zz\", 62)", "s = 2 / 3e-320",
    ),
    "patterns": locals_(
        f'a = regex("^(a+)+$", "{"a" * 64}!")', f'b = replace("{"a" * 64}!", "/^(a|aa)+$/", "x")',
        f'c = can(regexall("(x+x+)+y", "{"x" * 64}"))', f'd = regex("x*x*x*x*x*x*y", "{"x" * 640}")',
        f'e = regexall("{"a?" * 60}{"a" * 60}", "{"a" * 60}")', f'f = regex("{"(a|b|ab)" * 30}c", "{"ab" * 30}")',
        f'g = regex("{"(" * 200}a{")" * 200}", "a")', f'h = regex("{"a{0,99}" * 4}b", "{"a" * 99}")',
        f'i = regexall("a.*b", "{"a" * 5000}")', f'j = regex("(a{{1,50}}){{1,50}}b", "{"a" * 200}")',
        f'k = regex("(a?){{900}}b", "{"a" * 20_000}")',
    ),
    "chain of locals": locals_("a0 = 1", *(f"a{i} = local.a{i - 1}" for i in range(1, 3000))),
    "references": "".join(f'resource "a_b" "r{i}" {{\n  v = a_b.r{i - 1}.v\n  w = a_b.r{i - 1}\n}}\n' for i in range(900, 0, -1)),
    "circles": 'resource "a_b" "x" {\n  v = a_b.y.v\n  w = a_b.y\n}\nresource "a_b" "y" {\n  v = a_b.x.v\n  w = a_b.x\n'
    '  count = length(a_b.x.w)\n}\nmodule "m" {\n  source = "./m"\n  in = module.m.out\n  count = module.m.out\n}\n',
    "variables": 'variable "v" {\n  type = ' + "list(" * 150 + "any" + ")" * 150 + "\n  default = []\n}\n",
    "policy": 'resource "aws_iam_policy" "p" {\n  policy = "' + "[" * 5000 + '"\n}\nresource "aws_iam_policy" "q" {\n  policy = "${local.x}'
    + "{" * 1000 + '"\n}\n',
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_hostile_expressions(name: str) -> None:
    start = time.process_time()
    resources = expand({"main.tf": CASES[name], "other.tf": BAD})
    assert time.process_time() - start < SECONDS
    found = next(resource for resource in resources if resource.address == "aws_security_group.open")
    assert found.body["ingress"][0]["cidr_blocks"] == ["0.0.0.0/0"]
    assert all(sum(1 for _ in nodes(resource.body)) < 2_000_000 for resource in resources)


def nodes(value: object) -> Iterator[object]:
    stack = [value]
    while stack:
        current = stack.pop()
        yield current
        if isinstance(current, dict):
            stack.extend(current.values())
        elif isinstance(current, list):
            stack.extend(current)


def test_long_chains_have_their_value() -> None:
    reverse = locals_(*(f"a{i} = local.a{i - 1}" for i in range(900, 0, -1)), 'a0 = "end"')
    found = expand({"main.tf": 'resource "x_y" "z" {\n  v = local.a900\n}\n' + reverse})
    assert next(r for r in found if r.address == "x_y.z").body["v"] == "end"
    sums = locals_("a = " + " + ".join(["1"] * 20_000))
    assert expand({"main.tf": sums})[0].body["a"] == 20_000


def test_regular_expressions_that_are_safe_are_run() -> None:
    text = locals_(
        'a = regex("^(\\\\w+)-(\\\\w+)-(\\\\d+)$", "eu-west-1")', 'b = can(regex("^arn:aws:[a-z0-9]+:", "arn:aws:s3:::x"))',
        'c = replace("A b/C", "/[^a-zA-Z]+/", "-")',
    )  # fmt: skip
    body = expand({"main.tf": text})[0].body
    assert body == {"a": ["eu", "west", "1"], "b": True, "c": "A-b-C"}


def test_modules_in_circles() -> None:
    found = expand(
        {
            "main.tf": 'module "self" {\n  source = "./"\n}\nmodule "a" {\n  source = "./a"\n}\n' + BAD,
            "a/main.tf": 'module "b" {\n  source = "../b"\n}\n',
            "b/main.tf": 'module "a" {\n  source = "../a"\n}\n' + BAD,
        }
    )
    assert {r.address for r in found} == {
        "module.self", "module.a", "aws_security_group.open", "module.a.module.b", "module.a.module.b.module.a",
        "module.a.module.b.aws_security_group.open",
    }  # fmt: skip


def test_modules_that_double() -> None:
    files = {"main.tf": 'module "m" {\n  source = "./m0"\n}\n', "m24/main.tf": BAD}
    for i in range(24):
        calls = "".join(f'module "{name}" {{\n  source = "../m{i + 1}"\n}}\n' for name in "xy")
        files[f"m{i}/main.tf"] = calls + f'resource "x_y" "level{i}" {{}}\n'
    start = time.process_time()
    found = expand(files)
    assert time.process_time() - start < SECONDS
    assert {r.name for r in found if r.kind == "terraform/x_y"} == {f"level{i}" for i in range(24)}
    assert any(r.name == "open" for r in found)


def test_modules_over_budget_are_unknown_but_judged() -> None:
    calls = "".join(f'module "m{i}" {{\n  source = "./m"\n}}\n' for i in range(2500))
    found = expand(
        {
            "main.tf": calls + 'module "late" {\n  source = "./late"\n}\noutput "o" {\n  value = module.m2499.x\n}\n',
            "m/main.tf": 'output "x" {\n  value = 1\n}\n',
            "late/main.tf": BAD,
        }
    )
    assert any(r.address == "module.late.aws_security_group.open" for r in found)
    (value,) = [r.body["value"] for r in found if r.address == "output.o"]
    assert isinstance(value, Unknown) and value.cause == "budget"


def test_counts_beyond_machine_integers_exist() -> None:
    found = expand({"main.tf": f'resource "a_b" "c" {{\n  count = {10**30}\n  i = count.index\n}}\n'})
    assert [r.address for r in found] == ["a_b.c"]


FRAGMENTS = [
    "{", "}", "[", "]", "(", ")", '"', "${", "*", "...", ".", "?", ":", "for", "in", "if", "null", "each.value", "count.index",
    "var.x", "local.e1", "self", "=", "-1", "1e9", "<<EOF\n", "data", "module.m", "[*]", ".0", 'dynamic "x"', "%{", "\n", "=>",
]  # fmt: skip
SAMPLE = """
variable "x" {
  type    = object({ a = optional(string, "d"), l = list(number) })
  default = { l = [1, 2] }
}
locals {
  e1 = { for k, v in { a = 1, b = 2 } : upper(k) => "${k}-${v}" if v > 1 }
  e2 = flatten([for s in var.x.l : [s, s + 1]])
  e3 = try(jsondecode("{\\"a\\": [1]}").a[0], local.e1.B, "none")
  e4 = merge(local.e1, { c = join(",", [for s in local.e2 : format("%02d", s)]) })
}
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.b.arn]
  }
}
resource "aws_s3_bucket" "b" {
  for_each = toset(["a", "b"])
  bucket   = "${each.key}-${var.x.a}"
  policy   = <<-EOT
    {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "${local.e3}"}]}
  EOT
  dynamic "rule" {
    for_each = local.e4
    content {
      id = rule.key
      v  = rule.value == "x" ? local.e2[0] : rule.value
    }
  }
}
module "m" {
  source = "./m"
  v      = aws_s3_bucket.b["a"].id
  count  = length(local.e2)
}
output "o" {
  value = [module.m[0].o, aws_s3_bucket.b[*], [for b in aws_s3_bucket.b : b.bucket], data.aws_iam_policy_document.d.json]
}
"""


@pytest.mark.parametrize("seed", range(40))
def test_mutilated_configurations_never_raise(seed: int) -> None:
    """Tokens taken out, put in and moved: every block that can be read is a resource whose entries have places."""
    import random
    import re

    generator = random.Random(seed)
    tokens = re.findall(r"\w+|\s+|[^\w\s]", SAMPLE)
    for _ in range(25):
        parts = list(tokens)
        for _ in range(generator.choice([1, 2, 5, 20])):
            at = generator.randrange(len(parts))
            parts[at : at + generator.randrange(3)] = generator.choices(FRAGMENTS, k=generator.randrange(2))
        text = "".join(parts)
        for resource in expand({"main.tf": text, "m/main.tf": 'variable "v" {}\noutput "o" {\n  value = var.v\n}\n'}):
            for entry in resource.body.at.values():
                assert 0 <= entry[1] <= entry[2] and 0 <= entry[3] <= entry[4] <= len(text)
                if resource.trace is not None:
                    resource.trace((entry[0], entry[3], entry[4]))
