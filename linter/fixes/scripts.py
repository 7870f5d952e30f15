"""Values in scripts that move into variables: where that is possible, where it is safe, and what the script then says.

Not possible in a command's own name, nor where a second program reads the value as code once more. Safe within quotes,
in assignments, comments and here-documents and as an argument of `echo`; elsewhere a value with blanks was several
words, and quoted it is one.
"""

from __future__ import annotations

from linter.fixes.shell_places import COMMENT, DOUBLE, HERE, SINGLE, Standing

_READERS = frozenset(
    """eval bash sh zsh dash ksh fish pwsh powershell python python2 python3 node deno bun perl ruby php lua jq yq awk
    gawk sed ssh su xargs find parallel psql mysql sqlite3 mongo redis-cli envsubst exec source . trap watch osascript
    Rscript groovy let bc tclsh make""".split()  # noqa: SIM905
)
"""Programs that read an argument or their input as code, or hand it to one that does."""
_INPUT_READERS = _READERS - frozenset(("jq", "yq", "awk", "gawk", "sed", "find", "make", "envsubst"))
"""Of those, the ones that read their standard input so, or a file that the script may have written before."""
_QUERIES = frozenset(("--jq", "-q", "--template", "-t", "graphql"))
_HELD = frozenset(("cat", "tee"))
_DECLARES = frozenset(("export", "local", "readonly", "declare", "typeset"))


def moves_safely(standing: Standing | None, script: str, start: int, end: int) -> bool | None:
    """Whether what stands there moves into a variable safely; None where it cannot move at all."""
    if standing is None or "\n" in script[start:end]:
        return None
    if standing.kind == COMMENT:
        return True
    words = [_bare(word) for word in standing.words if not _assigns(word)]
    if _READERS.intersection((*words, *map(_bare, standing.around))) or _INPUT_READERS.intersection(
        _piped_to(script, end)
    ):
        return None
    if not words or (words[0] in _DECLARES and "=" in standing.before):
        return True if _assigns(standing.before) and not _runs_code(script) else None
    if standing.kind == HERE:
        return True if words[0] in _HELD and not _runs_code(script) else None
    if words[0] == "for" or (words[0] == "gh" and _QUERIES.intersection(words)):
        return None
    if standing.kind in (DOUBLE, SINGLE):
        return True
    return None if words[0] == "case" else words[0] == "echo" or (words == ["[["] and not standing.before)


def _bare(word: str) -> str:
    return word.rpartition("/")[2].strip("\"'")


def _assigns(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and name.rstrip("+").isidentifier()


def _piped_to(script: str, end: int) -> set[str]:
    """Words of what the rest of the command's pipeline is, which may go on over lines."""
    stop = end
    while True:
        newline = script.find("\n", stop)
        stop = len(script) if newline < 0 else newline
        if newline < 0 or script[end:stop].rstrip()[-1:] not in ("|", "\\"):
            break
        stop += 1
    _, bar, rest = script[end : min(stop, end + 2_000)].partition("|")
    return set(_words(rest)) if bar else set()


def _words(text: str) -> list[str]:
    for mark in "\"'`$();&|<>{}":
        text = text.replace(mark, " ")
    return [word.rpartition("/")[2] for word in text.split()]


def _runs_code(script: str) -> bool:
    """Whether anything in the script may run what a variable or a file of it holds."""
    return "./" in script or "chmod" in script or not _INPUT_READERS.isdisjoint(_words(script))


def variable_for(script: str, standing: Standing, start: int, end: int, name: str) -> tuple[int, int, str]:
    """The part of the script to replace, and the variable in quotes that replaces it.

    Single quotes are ended before it and begun behind it, or go where nothing else is in them.
    """
    variable = f"${{{name}}}"
    if standing.kind in (DOUBLE, HERE, COMMENT):
        return start, end, variable
    if standing.kind != SINGLE:
        return start, end, f'"{variable}"'
    opens, closes = script[start - 1 : start] == "'", script[end : end + 1] == "'"
    return start - opens, end + closes, ("" if opens else "'") + f'"{variable}"' + ("" if closes else "'")
