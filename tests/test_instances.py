"""Findings about instances of count and for_each: merged, named, fingerprinted, waived, compared between environments."""

# ruff: noqa: E501 (Terraform texts stay in one piece)

from __future__ import annotations

import json
from pathlib import Path

import pytest

from linter.model import Finding
from linter.reporters import renderer
from tests.support import failed, lines, scanned, write

PUBLIC, ENCRYPT, SSH = "s3-block-public-access", "rds-encrypt", "sg-no-world-ssh"
BLOCK = 'resource "aws_s3_bucket_public_access_block" "p" {\n  for_each = %s\n  bucket = %s\n  block_public_acls = true\n  block_public_policy = true\n  ignore_public_acls = true\n  restrict_public_buckets = true\n}\n'
BUCKETS = 'resource "aws_s3_bucket" "b" {\n  for_each = toset(["a", "b", "c"])\n  bucket = "x-${each.key}"\n}\n'
DATABASES = 'resource "aws_db_instance" "d" {\n  for_each = %s\n  storage_encrypted = each.value\n}\n'
NETS = {
    "main.tf": 'variable "nets" {}\nmodule "sg" {\n  source = "./m"\n  for_each = var.nets\n  cidr = each.value.cidr\n}\n',
    "m/main.tf": 'variable "cidr" {}\nresource "aws_security_group" "s" {\n  description = "x"\n  ingress {\n    from_port = 22\n    to_port = 22\n    protocol = "tcp"\n    cidr_blocks = [var.cidr]\n  }\n}\n',
    "terraform.tfvars": 'nets = {\n  x = { cidr = "10.0.0.0/8" }\n  y = { cidr = "0.0.0.0/0" }\n}\n',
}


def one(root: Path, *rules: str) -> Finding:
    (finding,) = failed(scanned(root, *rules))
    return finding


@pytest.mark.parametrize(
    ("over", "bucket"),
    [('toset(["a", "b", "c"])', "aws_s3_bucket.b[each.key].id"), ("aws_s3_bucket.b", "each.value.id"),
     ("{ for k, b in aws_s3_bucket.b : k => b.id }", "each.value"), ("aws_s3_bucket.b", 'each.value["bucket"]')],
)  # fmt: skip
def test_each_bucket_has_its_own_access_block(over: str, bucket: str, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BUCKETS + BLOCK % (over, bucket)})
    found = scanned(tmp_path, PUBLIC)
    assert failed(found) == [] and found.report.counts.passed == 3


def test_the_ones_without_are_one_finding_that_names_them(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BUCKETS + BLOCK % ('toset(["b"])', "aws_s3_bucket.b[each.key].id")})
    finding = one(tmp_path, PUBLIC)
    assert finding.message == 'Bucket b does not block public access. In 2 of 3 instances: ["a"], ["c"].'
    assert (finding.subject, finding.place.start_line) == ("aws_s3_bucket.b", 1)


def test_all_instances_are_the_block(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": DATABASES % "{ a = false, b = false }"})
    finding = one(tmp_path, ENCRYPT)
    assert (finding.subject, finding.owner) == ("aws_db_instance.d", "aws_db_instance.d")
    assert "aws_db_instance.d is false" in finding.message and "instances" not in finding.message


def test_one_of_several_is_named_by_its_address(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": DATABASES % "{ a = true, b = false }"})
    finding = one(tmp_path, ENCRYPT)
    assert finding.subject == 'aws_db_instance.d["b"]' and finding.subject in finding.message
    assert [text for _, text in finding.related] == ['`each.value` of aws_db_instance.d["b"] is set here']


def test_fingerprints_do_not_move_with_the_instances(tmp_path: Path) -> None:
    prints = set()
    for table in ("{ b = false }", "{ a = false, b = false }", "{ a = true, b = false, c = false }"):
        write(tmp_path, {"main.tf": DATABASES % table})
        prints.add(one(tmp_path, ENCRYPT).fingerprint)
    write(tmp_path, {"main.tf": 'resource "aws_db_instance" "d" {\n  storage_encrypted = false\n}\n'})
    prints.add(one(tmp_path, ENCRYPT).fingerprint)
    assert len(prints) == 1


def test_a_value_written_for_one_instance_has_a_fingerprint_of_its_own(tmp_path: Path) -> None:
    main = 'variable "all" {}\nresource "aws_iam_policy" "p" {\n  for_each = var.all\n  policy = jsonencode({ Statement = [each.value] })\n}\n'
    rule = "iam-no-admin-star"

    def prints(**actions: str) -> dict[int, str]:
        tables = "\n".join(
            f'  {key} = {{ Effect = "Allow", Action = "{what}", Resource = "*" }}' for key, what in actions.items()
        )
        write(tmp_path, {"main.tf": main, "terraform.tfvars": f"all = {{\n{tables}\n}}\n"})
        found = failed(scanned(tmp_path, rule))
        assert {each.place.path for each in found} == {"terraform.tfvars"}
        return {each.place.start_line: each.fingerprint for each in found}

    alone, both = prints(a="s3:GetObject", b="*"), prints(a="*", b="*")
    assert both[3] == alone[3] and both[2] != both[3]


def test_the_way_leads_from_the_tfvars_through_for_each_into_the_module(tmp_path: Path) -> None:
    write(tmp_path, NETS)
    found = scanned(tmp_path, SSH)
    assert lines(found) == [f"m/main.tf:8:20 {SSH}"]
    text = renderer("sarif")(found.report, {})
    (result,) = json.loads(text)["runs"][0]["results"][:1]
    steps = [step["location"] for step in result["codeFlows"][0]["threadFlows"][0]["locations"]]
    places = [
        (each["physicalLocation"]["artifactLocation"]["uri"], each["physicalLocation"]["region"]["startLine"]) for each in steps
    ]  # fmt: skip
    assert places == [
        ("main.tf", 2),
        ("terraform.tfvars", 1),
        ("terraform.tfvars", 3),
        ("main.tf", 4),
        ("main.tf", 5),
        ("m/main.tf", 8),
    ]


def waiver(resource: str) -> str:
    return f"waivers:\n  - rule: {ENCRYPT}\n    resource: '{resource}'\n    reason: Test data only.\n    owner: platform\n    expires: 2026-12-31\n"


@pytest.mark.parametrize(
    ("resource", "covered"),
    [
        ("aws_db_instance.d", True),
        ('aws_db_instance.d["a"]', False),
        ("aws_db_instance.d[*", True),
        ("aws_db_instance.e", False),
    ],
)
def test_a_waiver_of_one_instance_does_not_cover_the_others(resource: str, covered: bool, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": DATABASES % "{ a = false, b = false }", "opslint.yaml": waiver(resource)})
    found = scanned(tmp_path, ENCRYPT)
    assert (failed(found) == []) is covered
    partly = [problem for problem in found.report.policy.notes if "also stands" in problem]
    assert len(partly) == (resource.endswith('"]'))


MISSING = "env-missing-resource"


def environments(staging: str, production: str, body: str = 'name = "q-${each.key}"') -> dict[str, str]:
    text = 'variable "u" {}\nresource "aws_sqs_queue" "q" {\n  for_each = %s\n  ' + body + "\n}\n"
    return {"envs/staging/main.tf": text % staging, "envs/production/main.tf": text % production}


@pytest.mark.parametrize(
    ("staging", "production", "outcomes"),
    [
        ('toset(["a", "b"])', 'toset(["a", "b"])', {"pass"}),
        ('toset(["a", "b"])', 'toset(["a"])', {"pass", "fail"}),
        ('toset(["staging-a"])', 'toset(["production-a"])', {"pass"}),
        ('toset(["eu-west-1a", "eu-west-1b"])', 'toset(["us-east-1a"])', {"pass"}),
        ('toset(["10.0.0.0/16"])', 'toset(["10.1.0.0/16"])', {"pass"}),
        ('toset(["a"])', "var.u", {"unknown"}),
        ("var.u", 'toset(["a"])', {"pass"}),
    ],
)
def test_instances_have_twins(staging: str, production: str, outcomes: set[str], tmp_path: Path) -> None:
    write(tmp_path, environments(staging, production))
    found = [each for each in scanned(tmp_path, MISSING).judgements if each.resource.kind == "terraform/aws_sqs_queue"]
    assert {each.outcome for each in found} == outcomes
    if "fail" in outcomes:
        assert [each.resource.address for each in found if each.outcome == "fail"] == ['aws_sqs_queue.q["b"]']


def test_how_many_there_are_is_size(tmp_path: Path) -> None:
    files = environments("3", "2", 'name = "q-${count.index}"')
    write(tmp_path, {path: text.replace("for_each", "count") for path, text in files.items()})
    assert failed(scanned(tmp_path, MISSING)) == []
