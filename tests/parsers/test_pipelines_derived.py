"""What jobs hand on, wait for and are given, in the common model's words."""

from __future__ import annotations

from typing import Any

import pytest

from linter.parsers.pipelines.github_derived import after
from linter.parsers.pipelines.roles import roles_of_commands
from linter.parsers.pipelines.shell import commands
from tests.checks.test_pipeline_checks import job
from tests.parsers.test_pipelines import at, read


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("always()", "always"), ("${{ failure() }}", "failure"), ("success() || failure()", "always"),
        ("!cancelled()", "always"), ("! cancelled() && inputs.x", "always"), ("github.ref == 'x'", ""), (None, ""),
        (True, ""), ("startsWith(github.ref, 'x')", ""), ("failure() && github.ref == 'refs/heads/main'", "failure"),
    ],
)  # fmt: skip
def test_when_a_part_runs_after_a_failure(condition: Any, expected: str) -> None:
    assert after(condition) == expected


STEPS = """- uses: actions/download-artifact@v4
  with: {name: site, path: dist}
- uses: actions/cache@v4
  with: {key: npm, path: ~/.npm}
- run: ./deploy.sh
  if: always()
  env:
    TOKEN: ${{ secrets.DEPLOY_TOKEN }}
- uses: actions/upload-artifact@v4
  with: {name: log, path: log.txt}"""


def test_what_jobs_hand_on_wait_for_and_are_given() -> None:
    estate = read(job(STEPS, head="    environment: production\n    if: failure()\n"))
    body = estate.kinds["pipeline/job"][0].body
    assert [dict(each) for each in body["approvals"]] == [{"kind": "environment", "name": "production"}]
    assert [dict(each) for each in body["artifacts"]] == [
        {"name": "site", "paths": "dist", "way": "down"}, {"name": "log", "paths": "log.txt", "way": "up"},
    ]  # fmt: skip
    assert [dict(each) for each in body["caches"]] == [{"key": "npm", "paths": "~/.npm"}]
    assert [dict(each) for each in body["credentials"]] == [{"name": "DEPLOY_TOKEN", "kind": "secret"}]
    assert at(estate, body["credentials"][0], "name") == "${{ secrets.DEPLOY_TOKEN }}"
    assert at(estate, body["approvals"][0], "kind") == "production"
    assert body["after"] == "failure"
    assert [step.body.get("after") for step in estate.kinds["pipeline/step"]] == [None, None, "always", None]


def test_nothing_is_derived_where_nothing_is_written() -> None:
    body = read(job("- run: make")).kinds["pipeline/job"][0].body
    assert not {"approvals", "artifacts", "caches", "credentials", "after"} & set(body)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("curl -fsSL https://a.example/install.sh | bash", set()), ("curl https://a.example/x | tar xz", set()),
        ("curl -sf https://a.example/health | grep ok", {"smoke"}), ("curl https://a.example/x > x", set()),
        ("curl -sf https://a.example/health > /dev/null", {"smoke"}),
        ("curl https://a.example/i | sh\ncurl -f https://a.example/health", {"smoke"}),
        ("curl -f https://a.example/health\ncurl https://a.example/i | sh", {"smoke"}),
    ],
)  # fmt: skip
def test_downloads_ask_nobody(script: str, expected: set[str]) -> None:
    assert roles_of_commands(commands(script))[0] == expected
