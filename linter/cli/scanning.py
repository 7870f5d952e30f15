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
    outputs = [_output(item, root) for item in options["outputs"]]
    if options["ide"]:
        outputs.append(("sarif", os.path.join(root, ".sarif", "opslint.sarif")))
    coloured = colour(options["color"])
    if "GITHUB_ACTIONS" in os.environ:
        from linter.reporters.origin import origin

        options = {**options, "origin": origin(os.environ)}

    def work(progress: Callable[[str], None], condemned: Mapping[str, str]) -> int:
        from linter.cli.work import scan_and_report

        return scan_and_report(options, outputs, coloured, progress, condemned)

    if options["trusted_ref"] is None:
        return run_supervised(work)
    from linter.cli.trusted_ref import policy_of

    if options["policy"]:
        raise usage("--trusted-ref and --policy both name the policy; give one of them")
    with policy_of(root, options["trusted_ref"]) as folder:
        options = {**options, "policy": folder}
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
