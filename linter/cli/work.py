"""What the supervised process does for a scan: policy, rules, scan, reports, exit code."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from linter.cli.refusals import usage
from linter.cli.root import find_root
from linter.cli.running import clear_line
from linter.config import BASELINE, Settings, changes, load
from linter.engine import Request, Scan, scan
from linter.files import write_atomic
from linter.reporters import renderer
from linter.rules import open_pack, team_rules
from linter.rules.pack import Pack

if TYPE_CHECKING:
    from linter.cli.in_force import InForce
    from linter.scanners.outside import Outside

Progress = Callable[[str], None]


def scan_and_report(
    options: Mapping[str, Any],
    outputs: Sequence[tuple[str, str]],
    colour: bool,
    progress: Progress,
    condemned: Mapping[str, str],
) -> int:
    """Scan, write every report, print the asked-for one; returns the exit code of DESIGN §7.

    Raises ConfigError, RuleError, WriteError and ClickException: the job could not be done.
    """
    full = _wants_all(options, outputs)
    unwritten = 0
    if options.get("fix") or options.get("diff"):
        from linter.cli.fixing import fix

        done = fix(lambda: run_scan(options, progress, condemned, full=full), options, progress)
        scanned, unwritten, printed = done.scanned, 2 if done.refused else 0, done.diff
    else:
        scanned, printed = run_scan(options, progress, condemned, full=full), None
    report = scanned.report
    shown = {"color": colour, "profile": options["profile"], "verbose": options["verbose"], **options.get("origin", {})}
    for format, path in outputs:
        if options["ide"] and path.endswith(os.path.join(".sarif", "opslint.sarif")):
            os.makedirs(os.path.dirname(path), exist_ok=True)
        write_atomic(path, renderer(format)(report, {**shown, "color": False}))
    clear_line()
    sys.stdout.write(renderer(options["format"])(report, shown) if printed is None else printed)
    sys.stdout.flush()
    code = unwritten or report.verdict.exit_code
    return 0 if options["exit_zero"] and code == 1 else code


def _wants_all(options: Mapping[str, Any], outputs: Sequence[tuple[str, str]]) -> bool:
    formats = {options["format"], *(format for format, _ in outputs)}
    return "json" in formats or ("sarif" in formats and options["profile"] == "full")


def run_scan(
    options: Mapping[str, Any], progress: Progress, condemned: Mapping[str, str], *, full: bool = False
) -> Scan:
    """A scan by the options of `opslint scan`. Raises ConfigError and RuleError; UsageError for unknown ids."""
    root, scope = find_root(options["paths"], options["root"])
    if options["policy"] and not os.path.isdir(options["policy"]):
        raise usage(f"--policy takes a folder, and {options['policy']!r} is none")
    folder = os.path.realpath(options["policy"] or root)
    settings = with_options(load(folder), options, root)
    pack = open_pack(tuple(team_rules(folder, name) for name in settings.data.get("rules", {}).get("folders", ())))
    _known(pack, options)
    in_force = _in_force(options, root, folder, settings)
    request = Request(
        root=root,
        name=os.path.basename(root),
        scope=scope,
        settings=settings,
        as_of=_as_of(options["as_of"]),
        frameworks=tuple(options["frameworks"]),
        isolated=options["isolated"],
        allow_empty=options["allow_empty"],
        full=full,
        only_rules=tuple(options["rules"]),
        base=folder if folder != root else None,
        renderers=_renderers(options, root),
        outside=_outside(options, root, folder, settings, pack),
        baseline=in_force.baseline if in_force is not None else None,
    )
    scanned = scan(request, pack, progress, condemned)
    if folder == root:
        return scanned
    report = scanned.report
    changed = (*changes(root, settings), *(in_force.changes if in_force is not None else ()))
    return scanned._replace(report=report._replace(changes=(*changed, *report.changes)))


def _in_force(options: Mapping[str, Any], root: str, folder: str, settings: Settings) -> InForce | None:
    """The baseline that findings are compared with; where nobody speaks of one, nothing more is imported."""
    named = options.get("baseline")
    if "known" in options:
        from linter.cli.in_force import InForce

        return InForce(options["known"])
    if options.get("no_baseline"):
        if named:
            raise usage("--baseline and --no-baseline contradict each other; give one of them")
        return None
    if not named and not settings.baseline and (folder == root or not os.path.lexists(os.path.join(root, BASELINE))):
        return None
    from linter.cli.in_force import in_force

    return in_force(named, root, folder, settings)


def _outside(options: Mapping[str, Any], root: str, folder: str, settings: Settings, pack: Pack) -> Outside | None:
    """The other tools of the scan, started; None where none is asked for."""
    names, logs = options.get("scanners", ()), options.get("merge", ())
    if not names and not logs:
        return None
    from linter.scanners.outside import Outside

    return Outside(names, logs, options.get("launcher"), root, settings.data, folder, pack.texts("semgrep/"))


def _renderers(options: Mapping[str, Any], root: str) -> Mapping[str, Callable[..., Any]]:
    """The renderers that `--render` asks for. Raises UsageError where one is not there."""
    if options.get("render") != "helm":
        return {}
    from linter.renderers.helm import Helm, find

    program = find(root)
    if program is None:
        raise usage("--render helm needs a `helm` on PATH, and outside of what is scanned")
    return {"helm": Helm(program)}


def with_options(settings: Settings, options: Mapping[str, Any], root: str) -> Settings:
    """The policy with what the command line changes of it. Raises UsageError."""
    data = dict(settings.data)
    if options["fail_on"]:
        data["gate"] = {**data.get("gate", {}), "fail-on": options["fail_on"]}
    given = options.get("given") or [
        *(("var_files", path) for path in options["var_files"]),
        *(("variables", pair) for pair in options["variables"]),
    ]
    if options.get("environments"):
        data["compared"] = tuple(dict.fromkeys(_declared(name, data) for name in options["environments"]))
    if given:
        ordered = [
            ("file", _below(root, item), None) if name == "var_files" else _assignment(item) for name, item in given
        ]
        data["terraform"] = {**data.get("terraform", {}), "given": ordered}
    return settings._replace(data=data)


def _declared(name: str, data: Mapping[str, Any]) -> str:
    """An environment's name as resources have it, in lower case: what is declared as an alias stands for its own."""
    low = name.lower()
    for entry in data.get("environments") or ():
        if low in (str(alias).lower() for alias in entry.get("aliases") or ()):
            return str(entry["name"]).lower()
    return low


def _assignment(pair: str) -> tuple[str, str, str]:
    name, separator, value = pair.partition("=")
    if not separator or not name:
        raise usage(f"--var takes NAME=VALUE, not {pair!r}")
    return "var", name, value


def _below(root: str, path: str) -> str:
    """A file of variables as a path below the root, as which it is written, or from the current folder."""
    if not path.endswith((".tfvars", ".tfvars.json")):
        raise usage(f"--var-file takes a .tfvars or .tfvars.json file, not {path!r}")
    for place in (os.path.join(root, path), os.path.abspath(path)):
        found = os.path.relpath(os.path.realpath(place), os.path.realpath(root)).replace(os.sep, "/")
        if os.path.isfile(place) and not found.startswith("../"):
            return found
    raise usage(f"--var-file takes a file below the root, and there is no {path!r}")


def _known(pack: Pack, options: Mapping[str, Any]) -> None:
    for given, known, what in (
        (options["frameworks"], pack.framework_ids, "framework"),
        (options["rules"], pack.ids, "rule"),
    ):
        for id in given:
            if id not in known and not (what == "rule" and _of_a_tool(id, options)):
                from difflib import get_close_matches

                close = ", ".join(get_close_matches(id, known, 3)) or ", ".join(known[:10])
                raise usage(f"no {what} {id!r}; perhaps {close}")


def _of_a_tool(id: str, options: Mapping[str, Any]) -> bool:
    """Whether `--rule` names a check of a tool that takes part; those of a log show when it is read."""
    return "." in id and bool(options.get("merge") or id.partition(".")[0] in options.get("scanners", ()))


def _as_of(given: str | None) -> str:
    if given is None:
        return time.strftime("%Y-%m-%d", time.gmtime())
    from datetime import date

    try:
        return date.fromisoformat(given).isoformat()
    except ValueError as error:
        raise usage(f"--as-of takes a date like 2026-01-31, not {given!r}") from error
