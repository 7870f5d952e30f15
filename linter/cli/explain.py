"""`opslint explain RULE`: what a rule demands, why, and how to meet it."""

from __future__ import annotations

from typing import NoReturn

import click

from linter.policy.ids import own_id, tool_of, words
from linter.rules import open_pack
from linter.rules.model import Rule, variants_of
from linter.rules.pack import Pack


@click.command()
@click.argument("rule")
def explain(rule: str) -> None:
    """Say what RULE demands, why, how to meet it, and show an example that fails and one that passes.

    RULE may also be another tool's id of the same check, such as CKV_AWS_20, AWS-0092 or checkov.ckv-aws-20. Of a check
    of Checkov or Semgrep that no rule here makes, what its findings bear on is said.
    """
    pack = open_pack()
    found = find(pack, rule)
    if not found:
        from linter.cli.explain_other import known

        click.echo(known(pack, rule) or _unknown(pack, rule))
    for id in found:
        click.echo(describe(pack, id))


def find(pack: Pack, name: str) -> list[str]:
    """Ids of the rules a name means: an id, a former id, or another tool's id, alone or behind the tool's name."""
    try:
        return [pack.rule(name).id]
    except KeyError:
        pass
    tool, dot, check = name.partition(".")
    name = check if dot else name
    wanted = {words(name), words(own_id("trivy", name))}
    return [
        id
        for id in pack.ids
        for other, ids in pack.rule(id).same_as.items()
        if (not dot or words(other) == words(tool)) and any(words(each) in wanted for each in ids)
    ]


def _unknown(pack: Pack, name: str) -> NoReturn:
    from difflib import get_close_matches

    if tool_of(name):
        raise click.UsageError(
            f"{name} is another tool's check, and nothing is known of it here; see {tool_of(name)}'s own pages"
        )
    close = get_close_matches(name, pack.ids, 3)
    hint = f"; perhaps {', '.join(close)}" if close else "; `opslint rules list` shows them all"
    raise click.UsageError(f"no rule {name!r}{hint}")


def _mending(rule: Rule) -> list[str]:
    """What `opslint scan --fix` does, and whether it does so without being asked for unsafe fixes."""
    from linter.fixes.mend import told

    found: dict[str, str] = {}
    for spec in variants_of(rule.data):
        if "mend" in spec:
            safe = spec["mend"]["safe"]
            certain = safe is True and "by" not in spec["mend"]
            found[told(spec["mend"])] = "safe" if certain else "unsafe" if safe is False else "safe where that shows"
    return [f"--fix  {text} ({safe})" for text, safe in found.items()]


def describe(pack: Pack, id: str) -> str:
    """A rule as text for people."""
    rule = pack.rule(id)
    security = f", security-severity {rule.security_severity}" if rule.security_severity else ""
    lines = [
        click.style(f"{rule.id}", bold=True) + f"  ({rule.severity.word}{security}, {pack.source(id)})",
        rule.title + ".",
        "",
        f"Why  {rule.why}",
        f"Fix  {rule.fix}",
    ]
    lines += _mending(rule)
    if rule.same_as:
        lines.append("Same as  " + "; ".join(f"{tool} {', '.join(ids)}" for tool, ids in sorted(rule.same_as.items())))
    for heading, key in (("Fails", "bad"), ("Passes", "good")):
        for item in pack.examples(id)[key][:1]:
            example = item["example"]
            files = {"": example} if isinstance(example, str) else example
            for path, text in files.items():
                lines += ["", click.style(f"{heading}{f' ({path})' if path else ''}:", bold=True)]
                lines += [f"    {line}" for line in text.rstrip().splitlines()]
    return "\n".join(lines) + "\n"
