"""A report made by hand: one of everything a reporter may meet."""

from __future__ import annotations

from linter.model import Environment, Failure, Finding, Place, Severity, Source, Unknown, Verdict, Waiver
from linter.report import (
    Compared,
    ControlResult,
    Counts,
    Edit,
    Fix,
    FrameworkResult,
    Policy,
    Recorded,
    Report,
    RuleInfo,
    ScannerResult,
    UnknownCount,
)  # fmt: skip

MAIN = """\
variable "acl" {}

resource "aws_s3_bucket" "logs" {
\tbucket = "logs"
  acl    = var.acl # 🚀 "ships"
}

resource "aws_s3_bucket" "state" {
  bucket = "state"
}
"""
ALERTS = """\
groups:
  - name: shop
    rules:
      - alert: ShopDown
        expr: up{job="shop"} == 0
"""
TFVARS = 'acl = "public-read"\n'
BROKEN = 'resource "aws_s3_bucket" "b" {\n  acl = [\n'

SOURCES = {
    "alerts/shop rules.yaml": ALERTS,
    "broken.tf": BROKEN,
    "main.tf": MAIN,
    "production.tfvars": TFVARS,
}


def source(path: str) -> Source | None:
    text = SOURCES.get(path)
    return None if text is None else Source(0, path, text)


RULES = {
    "alert-has-runbook": RuleInfo(
        "alert-has-runbook",
        "Give every alert a runbook that exists",
        Severity.MEDIUM,
        None,
        "Who is paged at night needs to know what to do.",
        "Set the annotation runbook_url to a page of this repository.",
        ("monitoring",),
    ),
    "s3-bucket-acl-not-public": RuleInfo(
        "s3-bucket-acl-not-public",
        "Keep public ACLs off S3 buckets",
        Severity.HIGH,
        8.6,
        "A public ACL publishes every object.",
        "Set acl to private.",
        ("terraform", "aws"),
        {"checkov": ("CKV_AWS_20",), "trivy": ("AWS-0092",)},
    ),
    "s3-bucket-encrypted": RuleInfo(
        "s3-bucket-encrypted",
        "Encrypt S3 buckets with a key of your own",
        Severity.LOW,
        3.1,
        "A key of your own can be withdrawn.",
        "Add aws_s3_bucket_server_side_encryption_configuration with a KMS key.",
        ("terraform", "aws"),
        {},
        "preview",
    ),
}

KEY = Unknown("missing-input", "var.kms_key", "pass --var-file with a value for it")

FINDINGS = (
    Finding(
        "alert-has-runbook",
        Severity.MEDIUM,
        "fail",
        "Alert 'ShopDown' has no runbook",
        Place("alerts/shop rules.yaml", 4, 16, 4, 24),
        "shop/ShopDown",
        "",
        (),
        "1f" * 16,
    ),
    Finding(
        "s3-bucket-acl-not-public",
        Severity.HIGH,
        "fail",
        "aws_s3_bucket.logs has the public ACL 'public-read'.",
        Place("main.tf", 5, 12, 5, 19),
        "aws_s3_bucket.logs",
        "module.logs",
        ("dev", "production"),
        "2e" * 16,
        ((Place("production.tfvars", 1, 7, 1, 20), "var.acl is set here"),),
    ),
    Finding(
        "s3-bucket-encrypted",
        Severity.LOW,
        "unknown",
        "The key of aws_s3_bucket.logs is not known",
        Place("main.tf", 3, 10, 3, 25),
        "aws_s3_bucket.logs",
        "",
        ("production",),
        "3d" * 16,
        (),
        (KEY,),
    ),
    Finding(
        "s3-bucket-acl-not-public",
        Severity.HIGH,
        "pass",
        "aws_s3_bucket.state has no ACL",
        Place("main.tf", 8, 10, 8, 25),
        "aws_s3_bucket.state",
        "",
        ("production",),
        "4c" * 16,
    ),
    Finding(
        "s3-bucket-encrypted",
        Severity.LOW,
        "fail",
        "aws_s3_bucket.state is not encrypted with a key of its own",
        Place("main.tf", 8, 10, 8, 25),
        "aws_s3_bucket.state",
        "",
        ("production",),
        "5b" * 16,
        (),
        (),
        Waiver("Holds nothing but test data.", "platform", "2027-01-31", "opslint.yaml:12", "policy"),
    ),
)

FIXES = {
    "s3-bucket-acl-not-public": Fix(
        "main.tf",
        "Set acl to private",
        False,
        (
            Edit(MAIN.index("var.acl #"), MAIN.index("var.acl #") + len("var.acl"), '"private"'),
            Edit(MAIN.index('"ships"'), MAIN.index('"ships"') + len('"ships"'), ""),
        ),
    ),
    "alert-has-runbook": Fix(
        "alerts/shop rules.yaml",
        "Add the annotation runbook_url",
        True,
        (Edit(len(ALERTS) - 1, len(ALERTS) - 1, "\n        annotations: {runbook_url: runbooks/shop-down.md}"),),
    ),
}
"""By rule: a fix that replaces and removes, behind a character outside of the basic plane, and one that inserts."""

FRAMEWORKS = (
    FrameworkResult(
        "soc2",
        "SOC 2 trust services criteria",
        (
            ControlResult(
                "CC6.1",
                "Access to what is stored is restricted",
                "not met",
                ((Place("main.tf", 8, 10, 8, 25), "aws_s3_bucket.state has no ACL"),),
                ((Place("main.tf", 5, 12, 5, 19), "aws_s3_bucket.logs has the public ACL 'public-read'"),),
                "Who was granted access outside of the repository.",
                ("s3-bucket-acl-not-public", "s3-bucket-encrypted"),
                "Logical access",
            ),
            ControlResult("CC7.3", "Incidents are acted on", "partly", rules=("alert-has-runbook",)),
            ControlResult("CC1.1", "Integrity is lived", "not observable", cannot_show="What people do."),
        ),
    ),
)


def report(**changes: object) -> Report:
    """The sample, with whatever fields a test wants otherwise."""
    whole = Report(
        findings=FINDINGS,
        failures=(
            Failure(
                "artifact-unparsed",
                Place("broken.tf", 2, 9, 2, 10),
                "This list is not closed",
                "Close it with ']'.",
            ),
        ),
        rules=RULES,
        verdict=Verdict("incomplete", "failed", 3, ("1 finding at or above high: s3-bucket-acl-not-public",)),
        counts=Counts(
            passed=41,
            failed=3,
            unknown=5,
            unknowns=(
                UnknownCount("missing-input", "var.kms_key", "pass --var-file with a value for it", 4),
                UnknownCount("remote-source", "module.vpc", "vendor it, or give its path under sources", 1),
            ),
            artifacts_found=6,
            artifacts_analysed=4,
            artifacts_skipped=1,
            artifacts_failed=1,
            resources=12,
            rules=3,
        ),
        skipped=(("big.yaml", "over the size limit of 10 MB"),),
        not_rendered=("charts/shop/templates/deployment.yaml",),
        frameworks=FRAMEWORKS,
        environments=(Environment("dev", "development"), Environment("production", "production")),
        policy=Policy("opslint.yaml", "ab" * 32, ("opslint.yaml:20 (s3-bucket-encrypted)",), ()),
        as_of="2026-11-23",
        sources=source,
        root="shop",
        version="0.1.0",
        changes=("main.tf:9 suppresses s3-bucket-encrypted, which the base does not",),
        fixes=lambda finding: FIXES.get(finding.rule),
    )
    return whole._replace(**changes)


def with_others() -> Report:
    """The sample beside a baseline and two other tools: a known fault, one found by both, one that only the other found,
    one of a tool of which nothing is known, and what is gone."""
    alert, acl, *rest = FINDINGS
    kept = Finding(
        "checkov.ckv-aws-144", Severity.LOW, "fail", "Ensure that S3 bucket has cross-region replication enabled",
        Place("main.tf", 8, 10, 8, 25), "aws_s3_bucket.state", "", ("production",), "6a" * 16,
    )  # fmt: skip
    nowhere = Finding(
        "some-tool.st-1", Severity.CRITICAL, "fail", "Found outside of the tree (in /etc/x)", Place("", 1, 1, 1, 1), "", "", (),
        "79" * 16,
    )  # fmt: skip
    others = {
        "checkov.ckv-aws-144": RuleInfo(
            "checkov.ckv-aws-144", "Ensure that S3 bucket has cross-region replication enabled", Severity.LOW, 3.1,
            same_as={"checkov": ("CKV_AWS_144",)}, help_uri="https://docs.example.com/s3-general-144",
        ),
        "some-tool.st-1": RuleInfo("some-tool.st-1", "Names are said", Severity.CRITICAL, 9.1),
    }  # fmt: skip
    gone = Recorded("old.tf", "s3-bucket-acl-not-public", "aws_s3_bucket.old", "88" * 16, number=2)
    unseen = Recorded("broken.tf", "s3-bucket-encrypted", "aws_s3_bucket.b", "97" * 16)
    return report(
        findings=(nowhere, alert._replace(known=True), acl._replace(sources=("checkov:CKV_AWS_20",)), *rest, kept),
        rules={**RULES, **others},
        scanners=(
            ScannerResult("checkov", "3.3.30", "PATH", 4, 1, 1, 2, 0, suppressed=1),
            ScannerResult("semgrep", "", "PATH", 0, 0, 0, 0, 0, "gave no findings: it took longer than 300 seconds"),
            ScannerResult("some-tool", "1.2", "some tool.sarif", 1, 0, 0, 0, 1),
        ),
        baseline=Compared(".opslint-baseline.json", "cd" * 32, 1, (gone,), (unseen,)),
    )
