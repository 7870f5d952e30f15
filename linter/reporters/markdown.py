"""Text of the scanned tree inside Markdown: it can neither format, nor link, nor call on anybody."""

from __future__ import annotations

from linter.reporters.messages import one_line
from linter.text import markdown_code

_SPECIAL = {ord(char): f"\\{char}" for char in "\\`*_[]#~>|{}$"}
_SPECIAL |= {ord("<"): "&lt;", ord("&"): "&amp;", ord("@"): "@\u200b"}


def escaped(text: str) -> str:
    """One line of text as Markdown that shows exactly it.

    A zero-width space after `@` keeps it from calling people, an escaped colon an address from becoming a link.
    """
    return literal(one_line(text))


def literal(shown: str) -> str:
    """As escaped, of a text that is one redacted, safe line already."""
    shown = shown.translate(_SPECIAL).replace("://", "\\://").replace("www.", "www\\.")
    return f"\\{shown}" if shown[:1] in ("-", "+", "=") else shown


def code(text: str, table: bool = False) -> str:
    """One line of text as a code span. In a table a pipe would end the cell even here, so there it is escaped."""
    shown = one_line(text)
    return escaped(text) if table and "|" in shown else markdown_code(shown)
