"""Links between Terraform resources grow with the tree, and what cannot be resolved is said."""

from __future__ import annotations

import pytest

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


def test_azure_resources_are_linked_by_reference_and_by_literal_name() -> None:
    estate = estate_of(
        'resource "azurerm_storage_account" "s" {\n  name = "shop"\n}\n'
        'resource "azurerm_mssql_server" "d" {\n  name = "shop"\n}\n'
        'resource "azurerm_network_interface" "n" {\n  name = "nic"\n}\n'
        'resource "azurerm_storage_container" "c" {\n  storage_account_name = "shop"\n}\n'
        'resource "azurerm_mssql_server_security_alert_policy" "p" {\n  server_name = "shop"\n}\n'
        'resource "azurerm_private_endpoint" "e" {\n  private_service_connection {\n'
        "    private_connection_resource_id = azurerm_mssql_server.d.id\n  }\n}\n"
        'resource "azurerm_linux_virtual_machine" "m" {\n'
        "  network_interface_ids = [azurerm_network_interface.n.id]\n}\n"
    )
    told = {
        (link.source.address.split(".")[1], link.path, link.target.address.split(".")[1])
        for outgoing in estate.outgoing.values()
        for link in outgoing
    }
    assert told == {
        ("c", "storage_account_name", "s"),
        ("p", "server_name", "d"),
        ("e", "private_service_connection.private_connection_resource_id", "d"),
        ("m", "network_interface_ids", "n"),
    }


@pytest.mark.parametrize(
    ("target", "source", "path"),
    [
        (
            'google_storage_bucket" "t" {\n  name = "x"',
            'google_storage_bucket_iam_member" "s" {\n  bucket = V',
            "bucket",
        ),
        ('google_compute_network" "t" {\n  name = "x"', 'google_compute_subnetwork" "s" {\n  network = V', "network"),
        (
            'google_secret_manager_secret" "t" {\n  secret_id = "x"',
            'google_secret_manager_secret_version" "s" {\n  secret = V',
            "secret",
        ),
        (
            'google_project" "t" {\n  project_id = "x"',
            'google_project_iam_audit_config" "s" {\n  project = V',
            "project",
        ),
        ('google_kms_key_ring" "t" {\n  name = "x"', 'google_kms_crypto_key" "s" {\n  key_ring = V', "key_ring"),
        ('google_sql_database_instance" "t" {\n  name = "x"', 'google_sql_database" "s" {\n  instance = V', "instance"),
    ],
)
def test_google_arguments_link_by_reference_and_by_name(target: str, source: str, path: str) -> None:
    kind = target.partition('"')[0]
    for value in (f"{kind}.t.id", '"x"'):
        text = f'resource "{target}\n}}\nresource "{source.replace("V", value)}\n}}\n'
        found = [link for all in estate_of(text).outgoing.values() for link in all]
        assert [(link.path, link.target.kind) for link in found] == [(path, f"terraform/{kind}")], value
