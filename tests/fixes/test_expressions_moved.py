"""Scripts whose expressions were moved do in a real shell what they did, and run nothing of what a value holds."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from fixing import mended, scanned

RULE = "gha-no-template-injection"
WORKFLOW = ".github/workflows/ci.yml"
X = "${{ github.event.issue.title }}"
LINES = (
    f"echo {X}", f'echo "a {X} b"', f"echo '{X}'", f"echo 'a {X}' {X}\"{X}\"", f"V={X}", f'V="{X}" ; echo "$V"',
    f"export W='{X}'", f'if [ "{X}" = "v" ]; then echo yes; else echo no; fi', f"echo \"$(echo '{X}' | tr a-z A-Z)\"",
    f"cat <<EOF\nhere {X}\nEOF", "cat <<'EOF'\nraw\nEOF", f"# a comment of {X}", f'printf "%s\\n" "{X}" | sort',
    f'case "{X}" in\n  v*) echo vee ;;\n  *) echo other ;;\nesac', f'(echo "{X}"; echo done)', f'echo \\"x "{X}" \\\\',
    f"f() {{ echo \"$1\"; }}\nf '{X}'", f'[[ "{X}" == v* ]] && echo v || echo n', "true && echo done",
    f'echo "one" "{X}" >out.txt 2>&1 && cat out.txt',
)  # fmt: skip
"""Lines that bash and a person agree on."""


def workflow(script: str, **step: str) -> str:
    steps = [{"run": script, **step}]
    jobs = {"a": {"runs-on": "ubuntu-latest", "steps": steps}}
    return yaml.safe_dump({"on": "issues", "jobs": jobs}, sort_keys=False)


def step_of(text: str) -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load(text)["jobs"]["a"]["steps"][0]
    return found


def run(script: str, folder: Path, **env: str) -> str:
    base = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=folder, env=base | env, capture_output=True, check=False, timeout=20
    )
    return f"{done.returncode}\n{done.stdout.decode()}"


def moved(script: str, **step: str) -> tuple[str, dict[str, str]]:
    """The script after the safe fix, and the expressions of its environment."""
    found = step_of(mended({WORKFLOW: workflow(script, **step)}, RULE, unsafe=False)[WORKFLOW])
    env = found.get("env", {})
    assert isinstance(env, dict)
    return str(found["run"]), {str(name): str(value) for name, value in env.items()}


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize("seed", range(60))
def test_scripts_do_what_they_did_and_nothing_that_a_value_says(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    script = "\n".join(chance.choice(LINES) for _ in range(chance.randint(1, 5)))
    new, env = moved(script)
    assert set(env.values()) <= {X}
    if X in script:
        assert X not in new and env
    for value in ("value", "v-1.2/x_y"):
        assert run(new, tmp_path, **dict.fromkeys(env, value)) == run(script.replace(X, value), tmp_path)
    for value in (
        "$(touch pwned)",
        "`touch pwned`",
        '"; touch pwned; "',
        "'; touch pwned; '",
        "\ntouch pwned\n",
        "EOF\ntouch pwned\n",
    ):
        run(new, tmp_path, **dict.fromkeys(env, value))
        assert not (tmp_path / "pwned").exists(), (new, value)


@pytest.mark.parametrize(
    "script",
    [
        f'bash -c "{X}"', f'eval "{X}"', f"{X}", f'"{X}"', f"echo '{X}' | bash", f'echo "{X}" |\n  sh', f"python -c '{X}'",
        f"cat > run.sh <<EOF\n{X}\nEOF\nbash run.sh", f'V="{X}"\neval "$V"', f"echo `echo {X}`", f"for x in {X}; do echo; done",
        f"gh api --jq '{X}' x", f"jq '{X}' file", f'ssh host "{X}"', f'bash -c "$(echo {X})"', f"echo $(( {X} ))",
        f"cat <<'EOF'\n{X}\nEOF", f"bash <<EOF\n{X}\nEOF", f'sudo sh -c "echo {X}"', f"awk '{{ print \"{X}\" }}'",
    ],
)  # fmt: skip
def test_what_is_read_as_code_once_more_stays(script: str) -> None:
    assert moved(script) == (script, {})


@pytest.mark.parametrize(
    "step", [{"shell": "pwsh"}, {"shell": "python"}, {"shell": "cmd"}, {"shell": "${{ matrix.shell }}"}]
)
def test_other_shells_are_left_alone(step: dict[str, str]) -> None:
    assert moved(f'echo "{X}"', **step) == (f'echo "{X}"', {})


@pytest.mark.parametrize("label", ["windows-latest", "[self-hosted]", "${{ matrix.os }}", "[self-hosted, windows]"])
def test_runners_of_other_systems_are_left_alone(label: str) -> None:
    text = workflow(f'echo "{X}"').replace("ubuntu-latest", label)
    assert mended({WORKFLOW: text}, RULE) == {WORKFLOW: text}


def test_words_that_are_split_are_moved_only_where_unsafe_fixes_are_wanted() -> None:
    text = workflow(f"git checkout {X}")
    assert mended({WORKFLOW: text}, RULE, unsafe=False) == {WORKFLOW: text}
    assert step_of(mended({WORKFLOW: text}, RULE)[WORKFLOW])["run"] == 'git checkout "${ISSUE_TITLE}"'


def test_names_are_new() -> None:
    script = f'ISSUE_TITLE=1\necho "{X}" "$ISSUE_TITLE_2"'
    text = workflow(script).replace("jobs:", "env:\n  ISSUE_TITLE_3: x\njobs:")
    found = step_of(mended({WORKFLOW: text}, RULE)[WORKFLOW])
    assert found["env"] == {"ISSUE_TITLE_4": X}


def test_a_variable_that_holds_the_expression_is_used() -> None:
    text = workflow(f'echo "{X}"').rstrip("\n") + f"\n      env: {{TITLE: '{X}'}}\n"
    assert step_of(mended({WORKFLOW: text}, RULE)[WORKFLOW])["run"] == 'echo "${TITLE}"'


def test_what_the_fix_leaves_is_no_finding() -> None:
    text = mended({WORKFLOW: workflow("\n".join(line for line in LINES if X in line))}, RULE)
    assert not [f for f in scanned(text, RULE).report.findings if f.outcome == "fail"]


AZURE = (
    "pr: [main]\npool: {vmImage: ubuntu-latest}\nsteps:\n  - bash: |\n"
    "      echo '$(Build.SourceVersionMessage)' \"a $(Build.SourceVersionMessage)\"\n"
)


def test_macros_of_azure_move_too() -> None:
    files = mended({"azure-pipelines.yml": AZURE}, "azp-no-macro-injection", unsafe=False)
    step = yaml.safe_load(files["azure-pipelines.yml"])["steps"][0]
    assert step["bash"] == 'echo "${BUILD_SOURCEVERSIONMESSAGE}" "a ${BUILD_SOURCEVERSIONMESSAGE}"\n'
    assert step["env"] == {"BUILD_SOURCEVERSIONMESSAGE": "$(Build.SourceVersionMessage)"}


@pytest.mark.parametrize(
    "change", [("ubuntu", "windows"), ("bash:", "pwsh:"), ("bash: |\n      echo", "bash: |\n      eval")]
)
def test_other_scripts_of_azure_stay(change: tuple[str, str]) -> None:
    text = AZURE.replace("bash:", "script:").replace(*change) if change[0] == "ubuntu" else AZURE.replace(*change)
    assert mended({"azure-pipelines.yml": text}, "azp-no-macro-injection") == {"azure-pipelines.yml": text}
