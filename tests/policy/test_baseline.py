"""The baseline: what is known fails no gate, what is new does, and nothing a scanned tree says changes that."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from policy_makers import TODAY, WAIVER, finding, place, settings

from linter.config import ConfigError
from linter.digests import digested
from linter.engine.findings import fingerprint, identity
from linter.model import FAIL, UNKNOWN, Finding
from linter.policy import gate
from linter.policy.baseline import match, record
from linter.policy.baseline_file import read, written
from linter.report import Counts, Recorded
from linter.schemas import schema
from tests.support import write

REPOSITORY = Path(__file__).resolve().parents[2]
FILE = ".opslint-baseline.json"
OPEN = """resource "aws_security_group" "web" {
  ingress {
    description = "shell"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""
MORE = OPEN.replace('"web"', '"api"')


def of(rule: str = "r", path: str = "a.tf", natural: str = "x\0", ordinal: int = 1, outcome: str = FAIL) -> Finding:
    return finding(
        rule, place=place(path), outcome=outcome, fingerprint=fingerprint(rule, path, natural, ordinal),
        identity=identity(rule, path, natural, ordinal),
    )  # fmt: skip


def known(findings: list[Finding], entries: tuple[Recorded, ...], paths: tuple[str, ...] = ("a.tf",)) -> list[bool]:
    return [each.known for each in match(findings, entries, lambda id: {"old": "r"}.get(id, id), paths).findings]


drawn = st.lists(
    st.builds(
        of, st.sampled_from(["r", "s"]), st.sampled_from(["a.tf", "b.tf"]), st.sampled_from(["x\0", "y\0z"]),
        st.integers(1, 3), st.sampled_from([FAIL, UNKNOWN]),
    ),
    max_size=12,
)  # fmt: skip


@given(drawn, st.data())
def test_the_gate_counts_exactly_the_complement(findings: list[Finding], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(range(len(findings))), unique=True)) if findings else []
    entries = record([findings[index] for index in sorted(chosen) if findings[index].outcome == FAIL], False)
    entries = read("b", written(entries).encode()).entries
    matched = match(findings, entries, lambda id: id, ("a.tf", "b.tf"))
    failed = [each for each in matched.findings if each.outcome == FAIL]
    new = [each for each in failed if not each.known]
    recorded = [index for index in chosen if findings[index].outcome == FAIL]
    assert len(new) == len(failed) - len(recorded)
    assert matched.left == ()
    verdict = gate.decide(
        matched.findings, (), settings(), (), Counts(artifacts_found=1, artifacts_analysed=1), False, TODAY,
        compared=True,
    )  # fmt: skip
    assert verdict.exit_code == int(bool(new))
    assert verdict.reasons == (
        (f"{len(new)} new finding{'s' * (len(new) > 1)} at or above high ({len(new)} high).",) if new else ()
    )


def test_an_entry_covers_one_finding_and_two_that_say_so_cover_two() -> None:
    twice = [of(), of()]
    assert known(twice, record(twice[:1], False)) == [True, False]
    assert [entry.number for entry in record(twice, False)] == [2]
    assert known([of(), of(), of()], record(twice, False)) == [True, True, False]


def test_moved_files_and_renamed_rules_are_known_and_copies_are_new() -> None:
    moved = [of(path="b/a.tf")]
    assert known(moved, record([of()], False), ("b/a.tf",)) == [True]
    assert known(moved, record([of()], False), ("a.tf", "b/a.tf")) == [False]
    assert known([of(natural="y\0")], record([of()], False), ()) == [False]
    assert known([of()], record([of("old")], False)) == [True]
    assert known([of(path="b.tf")], record([of("old")], False), ("b.tf",)) == [True]
    assert known([of("s")], record([of("old")], False)) == [False]


def test_findings_of_other_tools_move_with_their_file() -> None:
    def foreign(path: str) -> Finding:
        text = f"opslint/v1\0checkov\0CKV_AWS_1\0{path}\0aws_x.y\0z"
        return finding("checkov.ckv-aws-1", place=place(path), identity=text, fingerprint=digested(text))

    assert known([foreign("b.tf")], record([foreign("a.tf")], False), ("b.tf",)) == [True]


def test_an_entry_that_says_another_rule_or_file_than_it_covers_covers_nothing() -> None:
    (entry,) = record([of()], False)
    assert known([of()], (entry._replace(rule="harmless"),)) == [False]
    assert known([of()], (entry._replace(path="docs/a.md"),), ("a.tf", "docs/a.md")) == [False]


def test_a_known_failure_that_becomes_unknown_is_new_and_so_is_the_reverse() -> None:
    failed, undecided = of(), of(outcome=UNKNOWN)
    assert known([undecided], record([failed], True)) == [False]
    assert known([failed], record([undecided], True)) == [False]
    assert known([undecided], record([undecided], True)) == [True]
    strict = settings("gate: {unknown: fail}")
    for marked, code in ((undecided, 1), (undecided._replace(known=True), 0)):
        counts = Counts(artifacts_found=1, artifacts_analysed=1)
        assert gate.decide([marked], (), strict, (), counts, False, TODAY, compared=True).exit_code == code


def test_waived_findings_are_not_recorded() -> None:
    assert record([of()._replace(waiver=WAIVER), of(outcome=UNKNOWN)], False) == ()


def test_the_file_fits_its_schema_sorted_and_without_words() -> None:
    text = written(record([of("s"), of(), of(), of(path="b\u202e.tf", outcome=UNKNOWN)], True))
    validator = Draft202012Validator(schema("baseline"))
    assert list(validator.iter_errors(json.loads(text))) == []
    assert list(validator.iter_errors({"version": 2})) != []
    assert "port 22" not in text and "\u202e" not in text
    assert [entry["rule"] for entry in json.loads(text)["findings"]] == ["r", "s"]
    assert written(read("b", text.encode()).entries) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "b:1: this is no JSON"), ("[]", "b:1: this is no baseline"), ('{"version": 1}', "`findings` is missing"),
        ('{"version": 2, "findings": []}', "version 2 is not read"), ("[" * 5000, "no JSON"),
        ('{"version": 1,\n"findings": [\n{"path": "a"}]}', "b:3: the entry has no rule"),
        ('{"version": 1, "findings": [], "more": 1}', "unknown key 'more'"),
        ('{"version": 1,\n<<<<<<< ours\n"findings": []}', "b:2: a merge left its conflict"),
        ('{"version": 1, "findings": {}}', "must be a list"),
    ],
)  # fmt: skip
def test_what_is_no_baseline_is_told_with_its_line(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as told:
        read("b", text.encode())
    assert words in str(told.value)


# The command


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and what is printed, of the command in a process of its own."""
    command = [sys.executable, "-m", "linter", *arguments]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_from_nothing_to_a_pruned_baseline(tmp_path: Path) -> None:
    root = write(tmp_path, {"main.tf": OPEN, "opslint.yaml": "version: 1\n"})
    assert run("scan", "--root", str(root), str(root))[0] == 1
    assert run("baseline", "create", str(root))[0] == 0
    first = (root / FILE).read_bytes()
    code, text = run("scan", str(root))
    assert code == 0 and text.startswith("0 new findings; ") and "sg-no-world-ssh" not in text
    assert run("scan", str(root), "--no-baseline")[0] == 1
    assert "known  sg-no-world-ssh" in run("scan", str(root), "--verbose")[1]
    assert run("baseline", "create", str(root))[0] == 2
    write(root, {"main.tf": "# a line\n\n" + OPEN + MORE})
    code, text = run("scan", str(root))
    assert code == 1 and "1 new finding at or above high (1 critical)" in text and ' "api"' in text
    assert run("baseline", "prune", str(root))[0] == 0 and (root / FILE).read_bytes() == first
    assert run("baseline", "update", str(root))[0] == 0 and run("scan", str(root))[0] == 0
    write(root, {"main.tf": MORE})
    assert "no longer found" in run("scan", str(root))[1]
    assert run("baseline", "prune", "--check", str(root))[0] == 1
    assert run("baseline", "prune", str(root))[0] == 0
    assert "aws_security_group.web" not in (root / FILE).read_text()
    assert "sg-no-world-ssh" in run("baseline", "show", "--policy", str(root), "--file", str(root / FILE))[1]


def test_the_trees_own_baseline_does_not_count_with_a_policy_from_elsewhere(tmp_path: Path) -> None:
    root, policy = write(tmp_path / "tree", {"main.tf": OPEN}), write(tmp_path / "policy", {"opslint.yaml": ""})
    assert run("baseline", "create", str(root))[0] == 0
    named = str(root / FILE)
    for more in ((), ("--baseline", named)):
        code, text = run("scan", str(root), "--policy", str(policy), *more)
        assert code == 1 and f"{FILE} differs from the baseline in force" in text
    (root / "link.json").symlink_to(named)
    assert run("scan", str(root), "--policy", str(policy), "--baseline", str(root / "link.json"))[0] == 1
    shutil.copy(named, policy / FILE)
    assert run("scan", str(root), "--policy", str(policy))[0] == 0
    (root / FILE).unlink()
    assert run("scan", str(root), "--policy", str(policy), "--baseline", named)[0] == 0


def test_the_trusted_commits_baseline_counts(tmp_path: Path) -> None:
    root = write(tmp_path, {"main.tf": OPEN, "opslint.yaml": "version: 1\n"})
    git = ["git", "-C", str(root), "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "base"]):
        subprocess.run([*git, *words], check=True)
    assert run("baseline", "create", str(root))[0] == 0
    assert run("scan", str(root))[0] == 0
    assert run("scan", str(root), "--trusted-ref", "HEAD")[0] == 1
    for words in (["add", "-A"], ["commit", "-q", "-m", "known"]):
        subprocess.run([*git, *words], check=True)
    assert run("scan", str(root), "--trusted-ref", "HEAD")[0] == 0


def test_nothing_goes_green_on_a_bad_baseline(tmp_path: Path) -> None:
    root = write(tmp_path, {"main.tf": OPEN, "opslint.yaml": "baseline: known.json\n"})
    assert run("scan", str(root))[0] == 2
    for text in ("{}", "", '{"version": 1, "findings": [1]}'):
        write(root, {"known.json": text})
        code, told = run("scan", str(root))
        assert code == 2 and "known.json:1: " in told
    assert run("scan", str(root), "--baseline", str(root / "missing.json"))[0] == 2


def test_a_baseline_of_another_root_is_incomplete(tmp_path: Path) -> None:
    root = write(tmp_path, {"infra/main.tf": OPEN})
    assert run("baseline", "create", "--root", str(root), str(root))[0] == 0
    inner = str(root / "infra")
    code, text = run("scan", "--root", inner, inner, "--baseline", str(root / FILE))
    assert code == 3 and "baseline-of-another-root" in text and "gate: failed" in text


def test_an_incomplete_run_takes_nothing_out(tmp_path: Path) -> None:
    root = write(tmp_path, {"main.tf": OPEN, "b.tf": MORE})
    assert run("baseline", "create", str(root))[0] == 0
    before = (root / FILE).read_bytes()
    write(root, {"main.tf": 'resource "aws_security_group" "web" {\n  a = [\n'})
    for verb in ("prune", "update"):
        assert run("baseline", verb, str(root))[0] == 3
    assert (root / FILE).read_bytes() == before


def test_what_cannot_be_waived_is_in_no_baseline(tmp_path: Path) -> None:
    root = write(tmp_path, {"main.tf": OPEN})
    assert run("baseline", "create", str(root))[0] == 0
    write(root, {"opslint.yaml": "non-waivable: [sg-no-world-ssh]\n"})
    code, text = run("scan", str(root))
    assert code == 1 and "the entries of sg-no-world-ssh cover nothing" in text
    assert run("baseline", "update", str(root))[0] == 0
    assert "sg-no-world-ssh" not in (root / FILE).read_text()


def test_known_findings_keep_controls_from_being_met(tmp_path: Path) -> None:
    root = write(tmp_path, {"main.tf": OPEN})
    before = json.loads(run("checklist", str(root), "--framework", "soc2", "--format", "json")[1])
    assert run("baseline", "create", "--framework", "soc2", str(root))[0] == 0
    after = json.loads(run("checklist", str(root), "--framework", "soc2", "--format", "json")[1])
    assert before["controls"] == after["controls"]
    assert "a baseline is no compliance" in run("checklist", str(root), "--framework", "soc2")[1]


def test_every_format_says_what_is_known_new_and_gone(tmp_path: Path) -> None:
    root = write(tmp_path / "t", {"main.tf": OPEN, "gone.tf": MORE})
    assert run("baseline", "create", str(root))[0] == 0
    (root / "gone.tf").unlink()
    write(root, {"new.tf": OPEN.replace('"web"', '"new"')})
    states = {}
    for profile in ("github", "full"):
        log = json.loads(run("scan", str(root), "--format", "sarif", "--profile", profile)[1])
        results = [each for each in log["runs"][0]["results"] if each.get("kind") != "pass"]
        states[profile] = {
            (each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], each["baselineState"])
            for each in results
            if each["ruleId"] == "sg-no-world-ssh"
        }
    assert states["github"] == {("main.tf", "unchanged"), ("new.tf", "new")}
    assert states["full"] == states["github"] | {("gone.tf", "absent")}
    document = json.loads(run("scan", str(root), "--format", "json")[1])
    assert list(Draft202012Validator(schema("report")).iter_errors(document)) == []
    found = {
        each["place"]["path"]: each["known"]
        for each in document["findings"]
        if each["rule"] == "sg-no-world-ssh" and each["outcome"] == "fail"
    }
    assert found == {"main.tf": True, "new.tf": False}
    assert {each["path"] for each in document["baseline"]["absent"]} == {"gone.tf"}
    assert "main.tf" not in run("scan", str(root), "--format", "github-annotations")[1]
    summary = run("scan", str(root), "--format", "github-summary")[1]
    assert "new findings" in summary and "<summary>Known: " in summary
