"""`opslint scan`: the main job."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

import click

from linter.cli.root import find_root
from linter.cli.running import run_supervised

FORMATS = ("text", "sarif", "json", "github-summary", "github-annotations")
SEVERITIES = ("critical", "high", "medium", "low", "info")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, type=click.Path())
@click.option(
    "--root", type=click.Path(), help="Folder that is read as one estate. Default: the repository of the PATHs."
)
@click.option("--policy", type=click.Path(), help="Folder with opslint.yaml and waivers. Default: the root.")
@click.option("--trusted-ref", metavar="COMMIT", help="Take the policy from this commit of the root's repository.")
@click.option("--format", "format", type=click.Choice(FORMATS), default="text", help="What is printed. Default: text.")
@click.option(
    "--output", "outputs", multiple=True, metavar="FORMAT=FILE", help="Also write a report to a file. Repeatable."
)
@click.option(
    "--profile", type=click.Choice(["github", "full"]), default="github", help="SARIF: live failures only, or all."
)
@click.option(
    "--fail-on", type=click.Choice(SEVERITIES), help="Least severity that fails the gate. Default: the policy's."
)
@click.option(
    "--framework", "frameworks", multiple=True, metavar="ID", help="Show controls of soc2, pci-dss-4.0.1, qa-checklist."
)
@click.option("--rule", "rules", multiple=True, metavar="ID", help="Judge only these rules. Repeatable.")
@click.option(
    "--var-file", "var_files", multiple=True, metavar="FILE", help="Terraform variable file below the root. Repeatable."
)
@click.option("--var", "variables", multiple=True, metavar="NAME=VALUE", help="Terraform variable. Repeatable.")
@click.option("--isolated", is_flag=True, help="Read only the PATHs; what lies elsewhere is unknown.")
@click.option("--allow-empty", is_flag=True, help="A tree in which nothing is recognised is fine.")
@click.option("--as-of", metavar="DATE", help="Day for expiry dates, YYYY-MM-DD. Default: today, UTC.")
@click.option("--exit-zero", is_flag=True, help="A failed gate exits 0; incomplete and broken runs still do not.")
@click.option("--ide", is_flag=True, help="Write .sarif/opslint.sarif below the root for SARIF viewers.")
@click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colours in text. Default: auto."
)
@click.option("--verbose", is_flag=True, help="List every unknown judgement, skipped artifact and template.")
def scan(**options: Any) -> None:
    """Judge what lies below PATHS (default: here) and answer with findings and a gate.

    \b
    opslint scan                                   this repository
    opslint scan infra/ --fail-on medium           report one folder, knowing all
    opslint scan --framework soc2                  control by control, with evidence
    opslint scan --output sarif=opslint.sarif      for code scanning and IDEs
    """
    sys.exit(run(options))


def run(options: Mapping[str, Any]) -> int:
    """The scan under supervision; returns the exit code."""
    root, _ = find_root(options["paths"], options["root"])
    outputs = [_output(item, root) for item in options["outputs"]]
    if options["ide"]:
        outputs.append(("sarif", os.path.join(root, ".sarif", "opslint.sarif")))
    colour = _colour(options["color"])
    if "GITHUB_ACTIONS" in os.environ:
        from linter.reporters.origin import origin

        options = {**options, "origin": origin(os.environ)}

    def work(progress: Callable[[str], None], condemned: Mapping[str, str]) -> int:
        from linter.cli.work import scan_and_report

        return scan_and_report(options, outputs, colour, progress, condemned)

    if options["trusted_ref"] is None:
        return run_supervised(work)
    from linter.cli.trusted_ref import policy_of

    if options["policy"]:
        raise click.UsageError("--trusted-ref and --policy both name the policy; give one of them")
    with policy_of(root, options["trusted_ref"]) as folder:
        options = {**options, "policy": folder}
        return run_supervised(work)


def _output(item: str, root: str) -> tuple[str, str]:
    format, separator, path = item.partition("=")
    if not separator or format not in FORMATS or not path:
        raise click.UsageError(f"--output takes FORMAT=FILE with a format of {', '.join(FORMATS)}, not {item!r}")
    return format, os.path.abspath(path)


def _colour(choice: str) -> bool:
    if choice == "auto":
        return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    return choice == "always"
