"""What a RUN runs: the commands of its shell form, of its here-documents, or the one of its exec form."""

from __future__ import annotations

from linter.model import Map, Seq
from linter.parsers.pipelines import shell
from linter.syntax.dockerfile_lines import Logical
from linter.trees import put

SHELLS = frozenset(("sh", "bash", "ash", "dash", "zsh", "ksh"))


def set_commands(found: Map, line: Logical) -> bool:
    """Puts `commands` into a RUN: Maps {program, arguments, after, text, assigned} in order of the text.

    program: without its folder, '' where a line only sets variables. after: the operator that ends it. assigned: the
    variables set for it, name → value. True if all were read, False if there are more than shell.MAX_COMMANDS.
    """
    source = found.span[0]
    listed = Seq(found.span)
    if found["form"] == "exec":
        entry = found.at["value"]
        words = tuple(str(word) for word in found["arguments"])
        _command(listed, words, (), source, entry[3], entry[4], "", found["value"])
    elif not (found["value"].startswith("<<") and found.get("documents")):
        _script(listed, found["value"], source, line)
    _documents(listed, found)
    put(found, "commands", listed, found.at["value"])
    return len(listed) < shell.MAX_COMMANDS


def _documents(listed: Seq, found: Map) -> None:
    """The first here-document is the script where it stands alone, or where a shell reads it."""
    documents = found.get("documents", ())
    if not documents:
        return
    alone = found["value"].startswith("<<")
    reads = len(listed) == 1 and listed[0]["program"] in SHELLS and not listed[0]["arguments"]
    text, start = documents[0]["text"], documents[0].span[1]
    first = text[:200].partition("\n")[0]
    if text.startswith("#!"):
        program = first[2:].strip().rpartition(" ")[2].rpartition("/")[2]
        alone = alone and program in SHELLS
    if not (alone or reads):
        return
    for each in shell.commands(text):
        span = (start + each.start, start + each.end)
        _command(listed, each.words, each.assigned, found.span[0], *span, each.after, text[each.start : each.end])


def _script(listed: Seq, text: str, source: int, line: Logical) -> None:
    for each in shell.commands(text):
        start, end = line.source(each.start), line.source(each.end)
        _command(listed, each.words, each.assigned, source, start, end, each.after, text[each.start : each.end])


def _command(
    listed: Seq, words: tuple[str, ...], assigned: tuple[str, ...], source: int, start: int, end: int, after: str,
    text: str,
) -> None:  # fmt: skip
    if not words and not assigned:
        return
    row = Map((source, start, end))
    entry = (source, start, start, start, end)
    arguments = Seq((source, start, end))
    for word in words[1:]:
        arguments.append(word)
        arguments.at.append(entry)
    variables = Map((source, start, end))
    for pair in assigned:
        name, _, value = pair.partition("=")
        put(variables, name, value, entry)
    program = words[0].replace("\\", "/").rpartition("/")[2] if words else ""
    shown: dict[str, object] = {
        "program": program,
        "arguments": arguments,
        "after": after,
        "text": text,
        "assigned": variables,
    }
    for key, part in shown.items():
        put(row, key, part, entry)
    listed.append(row)
    listed.at.append(entry)
