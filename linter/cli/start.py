"""The installed command: it starts, and ends, as cheaply as it can."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

from linter.cli.options import plain


def main() -> NoReturn:
    """Run the command line of this process and end the process with its exit code."""
    gc.disable()
    try:
        code = _run(sys.argv[1:])
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    finish(code)


def _run(arguments: list[str]) -> int:
    options = plain(arguments[1:]) if arguments[:1] == ["scan"] else None
    if options is None:
        from linter.cli.main import cli

        cli(prog_name="opslint")
        return 0
    from linter.cli.refusals import shown
    from linter.cli.scanning import run

    try:
        return run(options)
    except Exception as error:
        if shown(error):
            return 2
        raise


def finish(code: int) -> NoReturn:
    """End this process without taking it apart first; what was printed reaches its reader, or the code says it did not."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            code = 2
    os._exit(code)
