"""`opslint scan --fix` as people use it, and as somebody hostile would like it to be used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from linter.cli import fixing
from linter.files import WriteError, rewrite
from linter.fixes.plan import Plan
from tests import support

REPOSITORY = Path(__file__).resolve().parent.parent.parent
KEY = 'resource "aws_kms_key" "k" {\n  enable_key_rotation = false\n}\n'
MENDED = KEY.replace("false", "true")
PUBLIC = 'resource "aws_instance" "i" {\n  ami = "ami-1"\n}\n'


class Answer(NamedTuple):
    code: int
    out: str
    err: str


def opslint(root: Path, *arguments: str) -> Answer:
    command = [
        sys.executable,
        "-c",
        "from linter.cli.start import main; main()",
        "scan",
        "--root",
        str(root),
        *arguments,
    ]
    env = {"PYTHONPATH": str(REPOSITORY), "PATH": os.environ["PATH"]}
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, check=False)
    return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())


def fix(root: Path, *arguments: str, rule: str = "kms-rotate-keys") -> Answer:
    return opslint(root, "--rule", rule, "--fail-on", "info", "--allow-empty", "--fix", *arguments)


def test_it_mends_and_answers_for_what_is_left(tmp_path: Path) -> None:
    root = support.write(tmp_path, {"a/main.tf": KEY, "b.tf": MENDED, "c.tf": KEY.replace('"k"', '"l"')})
    os.chmod(root / "c.tf", 0o750)
    answer = fix(root)
    assert (root / "a/main.tf").read_text() == MENDED
    assert answer.code == 0 and answer.err == "opslint: fixed 2 findings in 2 files, 0 remaining\n"
    assert "gate: passed" in answer.out
    assert os.stat(root / "c.tf").st_mode & 0o777 == 0o750
    assert sorted(path.name for path in root.rglob("*")) == ["a", "b.tf", "c.tf", "main.tf"]
    again = fix(root)
    assert again.code == 0 and "fixed 0 findings" in again.err


def test_unsafe_fixes_wait_until_they_are_asked_for(tmp_path: Path) -> None:
    root = support.write(tmp_path, {"main.tf": PUBLIC})
    answer = fix(root, rule="ec2-require-imdsv2")
    assert answer.code == 1 and (root / "main.tf").read_text() == PUBLIC
    assert answer.err == "opslint: fixed 0 findings in 0 files, 1 remaining (1 more fix with --unsafe-fixes)\n"
    answer = fix(root, "--unsafe-fixes", rule="ec2-require-imdsv2")
    assert answer.code == 0 and "http_tokens" in (root / "main.tf").read_text()


def test_a_diff_changes_nothing(tmp_path: Path) -> None:
    root = support.write(tmp_path, {"main.tf": KEY})
    for arguments in (("--fix", "--diff"), ("--diff",)):
        answer = opslint(root, "--rule", "kms-rotate-keys", "--fail-on", "info", *arguments)
        assert (root / "main.tf").read_text() == KEY
        assert answer.code == 1 and answer.err == "opslint: would fix 1 finding in 1 file\n"
        assert answer.out == (
            '--- a/main.tf\n+++ b/main.tf\n@@ -1,3 +1,3 @@\n resource "aws_kms_key" "k" {\n'
            "-  enable_key_rotation = false\n+  enable_key_rotation = true\n }\n"
        )


def test_unsafe_fixes_alone_are_a_mistake(tmp_path: Path) -> None:
    answer = opslint(support.write(tmp_path, {"main.tf": KEY}), "--unsafe-fixes")
    assert answer.code == 2 and "--unsafe-fixes goes with --fix" in answer.err


def test_only_what_is_in_scope_is_mended(tmp_path: Path) -> None:
    root = support.write(tmp_path, {"a/main.tf": KEY, "b/main.tf": KEY})
    assert fix(root, str(root / "a")).code == 0
    assert (root / "a/main.tf").read_text() == MENDED and (root / "b/main.tf").read_text() == KEY


def test_waived_and_unknown_stay(tmp_path: Path) -> None:
    waiver = {"rule": "kms-rotate-keys", "path": "a.tf", "reason": "Nothing is stored under it.", "owner": "x",
              "expires": "2999-01-01"}  # fmt: skip
    unknown = 'variable "x" {}\nresource "aws_kms_key" "k" {\n  enable_key_rotation = var.x\n}\n'
    root = support.write(tmp_path, {"opslint.yaml": json.dumps({"waivers": [waiver]}), "a.tf": KEY, "b/c.tf": unknown})
    answer = fix(root, "--as-of", "2998-12-01")
    assert (root / "a.tf").read_text() == KEY and (root / "b/c.tf").read_text() == unknown
    assert "fixed 0 findings" in answer.err


def test_marks_breaks_and_characters_are_kept(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbf" + KEY.replace("\n", "\r\n").encode() + "# über 🚀\r\n".encode()
    root = support.write(tmp_path, {"main.tf": text})
    assert fix(root).code == 0
    assert (root / "main.tf").read_bytes() == text.replace(b"false", b"true")


@pytest.mark.parametrize("data", [KEY.encode("utf-16"), KEY.encode() + b"# \xff\n", KEY.encode() + b'resource "x" {\n'])
def test_files_that_are_not_wholly_read_are_left_alone(tmp_path: Path, data: bytes) -> None:
    root = support.write(tmp_path, {"main.tf": data})
    fix(root)
    assert (root / "main.tf").read_bytes() == data


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = support.write(tmp_path / "outside", {"main.tf": KEY})
    root = support.write(tmp_path / "root", {"real/main.tf": KEY})
    os.symlink(outside / "main.tf", root / "linked.tf")
    os.symlink(outside, root / "folder")
    os.symlink("real", root / "inside")
    fix(root)
    assert (outside / "main.tf").read_text() == KEY
    assert (root / "real/main.tf").read_text() == MENDED
    assert (root / "linked.tf").is_symlink() and (root / "inside").is_symlink()


def test_read_only_files_are_told_and_nothing_else_stops(tmp_path: Path) -> None:
    root = support.write(tmp_path, {"a/main.tf": KEY, "b/main.tf": KEY})
    os.chmod(root / "a/main.tf", 0o444)
    answer = fix(root)
    assert answer.code == 2 and "not written: a/main.tf: it is read-only" in answer.err
    assert (root / "a/main.tf").read_text() == KEY and (root / "b/main.tf").read_text() == MENDED
    assert "fixed 1 finding in 1 file, 1 remaining" in answer.err


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = support.write(tmp_path, {"main.tf": KEY})
    plan = Plan.mendings

    def slow(self: Plan, unsafe: bool) -> Any:
        found = plan(self, unsafe)
        (root / "main.tf").write_text("# mine\n" + KEY)
        return found

    monkeypatch.setattr(Plan, "mendings", slow)
    options = {"paths": (str(root),), "root": str(root), "unsafe_fixes": False, "diff": False}
    done = fixing.fix(lambda: support.scanned(root, "kms-rotate-keys"), options, lambda _: None)
    assert done.refused == ("main.tf: it has changed since it was read, or is not UTF-8",)
    assert (root / "main.tf").read_text() == "# mine\n" + KEY


def test_the_writer_refuses_what_changed_and_links_on_the_way(tmp_path: Path) -> None:
    root = support.write(tmp_path, {"a/file": "old", "real/file": "old"})
    os.symlink("real", root / "link")
    os.symlink("real/file", root / "file")
    rewrite(str(root), "a/file", b"old", b"new")
    assert (root / "a/file").read_text() == "new"
    for path, old in (
        ("a/file", b"old"),
        ("link/file", b"old"),
        ("file", b"old"),
        ("a/none", b""),
        ("a/../real/file", b"x"),
    ):
        with pytest.raises(WriteError):
            rewrite(str(root), path, old, b"evil")
    assert (root / "real/file").read_text() == "old" and (root / "a/file").read_text() == "new"


def test_a_huge_file_takes_no_longer_than_reading_it(tmp_path: Path) -> None:
    blocks = "".join(KEY.replace('"k"', f'"k{number}"') for number in range(2000))
    root = support.write(tmp_path, {"main.tf": blocks})
    answer = fix(root)
    assert answer.code == 0 and "fixed 2000 findings in 1 file" in answer.err
    assert (root / "main.tf").read_text() == blocks.replace("false", "true")


def test_many_findings_of_one_workflow_take_linear_time(tmp_path: Path) -> None:
    """Each looks at what comes after it: 4,000 of them would take minutes if it looked at all of that."""
    steps = "      - uses: actions/checkout@v4\n      - run: echo '${{ github.head_ref }}'\n" * 2000
    updates = "  - package-ecosystem: npm\n    directory: /\n    schedule: {interval: daily}\n" * 2000
    workflow = f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{steps}"
    files = {".github/workflows/a.yml": workflow, ".github/dependabot.yml": f"version: 2\nupdates:\n{updates}"}
    root = support.write(tmp_path, files)
    start = time.process_time()
    support.scanned(root, "gha-no-persisted-credentials", "gha-no-template-injection", "dependabot-cooldown").plan()
    assert time.process_time() - start < 30


def test_fixes_that_touch_wait_for_the_next_round(tmp_path: Path) -> None:
    """Two rules that both add the first attribute of a block."""
    text = 'resource "aws_iam_account_password_policy" "p" {\n}\n'
    root = support.write(tmp_path, {"main.tf": text})
    answer = opslint(
        root, "--rule", "iam-password-length", "--rule", "iam-password-number", "--rule", "iam-password-symbol", "--fix"
    )
    assert answer.code == 0 and "fixed 3 findings in 1 file, 0 remaining" in answer.err
    assert (root / "main.tf").read_text().count("=") == 3


def test_a_plain_scan_knows_nothing_of_fixes(tmp_path: Path) -> None:
    support.write(tmp_path, {"main.tf": KEY})
    code = (
        "import sys\nfrom linter.cli.options import plain\nfrom linter.cli.work import scan_and_report\n"
        f"scan_and_report(plain(['--root', {str(tmp_path)!r}, {str(tmp_path)!r}]), [], False, lambda _: None, {{}})\n"
        "assert not [name for name in sys.modules if name.startswith('linter.fixes')], sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True, capture_output=True)
