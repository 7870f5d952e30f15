"""Saying no as click does, with click imported only once there is something to say."""

from __future__ import annotations

import sys


def usage(message: str) -> Exception:
    """click's UsageError: what was asked for is not to be had as it was asked for."""
    from click import UsageError

    return UsageError(message)


def shown(error: Exception) -> bool:
    """Whether this was one of click's exceptions; then it has been told on standard error."""
    click = sys.modules.get("click")
    if click is None or not isinstance(error, click.ClickException):
        return False
    error.show()
    return True
