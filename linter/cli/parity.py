"""`opslint parity`: which component stands in which environment, what differs by intent, and what has drifted."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

import click

from linter.model import Estate

FOLDER = "parity/"
"""Where the rules about environments are kept below `rules/`."""
_NAMED = 60


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, type=click.Path())
@click.option(
    "--env",
    "environments",
    multiple=True,
    metavar="NAME",
    help="Only this environment and what it is compared with. Repeat to compare two with each other.",
)
@click.option("--format", "format", type=click.Choice(["text", "json"]), default="text", help="What is printed.")
@click.option("--all", "everything", is_flag=True, help="Every component, and every intended difference.")
@click.option(
    "--root", type=click.Path(), help="Folder that is read as one estate. Default: the repository of the PATHs."
)
@click.option("--policy", type=click.Path(), help="Folder with opslint.yaml and waivers. Default: the root.")
@click.option("--var-file", "var_files", multiple=True, metavar="FILE", help="Terraform variable file. Repeatable.")
@click.option("--var", "variables", multiple=True, metavar="NAME=VALUE", help="Terraform variable. Repeatable.")
@click.option("--as-of", metavar="DATE", help="Day for expiry dates, YYYY-MM-DD. Default: today, UTC.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colours in text.")
def parity(**options: Any) -> None:
    """Compare the environments of the tree below PATHS (default: here), component by component.

    Environments are what opslint.yaml declares and what the layout speaks of; each is compared with the next higher
    tier. Sizes, addresses, accounts and names may differ and are counted as intended; what must not differ is drift.

    Exit codes: 0 no drift · 1 drift at the gate's threshold · 2 could not do the job · 3 something was not analysed.
    """
    from linter.cli.running import run_supervised
    from linter.cli.scanning import colour

    coloured = colour(options["color"])

    def work(progress: Callable[[str], None], condemned: Mapping[str, str]) -> int:
        return _work(options, coloured, progress, condemned)

    sys.exit(run_supervised(work))


def _work(
    options: Mapping[str, Any], colour: bool, progress: Callable[[str], None], condemned: Mapping[str, str]
) -> int:
    from linter.cli.parity_json import document
    from linter.cli.parity_shown import Shown, render
    from linter.cli.running import clear_line
    from linter.cli.work import run_scan
    from linter.estate.matrix import matrix
    from linter.rules import open_pack

    pack = open_pack()
    rules = tuple(id for id in pack.ids if pack.source(id).startswith(FOLDER))
    wanted: dict[str, Any] = {"fail_on": None, "rules": rules, "isolated": False, "frameworks": (), "allow_empty": True}
    scanned = run_scan(wanted | dict(options), progress, condemned, full=True)
    progress("compare")
    _known(options["environments"], scanned.estate)
    found = matrix(scanned.estate)
    asked = frozenset(scanned.estate.settings.get("compared", ()))
    drift = [
        finding
        for finding in scanned.report.findings
        if finding.outcome == "fail"
        and (not asked or not finding.environments or not asked.isdisjoint(map(str.lower, finding.environments)))
    ]
    clear_line()
    shown = Shown(found, drift, scanned.estate, scanned.report)
    if options["format"] == "json":
        sys.stdout.write(json.dumps(document(shown), indent=1) + "\n")
    else:
        sys.stdout.write(render(shown, colour, options["everything"]))
    sys.stdout.flush()
    return scanned.report.verdict.exit_code


def _known(names: tuple[str, ...], estate: Estate) -> None:
    """Raises UsageError for a name that no environment of the tree has, saying which it has."""
    from linter.cli.refusals import usage
    from linter.text import safe_text

    declared = estate.settings.get("environments") or ()
    known = {each.environment.name for each in estate.resources if each.environment is not None}
    known.update(str(entry["name"]) for entry in declared)
    words = {name.lower() for name in known}
    words.update(str(alias).lower() for entry in declared for alias in entry.get("aliases") or ())
    for name in names:
        if name.lower() not in words:
            listed = ", ".join(safe_text(each, 60) for each in sorted(known)[:_NAMED]) or "none"
            more = f" and {len(known) - _NAMED} more" if len(known) > _NAMED else ""
            raise usage(f"no environment is called {name!r}; this tree has {listed}{more}")
