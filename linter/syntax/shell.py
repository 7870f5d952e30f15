"""Scripts of POSIX shells and Bash as the simple commands they hold, with what decides whether and how each is run.

Encodes https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html (2.9, 2.10) and
https://www.gnu.org/software/bash/manual/bash.html#Shell-Commands. Nothing is evaluated; what is wrong is told, what
follows it still read.
"""

from __future__ import annotations

from typing import Any

from linter.model import Problem
from linter.records import NamedTuple
from linter.syntax.shell_compound import COMMANDS
from linter.syntax.shell_reader import MAX_COMMANDS, Reader, Redirect
from linter.syntax.shell_words import Part, Words

__all__ = ["MAX_COMMANDS", "Command", "Redirect", "Script", "made", "parts", "read"]


class Command(NamedTuple):
    """words: quotes removed, substitutions kept as written. spans: where each word is. start, end: of the command.

    before: the operator that precedes it. after: the one that ends it ("|", "||", "&&", ";", "&", ")", "\\n").
    redirects: `>> "$GITHUB_ENV"` as (">>", "$GITHUB_ENV", ""). assigned: NAME=value words before the program.
    group: number of the pipeline it belongs to. body: text of the here-documents fed to it.
    tested: its failure does not end the script under `set -e`: it is a condition, or `&&` or `||` follows, or `!`
    precedes it. within: what it stands in, outermost first: if (the condition), then, else, while (the condition),
    loop, case, group, subshell, function, substitution. function: the name of the function it is a part of.
    defined: it calls a function of the script, which is no program. program: the name of what it starts, without its
    folder; '' for nothing and for a function of the script.
    Redirections of a compound command are a command without words, which spans the whole of it. `[[ … ]]` is a command
    of that name, `((…))` one with two words.
    """

    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    start: int
    end: int
    before: str
    after: str
    redirects: tuple[Redirect, ...]
    assigned: tuple[str, ...]
    group: int
    body: str
    tested: bool
    within: tuple[str, ...]
    function: str
    defined: bool
    program: str


class Script(NamedTuple):
    """commands: in order of the text. functions: names the script defines."""

    commands: list[Command]
    functions: frozenset[str]
    problems: list[Problem]


def read(text: str) -> Script:
    """The simple commands of a script, those inside substitutions and compound commands included."""
    reader = Reader(text, COMMANDS)
    reader.advance(0)
    reader.lists(frozenset())
    if reader.documents:
        reader.complain(len(text), len(text), "a here-document has no text")
    functions = _functions(reader) if reader.functions else frozenset[str]()
    return made(reader.found, functions, reader.problems)


def made(found: list[list[Any]], functions: frozenset[str], problems: list[Problem]) -> Script:
    """Rows that a reader found, lists and all, as commands."""
    found.sort(key=_start)
    commands = []
    for row in found:
        row[0], row[1], row[6], row[7] = tuple(row[0]), tuple(row[1]), tuple(row[6]), tuple(row[7])
        row[9] = "\n".join(row[9]) if row[9] else ""
        first = row[0][0] if row[0] else ""
        if functions and first in functions:
            row[13], first = True, ""
        row.append(first.rsplit("/", 1)[-1])
        commands.append(tuple.__new__(Command, row))
    return Script(commands, functions, problems)


def _start(row: list[Any]) -> int:
    start: int = row[2]
    return start


def _functions(reader: Reader) -> frozenset[str]:
    """The functions but those that only dress up the program of their name (`x() { command x -v "$@"; }`)."""
    dressed = {
        row[12]
        for row in reader.found
        if row[12] and len(row[0]) > 1 and row[0][0] in ("command", "exec", "sudo", "env") and row[0][1] == row[12]
    }
    return frozenset(reader.functions - dressed)


class _Nobody:
    """Skips what stands in substitutions."""

    def __init__(self, text: str) -> None:
        self.reader = Reader(text, COMMANDS)

    def substitution(self, start: int) -> int:
        return self.reader.substitution(start)

    def ticks(self, start: int, end: int) -> None:
        pass

    def complain(self, start: int, end: int, message: str) -> None:
        pass

    def mark_read(self) -> tuple[int, int]:
        return self.reader.mark_read()

    def forget(self, mark: tuple[int, int]) -> None:
        self.reader.forget(mark)


def parts(text: str, start: int, end: int) -> list[Part]:
    """What the word that stands at text[start:end] is made of."""
    found: list[Part] = []
    words = Words(text, _Nobody(text))
    words.end = end
    words.word(start, found)
    return found
