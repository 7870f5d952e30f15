"""`opslint rules list|show|test`."""

from __future__ import annotations

import json
import sys

import click

from linter.rules import open_pack, rule_files
from linter.rules.model import RuleError, kinds_of, variants_of
from linter.rules.pack import Pack, build


@click.group()
def rules() -> None:
    """List, show and test rules: the built-in ones, or a team's own in a folder."""


class Broken(click.ClickException):
    """A rule file that cannot be used: the job cannot be done."""

    exit_code = 2


def _pack(folder: str | None) -> Pack:
    try:
        return open_pack(((folder, rule_files(folder)),) if folder else ())
    except RuleError as error:
        raise Broken(str(error)) from error


@rules.command("list")
@click.option("--folder", type=click.Path(exists=True, file_okay=False), help="A team's own rules, as well.")
@click.option("--kind", help="Only rules on this kind, such as terraform/aws_s3_bucket.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_rules(folder: str | None, kind: str | None, as_json: bool) -> None:
    """List every rule with its severity and title."""
    pack = _pack(folder)
    found = [pack.rule(id) for id in pack.ids]
    if kind:
        found = [rule for rule in found if any(kind in kinds_of(spec) for spec in variants_of(rule.data))]
    if as_json:
        listed = [
            {"id": rule.id, "title": rule.title, "severity": rule.severity.word, "same-as": rule.same_as}
            for rule in found
        ]
        click.echo(json.dumps(listed, indent=2))
        return
    width = max((len(rule.id) for rule in found), default=0)
    for rule in found:
        click.echo(f"{rule.id:<{width}}  {rule.severity.word:<8}  {rule.title}")
    click.echo(f"{len(found)} rules", err=True)


@rules.command()
@click.argument("rule")
@click.option("--folder", type=click.Path(exists=True, file_okay=False), help="A team's own rules, as well.")
def show(rule: str, folder: str | None) -> None:
    """Show RULE as data, in JSON."""
    pack = _pack(folder)
    if rule not in pack.ids:
        raise click.UsageError(f"no rule {rule!r}")
    click.echo(json.dumps({"id": rule, **pack.rule(rule).data, **pack.examples(rule)}, indent=2, ensure_ascii=False))


@rules.command()
@click.argument("names", nargs=-1, metavar="[RULE…]")
@click.option(
    "--folder", type=click.Path(exists=True, file_okay=False), help="A team's own rules instead of the built-in ones."
)
def test(names: tuple[str, ...], folder: str | None) -> None:
    """Check that rules prove themselves: every mark in `bad` is reported exactly there, every `good` one is judged and passes."""
    from linter.engine.proof import prove

    try:
        pack = Pack(build(rule_files(folder), open_pack().ids, folder)) if folder else open_pack()
    except RuleError as error:
        raise Broken(str(error)) from error
    unknown = [name for name in names if name not in pack.ids]
    if unknown:
        raise click.UsageError(f"no rule {unknown[0]!r}")
    failed = 0
    for id in names or pack.ids:
        complaints = prove(pack, id)
        failed += bool(complaints)
        for complaint in complaints:
            click.echo(f"{click.style('FAIL', fg='red')} {id}: {complaint}")
    tested = len(names or pack.ids)
    click.echo(f"{tested - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
