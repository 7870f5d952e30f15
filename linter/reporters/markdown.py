"""Text of the scanned tree inside Markdown: it can neither format, nor link, nor call on anybody."""

from __future__ import annotations

from linter.reporters.messages import one_line

_SPECIAL = {ord(char): f"\\{char}" for char in "\\`*_[]#~!-+.()>|{}$"}
_SPECIAL |= {ord("<"): "&lt;", ord("&"): "&amp;", ord("@"): "@\u200b"}


def escaped(text: str) -> str:
    """One line of text as Markdown that shows exactly it; a zero-width space after `@` keeps it from calling people."""
    return one_line(text).translate(_SPECIAL)


def code(text: str, table: bool = False) -> str:
    """One line of text as a code span, its fence longer than any run of backticks within.

    In a table's cell a pipe would end the cell even here, so such a text is escaped instead.
    """
    shown = one_line(text)
    if table and "|" in shown:
        return escaped(text)
    longest = run = 0
    for char in shown:
        run = run + 1 if char == "`" else 0
        longest = max(longest, run)
    fence = "`" * (longest + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") or not shown else ""
    return f"{fence}{pad}{shown}{pad}{fence}"
