"""cicd-goat: what it plants and a file can show is found where it stands; every pipeline has its stages and steps.

cicd_goat.csv lists the flaws of its eleven challenges: the file and line that show each and the rule that says so there,
or why no file of the tree can show it.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pytest

from linter.model import Resource
from tests.support import Scan, scanned

GOAT = Path(__file__).parents[3] / "shared" / "corpora" / "cicd-goat"
ROWS = list(csv.DictReader(Path(__file__).with_name("cicd_goat.csv").read_text().splitlines()))
CHALLENGES = {
    "White Rabbit", "Mad Hatter", "Duchess", "Caterpillar", "Cheshire Cat", "Twiddledum", "Dodo", "Hearts", "Dormouse",
    "Mock Turtle", "Gryphon",
}  # fmt: skip


@cache
def goat() -> Scan:
    return scanned(GOAT)


@cache
def found() -> frozenset[tuple[str, str, int]]:
    return frozenset(
        (finding.rule, finding.place.path, finding.place.start_line)
        for finding in goat().report.findings
        if finding.outcome == "fail"
    )


def test_every_challenge_is_accounted_for() -> None:
    assert {row["challenge"] for row in ROWS} == CHALLENGES
    for row in ROWS:
        shown = bool(row["file"] and row["line"] and row["rule"])
        assert shown != bool(row["why not"]), row


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row["rule"]], ids=lambda row: f"{row['challenge']}-{row['rule']}"
)
def test_what_a_file_shows_is_found(row: dict[str, str]) -> None:
    assert (row["rule"], row["file"], int(row["line"])) in found()


def parts(kind: str, path: str) -> list[Resource]:
    return [each for each in goat().estate.of_kind(kind) if each.unit.path == path]


PIPELINES = {
    "gitea/repositories/caterpillar/Jenkinsfile": (5, 5, {"flag2"}),
    "gitea/repositories/cheshire-cat/Jenkinsfile": (4, 4, set()),
    "gitea/repositories/dormouse/Jenkinsfile": (4, 5, {"flag9"}),
    "gitea/repositories/mad-hatter-pipeline/Jenkinsfile": (5, 5, {"flag3"}),
    "gitea/repositories/mock-turtle/Jenkinsfile": (1, 1, {"mock-turtle-token"}),
    "gitea/repositories/reportcov/Jenkinsfile": (5, 7, set()),
    "gitea/repositories/white-rabbit/Jenkinsfile": (4, 4, set()),
    "gitlab/repositories/awesome-app/.gitlab-ci.yml": (2, 9, {"TOKEN"}),
    "gitlab/repositories/nest-of-gold/.gitlab-ci.yml": (2, 16, {"SSH_KEY", "TOKEN"}),
}
"""Path → jobs, steps, and names of credentials that jobs are given."""


def test_all_pipelines_are_known() -> None:
    written = {
        path.relative_to(GOAT).as_posix() for path in (*GOAT.rglob("Jenkinsfile"), *GOAT.rglob(".gitlab-ci.yml"))
    }
    assert written == set(PIPELINES)


@pytest.mark.parametrize("path", PIPELINES)
def test_pipelines_have_their_stages_steps_and_credentials(path: str) -> None:
    jobs, steps, names = PIPELINES[path]
    assert len(parts("pipeline/pipeline", path)) == 1
    assert len(parts("pipeline/job", path)) == jobs
    assert len(parts("pipeline/step", path)) == steps
    given = {str(each["name"]) for job in parts("pipeline/job", path) for each in job.body.get("credentials", ())}
    assert names <= given


def test_nothing_of_it_is_left_unread() -> None:
    assert not [each for each in goat().report.failures if each.place.path in PIPELINES]
