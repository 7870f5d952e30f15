"""Issue figures on real trees with real scanners: every failed check of Checkov is accounted for and rightly placed."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from linter.rules import open_pack
from linter.scanners import checkov
from linter.scanners.combine import combine
from linter.scanners.foreign import Read
from linter.scanners.launcher import launcher
from linter.scanners.outside import merge
from linter.scanners.placing import Places, names_of, names_of_resource
from tests.support import scanned, write
from tests.test_cli import program

SHARED = Path(__file__).resolve().parents[3] / "shared"
TREES = ("terragoat", "eks-blueprints", "microservices-demo")
PROGRAM = os.environ.get("OPSLINT_CHECKOV") or shutil.which("checkov") or ""


def answered(tree: Path) -> Read:
    with launcher() as line:
        line.start(checkov.job(PROGRAM, str(tree), {}))
        answer = line.answer("checkov", 400)
    assert answer.problem == ""
    return checkov.read(answer.output)


@pytest.mark.parametrize("name", TREES)
def test_every_failed_check_is_accounted_for(name: str) -> None:
    assert PROGRAM, "checkov is needed: put it on PATH or name it in OPSLINT_CHECKOV"
    tree = SHARED / "corpora" / name
    read = answered(tree)
    scan = scanned(tree)
    pack = open_pack()
    ours = [finding for finding in scan.report.findings if finding.outcome == "fail"]
    combined, (result,) = merge([(read, "here")], ours, scan.estate, pack, str(tree), {})
    assert result.found == len(read.findings) == result.merged + result.kept + result.repeated + result.elsewhere
    assert result.elsewhere == 0
    table = Counter[str]()
    for row in combined.accounts:
        table[f"merged {row.check}"] += row.merged
        table[f"kept {row.check}"] += row.kept
    print(name, result)
    for line, number in sorted(table.items()):
        if number:
            print(f"  {line}: {number}")
    places = Places(scan.estate)
    misplaced = [each for each in (_misplaced(found, places) for found in read.findings) if each]
    print("\n".join(misplaced))
    assert misplaced == []


def _misplaced(found: Any, places: Places) -> str:
    """Where a place does not lie in the lines Checkov named, or its resource is another one than Checkov's."""
    placed = places.of(found)
    if placed is None:
        return f"{found.id} {found.path}: not placed"
    if not found.start_line <= placed.place.start_line <= max(found.end_line, found.start_line):
        return f"{found.id} {found.path}:{found.start_line}-{found.end_line}: at line {placed.place.start_line}"
    resource = placed.resource
    wanted = names_of(found.address)
    if resource is not None and found.path.endswith(".tf") and not wanted & names_of_resource(resource):
        return f"{found.id} {found.address}: is {resource.address}"
    return ""


def test_every_check_of_checkov_has_controls_or_a_reason() -> None:
    pack = open_pack()
    rows = [
        line.split("\t") for line in (SHARED / "oracle" / "all_checks.tsv").read_text(encoding="utf-8").splitlines()[1:]
    ]
    ids = {row[1] for row in rows if row[0] == "checkov"}
    mapping = pack.scanner("checkov")
    claimed = set(pack.claims("checkov"))
    liked = {check for checks in mapping["like"].values() for check in checks}
    none = {check for entry in mapping["none"] for check in entry["checks"]}
    assert len(ids) == 1279
    assert ids - claimed - liked - none == set()
    framed = {
        rule
        for id in pack.framework_ids
        for control in pack.framework(id)["controls"]
        for rule in (
            *control.get("rules", {}).get("decisive", ()), *control.get("rules", {}).get("supporting", ()),
            *(each for check in control.get("checks", ()) for each in check.get("rules", ())),
        )
    }  # fmt: skip
    uncontrolled = {
        check for check, rules in pack.claims("checkov").items() if check in ids and not framed & set(rules)
    }
    assert uncontrolled == set()
    print(f"claimed {len(ids & claimed)}, by class {len(ids & liked - claimed)}, none {len(ids & none)}")


def test_nothing_is_known_of_an_unknown_tool() -> None:
    assert combine([], [], scanned(SHARED / "corpora" / "terragrunt-live-example").estate, {}).accounts == ()


def test_nothing_of_the_tree_configures_the_real_one(tmp_path: Path) -> None:
    tree = write(
        tmp_path,
        {
            "main.tf": 'resource "aws_db_instance" "shop" {\n  storage_encrypted = false\n}\n',
            ".checkov.yaml": "skip-check: [CKV_AWS_16]\nexternal-checks-dir: [evil]\n",
            "sub/.checkov.yml": "framework: [secrets]\n", ".checkov.baseline": "{}\n",
            "evil/__init__.py": "import pathlib\npathlib.Path(__file__).with_name('ran').write_text('x')\n",
        },
    )  # fmt: skip
    read = answered(tree)
    assert "CKV_AWS_16" in {found.id for found in read.findings}
    assert not (tree / "evil" / "ran").exists()


SUPPRESSED = {
    "main.tf": (
        'resource "aws_db_instance" "plain" {\n  storage_encrypted = false\n}\n'
        'resource "aws_db_instance" "both" {\n'
        "  #checkov:skip=CKV_AWS_16:restores are tried on it\n  #checkov:skip=CKV_AWS_226:upgraded by hand\n"
        "  storage_encrypted = false\n}\n"
    ),
    "pod.yaml": (
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  annotations:\n"
        "    checkov.io/skip1: CKV_K8S_20=until the next release\nspec:\n  containers:\n    - name: web\n"
        "      image: nginx:1.27\n      securityContext: {allowPrivilegeEscalation: true}\n"
    ),
    "Dockerfile": "#checkov:skip=CKV_DOCKER_3:binds a low port\nFROM debian:12\nRUN apt-get update\n",
}
WAIVED = {
    ("rds-encrypt", "main.tf:5"), ("checkov.ckv-aws-226", "main.tf:6"), ("no-privilege-escalation", "pod.yaml:6"),
    ("dockerfile-user-set", "Dockerfile:1"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "waived"), [("", set()), ("inline-waivers: {checkov: true}\n", WAIVED)], ids=["not-allowed", "allowed"]
)
def test_counts_add_up_with_suppressions(tmp_path: Path, policy: str, waived: set[tuple[str, str]]) -> None:
    """What a comment suppresses is found, counted and told; it is waived where the policy allows such comments."""
    tool = f"scanners: {{checkov: {{program: {PROGRAM}}}}}\n"
    tree = write(tmp_path, {**SUPPRESSED, "opslint.yaml": f"version: 1\n{tool}{policy}"})
    answer = program("scan", "--root", tree, "--with", "checkov", "--format", "json", tree)
    report = json.loads(answer.out)
    (account,) = report["scanners"]
    assert account["found"] == account["merged"] + account["kept"] + account["repeated"]
    assert (account["elsewhere"], account["suppressed"]) == (0, 4)
    found = [finding for finding in report["findings"] if finding["outcome"] == "fail" and finding["waiver"]]
    assert {(finding["rule"], finding["waiver"]["source"]) for finding in found} == waived
    assert report["execution"] == "complete"
