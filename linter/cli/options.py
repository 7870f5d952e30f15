"""The options of `opslint scan` as a table: click makes its command of it, and a plain call is read without click.

click with all that it imports is half of what starting costs, and a scan is started in every hook and on every save.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from linter.records import NamedTuple

FORMATS = ("text", "sarif", "json", "github-summary", "github-annotations")
SEVERITIES = ("critical", "high", "medium", "low", "info")


class Option(NamedTuple):
    """flag: `--root`. name: the key of its value. path: its value is a path. many: repeatable. switch: has no value."""

    flag: str
    name: str
    help: str
    choices: tuple[str, ...] = ()
    default: str | None = None
    metavar: str | None = None
    path: bool = False
    many: bool = False
    switch: bool = False


SCAN = (
    Option("--root", "root", "Folder that is read as one estate. Default: the repository of the PATHs.", path=True),
    Option("--policy", "policy", "Folder with opslint.yaml and waivers. Default: the root.", path=True),
    Option(
        "--trusted-ref", "trusted_ref", "Take the policy from this commit of the root's repository.", metavar="COMMIT"
    ),
    Option(
        "--baseline",
        "baseline",
        "Faults that are known and fail no gate. Default: .opslint-baseline.json beside the policy.",
        metavar="FILE",
        path=True,
    ),
    Option("--no-baseline", "no_baseline", "Compare with no baseline: all findings are new.", switch=True),
    Option("--format", "format", "What is printed. Default: text.", FORMATS, "text"),
    Option("--output", "outputs", "Also write a report to a file. Repeatable.", metavar="FORMAT=FILE", many=True),
    Option("--profile", "profile", "SARIF: live failures only, or all.", ("github", "full"), "github"),
    Option("--fail-on", "fail_on", "Least severity that fails the gate. Default: the policy's.", SEVERITIES),
    Option("--framework", "frameworks", "Show controls of soc2, pci-dss-4.0.1, qa-checklist.", metavar="ID", many=True),
    Option("--rule", "rules", "Judge only these rules. Repeatable.", metavar="ID", many=True),
    Option("--var-file", "var_files", "Terraform variable file below the root. Repeatable.", metavar="FILE", many=True),
    Option("--var", "variables", "Terraform variable. Repeatable.", metavar="NAME=VALUE", many=True),
    Option("--render", "render", "Render charts with the helm on PATH, and judge what they make.", ("helm",)),
    Option(
        "--fix", "fix", "Mend what can be mended without changing what works; then report what is left.", switch=True
    ),
    Option("--unsafe-fixes", "unsafe_fixes", "With --fix: also mend where that may change what works.", switch=True),
    Option("--diff", "diff", "With --fix: print what would be changed, and change nothing.", switch=True),
    Option(
        "--with",
        "scanners",
        "Also run these scanners, checkov or semgrep, and bring in what they find.",
        metavar="NAME[,NAME]",
        many=True,
    ),
    Option(
        "--merge", "merge", "Bring in the findings of another tool's SARIF log. Repeatable.", metavar="FILE", many=True
    ),
    Option("--isolated", "isolated", "Read only the PATHs; what lies elsewhere is unknown.", switch=True),
    Option("--allow-empty", "allow_empty", "A tree in which nothing is recognised is fine.", switch=True),
    Option("--as-of", "as_of", "Day for expiry dates, YYYY-MM-DD. Default: today, UTC.", metavar="DATE"),
    Option("--exit-zero", "exit_zero", "A failed gate exits 0; incomplete and broken runs still do not.", switch=True),
    Option("--ide", "ide", "Write .sarif/opslint.sarif below the root for SARIF viewers.", switch=True),
    Option("--color", "color", "Colours in text. Default: auto.", ("auto", "always", "never"), "auto"),
    Option(
        "--verbose", "verbose", "List known, waived and unknown findings, skipped artifacts and templates.", switch=True
    ),
)


def plain(arguments: Sequence[str]) -> dict[str, Any] | None:
    """What click would make of the arguments after `scan`; None where it should be asked itself.

    It is asked for help, for every mistake, for what looks odd, for shell completion, and on Windows.
    """
    if os.name == "nt" or "_OPSLINT_COMPLETE" in os.environ:
        return None
    known = {option.flag: option for option in SCAN}
    values: dict[str, Any] = {o.name: () if o.many else False if o.switch else o.default for o in SCAN}
    paths = []
    order = []
    words = iter(arguments)
    for word in words:
        if not word.startswith("-"):
            paths.append(word)
            continue
        flag, equals, value = word.partition("=")
        option = known.get(flag)
        if option is None or (option.switch and equals):
            return None
        if option.switch:
            values[option.name] = True
            continue
        given = value if equals else next(words, "-")
        if given.startswith("-") or (option.choices and given not in option.choices):
            return None
        values[option.name] = (*values[option.name], given) if option.many else given
        order.append(option.name)
    return {**values, "paths": tuple(paths), "given": inputs(order, values)}


def inputs(order: Sequence[str], values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """(name of the option, value) of --var-file and --var as they were written: to Terraform, the last one wins.

    order: the names of all options, once for each time they were given.
    """
    left = {name: iter(values[name]) for name in ("var_files", "variables")}
    return tuple((name, next(left[name])) for name in order if name in left)
