"""`opslint explain RULE`: what a rule demands, why, and how to meet it."""

from __future__ import annotations

import click

from linter.rules import open_pack
from linter.rules.model import Rule, variants_of
from linter.rules.pack import Pack


@click.command()
@click.argument("rule")
def explain(rule: str) -> None:
    """Say what RULE demands, why, how to meet it, and show an example that fails and one that passes.

    RULE may also be another tool's id of the same check, such as CKV_AWS_20 or AWS-0092.
    """
    pack = open_pack()
    for id in find(pack, rule):
        click.echo(describe(pack, id))


def find(pack: Pack, name: str) -> list[str]:
    """Ids of the rules a name means: an id, a former id, or another tool's id. Raises UsageError."""
    try:
        return [pack.rule(name).id]
    except KeyError:
        pass
    wanted = name.upper().removeprefix("AVD-")
    found = [
        id for id in pack.ids if any(wanted == other.upper() for ids in pack.rule(id).same_as.values() for other in ids)
    ]
    if not found:
        from difflib import get_close_matches

        close = get_close_matches(name, pack.ids, 3)
        hint = f"; perhaps {', '.join(close)}" if close else "; `opslint rules list` shows them all"
        raise click.UsageError(f"no rule {name!r}{hint}")
    return found


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
