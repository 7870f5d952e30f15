"""Which options of the shell are on where: `set -euo pipefail`, `set +e`, `set -o errexit`."""

from __future__ import annotations

from collections.abc import Iterable

from linter.syntax.shell import Command

LETTERS = {"e": "errexit", "u": "nounset", "x": "xtrace", "v": "verbose", "n": "noexec", "f": "noglob", "a": "allexport",
           "C": "noclobber", "E": "errtrace", "T": "functrace", "b": "notify", "h": "hashall", "m": "monitor"}  # fmt: skip
"""https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#set and Bash's own."""
_ELSEWHERE = frozenset(("substitution", "subshell", "function"))


def switched(words: Iterable[str], given: frozenset[str]) -> frozenset[str]:
    """The options that are on once `set` or a shell was given these words, of which the first is the program."""
    found = set(given)
    pending = ""
    for word in [*words][1:]:
        if pending:
            (found.add if pending == "-" else found.discard)(word)
            pending = ""
        elif word in ("-", "--", "{0}") or word[:1] not in ("-", "+") or word.startswith("--"):
            if word.startswith("--") and len(word) > 2:
                continue
            break
        else:
            for letter in word[1:]:
                if letter == "o":
                    pending = word[0]
                elif letter in LETTERS:
                    (found.add if word[0] == "-" else found.discard)(LETTERS[letter])
    return frozenset(found)


def options_at(commands: Iterable[Command], offset: int, given: frozenset[str] = frozenset()) -> frozenset[str]:
    """The options that are on where a command of the script begins, given those it starts with.

    `set` in subshells, substitutions and functions is not looked at; in a branch it counts as if it were taken.
    """
    for command in commands:
        if command.start >= offset:
            break
        if command.program == "set" and not _ELSEWHERE & set(command.within):
            given = switched(command.words, given)
    return given
