"""Links between Terraform resources grow with the tree, and what cannot be resolved is said."""

from __future__ import annotations

from linter.conditions.links import candidates
from linter.estate import terraform_links
from linter.model import Artifact, Estate, Source, Workspace
from linter.parsers import READERS, terraform


def estate_of(text: str) -> Estate:
    source = Source(0, "main.tf", text)
    artifact = Artifact("main.tf", "terraform", source, *READERS["terraform"](source))
    workspace = Workspace({"main.tf": artifact}, frozenset({"main.tf"}), {}, lambda *_: None, lambda _: None)
    estate = Estate()
    for resource in terraform.expand(workspace):
        estate.add(resource)
    terraform_links.resolve(estate)
    return estate


def links(estate: Estate) -> int:
    return sum(map(len, estate.outgoing.values()))


def test_links_double_with_the_estate() -> None:
    def text(count: int) -> str:
        return "".join(
            f'resource "aws_s3_bucket" "b{i}" {{\n  bucket = "n{i}"\n}}\n'
            f'resource "aws_s3_bucket_acl" "a{i}" {{\n  bucket = aws_s3_bucket.b{i}.id\n}}\n'
            f'resource "aws_s3_bucket_policy" "p{i}" {{\n  bucket = "n{i}"\n}}\n'
            for i in range(count)
        )

    assert links(estate_of(text(50))) == 100
    assert links(estate_of(text(100))) == 200


def test_namesakes_are_bounded() -> None:
    same = "".join(
        f'resource "aws_iam_role" "r{i}" {{\n  name = "x"\n}}\n'
        f'resource "aws_iam_role_policy" "p{i}" {{\n  role = "x"\n}}\n'
        for i in range(300)
    )
    assert links(estate_of(same)) == 300 * 100


def test_an_unresolved_reference_leaves_both_directions_open() -> None:
    estate = estate_of(
        'variable "v" {}\nresource "aws_s3_bucket" "b" {}\nresource "aws_s3_bucket_acl" "a" {\n  bucket = var.v\n}\n'
        'resource "aws_s3_bucket_acl" "other" {\n  bucket = "elsewhere"\n}\n'
    )
    bucket = estate.kinds["terraform/aws_s3_bucket"][0]
    unresolved, other = estate.kinds["terraform/aws_s3_bucket_acl"]
    found, doubt = candidates(estate, bucket, ("terraform/aws_s3_bucket_acl",), "bucket", incoming=True)
    assert found == [] and doubt is not None and doubt.subject == "var.v"
    found, doubt = candidates(estate, unresolved, ("terraform/aws_s3_bucket",), "bucket", incoming=False)
    assert found == [] and doubt is not None
    assert candidates(estate, other, ("terraform/aws_s3_bucket",), "bucket", incoming=False) == ([], None)
