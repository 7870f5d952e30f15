"""`opslint baseline create|update|prune|show`: the file of known faults."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click

from linter.cli.scan import Ordered, declared
from linter.records import NamedTuple
from linter.report import Baseline, Recorded, Report

_TAKEN = frozenset(
    ("root", "policy", "var_files", "variables", "render", "scanners", "merge", "frameworks", "as_of", "allow_empty")
)
_HELP = {"help_option_names": ["-h", "--help"]}


@click.group(context_settings=_HELP)
def baseline() -> None:
    """Keep faults that are known apart from new ones, in a file that is committed and reviewed.

    \b
    opslint baseline create      once: record what is there; commit the file
    opslint scan                 from then on tells, and fails on, what is new
    opslint baseline prune       take out what was mended; nothing is added
    opslint baseline update      also add what is new, after a decision to live with it
    opslint baseline show        what is recorded, by rule

    The file, .opslint-baseline.json beside opslint.yaml unless `baseline:` there or --file names another, belongs to the
    policy: with `scan --policy` or `--trusted-ref` it is read from there, so that a change of it counts once it is merged.
    An entry covers one finding, through moved lines and renamed files and rules. What is known still counts against the
    controls of frameworks: a baseline is a plan to mend, not compliance. Give the same --with, --merge, --var-file and
    --framework as to the scan; what a run does not look at stays as it is.
    """


def _file(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--file", type=click.Path(), help="The baseline. Default: that of the policy.")(command)


def _reading(command: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments of a verb that scans."""
    return click.argument("paths", nargs=-1, type=click.Path())(_file(declared(command, _TAKEN)))


@baseline.command(cls=Ordered, context_settings=_HELP)
@_reading
@click.option("--force", is_flag=True, help="Write over a baseline that is there.")
def create(force: bool, **options: Any) -> None:
    """Record all findings below PATHS (default: here) as known. Waived ones keep their waiver and are left out."""
    target = _target(options)
    if os.path.lexists(target.path) and not force:
        raise click.UsageError(
            f"{target.shown!r} is already there; `opslint baseline update` brings it up to date, --force makes it anew"
        )
    sys.exit(_run(options, target, None, lambda report: _all(report, target)))


@baseline.command(cls=Ordered, context_settings=_HELP)
@_reading
def update(**options: Any) -> None:
    """Add what is new below PATHS (default: here), and take out what is no longer found."""
    target = _target(options)
    sys.exit(_run(options, target, _kept(target), lambda report: _all(report, target)))


@baseline.command(cls=Ordered, context_settings=_HELP)
@_reading
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if there is something to take out.")
def prune(check: bool, **options: Any) -> None:
    """Take out what is no longer found below PATHS (default: here). Nothing is added."""
    target = _target(options)
    sys.exit(_run(options, target, _kept(target), lambda report: _found_again(report, target), check))


@baseline.command(context_settings=_HELP)
@_file
@click.option("--policy", type=click.Path(), default=".", help="Folder with opslint.yaml. Default: here.")
@click.option("--rule", help="Only entries of this rule.")
@click.option("--all", "everything", is_flag=True, help="Every entry, not only their number by rule.")
def show(file: str | None, policy: str, rule: str | None, everything: bool) -> None:
    """Show what is recorded, by rule, the worst first. Reads no tree."""
    from linter.cli.baseline_shown import by_rule

    target = _target({"file": file, "policy": policy, "paths": (), "root": None})
    for line in by_rule(_kept(target), target.settings, target.folder, rule, everything):
        click.echo(line)


class Target(NamedTuple):
    """The file that is written. path: as it is opened; shown: as people call it. folder: of the policy. default: a scan
    finds it by itself."""

    path: str
    shown: str
    folder: str
    settings: Any
    default: bool

    @property
    def fixed(self) -> frozenset[str]:
        """Rules that nothing waives, and no baseline covers."""
        return frozenset(self.settings.data.get("non-waivable", ()))


def _target(options: Mapping[str, Any]) -> Target:
    """Raises ClickException where the policy cannot be read."""
    from linter.cli.root import find_root
    from linter.config import BASELINE, ConfigError, load

    root, _ = find_root(options["paths"], options["root"])
    folder = os.path.realpath(options["policy"] or root)
    try:
        settings = load(folder)
    except ConfigError as error:
        raise Broken(str(error)) from None
    usual = os.path.join(folder, settings.baseline or BASELINE)
    path = os.path.abspath(options["file"]) if options["file"] else usual
    shown = os.path.relpath(path, folder) if path.startswith(folder + os.sep) else options["file"] or path
    return Target(path, shown.replace(os.sep, "/"), folder, settings, path == usual)


class Broken(click.ClickException):
    """A policy or a baseline that cannot be used: the job cannot be done."""

    exit_code = 2


def _kept(target: Target) -> Baseline:
    """The baseline as it is. Raises ClickException."""
    from linter.config import ConfigError
    from linter.files import Unreadable, read_trusted
    from linter.policy.baseline_file import CAP, read

    if not os.path.lexists(target.path):
        raise click.UsageError(f"there is no baseline {target.shown!r}; make one with `opslint baseline create`")
    try:
        return read(target.shown, read_trusted(target.path, CAP))
    except ConfigError as error:
        raise Broken(str(error)) from None
    except Unreadable as error:
        raise click.UsageError(f"{target.shown!r} cannot be read: {error.reason}") from None


def _all(report: Report, target: Target) -> tuple[Recorded, ...]:
    """Every finding, and what the scan says nothing of."""
    from linter.policy.baseline import joined, record

    unknown = target.settings.data.get("gate", {}).get("unknown") == "fail"
    found = record((each for each in report.findings if each.rule not in target.fixed), unknown)
    return joined((*found, *_unseen(report, target)))


def _found_again(report: Report, target: Target) -> tuple[Recorded, ...]:
    """The known findings, as they are found now, and what the scan says nothing of."""
    from linter.policy.baseline import joined, record

    found = record((each for each in report.findings if each.known), True)
    return joined((*found, *_unseen(report, target)))


def _unseen(report: Report, target: Target) -> Iterable[Recorded]:
    compared = report.baseline
    return (entry for entry in compared.unseen if entry.rule not in target.fixed) if compared is not None else ()


def _run(
    options: Mapping[str, Any],
    target: Target,
    known: Baseline | None,
    entries_of: Callable[[Report], tuple[Recorded, ...]],
    check: bool = False,
) -> int:
    """Scan, write what `entries_of` makes of it, say so. known: what was recorded before."""
    from linter.cli.running import run_supervised
    from linter.cli.scanning import with_scanners

    chosen: dict[str, Any] = {"fail_on": None, "rules": (), "isolated": False, **options, "known": known}

    def work(progress: Callable[[str], None], condemned: Mapping[str, str]) -> int:
        from linter.cli.baseline_shown import changed, incomplete
        from linter.cli.running import clear_line
        from linter.cli.work import run_scan
        from linter.files import write_atomic
        from linter.policy.baseline import total
        from linter.policy.baseline_file import written

        report = run_scan(chosen, progress, condemned).report
        clear_line()
        before, after = known.entries if known is not None else (), entries_of(report)
        differs = known is None or written(before) != written(after)
        if differs and not check:
            write_atomic(target.path, written(after))
        lines = [*changed(report, known, after, target.shown, target.default, check), *incomplete(report)]
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        if report.verdict.exit_code in (2, 3):
            return report.verdict.exit_code
        return int(check and total(after) < total(before))

    return with_scanners(chosen, lambda: run_supervised(work))
