"""What the script of a step runs, whichever shell reads it; nothing is evaluated.

Reads POSIX shells and Bash (linter.syntax.shell), PowerShell and cmd (linter.syntax.shell_windows).
`${{ … }}` counts as part of a word.
"""

from __future__ import annotations

from linter.syntax.shell import MAX_COMMANDS, Command, Redirect, Script, parts
from linter.syntax.shell import read as read_posix

__all__ = ["MAX_COMMANDS", "Command", "Redirect", "Script", "commands", "parts", "read"]


def commands(script: str, shell: str = "") -> list[Command]:
    """The simple commands of a script in order of the text, those inside substitutions and compound commands included.

    shell: its name or its command line (`bash -e {0}`, `pwsh`), '' for the one of Unix.
    """
    return read(script, shell).commands


def read(script: str, shell: str = "") -> Script:
    """A script as the shell of that name reads it; what no shell reads (`python`) has no commands."""
    return read_posix(script)
