"""Every verb that reads a tree runs it under supervision, and answers what goes wrong in one way."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping

from linter.cli.refusals import shown
from linter.supervise import SupervisionError, supervised

Work = Callable[[Callable[[str], None], Mapping[str, str]], int]


def run_supervised(work: Work) -> int:
    """The exit code of `work` in a supervised child; 2, with what is wrong on standard error, where it cannot be done."""

    def guarded(progress: Callable[[str], None], condemned: Mapping[str, str]) -> int:
        from linter.config import ConfigError
        from linter.files import WriteError
        from linter.rules.model import RuleError

        try:
            return work(progress, condemned)
        except (ConfigError, RuleError, WriteError) as error:
            _complain(str(error))
        except Exception as error:
            if not shown(error):
                raise
        return 2

    try:
        return supervised(guarded, tell=_teller())
    except SupervisionError as error:
        _complain(str(error))
        return 2


def clear_line() -> None:
    """Takes the line of progress off the terminal, before anything is printed."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[2K")
        sys.stderr.flush()


def _teller() -> Callable[[str], None] | None:
    """One line on a terminal's standard error that says what is being worked on; nothing where nobody watches."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return None

    def tell(name: str) -> None:
        from linter.text import safe_text

        sys.stderr.write(f"\r\x1b[2K{safe_text(name, 70)}")
        sys.stderr.flush()

    return tell


def _complain(message: str) -> None:
    from linter.text import safe_text

    for line in message.splitlines():
        sys.stderr.write(f"opslint: {safe_text(line)}\n")
