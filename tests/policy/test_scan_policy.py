"""The policy in a whole scan: scopes, waivers, bases and the gate together."""

from __future__ import annotations

from pathlib import Path

from scanning import control, put, scanned

PORT = """\
resource "aws_iam_account_password_policy" "a" {
  require_numbers              = true
  require_lowercase_characters = true
  minimum_password_length      = 8%s
}
"""
DIRECTIVE = ' # opslint:ignore=iam-password-length reason="the directory decides"'
WAIVERS = """\
gate: {fail-on: info}
waivers:
  - {rule: iam-password-length, path: a/**, reason: the directory decides, owner: iam, expires: 2027-01-31}
  - {rule: iam-password-length, path: b/**, reason: the directory decides, owner: iam, expires: 2027-01-31}
"""


def lengths(root: Path, **options: object) -> list[tuple[str, bool]]:
    report = scanned(root, **options).report
    return [(f.place.path, bool(f.waiver)) for f in report.findings if f.rule == "iam-password-length"]


def test_a_scope_neither_loses_nor_accuses_waivers(tmp_path: Path) -> None:
    put(tmp_path, {"a/main.tf": PORT % "", "b/main.tf": PORT % "", "opslint.yaml": WAIVERS})
    assert lengths(tmp_path) == [("a/main.tf", True), ("b/main.tf", True)]
    part = scanned(tmp_path, "pci-dss-4.0.1", paths=(str(tmp_path / "a"),))
    assert part.report.policy.unused_waivers == ()
    assert {finding.place.path for finding in part.report.findings} == {"a/main.tf"}
    assert control(part, "8.3.6").status == "partly"


def test_unused_waivers_are_reported_only_where_they_had_a_chance(tmp_path: Path) -> None:
    put(tmp_path, {"a/main.tf": PORT % "", "opslint.yaml": WAIVERS})
    assert len(scanned(tmp_path).report.policy.unused_waivers) == 1
    assert scanned(tmp_path, rules=("rds-encrypt",)).report.policy.unused_waivers == ()


def test_what_fails_outside_the_scope_is_accounted_for(tmp_path: Path) -> None:
    put(tmp_path, {"a/main.tf": "locals {}\n", "b/x.yaml": "apiVersion: v1\nkind: Pod\nmetadata: [\n"})
    assert scanned(tmp_path).report.verdict.exit_code == 3
    verdict = scanned(tmp_path, paths=(str(tmp_path / "a"),)).report.verdict
    assert (verdict.exit_code, verdict.reasons) == (0, ())


def test_with_a_policy_of_its_own_only_the_bases_inline_waivers_count(tmp_path: Path) -> None:
    head, base = tmp_path / "head", tmp_path / "base"
    put(head, {"main.tf": PORT % DIRECTIVE})
    put(base, {"opslint.yaml": "version: 1\n"})
    assert lengths(head) == [("main.tf", True)]
    assert lengths(head, policy=str(base)) == [("main.tf", False)]
    assert "is new or was moved" in scanned(head, policy=str(base)).report.changes[-1]
    put(base, {"main.tf": "# an older file\n" + PORT % DIRECTIVE})
    put(head, {"opslint.yaml": "version: 1\n"})
    assert lengths(head, policy=str(base)) == [("main.tf", True)]
    assert scanned(head, policy=str(base)).report.changes == ()
    put(head, {"main.tf": (PORT % DIRECTIVE).replace("= 8", "= 1")})
    assert lengths(head, policy=str(base)) == [("main.tf", False)]


def test_a_policy_in_the_scanned_tree_does_not_count_beside_the_bases(tmp_path: Path) -> None:
    head, base = tmp_path / "head", tmp_path / "base"
    put(head, {"a/main.tf": PORT % "", "opslint.yaml": WAIVERS})
    put(base, {"opslint.yaml": "gate: {fail-on: info}\n"})
    assert scanned(head).report.policy.source == "opslint.yaml"
    assert lengths(head, policy=str(base)) == [("a/main.tf", False)]


def test_an_unknown_framework_in_the_policy_fails_the_gate(tmp_path: Path) -> None:
    put(tmp_path, {"main.tf": "locals {}\n", "opslint.yaml": "gate: {frameworks: [{id: soc3}]}\n"})
    verdict = scanned(tmp_path).report.verdict
    assert verdict.exit_code == 1
    assert verdict.reasons == ("Framework soc3 is required by the policy and was not evaluated.",)


def test_what_the_policy_excludes_is_skipped_counted_and_shown(tmp_path: Path) -> None:
    broken = "apiVersion: v1\nkind: Pod\nmetadata: [\n"
    files = {"a/main.tf": PORT % "", "b/main.tf": PORT % "", "b/x.yaml": broken}
    put(tmp_path, files | {"opslint.yaml": "exclude: [b]\ngate: {fail-on: critical}\n"})
    report = scanned(tmp_path).report
    assert lengths(tmp_path) == [("a/main.tf", False)]
    assert report.skipped == (("b/main.tf", "excluded by the policy"), ("b/x.yaml", "excluded by the policy"))
    assert (report.counts.artifacts_found, report.counts.artifacts_skipped) == (3, 2)
    assert report.verdict.exit_code == 0


def test_a_change_of_policy_in_the_head_is_told(tmp_path: Path) -> None:
    head, base = tmp_path / "head", tmp_path / "base"
    put(head, {"main.tf": "locals {}\n", "opslint.yaml": "gate: {fail-on: critical}\n"})
    put(base, {"opslint.yaml": "gate: {fail-on: info}\n"})

    def told() -> list[str]:
        return [text.split()[0] for text in scanned(head, policy=str(base)).report.changes]

    assert told() == ["opslint.yaml"]
    assert scanned(head).report.changes == ()
    put(head, {"opslint.yaml": "gate: {fail-on: info}\n"})
    assert told() == []
    put(head, {"waivers.yaml": "waivers: []\n"})
    assert told() == ["waivers.yaml"]
    put(base, {"waivers.yaml": "waivers: []\n"})
    assert told() == []
    (head / "waivers.yaml").unlink()
    (head / "opslint.yaml").unlink()
    assert told() == ["opslint.yaml", "waivers.yaml"]
    (head / "opslint.yaml").symlink_to("/etc/passwd")
    assert told() == ["opslint.yaml", "waivers.yaml"]


def test_somebody_elses_waivers_file_is_no_change_of_policy(tmp_path: Path) -> None:
    put(tmp_path / "head", {"main.tf": "locals {}\n", "waivers.yaml": "- mine\n"})
    (tmp_path / "base").mkdir()
    assert scanned(tmp_path / "head", policy=str(tmp_path / "base")).report.changes == ()
