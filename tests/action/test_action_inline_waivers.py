"""Inline waivers on pull requests: the Action brings the base's files that hold any, and no others."""

from __future__ import annotations

from pathlib import Path

from action_runner import Runner
from test_action import REAL, Repository, seen, stub

from linter.policy import MARKERS

WAIVED = """\
resource "aws_iam_account_password_policy" "a" {
  minimum_password_length   = 8 # opslint:ignore=iam-password-length reason="the directory decides"
  password_reuse_prevention = 24
}
"""


def based(tmp_path: Path, files: dict[str, str]) -> Repository:
    """A repository whose base commit has these files too."""
    made = Repository(tmp_path)
    for path, text in files.items():
        made.write(path, text)
    made.base = made.commit("base with more")
    from action_runner import git

    git(made.work, "push", "-q", str(tmp_path / "origin.git"), "main")
    return made


def test_files_with_inline_waivers_come_along(tmp_path: Path) -> None:
    files = {f"a b/{number}.tf": f"# {marker}x\n" for number, marker in enumerate(MARKERS)}
    repository = based(tmp_path, files | {"plain.tf": "locals {}\n"})
    runner = stub(tmp_path, repository)
    ran = runner.run()
    assert ran.code == 0, ran.log
    found = seen(runner)["policy"]
    assert {path: text for path, text in found.items() if path.endswith(".tf")} == files


def test_a_waiver_of_the_base_counts_and_a_new_one_does_not(tmp_path: Path) -> None:
    repository = based(tmp_path, {"main.tf": WAIVED, "opslint.yaml": "gate: {fail-on: info}\n"})
    repository.write("main.tf", "# a remark\n" + WAIVED)
    repository.commit("head")
    ran = Runner(tmp_path, repository.work, repository.github(), REAL).run({"args": "--rule\niam-password-length"})
    assert ran.code == 0, ran.log
    repository.write("main.tf", WAIVED.replace("= 8", "= 7"))
    repository.commit("another head")
    again = tmp_path / "again"
    again.mkdir()
    ran = Runner(again, repository.work, repository.github(), REAL).run({"args": "--rule\niam-password-length"})
    assert ran.code == 1, ran.log
    assert "is new or was moved" in ran.log
