"""Every claim of the catalogue that a check of another tool is the same as a rule of ours: made, or refused with why."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from linter.rules import open_pack

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[2] / "shared"
PACK = open_pack()
COLUMNS = {
    "checkov": "checkov_ids",
    "trivy": "trivy_avd_ids",
    "kube-linter": "kube_linter_checks",
    "zizmor": "zizmor_audits",
}
SPLIT = {
    "cloudfront-tls": ("cloudfront-https-only", "cloudfront-modern-tls"),
    "cpu-requests": ("cpu-limit", "cpu-request"),
    "elasticache-encrypt": ("elasticache-encrypt-at-rest", "elasticache-encrypt-in-transit"),
    "iam-no-admin-star": ("iam-no-admin-star", "iam-no-action-star"),
    "iam-password-policy": ("iam-password-history", "iam-password-length", "iam-password-reuse"),
    "memory-limits": ("memory-limit", "memory-request"),
    "no-escalation-verbs": ("rbac-no-escalation-verbs",),
    "no-host-namespaces": ("no-host-ipc", "no-host-network", "no-host-pid"),
    "no-wildcard-rules": ("rbac-no-wildcard-resources", "rbac-no-wildcard-verbs"),
    "rds-keep-backups": ("rds-keep-backups", "rds-keep-two-days", "rds-has-backups"),
    "s3-block-public-access": (
        "s3-block-public-access", "s3-block-public-acls", "s3-block-public-policy", "s3-ignore-public-acls",
        "s3-restrict-public-buckets",
    ),
    "sg-describe-rules": ("sg-describe-rules", "sg-describe-each-rule"),
    "sg-no-world-admin-port": ("sg-no-world-rdp", "sg-no-world-ssh"),
}  # fmt: skip
"""Catalogue slug → our rules, where one requirement became several."""

Claim = tuple[str, str, str]


def bare(check: str) -> str:
    return check.removeprefix("AVD-")


def catalogued() -> Iterator[Claim]:
    """(slug, tool, check) of every claim about a slug that has a rule."""
    with (SHARED / "catalogue" / "rules_catalogue.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["slug"] in SPLIT or row["slug"] in PACK.ids:
                for tool, column in COLUMNS.items():
                    for check in row[column].replace(",", " ").split():
                        yield row["slug"], tool, bare(check)


def refused() -> list[dict[str, str]]:
    with (HERE / "claims.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def claimed() -> set[tuple[str, str]]:
    return {(tool, bare(id)) for rule in PACK.ids for tool, ids in PACK.rule(rule).same_as.items() for id in ids}


REFUSED = refused()


def test_every_claim_of_the_catalogue_is_made_or_refused_with_a_reason() -> None:
    wanted = set(catalogued())
    assert len(wanted) > 150
    known = {(row["slug"], row["tool"], bare(row["check"])) for row in REFUSED}
    made = claimed()
    open_claims = sorted(claim for claim in wanted - known if claim[1:] not in made)
    assert open_claims == []


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: f"{row['tool']}:{row['check']}")
def test_a_refusal_is_still_needed(row: dict[str, str]) -> None:
    claim = row["slug"], row["tool"], bare(row["check"])
    assert claim in set(catalogued()), "the catalogue no longer claims it, or no rule has the slug"
    rules = SPLIT.get(row["slug"], (row["slug"],))
    ours = {bare(id) for rule in rules for id in PACK.rule(rule).same_as.get(row["tool"], ())}
    assert claim[2] not in ours, "it is claimed now: take it from the list"
    assert len(row["reason"].split()) >= 6


def test_refusals_are_listed_once() -> None:
    keys = [(row["slug"], row["tool"], bare(row["check"])) for row in REFUSED]
    assert len(keys) == len(set(keys))


def test_claims_name_checks_that_exist() -> None:
    """A claim of a tool whose suite is there names one of its checks, by id or alias."""
    known: dict[str, set[str]] = {}
    with (SHARED / "oracle" / "all_checks.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            names = {row["check"], *(row["aliases"] or "").replace(",", " ").split()}
            known.setdefault(row["peer"], set()).update(map(bare, names))
    strange = sorted(
        f"{rule}: {tool} {id}"
        for rule in PACK.ids
        for tool, ids in PACK.rule(rule).same_as.items()
        if tool in known
        for id in ids
        if bare(id) not in known[tool] and (tool, bare(id)) not in UNSEEN
    )
    assert strange == []


UNSEEN = {
    ("checkov", "CKV_GHA_1"),
    ("checkov", "CKV_GITLABCI_2"),
    ("checkov", "CKV_K8S_153"),
    ("kube-linter", "invalid-target-ports"),
    ("kube-linter", "no-extensions-v1beta"),
    ("trivy", "AWS-0176"),
    ("trivy", "AWS-0177"),
    ("trivy", "AWS-0343"),
    ("trivy", "DS-0031"),
    ("trivy", "KSV-0013"),
    ("zizmor", "hardcoded-container-credentials"),
    ("zizmor", "secrets-inherit"),
}
"""Claims of checks that exist in the tool and not in its suite."""
