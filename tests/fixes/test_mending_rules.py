"""Every rule that says how it is mended: its bad examples, mended, are right, and nothing else has changed."""

from __future__ import annotations

from functools import cache

import pytest
from fixing import PACK, failing, mended, scanned

from linter.rules.examples import examples_of
from linter.rules.model import variants_of

MENDED = [id for id in PACK.ids if any("mend" in spec for spec in variants_of(PACK.rule(id).data))]

AZURE = (
    "trigger: none\npr: [main]\nparameters:\n  - {name: tag, type: string}\npool: {vmImage: ubuntu-latest}\nsteps:\n"
)
ELSEWHERE = {
    "azp-no-macro-injection": {
        "azure-pipelines.yml": AZURE + "  - script: |\n      # $(Build.SourceVersionMessage)\n"
        "      echo 'a $(Build.SourceVersionMessage)' \"$(Build.SourceVersionMessage)\"\n"
    },
    "azp-no-parameter-injection": {
        "azure-pipelines.yml": AZURE + '  - bash: echo "${{ parameters.tag }}"\n    env: {A: b}\n'
    },
    "azp-secrets-through-env": {
        "azure-pipelines.yml": AZURE + "  - bash: docker login -u ci -p '$(registryPassword)' registry.example.com\n"
    },
    "gha-no-secrets-inherit": {
        ".github/workflows/ci.yml": "on: push\njobs:\n  call:\n    uses: ./.github/workflows/called.yml\n"
        "    secrets: inherit\n",
        ".github/workflows/called.yml": "on:\n  workflow_call:\n    secrets:\n      KEY: {required: true}\njobs:\n"
        "  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n        env: {KEY: '${{ secrets.KEY }}'}\n",
    },
    "gha-no-insecure-commands": {
        ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - run: echo done\n        env: {ACTIONS_ALLOW_UNSECURE_COMMANDS: true, A: b}\n"
    },
    "gha-script-values-through-env": {
        ".github/workflows/ci.yml": "on:\n  workflow_dispatch: {inputs: {a: {type: string}}}\njobs:\n  a:\n"
        "    runs-on: ubuntu-latest\n    steps:\n      - run: ./release.sh '${{ inputs.a }}'\n"
    },
    "gitops-source-encrypted": {
        "source.yaml": "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: a}\n"
        "spec:\n  interval: 1h\n  url: git://github.com/a/b\n  ref: {tag: v1.0.0}\n"
    },
    "helm-repository-https": {
        "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.0\ndependencies:\n  - name: redis\n"
        "    version: 20.1.0\n    repository: http://charts.bitnami.com/bitnami\n"
    },
}
"""Examples for rules that mend less than they find."""


@cache
def examples(id: str) -> list[dict[str, str]]:
    bad, _ = examples_of(PACK.rule(id), PACK.examples(id))
    return [dict(example.files) for example in bad] + ([ELSEWHERE[id]] if id in ELSEWHERE else [])


def test_ten_security_rules_of_pipelines_and_fifteen_others_are_mended_safely() -> None:
    safe: dict[str, set[bool]] = {}
    for id in MENDED:
        if PACK.rule(id).security_severity:
            for files in examples(id):
                plan = scanned(files, id).plan()
                safe.setdefault(id, set()).update(d.fix.safe for drafts in plan.drafts.values() for d in drafts)
    always = [id for id, found in safe.items() if True in found]
    pipelines = [id for id in always if PACK.source(id).startswith("pipelines/")]
    assert len(pipelines) >= 10, pipelines
    assert len(always) >= 25, always


@pytest.mark.parametrize("id", MENDED)
def test_bad_examples_are_right_once_they_are_mended(id: str) -> None:
    made = 0
    for files in examples(id):
        before = failing(files)
        mendings = scanned(files, id).plan().mendings(unsafe=True)
        after = dict(files) | {each.path: each.new for each in mendings}
        made += len(mendings)
        fixed = sum(len(each.fixed) for each in mendings)
        mine = [text for text in failing(after) if text.startswith(f"{id} ")]
        assert len(mine) == len([text for text in before if text.startswith(f"{id} ")]) - fixed
        assert not (set(failing(after)) - set(before)), "the mended text has faults the old one had not"
        again = mended(after, id)
        assert again == after, "a second round changes more"
    assert made, "no example of it is mended"


@pytest.mark.parametrize("id", MENDED)
def test_what_lies_around_edits_stays(id: str) -> None:
    for files in examples(id):
        for windows in (False, True):
            given = {path: text.replace("\n", "\r\n") if windows else text for path, text in files.items()}
            for each in scanned(given, id).plan().mendings(unsafe=True):
                assert not windows or each.new.replace("\r\n", "").count("\n") == 0
                position = 0
                kept = []
                for edit in each.edits:
                    kept.append(each.old[position : edit.start])
                    position = edit.end
                rest = each.new
                for part in [*kept, each.old[position:]]:
                    assert part in rest
                    rest = rest[rest.index(part) + len(part) :]
                assert each.old[: len(each.old)] != each.new


@pytest.mark.parametrize("id", MENDED)
def test_files_without_a_last_line_break_are_mended_too(id: str) -> None:
    for files in examples(id):
        bare = {path: text.rstrip("\n") for path, text in files.items()}
        plain = mended(files, id)
        for path, text in mended(bare, id).items():
            assert text.rstrip("\n") == plain[path].rstrip("\n")
