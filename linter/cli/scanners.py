"""`opslint scanners`: the outside scanners that `scan --with` runs."""

from __future__ import annotations

import os
import sys

import click

from linter.scanners import NAMES


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def scanners() -> None:
    """List and install the scanners that `opslint scan --with` runs.

    Each lives in an environment of its own, is given a copy of the tree without anything that could configure it, and
    gets no network, no secrets and limited time.
    """


@scanners.command("list")
@click.option("--policy", type=click.Path(), default=".", help="Folder with opslint.yaml. Default: here.")
def list_(policy: str) -> None:
    """Show each scanner, its version, where it comes from and whether it works."""
    from linter.config import ConfigError, load
    from linter.scanners.install import states

    try:
        settings = load(os.path.realpath(policy)).data
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    for state in states(settings, os.path.realpath(policy)):
        program = state.program
        where = f"{program.path} ({program.source})" if program.path else "not found"
        version = state.version or "-"
        remark = state.problem or ("works" if version == state.pinned else f"works; tested with {state.pinned}")
        click.echo(f"{program.name:<8}  {version:<10}  {where}  {remark}")


@scanners.command()
@click.argument("names", nargs=-1, required=True, type=click.Choice(NAMES))
def install(names: tuple[str, ...]) -> None:
    """Make an environment for each of NAMES, with pinned packages that are checked by hash."""
    from linter.scanners.install import InstallError
    from linter.scanners.install import install as make

    for name in dict.fromkeys(names):
        try:
            folder = make(name, lambda text: click.echo(text, err=True))
        except InstallError as error:
            click.echo(f"{name} could not be installed: {error}", err=True)
            sys.exit(2)
        click.echo(f"{name} is ready in {folder}")
