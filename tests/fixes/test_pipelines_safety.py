"""When mending a workflow is called safe: what later steps and the token may do decides."""

from __future__ import annotations

import pytest
from fixing import mended, scanned

WORKFLOW = ".github/workflows/ci.yml"
HEAD = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n"
CHECKOUT = "    steps:\n      - uses: actions/checkout@v4\n"


def safe(text: str, rule: str) -> list[bool]:
    plan = scanned({WORKFLOW: text}, rule).plan()
    return [draft.fix.safe for drafts in plan.drafts.values() for draft in drafts]


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("", True),
        ("      - run: npm ci\n      - run: pytest -q\n", True),
        ("      - uses: actions/setup-node@v4\n", True),
        ("      - run: git push\n", False),
        ("      - run: make release\n", False),
        ("      - run: ./release.sh\n", False),
        ("      - run: npm run release\n", False),
        ("      - run: python release.py\n", False),
        ("      - run: $TOOL\n", False),
        ("      - uses: stefanzweifel/git-auto-commit-action@v5\n", False),
        ("      - uses: ./.github/actions/own\n", False),
    ],
)
def test_a_checkout_keeps_its_token_for_later_steps_only(rest: str, expected: bool) -> None:
    assert safe(HEAD + CHECKOUT + rest, "gha-no-persisted-credentials") == [expected]


@pytest.mark.parametrize(
    ("permissions", "rest", "expected"),
    [
        ("contents: read", "      - run: make release\n", True),
        ("contents: write", "      - run: make release\n", False),
        ("contents: read", "      - run: git fetch --all\n", False),
        ("contents: ${{ inputs.x }}", "      - run: make\n", False),
    ],
)
def test_a_token_that_may_not_write_is_no_loss(permissions: str, rest: str, expected: bool) -> None:
    text = HEAD + f"    permissions: {{{permissions}}}\n" + CHECKOUT + rest
    if "${{" in permissions:
        text = text.replace(f"{{{permissions}}}", f'{{contents: "{permissions[10:]}"}}')
    assert safe(text, "gha-no-persisted-credentials") == [expected]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("      - run: make test\n", True),
        (
            "      - uses: actions/checkout@v4\n        with: {persist-credentials: false}\n      - run: make test\n",
            True,
        ),
        ("      - uses: actions/checkout@v4\n      - run: make test\n", False),
        ("      - uses: actions/checkout@v4\n      - run: pytest\n", True),
        ("      - run: make\n        env: {T: '${{ github.token }}'}\n", False),
        ("      - run: make\n        env: {T: '${{ secrets.GITHUB_TOKEN }}'}\n", False),
        ("      - uses: peter-evans/create-pull-request@v7\n", False),
    ],
)
def test_a_jobs_token_is_limited_where_nothing_holds_it(steps: str, expected: bool) -> None:
    assert safe(HEAD + "    steps:\n" + steps, "gha-top-level-permissions") == [expected]


def test_the_token_of_a_called_workflow_stays() -> None:
    text = "on: push\njobs:\n  a:\n    uses: owner/repo/.github/workflows/x.yml@v1\n"
    assert safe(text, "gha-top-level-permissions") == []


CALLER = "on: push\njobs:\n  call:\n    uses: ./.github/workflows/called.yml\n    secrets: inherit # all\n"
CALLED = """\
on:
  workflow_call:
    secrets: {KEY: {required: true}, OTHER: {}}
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: make
        env: {KEY: '${{ secrets.KEY }}', T: '${{ secrets.GITHUB_TOKEN }}'}
"""


def handed_on(called: str) -> str:
    files = {WORKFLOW: CALLER, ".github/workflows/called.yml": called}
    return mended(files, "gha-no-secrets-inherit", unsafe=False)[WORKFLOW]


def test_declared_secrets_are_handed_on_by_name() -> None:
    assert handed_on(CALLED) == CALLER.replace(
        "secrets: inherit # all",
        "secrets:\n      KEY: ${{ secrets.KEY }}\n      OTHER: ${{ secrets.OTHER }} # all",
    )


def test_no_secrets_are_handed_on_where_none_are_used() -> None:
    called = CALLED.replace("    secrets: {KEY: {required: true}, OTHER: {}}\n", "").replace(
        "KEY: '${{ secrets.KEY }}', ", ""
    )
    assert handed_on(called) == CALLER.replace("    secrets: inherit # all\n", "")


@pytest.mark.parametrize(
    "change",
    [
        ("KEY: {required: true}, ", ""),
        ("secrets.KEY", "secrets[matrix.key]"),
        ("secrets.KEY }}", "toJSON(secrets) }}"),
        ("    steps:", "    environment: production\n    steps:"),
    ],
)
def test_everything_is_handed_on_where_the_need_is_not_certain(change: tuple[str, str]) -> None:
    assert handed_on(CALLED.replace(*change)) == CALLER


def test_permissions_of_a_workflow_stand_before_its_jobs() -> None:
    text = (
        "name: ci\n\non: push\n\n# what runs\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n"
    )
    new = mended({WORKFLOW: text}, "gha-top-level-permissions", unsafe=False)[WORKFLOW]
    assert new == text.replace("# what", "permissions:\n  contents: read\n\n# what")
