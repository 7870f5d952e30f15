"""Checks of Azure pipelines where their rules' examples are not enough: what is unknown, and what is let pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import failed, scanned, write

MAIN = "azure-pipelines.yml"


def outcomes(root: Path, rule: str, text: str) -> set[str]:
    return {each.outcome for each in scanned(write(root, {MAIN: text}), rule).report.findings}


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        ("azp-needs-known", "trigger: [m]\njobs:\n- template: x.yml@r\n- job: a\n  dependsOn: b\n  steps: []\n", {"unknown"}),
        ("azp-pin-container", "trigger: [m]\njobs:\n- job: a\n  container: $[ variables.image ]\n  steps: []\n", {"unknown"}),
        ("azp-pin-container", "trigger: [m]\njobs:\n- job: a\n  container: acr.io:5000/x\n  steps: []\n", {"fail"}),
        ("azp-pin-templates", "trigger: [m]\nsteps:\n- template: x.yml@nowhere\n", {"unknown"}),
        ("azp-agents-exist", "parameters: [{name: i}]\ntrigger: [m]\npool: {vmImage: '${{ parameters.i }}'}\nsteps: []\n",
         {"unknown"}),
        ("azp-agents-exist", "trigger: [m]\npool: {vmImage: macOS-11}\nsteps: []\n", {"fail"}),
        ("azp-secrets-through-env", "trigger: [m]\nsteps: [{bash: 'x=$(get_token)'}]\n", {"pass"}),
        ("azp-secrets-through-env", "trigger: [m]\nvariables: {testPassword: x1}\nsteps: [{bash: 'a $(testPassword)'}]\n",
         {"pass"}),
        ("azp-success-kept", "trigger: [m]\nstages:\n- stage: A\n  condition: eq(1, 1)\n  jobs:\n  - job: a\n    steps:\n"
         "    - task: AzureWebApp@1\n", set()),
        ("azp-tasks-served", "trigger: [m]\nsteps: [{task: '${{ parameters.t }}'}]\n", {"unknown"}),
        ("azp-no-parameter-injection", "parameters: [{name: n, type: number}]\ntrigger: [m]\nsteps:\n"
         "- script: a ${{ parameters.n }}\n", {"pass"}),
        ("azp-valid-expressions", "trigger: [m]\nsteps:\n- script: x\n  condition: ${{ variables.c }}\n", {"pass"}),
    ],
)  # fmt: skip
def test_outcomes(tmp_path: Path, rule: str, text: str, expected: set[str]) -> None:
    assert outcomes(tmp_path, rule, text) == expected


def test_a_template_may_depend_on_jobs_of_whoever_includes_it(tmp_path: Path) -> None:
    text = "parameters: [{name: x}]\njobs:\n- job: a\n  dependsOn: b\n  steps: [{script: x}]\n"
    found = scanned(write(tmp_path, {".azuredevops/jobs.yml": text}), "azp-needs-known").report.findings
    assert [each.outcome for each in found] == ["unknown"]


def test_a_secret_is_found_in_every_branch_and_template(tmp_path: Path) -> None:
    files = {
        MAIN: "parameters: [{name: p}]\ntrigger: [m]\nvariables:\n- ${{ if parameters.p }}:\n  - name: dbPassword\n"
              "    value: first-Secret1\n- ${{ else }}:\n  - name: dbPassword\n    value: second-Secret2\n"
              "steps:\n- template: t.yml\n  parameters: {apiToken: third-Secret3}\n",
        "t.yml": "parameters: {apiToken: ''}\nsteps:\n- script: x\n"
                 "  env: {API_KEY: fourth-Secret4, T: '${{ parameters.apiToken }}'}\n",
    }  # fmt: skip
    found = failed(scanned(write(tmp_path, files), "azp-no-literal-secrets"))
    assert sorted((each.place.path, each.place.start_line) for each in found) == [
        (MAIN, 6), (MAIN, 9), (MAIN, 12), ("t.yml", 4),
    ]  # fmt: skip
