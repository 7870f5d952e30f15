"""The GitLab pipelines of the CI/CD goat: their stages, steps and credentials, and what a file can show of its flaws."""

from __future__ import annotations

from pathlib import Path

from tests.support import PACK, scanned

GOAT = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "cicd-goat" / "gitlab" / "repositories"


def test_every_pipeline_is_read_with_its_stages_steps_and_credentials() -> None:
    from linter.engine.estate import read_estate

    reading = read_estate(str(GOAT), {}, lambda _: None, {})
    assert reading.failures == []
    jobs = {
        job.address.removesuffix("-job"): (
            job.body["stage"], job.body["parts"], [each["name"] for each in job.body.get("credentials", ())]
        )
        for job in reading.estate.of_kind("pipeline/job")
        if job.context["pipeline"]["platform"] == "gitlab"
    }  # fmt: skip
    assert jobs == {
        "awesome-app/.gitlab-ci.yml#test": ("test", 5, []),
        "awesome-app/.gitlab-ci.yml#release": ("release", 4, ["TOKEN"]),
        "nest-of-gold/.gitlab-ci.yml#test": ("test", 6, []),
        "nest-of-gold/.gitlab-ci.yml#deploy": ("deploy", 10, ["SSH_KEY", "TOKEN"]),
    }


def test_the_flaws_that_the_files_show_are_found() -> None:
    rules = [id for id in PACK.ids if id.startswith("glc-")] + ["deploy-from-protected-ref"]
    found = {
        (finding.place.path.split("/")[0], finding.rule)
        for finding in scanned(GOAT, *rules).report.findings
        if finding.outcome == "fail" and finding.place.path.endswith(".gitlab-ci.yml")
    }
    assert found == {
        ("awesome-app", "glc-no-privileged-dind"), ("awesome-app", "glc-password-by-stdin"),
        ("nest-of-gold", "glc-password-by-stdin"), ("nest-of-gold", "deploy-from-protected-ref"),
    }  # fmt: skip
