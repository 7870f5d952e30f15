"""The `opslint` command: one module per verb, imported when the verb is used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from linter import __version__

COMMANDS: dict[str, tuple[str, str]] = {
    "scan": ("linter.cli.scan:scan", "Judge a tree against the rules and answer with findings and a gate."),
    "checklist": ("linter.cli.checklist:checklist", "Show the delivery checklist item by item, with evidence."),
    "parity": ("linter.cli.parity:parity", "Compare the environments: components, intended differences, drift."),
    "baseline": ("linter.cli.baseline:baseline", "Keep known faults apart, so that only new ones fail the gate."),
    "explain": ("linter.cli.explain:explain", "Say what a rule demands, why, and how to meet it."),
    "rules": ("linter.cli.rules:rules", "List, show and test rules."),
    "scanners": ("linter.cli.scanners:scanners", "List and install the scanners that `scan --with` runs."),
    "init": ("linter.cli.init:init", "Write a commented opslint.yaml for this repository."),
    "completion": ("linter.cli.completion:completion", "Print the shell completion script for bash, zsh or fish."),
}


class LazyGroup(click.Group):
    """Knows every verb's name and help line without importing its module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            close = get_close_matches(args[0], COMMANDS, 1)
            hint = f" Did you mean {close[0]!r}?" if close else f" The commands are {', '.join(COMMANDS)}."
            raise click.UsageError(f"No such command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 passed · 1 the gate failed · 2 could not do the job · 3 something in scope was not analysed.",
)
@click.version_option(__version__, prog_name="opslint")
def cli(**_: Any) -> None:
    """Lint everything a team ships with: Terraform, Kubernetes, pipelines, monitoring and runbooks as one model.

    Begin with `opslint scan`; then `opslint explain RULE` for any finding.
    """
