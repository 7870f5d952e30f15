"""Compound commands of the shell: POSIX 2.9.4, and what Bash adds (`[[`, `((`, `select`, `function`, `for ((`)."""

from __future__ import annotations

from linter.syntax.shell_reader import END, Compound, Reader, Redirect
from linter.syntax.shell_simple import define, redirect, simple
from linter.syntax.shell_tokens import OPERATOR, REDIRECT, WORD
from linter.syntax.shell_words import Part, text_of

_THEN = frozenset(("then", "elif", "else", "fi"))
_BRANCHES = frozenset(("elif", "else", "fi"))
_FI = frozenset(("fi",))
_DO = frozenset(("do", "done"))
_DONE = frozenset(("done",))
_BRACE = frozenset(("}",))
_PARENTHESIS = frozenset((")",))
_ITEM_ENDS = frozenset((";;", ";&", ";;&", "esac"))


def _condition(reader: Reader, closers: frozenset[str], within: str) -> None:
    """A list whose failure only decides what comes next."""
    kept, reader.tested = reader.tested, True
    reader.lists(closers, within)
    reader.tested = kept


def _if(reader: Reader) -> None:
    while True:
        reader.advance(reader.stop)
        _condition(reader, _THEN, "if")
        closed = reader.lists(_BRANCHES, "then") if reader.expect("then") else reader.token
        if closed != "elif":
            break
    if closed == "else":
        reader.advance(reader.stop)
        reader.lists(_FI, "else")
    reader.expect("fi")


def _while(reader: Reader) -> None:
    reader.advance(reader.stop)
    _condition(reader, _DO, "while")
    _body(reader)


def _body(reader: Reader) -> None:
    if reader.expect("do"):
        reader.lists(_DONE, "loop")
    reader.expect("done")


def _for(reader: Reader) -> None:
    reader.advance(reader.stop)
    if reader.at("(") and reader.text.startswith("((", reader.start):
        close = reader.words.arithmetic(reader.start + 2)
        reader.advance(close if close >= 0 else reader.stop)
    else:
        reader.word()
    reader.newlines()
    if reader.at("in"):
        reader.advance(reader.stop)
        while reader.word() is not None:
            pass
    while reader.at(";") or reader.at("\n"):
        reader.consume()
    if reader.at("{"):
        reader.advance(reader.stop)
        reader.lists(_BRACE, "loop")
        reader.expect("}")
    else:
        _body(reader)


def _case(reader: Reader) -> None:
    reader.advance(reader.stop)
    reader.word()
    reader.newlines()
    if not reader.expect("in"):
        return
    while True:
        reader.newlines()
        if reader.at("esac") or reader.kind == END:
            break
        if reader.at("("):
            reader.consume()
        while reader.word() is not None or reader.at("|"):
            if reader.at("|"):
                reader.consume()
        if not reader.at(")"):
            reader.complain(reader.start, reader.stop, "a pattern ends with `)`")
            break
        reader.consume()
        closed = reader.lists(_ITEM_ENDS, "case")
        if closed in ("", "esac"):
            break
        reader.consume()
    reader.expect("esac")


def _group(reader: Reader) -> None:
    reader.advance(reader.stop)
    reader.lists(_BRACE, "group")
    reader.expect("}")


def _subshell(reader: Reader) -> None:
    if reader.text.startswith("((", reader.start):
        start = reader.start
        close = reader.words.arithmetic(start + 2)
        if close >= 0:
            written = reader.text[start + 2 : close - 2].strip()
            before, group = reader.before, reader.current
            reader.advance(close)
            _emit(reader, ["((", written], [(start, start + 2), (start + 2, close - 2)], before, group)
            return
    reader.consume()
    reader.lists(_PARENTHESIS, "subshell")
    if reader.at(")"):
        reader.consume()
    else:
        reader.expect(")")


def _emit(reader: Reader, words: list[str], spans: list[tuple[int, int]], before: str, group: int) -> None:
    after = reader.token if reader.kind == OPERATOR else "\n"
    reader.emit([words, spans, spans[0][0], spans[-1][1], before, after, [], [], group, []])


def _test(reader: Reader) -> None:
    words, spans = ["[["], [(reader.start, reader.stop)]
    before, group = reader.before, reader.current
    reader.advance(reader.stop)
    while reader.kind != END:
        kind, start, stop, token = reader.kind, reader.start, reader.stop, reader.token
        pattern = words[-1] == "=~"
        if kind == OPERATOR and token == "\n":
            reader.newlines()
            continue
        if kind == WORD and token == "]]":
            break
        if pattern or kind not in (OPERATOR, REDIRECT, WORD):
            token, stop = _operand(reader, pattern)
        elif kind == OPERATOR and token not in ("&&", "||", "(", ")"):
            break
        if stop == start:
            break
        reader.advance(stop)
        words.append(token)
        spans.append((start, stop))
    words.append("]]")
    spans.append((reader.start, reader.stop))
    reader.expect("]]")
    _emit(reader, words, spans, before, group)


def _operand(reader: Reader, pattern: bool) -> tuple[str, int]:
    """A word within `[[`, or the regular expression behind `=~`, which ends with a blank outside parentheses."""
    parts: list[Part] = []
    position, depth = reader.words.word(reader.start, parts), 0
    while pattern and position < reader.end:
        char = reader.text[position]
        if char.isspace() and depth == 0:
            break
        if char in "(|)<>;& \t":
            depth += (char == "(") - (char == ")")
            parts.append(Part("literal", char, position, position + 1, False))
            position += 1
        else:
            stop = reader.words.word(position, parts)
            if stop == position:
                break
            position = stop
    return text_of(parts), position


def _function(reader: Reader) -> None:
    reader.advance(reader.stop)
    name = reader.word()
    if name is None:
        reader.complain(reader.start, reader.stop, "a function has a name")
    else:
        define(reader, name)


def _compound(reader: Reader) -> None:
    """A compound command with the redirections that hold for the whole of it."""
    start, group = reader.start, reader.current
    redirects: list[Redirect] = []
    bodies: list[str] = []
    reader.words.depth += 1
    _COMPOUND[reader.token](reader)
    reader.words.depth -= 1
    before, end = reader.before, start
    while reader.kind == REDIRECT:
        end = redirect(reader, redirects, bodies)
    if redirects or bodies:
        after = reader.token if reader.kind == OPERATOR else "\n"
        reader.emit([[], [], start, end, before, after, redirects, [], group, bodies])


_COMPOUND: dict[str, Compound] = {
    "if": _if, "while": _while, "until": _while, "for": _for, "select": _for, "case": _case, "{": _group,
    "(": _subshell, "[[": _test, "function": _function,
}  # fmt: skip
COMMANDS: dict[str, Compound] = {"": simple, **dict.fromkeys(_COMPOUND, _compound)}
"""The word or operator a command begins with → what reads it; '': any other."""
