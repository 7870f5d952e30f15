"""What could not be read is unknown, never absent: in the block, in the document, in the unit."""

from __future__ import annotations

from pathlib import Path

from tests.support import failed, scanned, write


def test_a_block_that_was_not_read_to_its_end_is_open(tmp_path: Path) -> None:
    write(
        tmp_path, {"main.tf": 'resource "aws_db_instance" "shop" {\n  engine = "postgres"\n  storage_encrypted = \n}\n'}
    )
    scan = scanned(tmp_path, "rds-encrypt", "rds-multi-az")
    assert scan.report.verdict.exit_code == 3
    assert failed(scan) == []
    assert {finding.outcome for finding in scan.report.findings} == {"unknown"}


def test_a_block_beside_the_broken_one_is_judged(tmp_path: Path) -> None:
    broken = (
        'resource "aws_kms_key" "a" {\n  description = )\n}\nresource "aws_kms_key" "b" {\n  description = "b"\n}\n'
    )
    write(tmp_path, {"main.tf": broken})
    scan = scanned(tmp_path, "kms-rotate-keys")
    assert [finding.subject for finding in failed(scan)] == ["aws_kms_key.b"]


def test_a_link_may_stand_in_the_file_that_was_not_read(tmp_path: Path) -> None:
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}}\n"
    write(tmp_path, {"service.yaml": service, "pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: [\n"})
    scan = scanned(tmp_path, "service-selects-pods")
    assert failed(scan) == []
    assert [finding.outcome for finding in scan.report.findings] == ["unknown"]
    write(
        tmp_path,
        {"pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: db, labels: {app: db}}\nspec: {containers: []}\n"},
    )
    assert [finding.rule for finding in failed(scanned(tmp_path, "service-selects-pods"))] == ["service-selects-pods"]


def test_a_bucket_without_its_block_in_a_broken_root_is_unknown(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": 'resource "aws_s3_bucket" "logs" {}\n', "broken.tf": 'resource "x" {\n  a = [\n'})
    scan = scanned(tmp_path, "s3-block-public-access")
    assert failed(scan) == []
    assert scan.report.verdict.exit_code == 3


def test_a_brace_that_should_stand_on_its_own_line_hides_nothing(tmp_path: Path) -> None:
    """Terraform refuses the file, but every word of it was read, so what is not in it is absent."""
    buckets = 'resource "aws_s3_bucket" "a" {}\nresource "aws_s3_bucket" "b" {}\n'
    block = 'resource "aws_s3_bucket_versioning" "a" {\n  bucket = aws_s3_bucket.a.id\n  versioning_configuration {\n'
    write(tmp_path, {"main.tf": buckets + block + '    status = "Enabled"}\n}\n'})
    scan = scanned(tmp_path, "s3-enable-versioning")
    assert [finding.subject for finding in failed(scan)] == ["aws_s3_bucket.b"]
    assert scan.report.counts.unknown == 0
    assert scan.report.verdict.exit_code == 3
