"""`opslint scanners`: the outside scanners that `scan --with` runs."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import TYPE_CHECKING

import click

from linter.scanners import NAMES

if TYPE_CHECKING:
    from linter.scanners.install import State


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def scanners() -> None:
    """List and install the scanners that `opslint scan --with` runs.

    Each lives in an environment of its own, is given a copy of the tree without anything that could configure it, and
    gets no network, no secrets and limited time.
    """


@scanners.command("list", short_help="Show each scanner, and whether it works.")
@click.option("--policy", type=click.Path(), default=".", help="Folder with opslint.yaml. Default: here.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", help="text (default) or json.")
def list_(policy: str, form: str) -> None:
    """Show each scanner, its version, where it comes from and whether it works.

    Looked for: the program that opslint.yaml names, what `opslint scanners install` made, PATH. Exit code: 0, whether
    they work or not.
    """
    from linter.config import ConfigError, load
    from linter.scanners.install import states

    try:
        settings = load(os.path.realpath(policy)).data
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    found = states(settings, os.path.realpath(policy))
    if form == "json":
        click.echo(json.dumps([_entry(state) for state in found], indent=2))
        return
    for state in found:
        program = state.program
        where = f"{program.path} ({program.source})" if program.path else "not found"
        version = state.version or "-"
        remark = state.problem or ("works" if version == state.pinned else f"works; tested with {state.pinned}")
        click.echo(f"{program.name:<8}  {version:<10}  {where}  {remark}")


def _entry(state: State) -> dict[str, str | bool]:
    return {
        "name": state.program.name, "path": state.program.path, "source": state.program.source,
        "version": state.version, "tested": state.pinned, "works": not state.problem, "problem": state.problem,
    }  # fmt: skip


@scanners.command(short_help="Make an environment for each of NAMES.")
@click.argument("names", nargs=-1, required=True, metavar="NAMES...", type=click.Choice(NAMES))
def install(names: tuple[str, ...]) -> None:
    """Make an environment for each of NAMES (checkov, semgrep), with pinned packages that are checked by hash.

    The one thing opslint does that needs a network. The new environment takes the old one's place when it works; the
    pinned one that is there and works is left as it is. They lie below $XDG_DATA_HOME, by default ~/.local/share.
    """
    from linter.scanners.install import InstallError
    from linter.scanners.install import install as make

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for name in dict.fromkeys(names):
        try:
            folder = make(name, lambda text: click.echo(text, err=True))
        except InstallError as error:
            click.echo(f"{name} could not be installed: {error}", err=True)
            sys.exit(2)
        click.echo(f"{name} is ready in {folder}")
