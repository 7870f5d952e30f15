"""The folders that the steps of each system run in."""

from __future__ import annotations

import pytest

from linter.engine.proof import scan_files
from linter.rules import open_pack

ROOT = 'terraform {\n  backend "s3" {\n    bucket = "state"\n    key    = "k"\n    region = "eu-west-1"\n  }\n}\n'


def gitlab(*entries: str) -> dict[str, str]:
    return {".gitlab-ci.yml": "apply:\n  script:\n" + "".join(f"    - {entry}\n" for entry in entries)}


def jenkins(steps: str) -> dict[str, str]:
    return {"Jenkinsfile": f"pipeline {{ agent any\nstages {{ stage('apply') {{ steps {{\n{steps}\n}} }} }} }}\n"}


def azure(steps: str) -> dict[str, str]:
    return {"azure-pipelines.yml": f"steps:\n{steps}\n"}


@pytest.mark.parametrize(
    ("files", "outcomes"),
    [
        (gitlab("cd infra/app", "terraform apply plan"), {"pass"}), (gitlab("terraform apply plan"), {"fail"}),
        (gitlab("cd infra && cd app", "terraform apply plan"), {"pass"}),
        (gitlab("(cd infra/app && terraform init)", "terraform apply plan"), {"fail"}),
        (gitlab('cd "$WHERE"', "terraform apply plan"), {"unknown"}),
        (gitlab("cd infra/app", "popd", "terraform apply plan"), {"unknown"}),
        (jenkins("dir('infra/app') {\nsh 'terraform apply plan'\n}"), {"pass"}),
        (jenkins("dir('infra') {\ndir('app') {\nsh 'terraform apply plan'\n}\n}"), {"pass"}),
        (jenkins('dir("${WHERE}") {\nsh \'terraform apply plan\'\n}'), {"unknown"}),
        (jenkins("dir('infra/app') {\nsh 'terraform init'\n}\nsh 'terraform apply plan'"), {"fail"}),
        (azure("- script: terraform apply plan\n  workingDirectory: infra/app"), {"pass"}),
        (azure("- script: terraform apply plan"), {"fail"}),
    ],
)  # fmt: skip
def test_roots_are_found_where_steps_apply_them(files: dict[str, str], outcomes: set[str]) -> None:
    scanned = scan_files({**files, "infra/app/main.tf": ROOT}, open_pack(), "every-root-has-pipeline")
    assert {each.outcome for each in scanned.judgements} == outcomes
