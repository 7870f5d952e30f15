"""Templates of HCL2: quoted strings with escapes, interpolations and directives, and heredocs.

Specification: HCL Native Syntax Specification, "Templates"
(https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#templates). As in HashiCorp's parser, `~` trims one
line's literal of a heredoc, and `<<-` removes the indentation of the least indented line that is not blank.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Any

from linter.syntax.hcl_directives import assembled
from linter.syntax.hcl_lexer import ESCAPED, IDENTIFIER, PLAIN, SPACE, Bad, Reader, pattern
from linter.syntax.hcl_tree import Expr
from linter.text import composed

Part = Any
"""A literal as a list [start, end, value], so that trims can change it; an expression or a directive as a tuple."""

_QUOTED = rf'({PLAIN}(?:{ESCAPED}{PLAIN})*+)("|[$%]\{{~?|)'
_LINE = r"([^$%\n]*+(?:(?:\$\$\{|%%\{|[$%](?!\{))[^$%\n]*+)*+)(\n|[$%]\{~?|)"
_ESCAPE = r'\\(?:[nrt"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|\$\$\{|%%\{'
_HEREDOC = rf"<<(-?)({IDENTIFIER})\r?\n"
_SIMPLE = {
    "\\n": "\n", "\\r": "\r", "\\t": "\t", '\\"': '"', "\\\\": "\\", "$${": "${", "%%{": "%{",
}  # fmt: skip


def quoted(reader: Reader, start: int) -> Expr:
    """A quoted template from its opening quote: `lit` without a sequence, `wrap` for a single one, else `tmpl`."""
    text = reader.text
    piece = pattern(_QUOTED).match
    parts: list[Part] = []
    position = start + 1
    trim = False
    while True:
        match = piece(text, position)
        assert match
        end = match.end(1)
        if end > position:
            value = unescape(text, position, end)
            parts.append([position, end, value.lstrip(SPACE) if trim else value])
        opener = match[2]
        if opener == '"':
            return assembled(parts, start, match.end())
        if not opener:
            raise _unclosed(text, start, end)
        trim = _sequence(reader, parts, opener, end)
        position = reader.end


def _unclosed(text: str, start: int, end: int) -> Bad:
    if text.startswith("\\", end):
        end += 1
    return Bad("This string is not closed on its line", start, end, 'Close it with ", or use a heredoc (<<EOT).')


def label(text: str, start: int) -> tuple[str, int]:
    """The text of a quoted block label and its end. Raises Bad at sequences, bad escapes and where it is not closed."""
    match = pattern(_QUOTED).match(text, start + 1)
    assert match
    if match[2] != '"':
        if match[2]:
            raise Bad(
                "A label cannot contain a template", match.start(2), match.end(), f"Write {match[2][0]}{match[2]}."
            )
        raise _unclosed(text, start, match.end())
    return unescape(text, match.start(1), match.end(1)), match.end()


def unescape(text: str, start: int, end: int) -> str:
    """The value of a quoted literal. Raises Bad at an escape sequence that HCL does not have."""
    raw = text[start:end]
    if "\\" not in raw and "$" not in raw and "%" not in raw:
        return raw

    def decoded(match: re.Match[str]) -> str:
        written = match[0]
        simple = _SIMPLE.get(written)
        if simple is not None:
            return simple
        code = int(written[2:], 16) if len(written) > 2 else -1
        if 0 <= code < 0xD800 or 0xDFFF < code <= 0x10FFFF:
            return chr(code)
        at = start + match.start()
        remedy = r"Use \n, \r, \t, \", \\, \uNNNN or \UNNNNNNNN; write a backslash as \\."
        raise Bad(f"`{written}` is no escape sequence", at, at + len(written), remedy)

    return composed(pattern(_ESCAPE).sub(decoded, raw))


def heredoc(reader: Reader, start: int) -> Expr:
    """A heredoc from its `<<`; its node ends with the marker, before the newline."""
    text = reader.text
    match = pattern(_HEREDOC).match(text, start)
    if not match:
        raise Bad("A value cannot begin with `<<`", start, start + 2, "Begin a heredoc with <<EOT and a newline.")
    flush, marker = match[1] == "-", reader.named(match[2], match.start(2))
    body = match.end()
    line = _closing_line(reader, marker, body)
    if line < 0:
        raise Bad(
            f"This heredoc is not closed: no line holds {marker} alone", start, body, f"End it with {marker} on a line."
        )
    if text.find("${", body, line) < 0 and text.find("%{", body, line) < 0:
        value = text[body:line]
        return ("lit", start, _line_end(text, line), _flushed(value) if flush else value)
    reader.deeper(start, 2)
    parts, end = _heredoc_parts(reader, start, body, marker)
    reader.depth -= 2
    if flush:
        _flush(parts)
    return assembled(parts, start, end)


def whole_template(reader: Reader, length: int, marker: str) -> Expr:
    """A text of that length, which a newline and a line with the marker follow, as a template. Raises Bad."""
    parts, _ = _heredoc_parts(reader, 0, 0, marker)
    last = parts[-1] if parts else None
    if type(last) is list and last[1] > length:
        last[1], last[2] = length, last[2].removesuffix("\n")
    return assembled(parts, 0, length)


def _closing_line(reader: Reader, marker: str, body: int) -> int:
    """Where the first line that holds only the marker begins, or -1. That line has to end with a newline."""
    text, position = reader.text, body
    while reader.words is None:
        found = text.find(marker, position)
        end = text.find("\n", found) if found >= 0 else -1
        if end < 0 or reader.sought > 4 * len(text):
            # Once a search was in vain, or all of them took long, every further one is a look-up.
            reader.words = _lone_words(text)
            break
        line = max(text.rfind("\n", position, found) + 1, position)
        reader.sought += end - position
        if text[line:end].strip(SPACE) == marker:
            return line
        position = end + 1
    lines = (reader.words or {}).get(marker, [])
    at = bisect_left(lines, body)
    return lines[at] if at < len(lines) else -1


def _lone_words(text: str) -> dict[str, list[int]]:
    blank = SPACE.replace("\n", "")
    words: dict[str, list[int]] = {}
    for match in pattern(rf"(?m)^[{blank}]*+([^{blank}\n]++)[{blank}]*+\n").finditer(text):
        words.setdefault(match[1], []).append(match.start())
    return words


def _line_end(text: str, line: int) -> int:
    end = text.find("\n", line)
    return end - 1 if text.startswith("\r", end - 1) else end


def _heredoc_parts(reader: Reader, start: int, position: int, marker: str) -> tuple[list[Part], int]:
    """The parts, each line's literals apart, and the end of the marker."""
    text = reader.text
    piece = pattern(_LINE).match
    parts: list[Part] = []
    fresh, trim = True, False
    while True:
        match = piece(text, position)
        assert match
        literal, opener = match[1], match[2]
        if opener == "\n":
            if fresh and literal.strip(SPACE) == marker:
                return parts, _line_end(text, position)
            literal += "\n"
        if literal:
            value = literal.replace("$${", "${").replace("%%{", "%{")
            parts.append([position, position + len(literal), value.lstrip(SPACE) if trim else value])
            trim = False
        fresh = opener == "\n"
        if not opener:
            raise Bad(
                f"This heredoc is not closed: no line holds {marker} alone",
                start,
                start + 2,
                f"End it with {marker} on a line.",
            )
        position = match.end()
        if not fresh:
            trim = _sequence(reader, parts, opener, match.start(2))
            position = reader.end


def _flushed(value: str) -> str:
    lines = value.split("\n")
    indents = [len(line) - len(bare) for line in lines[:-1] if (bare := line.lstrip(SPACE))]
    least = min(indents, default=0)
    if not least:
        return value
    return "\n".join(line[least:] if line.strip(SPACE) else line for line in lines)


def _flush(parts: list[Part]) -> None:
    """Remove the least indentation from the literals that begin a line; a line that begins with a sequence has none."""
    least: int | None = None
    indented: list[Part] = []
    begins = True
    for part in parts:
        literal = type(part) is list
        if begins:
            indent = 0
            value = part[2] if literal else ""
            bare = value.lstrip(SPACE)
            if bare or not value.endswith("\n"):
                indent = len(value) - len(bare)
                least = indent if least is None else min(least, indent)
                if literal:
                    indented.append(part)
        begins = literal and part[2].endswith("\n")
    for part in indented if least else ():
        part[2] = part[2][least:]


def _sequence(reader: Reader, parts: list[Part], opener: str, start: int) -> bool:
    """Read `${…}` or `%{…}` from its opener into the parts; whether its closer trims what follows."""
    reader.deeper(start, 2)
    if opener[-1] == "~" and parts and type(parts[-1]) is list:
        parts[-1][2] = parts[-1][2].rstrip(SPACE)
    multi, reader.multi = reader.multi, True
    if opener[0] == "$":
        part = reader.expression(reader, start + len(opener))
    else:
        part = _directive(reader, start, start + len(opener))
    if reader.token != "}" and reader.token != "~}":
        raise _unclosed_sequence(reader, start, opener)
    if opener[0] == "%":
        part = (part[0], start, reader.end, *part[1:])
    parts.append(part)
    reader.multi = multi
    reader.depth -= 2
    return reader.token == "~}"


def _unclosed_sequence(reader: Reader, start: int, opener: str) -> Bad:
    remedy = f"Close it with }}, or write {opener[0]}{opener[:2]} if it is meant as text."
    return Bad(
        f"This template sequence does not end at its expression: {opener[:2]} has no }}", start, reader.start, remedy
    )


def _directive(reader: Reader, start: int, position: int) -> Expr:
    """What `%{` introduces: `%if` with a condition, `%for` with names and a collection, or `%else` and the ends."""
    position = reader.blank(position)
    match = pattern(rf"({IDENTIFIER})|").match(reader.text, position)
    assert match
    word, after = match[0], match.end()
    if word == "if":
        return ("%if", reader.expression(reader, after))
    if word == "for":
        key, value, after = for_names(reader, after)
        return ("%for", key, value, reader.expression(reader, after))
    if word in ("else", "endif", "endfor"):
        reader.after(after)
        return ("%" + word,)
    remedy = "Use if, else, endif, for or endfor; write %%{ if it is meant as text."
    raise Bad(f"`{word}` is no template directive", start, max(after, start + 2), remedy)


def for_names(reader: Reader, position: int) -> tuple[str | None, str, int]:
    """The names of a `for` (the key's or None, the value's) from after that word, and the offset after `in`."""
    begin = position
    words: list[str] = []
    word = pattern(rf"{IDENTIFIER}|,|").match
    while len(words) < 4 and words[1:2] != ["in"]:
        position = reader.blank(position)
        match = word(reader.text, position)
        assert match
        position = match.end()
        words.append(match[0])
        if not match[0]:
            break
    separators = words[1::2]
    if separators not in (["in"], [",", "in"]) or "," in words[0::2]:
        remedy = "Write `for value in …` or `for key, value in …`."
        raise Bad("This `for` does not name its variables", begin, position, remedy)
    names = [reader.named(name, begin) for name in words[0::2]]
    return (names[0] if len(names) == 2 else None), names[-1], position
