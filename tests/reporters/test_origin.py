"""Provenance from the environment of GitHub Actions."""

from __future__ import annotations

import json

import pytest
from report_sample import report

from linter.reporters.origin import origin
from linter.reporters.sarif import render

RUN = {
    "GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "o/my-repo.x",
    "GITHUB_SHA": "0" * 40, "GITHUB_REF_NAME": "7/merge", "GITHUB_HEAD_REF": "topic",
}  # fmt: skip


def test_a_pull_requests_branch_is_its_head() -> None:
    assert origin(RUN) == {"repository": "https://github.com/o/my-repo.x", "revision": "0" * 40, "branch": "topic"}
    assert origin(RUN | {"GITHUB_HEAD_REF": ""})["branch"] == "7/merge"


@pytest.mark.parametrize(
    "changes",
    [{"GITHUB_ACTIONS": ""}, {"GITHUB_SERVER_URL": "javascript:x"}, {"GITHUB_REPOSITORY": "a)b(c/d"}, {"GITHUB_REPOSITORY": ""}],
)  # fmt: skip
def test_nothing_where_the_environment_is_none_of_github(changes: dict[str, str]) -> None:
    assert origin(RUN | changes) == {}


@pytest.mark.parametrize("branch", ["$(touch x)", "a\x1b[31m", "a\u202eb", "x';--", "\udcff", "a%0Ab"])
def test_a_branchs_name_is_only_text(branch: str) -> None:
    text = render(report(), origin(RUN | {"GITHUB_HEAD_REF": branch}))
    written = json.loads(text)["runs"][0]["versionControlProvenance"][0]["branch"]
    assert written.isprintable()
    assert written.encode()
