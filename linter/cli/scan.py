"""`opslint scan`: the main job, as click reads it from the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from typing import Any

import click

from linter.cli.options import SCAN, Option, inputs
from linter.cli.scanning import run


def declared(command: Callable[..., Any], names: Collection[str] = ()) -> Callable[..., Any]:
    """The options of the table as click's; names: only these."""
    for option in reversed(SCAN):
        if not names or option.name in names:
            command = _option(option)(command)
    return command


def _option(option: Option) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    if option.switch:
        return click.option(option.flag, option.name, is_flag=True, help=option.help)
    kind = click.Choice(option.choices) if option.choices else click.Path() if option.path else str
    return click.option(
        option.flag, option.name, type=kind, default=option.default, metavar=option.metavar, multiple=option.many,
        help=option.help,
    )  # fmt: skip


class Ordered(click.Command):
    """Also passes `given`: --var-file and --var in their common order, which click does not keep."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        _, _, order = self.make_parser(ctx).parse_args(list(args))
        rest = super().parse_args(ctx, args)
        ctx.params["given"] = inputs([str(parameter.name) for parameter in order], ctx.params)
        return rest


@click.command(cls=Ordered, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, type=click.Path())
@declared
def scan(**options: Any) -> None:
    """Judge what lies below PATHS (default: here) and answer with findings and a gate.

    \b
    opslint scan                                   this repository
    opslint scan infra/ --fail-on medium           report one folder, knowing all
    opslint scan --framework soc2                  control by control, with evidence
    opslint scan --output sarif=opslint.sarif      for code scanning and IDEs
    """
    sys.exit(run(options))
