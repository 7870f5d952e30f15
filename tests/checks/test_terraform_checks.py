"""Checks of Terraform resources: what fails, what passes, what cannot be told, and where."""

from __future__ import annotations

import pytest

from linter.engine.proof import scan_files
from linter.rules import open_pack

PACK = open_pack()


def judge(rule: str, text: str) -> list[tuple[str, str]]:
    """(outcome, the text at the place) of every judgement of a rule on main.tf, in order of address and place."""
    scanned = scan_files({"main.tf": text}, PACK, rule)
    assert not scanned.report.failures
    shown = []
    for judgement in sorted(scanned.judgements, key=lambda each: (each.resource.address, each.span)):
        source, start, end = judgement.span
        shown.append((judgement.outcome, scanned.estate.sources[source].text[start:end]))
    return shown


def acl(*entries: tuple[int, str, str, str, str]) -> str:
    blocks = "".join(
        f'ingress {{\n rule_no = {order}\n action = "{action}"\n protocol = "{protocol}"\n {family} = {address}\n'
        " from_port = 22\n to_port = 22\n }\n"
        for order, action, protocol, family, address in entries
    )
    return f'resource "aws_network_acl" "web" {{\n vpc_id = "vpc-1"\n{blocks}}}\n'


WORLD = '"0.0.0.0/0"'


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([(100, "allow", "tcp", "cidr_block", WORLD)], ("fail", WORLD)),
        ([(100, "allow", "icmp", "cidr_block", WORLD)], ("pass", '"aws_network_acl"')),
        ([(100, "allow", "6", "ipv6_cidr_block", '"::/0"')], ("fail", '"::/0"')),
        ([(90, "deny", "tcp", "cidr_block", WORLD), (100, "allow", "-1", "cidr_block", WORLD)], ("pass", '"aws_network_acl"')),
        ([(110, "deny", "tcp", "cidr_block", WORLD), (100, "allow", "-1", "cidr_block", WORLD)], ("fail", WORLD)),
        # A denial of every IPv4 address says nothing of IPv6.
        ([(90, "deny", "tcp", "cidr_block", WORLD), (100, "allow", "-1", "ipv6_cidr_block", '"::/0"')], ("fail", '"::/0"')),
        ([(90, "deny", "tcp", "cidr_block", '"10.0.0.0/8"'), (100, "allow", "-1", "cidr_block", WORLD)], ("fail", WORLD)),
        ([(100, "allow", "tcp", "cidr_block", "var.office")], ("unknown", '"aws_network_acl"')),
    ],
)  # fmt: skip
def test_entries_of_an_access_list_are_asked_in_order(
    entries: list[tuple[int, str, str, str, str]], expected: tuple[str, str]
) -> None:
    assert judge("nacl-no-world-ssh", 'variable "office" {}\n' + acl(*entries)) == [expected]


def test_separate_entries_of_one_access_list_are_asked_together() -> None:
    def entry(name: str, list_: str, order: int, action: str) -> str:
        return (
            f'resource "aws_network_acl_rule" "{name}" {{\n network_acl_id = {list_}\n rule_number = {order}\n'
            f' rule_action = "{action}"\n protocol = "-1"\n cidr_block = "0.0.0.0/0"\n}}\n'
        )

    lists = 'resource "aws_network_acl" "a" {}\nresource "aws_network_acl" "b" {}\n'
    guarded = entry("deny", "aws_network_acl.a.id", 90, "deny") + entry("in", "aws_network_acl.a.id", 100, "allow")
    assert judge("nacl-no-world-ssh", lists + guarded) == [("pass", '"aws_network_acl_rule"')]
    apart = entry("deny", "aws_network_acl.a.id", 90, "deny") + entry("in", "aws_network_acl.b.id", 100, "allow")
    assert judge("nacl-no-world-ssh", lists + apart) == [("fail", '"0.0.0.0/0"')]


def test_outgoing_entries_open_nothing() -> None:
    text = 'resource "aws_network_acl_rule" "out" {\n network_acl_id = "acl-1"\n egress = true\n cidr_block = "0.0.0.0/0"\n}'
    assert judge("nacl-no-world-ssh", text) == []


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("aws_iam_role.a.arn", "aws_iam_role.a.arn", "fail"),
        ("aws_iam_role.a.arn", "aws_iam_role.b.arn", "pass"),
        ("var.role", "var.role", "fail"),
        ("var.role", "aws_iam_role.a.arn", "unknown"),
        ('"arn:aws:iam::1:role/a"', '"arn:aws:iam::1:role/b"', "pass"),
        ('"arn:aws:iam::1:role/a"', "local.a", "fail"),
        ("local.b", "aws_iam_role.a.arn", "fail"),
    ],
)
def test_two_roles_differ(first: str, second: str, expected: str) -> None:
    text = (
        'variable "role" {}\nresource "aws_iam_role" "a" {}\nresource "aws_iam_role" "b" {}\n'
        'locals {\n a = "arn:aws:iam::1:role/a"\n b = aws_iam_role.a.arn\n}\n'
        f'resource "aws_ecs_task_definition" "web" {{\n execution_role_arn = {first}\n task_role_arn = {second}\n}}\n'
    )
    assert judge("ecs-two-roles", text) == [(expected, second)]


def containers(value: str) -> str:
    return (
        'variable "flag" {}\nresource "aws_iam_role" "web" {}\n'
        f'resource "aws_ecs_task_definition" "web" {{\n container_definitions = {value}\n}}\n'
        'resource "aws_ecs_task_definition" "none" {}\n'
    )


HEREDOC = """<<EOF
[
  {"name": "web", "role": "${aws_iam_role.web.arn}", "privileged": %s}
]
EOF"""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('jsonencode([{ name = "web", privileged = true }])', [("fail", "true")]),
        ('jsonencode([{ name = "web", privileged = true }, { name = "log" }])', [("fail", "true"), ("pass", '"log"')]),
        ('jsonencode([{ name = "web", privileged = var.flag }])', [("unknown", "var.flag")]),
        (
            '"[{\\"name\\": \\"web\\", \\"privileged\\": true}]"',
            [("fail", '"[{\\"name\\": \\"web\\", \\"privileged\\": true}]"')],
        ),
        # What is not known of a text does not hide the rest of it.
        (HEREDOC % "true", [("fail", "true")]),
        (HEREDOC % "false", [("pass", "false")]),
        (HEREDOC % "${var.flag}", [("unknown", "container_definitions")]),
        ('"[]"', []),
        ('"not JSON"', []),
        ("var.flag", [("unknown", "container_definitions")]),
    ],
)
def test_container_definitions_are_read(value: str, expected: list[tuple[str, str]]) -> None:
    assert judge("ecs-no-privileged", containers(value)) == expected


def trail(selector: str) -> str:
    return (
        'variable "it" {}\nresource "aws_s3_bucket" "orders" {\n bucket = "orders"\n}\n'
        f'resource "aws_cloudtrail" "main" {{\n{selector}\n}}\n'
    )


def selector(values: str, kept: str = "All", type: str = "AWS::S3::Object") -> str:
    return f' event_selector {{\n read_write_type = "{kept}"\n data_resource {{\n type = "{type}"\n values = {values}\n }}\n }}'


def fields(**wanted: str) -> str:
    written = {"type": "resources.type", "arn": "resources.ARN", "read": "readOnly"}
    blocks = "".join(f' field_selector {{\n field = "{written[k]}"\n {v}\n }}\n' for k, v in wanted.items())
    return f" advanced_event_selector {{\n{blocks} }}"


OBJECTS = 'equals = ["AWS::S3::Object"]'


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (selector('["arn:aws:s3"]'), "pass"),
        (selector('["arn:aws:s3"]', "WriteOnly"), "pass"),
        (selector('["arn:aws:s3"]', "ReadOnly"), "fail"),
        (selector('["arn:aws:s3"]', type="AWS::Lambda::Function"), "fail"),
        (selector('["arn:aws:s3:::orders/"]'), "pass"),
        (selector('["arn:aws:s3:::others/"]'), "fail"),
        (selector('["${aws_s3_bucket.orders.arn}/"]'), "pass"),
        (selector("[var.it]"), "unknown"),
        (selector("var.it"), "unknown"),
        (fields(type=OBJECTS), "pass"),
        (fields(type=OBJECTS, read='equals = ["true"]'), "fail"),
        (fields(type=OBJECTS, arn='starts_with = ["arn:aws:s3:::others/"]'), "fail"),
        (fields(type='equals = ["AWS::DynamoDB::Table"]'), "fail"),
        ("", "fail"),
    ],
)
def test_writes_of_objects_are_recorded(chosen: str, expected: str) -> None:
    assert judge("s3-record-writes", trail(chosen)) == [(expected, '"aws_s3_bucket"')]


def session(content: str, type: str = "Session") -> str:
    return f'resource "aws_ssm_document" "shell" {{\n document_type = "{type}"\n content = {content}\n}}\n'


KEY = "inputs:\n  kmsKeyId: {}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (session(f"<<EOT\n{KEY.format('alias/sessions')}EOT\n"), ["pass"]),
        (session(f"<<EOT\n{KEY.format(chr(39) * 2)}EOT\n"), ["fail"]),
        (session("<<EOT\ninputs: {}\nEOT\n"), ["fail"]),
        (session("yamlencode({ inputs = { kmsKeyId = var.key } })"), ["unknown"]),
        (session('jsonencode({ inputs = { kmsKeyId = "alias/sessions" } })'), ["pass"]),
        (session('"inputs: [" '), []),
        (session(f"<<EOT\n{KEY.format(chr(39) * 2)}EOT\n", "Command"), []),
    ],
)
def test_documents_may_be_yaml_and_are_judged_where_asked(text: str, expected: list[str]) -> None:
    assert [outcome for outcome, _ in judge("ssm-encrypt-sessions", 'variable "key" {}\n' + text)] == expected


def backup(chosen: str, tags: str = "") -> str:
    return (
        f'variable "it" {{}}\nresource "aws_ebs_volume" "other" {{}}\nresource "aws_ebs_volume" "data" {{\n{tags}\n}}\n'
        f'resource "aws_backup_selection" "daily" {{\n{chosen}\n}}\n'
    )


TAG = 'selection_tag {\n type = "STRINGEQUALS"\n key = "backup"\n value = "daily"\n}'


@pytest.mark.parametrize(
    ("chosen", "tags", "expected"),
    [
        ("resources = [aws_ebs_volume.data.arn]", "", "pass"),
        ("resources = [aws_ebs_volume.other.arn]", "", "fail"),
        ('resources = ["*"]', "", "pass"),
        ('resources = ["arn:aws:ec2:*:*:volume/*"]', "", "pass"),
        ('resources = ["arn:aws:rds:*:*:cluster:*"]', "", "fail"),
        ('resources = ["*"]\ncondition {}', "", "unknown"),
        ("resources = var.it", "", "unknown"),
        (TAG, 'tags = { backup = "daily" }', "pass"),
        (TAG, 'tags = { backup = "never" }', "fail"),
        (TAG, "tags = var.it", "unknown"),
        (TAG, "tags = merge(var.it, { backup = var.it })", "unknown"),
        (TAG, "", "fail"),
        ("", "", "fail"),
    ],
)
def test_volumes_are_in_a_backup_plan(chosen: str, tags: str, expected: str) -> None:
    judged = judge("ebs-in-backup-plan", backup(chosen, tags))
    assert judged[0] == (expected, '"aws_ebs_volume"')


def bucket_policy(policy: str) -> str:
    return (
        'variable "it" {}\ndata "aws_iam_policy_document" "empty" {}\n'
        'data "aws_iam_policy_document" "whole" {\n source_policy_documents = [data.aws_iam_policy_document.one.json]\n}\n'
        'data "aws_iam_policy_document" "one" {\n statement {\n actions = ["s3:GetObject"]\n }\n}\n'
        'data "aws_iam_policy_document" "part" {\n source_policy_documents = [var.it]\n statement {\n sid = "a"\n }\n}\n'
        f'resource "aws_s3_bucket_policy" "orders" {{\n bucket = "orders"\n policy = {policy}\n}}\n'
    )


def denial(value: str, effect: str = "Deny", action: str = '"s3:*"') -> str:
    return (
        f'jsonencode({{ Statement = [{{ Effect = "{effect}", Principal = "*", Action = {action}, Resource = "*", '
        f'Condition = {{ Bool = {{ "aws:SecureTransport" = {value} }} }} }}] }})'
    )


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (denial('"false"'), "pass"),
        (denial("false"), "pass"),
        (denial('["false"]', action='["s3:*"]'), "pass"),
        (denial('"true"'), "fail"),
        (denial('"false"', "Allow"), "fail"),
        (denial('"false"', action='"s3:GetObject"'), "fail"),
        (denial("var.it"), "unknown"),
        ("var.it", "unknown"),
        ("data.aws_iam_policy_document.empty.json", "unknown"),
        ('file("policy.json")', "unknown"),
        ("data.aws_iam_policy_document.part.json", "unknown"),
        ("data.aws_iam_policy_document.whole.json", "fail"),
    ],
)
def test_a_policy_refuses_plaintext(policy: str, expected: str) -> None:
    assert judge("s3-require-tls", bucket_policy(policy)) == [(expected, "policy")]
