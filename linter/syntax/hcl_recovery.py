"""Where reading goes on after a syntax error: what one bad item costs.

First by structure: to the newline after which every bracket, string and heredoc the item opened is closed again.
Where that fails, by layout: to the next line that is indented no deeper than the item and begins one or closes its
block.
"""

from __future__ import annotations

from linter.syntax.hcl_lexer import DEPTH, IDENTIFIER, Reader, pattern

_OPENED = 5 * DEPTH
_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_SPECIAL = (
    r'[^"#/<{}()\[\]\n]*+(?:(\n)|([({\[])|([)}\]])|(")|((?:#|//)[^\n]*+)|(/\*)|<<-?(' + IDENTIFIER + r")\r?\n|(.)|)"
)
_STRING = r'(?:[^"\\$%\n]|\\.|\$\$\{|%%\{|[$%](?!\{))*+("|[$%]\{|)'
_HEREDOC = r"((?:[^$%\n]|\$\$\{|%%\{|[$%](?!\{))*+)(\n|[$%]\{|)"
_LAYOUT = rf"(?m)^([ \t]*+)(?:{IDENTIFIER}[ \t]*+(?:=(?![=>])|(?:(?:\"[^\"\n]*+\"|{IDENTIFIER})[ \t]*+)*+\{{)|(\}}))"


def resume(reader: Reader, item: int, value: int, error: int) -> int:
    """Where the next item may begin: at a newline, at a `}`, at the start of a line or at the end of the text.

    item: where the bad one begins. value: from where its structure is followed. error: where it became bad.
    """
    if reader.budget > 0:
        end, scanned = _structure(reader, value)
        reader.budget -= scanned - value
        if end >= 0:
            return end
    text = reader.text
    line = text.rfind("\n", 0, item) + 1
    indent = len(text[line:item]) - len(text[line:item].lstrip(" \t"))
    position = text.rfind("\n", 0, error) + 1
    if position <= line:
        position = text.find("\n", item) + 1 or len(text)
    for match in pattern(_LAYOUT).finditer(text, position):
        column = len(match[1])
        if column < indent or (column == indent and not match[2]):
            return match.start()
    return len(text)


def _structure(reader: Reader, position: int) -> tuple[int, int]:
    """The end of the structure that begins here, or -1, and how far was looked."""
    text = reader.text
    special = pattern(_SPECIAL).match
    opened: list[str] = []
    while True:
        match = special(text, position)
        if not match or len(opened) > _OPENED:
            return -1, position
        kind = match.lastindex
        position = match.end()
        if kind == 1 and not opened:
            return position - 1, position
        if kind is None:
            return (position if not opened else -1), position
        if kind == 2:
            opened.append(_CLOSERS[match[2]])
        elif kind == 3:
            if not opened:
                if match[3] == "}":
                    return position - 1, position
                continue
            if opened.pop() != match[3]:
                return -1, position
            if opened and len(opened[-1]) > 1:
                position = _literal(text, position, opened)
        elif kind == 4:
            opened.append('""')
            position = _literal(text, position, opened)
        elif kind == 6:
            end = -1 if reader.endless else text.find("*/", position)
            reader.endless = end < 0
            position = max(position, end + 2)
        elif kind == 7:
            opened.append("<<" + match[7])
            position = _literal(text, position, opened)


def _literal(text: str, position: int, opened: list[str]) -> int:
    """Go on within the string or heredoc on top: to its end, which takes it off, or past the opener of a sequence."""
    top = opened[-1]
    if top == '""':
        match = pattern(_STRING).match(text, position)
        assert match
        if match[1] and match[1] != '"':
            opened.append("}")
        elif match[1]:
            opened.pop()
        else:
            # A newline cannot stand in a string: the strings around it are broken too.
            heredoc = next((i for i in range(len(opened) - 1, -1, -1) if opened[i][0] == "<"), -1)
            del opened[opened.index('""', heredoc + 1) :]
        return match.end()
    fresh = text.startswith("\n", position - 1)
    while True:
        match = pattern(_HEREDOC).match(text, position)
        assert match
        position = match.end()
        if match[2] == "\n":
            if fresh and match[1].strip() == top[2:]:
                opened.pop()
                return match.end(1)
            fresh = True
        elif match[2]:
            opened.append("}")
            return position
        else:
            return position
