"""A scan from its options to its exit code, without the command line around it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from linter.cli.options import FORMATS
from linter.cli.refusals import usage
from linter.cli.root import find_root
from linter.cli.running import run_supervised


def run(options: Mapping[str, Any]) -> int:
    """The scan under supervision; returns the exit code."""
    root, _ = find_root(options["paths"], options["root"])
    if options["unsafe_fixes"] and not (options["fix"] or options["diff"]):
        raise usage("--unsafe-fixes goes with --fix or --diff")
    if (options["fix"] or options["diff"]) and (options["scanners"] or options["merge"]):
        raise usage("--fix goes without --with and --merge: what they found is about the files as they were")
    outputs = [_output(item, root) for item in options["outputs"]]
    if options["ide"]:
        outputs.append(("sarif", os.path.join(root, ".sarif", "opslint.sarif")))
    coloured = colour(options["color"])
    chosen = dict(options)
    if "GITHUB_ACTIONS" in os.environ:
        from linter.reporters.origin import origin

        chosen["origin"] = origin(os.environ)

    def work(progress: Callable[[str], None], condemned: Mapping[str, str]) -> int:
        from linter.cli.work import scan_and_report

        return scan_and_report(chosen, outputs, coloured, progress, condemned)

    return with_scanners(chosen, lambda: _supervised(chosen, root, work))


def with_scanners(options: dict[str, Any], run: Callable[[], int]) -> int:
    """What `run` answers, with the process that starts what `--with` asks for. Sets the options that work reads."""
    if not options["scanners"]:
        return run()
    from linter.scanners.launcher import launcher

    options["scanners"] = _scanners(options["scanners"])
    with launcher() as line:
        options["launcher"] = line
        return run()


def _scanners(given: tuple[str, ...]) -> tuple[str, ...]:
    """The names of `--with`, each once. Raises UsageError for one that is not known."""
    from linter.scanners import NAMES

    names = tuple(dict.fromkeys(name.strip() for item in given for name in item.split(",") if name.strip()))
    for name in names:
        if name not in NAMES:
            raise usage(f"--with takes {' or '.join(NAMES)}, not {name!r}")
    return names


def _supervised(options: dict[str, Any], root: str, work: Callable[..., int]) -> int:
    """The work, with the policy of the commit that `--trusted-ref` names. Sets the option `policy` that work reads."""
    if options["trusted_ref"] is None:
        return run_supervised(work)
    from linter.cli.trusted_ref import policy_of

    if options["policy"]:
        raise usage("--trusted-ref and --policy both name the policy; give one of them")
    with policy_of(root, options["trusted_ref"]) as folder:
        options["policy"] = folder
        return run_supervised(work)


def _output(item: str, root: str) -> tuple[str, str]:
    format, separator, path = item.partition("=")
    if not separator or format not in FORMATS or not path:
        raise usage(f"--output takes FORMAT=FILE with a format of {', '.join(FORMATS)}, not {item!r}")
    return format, os.path.abspath(path)


def colour(choice: str) -> bool:
    """Whether `--color` asks for colours on this standard output."""
    if choice == "auto":
        return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    return choice == "always"
