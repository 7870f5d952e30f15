"""What the script of a step runs, whichever shell reads it; nothing is evaluated.

Reads POSIX shells and Bash PowerShell and cmd (linter.syntax).
`${{ … }}` counts as part of a word.
"""

from __future__ import annotations

from linter.syntax.shell import MAX_COMMANDS, Command, Redirect, Script, made, parts
from linter.syntax.shell import read as read_posix

__all__ = ["MAX_COMMANDS", "Command", "Redirect", "Script", "commands", "named", "parts", "read"]


def commands(script: str, shell: str = "") -> list[Command]:
    """The simple commands of a script in order of the text, those inside substitutions and compound commands included.

    shell: its name or its command line (`bash -e {0}`, `pwsh`), '' for the one of Unix.
    """
    return read(script, shell).commands


def read(script: str, shell: str = "") -> Script:
    """A script as the shell of that name reads it; what no shell reads (`python`) has no commands."""
    name = named(shell) if shell else ""
    if name in _POSIX:
        return read_posix(script)
    if name in ("pwsh", "powershell"):
        from linter.syntax.powershell import PowerShell

        reader = PowerShell(script)
        reader.statements()
        return made(reader.found, frozenset(reader.functions), reader.problems)
    if name == "cmd":
        from linter.syntax.batch import read as read_batch

        return made(read_batch(script), frozenset(), [])
    return Script([], frozenset(), [])


_POSIX = frozenset(("", "sh", "bash", "dash", "ash", "zsh", "ksh", "busybox"))


def options(script: Script, offset: int, shell: str = "") -> frozenset[str]:
    """The options of a Unix shell (errexit, nounset, pipefail…) that are on at an offset; shell: its command line."""
    from linter.syntax.shell_options import options_at, switched

    return options_at(script.commands, offset, switched(shell.split(), frozenset()))


def named(shell: str) -> str:
    """The program of a shell's command line: `/bin/bash -e {0}` → bash; '' where it is decided at run time."""
    words = shell.split()
    if words[:1] in (["env"], ["/usr/bin/env"]):
        words = [word for word in words[1:] if not word.startswith("-")]
    name = words[0].replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe") if words else ""
    return "" if "$" in name else name
