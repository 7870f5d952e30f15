"""Every verb that reads a tree runs it under supervision, and answers what goes wrong in one way."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import click

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
        except click.ClickException as error:
            error.show()
        return 2

    try:
        return supervised(guarded)
    except SupervisionError as error:
        _complain(str(error))
        return 2


def _complain(message: str) -> None:
    from linter.text import safe_text

    for line in message.splitlines():
        click.echo(f"opslint: {safe_text(line)}", err=True)
