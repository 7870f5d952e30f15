"""The checklist and init commands, as a person runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from policy_makers import place
from scanning import put

from linter.cli.checklist import next_step
from linter.cli.init import Seen, policy
from linter.config import from_texts
from linter.model import Environment, Severity, Verdict
from linter.policy.frameworks import without_rules
from linter.report import CheckResult, ControlResult, Report, RuleInfo
from linter.rules import open_pack

HERE = Path(__file__).parent.parent.parent
LENGTH = (
    'resource "aws_iam_account_password_policy" "strict" {\n  minimum_password_length = %s\n'
    "  require_numbers = true\n  require_lowercase_characters = true\n}\n"
)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "from linter.cli.start import main; main()", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(HERE)}
    return subprocess.run(program, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


def test_text(tmp_path: Path) -> None:
    put(tmp_path, {"main.tf": LENGTH % "8"})
    done = run(tmp_path, "checklist", "--framework", "pci-dss-4.0.1", "--as-of", "2026-06-15")
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if " 8.3.6 " in line)
    assert lines[at].split()[:2] == ["not", "met"]
    assert lines[at + 1].split()[:3] == ["open", "main.tf:2", "minimum_password_length"]
    assert lines[at + 1].endswith(" [iam-password-length]")
    assert lines[at + 2].split()[:3] == ["holds", "main.tf:3", "require_numbers"]
    assert any(line.strip().startswith("next   ") for line in lines[at + 1 : at + 6])
    assert lines[-1] == "policy: built-in defaults; as of 2026-06-15"
    assert "\x1b" not in done.stdout


def test_met(tmp_path: Path) -> None:
    put(tmp_path, {"main.tf": LENGTH % "14\n  password_reuse_prevention = 24\n  max_password_age = 90"})
    done = run(tmp_path, "checklist", "--framework", "pci-dss-4.0.1", "--all", "--color", "always")
    assert done.returncode == 0, done.stderr + done.stdout
    seen = "main.tf:2  minimum_password_length of aws_iam_account_password_policy.strict is 14. [iam-password-length]"
    assert seen in done.stdout
    assert "a repository cannot show: " in done.stdout
    assert "\x1b[32m" in done.stdout


def test_json(tmp_path: Path) -> None:
    put(tmp_path, {"main.tf": LENGTH % "8"})
    done = run(tmp_path, "checklist", "--framework", "pci-dss-4.0.1", "--format", "json")
    document = json.loads(done.stdout)
    assert done.returncode == 1
    found = next(each for each in document["controls"] if each["id"] == "8.3.6")
    assert found["status"] == "not met"
    assert [(each["path"], each["line"]) for each in found["open"]] == [("main.tf", 2)]
    assert found["next"]
    assert sum(document["totals"].values()) == len(document["controls"])


def test_controls_without_rules(tmp_path: Path) -> None:
    framework = open_pack().framework("pci-dss-4.0.1")
    tree = put(tmp_path, {"main.tf": LENGTH % "14"})
    done = run(tree, "checklist", "--without-rules", "--framework", "pci-dss-4.0.1")
    listed = [line.split()[0] for line in done.stdout.splitlines()]
    assert listed == without_rules(framework) != []
    assert run(tree, "checklist", "--without-rules").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("--framework", "soc3"), "no framework 'soc3'; perhaps soc2"), (("--as-of", "today"), "--as-of takes a date")],
)
def test_usage(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    done = run(put(tmp_path, {"main.tf": LENGTH % "14"}), "checklist", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_policy_stops_it(tmp_path: Path) -> None:
    done = run(put(tmp_path, {"main.tf": LENGTH % "14", "opslint.yaml": "gate: [\n"}), "checklist")
    assert done.returncode == 2
    assert done.stderr.startswith("opslint: opslint.yaml:")


def test_incomplete(tmp_path: Path) -> None:
    put(tmp_path, {"main.tf": LENGTH % "8", "deploy.yaml": "apiVersion: v1\nkind: Pod\nmetadata: [\n"})
    done = run(tmp_path, "checklist", "--framework", "pci-dss-4.0.1")
    assert done.returncode == 3
    assert "incomplete: " in done.stdout


def report(*rules: RuleInfo) -> Report:
    return Report((), (), {rule.id: rule for rule in rules}, Verdict("complete", "passed", 0, ()))


def test_next_steps() -> None:
    rule = RuleInfo("a-b", "Title", Severity.HIGH, fix="Set a to b.")
    failed = ((place(), "it is wrong [a-b]"),)
    waived = ((place(), "it is wrong [a-b] (waived: because)"),)
    undecided = ((place(), "Undecided for x: y is unknown. [a-b]"),)
    held = ((place(), "x is there. [a-b]"),)
    rules = ("a-b",)

    def step(status: str, **given: object) -> str:
        return next_step(ControlResult("1", "One", status, **given), report(rule))  # type: ignore[arg-type]

    assert step("not met", failures=failed, rules=rules) == "Set a to b."
    assert step("not met", failures=((place(), "x [c-d]"),), rules=("c-d",)) == "See `opslint explain c-d`."
    assert step("partly", failures=waived, rules=rules).startswith("Supply what is unknown")
    assert step("partly", failures=undecided, rules=rules).startswith("Supply what is unknown")
    assert step("not met", failures=(*undecided, *failed), rules=rules) == "Set a to b."
    assert step("partly", evidence=held, rules=rules).startswith("Only rules that support it pass")
    assert step("no evidence", rules=rules) == "Nothing here was judged by its rules; see `opslint explain a-b`."
    assert step("no evidence") == "Show it otherwise: no rule bears on it yet."
    assert step("not observable", cannot_show="Training records") == "Show it otherwise: training records."
    assert step("met", evidence=held, rules=rules) == ""


def test_the_next_step_of_checks_is_that_of_the_worst_that_fails() -> None:
    rules = tuple(RuleInfo(id, "Title", Severity.LOW, fix=f"Mend {id}.") for id in ("a-a", "b-b", "c-c"))

    def check(id: str, severity: str, state: str, text: str, of: tuple[str, ...]) -> CheckResult:
        return CheckResult(id, "Title", severity, state, (), ((place(), text),), of)

    minor = check("one", "low", "fail", "x [a-a]", ("a-a",))
    worst = check("two", "high", "fail", "y [b-b]", ("b-b",))
    open_ = check("three", "critical", "unknown", "Undecided for z: w is unknown. [c-c]", ("c-c",))
    summary = check("four", "critical", "fail", "z [c-c] [three]", ())
    all_rules = ("a-a", "b-b", "c-c")
    for checks, expected in (
        ((minor, worst, open_), "Mend b-b."), ((minor,), "Mend a-a."), ((minor, summary), "Mend c-c."),
        ((open_,), "Supply what is unknown, or correct what is waived: both keep it from being met."),
    ):  # fmt: skip
        failures = ((place(), "x [a-a]"),)
        control = ControlResult("1", "One", "not met", (), failures, rules=all_rules, checks=checks)
        assert next_step(control, report(*rules)) == expected


RULES = """\
groups:
  - name: shop
    rules:
      - alert: ShopDown
        expr: up == 0
        annotations: {runbook_url: "https://runbooks.example.com/shop/ShopDown"}
      - alert: ShopSlow
        expr: up == 1
        annotations: {runbook_url: "https://elsewhere.example.com/ShopSlow"}
"""


def test_init(tmp_path: Path) -> None:
    bucket = 'resource "aws_s3_bucket" "logs" {}\n'
    files = {
        "envs/dev/main.tf": bucket,
        "envs/prod/main.tf": bucket,
        "rules.yaml": RULES,
        "runbooks/shopdown.md": "# A\n",
    }
    done = run(put(tmp_path, files), "init")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "opslint.yaml").read_text()
    settings = from_texts([("opslint.yaml", text)])
    assert settings.data["environments"] == [
        {"name": "prod", "tier": "production"}, {"name": "dev", "tier": "development"},
    ]  # fmt: skip
    assert settings.data["runbooks"]["base-urls"] == {"https://runbooks.example.com/shop/": "runbooks"}
    assert '# "https://elsewhere.example.com/": docs/runbooks' in text


def test_init_never_writes_over_what_is_there(tmp_path: Path) -> None:
    put(tmp_path, {"opslint.yaml": "version: 1\n"})
    done = run(tmp_path, "init")
    assert done.returncode == 2
    assert "--force" in done.stderr
    assert (tmp_path / "opslint.yaml").read_text() == "version: 1\n"
    assert run(tmp_path, "init", "--force").returncode == 0
    assert "gate:" in (tmp_path / "opslint.yaml").read_text()


def test_init_does_not_write_through_a_link(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    folder = put(tmp_path / "tree", {"main.tf": ""})
    (folder / "opslint.yaml").symlink_to(victim)
    assert run(folder, "init").returncode == 2
    assert run(folder, "init", "--force").returncode == 2
    assert victim.read_text() == "mine"


@pytest.mark.parametrize(
    "seen",
    [
        Seen((), {}),
        Seen((), {"https://a.example/": ""}),
        Seen((Environment("qa", "pre-production"),), {"https://a.example/#x: y": "a: b # c", "https://b.example/": ""}),
        Seen((Environment('"}\n- x', "production"),), {}),
    ],
)
def test_what_init_writes_always_fits_the_schema(seen: Seen) -> None:
    data = from_texts([("opslint.yaml", policy(seen))]).data
    assert [entry["name"] for entry in data.get("environments", ())] == [each.name for each in seen.environments]
    assert data.get("runbooks", {}).get("base-urls", {}) == {k: v for k, v in seen.prefixes.items() if v}
    assert "waivers" not in data
