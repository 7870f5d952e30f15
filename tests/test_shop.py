"""The bundled shop: in good order nothing is wrong with it, and each fault causes exactly the findings it names."""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from linter.cli.work import run_scan
from linter.engine import Scan
from linter.model import Finding, Place
from scripts import patches, scan_shop, shop_sarif
from scripts.shop import AS_OF, FAULTS, GOOD, build, faults

KEYS = {"what", "findings", "unknown", "failures", "policy", "exit_code"}
ENTRY_KEYS = {"rule", "path", "line", "environments", "times", "related"}
CAUSES = {"missing-input", "remote-source", "run-time", "overlay"}
Key = tuple[str, str, str, str]
NAMES = [fault.stem for fault in faults()]


def scan(root: Path, **changed: Any) -> Scan:
    options: dict[str, Any] = {
        "paths": (str(root),), "root": str(root), "policy": None, "fail_on": None, "rules": (), "var_files": (),
        "frameworks": (), "variables": (), "isolated": False, "allow_empty": False, "as_of": AS_OF,
    }  # fmt: skip
    try:
        return run_scan(options | changed, lambda name: None, {}, full=changed.get("full", False))
    finally:
        gc.enable()


def spec_of(name: str) -> dict[str, Any]:
    spec: dict[str, Any] = yaml.safe_load((FAULTS / f"{name}.yaml").read_text(encoding="utf-8"))
    return spec


def patch_of(name: str) -> str:
    return (FAULTS / f"{name}.patch").read_text(encoding="utf-8")


def line_of(scanned: Scan, place: Place) -> str:
    source = scanned.report.sources(place.path)
    assert source is not None
    return source.line(place.start_line)


def live(scanned: Scan) -> dict[Key, list[Finding]]:
    """What a person sees: findings by outcome, rule, path and text of the line; waived ones are no findings."""
    found: dict[Key, list[Finding]] = {}
    for finding in scanned.report.findings:
        if finding.outcome != "pass" and finding.waiver is None:
            key = finding.outcome, finding.rule, finding.place.path, line_of(scanned, finding.place)
            found.setdefault(key, []).append(finding)
    return found


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def complaints_of_policy(scanned: Scan) -> tuple[str, ...]:
    return (*scanned.report.policy.unused_waivers, *scanned.report.policy.notes)


@pytest.fixture(scope="module")
def good() -> Scan:
    return scan(GOOD, full=True)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One copy of the good shop that each test leaves as it found it."""
    return build(tmp_path_factory.mktemp("shop") / "shop")


def test_good_shop_has_no_live_failure_of_any_severity(good: Scan) -> None:
    failed = [
        f"{f.place.path}:{f.place.start_line} {f.rule}"
        for (kind, *_), fs in live(good).items()
        if kind == "fail"
        for f in fs
    ]
    assert failed == []
    assert good.report.failures == ()
    assert good.report.skipped == ()
    assert good.report.not_rendered == ()
    assert complaints_of_policy(good) == ()
    assert good.report.verdict.exit_code == 0


def test_good_shop_is_unknown_only_where_the_repository_cannot_know(good: Scan) -> None:
    causes = {unknown.cause for unknown in good.report.counts.unknowns}
    assert causes <= CAUSES
    assert good.report.counts.unknown <= 5


def test_good_shop_meets_or_cannot_show_every_control(good: Scan) -> None:
    unmet = [c.id for f in good.report.frameworks for c in f.controls if c.status == "not met"]
    assert unmet == []
    assert sum(c.status == "met" for f in good.report.frameworks for c in f.controls) >= 15


def test_good_shop_exercises_most_rules(good: Scan) -> None:
    passed = {judgement.rule for judgement in good.judgements if judgement.outcome == "pass"}
    assert len(passed) >= 190
    assert {environment.name for environment in good.report.environments} == {"dev", "staging", "production"}


def test_waiver_of_the_good_shop_covers_one_finding(good: Scan) -> None:
    waived = [finding for finding in good.report.findings if finding.waiver is not None]
    assert [(finding.rule, finding.environments) for finding in waived] == [("rds-multi-az", ("dev",))]


def test_faults_are_many_and_of_every_kind() -> None:
    specs = [spec_of(name) for name in NAMES]
    assert len(specs) >= 24
    assert sorted(path.stem for path in FAULTS.glob("*.yaml")) == NAMES
    assert all(set(spec) <= KEYS and len(spec["what"]) > 40 for spec in specs)
    entries = [entry for spec in specs for key in ("findings", "unknown") for entry in spec.get(key, ())]
    assert all(set(entry) <= ENTRY_KEYS for entry in entries)
    assert any("unknown" in spec for spec in specs)
    assert any("failures" in spec for spec in specs)
    assert len({entry["rule"] for entry in entries}) >= 40


@pytest.mark.parametrize("name", NAMES)
def test_fault_causes_what_it_names_and_nothing_else(name: str, good: Scan, copy: Path) -> None:
    spec = spec_of(name)
    changed = patches.apply(patch_of(name), copy)
    try:
        scanned = scan(copy)
    finally:
        patches.apply(patch_of(name), copy, reverse=True)
    assert changed and tree(copy) == tree(GOOD), "reversed, the shop is the good one, byte for byte"
    found, before = live(scanned), live(good)
    appeared = Counter({key: len(fs) for key, fs in found.items() if key not in before})
    assert appeared == _named(spec)
    assert [key for key in before if key not in found] == []
    assert [key for key in before if len(found[key]) != len(before[key])] == []
    _check_details(spec, scanned, found)
    assert [(f.id, f.place.path, line_of(scanned, f.place)) for f in scanned.report.failures] == [
        (entry["id"], entry["path"], entry["line"]) for entry in spec.get("failures", ())
    ]
    complaints, wanted = complaints_of_policy(scanned), spec.get("policy", [])
    assert len(complaints) == len(wanted)
    assert all(any(words in complaint for complaint in complaints) for words in wanted)
    assert scanned.report.verdict.exit_code == spec["exit_code"]


def _named(spec: Mapping[str, Any]) -> Counter[Key]:
    named: Counter[Key] = Counter()
    for key, outcome in (("findings", "fail"), ("unknown", "unknown")):
        for entry in spec.get(key, ()):
            named[outcome, entry["rule"], entry["path"], entry["line"]] = entry.get("times", 1)
    return named


def _check_details(spec: Mapping[str, Any], scanned: Scan, found: Mapping[Key, list[Finding]]) -> None:
    for key, outcome in (("findings", "fail"), ("unknown", "unknown")):
        for entry in spec.get(key, ()):
            for finding in found[outcome, entry["rule"], entry["path"], entry["line"]]:
                if "environments" in entry:
                    assert list(finding.environments) == entry["environments"]
                if "related" in entry:
                    places = {(place.path, line_of(scanned, place)) for place, _ in finding.related}
                    assert (entry["related"]["path"], entry["related"]["line"]) in places


@pytest.fixture(scope="module")
def ruin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop with every fault at once."""
    return build(tmp_path_factory.mktemp("ruin") / "shop", faults())


def test_all_faults_together_apply_and_fail_the_gate(ruin: Path) -> None:
    scanned = scan(ruin)
    assert scanned.report.verdict.gate == "failed"
    assert scanned.report.verdict.execution == "incomplete"
    assert scanned.report.verdict.exit_code == 3
    failed = {key[1] for key in live(scanned) if key[0] == "fail"}
    named = {entry["rule"] for name in NAMES for entry in spec_of(name).get("findings", ())}
    # A binding that cannot be read grants nothing that could be seen.
    disabled = {"rds-keep-backups", "binding-grants-no-secrets"}
    assert named - failed == disabled, "one fault switches the rule of another one off"


def test_all_faults_reversed_leave_the_good_shop(ruin: Path, tmp_path: Path) -> None:
    restored = tmp_path / "shop"
    shutil.copytree(ruin, restored)
    for fault in reversed(faults()):
        patches.apply(fault.read_text(encoding="utf-8"), restored, reverse=True)
    assert tree(restored) == tree(GOOD)


def test_loosened_policy_of_the_head_does_nothing_against_the_base(copy: Path) -> None:
    names = [name for name in NAMES if name.endswith(("policy-loosened", "bucket-opened"))]
    assert len(names) == 2
    for name in names:
        patches.apply(patch_of(name), copy)
    try:
        head, base = scan(copy), scan(copy, policy=str(GOOD))
    finally:
        for name in names:
            patches.apply(patch_of(name), copy, reverse=True)
    assert base.report.verdict.exit_code == 1
    assert "2 findings at or above medium (2 high)." in base.report.verdict.reasons
    assert not any("at or above medium" in reason for reason in head.report.verdict.reasons)


def run(root: str, out: Path, cwd: Path, **environment: str) -> dict[str, bytes]:
    """Every format of a scan in a process of its own."""
    out.mkdir(parents=True)
    formats = ("text", "json", "sarif")
    outputs = [argument for format in formats for argument in ("--output", f"{format}={out / format}")]
    command = [sys.executable, "-m", "linter", "scan", root, "--root", root, "--as-of", AS_OF, "--profile", "full"]
    path = {"PYTHONPATH": str(Path(__file__).parent.parent), "PATH": os.environ["PATH"]}
    done = subprocess.run([*command, *outputs], cwd=cwd, env=path | environment, capture_output=True, check=False)
    assert done.returncode == 3, done.stderr
    return {"printed": done.stdout} | {format: (out / format).read_bytes() for format in formats}


def reordered(source: Path, target: Path) -> None:
    """A copy whose files and folders were made in another order."""
    for path in sorted(source.rglob("*"), reverse=True):
        if path.is_file():
            copied = target / path.relative_to(source)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copied)


def test_same_tree_gives_same_bytes(ruin: Path, tmp_path: Path) -> None:
    first = run(str(ruin), tmp_path / "1", tmp_path, PYTHONHASHSEED="1", LC_ALL="C.UTF-8", COLUMNS="80")
    second = run(
        "shop", tmp_path / "2", ruin.parent, PYTHONHASHSEED="2", LC_ALL="C", LANG="tr_TR.UTF-8", TZ="Asia/Tokyo"
    )
    other = tmp_path / "other" / "shop"
    reordered(ruin, other)
    third = run(".", tmp_path / "3", other, PYTHONHASHSEED="3", PYTHONUTF8="0")
    assert first == second
    assert first == third
    json.loads(first["json"])
    json.loads(first["sarif"])


COMMENT = {
    ".tf": "# moved down\n\n",
    ".tfvars": "# moved down\n\n",
    ".yaml": "# moved down\n\n",
    ".yml": "# moved down\n\n",
}


def _moved(root: Path) -> Iterator[Path]:
    for path in root.rglob("*"):
        if path.suffix in COMMENT:
            path.write_text(COMMENT[path.suffix] + path.read_text(encoding="utf-8"), encoding="utf-8")
            yield path


def test_shifted_lines_keep_fingerprints(ruin: Path, tmp_path: Path) -> None:
    moved = tmp_path / "shop"
    shutil.copytree(ruin, moved)
    assert len(list(_moved(moved))) > 60
    before, after = ([*scan(root).report.findings] for root in (ruin, moved))
    assert {f.fingerprint: (f.rule, f.outcome) for f in before} == {f.fingerprint: (f.rule, f.outcome) for f in after}
    assert len({f.fingerprint for f in before}) == len(before)
    assert [f.place for f in before] != [f.place for f in after]


def test_scan_shop_ends_well_and_says_so(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter((0, 3))
    monkeypatch.setattr(scan_shop, "_scan", lambda folder: next(answers))
    assert scan_shop.main() == 0
    assert "exit code 3" in capfd.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize("wrong", [(0, 0), (1, 3), (0, 1), (0, 2)])
def test_scan_shop_fails_where_the_gate_answers_otherwise(
    wrong: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(wrong)
    monkeypatch.setattr(scan_shop, "_scan", lambda folder: next(answers))
    assert scan_shop.main() == 1


def test_shop_sarif_needs_a_folder() -> None:
    assert shop_sarif.main([]) == 2


class TestPatches:
    """The applier is strict: a patch that does not fit changes nothing."""

    PATCH = "--- a/x.txt\n+++ b/x.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"

    def test_applies_and_reverses(self, tmp_path: Path) -> None:
        file = tmp_path / "x.txt"
        file.write_text("one\ntwo\nthree\n")
        assert patches.apply(self.PATCH, tmp_path) == ["x.txt"]
        assert file.read_text() == "one\n2\nthree\n"
        patches.apply(self.PATCH, tmp_path, reverse=True)
        assert file.read_text() == "one\ntwo\nthree\n"

    def test_finds_its_place_after_lines_moved(self, tmp_path: Path) -> None:
        (tmp_path / "x.txt").write_text("zero\n\none\ntwo\nthree\n")
        patches.apply(self.PATCH, tmp_path)
        assert (tmp_path / "x.txt").read_text() == "zero\n\none\n2\nthree\n"

    @pytest.mark.parametrize(
        "text", ["", "one\nTWO\nthree\n", "x\none\ntwo\nthree\none\ntwo\nthree\n", "one\ntwo\nthree"]
    )
    def test_refuses_what_does_not_fit_one_place(self, text: str, tmp_path: Path) -> None:
        (tmp_path / "x.txt").write_text(text)
        with pytest.raises(patches.PatchError):
            patches.apply(self.PATCH, tmp_path)
        assert (tmp_path / "x.txt").read_text() == text

    def test_creates_and_deletes(self, tmp_path: Path) -> None:
        create = "--- /dev/null\n+++ b/new/y.txt\n@@ -0,0 +1,2 @@\n+a\n+b\n"
        patches.apply(create, tmp_path)
        assert (tmp_path / "new" / "y.txt").read_text() == "a\nb\n"
        with pytest.raises(patches.PatchError, match="already there"):
            patches.apply(create, tmp_path)
        patches.apply(create, tmp_path, reverse=True)
        assert not (tmp_path / "new" / "y.txt").exists()

    @pytest.mark.parametrize(
        "patch",
        [
            "",
            "hello\n",
            "--- a/x.txt\n+++ b/x.txt\n",
            "--- a/../x.txt\n+++ b/../x.txt\n@@ -1 +1 @@\n-one\n+two\n",
            "--- /etc/x\n+++ /etc/x\n@@ -1 +1 @@\n-one\n+two\n",
            "--- a/x.txt\n+++ b/x.txt\n@@ -1,3 +1,3 @@\n one\n-two\n",
            "--- a/x.txt\n+++ b/x.txt\n@@ -1,1 +1,1 @@\n-one\n-two\n+2\n",
        ],
    )
    def test_refuses_malformed_patches(self, patch: str, tmp_path: Path) -> None:
        (tmp_path / "x.txt").write_text("one\ntwo\nthree\n")
        with pytest.raises(patches.PatchError):
            patches.apply(patch, tmp_path)
        assert (tmp_path / "x.txt").read_text() == "one\ntwo\nthree\n"
