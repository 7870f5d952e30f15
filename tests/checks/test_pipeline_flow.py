"""What expressions hold, followed through variables, inputs, outputs and matrices, and the way that is told with it."""

from __future__ import annotations

import pytest

from linter.checks.pipelines.flow import MAX_HOPS, flow_of
from linter.model import Estate
from tests.checks.test_pipeline_checks import TITLE, judge, verdicts_of
from tests.parsers.test_pipelines import read, written

SCRIPTS = "no_untrusted_text_in_scripts"
VALUES = "no_open_expressions_in_scripts"
USE = "${{ inputs.title }}"


def called(use: str, more: str = "") -> str:
    return f"on:\n  workflow_call:\n    inputs: {{title: {{type: string}}}}\n{more}jobs:\n  a:\n    steps:\n    - run: echo {use}\n"


def caller(value: str) -> str:
    return f"on: issues\njobs:\n  c:\n    uses: ./.github/workflows/called.yml\n    with: {{title: '{value}'}}\n"


def tree(*values: str, use: str = USE, more: str = "") -> dict[str, str]:
    callers = {f".github/workflows/{number}.yml": caller(value) for number, value in enumerate(values)}
    return {".github/workflows/called.yml": called(use, more), **callers}


@pytest.mark.parametrize(
    ("values", "hostile", "open"),
    [
        ((), False, True),
        (("fixed",), False, False),
        (("fixed", "other"), False, False),
        (("fixed", TITLE), True, False),
        (("${{ vars.NAME }}",), False, False),
        (("${{ github.ref_name }}",), False, True),
        (("${{ inputs.title }}",), False, True),
    ],
)
def test_inputs_hold_what_callers_give(values: tuple[str, ...], hostile: bool, open: bool) -> None:
    found = judge(SCRIPTS, tree(*values)), judge(VALUES, tree(*values))
    assert found == ([("fail", USE) if hostile else ("pass", "")], [("fail", USE) if open else ("pass", "")])


def test_inputs_of_people_stay_open_beside_callers() -> None:
    files = tree("fixed", more="  workflow_dispatch:\n    inputs: {title: {}}\n")
    assert judge(VALUES, files) == [("fail", USE)]
    files[".github/workflows/called.yml"] = files[".github/workflows/called.yml"].replace("{}", "{type: boolean}", 1)
    assert judge(SCRIPTS, files) == [("pass", "")]


def test_defaults_count_where_a_caller_gives_nothing() -> None:
    silent = caller("x").replace("{title: 'x'}", "{}")
    files = tree() | {".github/workflows/1.yml": silent}
    assert judge(VALUES, files) == [("pass", "")]
    files[".github/workflows/called.yml"] = called(USE).replace("{type: string}", f"{{default: '{TITLE}'}}")
    assert judge(SCRIPTS, files) == [("fail", USE)]


def test_the_way_is_told_from_the_source_to_the_use() -> None:
    estate = read(tree(TITLE))
    verdict = next(each for each in verdicts_of(SCRIPTS, estate) if each.outcome == "fail")
    assert [(origin.text, written(estate, origin.span)) for origin in verdict.related] == [
        ("`title` is given here", f"'{TITLE}'")
    ]


STEPS = """\
on: issues
jobs:
  a:
    outputs: {{o: '${{{{ steps.s.outputs.y }}}}'}}
    steps:
    - id: s
{first}    - run: echo ${{{{ {use} }}}}
"""


def first(script: str, env: str = "") -> str:
    lines = "".join(f"        {line}\n" for line in script.split("\n"))
    return f"      run: |\n{lines}" + (f"      env: {{{env}}}\n" if env else "")


@pytest.mark.parametrize(
    ("step", "use", "hostile"),
    [
        (first(f'echo "y={TITLE}" >> "$GITHUB_OUTPUT"'), "steps.s.outputs.y", True),
        (first(f'echo "y={TITLE}" >> "$GITHUB_OUTPUT"'), "steps.s.outputs.other", False),
        (first(f'echo "z={TITLE}" >> $GITHUB_OUTPUT\necho "y=1" >> $GITHUB_OUTPUT'), "steps.s.outputs.y", False),
        (first('echo "y=$T" >> $GITHUB_OUTPUT', f"T: '{TITLE}'"), "steps.s.outputs.y", True),
        (first('echo "y=$TT" >> $GITHUB_OUTPUT', f"T: '{TITLE}'"), "steps.s.outputs.y", False),
        (first('A=${T}x\necho "y=$A" >> $GITHUB_OUTPUT', f"T: '{TITLE}'"), "steps.s.outputs.y", True),
        (first('echo "y=$(echo "$T" | wc -c)" >> $GITHUB_OUTPUT', f"T: '{TITLE}'"), "steps.s.outputs.y", False),
        (first('echo "y<<E" >> $GITHUB_OUTPUT\necho "$T" >> $GITHUB_OUTPUT\necho E >> $GITHUB_OUTPUT', f"T: '{TITLE}'"),
         "steps.s.outputs.y", True),
        (first(f'echo "::set-output name=y::{TITLE}"'), "steps.s.outputs.y", True),
        (first(f'echo "Y={TITLE}" | tee -a $GITHUB_OUTPUT'), "steps.s.outputs.y", True),
        (first(f'echo "V={TITLE}" >> $GITHUB_ENV'), "env.V", True),
        (first('echo "V=$GITHUB_SHA" >> $GITHUB_ENV'), "env.V", False),
        ("      uses: tj-actions/changed-files@v46\n", "steps.s.outputs.all_changed_files", True),
        ("      uses: tj-actions/changed-files@v46\n", "steps.s.outputs.any_changed", False),
    ],
)  # fmt: skip
def test_outputs_of_steps(step: str, use: str, hostile: bool) -> None:
    text = STEPS.format(first=step, use=use)
    expected = [] if TITLE not in step or "${{ github" not in step.split("env:")[0] else None
    found = [each for each in judge(SCRIPTS, text) if each == ("fail", f"${{{{ {use} }}}}")]
    assert bool(found) is hostile
    assert expected is None or judge(SCRIPTS, text) == (found or [("pass", "")])


def test_outputs_of_jobs_workflows_and_actions() -> None:
    step = first('echo "y=$T" >> $GITHUB_OUTPUT', f"T: '{TITLE}'")
    after = "  b:\n    needs: a\n    steps:\n    - run: echo ${{ needs.a.outputs.o }}\n"
    assert judge(SCRIPTS, STEPS.format(first=step, use="github.sha") + after) == [("fail", "${{ needs.a.outputs.o }}")]
    made = STEPS.format(first=step, use="github.sha").replace(
        "on: issues", "on:\n  workflow_call:\n    outputs: {p: {value: '${{ jobs.a.outputs.o }}'}}"
    )
    use = "on: issues\njobs:\n  a:\n    uses: ./.github/workflows/made.yml\n" + after.replace("outputs.o", "outputs.p")
    files = {".github/workflows/made.yml": made, ".github/workflows/use.yml": use}
    assert judge(SCRIPTS, files) == [("fail", "${{ needs.a.outputs.p }}")]
    estate = read(files)
    verdict = next(each for each in verdicts_of(SCRIPTS, estate) if each.outcome == "fail")
    assert [origin.text for origin in verdict.related] == [
        "`T` is set here", "written for later steps here", "`o` is given on here", "`p` is given back here"
    ]  # fmt: skip


ACTION = """\
name: a
inputs: {text: {default: x}}
outputs: {out: {value: '${{ steps.i.outputs.y }}'}}
runs:
  using: composite
  steps:
    - id: i
      shell: bash
      run: echo "y=$V" >> $GITHUB_OUTPUT
      env: {V: '${{ inputs.text }}'}
"""


def test_outputs_of_an_action_hold_what_this_caller_gave() -> None:
    use = """\
on: issues
jobs:
  a:
    steps:
    - {id: one, uses: ./.github/actions/a, with: {text: 'TITLE'}}
    - {id: two, uses: ./.github/actions/a, with: {text: fixed}}
    - run: echo ${{ steps.one.outputs.out }}
    - run: echo ${{ steps.two.outputs.out }}
""".replace("TITLE", TITLE)
    files = {".github/actions/a/action.yml": ACTION, ".github/workflows/w.yml": use}
    assert judge(SCRIPTS, files) == [("fail", "${{ steps.one.outputs.out }}")]


def test_matrices_hold_what_they_list() -> None:
    text = "on: issues\njobs:\n  a:\n    strategy: {matrix: MATRIX}\n    steps: [{run: 'echo ${{ matrix.v }}'}]\n"
    use = "${{ matrix.v }}"
    assert judge(VALUES, text.replace("MATRIX", "{v: [1, two, {x: y}]}")) == [("pass", "")]
    assert judge(SCRIPTS, text.replace("MATRIX", f"{{v: [a], include: [{{v: '{TITLE}'}}]}}")) == [("fail", use)]
    assert judge(VALUES, text.replace("MATRIX", "'${{ fromJSON(needs.x.outputs.y) }}'")) == [("fail", use)]
    assert judge(VALUES, text.replace("MATRIX", "{v: '${{ fromJSON(vars.V) }}'}")) == [("fail", use)]


def test_variables_are_those_of_the_nearest_scope() -> None:
    text = "on: issues\nenv: {V: 'TITLE'}\njobs:\n  a:\n    steps:\n    - run: echo ${{ env.V }}\n".replace(
        "TITLE", TITLE
    )
    assert judge(SCRIPTS, text) == [("fail", "${{ env.V }}")]
    assert judge(SCRIPTS, text.replace("  a:\n", "  a:\n    env: {V: fixed}\n")) == [("pass", "")]
    assert judge(SCRIPTS, text.replace("env.V }}\n", "env.V }}\n      env: {V: fixed}\n")) == [("pass", "")]


def test_circles_and_long_chains_end() -> None:
    circle = {
        f".github/workflows/{here}.yml": "on: {workflow_call: {inputs: {t: {}}}}\njobs:\n  x:\n    uses: ./.github/workflows/"
        f"{there}.yml\n    with: {{t: '${{{{ inputs.t }}}}'}}\n  y: {{steps: [{{run: 'echo ${{{{ inputs.t }}}}'}}]}}\n"
        for here, there in (("a", "b"), ("b", "a"))
    }
    assert {outcome for outcome, _ in judge(VALUES, circle)} == {"fail"}
    length = MAX_HOPS + 5
    steps = "".join(
        f"    - {{id: s{n}, run: 'echo y=${{{{ steps.s{n - 1}.outputs.y }}}} >> $GITHUB_OUTPUT'}}\n"
        for n in range(length)
    )
    estate: Estate = read(f"on: issues\njobs:\n  a:\n    steps:\n{steps}")
    assert all(each.outcome in ("pass", "fail") for each in verdicts_of(SCRIPTS, estate))
    assert len(flow_of(estate).known) <= 2 * length


def test_triggers_of_callers_count() -> None:
    files = {
        ".github/workflows/called.yml": "on: workflow_call\njobs:\n  a:\n    steps:\n    - uses: actions/checkout@v4\n"
        "      with: {ref: '${{ github.head_ref }}'}\n    - run: make\n",
        ".github/workflows/w.yml": "on: ON\njobs: {a: {uses: ./.github/workflows/called.yml}}\n",
    }
    for event, outcome in (("pull_request_target", "fail"), ("pull_request", None)):
        shown = {path: text.replace("ON", event) for path, text in files.items()}
        found = judge("no_untrusted_checkout", shown)
        assert [each for each, _ in found if each == "fail"] == ([outcome] if outcome else [])


def test_rights_are_handed_on_by_callers() -> None:
    called_one = "on: workflow_call\njobs: {a: {steps: [{run: npm publish}]}}\n"
    calling = "on: push\njobs:\n  c:\n    permissions: {id-token: LEVEL}\n    uses: ./.github/workflows/called.yml\n"
    for level, outcome in (("write", "pass"), ("none", "fail")):
        files = {".github/workflows/called.yml": called_one, ".github/workflows/w.yml": calling.replace("LEVEL", level)}
        assert [each for each, _ in judge("trusted_publishing", files)] == [outcome]
    assert [each for each, _ in judge("trusted_publishing", called_one)] == ["fail"]
