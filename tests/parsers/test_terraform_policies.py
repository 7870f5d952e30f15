"""IAM policies, whichever way they are written: the same statements, and the same judgements."""

# ruff: noqa: E501 (Terraform texts stay in one piece)

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from linter.config import Settings
from linter.engine import Request, scan
from linter.model import Map, Unknown
from linter.rules import open_pack
from linter.scope import Scope
from tests.parsers.test_terraform import Tree

RULES = (
    "iam-no-credentials-exposure",
    "iam-no-action-star",
    "iam-no-admin-star",
    "iam-scope-resources",
    "iam-no-data-exfiltration",
)
STATEMENTS = """[
  {"Effect": "Allow", "Action": ["s3:GetObject", "IAM:Create*"], "Resource": "*"},
  {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::shop/*"},
  {"Effect": "Deny", "Action": "*", "Resource": "*"}
]"""
JSON = '{"Version": "2012-10-17", "Statement": ' + STATEMENTS + "}"
HCL = """
  Statement = [
    { Effect = "Allow", Action = ["s3:GetObject", "IAM:Create*"], Resource = "*" },
    { Effect = "Allow", Action = "*", Resource = "arn:aws:s3:::shop/*" },
    { Effect = "Deny", Action = "*", Resource = "*" },
  ]
"""
BLOCKS = """
  statement {
    actions   = ["s3:GetObject", "IAM:Create*"]
    resources = ["*"]
  }
  statement {
    actions   = ["*"]
    resources = ["arn:aws:s3:::shop/*"]
  }
  statement {
    effect    = "Deny"
    actions   = ["*"]
    resources = ["*"]
  }
"""
DYNAMIC = """
  dynamic "statement" {
    for_each = [
      { effect = "Allow", actions = ["s3:GetObject", "IAM:Create*"], resources = ["*"] },
      { effect = "Allow", actions = ["*"], resources = ["arn:aws:s3:::shop/*"] },
      { effect = "Deny", actions = ["*"], resources = ["*"] },
    ]
    content {
      effect    = statement.value.effect
      actions   = statement.value.actions
      resources = statement.value.resources
    }
  }
"""
USE = 'resource "aws_iam_policy" "p" {\n  policy = %s\n}\n'
DOCUMENT = 'data "aws_iam_policy_document" "d" {%s}\n'
WAYS = {
    "heredoc": USE % f"<<EOF\n{JSON}\nEOF",
    "indented heredoc": USE % ("<<-EOF\n    " + JSON.replace("\n", "\n    ") + "\n    EOF"),
    "commas at the end": USE % ("<<EOF\n" + JSON.replace('"*"}\n]', '"*"},\n]') + "\nEOF"),
    "text": USE % ('"' + JSON.replace("\n", " ").replace('"', '\\"') + '"'),
    "jsonencode": USE % ("jsonencode({" + HCL + "})"),
    "local": USE % "local.p" + "locals {\n  p = jsonencode({" + HCL + "})\n}\n",
    "variable": USE % "jsonencode(var.p)" + 'variable "p" {\n  default = {' + HCL + "}\n}\n",
    "document": USE % "data.aws_iam_policy_document.d.json" + DOCUMENT % BLOCKS,
    "dynamic": USE % "data.aws_iam_policy_document.d.json" + DOCUMENT % DYNAMIC,
    "minified": USE % "data.aws_iam_policy_document.d.minified_json" + DOCUMENT % BLOCKS,
    "sources": USE % "data.aws_iam_policy_document.e.json" + DOCUMENT % BLOCKS
    + 'data "aws_iam_policy_document" "e" {\n  source_policy_documents = [data.aws_iam_policy_document.d.json]\n}\n',
    "source text": USE % "data.aws_iam_policy_document.e.json"
    + 'data "aws_iam_policy_document" "e" {\n  source_policy_documents = [jsonencode({' + HCL + "})]\n}\n",
    "override text": USE % "data.aws_iam_policy_document.e.json"
    + 'data "aws_iam_policy_document" "e" {\n  override_policy_documents = [<<EOF\n' + JSON + "\nEOF\n  ]\n}\n",
    "inline policy": 'resource "aws_iam_role" "r" {\n  inline_policy {\n    policy = jsonencode({' + HCL + "})\n  }\n}\n",
    "permission set": 'resource "aws_ssoadmin_permission_set_inline_policy" "p" {\n  inline_policy = <<EOF\n' + JSON + "\nEOF\n}\n",
}  # fmt: skip


def judged(text: str, rules: tuple[str, ...] = RULES) -> list[tuple[str, str, str]]:
    """(rule, outcome, text at the place) of all judgements of the chosen rules."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "main.tf").write_text(text, encoding="utf-8")
        request = Request(folder, "case", Scope(), Settings(), "2026-01-15", only_rules=rules, full=True)
        found = scan(request, open_pack(), lambda _: None, {})
    estate = found.estate
    return sorted(
        (each.rule, each.outcome, estate.sources[each.span[0]].text[each.span[1] : each.span[2]])
        for each in found.judgements
        if each.outcome != "pass"
    )


EXPECTED = [
    ("iam-no-action-star", "fail"),
    ("iam-no-credentials-exposure", "fail"),
    ("iam-no-data-exfiltration", "fail"),
    ("iam-scope-resources", "fail"),
]


@pytest.mark.parametrize("way", WAYS)
def test_the_same_policy_gives_the_same_judgements(way: str) -> None:
    assert [entry[:2] for entry in judged(WAYS[way])] == EXPECTED


def test_places_are_those_of_the_actions() -> None:
    for way in ("heredoc", "jsonencode", "document", "source text", "override text"):
        places = {rule: text.strip('"') for rule, _, text in judged(WAYS[way])}
        assert places["iam-no-credentials-exposure"] == "IAM:Create*"
        assert places["iam-no-data-exfiltration"] == "s3:GetObject"
        assert places["iam-scope-resources"] == "*"


def addresses(text: str) -> list[str]:
    return [r.address for r in Tree({"main.tf": text}).resources if r.kind == "terraform/policy_statement"]


def test_a_document_of_two_users_is_judged_once() -> None:
    text = (
        WAYS["document"] + 'resource "aws_iam_role_policy" "q" {\n  policy = data.aws_iam_policy_document.d.json\n}\n'
    )
    assert [entry[:2] for entry in judged(text)] == EXPECTED
    assert addresses(text) == [f"data.aws_iam_policy_document.d:statement[{number}]" for number in range(3)]


def test_what_an_override_replaces_is_not_judged() -> None:
    text = """
data "aws_iam_policy_document" "wide" {
  override_policy_documents = [data.aws_iam_policy_document.narrow.json]
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "narrow" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::shop/*"]
  }
}
"""
    assert addresses(text) == ["data.aws_iam_policy_document.narrow:statement[0]"]


ROLES = """
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}
resource "%s" "x" {
  %s = data.aws_iam_policy_document.d.json
}
"""


@pytest.mark.parametrize(
    ("type", "argument", "rules"),
    [
        ("aws_iam_policy", "policy", {"iam-no-admin-star"}),
        ("aws_iam_role", "assume_role_policy", {"iam-no-admin-star", "iam-trust-named-principals"}),
        ("aws_kms_key", "policy", {"iam-no-admin-star", "kms-no-wildcard-principal"}),
        ("aws_ecr_repository_policy", "policy", {"iam-no-admin-star", "resource-policy-named-principals"}),
        ("aws_glacier_vault", "access_policy", {"iam-no-admin-star", "resource-policy-named-principals"}),
        ("aws_opensearch_domain", "access_policies", {"iam-no-admin-star", "resource-policy-named-principals"}),
        ("aws_cloudwatch_log_resource_policy", "policy_document", {"iam-no-admin-star", "resource-policy-named-principals"}),
        ("aws_organizations_policy", "content", set()),
        ("aws_vpc_endpoint", "policy", set()),
    ],
)  # fmt: skip
def test_rules_know_what_a_policy_is_used_for(type: str, argument: str, rules: set[str]) -> None:
    chosen = (
        "iam-no-admin-star",
        "iam-trust-named-principals",
        "kms-no-wildcard-principal",
        "resource-policy-named-principals",
    )
    assert {rule for rule, outcome, _ in judged(ROLES % (type, argument), chosen) if outcome == "fail"} == rules


def test_two_uses_are_both_known() -> None:
    text = (
        ROLES % ("aws_kms_key", "policy")
        + 'resource "aws_sqs_queue_policy" "q" {\n  policy = data.aws_iam_policy_document.d.json\n}\n'
    )
    chosen = ("kms-no-wildcard-principal", "queue-topic-not-public")
    assert [rule for rule, outcome, _ in judged(text, chosen) if outcome == "fail"] == [
        "kms-no-wildcard-principal",
        "queue-topic-not-public",
    ]


def test_service_control_policies_are_read_where_they_are_written() -> None:
    text = 'resource "aws_organizations_policy" "p" {\n  content = jsonencode({' + HCL + "})\n}\n"
    assert addresses(text) == [f"aws_organizations_policy.p:content[{number}]" for number in range(3)]
    assert judged(text) == []


def test_what_is_not_known_is_not_judged() -> None:
    text = 'variable "a" {}\nresource "aws_iam_policy" "p" {\n  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = var.a, Resource = "*" }] })\n}\n'
    assert {(rule, outcome) for rule, outcome, _ in judged(text)} == {(rule, "unknown") for rule in RULES}
    tree = Tree({"main.tf": text})
    body = next(r.body for r in tree.resources if r.kind == "terraform/policy_statement")
    assert isinstance(body, Map) and isinstance(body["actions"], Unknown)


@pytest.mark.parametrize(
    ("actions", "fails"),
    [
        ('NotAction = ["s3:*"]', True), ('NotAction = ["iam:*", "sts:*", "ec2:*", "chime:*"]', True),
        ('NotAction = ["*"]', False), ('Action = "iam:?reateAccessKey"', True), ('Action = "*:CreateAccessKey"', True),
        ('Action = "iam:CreateAccessKe"', False), ('Action = "i*y"', True), ('Action = ["iam:Get*"]', False),
    ],
)  # fmt: skip
def test_wildcards_of_actions(actions: str, fails: bool) -> None:
    text = USE % f'jsonencode({{ Statement = [{{ Effect = "Allow", {actions}, Resource = "*" }}] }})'
    assert (("iam-no-credentials-exposure", "fail") in [entry[:2] for entry in judged(text)]) is fails


def test_conditions_and_named_resources_are_limits() -> None:
    for limit in (
        'Resource = "arn:aws:iam::1:user/x"',
        'Resource = "*", Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }',
    ):
        text = USE % f'jsonencode({{ Statement = [{{ Effect = "Allow", Action = "iam:CreateAccessKey", {limit} }}] }})'
        assert judged(text) == []


def test_what_allows_nothing_of_the_kind_passes_whatever_its_resources_are() -> None:
    rule = ("iam-no-privilege-escalation",)
    text = (
        'variable "arn" {}\n'
        + USE % 'jsonencode({ Statement = [{ Effect = "Allow", Action = "%s", Resource = var.arn }] })'
    )
    assert judged(text % "eks:*", rule) == []
    assert [each[1] for each in judged(text % "iam:*", rule)] == ["unknown"]
