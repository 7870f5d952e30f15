"""Every guard is needed: with each one taken away, in a copy of the checkout, a named test must fail.

`python -m scripts.guards` prints a table and exits 1 where a guard could go unnoticed. Names given as arguments choose
guards; `--list` names them.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("linter", "rules", "tests", "scripts", "fixtures", "pyproject.toml", "action.yml", "Makefile", "README.md")
SECONDS = 60
MEMORY = 4 << 30
LIMITED = f"""\
import os, resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
os.execv(sys.argv[1], sys.argv[1:])
"""


class Guard(NamedTuple):
    """A guard, the text that is it, what stands there without it, and the test that then fails."""

    name: str
    path: str
    text: str
    without: str
    test: str


FILES, TEXT, SCANS = "tests/test_files.py", "tests/test_text.py", "tests/policy/test_scan_policy.py"
YAML, HCL, JSON = "tests/syntax/test_yaml_guards.py", "tests/syntax/test_hcl_recovery.py", "tests/syntax/test_json.py"
BUDGETS, SUPERVISE = "tests/parsers/test_terraform_budgets.py", "tests/test_supervise.py"
WAIVERS, GATE, ENGINE = "tests/policy/test_waivers.py", "tests/policy/test_gate.py", "tests/test_engine.py"
HOSTILE = f"{BUDGETS}::test_hostile_expressions"

GUARDS = (
    Guard(
        "the opener follows no link", "linter/files.py", '_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)', "_NOFOLLOW = 0",
        f"{FILES}::test_no_link_is_followed_anywhere_in_a_path",
    ),
    Guard(
        "no path leads up and out of the root", "linter/files.py",
        '            if name in ("", ".", ".."):\n                raise OSError(errno.EINVAL, "")\n'
        "            fd = os.open(self._native(name), _FOLDER",
        "            fd = os.open(self._native(name), _FOLDER",
        f"{FILES}::test_what_is_not_a_path_of_the_tree_is_refused",
    ),
    Guard(
        "a link out of the root is not looked at", "linter/linking.py", "if done[: len(root)] == root:", "if True:",
        f"{FILES}::test_where_links_lead",
    ),
    Guard(
        "a file over the cap is not read", "linter/files.py",
        "    if total > cap and not cut:\n        raise _too_large(cap)\n", "",
        f"{FILES}::test_a_file_whose_size_is_not_what_it_says",
    ),
    Guard(
        "only regular files are read", "linter/files.py", "if not stat.S_ISREG(status.st_mode):", "if False:",
        f"{FILES}::test_what_is_no_regular_file_is_neither_read_nor_waited_for",
    ),
    Guard(
        "opening does not wait", "linter/files.py", 'getattr(os, "O_NONBLOCK", 0)', "0",
        f"{FILES}::test_what_is_no_regular_file_is_neither_read_nor_waited_for",
    ),
    Guard(
        "secrets are redacted", "linter/text.py", "return redacted(text)", "return text",
        f"{TEXT}::test_redact",
    ),
    Guard(
        "messages show no secret", "linter/engine/judge.py", "text = mask(value) if secret else redact(str(value))",
        "text = str(value)",
        f"{ENGINE}::test_a_value_that_is_a_secret_is_shown_nowhere",
    ),
    Guard(
        "control characters are shown, not sent", "linter/text.py", 'text = "".join(map(_visible, text))', "pass",
        f"{TEXT}::test_safe_text",
    ),
    Guard(
        "no line is a command of a runner", "linter/text.py", 'if "::" in text:', "if False:",
        f"{TEXT}::test_nothing_a_terminal_or_runner_acts_on_is_left",
    ),
    Guard(
        "a report is not written through a link", "linter/writing.py",
        "    if not stat.S_ISREG(mode):\n        raise Refused", "    if False:\n        raise Refused",
        f"{FILES}::test_targets_that_are_refused",
    ),
    Guard(
        "a report is not written into a linked folder of the checkout", "linter/writing.py",
        '(0 if name == ".." else os.O_NOFOLLOW)', "0",
        f"{FILES}::test_a_linked_folder_of_the_checkout_is_refused",
    ),
    Guard(
        "a report is whole or not there", "linter/writing.py",
        "            os.replace(temporary, name, src_dir_fd=fd, dst_dir_fd=fd)",
        "            os.close(os.open(name, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, dir_fd=fd))\n"
        "            os.replace(temporary, name, src_dir_fd=fd, dst_dir_fd=fd)",
        f"{FILES}::test_no_failing_call_tears_a_report",
    ),
    Guard(
        "the accounts add up", "linter/policy/gate.py", "if found != total or min(", "if False and min(",
        f"{GATE}::test_accounts_that_do_not_add_up_are_incomplete",
    ),
    Guard(
        "what failed says why", "linter/policy/gate.py", "if counts.artifacts_failed > explained:", "if False:",
        f"{GATE}::test_a_failed_artifact_must_say_why",
    ),
    Guard(
        "the depth of YAML is bounded", "linter/syntax/yaml_reader.py", "if depth > DEPTH_LIMIT:", "if False:",
        f"{YAML}::test_depth_is_bounded",
    ),
    Guard(
        "the nodes of YAML are bounded", "linter/syntax/yaml_reader.py", "NODE_LIMIT: Final = 1_000_000",
        "NODE_LIMIT: Final = 10**12", f"{YAML}::test_nodes_are_bounded",
    ),
    Guard(
        "aliases of YAML are bounded", "linter/syntax/yaml_reader.py", "if self.expanded > ALIAS_LIMIT:", "if False:",
        f"{YAML}::test_billion_laughs",
    ),
    Guard(
        "numbers are bounded", "linter/syntax/yaml_scalars.py", "return len(text) > NUMBER_LIMIT and text[0]",
        "return False and text[0]", f"{YAML}::test_numbers_are_bounded",
    ),
    Guard(
        "the depth of Terraform's expressions is bounded", "linter/syntax/hcl_lexer.py", "if self.depth > DEPTH:",
        "if False:", f"{HCL}::test_hostile_text_is_read_in_bounded_time",
    ),
    Guard(
        "the depth of Terraform's blocks is bounded", "linter/syntax/hcl_body.py", "if reader.depth >= DEPTH:",
        "if False:", f"{HCL}::test_hostile_text_is_read_in_bounded_time",
    ),
    Guard(
        "the depth of JSON is bounded", "linter/syntax/json.py", "if depth > DEPTH_LIMIT:", "if False:",
        f"{JSON}::test_guards",
    ),
    Guard(
        "the nodes of JSON are bounded", "linter/syntax/json.py", "if self.nodes > NODE_LIMIT:", "if False:",
        f"{JSON}::test_guards",
    ),
    Guard(
        "an evaluation's steps are bounded", "linter/parsers/terraform/scope.py",
        "STEP_LIMIT = 1_000_000\nVALUE_STEP_LIMIT = 200_000", "STEP_LIMIT = VALUE_STEP_LIMIT = 10**12", HOSTILE,
    ),
    Guard(
        "a value's elements are bounded", "linter/parsers/terraform/values.py", "ELEMENT_LIMIT = 100_000",
        "ELEMENT_LIMIT = 10**12", HOSTILE,
    ),
    Guard(
        "a string's size is bounded", "linter/parsers/terraform/values.py", "STRING_LIMIT = 1_000_000",
        "STRING_LIMIT = 10**12", HOSTILE,
    ),
    Guard(
        "a pattern's work is bounded", "linter/parsers/terraform/re2.py", "_WORK_LIMIT = 400_000",
        "_WORK_LIMIT = 10**12", HOSTILE,
    ),
    Guard(
        "modules may not hold themselves", "linter/parsers/terraform/modules.py", "if folder.path in self.ancestors:",
        "if False:", f"{BUDGETS}::test_modules_in_circles",
    ),
    Guard(
        "modules are bounded", "linter/parsers/terraform/modules.py", "_INSTANCES = 2_000", "_INSTANCES = 10**12",
        f"{BUDGETS}::test_modules_that_double",
    ),
    Guard(
        "a death costs its artifact", "linter/supervise.py", "        condemned[name] = reason\n", "",
        f"{SUPERVISE}::test_a_death_costs_its_artifact_and_nothing_else",
    ),
    Guard(
        "deaths are bounded", "linter/supervise.py", "for _ in range(limits.deaths):", "for _ in range(10**9):",
        f"{SUPERVISE}::test_deaths_are_bounded",
    ),
    Guard(
        "dying in a phase ends the scan", "linter/supervise.py", "if _phase(name):\n            raise",
        "if False:\n            raise",
        f"{SUPERVISE}::test_dying_in_a_phase_ends_the_scan",
    ),
    Guard(
        "a child's memory is bounded", "linter/supervise.py", "resource.setrlimit(limit, (wanted, wanted))", "pass",
        f"{SUPERVISE}::test_the_child_has_no_secrets_and_limits",
    ),
    Guard(
        "a child that takes too long is ended", "linter/supervise.py",
        "if cpu - self.cpu >= cpu_limit or self.wall >= wall_limit:", "if False:",
        f"{SUPERVISE}::test_a_death_costs_its_artifact_and_nothing_else",
    ),
    Guard(
        "secrets leave the environment", "linter/supervise.py", "    clear_environment()\n    count = 1",
        "    count = 1", f"{SUPERVISE}::test_the_child_has_no_secrets_and_limits",
    ),
    Guard(
        "a waiver expires", "linter/policy/waivers.py", 'elif entry["expires"] < self._as_of:', "elif False:",
        f"{WAIVERS}::test_the_last_day_counts_and_the_next_does_not",
    ),
    Guard(
        "an inline waiver expires", "linter/policy/waivers.py", "if directive.expires < self._as_of else", "if False else",
        f"{WAIVERS}::test_inline_expiry",
    ),
    Guard(
        "a rule that cannot be waived is not", "linter/policy/waivers.py", 'elif meant(entry["rule"]) in self._fixed:',
        "elif False:", f"{WAIVERS}::test_non_waivable_rules_are_waived_nowhere",
    ),
    Guard(
        "an inline waiver counts only if the base has it", "linter/policy/waivers.py",
        "return self._base is None or key in self._base", "return True",
        f"{WAIVERS}::test_with_a_base_only_what_stands_there_counts",
    ),
    Guard(
        "a permission to be incomplete expires", "linter/policy/gate.py", 'and as_of <= entry["expires"]', "and True",
        f"{GATE}::test_allow_incomplete_covers_its_path_and_id_until_it_expires",
    ),
    Guard(
        "incomplete is 3", "linter/policy/gate.py", "3 if incomplete else 1 if failed else 0", "1 if failed else 0",
        f"{GATE}::test_precedence_is_2_over_3_over_1_over_0",
    ),
    Guard(
        "nothing recognised is incomplete", "linter/policy/gate.py",
        "if not counts.artifacts_found and not allow_empty:", "if False:",
        f"{GATE}::test_nothing_recognised_is_incomplete_unless_allowed",
    ),
    Guard(
        "the policy comes from its folder", "linter/cli/work.py", 'os.path.realpath(options["policy"] or root)',
        "os.path.realpath(root)", f"{SCANS}::test_a_policy_in_the_scanned_tree_does_not_count_beside_the_bases",
    ),
    Guard(
        "with a policy of its own only the base's waivers count", "linter/cli/work.py",
        "base=folder if folder != root else None", "base=None",
        f"{SCANS}::test_with_a_policy_of_its_own_only_the_bases_inline_waivers_count",
    ),
    Guard(
        "a crash costs its rule", "linter/engine/judge.py", "        except Exception as error:\n            crashed(",
        "        except ZeroDivisionError as error:\n            crashed(",
        f"{ENGINE}::test_a_rule_that_crashes_is_told_and_the_others_judge",
    ),
    Guard(
        "a crashed rule is told", "linter/engine/judge.py",
        '            crashed(rule.id, f"{type(error).__name__}: {error}")', "            error.args",
        f"{ENGINE}::test_a_rule_that_crashes_is_told_and_the_others_judge",
    ),
    Guard(
        "an artifact that was not parsed is told", "linter/engine/estate.py", "failures += _told(source, problems)",
        "_told(source, problems)",
        f"{ENGINE}::test_an_artifact_that_cannot_be_parsed_is_incomplete_and_the_rest_of_it_judged",
    ),
    Guard(
        "a condemned artifact is left out", "linter/engine/estate.py", "if path in condemned:", "if False:",
        f"{ENGINE}::test_what_an_attempt_died_on_is_left_out_and_told",
    ),
    Guard(
        "expressions of workflows have a depth", "linter/parsers/pipelines/expressions.py",
        "if self.depth > MAX_DEPTH:", "if False:",
        "tests/parsers/test_pipelines_expressions.py::test_hostile_expressions_end",
    ),
    Guard(
        "kustomizations in a ring end", "linter/parsers/kustomize/__init__.py",
        "if path in trail or len(trail) >= CHAIN_LIMIT:", "if False:",
        "tests/parsers/test_kustomize.py::test_rings_end",
    ),
    Guard(
        "what a workflow writes in another form is told", "linter/parsers/pipelines/github_shape.py",
        "    if form and form != allowed:", "    if False:",
        "tests/parsers/test_pipelines_shape.py::test_what_cannot_be_judged_is_told",
    ),
)  # fmt: skip


def stands_once(guard: Guard) -> bool:
    """Whether the guard's text is in its file, exactly once."""
    return (ROOT / guard.path).read_text(encoding="utf-8").count(guard.text) == 1


def copied(folder: Path) -> None:
    """The checkout without what it does not need to run its tests."""
    ignore = shutil.ignore_patterns("__pycache__", ".*_cache", "accept")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=ignore, symlinks=True)
        elif source.exists():
            shutil.copy2(source, folder / name)


def run(folder: Path, *tests: str, seconds: int = SECONDS) -> tuple[bool, str]:
    """Whether the tests pass in a copy, and what was said; a child that takes too long or too much has not passed."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:faulthandler", *tests]
    # Runs that clear away each other's temporary folders fail by a warning of pytest's own.
    temporary = folder.with_name(f"{folder.name}-tmp")
    temporary.mkdir(exist_ok=True)
    environment = {
        **os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DEBUG_TEMPROOT": str(temporary),
    }  # fmt: skip
    started = subprocess.Popen(
        [sys.executable, "-c", LIMITED, *command],
        cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip
    try:
        said, _ = started.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        said = f"took longer than {seconds} s"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)
        started.wait()
    return started.returncode == 0, said


def unguarded(folder: Path, guard: Guard) -> str:
    """What is wrong with a guard, '' where its test fails without it."""
    if not stands_once(guard):
        return "its text is gone or stands more than once"
    path = folder / guard.path
    kept = path.read_text(encoding="utf-8")
    try:
        path.write_text(kept.replace(guard.text, guard.without), encoding="utf-8")
        return "its test passes without it" if run(folder, guard.test)[0] else ""
    finally:
        path.write_text(kept, encoding="utf-8")


def check(guards: list[Guard]) -> dict[str, str]:
    """Guard → what is wrong with it, or ''; in two copies at a time."""
    found: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="guards-") as top:
        folders = [Path(top) / "one", Path(top) / "two"]
        for folder in folders:
            folder.mkdir()
            copied(folder)
        passed, said = run(folders[0], *sorted({guard.test for guard in guards}), seconds=10 * SECONDS)
        if not passed:
            raise SystemExit(f"{said}\nthe tests fail with every guard in place: mend that first")

        def share(part: int) -> None:
            for guard in guards[part :: len(folders)]:
                start = time.monotonic()
                found[guard.name] = unguarded(folders[part], guard)
                word = "GUARDED" if not found[guard.name] else "UNGUARDED"
                print(f"{word:<10}{time.monotonic() - start:5.1f} s  {guard.name}  {found[guard.name]}", flush=True)

        with ThreadPoolExecutor(len(folders)) as pool:
            list(pool.map(share, range(len(folders))))
    return found


def main(arguments: list[str]) -> int:
    if "--list" in arguments:
        print("\n".join(guard.name for guard in GUARDS))
        return 0
    chosen = [guard for guard in GUARDS if not arguments or any(word in guard.name for word in arguments)]
    found = check(chosen)
    missing = sum(bool(problem) for problem in found.values())
    print(f"{len(found)} guards, {len(found) - missing} with a test that fails without them")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
