"""Text of the scanned tree inside Markdown: it can neither format, nor link, nor call on anybody."""

from __future__ import annotations

from linter.reporters.messages import literal, one_line
from linter.text import markdown_code


def escaped(text: str) -> str:
    """One line of text as Markdown that shows exactly it, redacted and safe."""
    return literal(one_line(text))


def code(text: str, table: bool = False) -> str:
    """One line of text as a code span. In a table a pipe would end the cell even here, so there it is escaped."""
    shown = one_line(text)
    return escaped(text) if table and "|" in shown else markdown_code(shown)


def prose(text: str) -> str:
    """A rule's own words as Markdown: what stands in backticks is code, the rest shows as it is written."""
    parts = one_line(text).split("`")
    if len(parts) % 2 == 0:
        return literal("`".join(parts))
    return "".join(f"`{part}`" if index % 2 and part else literal(part) for index, part in enumerate(parts))
